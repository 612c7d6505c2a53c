"""Appending messages: alone, 32 tasks on threads of their own, 32 tasks on one thread, and 100 or 1,000 a call."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, ClassVar

from benchmarks.contenders.base import Contender, Record

from .base import METADATA, TEXT, Sample, Scale, Workload, repeated


class Append(Workload):
    name = "append"
    title = "append one message, 1 task"
    scene = "empty"
    needs = ("create_thread", "append", "page")
    tasks: ClassVar[int] = 1
    threads: ClassVar[int] = 1

    def __init__(self, contender: Contender, scale: Scale) -> None:
        super().__init__(contender, scale)
        self._sent: dict[int, int] = defaultdict(int)
        self._acknowledged: dict[int, list[int]] = {number: [] for number in range(self.tasks)}

    async def setup(self) -> None:
        for number in range(self.threads):
            await self.contender.create_thread(self._thread(number), f"user-{number}", "agent-0")

    async def run(self, seconds: float) -> Sample:
        return await repeated(self._append, self.tasks, seconds=seconds)

    async def _append(self, task: int) -> bool:
        number = self._sent[task]
        self._sent[task] += 1
        content = f"{task} {number} {TEXT}"
        if await self.attempt(self.contender.append(self._thread(task), "user", content, METADATA)):
            self._acknowledged[task].append(number)
            return True
        return False

    async def check(self) -> str | None:
        for number in range(self.threads):
            tasks = [task for task in range(self.tasks) if task % self.threads == number]
            expected = {task: self._acknowledged[task] for task in tasks}
            if wrong := await check_thread(self.contender, self._thread(number), expected):
                return wrong
        return None

    def _thread(self, task: int) -> str:
        return f"{self.name}-{task % self.threads}"


class Append32(Append):
    name = "append-32"
    title = "append, 32 tasks, each to its own thread"
    tasks = 32
    threads = 32


class Hot32(Append):
    name = "hot-32"
    title = "append, 32 tasks, all to one thread"
    tasks = 32


class AppendMany(Append):
    name = "append-100"
    title = "append 100 messages in one call"
    needs = ("create_thread", "append_many", "page")
    many: ClassVar[int] = 100

    async def _append(self, task: int) -> bool:
        first = self._sent[task]
        self._sent[task] += self.many
        numbers = range(first, first + self.many)
        messages: list[Record] = [
            {"role": "user", "content": f"{task} {number} {TEXT}", "metadata": METADATA} for number in numbers
        ]
        if await self.attempt(self.contender.append_many(self._thread(task), messages)):
            self._acknowledged[task].extend(numbers)
            return True
        return False


class AppendThousand(AppendMany):
    name = "append-1000"
    title = "append 1,000 messages in one call"
    many = 1000


async def check_thread(contender: Contender, thread_id: str, expected: dict[int, list[int]]) -> str | None:
    """Return whether a thread has every acknowledged message, in each task's order, and counts them right."""
    total = sum(map(len, expected.values()))
    stored: list[Any] = await contender.page(thread_id, 0, total + 1000)
    found: dict[int, list[int]] = defaultdict(list)
    for message in stored:
        task, number, _ = message["content"].split(" ", 2)
        found[int(task)].append(int(number))
    if len(stored) != total:
        return f"{total} messages were acknowledged, {len(stored)} are stored"
    if any(found[task] != numbers for task, numbers in expected.items()):
        return "messages are not in the order in which they were appended"
    places = [message.get("index") for message in stored]
    if places != [None] * total and places != list(range(total)):
        return "the positions are not 0, 1, 2 and so on"
    count = await contender.count(thread_id)
    return None if count in (None, total) else f"the counter says {count}, {total} messages are stored"
