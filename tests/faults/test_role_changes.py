"""A primary that turns read-only and keeps its connections: nobody is told what it does not know."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from agentomatic_sql import SQLAlchemyStore
from tests.support import pairs
from tests.support.pairs import MariaDBPair, MySQLPair, found


@pytest.fixture(scope="module", params=["mysql", "mariadb"])
def pair(request: pytest.FixtureRequest) -> Iterator[MySQLPair | MariaDBPair]:
    makers: dict[str, Callable[[], AbstractContextManager[MySQLPair | MariaDBPair]]]
    makers = {"mysql": pairs.mysql, "mariadb": pairs.mariadb}
    with found(makers[request.param]()) as pair:
        yield pair


async def switched(pair: MySQLPair | MariaDBPair) -> None:
    """Change roles, and let the old primary learn nothing of what is written afterwards."""
    await asyncio.to_thread(pair.switch)
    await asyncio.to_thread(pair.pause_standby)


async def warm(store: SQLAlchemyStore) -> None:
    """Let a store have open connections."""
    await asyncio.gather(*(store.get_thread("none") for _ in range(3)))


async def test_the_new_primary_is_asked_for_whatever_the_old_one_cannot_know(pair: MySQLPair | MariaDBPair) -> None:
    url = pair.url()
    async with SQLAlchemyStore(url, pool_size=3) as writer, SQLAlchemyStore(url, pool_size=3) as other:
        await warm(other)
        await switched(pair)
        try:
            await writer.create_thread("new", "ada", "agent")
            await writer.add_message("new", "user", "first")
            await writer.save_suspended_state("approval", "new", "agent", "node", {"asks": 1})
            claimed, appended, changed, read = await asyncio.gather(
                other.claim_suspended_state("approval"),
                other.add_message("new", "user", "second"),
                other.update_thread("new", title="found"),
                other.get_messages("new"),
            )
            assert claimed is not None
            assert claimed["state_snapshot"] == {"asks": 1}
            assert appended["index"] == 1
            assert changed is not None
            assert read[0]["content"] == "first"
            assert await other.delete_thread("new")
        finally:
            await asyncio.to_thread(pair.resume_standby)


async def test_a_health_check_leaves_a_server_that_has_turned_read_only(
    pair: MySQLPair | MariaDBPair, caplog: pytest.LogCaptureFixture
) -> None:
    async with SQLAlchemyStore(pair.url(), pool_size=2) as store:
        before = await store.health_check()
        await switched(pair)
        try:
            reports = [await store.health_check() for _ in range(2)]
            assert reports[-1]["status"] == "healthy"
            assert reports[-1]["server_address"] != before["server_address"]
            now, then = reports[-1]["server_address"], before["server_address"]
            assert f"new connections lead to {now}, earlier ones led to {then}" in caplog.messages
        finally:
            await asyncio.to_thread(pair.resume_standby)
