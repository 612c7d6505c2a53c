"""Read a database row by row as it is at one moment: table by table in the order of the keys, a page at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, false, func, select

from ..async_engine import AsyncConnection
from ..context import Context
from ..dialects.types import ExactText, JsonText
from ..errors import InvalidInput
from ..escaping import RESERVED, Plain, Sealed
from ..graphs.rows import thread_digest
from ..sealing import keys
from ..tables import GRAPH_CHECKPOINTS, GRAPH_NAMESPACES, MESSAGES, THREADS
from .databases import Opened
from .entities import GRAPH_ROWS, NAMESPACE, PLAIN, Entity, Row, chosen

PAGE_ROWS = 2_000
PAGE_BYTES = 4_000_000
"""A page has at most about so many rows and bytes; a single row may be longer."""

_NAMESPACES = 100
"""How many namespaces of graphs are read at a time."""

Page = tuple[Entity, Sequence[Row]]


class Selection(NamedTuple):
    """Which rows are moved: those for which all of this is true. None is every row."""

    user: str | None = None
    """Rows of this user's threads."""
    agent: str | None = None
    """Rows of this agent, or of its threads if they name no agent."""
    thread: str | None = None
    """Rows of this thread."""
    since: datetime | None = None
    """Threads that were changed from this time on, with all their messages; other rows that were stored from then."""
    choices: Collection[str] = ()
    """Names of entities."""

    @classmethod
    def of(
        cls,
        user: str | None,
        agent: str | None,
        thread: str | None,
        since: datetime | None,
        entities: Sequence[str] | None,
    ) -> Selection:
        """Check arguments; raises `InvalidInput`."""
        if since is not None and since.tzinfo is None:
            raise InvalidInput("since", "must have a time zone: datetime(…, tzinfo=UTC)")
        return cls(user, agent, thread, since and since.astimezone(UTC), chosen(entities))

    @property
    def limits_threads(self) -> bool:
        """Return whether rows of some threads are left out."""
        return (self.user, self.agent, self.thread, self.since) != (None, None, None, None)

    def where(self, context: Context, entity: Entity) -> list[ColumnElement[bool]]:
        """Return the conditions for the rows of a plain entity."""
        columns = entity.table.c
        if entity.table is THREADS:
            return self._of_thread()
        if entity.table is MESSAGES:
            of_threads = self._of_thread()
            return [context.dialect.is_among(columns.thread_id, THREADS.c.id, *of_threads)] if of_threads else []
        conditions: list[ColumnElement[bool]] = []
        if "thread_id" not in columns and (self.user, self.thread) != (None, None):
            return [false()]  # it belongs to no thread
        if self.thread is not None:
            conditions.append(columns.thread_id == self.thread)
        of_threads = [] if self.user is None else [THREADS.c.user_id == self.user]
        if self.agent is not None and "agent_name" in columns:
            conditions.append(columns.agent_name == self.agent)
        elif self.agent is not None:
            of_threads.append(THREADS.c.agent_name == self.agent)
        if of_threads:
            conditions.append(context.dialect.is_among(columns.thread_id, THREADS.c.id, *of_threads))
        if self.since is not None:
            conditions.append(columns.created_at >= self.since)
        return conditions

    def _of_thread(self) -> list[ColumnElement[bool]]:
        wanted = {"user_id": self.user, "agent_name": self.agent, "id": self.thread}
        conditions = [THREADS.c[name] == value for name, value in wanted.items() if value is not None]
        return conditions if self.since is None else [*conditions, THREADS.c.updated_at >= self.since]


EVERYTHING = Selection(choices=chosen(None))


class Source:
    """A database that is read, as it was when it was opened."""

    def __init__(self, connection: AsyncConnection, context: Context, selection: Selection) -> None:
        self._connection = connection
        self._context = context
        self._selection = selection
        self.keys: Mapping[str, str] = {}
        """The check values of the keys with which the rows are encrypted, by their ids."""

    async def count(self) -> int:
        """Return how many rows there are to move; those of graphs only if all of them are."""
        total = 0
        for entity in self._entities(PLAIN):
            total += await self._count(entity, *self._selection.where(self._context, entity))
        if not self._selection.limits_threads:
            for entity in self._entities((NAMESPACE, *GRAPH_ROWS)):
                total += await self._count(entity)
        return total

    async def _count(self, entity: Entity, *conditions: ColumnElement[bool]) -> int:
        found = await self._connection.execute(select(func.count()).select_from(entity.table).where(*conditions))
        return int(found.scalar_one())

    def _entities(self, entities: Sequence[Entity]) -> Iterator[Entity]:
        return (entity for entity in entities if entity.choice in self._selection.choices)

    async def pages(self) -> AsyncIterator[Page]:
        """Iterate over the rows: an entity and a page of its rows at a time. A row that another one needs comes first.

        Raises `StoreError`.
        """
        for entity in self._entities(PLAIN):
            async for page in self._pages(entity, *self._selection.where(self._context, entity)):
                yield page
        if NAMESPACE.choice in self._selection.choices:
            async for page in self._graphs():
                yield page

    async def _pages(self, entity: Entity, *conditions: ColumnElement[bool]) -> AsyncIterator[Page]:
        """Read a table by its key."""
        async for rows in paged(self._connection, self._context, entity, entity.table, Pace(), {}, *conditions):
            if self.keys:
                _mark_sealed(entity, rows)
            yield entity, rows

    async def _rows(self, entity: Entity, query: Select[Any]) -> Sequence[dict[str, Any]]:
        rows = await _rows(self._connection, entity, query, {})
        if self.keys:
            _mark_sealed(entity, rows)
        return rows

    async def _graphs(self) -> AsyncIterator[Page]:
        """Read the graphs: some namespaces, then the rows of these namespaces."""
        key = [GRAPH_NAMESPACES.c.thread_digest, GRAPH_NAMESPACES.c.id]
        query = select(GRAPH_NAMESPACES).order_by(*key).limit(_NAMESPACES)
        if self._selection.thread is not None:
            query = query.where(key[0] == thread_digest(self._selection.thread))
        onwards: list[ColumnElement[bool]] = []
        while found := await self._rows(NAMESPACE, query.where(*onwards)):
            onwards = [self._context.dialect.follows(key, [found[-1]["thread_digest"], found[-1]["id"]])]
            wanted = await self._wanted(found)
            if not wanted:
                continue
            yield NAMESPACE, wanted
            digests, ids = ({row[name] for row in wanted} for name in ("thread_digest", "id"))
            for entity in GRAPH_ROWS:
                columns = entity.table.c
                here = columns.thread_digest.in_(sorted(digests)), columns.namespace_id.in_(sorted(ids))
                async for page in self._pages(entity, *here):
                    yield page

    async def _wanted(self, namespaces: Sequence[dict[str, Any]]) -> Sequence[Row]:
        """Return the namespaces that the selection takes: those of its threads, with a checkpoint since its time."""
        selection, wanted = self._selection, namespaces
        if selection.thread is not None:
            wanted = [row for row in wanted if row["thread_id"] == selection.thread]
        if selection.user is not None or selection.agent is not None:
            conditions = selection._replace(since=None).where(self._context, PLAIN[0])
            ids = sorted({row["thread_id"] for row in wanted})
            found = await self._connection.execute(select(THREADS.c.id).where(THREADS.c.id.in_(ids), *conditions))
            of_threads = set(found.scalars())
            wanted = [row for row in wanted if row["thread_id"] in of_threads]
        if selection.since is not None:
            place = GRAPH_CHECKPOINTS.c.thread_digest, GRAPH_CHECKPOINTS.c.namespace_id
            here = place[0].in_(sorted({row["thread_digest"] for row in wanted}))
            query = select(*place).where(here, GRAPH_CHECKPOINTS.c.created_at >= selection.since).distinct()
            changed = {tuple(row) for row in await self._connection.execute(query)}
            wanted = [row for row in wanted if (row["thread_digest"], row["id"]) in changed]
        return wanted


class Pace:
    """Chooses how many rows the next page has: about `PAGE_BYTES`, judged by the size of the rows before."""

    def __init__(self) -> None:
        self.rows = 50

    def adapt(self, found: Sequence[Row]) -> None:
        """Set the size of the next page after one that was full."""
        size = sum(map(_size, found)) or 1
        self.rows = max(1, min(PAGE_ROWS, self.rows * 4, self.rows * PAGE_BYTES // size))


async def paged(
    connection: AsyncConnection,
    context: Context,
    entity: Entity,
    rows: FromClause,
    pace: Pace,
    parameters: Mapping[str, Any],
    *conditions: ColumnElement[bool],
) -> AsyncIterator[Sequence[dict[str, Any]]]:
    """Read rows of an entity, from its table or a subquery, by its key, a page at a time."""
    key = [rows.c[name] for name in entity.key]
    query = select(*(rows.c[column.name] for column in entity.table.columns)).where(*conditions).order_by(*key)
    onwards: list[ColumnElement[bool]] = []
    while found := await _rows(connection, entity, query.where(*onwards).limit(pace.rows), parameters):
        yield found
        onwards = [context.dialect.follows(key, [found[-1][name] for name in entity.key])]
        if len(found) < pace.rows:
            return
        pace.adapt(found)


async def _rows(
    connection: AsyncConnection, entity: Entity, query: Select[Any], parameters: Mapping[str, Any]
) -> Sequence[dict[str, Any]]:
    names = [column.name for column in entity.table.columns]
    return [dict(zip(names, row, strict=True)) for row in await connection.execute(query, parameters)]


@asynccontextmanager
async def reading(one: Opened, selection: Selection) -> AsyncIterator[Source]:
    """Read a database as it is now. Raises `StoreError`."""
    async with one.transactions.snapshot() as connection:
        source = Source(connection, one.context, selection)
        source.keys = await keys.known.function(connection, one.context)
        yield source


def _mark_sealed(entity: Entity, rows: Sequence[dict[str, Any]]) -> None:
    """Mark the encrypted texts of an encrypted database."""
    for column in entity.table.columns:
        name, is_text = column.name, isinstance(column.type, ExactText)
        beginning = RESERVED if is_text else f'"{RESERVED}'
        if not is_text and not isinstance(column.type, JsonText):
            continue
        for row in rows:
            value = row[name]
            if value is not None and type(value) is not Plain and value.startswith(beginning):
                row[name] = Sealed(value)


def _size(row: Row) -> int:
    """Return about how many bytes a row has."""
    return sum([len(value) for value in row.values() if isinstance(value, (str, bytes))]) + 100
