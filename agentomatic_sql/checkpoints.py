"""Statements about checkpoints.

Their order is the one in which they were first saved, not that of their ids: the platform's own are random. Those of a
graph are listed behind them: no order of both by time would agree with each one's own, and paging needs one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, and_, bindparam, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import records
from .dialects import Dialect
from .errors import ThreadExists
from .graphs import digest
from .inputs import Row
from .models import CHECKPOINTS
from .models import GRAPH_CHECKPOINTS as GRAPHS
from .models import GRAPH_NAMESPACES as NAMESPACES
from .records import Record

HAS_CHECKPOINTS = "it has checkpoints of its own, which a copy would mix with others"


async def save(connection: AsyncConnection, dialect: Dialect, row: Row) -> None:
    """Store a checkpoint; the same id again is replaced, and keeps its place and time."""
    key = ["thread_id", "checkpoint_ns", "checkpoint_id"]
    update = ["parent_checkpoint_id", "checkpoint", "metadata"]
    await connection.execute(dialect.upsert(CHECKPOINTS, row, key, update))


async def get(connection: AsyncConnection, thread_id: str, checkpoint_ns: str, checkpoint_id: str) -> Record | None:
    """A checkpoint; the empty id is the latest."""
    statement = select(CHECKPOINTS).where(_in(thread_id, checkpoint_ns))
    if checkpoint_id:
        statement = statement.where(CHECKPOINTS.c.checkpoint_id == checkpoint_id)
    else:
        statement = statement.order_by(CHECKPOINTS.c.sequence.desc()).limit(1)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else records.checkpoint(row)


async def page(
    connection: AsyncConnection, thread_id: str, checkpoint_ns: str, before: str | None, limit: int | None
) -> tuple[list[Record], bool]:
    """Checkpoints, the newest first, and whether a graph's follow from their beginning.

    Before a graph's there are none of these: it stands behind them. Before one that is not there at all are those with
    a smaller id.
    """
    statement = select(CHECKPOINTS).where(_in(thread_id, checkpoint_ns))
    order: Column[Any] = CHECKPOINTS.c.sequence
    follow = True
    if before is not None:
        place, is_graphs = await _find(connection, thread_id, checkpoint_ns, before)
        if place is None and is_graphs:
            return [], False
        follow = place is not None
        order, end = (CHECKPOINTS.c.checkpoint_id, before) if place is None else (CHECKPOINTS.c.sequence, place)
        statement = statement.where(order < end)
    statement = statement.order_by(order.desc())
    if limit is not None:
        statement = statement.limit(limit)
    return [records.checkpoint(row) for row in (await connection.execute(statement)).mappings()], follow


async def _find(
    connection: AsyncConnection, thread_id: str, checkpoint_ns: str, checkpoint_id: str
) -> tuple[int | None, bool]:
    """The place of a checkpoint among the store's own, and whether a graph has one of this id."""
    own = select(CHECKPOINTS.c.sequence).where(
        _in(thread_id, checkpoint_ns), CHECKPOINTS.c.checkpoint_id == checkpoint_id
    )
    namespace = select(NAMESPACES.c.id).where(NAMESPACES.c.digest == digest(thread_id, checkpoint_ns))
    graphs = select(GRAPHS.c.namespace_id).where(
        GRAPHS.c.namespace_id == namespace.scalar_subquery(), GRAPHS.c.checkpoint_id == checkpoint_id
    )
    place, found = (await connection.execute(select(own.scalar_subquery(), graphs.scalar_subquery()))).one()
    return place, found is not None


async def copy(connection: AsyncConnection, thread_id: str, new_id: str) -> None:
    """Copy a thread's checkpoints, in their order; raises `ThreadExists` where the new one has some."""
    if (await connection.execute(select(CHECKPOINTS.c.sequence).where(CHECKPOINTS.c.thread_id == new_id))).first():
        raise ThreadExists(new_id, HAS_CHECKPOINTS)
    names = [column.name for column in CHECKPOINTS.columns if column.name not in ("sequence", "thread_id")]
    originals = select(literal(new_id, CHECKPOINTS.c.thread_id.type), *(CHECKPOINTS.c[name] for name in names))
    originals = originals.where(CHECKPOINTS.c.thread_id == thread_id).order_by(CHECKPOINTS.c.sequence)
    await connection.execute(insert(CHECKPOINTS).from_select(["thread_id", *names], originals))


def hides() -> ColumnElement[bool]:
    """Whether the store has a checkpoint of its own under the id of a graph's: an id names one.

    In the namespace that the statement's parameters `thread_id` and `checkpoint_ns` name.
    """
    here = [
        CHECKPOINTS.c[name] == bindparam(name, type_=CHECKPOINTS.c[name].type)
        for name in ("thread_id", "checkpoint_ns")
    ]
    same = select(CHECKPOINTS.c.sequence).where(*here, CHECKPOINTS.c.checkpoint_id == GRAPHS.c.checkpoint_id)
    return same.correlate(GRAPHS).exists()


def _in(thread_id: str, checkpoint_ns: str) -> ColumnElement[bool]:
    return and_(CHECKPOINTS.c.thread_id == thread_id, CHECKPOINTS.c.checkpoint_ns == checkpoint_ns)
