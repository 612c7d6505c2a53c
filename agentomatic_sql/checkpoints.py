"""Statements about checkpoints.

Their order is the one in which they were first saved, not that of their ids: the platform's own are random.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, and_, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import records
from .dialects import Dialect
from .errors import ThreadExists
from .inputs import Row
from .models import CHECKPOINTS
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
) -> list[Record]:
    """Checkpoints, the newest first; before one that is not there are those with a smaller id."""
    statement = select(CHECKPOINTS).where(_in(thread_id, checkpoint_ns))
    order: Column[Any] = CHECKPOINTS.c.sequence
    if before is not None:
        that = select(CHECKPOINTS.c.sequence).where(
            _in(thread_id, checkpoint_ns), CHECKPOINTS.c.checkpoint_id == before
        )
        place = (await connection.execute(that)).scalar_one_or_none()
        order, end = (CHECKPOINTS.c.checkpoint_id, before) if place is None else (CHECKPOINTS.c.sequence, place)
        statement = statement.where(order < end)
    statement = statement.order_by(order.desc())
    if limit is not None:
        statement = statement.limit(limit)
    return [records.checkpoint(row) for row in (await connection.execute(statement)).mappings()]


async def copy(connection: AsyncConnection, thread_id: str, new_id: str) -> None:
    """Copy a thread's checkpoints, in their order; raises `ThreadExists` where the new one has some."""
    if (await connection.execute(select(CHECKPOINTS.c.sequence).where(CHECKPOINTS.c.thread_id == new_id))).first():
        raise ThreadExists(new_id, HAS_CHECKPOINTS)
    names = [column.name for column in CHECKPOINTS.columns if column.name not in ("sequence", "thread_id")]
    originals = select(literal(new_id, CHECKPOINTS.c.thread_id.type), *(CHECKPOINTS.c[name] for name in names))
    originals = originals.where(CHECKPOINTS.c.thread_id == thread_id).order_by(CHECKPOINTS.c.sequence)
    await connection.execute(insert(CHECKPOINTS).from_select(["thread_id", *names], originals))


def _in(thread_id: str, checkpoint_ns: str) -> ColumnElement[bool]:
    return and_(CHECKPOINTS.c.thread_id == thread_id, CHECKPOINTS.c.checkpoint_ns == checkpoint_ns)
