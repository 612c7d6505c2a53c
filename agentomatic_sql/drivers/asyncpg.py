"""asyncpg: PostgreSQL and CockroachDB."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL

from ..statements import SqlSteps
from .base import Driver

_R = TypeVar("_R")

_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_LIBPQ = (
    *("sslmode", *_FILES, "sslpassword", "sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version"),
    *("application_name", "options"),
)
"""Options that asyncpg reads only in a URL of its own, where it gives them libpq's meaning."""


class AsyncpgDriver(Driver):
    name = "asyncpg"

    def __init__(self, isolation: str | None = None) -> None:
        """`isolation` is asyncpg's name of the level of transactions; None is the server's default."""
        self._isolation = isolation

    def errors(self) -> tuple[type[BaseException], ...]:
        import asyncpg

        return (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

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

    def transport(self, connection: Any) -> Any:
        return getattr(connection, "_transport", None)

    def terminate(self, connection: Any) -> None:
        connection.terminate()

    async def ping(self, connection: Any) -> None:
        await connection.execute("SELECT 1")  # unprepared, in one message

    def refusal(self, connection: Any) -> str | None:
        encoding = getattr(connection.get_settings(), "client_encoding", "UTF8")
        if encoding.strip("'").replace("-", "").upper() == "UTF8":  # pgbouncer returns it as the driver has written it
            return None
        return f"client_encoding={encoding} cannot hold every text: use UTF8"

    def can_run_on(self, connection: Any) -> bool:
        import asyncpg

        return isinstance(connection, asyncpg.Connection)

    def execute_setting(self, dbapi_connection: Any, sql: str) -> None:
        dbapi_connection.run_async(lambda connection: connection.execute(sql))

    async def run(self, connection: Any, steps: SqlSteps[_R], *, changes: bool) -> _R:
        transaction: Any = (
            None  # only if a change takes several groups: the statements of a single group commit themselves
        )
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
        return result

    async def run_for_user(self, connection: Any, steps: SqlSteps[_R], tell_user: str, user_id: str) -> _R:
        async with connection.transaction(isolation=self._isolation):
            await connection.fetch(tell_user, user_id)
            return await self.run(connection, steps, changes=True)


async def connect(*arguments: Any, pgbouncer: Any = None, **options: Any) -> Any:
    """Connect as `asyncpg.connect` does, and understand libpq's options of a URL too.

    `pgbouncer` is a URL option that chooses the dialect (`dialects.postgresql`); here it is dropped. Raises ValueError
    for contradictory options or a missing certificate file.
    """
    import asyncpg

    named = _take_libpq_options(options)
    dsn = {"dsn": URL.create("postgresql", query=named).render_as_string()} if named else {}
    try:
        return await asyncpg.connect(*arguments, **dsn, **options)
    except asyncpg.exceptions.ClientConfigurationError as error:  # SQLAlchemy 2.1 would report it as the server's
        raise ValueError(str(error)) from error


def _take_libpq_options(options: dict[str, Any]) -> dict[str, str]:
    """Remove libpq's options from the arguments of a connect and return them; raises ValueError for bad ones."""
    named = {name: options.pop(name) for name in _LIBPQ if name in options}
    if "sslmode" in named and isinstance(options.get("ssl"), str):
        raise ValueError("ssl= and sslmode= mean the same: give one of them")
    for name in _FILES:
        if name in named and not Path(named[name]).is_file():
            raise ValueError(f"{name}= must name a file, and {named[name]} is not one")
    return named
