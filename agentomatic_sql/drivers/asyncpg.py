"""asyncpg: PostgreSQL and CockroachDB."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, TextClause
from sqlalchemy.schema import ExecutableDDLElement

from ..errors import DatabaseError
from ..statements import Rows, SqlSteps
from . import hosts, libpq, tcp
from .base import Driver, UserSetting
from .pipeline import Pipeline

_R = TypeVar("_R")

_PORT = 5432

_ROLE = "SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')"

_NOT_COMMITTED = (
    "a pooler has put the statement into a transaction that it did not end, so it was rolled back "
    "(pgpool needs backend_clustering_mode = 'streaming_replication')"
)


class AsyncpgDriver(Driver):
    name = "asyncpg"
    options = libpq.OPTIONS
    all_taken = frozenset({"53300"})

    def __init__(self, isolation: str | None = None) -> None:
        """`isolation` is asyncpg's name of the level of transactions; None is the server's default."""
        self._isolation = isolation
        self._pipeline = Pipeline()

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

    def is_refusal(self, error: BaseException) -> bool:
        import asyncpg

        # TargetServerAttributeNotMatched is from an engine of the caller's, whose hosts asyncpg itself has tried.
        refused = (asyncpg.ReadOnlySQLTransactionError, asyncpg.CannotConnectNowError)
        unmatched = asyncpg.exceptions.TargetServerAttributeNotMatched
        return isinstance(error, (*refused, unmatched)) or super().is_refusal(error)

    def is_hung_up(self, error: BaseException) -> bool:
        return super().is_hung_up(error) or (isinstance(error, ConnectionError) and "connection_lost()" in str(error))

    async def role(self, connection: Any) -> hosts.Role:
        # PostgreSQL itself has told both when the connection began; a pooler may not.
        told = connection.get_settings()
        standby, read_only = (getattr(told, name, None) for name in ("in_hot_standby", "default_transaction_read_only"))
        if standby is None or read_only is None:
            return self.role_of(await connection.fetchrow(_ROLE))
        return self.role_of((standby == "on", read_only))

    def role_of(self, answer: Sequence[Any]) -> hosts.Role:
        standby, read_only = answer
        return "standby" if standby else "read-only" if read_only == "on" else "writable"

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

    def execute_script(self, connection: Connection, statements: Sequence[ExecutableDDLElement | TextClause]) -> None:
        # In one round trip. The transaction must have had a statement: with the first, SQLAlchemy's adapter begins it.
        script = ";\n".join(str(statement.compile(dialect=connection.dialect)) for statement in statements)
        adapted: Any = connection.connection.dbapi_connection
        adapted.run_async(lambda driver: driver.execute(script))

    def run(self, connection: Any, steps: SqlSteps[_R], *, changes: bool) -> Coroutine[Any, Any, _R]:
        return self._run(connection, steps, connection.fetch, changes=changes)

    async def run_for_user(self, connection: Any, steps: SqlSteps[_R], setting: UserSetting, user_id: str) -> _R:
        if not await self._pipeline.is_on(connection, setting):
            async with connection.transaction(isolation=self._isolation):
                await connection.fetch(setting.tell, user_id)
                return await self.run(connection, steps, changes=True)
        is_told = False

        async def fetch(text: str, *arguments: Any) -> Any:
            nonlocal is_told
            if is_told and connection.is_in_transaction():
                return await connection.fetch(text, *arguments)
            is_told = True
            return await self._pipeline.fetch(connection, setting, user_id, text, *arguments)

        return await self._run(connection, steps, fetch, changes=True)

    async def _run(
        self, connection: Any, steps: SqlSteps[_R], fetch: Callable[..., Awaitable[Rows]], *, changes: bool
    ) -> _R:
        transaction: Any = None  # only if a change takes several statements: a single one commits itself
        is_alone = not connection.is_in_transaction()
        try:
            statements, last = next(steps)
            while True:
                if changes and not (last and len(statements) == 1) and not connection.is_in_transaction():
                    transaction = connection.transaction(isolation=self._isolation)
                    await transaction.start()
                rows = [await fetch(text, *arguments) for text, arguments in statements]
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


def has_outdated_plan(error: BaseException) -> bool:
    """Return whether the server refused a prepared statement because the types of its columns have changed.

    The connection has forgotten the statement then. asyncpg tries again by itself, but not in a transaction.
    """
    import asyncpg

    return isinstance(AsyncpgDriver().original(error), asyncpg.exceptions.InvalidCachedStatementError)


async def connect(*arguments: Any, pgbouncer: Any = None, citus: Any = None, **options: Any) -> Any:
    """Connect as `asyncpg.connect` does, and understand libpq's options of a URL too.

    Of several hosts, the first that fits `target_session_attrs` is taken; `timeout` is for each. (asyncpg's own is for
    all of them together.) `pgbouncer` and `citus` are URL options that choose the dialect (`dialects.postgresql`); here
    they are dropped. Raises `NoHost`, and ValueError for contradictory options or a missing certificate file.
    """
    import asyncpg

    options.setdefault("target_session_attrs", os.environ.get("PGTARGETSESSIONATTRS"))
    translated = libpq.translate(options)
    wanted = hosts.Wanted.of_arguments(translated.arguments, _PORT)

    async def open_(host: hosts.Host) -> Any:
        named = {"host": host.name, "port": host.port, "target_session_attrs": "any"}
        return await asyncpg.connect(*arguments, **translated.arguments, **named)

    try:
        if not wanted.among:  # asyncpg looks for a socket, or a host in the environment
            asked = {"target_session_attrs": wanted.attrs}
            connection = await asyncpg.connect(*arguments, **translated.arguments, **asked)
        elif wanted.is_plain:
            connection = await open_(wanted.among[0])
        else:
            seconds = translated.arguments.get("timeout")
            connection = await hosts.connect(wanted, AsyncpgDriver(), seconds, open_)
    except asyncpg.exceptions.ClientConfigurationError as error:  # SQLAlchemy 2.1 would report it as the server's
        raise ValueError(str(error)) from error
    if (transport := AsyncpgDriver().transport(connection)) is not None:
        try:
            tcp.set_options(transport, translated.tcp)
        except ValueError:
            connection.terminate()
            raise
    return connection
