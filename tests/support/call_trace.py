"""Traces one call on PostgreSQL: which modules of the package it enters, and how deep it stands at the driver.

    python -m tests.support.call_trace postgresql://user@host/database [--modules]

Prints a line a call: the modules that it enters, how often it moves from one to another (a coroutine that goes on after
a wait is no move), and how many of our frames stand above the driver's call. `--modules` also prints the functions.
The database gets this package's schema; the rows are deleted in the end.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import FrameType
from typing import Any

from langgraph.checkpoint.base import empty_checkpoint

import agentomatic_sql
from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.langgraph import SQLAlchemySaver

PACKAGE = str(Path(agentomatic_sql.__file__).parent)
WARM_UP = 5
"""Calls before the one that is traced: statements are compiled, the connection exists."""


class CallTrace:
    """The trace of one call."""

    def __init__(self) -> None:
        self.modules: dict[str, Counter[str]] = {}
        self.moves = 0
        self.frames: list[str] = []
        """The package's frames above the driver's call, the innermost first, where they were most."""
        self._last: str | None = None
        self._begun: list[FrameType] = []

    def __str__(self) -> str:
        return f"{len(self.modules)} modules, {self.moves} moves, {len(self.frames)} frames at the driver"

    async def of(self, call: Callable[[], Awaitable[object]]) -> CallTrace:
        """Trace a call."""
        sys.setprofile(self._profile)
        try:
            await call()
        finally:
            sys.setprofile(None)
        return self

    def _profile(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event != "call":
            return
        name = frame.f_code.co_filename
        if name.startswith(PACKAGE):
            self._enter(frame, name[len(PACKAGE) + 1 :])
        elif "asyncpg" in name and frame.f_code.co_name in ("fetch", "execute"):
            frames = _ours(frame)
            if len(frames) > len(self.frames):
                self.frames = frames

    def _enter(self, frame: FrameType, module: str) -> None:
        if any(frame is begun for begun in self._begun):  # a coroutine or generator goes on
            return
        self._begun.append(frame)
        self.modules.setdefault(module, Counter())[frame.f_code.co_name] += 1
        self.moves += self._last not in (None, module)
        self._last = module


def _ours(frame: FrameType | None) -> list[str]:
    found = []
    while frame is not None:
        if frame.f_code.co_filename.startswith(PACKAGE):
            found.append(f"{frame.f_code.co_filename[len(PACKAGE) + 1 :]}:{frame.f_code.co_name}")
        frame = frame.f_back
    return found


async def trace_all(url: str) -> dict[str, CallTrace]:
    """Trace the calls that are made most: an append, a page, and the three of a running graph."""
    async with SQLAlchemyStore(url) as store:
        await store.create_thread("trace", "ada", "agent")
        saver, steps = SQLAlchemySaver(store), [{"configurable": {"thread_id": "trace", "checkpoint_ns": ""}}]
        empty = "trace of nothing"

        async def put() -> None:
            checkpoint = empty_checkpoint()
            number = len(steps)
            version = saver.get_next_version(None, None) if number == 1 else saver.get_next_version(str(number), None)
            checkpoint |= {
                "v": 4,
                "id": f"{number:06}",
                "channel_values": {"messages": ["hello" * 30] * number},
                "channel_versions": {"messages": version},
            }
            config: Any = steps[-1]
            steps.append(
                await saver.aput(config, checkpoint, {"source": "loop", "step": number}, {"messages": version})  # type: ignore[arg-type]
            )

        async def put_writes() -> None:
            config: Any = steps[-1]
            await saver.aput_writes(config, [("messages", "more")], f"task {len(steps)}")

        async def get_tuple() -> None:
            config: Any = steps[0]
            assert await saver.aget_tuple(config) is not None

        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "add_message": lambda: store.add_message("trace", "user", "hello"),
            "get_messages": lambda: store.get_messages(empty),
            "saver.aput": put,
            "saver.aput_writes": put_writes,
            "saver.aget_tuple": get_tuple,
        }
        traces = {}
        for name, call in calls.items():
            for _ in range(WARM_UP):
                await call()
            traces[name] = await CallTrace().of(call)
        await store.delete_thread("trace")
        return traces


def main() -> None:
    """Print the traces of the database in the arguments."""
    for name, trace in asyncio.run(trace_all(sys.argv[1])).items():
        print(f"{name}: {trace}")
        if "--modules" in sys.argv:
            for module, functions in trace.modules.items():
                print(f"    {module}: {', '.join(functions)}")
            print(f"    {' < '.join(trace.frames)}")


if __name__ == "__main__":
    main()
