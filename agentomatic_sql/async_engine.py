"""SQLAlchemy's engine and connections in asyncio, without its ORM.

`sqlalchemy.ext.asyncio` imports the ORM, which a store never uses: that takes a fourth of the time of importing
SQLAlchemy, and 6 MB. The classes here are the part of its `AsyncEngine` and `AsyncConnection` that this package uses,
under the same names. As there, the synchronous engine and connection do the work, in a greenlet that waits for the
driver.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar

from sqlalchemy import URL, Connection, CursorResult, Dialect, Engine, Executable, NestedTransaction
from sqlalchemy.pool import Pool, PoolProxiedConnection
from sqlalchemy.util import greenlet_spawn

_P = ParamSpec("_P")
_R = TypeVar("_R")


class AnyEngine(Protocol):
    """An asynchronous engine: SQLAlchemy's own, or one of this package."""

    sync_engine: Engine


class AnyConnection(Protocol):
    """An asynchronous connection: SQLAlchemy's own, or one of this package."""

    @property
    def run_sync(self) -> Callable[..., Awaitable[Any]]:
        """Runs a function on the synchronous connection."""


class AsyncConnection:
    """A connection: one that `AsyncEngine.connect` opens in an `async with` block, or one that is open."""

    def __init__(self, engine: Engine, opened: Connection | None = None) -> None:
        self.sync_engine = engine
        self._opened = opened

    async def __aenter__(self) -> Self:
        self._opened = await greenlet_spawn(self.sync_engine.connect)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await asyncio.shield(asyncio.create_task(self.close()))  # it goes on if the caller is cancelled

    @property
    def sync_connection(self) -> Connection | None:
        """The synchronous connection; None before it is opened."""
        return self._opened

    @property
    def _connection(self) -> Connection:
        assert self._opened is not None  # it is used inside of its block
        return self._opened

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect of the database."""
        return self.sync_engine.dialect

    @property
    def info(self) -> dict[Any, Any]:
        """Return a dict that is kept with the driver's connection as long as that is open."""
        return self._connection.info

    @property
    def closed(self) -> bool:
        """Return whether the connection was given back."""
        return self._connection.closed

    @property
    def invalidated(self) -> bool:
        """Return whether the driver's connection was thrown away."""
        return self._connection.invalidated

    def in_transaction(self) -> bool:
        """Return whether a transaction has begun."""
        return self._connection.in_transaction()

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Execute a statement; all its rows are read."""
        return await greenlet_spawn(self._connection.execute, statement, parameters)

    async def exec_driver_sql(self, statement: str, parameters: Any = None) -> CursorResult[Any]:
        """Execute SQL as the driver takes it; all its rows are read."""
        return await greenlet_spawn(self._connection.exec_driver_sql, statement, parameters)

    async def run_sync(
        self, work: Callable[Concatenate[Connection, _P], _R], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        """Run a function on the synchronous connection."""
        return await greenlet_spawn(lambda: work(self._connection, *args, **kwargs))

    async def execution_options(self, **options: Any) -> Self:
        """Set execution options of this connection."""
        await greenlet_spawn(self._connection.execution_options, **options)
        return self

    async def get_isolation_level(self) -> str:
        """Return the isolation level."""
        return await greenlet_spawn(self._connection.get_isolation_level)

    async def get_raw_connection(self) -> PoolProxiedConnection:
        """Return the pool's proxy of the driver's connection."""
        return await greenlet_spawn(lambda: self._connection.connection)

    async def begin_nested(self) -> AsyncSavepoint:
        """Set a savepoint."""
        return AsyncSavepoint(await greenlet_spawn(self._connection.begin_nested))

    async def commit(self) -> None:
        """Commit the transaction."""
        await greenlet_spawn(self._connection.commit)

    async def rollback(self) -> None:
        """Roll the transaction back."""
        await greenlet_spawn(self._connection.rollback)

    async def invalidate(self) -> None:
        """Throw the driver's connection away."""
        await greenlet_spawn(self._connection.invalidate)

    async def close(self) -> None:
        """Roll back what was not committed, and give the connection back to the pool."""
        await greenlet_spawn(self._connection.close)


class AsyncSavepoint:
    """A savepoint of a transaction."""

    def __init__(self, savepoint: NestedTransaction) -> None:
        self._savepoint = savepoint

    async def commit(self) -> None:
        """Keep what was changed since."""
        await greenlet_spawn(self._savepoint.commit)

    async def rollback(self) -> None:
        """Undo what was changed since."""
        await greenlet_spawn(self._savepoint.rollback)


class AsyncEngine:
    """An engine whose driver is asynchronous; `sync_engine` is SQLAlchemy's own."""

    def __init__(self, sync_engine: Engine) -> None:
        self.sync_engine = sync_engine

    @property
    def url(self) -> URL:
        """The URL, with its password."""
        return self.sync_engine.url

    @property
    def pool(self) -> Pool:
        """The pool at this moment; `dispose` replaces it."""
        return self.sync_engine.pool

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's dialect of the database."""
        return self.sync_engine.dialect

    def connect(self) -> AsyncConnection:
        """Return a connection, to be opened in an `async with` block."""
        return AsyncConnection(self.sync_engine)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection, and commit at the end of the block, if that raises nothing."""
        async with self.connect() as connection:
            yield connection
            await connection.commit()

    def execution_options(self, **options: Any) -> AsyncEngine:
        """Return a copy with these execution options, on the same pool."""
        return AsyncEngine(self.sync_engine.execution_options(**options))

    async def dispose(self) -> None:
        """Close the connections of the pool that are not in use, and replace it."""
        await greenlet_spawn(self.sync_engine.dispose)


def of(engine: AnyEngine) -> AsyncEngine:
    """Return an engine, SQLAlchemy's own or one of this package, as one of this package."""
    return AsyncEngine(engine.sync_engine)
