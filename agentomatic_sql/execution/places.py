"""The places of a pool: callers wait in turn for a connection, on any event loop."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict

_REST_SECONDS = 1.0
"""How long the place of a connection that the server refused is left empty."""


class Places:
    """Counts the connections in use, and lets callers wait for one to come free, first come, first served.

    asyncio's own semaphore serves one event loop. SQLite's connections serve several loops, each in its own thread.

    most: how many connections may be in use at a time.
    """

    def __init__(self, most: float) -> None:
        self._most = most
        self._taken = 0
        self._waiting: OrderedDict[asyncio.Future[None], None] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """The number of callers that wait."""
        return len(self._waiting)

    def enter(self) -> bool:
        """Take a place and return True; return False if none is free, or if others wait."""
        with self._lock:
            if self._waiting or self._taken >= self._most:
                return False
            self._taken += 1
            return True

    def hold(self) -> None:
        """Take a place beyond those of the callers, for a connection that is being closed."""
        with self._lock:
            self._taken += 1

    async def wait(self, seconds: float) -> None:
        """Wait for a place; raises `TimeoutError` after this time."""
        await self._wait(seconds, first=False)

    async def exchange(self, seconds: float) -> None:
        """Give a place up, and wait, before all others, for the place of a caller that leaves.

        For a place without a connection, because the server has none left. After a second it is given to the first who
        waits: the server may have a connection again.
        """
        asyncio.get_running_loop().call_later(_REST_SECONDS, self.leave)
        await self._wait(seconds, first=True)

    async def _wait(self, seconds: float, *, first: bool) -> None:
        future = asyncio.get_running_loop().create_future()
        with self._lock:
            if not first and not self._waiting and self._taken < self._most:  # it came free meanwhile
                self._taken += 1
                return
            self._waiting[future] = None
            if first:
                self._waiting.move_to_end(future, last=False)
        try:
            async with asyncio.timeout(seconds):
                await future
        except (TimeoutError, asyncio.CancelledError):
            with self._lock:
                waited = future in self._waiting
                self._waiting.pop(future, None)
            if not waited and not future.cancelled():  # it was given a place just now
                self.leave()
            raise

    def leave(self) -> None:
        """Give a place to the caller that has waited longest, or free it."""
        while True:
            with self._lock:
                if not self._waiting or self._taken > self._most:
                    self._taken -= 1
                    return
                future, _ = self._waiting.popitem(last=False)
            if self._give(future):
                return

    def _give(self, future: asyncio.Future[None]) -> bool:
        """Give a place to a caller that waits; returns False if it has gone."""
        loop = future.get_loop()
        if loop is not asyncio.get_running_loop():
            try:
                loop.call_soon_threadsafe(self._take, future)
            except RuntimeError:  # its event loop is closed
                return False
        elif future.done():
            return False
        else:
            future.set_result(None)
        return True

    def _take(self, future: asyncio.Future[None]) -> None:
        """Take a place that another event loop has given, on the caller's own loop; if it has gone, pass it on."""
        if future.done():
            self.leave()
        else:
            future.set_result(None)
