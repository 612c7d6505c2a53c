"""Natural batching: while one write is on its way to the database, those that come wait, and go together in the next.

An idle store adds no delay: who comes alone goes at once, in his own task. Each caller is answered after the commit of
his own write.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial
from typing import Generic, NamedTuple, TypeVar

from ..errors import DatabaseError, ValueTooLarge
from .event_loops import PerLoop

_T = TypeVar("_T")
_R = TypeVar("_R")

ITEMS = 500
"""How many writes go together at most."""

SIZE = 1_000_000
"""How many characters they have together at most."""

LARGE = 100_000
"""From how many characters on a write goes alone: those that wait are not to wait for so many bytes of another."""


_NOTHING: set[Hashable] = set()


class _Waiting(NamedTuple, Generic[_T, _R]):
    item: _T
    answer: asyncio.Future[_R]


class _Lane(Generic[_T, _R]):
    """The writes of one event loop."""

    def __init__(self) -> None:
        self.running = 0
        """How many batches are on their way."""
        self.sent = 0
        """How many writes are in them."""
        self.locked: set[Hashable] = set()
        """What they lock."""
        self.waiting: deque[_Waiting[_T, _R]] = deque()
        self.tasks: set[asyncio.Task[None]] = set()

    def start(self, count: int, locked: set[Hashable]) -> None:
        """A batch goes on its way."""
        self.running += 1
        self.sent += count
        self.locked |= locked

    def finish(self, count: int, locked: set[Hashable]) -> None:
        self.running -= 1
        self.sent -= count
        self.locked -= locked


class Batches(Generic[_T, _R]):
    """Sends items in batches: `send` gets some and returns the result of each; `size` says how long one is.

    At most `at_once` batches are on their way, so that one is made while the server works on another; None where
    nothing is to wait. `locks` names the row that an item locks, None where it locks none: two that lock the same are
    never on their way in different batches, of which one would only wait for the other.
    """

    def __init__(
        self,
        send: Callable[[Sequence[_T]], Awaitable[Sequence[_R]]],
        size: Callable[[_T], int],
        *,
        at_once: int | None,
        locks: Callable[[_T], Hashable] = lambda _item: None,
    ) -> None:
        self._send = send
        self._size = size
        self._at_once = at_once
        self._locks = locks
        self._lanes: PerLoop[_Lane[_T, _R]] = PerLoop(_Lane)

    async def submit(self, item: _T) -> _R:
        """Send an item, alone or with others; its result, or what `send` raised for it."""
        if self._at_once is None or self._size(item) >= LARGE:
            return (await self._send([item]))[0]
        lane = self._lanes.get()
        lock = self._locks(item)
        if lane.running < self._at_once and lock not in lane.locked:
            locked = _NOTHING if lock is None else {lock}
            lane.start(1, locked)
            try:
                return (await self._send([item]))[0]
            finally:
                lane.finish(1, locked)
                self._go_on(lane, self._at_once)
        answer: asyncio.Future[_R] = asyncio.get_running_loop().create_future()
        lane.waiting.append(_Waiting(item, answer))
        return await answer

    def _go_on(self, lane: _Lane[_T, _R], at_once: int) -> None:
        """Send what waits, as far as it may go."""
        while lane.waiting and lane.running < at_once:
            share = -(-(lane.sent + len(lane.waiting)) // at_once)
            batch, locked = self._next(lane, share)
            if not batch:
                return
            lane.start(len(batch), locked)
            task = asyncio.get_running_loop().create_task(self._run(batch))
            lane.tasks.add(task)
            task.add_done_callback(partial(self._ended, lane, batch, locked, at_once))

    def _ended(
        self,
        lane: _Lane[_T, _R],
        batch: Sequence[_Waiting[_T, _R]],
        locked: set[Hashable],
        at_once: int,
        task: asyncio.Task[None],
    ) -> None:
        """However a batch has ended, also before it had begun: nobody is left waiting, and the next may go."""
        lane.tasks.discard(task)
        lane.finish(len(batch), locked)
        error = None if task.cancelled() else task.exception()
        for _item, answer in batch:
            if not answer.done():
                answer.cancel() if error is None else answer.set_exception(error)
        if not task.get_loop().is_closed():
            self._go_on(lane, at_once)

    def _next(self, lane: _Lane[_T, _R], share: int) -> tuple[list[_Waiting[_T, _R]], set[Hashable]]:
        """The first that wait, as many as are their share, and who else locks what they do; and what that is.

        Who has gone meanwhile is left out, and who locks what another batch does goes on waiting.
        """
        batch: list[_Waiting[_T, _R]] = []
        locked: set[Hashable] = set()
        left: list[_Waiting[_T, _R]] = []
        size = 0
        while lane.waiting and len(batch) < ITEMS:
            first = lane.waiting.popleft()
            if first.answer.done():
                continue
            lock = self._locks(first.item)
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

    async def _run(self, batch: Sequence[_Waiting[_T, _R]]) -> None:
        await self._deliver(batch)
        await asyncio.sleep(0)  # who was answered may have more, which then need not wait for a batch of few

    async def _deliver(self, batch: Sequence[_Waiting[_T, _R]]) -> None:
        items = [one.item for one in batch]
        (outcome,) = await asyncio.gather(self._send(items), return_exceptions=True)
        if isinstance(outcome, (DatabaseError, ValueTooLarge)) and len(batch) > 1:
            for one in batch:  # one of them was refused, and it is to fail alone
                await self._deliver([one])
            return
        for place, one in enumerate(batch):
            if one.answer.done():
                continue
            if isinstance(outcome, BaseException):
                one.answer.set_exception(outcome)
            else:
                one.answer.set_result(outcome[place])
