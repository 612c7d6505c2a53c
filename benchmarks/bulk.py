"""The drivers themselves, for what is not measured: making and dropping databases, filling tables in bulk."""

from __future__ import annotations

import asyncio
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import make_url

Rows = Sequence[tuple[Any, ...]]


class Bulk(ABC):
    """A connection in autocommit that runs plain statements and takes rows by the thousand."""

    @abstractmethod
    async def run(self, statement: str) -> None: ...

    @abstractmethod
    async def value(self, statement: str) -> Any: ...

    @abstractmethod
    async def insert(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        """Insert rows; a datetime among the values is one in UTC."""

    @abstractmethod
    async def settle(self, tables: Sequence[str]) -> None:
        """Do what a database does by itself some time after it was filled: statistics, visibility, checkpoint."""

    @abstractmethod
    async def close(self) -> None: ...


class PostgreSQL(Bulk):
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def run(self, statement: str) -> None:
        await self._connection.execute(statement)

    async def value(self, statement: str) -> Any:
        return await self._connection.fetchval(statement)

    async def insert(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        await self._connection.copy_records_to_table(table, columns=columns, records=rows)

    async def settle(self, tables: Sequence[str]) -> None:
        import asyncpg

        for table in tables:
            await self.run(f"VACUUM ANALYZE {table}")
        with suppress(asyncpg.InsufficientPrivilegeError):  # not everybody may; the rounds are interleaved anyway
            await self.run("CHECKPOINT")

    async def close(self) -> None:
        await self._connection.close()


class MySQL(Bulk):
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def run(self, statement: str) -> None:
        async with self._connection.cursor() as cursor:
            await cursor.execute(statement)

    async def value(self, statement: str) -> Any:
        async with self._connection.cursor() as cursor:
            await cursor.execute(statement)
            row = await cursor.fetchone()
        return row[0] if row else None

    async def insert(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
        async with self._connection.cursor() as cursor:
            for first in range(0, len(rows), 5000):
                some = rows[first : first + 5000]
                await cursor.executemany(statement, [tuple(map(without_zone, row)) for row in some])

    async def settle(self, tables: Sequence[str]) -> None:
        for table in tables:
            await self.value(f"ANALYZE TABLE {table}")

    async def close(self) -> None:
        self._connection.close()


class SQLite(Bulk):
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def run(self, statement: str) -> None:
        await asyncio.to_thread(self._connection.execute, statement)

    async def value(self, statement: str) -> Any:
        row = await asyncio.to_thread(lambda: self._connection.execute(statement).fetchone())
        return row[0] if row else None

    async def insert(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        await self.run("BEGIN")
        as_stored = (tuple(map(as_text, row)) for row in rows)
        await asyncio.to_thread(self._connection.executemany, statement, as_stored)
        await self.run("COMMIT")

    async def settle(self, tables: Sequence[str]) -> None:
        await self.run("ANALYZE")
        await self.value("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        self._connection.close()


def without_zone(value: Any) -> Any:
    """DATETIME knows no zone."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def as_text(value: Any) -> Any:
    """SQLite has no type for times; SQLAlchemy's stores write them so."""
    return value.strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(value, datetime) else value


@asynccontextmanager
async def connect(name: str, url: str) -> AsyncIterator[Bulk]:
    """A connection of its own by the driver; `name` is the database's. For SQLite the URL may be a path alone."""
    bulk = await _connection(name, url)
    try:
        yield bulk
    finally:
        await bulk.close()


async def _connection(name: str, url: str) -> Bulk:
    if name == "sqlite":
        path = make_url(url).database or "" if url.startswith("sqlite") else url
        return SQLite(sqlite3.connect(path, isolation_level=None, timeout=60, check_same_thread=False))
    if name == "postgresql":
        import asyncpg

        return PostgreSQL(await asyncpg.connect(url))
    import aiomysql

    return MySQL(await aiomysql.connect(**mysql_arguments(url), autocommit=True))


def mysql_arguments(url: str) -> dict[str, Any]:
    """Return aiomysql's connect arguments for a URL."""
    parsed = make_url(url)
    where = {"host": parsed.host, "port": parsed.port or 3306, "user": parsed.username}
    return {**where, "password": parsed.password or "", "db": parsed.database, "charset": "utf8mb4"}


def now() -> datetime:
    return datetime.now(UTC)
