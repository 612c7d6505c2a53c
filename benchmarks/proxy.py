"""A TCP proxy that delays what a server answers, in a process of its own."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit


@contextmanager
def delaying(url: str, seconds: float) -> Iterator[str]:
    """The URL of the same server, behind a proxy that holds back each of its answers."""
    parts = urlsplit(url)
    receive, send = multiprocessing.Pipe(duplex=False)
    target = (parts.hostname or "localhost", parts.port or 5432)
    process = multiprocessing.Process(target=_serve, args=(*target, seconds, send), daemon=True)
    process.start()
    user = parts.netloc.rpartition("@")[0]
    try:
        yield urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{receive.recv()}"))
    finally:
        process.kill()
        process.join()


def _serve(host: str, port: int, seconds: float, send: Any) -> None:
    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
        loop = asyncio.get_running_loop()
        while chunk := await reader.read(1 << 16):
            if delay:
                loop.call_later(delay, writer.write, chunk)
            else:
                writer.write(chunk)
        loop.call_later(delay, writer.close)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(host, port)
        await asyncio.gather(
            relay(reader, server_writer, 0), relay(server_reader, writer, seconds), return_exceptions=True
        )

    async def serve() -> None:
        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        send.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())
