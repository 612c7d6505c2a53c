"""The connections of an engine's pool: taken, given back, and what can go wrong with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import NullPool, Pool, QueuePool
from sqlalchemy.util import greenlet_spawn
from sqlalchemy.util.queue import Empty

from ..dialects import Dialect
from ..errors import InvalidURL, OtherEventLoop, PoolTimeout, StoreUnavailable
from . import processes as forks

_R = TypeVar("_R")


class Connections:
    """An engine's connections, for one event loop where the driver's belong to one."""

    def __init__(self, engine: AsyncEngine, dialect: Dialect) -> None:
        self._engine = engine
        self._dialect = dialect
        self.where = dialect.where(engine.url)
        """The database, for people to read."""
        # SQLAlchemy's own, and what drivers raise past it, most of it while a connection is made.
        self.failures: tuple[type[BaseException], ...] = (DBAPIError, OSError, *dialect.driver_errors())
        self._first_use = forks.lock()
        self._pool: Pool | None = None
        self._pool_loop: asyncio.AbstractEventLoop | None = None
        self._places: _Places | None = None
        self.waiting = 0
        """How many operations are waiting for a connection at this moment."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop to which the pool's connections belong, where they belong to one and there are some."""
        return self._pool_loop if self._pool is self._engine.pool else None

    async def on_driver(
        self, work: Callable[[Any], Awaitable[_R]], lost: Callable[[int, BaseException], Awaitable[None]] | None
    ) -> _R:
        """Take a connection of the pool, work on the driver's own, and give it back.

        Where it was lost, `lost` is told by which number the server knows it, if it tells one, and why.
        """
        session = None
        pool: Any = self._engine.sync_engine.pool
        try:
            places = self._places
            if places is not None and not places.taken():
                await self._wait_for_place(places)
            try:
                entry = _idle(pool)
                if entry is None or not (_is_fit(pool, entry) and self._dialect.is_open(entry.driver_connection)):
                    entry = await self._take(pool, entry)
                driver = entry.driver_connection
                try:
                    result = await work(driver)
                except BaseException as error:
                    session = self._dialect.session(driver)
                    await greenlet_spawn(self._give_back_broken, pool, entry, error)
                    raise
                if not self._put_back(pool, entry):
                    await self._give_back(pool, entry)
                return result
            finally:
                _leave(places)
        except self.failures as error:
            if lost is not None and session is not None and self.is_lost(error):
                await lost(session, error)
            raise

    def _put_back(self, pool: Any, entry: Any) -> bool:
        """Give an entry back to the pool, if nothing has to be closed for that.

        No transaction is open that the pool would have to roll back, which may be a way to the server and back.
        """
        if pool is not self._engine.sync_engine.pool or getattr(pool, "overflow", _unbounded)() > 0:
            return False
        entry.checkin(_fairy_was_created=False)
        return True

    async def _enter(self) -> _Places | None:
        """Take one of as many places as the pool may have connections; who waits for one gets it in turn.

        The pool's own waiting takes a greenlet and a task, which a busy pool would pay at every operation.
        """
        if self._places is not None and not self._places.taken():
            await self._wait_for_place(self._places)
        return self._places

    async def _wait_for_place(self, places: _Places) -> None:
        self.waiting += 1
        pool: Any = self._engine.pool
        try:
            async with asyncio.timeout(pool.timeout()):
                await places.acquire()
        except TimeoutError as error:
            raise self.exhausted() from error
        finally:
            self.waiting -= 1

    async def _take(self, pool: Any, entry: Any) -> Any:
        """An entry of the pool with its connection, this one or another.

        One that is known to have ended takes those of its age with it.
        """
        self.waiting += 1
        try:
            while True:
                with self._unavailable():
                    entry = await _checked_out(pool, entry)
                if self._dialect.is_open(entry.driver_connection):
                    return entry
                await greenlet_spawn(self._give_back_broken, pool, entry, ConnectionError("closed by the server"))
                entry = _idle(pool)
        finally:
            self.waiting -= 1

    async def _give_back(self, pool: Any, entry: Any) -> None:
        """The same where something may have to be closed, which has to be waited for."""
        if pool is not self._engine.sync_engine.pool:  # disposed of meanwhile: what is put into it nobody would close
            await greenlet_spawn(entry.close)
        await greenlet_spawn(entry.checkin, _fairy_was_created=False)

    def _give_back_broken(self, pool: Any, entry: Any, error: BaseException) -> None:
        """As SQLAlchemy does: whatever state a connection is in that broke or was cancelled, nobody gets it again."""
        lost = self.is_lost(error)
        if lost and pool._invalidate_time < entry.starttime:  # whatever is from before a restart is broken, too
            pool._invalidate_time = time.time()
        if lost or not isinstance(error, Exception):
            entry._checkin_failed(error, _fairy_was_created=False)
        else:
            entry.checkin(_fairy_was_created=False)

    def is_watched(self) -> bool:
        """Whether a connection is to be tried before it is used, or somebody wants to be told of its use."""
        pool = self._engine.sync_engine.pool
        events: Any = pool.dispatch
        return bool(pool._pre_ping or events.checkout or events.checkin or events.reset)

    @asynccontextmanager
    async def connection(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        self.check_loop()
        async with AsyncExitStack() as stack:
            stack.callback(_leave, await self._enter())
            self.waiting += 1
            try:
                with self._unavailable():
                    connection = await stack.enter_async_context(engine.connect())
            finally:
                self.waiting -= 1
            try:
                yield connection
            except self.failures as error:
                if not isinstance(error, DBAPIError):  # past SQLAlchemy, which would go on using the connection
                    await connection.invalidate()
                raise

    def check_loop(self) -> None:
        """Refuse the second event loop of a pool: a driver's own error there says nothing of it."""
        pool = self._engine.pool
        if not self._dialect.loop_bound or isinstance(pool, NullPool):
            return
        loop = asyncio.get_running_loop()
        if self._pool is not pool:
            with self._first_use:  # of a pool; close() gives the engine another
                if self._pool is not pool:
                    self._places = _places(pool)
                    self._pool_loop, self._pool = loop, pool
        if self._pool_loop is not loop:
            raise OtherEventLoop(self.where)

    @contextmanager
    def _unavailable(self) -> Iterator[None]:
        """Translate what can go wrong while a connection is made or taken from the pool."""
        try:
            yield
        except SQLAlchemyTimeout as error:
            raise self.exhausted() from error
        except OSError as error:  # before the next: a certificate that is refused is a ValueError, too
            raise StoreUnavailable(self.where, reason(error)) from error
        except (TypeError, ValueError) as error:  # of the driver's connect(): an option in the URL, or its value
            raise InvalidURL(f"{self.where} cannot be connected to with these options: {error}") from error
        except self.failures as error:
            if self._dialect.is_transient(error):
                raise
            raise StoreUnavailable(self.where, self.why(error)) from error

    def why(self, error: BaseException) -> str:
        """The reason, and what helps."""
        hint = self._dialect.hints.get(self._dialect.code(error) or "")
        return reason(error) if hint is None else f"{reason(error)}; {hint}"

    def exhausted(self) -> PoolTimeout:
        pool: Any = self._engine.pool
        return PoolTimeout(self.where, pool.size(), pool._max_overflow, pool.timeout())

    def is_lost(self, error: BaseException) -> bool:
        if isinstance(error, DBAPIError):
            return error.connection_invalidated
        return isinstance(error, OSError) or self._dialect.is_lost(error)


def _unbounded() -> int:
    """The overflow of a pool that keeps no count: it may close any connection that it is given back."""
    return 1


class _Places(asyncio.Semaphore):
    def taken(self) -> bool:
        """Take a place, if there is one that nobody waits for."""
        if self.locked():
            return False
        self._value -= 1
        return True


def _places(pool: Pool) -> _Places | None:
    """One for each connection that a pool may have, if there is a limit."""
    if not isinstance(pool, QueuePool) or pool._max_overflow < 0 or pool.size() == 0:
        return None
    return _Places(pool.size() + pool._max_overflow)


def _leave(places: _Places | None) -> None:
    if places is not None:
        places.release()


async def _checked_out(pool: Any, entry: Any) -> Any:
    """An entry of the pool, this one or another, without the proxy by which SQLAlchemy finds what was forgotten.

    That one costs as much as the rest, and so does the greenlet in which SQLAlchemy waits, without which an entry is
    taken that need not be waited for. Here each entry is given back, whatever happens.
    """
    if entry is None:
        entry = await greenlet_spawn(pool._do_get)
    if not _is_fit(pool, entry):
        await greenlet_spawn(_connect_again, entry)
    return entry


def _idle(pool: Any) -> Any:
    """An entry that nobody has, if there is one. The pool's own `_do_get` may wait, which takes a greenlet."""
    if not isinstance(pool, QueuePool):
        return None
    try:
        return pool._pool.get(False)
    except Empty:
        return None


def _is_fit(pool: Any, entry: Any) -> bool:
    """Whether an entry has a connection that is neither too old nor, for all the pool knows, from before a restart.

    The entry's own look (`get_connection`) makes another connection at once where it has not, for which it needs a
    greenlet; nothing tells beforehand.
    """
    made = entry.starttime
    return (
        entry.dbapi_connection is not None
        and not -1 < pool._recycle < time.time() - made
        and made >= pool._invalidate_time
        and made >= entry._soft_invalidate_time
    )


def _connect_again(entry: Any) -> None:
    try:
        entry.get_connection()
    except BaseException as error:
        entry._checkin_failed(error, _fairy_was_created=False)
        raise


def reason(error: BaseException) -> str:
    """What the driver said, in one line, without SQLAlchemy's wrapping (which quotes the statement).

    With what the system had said: drivers may have the same words for a refused connection and a refused certificate.
    """
    original = getattr(error, "orig", None) or error
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
