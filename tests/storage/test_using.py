"""`store.using(connection)`: the store's writes and the application's own, in one transaction of the application's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, func, insert, make_url, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine

from agentomatic_sql import (
    InvalidInput,
    SQLAlchemyStore,
    StoreBusy,
    StoreClosed,
    StoreError,
    ThreadExists,
    ThreadNotFound,
    async_engine,
)
from agentomatic_sql.context import Context
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.operations import query
from tests.support.citus import is_citus, not_on_citus
from tests.support.databases import SQL, chosen, database_on

ORDERS = Table("orders", MetaData(), Column("id", Integer, primary_key=True), Column("item", String(50)))


@pytest.fixture
async def shop(new_database_url: str) -> AsyncIterator[SQLAlchemyStore]:
    """A store beside a table of the application's."""
    limit = None if is_citus(new_database_url) else 5  # Citus refuses it
    async with SQLAlchemyStore(new_database_url, lock_timeout=limit) as store:
        async with store.engine.begin() as connection:
            await connection.run_sync(ORDERS.metadata.create_all)
        await store.create_thread("t", "ada", "shop")
        yield store


@pytest.fixture
def other_url(new_database_url: str, tmp_path: Path) -> Iterator[str]:
    """The URL of another new database of the same kind."""
    name = make_url(new_database_url).get_backend_name()
    with nullcontext(f"sqlite:///{tmp_path}/other.db") if name == "sqlite" else database_on(name) as url:
        yield url


async def order(connection: AsyncConnection, item: str) -> None:
    await connection.execute(insert(ORDERS), {"item": item})


async def orders(store: SQLAlchemyStore) -> int:
    async with store.engine.connect() as connection:
        return (await connection.execute(select(func.count()).select_from(ORDERS))).scalar_one()


async def contents(store: Any, thread_id: str = "t") -> list[str]:
    return [message["content"] for message in await store.get_messages(thread_id)]


async def test_a_message_and_a_row_of_the_application_are_committed_together(shop: SQLAlchemyStore) -> None:
    async with shop.engine.begin() as connection:
        await order(connection, "lamp")
        message = await shop.using(connection).add_message("t", "user", "a lamp, please", metadata={"n": 1})
        assert message["index"] == 0
        assert await contents(shop) == []  # nothing is committed yet
    assert await contents(shop) == ["a lamp, please"]
    assert await orders(shop) == 1
    assert await shop.get_messages("t") == [message]


async def test_a_store_comes_first_in_a_transaction(shop: SQLAlchemyStore) -> None:
    """SQLite's driver begins a transaction before the application's first change only: the store must begin it."""
    async with shop.engine.begin() as connection:
        await shop.using(connection).add_message("t", "user", "one")
        await connection.rollback()
    assert await contents(shop) == []


async def test_nothing_stays_of_a_transaction_that_is_rolled_back(shop: SQLAlchemyStore) -> None:
    async with shop.engine.connect() as connection, connection.begin() as transaction:
        joined = shop.using(connection)
        await order(connection, "lamp")
        await joined.create_thread("new", "ada", "shop")
        await joined.add_messages("new", [{"role": "user", "content": f"{n}"} for n in range(3)])
        await joined.add_message("t", "user", "one", idempotency_key="key")
        await joined.update_thread("t", title="Lamp")
        await joined.add_feedback("t", "ada", "shop", rating=1)
        await joined.save_suspended_state("a", "t", "shop", "node", {"x": 1})
        await joined.save_checkpoint("t", "", "1", None, {"x": 1}, {})
        await joined.fork_thread("t", 0, "fork")
        assert len(await contents(joined, "new")) == 3
        await transaction.rollback()
    assert await orders(shop) == 0
    assert [thread["id"] for thread in await shop.list_threads()] == ["t"]
    assert (await shop.get_thread("t") or {})["title"] is None
    assert await contents(shop) == []
    assert await shop.get_feedback() == []
    assert await shop.get_suspended_state("a") is None
    assert await shop.list_checkpoints("t", "") == []
    assert (await shop.add_message("t", "user", "two", idempotency_key="key"))["index"] == 0


async def test_the_store_goes_on_after_a_rollback_with_what_it_knew(shop: SQLAlchemyStore) -> None:
    """A view does not teach the store the epochs that it read in a transaction."""
    async with shop.engine.connect() as connection:
        joined = shop.using(connection)
        async with connection.begin() as transaction:
            await joined.delete_thread("t")
            await joined.create_thread("t", "eve", "shop")
            await joined.add_message("t", "user", "eve's")
            await transaction.rollback()
        async with connection.begin():
            await joined.add_message("t", "user", "ada's")
    assert await contents(shop) == ["ada's"]
    assert (await shop.add_message("t", "user", "more"))["index"] == 1


async def test_every_kind_of_write_is_committed(shop: SQLAlchemyStore) -> None:
    async with shop.engine.begin() as connection:
        joined = shop.using(connection)
        await joined.create_thread("new", "ada", "shop")
        await joined.add_messages("new", [{"role": "user", "content": f"{n}"} for n in range(3)])
        await joined.update_thread("new", title="Lamp")
        await joined.add_feedback("new", "ada", "shop", rating=1)
        await joined.save_suspended_state("a", "new", "shop", "node", {"x": 1})
        await joined.save_suspended_state("b", "new", "shop", "node", {"x": 2})
        assert (await joined.claim_suspended_state("b") or {})["state_snapshot"] == {"x": 2}
        await joined.save_checkpoint("new", "", "1", None, {"x": 1}, {})
        await joined.fork_thread("new", 1, "fork", checkpoints=True)
        assert await joined.delete_thread("t")
    assert [thread["id"] for thread in await shop.list_threads()] == ["fork", "new"]
    assert (await shop.get_thread("new") or {})["title"] == "Lamp"
    assert await contents(shop, "fork") == ["0", "1"]
    assert len(await shop.get_feedback()) == 1
    assert await shop.get_suspended_state("a") is not None
    assert await shop.get_suspended_state("b") is None
    assert len(await shop.list_checkpoints("fork", "")) == 1


async def test_a_write_that_is_refused_leaves_the_transaction_usable(shop: SQLAlchemyStore) -> None:
    async with shop.engine.begin() as connection:
        joined = shop.using(connection)
        await order(connection, "lamp")
        with pytest.raises(ThreadExists):
            await joined.create_thread("t", "eve", "shop")
        with pytest.raises(ThreadNotFound):
            await joined.add_message("nowhere", "user", "one")
        with pytest.raises(ThreadExists):
            await joined.fork_thread("t", 0, "t")
        await joined.add_message("t", "user", "one", idempotency_key="key")
        assert (await joined.add_message("t", "user", "one", idempotency_key="key"))["index"] == 0
    assert await contents(shop) == ["one"]
    assert await orders(shop) == 1


async def test_writers_outside_wait_and_keep_their_places(new_server_url: str) -> None:
    async with SQLAlchemyStore(new_server_url) as store:
        await store.create_thread("t", "ada", "shop")
        async with store.engine.begin() as connection:
            first = await store.using(connection).add_message("t", "user", "inside")
            outside = asyncio.create_task(store.add_message("t", "user", "outside"))
            second = await store.using(connection).add_message("t", "user", "inside again")
            assert not outside.done()
        third = await outside
        assert [message["index"] for message in (first, second, third)] == [0, 1, 2]
        assert await contents(store) == ["inside", "inside again", "outside"]


async def test_a_deadlock_rolls_the_whole_transaction_back(new_server_url: str) -> None:
    """Each of two transactions waits for the thread that the other has written to."""
    async with SQLAlchemyStore(new_server_url) as store:
        for thread_id in ("one", "two"):
            await store.create_thread(thread_id, "ada", "shop")
        written = [asyncio.Event(), asyncio.Event()]

        async def write(place: int, first: str, second: str) -> str:
            async with store.engine.begin() as connection:
                joined = store.using(connection)
                await joined.add_message(first, "user", f"by {place}")
                written[place].set()
                await written[1 - place].wait()
                await joined.add_message(second, "user", f"by {place}")
            return f"by {place}"

        done = await asyncio.gather(write(0, "one", "two"), write(1, "two", "one"), return_exceptions=True)
        lost = [one for one in done if isinstance(one, BaseException)]
        assert [type(one) for one in lost] == [StoreBusy]
        (stored,) = [one for one in done if isinstance(one, str)]
        assert await contents(store, "one") == await contents(store, "two") == [stored]


async def test_after_a_deadlock_the_connection_refuses_to_go_on(new_server_url: str) -> None:
    """On MySQL the server has rolled back: whatever followed would be committed by itself."""
    not_on_citus(new_server_url, "it refuses lock_timeout")
    async with SQLAlchemyStore(new_server_url, lock_timeout=1) as store:
        await store.create_thread("t", "ada", "shop")
        async with store.engine.begin() as holder:
            await store.using(holder).add_message("t", "user", "held")
            async with store.engine.connect() as connection:
                transaction = await connection.begin()
                with pytest.raises(StoreBusy):
                    await store.using(connection).add_message("t", "user", "waits")
                assert not transaction.is_active
        assert await contents(store) == ["held"]


async def test_a_connection_without_a_transaction_is_refused(shop: SQLAlchemyStore) -> None:
    async with shop.engine.connect() as connection:
        with pytest.raises(InvalidInput, match="connection: has no transaction: begin one"):
            await shop.using(connection).add_message("t", "user", "one")
    assert await contents(shop) == []


@pytest.mark.parametrize("new_database_url", chosen(("postgresql", "mysql", "mariadb", "sqlite")), indirect=True)
async def test_autocommit_is_refused(shop: SQLAlchemyStore) -> None:
    async with shop.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        async with connection.begin():
            with pytest.raises(InvalidInput, match="AUTOCOMMIT"):
                await shop.using(connection).add_message("t", "user", "one")
    assert await contents(shop) == []


@pytest.mark.parametrize("new_database_url", chosen(("mysql", "mariadb")), indirect=True)
async def test_a_snapshot_that_may_be_old_is_refused(shop: SQLAlchemyStore) -> None:
    engine = create_async_engine(shop.engine.url)
    try:
        async with engine.begin() as connection:
            with pytest.raises(InvalidInput, match="REPEATABLE READ; writes need isolation_level='READ COMMITTED'"):
                await shop.using(connection).add_message("t", "user", "one")
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="READ COMMITTED")
            async with connection.begin():
                await shop.using(connection).add_message("t", "user", "one")
    finally:
        await engine.dispose()
    assert await contents(shop) == ["one"]


async def test_an_engine_of_the_applications_own(shop: SQLAlchemyStore) -> None:
    not_on_citus(shop.engine.url.render_as_string(), "an engine of the application's own cannot name the option")
    level = {} if shop.engine.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    engine = create_async_engine(shop.engine.url, **level)
    try:
        async with engine.begin() as connection:
            await shop.using(connection).add_message("t", "user", "stays")
            await order(connection, "lamp")
        async with engine.connect() as connection, connection.begin() as transaction:
            await shop.using(connection).add_message("t", "user", "goes")
            await order(connection, "lamp")
            await transaction.rollback()
    finally:
        await engine.dispose()
    assert await contents(shop) == ["stays"]
    assert await orders(shop) == 1


@pytest.mark.parametrize("new_database_url", chosen(SQL), indirect=True)
async def test_the_driver_must_be_the_stores(shop: SQLAlchemyStore, tmp_path: Path) -> None:
    other = f"sqlite+aiosqlite:///{tmp_path}/x"
    async with AsyncExitStack() as stack:
        engine = create_async_engine(other)
        stack.push_async_callback(engine.dispose)
        joined = shop.using(await stack.enter_async_context(engine.begin()))
        with pytest.raises(InvalidInput, match="this store needs"):
            await joined.add_message("t", "user", "one")


async def test_the_store_must_be_open(new_database_url: str) -> None:
    store = SQLAlchemyStore(new_database_url)
    async with store.engine.connect() as connection, connection.begin():
        with pytest.raises(InvalidInput, match=r"await store\.initialize"):
            await store.using(connection).get_thread("t")
    await store.initialize()
    await store.close()
    async with store.engine.connect() as connection, connection.begin():
        with pytest.raises(StoreClosed):
            await store.using(connection).get_thread("t")
    await store.engine.dispose()


@pytest.mark.parametrize("new_database_url", chosen(("postgresql",)), indirect=True)
async def test_a_schema_of_the_stores_own_stays_its_own(new_database_url: str) -> None:
    async with SQLAlchemyStore(new_database_url, schema="agents") as store:
        async with store.engine.begin() as connection:
            await connection.run_sync(ORDERS.metadata.create_all)
            joined = store.using(connection)
            await joined.create_thread("t", "ada", "shop")
            await joined.add_message("t", "user", "one")
            await joined.fork_thread("t", 0, "fork", checkpoints=True)
            await joined.delete_thread("t")
            await order(connection, "lamp")
        assert await contents(store, "fork") == ["one"]
        assert await orders(store) == 1


@pytest.mark.parametrize("new_database_url", chosen(("postgresql",)), indirect=True)
async def test_row_security_refuses(new_database_url: str) -> None:
    store = SQLAlchemyStore(new_database_url, row_security=True)
    async with store.engine.connect() as connection:
        with pytest.raises(InvalidInput, match="row_security"):
            store.using(connection)
    await store.engine.dispose()


async def test_the_fields_of_a_joined_write_are_encrypted(new_database_url: str) -> None:
    async with SQLAlchemyStore(new_database_url, encryption=Encryption({"k": Encryption.new_key()})) as store:
        async with store.engine.begin() as connection:
            joined = store.using(connection)
            await joined.create_thread("t", "ada", "shop", title="Secret")
            await joined.add_message("t", "user", "secret words")
            raw = (await connection.exec_driver_sql("SELECT content FROM agentomatic_messages")).scalar_one()
            assert "secret" not in str(raw)
        assert await contents(store) == ["secret words"]


async def test_a_query_that_fails_leaves_the_transaction_usable(new_server_url: str) -> None:
    """PostgreSQL would refuse all that follows, and at the commit roll back without a word."""
    not_on_citus(new_server_url, "it refuses lock_timeout")
    async with SQLAlchemyStore(new_server_url, statement_timeout=1, lock_timeout=1) as store:
        await store.create_thread("t", "ada", "shop")
        async with store.engine.begin() as connection:
            await connection.run_sync(ORDERS.metadata.create_all)
        async with store.engine.connect() as connection, connection.begin() as transaction:
            await order(connection, "lamp")
            joined = store.using(connection)
            with pytest.raises(StoreError):
                await joined._database.run(fails, store._context)
            await joined.add_message("t", "user", "one")
            await transaction.commit()
        assert await contents(store) == ["one"]
        assert await orders(store) == 1


@query
async def fails(connection: async_engine.AsyncConnection, _context: Context) -> None:
    """A query that the server refuses."""
    await connection.exec_driver_sql("SELECT nothing FROM nowhere")


async def test_calls_of_a_gather_follow_each_other_also_by_two_views(shop: SQLAlchemyStore) -> None:
    async with shop.engine.begin() as connection:
        views = [shop.using(connection), shop.using(connection)]
        await order(connection, "lamp")
        stored = await asyncio.gather(*(views[n % 2].add_message("t", "user", str(n)) for n in range(6)))
    assert sorted(message["index"] for message in stored) == [*range(6)]
    assert await shop.get_messages("t") == sorted(stored, key=lambda message: int(message["index"]))
    assert await orders(shop) == 1


async def test_a_view_does_not_outlive_its_transaction(shop: SQLAlchemyStore) -> None:
    async with shop.engine.connect() as connection:
        transaction = await connection.begin()
        joined = shop.using(connection)
        await joined.add_message("t", "user", "one")
        await transaction.commit()
        with pytest.raises(InvalidInput, match="has no transaction"):
            await joined.add_message("t", "user", "two")
        async with connection.begin():
            await joined.add_message("t", "user", "three")
    assert await contents(shop) == ["one", "three"]


async def test_a_connection_to_another_database_is_refused(shop: SQLAlchemyStore, other_url: str) -> None:
    async with SQLAlchemyStore(other_url) as other, other.engine.begin() as connection:
        with pytest.raises(InvalidInput, match="this store is in"):
            await shop.using(connection).get_thread("t")


async def test_the_counts_of_a_joined_store_are_those_of_the_transaction(shop: SQLAlchemyStore) -> None:
    async with shop.engine.begin() as connection:
        joined = shop.using(connection)
        await joined.add_message("t", "user", "one")
        assert (await joined.get_stats())["messages"] == 1
        assert (await joined.health_check())["schema"]["state"] == "current"


@pytest.mark.parametrize("given", ["nothing", "an engine", "a session", "a synchronous connection"])
async def test_an_object_that_is_no_connection_is_refused(shop: SQLAlchemyStore, given: str) -> None:
    async with AsyncSession(shop.engine) as session, shop.engine.connect() as connection:
        objects = {
            "nothing": None,
            "an engine": shop.engine,
            "a session": session,
            "a synchronous connection": connection.sync_connection,
        }
        with pytest.raises(InvalidInput, match="connection: must be an AsyncConnection") as refused:
            shop.using(objects[given])  # type: ignore[arg-type]  # the point of the test
        assert refused.value.field == "connection"


async def test_a_connection_that_is_not_open_is_refused(shop: SQLAlchemyStore) -> None:
    with pytest.raises(InvalidInput, match=r"connection: is not open: use it in `async with`"):
        await shop.using(shop.engine.connect()).get_thread("t")


async def test_a_connection_that_was_invalidated_has_to_be_rolled_back(shop: SQLAlchemyStore) -> None:
    async with shop.engine.connect() as connection:
        await connection.begin()
        await connection.invalidate()
        with pytest.raises(InvalidInput, match=r"connection: has a transaction that .* ended.*: roll it back"):
            await shop.using(connection).get_thread("t")


async def test_a_session_lends_its_connection(shop: SQLAlchemyStore) -> None:
    async with AsyncSession(shop.engine) as session, session.begin():
        await shop.using(await session.connection()).add_message("t", "user", "one")
    assert await contents(shop) == ["one"]


async def test_after_a_cancelled_call_the_owner_has_to_roll_back(shop: SQLAlchemyStore) -> None:
    """A call is cancelled while its statement runs."""
    running = asyncio.Event()

    async def cancelled(joined: Any) -> None:
        call = asyncio.create_task(joined._database.run(waits, shop._context, running))
        await running.wait()
        call.cancel()
        await asyncio.wait([call])
        assert call.cancelled()

    async with shop.engine.connect() as connection:
        transaction = await connection.begin()
        joined = shop.using(connection)
        await joined.add_message("t", "user", "goes")
        await cancelled(joined)
        for call in (joined.add_message("t", "user", "goes"), joined.get_messages("t"), joined.get_stats()):
            with pytest.raises(InvalidInput, match=r"connection: has a transaction that .* cancelled: roll it back"):
                await call
        await transaction.rollback()
        async with connection.begin():
            await joined.add_message("t", "user", "stays")
    assert await contents(shop) == ["stays"]


@query
async def waits(connection: async_engine.AsyncConnection, _context: Context, running: asyncio.Event) -> None:
    """A query that runs for a while."""
    forever = {
        "postgresql": "SELECT pg_sleep(1)",
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000) SELECT max(i) FROM n",
    }.get(connection.dialect.name, "SELECT sleep(1)")
    asyncio.get_running_loop().call_later(0.1, running.set)
    await connection.exec_driver_sql(forever)
