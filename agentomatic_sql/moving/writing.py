"""Store rows as they are: those that are missing, in batches of which each is one transaction.

A row that is stored already is left as it is, so a batch can be stored again at any time. If another row has the key of
one of the batch, or a row needs another one that is missing, the whole batch is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Table, and_, insert, select

from ..async_engine import AsyncConnection
from ..context import Context
from ..errors import InvalidInput
from ..graphs.rows import Namespace, digest
from ..operations import once, query
from ..tables import CHECKPOINTS, FEEDBACK, GRAPH_NAMESPACES, MESSAGES, NUMBERED, THREADS
from .entities import GRAPH_ROWS, MESSAGE, NAMESPACE, Entity, Row

Key = tuple[Any, ...]


class Misfit(InvalidInput):
    """A row does not fit; nothing of its batch was stored. `number` is its number in the batch, from 0."""

    def __init__(self, number: int, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.number = number


class Batch(NamedTuple):
    """Rows of one entity that are stored together."""

    entity: Entity
    rows: Sequence[Row]

    def key(self, number: int) -> Key:
        """Return the key of a row."""
        return tuple([self.rows[number][name] for name in self.entity.key])


@query
async def has_numbers(connection: AsyncConnection, _context: Context) -> bool:
    """Return whether there is a row with a generated number: a message or feedback."""
    for table in (MESSAGES, FEEDBACK):
        if (await connection.execute(select(table.c.id).limit(1))).first() is not None:
            return True
    return False


@once
async def store(connection: AsyncConnection, context: Context, batch: Batch, numbers_are_taken: bool) -> int:
    """Store the rows of a batch that are missing; returns how many.

    Raises `Misfit`, and `KeyTaken` if somebody else has stored one of them meanwhile.

    numbers_are_taken: whether there were rows with generated numbers before the first batch.
    """
    entity, rows = batch
    missing = await _missing(connection, context, batch)
    if not missing:
        return 0
    await _check(connection, context, batch, missing)
    if (name := entity.table.info.get(NUMBERED)) is not None:
        await _take_numbers(connection, context, batch, missing, name, numbers_are_taken)
    await connection.execute(insert(entity.table), [dict(rows[number]) for number in missing])
    return len(missing)


async def _missing(connection: AsyncConnection, context: Context, batch: Batch) -> list[int]:
    """Return the numbers of the rows that are not stored; raises `Misfit` for one whose key another row has."""
    entity, rows = batch
    places = [batch.key(number) for number in range(len(rows))]
    found = await rows_of(connection, context, entity.table, entity.key, places, entity.origin)
    stored = {values[: len(entity.key)]: values[len(entity.key) :] for values in found}
    missing: list[int] = []
    for number, (place, row) in enumerate(zip(places, rows, strict=True)):
        origin = tuple([row[name] for name in entity.origin])
        if place not in stored:
            missing.append(number)
            stored[place] = origin  # the key may be in the batch again
        elif stored[place] != origin:
            both = zip(entity.origin, stored[place], origin, strict=True)
            name = next(name for name, one, other in both if one != other)
            raise Misfit(number, f"$.{name}", f"the database has another {entity.name}: {_named(entity.key, place)}")
    return missing


def _named(names: Sequence[str], values: Key) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in zip(names, values, strict=True))


async def rows_of(
    connection: AsyncConnection,
    context: Context,
    table: Table,
    names: Sequence[str],
    wanted: Sequence[Key],
    more: Sequence[str] = (),
) -> Sequence[Key]:
    """Return the rows of a table with these values in some columns: these columns, and more of them."""
    if not wanted:
        return ()
    given = context.dialect.parameter_table("given", **{name: table.c[name].type for name in names})
    same = and_(*(table.c[name] == given.c[name] for name in names))
    joined, columns = context.dialect.join_by_key(given, table, same)
    found = select(*(columns[name] for name in (*names, *more))).select_from(joined)
    found = found.where(columns[names[0]].is_not(None))
    lists = dict(zip(names, map(list, zip(*wanted, strict=True)), strict=True))
    return [tuple(row) for row in await connection.execute(found, context.dialect.table_parameters("given", **lists))]


async def _check(connection: AsyncConnection, context: Context, batch: Batch, missing: Sequence[int]) -> None:
    """Check that what the missing rows need is there. Raises `Misfit`."""
    entity, rows = batch
    if entity == MESSAGE:
        await _check_threads(connection, context, rows, missing)
    elif entity == NAMESPACE:
        await _check_namespaces(connection, context, rows, missing)
    elif entity in GRAPH_ROWS:
        wanted = sorted({(rows[number]["thread_digest"], rows[number]["namespace_id"]) for number in missing})
        found = await rows_of(connection, context, GRAPH_NAMESPACES, ("thread_digest", "id"), wanted)
        for number in missing:
            if (rows[number]["thread_digest"], rows[number]["namespace_id"]) not in found:
                raise Misfit(number, "$.namespace_id", "there is no graph_namespace with this id")
    elif entity.table is CHECKPOINTS:
        for number in missing:
            _check_digest(rows, number, "namespace_digest", digest(rows[number]["checkpoint_ns"]))


async def _check_threads(
    connection: AsyncConnection, context: Context, rows: Sequence[Row], missing: Sequence[int]
) -> None:
    """Check that the threads of messages exist and have room for them."""
    wanted = sorted({(rows[number]["thread_id"],) for number in missing})
    counts: dict[str, int] = dict(await rows_of(connection, context, THREADS, ("id",), wanted, ("message_count",)))
    for number in missing:
        thread_id, position = rows[number]["thread_id"], rows[number]["position"]
        count = counts.get(thread_id)
        if count is None:
            raise Misfit(number, "$.thread_id", f"there is no thread {thread_id!r}")
        if not 0 <= position < count:
            reason = (
                f"the database has thread {thread_id!r} with {count:,} messages: take a new database if it had fewer"
            )
            raise Misfit(number, "$.position", reason)


async def _check_namespaces(
    connection: AsyncConnection, context: Context, rows: Sequence[Row], missing: Sequence[int]
) -> None:
    """Check that namespaces of graphs have the digests of their names, and do not exist with other ids."""
    for number in missing:
        place = Namespace(rows[number]["thread_id"], rows[number]["checkpoint_ns"])
        for name, value in place.key.items():
            _check_digest(rows, number, name, value)
    numbers = {(rows[number]["thread_digest"], rows[number]["digest"]): number for number in missing}
    for found in await rows_of(connection, context, GRAPH_NAMESPACES, ("thread_digest", "digest"), [*numbers]):
        number = numbers[found]
        reason = f"the database has other data of the graph in thread {rows[number]['thread_id']!r}"
        raise Misfit(number, "$.id", reason)


def _check_digest(rows: Sequence[Row], number: int, name: str, expected: Any) -> None:
    if rows[number][name] != expected:
        raise Misfit(number, f"$.{name}", f"is not the digest {expected!r} of what it stands for")


async def _take_numbers(
    connection: AsyncConnection, context: Context, batch: Batch, missing: Sequence[int], name: str, are_taken: bool
) -> None:
    """Check that the generated numbers of rows are free, and let the database generate greater ones."""
    entity, rows = batch
    numbers: dict[int, int] = {}
    for number in missing:
        if numbers.setdefault(rows[number][name], number) != number:
            raise Misfit(number, f"$.{name}", f"another {entity.name} before this one has the same {name}")
    if are_taken:
        # Not by the key: some databases have no index of these numbers, and read the whole table once.
        given = context.dialect.parameter_table("given", number=BigInteger())
        found = select(given.c.number).join_from(given, entity.table, entity.table.c[name] == given.c.number)
        values = context.dialect.table_parameters("given", number=[*numbers])
        for (taken,) in await connection.execute(found, values):
            reason = f"the database has another {entity.name} with this {name}: take a new database"
            raise Misfit(numbers[taken], f"$.{name}", reason)
    advancing = context.dialect.advance_numbers(entity.table, name, context.schema)
    if advancing is not None:
        await connection.execute(advancing, {"number": max(numbers)})
