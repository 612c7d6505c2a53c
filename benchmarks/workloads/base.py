"""`Workload`: a preparation, a unit of work that is timed, and a check of its result."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from benchmarks.contenders.base import AGENTS, Contender

TEXT = (
    "the of and a to in is you that it he was for on are as with his they at be this have from or one had by word but "
    "not what all were we when your can said there use an each which she do how their if wil"
)
METADATA = {"channel": "web", "tokens": 57}


@dataclass(frozen=True)
class Scale:
    """The number of rows in the tables, and of operations in a round that time does not limit."""

    threads: int = 100  # of 2,000 messages each
    length: int = 2000
    listed: int = 100_000
    users: int = 1000
    long: int = 5000  # messages of a thread that is forked or deleted
    copies: int = 5  # forks or deletions in a round
    steps: int = 60  # of a graph in a round

    @property
    def deep(self) -> int:
        """An offset near the end of an agent's threads."""
        return self.listed // AGENTS * 9 // 10


QUICK = Scale(threads=10, listed=10_000, users=100, copies=2, steps=10)


@dataclass(frozen=True)
class Sample:
    """One round of one contender; `seconds` is the amount if the workload has a unit that is no time."""

    operations: int
    seconds: float

    @property
    def rate(self) -> float:
        return self.operations / self.seconds


class Workload:
    """One workload on one contender; `scene` is what the database holds when it begins."""

    name: ClassVar[str]
    title: ClassVar[str]
    scene: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    """The contender's methods without which it cannot do this."""
    unit: ClassVar[str] = ""
    """Of the amount that is measured, ms or MB; without one, operations a second."""
    yardsticks: ClassVar[tuple[str, ...]] = ()
    """Who is compared with where the run's own yardstick, raw, has nothing of the kind."""

    def __init__(self, contender: Contender, scale: Scale) -> None:
        self.contender = contender
        self.scale = scale
        self.errors: list[str] = []

    @classmethod
    def offered(cls, contender: Contender) -> bool:
        """Return whether the contender implements every operation that the workload needs."""
        return all(getattr(type(contender), name) is not getattr(Contender, name) for name in cls.needs)

    async def setup(self) -> None:
        """Once, before the first round. Raises `NotOffered` where it turns out that the contender cannot do this."""

    async def finish(self) -> None:
        """After the check."""

    async def prepare(self) -> None:
        """Before each round, not timed."""

    async def run(self, seconds: float) -> Sample:
        """One round."""
        raise NotImplementedError

    async def check(self) -> str | None:
        """After the last round: what is wrong with the result, if something is."""
        return None

    async def verdict(self) -> str | None:
        """Return what went wrong, in a few words; None if nothing did."""
        if self.errors:
            return f"{len(self.errors)} errors, the first: {self.errors[0]}"
        return await self.check()

    async def attempt(self, operation: Awaitable[Any]) -> bool:
        """Return whether an operation succeeded; an error is a contender's result, not the end of the benchmark."""
        try:
            await operation
        except Exception as error:  # noqa: BLE001
            self.fail(error)
            return False
        return True

    def fail(self, error: Exception) -> None:
        """Remember an error, which the verdict names."""
        self.errors.append(f"{type(error).__name__}: {error}".splitlines()[0][:200])


async def repeated(
    operation: Callable[[int], Awaitable[bool]], tasks: int, *, seconds: float = 0, times: int = 0
) -> Sample:
    """Run an operation in `tasks` concurrent tasks, each until the time is over or `times` times.

    The operation gets its task's number, and says whether it counts.
    """
    begun = time.perf_counter()
    end = begun + seconds

    async def task(number: int) -> int:
        done, left = 0, times
        while left > 0 or (not times and time.perf_counter() < end):
            left -= 1
            done += await operation(number)
        return done

    done = sum(await asyncio.gather(*map(task, range(tasks))))
    return Sample(done, time.perf_counter() - begun)
