"""What running graphs add, several calls in one statement: checkpoints, their values, and writes.

As with appends: while one statement is on its way, what other graphs add waits and goes together in the next, each call
to a namespace whose row the statement holds. A namespace that another holds alone is left out instead of waited for
(`SKIP LOCKED`): only who adds to it waits, by `graphs.put` and `graphs.add_writes`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Insert, Select, Table, and_, insert, select

from .dialects import Dialect
from .graphs import KEPT, KEY, Namespace, Run
from .models import GRAPH_CHECKPOINTS as C
from .models import GRAPH_NAMESPACES as N
from .models import GRAPH_VALUES as V
from .models import GRAPH_WRITES as W
from .statements import Steps, ask


class Addition(NamedTuple):
    """What one call adds to a namespace: a checkpoint and its runs, or rows of writes, of which some are superseded."""

    place: Namespace
    checkpoints: Sequence[Mapping[str, Any]] = ()
    runs: Sequence[Run] = ()
    writes: Sequence[tuple[str, bytes]] = ()
    superseded: Sequence[int] = ()


def size(addition: Addition) -> int:
    """How long an addition is, in bytes."""
    bodies = [run.body for run in addition.runs] + [body for _, body in addition.writes]
    return sum(map(len, bodies)) + sum(len(row["body"]) for row in addition.checkpoints)


def can_be_shared(dialect: Dialect, addition: Addition) -> bool:
    """Whether it can go into a statement with others: into a namespace that is known, with nothing to delete."""
    return dialect.changes_in_with and addition.place.id is not None and not addition.superseded


_RUN = ("segment", "position", "body")
_WRITE = ("checkpoint_id", "body")
_ROW = ("checkpoint_id", "parent_checkpoint_id", "run_digest", "segments", "body", "created_at")
_TABLES = {"run": (V, _RUN), "written": (W, _WRITE), "saved": (C, _ROW)}


def add(dialect: Dialect, additions: Sequence[Addition]) -> Steps[list[bool]]:
    """Store additions; whether each was: not where its namespace is held by who removes, was changed so, or has gone.

    Raises `KeyTaken` where the place of a run is.
    """
    numbers: dict[Namespace, int] = {}
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
    for place, checkpoints, runs, writes, _superseded in additions:
        number = numbers.setdefault(place, len(numbers))
        rows["run"] += [(number, *run) for run in runs]
        rows["written"] += [(number, *write) for write in writes]
        rows["saved"] += [(number, *[row[name] for name in _ROW]) for row in checkpoints]
    places = [(number, place.id, place.generation) for place, number in numbers.items()]
    given = _lists(dialect, "wanted", ("number", "id", "generation"), places)
    for name, (_table, columns) in _TABLES.items():
        given |= _lists(dialect, name, ("number", *columns), rows[name])
    held = {number for (number,) in (yield from ask(_adding, dialect, **given))}
    return [numbers[addition.place] in held for addition in additions]


def _lists(dialect: Dialect, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    values = zip(*rows, strict=True) if rows else ((),) * len(columns)
    return dialect.given_lists(name, **dict(zip(columns, values, strict=True)))


def _adding(dialect: Dialect) -> Any:
    number = {"number": BigInteger()}
    wanted = dialect.given("wanted", **number, id=N.c.id.type, generation=N.c.generation.type)
    here = and_(N.c.id == wanted.c.id, N.c.generation == wanted.c.generation)
    # In one order, so that two statements never wait for each other's.
    ordered = select(wanted.c.number, N.c.id).join_from(wanted, N, here).order_by(N.c.id)
    held = ordered.with_for_update(of=N, read=True, skip_locked=True).cte("held")
    statement = select(held.c.number)
    for name, (table, columns) in _TABLES.items():
        given = dialect.given(name, **number, **{column: table.c[column].type for column in columns})
        rows = select(held.c.id.label("namespace_id"), *[given.c[column] for column in columns])
        rows = rows.join_from(given, held, held.c.number == given.c.number)
        statement = statement.add_cte(_inserting(dialect, table, rows).cte(f"adding_{name}"))
    return statement


def _inserting(dialect: Dialect, table: Table, rows: Select[Any]) -> Insert:
    if table is not C:
        return insert(table).from_select([column.name for column in rows.selected_columns], rows)
    changed = [column.name for column in rows.selected_columns if column.name not in KEPT]
    return dialect.upsert_from(table, rows, KEY, changed)
