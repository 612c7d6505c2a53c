"""aiomysql: MySQL and MariaDB."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from ..statements import Rows, Sql, SqlSteps, drive
from . import mysql_tls
from .base import Driver, shut

_R = TypeVar("_R")

_PACKET = 1_000_000
"""Characters of one packet, each of at most four bytes; every server takes 4 MB by default."""

_NO_TLS = "the server offers no TLS, which ssl= asks for"

# not connected, gone away, lost during a query, shut down, killed (MariaDB), ended because it was idle
_ENDED = frozenset({"0", "2006", "2013", "2014", "2055", "1053", "1927", "4031"})


class AiomysqlDriver(Driver):
    name = "aiomysql"

    def errors(self) -> tuple[type[BaseException], ...]:
        import pymysql

        return (pymysql.err.MySQLError,)

    def code(self, error: BaseException) -> str | None:
        original = getattr(error, "orig", error)
        number = original.args[0] if isinstance(original, BaseException) and original.args else None
        return str(number) if isinstance(number, int) else None

    def is_lost(self, error: BaseException) -> bool:
        import pymysql

        # The driver's own complaints about an answer that it did not expect have no number.
        complaint = isinstance(error, (pymysql.err.InterfaceError, pymysql.err.InternalError))
        return (complaint and self.code(error) is None) or self.code(error) in _ENDED

    def is_open(self, connection: Any) -> bool:
        if connection.closed:
            return False
        # Private, to notice without a round trip that the server has ended the connection. Without it, the first
        # statement fails and the operation runs again.
        reader = getattr(connection, "_reader", None)
        return reader is None or not reader.at_eof()

    def refuse_plain(self, connection: Any) -> None:
        # Private, both: aiomysql has no public way to see whether a connection uses TLS.
        asked, writer = getattr(connection, "_ssl_context", None), getattr(connection, "_writer", None)
        if asked and (writer is None or writer.get_extra_info("ssl_object") is None):
            raise ConnectionError(_NO_TLS)

    async def ping(self, connection: Any) -> None:
        await connection.ping(reconnect=False)

    def abandon(self, connection: Any) -> None:
        # Private, because the connection would call its loop when it is collected. Without it, Python prints that.
        writer = getattr(connection, "_writer", None)
        if writer is not None:
            shut(writer.transport)
            connection._writer = None

    def can_run_on(self, connection: Any) -> bool:
        import aiomysql

        return isinstance(connection, aiomysql.Connection)

    async def run(self, connection: Any, steps: SqlSteps[_R], *, changes: bool) -> _R:
        # The statements of a group are one packet. The transaction begins with the first packet and ends with the
        # last, also if the operation only reads: the connection would begin one by itself.
        begun = False

        async def send(statements: Sequence[Sql], last: bool) -> Sequence[Rows]:
            nonlocal begun
            texts = [one.text % tuple(map(connection.escape, one.arguments)) for one in statements]
            packets = _packets(texts)
            rows: list[Rows] = []
            for number, packet in enumerate(packets, 1):
                before = ["BEGIN"] if not begun and (changes or number < len(packets)) else []
                ends = last and number == len(packets)
                begun = not ends
                rows += await _send_packet(connection, before, packet, ["COMMIT"] if ends else [])
            return rows

        try:
            result = await drive(steps, send)
            if begun:
                await connection.commit()
        except Exception:
            if self.is_open(connection):
                await connection.rollback()
            raise
        return result


def _packets(texts: list[str]) -> list[list[str]]:
    """Divide statements into packets that every server takes, as long as each statement is small enough."""
    packets: list[list[str]] = [[]]
    size = 0
    for text in texts:
        if packets[-1] and size + len(text) > _PACKET:
            packets.append([])
            size = 0
        packets[-1].append(text)
        size += len(text)
    return packets


async def _send_packet(connection: Any, before: list[str], texts: list[str], after: list[str]) -> list[Rows]:
    """Send statements in one packet and return the rows of `texts`."""
    cursor = await connection.cursor()
    try:
        await cursor.execute(";".join([*before, *texts, *after]))
        for _ in before:
            await cursor.nextset()
        rows: list[Rows] = []
        for _ in texts:
            rows.append(await cursor.fetchall())
            await cursor.nextset()
        return rows
    finally:
        await cursor.close()


async def connect(*arguments: Any, seconds: float | None, **options: Any) -> Any:
    """Connect as `aiomysql.connect` does, within so many seconds. With TLS options, a server without TLS is refused.

    aiomysql would go on without TLS, whoever has taken it out of the server's greeting, and send the password.
    """
    import aiomysql

    mysql_tls.translate(options)
    async with asyncio.timeout(seconds):  # the driver's own time-out covers only the TCP connection
        if not options.get("ssl"):
            return await aiomysql.connect(*arguments, **options)
        connection = _guarded()(*arguments, **options)
        await connection._connect()
        return connection


@cache
def _guarded() -> type[Any]:
    """Return aiomysql's class of connections, except that TLS which was asked for is never given up.

    Its private names say at the one moment that matters whether there will be TLS: after the server's greeting, before
    the client's answer with the password.
    """
    import aiomysql
    from pymysql.constants import CLIENT

    class Guarded(aiomysql.Connection):  # type: ignore[misc] # aiomysql has no types
        async def _request_authentication(self) -> None:
            if not self.server_capabilities & CLIENT.SSL:
                raise ConnectionError(_NO_TLS)
            await super()._request_authentication()

    return Guarded
