"""Statements about checkpoints that the store's own methods save.

Their order is the one in which they were first saved, not that of their ids: the platform's ids are random. Checkpoints
of LangGraph graphs are listed behind them. No order of both by time would agree with each one's own, and paging needs
one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .. import records
from ..context import Context
from ..dialects.types import for_record
from ..errors import HAS_CHECKPOINTS, ThreadExists
from ..graphs.rows import Namespace
from ..inputs import Row
from ..models import CHECKPOINTS
from ..models import GRAPH_CHECKPOINTS as GRAPHS
from ..models import GRAPH_NAMESPACES as NAMESPACES
from ..operations import once, query
from ..ownership import lock_named_thread, named_thread, on_threads_of_owner, row_of_thread
from ..records import Record
from ..statements import Fenced, Group, Lost, Statement, Steps, fetch, number, parameter
from . import threads

_KEY = ("thread_id", "checkpoint_ns", "checkpoint_id")
_REPLACED = ("parent_checkpoint_id", "checkpoint", "metadata", "token")


def find_saved(_context: Context, row: Row, epoch: int | None) -> Steps[bool | Fenced | Lost]:
    """Return True if the checkpoint has this token, and `Fenced` with the thread's new epoch if there is none.

    UNKNOWN if it has another token: somebody else may have replaced what was saved; or if the thread is gone, or never
    existed.
    """
    thread = yield from threads.lock(row["thread_id"])
    (rows,) = yield Group((Statement(_token, (), row),))
    if rows and rows[0][0] == row["token"]:
        return True
    refused = yield from threads.refuse(row["thread_id"], epoch, thread)
    return Lost.UNKNOWN if rows else refused


def _token(_context: Context) -> Any:
    same = [CHECKPOINTS.c[name] == parameter(CHECKPOINTS.c[name]) for name in _KEY]
    return select(CHECKPOINTS.c.token).where(*same)


@once(find=find_saved)
def save(context: Context, row: Row, epoch: int | None) -> Steps[bool | Fenced]:
    """Store a checkpoint of the thread with this epoch; returns whether the thread has it.

    A checkpoint with the same id is replaced, and keeps its place and time. Without an epoch the thread need not exist.
    """
    given = {**row, "epoch": epoch}
    saving = Statement(_saving, (epoch is not None,), given)
    if epoch is None:
        yield Group((saving,), last=True)
        return True
    if context.dialect.writable_ctes:
        (found,) = yield Group((saving,), last=True)
    else:
        found, _none = yield Group((Statement(lock_named_thread, (True,), given), saving), last=True)
    return bool(found)


def _saving(context: Context, in_thread: bool) -> Any:
    dialect, row = context.dialect, {name: parameter(CHECKPOINTS.c[name]) for name in _NAMES}
    if not in_thread:
        return dialect.upsert(CHECKPOINTS, row, _KEY, _REPLACED)
    saving = dialect.upsert_from(CHECKPOINTS, row_of_thread(context, row, lock=dialect.writable_ctes), _KEY, _REPLACED)
    return saving.returning(CHECKPOINTS.c.sequence) if dialect.writable_ctes else saving


@query
def get(_context: Context, thread_id: str, checkpoint_ns: str, checkpoint_id: str) -> Steps[Record | None]:
    """Return a checkpoint; the latest for an empty id."""
    given = {"thread_id": thread_id, "checkpoint_ns": checkpoint_ns, "checkpoint_id": checkpoint_id}
    rows = yield from fetch(_one, not checkpoint_id, **given)
    return _record(rows[0]) if rows else None


def _one(context: Context, latest: bool) -> Any:
    statement = select(*_COLUMNS).where(_here(context))
    if latest:
        return statement.order_by(CHECKPOINTS.c.sequence.desc()).limit(1)
    return statement.where(CHECKPOINTS.c.checkpoint_id == parameter(CHECKPOINTS.c.checkpoint_id))


_COLUMNS = for_record(CHECKPOINTS)
_NAMES = [column.name for column in CHECKPOINTS.columns if column.name != "sequence"]


def _record(row: Sequence[Any]) -> Record:
    return records.checkpoint(dict(zip(CHECKPOINTS.columns.keys(), row, strict=True)))


def _here(context: Context) -> ColumnElement[bool]:
    """Condition: the checkpoint is in the namespace of the parameters `thread_id` and `checkpoint_ns`."""
    namespace = CHECKPOINTS.c.checkpoint_ns == parameter(CHECKPOINTS.c.checkpoint_ns)
    return and_(CHECKPOINTS.c.thread_id == named_thread(context), namespace)


@query
def page(
    _context: Context, thread_id: str, checkpoint_ns: str, before: str | None, limit: int | None
) -> Steps[tuple[list[Record], bool]]:
    """Return the store's checkpoints, the newest first, and whether all of a graph's checkpoints come after them.

    If `before` is a graph's checkpoint, the list is empty. If no checkpoint has this id, checkpoints with a smaller id
    are returned.
    """
    given: dict[str, Any] = {"thread_id": thread_id, "checkpoint_ns": checkpoint_ns, "limit": limit}
    order, follow = None, True
    if before is not None:
        names = {**given, "checkpoint_id": before, **Namespace(thread_id, checkpoint_ns).key}
        ((found,),) = yield Group((Statement(_finding, (), names),))
        place, graphs = found
        if place is None and graphs is not None:
            return [], False
        follow = place is not None
        order = "checkpoint_id" if place is None else "sequence"
        given["end"] = before if place is None else place
    rows = yield from fetch(_page, order, limit is not None, **given)
    return [_record(row) for row in rows], follow


def _page(context: Context, before: str | None, limited: bool) -> Any:
    order = CHECKPOINTS.c[before or "sequence"]
    statement = select(*_COLUMNS).where(_here(context)).order_by(order.desc())
    if before is not None:
        statement = statement.where(order < parameter(order, "end"))
    return statement.limit(number("limit")) if limited else statement


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
    """Copy a thread's checkpoints in their order; raises `ThreadExists` if the new thread has any."""
    await refuse_existing(connection, new_id)
    names = [column.name for column in CHECKPOINTS.columns if column.name not in ("sequence", "thread_id")]
    originals = select(literal(new_id, CHECKPOINTS.c.thread_id.type), *(CHECKPOINTS.c[name] for name in names))
    originals = originals.where(CHECKPOINTS.c.thread_id == thread_id).order_by(CHECKPOINTS.c.sequence)
    await connection.execute(insert(CHECKPOINTS).from_select(["thread_id", *names], originals))


async def refuse_existing(connection: AsyncConnection, thread_id: str) -> None:
    """Raise `ThreadExists` if a thread that is to get copies of checkpoints has some."""
    if (await connection.execute(select(CHECKPOINTS.c.sequence).where(CHECKPOINTS.c.thread_id == thread_id))).first():
        raise ThreadExists(thread_id, HAS_CHECKPOINTS)
