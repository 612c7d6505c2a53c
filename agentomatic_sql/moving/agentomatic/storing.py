"""Store the rows of agentomatic's own store that one connection reaches, too: by INSERT … SELECT, within the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Subquery, and_, false, func, insert, or_, select

from ...async_engine import AsyncConnection
from ...context import Context
from ...errors import KeyTaken
from ...operations import once, query
from ...tables import THREADS
from ..databases import Opened
from ..entities import GIVEN_FEEDBACK, MESSAGE, THREAD, Entity
from ..moved import Moved
from .rows import differs, parameters_of, rows_of
from .tables import Part, Platform, Range

RANGE_ROWS = 10_000
"""About how many rows of each table are stored in a transaction; a thread is never divided."""


async def within_server(one: Opened, platform: Platform, tell: Callable[[int], None] | None) -> Moved:
    for entity in (MESSAGE, GIVEN_FEEDBACK):
        await one.run(_take_numbers, platform, entity)
    added: dict[str, int] = {}
    present: dict[str, int] = {}
    for part in platform.parts:
        range_: Range | None = Range(None, await one.run(_next, platform, part, None))
        while range_ is not None and range_.until is not None:
            for name, (new, old) in (await _stored(one, platform, part, range_)).items():
                added[name] = added.get(name, 0) + new
                present[name] = present.get(name, 0) + old
            if tell is not None:
                tell(sum(added.values()) + sum(present.values()))
            range_ = Range(range_.until, await one.run(_next, platform, part, range_.until))
    return Moved(added, present)


@query
async def _next(connection: AsyncConnection, _context: Context, platform: Platform, part: Part, after: Any) -> Any:
    return (await connection.execute(platform.last_key(part, after, RANGE_ROWS))).scalar_one()


@once
async def _take_numbers(connection: AsyncConnection, context: Context, platform: Platform, entity: Entity) -> None:
    """Check that the numbers of messages or feedback are free, and let the database generate greater ones."""
    source, threads, table = platform.table(entity), platform.table(THREAD), entity.table
    last = (await connection.execute(select(func.max(source.c.id)))).scalar_one()
    if last is None:
        return
    thread = func.coalesce(threads.c.id, source.c.thread_id)
    left_out = entity is MESSAGE  # without a thread
    joined = source.join(threads, threads.c.id == source.c.thread_id, isouter=not left_out)
    joined = joined.join(table, table.c.id == source.c.id)
    taken = select(source.c.id).select_from(joined).where(table.c.thread_id != thread).limit(1)
    number = (await connection.execute(taken)).scalar()
    if number is not None:
        reason = f"the database has another {entity.name} with this id: import into a new database"
        raise differs(entity, {"id": number}, reason)
    advancing = context.dialect.advance_numbers(table, "id", context.schema)
    if advancing is not None:
        await connection.execute(advancing, {"number": last})


async def _stored(one: Opened, platform: Platform, part: Part, range_: Range) -> dict[str, tuple[int, int]]:
    try:
        return await one.run(_store, platform, part, range_)
    except KeyTaken:  # by somebody else, after the transaction had looked
        return await one.run(_store, platform, part, range_)


@once
async def _store(
    connection: AsyncConnection, context: Context, platform: Platform, part: Part, range_: Range
) -> dict[str, tuple[int, int]]:
    """Store the rows of a range that are missing; returns how many were added and were there, by entity.

    A thread is stored with its messages. So messages can be there only if threads are. Raises `TransferFailed`.
    """
    counts: dict[str, tuple[int, int]] = {}
    some_are_there = True
    for entity in part.entities:
        parameters = await parameters_of(connection, context, platform, entity, range_)
        rows, there = rows_of(platform, context.dialect, entity, range_), 0
        if some_are_there:
            there = await _present(connection, entity, rows, parameters)
        if entity is THREAD:
            some_are_there = there > 0
            if some_are_there:
                await _refuse_longer_threads(connection, context, platform, range_, parameters)
        names = [column.name for column in entity.table.columns]
        missing = select(*(rows.c[name] for name in names))
        if there:
            missing = missing.where(~select(entity.table.c[entity.key[0]]).where(_same_key(entity, rows)).exists())
        found = await connection.execute(insert(entity.table).from_select(names, missing), parameters)
        counts[entity.name] = found.rowcount, there
    return counts


def _same_key(entity: Entity, rows: Subquery) -> Any:
    return and_(*(entity.table.c[name] == rows.c[name] for name in entity.key))


async def _present(connection: AsyncConnection, entity: Entity, rows: Subquery, parameters: Mapping[str, Any]) -> int:
    """Return how many of the rows are there; raises `TransferFailed` if another row has the key of one."""
    joined = rows.join(entity.table, _same_key(entity, rows))
    there = (await connection.execute(select(func.count()).select_from(joined), parameters)).scalar_one()
    others = or_(false(), *(entity.table.c[name] != rows.c[name] for name in entity.origin))
    if there and entity.origin:
        example = select(*(rows.c[name] for name in entity.key)).select_from(joined).where(others).limit(1)
        other = (await connection.execute(example, parameters)).one_or_none()
        if other is not None:
            reason = f"the database has another {entity.name} with this key"
            raise differs(entity, dict(zip(entity.key, other, strict=True)), reason)
    return int(there)


async def _refuse_longer_threads(
    connection: AsyncConnection, context: Context, platform: Platform, range_: Range, parameters: Mapping[str, Any]
) -> None:
    """Raise `TransferFailed` if a thread that is there has fewer messages than in the source."""
    rows = rows_of(platform, context.dialect, THREAD, range_)
    longer = select(rows.c.id, THREADS.c.message_count).join_from(rows, THREADS, THREADS.c.id == rows.c.id)
    longer = longer.where(THREADS.c.message_count < rows.c.message_count).limit(1)
    found = (await connection.execute(longer, parameters)).one_or_none()
    if found is not None:
        reason = f"it has gone on since it was imported with {found[1]:,} messages: import into a new database"
        raise differs(THREAD, {"id": found[0]}, reason)
