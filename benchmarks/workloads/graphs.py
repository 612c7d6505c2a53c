"""Checkpoints of a LangGraph graph: what a saver does at each step of a conversation that grows."""

from __future__ import annotations

import uuid
from contextlib import AsyncExitStack
from typing import Any, ClassVar

from benchmarks.contenders.base import Contender

from .base import Sample, Scale, Workload, repeated

FIRST = 40  # messages with which a thread begins
LENGTH = 60  # steps of the thread that is read
LISTED = 10
NEVER = 10**9


class Graph(Workload):
    """A saver over the contender's database, and a thread with a history."""

    scene = "graphs"
    needs = ("saver",)
    yardsticks = ("langgraph",)

    def __init__(self, contender: Contender, scale: Scale) -> None:
        super().__init__(contender, scale)
        self._stack = AsyncExitStack()
        self._thread = uuid.uuid4().hex

    async def setup(self) -> None:
        # imported when it is needed: the other workloads run without LangGraph
        from benchmarks import checkpoints

        self._steps, self._messages = checkpoints.steps, checkpoints.MESSAGES
        self._saver: Any = await self._stack.enter_async_context(self.contender.saver())
        await self._steps(self._saver, self._thread, FIRST, LENGTH, NEVER)

    async def finish(self) -> None:
        await self._stack.aclose()

    async def run(self, seconds: float) -> Sample:
        return await repeated(self._one, 1, seconds=seconds)

    async def _one(self, task: int) -> bool:
        raise NotImplementedError

    def same(self, found: Any, steps: int) -> bool:
        """Return whether a checkpoint is the one after so many steps, with its messages."""
        values = found.checkpoint["channel_values"]
        if values["count"] == steps - 1 and values["messages"] == self._messages[: FIRST + steps]:
            return True
        self.errors.append(f"another checkpoint than expected: {values['count']}, {len(values['messages'])} messages")
        return False

    @property
    def _here(self) -> dict[str, Any]:
        return {"configurable": {"thread_id": self._thread, "checkpoint_ns": ""}}


class Steps(Graph):
    """A step is aput, aput_writes and aget_tuple, each on the conversation so far; what is got is compared."""

    name = "checkpoint-step"
    title = "one step of a graph (put, put_writes, get), 1 task"
    tasks: ClassVar[int] = 1
    every: ClassVar[int] = 1

    async def run(self, seconds: float) -> Sample:
        count = self.scale.steps
        sample = await repeated(self._one, self.tasks, times=1)
        return Sample(sample.operations * count, sample.seconds)

    async def _one(self, task: int) -> bool:
        self._thread = uuid.uuid4().hex
        return await self.attempt(self._steps(self._saver, self._thread, FIRST, self.scale.steps, self.every))

    async def check(self) -> str | None:
        self.same(await self._saver.aget_tuple(self._here), self.scale.steps)
        return self.errors[0] if self.errors else None


class Steps16(Steps):
    name = "checkpoint-step-16"
    title = "one step of a graph (put, put_writes, get), 16 tasks"
    tasks = 16


class Put(Steps):
    name = "checkpoint-put"
    title = "put a checkpoint and its writes"
    every = NEVER


class Get(Graph):
    name = "checkpoint-get"
    title = "get the latest checkpoint, with 100 messages"

    async def _one(self, task: int) -> bool:
        found = await self._saver.aget_tuple(self._here)
        return self.same(found, LENGTH)


class List(Graph):
    name = "checkpoint-list"
    title = f"list the latest {LISTED} checkpoints"

    async def _one(self, task: int) -> bool:
        found = [one async for one in self._saver.alist(self._here, limit=LISTED)]
        return len(found) == LISTED and self.same(found[0], LENGTH)
