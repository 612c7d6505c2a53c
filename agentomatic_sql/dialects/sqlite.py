"""SQLite through aiosqlite."""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, ClassVar
from weakref import WeakSet

import aiosqlite
from aiosqlite.core import _STOP_RUNNING_SENTINEL, set_exception, set_result
from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    Select,
    Table,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import AsyncAdaptedQueuePool
from sqlalchemy.types import TypeEngine

from ..errors import MigrationLocked
from ..statements import Rows, Text, Texts, answered_at_once
from .base import Dialect, Limits, R
from .types import JsonRows

_BUSY_SECONDS = 30.0
_MAPPED = 1 << 30  # bytes of the file; address space, not memory


class SQLite(Dialect):
    name = "sqlite"
    extra = "sqlite"
    driver = "aiosqlite"
    schemes = ("sqlite",)
    # SQLite has no SQLSTATE; `code` gives the primary result code
    transient = frozenset({"SQLITE_BUSY", "SQLITE_LOCKED"})
    read_isolation = None
    write_isolation = None
    has_schemas = False
    takes_turns = True
    in_process = True
    batches_at_once = 1
    cascades = False
    direct = True
    key_taken = "SQLITE_CONSTRAINT"
    names_database = False  # without one it is in memory
    loop_bound = False  # aiosqlite answers whoever asks, from a thread of its own
    # SQLite keeps its own account of a file's locks, which a child inherits and the system's locks it does not: its
    # connections would do without them, and what they store is lost as soon as the parent closes its own.
    locks_by_process = True
    version_query = "SELECT sqlite_version()"
    refused_limits: ClassVar[Mapping[str, str]] = {
        "statement_timeout": "a statement runs in this process, where operation_timeout= is its limit"
    }

    def url(self, url: URL) -> URL:
        url = super().url(url)
        if _is_memory(url):
            # A name of its own and a shared cache, so that a connection which is replaced finds its data.
            name = f"file:agentomatic-{uuid.uuid4().hex}"
            query = {"mode": "memory", "cache": "shared", "uri": "true"}
            url = url.set(database=name, query=query)
        return url

    def where(self, url: URL) -> str:
        return f"sqlite database {url.database}"

    def connect_args(self, connect_timeout: float) -> dict[str, Any]:
        return {"timeout": _BUSY_SECONDS, "factory": _Connection, "async_creator_fn": _connect}

    def engine_options(self, url: URL, options: Mapping[str, Any]) -> dict[str, Any]:
        # The connection used last has the file's pages in its cache.
        options = {**options, "pool_pre_ping": False, "poolclass": AsyncAdaptedQueuePool, "pool_use_lifo": True}
        if _is_memory(url):
            # One connection: SQLAlchemy's default for memory shares it between tasks, and loses their writes.
            options |= {"pool_size": 1, "max_overflow": 0, "pool_recycle": -1}
        return options

    def keep_alive(self, url: URL) -> sqlite3.Connection | None:
        """A second connection keeps a memory database while the pool's own one is replaced."""
        if not _is_memory(url):
            return None
        return sqlite3.connect(f"{url.database}?mode=memory&cache=shared", uri=True, check_same_thread=False)

    def on_create(self, url: URL) -> None:
        if (path := _path(url)) is not None:
            path.parent.mkdir(parents=True, exist_ok=True)

    def exists(self, url: URL) -> bool:
        path = _path(url)
        return path is None or path.exists()

    def on_connect(self, dbapi_connection: Any) -> None:
        cursor = dbapi_connection.cursor()
        try:
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute("PRAGMA synchronous = FULL")
            # Pages are read where the system has them in memory anyway, not copied: a third less time for a history
            # whose messages lie all over the file. What is written goes the usual way.
            cursor.execute(f"PRAGMA mmap_size = {_MAPPED}")
            cursor.execute("PRAGMA journal_mode")
            if cursor.fetchone()[0] == "delete":
                # Readers and the writer then do not wait for each other. While others are writing it cannot
                # be changed; the file keeps its mode, and the next connection tries again.
                try:
                    cursor.execute("PRAGMA journal_mode = WAL")
                except dbapi_connection.dbapi.OperationalError as error:
                    if self.code(error) not in self.transient:
                        raise
        finally:
            cursor.close()

    def limit(self, dbapi_connection: Any, limits: Limits) -> None:
        if limits.lock is not None:
            cursor = dbapi_connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout = {round(limits.lock * 1000)}")
            cursor.close()

    def driver_errors(self) -> tuple[type[BaseException], ...]:
        return (sqlite3.Error,)

    async def run_directly(self, driver: Any, texts: Texts[R], *, changes: bool) -> R:
        # aiosqlite's public methods go to its thread and back once a statement; this goes once.
        result: R = await driver._execute(_run, driver._conn, texts, changes)
        return result

    async def run_together(self, driver: Any, operations: Sequence[Texts[Any]]) -> Sequence[Any]:
        answers: Sequence[Any] = await driver._execute(_run_together, driver._conn, operations)
        return answers

    def code(self, error: BaseException) -> str | None:
        original = getattr(error, "orig", error)
        while original is not None:
            name: str | None = getattr(original, "sqlite_errorname", None)
            if name is not None:
                return "_".join(name.split("_")[:2])
            original = original.__cause__
        return None

    async def begin(self, connection: AsyncConnection) -> None:
        # A transaction that reads first and writes then cannot wait for another writer; this one can.
        await connection.exec_driver_sql("BEGIN IMMEDIATE")

    def insert_if_absent(self, table: Table, values: Mapping[str, Any], key: Sequence[str]) -> Insert:
        return insert(table).values(values).on_conflict_do_nothing(index_elements=list(key))

    def upsert(self, table: Table, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        return _or_update(insert(table).values(values), key, update)

    def upsert_from(self, table: Table, rows: Select[Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        names = [column.name for column in rows.selected_columns]
        return _or_update(insert(table).from_select(names, rows), key, update)

    def given(self, name: str, **columns: TypeEngine[Any]) -> FromClause:
        rows = bindparam(f"{name}_given", type_=JsonRows(tuple(columns.values())))
        each = func.json_each(rows).table_valued("value", name=f"{name}_each")
        values = [func.json_extract(each.c.value, f"$[{place}]").label(one) for place, one in enumerate(columns)]
        return select(*values).select_from(each).subquery(name)

    def pairs(self, text: ColumnElement[str], name: str) -> tuple[FromClause, ColumnElement[int], ColumnElement[int]]:
        each = func.json_each(text).table_valued("value", name=name)
        first, second = (func.json_extract(each.c.value, f"$[{place}]") for place in (0, 1))
        return each, first, second

    def row_estimate(self, table: Table, schema: str | None) -> ColumnElement[Any]:
        # It keeps no count. The highest number that a row was given is at hand; what was deleted is still in it.
        return select(func.max(literal_column("rowid"))).select_from(table).scalar_subquery()

    def last_number(self) -> Select[Any]:
        return select(func.last_insert_rowid())

    def later(self, left: Any, right: Any) -> ColumnElement[Any]:
        return func.max(left, right)

    @contextmanager
    def migration_lock(self, connection: Connection, name: str, seconds: float) -> Iterator[None]:
        # The write lock is the lock: it is waited for by the connection's busy timeout.
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            if not self.is_transient(error):
                raise
            raise MigrationLocked(_BUSY_SECONDS) from error
        yield


def _or_update(statement: sqlite.Insert, key: Sequence[str], update: Sequence[str]) -> Insert:
    changes = {column: statement.excluded[column] for column in update}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changes)


def _run(own: sqlite3.Connection, texts: Texts[R], changes: bool) -> R:
    """Run an operation in the connection's thread."""
    cursor = _cursor(own)
    try:
        if changes:
            cursor.execute("BEGIN IMMEDIATE")
        result = answered_at_once(texts, partial(_execute, cursor))
        own.commit()
    except BaseException:
        own.rollback()
        raise
    finally:
        cursor.close()
    return result


def _cursor(own: sqlite3.Connection) -> sqlite3.Cursor:
    """One for a whole operation, which closes it: the connection need not keep it to be able to close it itself."""
    return sqlite3.Connection.cursor(own)


def _execute(cursor: sqlite3.Cursor, asked: Text) -> Rows:
    if isinstance(asked.arguments, list):
        cursor.executemany(*asked)
        return ()
    return cursor.execute(*asked).fetchall()


def _run_together(own: sqlite3.Connection, operations: Sequence[Texts[Any]]) -> list[Any]:
    """Run several operations and commit them at once; what one of them raised is its answer."""
    cursor = _cursor(own)
    try:
        cursor.execute("BEGIN IMMEDIATE")
        answers = [_run_apart(own, cursor, texts) for texts in operations]
        own.commit()
    except BaseException:
        own.rollback()
        raise
    finally:
        cursor.close()
    return answers


def _run_apart(own: sqlite3.Connection, cursor: sqlite3.Cursor, texts: Texts[R]) -> R | Exception:
    cursor.execute("SAVEPOINT operation")
    try:
        answer: R | Exception = answered_at_once(texts, partial(_execute, cursor))
    except Exception as error:
        if not own.in_transaction:  # SQLite has rolled back all of it: the disk is full, say
            raise
        cursor.execute("ROLLBACK TO operation")
        answer = error
    cursor.execute("RELEASE operation")
    return answer


def _work(asked: SimpleQueue[tuple[asyncio.Future[Any] | None, Callable[[], Any]]]) -> None:
    """Do what a connection is asked for, until it is told to stop.

    aiosqlite's own function ends where the event loop has ended that it would answer, and whoever asks that connection
    next, if only to close it, waits for ever.
    """
    stopped = False
    while not stopped:
        future, function = asked.get()
        tell: Callable[..., None] = set_result
        try:
            answer: Any = function()
        except BaseException as error:  # noqa: BLE001 - it is the asker's, whatever it is
            tell, answer = set_exception, error
        if future is not None:
            with suppress(RuntimeError):  # its event loop is closed
                future.get_loop().call_soon_threadsafe(tell, future, answer)
        stopped = answer is _STOP_RUNNING_SENTINEL
        del future, function, answer  # while it waits it keeps nothing alive


class _Connection(sqlite3.Connection):
    """A connection that is closed when `close` returns.

    SQLite keeps a closed one, with its transaction and its locks, for as long as a cursor has not finished its
    statement; and the cursor of a cancelled call lives until the garbage collector finds it.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, *arguments: Any, **options: Any) -> Any:
        cursor = super().cursor(*arguments, **options)
        self._cursors.add(cursor)
        return cursor

    def close(self) -> None:
        for cursor in tuple(self._cursors):
            cursor.close()
        self._cursors.clear()  # closing twice is fine
        super().close()


class _Worker(aiosqlite.Connection):
    """A connection's thread, which is stopped once.

    Of a caller that is cancelled again while its connection is being closed, SQLAlchemy stops the thread, and then the
    closing does: it would wait for the answer of a thread that has ended.
    """

    def stop(self) -> asyncio.Future[Any] | None:
        return super().stop() if self._running else None


async def _connect(*arguments: Any, **options: Any) -> _Worker:
    """Connect; a caller that is cancelled meanwhile does not leave the connection behind.

    aiosqlite forgets the one that its thread is opening, and Python warns of it from 3.13 on.
    """
    connection = _Worker(partial(sqlite3.connect, *arguments, **options), iter_chunk_size=64)
    # A daemon, as SQLAlchemy has it: a store that nobody closed must not keep the program alive.
    connection._thread = Thread(target=_work, args=(connection._tx,), daemon=True)
    connecting = asyncio.ensure_future(connection)
    try:
        await asyncio.shield(connecting)
    except asyncio.CancelledError:
        connecting.add_done_callback(lambda done: done.cancelled() or done.exception() or connection.stop())
        raise
    return connection


def _path(url: URL) -> Path | None:
    """The file, where the URL names one plainly."""
    if not url.database or _is_memory(url) or url.database.startswith("file:"):
        return None
    return Path(url.database)


def _is_memory(url: URL) -> bool:
    return url.database in (None, "", ":memory:") or url.query.get("mode") == "memory"
