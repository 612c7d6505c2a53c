"""Fixtures: a store on every database, an empty database of every kind, and a watch for leaked connections."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.pool import NullPool, Pool, QueuePool, StaticPool

from agentomatic_sql import BaseStore, MemoryStore, SQLAlchemyStore
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.execution import private_api
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import servers
from tests.support.databases import SQL, chosen, database_on, emptied, empty, server_of

pytest.register_assert_rewrite("tests.support.platform_client", "tests.support.platform_checks")


def pytest_report_header() -> list[str]:
    return servers.header_lines(chosen((*SQL, "redis")))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.getreports("skipped"))
    for reason, times in sorted(reasons.items()):
        terminalreporter.write_line(f"skipped {times} times: {reason}")
    line = servers.not_tested_line((*SQL, "redis"), chosen((*SQL, "redis")))
    if line:
        terminalreporter.write_line(line, yellow=True, bold=True)


def pytest_sessionfinish() -> None:
    for url, name in list(_migrated_urls.items()):
        asyncio.run(servers.drop_database(server_of(name), url))
    servers.stop_all()


_migrated_urls: dict[str, str] = {}


@cache
def migrated_url(name: str) -> str:
    """One database a server for all tests of the contract, with its schema."""
    kind = name.split("-")[0]
    server = server_of(kind)

    async def make() -> str:
        url = await servers.create_database(server)
        async with SQLAlchemyStore(url):
            return url

    url = asyncio.run(make())
    _migrated_urls[url] = kind
    return url


@pytest.fixture(autouse=True)
def no_leaked_connection() -> Iterator[None]:
    """Every connection that a test takes from a pool, of any engine, is given back before the test ends."""
    taken: dict[int, object] = {}

    # Not by the pool's events: a store whose pool is listened to takes another way.
    def getting(do_get: Any) -> Any:
        def get(pool: Pool) -> Any:
            entry = do_get(pool)
            if entry is not None:
                taken[id(entry)] = entry
            return entry

        return get

    def giving_back(do_return: Any) -> Any:
        def give_back(pool: Pool, entry: Any) -> None:
            taken.pop(id(entry), None)
            do_return(pool, entry)

        return give_back

    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(private_api, "idle_entry", getting(private_api.idle_entry))
        for kind in (QueuePool, NullPool, StaticPool):
            patching.setattr(kind, "_do_get", getting(kind._do_get))
            patching.setattr(kind, "_do_return_conn", giving_back(kind._do_return_conn))
        yield
    assert not taken, f"leaked connections: {list(taken.values())}"


@pytest.fixture(params=chosen(("sqlite", *SQL)))
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database, dropped after the test."""
    name: str = request.param
    if name == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/store.db"
        return
    with database_on(name) as url:
        yield url


@pytest.fixture(params=chosen(SQL))
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database on a server, dropped after the test."""
    with database_on(request.param) as url:
        yield url


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema; a test takes a copy."""
    path = tmp_path_factory.mktemp("migrated") / "store.db"

    async def make() -> None:
        async with SQLAlchemyStore(f"sqlite:///{path}") as store, store.engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    asyncio.run(make())
    return path


ENCRYPTED = tuple(f"{name}-encrypted" for name in ("sqlite", "postgresql", "mysql"))


@pytest.fixture(params=chosen(("memory", "sqlite", "sqlite-memory", *SQL, *ENCRYPTED)))
async def store(request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path) -> AsyncIterator[BaseStore]:
    """An empty store of each kind."""
    name: str = request.param
    if name == "memory":
        yield MemoryStore()
        return
    file = f"sqlite:///{tmp_path}/store.db"
    files = {"sqlite": file, "sqlite-memory": "sqlite://", "sqlite-encrypted": file}
    if files.get(name) == file:
        shutil.copy(migrated_file, tmp_path / "store.db")
    url = files[name] if name in files else await asyncio.to_thread(migrated_url, name)
    encryption = Encryption({"test": Encryption.new_key()}) if name in ENCRYPTED else None
    if encryption and name not in files:
        await emptied(url)  # of what an earlier test has encrypted by another key
    async with SQLAlchemyStore(url, encryption=encryption) as store:
        if name not in files:
            await empty(store)
        yield store


@pytest.fixture(params=chosen(("sqlite", *SQL)))
async def sql_store(
    request: pytest.FixtureRequest, migrated_file: Path, tmp_path: Path
) -> AsyncIterator[SQLAlchemyStore]:
    """An empty SQLAlchemyStore on each database."""
    name: str = request.param
    if name == "sqlite":
        shutil.copy(migrated_file, tmp_path / "store.db")
        url = f"sqlite:///{tmp_path}/store.db"
    else:
        url = await asyncio.to_thread(migrated_url, name)
    async with SQLAlchemyStore(url) as store:
        if name != "sqlite":
            await empty(store)
        yield store


@pytest.fixture
def saver(sql_store: SQLAlchemyStore) -> SQLAlchemySaver:
    """A saver over an empty store on each database."""
    return SQLAlchemySaver(sql_store)


@pytest.fixture
def redis_url() -> str:
    """A Redis server."""
    return server_of("redis").url


@pytest.fixture
def seed() -> int:
    """What decides a run that is left to chance; AGENTOMATIC_SQL_TEST_SEED repeats one."""
    return int(os.environ.get("AGENTOMATIC_SQL_TEST_SEED", random.randrange(1 << 32)))
