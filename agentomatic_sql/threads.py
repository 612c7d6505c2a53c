"""Statements about threads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from . import checkpoints, graph_maintenance, records
from .dialects import Dialect, change_one
from .errors import ThreadExists, ThreadNotFound
from .inputs import Row
from .models import CHECKPOINTS, FEEDBACK, GRAPH_CHECKPOINTS, MESSAGES, SUSPENDED_STATES, THREADS
from .records import Record

_GENERATIONS = 500  # of a lineage, in one query: MySQL and MariaDB end a recursion after 1,000


async def create(connection: AsyncConnection, dialect: Dialect, row: Row) -> Record:
    """Insert the thread unless it is there, and return the one that stands."""
    thread = None
    while thread is None:  # again only where it was there, and was deleted before it could be read
        await connection.execute(dialect.insert_if_absent(THREADS, row, ["id"]))
        thread = await get(connection, row["id"])
    if (thread["user_id"], thread["agent_name"]) != (row["user_id"], row["agent_name"]):
        raise ThreadExists(row["id"], "it belongs to another user or agent")
    return thread


async def get(connection: AsyncConnection, thread_id: str) -> Record | None:
    found = await connection.execute(select(THREADS).where(THREADS.c.id == thread_id))
    row = found.mappings().one_or_none()
    return None if row is None else records.thread(row)


async def page(
    connection: AsyncConnection,
    filters: Row,
    limit: int,
    offset: int,
    after: str | tuple[datetime, str] | None,
) -> list[Record]:
    """A page of the listing, the thread updated last first."""
    statement = select(THREADS).where(*_equal(filters))
    if isinstance(after, str):
        found = await connection.execute(select(THREADS.c.updated_at).where(THREADS.c.id == after))
        updated_at = found.scalar_one_or_none()
        if updated_at is None:
            raise ThreadNotFound(after)
        after = (updated_at, after)
    if after is not None:
        updated_at, thread_id = after
        # Not a comparison of tuples: MySQL does not use an index for one.
        statement = statement.where(
            THREADS.c.updated_at <= updated_at,
            or_(THREADS.c.updated_at < updated_at, THREADS.c.id < thread_id),
        )
    statement = statement.order_by(THREADS.c.updated_at.desc(), THREADS.c.id.desc()).limit(limit)
    return await _records(connection, statement.offset(offset) if offset else statement)


async def page_by_id(connection: AsyncConnection, filters: Row, limit: int, after: str | None) -> list[Record]:
    """A page in the order of ids, which never change: nothing is missed or repeated meanwhile."""
    statement = select(THREADS).where(*_equal(filters)).order_by(THREADS.c.id).limit(limit)
    return await _records(connection, statement if after is None else statement.where(THREADS.c.id > after))


async def change(
    connection: AsyncConnection, dialect: Dialect, thread_id: str, values: Row, at: datetime
) -> Record | None:
    """Set columns and return the thread; None where there is none."""
    here = THREADS.c.id == thread_id
    touched = {"updated_at": dialect.later(THREADS.c.updated_at, literal(at, THREADS.c.updated_at.type))}
    row = await change_one(
        connection, update(THREADS).where(here).values(values | touched), select(THREADS).where(here)
    )
    return None if row is None else records.thread(row._mapping)


async def remove(connection: AsyncConnection, thread_id: str) -> bool:
    """Delete the thread and what belongs to it.

    The row is locked first, in the same order as by an append, so that none of the two waits for the other
    while it holds what the other needs.
    """
    locked = select(THREADS.c.id).where(THREADS.c.id == thread_id).with_for_update()
    if (await connection.execute(locked)).one_or_none() is None:
        return (await graph_maintenance.remove_thread(connection, thread_id)).checkpoints > 0
    orphaned = update(THREADS).where(THREADS.c.parent_thread_id == thread_id)
    await connection.execute(orphaned.values(parent_thread_id=None))
    for table in (MESSAGES, FEEDBACK, SUSPENDED_STATES, CHECKPOINTS):
        await connection.execute(delete(table).where(table.c.thread_id == thread_id))
    await graph_maintenance.remove_thread(connection, thread_id)
    await connection.execute(delete(THREADS).where(THREADS.c.id == thread_id))
    return True


async def fork(
    connection: AsyncConnection,
    dialect: Dialect,
    parent_id: str,
    last_index: int,
    new_id: str,
    title: str | None,
    at: datetime,
    with_checkpoints: bool,
) -> Record | None:
    """Copy a thread and its messages 0 to `last_index`, on the server; None without a parent."""
    found = await connection.execute(
        select(THREADS).where(THREADS.c.id == parent_id).with_for_update(read=True)  # no append meanwhile
    )
    parent = found.mappings().one_or_none()
    if parent is None:
        return None
    row = {
        "id": new_id,
        "user_id": parent["user_id"],
        "agent_name": parent["agent_name"],
        "title": fork_title(title, parent["title"], parent_id),
        "metadata": parent["metadata"],
        "message_count": min(parent["message_count"], last_index + 1),
        "parent_thread_id": parent_id,
        "fork_message_index": last_index,
        "created_at": at,
        "updated_at": at,
    }
    try:
        await connection.execute(insert(THREADS).values(row))
    except IntegrityError as error:
        raise ThreadExists(new_id, "a fork needs an id of its own") from error
    copied = ["position", "role", "content", "metadata", "created_at"]
    originals = select(literal(new_id, MESSAGES.c.thread_id.type), *(MESSAGES.c[name] for name in copied))
    originals = originals.where(MESSAGES.c.thread_id == parent_id, MESSAGES.c.position <= last_index)
    await connection.execute(insert(MESSAGES).from_select(["thread_id", *copied], originals))
    if with_checkpoints:
        await checkpoints.copy(connection, parent_id, new_id)
        await graph_maintenance.copy(connection, dialect, parent_id, new_id)
    return records.thread(row)


def fork_title(title: str | None, parent_title: str | None, parent_id: str) -> str:
    """A fork's title: the one given, else one that says what it was forked from."""
    return title or f"Fork of {parent_title or parent_id}"


async def lineage(connection: AsyncConnection, thread_id: str) -> Record:
    """The ancestors, from the root down to the parent, and the direct forks."""
    chain: dict[str, Record] = {}
    start: str | None = thread_id
    while start is not None and start not in chain:
        found = await _records(connection, _upwards(start))
        if not found:
            break
        by_id = {thread["id"]: thread for thread in found}
        while start in by_id and start not in chain:
            chain[start] = by_id[start]
            start = by_id[start]["parent_thread_id"]
    chain.pop(thread_id, None)
    children = select(THREADS).where(THREADS.c.parent_thread_id == thread_id)
    return {
        "thread_id": thread_id,
        "ancestors": list(reversed(chain.values())),
        "descendants": await _records(connection, children.order_by(THREADS.c.created_at, THREADS.c.id)),
    }


def _upwards(thread_id: str) -> Select[Any]:
    """A thread and its ancestors, up to `_GENERATIONS` of them (also where they form a cycle)."""
    start = select(THREADS, literal(1).label("generation")).where(THREADS.c.id == thread_id)
    up = start.cte("up", recursive=True)
    parents = select(THREADS, up.c.generation + 1)
    on = and_(THREADS.c.id == up.c.parent_thread_id, up.c.generation < _GENERATIONS)
    return select(up.union_all(parents.join_from(up, THREADS, on)))


async def stats(connection: AsyncConnection, at: datetime) -> Record:
    """Counts; those of messages are kept with their threads."""
    pending = select(func.count()).where(SUSPENDED_STATES.c.expires_at > at)
    counts = {
        "threads": select(func.count()).select_from(THREADS),
        "messages": select(func.coalesce(func.sum(THREADS.c.message_count), 0)),
        "feedback": select(func.count()).select_from(FEEDBACK),
        "suspended_states": pending.select_from(SUSPENDED_STATES),
        "checkpoints": select(func.count()).select_from(CHECKPOINTS),
        "graph_checkpoints": select(func.count()).select_from(GRAPH_CHECKPOINTS),
    }
    statement = select(*(count.scalar_subquery().label(name) for name, count in counts.items()))
    row = (await connection.execute(statement)).mappings().one()
    found = {name: int(row[name]) for name in counts}
    return found | {"checkpoints": found["checkpoints"] + found.pop("graph_checkpoints")}


def _equal(filters: Row) -> list[ColumnElement[bool]]:
    return [THREADS.c[name] == value for name, value in filters.items()]


async def _records(connection: AsyncConnection, statement: Select[Any]) -> list[Record]:
    return [records.thread(row) for row in (await connection.execute(statement)).mappings()]
