"""Replicas beside a primary of another history: a log's end says nothing about what stands in another log before it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import make_url

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.execution import positions
from tests.support import replicas, servers
from tests.support.databases import chosen
from tests.support.replicas import Cluster, database_on, opened


async def title(store: SQLAlchemyStore) -> Any:
    return (await store.get_thread("t") or {})["title"]


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every read asks how far a replica must have come."""
    monkeypatch.setattr(positions, "ASK_SECONDS", 0.0)


def three(name: str) -> Any:
    return replicas.cluster(name, 2)


@pytest.fixture(params=chosen(("postgresql", "mysql", "mariadb")))
def servers_of_each(request: pytest.FixtureRequest) -> Iterator[list[Any]]:
    """A primary and two replicas, of which the test promotes the first."""
    with three(request.param) as made:
        yield made


@pytest.fixture
def of_postgresql() -> Iterator[list[Any]]:
    """A PostgreSQL primary and two standbys."""
    with three("postgresql") as made:
        yield made


async def write_much(url: str) -> None:
    async with SQLAlchemyStore(url) as store:
        for _ in range(10):
            await store.add_messages("child", [{"role": "user", "content": "lost" * 50}] * 50)
        await store.update_thread("t", title="lost with the primary")


async def fail_over(made: list[Any]) -> None:
    """Let the primary fail, and the first replica stand in for it."""
    primary, promoted, _other = made
    await asyncio.to_thread(primary.kill)
    await asyncio.to_thread(promoted.promote)


def after(cluster: Cluster) -> Cluster:
    """Return the cluster that a failover leaves."""
    return Cluster(cluster.servers[1:], cluster.database)


@pytest.mark.usefixtures("asking")
async def test_a_replica_that_was_ahead_of_the_promoted_one_is_not_read_from(servers_of_each: list[Any]) -> None:
    primary, promoted, ahead = servers_of_each
    async with database_on(servers_of_each, back=False) as cluster:
        await promoted.stop_following()
        await write_much(cluster.url(0))
        await ahead.go_on(primary)
        await fail_over(servers_of_each)
        async with opened(after(cluster)) as here:
            for number in range(5):
                await here.store.update_thread("t", title=f"written {number}")
                assert await title(here.store) == f"written {number}"
            report = (await here.store.health_check())["replicas"][0]
            assert report["status"] == "unhealthy"
            assert "another history" in report["error"]


async def test_a_running_process_passes_over_what_was_ahead(servers_of_each: list[Any]) -> None:
    primary, promoted, ahead = servers_of_each
    async with database_on(servers_of_each, back=False) as cluster:
        await promoted.stop_following()
        await write_much(cluster.url(0))
        await ahead.go_on(primary)
        hosts = ",".join(f"{url.host}:{url.port}" for url in (make_url(cluster.url(0)), make_url(cluster.url(1))))
        one = make_url(cluster.url(0))
        url = cluster.url(0).replace(f"{one.host}:{one.port}", hosts)
        async with SQLAlchemyStore(url, read_url=cluster.url(2), read_max_lag=1.0) as store:
            assert await title(store) == "lost with the primary"
            await fail_over(servers_of_each)
            await store.update_thread("t", title="written")
            async with asyncio.timeout(60):
                while (report := (await store.health_check())["replicas"][0])["passed_over"] is None:
                    assert await title(store) == "written"
                    await asyncio.sleep(0.05)
            assert "another history" in report["passed_over"]
            assert await title(store) == "written"


async def test_a_replica_that_follows_the_promoted_one_is_read_from(servers_of_each: list[Any]) -> None:
    async with database_on(servers_of_each, back=False) as cluster:
        await fail_over(servers_of_each)
        await servers_of_each[2].follow(servers_of_each[1])
        async with opened(after(cluster)) as here:
            assert await here.until_on_replica(title) == "first"
            await here.store.update_thread("t", title="second")
            assert await title(here.store) == "second"
            assert await here.until_on_replica(title) == "second"


async def until_healthy(store: SQLAlchemyStore) -> None:
    async with asyncio.timeout(60):
        while (await store.health_check())["replicas"][0]["status"] != "healthy":
            await asyncio.sleep(0.05)


async def test_a_role_that_may_not_see_the_receiver_goes_by_the_control_file(of_postgresql: list[Any]) -> None:
    primary, promoted, follower = of_postgresql
    async with database_on(of_postgresql, back=False) as cluster:
        for statement in (
            "CREATE ROLE guest LOGIN",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest",
        ):
            await servers.run(cluster.url(0), statement)
        for standby in (promoted, follower):
            await standby.go_on(primary)
        guest = make_url(cluster.url(2)).set(username="guest").render_as_string()
        async with SQLAlchemyStore(cluster.url(0), read_url=guest) as store:
            await until_healthy(store)
        await fail_over(of_postgresql)
        await follower.follow(promoted)
        await promoted.run("CHECKPOINT")
        await follower.go_on(promoted)
        await follower.run("CHECKPOINT")  # writes the timeline into the control file
        async with SQLAlchemyStore(cluster.url(1), read_url=guest) as store:
            await until_healthy(store)
            assert (await store.health_check())["replicas"][0]["passed_over"] is None
            assert await title(store) == "first"


@pytest.fixture
def strangers() -> Iterator[list[Any]]:
    """A PostgreSQL primary and a standby of a cluster of their own."""
    with replicas.cluster("postgresql", 1) as made:
        yield made


async def test_a_standby_of_another_cluster_is_not_read_from(of_postgresql: list[Any], strangers: list[Any]) -> None:
    async with database_on(of_postgresql) as cluster:
        await strangers[0].run(f'CREATE DATABASE "{cluster.database}"')
        strange = Cluster(strangers, cluster.database)
        async with SQLAlchemyStore(strange.url(0)) as store:
            await replicas.fill(store)
        await write_much(strange.url(0))
        await strangers[1].go_on(strangers[0])
        async with SQLAlchemyStore(cluster.url(0), read_url=strange.url(1)) as store:
            assert await title(store) == "first"
            report = (await store.health_check())["replicas"][0]
            assert "another history" in report["error"]
