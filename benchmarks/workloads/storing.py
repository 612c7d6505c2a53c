"""Workloads for counts, suspended states and feedback."""

from __future__ import annotations

from typing import Any

from benchmarks.contenders.base import Contender

from .base import TEXT, Sample, Scale, Workload, repeated

STATE = {"amount": 20, "currency": "EUR", "reason": TEXT, "steps": ["look", "ask", "refund"]}


class Stats(Workload):
    name = "stats"
    title = "count everything (get_stats)"
    scene = "history"
    needs = ("stats",)

    async def setup(self) -> None:
        # those that fork and delete leave nothing behind
        expected = {
            "threads": self.scale.threads + 1,
            "messages": self.scale.threads * self.scale.length + self.scale.long,
        }
        found = await self.contender.stats()
        if any(found[name] != number for name, number in expected.items()):
            self.errors.append(f"counted {found}, expected {expected}")

    async def run(self, seconds: float) -> Sample:
        return await repeated(self._stats, 1, seconds=seconds)

    async def _stats(self, task: int) -> bool:
        return await self.attempt(self.contender.stats())


class Suspended(Workload):
    name = "suspended"
    title = "save and claim a suspended state"
    scene = "empty"
    needs = ("save_state", "claim_state")

    def __init__(self, contender: Contender, scale: Scale) -> None:
        super().__init__(contender, scale)
        self._number = 0

    async def setup(self) -> None:
        await self.contender.create_thread("suspended", "user-0", "agent-0")
        await self._save_and_claim()

    async def run(self, seconds: float) -> Sample:
        return await repeated(self._one, 1, seconds=seconds)

    async def _one(self, task: int) -> bool:
        return await self.attempt(self._save_and_claim())

    async def _save_and_claim(self) -> None:
        self._number += 1
        approval = f"approval-{self._number}"
        await self.contender.save_state(approval, "suspended", STATE)
        found = await self.contender.claim_state(approval)
        if found is None or found["state_snapshot"] != STATE:
            raise ValueError(f"claimed {found}")

    async def check(self) -> str | None:
        again = await self.contender.claim_state(f"approval-{self._number}")
        return None if again is None else "a claimed state can be claimed again"


class Feedback(Workload):
    name = "feedback"
    title = "add feedback"
    scene = "empty"
    needs = ("add_feedback", "feedback_count")

    def __init__(self, contender: Contender, scale: Scale) -> None:
        super().__init__(contender, scale)
        self._acknowledged = 0

    async def setup(self) -> None:
        await self.contender.create_thread("rated", "user-0", "agent-0")
        await self.contender.feedback_count()

    async def run(self, seconds: float) -> Sample:
        return await repeated(self._add, 1, seconds=seconds)

    async def _add(self, task: int) -> bool:
        adding: Any = self.contender.add_feedback("rated", "user-0", "agent-0", 5, "It works again, thank you!")
        done = await self.attempt(adding)
        self._acknowledged += done
        return done

    async def check(self) -> str | None:
        stored = await self.contender.feedback_count()
        return None if stored == self._acknowledged else f"{self._acknowledged} were acknowledged, {stored} are stored"
