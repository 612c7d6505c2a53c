"""The connections of an engine's pool: how they are taken and given back, and what can go wrong with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from enum import Enum
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy.exc import DBAPIError, MissingGreenlet
from sqlalchemy.pool import NullPool, Pool, PoolProxiedConnection, QueuePool

from ..async_engine import AsyncConnection, AsyncEngine
from ..dialects import Dialect, Watch
from ..drivers import silence
from ..errors import OtherEventLoop, StoreError, StoreUnavailable
from . import private_api
from .endings import close_idle, closed_in_the_end, closed_with_its_loop, idle_connections
from .faults import ConnectionLost, Faults, ServerRefused
from .listeners import Listeners, NotDirect
from .places import Places
from .pools import LAST_USED, closing, end
from .processes import ProcessLock, exclusive, keep_for_ever, tell_when_forked

_R = TypeVar("_R")

IDLE_SECONDS = 30.0
"""The pause after which a connection is asked whether it still works, before a write that must not be sent twice.

Whatever stands between client and server may have forgotten it: load balancers do so after a minute or more.
"""


class Way(Enum):
    """The ways in which an operation can reach the database."""

    DRIVER = "by the driver's own calls"
    WATCHED_DRIVER = "by the driver's own calls, with `Listeners` around them"
    SQLALCHEMY = "by SQLAlchemy's calls"


class Connections(Faults):
    """An engine's connections; they belong to one event loop if the driver's do.

    `owned` says whether the engine is the store's own, whose connections are closed when their event loop ends.
    """

    def __init__(self, engine: AsyncEngine, dialect: Dialect, *, owned: bool) -> None:
        super().__init__(engine, dialect)
        self._owned = owned
        self._first_use = ProcessLock()
        self._pool: Pool | None = None
        self._pool_loop: asyncio.AbstractEventLoop | None = None
        self._loops_end: AsyncGenerator[None] | None = None
        self._places = Places(0)
        self._is_own: bool | None = None
        self._first_connect = ProcessLock()
        self._begun: WeakSet[Pool] = WeakSet()
        """The pools that have had a connection."""
        self._watched: Pool | None = None
        self._watch: Watch | None = None
        self._connecting: set[object] = set()
        self._open = 0
        """How many operations have a connection at this moment."""
        self._used = 0
        """How many operations have had one."""
        self._heard = 0.0
        """When an operation was last answered."""
        self._closing: set[asyncio.Task[None]] = set()
        tell_when_forked(self)

    def forked(self) -> None:
        """Leave the parent's operations and its event loop alone, which a collected generator would wake."""
        keep_for_ever((self._loops_end, self._closing))
        self._loops_end = None
        self._connecting, self._open, self._closing = set(), 0, set()

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that the pool's connections belong to, if they belong to one and there are any."""
        return self._pool_loop if self._pool is self._engine.pool else None

    @property
    def waiting(self) -> int:
        """The number of operations that wait for a connection at this moment."""
        return self._places.waiting + len(self._connecting)

    @property
    def way(self) -> Way:
        """Return how operations run now: whether connections are the driver's own, and what listeners need."""
        if not self._is_own:
            return Way.SQLALCHEMY
        if not private_api.is_watched(self._engine):
            return Way.DRIVER
        return Way.SQLALCHEMY if private_api.needs_sqlalchemy(self._engine) else Way.WATCHED_DRIVER

    async def on_driver(
        self,
        work: Callable[[Any, Listeners | None], Awaitable[_R]],
        *,
        checked: bool = False,
        watched: bool = False,
    ) -> _R:
        """Take a connection from the pool, work on the driver's own connection, and give it back.

        If `checked`, a connection that has not been used for `IDLE_SECONDS` must answer first. If `watched`, `work`
        gets the engine's listeners, too. Raises `ConnectionLost`, `ServerRefused`, `NotDirect`, and whatever `work`
        raises.
        """
        places = self._admit()
        pool: Any = self._engine.sync_engine.pool
        if not places.enter():
            await self._wait(places)
        try:
            entry = private_api.idle_entry(pool)
            if entry is None or not (
                private_api.is_fresh(pool, entry) and self._driver.is_open(entry.driver_connection)
            ):
                entry = await self._take(pool, entry, places)
            elif private_api.pings_first(pool) or (checked and _has_been_idle(entry)):
                entry = await self._checked(pool, entry, places)
            if self._watch is not None:
                self._watch.opened_by(entry.driver_connection)
            listeners = Listeners(self._engine, entry, self.is_lost) if watched else None
            self._open += 1
            sent = time.monotonic()
            try:
                result = await work(entry.driver_connection, listeners)
            except asyncio.CancelledError as error:
                self._doubt(pool, entry.driver_connection, sent)
                self._discard(pool, entry, error, places)
                raise
            except BaseException as error:
                await self._give_back_broken(pool, entry, error)
                raise
            finally:
                self._open -= 1
                self._used += 1
                if listeners is not None and listeners.want_greenlet:
                    self._is_own = False
            entry.info[LAST_USED] = self._heard = time.monotonic()
            await self._give_back(pool, entry)
            return result
        finally:
            places.leave()

    async def _give_back(self, pool: Any, entry: Any) -> None:
        disposed = pool is not self._engine.sync_engine.pool
        try:
            if not disposed and private_api.put_back(pool, entry):
                return
        except MissingGreenlet:  # a listener executes something, and gets SQLAlchemy's way
            self._is_own = False
        await private_api.give_back(pool, entry, disposed=disposed)

    async def _give_back_broken(self, pool: Any, entry: Any, error: BaseException) -> None:
        """Give an entry back after an error; raises `ServerRefused` or `ConnectionLost` if that is what it means."""
        lost, refused = self.is_lost(error), self.is_refused(error)
        usable = self._driver.is_open(entry.driver_connection)
        await private_api.give_back_broken(pool, entry, error, lost=lost or refused, usable=usable)
        if refused:
            raise ServerRefused(error) from error
        if lost:
            raise ConnectionLost(before_commit=False) from error

    @asynccontextmanager
    async def connection(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        """Take a connection by SQLAlchemy's public API, from the engine or from a copy of it with other execution
        options.

        Raises `ConnectionLost` if it is lost inside the context. In a transaction nothing was committed then; in
        autocommit, the last statement may have been. Raises `ServerRefused`.
        """
        places = self._admit()
        async with AsyncExitStack() as stack:
            if not places.enter():
                await self._wait(places)
            stack.callback(places.leave)

            async def connect() -> AsyncConnection:
                return await stack.enter_async_context(closed_in_the_end(engine.connect()))

            connection = await self._connect(engine.pool, connect, places)
            raw, sent = await connection.get_raw_connection(), time.monotonic()
            reached = raw.driver_connection
            if self._watch is not None:
                self._watch.opened_by(reached)
            self._open += 1
            try:
                if self._is_own is None:
                    self._look_at(raw)
                yield connection
                connection.info[LAST_USED] = self._heard = time.monotonic()
            except asyncio.CancelledError:
                self._doubt(engine.pool, reached, sent)
                raise
            except StoreError:  # of another database; some are an OSError, too
                raise
            except self.failures as error:
                lost = self.is_lost(error)
                if self.is_refused(error):
                    await self.outdate(connection)
                    raise ServerRefused(error) from error
                if lost or not isinstance(error, DBAPIError):  # SQLAlchemy would go on using the connection
                    await connection.invalidate()
                if lost:
                    raise ConnectionLost(before_commit=True) from error
                raise
            finally:
                self._open -= 1
                self._used += 1

    async def outdate(self, connection: AsyncConnection) -> None:
        """Close a connection, and replace the others of its pool and age when they are next taken."""
        if not connection.invalidated:
            raw = await connection.get_raw_connection()
            private_api.outdate(connection.sync_engine.pool, raw)
            await connection.invalidate()

    def outdate_all(self) -> None:
        """Replace every connection that the pool has opened so far when it is next taken."""
        private_api.outdate(self._engine.pool)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold the place of a connection that is taken from the engine itself; raises `PoolTimeout`."""
        places = self._admit()
        if not places.enter():
            await self._wait(places)
        try:
            yield
        finally:
            places.leave()

    async def open(self) -> None:
        """Make sure that the pool has a connection; raises as `connection` does."""
        async with self.connection(self._engine):
            pass

    def _look_at(self, raw: PoolProxiedConnection) -> None:
        """Find out whether operations can run on the driver's own connections."""
        self._is_own = private_api.is_known(self._engine.pool, raw) and self._driver.can_run_on(raw.driver_connection)

    async def _wait(self, places: Places) -> None:
        """Wait for one of the pool's connections, first come, first served; raises `PoolTimeout`.

        The pool's own waiting takes a greenlet and a task, which a busy pool would pay at every operation.
        """
        pool: Any = self._engine.pool
        try:
            await places.wait(pool.timeout())
        except TimeoutError as error:
            raise self.exhausted() from error

    def _doubt(self, pool: Any, connection: Any, sent: float) -> None:
        """Look whether the server of a cancelled call was silent: it answered nobody for a while since this was sent.

        Then the pool's connections are replaced when they are next taken, and another host is tried first: the next
        call shall not wait for the same server. It may be that only this call was slow; then that costs a connect.
        """
        silent = time.monotonic() - max(sent, self._heard) > silence.SUSPICIOUS_SECONDS
        if silent and not self._dialect.in_process:
            silence.doubt_host_of(connection)
            private_api.outdate(pool)
            for idle in private_api.left_in_pool(pool):
                self._driver.terminate(idle)

    def _discard(self, pool: Any, entry: Any, error: BaseException, places: Places) -> None:
        """Close the connection of a cancelled call. Nobody waits for that: it can take as long as a lock is held.

        The connection keeps its place meanwhile.
        """
        places.hold()
        closing = private_api.give_back_broken(pool, entry, error, lost=False)
        task = asyncio.get_running_loop().create_task(closing)
        self._closing.add(task)

        def closed(task: asyncio.Task[None]) -> None:
            self._closing.discard(task)
            places.leave()

        task.add_done_callback(closed)

    async def dispose(self) -> None:
        """Close the pool's connections, also if their event loop has ended, and replace the pool."""
        loop = self.loop
        if loop is not None and not loop.is_running():
            self._drop()
            return
        pool = self._engine.pool
        self._engine.sync_engine.dispose(close=False)
        end(pool)
        closing = asyncio.get_running_loop().create_task(close_idle(pool, self._driver))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        self._release()
        await asyncio.shield(closing)  # it goes on if the caller is cancelled

    def _drop(self) -> None:
        """Close the connections of an event loop that does not run, and replace the pool."""
        for connection in idle_connections(self._engine.pool):
            private_api.close_transport(self._driver.transport(connection))
            self._driver.terminate(connection)
        self._engine.sync_engine.dispose(close=False)
        self._release()

    def _release(self) -> None:
        """Forget the event loop of a pool that was replaced."""
        if self._loops_end is not None:
            with suppress(StopIteration):  # the generator ends at once: the pool is not the engine's any more
                self._loops_end.aclose().send(None)
        self._loops_end = self._pool = self._pool_loop = None

    async def closed(self, seconds: float) -> None:
        """Wait at most this time for the connections that are being closed, such as those of cancelled calls."""
        loop = asyncio.get_running_loop()
        tasks = (*self._closing, *closing(self._engine.pool))
        if mine := [task for task in tasks if task.get_loop() is loop]:
            await asyncio.wait(mine, timeout=seconds)

    async def _checked(self, pool: Any, entry: Any, places: Places) -> Any:
        """Return this entry if its connection answers, else one with a new connection."""
        sent = time.monotonic()
        try:
            await self._driver.ping(entry.driver_connection)
        except asyncio.CancelledError as error:
            self._doubt(pool, entry.driver_connection, sent)
            self._discard(pool, entry, error, places)
            raise
        except BaseException as error:
            lost = self.is_lost(error)
            await private_api.give_back_broken(pool, entry, error, lost=lost)
            if not lost:
                raise
            return await self._take(pool, private_api.idle_entry(pool), places)
        return entry

    async def _take(self, pool: Any, entry: Any, places: Places) -> Any:
        """Return an entry of the pool with an open connection, this one or another.

        If a connection is known to have ended, every connection that the pool has opened so far is replaced when it is
        next taken.
        """

        async def check_out() -> Any:
            nonlocal entry
            given, entry = entry, None  # the pool gets it back if it cannot be connected
            return await private_api.check_out(pool, given)

        while True:
            taken = await self._connect(pool, check_out, places)
            if not self._driver.can_run_on(taken.driver_connection):  # instrumented since the last look
                self._is_own = False
                await private_api.give_back(pool, taken, disposed=False)
                raise NotDirect
            if self._driver.is_open(taken.driver_connection):
                return taken
            await private_api.give_back_broken(pool, taken, ConnectionError("closed by the server"), lost=True)
            entry = private_api.idle_entry(pool)

    async def _connect(self, pool: Any, connect: Callable[[], Awaitable[_R]], places: Places) -> _R:
        """Connect, or take an open connection from the pool; raises `StoreUnavailable` or `PoolTimeout`.

        If the server has no connection left, wait for one that another operation of this process gives back.
        """
        begun = time.monotonic()
        while True:
            connecting, used = object(), self._used
            self._connecting.add(connecting)
            try:
                with self.unavailable():
                    if pool in self._begun or self._driver.bound_to_loop:
                        return await connect()
                    return await self._connect_first(pool, connect)
            except StoreUnavailable as error:
                if not self._driver.is_full(error.__cause__ or error) or not isinstance(pool, QueuePool):
                    raise
                if not self._open and self._used == used:
                    raise
                refused = error
            finally:
                self._connecting.remove(connecting)
            if not self._open:  # the last was given back meanwhile, and is idle
                continue
            try:
                await places.exchange(begun + pool.timeout() - time.monotonic())
            except TimeoutError:
                raise self.exhausted() from refused

    async def _connect_first(self, pool: Pool, connect: Callable[[], Awaitable[_R]]) -> _R:
        """Make the first connection of a pool that several event loops may use; the others wait.

        SQLAlchemy would hold a lock of one event loop meanwhile, and another loop that waits for it is never woken.
        """
        async with exclusive(self._first_connect):
            connected = await connect()
            self._begun.add(pool)
        return connected

    def _admit(self) -> Places:
        """Bind the pool to the first event loop that uses it, if its connections belong to a loop; return its places.

        Raises `OtherEventLoop` in any other loop, which a driver's own error would not say. A pool whose event loop was
        closed is replaced. Raises `StoreUnavailable` if the database's file is another one than the pool opened.
        """
        pool = self._engine.sync_engine.pool
        bound = self._driver.bound_to_loop and not isinstance(pool, NullPool)
        loop = asyncio.get_running_loop() if bound else None
        if self._pool is not pool or self._pool_loop is not loop:
            with self._first_use.held:
                if self.loop is not None and self.loop.is_closed():
                    self._drop()
                if self._pool is not self._engine.pool:  # it is new: the first, or another one after close()
                    self._bind(self._engine.pool, loop)
            if self._pool_loop is not loop:
                raise OtherEventLoop(self.where)
        if self._dialect.in_process:
            self._check_file()
        return self._places

    def _bind(self, pool: Pool, loop: asyncio.AbstractEventLoop | None) -> None:
        self._places = Places(private_api.max_connections(pool))
        self._pool_loop, self._pool = loop, pool
        if self._owned and loop is not None:
            self._loops_end = closed_with_its_loop(self._engine, self._driver)
            # At its yield; or the loop is closing its generators already, and warns that it takes no other.
            with suppress(StopIteration, ResourceWarning):
                self._loops_end.asend(None).send(None)

    def _check_file(self) -> None:
        """Raise `StoreUnavailable` if the file of the database is another one than the pool's connections opened.

        The watch begins when the pool is used for the second time: then the file is there.
        """
        if self._watched is not self._engine.pool:
            self._watched, self._watch = self._engine.pool, None
        elif self._watch is None:
            self._watch = self._dialect.watch(self.url)
        elif (harm := self._watch.harm()) is not None:
            raise StoreUnavailable(self.where, harm)


def _has_been_idle(entry: Any) -> bool:
    now = time.monotonic()
    return bool(now - entry.info.get(LAST_USED, now) > IDLE_SECONDS)
