"""The pool of a store: it keeps connections after a peak, and closes those that nobody needs any more."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from typing import Any

import pytest
from sqlalchemy import make_url

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.execution import private_api
from tests.support import servers

KEPT, MORE = 2, 4
SESSIONS = {
    "postgresql": "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE datname = '{}' "
    "AND pid != pg_backend_pid() AND backend_type = 'client backend'",
    "mysql": "SELECT group_concat(id SEPARATOR ' ') FROM performance_schema.processlist WHERE db = '{}' "
    "AND id != connection_id()",
    "cockroachdb": "SELECT string_agg(session_id, ' ') FROM crdb_internal.cluster_sessions "
    "WHERE application_name = 'pool'",
}
SESSIONS["mariadb"] = SESSIONS["mysql"].replace("performance_schema", "information_schema")


async def sessions(url: str) -> set[str]:
    """The server's own numbers of the sessions in this database, but for the one that asks."""
    at = make_url(url)
    listed = await servers.run(url, SESSIONS[at.get_backend_name()].format(at.database))
    return set(str(listed or "").split())


async def peak(store: SQLAlchemyStore) -> None:
    """Make more calls at once than the pool can have connections."""
    await asyncio.gather(*(store.get_thread(str(number)) for number in range(60)))


async def fewer(url: str, count: int) -> set[str]:
    async with asyncio.timeout(30):
        while len(left := await sessions(url)) > count:
            await asyncio.sleep(0.05)
    return left


@pytest.fixture
def url(server_url: str) -> str:
    if make_url(server_url).get_backend_name() == "cockroachdb":
        return f"{server_url}{'&' if '?' in server_url else '?'}application_name=pool"
    return server_url


@pytest.mark.parametrize("echo", [False, "debug"], ids=["direct", "through SQLAlchemy"])
async def test_one_peak_after_another_logs_in_once(url: str, echo: Any) -> None:
    async with SQLAlchemyStore(url, pool_size=KEPT, max_overflow=MORE, echo=echo) as store:
        await peak(store)
        after_one = await sessions(url)
        assert len(after_one) == KEPT + MORE
        for _ in range(3):
            await peak(store)
        assert await sessions(url) == after_one
        assert (await store.health_check())["pool"] == {"size": KEPT, "in_use": 0, "overflow": MORE, "waiting": 0}
    await fewer(url, 0)


@pytest.mark.parametrize("echo", [False, "debug"], ids=["direct", "through SQLAlchemy"])
async def test_idle_connections_beyond_the_pools_size_are_closed(url: str, echo: Any) -> None:
    async with SQLAlchemyStore(url, pool_size=KEPT, max_overflow=MORE, pool_idle=0.3, echo=echo) as store:
        for _ in range(2):
            await peak(store)
            at_peak = await sessions(url)
            left = await fewer(url, KEPT)
            assert len(left) == KEPT
            assert left < at_peak
            assert store._database.pool()["overflow"] == 0
        await store.create_thread("t", "ada", "agent")
        assert await sessions(url) == left


async def test_a_connection_in_use_is_not_idle(url: str) -> None:
    async with SQLAlchemyStore(url, pool_size=KEPT, max_overflow=MORE, pool_idle=0.2) as store:
        await peak(store)
        in_use = [await store.engine.connect() for _ in range(KEPT + MORE - 1)]
        assert len(await fewer(url, KEPT + MORE - 1)) == KEPT + MORE - 1
        for connection in in_use:
            await connection.close()
        await fewer(url, KEPT)


async def test_a_store_of_no_connections_kept_has_no_limit(url: str) -> None:
    async with SQLAlchemyStore(url, pool_size=0, pool_idle=0.2) as store:
        in_use = [await store.engine.connect() for _ in range(65)]
        for connection in in_use:
            await connection.close()
        await peak(store)
        assert len(await sessions(url)) == 65


async def test_a_peak_without_a_limit_ends_too(url: str) -> None:
    async with SQLAlchemyStore(url, pool_size=KEPT, max_overflow=-1, pool_idle=0.2) as store:
        await asyncio.gather(*(store.get_thread(str(number)) for number in range(20)))
        await fewer(url, KEPT)
        assert await store.get_thread("t") is None


async def test_nothing_waits_for_the_connections_of_a_store_that_was_closed(url: str) -> None:
    store = SQLAlchemyStore(url, pool_size=KEPT, max_overflow=MORE, pool_idle=3600)
    await peak(store)
    pool = weakref.ref(store.engine.pool)
    await store.close()
    gc.collect()
    assert pool() is None
    await store.initialize()
    assert await store.get_thread("t") is None
    await store.close()


def test_the_pool_is_as_large_on_the_next_event_loop(url: str) -> None:
    store = SQLAlchemyStore(url, pool_size=KEPT, max_overflow=MORE, pool_idle=0.2)

    async def peak_and_rest() -> None:
        await peak(store)
        assert len(await sessions(url)) == KEPT + MORE
        await fewer(url, KEPT)

    for _ in range(2):
        asyncio.run(peak_and_rest())
    asyncio.run(store.close())


async def test_old_connections_are_told_from_new_ones_although_the_clock_is_set_back(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when one of them finds that the server has changed."""
    async with SQLAlchemyStore(url, pool_size=KEPT, max_overflow=MORE) as store:
        await peak(store)
        before, now = await sessions(url), time.time
        monkeypatch.setattr(time, "time", lambda: now() - 3600)
        private_api.outdate(store.engine.pool)
        await peak(store)
        after = await sessions(url)
        assert not before & after
        await peak(store)
        assert await sessions(url) == after
