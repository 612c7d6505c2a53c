"""The base class of the dialects: everything that differs between databases, with defaults."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Literal, NamedTuple, Protocol

from sqlalchemy import (
    URL,
    ColumnElement,
    CompoundSelect,
    Connection,
    Executable,
    FromClause,
    Insert,
    Select,
    Table,
    bindparam,
    case,
    func,
    select,
    tuple_,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.types import TypeEngine

from ..async_engine import AsyncConnection
from ..drivers import Driver, UserSetting, hosts
from ..errors import InvalidURL


class Limits(NamedTuple):
    """Seconds that the server gives a statement, and a wait for a lock; None leaves the server's own setting."""

    statement: float | None = None
    lock: float | None = None


class Names(NamedTuple):
    """Names for new objects of a schema, by kind of object."""

    tables: Collection[str] = ()
    indexes: Collection[str] = ()
    keys: Collection[str] = ()
    """The names of primary keys and unique constraints."""
    foreign_keys: Collection[str] = ()


JsonPairs = tuple[FromClause, ColumnElement[int], ColumnElement[int]]
"""A table of pairs of integers, and its two columns."""


class Closable(Protocol):
    """An object that is closed with the store."""

    def close(self) -> None: ...


class Watch(Protocol):
    """Watches what an open database is stored in."""

    def harm(self) -> str | None:
        """Return what has happened to it, after which nothing may be read or written; None if all is well."""

    def opened_by(self, connection: Any) -> None:
        """Note that one of the driver's connections is in use now."""


class Dialect:
    """A kind of database: its names, settings, error codes and SQL. A subclass overrides what differs."""

    name: ClassVar[str]
    extra: ClassVar[str]
    """The extra of this package that installs the driver."""
    driver: ClassVar[Driver]

    # errors

    transient: ClassVar[frozenset[str]]
    """Codes of errors after which the server has rolled the transaction back, so that it can run again."""
    timed_out: ClassVar[frozenset[str]] = frozenset()
    """Codes of the errors of a statement that the server ended because it took too long."""
    key_taken: ClassVar[str]
    """The code of the error for a duplicate key."""
    hints: ClassVar[Mapping[str, str]] = {}
    """Advice for error codes whose message alone does not help."""

    # connections

    read_isolation: ClassVar[str | None] = "AUTOCOMMIT"
    """The isolation level for reading one statement; None if a change of level costs a round trip."""
    write_isolation: ClassVar[str | None] = "READ COMMITTED"
    """The isolation level for writing; None if the database has only one."""
    snapshot_isolation: ClassVar[str | None] = "REPEATABLE READ"
    """The isolation level at which all queries of a transaction see one moment; None if there is only one."""
    version_query: ClassVar[str] = "SELECT version()"
    """Selects the server's version, and after it what tells its role (`Driver.role_of`), if it can have several."""
    zone_query: ClassVar[str | None] = None
    """A statement for the time zone of what the server itself writes into columns without one; None if that is UTC."""
    settings_query: ClassVar[str | None] = None
    """A statement for the names and values of the settings that `objection` and `advice` need; None if any will do."""
    position_query: ClassVar[str | None] = None
    """A statement for the end of a primary's log and for what tells this log from others, as a text of any form.

    None if the database has no replicas to read from.
    """
    reached_query: ClassVar[str | None] = None
    """A statement that returns whether a replica has replayed `:position`; NULL if the server is no replica.

    False also if its log is of another history than the primary's, as that of a lost primary's replica may be.
    """
    size_limit: ClassVar[str | None] = None
    """The server setting beyond which it drops the connection instead of answering, if it has one."""
    unsupported_limits: ClassVar[Mapping[str, str]] = {}
    """Reasons why a store cannot have `statement_timeout` or `lock_timeout`."""
    needs_database_name: ClassVar[bool] = True
    """Whether a URL must name the database."""
    default_port: ClassVar[int | None] = None
    """The port of a server, if a URL can name several hosts."""
    keeps_types: ClassVar[bool] = True
    """Whether a column holds nothing but values of its type, at most as long as it says."""
    unsafe_after_fork: ClassVar[bool] = False
    """Whether a forked process cannot safely open the database if its parent has it open."""
    in_process: ClassVar[bool] = False
    """Whether the database runs in this process, so that several small statements cost less than one large one."""
    takes_turns: ClassVar[bool] = False
    """Whether one operation of the process writes at a time and one reads at a time.

    For a database with a single writer, which others would ask again and again, and whose connections are threads that
    compete for Python's lock.
    """
    concurrent_batches: ClassVar[int] = 2
    """How many batches of writes may run at a time."""
    shards_with: ClassVar[str | None] = None
    """The server's extension that spreads tables over servers; None if there is none."""
    sharded: ClassVar[bool] = False
    """Whether threads are spread over servers.

    Then a statement writes to one thread, locks rows of one thread, and does not follow rows from thread to thread.
    """

    # SQL

    has_schemas: ClassVar[bool] = True
    """Whether tables can be put into a schema (on MySQL, another database)."""
    writable_ctes: ClassVar[bool] = False
    """Whether a WITH clause can change rows, so that one statement changes several tables."""
    changes_several_tables: ClassVar[bool] = False
    """Whether one statement, with writable CTEs, may also change a table in two ways."""
    one_request: ClassVar[bool] = False
    """Whether the driver's own path sends the statements of a group as one request, so that more cost no round trip.

    With event listeners, and in a caller's transaction, they go one by one all the same.
    """
    confirmation: ClassVar[str | None] = None
    """A condition that always holds, in SQL; None if there is no need for it.

    With synchronous replication, its transaction commits when the replica has whatever the transaction could see. The
    commit of one that has only read would not wait.
    """
    has_returning: ClassVar[bool] = True
    """Whether INSERT and DELETE can return rows."""
    updates_return: ClassVar[bool] = True
    """Whether UPDATE can, too."""
    generated_number_key: ClassVar[Literal["unique", "primary"] | None] = None
    """The key that a column needs whose numbers the database generates: none, a unique one, or the primary key."""
    cascading_keys: ClassVar[bool] = True
    """Whether foreign keys are enforced on every connection and cascade as fast as a statement deletes."""
    transactional_ddl: ClassVar[bool] = True
    """Whether a revision that is interrupted leaves nothing behind."""
    inline_indexes: ClassVar[bool] = False
    """Whether CREATE TABLE can make indexes, which is faster where each statement for an index commits."""
    own_tables: ClassVar[Mapping[str, frozenset[str]]] = {}
    """The columns of tables that the dialect makes for itself."""
    object_kinds: ClassVar[Mapping[str, str]] = {}
    """Words for the kinds that `objects_named` selects, unless the server's own words, in lower case, will do."""
    table_options: ClassVar[Mapping[str, str]] = {}
    """Options of every new table (SQLAlchemy's names) that it would else take from the server's defaults."""
    fresh_estimates: ClassVar[str | None] = None
    """A statement after which `row_estimate` is up to date in its session."""
    backup_tool = ""
    """The program that backs up a database of this kind."""
    back_up: ClassVar[Callable[..., None] | None] = None
    """Copies a database into a file; see `sqlite_backup.back_up`. None if a program of the database's own does it."""
    restore: ClassVar[Callable[..., None] | None] = None
    """Restores a database from such a file; see `sqlite_backup.restore`."""
    rewriting: ClassVar[Sequence[str]] = ()
    """Statements that write a {table} anew, so that no old rows stay in the files; each outside of a transaction."""
    saver_migrations: ClassVar[tuple[int, int]] = (0, 0)
    """The newest migrations that are known of LangGraph's saver for this database, and of its shallow one."""
    tell_user: ClassVar[UserSetting | None] = None
    """How the server is told a transaction's user, in the driver's form; None without row-level security."""

    # URLs and connections

    def url(self, url: URL) -> URL:
        """Return the URL with the driver, and its hosts and options as the driver spells them."""
        if self.default_port is not None:
            try:
                url = hosts.normal(url, self.default_port)
            except ValueError as error:
                raise InvalidURL(f"{self.where(url)}: {error}") from error
        return url.set(drivername=f"{self.name}+{self.driver.name}")

    def absolute(self, url: URL) -> URL:
        """Return the URL of an engine so that it means the same when the process has changed its folder.

        Raises `InvalidURL` if the engine itself would then connect to another database.
        """
        return url

    def reading(self, url: URL) -> URL:
        """Return the URL for connections that leave a database of others as it is."""
        return url

    def variant(self, url: URL) -> Dialect:
        """Return the dialect that the URL's options ask for: this one, or one for a pooler before the server."""
        return self

    def where(self, url: URL) -> str:
        """Return hosts and database for an error message, without the password."""
        if listed := self.hosts(url):
            return f"{self.name} at {','.join(listed)}, database {url.database or '(none)'}"
        host = f"{url.host or 'localhost'}:{url.port}" if url.port else (url.host or "localhost")
        return f"{self.name} at {host}, database {url.database or '(none)'}"

    def hosts(self, url: URL) -> list[str]:
        """Return the hosts of a URL that has several; empty for any other URL."""
        return [] if self.default_port is None else list(map(str, hosts.several(url)))

    def connect_args(self, connect_timeout: float | None) -> dict[str, Any]:
        """Return the arguments for each connect of the driver; `connect_timeout` is in seconds, None is no limit."""
        return {}

    def limits_statements(self, options: Mapping[str, Any]) -> bool:
        """Return whether options of the URL or arguments of the connect set a time limit for statements."""
        return False

    def engine_options(self, url: URL, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options for `create_engine`, made from the caller's (pool_size and so on)."""
        # Last in, first out: after a peak, the few connections in use are those whose server process is warm.
        return {**options, "isolation_level": self.write_isolation, "pool_use_lifo": True}

    def on_create(self, url: URL) -> None:
        """Before the first connection: make what must exist on this machine."""

    def on_connect(self, dbapi_connection: Any) -> None:
        """Prepare a new connection of an engine that the store made."""

    def limit_setting(self, limits: Limits) -> str | None:
        """Return the statement that sets the limits of a new connection; None if there is nothing to set."""
        return None

    def exists(self, url: URL) -> bool:
        """Return whether the database exists, as far as that can be seen without connecting."""
        return True

    def reaches(self, url: URL, other: URL) -> bool:
        """Return whether a connection to a database can use the tables of another one, with the same rights."""
        return not self.sharded and url == other

    def watch(self, url: URL) -> Watch | None:
        """Return a watch over the file of a database that was opened; None if it has none that this process sees."""
        return None

    def damage(self, url: URL) -> str | None:
        """Return why stored data cannot be used, as a quick look at it by this process shows; called in a thread."""
        return None

    def keep_alive(self, url: URL) -> Closable | None:
        """Open what keeps an in-memory database alive between connections; None for a database that needs nothing."""
        return None

    def is_transient(self, error: BaseException) -> bool:
        """Return whether the server rolled back an operation that can run again."""
        return self.driver.code(error) in self.transient

    async def warnings(self, connection: AsyncConnection) -> dict[str, str]:
        """Return what an operator should know of a connection's settings: a sentence by a short name."""
        return {}

    def objection(self, settings: Mapping[str, str]) -> str | None:
        """Return why a server with these settings cannot be used, with the cure; None if it can be."""
        return None

    def advice(self, settings: Mapping[str, str], url: URL) -> dict[str, str]:
        """Return what an operator should know of a server's settings, as `warnings` does; `url` is the engine's."""
        return {}

    def commits_apart(self, settings: Mapping[str, str]) -> bool:
        """Return whether COMMIT has to be a request of its own on a server with these settings."""
        return False

    def is_key_taken(self, error: BaseException) -> bool:
        """Return whether a row was refused because another one has its key."""
        return self.driver.code(error) == self.key_taken

    def hint(self, error: BaseException, url: URL) -> str | None:
        """Return advice for an error whose message alone does not help; `url` is the URL of the engine."""
        return self.hints.get(self.driver.code(error) or "")

    async def begin(self, connection: AsyncConnection) -> None:
        """Begin the transaction of a write, if that takes a statement of its own."""

    async def begin_snapshot(self, connection: AsyncConnection) -> None:
        """Begin a transaction whose queries all see one moment, if that takes a statement of its own."""

    async def join(self, connection: AsyncConnection) -> None:
        """Before an operation in a caller's transaction: begin it, if the driver has put that off."""

    def migration_lock(self, connection: Connection, name: str, seconds: float) -> AbstractContextManager[None]:
        """Hold the lock under which one process at a time migrates; raises `MigrationLocked` after `seconds`.

        If a transaction holds the lock, it is the transaction that the caller commits.
        """
        raise NotImplementedError

    # statements

    def widened(self, number: ColumnElement[float]) -> ColumnElement[float]:
        """Return a number of a table of others, as the server shows it, as a double."""
        return number

    def exactly(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return a text of a table of others so that it is compared character by character."""
        return text

    def advance_numbers(self, table: Table, column: str, schema: str | None) -> Executable | None:
        """Return a statement after which the database generates greater numbers than the parameter `number`.

        None if it does so by itself when a row with such a number is stored.
        """
        return None

    def insert_if_absent(self, table: Table, values: Mapping[str, Any], key: Sequence[str]) -> Insert:
        """Insert a row unless a row with this key exists."""
        raise NotImplementedError

    def insert_from_if_absent(self, table: Table, rows: Select[Any], key: Sequence[str]) -> Insert:
        """Insert the rows of a query (which must have a WHERE), except those whose key exists."""
        raise NotImplementedError

    def upsert(self, table: Table, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        """Insert a row; if a row with this key exists, set its `update` columns instead."""
        raise NotImplementedError

    def upsert_from(self, table: Table, rows: Select[Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        """Insert the rows of a query (which must have a WHERE); set the `update` columns of those that exist."""
        raise NotImplementedError

    def last_insert_id(self) -> Select[Any]:
        """Select the number that the connection's last INSERT gave; only needed without `writable_ctes`."""
        raise NotImplementedError

    def parameter_table(self, name: str, **columns: TypeEngine[Any]) -> FromClause:
        """Return a table of the rows in the parameters that `table_parameters` makes."""
        raise NotImplementedError

    def table_parameters(self, name: str, **columns: Sequence[Any]) -> dict[str, Any]:
        """Return the parameters of `parameter_table`, from the values of each column in the same order."""
        return {f"{name}_given": list(columns.values())}

    def json_pairs(self, text: ColumnElement[str], name: str) -> JsonPairs:
        """Return the pairs of integers in a JSON text as a table with two columns, to be joined with the text's row."""
        raise NotImplementedError

    def join_by_key(
        self, rows: FromClause, table: Table, condition: ColumnElement[bool]
    ) -> tuple[FromClause, ReadOnlyColumnCollection[str, Any]]:
        """Join each row with the rows of a table that meet the condition; returns the join and the table's columns.

        An outer join: with an inner one a planner may read the table first and compare all of it.
        """
        return rows.outerjoin(table, condition), table.c

    def follows(self, key: Sequence[ColumnElement[Any]], last: Sequence[Any]) -> ColumnElement[bool]:
        """Condition: the key comes after these values, in the order of its columns; an index of the key answers it."""
        values = [bindparam(None, value, type_=column.type) for column, value in zip(key, last, strict=True)]
        after: ColumnElement[bool] = tuple_(*key) > tuple_(*values)
        return after

    def is_among(
        self, value: ColumnElement[Any], column: ColumnElement[Any], *rows: ColumnElement[bool]
    ) -> ColumnElement[bool]:
        """Condition: of the rows of the column's table that meet the conditions, one has this value in the column."""
        return select(column).where(column == value, *rows).exists()

    def row_estimate(self, table: Table, schema: str | None) -> ColumnElement[Any]:
        """Return about how many rows a table has, as far as the server knows without counting; NULL if it does not."""
        raise NotImplementedError

    def clock(self, given: ColumnElement[Any], after: ColumnElement[int] | None = None) -> ColumnElement[Any]:
        """Return the database's time, or the time `after` microseconds later.

        All processes go by this one clock. A database that runs in this process has no other clock than the process,
        whose time is `given`, with `after` added.
        """
        raise NotImplementedError

    def end_of_term(self, given: ColumnElement[Any], term: ColumnElement[int]) -> ColumnElement[Any]:
        """Return the database's time `term` microseconds later, at most the last time that datetime holds."""
        raise NotImplementedError

    def greatest(self, left: Any, right: Any) -> ColumnElement[Any]:
        """Return the later of two times."""
        return func.greatest(left, right)

    def not_back(self, before: Any, now: Any, ahead: Any) -> ColumnElement[Any]:
        """Return `now`, or the time `before` if that is later, but not if it is later than `ahead`."""
        return case((before > ahead, now), else_=self.greatest(before, now))

    def non_transactional_tables(self, schema: str | None) -> Select[Any] | None:
        """Select the names of a schema's tables that cannot roll back; None if the database has no such tables."""
        return None

    def objects_named(self, schema: str | None, names: Names) -> Select[Any] | CompoundSelect[Any]:
        """Select names and kinds of the schema's objects that do not allow a new object to have one of these names."""
        raise NotImplementedError

    def column_names(self, table: Table, schema: str | None) -> Select[Any]:
        """Select the names of a table's columns; nothing if there is no such table."""
        raise NotImplementedError

    def row_security_active(self, table: Table, schema: str | None) -> Select[Any]:
        """Select whether row-level security binds this connection's role; only called if `tell_user` is set."""
        raise NotImplementedError

    def row_security_obstacle(self) -> Select[Any]:
        """Select the names of extensions with which row-level security cannot work; only if `tell_user` is set."""
        raise NotImplementedError

    def row_security(self, table: Table, *, on: bool) -> str:
        """Return the statement that switches a table's row-level security; only called if `tell_user` is set."""
        raise NotImplementedError
