"""`Driver`: what differs between drivers, with the defaults; one file a driver holds only its differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, TypeVar

from sqlalchemy import Connection, TextClause
from sqlalchemy.schema import ExecutableDDLElement

from ..statements import SqlSteps
from . import hosts
from .options import Options

_R = TypeVar("_R")


class UserSetting(NamedTuple):
    """The setting of a transaction by which a server knows its user."""

    tell: str
    """A statement that sets it to its one parameter until the transaction ends; it returns no rows."""
    ask: str
    """A statement that returns it."""


class Driver:
    """An async driver: how its own connections, beneath SQLAlchemy's, are made and used.

    A `connection` in these methods is the driver's own object, such as `asyncpg.Connection`.
    """

    name: ClassVar[str]
    """The driver's module, which is also its name in a URL."""
    options: ClassVar[Options]
    """The options of a connection, in a URL and in `connect_args`."""
    bound_to_loop: ClassVar[bool] = True
    """Whether a connection works only in the event loop that made it."""
    all_taken: ClassVar[frozenset[str]] = frozenset()
    """Codes of the errors of a server that has no connection left for this process, its role or its database."""

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

    def is_refusal(self, error: BaseException) -> bool:
        """Return whether a driver's own error is about the server: it is read-only, starting up or shutting down.

        Nothing of the transaction is stored, and it can run again, on another connection: that may lead to another
        server.
        """
        return isinstance(error, hosts.RoleChanged) or (isinstance(error, hosts.NoHost) and error.answered)

    def is_full(self, error: BaseException) -> bool:
        """Return whether a connect failed because the server has no connection left."""
        return self.code(error) in self.all_taken

    def is_hung_up(self, error: BaseException) -> bool:
        """Return whether a new connection was closed by a server that is ending, or by a proxy that has none."""
        return isinstance(error, ConnectionResetError) or self.is_lost(error)

    async def role(self, connection: Any) -> hosts.Role:
        """Find out what a new connection's server does."""
        raise NotImplementedError

    def fits(self, role: hosts.Role, attrs: str) -> bool:
        """Return whether a server with this role is what `target_session_attrs` asks for."""
        return hosts.fits(role, attrs)

    def role_of(self, answer: Sequence[Any]) -> hosts.Role | None:
        """Return a server's role from what a dialect's `version_query` selects after the version; None if nothing."""
        return None

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

    async def close(self, connection: Any) -> None:
        """Close a connection that nobody uses, and tell the server."""
        await connection.close()

    def address(self, connection: Any) -> str | None:
        """Return address and port of a connection's server; None without TCP."""
        transport = self.transport(connection)
        peer = None if transport is None else transport.get_extra_info("peername")
        return str(hosts.Host(peer[0], peer[1])) if isinstance(peer, tuple) else None

    def terminate(self, connection: Any) -> None:
        """End a connection without waiting; its transport is closed, if it has one."""

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

    def execute_script(self, connection: Connection, statements: Sequence[ExecutableDDLElement | TextClause]) -> None:
        """Execute statements without parameters in the transaction of a SQLAlchemy connection, in order."""
        for statement in statements:
            connection.execute(statement)

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

    async def run_step_by_step(self, connection: Any, steps: SqlSteps[_R], *, changes: bool) -> _R:
        """Run an operation as `run` does; each of its steps is taken in the event loop, in the task of the call."""
        return await self.run(connection, steps, changes=changes)

    async def run_for_user(self, connection: Any, steps: SqlSteps[_R], setting: UserSetting, user_id: str) -> _R:
        """Run an operation in one transaction, which begins by telling the server the user."""
        raise NotImplementedError

    async def run_group(self, connection: Any, operations: Sequence[SqlSteps[Any]]) -> Sequence[Any]:
        """Run several operations that change something, with one commit; for databases with one writer at a time.

        Each operation takes effect or not by itself; the result of one that failed is its exception.
        """
        raise NotImplementedError
