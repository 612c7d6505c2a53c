"""The server ends statements that take too long, waits for locks, and calls that their caller gave up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select, text

from agentomatic_sql import InvalidInput, SQLAlchemyStore, StatementTimeout, StoreBusy, WriteTimeout, migrations
from agentomatic_sql.async_engine import AsyncConnection
from agentomatic_sql.context import Context
from agentomatic_sql.operations import query
from agentomatic_sql.tables import THREADS
from tests.support.citus import not_on_citus

# Takes minutes, and can be ended.
ENDLESS = select(func.count()).select_from(*(text(f"information_schema.columns AS c{n}") for n in range(4)))
SETTINGS = {
    "postgresql": ("SHOW statement_timeout", "SHOW lock_timeout"),
    "mysql": ("SELECT @@max_execution_time", "SELECT @@innodb_lock_wait_timeout"),
    "mariadb": ("SELECT @@max_statement_time", "SELECT @@innodb_lock_wait_timeout"),
}


async def kind(store: SQLAlchemyStore) -> str:
    """Which server it is: a mysql:// URL may lead to either."""
    async with store.engine.connect() as connection:
        found = connection.dialect
        return "mariadb" if getattr(found, "is_mariadb", False) else found.name


async def settings(store: SQLAlchemyStore) -> list[str]:
    name = await kind(store)
    async with store.engine.connect() as connection:
        return [str((await connection.execute(text(asked))).scalar_one()) for asked in SETTINGS[name]]


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[None]:
    """Another's lock on the thread, until the block ends."""
    other = SQLAlchemyStore(url)
    try:
        async with other.engine.begin() as connection:
            await connection.execute(select(THREADS).where(THREADS.c.id == "t").with_for_update())
            yield
    finally:
        await other.engine.dispose()


async def test_the_server_knows_the_limits(server_url: str) -> None:
    not_on_citus(server_url, "it has no lock_timeout")
    async with SQLAlchemyStore(server_url, statement_timeout=2.5, lock_timeout=3) as store:
        wanted = {"postgresql": ["2500ms", "3s"], "mysql": ["2500", "3"], "mariadb": ["2.5", "3"]}
        assert await settings(store) == wanted[await kind(store)]
    async with SQLAlchemyStore(server_url, operation_timeout=1.5) as store:
        wanted = {"postgresql": ["2500ms", "0"], "mysql": ["2500", "50"], "mariadb": ["2.5", "50"]}
        assert await settings(store) == wanted[await kind(store)]
    async with SQLAlchemyStore(server_url, operation_timeout=None) as store:
        wanted = {"postgresql": ["0", "0"], "mysql": ["0", "50"], "mariadb": ["0.0", "50"]}
        assert await settings(store) == wanted[await kind(store)]
    async with SQLAlchemyStore(server_url, operation_timeout=None, lock_timeout=0.2) as store:
        wanted = {"postgresql": ["0", "200ms"], "mysql": ["0", "1"], "mariadb": ["0.0", "1"]}
        assert await settings(store) == wanted[await kind(store)]


async def test_a_statement_that_takes_too_long_is_ended_by_the_server(server_url: str) -> None:
    async with SQLAlchemyStore(server_url, statement_timeout=0.3, operation_timeout=60) as store:

        @query
        async def endless(connection: AsyncConnection, _context: Context) -> object:
            return await connection.execute(ENDLESS)

        with pytest.raises(StatementTimeout, match=r"57014|3024|1969"):
            await store._database.run(endless, store._database.context)
        assert await store.get_thread("t") is None  # the connection serves on


async def test_a_lock_that_does_not_come_free_is_waited_for_as_long_as_said(server_url: str) -> None:
    not_on_citus(server_url, "it has no lock_timeout")
    async with SQLAlchemyStore(server_url, lock_timeout=0.05, operation_timeout=60) as store:
        await store.create_thread("t", "ada", "agent")
        async with locked(server_url):
            with pytest.raises(StoreBusy) as caught:
                await store.update_thread("t", title="x")
        assert (caught.value.attempts, caught.value.code in ("55P03", "1205")) == (10, True)
        assert (await store.update_thread("t", title="y") or {})["title"] == "y"


async def test_the_server_ends_a_statement_its_caller_gave_up(server_url: str) -> None:
    if "postgresql" not in server_url:
        pytest.skip("only PostgreSQL's limit is for writes too; elsewhere lock_timeout is")
    async with SQLAlchemyStore(server_url, operation_timeout=0.2) as store, SQLAlchemyStore(server_url) as other:
        await store.create_thread("t", "ada", "agent")
        waiting = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' "
            "AND query LIKE 'UPDATE%'"
        )

        async def waiters() -> int:
            async with other.engine.connect() as connection:
                return int((await connection.execute(waiting)).scalar_one())

        async with locked(server_url):
            with pytest.raises(WriteTimeout):
                await store.update_thread("t", title="x")
            async with asyncio.timeout(20):
                while await waiters():
                    await asyncio.sleep(0.05)
        thread = await other.get_thread("t")
        assert thread is not None
        assert thread["title"] is None


async def test_a_migration_takes_as_long_as_it_takes(new_server_url: str) -> None:
    seen: set[str] = set()
    async with SQLAlchemyStore(new_server_url) as plain:
        shown = SETTINGS[await kind(plain)][0]
        await migrations.downgrade(plain.engine, "base")
    store = SQLAlchemyStore(new_server_url, statement_timeout=30, pool_size=1)

    def look(connection: Connection, _cursor: object, statement: str, *_others: object) -> None:
        if "CREATE TABLE" in statement:
            seen.add(str(connection.exec_driver_sql(shown).scalar_one()))

    event.listen(store.engine.sync_engine, "before_cursor_execute", look)
    async with store:
        assert seen <= {"0", "0.0"}
        assert seen
        assert (await settings(store))[0] in ("30s", "30000", "30.0")


async def test_lock_timeout_is_the_busy_timeout_of_a_file(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    async with SQLAlchemyStore(url, lock_timeout=1.5) as store, store.engine.connect() as connection:
        assert (await connection.execute(text("PRAGMA busy_timeout"))).scalar_one() == 1500


@pytest.mark.parametrize("name", ["statement_timeout", "lock_timeout", "operation_timeout"])
@pytest.mark.parametrize("value", [0, -1, True, "1", float("nan")])
def test_an_invalid_timeout_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidInput, match=f"{name}: must be more than 0 seconds, or None"):
        SQLAlchemyStore("postgresql://host/db", **{name: value})


@pytest.mark.parametrize(
    ("url", "name", "reason"),
    [
        ("sqlite://", "statement_timeout", "not available on SQLite: use operation_timeout="),
        ("postgresql://host/db?pgbouncer=true", "statement_timeout", "ALTER ROLE"),
        ("postgresql://host/db?pgbouncer=true", "lock_timeout", "ALTER ROLE"),
    ],
)
def test_a_limit_the_database_lacks_is_refused(url: str, name: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=f"{name}: .*{reason}"):
        SQLAlchemyStore(url, **{name: 1})  # type: ignore[arg-type]
