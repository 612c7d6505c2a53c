"""What runs on an event loop: each operation within its time, and known to who waits for all to end.

A timer for each (`asyncio.timeout`) took an eighth of a busy store's time. All operations of a store
have the same time, so that the oldest is the first to be over it, and one timer does for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

_R = TypeVar("_R")


class Operations:
    """Those of one event loop; `seconds` is what each of them has, None for ever."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._running: dict[asyncio.Timeout, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._waiting = 0
        self._idle: asyncio.Future[None] | None = None

    async def run(self, work: Callable[[], Awaitable[_R]]) -> _R:
        """Run an operation; raises `TimeoutError` itself where it is over its time."""
        limit = asyncio.timeout(None)
        loop = asyncio.get_running_loop()
        self._running[limit] = loop.time()
        if self._timer is None and self._seconds is not None:
            self._timer = loop.call_later(self._seconds, self._look)
        try:
            async with limit:
                return await work()
        finally:
            del self._running[limit]
            self._tell()

    def enter(self) -> None:
        """Somebody waits for what others do as well, which has its own time; to be followed by `leave`."""
        self._waiting += 1

    def leave(self) -> None:
        self._waiting -= 1
        self._tell()

    def _tell(self) -> None:
        if self._idle is not None and not self._running and not self._waiting:
            self._idle.set_result(None)
            self._idle = None

    def _look(self) -> None:
        """End what is over its time, and look again when the oldest of the others will be."""
        assert self._seconds is not None  # else there is no timer
        loop = asyncio.get_running_loop()
        self._timer, now = None, loop.time()
        for limit, begun in self._running.items():
            if begun + self._seconds > now:
                self._timer = loop.call_at(begun + self._seconds, self._look)
                return
            if not limit.expired():
                limit.reschedule(now)

    async def ended(self, grace: float) -> int:
        """Wait until nothing runs any more, for `grace` seconds; how many still do."""
        if self._running or self._waiting:
            if self._idle is None:
                self._idle = asyncio.get_running_loop().create_future()
            await asyncio.wait({self._idle}, timeout=grace)
        return max(len(self._running), self._waiting)
