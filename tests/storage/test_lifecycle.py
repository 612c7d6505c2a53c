"""A store's life: constructed, initialized, used, closed; its own engine and a borrowed one."""

from __future__ import annotations

import asyncio
import gc
import inspect
import logging
import os
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trustme
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, StaticPool

from agentomatic_sql import (
    BaseStore,
    InvalidInput,
    InvalidURL,
    MemoryStore,
    OtherEventLoop,
    SchemaBehind,
    SQLAlchemyStore,
    StoreClosed,
    ThreadNotFound,
    migrations,
)
from agentomatic_sql.execution import private_api
from agentomatic_sql.migrations import revisions
from tests.support.citus import not_on_citus


def test_positional_arguments_are_in_the_platforms_order() -> None:
    names = list(inspect.signature(SQLAlchemyStore).parameters)
    assert names[:7] == ["url", "pool_size", "max_overflow", "pool_recycle", "pool_pre_ping", "echo", "engine"]


async def test_a_store_used_before_initialize_initializes_itself_once(new_database_url: str, caplog: Any) -> None:
    caplog.set_level(logging.INFO, "agentomatic_sql")
    store = SQLAlchemyStore(new_database_url)
    await asyncio.gather(*(store.create_thread(f"t{n}", "ada", "agent") for n in range(20)))
    assert (await store.get_stats())["threads"] == 20
    assert [record.message for record in caplog.records if "the schema went from nothing" in record.message] != []
    assert len([record for record in caplog.records if record.name == "agentomatic_sql"]) == 1
    await store.close()


async def test_closing_twice_is_fine_and_a_closed_store_says_so(database_url: str) -> None:
    store = SQLAlchemyStore(database_url)
    await store.create_thread("t", "ada", "agent")
    await store.close()
    await store.close()
    with pytest.raises(StoreClosed, match="initialize"):
        await store.get_thread("t")
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    assert "closed" in report["error"]


async def test_a_store_that_cannot_be_opened_leaves_no_connection(new_database_url: str) -> None:
    store = SQLAlchemyStore(new_database_url, migrate="check")
    with pytest.raises(SchemaBehind):
        async with store:
            pytest.fail("it was opened")
    with pytest.raises(StoreClosed):
        await store.get_thread("t")
    assert store.engine.pool.status().endswith("Current Checked out connections: 0")
    assert "Connections in pool: 0" in store.engine.pool.status()


async def test_a_store_that_is_closed_during_its_first_call_stays_closed(new_database_url: str) -> None:
    """Wherever the first call is by then; close() waits for it."""
    for steps in (1, 3, 10, 30, 100):
        store = SQLAlchemyStore(new_database_url)
        calls = [asyncio.create_task(store.get_thread("t")) for _ in range(3)]
        opening = asyncio.create_task(store.initialize())
        for _ in range(steps):
            await asyncio.sleep(0)
        await store.close()
        assert all(task.done() for task in (*calls, opening))
        done = await asyncio.gather(*calls, opening, return_exceptions=True)
        assert all(result is None or isinstance(result, StoreClosed) for result in done)
        assert "Connections in pool: 0" in store.engine.pool.status()
        assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
        with pytest.raises(StoreClosed):
            await store.get_thread("t")
        await store.initialize()
        assert await store.get_thread("t") is None
        await store.close()


async def test_initialize_opens_a_closed_store_again(database_url: str) -> None:
    store = SQLAlchemyStore(database_url)
    await store.create_thread("t", "ada", "agent")
    await store.close()
    await store.initialize()
    assert await store.get_thread("t") is not None
    await store.close()


async def test_closing_a_store_that_was_never_used(tmp_path: Path) -> None:
    store = SQLAlchemyStore(f"sqlite:///{tmp_path}/never.db")
    await store.close()
    assert not (tmp_path / "never.db").exists()


async def test_a_borrowed_engine_is_used_and_never_disposed(new_database_url: str) -> None:
    not_on_citus(new_database_url, "an engine of the application's own cannot name the option")
    engine = create_async_engine(new_database_url, poolclass=AsyncAdaptedQueuePool)  # before 2.0.38 a file has none
    store = SQLAlchemyStore(engine=engine)
    async with store:
        assert store.engine is engine
        await store.create_thread("t", "ada", "agent")
        await store.add_messages("t", [{"role": "user", "content": "x"}] * 3)
    pool: Any = engine.pool
    assert pool.checkedin() >= 1  # still pooled: nobody disposed of it
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM agentomatic_messages"))).scalar_one() == 3
    await engine.dispose()


async def test_a_store_is_not_closed_from_beside_the_event_loop_that_uses_it(server_url: str) -> None:
    store = SQLAlchemyStore(server_url)
    await store.create_thread("t", "ada", "agent")

    async def elsewhere() -> None:
        with pytest.raises(OtherEventLoop):
            await store.close()

    await asyncio.to_thread(lambda: asyncio.run(elsewhere()))
    await store.add_message("t", "user", "it works on")
    await store.close()


@pytest.mark.parametrize("closed", [True, False])
def test_a_store_is_closed_after_its_event_loop_has_ended(
    server_url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], closed: bool
) -> None:
    """Nothing is said of the loop, and the server is told that the connections are over."""
    store = SQLAlchemyStore(server_url)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(_use(store))
    sockets = [_socket_of(store, entry) for entry in list(store.engine.pool._pool._queue._queue)]  # type: ignore[attr-defined]
    assert len(sockets) > 1
    if closed:
        loop.close()
    asyncio.run(store.close())
    if not closed:
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
    assert [socket.fileno() for socket in sockets] == [-1] * len(sockets)
    asyncio.run(_reopened(store))
    gc.collect()
    assert caplog.messages == []
    assert capfd.readouterr().err == ""


def test_a_tls_connection_is_closed_after_its_event_loop_has_ended() -> None:
    authority = trustme.CA()
    serving, trusting = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(serving)
    authority.configure_trust(trusting)
    ended = threading.Event()

    async def serve(started: asyncio.Future[int]) -> None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(ConnectionError, ssl.SSLError):
                await reader.read()
            writer.close()
            ended.set()

        async with await asyncio.start_server(answer, "localhost", 0, ssl=serving, family=socket.AF_INET) as server:
            started.get_loop().call_soon_threadsafe(started.set_result, server.sockets[0].getsockname()[1])
            await asyncio.to_thread(ended.wait, 10)

    loop = asyncio.new_event_loop()
    started = loop.create_future()
    thread = threading.Thread(target=lambda: asyncio.run(serve(started)))
    thread.start()
    port = loop.run_until_complete(started)
    _reader, writer = loop.run_until_complete(asyncio.open_connection("localhost", port, ssl=trusting))
    loop.close()
    private_api.close_transport(writer.transport)
    assert ended.wait(10)
    thread.join()
    assert writer.get_extra_info("socket").fileno() == -1


async def _use(store: SQLAlchemyStore) -> None:
    await asyncio.gather(*(store.create_thread(f"t{n}", "ada", "agent") for n in range(5)))


async def _reopened(store: SQLAlchemyStore) -> None:
    async with store:
        assert await store.get_thread("t1") is not None


def _socket_of(store: SQLAlchemyStore, entry: Any) -> Any:
    transport = store._database.dialect.driver.transport(entry.driver_connection)
    return transport.get_extra_info("socket")


async def test_another_event_loop_is_refused_until_the_store_is_closed(server_url: str) -> None:
    store = SQLAlchemyStore(server_url)
    await store.create_thread("t", "ada", "agent")

    async def elsewhere() -> dict[str, Any]:
        with pytest.raises(OtherEventLoop, match=r"close\(\) .*NullPool"):
            await store.add_message("t", "user", "x")
        return await store.health_check()

    report = await asyncio.to_thread(lambda: asyncio.run(elsewhere()))
    assert report["status"] == "unhealthy"
    assert "another event loop" in report["error"]
    await store.add_message("t", "user", "here it works on")
    await store.close()

    async def reopened() -> int:
        async with store:
            return len(await store.get_messages("t"))

    assert await asyncio.to_thread(lambda: asyncio.run(reopened())) == 1


def test_a_file_serves_any_event_loop(tmp_path: Path) -> None:
    store = SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db")
    for content in ("one", "two", "three"):
        asyncio.run(store.create_thread("t", "ada", "agent"))
        asyncio.run(store.add_message("t", "user", content))
    messages = asyncio.run(store.get_messages("t"))
    asyncio.run(store.close())
    assert [message["content"] for message in messages] == ["one", "two", "three"]


async def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "store.db"
    async with SQLAlchemyStore(f"sqlite:///{path}"):
        assert path.exists()


async def test_a_memory_database_survives_a_cancelled_operation() -> None:
    async with SQLAlchemyStore("sqlite://") as store:
        await store.create_thread("t", "ada", "agent")
        for _ in range(20):
            task = asyncio.create_task(store.add_message("t", "user", "x" * 100_000))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        thread = await store.get_thread("t")
        assert thread is not None
        assert thread["message_count"] == len(await store.get_messages("t"))


async def test_two_memory_databases_are_two() -> None:
    async with SQLAlchemyStore("sqlite://") as one, SQLAlchemyStore("sqlite:///:memory:") as other:
        await one.create_thread("t", "ada", "agent")
        assert await other.get_thread("t") is None


async def test_a_store_may_be_used_from_another_event_loop(tmp_path: Path) -> None:
    async with SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db") as store:
        await store.create_thread("t", "ada", "agent")
        results: list[Any] = []

        def elsewhere() -> None:
            results.append(asyncio.run(store.add_message("t", "user", "from another loop")))

        thread = threading.Thread(target=elsewhere)
        thread.start()
        await asyncio.to_thread(thread.join)
        assert [message["content"] for message in await store.get_messages("t")] == ["from another loop"]
        assert results[0]["index"] == 0


async def test_health_of_a_working_store(database_url: str) -> None:
    async with SQLAlchemyStore(database_url, pool_size=3, max_overflow=4) as store:
        report = await store.health_check()
    assert report["status"] == "healthy"
    assert report["backend"] == "SQLAlchemyStore"
    assert report["database"] == database_url.partition("+")[0].replace("mariadb", "mariadb")
    assert report["server_version"][0].isdigit() or report["server_version"].startswith("Cockroach")
    assert 0 < report["latency_ms"] < 5_000
    assert report["pool"] == {"size": 3, "in_use": 0, "overflow": 0, "waiting": 0}
    assert report["schema"] == {"revision": revisions()[-1], "head": revisions()[-1], "state": "current"}


async def test_health_says_who_waits(tmp_path: Path) -> None:
    async with SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db", pool_size=1, max_overflow=1) as store:
        async with store.engine.connect(), store.engine.connect():
            waiting = asyncio.create_task(store.get_thread("t"))
            async with asyncio.timeout(5):
                while (pool := _pool_of(store))["waiting"] == 0:
                    await asyncio.sleep(0)
            assert (pool["in_use"], pool["overflow"], pool["waiting"]) == (2, 1, 1)
        assert await waiting is None


def _pool_of(store: SQLAlchemyStore) -> dict[str, int]:
    return store._database.pool()  # a health check would itself wait for a connection


async def test_health_before_initialize_does_not_make_a_schema(new_database_url: str) -> None:
    store = SQLAlchemyStore(new_database_url)
    report = await store.health_check()
    if make_url(new_database_url).get_backend_name() == "sqlite":  # to connect would make the file
        assert report["status"] == "unhealthy"
        assert "does not exist: initialize() creates it" in report["error"]
        assert not os.path.exists(str(make_url(new_database_url).database))  # noqa: ASYNC240, PTH110 - no wait worth the name
    else:
        assert report["status"] == "healthy"
        assert report["schema"] == {"revision": None, "head": revisions()[-1], "state": "empty"}
    await store.close()


async def test_health_of_a_store_whose_schema_it_may_not_upgrade(new_server_url: str) -> None:
    async with SQLAlchemyStore(new_server_url) as store:
        await migrations.downgrade(store.engine, "0001")
    checking = SQLAlchemyStore(new_server_url, migrate="check")
    report = await checking.health_check()
    assert report["status"] == "unhealthy"
    assert "agentomatic-sql db upgrade --url" in report["error"]
    assert report["schema"]["revision"] == "0001"
    await checking.close()


async def test_health_of_the_memory_store() -> None:
    store = MemoryStore()
    assert (await store.health_check())["status"] == "healthy"
    await store.close()
    assert (await store.health_check())["status"] == "unhealthy"
    with pytest.raises(StoreClosed):
        await store.get_thread("t")
    await store.initialize()
    assert await store.get_thread("t") is None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://app:s3cret@localhost:1/agents",
        "mysql://app:s3cret@localhost:1/agents",
        "postgresql://app:s3cret@localhost:1/agents?password=s3cret",
    ],
)
async def test_no_password_in_what_a_store_says_of_itself(url: str, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    store = SQLAlchemyStore(url, connect_timeout=2)
    said = [repr(store), str(store), str(await store.health_check())]
    with pytest.raises(ConnectionError) as failed:
        await store.initialize()
    said += [str(failed.value), repr(failed.value), str(failed.value.__cause__)]
    await store.close()
    assert "s3cret" not in " ".join([*said, *(record.getMessage() for record in caplog.records)])


@pytest.mark.parametrize(
    "url", ["", "no url", "oracle://app:s3cret@host/db", "postgresql//app:s3cret@host/db", "mongodb://s3cret@host"]
)
def test_a_wrong_url_names_the_right_ones_and_no_password(url: str) -> None:
    with pytest.raises(InvalidURL, match=r"postgresql://user:password@host/database.*sqlite:///") as refused:
        SQLAlchemyStore(url)
    assert "s3cret" not in str(refused.value)


def test_migrate_takes_two_words() -> None:
    with pytest.raises(InvalidInput, match='"upgrade" or "check"'):
        SQLAlchemyStore("sqlite://", migrate="never")  # type: ignore[arg-type]  # the point of the test


def test_a_url_that_cannot_be_read_carries_no_cause_that_quotes_it() -> None:
    with pytest.raises(InvalidURL) as refused:
        SQLAlchemyStore("postgresql://app:s3cret@host:no-port/db")
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "mariadb"])
@pytest.mark.parametrize("rest", ["", "ada@host", "ada@host/", "/?host=/run/sock"])
def test_a_url_without_a_database_is_refused(scheme: str, rest: str) -> None:
    with pytest.raises(InvalidURL, match="has no database name"):
        SQLAlchemyStore(f"{scheme}://{rest}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pool_size", "10"),
        ("pool_size", -3),
        ("pool_size", True),
        ("pool_size", None),
        ("max_overflow", -2),
        ("pool_recycle", 1.5),
        ("pool_timeout", "30"),
        ("pool_timeout", -1),
        ("connect_timeout", float("nan")),
    ],
)
def test_a_pool_that_cannot_be_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidInput, match=f"^{name}: must be") as refused:
        SQLAlchemyStore("sqlite://", **{name: value})
    assert refused.value.field == name


async def test_a_borrowed_engine_that_would_lose_writes_is_refused() -> None:
    engine = create_async_engine("sqlite+aiosqlite://", poolclass=StaticPool)
    with pytest.raises(InvalidInput, match="AsyncAdaptedQueuePool"):
        SQLAlchemyStore(engine=engine)
    with pytest.raises(InvalidInput, match="create_async_engine"):
        SQLAlchemyStore(engine=engine.sync_engine)  # type: ignore[arg-type]  # the point of the test


async def test_adding_no_messages_changes_nothing(store: BaseStore) -> None:
    with pytest.raises(ThreadNotFound):
        await store.add_messages("t", [])
    thread = await store.create_thread("t", "ada", "agent")
    assert await store.add_messages("t", []) == []
    assert await store.get_thread("t") == thread


def test_a_password_with_an_at_sign_in_it_is_not_taken_for_a_host() -> None:
    with pytest.raises(InvalidURL, match="%40") as refused:
        SQLAlchemyStore("postgresql://ada:pa@s3cret/word@host/db")
    assert "s3cret" not in str(refused.value)


def test_a_schema_where_there_are_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no schemas"):
        SQLAlchemyStore("sqlite://", schema="agents")


def test_a_connection_to_a_file_outlives_the_event_loop_that_asked_it_last(tmp_path: Path) -> None:
    answering = threading.Event()

    async def connect() -> Any:
        async with engine.connect() as connection:
            return (await connection.get_raw_connection()).driver_connection

    async def asked() -> Any:
        return driver._tx.put_nowait((asyncio.get_running_loop().create_future(), answering.wait))

    async def ask_again() -> None:
        async with asyncio.timeout(10):
            assert await driver._execute(lambda: 1) == 1
            await engine.dispose()

    engine = SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db").engine
    driver = asyncio.run(connect())
    asyncio.run(asked())  # and ends before the answer
    answering.set()
    asyncio.run(ask_again())
    driver._thread.join(10)
    assert not driver._thread.is_alive()
