"""End connections: those of a pool that is replaced, and one that was used through SQLAlchemy."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import Pool
from sqlalchemy.util import greenlet_spawn

from ..async_engine import AsyncConnection, AsyncEngine
from ..drivers import Driver
from . import private_api

CLOSING_SECONDS = 5.0
"""How long a server may take to close the idle connections of a pool."""


def idle_connections(pool: Pool) -> list[Any]:
    """Take the driver's connections that nobody uses out of a pool that is replaced, without closing them."""
    entries = private_api.idle_entries(pool)
    return [entry.driver_connection for entry in entries if entry.driver_connection is not None]


async def close_idle(pool: Pool, driver: Driver) -> None:
    """Close the connections of a pool that was replaced; if the server is silent, end them without its answer.

    So they are ended if this is cancelled. SQLAlchemy's own way logs the traceback of a cancelled close, and leaves the
    other connections open.
    """
    idle = idle_connections(pool) if private_api.shows_idle(pool) else []
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                if not private_api.shows_idle(pool):
                    await greenlet_spawn(pool.dispose)
                while idle:
                    with suppress(OSError, *driver.errors()):  # it was lost
                        await driver.close(idle[-1])
                    idle.pop()
    finally:
        for connection in idle:
            if (transport := driver.transport(connection)) is not None:
                private_api.close_transport(transport)
            driver.terminate(connection)


async def closed_with_its_loop(engine: AsyncEngine, driver: Driver) -> AsyncGenerator[None]:
    """Dispose of an engine's pool when the running event loop ends, which closes its asynchronous generators.

    `asyncio.run` does so as its last step. Connections that are left behind would only be closed when they are
    collected, and until then the server would keep them.
    """
    pool = engine.pool
    try:
        yield
    finally:
        if engine.pool is pool:  # nobody has disposed of it
            engine.sync_engine.dispose(close=False)
            await close_idle(pool, driver)


@asynccontextmanager
async def closed_in_the_end(connection: AsyncConnection) -> AsyncIterator[AsyncConnection]:
    """Connect, and close the connection in the end; it is thrown away if its rollback fails.

    A node of a Galera cluster answers so to the first request after it has rolled the transaction back for another
    node. SQLAlchemy would never give the connection back to the pool. What the rollback is answered does not take the
    place of the error before it.
    """
    failed: BaseException | None = None
    try:
        async with connection:
            try:
                yield connection
            except BaseException as error:
                failed = error
                raise
    except DBAPIError as error:
        if connection.sync_connection is not None and not connection.closed:
            await connection.invalidate()
            await connection.close()
        if failed is not None and failed is not error:
            raise failed from failed.__cause__
        raise
