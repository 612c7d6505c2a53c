"""Statements that store what running graphs add: checkpoints, their values, and writes.

An addition writes its namespace's row: a checkpoint gives it a new epoch, a row of writes takes the next number. So an
addition and a removal never pass each other, and the row says afterwards what became of an addition whose answer was
lost (`find`). The parts of one call are stored together or not at all. With writable CTEs they are one statement, which
commits itself; elsewhere they are a transaction of a few statements, sent together.

The one statement takes the additions of several calls: as with appends, additions that arrive while one is being stored
go together in the next. There, a namespace that somebody has locked is skipped instead of waited for (`SKIP LOCKED`):
only the call that adds to it waits, in a statement of its own.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from enum import Enum
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    ColumnElement,
    Insert,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)

from ..context import Context
from ..models import GRAPH_CHECKPOINTS as C
from ..models import GRAPH_NAMESPACES as N
from ..models import GRAPH_VALUES as V
from ..models import GRAPH_WRITES as W
from ..operations import batched, once
from ..statements import Fenced, Group, Lost, Statement, Steps, fetch, number, parameter
from .outcomes import find_addition
from .rows import Namespace
from .targets import CHECKPOINT, Addition, Target, by_namespace, size


class _Holding(Enum):
    """Ways in which a statement gets hold of the namespaces that it adds to."""

    SKIPPING = "skip namespaces that somebody has locked"
    WAITING = "wait for the lock"
    MAKING = "create the namespace; do nothing if it exists"
    MAKING_BELOW = "create the namespace if the root namespace exists; do nothing if it exists itself"


_RUN = ("segment", "position", "body")
_WRITE = ("checkpoint_id", "place", "token", "body")
_TABLES = {"run": (V, _RUN), "written": (W, _WRITE), "saved": (C, CHECKPOINT)}
_KEY = ("thread_digest", "namespace_id", "checkpoint_id")
_KEPT = {*_KEY, "created_at"}
"""Columns that a checkpoint keeps when it is saved again."""
_WANTED = ("thread_digest", "id", "generation", "expected", "epoch", "count")


def _namespace(addition: Addition) -> Hashable:
    return addition.place.id


def can_be_shared(context: Context, addition: Addition) -> bool:
    """Return whether an addition can be batched.

    The database has writable CTEs, the namespace is known, its epoch matters to a checkpoint, and nothing is deleted.
    """
    known = addition.place.id is not None and not addition.free
    return context.dialect.writable_ctes and known and not addition.superseded


def find(_context: Context, additions: Sequence[Addition]) -> Steps[list[Namespace | Fenced | Lost | None]]:
    """Find out what became of additions, see `outcomes`; None for one that was not sent."""
    found: list[Namespace | Fenced | Lost | None] = []
    for addition, target in zip(additions, by_namespace(additions)[1], strict=True):
        found.append(None if target is None else (yield from find_addition(addition, target.epoch)))
    return found


def find_alone(_context: Context, addition: Addition) -> Steps[Namespace | Fenced | Lost]:
    """Find out what became of an addition, see `outcomes`."""
    return (yield from find_addition(addition, addition.token))


@batched(size=size, locks=_namespace)
@once(find=find)
def add(context: Context, additions: Sequence[Addition]) -> Steps[list[Namespace | Fenced | None]]:
    """Store additions that can be shared; returns the namespace of each, as it is after that.

    None for an addition that was not stored: its namespace is locked, has another generation or epoch, or is gone.
    Raises `KeyTaken` if the place of a run is taken.
    """
    targets, of_each = by_namespace(additions)
    names, given = _given(context, [*targets.values()])
    rows = yield from fetch(_adding, _Holding.SKIPPING, names, **given)
    held: dict[int | None, bool] = {row[0]: row[1] for row in rows}
    stored: list[Namespace | Fenced | None] = []
    for addition, target in zip(additions, of_each, strict=True):
        fits = (
            target is not None and addition.place.id in held and (held[addition.place.id] or not addition.checkpoints)
        )
        stored.append(_stored(addition, target.epoch) if target is not None and fits else None)
    return stored


@once(find=find_alone)
def add_alone(context: Context, addition: Addition) -> Steps[Namespace | Fenced | None]:
    """Store one addition and delete what it supersedes; returns its namespace, as it is after that.

    None if the namespace has another generation or epoch by now, or is gone; if it was to be created, None if it exists
    or the root namespace is gone. Raises `KeyTaken` if the place of a run is taken.
    """
    making, before = addition.place.id is None, _superseded(addition)
    target = Target(addition.created if making else addition.place)
    target.add(addition)
    if context.dialect.writable_ctes:
        how = _Holding.WAITING
        names, given = _given(context, [target])
        if making:
            how = _Holding.MAKING if addition.root is None else _Holding.MAKING_BELOW
            given |= target.place.row(target.written) | _root(addition)
        *_none, rows = yield Group([*before, Statement(_adding, (how, names), given)], last=True)
        return _stored(addition, addition.token) if rows else None
    saving = target.epoch is not None
    held = {
        "held_thread": target.place.thread_digest,
        "held_id": target.place.id,
        "held_generation": target.place.generation,
        "held_epoch": target.epoch,
        "expected": addition.expected,
        "count": target.written,
    }
    rooted = []
    if making:
        below = addition.root is not None
        holding = Statement(_making, (below,), target.place.row(target.written) | _root(addition))
        rooted = [Statement(_touching_root, (), _root(addition))] if below else []
    else:
        holding = Statement(_touching, (saving, addition.expected is not None), held)
    adding = [
        Statement(_adding_one, (name, saving), {**held, **dict(zip(_TABLES[name][1], row, strict=True))})
        for name, row in target.rows()
    ]
    # Nothing is added to a namespace that is not there to be held: the first statement tells, or the last one.
    telling = () if context.dialect.has_returning else (Statement(_telling, (saving,), held),)
    answers = yield Group([*rooted, holding, *before, *adding, *telling], last=True)
    return _stored(addition, addition.token) if answers[len(rooted) if context.dialect.has_returning else -1] else None


def _root(addition: Addition) -> dict[str, Any]:
    """Return the parameters of the condition that the root namespace exists."""
    root = addition.root
    return {} if root is None else {"root_thread": root.thread_digest, "root_id": root.id}


def _stored(addition: Addition, epoch: int | None) -> Namespace:
    """Return the namespace of an addition after it was stored."""
    if addition.place.id is None:
        return addition.created
    return addition.place._replace(epoch=epoch) if addition.checkpoints and epoch is not None else addition.place


def _given(context: Context, targets: Sequence[Target]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the parameters of `_adding`: the names of the tables that get rows, and the values.

    These are the namespaces, and the rows for them by the namespaces' ids.
    """
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _TABLES}
    wanted = []
    for place, target in [(target.place, target) for target in targets]:
        wanted.append((place.thread_digest, place.id, place.generation, target.expected, target.epoch, target.written))
        for name, row in target.rows():
            rows[name].append((place.id, *row))
    given = _lists(context, "wanted", _WANTED, wanted)
    names = tuple([name for name in _TABLES if rows[name]])
    for name in names:
        given |= _lists(context, name, ("id", *_TABLES[name][1]), rows[name])
    return names, given


def _lists(context: Context, name: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    return context.dialect.table_parameters(name, **dict(zip(columns, zip(*rows, strict=True), strict=True)))


def _adding(context: Context, how: _Holding, names: Sequence[str]) -> Any:
    """Get hold of the namespaces and add to them; selects their ids, and whether each has the epoch that it must have.

    `names` are those of the tables that get rows: PostgreSQL takes its time for one that gets none, too.

    If one has another epoch, only writes are added to it.
    """
    if how in (_Holding.MAKING, _Holding.MAKING_BELOW):
        held = _made(context, below=how is _Holding.MAKING_BELOW)
    else:
        held = _touched(context, skipping=how is _Holding.SKIPPING)
    statement = select(held.c.id, held.c.fits)
    for name in names:
        table, columns = _TABLES[name]
        types = {column: _type(table, column) for column in columns}
        given = context.dialect.parameter_table(name, id=N.c.id.type, **types)
        values = [_value(held, given.c[column]) for column in columns]
        rows = select(held.c.thread_digest, held.c.id.label("namespace_id"), *values)
        rows = rows.join_from(given, held, held.c.id == given.c.id)
        rows = rows if table is W else rows.where(held.c.fits)
        statement = statement.add_cte(_inserting(context, table, rows).cte(f"adding_{name}"))
    return statement


def _type(table: Table, column: str) -> Any:
    return BigInteger() if column == "place" else table.c[column].type


def _value(held: Any, given: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a column of a row to store. A row of writes gets its sequence from its place."""
    return (held.c.sequence - given).label("sequence") if given.key == "place" else given


def _touched(context: Context, *, skipping: bool) -> CTE:
    """Lock the namespaces and write their rows. Only a statement about a single namespace waits for its lock."""
    types = {name: N.c[name].type if name in N.c else BigInteger() for name in _WANTED}
    wanted = context.dialect.parameter_table("wanted", **types)
    here = and_(*(N.c[name] == wanted.c[name] for name in ("thread_digest", "id", "generation")))
    fits = or_(wanted.c.expected.is_(None), N.c.epoch == wanted.c.expected)
    found = select(N.c.thread_digest, N.c.id, wanted.c.epoch, wanted.c.count, fits.label("fits"))
    found = found.join_from(wanted, N, here).where(or_(fits, wanted.c.count > 0))
    locked = found.with_for_update(of=N, skip_locked=skipping).cte("locked")
    touching = update(N).where(N.c.thread_digest == locked.c.thread_digest, N.c.id == locked.c.id)
    epoch = case((locked.c.fits, func.coalesce(locked.c.epoch, N.c.epoch)), else_=N.c.epoch)
    touching = touching.values(epoch=epoch, sequence=N.c.sequence + locked.c.count)
    return touching.returning(N.c.thread_digest, N.c.id, N.c.sequence, locked.c.fits).cte("held")


def _made(context: Context, *, below: bool) -> CTE:
    made: Any = _inserted(context, below=below)
    fits = literal_column("true", Boolean()).label("fits")
    held: CTE = made.returning(N.c.thread_digest, N.c.id, N.c.sequence, fits).cte("held")
    return held


_UNIQUE = ("thread_digest", "digest")


def _row() -> dict[str, Any]:
    return {column.name: parameter(column) for column in N.columns}


def _inserted(context: Context, *, below: bool) -> Any:
    """Insert a namespace unless it exists; `below`: only if the root namespace exists, which is locked.

    A deletion writes the root namespace's row before it looks for the others. So one of the two waits for the other.
    """
    if not below:
        return context.dialect.insert_if_absent(N, _row(), _UNIQUE)
    root = N.alias("root")
    rows = select(*(value.label(name) for name, value in _row().items()))
    here = [root.c.thread_digest == number("root_thread"), root.c.id == number("root_id")]
    if context.dialect.writable_ctes:
        rows = rows.select_from(root).where(*here).with_for_update(of=root)
    else:  # `_touching_root` has locked the row
        rows = rows.where(select(root.c.id).where(*here).exists())
    return context.dialect.insert_from_if_absent(N, rows, _UNIQUE)


def _inserting(context: Context, table: Table, rows: Select[Any]) -> Insert:
    names = [column.name for column in rows.selected_columns]
    if table is not C:
        return insert(table).from_select(names, rows)
    return context.dialect.upsert_from(table, rows, _KEY, [name for name in names if name not in _KEPT])


# without writable CTEs: a statement for each row


def _touching_root(_context: Context) -> Any:
    """Write the row of the root namespace. Its sequence may leave numbers out."""
    here = [N.c.thread_digest == number("root_thread"), N.c.id == number("root_id")]
    return update(N).where(*here).values(sequence=N.c.sequence + 1)


def _making(context: Context, below: bool) -> Any:
    """Create a namespace unless it exists; `below`: only if the root namespace exists."""
    making = _inserted(context, below=below)
    return making.returning(N.c.id) if context.dialect.has_returning else making


def _touching(context: Context, saving: bool, expecting: bool) -> Any:
    """Write the row of a namespace, if it has the generation and the epoch that it must have."""
    here = [*_is_held(), N.c.generation == number("held_generation")]
    if expecting:
        here.append(N.c.epoch == number("expected"))
    values: dict[str, Any] = {"epoch": number("held_epoch")} if saving else {}
    if not saving:
        values["sequence"] = N.c.sequence + number("count")
    touching = update(N).where(*here).values(values)
    return touching.returning(N.c.id) if context.dialect.has_returning else touching


def _telling(_context: Context, saving: bool) -> Select[Any]:
    """Select a row if the namespace's row was written by this call."""
    return select(N.c.id).where(*_held(saving))


def _adding_one(context: Context, name: str, saving: bool) -> Any:
    """Add a row to a namespace, if its row was written by this call."""
    table, columns = _TABLES[name]
    given = [
        (N.c.sequence - number("place")).label("sequence") if column == "place" else _given_one(table, column)
        for column in columns
    ]
    keys = (N.c.thread_digest, N.c.id.label("namespace_id"))
    return _inserting(context, table, select(*keys, *given).where(*_held(saving)))


def _given_one(table: Table, column: str) -> ColumnElement[Any]:
    return parameter(table.c[column]).label(column)


def _held(saving: bool) -> list[ColumnElement[bool]]:
    """Conditions: the call has written the row of its namespace, and so has it until the commit."""
    by_call = N.c.epoch == number("held_epoch") if saving else N.c.generation == number("held_generation")
    return [*_is_held(), by_call]


def _is_held() -> list[ColumnElement[bool]]:
    return [N.c.thread_digest == number("held_thread"), N.c.id == number("held_id")]


def _superseded(addition: Addition) -> list[Statement]:
    """Delete superseded rows of writes, if there are any; in a statement of its own, since CockroachDB requires it.

    They can be deleted at any time.
    """
    if not addition.superseded:
        return []
    checkpoint_id, _body = addition.writes[0]
    given = {
        "thread_digest": addition.place.thread_digest,
        "namespace_id": addition.place.id,
        "checkpoint_id": checkpoint_id,
        "superseded": json.dumps(addition.superseded),
    }
    return [Statement(_deleting_writes, (), given)]


def _deleting_writes(context: Context) -> Any:
    """Delete rows of writes; the checkpoint is named so that no database looks for them anywhere else.

    A token belongs to one call: the rows of another history of the database, which it has after it was restored, have
    others.
    """
    pairs, sequence, token = context.dialect.json_pairs(bindparam("superseded", type_=Text()), "superseded")
    here = [W.c[name] == parameter(W.c[name]) for name in _KEY]
    listed = [W.c.sequence.in_(select(sequence).select_from(pairs)), W.c.token.in_(select(token).select_from(pairs))]
    return delete(W).where(*here, *listed)
