"""A cold start: a process of its own imports the library, connects, and asks for a thread's latest messages."""

from __future__ import annotations

import asyncio
import sys

from .base import Sample, Workload, repeated
from .reading import PAGE

THREAD = "thread-000001"


class ColdStart(Workload):
    name = "cold-start"
    title = "cold start: import, connect, read 50 messages"
    scene = "history"
    needs = ("first_query",)

    async def setup(self) -> None:
        await self._one(0)

    async def run(self, seconds: float) -> Sample:
        return await repeated(self._one, 1, times=1)

    async def _one(self, task: int) -> bool:
        program = self.contender.first_query(THREAD)
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=pipe, stderr=pipe)
        said, error = await process.communicate()
        if said.split() == [str(PAGE).encode()]:
            return True
        lines = error.decode(errors="replace").splitlines()
        self.errors.append(f"a process ended with {process.returncode}: {lines[-1] if lines else said!r}")
        return False
