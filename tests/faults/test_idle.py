"""Connections that were idle for too long, for the server or for what stands before it: nobody notices."""

from __future__ import annotations

import asyncio

import pytest

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.execution import connections
from tests.support import servers
from tests.support.databases import chosen
from tests.support.wire import wire

CALLERS = 12
IDLE = {
    "postgresql": ["-c", "idle_session_timeout=1s"],
    "mariadb": ["--wait-timeout=1"],
    "mysql": ["--wait-timeout=1"],
}
OTHERS = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}'",
    "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE db = '{}'",
    "mysql": "SELECT count(*) FROM information_schema.processlist WHERE db = '{}'",
}


async def everybody_calls(store: SQLAlchemyStore, round_: int) -> None:
    """All callers at once, each a write and a read, so that every connection of the pool is used."""

    async def call(number: int) -> None:
        thread_id = f"t{number}"
        await store.create_thread(thread_id, "ada", "agent")
        added = await store.add_message(thread_id, "user", f"{round_}")
        assert added["index"] == round_
        assert await store.get_messages(thread_id, last=1) == [added]
        await store.add_feedback(thread_id, "ada", "agent", rating=round_ + 1)
        await store.create_thread(f"{thread_id} of round {round_}", "ada", "agent")
        await store.fork_thread(thread_id, 0, f"fork {thread_id} of round {round_}")
        await store.save_suspended_state(f"{thread_id}-{round_}", thread_id, "agent", "node", {})

    await asyncio.gather(*map(call, range(CALLERS)))
    assert len(await store.get_feedback(limit=1000)) == CALLERS * (round_ + 1)


@pytest.mark.parametrize("name", chosen(("postgresql", "mariadb", "mysql")))
def test_a_server_that_ends_idle_sessions(name: str) -> None:
    try:
        with servers.private(name, IDLE[name]) as server:
            asyncio.run(ended_by(name, server))
    except LookupError as error:
        pytest.skip(str(error))


async def ended_by(name: str, server: servers.PrivateServer) -> None:
    url = await servers.create_database(server)
    async with SQLAlchemyStore(url, pool_size=CALLERS) as store:
        for round_ in range(2):
            await everybody_calls(store, round_)
            async with asyncio.timeout(30):
                while await servers.run(server.url, OTHERS[name].format(store.engine.url.database)):
                    await asyncio.sleep(0.1)
        await everybody_calls(store, 2)


async def test_a_load_balancer_that_forgets_idle_connections(server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "IDLE_SECONDS", 0)  # as if the time had passed
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=CALLERS) as store:
        for round_ in range(3):
            await everybody_calls(store, round_)
            assert proxy.forget() > 1
        await everybody_calls(store, 3)
