"""Long threads at once: a fork, a deletion."""

from __future__ import annotations

import uuid

from benchmarks.contenders.base import Contender

from .base import Sample, Scale, Workload, repeated
from .reading import content


class Fork(Workload):
    name = "fork"
    title = "fork a thread of 5,000 messages"
    scene = "history"
    needs = ("fork", "page")

    def __init__(self, contender: Contender, scale: Scale) -> None:
        super().__init__(contender, scale)
        self._made: list[str] = []

    async def prepare(self) -> None:
        await self.contender.forget(self._made)
        self._made.clear()

    async def run(self, seconds: float) -> Sample:
        return await repeated(self._fork, 1, times=self.scale.copies)

    async def _fork(self, task: int) -> bool:
        new = f"fork-{uuid.uuid4().hex}"
        done = await self.attempt(self.contender.fork("long", self.scale.long - 1, new))
        self._made.append(new)
        return done

    async def check(self) -> str | None:
        length = self.scale.long
        expected = [content(position) for position in range(length)]
        for made in self._made:
            stored = await self.contender.page(made, 0, length + 1)
            if [message["content"] for message in stored] != expected:
                return "a fork does not have the messages of its parent in their order"
            if await self.contender.count(made) not in (None, length):
                return "a fork's counter is wrong"
        await self.prepare()
        return None


class Delete(Workload):
    name = "delete"
    title = "delete a thread of 5,000 messages"
    scene = "history"
    needs = ("delete", "page", "fill_messages")

    def __init__(self, contender: Contender, scale: Scale) -> None:
        super().__init__(contender, scale)
        self._waiting: list[str] = []
        self._deleted: list[str] = []

    async def prepare(self) -> None:
        self._waiting = [f"long-{uuid.uuid4().hex}" for _ in range(self.scale.copies)]
        contents = [content(position) for position in range(self.scale.long)]
        threads = [{"id": id_, "user_id": "user-long", "agent_name": "agent-0", "at": 0} for id_ in self._waiting]
        await self.contender.fill_threads(threads)
        for id_ in self._waiting:
            await self.contender.fill_messages(id_, contents)
        self._deleted += self._waiting

    async def run(self, seconds: float) -> Sample:
        return await repeated(self._delete, 1, times=self.scale.copies)

    async def _delete(self, task: int) -> bool:
        return await self.attempt(self.contender.delete(self._waiting.pop()))

    async def check(self) -> str | None:
        for id_ in self._deleted:
            if await self.contender.page(id_, 0, 1):
                return "messages of a deleted thread are there"
        return None
