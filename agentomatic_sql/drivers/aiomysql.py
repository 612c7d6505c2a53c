"""aiomysql: MySQL and MariaDB."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from ..errors import DatabaseError, ValueTooLarge
from ..statements import Rows, Sql, SqlSteps, drive
from . import hosts, mysql_options, mysql_tls, tcp
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
_NO_BACKSLASHES = 0x200  # the status of a session whose sql_mode has NO_BACKSLASH_ESCAPES
_LIMIT = "max_allowed_packet"

# not connected, gone away, lost during a query, shut down, killed (MariaDB), ended because it was idle, or because of a
# packet that was too large; failed during the commit: a server that leaves its cluster then (Galera, Group Replication)
# cannot say whether the others commit
_ENDED = frozenset({"0", "2006", "2013", "2014", "2055", "1053", "1927", "4031", "1153", "1180", "3100"})


# read-only (the session, InnoDB), in offline mode; a node that is not in a Galera cluster (ER_UNKNOWN_COM_ERROR)
_REFUSED = frozenset({"1792", "1836", "3032", "1047"})
_PREVENTED = "1290"
_READ_ONLY = re.compile(r"--(super-|innodb-)?read-only")
"""The options of a server that prevent a statement (`_PREVENTED`) because it is read-only; others prevent it, too."""

_PORT = 3306

_ROLE = b"SELECT @@global.read_only, @@global.innodb_read_only"  # a node that is not in a Galera cluster refuses it

_asked: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
"""The `target_session_attrs` of connections whose server was asked for its role."""


class AiomysqlDriver(Driver):
    name = "aiomysql"
    options = mysql_options.OPTIONS
    all_taken = frozenset({"1040", "1203", "1226"})  # max_connections, max_user_connections, a limit of the user's

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

    def is_refusal(self, error: BaseException) -> bool:
        code = self.code(error)
        read_only = code == _PREVENTED and _READ_ONLY.search(str(error)) is not None
        return read_only or code in _REFUSED or super().is_refusal(error)

    async def role(self, connection: Any) -> hosts.Role:
        ((answer,),) = await _send_packet(connection, [], [_ROLE], [])
        return self.role_of(answer)

    def fits(self, role: hosts.Role, attrs: str) -> bool:
        # A server does not say whether it repeats another's writes: that it is read-only tells it from the primary.
        return super().fits(role, {"primary": "read-write", "standby": "read-only"}.get(attrs, attrs))

    def role_of(self, answer: Sequence[Any]) -> hosts.Role:
        return "writable" if all(value in (0, "OFF") for value in answer) else "read-only"

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

    async def close(self, connection: Any) -> None:
        await connection.ensure_closed()

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
        # last, also if the operation only reads: the connection would begin one by itself. A server that turns
        # read-only keeps its connections and refuses writes only, so what it answers to a read may be old.
        begun, attrs = False, None if changes else _asked.get(connection)

        async def send(statements: Sequence[Sql], last: bool) -> Sequence[Rows]:
            nonlocal begun
            texts = [_encoded(connection, one) for one in statements]
            packets = _packets(texts, await self._limit(connection, max(map(len, texts))))
            rows: list[Rows] = []
            for number, packet in enumerate(packets, 1):
                before = [b"BEGIN"] if not begun and (changes or number < len(packets)) else []
                ends = last and number == len(packets)
                begun = not ends
                asking = [] if attrs is None else [_ROLE]
                found = await _send_packet(connection, before, [*packet, *asking], [b"COMMIT"] if ends else [])
                if asking:
                    self._refuse_other_role(found.pop()[0], attrs)
                rows += found
            return rows

        try:
            result = await drive(steps, send)
            if begun:
                await connection.commit()
        except Exception:
            if self.is_open(connection):
                await self._roll_back(connection)
            raise
        return result

    def _refuse_other_role(self, answer: Sequence[Any], attrs: str | None) -> None:
        role = self.role_of(answer)
        if attrs is not None and not self.fits(role, attrs):
            raise hosts.RoleChanged(role)

    async def _roll_back(self, connection: Any) -> None:
        """Roll back, or close a connection that cannot.

        What the server says to the ROLLBACK must not take the place of what it said to the COMMIT before: a Galera node
        that is cut off answers 1180, which leaves open whether the others commit, and then 1047.
        """
        failures: tuple[type[BaseException], ...] = (*self.errors(), OSError)
        try:
            await connection.rollback()
        except failures:
            connection.close()

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
"""The characters before which the driver itself sends a backslash; `_literal` does so before the last two only."""


def _literal(connection: Any, value: Any) -> str:
    """Return a value as SQL. aiomysql's own function looks at each character of a text, which takes much longer."""
    if not isinstance(value, str) or connection.server_status & _NO_BACKSLASHES:
        escaped: str = connection.escape(value)
        return escaped
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _encoded(connection: Any, statement: Sql) -> bytes:
    """Return a statement with its arguments as it is sent; raises `DatabaseError` for a character that cannot be."""
    text = statement.text % tuple([_literal(connection, value) for value in statement.arguments])
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


@cache
def _quiet() -> type[Any]:
    """Return aiomysql's class of cursors, except that it does not ask for a server's warnings, one request more.

    They are about the form of statements; a value that cannot be stored is an error. SQLAlchemy's cursors are so, too.
    """
    import aiomysql

    class Quiet(aiomysql.Cursor):  # type: ignore[misc] # aiomysql has no types
        async def _show_warnings(self, _connection: Any) -> None:
            return

    return Quiet


async def _send_packet(
    connection: Any, before: Sequence[bytes], texts: Sequence[bytes], after: Sequence[bytes]
) -> list[Rows]:
    """Send statements in one packet and return the rows of `texts`."""
    cursor = await connection.cursor(_quiet())
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


async def connect(*arguments: Any, connect_timeout: float | None = None, **options: Any) -> Any:
    """Connect as `aiomysql.connect` does, within so many seconds. With TLS options, a server without TLS is refused.

    aiomysql would go on without TLS, whoever has taken it out of the server's greeting, and send the password. Of
    several hosts, the first that fits `target_session_attrs` is taken; the time is for each. Raises `NoHost`.

    The driver does not get the time limit. Its own covers only the TCP connection, and with one it loses a cancellation
    on Python 3.11: it waits with `asyncio.wait_for`, which returns if it is cancelled just as the connection is made.
    """
    mysql_tls.translate(options)
    for_socket = tcp.taken(options)
    if isinstance(password := options.get("password"), str):
        # In UTF-8, as MySQL's own client; aiomysql encodes what it gets in latin-1.
        options["password"] = password.encode().decode("latin-1")
    wanted = hosts.Wanted.of_arguments(options, _PORT)

    async def open_(host: hosts.Host) -> Any:
        return await _connect(*arguments, host=host.name, port=host.port, **options)

    driver = AiomysqlDriver()
    if wanted.among and not wanted.is_plain:
        connection = await hosts.connect(wanted, driver, connect_timeout, open_)
        if wanted.attrs not in ("any", "prefer-standby"):
            _asked[connection] = wanted.attrs
    else:
        async with asyncio.timeout(connect_timeout):
            connection = await (open_(wanted.among[0]) if wanted.among else _connect(*arguments, **options))
    if (transport := driver.transport(connection)) is not None:
        try:
            tcp.set_options(transport, for_socket)
        except ValueError:
            connection.close()
            raise
    return connection


async def _connect(*arguments: Any, **options: Any) -> Any:
    import aiomysql

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
