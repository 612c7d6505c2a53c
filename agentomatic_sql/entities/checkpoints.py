"""Statements about checkpoints that the store's own methods save.

Their order is the one in which they were first saved, not that of their ids: the platform's ids are random. Checkpoints
of LangGraph graphs are listed behind them. No order of both by time would agree with each one's own, and paging needs
one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, insert, literal, literal_column, or_, select, true

from .. import records
from ..async_engine import AsyncConnection
from ..context import Context
from ..dialects.types import for_record
from ..errors import HAS_CHECKPOINTS, ThreadExists
from ..graphs.rows import Namespace, digest
from ..inputs import Row
from ..operations import about, of_row, once, query
from ..ownership import attached_thread, attaching, named_thread, on_threads_of_owner, row_of_thread
from ..records import Record
from ..statements import Fenced, Group, Lost, Statement, Steps, fetch, number, parameter
from ..tables import CHECKPOINTS
from ..tables import GRAPH_CHECKPOINTS as GRAPHS
from ..tables import GRAPH_NAMESPACES as NAMESPACES
from . import threads

_KEY = ("thread_id", "namespace_digest", "checkpoint_id")
_REPLACED = ("parent_checkpoint_id", "checkpoint", "metadata", "token")


def find_saved(_context: Context, row: Row, epoch: int | None) -> Steps[bool | Fenced | Lost]:
    """Return True if the checkpoint has this token, and `Fenced` with the thread's new epoch if there is none.

    UNKNOWN if it has another token: somebody else may have replaced what was saved; or if the thread is gone, or never
    existed.
    """
    thread = yield from threads.lock(row["thread_id"])
    (rows,) = yield Group((Statement(_token, (), _with_digest(row)),))
    if rows and rows[0][0] == row["token"]:
        return True
    refused = yield from threads.refuse(row["thread_id"], epoch, thread)
    return Lost.UNKNOWN if rows else refused


def _token(_context: Context) -> Any:
    same = [CHECKPOINTS.c[name] == parameter(CHECKPOINTS.c[name]) for name in _KEY]
    return select(CHECKPOINTS.c.token).where(*same)


@about(of_row)
@once(find=find_saved)
def save(context: Context, row: Row, epoch: int | None) -> Steps[bool | Fenced]:
    """Store a checkpoint of the thread with this epoch; returns whether the thread has it.

    A checkpoint with the same id is replaced, and keeps its place and time. Without an epoch the thread need not exist.
    """
    given = {**_with_digest(row), "epoch": epoch}
    saving = Statement(_saving, (epoch is not None,), given)
    if epoch is None:
        yield Group((saving,), last=True)
        return True
    if context.dialect.writable_ctes:
        (found,) = yield Group((saving,), last=True)
    else:
        before = [Statement(make, (True,), given) for make in (attaching, attached_thread)]
        _none, found, _none = yield Group([*before, saving], last=True)
    return bool(found)


def _saving(context: Context, in_thread: bool) -> Any:
    dialect = context.dialect
    row: dict[str, ColumnElement[Any]] = {name: parameter(CHECKPOINTS.c[name]) for name in _NAMES}
    row["sequence"] = _next_sequence()
    if in_thread:
        saving = dialect.upsert_from(CHECKPOINTS, row_of_thread(context, row), _KEY, _REPLACED)
        return saving.returning(CHECKPOINTS.c.sequence) if dialect.writable_ctes else saving
    row["thread_id"] = cast(row["thread_id"], String)  # named twice, it would be of two types to PostgreSQL
    # WHERE tells SQLite that what follows is ON CONFLICT, and not the condition of a join.
    rows = select(*(value.label(name) for name, value in row.items())).where(true())
    return dialect.upsert_from(CHECKPOINTS, rows, _KEY, _REPLACED)


def _next_sequence() -> ColumnElement[int]:
    """Return the number after the greatest in the namespace of the parameters."""
    earlier = CHECKPOINTS.alias("earlier")
    same = [earlier.c[name] == parameter(CHECKPOINTS.c[name]) for name in ("thread_id", "namespace_digest")]
    return (
        select(func.coalesce(func.max(earlier.c.sequence) + literal_column("1"), literal_column("0")))
        .where(*same)
        .scalar_subquery()
    )


def _with_digest(row: Row) -> Row:
    return {**row, "namespace_digest": digest(row["checkpoint_ns"])}


@query
def get(_context: Context, thread_id: str, checkpoint_ns: str, checkpoint_id: str) -> Steps[Record | None]:
    """Return a checkpoint; the latest for an empty id."""
    given = {"thread_id": thread_id, "namespace_digest": digest(checkpoint_ns), "checkpoint_id": checkpoint_id}
    rows = yield from fetch(_one, not checkpoint_id, **given)
    return _record(rows[0]) if rows else None


def _one(context: Context, latest: bool) -> Any:
    statement = select(*_COLUMNS).where(_here(context))
    if latest:
        return statement.order_by(*_newest_first()).limit(1)
    return statement.where(CHECKPOINTS.c.checkpoint_id == parameter(CHECKPOINTS.c.checkpoint_id))


_COLUMNS = for_record(CHECKPOINTS)
_NAMES = [column.name for column in CHECKPOINTS.columns]


def _record(row: Sequence[Any]) -> Record:
    return records.checkpoint(dict(zip(CHECKPOINTS.columns.keys(), row, strict=True)))


def _here(context: Context) -> ColumnElement[bool]:
    """Condition: the checkpoint is in the namespace of the parameters `thread_id` and `namespace_digest`."""
    namespace = CHECKPOINTS.c.namespace_digest == parameter(CHECKPOINTS.c.namespace_digest)
    return and_(CHECKPOINTS.c.thread_id == named_thread(context), namespace)


@query
def page(
    _context: Context, thread_id: str, checkpoint_ns: str, before: str | None, limit: int | None
) -> Steps[tuple[list[Record], bool]]:
    """Return the store's checkpoints, the newest first, and whether all of a graph's checkpoints come after them.

    If `before` is a graph's checkpoint, the list is empty. If no checkpoint has this id, checkpoints with a smaller id
    are returned.
    """
    given: dict[str, Any] = {"thread_id": thread_id, "namespace_digest": digest(checkpoint_ns), "limit": limit}
    order, follow = None, True
    if before is not None:
        given["checkpoint_id"] = before
        names = {**given, **Namespace(thread_id, checkpoint_ns).key}
        ((found,),) = yield Group((Statement(_finding, (), names),))
        place, graphs = found
        if place is None and graphs is not None:
            return [], False
        follow = place is not None
        order = "checkpoint_id" if place is None else "sequence"
        given["sequence"] = place
    rows = yield from fetch(_page, order, limit is not None, **given)
    return [_record(row) for row in rows], follow


def _page(context: Context, before: str | None, limited: bool) -> Any:
    sequence, id_ = CHECKPOINTS.c.sequence, CHECKPOINTS.c.checkpoint_id
    statement = select(*_COLUMNS).where(_here(context))
    if before == "checkpoint_id":
        statement = statement.where(id_ < parameter(id_)).order_by(id_.desc())
    else:
        statement = statement.order_by(*_newest_first())
    if before == "sequence":  # not a comparison of tuples: MySQL does not use an index for one
        earlier = or_(sequence < parameter(sequence), id_ < parameter(id_))
        statement = statement.where(sequence <= parameter(sequence), earlier)
    return statement.limit(number("limit")) if limited else statement


def _newest_first() -> tuple[ColumnElement[Any], ...]:
    return CHECKPOINTS.c.sequence.desc(), CHECKPOINTS.c.checkpoint_id.desc()


def _finding(context: Context) -> Any:
    """Select the place of the parameter `checkpoint_id` among the store's checkpoints, and a graph's of this id."""
    wanted = parameter(CHECKPOINTS.c.checkpoint_id)
    own = select(CHECKPOINTS.c.sequence).where(_here(context), CHECKPOINTS.c.checkpoint_id == wanted)
    owned = on_threads_of_owner(context, parameter(CHECKPOINTS.c.thread_id))
    key = [NAMESPACES.c[name] == parameter(NAMESPACES.c[name]) for name in ("thread_digest", "digest")]
    namespace = select(NAMESPACES.c.id).where(*key, *owned).scalar_subquery()
    graphs = select(GRAPHS.c.namespace_id).where(
        GRAPHS.c.thread_digest == parameter(GRAPHS.c.thread_digest),
        GRAPHS.c.namespace_id == namespace,
        GRAPHS.c.checkpoint_id == wanted,
    )
    return select(own.scalar_subquery(), graphs.scalar_subquery())


async def copy(connection: AsyncConnection, thread_id: str, new_id: str) -> None:
    """Copy a thread's checkpoints, which keep their order; raises `ThreadExists` if the new thread has any."""
    await refuse_existing(connection, new_id)
    names = [name for name in _NAMES if name != "thread_id"]
    originals = select(literal(new_id, CHECKPOINTS.c.thread_id.type), *(CHECKPOINTS.c[name] for name in names))
    originals = originals.where(CHECKPOINTS.c.thread_id == thread_id)
    await connection.execute(insert(CHECKPOINTS).from_select(["thread_id", *names], originals))


async def refuse_existing(connection: AsyncConnection, thread_id: str) -> None:
    """Raise `ThreadExists` if a thread that is to get copies of checkpoints has some."""
    if (await connection.execute(select(CHECKPOINTS.c.sequence).where(CHECKPOINTS.c.thread_id == thread_id))).first():
        raise ThreadExists(thread_id, HAS_CHECKPOINTS)
