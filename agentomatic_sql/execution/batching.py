"""Natural batching: writes that arrive while `at_once` batches are running wait, and go together in the next batch.

An idle store adds no delay: a write that arrives alone runs at once, in its caller's own task. Each caller gets its
answer after the commit of its own write.

Writes wait in a queue for each row that they lock. So the writes of one row are sent in the order in which they came,
and to make a batch takes as long as the batch is large, however many wait for a row that somebody has locked.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from functools import partial
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from ..errors import DatabaseError, StoreError, ValueTooLarge
from .event_loops import PerLoop

_K = TypeVar("_K")
_T = TypeVar("_T")
_R = TypeVar("_R")

Sending = Callable[[], bool]
"""Notes that something is sent now, and returns whether somebody still waits for it."""

ITEMS = 500
"""The most writes in a batch."""

SIZE = 1_000_000
"""How many characters or bytes a batch has at most, if it has more than one write."""

LARGE = 100_000
"""A write of this size or more is sent alone, and at once if its row is free: others do not wait for its bytes."""


class _Waiting(Generic[_T, _R]):
    """A write that waits for a batch, or is in one."""

    __slots__ = ("answer", "batch", "item", "row", "sending", "weight")

    def __init__(
        self, item: _T, weight: int, row: Hashable, answer: asyncio.Future[_R], sending: Sending | None
    ) -> None:
        self.item = item
        self.sending = sending
        self.weight = weight
        """Its size; that of a batch if it is large, so that it goes alone."""
        self.row = row
        self.answer = answer
        self.batch: _Batch[_T, _R] | None = None


class _Batch(Generic[_T, _R]):
    """Writes that are sent together, and the rows that they lock."""

    def __init__(self) -> None:
        self.writes: list[_Waiting[_T, _R]] = []
        self.items: list[_T] = []
        """What is sent."""
        self.sent: list[_Waiting[_T, _R]] | None = None
        """The writes that were sent, in the order of `items`."""
        self.rows: set[Hashable] = set()
        self.weight = 0
        self.unanswered = 0
        """How many callers still wait for their answers."""
        self.task: asyncio.Task[None] | None = None

    def add(self, write: _Waiting[_T, _R]) -> None:
        """Add a write."""
        self.writes.append(write)
        self.items.append(write.item)
        self.weight += write.weight
        self.unanswered += 1
        write.batch = self
        if write.row is not None:
            self.rows.add(write.row)

    def sending(self) -> bool:
        """Note that the batch is sent now, without the writes whose callers have gone; returns False if all have."""
        if self.sent is None:
            self.sent = [
                write for write in self.writes if (write.sending is None or write.sending()) and not write.answer.done()
            ]
            self.items[:] = [write.item for write in self.sent]
        return bool(self.sent)

    def finish(self, write: _Waiting[_T, _R], result: _R) -> None:
        """Give a caller its result, unless it has gone."""
        if not write.answer.done():
            write.answer.set_result(result)
            self.unanswered -= 1

    def fail(self, write: _Waiting[_T, _R], error: BaseException | None) -> None:
        """Give a caller an error, or cancel it, unless it has gone."""
        if not write.answer.done():
            write.answer.cancel() if error is None else write.answer.set_exception(error)
            self.unanswered -= 1

    def leave(self) -> None:
        """Note that a caller has gone without an answer. When nobody is left, the batch is cancelled."""
        self.unanswered -= 1
        if self.unanswered == 0 and self.task is not None:
            self.task.cancel()


class _Lane(Generic[_T, _R]):
    """The writes of one event loop and one key."""

    def __init__(self) -> None:
        self.batches = 0
        """How many batches are running."""
        self.sent = 0
        """How many writes are in them."""
        self.locked: set[Hashable] = set()
        """The rows that running writes lock."""
        self.queues: dict[Hashable, OrderedDict[_Waiting[_T, _R], None]] = {}
        """The writes that wait, by the row that they lock; None if they lock none."""
        self.ready: OrderedDict[Hashable, None] = OrderedDict()
        """The rows with waiting writes that no running write locks."""
        self.waiting = 0
        """How many writes wait."""
        self.tasks: set[asyncio.Task[None]] = set()

    def wait(self, write: _Waiting[_T, _R]) -> None:
        """Queue a write."""
        queue = self.queues.get(write.row)
        if queue is None:
            queue = self.queues[write.row] = OrderedDict()
            if write.row not in self.locked:
                self.ready[write.row] = None
        queue[write] = None
        self.waiting += 1

    def withdraw(self, write: _Waiting[_T, _R]) -> None:
        """Take a write out of its queue, if it is in there."""
        queue = self.queues.get(write.row)
        if queue is not None and write in queue:
            del queue[write]
            self.taken(write.row, 1)

    def taken(self, row: Hashable, writes: int) -> None:
        """Note that so many writes were taken out of a row's queue."""
        self.waiting -= writes
        if not self.queues[row]:
            del self.queues[row]
            self.ready.pop(row, None)

    def start(self, writes: int, rows: Collection[Hashable], *, batches: int = 1) -> None:
        """Count writes that are sent now, and lock their rows."""
        self.batches += batches
        self.sent += writes
        self.locked.update(rows)

    def finish(self, writes: int, rows: Collection[Hashable], *, batches: int = 1) -> None:
        """Count writes that have ended, and unlock their rows: what waits for them is ready."""
        self.batches -= batches
        self.sent -= writes
        self.locked.difference_update(rows)
        for row in rows:
            if row in self.queues:
                self.ready[row] = None


class Batches(Generic[_K, _T, _R]):
    """Runs writes in batches; only writes of the same key go together.

    send: runs some items of one key and returns the result of each. It may call its last argument before it sends them:
        then those whose callers have gone are taken out of the list; if that returns False, nobody waits any more.
    size: returns how many characters or bytes an item has.
    at_once: how many batches of a key may run at a time, so that one is prepared while the server works on another;
        None runs each item by itself.
    locks: returns the row that an item locks. Items that lock the same row are sent in the order in which they came,
        and never run in two batches at a time, of which one would only wait for the other.
    one_row: whether all items of a batch must lock the same row.
    """

    def __init__(
        self,
        send: Callable[[_K, Sequence[_T], Sending | None], Awaitable[Sequence[_R]]],
        size: Callable[[_T], int],
        *,
        at_once: int | None,
        locks: Callable[[_T], Hashable] | None = None,
        one_row: bool = False,
    ) -> None:
        self._send = send
        self._size = size
        self._at_once = at_once
        self._locks = locks
        self._one_row = one_row
        self._lanes: PerLoop[WeakKeyDictionary[_K, _Lane[_T, _R]]] = PerLoop(WeakKeyDictionary)

    async def submit(self, key: _K, item: _T, sending: Sending | None = None) -> _R:
        """Run an item, alone or with others, and return its result; raises what `send` raised for it.

        `sending` is called when the item is sent.
        """
        if self._at_once is None:
            return (await self._send(key, [item], sending))[0]
        loop = asyncio.get_running_loop()
        lanes = self._lanes.get(loop) or self._lanes.make(loop)
        lane = lanes.get(key)
        if lane is None:
            lane = lanes[key] = _Lane()
        row = None if self._locks is None else self._locks(item)
        size = self._size(item)
        large = size >= LARGE
        free = row not in lane.locked and row not in lane.queues
        if (free and lane.batches < self._at_once) or (large and (free or row is None)):
            rows, batches = () if row is None else (row,), 0 if large else 1
            lane.start(1, rows, batches=batches)
            try:
                return (await self._send(key, [item], sending))[0]
            finally:
                finish = partial(self._finish, key, lane, rows, batches)
                if lane.waiting:  # whoever was waiting for this item may have more, which then joins the next batch
                    loop.call_soon(loop.call_soon, finish)
                else:
                    finish()
        write: _Waiting[_T, _R] = _Waiting(item, SIZE if large else size, row, loop.create_future(), sending)
        lane.wait(write)
        try:
            return await write.answer
        except asyncio.CancelledError:
            if write.batch is None:
                lane.withdraw(write)
            elif write.answer.cancelled():
                write.batch.leave()
            raise

    def _finish(self, key: _K, lane: _Lane[_T, _R], rows: Collection[Hashable], batches: int) -> None:
        """End a write that was sent alone, and start the next batches."""
        lane.finish(1, rows, batches=batches)
        self._go_on(key, lane)

    def _go_on(self, key: _K, lane: _Lane[_T, _R]) -> None:
        """Start as many batches of the waiting writes as may run."""
        assert self._at_once is not None  # nothing waits otherwise
        while lane.ready and lane.batches < self._at_once:
            batch = self._next(lane, -(-(lane.sent + lane.waiting) // self._at_once))
            if not batch.writes:
                return
            lane.start(len(batch.writes), batch.rows)
            batch.task = asyncio.get_running_loop().create_task(self._run(key, batch))
            lane.tasks.add(batch.task)
            batch.task.add_done_callback(partial(self._ended, key, lane, batch))

    def _next(self, lane: _Lane[_T, _R], share: int) -> _Batch[_T, _R]:
        """Take the first `share` waiting writes and all others that wait for the same rows, if they fit in a batch.

        Writes whose caller has gone are dropped.
        """
        batch: _Batch[_T, _R] = _Batch()
        share, fits = min(share, ITEMS), True
        while lane.ready and fits and len(batch.writes) < share:
            row = next(iter(lane.ready))
            queue, most = lane.queues[row], share if row is None else ITEMS
            waited = len(queue)
            while queue and fits and len(batch.writes) < most:
                write, _ = queue.popitem(last=False)
                if write.answer.done():
                    continue
                if fits := not batch.writes or batch.weight + write.weight <= SIZE:
                    batch.add(write)
                else:
                    queue[write] = None
                    queue.move_to_end(write, last=False)
            lane.taken(row, waited - len(queue))
            if row in batch.rows:
                lane.ready.pop(row, None)
                fits = fits and not self._one_row
        return batch

    def _ended(self, key: _K, lane: _Lane[_T, _R], batch: _Batch[_T, _R], task: asyncio.Task[None]) -> None:
        """Clean up after a batch, however it ended, even before it began: nobody is left waiting, the next may run."""
        lane.tasks.discard(task)
        lane.finish(len(batch.writes), batch.rows)
        error = None if task.cancelled() else task.exception()
        for write in batch.writes:
            batch.fail(write, error)
        batch.writes.clear()  # they refer to their batch: nothing is left for the garbage collector
        if not task.get_loop().is_closed():
            self._go_on(key, lane)

    async def _run(self, key: _K, batch: _Batch[_T, _R]) -> None:
        try:
            results = await self._send(key, batch.items, batch.sending)
        except (DatabaseError, ValueTooLarge):
            if len(batch.items) == 1:
                raise
            for write in batch.sent or batch.writes:  # the database refused one of them, which must fail alone
                if not write.answer.done():
                    await self._retry(key, batch, write)
        else:
            for index, write in enumerate(batch.writes if batch.sent is None else batch.sent):
                batch.finish(write, results[index])
        await asyncio.sleep(0)  # a caller that was answered may have more, which then joins the next batch

    async def _retry(self, key: _K, batch: _Batch[_T, _R], write: _Waiting[_T, _R]) -> None:
        """Send a write of a batch alone."""
        try:
            (result,) = await self._send(key, [write.item], write.sending)
        except StoreError as error:
            batch.fail(write, error)
        else:
            batch.finish(write, result)
