"""Statements about messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import records
from .dialects import Dialect, change_one
from .errors import ThreadNotFound
from .inputs import Row
from .models import MESSAGES, THREADS
from .records import Record


async def add(
    connection: AsyncConnection, dialect: Dialect, thread_id: str, messages: Sequence[Row], at: datetime
) -> list[Record]:
    """Append messages; their places come from the thread's counter, whose row stays locked until the commit.

    The time of a message is never before that of the one in front of it, whatever the writers' clocks say.
    """
    here = THREADS.c.id == thread_id
    if not messages:  # nothing changes, but the thread has to be there
        if (await connection.execute(select(THREADS.c.id).where(here))).one_or_none() is None:
            raise ThreadNotFound(thread_id)
        return []
    counted = update(THREADS).where(here)
    counted = counted.values(
        message_count=THREADS.c.message_count + len(messages),
        updated_at=dialect.later(THREADS.c.updated_at, literal(at, THREADS.c.updated_at.type)),
    )
    thread = await change_one(connection, counted, select(THREADS.c.message_count, THREADS.c.updated_at).where(here))
    if thread is None:
        raise ThreadNotFound(thread_id)
    first = thread.message_count - len(messages)
    rows = [
        message | {"thread_id": thread_id, "position": first + index, "created_at": thread.updated_at}
        for index, message in enumerate(messages)
    ]
    if len(rows) == 1:
        result = await connection.execute(insert(MESSAGES).values(rows[0]))
        return [records.message(rows[0] | {"id": cast(sa.Row[Any], result.inserted_primary_key).id})]
    await connection.execute(insert(MESSAGES), rows)
    given = select(MESSAGES.c.position, MESSAGES.c.id).where(
        MESSAGES.c.thread_id == thread_id, MESSAGES.c.position >= first
    )
    ids = {row.position: row.id for row in await connection.execute(given)}
    return [records.message(row | {"id": ids[row["position"]]}) for row in rows]


async def page(connection: AsyncConnection, thread_id: str, limit: int, offset: int, last: int | None) -> list[Record]:
    """A page of a thread's messages, the oldest first; `last` counts from the end.

    Positions have no gaps, so that an offset is a place in the index and nothing has to be skipped.
    """
    history = select(MESSAGES).where(MESSAGES.c.thread_id == thread_id)
    if last is not None:
        newest = history.order_by(MESSAGES.c.position.desc()).limit(last)
        found = (await connection.execute(newest)).mappings().all()
        return [records.message(row) for row in reversed(found)]
    statement = history.where(MESSAGES.c.position >= offset).order_by(MESSAGES.c.position).limit(limit)
    return [records.message(row) for row in (await connection.execute(statement)).mappings()]


async def page_of_all(connection: AsyncConnection, limit: int, after: tuple[str, int] | None) -> list[Record]:
    """A page of all messages, thread by thread in the order of their ids."""
    order = (MESSAGES.c.thread_id, MESSAGES.c.position)
    if after is None:
        statement = select(MESSAGES).order_by(*order).limit(limit)
        return [records.message(row) for row in (await connection.execute(statement)).mappings()]
    thread_id, position = after
    rest = select(MESSAGES).where(MESSAGES.c.thread_id == thread_id, MESSAGES.c.position > position)
    # by the position alone: MariaDB 10 sorts where the order names a column that is already fixed
    rest = rest.order_by(MESSAGES.c.position).limit(limit)
    found = (await connection.execute(rest)).mappings().all()
    if len(found) < limit:
        following = select(MESSAGES).where(MESSAGES.c.thread_id > thread_id).order_by(*order)
        more = await connection.execute(following.limit(limit - len(found)))
        found = [*found, *more.mappings()]
    return [records.message(row) for row in found]
