"""The pool of a store's own engine: connections are kept after a peak, and closed when nobody has used them for long.

SQLAlchemy's own pool closes every connection beyond `pool_size` as soon as it is given back. With more callers than
that, each of their calls would log in anew and prepare its statements again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry, Pool, QueuePool
from sqlalchemy.util import greenlet_spawn

from . import private_api

LAST_USED = "agentomatic_sql.last_used"
"""The key in a pool entry's `info` for the time when its connection was last given back."""


class KeepingPool(AsyncAdaptedQueuePool):
    """A pool of `pool_size` connections, and of `max_overflow` more that are closed when they have been idle.

    pool_idle: the seconds after which a connection beyond `pool_size` is closed; None keeps it.
    """

    def __init__(
        self,
        creator: Callable[..., Any],
        pool_size: int = 5,
        max_overflow: int = 10,
        pool_idle: float | None = None,
        **options: Any,
    ) -> None:
        most = 0 if pool_size == 0 or max_overflow < 0 else pool_size + max_overflow  # 0 has no limit
        super().__init__(creator, most, 0, **options)
        self.kept, self._idle = pool_size, pool_idle
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.closing: set[asyncio.Task[None]] = set()
        """The tasks that close connections at this moment."""

    @property
    def surplus(self) -> int:
        """By how many the connections exceed `pool_size`; negative if there are fewer."""
        return self.checkedin() + self.checkedout() - self.kept

    def recreate(self) -> KeepingPool:
        """Return a new pool like this one, for an engine that is disposed of."""
        made = super().recreate()
        assert isinstance(made, KeepingPool)  # it is of this class
        made.kept, made._idle = self.kept, self._idle
        return made

    def dispose(self) -> None:
        """Close the connections that are not in use."""
        self.end()
        super().dispose()

    def end(self) -> None:
        """Look for idle connections no more, until there is a new one."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _create_connection(self) -> ConnectionPoolEntry:
        entry = super()._create_connection()
        self._watch()
        return entry

    def _watch(self) -> None:
        """Look for idle connections after some time, if there may be any."""
        watched = self._timer is not None and self._loop is not None and not self._loop.is_closed()
        if watched or self._idle is None or self.surplus < 0 or self.kept == 0:
            return
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_later(self._idle, self._look)

    def _look(self) -> None:
        """Close the connections beyond those that are kept that have been idle for too long."""
        self._timer = None
        if self._idle is None:
            return
        before = time.monotonic() - self._idle
        while self.surplus > 0 and (entry := private_api.take_idle(self, LAST_USED, before)) is not None:
            task = asyncio.get_running_loop().create_task(greenlet_spawn(entry.close))
            self.closing.add(task)
            task.add_done_callback(self.closing.discard)
        if self.surplus > 0:
            self._watch()


def size(pool: Any) -> int | None:
    """Return how many connections a pool keeps, however long they are idle; None for another kind of pool."""
    if isinstance(pool, KeepingPool):
        return pool.kept
    return pool.size() if isinstance(pool, QueuePool) else None


def end(pool: Pool) -> None:
    """Tell a pool that it was replaced, so that nothing waits for its connections to be idle."""
    if isinstance(pool, KeepingPool):
        pool.end()


def closing(pool: Pool) -> set[asyncio.Task[None]]:
    """Return the tasks that close a pool's connections at this moment."""
    return pool.closing if isinstance(pool, KeepingPool) else set()
