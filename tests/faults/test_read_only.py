"""Servers that turn read-only, start up or are standbys: nothing is stored, and the pool does not keep them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pymysql
import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import OperationalError

from agentomatic_sql import SQLAlchemyStore, StoreUnavailable, migrations
from agentomatic_sql.drivers.aiomysql import AiomysqlDriver
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import containers, pairs, servers
from tests.support.checkpoints import config, go_on, latest
from tests.support.databases import chosen, server_of
from tests.support.pairs import PostgresPair, found

READ_ONLY = "read[_-]only"
MYSQL = chosen(("mysql", "mariadb"))


class Server:
    """A server of a module's own, whose users without special rights can be made to read only."""

    def __init__(self, running: servers.PrivateServer | containers.Killable) -> None:
        self._running = running
        self.name = make_url(running.url).get_backend_name()
        if self.name != "postgresql":
            asyncio.run(servers.run(running.url, "CREATE USER app@'%' IDENTIFIED BY 's3cret'"))

    async def database(self) -> str:
        """The URL of a new database, for a user without special rights."""
        url = make_url(await servers.create_database(self._running))
        if self.name == "postgresql":
            return url.render_as_string(hide_password=False)
        await servers.run(self._running.url, f"GRANT ALL ON {url.database}.* TO app@'%'")
        return url.set(username="app", password="s3cret").render_as_string(hide_password=False)

    async def set_read_only(self, on: bool) -> None:
        if self.name != "postgresql":
            await servers.run(self._running.url, f"SET GLOBAL read_only = {int(on)}")
            return
        wanted = "on" if on else "off"
        await servers.run(self._running.url, f"ALTER SYSTEM SET default_transaction_read_only = {wanted}")
        await servers.run(self._running.url, "SELECT pg_reload_conf()")
        while await servers.run(self._running.url, "SHOW default_transaction_read_only") != wanted:
            await asyncio.sleep(0.01)


@pytest.fixture(scope="module", params=chosen(("postgresql", "mysql", "mariadb")))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with found(servers.killable(request.param)) as running:
        yield Server(running)


@pytest.fixture
async def url(server: Server) -> str:
    return await server.database()


async def used(store: SQLAlchemyStore) -> None:
    """Let the pool have several connections."""
    await store.create_thread("t", "ada", "agent")
    await asyncio.gather(*(store.get_thread("t") for _ in range(3)))


@pytest.mark.parametrize("echo", [False, "debug"], ids=["by the driver", "by SQLAlchemy"])
async def test_a_write_that_a_read_only_server_refuses_stores_nothing(server: Server, url: str, echo: Any) -> None:
    async with SQLAlchemyStore(url, pool_size=3, echo=echo) as store, SQLAlchemySaver(store) as saver:
        await used(store)
        await server.set_read_only(True)
        try:
            with pytest.raises(StoreUnavailable, match=READ_ONLY):
                await store.add_message("t", "user", "refused")
            with pytest.raises(StoreUnavailable, match=READ_ONLY):
                await go_on(saver, ["refused"])
            assert await store.get_messages("t") == []
        finally:
            await server.set_read_only(False)
        await asyncio.gather(*(store.add_message("t", "user", "x") for _ in range(5)))
        await go_on(saver, ["x"])
        assert [message["index"] for message in await store.get_messages("t")] == list(range(5))
        assert (await latest(saver, config())).checkpoint["channel_values"]["messages"] == ["x"]


async def test_health_says_the_role(server: Server, url: str) -> None:
    async with SQLAlchemyStore(url) as store:
        report = await store.health_check()
        assert (report["status"], report["role"]) == ("healthy", "writable")
        await server.set_read_only(True)
        try:
            await store.engine.dispose()
            report = await store.health_check()
            assert (report["status"], report["role"]) == ("unhealthy", "read-only")
            assert "takes no writes (read-only): for a store that is only read" in report["error"]
            assert report["schema"]["state"] == "current"
            asked = url + ("&" if "?" in url else "?") + "target_session_attrs=any"
            async with SQLAlchemyStore(asked, migrate="check") as reader:
                report = await reader.health_check()
                assert (report["status"], report["role"]) == ("healthy", "read-only")
        finally:
            await server.set_read_only(False)


async def test_a_lone_server_is_asked_for_its_role_if_the_url_says_so(server: Server, url: str) -> None:
    asked = url + ("&" if "?" in url else "?") + "target_session_attrs=read-write"
    async with SQLAlchemyStore(asked) as store:
        await used(store)
        await server.set_read_only(True)
        try:
            await store.engine.dispose()
            with pytest.raises(StoreUnavailable, match=r"target_session_attrs=read-write: .*: it is read-only"):
                await store.get_thread("t")
        finally:
            await server.set_read_only(False)
        assert await store.get_thread("t") is not None


@pytest.mark.parametrize("echo", [False, "debug"], ids=["by the driver", "by SQLAlchemy"])
async def test_calls_wait_while_a_server_is_read_only_for_a_moment(server: Server, url: str, echo: Any) -> None:
    async with SQLAlchemyStore(url, pool_size=3, echo=echo) as store:
        await used(store)
        await server.set_read_only(True)
        again = asyncio.Event()
        event.listen(store.engine.sync_engine, "connect", lambda *_of: again.set())
        try:
            async with asyncio.TaskGroup() as calls:
                for number in range(12):
                    calls.create_task(store.add_message("t", "user", str(number)))
                async with asyncio.timeout(30):
                    await again.wait()  # they were refused, and try another connection
                await server.set_read_only(False)
        finally:
            await server.set_read_only(False)
        found = await store.get_messages("t")
        assert sorted(message["content"] for message in found) == sorted(map(str, range(12)))
        assert [message["index"] for message in found] == list(range(12))


async def test_a_transaction_of_the_callers_is_not_tried_again(server: Server, url: str) -> None:
    async with SQLAlchemyStore(url) as store:
        await used(store)
        await server.set_read_only(True)
        try:
            with pytest.raises(StoreUnavailable, match=READ_ONLY):
                async with store.engine.begin() as connection:
                    await store.using(connection).add_message("t", "user", "refused")
        finally:
            await server.set_read_only(False)
        async with store.engine.begin() as connection:
            await store.using(connection).add_message("t", "user", "x")
        assert [message["content"] for message in await store.get_messages("t")] == ["x"]


async def test_a_migration_waits_while_a_server_is_read_only_for_a_moment(server: Server, url: str) -> None:
    store = SQLAlchemyStore(url)
    refused = asyncio.Event()
    event.listen(store.engine.sync_engine, "handle_error", lambda _context: refused.set())
    await server.set_read_only(True)
    try:
        async with asyncio.TaskGroup() as calls:
            opening = calls.create_task(store.initialize())
            waiting = calls.create_task(refused.wait())
            await asyncio.wait((opening, waiting), return_when=asyncio.FIRST_COMPLETED)
            assert refused.is_set()
            await server.set_read_only(False)
    finally:
        await server.set_read_only(False)
    report = await store.health_check()
    assert (report["status"], report["schema"]["revision"]) == ("healthy", migrations.revisions()[-1])
    await store.close()


@pytest.mark.parametrize("server", MYSQL, indirect=True)
async def test_a_commit_that_a_read_only_server_refuses_is_rolled_back(server: Server, url: str) -> None:
    """So that the write can run again, although its commit was sent."""
    async with SQLAlchemyStore(url) as store, AsyncExitStack() as stack:
        stack.push_async_callback(server.set_read_only, False)
        await store.create_thread("t", "ada", "agent")
        async with store.engine.connect() as connection:
            await connection.execute(text("UPDATE agentomatic_threads SET title = 'refused'"))
            await server.set_read_only(True)
            with pytest.raises(OperationalError) as refused:
                await connection.commit()
            assert AiomysqlDriver().is_refusal(refused.value.orig)  # type: ignore[arg-type] # it has one
            await connection.invalidate()
        thread = await store.get_thread("t")
        assert thread is not None
        assert thread["title"] is None


@pytest.mark.parametrize("name", chosen(("mysql",)))
def test_the_same_error_about_another_option_is_no_refusal(name: str) -> None:
    """MySQL's server lets nobody write files."""
    statement = "SELECT 1 INTO OUTFILE '/nowhere/x'"
    with pytest.raises(pymysql.err.OperationalError, match="--secure-file-priv") as refused:
        asyncio.run(servers.run(server_of(name).url, statement))
    assert AiomysqlDriver().code(refused.value) == "1290"
    assert not AiomysqlDriver().is_refusal(refused.value)


# PostgreSQL's standbys


@pytest.fixture(scope="module")
def pair() -> Iterator[PostgresPair]:
    with found(pairs.postgres()) as pair:
        yield pair


async def test_health_says_that_a_server_is_a_standby(pair: PostgresPair) -> None:
    async with SQLAlchemyStore(pair.url()) as store:
        await store.create_thread("t", "ada", "agent")
    await asyncio.to_thread(pair.wait_for_standby)
    for attrs, status in (("any", "healthy"), ("standby", "healthy"), ("", "unhealthy")):
        query = f"?target_session_attrs={attrs}" if attrs else ""
        async with SQLAlchemyStore(f"postgresql://postgres@{pair.hosts[1]}/postgres{query}", migrate="check") as store:
            report = await store.health_check()
            assert (report["status"], report["role"]) == (status, "standby")
            assert await store.get_thread("t") is not None
    assert "takes no writes (standby)" in report["error"]


async def test_a_call_waits_while_a_server_does_not_yet_take_connections(pair: PostgresPair) -> None:
    """A standby that is not to be read says what a server says that starts up, until it is promoted."""
    async with SQLAlchemyStore(pair.url()) as store:
        await store.create_thread("u", "ada", "agent")
    await asyncio.to_thread(pair.close_standby)
    lone = f"postgresql://postgres@{pair.hosts[1]}/postgres"
    store = SQLAlchemyStore(lone)
    with pytest.raises(StoreUnavailable, match=r"not accept(ing|) connections|starting up"):
        await store.initialize()
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    assert "connections" in report["error"]
    async with asyncio.TaskGroup() as calls:
        writing = calls.create_task(store.add_message("u", "user", "x"))
        await asyncio.to_thread(pair.fail_over)
    assert writing.result()["index"] == 0
    await store.close()
