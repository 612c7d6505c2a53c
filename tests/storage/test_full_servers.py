"""A server that has no connection left to give, while this process holds some."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import URL, make_url, text

from agentomatic_sql import PoolTimeout, SQLAlchemyStore, StoreUnavailable
from agentomatic_sql.execution import places

ROLE = "agentomatic_limited"
MOST = 3


@asynccontextmanager
async def limited(url: str) -> AsyncIterator[str]:
    """The URL of the database for a role that may have three connections."""
    admin = SQLAlchemyStore(url)
    is_postgresql = make_url(url).get_backend_name() == "postgresql"
    make = (
        [
            f"CREATE ROLE {ROLE} LOGIN PASSWORD 'limited' CONNECTION LIMIT {MOST}",
            f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}",
            f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}",  # Citus needs it
        ]
        if is_postgresql
        else [
            f"CREATE USER {ROLE}@'%' IDENTIFIED BY 'limited' WITH MAX_USER_CONNECTIONS {MOST}",
            f"GRANT ALL ON {make_url(url).database}.* TO {ROLE}@'%'",
        ]
    )
    drop = [f"DROP OWNED BY {ROLE}", f"DROP ROLE {ROLE}"] if is_postgresql else [f"DROP USER {ROLE}@'%'"]
    try:
        await admin.initialize()
        async with admin.engine.begin() as connection:
            for statement in make:
                await connection.execute(text(statement))
        named: URL = make_url(url).set(username=ROLE, password="limited")
        yield named.render_as_string(hide_password=False)
    finally:
        async with admin.engine.begin() as connection:
            for statement in drop:
                await connection.execute(text(statement))
        await admin.close()


async def test_calls_wait_for_the_connections_that_the_process_has(server_url: str) -> None:
    async with limited(server_url) as url, SQLAlchemyStore(url, migrate="check", batch_writes=False) as store:
        threads = await asyncio.gather(*(store.create_thread(f"t{n}", "ada", "agent") for n in range(80)))
        assert len({thread["id"] for thread in threads}) == 80
        assert store._database.pool()["in_use"] == 0
        assert 0 < store.engine.pool.checkedin() <= MOST  # type: ignore[attr-defined]


async def test_also_those_on_sqlalchemys_own_connections(server_url: str) -> None:
    async with limited(server_url) as url, SQLAlchemyStore(url, migrate="check") as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", "hello")
        forks = (store.fork_thread("t", 0, f"fork {n}", checkpoints=True) for n in range(40))
        assert None not in await asyncio.gather(*forks)


async def test_a_process_that_has_no_connection_fails_at_once(server_url: str) -> None:
    async with limited(server_url) as url, SQLAlchemyStore(url, migrate="check", pool_size=MOST) as holding:
        await asyncio.gather(*(holding.get_thread(str(n)) for n in range(20)))
        assert holding.engine.pool.checkedin() == MOST  # type: ignore[attr-defined]
        store = SQLAlchemyStore(url, migrate="check", pool_timeout=20)
        begun = time.monotonic()
        failed = await asyncio.gather(*(store.get_thread("t") for _ in range(5)), return_exceptions=True)
        assert time.monotonic() - begun < 10
        assert {type(error) for error in failed} == {StoreUnavailable}
        await store.close()


async def test_the_wait_ends_with_the_time_of_the_pool(server_url: str) -> None:
    async with limited(server_url) as url, SQLAlchemyStore(url, migrate="check", pool_timeout=0.5) as store:
        holding = asyncio.Event()
        held = [asyncio.create_task(hold(store, holding)) for _ in range(MOST)]
        async with asyncio.timeout(10):
            while store._database._transactions._connections._open < MOST:
                await asyncio.sleep(0.01)
        with pytest.raises(PoolTimeout) as error:
            await store.get_thread("t")
        assert error.value.__cause__ is not None  # what the server said
        holding.set()
        await asyncio.gather(*held)
        assert await store.get_thread("t") is None


async def hold(store: SQLAlchemyStore, holding: asyncio.Event) -> None:
    """Hold one of the store's connections."""
    async with store._database._transactions._connections.connection(store._database.engine):
        await holding.wait()


async def test_a_server_that_has_connections_again_is_asked_for_them(
    server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even while callers wait all the time."""
    monkeypatch.setattr(places, "_REST_SECONDS", 0.05)
    async with limited(server_url) as url, SQLAlchemyStore(url, migrate="check") as store:
        async with SQLAlchemyStore(url, migrate="check", pool_size=MOST) as other:
            await store.get_thread("t")
            await asyncio.gather(*(other.get_thread(str(n)) for n in range(20)), return_exceptions=True)
            await asyncio.gather(*(store.get_thread(str(n)) for n in range(20)))
            assert store.engine.pool.checkedin() == 1  # type: ignore[attr-defined]
        working = [asyncio.create_task(read(store)) for _ in range(20)]
        async with asyncio.timeout(10):
            while store._database.pool()["in_use"] < MOST:
                await asyncio.sleep(0.01)
        for task in working:
            task.cancel()
        await asyncio.wait(working)


async def read(store: SQLAlchemyStore) -> None:
    while True:
        await store.get_thread("t")
