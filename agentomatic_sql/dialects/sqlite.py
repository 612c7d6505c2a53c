"""SQLite through aiosqlite."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar, cast

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    Select,
    Table,
    bindparam,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy import table as sql_table
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import TypeEngine

from ..async_engine import AsyncConnection
from ..drivers import sqlite_options
from ..drivers.aiosqlite import AiosqliteDriver, begin_write, connect
from ..drivers.options import last
from ..errors import InvalidURL, MigrationLocked
from . import sqlite_backup
from .base import Dialect, JsonPairs, Limits, Names
from .sqlite_file import (
    OpenFile,
    absolute,
    advice,
    damage,
    is_in_wal_mode,
    is_read_only,
    is_uri,
    objection_to,
    path_of,
    uri_of,
)
from .types import JsonRows

_BUSY_SECONDS = 30.0
_BUSY_MILLISECONDS = 30_000
_WAIT_MILLISECONDS = 100


class SQLite(Dialect):
    """SQLite, in a file or in memory.

    mapped_bytes: how much of the file is mapped into memory (`?mmap_size=` in the URL). If a mapped file is truncated,
        the process is killed; so nothing is mapped unless the caller asks for it.
    """

    name = "sqlite"
    extra = "sqlite"
    driver = AiosqliteDriver()
    # The driver's `code` returns the name of the primary result code.
    transient = frozenset({"SQLITE_BUSY", "SQLITE_LOCKED"})
    read_isolation = None
    write_isolation = None
    snapshot_isolation = None
    has_schemas = False
    takes_turns = True
    in_process = True
    keeps_types = False
    concurrent_batches = 1
    cascading_keys = False
    generated_number_key = "primary"
    key_taken = "SQLITE_CONSTRAINT"
    needs_database_name = False  # a URL without a name is an in-memory database
    # A child inherits SQLite's list of the file's locks but not the system's locks. So its connections would take none,
    # and their writes are lost as soon as the parent closes its own.
    unsafe_after_fork = True
    version_query = "SELECT sqlite_version()"
    back_up = staticmethod(sqlite_backup.back_up)
    restore = staticmethod(sqlite_backup.restore)
    # The whole file; the second statement empties the log beside it.
    rewriting: ClassVar[Sequence[str]] = ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)")
    unsupported_limits: ClassVar[Mapping[str, str]] = {
        "statement_timeout": "not available on SQLite: use operation_timeout="
    }

    def __init__(self, mapped_bytes: int = 0) -> None:
        self.mapped_bytes = mapped_bytes

    def variant(self, url: URL) -> Dialect:
        wanted = int(last(url.query.get("mmap_size", "0")))
        return self if wanted == self.mapped_bytes else SQLite(wanted)

    def url(self, url: URL) -> URL:
        try:
            options = sqlite_options.spelled(url.query, url.database)
        except ValueError as error:
            raise InvalidURL(f"{self.where(url)}: {error}") from error
        url = super().url(url).set(query=options).difference_update_query(["mmap_size"])
        if _is_memory(url):
            # With a unique name and a shared cache, a new connection finds the data of the one that it replaces.
            name = f"file:agentomatic-{uuid.uuid4().hex}"
            url = url.set(database=name).difference_update_query(["vfs"])
            url = url.update_query_dict({"mode": "memory", "cache": "shared", "uri": "true"})
        if (objection := objection_to(url)) is not None:
            raise InvalidURL(f"{self.where(url)}: {objection}")
        return absolute(url)

    def absolute(self, url: URL) -> URL:
        found = absolute(url)
        if found.database != url.database and is_uri(url):
            raise InvalidURL(f"{self.where(url)}: the URI of an engine must have an absolute path: {found.database}")
        return found

    def reading(self, url: URL) -> URL:
        # A new connection that can write switches to WAL mode. One that cannot would leave an empty log behind, if the
        # file is in WAL mode already.
        path = path_of(url)
        if path is None or is_uri(url) or is_in_wal_mode(path):
            return url
        options = {"mode": "ro", "uri": "true"}
        return url.set(database=uri_of(path, "").rstrip("?")).update_query_dict(options)

    def where(self, url: URL) -> str:
        return f"sqlite database {url.database}"

    def connect_args(self, connect_timeout: float | None) -> dict[str, Any]:
        return {"timeout": _BUSY_SECONDS, "async_creator_fn": connect}

    def engine_options(self, url: URL, options: Mapping[str, Any]) -> dict[str, Any]:
        # Last in, first out: the connection used last has the file's pages in its cache.
        options = {**options, "pool_pre_ping": False, "pool_use_lifo": True}
        if _is_memory(url):
            # SQLAlchemy's default, a StaticPool, shares one connection between tasks and loses their writes.
            options |= {"pool_size": 1, "max_overflow": 0, "pool_recycle": -1}
        return options

    def keep_alive(self, url: URL) -> sqlite3.Connection | None:
        """Open a second connection, which keeps an in-memory database alive while the pool replaces its own."""
        if not _is_memory(url):
            return None
        return sqlite3.connect(f"{url.database}?mode=memory&cache=shared", uri=True, check_same_thread=False)

    def on_create(self, url: URL) -> None:
        if (path := path_of(url)) is not None:
            path.parent.mkdir(parents=True, exist_ok=True)

    def exists(self, url: URL) -> bool:
        path = path_of(url)
        return path is None or path.exists()

    def reaches(self, url: URL, other: URL) -> bool:
        path, others = path_of(url), path_of(other)
        return path is not None and others is not None and path.resolve() == others.resolve()

    def watch(self, url: URL) -> OpenFile | None:
        path = path_of(url)
        return None if path is None or not path.exists() else OpenFile(url, path, self.driver.has_ended)

    def damage(self, url: URL) -> str | None:
        return damage(url)

    def hint(self, error: BaseException, url: URL) -> str | None:
        path = path_of(url)
        return None if path is None else advice(path, self.driver.code(error))

    def on_connect(self, dbapi_connection: Any) -> None:
        cursor = dbapi_connection.cursor()
        try:
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute(f"PRAGMA mmap_size = {self.mapped_bytes}")
            cursor.execute("PRAGMA journal_mode")
            if cursor.fetchone()[0] == "delete":
                # In WAL mode readers and the writer do not wait for each other. While another connection writes, the
                # mode cannot be changed; then the next connection tries again. A file that cannot be written keeps its.
                try:
                    cursor.execute("PRAGMA journal_mode = WAL")
                except dbapi_connection.dbapi.OperationalError as error:
                    if self.driver.code(error) not in {*self.transient, "SQLITE_READONLY"}:
                        raise
        finally:
            cursor.close()

    def limits_statements(self, options: Mapping[str, Any]) -> bool:
        return "timeout" in options  # the driver's, which is for the wait for a locked file

    def limit_setting(self, limits: Limits) -> str | None:
        # A wait for a lock cannot be interrupted: it must not last much longer than its call.
        seconds = limits.lock or (limits.statement and min(_BUSY_SECONDS, limits.statement))
        return None if seconds is None else f"PRAGMA busy_timeout = {round(seconds * 1000)}"

    async def warnings(self, connection: AsyncConnection) -> dict[str, str]:
        found = {}
        mode = (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one()
        if mode not in ("wal", "memory") and not is_read_only(self.absolute(connection.sync_engine.url)):
            found["journal_mode"] = (
                f"journal_mode is {mode}, so that readers and the writer wait for each other: let each connection of "
                "the engine begin with PRAGMA journal_mode = WAL"
            )
        if not (await connection.exec_driver_sql("PRAGMA foreign_keys")).scalar_one():
            found["foreign_keys"] = (
                "foreign keys are not enforced, so that another program can leave rows without their thread: let each "
                "connection of the engine begin with PRAGMA foreign_keys = ON"
            )
        return found

    async def begin(self, connection: AsyncConnection) -> None:
        # A plain BEGIN that reads first and then writes fails if there is another writer; this one waits for it. It
        # waits a little, again and again, because the connection of a cancelled caller is closed when the wait is over.
        raw: Any = (await connection.get_raw_connection()).driver_connection
        if self.driver.can_run_on(raw):  # one call into its thread, where SQLAlchemy would make four
            await begin_write(raw, _WAIT_MILLISECONDS)
            return
        milliseconds = (await connection.exec_driver_sql("PRAGMA busy_timeout")).scalar_one()
        until = time.monotonic() + milliseconds / 1000
        await connection.exec_driver_sql(f"PRAGMA busy_timeout = {min(milliseconds, _WAIT_MILLISECONDS)}")
        refused = await _refused(connection)
        while refused is not None and self.is_transient(refused) and time.monotonic() < until:
            refused = await _refused(connection)
        await connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
        if refused is not None:
            raise refused

    async def begin_snapshot(self, connection: AsyncConnection) -> None:
        await connection.exec_driver_sql("BEGIN")

    async def join(self, connection: AsyncConnection) -> None:
        # Python's driver begins a transaction before the first change only, and to release a savepoint outside of a
        # transaction would commit it.
        raw = await connection.get_raw_connection()
        if not cast(Any, raw.driver_connection).in_transaction:
            await self.begin(connection)

    def insert_if_absent(self, table: Table, values: Mapping[str, Any], key: Sequence[str]) -> Insert:
        return insert(table).values(values).on_conflict_do_nothing(index_elements=list(key))

    def insert_from_if_absent(self, table: Table, rows: Select[Any], key: Sequence[str]) -> Insert:
        statement = insert(table).from_select([column.name for column in rows.selected_columns], rows)
        return statement.on_conflict_do_nothing(index_elements=list(key))

    def upsert(self, table: Table, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        return _or_update(insert(table).values(values), key, update)

    def upsert_from(self, table: Table, rows: Select[Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        names = [column.name for column in rows.selected_columns]
        return _or_update(insert(table).from_select(names, rows), key, update)

    def parameter_table(self, name: str, **columns: TypeEngine[Any]) -> FromClause:
        rows = bindparam(f"{name}_given", type_=JsonRows(tuple(columns.values())))
        each = func.json_each(rows).table_valued("value", name=f"{name}_each")
        values = [
            func.json_extract(each.c.value, f"$[{number}]").label(column) for number, column in enumerate(columns)
        ]
        return select(*values).select_from(each).subquery(name)

    def json_pairs(self, text: ColumnElement[str], name: str) -> JsonPairs:
        each = func.json_each(text).table_valued("value", name=name)
        first, second = (func.json_extract(each.c.value, f"$[{number}]") for number in (0, 1))
        return each, first, second

    def row_estimate(self, table: Table, schema: str | None) -> ColumnElement[Any]:
        # SQLite has no count of rows. The highest rowid is quick to read, but also counts deleted rows.
        return select(func.max(literal_column("rowid"))).select_from(table).scalar_subquery()

    def objects_named(self, schema: str | None, names: Names) -> Select[Any]:
        # Upper and lower case are the same name. Keys have no names of their own; triggers have names apart.
        names_and_kinds: list[Any] = [column("name"), column("type")]
        objects = sql_table("sqlite_master", *names_and_kinds)
        taken = func.lower(objects.c.name).in_([*names.tables, *names.indexes])
        return select(objects.c.name, objects.c.type).where(taken, objects.c.type != "trigger")

    def column_names(self, table: Table, schema: str | None) -> Select[Any]:
        return select(func.pragma_table_info(table.name).table_valued("name").c.name)

    def last_insert_id(self) -> Select[Any]:
        return select(func.last_insert_rowid())

    def clock(self, given: ColumnElement[Any], after: ColumnElement[int] | None = None) -> ColumnElement[Any]:
        return given  # SQLite asks the same clock, but for milliseconds only

    def end_of_term(self, given: ColumnElement[Any], term: ColumnElement[int]) -> ColumnElement[Any]:
        return given

    def greatest(self, left: Any, right: Any) -> ColumnElement[Any]:
        return func.max(left, right)

    @contextmanager
    def migration_lock(self, connection: Connection, name: str, seconds: float) -> Iterator[None]:
        # SQLite's write lock. The wait for it is not a call's, so it does not end with `operation_timeout`.
        milliseconds = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            if not self.is_transient(error):
                raise
            raise MigrationLocked(_BUSY_SECONDS) from error
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {milliseconds}")
        yield


async def _refused(connection: AsyncConnection) -> OperationalError | None:
    """Begin a write; return SQLite's error if it refuses."""
    try:
        await connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        return error
    return None


def _or_update(statement: sqlite.Insert, key: Sequence[str], update: Sequence[str]) -> Insert:
    changes = {column: statement.excluded[column] for column in update}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changes)


def _is_memory(url: URL) -> bool:
    return path_of(url) is None
