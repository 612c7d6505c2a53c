"""The operations that run on an event loop: each ends by its deadline, and `close()` can wait for all of them.

A timer for each operation (`asyncio.timeout` with a delay) took an eighth of a busy store's time. All operations of a
store have the same time, so the oldest reaches its deadline first, and one timer is enough.
"""

from __future__ import annotations

import asyncio


class Deadlines:
    """The deadlines of one event loop's operations.

    seconds: the time that each operation has; None is no limit.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._running: dict[asyncio.Timeout, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._waiting = 0
        self._idle: asyncio.Future[None] | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> asyncio.Timeout:
        """Begin an operation: run it in the context returned, which raises `TimeoutError`; then call `finish`."""
        deadline = asyncio.timeout(None)
        self._running[deadline] = loop.time()
        if self._timer is None and self._seconds is not None:
            self._timer = loop.call_later(self._seconds, self._look)
        return deadline

    def finish(self, deadline: asyncio.Timeout) -> None:
        """End an operation."""
        del self._running[deadline]
        self._tell()

    def wait(self) -> None:
        """Count a caller that waits for a batch (the deadline applies to the batch); call `leave` when it is done."""
        self._waiting += 1

    def leave(self) -> None:
        """End waiting for a batch."""
        self._waiting -= 1
        self._tell()

    def _tell(self) -> None:
        if self._idle is not None and not self._running and not self._waiting:
            self._idle.set_result(None)
            self._idle = None

    def _look(self) -> None:
        """Expire the late operations, and set the timer for the next deadline."""
        assert self._seconds is not None  # there is no timer otherwise
        loop = asyncio.get_running_loop()
        self._timer, now = None, loop.time()
        for deadline, begun in self._running.items():
            if begun + self._seconds > now:
                self._timer = loop.call_at(begun + self._seconds, self._look)
                return
            if not deadline.expired():
                deadline.reschedule(now)

    async def ended(self, grace: float) -> int:
        """Wait at most `grace` seconds until nothing runs any more; returns how many operations are left, at least."""
        if self._running or self._waiting:
            if self._idle is None:
                self._idle = asyncio.get_running_loop().create_future()
            await asyncio.wait({self._idle}, timeout=grace)
        return max(len(self._running), self._waiting)
