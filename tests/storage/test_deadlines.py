"""Every call ends by its own deadline, whatever it waits for: a batch, a lock, a connection, another attempt."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agentomatic_sql import OperationTimeout, OutcomeUnknown, SQLAlchemyStore, TooManyWaiting, WriteTimeout
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import THREADS
from tests.support.checkpoints import checkpoint, config, put
from tests.support.wire import wire

SECONDS = 1.0
"""The time of a call in these tests."""

LATE = 3.5
"""Seconds by which a call may end late on a busy machine."""


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


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Another process's write to a SQLite file, until the block ends."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def ended(call: Awaitable[object]) -> tuple[float, object]:
    """Await a call; return the seconds that it took, and its result or error."""
    begun = time.monotonic()
    (result,) = await asyncio.gather(asyncio.ensure_future(call), return_exceptions=True)
    return time.monotonic() - begun, result


async def test_each_call_of_a_crowd_ends_by_its_own_deadline(server_url: str) -> None:
    """Four batches of appends wait for a thread that somebody has locked."""
    async with SQLAlchemyStore(server_url, operation_timeout=SECONDS) as store:
        await store.create_thread("t", "ada", "agent")
        async with locked(server_url):
            calls = [ended(store.add_message("t", "user", str(number))) for number in range(2_001)]
            first, *others = await asyncio.gather(*calls)
        assert isinstance(first[1], WriteTimeout)
        assert all(
            isinstance(result, OperationTimeout) for _, result in others
        )  # sent or not, when their time was over
        assert max(seconds for seconds, _ in (first, *others)) < SECONDS + LATE
        assert (await store.add_message("t", "user", "after"))["content"] == "after"


async def test_a_call_that_joins_a_crowd_later_has_its_own_time(server_url: str) -> None:
    async with SQLAlchemyStore(server_url, operation_timeout=SECONDS) as store:
        await store.create_thread("t", "ada", "agent")
        async with locked(server_url):
            early = [asyncio.create_task(store.add_message("t", "user", str(number))) for number in range(3)]
            await asyncio.sleep(SECONDS / 2)
            late = asyncio.create_task(store.add_message("t", "user", "late"))
            await asyncio.wait(early)
            assert all(isinstance(call.exception(), OperationTimeout) for call in early)
            assert not late.done()
        assert (await late)["content"] == "late"


SQLITE_CALLS: dict[str, Callable[[SQLAlchemyStore, SQLAlchemySaver], Awaitable[Any]]] = {
    "create_thread": lambda store, _: store.create_thread("new", "ada", "agent"),
    "add_message": lambda store, _: store.add_message("t", "user", "new"),
    "update_thread": lambda store, _: store.update_thread("t", title="new"),
    "fork_thread": lambda store, _: store.fork_thread("t", 1, "new", checkpoints=True),
    "aput": lambda _, saver: saver.aput(config("t"), checkpoint({"x": 2}, {"x": "2"}), {}, {"x": "2"}),
    "acopy_thread": lambda _, saver: saver.acopy_thread("t", "new"),
}


@pytest.mark.parametrize("name", SQLITE_CALLS)
async def test_a_call_does_not_outlive_its_deadline_while_another_process_writes_to_the_file(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "store.db"
    async with SQLAlchemyStore(f"sqlite:///{path}", operation_timeout=SECONDS) as store:
        saver = SQLAlchemySaver(store)
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", "old")
        await put(saver, config("t"), {"x": 1})
        with written(path):
            seconds, error = await ended(SQLITE_CALLS[name](store, saver))
            assert type(error) is OperationTimeout  # nothing was changed: it only waited
            assert seconds < SECONDS + LATE
        await store.add_message("t", "user", "after")
        assert [message["content"] for message in await store.get_messages("t")] == ["old", "after"]
        assert await store.get_thread("new") is None


WRITES: dict[str, Callable[[SQLAlchemyStore, SQLAlchemySaver], Awaitable[Any]]] = {
    **SQLITE_CALLS,
    "add_messages": lambda store, _: store.add_messages("t", [{"role": "user", "content": "new"}] * 2),
    "add_feedback": lambda store, _: store.add_feedback("t", "ada", "agent", rating=1),
    "save_suspended_state": lambda store, _: store.save_suspended_state("a", "t", "agent", "node", {}),
    "delete_thread": lambda store, _: store.delete_thread("t"),
    "aput_writes": lambda _, saver: saver.aput_writes(config("t", "", "0"), [("x", 1)], "task"),
}


@pytest.mark.parametrize("way", ["direct", "with listeners", "through SQLAlchemy"])
async def test_writes_that_only_waited_say_that_nothing_was_changed(database_url: str, way: str) -> None:
    """They wait for a connection, and for others that wait: in a batch, for a batch, or for their turn."""
    echo = {"direct": False, "with listeners": True, "through SQLAlchemy": "debug"}[way]
    options: dict[str, Any] = {"pool_size": 1, "max_overflow": 0, "echo": echo}
    async with SQLAlchemyStore(database_url, operation_timeout=SECONDS, **options) as store:
        saver = SQLAlchemySaver(store)
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", "old")
        await put(saver, config("t"), {"x": 1})
        async with store.engine.connect():
            calls = [ended(call(store, saver)) for call in (*WRITES.values(), *[WRITES["add_message"]] * 3)]
            ends = await asyncio.gather(*calls)
        assert {type(error) for _, error in ends} == {OperationTimeout}
        await store.add_message("t", "user", "after")
        assert [message["content"] for message in await store.get_messages("t")] == ["old", "after"]
        assert await store.get_thread("new") is None
        assert await store.get_feedback() == await store.list_suspended_states() == []


async def test_writes_that_wait_together_for_another_process_say_that_nothing_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with SQLAlchemyStore(f"sqlite:///{path}", operation_timeout=SECONDS) as store:
        saver = SQLAlchemySaver(store)
        await store.create_thread("t", "ada", "agent")
        await put(saver, config("t"), {"x": 1})
        with written(path):
            calls = [ended(call(store, saver)) for call in (*WRITES.values(), *[WRITES["add_message"]] * 3)]
            ends = await asyncio.gather(*calls)
        assert {type(error) for _, error in ends} == {OperationTimeout}
        await store.add_message("t", "user", "after")
        assert [message["content"] for message in await store.get_messages("t")] == ["after"]
        assert await store.get_thread("new") is None


async def test_a_cancelled_call_does_not_wait_for_another_process(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    async with SQLAlchemyStore(f"sqlite:///{path}", operation_timeout=5) as store:
        await store.create_thread("t", "ada", "agent")
        with written(path):
            call = asyncio.create_task(store.update_thread("t", title="new"))
            async with asyncio.timeout(5):
                while not store.engine.pool.checkedout():  # type: ignore[attr-defined]
                    await asyncio.sleep(0)
            begun = time.monotonic()
            call.cancel()
            await asyncio.wait([call])
            assert call.cancelled()
            assert time.monotonic() - begun < LATE
        assert (await store.get_thread("t") or {})["title"] is None


async def test_a_long_statement_is_interrupted_at_the_deadline(tmp_path: Path) -> None:
    """SQLite has no limit of its own for a statement."""
    async with SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db", operation_timeout=SECONDS) as store:
        await store.create_thread("t", "ada", "agent")
        async with store.engine.begin() as connection:
            await connection.exec_driver_sql(
                "CREATE TRIGGER slow AFTER UPDATE ON agentomatic_threads BEGIN SELECT count(*) FROM (WITH RECURSIVE "
                "n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n LIMIT 1000000000); END"
            )
        seconds, error = await ended(store.update_thread("t", title="new"))
        assert isinstance(error, OutcomeUnknown)
        assert seconds < SECONDS + LATE
        async with asyncio.timeout(5), store.engine.begin() as connection:  # its connection has let go of the file
            await connection.exec_driver_sql("DROP TRIGGER slow")
        assert (await store.get_thread("t") or {})["title"] is None


async def test_all_attempts_of_a_call_have_one_deadline(server_url: str) -> None:
    """Each takes more than half of the time: the process must look at the thread first."""
    async with SQLAlchemyStore(server_url) as other, wire(server_url) as proxy:
        async with SQLAlchemyStore(proxy.url, pool_size=1, operation_timeout=SECONDS) as store:
            for name in ("warm", "t"):
                await other.create_thread(name, "ada", "agent")
            await store.add_message("warm", "user", "the driver prepares the statements")

            async def delay() -> None:
                while True:
                    proxy.flowing.clear()
                    await asyncio.sleep(0.6 * SECONDS)
                    asked = proxy.round_trips
                    proxy.flowing.set()
                    while proxy.round_trips == asked:
                        await asyncio.sleep(0)

            delaying = asyncio.create_task(delay())
            seconds, error = await ended(store.add_message("t", "user", "slow"))
            delaying.cancel()
            await asyncio.wait([delaying])
            proxy.flowing.set()
        assert isinstance(error, WriteTimeout)
        assert seconds < 1.15 * SECONDS  # two attempts take 1.2


async def test_more_calls_than_may_wait_are_refused_at_once(server_url: str) -> None:
    async with SQLAlchemyStore(server_url, max_waiting=20) as store:
        await store.create_thread("t", "ada", "agent")
        async with locked(server_url):
            waiting = [asyncio.create_task(store.add_message("t", "user", str(number))) for number in range(20)]
            await asyncio.sleep(0)
            for refused in (store.add_message("t", "user", "more"), store.get_thread("t"), store.get_stats()):
                with pytest.raises(TooManyWaiting, match="max_waiting") as error:
                    await refused
                assert error.value.limit == 20
            report = await store.health_check()
            assert (report["status"], report["waiting"]) == ("healthy", 20)
        assert len(await asyncio.gather(*waiting)) == 20
        assert (await store.health_check())["waiting"] == 0
        assert (await store.get_thread("t") or {})["message_count"] == 20


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "10"])
def test_a_number_of_waiting_calls_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="max_waiting: must be a whole number"):
        SQLAlchemyStore("sqlite://", max_waiting=value)
