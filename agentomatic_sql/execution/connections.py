"""The connections of an engine's pool: how they are taken and given back, and what can go wrong with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import NullPool, Pool

from ..dialects import Dialect, Watch
from ..errors import InvalidURL, OtherEventLoop, PoolTimeout, StoreError, StoreUnavailable
from . import private_api
from .processes import ProcessLock, keep_for_ever, tell_when_forked

_R = TypeVar("_R")

IDLE_SECONDS = 30.0
"""The pause after which a connection is asked whether it still works, before a write that must not be sent twice.

Whatever stands between client and server may have forgotten it: load balancers do so after a minute or more.
"""

_CLOSING_SECONDS = 5.0
"""How long the end of an event loop may wait for a server to close its connections."""

_USED = "agentomatic_sql.used"
"""The key in a pool entry's `info` for the time when its connection was last given back."""


class ConnectionLost(Exception):
    """A connection was lost while an operation ran on it; the cause is the driver's error.

    before_commit: True if the commit had not been sent; False if that is not known.
    """

    def __init__(self, *, before_commit: bool) -> None:
        super().__init__("the connection was lost")
        self.before_commit = before_commit


class NotDirect(Exception):
    """A new connection is not the driver's own object; operations have to run through SQLAlchemy from now on."""


class Connections:
    """An engine's connections; they belong to one event loop if the driver's do.

    `owned` says whether the engine is the store's own, whose connections are closed when their event loop ends.
    """

    def __init__(self, engine: AsyncEngine, dialect: Dialect, *, owned: bool) -> None:
        self._engine = engine
        self._dialect = dialect
        self._owned = owned
        self._driver = dialect.driver
        self.where = dialect.where(engine.url)
        """The database, for error messages."""
        # SQLAlchemy's own errors, and those that drivers raise past it, mostly while they connect.
        self.failures: tuple[type[BaseException], ...] = (DBAPIError, OSError, *self._driver.errors())
        self._first_use = ProcessLock()
        self._pool: Pool | None = None
        self._pool_loop: asyncio.AbstractEventLoop | None = None
        self._closing: AsyncGenerator[None] | None = None
        self._places: asyncio.Semaphore | None = None
        self._is_own: bool | None = None
        self._watched: Pool | None = None
        self._watch: Watch | None = None
        self.waiting = 0
        """How many operations are waiting for a connection at this moment."""
        tell_when_forked(self)

    def forked(self) -> None:
        """Leave the parent's event loop alone, which a collected generator would wake."""
        keep_for_ever(self._closing)
        self._closing = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that the pool's connections belong to, if they belong to one and there are any."""
        return self._pool_loop if self._pool is self._engine.pool else None

    @property
    def are_direct(self) -> bool:
        """Return whether `on_driver` works: nobody listens to the engine, and connections are the driver's own."""
        return bool(self._is_own) and not private_api.is_watched(self._engine)

    async def on_driver(self, work: Callable[[Any], Awaitable[_R]], *, checked: bool = False) -> _R:
        """Take a connection from the pool, work on the driver's own connection, and give it back.

        If `checked`, a connection that has not been used for `IDLE_SECONDS` must answer first. Raises
        `ConnectionLost`, `NotDirect`, and whatever `work` raises.
        """
        self.check_loop()
        if self._dialect.in_process:
            self._check_file()
        pool: Any = self._engine.sync_engine.pool
        places = self._places
        await self._enter(places)
        try:
            entry = private_api.idle_entry(pool)
            if entry is None or not (
                private_api.is_fresh(pool, entry) and self._driver.is_open(entry.driver_connection)
            ):
                entry = await self._take(pool, entry)
            elif checked and time.monotonic() - entry.info.get(_USED, time.monotonic()) > IDLE_SECONDS:
                entry = await self._checked(pool, entry)
            connection = entry.driver_connection
            try:
                result = await work(connection)
            except BaseException as error:
                lost = self.is_lost(error)
                await private_api.give_back_broken(pool, entry, error, lost=lost)
                if lost:
                    raise ConnectionLost(before_commit=False) from error
                raise
            entry.info[_USED] = time.monotonic()
            disposed = pool is not self._engine.sync_engine.pool
            if disposed or not private_api.put_back(pool, entry):
                await private_api.give_back(pool, entry, disposed=disposed)
            return result
        finally:
            if places is not None:
                places.release()

    @asynccontextmanager
    async def connection(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        """Take a connection by SQLAlchemy's public API, from the engine or from a copy of it with other execution
        options.

        Raises `ConnectionLost` if it is lost inside the context. In a transaction nothing was committed then; in
        autocommit, the last statement may have been.
        """
        self.check_loop()
        if self._dialect.in_process:
            self._check_file()
        async with AsyncExitStack() as stack:
            places = self._places
            await self._enter(places)
            if places is not None:
                stack.callback(places.release)
            self.waiting += 1
            try:
                with self._unavailable():
                    connection = await stack.enter_async_context(engine.connect())
            finally:
                self.waiting -= 1
            if self._is_own is None:
                await self._look_at(connection)
            try:
                yield connection
            except self.failures as error:
                if not isinstance(error, DBAPIError):  # it came past SQLAlchemy, which would go on using the connection
                    await connection.invalidate()
                if self.is_lost(error):
                    raise ConnectionLost(before_commit=True) from error
                raise

    async def open(self) -> None:
        """Make sure that the pool has a connection; raises as `connection` does."""
        async with self.connection(self._engine):
            pass

    async def _look_at(self, connection: AsyncConnection) -> None:
        """Find out whether operations can run on the driver's own connections."""
        raw = await connection.get_raw_connection()
        self._is_own = private_api.is_known(self._engine.pool, raw) and self._driver.can_run_on(raw.driver_connection)

    async def _enter(self, places: asyncio.Semaphore | None) -> None:
        """Wait for one of the pool's connections, first come, first served; raises `PoolTimeout`.

        The pool's own waiting takes a greenlet and a task, which a busy pool would pay at every operation.
        """
        if places is None:
            return
        if not places.locked():
            await places.acquire()  # at once
            return
        self.waiting += 1
        pool: Any = self._engine.pool
        try:
            async with asyncio.timeout(pool.timeout()):
                await places.acquire()
        except TimeoutError as error:
            raise self.exhausted() from error
        finally:
            self.waiting -= 1

    async def _checked(self, pool: Any, entry: Any) -> Any:
        """Return this entry if its connection answers, else one with a new connection."""
        try:
            await self._driver.ping(entry.driver_connection)
        except BaseException as error:
            lost = self.is_lost(error)
            await private_api.give_back_broken(pool, entry, error, lost=lost)
            if not lost:
                raise
            return await self._take(pool, private_api.idle_entry(pool))
        return entry

    async def _take(self, pool: Any, entry: Any) -> Any:
        """Return an entry of the pool with an open connection, this one or another.

        If a connection is known to have ended, every connection that the pool has opened so far is replaced when it is
        next taken.
        """
        self.waiting += 1
        try:
            while True:
                with self._unavailable():
                    entry = await private_api.check_out(pool, entry)
                if not self._driver.can_run_on(entry.driver_connection):  # instrumented since the last look
                    self._is_own = False
                    await private_api.give_back(pool, entry, disposed=False)
                    raise NotDirect
                if self._driver.is_open(entry.driver_connection):
                    return entry
                ended = ConnectionError("closed by the server")
                await private_api.give_back_broken(pool, entry, ended, lost=True)
                entry = private_api.idle_entry(pool)
        finally:
            self.waiting -= 1

    def check_loop(self) -> None:
        """Bind the pool to the first event loop that uses it; raises `OtherEventLoop` in any other.

        A driver's own error would not say that. A pool whose event loop was closed is replaced.
        """
        pool = self._engine.pool
        if not self._driver.bound_to_loop or isinstance(pool, NullPool):
            return
        loop = asyncio.get_running_loop()
        if self._pool is pool and self._pool_loop is loop:
            return
        with self._first_use.held:
            self.drop_ended()
            if self._pool is not self._engine.pool:  # it is new: the first, or another one after close()
                self._bind(self._engine.pool, loop)
        if self._pool_loop is not loop:
            raise OtherEventLoop(self.where)

    def _check_file(self) -> None:
        """Raise `StoreUnavailable` if the file of the database is another one than the pool's connections opened.

        The watch begins when the pool is used for the second time: then the file is there.
        """
        if self._watched is not self._engine.pool:
            self._watched, self._watch = self._engine.pool, None
        elif self._watch is None:
            self._watch = self._dialect.watch(self._engine.url)
        elif (harm := self._watch.harm()) is not None:
            raise StoreUnavailable(self.where, harm)

    def drop_ended(self) -> None:
        """Replace a pool whose event loop was closed: its connections cannot even be closed in order."""
        if self._pool_loop is not None and self._pool_loop.is_closed() and self._pool is self._engine.pool:
            for connection in private_api.idle_connections(self._pool) if self._is_own else ():
                self._driver.abandon(connection)
            self._engine.sync_engine.dispose(close=False)
            self._pool = self._pool_loop = None

    def _bind(self, pool: Pool, loop: asyncio.AbstractEventLoop) -> None:
        most = private_api.max_connections(pool)
        self._places = None if most is None else asyncio.Semaphore(most)
        self._pool_loop, self._pool = loop, pool
        if self._owned:
            self._closing = _closed_with_its_loop(self._engine)
            with suppress(StopIteration):  # at its yield
                self._closing.asend(None).send(None)

    async def close(self) -> None:
        """Close the pool's connections; those of an event loop that was closed are dropped."""
        self.drop_ended()
        await self._engine.dispose()
        if self._closing is not None and self._pool_loop is asyncio.get_running_loop():
            await self._closing.aclose()
        self._closing = self._pool = self._pool_loop = None

    @contextmanager
    def _unavailable(self) -> Iterator[None]:
        """Translate the errors of making a connection or taking it from the pool; all of them, whatever they are."""
        try:
            yield
        except StoreError:
            raise
        except SQLAlchemyTimeout as error:
            raise self.exhausted() from error
        except OSError as error:  # before the next: the error of a refused certificate is a ValueError, too
            raise StoreUnavailable(self.where, self.why(error)) from error
        except (TypeError, ValueError) as error:  # of the driver's connect(): an option in the URL, or its value
            raise InvalidURL(f"{self.where} cannot be connected to with these options: {error}") from error
        except self.failures as error:
            if self._dialect.is_transient(error):
                raise
            raise StoreUnavailable(self.where, self.why(error)) from error
        except Exception as error:  # of the caller's function for a password, or SQLAlchemy's about a server's version
            raise StoreUnavailable(self.where, self.why(error)) from error

    def why(self, error: BaseException) -> str:
        """Return the reason for an error, with advice if there is any."""
        reason = _reason(self._driver.original(error))
        hint = self._dialect.hint(error, self._engine.url)
        return reason if hint is None else f"{reason}; {hint}"

    def exhausted(self) -> PoolTimeout:
        """Return the error for a pool whose connections are all in use."""
        pool: Any = self._engine.pool
        return PoolTimeout(self.where, pool.size(), private_api.max_overflow(pool), pool.timeout())

    def is_lost(self, error: BaseException) -> bool:
        """Return whether an error means that its connection was lost."""
        if isinstance(error, StoreError):  # some are OSErrors, too, and say what they mean themselves
            return False
        if isinstance(error, DBAPIError):
            return error.connection_invalidated
        return isinstance(error, OSError) or (isinstance(error, self.failures) and self._driver.is_lost(error))


async def _closed_with_its_loop(engine: AsyncEngine) -> AsyncGenerator[None]:
    """Dispose of an engine's pool when the running event loop ends, which closes its asynchronous generators.

    `asyncio.run` does so as its last step. Connections that are left behind would only be closed when they are
    collected, and until then the server would keep them.
    """
    pool = engine.pool
    try:
        yield
    finally:
        if engine.pool is pool:  # nobody has disposed of it
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSING_SECONDS):
                    await engine.dispose()


def _reason(original: BaseException) -> str:
    """Return the message of a driver's error in one line.

    The operating system's message is added: drivers may have the same words for a refused connection and a refused
    certificate.
    """
    system = next((cause for cause in _causes(original) if isinstance(cause, OSError)), None)
    return _line(original) if system is None else f"{_line(original)}: {_line(system)}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
