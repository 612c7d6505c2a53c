"""Every call ends in time: a server that falls silent, and a store that is closed while calls are running."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select

from agentomatic_sql import InvalidInput, OperationTimeout, OutcomeUnknown, SQLAlchemyStore, StoreClosed, WriteTimeout
from agentomatic_sql.execution import endings
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import THREADS
from tests.support.checkpoints import checkpoint, config
from tests.support.wire import wire


async def test_a_server_that_falls_silent(server_url: str) -> None:
    """Each call ends, also those that waited for another's batch; then the store works on."""
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=2, operation_timeout=1) as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", "before")
        proxy.flowing.clear()
        begun = time.monotonic()
        adding = [asyncio.create_task(store.add_message("t", "user", f"silent {number}")) for number in range(20)]
        reading = asyncio.create_task(store.get_thread("t"))
        answers = await asyncio.gather(reading, *adding, return_exceptions=True)
        assert time.monotonic() - begun < 2  # nor does anybody wait until what broke is closed
        assert type(answers[0]) is OperationTimeout
        assert isinstance(answers[1], WriteTimeout)  # the first: it was sent on the connection that was idle
        assert isinstance(answers[1], OutcomeUnknown)
        assert all(isinstance(answer, OperationTimeout) for answer in answers[2:])  # sent or not, when their turn came
        assert "operation_timeout=1 s" in str(answers[0])
        proxy.flowing.set()
        after = await store.add_message("t", "user", "after")
        history = await store.get_messages("t")
        contents = [message["content"] for message in history]
        assert (contents[0], history[-1]) == ("before", after)
        assert len(set(contents)) == len(contents)
        assert set(contents) <= {"before", "after", *(f"silent {number}" for number in range(20))}
        async with asyncio.timeout(10):  # what broke is closed meanwhile
            while store.engine.pool.checkedout():  # type: ignore[attr-defined]
                await asyncio.sleep(0.01)


async def test_a_store_is_closed_although_its_server_is_silent(
    server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Idle connections are closed without the server's word, and what still runs is left behind."""
    monkeypatch.setattr(endings, "CLOSING_SECONDS", 0.5)
    async with wire(server_url) as proxy:
        store = SQLAlchemyStore(proxy.url, pool_size=3, operation_timeout=600)
        await store.create_thread("t", "ada", "agent")
        await asyncio.gather(*(store.get_thread("t") for _ in range(3)))
        proxy.flowing.clear()
        report = await store.health_check()
        assert report["status"] == "unhealthy"
        waiting = asyncio.create_task(store.get_thread("t"))
        await in_use(store)
        async with asyncio.timeout(20):
            await store.close(grace=0.2)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        proxy.flowing.set()


async def test_a_graph_whose_server_falls_silent(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemySaver(proxy.url, pool_size=2, operation_timeout=1) as saver:
        await saver.aput(config("t"), checkpoint({"x": 1}, {"x": "1"}), {}, {"x": "1"})
        proxy.flowing.clear()
        with pytest.raises(WriteTimeout):
            await saver.aput(config("t"), checkpoint({"x": 2}, {"x": "2"}), {}, {"x": "2"})
        with pytest.raises(OperationTimeout):
            await saver.aget_tuple(config("t"))
        proxy.flowing.set()
        await saver.aput(config("t"), checkpoint({"x": 3}, {"x": "3"}), {}, {"x": "3"})
        found = await saver.aget_tuple(config("t"))
        assert found is not None
        assert found.checkpoint["channel_values"] == {"x": 3}


@asynccontextmanager
async def locked(url: str) -> AsyncIterator[None]:
    """Another's lock on the thread, until the block ends."""
    other = SQLAlchemyStore(url)
    async with other.engine.begin() as connection:
        await connection.execute(select(THREADS).where(THREADS.c.id == "t").with_for_update())
        yield
    await other.engine.dispose()


async def in_use(store: SQLAlchemyStore) -> None:
    async with asyncio.timeout(10):
        while not store.engine.pool.checkedout():  # type: ignore[attr-defined]
            await asyncio.sleep(0.001)


async def test_close_waits_for_what_runs_and_refuses_what_is_new(server_url: str) -> None:
    store = SQLAlchemyStore(server_url)
    await store.create_thread("t", "ada", "agent")
    async with locked(server_url):
        adding = [asyncio.create_task(store.add_message("t", "user", str(number))) for number in range(5)]
        await in_use(store)
        closing = asyncio.create_task(store.close())
        await asyncio.sleep(0)
        for refused in (store.get_thread("t"), store.add_message("t", "user", "new")):
            with pytest.raises(StoreClosed):
                await refused
        assert not closing.done()
    added = await asyncio.gather(*adding)  # also those that waited to go together
    await closing
    await store.initialize()
    assert await store.get_messages("t") == added
    await store.close()


async def test_close_does_not_wait_longer_than_it_is_told(server_url: str, caplog: pytest.LogCaptureFixture) -> None:
    store = SQLAlchemyStore(server_url)
    await store.create_thread("t", "ada", "agent")
    async with locked(server_url):
        changing = asyncio.create_task(store.update_thread("t", title="late"))
        await in_use(store)
        with caplog.at_level(logging.WARNING, "agentomatic_sql"):
            await store.close(grace=0.1)
        assert "1 operations had not ended after 0.1 s" in caplog.text
        assert not changing.done()
    changed = await changing  # it ends all the same, and its connection is closed
    assert changed is not None
    assert changed["title"] == "late"


@pytest.mark.parametrize("seconds", [-1, "5", True])
def test_a_time_out_that_is_none_is_refused(seconds: object) -> None:
    with pytest.raises(InvalidInput, match="operation_timeout"):
        SQLAlchemyStore("sqlite://", operation_timeout=seconds)  # type: ignore[arg-type]
