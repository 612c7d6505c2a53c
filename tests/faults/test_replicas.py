"""Reads on replicas: their answers may be old, but never older than promised, and a process reads what it wrote."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from sqlalchemy import make_url

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.execution import positions, replica
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import replicas, servers
from tests.support.checkpoints import config, go_on, latest
from tests.support.databases import chosen
from tests.support.replicas import Cluster, Read, database_on, fill, log, opened, other_process


async def titles(store: SQLAlchemyStore) -> list[str]:
    return sorted([thread["title"] async for thread in store.iter_threads()])


async def contents(store: SQLAlchemyStore) -> list[str]:
    return [message["content"] async for message in store.iter_messages("child")]


READS: dict[str, Read] = {
    "get_thread": lambda store: store.get_thread("t"),
    "list_threads": lambda store: store.list_threads(),
    "get_messages": lambda store: store.get_messages("t"),
    "get_feedback": lambda store: store.get_feedback(),
    "get_suspended_state": lambda store: store.get_suspended_state("approval"),
    "list_suspended_states": lambda store: store.list_suspended_states(),
    "get_thread_lineage": lambda store: store.get_thread_lineage("t"),
    "get_stats": lambda store: store.get_stats(),
    "list_invocation_logs": lambda store: store.list_invocation_logs(),
    "a user's get_messages": lambda store: store.for_user("ada").get_messages("t"),
    "a user's list_threads": lambda store: store.for_user("ada").list_threads(),
}


ITERATIONS: dict[str, Read] = {"iter_threads": titles, "iter_messages": contents}


async def change(store: SQLAlchemyStore) -> None:
    """Change what every read finds."""
    await store.update_thread("t", title="second")
    await store.add_message("t", "user", "second")
    await store.add_feedback("t", "ada", "agent", rating=2)
    await store.save_suspended_state("approval", "t", "agent", "node", {"n": 2})
    await store.save_suspended_state("another", "t", "agent", "node", {"n": 2})
    await store.fork_thread("t", 0, "grandchild", title="second")
    await log(store, "two")


@pytest.fixture(scope="module", params=chosen(tuple(replicas.MAKERS)))
def running(request: pytest.FixtureRequest) -> Iterator[list[Any]]:
    with replicas.cluster(request.param, 1) as made:
        yield made


@pytest.fixture
async def cluster(running: list[Any]) -> AsyncIterator[Cluster]:
    async with database_on(running) as made:
        yield made


# answers may be old


async def test_reads_are_answered_by_the_replica_in_one_round_trip(cluster: Cluster) -> None:
    async with opened(cluster) as here, other_process(cluster) as other:
        before = {name: await here.until_on_replica(read) for name, read in READS.items()}
        await cluster.servers[1].hold()
        await change(other)
        for name, read in READS.items():
            trips, answer = await here.trips(read)
            assert (trips[0], answer) == (0, before[name]), name
        await cluster.servers[1].go_on(cluster.servers[0])
        for name, read in READS.items():
            assert await read(here.store) != before[name], name


@pytest.mark.parametrize("name", ITERATIONS)
async def test_an_iteration_ends_on_the_primary(cluster: Cluster, name: str) -> None:
    read = ITERATIONS[name]
    async with opened(cluster) as here, other_process(cluster) as other:
        before = await here.until_on_replica(read, ends=1)
        await cluster.servers[1].hold()
        await other.update_thread("child", title="changed")
        await other.add_message("t", "user", "second")
        assert await here.trips(read) == ([1, 2], before)


async def test_a_thread_that_a_replica_does_not_have_yet_is_found(cluster: Cluster) -> None:
    async with opened(cluster) as here, other_process(cluster) as other:
        await here.until_on_replica(READS["get_thread"])
        await cluster.servers[1].hold()
        await other.create_thread("new", "ada", "agent")
        await other.add_message("new", "user", "hello")
        await other.save_suspended_state("new", "t", "agent", "node", {})
        assert (await here.store.get_thread("new") or {})["message_count"] == 1
        assert [message["content"] for message in await here.store.get_messages("new")] == ["hello"]
        assert await here.store.get_suspended_state("new") is not None


async def test_an_answer_is_not_older_than_the_largest_lag(cluster: Cluster) -> None:
    async with opened(cluster, read_max_lag=1.0) as here, other_process(cluster) as other:
        await here.until_on_replica(READS["get_messages"])
        await cluster.servers[1].hold()
        await other.add_message("t", "user", "second")
        async with asyncio.timeout(60):
            while len(await here.store.get_messages("t")) == 1:
                await asyncio.sleep(0.05)
            while (report := (await here.store.health_check())["replicas"][0])["passed_over"] is None:
                await here.store.get_messages("t")
                await asyncio.sleep(0.05)
        assert "lags by more than" in report["passed_over"]
        assert report["status"] == "unhealthy"
        await cluster.servers[1].go_on(cluster.servers[0])
        await here.until_on_replica(READS["get_messages"])
        report = (await here.store.health_check())["replicas"][0]
        assert (report["status"], report["passed_over"]) == ("healthy", None)
        assert 0 <= report["lag_seconds"] <= 1


# a process reads what it wrote


OWN_WRITES: dict[str, tuple[Read, Read]] = {
    "add_message": (lambda store: store.add_message("t", "user", "second"), READS["get_messages"]),
    "add_message, counted": (lambda store: store.add_message("t", "user", "second"), READS["get_thread"]),
    "update_thread": (lambda store: store.update_thread("t", title="second"), READS["get_thread"]),
    "update_thread, listed": (lambda store: store.update_thread("t", title="second"), READS["list_threads"]),
    "delete_thread": (lambda store: store.delete_thread("t"), READS["get_thread"]),
    "delete_thread, of a fork": (lambda store: store.delete_thread("t"), lambda store: store.get_thread("child")),
    "fork_thread": (lambda store: store.fork_thread("t", 0, "another"), READS["get_thread_lineage"]),
    "create_thread": (lambda store: store.create_thread("new", "ada", "agent"), READS["list_threads"]),
    "add_feedback": (lambda store: store.add_feedback("t", "ada", "agent"), READS["get_feedback"]),
    "claim_suspended_state": (lambda store: store.claim_suspended_state("approval"), READS["get_suspended_state"]),
    "save_suspended_state": (
        lambda store: store.save_suspended_state("approval", "t", "agent", "node", {"n": 2}),
        READS["get_suspended_state"],
    ),
    "create_invocation_log": (lambda store: log(store, "two"), READS["list_invocation_logs"]),
    "a user's add_message": (
        lambda store: store.for_user("ada").add_message("t", "user", "second"),
        READS["a user's get_messages"],
    ),
}


@pytest.mark.parametrize("name", OWN_WRITES)
async def test_a_process_reads_what_it_wrote_before_the_replica_has_it(cluster: Cluster, name: str) -> None:
    write, read = OWN_WRITES[name]
    async with opened(cluster) as here:
        before = await here.until_on_replica(read)
        await cluster.servers[1].hold()
        await write(here.store)
        changed = await read(here.store)
        assert changed != before
        assert await read(here.store) == changed
        await cluster.servers[1].go_on(cluster.servers[0])
        if changed:  # an empty answer is always asked for on the primary
            assert await here.until_on_replica(read) == changed


async def test_writes_about_other_threads_do_not_matter(cluster: Cluster) -> None:
    async with opened(cluster) as here:
        await here.store.create_thread("other", "ada", "agent")
        await cluster.servers[1].go_on(cluster.servers[0])
        await here.until_on_replica(READS["get_messages"])
        await cluster.servers[1].hold()
        await here.store.add_message("other", "user", "hello")
        await here.store.add_feedback("other", "ada", "agent")
        await here.store.save_suspended_state("another", "other", "agent", "node", {})
        await log(here.store, "two")
        trips, _answer = await here.trips(READS["get_messages"])
        assert trips == [0, 1]


async def test_many_tasks_read_what_they_wrote_while_the_replica_follows(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "ASK_SECONDS", 0.0)  # every read asks how far the replica must have come

    async def work(store: SQLAlchemyStore, thread_id: str) -> None:
        await store.create_thread(thread_id, "ada", "agent")
        for number in range(30):
            await store.add_message(thread_id, "user", str(number))
            found = [message["content"] for message in await store.get_messages(thread_id)]
            assert found == [str(each) for each in range(number + 1)]

    async with opened(cluster) as here:
        await asyncio.gather(*(work(here.store, f"thread {number}") for number in range(8)))
        assert here.replicas[0].round_trips > 0


async def test_a_process_reads_what_it_committed_in_a_transaction_of_its_own(cluster: Cluster) -> None:
    async with opened(cluster) as here:
        await here.until_on_replica(READS["get_messages"])
        await cluster.servers[1].hold()
        async with here.store.engine.begin() as connection:
            joined = here.store.using(connection)
            await joined.add_message("t", "user", "second")
            assert len(await joined.get_messages("t")) == 2
            assert len(await here.store.get_messages("t")) == 1
        assert len(await here.store.get_messages("t")) == 2
        assert len(await here.store.get_messages("t")) == 2


# writes do not depend on what a replica answered


async def test_a_stale_answer_does_not_spoil_the_next_write(cluster: Cluster) -> None:
    async with opened(cluster) as here, other_process(cluster) as other:
        await here.store.add_message("child", "user", "hello")  # the first time, a driver prepares its statements
        await here.until_on_replica(READS["get_thread"])
        await cluster.servers[1].hold()
        await other.delete_thread("t")
        await other.create_thread("t", "ada", "agent", title="another")
        assert (await here.store.get_thread("t") or {})["title"] == "first"
        trips, message = await here.trips(lambda store: store.add_message("t", "user", "hello"))
        assert (trips, message["index"]) == (
            [2, 0],
            0,
        )  # it looks first; with an old epoch it would be three
        trips, _message = await here.trips(lambda store: store.add_message("t", "user", "hello"))
        assert trips == [1, 0]


async def test_a_claim_goes_by_the_primary(cluster: Cluster) -> None:
    async with opened(cluster) as here, other_process(cluster) as other:
        await here.until_on_replica(READS["get_suspended_state"])
        await cluster.servers[1].hold()
        assert await other.claim_suspended_state("approval") is not None
        assert await here.store.get_suspended_state("approval") is not None
        assert await here.store.claim_suspended_state("approval") is None


async def test_a_graph_goes_on_with_what_another_process_stored(cluster: Cluster) -> None:
    async with opened(cluster) as here, SQLAlchemySaver(cluster.url(0)) as other:
        await here.until_on_replica(READS["get_thread"])
        saver = SQLAlchemySaver(here.store)
        await go_on(saver, ["one"])
        await cluster.servers[1].hold()
        await go_on(other, ["two"])
        found = await latest(saver, config())
        assert found.checkpoint["channel_values"]["messages"] == ["one", "two"]
        shown = await here.store.get_checkpoint(config()["configurable"]["thread_id"], "", "")
        assert shown is not None
        assert shown["checkpoint_id"] == found.checkpoint["id"]


# replicas that fail


@pytest.fixture
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "PAUSE_SECONDS", 0.2)


@pytest.mark.usefixtures("short_pauses")
async def test_a_replica_is_killed_under_load_and_comes_back(
    cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    stop = asyncio.Event()

    async def load(store: SQLAlchemyStore) -> int:
        answers = 0
        while not stop.is_set():
            assert len(await store.get_messages("t")) == 1
            assert len(await store.list_threads()) == 2
            answers += 1
        return answers

    caplog.set_level(logging.INFO, "agentomatic_sql")
    url = cluster.url(1)  # not through a proxy, which would accept connections
    async with SQLAlchemyStore(cluster.url(0), read_url=url) as store:
        tasks = [asyncio.create_task(load(store)) for _ in range(8)]
        await cluster.servers[1].go_on(cluster.servers[0])
        await asyncio.to_thread(cluster.servers[1].kill)
        async with asyncio.timeout(60):
            while (report := (await store.health_check())["replicas"][0])["passed_over"] is None:
                await asyncio.sleep(0.05)
        assert report["status"] == "unhealthy"
        assert (await store.health_check())["status"] == "healthy"
        await asyncio.to_thread(cluster.servers[1].start)
        async with asyncio.timeout(60):
            while (await store.health_check())["replicas"][0]["passed_over"] is not None:
                await asyncio.sleep(0.05)
        stop.set()
        assert all(await asyncio.gather(*tasks))
    said = [record.getMessage() for record in caplog.records]
    assert sum("a replica is passed over" in one for one in said) == 1
    assert sum("is read from again" in one for one in said) == 1


@pytest.mark.usefixtures("short_pauses")
async def test_a_silent_replica_is_given_up_in_time(cluster: Cluster) -> None:
    async with opened(cluster, operation_timeout=2.0) as here:
        await here.until_on_replica(READS["get_messages"])
        here.replicas[0].flowing.clear()
        assert len(await here.store.get_messages("t")) == 1
        report = await here.store.health_check()
        assert report["status"] == "healthy"
        assert report["replicas"][0]["status"] == "unhealthy"
        here.replicas[0].flowing.set()
        await here.until_on_replica(READS["get_messages"])


async def test_a_replica_goes_on_while_the_primary_is_away(cluster: Cluster) -> None:
    async with opened(cluster) as here:
        await here.until_on_replica(READS["get_messages"])
        here.primary.accepting.clear()
        here.primary.sever()
        trips, messages = await here.trips(READS["get_messages"])
        assert (trips[0], len(messages)) == (0, 1)
        here.primary.accepting.set()


async def test_a_replica_without_the_schema_is_passed_over(running: list[Any]) -> None:
    primary, standby = running
    url = await servers.create_database(primary)
    await standby.go_on(primary)
    await standby.hold()
    made = Cluster(running, str(make_url(url).database))
    async with SQLAlchemyStore(made.url(0), read_url=made.url(1)) as store:
        await fill(store)
        for read in READS.values():
            assert await read(store)
        report = (await store.health_check())["replicas"][0]
        assert "its schema is at nothing" in report["passed_over"]
    await standby.go_on(primary)


async def test_all_connections_are_closed_with_the_store(cluster: Cluster) -> None:
    async with opened(cluster) as here:
        await asyncio.gather(*(READS["get_messages"](here.store) for _ in range(20)))
        await here.until_on_replica(READS["get_messages"])
        asked = {
            "postgresql": f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{cluster.database}'",
        }.get(
            make_url(cluster.url(1)).get_backend_name(),
            f"SELECT count(*) FROM information_schema.processlist WHERE db = '{cluster.database}'",
        )
        assert await cluster.servers[1].run(asked) > 0
        await here.store.close()
        async with asyncio.timeout(60):
            while await cluster.servers[1].run(asked):
                await asyncio.sleep(0.02)
