"""Send a statement ahead of another one on an asyncpg connection: both in one transaction and one round trip.

PostgreSQL executes messages in the order in which they are sent, and those up to the next Sync message are one
transaction (its documentation, "Message Flow", "Pipelining"). A pooler gives the server to nobody else before that.
asyncpg sends a Sync after each statement, and has no way to send two. So the messages of the first statement are
written to the connection's transport, without a Sync, just before asyncpg writes those of the second.

This takes four private names of asyncpg (`_NAMES`, `bind_execute`). They save three round trips per operation. Each
connection is tried once: if the server does not show that it has executed the first statement just before the second
one (with another release of asyncpg, or a pooler that has rules of its own), the caller has to use BEGIN and COMMIT.
"""

from __future__ import annotations

from contextlib import suppress
from struct import pack
from typing import Any
from weakref import WeakKeyDictionary

from .base import UserSetting

_NAMES = ("_protocol", "_transport", "_stmt_cache_enabled")
_PREPARED = "agentomatic_sql_tell_user"
_TRIED = "nobody: agentomatic_sql tries the connection"
_TEXT = 25
"""The number of the type `text`."""


class Pipeline:
    """Tells a server its user ahead of a statement, on the connections of a driver."""

    def __init__(self) -> None:
        self._names: WeakKeyDictionary[Any, bytes | None] = WeakKeyDictionary()
        """The name of the statement that tells the user, on each connection; empty: it has none; None: no pipeline."""

    async def is_on(self, connection: Any, setting: UserSetting) -> bool:
        """Return whether a connection can send a statement ahead of another one; it is tried the first time."""
        if connection not in self._names:
            self._names[connection] = await _try(connection, setting) if is_known(connection) else None
        return self._names[connection] is not None

    async def fetch(self, connection: Any, setting: UserSetting, user_id: str, text: str, *arguments: Any) -> Any:
        """Tell the user, run a statement as `connection.fetch` does, and return its rows; `is_on` was True."""
        telling = _messages(setting, self._names[connection], user_id)
        return await _fetch_behind(telling, connection, text, *arguments)


async def _try(connection: Any, setting: UserSetting) -> bytes | None:
    """Prepare the statement that tells the user, and return its name; None if there is no pipeline."""
    import asyncpg

    name = b""
    # Without a cache, no statement stays prepared: a pooler gives each transaction another server.
    if connection._stmt_cache_enabled:
        with suppress(asyncpg.DuplicatePreparedStatementError):  # by another client of a pooler, which shares sessions
            await connection.execute(f"PREPARE {_PREPARED} (text) AS {setting.tell}")
        name = _PREPARED.encode()
    told = await _fetch_behind(_messages(setting, name, _TRIED), connection, setting.ask)
    left = await connection.fetch(setting.ask)
    return name if [tuple(row) for row in told] == [(_TRIED,)] != [tuple(row) for row in left] else None


async def _fetch_behind(messages: bytes, connection: Any, text: str, *arguments: Any) -> Any:
    """Run a statement as `connection.fetch` does, behind messages that have no Sync."""
    plain = connection._protocol
    connection._protocol = _Behind(messages, plain, connection._transport)
    try:
        return await connection.fetch(text, *arguments)
    except Exception as error:
        if getattr(error, "severity", None) is None:
            # It is not the server's. So perhaps the statement was not sent, and the transaction that the messages have
            # begun would go on with whatever is sent next.
            connection.terminate()
        raise
    finally:
        connection._protocol = plain


class _Behind:
    """An asyncpg protocol that writes messages ahead of each statement that it executes."""

    def __init__(self, messages: bytes, protocol: Any, transport: Any) -> None:
        self._messages, self._plain, self._transport = messages, protocol, transport

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

    def bind_execute(self, *arguments: Any, **named: Any) -> Any:
        self._transport.write(self._messages)
        return self._plain.bind_execute(*arguments, **named)


def is_known(connection: Any) -> bool:
    """Return whether a connection has every private name that this module uses."""
    return all(hasattr(connection, name) for name in _NAMES) and hasattr(connection._protocol, "bind_execute")


def _messages(setting: UserSetting, name: bytes | None, user_id: str) -> bytes:
    """Return the messages Parse (of a statement without a name), Bind and Execute of the statement that tells."""
    user = user_id.encode()
    parse = b"" if name else _message(b"P", b"\0" + setting.tell.encode() + b"\0" + pack("!hi", 1, _TEXT))
    values = pack("!hhi", 0, 1, len(user)) + user + pack("!h", 0)
    bind = _message(b"B", b"\0" + (name or b"") + b"\0" + values)
    return parse + bind + _message(b"E", b"\0" + pack("!i", 0))


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + pack("!i", len(body) + 4) + body
