"""Natural batching: while one write is on its way to the database, those that come wait, and go together in the next.

An idle store adds no delay: who comes alone goes at once, in his own task. Each caller is answered after the commit of
his own write.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from .errors import DatabaseError, ValueTooLarge

_T = TypeVar("_T")
_R = TypeVar("_R")

ITEMS = 500
"""How many writes go together at most."""

SIZE = 1_000_000
"""How many characters they have together at most."""

LARGE = 100_000
"""From how many characters on a write goes alone: those that wait are not to wait for so many bytes of another."""


class _Waiting(NamedTuple, Generic[_T, _R]):
    item: _T
    answer: asyncio.Future[_R]


class _Lane(Generic[_T, _R]):
    """The writes of one event loop."""

    def __init__(self) -> None:
        self.running = 0
        self.waiting: deque[_Waiting[_T, _R]] = deque()
        self.tasks: set[asyncio.Task[None]] = set()


class Batches(Generic[_T, _R]):
    """Sends items in batches: `send` gets some and returns the result of each; `size` says how long one is."""

    def __init__(
        self, send: Callable[[Sequence[_T]], Awaitable[Sequence[_R]]], size: Callable[[_T], int], *, at_once: int
    ) -> None:
        self._send = send
        self._size = size
        self._at_once = at_once
        self._lanes: WeakKeyDictionary[asyncio.AbstractEventLoop, _Lane[_T, _R]] = WeakKeyDictionary()

    async def submit(self, item: _T) -> _R:
        """Send an item, alone or with others; its result, or what `send` raised for it."""
        if self._size(item) >= LARGE:
            return (await self._send([item]))[0]
        loop = asyncio.get_running_loop()
        lane = self._lanes.get(loop)
        if lane is None:
            lane = self._lanes[loop] = _Lane()
        if lane.running < self._at_once:
            lane.running += 1
            try:
                return (await self._send([item]))[0]
            finally:
                self._go_on(lane)
        answer: asyncio.Future[_R] = loop.create_future()
        lane.waiting.append(_Waiting(item, answer))
        return await answer

    def _go_on(self, lane: _Lane[_T, _R]) -> None:
        """After one batch, the next, if there is one."""
        if not lane.waiting:
            lane.running -= 1
            return
        task = asyncio.get_running_loop().create_task(self._drain(lane))
        lane.tasks.add(task)
        task.add_done_callback(lane.tasks.discard)

    async def _drain(self, lane: _Lane[_T, _R]) -> None:
        batch: list[_Waiting[_T, _R]] = []
        try:
            while batch := self._next(lane):
                await self._deliver(batch)
                await asyncio.sleep(0)  # who was answered may have more, which then need not wait for a batch of few
        finally:
            lane.running -= 1
            for _item, answer in (*batch, *lane.waiting):  # the loop ends: nobody is left waiting for ever
                answer.cancel()

    def _next(self, lane: _Lane[_T, _R]) -> list[_Waiting[_T, _R]]:
        """The first that wait, as many as may go together; who has gone meanwhile is left out."""
        batch: list[_Waiting[_T, _R]] = []
        size = 0
        while lane.waiting and len(batch) < ITEMS:
            first = lane.waiting[0]
            size += self._size(first.item)
            if batch and size > SIZE:
                break
            lane.waiting.popleft()
            if not first.answer.done():
                batch.append(first)
        return batch

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
