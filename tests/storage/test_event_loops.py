"""One store, and one saver, for jobs that each have an event loop of their own, one after the other."""

from __future__ import annotations

import asyncio
import gc
import logging
import warnings
from collections.abc import Coroutine
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import servers
from tests.support.checkpoints import config, listed, put
from tests.support.citus import not_on_citus

CONNECTED = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend' AND application_name NOT LIKE 'citus%'",
    "mysql": "SELECT count(*) FROM performance_schema.processlist WHERE db = '{database}' AND id <> connection_id()",
    "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE db = '{database}' AND id <> connection_id()",
}


async def job(store: SQLAlchemyStore) -> None:
    """Several calls at once, so that the pool has several connections."""
    await store.create_thread("t", "ada", "agent")
    await asyncio.gather(*(store.get_thread("t") for _ in range(4)))
    await asyncio.gather(*(store.add_message("t", "user", "x") for _ in range(4)))


async def contents(store: SQLAlchemyStore) -> int:
    return len(await store.get_messages("t"))


async def none_is_connected(url: str) -> None:
    """Wait until the server has no connection to the database; it ends those that are closed by itself."""
    parsed = make_url(url)
    asked = CONNECTED[parsed.get_backend_name()].format(database=parsed.database)
    async with asyncio.timeout(10):
        while await servers.run(url, asked):
            await asyncio.sleep(0.01)


def run_and_close(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine on a loop that is closed at once, without what `asyncio.run` does before."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def collect() -> None:
    """Collect the connections of closed loops in the test that ignores the warnings about them."""
    gc.collect()


def test_a_store_serves_one_job_after_another(new_server_url: str, caplog: pytest.LogCaptureFixture) -> None:
    store = SQLAlchemyStore(new_server_url)
    for number in range(1, 4):
        asyncio.run(job(store))
        asyncio.run(none_is_connected(new_server_url))
        assert asyncio.run(contents(store)) == 4 * number
    assert asyncio.run(store.health_check())["status"] == "healthy"
    caplog.clear()
    asyncio.run(store.close())
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # nobody can close the connections of a loop that is closed
def test_the_connections_of_a_loop_that_was_closed_without_notice_are_replaced(
    new_server_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = SQLAlchemyStore(new_server_url)
    for number in range(1, 4):
        run_and_close(job(store))
        assert run_and_close(contents(store)) == 4 * number
    caplog.clear()
    run_and_close(store.close())
    asyncio.run(none_is_connected(new_server_url))
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    collect()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # as above
def test_a_loop_that_has_closed_its_generators_already_serves_a_call(new_server_url: str) -> None:
    """Threads may still send calls to it, and `asyncio` warns of a generator that comes so late."""
    store = SQLAlchemyStore(new_server_url)
    asyncio.run(job(store))
    loop = asyncio.new_event_loop()
    loop.run_until_complete(loop.shutdown_asyncgens())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert loop.run_until_complete(store.get_thread("t"))
    loop.close()
    asyncio.run(store.close())
    asyncio.run(none_is_connected(new_server_url))
    collect()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the engine is the caller's to dispose of
def test_a_callers_engine_serves_one_job_after_another(new_server_url: str) -> None:
    not_on_citus(new_server_url, "an engine of the application's own cannot name the option")
    engine = create_async_engine(new_server_url)
    store = SQLAlchemyStore(engine=engine)
    for number in range(1, 3):
        asyncio.run(job(store))
        assert asyncio.run(contents(store)) == 4 * number

    async def last() -> None:
        await job(store)
        await store.close()
        await engine.dispose()

    asyncio.run(last())
    collect()


def test_a_saver_serves_one_job_after_another(new_server_url: str) -> None:
    saver = SQLAlchemySaver(new_server_url)

    async def use(number: int) -> None:
        await put(saver, config(f"t{number}"), {"x": 1})
        assert len(await listed(saver, config(f"t{number}"))) == 1

    for number in range(3):
        asyncio.run(use(number))
    assert len(list(saver.list(config("t0")))) == 1  # a synchronous call after them, on a loop of its own
    asyncio.run(use(3))
    saver.close()
    asyncio.run(none_is_connected(new_server_url))
