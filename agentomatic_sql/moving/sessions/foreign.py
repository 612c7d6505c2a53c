"""The database of another package: find its tables, and read threads with their messages as they are at one moment."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    Select,
    Table,
    and_,
    false,
    func,
    inspect,
    select,
)

from ...async_engine import AsyncConnection
from ...dialects import Dialect
from ...errors import TransferFailed
from ...execution import engine
from ...execution.engine import DatabaseUrl
from ...execution.transactions import Transactions
from ...migrating import catalog
from . import mapping as mappings
from .items import Row
from .mapping import SourceMapping

_T = TypeVar("_T")

_ROWS = 100
"""How many rows are taken from the database at a time."""


class Found(NamedTuple):
    """The tables of a source."""

    mapping: SourceMapping
    columns: Mapping[str, Sequence[str]]
    """All columns of each table, by `thread`, `message` and `feedback`."""


class Foreign(NamedTuple):
    """A database of another package; it is only read."""

    transactions: Transactions
    dialect: Dialect
    schema: str | None
    where: str

    async def find(self, known: SourceMapping | None) -> Found:
        """Find the tables of a mapping, or of the only one of this package that fits. Raises `TransferFailed`."""
        async with self.transactions.snapshot() as connection:
            return await connection.run_sync(self._find, known)

    def _find(self, connection: Connection, known: SourceMapping | None) -> Found:
        seen: dict[str, frozenset[str]] = {}

        def columns(table: str) -> frozenset[str]:
            if table not in seen:
                seen[table] = catalog.columns(connection, self.schema, table)
            return seen[table]

        tables = sorted(inspect(connection).get_table_names(self.schema))
        wanted = [mappings.of_kind(name) for name in mappings.shipped()] if known is None else [known]
        answers = {one.name: _match(one, tables, columns) for one in wanted}
        found = {name: answer for name, answer in answers.items() if isinstance(answer, Found)}
        if len(found) > 1:
            raise TransferFailed(f"{self.where} has sessions of {' and '.join(found)}: choose one by its kind")
        if not found:
            raise TransferFailed(f"{self.where}: {_reason(answers, tables)}")
        ((_name, only),) = found.items()
        self._check_version(connection, only.mapping, tables)
        return only if only.mapping.zone is not None else only._replace(mapping=self._zoned(connection, only.mapping))

    def _zoned(self, connection: Connection, mapping: SourceMapping) -> SourceMapping:
        """Return the mapping with the zone of the server."""
        asking = catalog.dialect_of(connection).zone_query
        name = "UTC" if asking is None else connection.exec_driver_sql(asking).scalar_one()
        return mapping._replace(zone=mappings.zone_of(name))

    def _check_version(self, connection: Connection, mapping: SourceMapping, tables: Collection[str]) -> None:
        version = mapping.version
        if version is None or version.table not in tables:
            return
        table = _table(version.table, {version.column, *version.where})
        here = [table.c[name] == value for name, value in version.where.items()]
        stored = connection.execute(select(table.c[version.column]).where(*here)).scalars().all()
        if unknown := [one for one in stored if one not in version.known]:
            raise TransferFailed(
                f"{self.where}: {version.table} has version {unknown[0]!r} of its tables, and the mapping "
                f"{mapping.name} is for {', '.join(version.known)}"
            )

    @asynccontextmanager
    async def reading(self, found: Found) -> AsyncIterator[Rows]:
        """Read the source as it is now. Raises `StoreError`."""
        async with self.transactions.snapshot() as connection:
            yield Rows(connection, self.dialect, found)


def _match(
    mapping: SourceMapping, tables: Sequence[str], columns: Callable[[str], frozenset[str]]
) -> Found | str | None:
    """Find the tables of a mapping; returns why there are none, or None if nothing is like it.

    A table has the name that the mapping says, or, if there is none of this name, exactly the mapping's columns.
    """
    needed, names = mapping.columns(), dict[str, str]()
    for part, (table, wanted) in needed.items():
        if table in tables:
            if missing := sorted(wanted - columns(table)):
                return f"table {table} has no column {', '.join(missing)}, as {mapping.name} has"
            names[part] = table
            continue
        same = [other for other in tables if columns(other) == wanted]
        if len(same) > 1:
            return f"tables {', '.join(same)} are like {table} of {mapping.name}: name one in a mapping of your own"
        if same:
            names[part] = same[0]
        elif part != "feedback":
            return f"there is no table {table}, as {mapping.name} has" if names else None
    return Found(mapping.at(names), {part: sorted(columns(table)) for part, table in names.items()})


def _reason(answers: Mapping[str, Found | str | None], tables: Sequence[str]) -> str:
    if reasons := [reason for reason in answers.values() if isinstance(reason, str)]:
        return "; ".join(reasons)
    listed = ", ".join(tables[:20]) + (" and more" if len(tables) > 20 else "")
    return f"there are no tables of {' or '.join(answers)}; there is {listed or 'no table at all'}"


def _table(name: str, columns: Collection[str]) -> Table:
    """Make a table whose values are as the driver has them."""
    return Table(name, MetaData(), *(Column[Any](column) for column in columns))


class Rows:
    """The rows of a source, as they were when it was opened."""

    def __init__(self, connection: AsyncConnection, dialect: Dialect, found: Found) -> None:
        self._connection = connection
        self._dialect = dialect
        self._mapping = found.mapping
        self._tables = {part: _table(name, found.columns[part]) for part, name in _names(found.mapping).items()}

    async def count(self) -> int:
        """Return the number of messages."""
        counting = select(func.count()).select_from(self._tables["message"])
        return int((await self._connection.execute(counting)).scalar_one())

    def orphans(self) -> AsyncGenerator[Row, None]:
        """Iterate over the messages whose thread does not exist: the columns that name them."""
        message, thread = self._tables["message"], self._tables.get("thread")
        names = [*self._mapping.message.thread, *self._mapping.message.key]
        query = select(*(message.c[name] for name in names))
        if thread is None:
            query = query.where(false())
        else:
            query = query.select_from(message.outerjoin(thread, self._of_thread()))
            query = query.where(thread.c[self._mapping.thread.key[0]].is_(None))
        return self._stream(query, lambda row: dict(zip(names, row, strict=True)))

    def all(self) -> AsyncGenerator[tuple[Row, Row | None, Row | None], None]:
        """Iterate over threads in the order of the mapping, with a message of theirs each, and feedback on it.

        A thread without messages comes once, a message with several feedbacks several times.
        """
        return self._stream(self._query(), self._parts)

    async def _stream(self, query: Select[Any], made: Callable[[Sequence[Any]], _T]) -> AsyncGenerator[_T, None]:
        """Run a query, and iterate over what is made of its rows."""
        query = query.execution_options(stream_results=True, max_row_buffer=_ROWS)
        result = await self._connection.run_sync(lambda connection: connection.execute(query))
        try:
            while page := await self._connection.run_sync(lambda _connection: result.fetchmany(_ROWS)):
                for row in page:
                    yield made(row)
        finally:
            await self._connection.run_sync(lambda _connection: result.close())

    def _of_thread(self) -> Any:
        message, thread = self._tables["message"], self._tables["thread"]
        columns = zip(self._mapping.message.thread, self._mapping.thread.key, strict=True)
        return and_(*(message.c[name] == thread.c[key] for name, key in columns))

    def _query(self) -> Select[Any]:
        mapping, message = self._mapping, self._tables["message"]
        thread = self._tables.get("thread", message)
        source: FromClause = message if thread is message else thread.outerjoin(message, self._of_thread())
        if mapping.feedback is not None:
            feedback = self._tables["feedback"]
            given = feedback.c[mapping.feedback.message] == message.c[mapping.message.key[0]]
            source = source.outerjoin(feedback, given)
        order: list[ColumnElement[Any]] = [thread.c[name] for name in (*mapping.thread.order, *mapping.thread.key)]
        if thread is message:  # a server that ignores case would mix the messages of two threads
            order = [*map(self._dialect.exactly, order)]
        order += [message.c[name] for name in (*mapping.message.order, *mapping.message.key)]
        if mapping.feedback is not None:
            order += [self._tables["feedback"].c[name] for name in mapping.feedback.key]
        columns = [column for table in self._tables.values() for column in table.columns]
        return select(*columns).select_from(source).order_by(*order)

    def _parts(self, row: Sequence[Any]) -> tuple[Row, Row | None, Row | None]:
        at, parts = 0, dict[str, Row]()
        for part, table in self._tables.items():
            names = table.columns.keys()
            parts[part] = dict(zip(names, row[at : at + len(names)], strict=True))
            at += len(names)
        message, feedback = parts["message"], parts.get("feedback")
        if message[self._mapping.message.thread[0]] is None and "thread" in parts:
            return parts["thread"], None, None
        if feedback is not None and self._mapping.feedback is not None:
            feedback = feedback if feedback[self._mapping.feedback.key[0]] is not None else None
        return parts.get("thread", message), message, feedback


def _names(mapping: SourceMapping) -> dict[str, str]:
    return {part: table for part, (table, _columns) in mapping.columns().items()}


@asynccontextmanager
async def opened(url: DatabaseUrl, schema: str | None) -> AsyncIterator[Foreign]:
    """Open a database to read it, and close its connections in the end. Raises `TransferFailed`."""
    parsed, dialect = engine.parse(engine.choose(url).url)
    where = dialect.where(parsed) + (f", schema {schema}" if schema else "")
    if not dialect.exists(parsed):  # to connect would make it
        raise TransferFailed(f"{where} does not exist")
    made = engine.create(dialect.reading(parsed), dialect, options={})
    try:
        yield Foreign(Transactions(made, dialect, schema=schema, borrowed=False), dialect, schema, where)
    finally:
        await made.dispose()
