"""aiosqlite: SQLite in a thread for each connection.

This is the one file that knows aiosqlite's private names. They save the most expensive part of a call: its public
methods hand each statement to the connection's thread and back (some 60 µs each), `_execute` hands over a whole
operation at once. If a release has no such names, or a connection is not aiosqlite's own (an instrumented one),
operations run through SQLAlchemy and aiosqlite's public methods instead.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar
from weakref import WeakSet

import aiosqlite
from aiosqlite import core

from ..statements import Rows, Sql, SqlSteps, drive, drive_in_thread
from . import sqlite_options
from .base import Driver

_R = TypeVar("_R")

_STOP: Any = getattr(core, "_STOP_RUNNING_SENTINEL", None)
_KNOWN = all(hasattr(aiosqlite.Connection, name) for name in ("_execute", "_conn", "stop"))
_KNOWS_THREAD = _STOP is not None and hasattr(core, "set_result") and hasattr(core, "set_exception")


class AiosqliteDriver(Driver):
    name = "aiosqlite"
    options = sqlite_options.OPTIONS
    bound_to_loop = False  # a connection answers whoever asks, from a thread of its own

    def errors(self) -> tuple[type[BaseException], ...]:
        return (sqlite3.Error,)

    def code(self, error: BaseException) -> str | None:
        """Return SQLite's primary result code by name; SQLite has no SQLSTATE."""
        original = getattr(error, "orig", error)
        while original is not None:
            name: str | None = getattr(original, "sqlite_errorname", None)
            if name is not None:
                return "_".join(name.split("_")[:2])
            original = original.__cause__
        return None

    def can_run_on(self, connection: Any) -> bool:
        # By the type itself: the proxy of an instrumentation pretends to be of the class that it wraps.
        return _KNOWN and issubclass(type(connection), aiosqlite.Connection) and _is_plain(connection)

    def terminate(self, connection: Any) -> None:
        connection.stop()

    def has_ended(self, connection: Any) -> bool:
        """Return whether a connection was closed."""
        try:
            connection.in_transaction  # noqa: B018 - a public look that raises if it is closed
        except (ValueError, sqlite3.ProgrammingError):
            return True
        return False

    async def run(self, connection: Any, steps: SqlSteps[_R], *, changes: bool) -> _R:
        result: _R = await _in_thread(connection, _run, steps, changes)
        return result

    async def run_step_by_step(self, connection: Any, steps: SqlSteps[_R], *, changes: bool) -> _R:
        begun = False

        async def send(statements: Sequence[Sql], last: bool) -> Sequence[Rows]:
            nonlocal begun
            rows: list[Rows] = await _in_thread(connection, _send, statements, changes and not begun, last)
            begun = changes and not last
            return rows

        try:
            result = await drive(steps, send)
            if begun:
                await connection.commit()
        except Exception:
            if begun:
                await connection.rollback()
            raise
        return result

    async def run_group(self, connection: Any, operations: Sequence[SqlSteps[Any]]) -> Sequence[Any]:
        results: Sequence[Any] = await _in_thread(connection, _run_group, operations)
        return results


async def begin_write(connection: Any, wait: int) -> None:
    """Begin a transaction that writes, in the thread of a connection that `can_run_on` accepts.

    It waits for another writer as long as the connection's busy_timeout says, at most `wait` milliseconds at a time: so
    a cancelled caller's connection is free again soon. Raises SQLite's error.
    """
    begun = time.monotonic()
    while (refused := await connection._execute(_try_to_begin, _own(connection), wait, begun)) is not None:
        if not refused.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise refused


def _try_to_begin(own: sqlite3.Connection, wait: int, begun: float) -> sqlite3.OperationalError | None:
    """Begin; return the error of a wait that was cut short, or raise it if the time is over."""
    with closing(_cursor(own)) as cursor:
        (patience,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {min(patience, wait)}")
        try:
            cursor.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if time.monotonic() - begun >= patience / 1000:
                raise
            return error
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience}")
    return None


class _Caller:
    """The caller of an operation, who may be cancelled while it runs in the connection's thread."""

    gone = False

    def check(self) -> None:
        """Raise SQLite's error for an interrupted statement if the caller has gone."""
        if self.gone:
            raise sqlite3.OperationalError("interrupted")


async def _in_thread(connection: Any, function: Callable[..., _R], *arguments: Any) -> _R:
    """Run a function in the connection's thread; if the caller is cancelled, it rolls back.

    A statement that runs is interrupted. One that waits for another connection's lock cannot be, and waits on.
    """
    own, caller = _own(connection), _Caller()
    try:
        result: _R = await connection._execute(function, own, caller, *arguments)
    except asyncio.CancelledError:
        caller.gone = True
        own.interrupt()
        raise
    return result


def _is_plain(connection: Any) -> bool:
    return issubclass(type(_own(connection)), sqlite3.Connection)


def _own(connection: Any) -> Any:
    """Return the sqlite3 connection of an aiosqlite one."""
    return connection._conn


def _run(own: sqlite3.Connection, caller: _Caller, steps: SqlSteps[_R], changes: bool) -> _R:
    """Run an operation in the connection's thread."""
    cursor = _cursor(own)
    try:
        if changes:
            cursor.execute("BEGIN IMMEDIATE")
        result = drive_in_thread(steps, partial(_execute, cursor, caller))
        own.commit()
    except BaseException:
        own.rollback()
        raise
    finally:
        cursor.close()
    return result


def _send(own: sqlite3.Connection, caller: _Caller, statements: Sequence[Sql], begin: bool, end: bool) -> list[Rows]:
    """Run some statements of an operation in the connection's thread, as the first and the last of a transaction."""
    cursor = _cursor(own)
    try:
        if begin:
            cursor.execute("BEGIN IMMEDIATE")
        rows = [_execute(cursor, caller, statement) for statement in statements]
        if end:
            own.commit()
    except BaseException:
        own.rollback()
        raise
    finally:
        cursor.close()
    return rows


def _cursor(own: sqlite3.Connection) -> sqlite3.Cursor:
    """Make a cursor for a whole operation, which closes it; so the connection need not keep track of it."""
    return sqlite3.Connection.cursor(own)


def _execute(cursor: sqlite3.Cursor, caller: _Caller, statement: Sql) -> Rows:
    caller.check()
    if isinstance(statement.arguments, list):
        cursor.executemany(*statement)
        return ()
    return cursor.execute(*statement).fetchall()


def _run_group(own: sqlite3.Connection, caller: _Caller, operations: Sequence[SqlSteps[Any]]) -> list[Any]:
    """Run several operations and commit them together; the result of one that failed is its exception."""
    cursor = _cursor(own)
    try:
        cursor.execute("BEGIN IMMEDIATE")
        results = [_run_in_savepoint(own, cursor, caller, steps) for steps in operations]
        caller.check()
        own.commit()
    except BaseException:
        own.rollback()
        raise
    finally:
        cursor.close()
    return results


def _run_in_savepoint(
    own: sqlite3.Connection, cursor: sqlite3.Cursor, caller: _Caller, steps: SqlSteps[_R]
) -> _R | Exception:
    cursor.execute("SAVEPOINT operation")
    try:
        result: _R | Exception = drive_in_thread(steps, partial(_execute, cursor, caller))
    except Exception as error:
        if not own.in_transaction:  # SQLite rolled the whole transaction back, for example because the disk is full
            raise
        cursor.execute("ROLLBACK TO operation")
        result = error
    cursor.execute("RELEASE operation")
    return result


class Connection(sqlite3.Connection):
    """A sqlite3 connection that is really closed when `close` returns.

    SQLite keeps a closed connection, with its transaction and its locks, until every cursor has finished its statement;
    and the cursor of a cancelled call lives until the garbage collector finds it.
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
    """A connection whose thread is stopped once.

    If a caller is cancelled again while its connection is being closed, SQLAlchemy stops the thread, and then so does
    the closing: it would wait for the answer of a thread that has ended.
    """

    def stop(self) -> asyncio.Future[Any] | None:
        return super().stop() if getattr(self, "_running", True) else None


def _work(calls: SimpleQueue[tuple[asyncio.Future[Any] | None, Callable[[], Any]]]) -> None:
    """Do a connection's calls in its thread until it is told to stop.

    aiosqlite's own function ends when the event loop of a call has ended. Whoever calls that connection next, if only
    to close it, then waits for ever.
    """
    stopped = False
    while not stopped:
        future, function = calls.get()
        tell: Callable[..., None] = core.set_result
        try:
            answer: Any = function()
        except BaseException as error:  # noqa: BLE001 - every error belongs to the caller
            tell, answer = core.set_exception, error
        if future is not None:
            with suppress(RuntimeError):  # the caller's event loop is closed
                future.get_loop().call_soon_threadsafe(tell, future, answer)
        stopped = answer is _STOP
        del future, function, answer  # so that a waiting thread keeps nothing alive


async def connect(*arguments: Any, **options: Any) -> aiosqlite.Connection:
    """Connect; if the caller is cancelled meanwhile, the connection is closed.

    aiosqlite forgets a connection that its thread is opening, and from Python 3.13 on there is a warning about it.
    """
    connection = _Worker(partial(sqlite3.connect, *arguments, factory=Connection, **options), iter_chunk_size=64)
    if _KNOWS_THREAD and hasattr(connection, "_thread") and hasattr(connection, "_tx"):
        # A daemon, as SQLAlchemy makes it: a store that nobody closed must not keep the program alive.
        connection._thread = Thread(target=_work, args=(connection._tx,), daemon=True)
    connecting = asyncio.ensure_future(connection)
    try:
        await asyncio.shield(connecting)
    except asyncio.CancelledError:
        connecting.add_done_callback(lambda done: done.cancelled() or done.exception() or connection.stop())
        raise
    return connection
