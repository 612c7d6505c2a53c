"""Many callers at once, of both kinds: coroutines, and threads that wait."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import select, text

from agentomatic_sql import InvalidInput, SQLAlchemyStore
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_NAMESPACES
from tests.support.checkpoints import (
    LONG,
    checkpoint,
    config,
    grow,
    id_of,
    latest,
    listed,
    metadata,
    put,
    writes_of,
)

# concurrency


async def test_branches_from_one_checkpoint_at_once(saver: SQLAlchemySaver) -> None:
    start = (await grow(saver, config(), [f"{n} {LONG}" for n in range(3)]))[-1]
    savers = [SQLAlchemySaver(saver.store) for _ in range(8)]
    made = await asyncio.gather(*(grow(one, start, [f"branch {n} {LONG}", "on"]) for n, one in enumerate(savers)))
    for number, branch in enumerate(made):
        messages = (await latest(SQLAlchemySaver(saver.store), branch[-1])).checkpoint["channel_values"]["messages"]
        assert messages == [*(f"{n} {LONG}" for n in range(3)), f"branch {number} {LONG}", "on"]


async def test_saving_while_others_prune_loses_no_state(saver: SQLAlchemySaver) -> None:
    other = SQLAlchemySaver(saver.store)
    saving = asyncio.create_task(grow(saver, config(), [f"{n} {LONG}" for n in range(40)]))
    while not saving.done():
        await other.aprune(["t"])
    made = await saving
    found = await latest(SQLAlchemySaver(saver.store), made[-1])
    assert found.checkpoint["channel_values"]["messages"] == [f"{n} {LONG}" for n in range(40)]


async def test_as_many_connections_as_graphs_are_busy(database_url: str) -> None:
    if "sqlite" in database_url:
        pytest.skip("SQLite has one writer")
    async with SQLAlchemySaver(database_url, pool_size=16, max_overflow=0) as saver:
        most = 0
        for number in range(16):  # each thread's namespace is there
            await put(saver, config(f"t{number}"), {"x": 1}, checkpoint_id="a")
        async with saver.store.engine.connect() as holding:
            lock = select(GRAPH_NAMESPACES.c.id).with_for_update()
            await holding.execute(lock)  # whoever writes waits for this transaction
            tasks = [
                asyncio.create_task(saver.aput_writes(config(f"t{number}", checkpoint_id="a"), [("x", 1)], "task"))
                for number in range(15)
            ]
            async with asyncio.timeout(30):
                while most < 16:
                    most = max(most, (await saver.store.health_check())["pool"]["in_use"])
            await holding.rollback()
        await asyncio.gather(*tasks)
    assert most == 16


# synchronous callers


def test_a_plain_script_without_a_loop(new_database_url: str) -> None:
    with SQLAlchemySaver(new_database_url) as saver:
        where: Any = config()
        from tests.support.checkpoints import checkpoint, metadata

        where = saver.put(where, checkpoint({"x": [LONG]}, {"x": "1"}), metadata(run_id="r"), {"x": "1"})
        saver.put_writes(where, [("x", 1)], "task")
        found = saver.get_tuple(config())
        assert found is not None
        assert found.checkpoint["channel_values"] == {"x": [LONG]}
        assert [id_of(one) for one in saver.list(config())] == [id_of(where)]
        saver.copy_thread("t", "t2")
        assert saver.prune(["t2"]).checkpoints == 0
        assert saver.delete_for_runs(["r"]).checkpoints == 2
        saver.delete_thread("t")
        assert list(saver.list(None)) == []


def test_many_threads_share_one_pool(database_url: str) -> None:
    with SQLAlchemySaver(database_url, pool_size=4) as saver:

        def work(number: int) -> None:
            where: Any = config(f"t{number}")
            for step in range(5):
                made = checkpoint({"x": [LONG] * (step + 1)}, {"x": str(step)})
                where = saver.put(where, made, metadata(), {"x": str(step)})
            found = saver.get_tuple(config(f"t{number}"))
            assert found is not None
            results.append(len(found.checkpoint["channel_values"]["x"]))

        results: list[int] = []
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == [5] * 8


async def test_synchronous_calls_from_worker_threads_of_a_running_loop(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": 1})
    found = await asyncio.to_thread(saver.get_tuple, config())
    assert found is not None
    assert id_of(found) == id_of(where)
    assert len(await asyncio.to_thread(lambda: list(saver.list(config())))) == 1


async def test_a_synchronous_call_on_the_loops_own_thread_raises(saver: SQLAlchemySaver) -> None:
    await put(saver, config(), {"x": 1})
    made = checkpoint({}, {})
    for call in (
        lambda: saver.get_tuple(config()),
        lambda: saver.put(config(), made, metadata(), {}),
        lambda: saver.put_writes(config(checkpoint_id="a"), [], "task"),
        lambda: list(saver.list(config())),
        lambda: saver.delete_thread("t"),
        lambda: saver.prune(["t"]),
        lambda: saver.copy_thread("t", "t2"),
        lambda: saver.delete_for_runs(["r"]),
    ):
        with pytest.raises(asyncio.InvalidStateError, match="event loop's own thread"):
            call()


async def test_a_saver_in_a_with_block_works_on_the_loops_own_thread(database_url: str) -> None:
    """A notebook's cell runs there."""
    for make in (SQLAlchemySaver, SQLAlchemySaver.from_conn_string):
        with make(database_url) as saver:
            made = checkpoint({"x": [LONG]}, {"x": "1"})
            saver.put(config(), made, metadata(), {"x": "1"})
            found = saver.get_tuple(config())
            assert found is not None
            assert found.checkpoint["channel_values"] == {"x": [LONG]}
            assert id_of(await latest(saver, config())) == made["id"]
            assert (await asyncio.to_thread(saver.get_tuple, config())) == found
            saver.delete_thread("t")


async def test_a_store_whose_connections_belong_to_the_loop_cannot_serve_its_own_thread(server_url: str) -> None:
    async with SQLAlchemyStore(server_url) as store:
        await store.get_thread("t")
        with (
            pytest.raises(asyncio.InvalidStateError, match="event loop's own thread"),
            SQLAlchemySaver(store) as saver,
        ):
            saver.get_tuple(config())
        assert await store.get_thread("t") is None


def test_a_coroutine_after_synchronous_calls(database_url: str) -> None:
    saver = SQLAlchemySaver(database_url)
    saver.setup()

    async def use() -> None:
        await put(saver, config(), {"x": 1})
        assert id_of(await latest(saver, config()))
        assert await listed(saver, config(), limit=1)

    asyncio.run(use())
    asyncio.run(use())
    assert len(list(saver.list(config()))) == 2
    saver.close()


async def test_options_belong_to_a_url(sql_store: SQLAlchemyStore) -> None:
    with pytest.raises(InvalidInput, match="pool_size: is an argument of the store"):
        SQLAlchemySaver(sql_store, pool_size=3)
    async with SQLAlchemySaver(sql_store):
        pass
    assert (await sql_store.health_check())["status"] == "healthy"  # it is the caller's to close


async def test_a_schema_of_its_own(new_server_url: str) -> None:
    if not new_server_url.startswith(("postgresql", "cockroachdb")):
        pytest.skip("a schema is a database there")
    async with SQLAlchemySaver(new_server_url, schema="graphs") as saver:
        made = await grow(saver, config(), [LONG] * 3)
        await saver.aput_writes(made[-1], [("x", 1)], "task")
        assert (await latest(saver, config())).checkpoint["channel_values"]["messages"] == [LONG] * 3
        async with saver.store.engine.connect() as connection:
            found = await connection.execute(text("SELECT count(*) FROM graphs.agentomatic_graph_values"))
            assert found.scalar_one() == 3


async def test_connections_that_the_server_has_ended_are_replaced(server_url: str) -> None:
    if not server_url.startswith(("postgresql", "cockroachdb")):
        pytest.skip("tests/faults/test_unavailable.py ends connections there")
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
    async with SQLAlchemySaver(server_url, pool_size=4) as saver, SQLAlchemyStore(server_url) as other:
        where = await put(saver, config(), {"x": [LONG]})
        for number in range(20):
            async with other.engine.connect() as connection:
                await connection.execute(text(f"{ending} pg_backend_pid()"))
            tasks = [saver.aput_writes(where, [("x", number)], f"task {number} {task}") for task in range(4)]
            await asyncio.gather(*tasks, saver.aget_tuple(where))
        assert len(await writes_of(saver, where)) == 80


@pytest.mark.parametrize("after", [0, 1, 3, 10, 30])
async def test_a_call_that_is_cancelled_leaves_its_connection_fit_for_use(saver: SQLAlchemySaver, after: int) -> None:
    where = await put(saver, config(), {"x": [LONG]})
    for number in range(20):
        call = asyncio.create_task(saver.aput_writes(where, [("x", number)], f"task {number}"))
        for _ in range(after):
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.wait({call})
        await saver.aput_writes(where, [("y", number)], f"after {number}")
    written = [write for write in await writes_of(saver, where) if write[1] == "y"]
    assert [write[2] for write in sorted(written, key=lambda write: int(write[2]))] == list(range(20))


def test_a_store_that_was_lent_to_a_saver_in_a_script_is_of_use_after_it(database_url: str) -> None:
    store = SQLAlchemyStore(database_url)
    for _ in range(2):
        with SQLAlchemySaver(store) as saver:
            assert saver.get_tuple(config()) is None

    async def use() -> None:
        assert await store.get_thread("t") is None
        await store.close()

    asyncio.run(use())
