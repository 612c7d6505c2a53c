"""The results: samples of every round, their medians and ratios; read from JSON and written to it."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

PACKAGES = (
    "agentomatic-sql",
    "sqlalchemy",
    "asyncpg",
    "aiomysql",
    "aiosqlite",
    "agentomatic",
    "openai-agents",
    "langgraph",
    "langgraph-checkpoint",
    "langgraph-checkpoint-postgres",
    "langgraph-checkpoint-sqlite",
    "psycopg",
)


NOTHING = "has nothing of the kind"
"""Why most contenders that are left out of a workload are."""


@dataclass
class Measured:
    """One contender in one workload; `rates` are operations a second, a round each, or one divided by an amount."""

    rates: list[float] = field(default_factory=list)
    wrong: str | None = None
    """What the check found; the rates are then not to be trusted."""
    left_out: str | None = None
    """Why it was not measured at all."""


@dataclass
class Ratio:
    """The median and the range over the rounds; each ratio is one of the same round."""

    median: float
    least: float
    most: float


@dataclass
class Outcome:
    """One workload; the yardstick is the contender to whose rates the others' are compared."""

    title: str
    yardstick: str
    contenders: dict[str, Measured] = field(default_factory=dict)
    unit: str = ""
    """Of the amount (ms, MB) that is measured instead of a rate: the less, the better."""

    def ratio(self, name: str) -> Ratio | None:
        """None where it was not measured, or the yardstick was not."""
        own, yard = (self.contenders.get(one, Measured()).rates for one in (name, self.yardstick))
        # where the last round was broken off, of some only
        ratios = [a / b for a, b in zip(own, yard, strict=False) if b]
        return Ratio(median(ratios), min(ratios), max(ratios)) if ratios else None

    def rate(self, name: str) -> float:
        return median(self.contenders[name].rates)


@dataclass
class Run:
    """The workloads on one database."""

    database: str
    version: str
    settings: dict[str, str]
    date: str
    command: str
    quick: bool
    rounds: int
    seconds: float
    environment: dict[str, Any]
    workloads: dict[str, Outcome] = field(default_factory=dict)
    complete: bool = False

    def names(self) -> list[str]:
        """The contenders of all workloads, in their order."""
        return list(dict.fromkeys(name for outcome in self.workloads.values() for name in outcome.contenders))


def environment() -> dict[str, Any]:
    """The machine as far as it matters, and what is installed."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def command() -> str:
    """The command line that makes the same again."""
    return " ".join(["scripts/bench", *sys.argv[1:]])


def today() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def save(path: Path, runs: Iterable[Run]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n")


def load(path: Path) -> list[Run]:
    """The runs that `save` wrote."""
    runs = []
    for found in json.loads(path.read_text()):
        outcomes = {
            name: Outcome(
                outcome["title"],
                outcome["yardstick"],
                {one: Measured(**measured) for one, measured in outcome["contenders"].items()},
                outcome.get("unit", ""),
            )
            for name, outcome in found.pop("workloads").items()
        }
        runs.append(Run(**found, workloads=outcomes))
    return runs
