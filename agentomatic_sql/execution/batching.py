"""Natural batching: writes that arrive while `at_once` batches are running wait, and go together in the next batch.

An idle store adds no delay: a write that arrives alone runs at once, in its caller's own task. Each caller gets its
answer after the commit of its own write.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial
from typing import Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from ..errors import DatabaseError, ValueTooLarge
from .event_loops import PerLoop

_K = TypeVar("_K")
_T = TypeVar("_T")
_R = TypeVar("_R")

ITEMS = 500
"""The most writes in a batch."""

SIZE = 1_000_000
"""How many characters or bytes a batch has at most, if it has more than one write."""

LARGE = 100_000
"""A write of this size or more is sent alone and at once, so that others do not wait while its bytes are sent."""


_NOTHING: set[Hashable] = set()


class _Waiting(NamedTuple, Generic[_T, _R]):
    """A write that waits for a batch."""

    item: _T
    answer: asyncio.Future[_R]


class _Lane(Generic[_T, _R]):
    """The writes of one event loop and one key."""

    def __init__(self) -> None:
        self.batches = 0
        """How many batches are running."""
        self.sent = 0
        """How many writes are in them."""
        self.locked: set[Hashable] = set()
        """The rows that they lock."""
        self.waiting: deque[_Waiting[_T, _R]] = deque()
        self.tasks: set[asyncio.Task[None]] = set()

    def start(self, count: int, locked: set[Hashable]) -> None:
        """Count a batch that begins."""
        self.batches += 1
        self.sent += count
        self.locked |= locked

    def finish(self, count: int, locked: set[Hashable]) -> None:
        """Count a batch that has ended."""
        self.batches -= 1
        self.sent -= count
        self.locked -= locked


class Batches(Generic[_K, _T, _R]):
    """Runs writes in batches; only writes of the same key go together.

    send: runs some items of one key and returns the result of each.
    size: returns how many characters or bytes an item has.
    at_once: how many batches of a key may run at a time, so that one is prepared while the server works on another;
        None runs each item by itself.
    locks: returns the row that an item locks. Items that lock the same row never run in two batches at a
        time, of which one would only wait for the other; only a `LARGE` item may wait for a row lock.
    """

    def __init__(
        self,
        send: Callable[[_K, Sequence[_T]], Awaitable[Sequence[_R]]],
        size: Callable[[_T], int],
        *,
        at_once: int | None,
        locks: Callable[[_T], Hashable] | None = None,
    ) -> None:
        self._send = send
        self._size = size
        self._at_once = at_once
        self._locks = locks
        self._lanes: PerLoop[WeakKeyDictionary[_K, _Lane[_T, _R]]] = PerLoop(WeakKeyDictionary)

    async def submit(self, key: _K, item: _T) -> _R:
        """Run an item, alone or with others, and return its result; raises what `send` raised for it."""
        if self._at_once is None or self._size(item) >= LARGE:
            return (await self._send(key, [item]))[0]
        loop = asyncio.get_running_loop()
        lanes = self._lanes.get(loop) or self._lanes.make(loop)
        lane = lanes.get(key)
        if lane is None:
            lane = lanes[key] = _Lane()
        lock = None if self._locks is None else self._locks(item)
        if lane.batches < self._at_once and lock not in lane.locked:
            locked = _NOTHING if lock is None else {lock}
            lane.start(1, locked)
            try:
                return (await self._send(key, [item]))[0]
            finally:
                lane.finish(1, locked)
                self._go_on(key, lane)
        answer: asyncio.Future[_R] = loop.create_future()
        lane.waiting.append(_Waiting(item, answer))
        return await answer

    def _go_on(self, key: _K, lane: _Lane[_T, _R]) -> None:
        """Start as many batches of the waiting writes as may run."""
        assert self._at_once is not None  # nothing waits otherwise
        while lane.waiting and lane.batches < self._at_once:
            share = -(-(lane.sent + len(lane.waiting)) // self._at_once)
            batch, locked = self._next(lane, share)
            if not batch:
                return
            lane.start(len(batch), locked)
            task = asyncio.get_running_loop().create_task(self._run(key, batch))
            lane.tasks.add(task)
            task.add_done_callback(partial(self._ended, key, lane, batch, locked))

    def _ended(
        self,
        key: _K,
        lane: _Lane[_T, _R],
        batch: Sequence[_Waiting[_T, _R]],
        locked: set[Hashable],
        task: asyncio.Task[None],
    ) -> None:
        """Clean up after a batch, however it ended, even before it began: nobody is left waiting, the next may run."""
        lane.tasks.discard(task)
        lane.finish(len(batch), locked)
        error = None if task.cancelled() else task.exception()
        for _item, answer in batch:
            if not answer.done():
                answer.cancel() if error is None else answer.set_exception(error)
        if not task.get_loop().is_closed():
            self._go_on(key, lane)

    def _next(self, lane: _Lane[_T, _R], share: int) -> tuple[list[_Waiting[_T, _R]], set[Hashable]]:
        """Take the first `share` waiting writes and all others that lock the same rows; returns them and the rows.

        Writes whose caller has gone are dropped. Writes that lock a row of a running batch go on waiting.
        """
        batch: list[_Waiting[_T, _R]] = []
        locked: set[Hashable] = set()
        left: list[_Waiting[_T, _R]] = []
        size = 0
        while lane.waiting and len(batch) < ITEMS:
            first = lane.waiting.popleft()
            if first.answer.done():
                continue
            lock = None if self._locks is None else self._locks(first.item)
            if lock in lane.locked or (len(batch) >= share and lock not in locked):
                left.append(first)
                continue
            size += self._size(first.item)
            if batch and size > SIZE:
                left.append(first)
                break
            batch.append(first)
            if lock is not None:
                locked.add(lock)
        lane.waiting.extendleft(reversed(left))
        return batch, locked

    async def _run(self, key: _K, batch: Sequence[_Waiting[_T, _R]]) -> None:
        await self._deliver(key, batch)
        await asyncio.sleep(0)  # a caller that was answered may have more, which then joins the next batch

    async def _deliver(self, key: _K, batch: Sequence[_Waiting[_T, _R]]) -> None:
        items = [one.item for one in batch]
        (outcome,) = await asyncio.gather(self._send(key, items), return_exceptions=True)
        if isinstance(outcome, (DatabaseError, ValueTooLarge)) and len(batch) > 1:
            for one in batch:  # the database refused one of them, which must fail alone
                await self._deliver(key, [one])
            return
        for index, one in enumerate(batch):
            if one.answer.done():
                continue
            if isinstance(outcome, BaseException):
                one.answer.set_exception(outcome)
            else:
                one.answer.set_result(outcome[index])
