"""The databases of this run: which ones it is for, and empty databases on them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import delete

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.models import Base
from tests.support import servers

SQL = ("postgresql", "mysql", "mariadb", "cockroachdb")
CHOSEN = os.environ.get("AGENTOMATIC_SQL_TEST_DATABASES")
"""Names of databases, comma-separated, for a quicker run; the run says what it left out."""


def chosen(names: tuple[str, ...]) -> list[str]:
    """Those of the databases that this run is for; all, unless AGENTOMATIC_SQL_TEST_DATABASES says otherwise."""
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


async def empty(store: SQLAlchemyStore) -> None:
    """Delete every row, and keep the schema."""
    async with store.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            await connection.execute(delete(table))


async def emptied(url: str) -> None:
    """The same of a database that no store has opened yet."""
    store = SQLAlchemyStore(url)
    try:
        await empty(store)
    finally:
        await store.engine.dispose()
