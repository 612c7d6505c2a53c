"""A SQLite store serves any number of event loops at a time, each in a thread of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from threading import Barrier

import pytest

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.async_engine import AsyncEngine
from agentomatic_sql.execution import private_api
from agentomatic_sql.execution.places import Places

LOOPS = 24
CALLS = 20


def work(store: SQLAlchemyStore, number: int) -> list[int]:
    """Use a store on an event loop of its own; return the positions of the messages that it stored."""

    async def use() -> list[int]:
        async def one() -> int:
            await store.get_thread("t")
            return int((await store.add_message("t", "user", str(number)))["index"])

        return await asyncio.gather(*(one() for _ in range(CALLS)))

    return asyncio.run(use())


async def closed_after_use(store: SQLAlchemyStore) -> None:
    async with store:
        await store.create_thread("t", "ada", "agent")


@pytest.mark.parametrize("connections", [1, 2, 30])
def test_many_event_loops_share_a_file(tmp_path: Path, connections: int) -> None:
    store = SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db", pool_size=connections, max_overflow=0)
    asyncio.run(store.create_thread("t", "ada", "agent"))
    with ThreadPoolExecutor(LOOPS) as threads:
        stored = [*threads.map(lambda number: work(store, number), range(LOOPS))]
    assert sorted(chain.from_iterable(stored)) == [*range(LOOPS * CALLS)]
    thread = asyncio.run(store.get_thread("t"))
    assert thread is not None
    assert thread["message_count"] == LOOPS * CALLS
    assert store._database.pool()["waiting"] == 0
    asyncio.run(store.close())


def test_many_event_loops_share_a_database_in_memory() -> None:
    store = SQLAlchemyStore("sqlite://")
    asyncio.run(store.create_thread("t", "ada", "agent"))
    with ThreadPoolExecutor(LOOPS) as threads:
        stored = [*threads.map(lambda number: work(store, number), range(LOOPS))]
    assert sorted(chain.from_iterable(stored)) == [*range(LOOPS * CALLS)]
    asyncio.run(store.close())


def test_event_loops_that_connect_first_at_the_same_time_are_all_served(tmp_path: Path) -> None:
    url, loops = f"sqlite:///{tmp_path}/store.db", 4
    asyncio.run(closed_after_use(SQLAlchemyStore(url)))
    for _ in range(10):
        store, together = SQLAlchemyStore(url), Barrier(loops)

        async def use(store: SQLAlchemyStore = store, together: Barrier = together) -> str:
            together.wait()  # all event loops are here
            report = await store.health_check()
            return str(report.get("error", report["status"]))

        with ThreadPoolExecutor(loops) as threads:
            found = [*threads.map(lambda _number: asyncio.run(use()), range(loops))]
        assert found == ["healthy"] * loops
        asyncio.run(store.close())


async def test_a_migration_keeps_a_connection_from_other_calls() -> None:
    async with SQLAlchemyStore("sqlite://") as store:  # which has one connection
        database, calls = store._database, []

        async def migration(engine: AsyncEngine) -> None:
            calls.append(call := asyncio.ensure_future(store.get_thread("t")))
            while not call.done() and not database.pool()["waiting"]:
                await asyncio.sleep(0)
            assert not call.done()
            async with engine.connect():
                assert database.pool()["in_use"] == 1

        await database._transactions.migrate(migration)
        assert await calls[0] is None


async def test_a_pool_that_was_replaced_serves_a_call_that_has_begun() -> None:
    """A call on another event loop may have looked at the pool before it was closed."""
    store = SQLAlchemyStore("sqlite://")  # which has one connection
    await store.initialize()
    pool = store.engine.pool
    await store.close()
    async with asyncio.timeout(5):
        entry = await private_api.check_out(pool, None)
    await private_api.give_back(pool, entry, disposed=True)


async def test_places_are_given_in_turn_and_none_is_lost() -> None:
    places = Places(1)
    assert places.enter()
    order: list[str] = []

    async def take(name: str) -> None:
        await places.wait(10)
        order.append(name)
        places.leave()

    given, gone, *others = (asyncio.create_task(take(name)) for name in "abcd")
    await asyncio.sleep(0)
    assert places.waiting == 4
    assert not places.enter()  # it would overtake those that wait
    gone.cancel()
    await asyncio.wait([gone])
    places.leave()
    given.cancel()  # it has been given the place, and does not know yet
    await asyncio.wait([given, *others])
    assert order == ["c", "d"]
    assert places.enter()


async def test_a_place_that_is_given_to_another_event_loop_comes_back_if_nobody_takes_it() -> None:
    places = Places(1)
    assert places.enter()
    waiting = asyncio.Event()
    here = asyncio.get_running_loop()

    async def wait_elsewhere() -> None:
        here.call_soon_threadsafe(waiting.set)
        with pytest.raises(TimeoutError):
            await places.wait(0.05)

    elsewhere = asyncio.create_task(asyncio.to_thread(asyncio.run, wait_elsewhere()))
    await waiting.wait()
    await elsewhere
    places.leave()
    assert places.enter()


async def test_a_place_is_not_given_to_an_event_loop_that_has_ended() -> None:
    places = Places(1)
    assert places.enter()
    ended = asyncio.new_event_loop()
    waiting = ended.create_task(places.wait(10))
    await asyncio.to_thread(ended.run_until_complete, asyncio.sleep(0))
    assert places.waiting == 1
    ended.close()
    places.leave()
    assert places.enter()
    waiting._log_destroy_pending = False  # type: ignore[attr-defined]  # its loop is closed, as the test wants it
