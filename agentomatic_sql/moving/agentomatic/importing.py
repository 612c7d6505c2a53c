"""Bring what agentomatic's own store has, 1.10 to 1.16, into a database of this package.

The same queries make the rows in both ways. If one connection reaches both databases, they are stored by INSERT …
SELECT, some keys of the source at a time, each in a transaction; else they are read in one transaction and stored as a
copy is. A row that is there is left as it is, so the command can be repeated after any interruption.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Subquery, and_, false, func, insert, or_, select

from ... import inputs
from ...async_engine import AsyncConnection
from ...context import Context
from ...errors import KeyTaken, TransferFailed
from ...execution.engine import DatabaseUrl, parse
from ...graphs.rows import digest
from ...migrating.catalog import columns
from ...operations import once, query
from ...sealing import keys
from ...tables import THREADS
from ...tokens import new_epoch, new_token
from ..databases import Opened, foreign, opened
from ..entities import CHECKPOINT, GIVEN_FEEDBACK, MESSAGE, THREAD, Entity
from ..moved import Moved, Tell, into
from ..reading import PAGE_ROWS, Pace, Page, paged
from ..writing import Batch, Misfit
from .rows import counts_of, rows_of
from .tables import TABLES, Part, Platform, Range

RANGE_ROWS = 10_000
"""About how many rows of each table are stored in a transaction; a thread is never divided."""

_SENTENCES = {
    "miscounted": "threads with a wrong message_count, counted anew: {number}",
    "no_parent": "forks of a thread that is gone, without a parent now: {number}",
    "no_thread": "messages of no thread, left out: {number}",
    "expired": "suspended states that have expired, stored but never returned: {number}",
    "of_parent": (
        "checkpoints under the id of their parent or none, as agentomatic's checkpointer stores them, kept so: {number}"
    ),
    "other_json": "rows of {table} with JSON of another kind than the column's, put into an object or array: {number}",
}


class _Survey(NamedTuple):
    """The rows that a source has, and what is to be told about them."""

    rows: Mapping[str, int]
    """How many rows can be stored, by the names of their entities."""
    latest: Sequence[Any]
    """The last time at which a thread was changed, and the greatest ids of messages and feedback."""
    reported: Sequence[str]


async def import_agentomatic(
    source: DatabaseUrl,
    target: DatabaseUrl,
    *,
    schema: str | None = None,
    source_schema: str | None = None,
    progress: Tell | None = None,
) -> Moved:
    """Store what the store of agentomatic 1.10 to 1.16 has in a database, which may be the same.

    The source is only read. Rows that the target has are left as they are; what was interrupted goes on when it is
    repeated. Stop what writes to the source first.

    Args:
        source: The database with agentomatic's tables (`threads`, `messages`, …).
        target: The database to store in; its tables are made or upgraded first. It must not be encrypted.
        schema: The schema with the target's tables.
        source_schema: The schema with the source's tables; None is the connection's own.
        progress: Called with the rows that are done, and the rows in all.

    Returns:
        How many rows of each entity were added and were there before, and sentences on what was changed or left behind.

    Raises:
        TransferFailed: The source has no such tables, only some of them, or those of another release; a row does not
            fit; the target is encrypted; or the source was changed meanwhile.
        SchemaError: The tables of the target cannot be used.
        StoreUnavailable: A database cannot be reached.
    """
    async with foreign(source, source_schema) as origin:
        platform = await origin.run(_look, source_schema, origin.where)
        before = await _survey(origin, platform)
        total = sum(before.rows.values())
        tell = (lambda done: progress(done, max(done, total))) if progress is not None else None
        async with opened(target, schema, upgrade=True) as one:
            if await one.run(keys.known):
                raise TransferFailed(
                    f"{one.where} is encrypted: import into a database without encryption, and encrypt that with "
                    "agentomatic-sql rekey"
                )
            if not _reaches(target, source):
                moved = await _streamed(origin, one, platform, tell)
            else:
                moved = await _within_server(one, platform, tell)
            after = await _survey(origin, platform)
            if (after.rows, after.latest) != (before.rows, before.latest):
                raise TransferFailed(
                    f"{origin.where} was changed meanwhile: stop what writes to it, and import into a new database"
                )
    return moved._replace(reported=before.reported)


def _reaches(target: DatabaseUrl, source: DatabaseUrl) -> bool:
    (url, dialect), (other, others) = parse(target), parse(source)
    return dialect.name == others.name and dialect.reaches(url, other)


@query
async def _look(connection: AsyncConnection, _context: Context, schema: str | None, where: str) -> Platform:
    """Look for the platform's tables; raises `TransferFailed`."""
    own: str = schema or connection.dialect.default_schema_name or ""
    found = {name: await connection.run_sync(columns, schema, name) for name in TABLES}
    return Platform(own, found, where)


async def _survey(origin: Opened, platform: Platform) -> _Survey:
    """Count what is to be stored, and what is to be reported; raises `TransferFailed` for what cannot be stored."""
    rows: dict[str, int] = {}
    reported: list[str] = []
    for part in platform.parts:
        for entity in part.entities:
            found = await origin.run(_counted, platform, entity)
            table = platform.table(entity).name
            if number := found.pop("misfit", 0):
                raise TransferFailed(
                    f"{origin.where}: {number:,} rows of {table} have an id or name of more than "
                    f"{inputs.MAX_ID_LENGTH} characters, or a time that is none: change them first"
                )
            rows[entity.name] = found.pop("rows") - found.get("no_thread", 0)
            reported += [
                _SENTENCES[name].format(number=f"{number:,}", table=table) for name, number in found.items() if number
            ]
    if platform.of_saver:
        reported.append(
            "the table checkpoints is LangGraph's own saver's, left out: agentomatic-sql import langgraph stores it"
        )
    return _Survey(rows, await origin.run(_latest, platform), reported)


@query
async def _counted(connection: AsyncConnection, context: Context, platform: Platform, entity: Entity) -> dict[str, int]:
    asked = counts_of(platform, context.dialect, entity)
    (found,) = await connection.execute(asked, {"now": inputs.now()})
    return {name: int(number) for name, number in zip(asked.selected_columns.keys(), found, strict=True)}


@query
async def _latest(connection: AsyncConnection, _context: Context, platform: Platform) -> Sequence[Any]:
    threads, messages, feedback = map(platform.table, (THREAD, MESSAGE, GIVEN_FEEDBACK))
    columns = threads.c.updated_at, messages.c.id, feedback.c.id
    return [(await connection.execute(select(func.max(column)))).scalar_one() for column in columns]


# both ways


async def _ranges(one: AsyncConnection, platform: Platform, part: Part) -> AsyncIterator[Range]:
    """Iterate over the keys of a part's tables, about a page of rows at a time."""
    after = None
    most = min(PAGE_ROWS, RANGE_ROWS)  # each page of a range numbers its messages anew
    while (until := (await one.execute(platform.last_key(part, after, most))).scalar_one()) is not None:
        yield Range(after, until)
        after = until


async def _parameters(
    connection: AsyncConnection, context: Context, platform: Platform, entity: Entity, range_: Range
) -> dict[str, Any]:
    """Return the parameters of the rows in a range."""
    parameters: dict[str, Any] = {"epoch": new_epoch(), "token": new_token()}
    if entity is not CHECKPOINT:
        return parameters
    names = sorted({*(await connection.execute(platform.namespaces(range_))).scalars()})
    given = context.dialect.table_parameters("given", checkpoint_ns=names, digest=[*map(digest, names)])
    return parameters | given


# from one server to another


async def _streamed(origin: Opened, one: Opened, platform: Platform, tell: Callable[[int], None] | None) -> Moved:
    async with origin.transactions.snapshot() as connection:
        return await into(one, {}, None, _pages(connection, origin.context, platform), tell, _error)


async def _pages(connection: AsyncConnection, context: Context, platform: Platform) -> AsyncIterator[Page]:
    for part in platform.parts:
        paces = {entity: Pace() for entity in part.entities}
        async for range_ in _ranges(connection, platform, part):
            for entity, pace in paces.items():
                parameters = await _parameters(connection, context, platform, entity, range_)
                rows = rows_of(platform, context.dialect, entity, range_)
                async for page in paged(connection, context, entity, rows, pace, parameters):
                    yield entity, page


def _error(misfit: Misfit, batch: Batch) -> TransferFailed:
    key = dict(zip(batch.entity.key, batch.key(misfit.number), strict=True))
    return _differs(batch.entity, key, f"{misfit.field.removeprefix('$.')}: {misfit.reason}")


def _differs(entity: Entity, key: Mapping[str, Any], reason: str) -> TransferFailed:
    named = ", ".join(f"{name} {value!r}" for name, value in key.items())
    return TransferFailed(f"{entity.name} ({named}) of the source: {reason}")


# within a server


async def _within_server(one: Opened, platform: Platform, tell: Callable[[int], None] | None) -> Moved:
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
        raise _differs(entity, {"id": number}, reason)
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
        parameters = await _parameters(connection, context, platform, entity, range_)
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
    differs = or_(false(), *(entity.table.c[name] != rows.c[name] for name in entity.origin))
    if there and entity.origin:
        example = select(*(rows.c[name] for name in entity.key)).select_from(joined).where(differs).limit(1)
        other = (await connection.execute(example, parameters)).one_or_none()
        if other is not None:
            reason = f"the database has another {entity.name} with this key"
            raise _differs(entity, dict(zip(entity.key, other, strict=True)), reason)
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
        raise _differs(THREAD, {"id": found[0]}, reason)
