"""asyncpg: PostgreSQL and CockroachDB."""

from __future__ import annotations

from typing import Any, TypeVar

from ..errors import DatabaseError
from ..statements import SqlSteps
from . import libpq
from .base import Driver

_R = TypeVar("_R")

_NOT_COMMITTED = (
    "a pooler has put the statement into a transaction that it did not end, so it was rolled back "
    "(pgpool needs backend_clustering_mode = 'streaming_replication')"
)


class AsyncpgDriver(Driver):
    name = "asyncpg"

    def __init__(self, isolation: str | None = None) -> None:
        """`isolation` is asyncpg's name of the level of transactions; None is the server's default."""
        self._isolation = isolation

    def errors(self) -> tuple[type[BaseException], ...]:
        import asyncpg

        return (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

    def original(self, error: BaseException) -> BaseException:
        # SQLAlchemy makes an error of its own, with the name of asyncpg's class in the message.
        original = super().original(error)
        cause = original.__cause__
        return cause if isinstance(cause, self.errors()) else original

    def code(self, error: BaseException) -> str | None:
        return getattr(getattr(error, "orig", error), "sqlstate", None)

    def is_lost(self, error: BaseException) -> bool:
        import asyncpg

        ended = (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError)
        # A connection that has just been told of its end raises InternalClientError, a closed one InterfaceError;
        # neither has a code.
        closed = isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)
        return closed or isinstance(error, (*ended, asyncpg.InternalClientError))

    def is_open(self, connection: Any) -> bool:
        return not connection.is_closed()

    def refuse_plain(self, connection: Any) -> None:
        # asyncpg refuses it itself. What it was asked for, and its transport, it shows under private names only.
        asked, transport = getattr(connection, "_params", None), self.transport(connection)
        if asked is None or transport is None or asked.sslmode < type(asked.sslmode).require:
            return
        local = isinstance(transport.get_extra_info("sockname"), (str, bytes))  # libpq has no TLS on a Unix socket
        if not local and transport.get_extra_info("ssl_object") is None:
            raise ConnectionError("TLS was asked for, and the connection has none")

    def refuse_encoding(self, connection: Any) -> None:
        encoding = getattr(connection.get_settings(), "client_encoding", "UTF8")
        if encoding.strip("'").replace("-", "").upper() != "UTF8":  # pgbouncer returns it as the driver has written it
            raise ValueError(f"client_encoding={encoding} cannot hold every text: use UTF8")

    def transport(self, connection: Any) -> Any:
        # Private, for lack of another way to the socket. Without it, the system's own keepalives apply, and the server
        # learns of the end of a connection whose event loop was closed later.
        return getattr(connection, "_transport", None)

    def terminate(self, connection: Any) -> None:
        connection.terminate()

    async def ping(self, connection: Any) -> None:
        await connection.execute("SELECT 1")  # unprepared, in one message

    def can_run_on(self, connection: Any) -> bool:
        import asyncpg

        return isinstance(connection, asyncpg.Connection)

    def execute_setting(self, dbapi_connection: Any, sql: str) -> None:
        dbapi_connection.run_async(lambda connection: connection.execute(sql))

    async def run(self, connection: Any, steps: SqlSteps[_R], *, changes: bool) -> _R:
        transaction: Any = (
            None  # only if a change takes several groups: the statements of a single group commit themselves
        )
        is_alone = not connection.is_in_transaction()
        try:
            statements, last = next(steps)
            while True:
                if changes and not last and not connection.is_in_transaction():
                    transaction = connection.transaction(isolation=self._isolation)
                    await transaction.start()
                rows = [await connection.fetch(text, *arguments) for text, arguments in statements]
                statements, last = steps.send(rows)
        except StopIteration as done:
            result: _R = done.value
        except Exception:  # the connection of a cancelled call is discarded instead
            if transaction is not None and connection.is_in_transaction():
                await transaction.rollback()
            raise
        if transaction is not None:
            await transaction.commit()
        elif is_alone and connection.is_in_transaction():  # a statement by itself is committed, unless a pooler began
            await connection.execute("ROLLBACK")
            raise DatabaseError(_NOT_COMMITTED, None)
        return result

    async def run_for_user(self, connection: Any, steps: SqlSteps[_R], tell_user: str, user_id: str) -> _R:
        async with connection.transaction(isolation=self._isolation):
            await connection.fetch(tell_user, user_id)
            return await self.run(connection, steps, changes=True)


def has_outdated_plan(error: BaseException) -> bool:
    """Return whether the server refused a prepared statement because the types of its columns have changed.

    The connection has forgotten the statement then. asyncpg tries again by itself, but not in a transaction.
    """
    import asyncpg

    return isinstance(AsyncpgDriver().original(error), asyncpg.exceptions.InvalidCachedStatementError)


async def connect(*arguments: Any, pgbouncer: Any = None, **options: Any) -> Any:
    """Connect as `asyncpg.connect` does, and understand libpq's options of a URL too.

    `pgbouncer` is a URL option that chooses the dialect (`dialects.postgresql`); here it is dropped. Raises ValueError
    for contradictory options or a missing certificate file.
    """
    import asyncpg

    translated = libpq.translate(options)
    try:
        connection = await asyncpg.connect(*arguments, **translated.arguments)
    except asyncpg.exceptions.ClientConfigurationError as error:  # SQLAlchemy 2.1 would report it as the server's
        raise ValueError(str(error)) from error
    if (transport := AsyncpgDriver().transport(connection)) is not None:
        libpq.set_tcp_options(transport.get_extra_info("socket"), translated.tcp)
    return connection
