"""What running graphs add: checkpoints, their values, and writes.

Who adds holds the namespace's row shared; the parts of one call are stored together or not at all. Where the database
can change rows within a WITH, that is one statement, which commits itself; elsewhere a transaction of a few, which are
sent at once where the namespace is known.

The one statement takes several calls: as with appends, while one is on its way, what other graphs add waits and goes
together in the next. A namespace that another holds alone is left out there instead of waited for (`SKIP LOCKED`): only
who adds to it waits, by the same statement for his call alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    BigInteger,
    Insert,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    insert,
    literal_column,
    select,
)

from ..dialects import Dialect
from ..models import GRAPH_CHECKPOINTS as C
from ..models import GRAPH_NAMESPACES as N
from ..models import GRAPH_VALUES as V
from ..models import GRAPH_WRITES as W
from ..statements import Statement, Steps, Together, ask
from .rows import Namespace, Run


class Addition(NamedTuple):
    """What one call adds to a namespace: a checkpoint and its runs, or rows of writes, of which some are superseded."""

    place: Namespace
    checkpoints: Sequence[Mapping[str, Any]] = ()
    runs: Sequence[Run] = ()
    writes: Sequence[tuple[str, bytes]] = ()
    superseded: Sequence[int] = ()


class _Holding(Enum):
    """How a statement comes to hold the namespaces that it adds to."""

    SKIPPING = "those that nobody holds alone"
    WAITING = "all, when they can be had"
    MAKING = "the one, which is made where it is missing"


_RUN = ("segment", "position", "body")
_WRITE = ("checkpoint_id", "body")
_ROW = ("checkpoint_id", "parent_checkpoint_id", "run_digest", "segments", "body", "created_at")
_TABLES = {"run": (V, _RUN), "written": (W, _WRITE), "saved": (C, _ROW)}
_KEY = ("namespace_id", "checkpoint_id")
_KEPT = {*_KEY, "created_at"}
"""What a checkpoint keeps when it is saved again."""


def size(addition: Addition) -> int:
    """How long an addition is, in bytes."""
    return sum(len(row["body"]) for _table, row in _rows(addition))


def _rows(addition: Addition) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What is added, row by row: the name of its table, and its values."""
    for run in addition.runs:
        yield "run", run._asdict()
    for write in addition.writes:
        yield "written", dict(zip(_WRITE, write, strict=True))
    for row in addition.checkpoints:
        yield "saved", row


def can_be_shared(dialect: Dialect, addition: Addition) -> bool:
    """Whether it can go into a statement with others: into a namespace that is known, with nothing to delete."""
    return dialect.changes_in_with and addition.place.id is not None and not addition.superseded


def add(dialect: Dialect, additions: Sequence[Addition]) -> Steps[list[Namespace | None]]:
    """Store additions that can be shared; the namespace of each.

    None where that was left out: it is held by who removes, was changed so, or has gone. Raises `KeyTaken` where the
    place of a run is.
    """
    given, numbers = _given(dialect, additions)
    held = {row[0] for row in (yield from ask(_adding, dialect, _Holding.SKIPPING, **given))}
    return [addition.place if numbers[addition.place] in held else None for addition in additions]


def add_alone(dialect: Dialect, addition: Addition) -> Steps[Namespace | None]:
    """Store one addition, and delete what it supersedes; its namespace, which is made where it has no id.

    None where the namespace's generation has passed or it has gone. Raises `KeyTaken` where the place of a run is.
    """
    place = addition.place
    before = _superseded(dialect, addition)
    if dialect.changes_in_with:
        given, _numbers = _given(dialect, [addition])
        how = _Holding.MAKING if place.id is None else _Holding.WAITING
        if how is _Holding.MAKING:
            given |= place.row()
        *_none, rows = yield Together([*before, Statement(_adding, (dialect, how), given)], last=True)
        return place._replace(id=rows[0][1], generation=rows[0][2]) if rows else None
    here = yield from _made(dialect, place)
    held = {"held_id": here.id, "held_generation": here.generation}
    adding = [Statement(_adding_one, (dialect, name), {**held, **row}) for name, row in _rows(addition)]
    # Each of them holds the namespace until the commit; the last tells whether it was there to be held.
    telling = () if dialect.returns_changed else (Statement(_shared, (True,), held),)
    *_none, rows = yield Together([*before, *adding, *telling], last=True)
    return here if rows else None


def _given(dialect: Dialect, additions: Sequence[Addition]) -> tuple[dict[str, Any], Mapping[Namespace, int]]:
    """The parameters of `_adding`, and the numbers that the namespaces have in them."""
    numbers: dict[Namespace, int] = {}
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
    for addition in additions:
        number = numbers.setdefault(addition.place, len(numbers))
        for name, row in _rows(addition):
            rows[name].append((number, *[row[column] for column in _TABLES[name][1]]))
    places = [(number, place.id, place.generation) for place, number in numbers.items()]
    given = _lists(dialect, "wanted", ("number", "id", "generation"), places)
    for name, (_table, columns) in _TABLES.items():
        given |= _lists(dialect, name, ("number", *columns), rows[name])
    return given, numbers


def _lists(dialect: Dialect, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return dialect.given_lists(name, **dict(zip(columns, values, strict=True)))


def _adding(dialect: Dialect, how: _Holding) -> Any:
    """Hold the namespaces and add to those that are held; their numbers, ids and generations."""
    held = _made_or_held(dialect) if how is _Holding.MAKING else _held(dialect, skipping=how is _Holding.SKIPPING)
    statement = select(held.c.number, held.c.id, held.c.generation)
    for name, (table, columns) in _TABLES.items():
        given = dialect.given(name, number=BigInteger(), **{column: table.c[column].type for column in columns})
        rows = select(held.c.id.label("namespace_id"), *[given.c[column] for column in columns])
        rows = rows.join_from(given, held, held.c.number == given.c.number)
        statement = statement.add_cte(_inserting(dialect, table, rows).cte(f"adding_{name}"))
    return statement


def _held(dialect: Dialect, *, skipping: bool) -> CTE:
    wanted = dialect.given("wanted", number=BigInteger(), id=N.c.id.type, generation=N.c.generation.type)
    here = and_(N.c.id == wanted.c.id, N.c.generation == wanted.c.generation)
    found = select(wanted.c.number, N.c.id, N.c.generation).join_from(wanted, N, here)
    # In one order, so that two statements never wait for each other's.
    return found.order_by(N.c.id).with_for_update(of=N, read=True, skip_locked=skipping).cte("held")


def _made_or_held(dialect: Dialect) -> CTE:
    row = {name: bindparam(name, type_=N.c[name].type) for name in Namespace("", "").row()}
    made: Any = dialect.upsert(N, row, ["digest"], ["thread_digest"])  # a change of nothing, which returns the row
    held: CTE = made.returning(literal_column("0", BigInteger()).label("number"), N.c.id, N.c.generation).cte("held")
    return held


def _inserting(dialect: Dialect, table: Table, rows: Select[Any]) -> Insert:
    names = [column.name for column in rows.selected_columns]
    if table is not C:
        return insert(table).from_select(names, rows)
    return dialect.upsert_from(table, rows, _KEY, [name for name in names if name not in _KEPT])


def _adding_one(dialect: Dialect, name: str) -> Any:
    """Add a row to a namespace that is held."""
    table, columns = _TABLES[name]
    given = [bindparam(column, type_=table.c[column].type).label(column) for column in columns]
    held = _shared(True)
    inserting = _inserting(
        dialect, table, held.with_only_columns(held.selected_columns.id.label("namespace_id"), *given)
    )
    return inserting.returning(table.c.namespace_id) if dialect.returns_changed else inserting


def _superseded(dialect: Dialect, addition: Addition) -> list[Statement]:
    """Delete rows of writes, if there are some: by a statement of its own, as CockroachDB has it.

    They can go at any time.
    """
    if not addition.superseded:
        return []
    checkpoint_id, _body = addition.writes[0]
    pairs = json.dumps([(sequence, 0) for sequence in addition.superseded])
    given = {"namespace_id": addition.place.id, "checkpoint_id": checkpoint_id, "superseded": pairs}
    return [Statement(_deleting_writes, (dialect,), given)]


def _deleting_writes(dialect: Dialect) -> Any:
    """Delete rows of writes; the checkpoint is named so that no database looks for them anywhere else."""
    pairs, sequence, _none = dialect.pairs(bindparam("superseded", type_=Text()), "superseded")
    here = [W.c[name] == bindparam(name, type_=W.c[name].type) for name in _KEY]
    return delete(W).where(*here, W.c.sequence.in_(select(sequence).select_from(pairs)))


def _made(dialect: Dialect, place: Namespace) -> Steps[Namespace]:
    """The namespace; where it has no id, it is made and held until the commit."""
    if place.id is not None:
        return place
    made = Statement(_making, (dialect,), place.row())
    _none, rows = yield Together((made, Statement(_shared, (False,), {"digest": place.digest})))
    return place._replace(id=rows[0][0], generation=rows[0][1])


def _making(dialect: Dialect) -> Any:
    row = {name: bindparam(name, type_=N.c[name].type) for name in Namespace("", "").row()}
    return dialect.insert_if_absent(N, row, ["digest"])


def _shared(known: bool) -> Select[Any]:
    if known:
        here = and_(N.c.id == bindparam("held_id"), N.c.generation == bindparam("held_generation"))
    else:
        here = N.c.digest == bindparam("digest")
    return select(N.c.id, N.c.generation).where(here).with_for_update(read=True)
