"""Fixtures: a store on every database, an empty database of every kind, and a watch for leaked connections."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.pool import NullPool, Pool, QueuePool, StaticPool

from agentomatic_sql import BaseStore, MemoryStore, SQLAlchemyStore
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.execution import private_api
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import interrupts, servers
from tests.support.databases import (
    SQL,
    chosen,
    database_on,
    drop_migrated,
    empty,
    in_memory,
    lent,
    migrated,
    server_of,
)

pytest.register_assert_rewrite("tests.support.platform_client", "tests.support.platform_checks")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(interrupts.Interrupts())
    servers.adopt(getattr(config, "workerinput", {}).get("servers", []))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give each worker of pytest-xdist the servers of this run: they are started once."""
    node.workerinput["servers"] = servers.obtained(chosen((*SQL, "redis")))


def pytest_report_header() -> list[str]:
    return servers.header_lines(chosen((*SQL, "redis")))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reasons = Counter(report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.getreports("skipped"))
    for reason, times in sorted(reasons.items()):
        terminalreporter.write_line(f"skipped {times} times: {reason}")
    line = servers.not_tested_line((*SQL, "redis"), chosen((*SQL, "redis")), sorted(reasons))
    if line:
        terminalreporter.write_line(line, yellow=True, bold=True)


def pytest_unconfigure() -> None:
    drop_migrated()
    servers.stop_all()


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
    assert interrupts.ending.is_set() or not taken, f"leaked connections: {list(taken.values())}"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema; a test takes a copy."""
    path = tmp_path_factory.mktemp("migrated") / "store.db"

    async def make() -> None:
        async with SQLAlchemyStore(f"sqlite:///{path}") as store, store.engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    asyncio.run(make())
    return path


def copied(migrated_file: Path, request: pytest.FixtureRequest) -> str:
    """The URL of a test's own copy of the file with the schema."""
    folder: Path = request.getfixturevalue("tmp_path")  # only where it is needed: it takes longer than the copy
    return copied_to(folder, migrated_file)


def copied_to(folder: Path, migrated_file: Path) -> str:
    return f"sqlite+aiosqlite:///{shutil.copy(migrated_file, folder / 'store.db')}"


@pytest.fixture(params=chosen(("sqlite", *SQL)))
def database_url(request: pytest.FixtureRequest, migrated_file: Path) -> str:
    """The URL of a database with the schema and no rows; on a server, the same one for all tests."""
    return copied(migrated_file, request) if request.param == "sqlite" else lent(request.param)


@pytest.fixture(params=chosen(SQL))
def server_url(request: pytest.FixtureRequest) -> str:
    """The URL of a database on a server, with the schema and no rows, the same one for all tests."""
    return lent(request.param)


@pytest.fixture(params=chosen(("sqlite", *SQL)))
def new_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of the test's own, without a schema."""
    name: str = request.param
    if name == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/store.db"
        return
    with database_on(name) as url:
        yield url


@pytest.fixture(params=chosen(SQL))
def new_server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database of the test's own on a server, without a schema."""
    with database_on(request.param) as url:
        yield url


ENCRYPTED = tuple(f"{name}-encrypted" for name in ("sqlite", "postgresql", "mysql"))
ENCRYPTION = Encryption({"test": Encryption.new_key()})
KINDS = chosen(("memory", "sqlite", "sqlite-memory", *SQL, *ENCRYPTED))


@asynccontextmanager
async def opened(name: str, migrated_file: Path, copy: Callable[[], str]) -> AsyncIterator[BaseStore]:
    """An empty store of this kind; `copy` returns the URL of a new copy of the file with the schema."""
    encryption = ENCRYPTION if name in ENCRYPTED else None
    if name == "memory":
        yield MemoryStore()
    elif name == "sqlite-memory":
        async with await in_memory(migrated_file) as store:
            yield store
    elif name.startswith("sqlite"):
        async with SQLAlchemyStore(copy(), encryption=encryption) as store:
            yield store
    else:
        url = await asyncio.to_thread(migrated, name.removesuffix("-encrypted"), name)
        async with SQLAlchemyStore(url, encryption=encryption) as store:
            await empty(store)
            yield store


@pytest.fixture(params=KINDS)
async def store(request: pytest.FixtureRequest, migrated_file: Path) -> AsyncIterator[BaseStore]:
    """An empty store of each kind."""
    async with opened(request.param, migrated_file, lambda: copied(migrated_file, request)) as store:
        yield store


@pytest.fixture(scope="class", params=KINDS)
async def shared_store(
    request: pytest.FixtureRequest, migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[BaseStore]:
    """A store of each kind, opened once for a class of tests (`tests/support/shared.py`)."""

    def copy() -> str:
        return copied_to(tmp_path_factory.mktemp("shared"), migrated_file)

    async with opened(request.param, migrated_file, copy) as store:
        yield store


@pytest.fixture(params=chosen(("sqlite", *SQL)))
async def sql_store(request: pytest.FixtureRequest, migrated_file: Path) -> AsyncIterator[SQLAlchemyStore]:
    """An empty SQLAlchemyStore on each database."""
    name: str = request.param
    if name == "sqlite":
        url = copied(migrated_file, request)
    else:
        url = await asyncio.to_thread(migrated, name, name)
    async with SQLAlchemyStore(url) as store:
        await empty(store)
        yield store


@pytest.fixture
def saver(sql_store: SQLAlchemyStore) -> SQLAlchemySaver:
    """A saver over an empty store on each database."""
    return SQLAlchemySaver(sql_store)


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis server."""
    return server_of("redis").url


@pytest.fixture
def seed() -> int:
    """Return the seed of a random run; AGENTOMATIC_SQL_TEST_SEED repeats one."""
    return int(os.environ.get("AGENTOMATIC_SQL_TEST_SEED", random.randrange(1 << 32)))
