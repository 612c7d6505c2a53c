"""aiomysql: MySQL and MariaDB."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from ..errors import DatabaseError, ValueTooLarge
from ..statements import Rows, Sql, SqlSteps, drive
from . import mysql_tls
from .base import Driver

_R = TypeVar("_R")

_PACKET = 1_000_000
"""The bytes of a packet with several statements, unless the server takes less."""

_NO_TLS = "the server offers no TLS, which ssl= asks for"

_SMALL = 60_000
"""Bytes. Before a longer statement is sent on a connection, the server is asked once how much it takes."""

_AROUND = 32
"""Bytes of a packet for its command, BEGIN and COMMIT."""

_CHARSET = "utf8mb4"
_LIMIT = "max_allowed_packet"

# not connected, gone away, lost during a query, shut down, killed (MariaDB), ended because it was idle, or because of a
# packet that was too large
_ENDED = frozenset({"0", "2006", "2013", "2014", "2055", "1053", "1927", "4031", "1153"})


class AiomysqlDriver(Driver):
    name = "aiomysql"

    def __init__(self) -> None:
        self._limits: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        """The most bytes that the server takes in a packet, for connections where it matters."""

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
        asked, transport = getattr(connection, "_ssl_context", None), self.transport(connection)
        if asked and (transport is None or transport.get_extra_info("ssl_object") is None):
            raise ConnectionError(_NO_TLS)

    def refuse_encoding(self, connection: Any) -> None:
        charset = getattr(connection, "charset", _CHARSET)
        if charset != _CHARSET:
            raise ValueError(f"charset={charset} cannot hold every text: use charset={_CHARSET}")

    def transport(self, connection: Any) -> Any:
        return getattr(getattr(connection, "_writer", None), "transport", None)

    def terminate(self, connection: Any) -> None:
        connection.close()

    async def ping(self, connection: Any) -> None:
        await connection.ping(reconnect=False)

    def size(self, value: str | bytes) -> int:
        if isinstance(value, str):
            value = value.encode("utf-8", "surrogatepass")
        return len(value) + sum([value.count(character) for character in _ESCAPED])

    def can_run_on(self, connection: Any) -> bool:
        import aiomysql

        return isinstance(connection, aiomysql.Connection)

    async def run(self, connection: Any, steps: SqlSteps[_R], *, changes: bool) -> _R:
        # The statements of a group are one packet. The transaction begins with the first packet and ends with the
        # last, also if the operation only reads: the connection would begin one by itself.
        begun = False

        async def send(statements: Sequence[Sql], last: bool) -> Sequence[Rows]:
            nonlocal begun
            texts = [_encoded(connection, one) for one in statements]
            packets = _packets(texts, await self._limit(connection, max(map(len, texts))))
            rows: list[Rows] = []
            for number, packet in enumerate(packets, 1):
                before = [b"BEGIN"] if not begun and (changes or number < len(packets)) else []
                ends = last and number == len(packets)
                begun = not ends
                rows += await _send_packet(connection, before, packet, [b"COMMIT"] if ends else [])
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

    async def _limit(self, connection: Any, longest: int) -> int:
        """Return how many bytes a packet may have; raises `ValueTooLarge` if the longest statement is too long.

        A server that gets a longer packet closes the connection.
        """
        if longest <= _SMALL:
            return _PACKET
        limit = self._limits.get(connection)
        if limit is None:
            (((found,),),) = await _send_packet(connection, [], [f"SELECT @@{_LIMIT}".encode()], [])
            limit = self._limits[connection] = int(found)
        if longest + _AROUND > limit:
            raise ValueTooLarge(longest, limit, _LIMIT)
        return min(_PACKET, limit - _AROUND)


_ESCAPED = (b"\0", b"\n", b"\r", b"\x1a", b'"', b"'", b"\\")
"""The characters of a value before which a backslash is sent."""


def _encoded(connection: Any, statement: Sql) -> bytes:
    """Return a statement with its arguments as it is sent; raises `DatabaseError` for a character that cannot be."""
    text = statement.text % tuple(map(connection.escape, statement.arguments))
    try:
        encoded: bytes = text.encode(connection.encoding, "surrogateescape")
    except UnicodeEncodeError as error:
        character = f"U+{ord(error.object[error.start]):04X}"
    else:
        return encoded
    # Not from the driver's error, which has the whole statement.
    raise DatabaseError(f"the connection's charset={connection.charset} has no {character}: use {_CHARSET}", None)


def _packets(texts: Sequence[bytes], most: int) -> list[list[bytes]]:
    """Divide statements into packets of at most so many bytes, or of one statement."""
    packets: list[list[bytes]] = [[]]
    size = 0
    for text in texts:
        if packets[-1] and size + len(text) + 1 > most:
            packets.append([])
            size = 0
        packets[-1].append(text)
        size += len(text) + 1
    return packets


async def _send_packet(
    connection: Any, before: Sequence[bytes], texts: Sequence[bytes], after: Sequence[bytes]
) -> list[Rows]:
    """Send statements in one packet and return the rows of `texts`."""
    cursor = await connection.cursor()
    try:
        await cursor.execute(b";".join([*before, *texts, *after]))
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
