"""What may differ between databases, with the default; one file a database holds only its differences.

`of(engine)` finds the dialect by SQLAlchemy's name for it. A database of one's own is a subclass of `Dialect`
put into the registry with `register`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, NamedTuple, Protocol, TypeVar

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    Select,
    Table,
    func,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.types import TypeEngine

from ..statements import Texts

R = TypeVar("R")


class Limits(NamedTuple):
    """How many seconds the server gives a statement, and a wait for a lock; None: as the server is set."""

    statement: float | None = None
    lock: float | None = None


class Closable(Protocol):
    """Whatever is to be closed with the store."""

    def close(self) -> None: ...


class Dialect:
    """A database: how it is connected to, what it calls things, and how its statements differ."""

    name: ClassVar[str]
    extra: ClassVar[str]
    """The extra of this package that installs the driver."""
    driver: ClassVar[str]
    """The driver's module, which is also its name in a URL."""
    schemes: ClassVar[Sequence[str]]
    """The names that a URL may begin with."""
    transient: ClassVar[frozenset[str]]
    """Codes of errors after which the server has rolled the transaction back, so that it can be run again."""
    hints: ClassVar[Mapping[str, str]] = {}
    """What helps, where an error's code tells; the database's own words do not."""
    timed_out: ClassVar[frozenset[str]] = frozenset()
    """Codes of errors by which the server has ended a statement that took too long."""
    read_isolation: ClassVar[str | None] = "AUTOCOMMIT"
    """For operations that only read, in one statement; None where changing it costs a round trip."""
    write_isolation: ClassVar[str | None] = "READ COMMITTED"
    """For operations that write; None where the database knows but one."""
    version_query: ClassVar[str] = "SELECT version()"
    size_limit: ClassVar[str | None] = None
    """The server's setting beyond which it drops the connection instead of answering, if it has one."""

    has_schemas: ClassVar[bool] = True
    """Whether tables can be put into a schema (on MySQL: another database)."""
    takes_turns: ClassVar[bool] = False
    """Whether, of a process, one operation writes at a time, where writers would wait by asking again and again, and
    one reads, where each connection is a thread: threads that fetch rows spend their time on Python's lock."""

    in_process: ClassVar[bool] = False
    """Whether the database is in this process, where statements of one row each cost less than one of many."""
    batches_at_once: ClassVar[int] = 2
    """How many batches of writes are on their way at once."""
    names_database: ClassVar[bool] = True
    """Whether a URL has to name the database."""
    changes_in_with: ClassVar[bool] = False
    """Whether a WITH can hold statements that change rows, so that one statement changes several tables."""
    returns_changed: ClassVar[bool] = True
    """Whether statements that change rows can return them."""
    clusters: ClassVar[bool] = False
    """Whether the rows of a table lie on disk in the order of its primary key."""
    cascades: ClassVar[bool] = True
    """Whether foreign keys hold on every connection, and remove rows as fast as a statement does."""
    removes_hanging: ClassVar[bool] = False
    """Whether the schema removes, with a thread, what hangs on it without a foreign key (revision 0008)."""
    direct: ClassVar[bool] = False
    """Whether `run_directly` works on the driver's own connections."""
    fresh_estimates: ClassVar[str | None] = None
    """A statement after which a session gets `row_estimate` as it is now, where it would get an older one."""
    telling: ClassVar[str | None] = None
    """Tells the server for which user a transaction runs, as the driver takes it; None where it keeps no rows apart."""
    key_taken: ClassVar[str]
    """The code of the error that a key is there already."""
    refused_limits: ClassVar[Mapping[str, str]] = {}
    """Why a store's `statement_timeout` or `lock_timeout` cannot be had."""
    loop_bound: ClassVar[bool] = True
    """Whether a connection serves only the event loop that made it."""
    locks_by_process: ClassVar[bool] = False
    """Whether a process with a connection that its parent opened can make none of its own that is safe."""

    def url(self, url: URL) -> URL:
        """The URL with its driver, and with options that this driver spells otherwise put right."""
        return url.set(drivername=f"{self.schemes[0]}+{self.driver}")

    def variant(self, url: URL) -> Dialect:
        """The dialect that a URL's options ask for: this one, or one for what stands before the server."""
        return self

    def recluster(
        self, table: Table, primary_key: Sequence[str], unique: tuple[str, Sequence[str]], instead_of: str
    ) -> str | None:
        """One statement that gives a table another primary key, and a unique key for one that goes.

        None where rows do not lie in the primary key's order, so that it would be of no use.
        """
        return None

    def where(self, url: URL) -> str:
        """Host and database for an error message; never the password."""
        host = f"{url.host or 'localhost'}:{url.port}" if url.port else (url.host or "localhost")
        return f"{self.name} at {host}, database {url.database or '(none)'}"

    def connect_args(self, connect_timeout: float) -> dict[str, Any]:
        """What the driver is told at every connect; `connect_timeout` in seconds."""
        return {}

    def engine_options(self, url: URL, options: Mapping[str, Any]) -> dict[str, Any]:
        """`create_engine`'s options out of the caller's (pool_size and so on)."""
        # Last in, first out: after a peak the few that are needed are those whose servers have everything at hand.
        return {**options, "isolation_level": self.write_isolation, "pool_use_lifo": True}

    async def run_for_user(self, driver: Any, texts: Texts[R], user_id: str) -> R:
        """The same as `run_directly`, in a transaction that the server knows to be this user's."""
        raise NotImplementedError

    def guarded(self, table: Table, schema: str | None) -> Select[Any]:
        """Whether the server keeps users' rows of a table apart for who is connected; asked for with `telling`."""
        raise NotImplementedError

    def row_security(self, table: Table, *, on: bool) -> str:
        """Makes the server keep users' rows of a table apart, or no more; asked for where `telling` is something."""
        raise NotImplementedError

    def on_connect(self, dbapi_connection: Any) -> None:
        """Prepare a new connection of an engine that the store itself made."""

    def limit(self, dbapi_connection: Any, limits: Limits) -> None:
        """Tell the server the limits of such a connection, in one way to it; migrations are bound by none."""

    def on_create(self, url: URL) -> None:
        """Before the first connection: what must exist on this machine."""

    def exists(self, url: URL) -> bool:
        """Whether the database is there, as far as that shows without connecting to it."""
        return True

    def keep_alive(self, url: URL) -> Closable | None:
        """What keeps a database that lives only with its connections; None where it lives by itself."""
        return None

    def driver_errors(self) -> tuple[type[BaseException], ...]:
        """Errors that the driver raises at connect without SQLAlchemy's wrapping."""
        return ()

    def code(self, error: BaseException) -> str | None:
        """The SQLSTATE or error number of a database's error."""
        raise NotImplementedError

    def is_transient(self, error: BaseException) -> bool:
        """Whether the server rolled back what it may do when asked again."""
        return self.code(error) in self.transient

    def is_lost(self, error: BaseException) -> bool:
        """Whether a driver's own error says that the connection is of no use any more."""
        return False

    def is_open(self, driver: Any) -> bool:
        """Whether a driver's own connection is not known to have ended; nothing is asked of the server."""
        return True

    def session(self, driver: Any) -> int | None:
        """The number by which the server knows a driver's own connection, for `running`; None where it tells none."""
        return None

    def running(self) -> Select[Any]:
        """A row if the server has not done with the connection of the parameter `session`."""
        raise NotImplementedError

    async def run_directly(self, driver: Any, texts: Texts[R], *, changes: bool) -> R:
        """Run an operation on the driver's own connection, and commit what it changes.

        What is raised has been rolled back.
        """
        raise NotImplementedError

    async def run_together(self, driver: Any, operations: Sequence[Texts[Any]]) -> Sequence[Any]:
        """Run several operations that change something, and commit them at once; asked for where they take turns.

        Each is done or not done by itself: what it raised is its answer.
        """
        raise NotImplementedError

    async def begin(self, connection: AsyncConnection) -> None:
        """Open the transaction of an operation that writes, where that takes a statement of its own."""

    def insert_if_absent(self, table: Table, values: Mapping[str, Any], key: Sequence[str]) -> Insert:
        """Insert a row unless one with this key is there."""
        raise NotImplementedError

    def upsert(self, table: Table, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        """Insert a row, or, where one with this key is there, set its `update` columns."""
        raise NotImplementedError

    def upsert_from(self, table: Table, rows: Select[Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        """The same with the rows of a query, which has a condition."""
        raise NotImplementedError

    def last_number(self) -> Select[Any]:
        """The number that the connection's last insert gave; asked for only without `changes_in_with`."""
        raise NotImplementedError

    def given(self, name: str, **columns: TypeEngine[Any]) -> FromClause:
        """Rows out of the parameters that `given_lists` makes."""
        raise NotImplementedError

    def given_lists(self, name: str, **columns: Sequence[Any]) -> dict[str, Any]:
        """The parameters of `given`, out of the values of each of its columns, in the same order: one JSON text."""
        return {f"{name}_given": list(zip(*columns.values(), strict=True))}

    def pairs(self, text: ColumnElement[str], name: str) -> tuple[FromClause, ColumnElement[int], ColumnElement[int]]:
        """The pairs of whole numbers in a JSON text as rows, to be joined with the row of the text: two columns."""
        raise NotImplementedError

    def look_up(
        self, rows: FromClause, table: Table, condition: ColumnElement[bool]
    ) -> tuple[FromClause, ReadOnlyColumnCollection[str, Any]]:
        """Join each row with those of a table that meet the condition, by its key; and the table's columns.

        Outer: else a planner may read the table first, and ask then what of it was wanted.
        """
        return rows.outerjoin(table, condition), table.c

    def row_estimate(self, table: Table, schema: str | None) -> ColumnElement[Any]:
        """About how many rows a table has, from what the server knows without counting; None where it knows nothing."""
        raise NotImplementedError

    def later(self, left: Any, right: Any) -> ColumnElement[Any]:
        """The later of two times."""
        return func.greatest(left, right)

    def migration_lock(self, connection: Connection, name: str, seconds: float) -> AbstractContextManager[None]:
        """Hold the lock that lets one process migrate; raises `MigrationLocked` after `seconds`.

        Where a transaction holds it, it is the one that the caller commits.
        """
        raise NotImplementedError
