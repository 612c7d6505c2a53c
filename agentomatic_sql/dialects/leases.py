"""A lock for all servers of a cluster that share no locks: a row that one process holds for a time and renews.

The row says who holds it and how often it was renewed. A process that waits takes it over when it has not changed for
`LEASE` seconds, which the process counts itself: so no two clocks are ever compared, neither of hosts nor of servers.
The holder counts from before it sent its last renewal, so its time is over first. Then its work is stopped.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Delete,
    MetaData,
    Row,
    Table,
    Update,
    create_engine,
    inspect,
    select,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.schema import CreateSchema, CreateTable

from ..async_engine import AsyncEngine
from ..errors import MigrationLocked, MigrationLockLost
from .types import Id

LEASE = 60.0
"""Seconds that others wait after the holder of a lock has crashed.

A cluster that loses a server answers nobody for some seconds, which must be less.
"""

_STOPPED = 0.9
"""The part of a lease after which a holder that could not renew it is stopped; the rest is for the stopping."""

_RENEWALS = 6  # in the time of a lease, and as many attempts if they fail
_POLL_SECONDS = 0.2
_RELEASES = 10


def table(**options: Any) -> Table:
    """Return the table of the locks; `options` are those of new tables."""
    return Table(
        "agentomatic_sql_lock",
        MetaData(),
        Column("name", Id, primary_key=True),
        Column("holder", Id, nullable=False),
        Column("renewals", BigInteger, nullable=False),
        **options,
    )


@contextmanager
def leased(
    connection: Connection, locks: Table, name: str, seconds: float, is_transient: Callable[[BaseException], bool]
) -> Iterator[None]:
    """Hold a lock, and renew it meanwhile on a connection of its own, which is none of the engine's pool.

    Args:
        connection: The connection that waits for the lock and works under it. What it has not committed before and
            under the lock is rolled back.
        locks: The table, which is made if it is missing; so is its schema, if that has the name of the lock.
        name: The name of the lock: the schema to be migrated, or "" for the connection's own.
        seconds: How long to wait.
        is_transient: Returns whether a transaction was rolled back and can run again, after an error.

    Raises:
        MigrationLocked: Others have held the lock for all that time.
        MigrationLockLost: It could not be renewed in time, or others have taken it over. The work under it was
            cancelled, and the connection thrown away.
    """
    holder = uuid.uuid4().hex
    taken = _acquire(connection, locks, name, holder, seconds, is_transient)
    is_held = True
    try:
        with _renewed(connection, locks, name, holder, taken):
            yield
    except MigrationLockLost:
        is_held = False
        connection.invalidate()
        raise
    finally:
        if is_held:  # else the row is left to whoever waits for it: the server may not answer
            _release(connection, locks.delete().where(_held_by(locks, name, holder)), is_transient)


def _acquire(
    connection: Connection,
    locks: Table,
    name: str,
    holder: str,
    seconds: float,
    is_transient: Callable[[BaseException], bool],
) -> float:
    """Wait for a lock; each look and each attempt is a transaction. Return when the last one began, which took it."""
    begun = since = time.monotonic()
    seen: Row[Any] | None = None
    while True:
        attempted = time.monotonic()
        try:
            connection.rollback()  # which fails, too, on a Galera node that has rolled back for another one
            _make(connection, locks, name)
            found = connection.execute(select(locks.c.holder, locks.c.renewals).where(locks.c.name == name)).first()
            if found != seen:
                seen, since = found, time.monotonic()
            is_free = found is None or time.monotonic() - since > LEASE
            taken = is_free and _take(connection, locks, name, holder, found)
            connection.commit()
            if taken:
                return attempted
        except DBAPIError as error:
            if not (isinstance(error, IntegrityError) or is_transient(error)):  # another was first
                raise
        if time.monotonic() > begun + seconds:
            raise MigrationLocked(seconds)
        _wait(_adapted(connection), asyncio.sleep(_POLL_SECONDS))


def _release(connection: Connection, releasing: Delete, is_transient: Callable[[BaseException], bool]) -> None:
    for left in reversed(range(_RELEASES)):
        try:
            connection.rollback()
            connection.execute(releasing)
            connection.commit()
            return
        except DBAPIError as error:
            if not (left and is_transient(error)):
                raise


def _make(connection: Connection, locks: Table, name: str) -> None:
    """Make the table, if it is missing."""
    present = inspect(connection)
    if name and name not in present.get_schema_names():
        connection.execute(CreateSchema(name, if_not_exists=True))
    if not present.has_table(locks.name, name or None):
        connection.execute(CreateTable(locks, if_not_exists=True))


def _take(connection: Connection, locks: Table, name: str, holder: str, found: Row[Any] | None) -> bool:
    """Take a lock that nobody holds, or whose holder has not renewed it."""
    if found is None:
        connection.execute(locks.insert().values(name=name, holder=holder, renewals=0))
        return True
    unchanged = _held_by(locks, name, found.holder) & (locks.c.renewals == found.renewals)
    return connection.execute(locks.update().where(unchanged).values(holder=holder, renewals=0)).rowcount == 1


def _held_by(locks: Table, name: str, holder: str) -> Any:
    return (locks.c.name == name) & (locks.c.holder == holder)


class _Lease:
    """A lease that the current task holds: the task is cancelled when its time is over, or somebody else has it.

    taken: the time before the request was sent that took it.
    """

    def __init__(self, taken: float) -> None:
        task = asyncio.current_task()
        assert task is not None  # asyncio runs a coroutine in a task
        self._task, self._cancelling = task, task.cancelling()
        self._timer: asyncio.TimerHandle | None = None
        self.is_lost = False
        self.renewed(taken)

    def renewed(self, sent: float) -> None:
        """Note a renewal, by the time before it was sent."""
        self.end()
        left = sent + LEASE * _STOPPED - time.monotonic()
        self._timer = self._task.get_loop().call_later(left, self.lose)

    def lose(self) -> None:
        """Stop the task."""
        self.is_lost = True
        self._task.cancel()

    def end(self) -> None:
        """Stop the task no more."""
        if self._timer is not None:
            self._timer.cancel()

    def stopped(self) -> bool:
        """Return whether the task was cancelled for this lease alone, and can go on."""
        return self.is_lost and self._task.uncancel() <= self._cancelling


@contextmanager
def _renewed(connection: Connection, locks: Table, name: str, holder: str, taken: float) -> Iterator[None]:
    """Renew a lease while the connection is busy; raises `MigrationLockLost`."""
    adapted = _adapted(connection)  # there may be none in the end
    pool = connection.engine.pool.recreate()  # it connects as the engine's own, which may have no connection left
    engine = AsyncEngine(create_engine(connection.engine.url, pool=pool))
    renewing = locks.update().where(_held_by(locks, name, holder)).values(renewals=locks.c.renewals + 1)
    lease, over = _Lease(taken), asyncio.Event()
    renewal = asyncio.get_running_loop().create_task(
        _renew(engine.execution_options(**connection.get_execution_options()), renewing, lease, over)
    )
    try:
        try:
            yield
        finally:
            lease.end()
            over.set()  # a renewal that is going on ends by itself: a cancelled one could leave its connection open
            _wait(adapted, asyncio.wait([renewal]))
            _wait(adapted, engine.dispose())
    except BaseException as error:
        if lease.stopped():
            raise MigrationLockLost(LEASE) from error
        raise


async def _renew(engine: AsyncEngine, renewing: Update, lease: _Lease, over: asyncio.Event) -> None:
    """Renew a lease until the work is over or the lease is lost."""
    while not lease.is_lost:
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), LEASE / _RENEWALS)
            return
        sent = time.monotonic()
        try:
            async with asyncio.timeout(LEASE / _RENEWALS), engine.begin() as connection:
                held = (await connection.execute(renewing)).rowcount
        except (SQLAlchemyError, OSError):
            continue  # the next one may be in time
        if held:
            lease.renewed(sent)
        else:
            lease.lose()  # it expired, and somebody else has taken it


def _adapted(connection: Connection) -> Any:
    """Return SQLAlchemy's adapter of the driver's connection."""
    return connection.connection.dbapi_connection


def _wait(adapted: Any, awaited: Awaitable[Any]) -> None:
    """Wait in a function that runs in the connection's `run_sync`."""
    adapted.run_async(lambda _connection: awaited)
