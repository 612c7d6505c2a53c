"""On a Galera cluster no node sees another's locks, and a node may not have what another has stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from functools import partial

import pytest
from sqlalchemy import Connection, func, select, update
from sqlalchemy.util import await_only

from agentomatic_sql import SQLAlchemyStore, StoreBusy
from agentomatic_sql.dialects import leases
from agentomatic_sql.dialects.mysql import LOCKS
from agentomatic_sql.tables import THREADS
from tests.galera.conftest import not_waiting
from tests.storage.test_concurrency import together
from tests.support import servers
from tests.support.wire import wire

STATE = ("approval", "t", "agent", "node")


@pytest.fixture
async def stores(node_urls: list[str]) -> AsyncIterator[list[SQLAlchemyStore]]:
    """A store on each node, which waits for what the others have committed."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(SQLAlchemyStore(url)) for url in node_urls]


def test_8_processes_on_three_nodes_initialize_one_empty_database(new_urls: list[str]) -> None:
    assert together(*new_urls, job="initialize", processes=8, writers=1) == [True] * 8


def test_36_writers_on_three_nodes_leave_no_gap_and_no_repeat_in_one_thread(migrated: list[str]) -> None:
    """A commit that meets another node's is rolled back and tried again: ten times are enough."""
    asyncio.run(create(migrated[0], "hot"))
    given = together(*migrated, job="append", processes=6, writers=6, each=20)
    assert all(places == sorted(places) for places in given)
    assert sorted(place for places in given for place in places) == list(range(720))
    for url in migrated:
        assert asyncio.run(count(url, "hot")) == (720, list(range(720)))


async def create(url: str, thread_id: str) -> None:
    async with SQLAlchemyStore(url) as store:
        await store.delete_thread(thread_id)
        await store.create_thread(thread_id, "ada", "agent")


async def count(url: str, thread_id: str) -> tuple[int, list[int]]:
    """Return a thread's counter, and the places of its messages."""
    async with SQLAlchemyStore(url) as store:
        thread = await store.get_thread(thread_id)
        assert thread is not None
        return thread["message_count"], [message["index"] async for message in store.iter_messages(thread_id)]


async def test_writers_on_three_nodes_that_write_for_themselves_meet(stores: list[SQLAlchemyStore]) -> None:
    """Each in a transaction of its own, so that each can meet every other; one that never gets through is told so."""
    await stores[0].create_thread("t", "ada", "agent")

    async def append(store: SQLAlchemyStore, content: str) -> None:
        with suppress(StoreBusy):  # nothing was stored: again
            await store.add_message("t", "user", content)
            return
        await append(store, content)

    async def write(number: int) -> None:
        async with SQLAlchemyStore(stores[number % 3].engine.url, batch_writes=False) as store:
            for call in range(10):
                await append(store, f"{number} {call}")

    await asyncio.gather(*map(write, range(30)))
    for store in stores:
        assert [message["index"] for message in await store.get_messages("t", limit=1000)] == list(range(300))


async def test_one_of_many_claims_through_three_nodes_succeeds(stores: list[SQLAlchemyStore]) -> None:
    for _ in range(20):
        await stores[0].save_suspended_state(*STATE, {"amount": 1})
        claims = [store.claim_suspended_state("approval") for store in stores * 4]
        assert sum(claim is not None for claim in await asyncio.gather(*claims)) == 1


async def test_a_state_is_claimed_on_another_node_as_soon_as_it_is_saved(stores: list[SQLAlchemyStore]) -> None:
    for number in range(60):
        saving, claiming = stores[number % 3], stores[(number + 1) % 3]
        await saving.save_suspended_state(*STATE, {"number": number})
        claimed = await claiming.claim_suspended_state("approval")
        assert claimed is not None
        assert claimed["state_snapshot"] == {"number": number}


async def test_a_call_on_another_node_sees_what_the_last_one_has_stored(stores: list[SQLAlchemyStore]) -> None:
    for number in range(20):
        one, other, third = (stores[(number + node) % 3] for node in range(3))
        await one.create_thread(f"t{number}", "ada", "agent")
        await other.add_message(f"t{number}", "user", "hello")
        await third.update_thread(f"t{number}", title="title")
        thread = await one.get_thread(f"t{number}")
        assert thread is not None
        assert (thread["message_count"], thread["title"]) == (1, "title")
        assert await other.delete_thread(f"t{number}") is True
        assert await third.get_thread(f"t{number}") is None


async def test_a_node_that_is_behind_is_waited_for_only_with_the_option(
    node_urls: list[str],
) -> None:
    plain, waiting = not_waiting(node_urls), node_urls
    async with AsyncExitStack() as stack:
        writer, stale, exact = [
            await stack.enter_async_context(SQLAlchemyStore(url)) for url in (plain[0], plain[1], waiting[1])
        ]
        await stack.enter_async_context(exact.engine.connect())
        await writer.create_thread("t", "ada", "agent")
        assert await exact.get_thread("t") is not None
        async with stale.engine.connect() as connection:
            await connection.exec_driver_sql("FLUSH TABLES WITH READ LOCK")  # the node applies nothing now
            await writer.save_suspended_state(*STATE, {"amount": 1})
            assert await stale.claim_suspended_state("approval") is None
            claiming = asyncio.create_task(exact.claim_suspended_state("approval"))
            others = "SELECT count(*) FROM information_schema.processlist WHERE id <> connection_id()"
            waits = f"{others} AND info LIKE '%%agentomatic_suspended%%'"
            while not (await connection.exec_driver_sql(waits)).scalar_one():
                await asyncio.sleep(0.01)
            assert not claiming.done()
            await connection.exec_driver_sql("UNLOCK TABLES")
        claimed = await claiming
        assert claimed is not None


async def test_reads_of_the_past_are_warned_of(node_urls: list[str], caplog: pytest.LogCaptureFixture) -> None:
    plain = not_waiting(node_urls)[0]
    with caplog.at_level(logging.WARNING):
        async with SQLAlchemyStore(plain) as store:
            (warning,) = (await store.health_check())["warnings"]
    assert "add ?wsrep_sync_wait=7 to the URL" in warning
    assert [warning in record.getMessage() for record in caplog.records] == [True]
    for quiet in (node_urls[0], f"{plain}?wsrep_sync_wait=0"):
        async with SQLAlchemyStore(quiet) as store:
            assert (await store.health_check())["warnings"] == []


async def test_the_option_is_the_setting_of_each_session(node_urls: list[str]) -> None:
    assert await servers.run(not_waiting(node_urls)[0], "SELECT @@SESSION.wsrep_sync_wait") == 0
    store = SQLAlchemyStore(node_urls[0])
    for _ in range(2):
        async with store.engine.connect() as connection:
            assert (await connection.exec_driver_sql("SELECT @@SESSION.wsrep_sync_wait")).scalar_one() == 7
    await store.engine.dispose()


async def test_a_holder_of_the_migration_lock_that_another_node_rolls_back_gives_it_back(
    stores: list[SQLAlchemyStore],
) -> None:
    for store in stores[:2]:
        await store.create_thread("t", "ada", "agent")
    changing = update(THREADS).where(THREADS.c.id == "t")

    async def change_on_another_node() -> None:
        async with stores[1].engine.begin() as connection:
            await connection.execute(changing.values(title="theirs"))
        while (await stores[0].get_thread("t") or {})["title"] != "theirs":
            await asyncio.sleep(0.01)

    def work(connection: Connection) -> None:
        with leases.leased(connection, LOCKS, "", 10, lambda error: "1213" in str(error)):
            connection.execute(changing.values(title="ours"))
            await_only(change_on_another_node())

    async with stores[0].engine.connect() as holder:
        await holder.run_sync(work)
    async with stores[1].engine.connect() as other:
        assert (await other.execute(select(func.count()).select_from(LOCKS))).scalar_one() == 0


async def test_a_commit_is_a_request_of_its_own(node_urls: list[str]) -> None:
    """In one packet with other statements, a node may say that it was rolled back although it was not."""
    async with wire(node_urls[0]) as proxy, SQLAlchemyStore(proxy.url, pool_size=1) as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", "hello")
        for call, requests in (
            (partial(store.add_message, "t", "user", "hello"), 2),
            (partial(store.get_thread, "t"), 1),
        ):
            before = proxy.round_trips
            await call()
            assert proxy.round_trips - before == requests


async def test_a_deletion_beside_writes_on_other_nodes_says_that_it_has_deleted(node_urls: list[str]) -> None:
    async with wire(*node_urls) as proxy, SQLAlchemyStore(proxy.url) as store:
        for number in range(60):
            name = f"t{number}"
            await store.create_thread(name, "ada", "agent")
            gone, *_others = await asyncio.gather(
                store.delete_thread(name),
                store.add_message(name, "user", "hello", idempotency_key="k"),
                store.add_feedback(name, "ada", "agent", comment="good", idempotency_key="k"),
                store.save_checkpoint(name, "", "c", None, {}, {}),
                return_exceptions=True,
            )
            assert gone is True
            assert await store.get_thread(name) is None
