"""`Driver`: what differs between drivers, with the defaults; one file a driver holds only its differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

from ..statements import SqlSteps

_R = TypeVar("_R")


class Driver:
    """An async driver: how its own connections, beneath SQLAlchemy's, are made and used.

    A `connection` in these methods is the driver's own object, such as `asyncpg.Connection`.
    """

    name: ClassVar[str]
    """The driver's module, which is also its name in a URL."""
    bound_to_loop: ClassVar[bool] = True
    """Whether a connection works only in the event loop that made it."""

    def errors(self) -> tuple[type[BaseException], ...]:
        """Return the base classes of the errors that the driver raises without SQLAlchemy's wrapping."""
        raise NotImplementedError

    def original(self, error: BaseException) -> BaseException:
        """Return the driver's own error, without SQLAlchemy's wrapping (which quotes the statement)."""
        original: BaseException = getattr(error, "orig", None) or error
        return original

    def code(self, error: BaseException) -> str | None:
        """Return the SQLSTATE or error number of a database's error, if it has one."""
        raise NotImplementedError

    def is_lost(self, error: BaseException) -> bool:
        """Return whether a driver's own error means that its connection can no longer be used."""
        return False

    def is_open(self, connection: Any) -> bool:
        """Return whether a connection is not known to have ended; the server is not asked."""
        return True

    def refuse_plain(self, connection: Any) -> None:
        """Raise `ConnectionError` if TLS was asked for and a new connection does not use it."""

    def refuse_encoding(self, connection: Any) -> None:
        """Raise `ValueError` if a new connection's character set cannot hold every text."""

    def transport(self, connection: Any) -> Any:
        """Return the asyncio transport of a connection, if it has one that is known."""
        return None

    def terminate(self, connection: Any) -> None:
        """End a connection whose transport is closed, without an event loop."""

    async def ping(self, connection: Any) -> None:
        """Wait for an answer of the server to nothing; raises the driver's error if the connection is lost."""

    def size(self, value: str | bytes) -> int:
        """Return how many bytes a value takes in a request."""
        return len(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else len(value)

    def can_run_on(self, connection: Any) -> bool:
        """Return whether `run` works on this object: the driver's own, not an instrumented or a newer kind."""
        raise NotImplementedError

    def execute_setting(self, dbapi_connection: Any, sql: str) -> None:
        """Execute a statement on a new connection (SQLAlchemy's adapter of it), outside any transaction."""
        cursor = dbapi_connection.cursor()
        cursor.execute(sql)
        cursor.close()

    def after_connect(self, _adapted: Any, entry: Any) -> None:
        """Check a pool's new connection; SQLAlchemy closes it if this raises."""
        self.refuse_plain(entry.driver_connection)
        self.refuse_encoding(entry.driver_connection)

    async def run(self, connection: Any, steps: SqlSteps[_R], *, changes: bool) -> _R:
        """Run an operation on a connection and commit its changes.

        On an error the driver rolls back, unless the connection is lost or the call is cancelled. After a lost
        connection the commit may have happened.
        """
        raise NotImplementedError

    async def run_for_user(self, connection: Any, steps: SqlSteps[_R], tell_user: str, user_id: str) -> _R:
        """Run an operation in a transaction that begins by telling the server the user: `tell_user` is the SQL."""
        raise NotImplementedError

    async def run_group(self, connection: Any, operations: Sequence[SqlSteps[Any]]) -> Sequence[Any]:
        """Run several operations that change something, with one commit; for databases with one writer at a time.

        Each operation takes effect or not by itself; the result of one that failed is its exception.
        """
        raise NotImplementedError
