"""Packets for MySQL and MariaDB are no larger than they take, and texts are in a character set that holds them all."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import InvalidInput, InvalidURL, SQLAlchemyStore, ValueTooLarge
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.checkpoints import checkpoint, config
from tests.support.containers import Killable
from tests.support.databases import chosen, lent
from tests.support.servers import create_database
from tests.support.ways import is_direct
from tests.support.wire import wire

SMALL = 1 << 20


@pytest.fixture(params=chosen(("mysql", "mariadb")))
def mysql_url(request: pytest.FixtureRequest) -> str:
    return lent(request.param)


def before(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and those before it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


async def limit_of(store: SQLAlchemyStore) -> int:
    async with store.engine.connect() as connection:
        return int((await connection.execute(text("SELECT @@max_allowed_packet"))).scalar_one())


async def test_a_text_that_is_too_long_once_it_is_escaped_is_refused_before_it_is_sent(mysql_url: str) -> None:
    """Each quote is sent as two characters."""
    async with wire(mysql_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=1) as store:
        limit = await limit_of(store)
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", "before" * 20_000)
        asked, begun = proxy.round_trips, time.monotonic()
        with pytest.raises(ValueTooLarge, match="max_allowed_packet") as error:
            await store.add_message("t", "user", "'" * (limit * 6 // 10))
        assert time.monotonic() - begun < 10
        assert proxy.round_trips - asked <= 1  # a rollback
        assert error.value.size > error.value.limit == limit
        assert (await store.get_thread("t") or {})["message_count"] == 1


async def test_the_longest_that_the_server_takes_stands(mysql_url: str) -> None:
    async with SQLAlchemyStore(mysql_url, operation_timeout=300) as store:
        limit = await limit_of(store)
        await store.create_thread("t", "ada", "agent")
        content = "'" * ((limit - 2_000) // 2)
        await store.add_message("t", "user", content)
        (message,) = await store.get_messages("t")
        assert message["content"] == content
        with pytest.raises(ValueTooLarge):
            await store.add_message("t", "user", content + "'" * 2_000)


async def test_also_on_sqlalchemys_own_connections(mysql_url: str) -> None:
    async with SQLAlchemyStore(mysql_url, echo="debug") as store:
        assert not is_direct(store)
        limit = await limit_of(store)
        await store.create_thread("t", "ada", "agent")
        begun = time.monotonic()
        with pytest.raises(ValueTooLarge):
            await store.add_message("t", "user", "\n" * (limit * 6 // 10))
        assert time.monotonic() - begun < 20
        assert (await store.get_thread("t") or {})["message_count"] == 0


async def test_a_graphs_value_is_sent_in_parts_that_the_server_takes(mysql_url: str) -> None:
    async with SQLAlchemyStore(mysql_url) as store:
        limit = await limit_of(store)
        saver, values = SQLAlchemySaver(store), {"x": random.randbytes(limit)}  # which no compression makes smaller
        await saver.aput(config("t"), checkpoint(values, {"x": "1"}), {}, {"x": "1"})
        found = await saver.aget_tuple(config("t"))
        assert found is not None
        assert found.checkpoint["channel_values"] == values


@pytest.fixture
def small_server() -> Iterator[str]:
    """The URL of a database on a server of the test's own, which takes one megabyte, as old ones do by default."""
    if not chosen(("mysql",)):
        pytest.skip("mysql is not chosen")
    with ExitStack() as running:
        try:
            server = Killable("mysql", running, f"mysqld --max-allowed-packet={SMALL}")
        except LookupError as error:
            pytest.skip(str(error))
        server.start()
        yield asyncio.run(create_database(server))


async def commits(store: SQLAlchemyStore) -> int:
    """Return the number of transactions that the store's one connection has committed."""
    async with store.engine.connect() as connection:
        return int((await connection.execute(text("SHOW SESSION STATUS LIKE 'Com_commit'"))).one()[1])


async def test_a_batch_does_not_grow_past_what_the_server_takes(small_server: str) -> None:
    """Each of these characters takes seven bytes in the JSON of a batch."""
    async with SQLAlchemyStore(small_server, pool_size=1, max_overflow=0) as store:
        assert await limit_of(store) == SMALL
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", "x" * 70_000)  # the server was asked for its limit
        contents = [f"{number} {chr(1) * 20_000}" for number in range(40)]
        committed = await commits(store)
        stored = await asyncio.gather(*(store.add_message("t", "user", content) for content in contents))
        assert [message["index"] for message in stored] == [*range(1, 41)]
        assert await commits(store) - committed < 10  # not one for each
        assert [message["content"] for message in await store.get_messages("t", offset=1)] == contents


@pytest.mark.parametrize("charset", ["latin1", "gbk", "utf8"])
async def test_a_character_set_that_cannot_hold_every_text_is_refused(mysql_url: str, charset: str) -> None:
    url = make_url(mysql_url)
    engine = create_async_engine(
        url.set(drivername=f"{url.get_backend_name()}+aiomysql", query={}), connect_args={"charset": charset}
    )
    says = f"charset={charset}.* cannot hold every text: use charset=utf8mb4"
    with pytest.raises(InvalidURL, match=says):
        SQLAlchemyStore(url.update_query_dict({"charset": charset}))
    with pytest.raises(InvalidInput, match=says):
        SQLAlchemyStore(mysql_url, connect_args={"charset": charset})
    store = SQLAlchemyStore(engine=engine)
    with pytest.raises(InvalidURL, match=says):
        await store.initialize()
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    assert "utf8mb4" in report["error"]
    await store.close()
    await engine.dispose()


async def test_a_character_that_the_connection_lacks_fails_its_own_call_only(mysql_url: str) -> None:
    """Whoever changes the character set of an open connection does not harm the others of a batch."""
    async with SQLAlchemyStore(mysql_url, pool_size=1, max_overflow=0) as store:
        await store.create_thread("t", "ada", "agent")
        async with store.engine.connect() as connection:
            raw: Any = (await connection.get_raw_connection()).driver_connection
            await raw.set_charset("latin1")
        contents = [f"{number} {'😀 secret' if number == 7 else 'plain'}" for number in range(20)]
        stored = await asyncio.gather(
            *(store.add_message("t", "user", content) for content in contents), return_exceptions=True
        )
        (failed,) = [one for one in stored if isinstance(one, BaseException)]
        assert stored.index(failed) == 7
        assert "charset=latin1 has no U+1F600: use utf8mb4" in str(failed)
        assert "secret" not in repr(failed)
        assert not any(isinstance(error, UnicodeError) for error in before(failed))
        raw.close()  # the next call gets a new one
        assert (await store.get_thread("t") or {})["message_count"] == 19


async def test_an_encoding_that_cannot_hold_every_text_is_refused() -> None:
    if not chosen(("postgresql",)):
        pytest.skip("postgresql is not chosen")
    url = await asyncio.to_thread(lent, "postgresql")
    store = SQLAlchemyStore(url, connect_args={"server_settings": {"client_encoding": "LATIN1"}})
    with pytest.raises(InvalidURL, match=r"client_encoding=LATIN1 .* use UTF8"):
        await store.initialize()
    await store.close()
