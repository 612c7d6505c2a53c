"""A TCP proxy in front of one or more servers: it counts round trips, and cuts a connection where a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal

from sqlalchemy import make_url

PORTS = {"postgresql": 5432, "cockroachdb": 26257, "mysql": 3306, "mariadb": 3306}
Cut = Literal["before the request", "before the answer", "and deliver late", "and answer with an error"]


class Wire:
    """Connections go to the `targets` in turn; a server that refuses one is passed over.

    `round_trips` counts requests that were answered; `cut` ends the next connection that asks something.

    `spared` is how many more requests are answered before that. A request that is to be delivered late reaches the
    server when `deliver` is set, and `delivered` is set when the server has answered it. While `flowing` is not set,
    nothing goes through, and nobody is told; while `accepting` is not set, new connections wait.
    """

    def __init__(self, *urls: str) -> None:
        self.targets = [make_url(url) for url in urls]
        self._turn = 0
        self._writers: set[asyncio.StreamWriter] = set()
        self._relays: set[asyncio.Task[None]] = set()
        self._accepts: set[asyncio.Task[None]] = set()
        self._pairs: list[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = []
        self._forgotten: set[asyncio.StreamWriter] = set()
        self.errors: list[bytes] = []
        """The answers to a request that is to be answered with an error, and to those that follow it."""
        self._to_fail: asyncio.StreamWriter | None = None
        self.round_trips = 0
        self.cut: Cut | None = None
        self.cuts = 0
        self.spared = 0
        self.flowing, self.accepting = asyncio.Event(), asyncio.Event()
        self.flowing.set()
        self.accepting.set()
        self.was_cut, self.deliver, self.delivered = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._late: asyncio.StreamWriter | None = None
        self._unanswered: set[asyncio.StreamWriter] = set()
        self.url = ""

    async def serve(self) -> asyncio.Server:
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        here = self.targets[0].set(host="127.0.0.1", port=server.sockets[0].getsockname()[1])
        self.url = here.render_as_string(hide_password=False)
        return server

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._accepts.add(asyncio.create_task(self._accept(reader, writer)))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self.accepting.wait()
        server_reader, server_writer = await self._connect()
        self._writers |= {writer, server_writer}
        self._pairs.append((writer, server_writer))
        asking = asyncio.create_task(self._ask(reader, server_writer, writer))
        answering = asyncio.create_task(self._answer(server_reader, writer, server_writer))
        self._relays |= {asking, answering}

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the next server that takes a connection."""
        for left in reversed(range(len(self.targets))):
            target = self.targets[self._turn % len(self.targets)]
            self._turn += 1
            try:
                port = target.port or PORTS[target.get_backend_name()]
                return await asyncio.open_connection(target.host, port)
            except ConnectionRefusedError:
                if not left:
                    raise
        raise AssertionError("a proxy has a server")

    async def _ask(
        self, client: asyncio.StreamReader, server: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        with suppress(ConnectionError):
            while request := await client.read(1 << 16):
                await self.flowing.wait()
                cut = None if self.spared else self.cut
                self.spared = max(0, self.spared - 1)
                if cut == "before the request" or back in self._forgotten:
                    break
                if cut == "before the answer":
                    self._unanswered.add(back)
                if cut == "and answer with an error":
                    self.cut, self._to_fail = None, back
                if cut == "and deliver late":
                    await self._hold_back(request, server, back)
                    return
                self.round_trips += 1
                server.write(request)
                await server.drain()
            else:
                server.close()
                return
        self._end(back, server)

    async def _hold_back(self, request: bytes, server: asyncio.StreamWriter, back: asyncio.StreamWriter) -> None:
        self.cut, self._late = None, back
        self.cuts += 1
        self.was_cut.set()
        back.transport.abort()
        await self.deliver.wait()
        server.write(request)
        await self.delivered.wait()
        server.close()

    async def deliver_late(self) -> None:
        """Deliver the request that is held back, if there is one, and wait until the server has answered it."""
        if self._late is not None:
            self.deliver.set()
            await self.delivered.wait()

    async def _answer(
        self, server: asyncio.StreamReader, client: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        try:
            await self._relay_answers(server, client, back)
        finally:
            if client is self._late:  # answered, or the server has ended the session
                self._late = None
                self.delivered.set()

    async def _relay_answers(
        self, server: asyncio.StreamReader, client: asyncio.StreamWriter, back: asyncio.StreamWriter
    ) -> None:
        with suppress(ConnectionError):
            while answer := await server.read(1 << 16):
                if client is self._late:
                    return
                if client is self._to_fail:
                    answer = self.errors.pop(0)
                    self._to_fail = client if self.errors else None
                    self.was_cut.set()
                if client in self._unanswered:
                    await _quiet(server)
                    break
                client.write(answer)
                await client.drain()
            else:
                client.close()
                return
        self._end(client, back)

    def _end(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self.cut = None
        self.cuts += 1
        self.was_cut.set()
        client.transport.abort()
        server.close()

    def sever(self) -> None:
        """Cut all connections at once, whatever is going on there."""
        for client, server in self._pairs:
            client.transport.abort()
            server.close()
        self._pairs.clear()

    def forget(self) -> int:
        """As a load balancer forgets idle connections: nobody is told, and what comes next on one is refused."""
        self._forgotten |= {client for client, _server in self._pairs}
        return len(self._pairs)

    async def close(self) -> None:
        for event in (self.flowing, self.accepting, self.deliver, self.delivered):
            event.set()
        await asyncio.gather(*self._accepts)  # a driver may have connected just now, to cancel a statement
        for writer in self._writers:
            writer.close()
        await asyncio.gather(*self._relays)


async def _quiet(server: asyncio.StreamReader) -> None:
    """Read the rest of an answer: a server that cannot send it may leave undone what comes after."""
    with suppress(TimeoutError):
        while await asyncio.wait_for(server.read(1 << 16), 0.1):
            continue


@asynccontextmanager
async def wire(*urls: str) -> AsyncIterator[Wire]:
    """A proxy in front of the servers of these URLs."""
    proxy = Wire(*urls)
    server = await proxy.serve()
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
        await server.wait_closed()
