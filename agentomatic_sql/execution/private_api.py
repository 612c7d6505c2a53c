"""The private names of SQLAlchemy (and asyncio) that this package uses, each with what it saves.

With them, a connection costs some 15 µs less per operation than through SQLAlchemy's public API: its pool waits in a
greenlet even if a connection is idle, and wraps each connection in a proxy that finds forgotten ones. `is_known` tells
whether a release of SQLAlchemy still has these names; if not, operations run through the public API. A test fails when
a name is gone, so that somebody looks at it.

The private names of a driver are in that driver's file, LangGraph's in `graphs/codec.py`. No other file has any.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import Pool, QueuePool, base
from sqlalchemy.util import greenlet_spawn
from sqlalchemy.util.queue import Empty

from ..async_engine import AsyncEngine

_CAN_TELL = (
    all(hasattr(Connection, name) for name in ("_log_info", "_log_parameters", "_has_events"))
    and hasattr(base, "_ConnectionFairy")
    and hasattr(DefaultExecutionContext, "_init_statement")
)
"""Whether `Listeners` works."""
_OF_POOL = ("_do_get", "_invalidate_time", "_recycle", "_pre_ping", "dispatch")
_OF_ENTRY = ("checkin", "_checkin_failed", "get_connection", "starttime", "_soft_invalidate_time", "driver_connection")


def is_known(pool: Any, checked_out: Any) -> bool:
    """Return whether a pool and the entry of a connection that is checked out have every name that this module uses."""
    entry = getattr(checked_out, "_connection_record", None)
    named = all(hasattr(pool, name) for name in _OF_POOL) and all(hasattr(entry, name) for name in _OF_ENTRY)
    return named and (not isinstance(pool, QueuePool) or hasattr(pool, "_pool"))


def is_watched(engine: AsyncEngine) -> bool:
    """Return whether somebody listens to statements or uses of connections, or statements are logged.

    Saves calling `Listeners`, or SQLAlchemy's own methods, for each of them.
    """
    sync_engine: Any = engine.sync_engine
    of_dialect, of_pool = sync_engine.dialect.dispatch, getattr(sync_engine.pool, "dispatch", None)
    return bool(
        of_pool is None
        or getattr(sync_engine, "_has_events", True)
        or getattr(Connection, "_has_events", True)
        or sync_engine.logger.isEnabledFor(logging.INFO)
        or of_pool.checkout
        or of_pool.reset
        or of_dialect.handle_error
        or of_dialect.do_execute
        or of_dialect.do_executemany
        or of_dialect.do_execute_no_params
    )


def needs_sqlalchemy(engine: AsyncEngine) -> bool:
    """Return whether the operations of an engine that is watched need SQLAlchemy's own methods.

    Saves them for the events that `Listeners` calls. A log of level DEBUG has every row.
    """
    sync_engine: Any = engine.sync_engine
    of_dialect, of_pool = sync_engine.dialect.dispatch, getattr(sync_engine.pool, "dispatch", None)
    if not _CAN_TELL or of_pool is None or not hasattr(sync_engine, "_has_events"):
        return True
    of_engine = sync_engine.dispatch
    return bool(
        Connection._has_events
        or sync_engine.logger.isEnabledFor(logging.DEBUG)
        or of_pool.reset
        or of_dialect.do_execute
        or of_dialect.do_executemany
        or of_dialect.do_execute_no_params
        or of_engine.engine_connect
        or of_engine.begin
        or of_engine.commit
        or of_engine.rollback
        or of_engine.savepoint
    )


def has_events(engine: Engine) -> bool:
    """Return whether somebody listens to an engine."""
    return engine._has_events


def pings_first(pool: Any) -> bool:
    """Return whether a pool's connections are to answer before each use (`pool_pre_ping`)."""
    return bool(getattr(pool, "_pre_ping", False))


def told_connection(engine: Engine, entry: Any) -> Connection:
    """Return SQLAlchemy's connection for listeners, around an entry that is checked out. Saves its way of connecting.

    Calls the listeners of `checkout`, with a proxy that does not give the entry back when it is collected.
    """
    pool = engine.pool
    proxy = base._ConnectionFairy(pool, entry.dbapi_connection, entry, False)
    if pool.dispatch.checkout:
        pool.dispatch.checkout(entry.dbapi_connection, entry, proxy)
    return Connection(engine, proxy, _has_events=False, _allow_revalidate=False, _allow_autobegin=False)


def told_context(connection: Connection, cursor: Any, text: str, arguments: Any) -> Any:
    """Return SQLAlchemy's execution context for listeners. Saves its way of executing a statement."""
    make: Any = connection.dialect.execution_ctx_cls
    parameters = arguments if isinstance(arguments, list) else [arguments]
    context = make._init_statement(
        connection.dialect, connection, _Cursors(cursor), connection.get_execution_options(), text, parameters
    )
    context._dbapi_connection = connection.connection
    return context


class _Cursors(NamedTuple):
    """A connection that has one cursor."""

    only: Any

    def cursor(self, **_options: Any) -> Any:
        return self.only


def log_statement(connection: Connection, text: str, arguments: Any, *, many: bool) -> None:
    """Log a statement as SQLAlchemy does. Saves its way of executing it."""
    connection._log_info(text)
    connection._log_parameters(arguments, "raw sql", ismulti=many)


def as_sqlalchemys(connection: Connection, error: BaseException, text: str | None, arguments: Any) -> BaseException:
    """Return a driver's error as SQLAlchemy would raise it; an error that is not the driver's as it is.

    Saves its way of executing a statement.
    """
    translate: Any = getattr(connection.connection.dbapi_connection, "_handle_exception", None)
    try:
        if translate is not None:
            translate(error)
    except BaseException as translated:  # noqa: BLE001 - it raises whatever it is given
        error = translated
    kind = connection.dialect.loaded_dbapi.Error
    if not isinstance(error, kind):
        return error
    hide = connection.engine.hide_parameters
    return DBAPIError.instance(text, arguments, error, kind, hide_parameters=hide, dialect=connection.dialect)


def max_connections(pool: Pool) -> float:
    """Return how many connections a pool may have at a time; infinite if there is no limit or it is not known.

    Saves the pool's own waiting: whoever has to wait does so before it asks the pool.
    """
    overflow: int | None = getattr(pool, "_max_overflow", None)
    size: int | None = getattr(getattr(pool, "_pool", None), "maxsize", None)
    if not isinstance(pool, QueuePool) or overflow is None or overflow < 0 or not size:
        return math.inf
    return size + overflow


def take_idle(pool: Any, stamp: str, before: float) -> Any:
    """Take the entry out of a pool that has been idle for longest, if that is since `before`; else return None.

    Saves what SQLAlchemy does with each connection beyond the size of a pool: to close it, and to connect again.
    `stamp` is the key in an entry's `info` for the time when it was given back.
    """
    entries = pool._pool._queue._queue  # last in, first out: the first has been idle for longest
    if not entries or entries[0].info.get(stamp, 0.0) > before:
        return None
    pool._dec_overflow()
    try:
        return entries.pop(0)
    except IndexError:  # another thread was quicker
        pool._inc_overflow()
        return None


def idle_entry(pool: Any) -> Any:
    """Return an entry of the pool that nobody uses, or None. Saves the greenlet in which `_do_get` could wait."""
    if not isinstance(pool, QueuePool):
        return None
    try:
        return pool._pool.get(False)
    except (Empty, IndexError):  # IndexError: another thread was quicker, between the queue's look and its grasp
        return None


def idle_entries(pool: Any) -> Iterator[Any]:
    """Take the entries that nobody uses out of a pool that is replaced, without closing their connections."""
    with suppress(Empty):
        while isinstance(pool, QueuePool):
            entry = pool._pool.get(False)
            pool._dec_overflow()  # a call that has begun on another event loop may connect in its place
            yield entry


def left_in_pool(pool: Any) -> list[Any]:
    """Return the driver's connections that nobody uses, and leave them in the pool.

    Saves waiting for a server that is silent, which SQLAlchemy would tell of the end of each when it replaces it.
    """
    queue = getattr(getattr(pool, "_pool", None), "_queue", None)
    return [entry.driver_connection for entry in getattr(queue, "_queue", ()) if entry.driver_connection is not None]


def shows_idle(pool: Any) -> bool:
    """Return whether `idle_entries` works."""
    return hasattr(pool, "_pool")


def is_fresh(pool: Any, entry: Any) -> bool:
    """Return whether an entry has a connection that is neither too old nor known to be from before a server's restart.

    Saves a greenlet: the entry's own check (`get_connection`) makes a new connection at once if it finds a reason.
    """
    made = entry.starttime
    return (
        entry.dbapi_connection is not None
        and not -1 < pool._recycle < time.time() - made
        and made >= pool._invalidate_time
        and made >= entry._soft_invalidate_time
    )


async def check_out(pool: Any, entry: Any) -> Any:
    """Return an entry with a connection, this one or another of the pool. Saves the proxy around a connection.

    The proxy finds connections that were forgotten; `Connections.on_driver` gives each entry back whatever happens.
    """
    while entry is None:
        with suppress(IndexError):  # as in `idle_entry`
            entry = await greenlet_spawn(pool._do_get)
    if not is_fresh(pool, entry):
        await greenlet_spawn(_reconnect, entry)
    return entry


def _reconnect(entry: Any) -> None:
    try:
        entry.get_connection()
    except BaseException as error:
        entry._checkin_failed(error, _fairy_was_created=False)
        raise


def put_back(pool: Any, entry: Any) -> bool:
    """Give an entry back to its pool if that closes nothing; returns whether it did. Saves a greenlet and a rollback.

    Raises `MissingGreenlet` if a listener needs one; the entry is not given back then.
    No transaction is open that the pool would have to roll back, which can cost a round trip.
    """
    queue = getattr(pool, "_pool", None)
    if queue is None or queue.full():  # another kind of pool may close any connection
        return False
    entry.checkin(_fairy_was_created=False)
    return True


async def give_back(pool: Any, entry: Any, *, disposed: bool) -> None:
    """Give an entry back if a connection may have to be closed, which must be waited for."""
    if disposed:  # nobody would close what is put into a pool that was disposed of
        await greenlet_spawn(entry.close)
    await greenlet_spawn(entry.checkin, _fairy_was_created=False)


def close_transport(transport: Any) -> None:
    """Close an asyncio transport whose event loop does not run. Saves a socket from staying open until it is collected.

    If the loop is closed, this does what the loop would do next.
    """
    loop = getattr(transport, "_loop", None)
    with suppress(RuntimeError):  # the loop is closed
        transport.abort()
    under_tls = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None)
    finish = getattr(under_tls or transport, "_call_connection_lost", None)
    if finish is not None and loop is not None and loop.is_closed():
        with suppress(RuntimeError):  # under TLS, its last step is to tell the loop
            finish(None)


def outdate(pool: Any, checked_out: Any = None) -> None:
    """Replace every connection that the pool has opened so far when it is next taken.

    Given a connection that is checked out, only if it is from before the last time that this happened.
    """
    entry = getattr(checked_out, "_connection_record", checked_out)
    if entry is None or pool._invalidate_time < entry.starttime:
        pool._invalidate_time = _later()


def stamp(_adapted: Any, entry: Any) -> None:
    """Give a new connection the time by which `outdate` tells it from later ones."""
    entry.starttime = _later()


def _later() -> float:
    """Return the time, but always a later one than before: the machine's clock may be set back."""
    global _latest
    _latest = max(time.time(), math.nextafter(_latest, math.inf))
    return _latest


_latest = 0.0


async def give_back_broken(pool: Any, entry: Any, error: BaseException, *, lost: bool, usable: bool = True) -> None:
    """Give an entry back after an error, as SQLAlchemy does.

    A connection that was lost, was cancelled, or is not usable for another reason is closed. If it was lost, every
    connection that the pool has opened so far is replaced when it is next taken.
    """
    if lost:
        outdate(pool, entry)
    if lost or not usable or not isinstance(error, Exception):
        await greenlet_spawn(entry._checkin_failed, error, _fairy_was_created=False)
    else:
        await greenlet_spawn(entry.checkin, _fairy_was_created=False)
