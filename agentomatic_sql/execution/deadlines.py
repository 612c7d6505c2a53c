"""The calls of an event loop: each ends by its deadline, and `close()` can wait for all of them.

A timer for each call (`asyncio.timeout` with a delay) took an eighth of a busy store's time. All calls of a store have
the same time, so the oldest reaches its deadline first, and one timer is enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from ..errors import OperationTimeout, TooManyWaiting, WriteTimeout


class Deadline:
    """A call, as a context: whatever it waits for, it ends by its deadline.

    Then it raises `WriteTimeout`, or `OperationTimeout` if nothing was changed. Entering it raises `TooManyWaiting`.
    """

    __slots__ = ("_cancelling", "_deadlines", "_expired", "_task", "changes")

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines = deadlines
        self._expired = False
        self.changes = False
        """Whether the operation that runs now has been sent and may change something."""

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # asyncio runs a coroutine in a task
        self._task = task
        self._cancelling = task.cancelling()
        self._deadlines.start(self, task.get_loop())
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._deadlines.end(self)
        # As `asyncio.Timeout` does: a caller that cancels the task meanwhile gets its CancelledError.
        if self._expired and self._task.uncancel() <= self._cancelling and isinstance(error, asyncio.CancelledError):
            raise self._deadlines.error(changed=self.changes) from error

    def sending(self) -> bool:
        """Note that an operation that changes something is sent now; returns False if it must not be, for it is late.

        SQLite's threads call this, too. It notes first and looks then, while a late call is first marked and its error
        chosen then: so nothing is sent of a call whose error says that it has changed nothing.
        """
        self.changes = True
        return not self._expired

    def expire(self) -> None:
        """Cancel the call because its time is over."""
        if not self._expired:
            self._expired = True
            self._task.cancel()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Let the call take as long as it needs; its time begins anew afterwards."""
        self._deadlines.suspend(self)
        try:
            yield
        finally:
            self._deadlines.resume(self, self._task.get_loop())


class Deadlines:
    """The deadlines of one event loop's calls.

    where: the database, for error messages.
    seconds: the time that each call has; None is no limit.
    most: how many calls there may be at a time; None is no limit.
    """

    def __init__(self, where: str, seconds: float | None, most: int | None) -> None:
        self._where = where
        self._seconds = seconds
        self._most = most
        self._running: dict[Deadline, float] = {}
        """The calls and when they began, the oldest first."""
        self._suspended: set[Deadline] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._idle: asyncio.Future[None] | None = None

    @property
    def calls(self) -> int:
        """The number of calls that have begun and not ended."""
        return len(self._running) + len(self._suspended)

    def start(self, call: Deadline, loop: asyncio.AbstractEventLoop) -> None:
        """Begin a call; raises `TooManyWaiting`."""
        running = self._running
        if self._most is not None and len(running) + len(self._suspended) >= self._most:
            raise TooManyWaiting(self._where, self._most)
        running[call] = loop.time()
        if self._timer is None and self._seconds is not None:
            self._timer = loop.call_later(self._seconds, self._look)

    def end(self, call: Deadline) -> None:
        """End a call."""
        del self._running[call]
        if self._idle is not None and not self.calls:
            self._idle.set_result(None)
            self._idle = None

    def suspend(self, call: Deadline) -> None:
        """Stop a call's time."""
        del self._running[call]
        self._suspended.add(call)

    def resume(self, call: Deadline, loop: asyncio.AbstractEventLoop) -> None:
        """Begin the time of a suspended call anew."""
        self._suspended.remove(call)
        self.start(call, loop)

    def error(self, *, changed: bool) -> OperationTimeout:
        """Return the error of a call whose time is over."""
        assert self._seconds is not None  # it does not expire otherwise
        return (WriteTimeout if changed else OperationTimeout)(self._where, self._seconds)

    def _look(self) -> None:
        """Expire the late calls, and set the timer for the next deadline."""
        assert self._seconds is not None  # there is no timer otherwise
        loop = asyncio.get_running_loop()
        self._timer, now = None, loop.time()
        for call, begun in self._running.items():
            if begun + self._seconds > now:
                self._timer = loop.call_at(begun + self._seconds, self._look)
                return
            call.expire()

    async def ended(self, grace: float) -> int:
        """Wait at most `grace` seconds until no call is left; returns how many are."""
        if self.calls:
            if self._idle is None:
                self._idle = asyncio.get_running_loop().create_future()
            await asyncio.wait({self._idle}, timeout=grace)
        return self.calls
