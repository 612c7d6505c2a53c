"""A server that is gone, hangs, drops connections or has none left: a typed error or a report, in time."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import event, make_url, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import PoolTimeout, SQLAlchemyStore, StoreUnavailable, ValueTooLarge
from agentomatic_sql.execution import engine as engines
from agentomatic_sql.execution import health
from agentomatic_sql.tables import THREADS


@pytest.fixture
async def silent_port() -> AsyncIterator[int]:
    """A port where somebody takes connections and never says a word."""
    accepted: list[asyncio.StreamWriter] = []

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    for writer in accepted:
        writer.close()
    server.close()
    await server.wait_closed()


@pytest.fixture
def closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
async def test_a_server_that_is_gone(scheme: str, closed_port: int) -> None:
    store = SQLAlchemyStore(f"{scheme}://app:s3cret@127.0.0.1:{closed_port}/agents", connect_timeout=5)
    with pytest.raises(StoreUnavailable, match=f"127.0.0.1:{closed_port}, database agents") as failed:
        await store.create_thread("t", "ada", "agent")
    assert "s3cret" not in str(failed.value)
    assert failed.value.__cause__ is not None
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    assert f"127.0.0.1:{closed_port}" in report["error"]
    assert "s3cret" not in str(report)
    await store.close()


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
async def test_a_server_that_does_not_answer(scheme: str, silent_port: int) -> None:
    store = SQLAlchemyStore(f"{scheme}://app:s3cret@127.0.0.1:{silent_port}/agents", connect_timeout=1)
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable, match=f"127.0.0.1:{silent_port}, database agents"):
        await store.get_thread("t")
    assert time.monotonic() - begun < 10  # one connect time-out, with room for a busy machine
    await store.close()


async def test_a_name_that_is_not_known() -> None:
    store = SQLAlchemyStore("postgresql://app:s3cret@no-such-host.invalid/agents", connect_timeout=5)
    with pytest.raises(StoreUnavailable, match=r"no-such-host\.invalid, database agents"):
        await store.initialize()
    await store.close()


async def test_health_comes_in_bounded_time_when_the_server_hangs(
    silent_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "HEALTH_SECONDS", 0.5)
    store = SQLAlchemyStore(f"postgresql://app:s3cret@127.0.0.1:{silent_port}/agents", connect_timeout=60)
    begun = time.monotonic()
    report = await store.health_check()
    assert time.monotonic() - begun < 10
    assert report["status"] == "unhealthy"
    assert "did not answer within 0.5 s" in report["error"]
    await store.close()


async def test_a_wrong_password_is_a_typed_error_without_it(server_url: str) -> None:
    url = make_url(server_url).set(username="nobody_at_all", password="s3cret", database="nowhere_at_all")
    store = SQLAlchemyStore(url)
    with pytest.raises(StoreUnavailable, match="nowhere_at_all") as failed:
        await store.initialize()
    assert "s3cret" not in str(failed.value)
    await store.close()


async def test_a_pool_that_is_exhausted_names_its_size(database_url: str) -> None:
    store = SQLAlchemyStore(database_url, pool_size=1, max_overflow=1, pool_timeout=0.2)
    async with store:
        async with store.engine.connect(), store.engine.connect():
            with pytest.raises(PoolTimeout, match=r"pool_size=1, max_overflow=1") as failed:
                await store.create_thread("t", "ada", "agent")
        assert (failed.value.pool_size, failed.value.max_overflow) == (1, 1)
        assert await store.get_thread("t") is None
        await store.create_thread("t", "ada", "agent")  # the pool is whole again


async def test_a_callers_engine_keeps_its_pool_timeout(server_url: str) -> None:
    url, _dialect = engines.parse(server_url)
    engine = create_async_engine(url, pool_size=1, max_overflow=0, pool_timeout=0.3)
    locked = select(THREADS).where(THREADS.c.id == "t").with_for_update()
    async with SQLAlchemyStore(server_url) as other, SQLAlchemyStore(engine=engine) as store:
        await store.create_thread("t", "ada", "agent")
        async with other.engine.begin() as connection:
            await connection.execute(locked)
            changing = asyncio.create_task(store.update_thread("t", title="new"))
            async with asyncio.timeout(10):
                while not engine.pool.checkedout():  # type: ignore[attr-defined]
                    await asyncio.sleep(0.01)
            async with asyncio.timeout(10):
                with pytest.raises(PoolTimeout, match=r"pool_timeout=0\.3 s"):
                    await store.get_thread("t")
        await changing
    await engine.dispose()


async def kill_connections(store: SQLAlchemyStore) -> None:
    """End every other connection to the store's database, from the server's side."""
    async with store.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            await connection.execute(text(f"{others} AND pid <> pg_backend_pid()"))
        else:
            listed = "SELECT id FROM information_schema.processlist WHERE db = database() AND user <> 'system user'"
            ids: Any = await connection.execute(text(f"{listed} AND id <> connection_id()"))
            for (number,) in ids.all():
                try:
                    await connection.execute(text(f"KILL {int(number)}"))
                except OperationalError as error:
                    if "Unknown thread id" not in str(error):  # it has ended by itself
                        raise


async def test_a_pool_that_is_disposed_of_while_all_of_it_is_in_use(server_url: str) -> None:
    """A connection that is given back afterwards is one too many, and must be closed."""
    locked = select(THREADS).where(THREADS.c.user_id == "ada").with_for_update()
    async with SQLAlchemyStore(server_url) as other, SQLAlchemyStore(server_url, pool_size=1, max_overflow=2) as store:
        for name in "abc":
            await store.create_thread(name, "ada", "agent")
        async with other.engine.begin() as connection:
            await connection.execute(locked)
            changing = [asyncio.create_task(store.update_thread(name, title="new")) for name in "abc"]
            async with asyncio.timeout(10):
                while store.engine.pool.checkedout() < len(changing):  # type: ignore[attr-defined]
                    await asyncio.sleep(0.01)
            await store.engine.dispose()
        changed = await asyncio.gather(*changing)
        assert [thread["title"] for thread in changed if thread is not None] == ["new"] * 3
        assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


async def test_a_connection_that_is_too_old_is_made_again(database_url: str) -> None:
    made: list[object] = []
    async with SQLAlchemyStore(database_url, pool_size=1, max_overflow=0, pool_recycle=0) as store:
        await store.create_thread("t", "ada", "agent")
        event.listen(store.engine.sync_engine.pool, "connect", lambda connection, _record: made.append(connection))
        for number in range(3):
            await store.add_message("t", "user", str(number))
        assert len(made) == 3
        assert [message["content"] for message in await store.get_messages("t")] == ["0", "1", "2"]
        assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("ping", [True, False])
async def test_dead_pooled_connections_are_replaced_unnoticed(server_url: str, ping: bool) -> None:
    async with SQLAlchemyStore(server_url, pool_size=4, pool_pre_ping=ping) as store:
        await store.create_thread("t", "ada", "agent")
        await asyncio.gather(*(store.get_thread("t") for _ in range(4)))
        for _ in range(3):
            await kill_connections(store)
            await asyncio.gather(*(store.add_message("t", "user", "x") for _ in range(4)))
        thread = await store.get_thread("t")
        assert thread is not None
        assert thread["message_count"] == 12
        assert [message["index"] for message in await store.get_messages("t")] == list(range(12))


async def test_a_value_too_large_for_the_server_is_refused_with_its_size(server_url: str) -> None:
    async with SQLAlchemyStore(server_url) as store:
        await store.create_thread("t", "ada", "agent")
        content = "x" * 100_000_000
        if make_url(server_url).get_backend_name() in ("mysql", "mariadb"):
            with pytest.raises(ValueTooLarge, match="max_allowed_packet") as refused:
                await store.add_message("t", "user", content)
            assert refused.value.size > refused.value.limit
            assert await store.get_messages("t") == []
            content = "small enough"
        assert (await store.add_message("t", "user", content))["index"] == 0
        assert [message["content"] for message in await store.get_messages("t")] == [content]


async def test_messages_of_one_call_may_be_larger_together_than_a_packet(server_url: str) -> None:
    contents = [f"{number} {'é' * 700_000}" for number in range(30)]
    async with SQLAlchemyStore(server_url) as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_messages("t", [{"role": "user", "content": content} for content in contents])
        found = await store.get_messages("t")
        assert [message["content"] for message in found] == contents
        assert [message["index"] for message in found] == list(range(30))
