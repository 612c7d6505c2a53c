"""TLS that was asked for is never given up: no server without it, and nobody in between, gets to see a password."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import SQLAlchemyStore, StoreUnavailable
from agentomatic_sql.drivers.asyncpg import connect
from agentomatic_sql.execution.engine import parse
from tests.support.databases import chosen
from tests.support.wire import PORTS

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""PostgreSQL's question whether there will be TLS, in the clear; a client's name and password come after it."""
REFUSED = "the server offers no TLS|rejected SSL upgrade"


class Between:
    """A relay that tells clients that the server has no TLS, and the server that they ask for none.

    `sent` is what clients have sent, `url` leads here.
    """

    def __init__(self, url: str) -> None:
        self._target = make_url(url)
        self._is_mysql = self._target.get_backend_name() in ("mysql", "mariadb")
        self._writers: list[asyncio.StreamWriter] = []
        self._relays: set[asyncio.Task[None]] = set()
        self.sent = b""
        self.url = ""

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        here = self._target.set(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
        self.url = here.render_as_string(hide_password=False)
        return server

    async def _accept(self, client: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        port = self._target.port or PORTS[self._target.get_backend_name()]
        server, onward = await asyncio.open_connection(self._target.host, port)
        self._writers += [back, onward]
        if self._is_mysql:
            greeting = await packet(server)
            # The flags come after the header, the version, the connection's id, half a salt and a zero.
            back.write(without_tls(greeting, greeting.index(b"\0", 5) + 1 + 4 + 8 + 1))
        self._relays |= {asyncio.create_task(self._ask(client, onward, back)), asyncio.create_task(relay(server, back))}

    async def _ask(
        self, client: asyncio.StreamReader, onward: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        with suppress(asyncio.IncompleteReadError):  # it has gone without a word
            first = await (packet(client) if self._is_mysql else client.readexactly(8))
            self.sent += first
            if self._is_mysql:
                onward.write(without_tls(first, 4))
            elif first == SSL_REQUEST:
                back.write(b"N")
            else:
                onward.write(first)
        while data := await client.read(1 << 16):
            self.sent += data
            onward.write(data)
        onward.close()

    async def close(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        await asyncio.gather(*self._relays, return_exceptions=True)


async def relay(server: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await server.read(1 << 16):
            back.write(data)
    back.close()


async def packet(reader: asyncio.StreamReader) -> bytes:
    """A packet of MySQL's protocol, with its header."""
    header = await reader.readexactly(4)
    return header + await reader.readexactly(int.from_bytes(header[:3], "little"))


def without_tls(sent: bytes, flags: int) -> bytes:
    """A packet without the flag that stands for TLS, in the second byte of the flags at this offset."""
    return sent[: flags + 1] + bytes([sent[flags + 1] & ~0x08]) + sent[flags + 2 :]


@asynccontextmanager
async def between(url: str) -> AsyncIterator[Between]:
    """A relay in front of the server of a URL."""
    there = Between(url)
    server = await there.serve()
    try:
        yield there
    finally:
        server.close()
        await there.close()
        await server.wait_closed()


def trusting() -> ssl.SSLContext:
    """A context that accepts any certificate, so that only the missing TLS can be the reason to refuse."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def test_without_tls_nothing_is_sent_if_it_was_asked_for(server_url: str) -> None:
    async with between(server_url) as there:
        store = SQLAlchemyStore(there.url, connect_args={"ssl": trusting()})
        with pytest.raises(StoreUnavailable, match=REFUSED):
            await store.get_thread("t")
        assert (await store.health_check())["status"] == "unhealthy"
        await store.close()
    assert there.sent.replace(SSL_REQUEST, b"") == b""


async def test_an_engine_of_the_callers_own_is_not_used_without_the_tls_that_it_asks_for(server_url: str) -> None:
    async with between(server_url) as there:
        engine = create_async_engine(parse(there.url)[0], connect_args={"ssl": trusting()})
        for _ in range(2):  # a second store on the engine, too
            store = SQLAlchemyStore(engine=engine)
            with pytest.raises(StoreUnavailable, match=REFUSED):
                await store.get_thread("t")
            await store.close()
        await engine.dispose()


async def test_without_a_context_a_server_needs_no_tls(server_url: str) -> None:
    async with between(server_url) as there, SQLAlchemyStore(there.url) as store:
        await store.create_thread("t", "ada", "agent")
        assert await store.get_thread("t")


@pytest.mark.parametrize("server_url", chosen(("postgresql",)), indirect=True)
@pytest.mark.parametrize("mode", ["require", "prefer"])
async def test_a_mode_that_prefers_tls_goes_on_without_it_and_one_that_requires_it_does_not(
    server_url: str, mode: str
) -> None:
    async with between(server_url) as there:
        store = SQLAlchemyStore(make_url(there.url).update_query_dict({"sslmode": mode}))
        if mode == "prefer":
            assert await store.get_thread("t") is None
        else:
            with pytest.raises(StoreUnavailable, match=REFUSED):
                await store.get_thread("t")
        await store.close()


@pytest.mark.parametrize("server_url", chosen(("postgresql",)), indirect=True)
async def test_a_plain_connection_that_should_have_tls_is_noticed(server_url: str) -> None:
    url, dialect = parse(server_url)
    connection: Any = await connect(**url.translate_connect_args(username="user"), ssl=False)
    dialect.driver.refuse_plain(connection)
    connection._params = connection._params._replace(sslmode=type(connection._params.sslmode).require)
    with pytest.raises(ConnectionError, match="TLS was asked for, and the connection has none"):
        dialect.driver.refuse_plain(connection)
    await connection.close()
