"""The statements that add to the namespaces of graphs; `additions` runs them.

Each gets hold of its namespaces by writing their rows, and adds to those that it holds. With writable CTEs all of that
is one statement, elsewhere it is a statement for each row.

The statement of a single addition has the values of each row as parameters of their own, if the rows are few: lists of
values cost the server and the driver more.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

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
    union_all,
    update,
)

from ..context import Context
from ..statements import number, parameter
from ..tables import GRAPH_CHECKPOINTS as C
from ..tables import GRAPH_NAMESPACES as N
from ..tables import GRAPH_VALUES as V
from ..tables import GRAPH_WRITES as W
from .targets import CHECKPOINT

TABLES = {
    "run": (V, ("segment", "position", "body")),
    "written": (W, ("checkpoint_id", "place", "token", "body")),
    "saved": (C, CHECKPOINT),
}
"""The tables that get rows, and the columns that a row is given with, in the order of `Target.rows`."""

WANTED = ("thread_digest", "id", "generation", "expected", "epoch", "count")
"""The columns of the table of namespaces that `to_several` is given."""

KEY = ("thread_digest", "namespace_id", "checkpoint_id")
_KEPT = {*KEY, "created_at"}
"""Columns that a checkpoint keeps when it is saved again."""
_UNIQUE = ("thread_digest", "digest")


class Holding(Enum):
    """Ways in which a statement gets hold of the one namespace that it adds to."""

    SKIPPING = "do nothing if somebody has locked it"
    WAITING = "wait for the lock"
    MAKING = "create it; do nothing if it exists"
    MAKING_BELOW = "create it if the root namespace exists; do nothing if it exists itself"


class Form(NamedTuple):
    """The form of the statement that adds to a single namespace."""

    how: Holding
    shape: tuple[tuple[str, int], ...]
    """The names of the tables that get rows, and how many each gets; 0 is a list of rows."""
    expecting: bool
    """Whether the namespace must have a certain epoch for a checkpoint."""
    superseding: bool
    """Whether the statement also deletes superseded rows of writes."""

    @property
    def saving(self) -> bool:
        """Return whether a checkpoint is stored."""
        return any(name == "saved" for name, _count in self.shape)

    @property
    def writing(self) -> bool:
        """Return whether rows of writes are stored."""
        return any(name == "written" for name, _count in self.shape)

    @property
    def choosing(self) -> bool:
        """Return whether the epoch decides what is stored: everything, or only the rows of writes.

        Several calls share such a statement. A single one is stored as a whole, or not at all.
        """
        return self.saving and self.writing and self.expecting and self.how is Holding.SKIPPING


# with writable CTEs


def to_one(context: Context, form: Form) -> Any:
    """Get hold of a namespace and add to it; selects its id if it was held, and whether its epoch fits a checkpoint.

    If it does not fit, nothing is stored, or only rows of writes.
    """
    if form.how in (Holding.MAKING, Holding.MAKING_BELOW):
        holding = inserted(context, below=form.how is Holding.MAKING_BELOW)
    else:
        meant = _is_meant(expecting=form.expecting and not form.choosing)
        if form.how is Holding.SKIPPING and not context.dialect.sharded:  # a server holds up its own rows only
            free = select(N.c.thread_digest, N.c.id).where(*meant).with_for_update(skip_locked=True).cte("locked")
            meant = [N.c.thread_digest == free.c.thread_digest, N.c.id == free.c.id]
        holding = update(N).where(*meant).values(_next(form))
    fits = N.c.epoch == number("held_epoch") if form.choosing else literal_column("true", Boolean())
    held = holding.returning(N.c.thread_digest, N.c.id, N.c.sequence, fits.label("fits")).cte("held")
    statement = select(held.c.id, held.c.fits)
    for name, count in form.shape:
        rows = [_given(name, held, f"{name}_", f"_{place}") for place in range(count)] or [_listed(context, name, held)]
        if form.choosing and name != "written":
            rows = [each.where(held.c.fits) for each in rows]
        statement = statement.add_cte(_inserting(context, name, *rows).cte(f"adding_{name}"))
    return statement.add_cte(deleting_writes(context).cte("superseding")) if form.superseding else statement


def to_several(context: Context, names: Sequence[str]) -> Any:
    """Get hold of namespaces and add to them; selects for each what `to_one` does. Those that are locked are skipped.

    `names` are those of the tables that get rows: PostgreSQL takes its time for one that gets none, too.
    """
    held = _touched(context)
    statement = select(held.c.id, held.c.fits)
    for name in names:
        rows = _listed(context, name, held)
        rows = rows if name == "written" else rows.where(held.c.fits)
        statement = statement.add_cte(_inserting(context, name, rows).cte(f"adding_{name}"))
    return statement


def _listed(context: Context, name: str, held: CTE) -> Select[Any]:
    """Select the rows of a table from lists of values."""
    table, columns = TABLES[name]
    types = {column: _type(table, column) for column in columns}
    given = context.dialect.parameter_table(name, id=N.c.id.type, **types)
    values = [_value(held, given.c[column], column) for column in columns]
    rows = select(held.c.thread_digest, held.c.id.label("namespace_id"), *values)
    return rows.join_from(given, held, held.c.id == given.c.id)


def _given(name: str, held: Any, before: str = "", after: str = "") -> Select[Any]:
    """Select a row of a table from parameters; `before` and `after` go around the names of columns."""
    table, columns = TABLES[name]
    types = {column: _type(table, column) for column in columns}
    values = [_value(held, bindparam(f"{before}{column}{after}", type_=types[column]), column) for column in columns]
    return select(held.c.thread_digest, held.c.id.label("namespace_id"), *values)


def _type(table: Table, column: str) -> Any:
    return BigInteger() if column == "place" else table.c[column].type


def _value(held: Any, given: ColumnElement[Any], column: str) -> ColumnElement[Any]:
    """Return a column of a row to store. A row of writes gets its sequence from its place."""
    return (held.c.sequence - given).label("sequence") if column == "place" else given.label(column)


def _next(form: Form) -> dict[str, Any]:
    """Return the new values of a namespace's row: a checkpoint changes the epoch, rows of writes the sequence."""
    values: dict[str, Any] = {}
    if form.saving:
        values["epoch"] = number("held_epoch")
    if form.choosing:
        values["epoch"] = case((N.c.epoch == number("expected"), number("held_epoch")), else_=N.c.epoch)
    if form.writing:
        values["sequence"] = N.c.sequence + number("count")
    return values


def _touched(context: Context) -> CTE:
    """Lock the namespaces and write their rows. Those that somebody has locked are skipped."""
    types = {name: N.c[name].type if name in N.c else BigInteger() for name in WANTED}
    wanted = context.dialect.parameter_table("wanted", **types)
    here = and_(*(N.c[name] == wanted.c[name] for name in ("thread_digest", "id", "generation")))
    fits = or_(wanted.c.expected.is_(None), N.c.epoch == wanted.c.expected)
    found = select(N.c.thread_digest, N.c.id, wanted.c.epoch, wanted.c.count, fits.label("fits"))
    found = found.join_from(wanted, N, here).where(or_(fits, wanted.c.count > 0))
    locked = found.with_for_update(of=N, skip_locked=True).cte("locked")
    touching = update(N).where(N.c.thread_digest == locked.c.thread_digest, N.c.id == locked.c.id)
    epoch = case((locked.c.fits, func.coalesce(locked.c.epoch, N.c.epoch)), else_=N.c.epoch)
    touching = touching.values(epoch=epoch, sequence=N.c.sequence + locked.c.count)
    return touching.returning(N.c.thread_digest, N.c.id, N.c.sequence, locked.c.fits).cte("held")


# a statement for each row


def making(context: Context, below: bool) -> Any:
    """Create a namespace unless it exists; `below`: only if the root namespace exists."""
    made = inserted(context, below=below)
    return made.returning(N.c.id) if context.dialect.updates_return else made


def touching(context: Context, saving: bool, writing: bool, expecting: bool) -> Any:
    """Write the row of a namespace, if it has the generation and the epoch that it must have."""
    values: dict[str, Any] = {"epoch": number("held_epoch")} if saving else {}
    if writing:
        values["sequence"] = N.c.sequence + number("count")
    touched = update(N).where(*_is_meant(expecting=expecting)).values(values)
    return touched.returning(N.c.id) if context.dialect.updates_return else touched


def touching_root(_context: Context) -> Any:
    """Write the row of the root namespace. Its sequence may leave numbers out."""
    here = [N.c.thread_digest == number("root_thread"), N.c.id == number("root_id")]
    return update(N).where(*here).values(sequence=N.c.sequence + 1)


def row(context: Context, name: str, saving: bool) -> Any:
    """Add a row to a namespace, if its row was written by this call."""
    return _inserting(context, name, _given(name, N).where(*_held_by_call(saving)))


def telling(_context: Context, saving: bool) -> Select[Any]:
    """Select a row if the namespace's row was written by this call."""
    return select(N.c.id).where(*_held_by_call(saving))


def _held_by_call(saving: bool) -> list[ColumnElement[bool]]:
    """Conditions: the call has written the row of its namespace, and so has it until the commit."""
    by_call = N.c.epoch == number("held_epoch") if saving else N.c.generation == number("held_generation")
    return [*_is_held(), by_call]


def deleting_writes(context: Context) -> Any:
    """Delete rows of writes; the checkpoint is named so that no database looks for them anywhere else.

    A token belongs to one call: the rows of another history of the database, which it has after it was restored, have
    others.
    """
    pairs, sequence, token = context.dialect.json_pairs(bindparam("superseded", type_=Text()), "superseded")
    here = [W.c[name] == parameter(W.c[name]) for name in KEY]
    listed = [W.c.sequence.in_(select(sequence).select_from(pairs)), W.c.token.in_(select(token).select_from(pairs))]
    return delete(W).where(*here, *listed)


# parts of both


def inserted(context: Context, *, below: bool) -> Any:
    """Insert a namespace unless it exists; `below`: only if the root namespace exists, which is locked.

    A deletion writes the root namespace's row before it looks for the others. So one of the two waits for the other.
    """
    row = {column.name: parameter(column) for column in N.columns}
    if not below:
        return context.dialect.insert_if_absent(N, row, _UNIQUE)
    root = N.alias("root")
    rows = select(*(value.label(name) for name, value in row.items()))
    here = [root.c.thread_digest == number("root_thread"), root.c.id == number("root_id")]
    if context.dialect.writable_ctes:
        rows = rows.select_from(root).where(*here).with_for_update(of=root)
    else:  # `touching_root` has locked the row
        rows = rows.where(select(root.c.id).where(*here).exists())
    return context.dialect.insert_from_if_absent(N, rows, _UNIQUE)


def _is_meant(*, expecting: bool) -> list[ColumnElement[bool]]:
    """Conditions: the namespace has the generation and the epoch that it must have."""
    here = [*_is_held(), N.c.generation == number("held_generation")]
    return [*here, N.c.epoch == number("expected")] if expecting else here


def _is_held() -> list[ColumnElement[bool]]:
    return [N.c.thread_digest == number("held_thread"), N.c.id == number("held_id")]


def _inserting(context: Context, name: str, row: Select[Any], *rows: Select[Any]) -> Insert:
    """Insert the rows of one statement, or of several: CockroachDB changes a table once in a statement."""
    table, _columns = TABLES[name]
    names = [column.name for column in row.selected_columns]
    if table is not C:
        return insert(table).from_select(names, union_all(row, *rows) if rows else row)
    return context.dialect.upsert_from(table, row, KEY, [name for name in names if name not in _KEPT])
