"""The private names of SQLAlchemy (and asyncio) that this package uses, each with what it saves.

With them, a connection costs some 15 µs less per operation than through SQLAlchemy's public API: its pool waits in a
greenlet even if a connection is idle, and wraps each connection in a proxy that finds forgotten ones. `is_known` tells
whether a release of SQLAlchemy still has these names; if not, operations run through the public API. A test fails when
a name is gone, so that somebody looks at it.

The private names of a driver are in that driver's file, LangGraph's in `graphs/codec.py`. No other file has any.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import Pool, QueuePool
from sqlalchemy.util import greenlet_spawn
from sqlalchemy.util.queue import Empty

_OF_POOL = ("_do_get", "_invalidate_time", "_recycle", "_pre_ping", "dispatch")
_OF_ENTRY = ("checkin", "_checkin_failed", "get_connection", "starttime", "_soft_invalidate_time", "driver_connection")


def is_known(pool: Any, checked_out: Any) -> bool:
    """Return whether a pool and the entry of a connection that is checked out have every name that this module uses."""
    entry = getattr(checked_out, "_connection_record", None)
    named = all(hasattr(pool, name) for name in _OF_POOL) and all(hasattr(entry, name) for name in _OF_ENTRY)
    return named and (not isinstance(pool, QueuePool) or hasattr(pool, "_pool"))


def is_watched(engine: AsyncEngine) -> bool:
    """Return whether statements or connections must take SQLAlchemy's way: somebody listens, echoes, or pings first.

    Saves calling event listeners for each statement and connection where there are none.
    """
    sync_engine: Any = engine.sync_engine
    pool: Any = sync_engine.pool
    events = getattr(pool, "dispatch", None)
    return events is None or bool(
        getattr(sync_engine, "_has_events", True)
        or sync_engine.echo
        or getattr(pool, "_pre_ping", True)
        or events.checkout
        or events.checkin
        or events.reset
    )


def max_connections(pool: Pool) -> float:
    """Return how many connections a pool may have at a time; infinite if there is no limit or it is not known.

    Saves the pool's own waiting: whoever has to wait does so before it asks the pool.
    """
    overflow: int | None = getattr(pool, "_max_overflow", None)
    if not isinstance(pool, QueuePool) or overflow is None or overflow < 0 or pool.size() == 0:
        return math.inf
    return pool.size() + overflow


def max_overflow(pool: Any) -> int:
    """Return how many connections beyond its size a pool may have; 0 if it is not known. Only an error shows it."""
    overflow: int = getattr(pool, "_max_overflow", 0)
    return overflow


def idle_entry(pool: Any) -> Any:
    """Return an entry of the pool that nobody uses, or None. Saves the greenlet in which `_do_get` could wait."""
    if not isinstance(pool, QueuePool):
        return None
    try:
        return pool._pool.get(False)
    except (Empty, IndexError):  # IndexError: another thread was quicker, between the queue's look and its grasp
        return None


def idle_connections(pool: Any) -> Iterator[Any]:
    """Take the driver's connections that nobody uses out of a pool that is replaced, without closing them."""
    with suppress(Empty):
        while isinstance(pool, QueuePool):
            entry: Any = pool._pool.get(False)
            if entry.driver_connection is not None:
                yield entry.driver_connection


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

    No transaction is open that the pool would have to roll back, which can cost a round trip.
    """
    overflow = getattr(pool, "overflow", None)
    if overflow is None or overflow() > 0:  # a pool without a count may close any connection
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


async def give_back_broken(pool: Any, entry: Any, error: BaseException, *, lost: bool) -> None:
    """Give an entry back after an error, as SQLAlchemy does.

    A connection that was lost or cancelled is closed. If it was lost, every connection that the pool has opened so far
    is replaced when it is next taken.
    """
    if lost and pool._invalidate_time < entry.starttime:
        pool._invalidate_time = time.time()
    if lost or not isinstance(error, Exception):
        await greenlet_spawn(entry._checkin_failed, error, _fairy_was_created=False)
    else:
        await greenlet_spawn(entry.checkin, _fairy_was_created=False)
