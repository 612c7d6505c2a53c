"""Statements that store what running graphs add: checkpoints, their values, and writes.

An addition holds its namespace's row shared, so that nobody removes checkpoints meanwhile. The parts of one call are
stored together or not at all. With writable CTEs they are one statement, which commits itself; elsewhere they are a
transaction of a few statements, sent together if the namespace is known.

The one statement takes the additions of several calls: as with appends, additions that arrive while one is being stored
go together in the next. There, a namespace that somebody has locked alone is skipped instead of waited for (`SKIP
LOCKED`): only the call that adds to it waits, in a statement of its own.
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

from ..context import Context
from ..models import GRAPH_CHECKPOINTS as C
from ..models import GRAPH_NAMESPACES as N
from ..models import GRAPH_VALUES as V
from ..models import GRAPH_WRITES as W
from ..operations import batched, idempotent
from ..statements import Group, Statement, Steps, fetch, number, parameter
from .rows import Namespace, Run


class Addition(NamedTuple):
    """The rows that one call adds to a namespace: a checkpoint and its runs, or writes.

    `superseded` are sequence numbers of older rows of writes that can be deleted.
    """

    place: Namespace
    checkpoints: Sequence[Mapping[str, Any]] = ()
    runs: Sequence[Run] = ()
    writes: Sequence[tuple[str, bytes]] = ()
    superseded: Sequence[int] = ()


class _Holding(Enum):
    """Ways in which a statement locks the namespaces that it adds to."""

    SKIPPING = "skip namespaces that somebody has locked alone"
    WAITING = "wait for the lock"
    MAKING = "create the namespace if it does not exist"


_RUN = ("segment", "position", "body")
_WRITE = ("checkpoint_id", "body")
_ROW = ("checkpoint_id", "parent_checkpoint_id", "run_digest", "segments", "body", "created_at")
_TABLES = {"run": (V, _RUN), "written": (W, _WRITE), "saved": (C, _ROW)}
_KEY = ("namespace_id", "checkpoint_id")
_KEPT = {*_KEY, "created_at"}
"""Columns that a checkpoint keeps when it is saved again."""


def size(addition: Addition) -> int:
    """Return the size of an addition in bytes."""
    return sum(len(row["body"]) for _table, row in _rows(addition))


def _rows(addition: Addition) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Return the rows of an addition: the name of each row's table, and its values."""
    for run in addition.runs:
        yield "run", run._asdict()
    for write in addition.writes:
        yield "written", dict(zip(_WRITE, write, strict=True))
    for row in addition.checkpoints:
        yield "saved", row


def can_be_shared(context: Context, addition: Addition) -> bool:
    """Return whether an addition can be batched.

    The database has writable CTEs, the namespace is known, and nothing is deleted.
    """
    return context.dialect.writable_ctes and addition.place.id is not None and not addition.superseded


@batched(size=size)
@idempotent
def add(context: Context, additions: Sequence[Addition]) -> Steps[list[Namespace | None]]:
    """Store additions that can be shared; returns the namespace of each.

    None for an addition that was not stored: its namespace is locked by somebody who removes checkpoints, was changed
    by one, or is gone. Raises `KeyTaken` if the place of a run is taken.
    """
    given, numbers = _given(context, additions)
    held = {row[0] for row in (yield from fetch(_adding, _Holding.SKIPPING, **given))}
    return [addition.place if numbers[addition.place] in held else None for addition in additions]


@idempotent
def add_alone(context: Context, addition: Addition) -> Steps[Namespace | None]:
    """Store one addition and delete what it supersedes; returns its namespace, which is made if it has no id.

    None if the namespace has another generation by now, or is gone. Raises `KeyTaken` if the place of a run is taken.
    """
    place = addition.place
    before = _superseded(addition)
    if context.dialect.writable_ctes:
        given, _numbers = _given(context, [addition])
        how = _Holding.MAKING if place.id is None else _Holding.WAITING
        if how is _Holding.MAKING:
            given |= place.row()
        *_none, rows = yield Group([*before, Statement(_adding, (how,), given)], last=True)
        return place._replace(id=rows[0][1], generation=rows[0][2]) if rows else None
    here = yield from _made(place)
    held = {"held_id": here.id, "held_generation": here.generation}
    adding = [Statement(_adding_one, (name,), {**held, **row}) for name, row in _rows(addition)]
    # Each of them holds the namespace until the commit; the last one tells whether it was there to be held.
    telling = () if context.dialect.has_returning else (Statement(_shared, (True,), held),)
    *_none, rows = yield Group([*before, *adding, *telling], last=True)
    return here if rows else None


def _given(context: Context, additions: Sequence[Addition]) -> tuple[dict[str, Any], Mapping[Namespace, int]]:
    """Return the parameters of `_adding`, and the numbers that the namespaces have in them."""
    numbers: dict[Namespace, int] = {}
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
    for addition in additions:
        place = numbers.setdefault(addition.place, len(numbers))
        for name, row in _rows(addition):
            rows[name].append((place, *[row[column] for column in _TABLES[name][1]]))
    places = [(place, namespace.id, namespace.generation) for namespace, place in numbers.items()]
    given = _lists(context, "wanted", ("number", "id", "generation"), places)
    for name, (_table, columns) in _TABLES.items():
        given |= _lists(context, name, ("number", *columns), rows[name])
    return given, numbers


def _lists(context: Context, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return context.dialect.table_parameters(name, **dict(zip(columns, values, strict=True)))


def _adding(context: Context, how: _Holding) -> Any:
    """Lock the namespaces and add to those that are locked; selects their numbers, ids and generations."""
    held = _made_or_held(context) if how is _Holding.MAKING else _held(context, skipping=how is _Holding.SKIPPING)
    statement = select(held.c.number, held.c.id, held.c.generation)
    for name, (table, columns) in _TABLES.items():
        types = {column: table.c[column].type for column in columns}
        given = context.dialect.parameter_table(name, number=BigInteger(), **types)
        rows = select(held.c.id.label("namespace_id"), *[given.c[column] for column in columns])
        rows = rows.join_from(given, held, held.c.number == given.c.number)
        statement = statement.add_cte(_inserting(context, table, rows).cte(f"adding_{name}"))
    return statement


def _held(context: Context, *, skipping: bool) -> CTE:
    types = {"number": BigInteger(), "id": N.c.id.type, "generation": N.c.generation.type}
    wanted = context.dialect.parameter_table("wanted", **types)
    here = and_(N.c.id == wanted.c.id, N.c.generation == wanted.c.generation)
    found = select(wanted.c.number, N.c.id, N.c.generation).join_from(wanted, N, here)
    # In one order, so that two statements never wait for each other.
    return found.order_by(N.c.id).with_for_update(of=N, read=True, skip_locked=skipping).cte("held")


def _made_or_held(context: Context) -> CTE:
    made: Any = context.dialect.upsert(N, _row(), ["digest"], ["thread_digest"])  # changes nothing, returns the row
    held: CTE = made.returning(literal_column("0", BigInteger()).label("number"), N.c.id, N.c.generation).cte("held")
    return held


def _row() -> dict[str, Any]:
    return {name: parameter(N.c[name]) for name in Namespace("", "").row()}


def _inserting(context: Context, table: Table, rows: Select[Any]) -> Insert:
    names = [column.name for column in rows.selected_columns]
    if table is not C:
        return insert(table).from_select(names, rows)
    return context.dialect.upsert_from(table, rows, _KEY, [name for name in names if name not in _KEPT])


def _adding_one(context: Context, name: str) -> Any:
    """Add a row to a namespace that is locked."""
    table, columns = _TABLES[name]
    given = [parameter(table.c[column]).label(column) for column in columns]
    held = _shared(context, True)
    rows = held.with_only_columns(held.selected_columns.id.label("namespace_id"), *given)
    inserting = _inserting(context, table, rows)
    return inserting.returning(table.c.namespace_id) if context.dialect.has_returning else inserting


def _superseded(addition: Addition) -> list[Statement]:
    """Delete superseded rows of writes, if there are any; in a statement of its own, since CockroachDB requires it.

    They can be deleted at any time.
    """
    if not addition.superseded:
        return []
    checkpoint_id, _body = addition.writes[0]
    pairs = json.dumps([(sequence, 0) for sequence in addition.superseded])
    given = {"namespace_id": addition.place.id, "checkpoint_id": checkpoint_id, "superseded": pairs}
    return [Statement(_deleting_writes, (), given)]


def _deleting_writes(context: Context) -> Any:
    """Delete rows of writes; the checkpoint is named so that no database looks for them anywhere else."""
    pairs, sequence, _none = context.dialect.json_pairs(bindparam("superseded", type_=Text()), "superseded")
    here = [W.c[name] == parameter(W.c[name]) for name in _KEY]
    return delete(W).where(*here, W.c.sequence.in_(select(sequence).select_from(pairs)))


def _made(place: Namespace) -> Steps[Namespace]:
    """Return the namespace; if it has no id, make it and lock it until the commit."""
    if place.id is not None:
        return place
    made = Statement(_making, (), place.row())
    _none, rows = yield Group((made, Statement(_shared, (False,), {"digest": place.digest})))
    return place._replace(id=rows[0][0], generation=rows[0][1])


def _making(context: Context) -> Any:
    return context.dialect.insert_if_absent(N, _row(), ["digest"])


def _shared(_context: Context, known: bool) -> Select[Any]:
    """Lock a namespace against those who remove checkpoints; its id and generation are known, or its digest."""
    if known:
        here = and_(N.c.id == parameter(N.c.id, "held_id"), N.c.generation == number("held_generation"))
    else:
        here = N.c.digest == parameter(N.c.digest)
    return select(N.c.id, N.c.generation).where(here).with_for_update(read=True)
