"""The databases of this run: which ones it is for, and empty databases on them."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from itertools import compress
from pathlib import Path

import pytest

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.tables import METADATA
from tests.support import citus, servers

SQL = ("postgresql", "mysql", "mariadb", "cockroachdb", "citus")
CHOSEN = os.environ.get("AGENTOMATIC_SQL_TEST_DATABASES")
"""Names of databases, comma-separated, for a quicker run; the run says what it left out."""


def chosen(names: tuple[str, ...]) -> list[str]:
    """Return the databases that this run is for; all, unless AGENTOMATIC_SQL_TEST_DATABASES names some."""
    return [name for name in names if CHOSEN is None or name.split("-")[0] in CHOSEN.split(",")]


def server_of(name: str) -> servers.Server:
    """The running server, or a skip that names the reason."""
    found = servers.obtain(name)
    if isinstance(found, servers.Missing):
        pytest.skip(f"{name}: {found.reason}")
    return found


@contextmanager
def database_on(name: str, options: str = "") -> Iterator[str]:
    """The URL of an empty database on a server, made with the options and dropped in the end."""
    server = server_of(name)
    url = asyncio.run(servers.create_database(server, options))
    try:
        yield url
    finally:
        asyncio.run(servers.drop_database(server, url))


@cache
def migrated(name: str, use: str) -> str:
    """The URL of a database with the schema: one for each use of a server, made when it is first asked for."""
    server = server_of(name)

    async def make() -> str:
        url = await servers.create_database(server)
        async with SQLAlchemyStore(url):
            pass
        if name == "citus":
            await citus.distribute(url)
        return url

    url = asyncio.run(make())
    _made.append((server, url))
    return url


_made: list[tuple[servers.Server, str]] = []


def drop_migrated() -> None:
    """Drop what `migrated` made on servers that outlive the run."""
    for server, url in _made:
        if server.source == "environment":
            asyncio.run(servers.drop_database(server, url))
    _made.clear()


async def empty(store: SQLAlchemyStore) -> None:
    """Delete every row, and keep the schema."""
    names = [table.name for table in reversed(METADATA.sorted_tables)]
    asked = ", ".join(f"EXISTS (SELECT 1 FROM {name})" for name in names)
    async with store.engine.connect() as connection:
        filled = (await connection.exec_driver_sql(f"SELECT {asked}")).one()
        for name in compress(names, filled):
            await connection.exec_driver_sql(f"DELETE FROM {name}")
        await connection.commit()


def lent(name: str) -> str:
    """The URL of a server's database with the schema and no rows, the same one for each test that borrows it.

    What a test changes in its schema stays: such a test takes a database of its own, from `database_on`.
    """
    url = migrated(name, "lent")
    asyncio.run(_emptied(url))
    return url


async def _emptied(url: str) -> None:
    store = SQLAlchemyStore(url)
    try:
        await empty(store)
    finally:
        await store.engine.dispose()


async def in_memory(file: Path) -> SQLAlchemyStore:
    """A store in memory, opened, with what is in this file."""
    store = SQLAlchemyStore("sqlite://")
    name = f"{store.engine.url.database}?mode=memory&cache=shared"
    with closing(sqlite3.connect(name, uri=True)) as memory, closing(sqlite3.connect(file)) as source:
        source.backup(memory)
        await store.initialize()
    return store
