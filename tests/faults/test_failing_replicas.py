"""Replicas that are promoted or stand in for each other, other ways through a store, and what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import make_url

from agentomatic_sql import InvalidInput, SQLAlchemyStore
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.execution import replica
from tests.support import forked, replicas, servers
from tests.support.databases import chosen
from tests.support.replicas import Read, database_on, opened, other_process


async def messages(store: SQLAlchemyStore) -> Any:
    return await store.get_messages("t")


def messages_of(thread_id: str) -> Read:
    return lambda store: store.get_messages(thread_id)


@pytest.fixture(scope="module")
def three() -> Iterator[list[Any]]:
    """A PostgreSQL primary and two standbys."""
    with replicas.cluster("postgresql", 2) as made:
        yield made


@pytest.fixture(params=chosen(("postgresql", "mysql", "mariadb")))
def pair(request: pytest.FixtureRequest) -> Iterator[list[Any]]:
    """A primary, and a replica that the test promotes."""
    with replicas.cluster(request.param, 1) as made:
        yield made


async def test_a_replica_that_was_promoted_is_not_read_from(pair: list[Any]) -> None:
    async with (
        database_on(pair, back=False) as cluster,
        opened(cluster, read_max_lag=1.0) as here,
        other_process(cluster) as other,
    ):
        await here.until_on_replica(messages)
        await asyncio.to_thread(pair[1].promote)
        async with SQLAlchemyStore(cluster.url(1)) as stranger:
            await stranger.add_message("t", "user", "of another life")
        await other.add_message("t", "user", "second")
        async with asyncio.timeout(60):
            while (report := (await here.store.health_check())["replicas"][0])["passed_over"] is None:
                await messages(here.store)
                await asyncio.sleep(0.05)
        assert report["status"] == "unhealthy"
        assert [message["content"] for message in await messages(here.store)] == ["first", "second"]


async def test_several_replicas_share_the_threads_and_stand_in_for_each_other(three: list[Any]) -> None:
    async with database_on(three) as cluster, opened(cluster) as here:
        names = [f"thread {number}" for number in range(12)]
        for name in names:
            await here.store.create_thread(name, "ada", "agent")
            await here.store.add_message(name, "user", "hello")
        served: dict[str, list[int]] = {}
        for name in names:
            await here.until_on_replica(messages_of(name))
            served[name], _answer = await here.trips(messages_of(name))
        assert {tuple(trips) for trips in served.values()} == {(0, 0, 1), (0, 1, 0)}
        for name in names:
            assert (await here.trips(messages_of(name)))[0] == served[name]  # the same one, so no answer goes back
        here.replicas[0].accepting.clear()
        here.replicas[0].sever()
        for name in names:
            await here.until_on_replica(messages_of(name))
            assert (await here.trips(messages_of(name)))[0] == [0, 0, 1]
        here.replicas[0].accepting.set()


async def test_a_url_with_several_hosts_leads_to_a_standby(three: list[Any]) -> None:
    async with database_on(three) as cluster:
        hosts = ",".join(f"127.0.0.1:{make_url(server.url).port}" for server in three[:2])
        url = f"postgresql://postgres@{hosts}/{cluster.database}"
        async with SQLAlchemyStore(url, read_url=url) as store:
            asked = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{cluster.database}'"
            assert len(await messages(store)) == 1
            assert await three[1].run(asked) == 1
            async with asyncio.timeout(60):
                while (report := (await store.health_check())["replicas"][0])["status"] != "healthy":
                    await asyncio.sleep(0.05)
            assert report["passed_over"] is None


async def test_a_view_is_read_on_a_replica_only_by_a_role_that_the_policies_bind(three: list[Any]) -> None:
    primary, standby, _another = three
    async with database_on(three) as cluster:
        for statement in (
            "DROP ROLE IF EXISTS guest",
            "CREATE ROLE guest LOGIN",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest",
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO guest",
            "ALTER TABLE agentomatic_threads ENABLE ROW LEVEL SECURITY",
            "ALTER TABLE agentomatic_messages ENABLE ROW LEVEL SECURITY",
        ):
            await servers.run(cluster.url(0), statement)
        await standby.go_on(primary)
        guest, bound = (make_url(cluster.url(number)).set(username="guest") for number in (0, 1))
        options: dict[str, Any] = {"migrate": "check", "row_security": True}
        async with SQLAlchemyStore(guest, read_url=cluster.url(1), **options) as store:
            assert len(await store.for_user("ada").get_messages("t")) == 1
            report = (await store.health_check())["replicas"][0]
            assert "row-level security" in report["passed_over"]
        await standby.hold()
        async with SQLAlchemyStore(guest, read_url=bound, **options) as store, other_process(cluster) as other:
            await standby.go_on(primary)
            async with asyncio.timeout(60):
                while (await store.health_check())["replicas"][0]["status"] != "healthy":
                    await asyncio.sleep(0.05)
            await store.for_user("ada").get_messages("t")
            await standby.hold()
            await other.add_message("t", "user", "second")
            assert len(await store.for_user("ada").get_messages("t")) == 1
            assert await store.for_user("bob").get_messages("t") == []
            await standby.go_on(primary)
            assert len(await store.for_user("ada").get_messages("t")) == 2


OTHER_WAYS: dict[str, dict[str, Any]] = {
    "through SQLAlchemy": {"echo": "debug"},
    "encrypted": {"encryption": Encryption({"test": Encryption.new_key()})},
    "in a schema": {"schema": "agents"},
    "through a pooler, as far as the driver knows": {},
}


@pytest.mark.parametrize("name", OTHER_WAYS)
async def test_other_ways_through_the_store_read_on_replicas_too(three: list[Any], name: str) -> None:
    options = OTHER_WAYS[name]
    async with (
        database_on(three, empty=True) as cluster,
        opened(cluster, "?pgbouncer=true" if "pooler" in name else "", **options) as here,
        other_process(cluster, **options) as other,
    ):
        await here.store.create_thread("new", "ada", "agent", title="first")
        reads: list[Read] = [
            lambda store: store.get_thread("new"),
            lambda store: store.for_user("ada").get_thread("new"),
            lambda store: store.for_user("ada").list_threads(),
            lambda store: store.get_thread_lineage("new"),
        ]
        before = [await here.until_on_replica(read) for read in reads]
        for standby in three[1:]:
            await standby.hold()
        await other.update_thread("new", title="another")
        for read, old in zip(reads, before, strict=True):
            trips, answer = await here.trips(read)
            assert (trips[0], answer) == (0, old)


@pytest.fixture
def without_positions() -> Iterator[list[Any]]:
    """A MySQL primary whose transactions need no GTIDs, and its replica."""

    async def begin(primary: Any, replica_: Any) -> None:
        await primary.run("CREATE DATABASE first")
        await replica_.go_on(primary)  # it is connected: a replica that connects later needs gtid_mode = ON
        await primary.run("SET GLOBAL gtid_mode = ON_PERMISSIVE")

    with replicas.cluster("mysql", 1) as made:
        asyncio.run(begin(*made))
        yield made


async def test_a_database_without_positions_is_read_on_the_primary_for_a_while(
    without_positions: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "BLIND_SECONDS", 2.0)
    async with database_on(without_positions) as cluster, opened(cluster) as here:
        await here.until_on_replica(messages)
        await here.store.add_message("t", "user", "second")
        trips, answer = await here.trips(messages)
        assert (trips[1], len(answer)) == (0, 2)
        await without_positions[1].go_on(without_positions[0])
        assert len(await here.until_on_replica(messages)) == 2
        assert (await here.store.health_check())["replicas"][0]["lag_seconds"] is None


async def test_a_store_that_is_opened_again_reads_on_replicas_again(three: list[Any]) -> None:
    async with database_on(three) as cluster, opened(cluster) as here:
        await here.until_on_replica(messages)
        await here.store.close()
        await here.store.initialize()
        await here.until_on_replica(messages)


FORKING = """
import asyncio, os, sys, threading
from agentomatic_sql import SQLAlchemyStore

store = SQLAlchemyStore(sys.argv[1], read_url=sys.argv[2])

async def read():
    return len(await store.get_messages("t"))

async def read_again():
    async with asyncio.timeout(60):
        while (await store.health_check())["replicas"][0]["pool"]["in_use"] or await read() != 1:
            await asyncio.sleep(0.05)

def in_child():
    asyncio.run(read_again())
    os._exit(7)

async def main():
    await asyncio.gather(*(read() for _ in range(8)))
    child = os.fork()
    if child == 0:
        threading.Thread(target=in_child).start()
        threading.Event().wait(60)
        os._exit(1)
    _, status = await asyncio.to_thread(os.waitpid, child, 0)
    print(os.waitstatus_to_exitcode(status), await read())
    await store.close()

asyncio.run(main())
"""


async def test_a_forked_process_reads_on_connections_of_its_own(three: list[Any]) -> None:
    async with database_on(three) as cluster:
        done = await asyncio.to_thread(forked.run, FORKING, cluster.url(0), cluster.url(1))
        assert (done.stdout.strip(), done.stderr) == ("7 1", "")


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "SQLite has no replicas": ("sqlite://", {"read_url": "sqlite://"}),
    "CockroachDB has no replicas": ("cockroachdb://root@h/d", {"read_url": "cockroachdb://root@h2/d"}),
    "a cluster of Citus has many logs": ("postgresql://h/d?citus=true", {"read_url": "postgresql://h2/d?citus=true"}),
    "another database": ("postgresql://u@h/d", {"read_url": "mysql://u@h/d"}),
    "no URL": ("postgresql://u@h/d", {"read_url": []}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_read_url_that_makes_no_sense_is_refused(name: str) -> None:
    url, options = REFUSED[name]
    with pytest.raises(InvalidInput) as caught:
        SQLAlchemyStore(url, **options)
    assert caught.value.field == "read_url"


@pytest.mark.parametrize(("field", "value"), [("read_pool_size", -1), ("read_max_lag", 0), ("read_max_lag", None)])
def test_an_option_for_replicas_that_makes_no_sense_is_refused(field: str, value: Any) -> None:
    options: dict[str, Any] = {field: value}
    with pytest.raises(InvalidInput) as caught:
        SQLAlchemyStore("postgresql://u@h/d", read_url="postgresql://u@h2/d", **options)
    assert caught.value.field == field
