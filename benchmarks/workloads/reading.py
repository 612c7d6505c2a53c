"""Reading: the newest messages, a page in the middle, a user's threads, a page deep in an agent's."""

from __future__ import annotations

import random
from typing import Any, ClassVar

from benchmarks.contenders.base import AGENTS, Contender, Record

from .base import TEXT, Sample, Scale, Workload, repeated

PAGE = 50


def content(position: int) -> str:
    """The text of a message that was filled in."""
    return f"{position} {TEXT}"


async def history(contender: Contender, scale: Scale) -> None:
    """Fill in threads of 2,000 messages, written side by side, and a long one to fork."""
    threads = [
        {
            "id": f"thread-{number:06}",
            "user_id": f"user-{number}",
            "agent_name": f"agent-{number % AGENTS}",
            "at": number,
        }
        for number in range(scale.threads)
    ]
    await contender.fill_threads(threads)
    await contender.fill_messages("thread-000000", [content(position) for position in range(scale.length)])
    await contender.copy_messages("thread-000000")
    await contender.fill_threads([{"id": "long", "user_id": "user-long", "agent_name": "agent-0", "at": 0}])
    await contender.fill_messages("long", [content(position) for position in range(scale.long)])
    await contender.settle()


async def listing(contender: Contender, scale: Scale) -> None:
    """Fill in many threads, of many users and few agents; the higher its number, the later a thread was updated."""
    await contender.fill_threads(
        [
            {
                "id": f"thread-{number:06}",
                "user_id": f"user-{number % scale.users}",
                "agent_name": f"agent-{number % AGENTS}",
                "at": number,
            }
            for number in range(scale.listed)
        ]
    )
    await contender.settle()


class Read(Workload):
    """A page, compared with what it must be."""

    scene = "history"
    tasks: ClassVar[int] = 1

    def __init__(self, contender: Contender, scale: Scale) -> None:
        super().__init__(contender, scale)
        self._source = random.Random(1)

    async def setup(self) -> None:
        await self._one(0)

    async def run(self, seconds: float) -> Sample:
        return await repeated(self.guarded, self.tasks, seconds=seconds)

    async def guarded(self, task: int) -> bool:
        """Return whether a page was the right one; an error is a contender's result."""
        try:
            return await self._one(task)
        except Exception as error:  # noqa: BLE001
            self.fail(error)
            return False

    async def _one(self, task: int) -> bool:
        raise NotImplementedError

    def any_thread(self) -> str:
        return f"thread-{self._source.randrange(self.scale.threads):06}"

    def compare_messages(self, found: list[Record], first: int) -> bool:
        """By the outermost two: more would be a part of what is timed."""
        return self.compare(
            [len(found), found[0]["content"], found[-1]["content"]] if found else [],
            [PAGE, content(first), content(first + PAGE - 1)],
        )

    def compare(self, found: list[Any], expected: list[Any]) -> bool:
        if found != expected:
            self.errors.append(f"another page than expected: {found[:1]} to {found[-1:]}, {len(found)} of them")
            return False
        return True


class Latest(Read):
    name = "latest"
    title = "latest 50 messages of 2,000"
    needs = ("latest",)

    async def _one(self, task: int) -> bool:
        found = await self.contender.latest(self.any_thread(), PAGE)
        return self.compare_messages(found, self.scale.length - PAGE)


class Latest16(Latest):
    name = "latest-16"
    title = "latest 50 messages of 2,000, 16 tasks"
    tasks = 16


class Latest200(Latest):
    name = "latest-200"
    title = "latest 50 messages of 2,000, 200 tasks"
    tasks = 200


class Middle(Read):
    name = "middle"
    title = "50 messages at offset 1,000"
    needs = ("page",)

    async def _one(self, task: int) -> bool:
        offset = self.scale.length // 2
        found = await self.contender.page(self.any_thread(), offset, PAGE)
        return self.compare_messages(found, offset)


class ListUser(Read):
    name = "list"
    title = "first page of a user's threads"
    scene = "listing"
    needs = ("list_user",)

    async def _one(self, task: int) -> bool:
        user = self._source.randrange(self.scale.users)
        found = await self.contender.list_user(f"user-{user}", PAGE)
        last = self.scale.listed - self.scale.users + user
        expected = [f"thread-{number:06}" for number in range(last, -1, -self.scale.users)[:PAGE]]
        return self.compare([thread["id"] for thread in found], expected)


class ListDeep(Read):
    name = "list-deep"
    title = "deep page of an agent's threads, by offset"
    scene = "listing"
    needs = ("list_agent",)

    async def _one(self, task: int) -> bool:
        found = await self.contender.list_agent("agent-0", PAGE, self.scale.deep)
        return self.compare([thread["id"] for thread in found], self.expected())

    def expected(self) -> list[str]:
        last = (self.scale.listed - 1) // AGENTS * AGENTS
        places = range(self.scale.deep, self.scale.deep + PAGE)
        return [f"thread-{last - place * AGENTS:06}" for place in places]


class ListDeepByKey(ListDeep):
    name = "list-deep-key"
    title = "deep page of an agent's threads, by key"
    needs = ("list_agent_after",)
    after: Record

    async def setup(self) -> None:
        self.after = (await self.contender.list_agent("agent-0", 1, self.scale.deep - 1))[0]
        await super().setup()

    async def _one(self, task: int) -> bool:
        found = await self.contender.list_agent_after("agent-0", PAGE, self.after, self.scale.deep)
        return self.compare([thread["id"] for thread in found], self.expected())
