"""Compare operations in a large database with the same operations in one a hundredth of the size.

    python -m benchmarks.scale --postgresql postgresql://postgres@localhost/bench
    python -m benchmarks.scale --sqlite /tmp/bench --mysql mariadb://root@localhost/bench
    python -m benchmarks.scale --container postgresql --memory 1g --uniform

A server's URL names a database beside which others may be made; they are dropped in the end, as are the files. Every
call asks for one of a few hundred threads that were chosen by chance, and touched once before: a working set, as
users who are at work at this moment are. With `--uniform`, each call asks for a thread that none has asked for: on a
server with less memory than data, most answers come from the disk. `--container` starts such a server. Both databases
are asked in turn, so that whatever else the machine does befalls both; each answer is checked.
"""

from __future__ import annotations

import asyncio
import random
import resource
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from agentomatic_sql.tables import MESSAGES
from benchmarks import databases
from benchmarks.filled import AGENTS, CONTENT, EACH, GRAPH_TABLES, LONG, STEPS, Filled, filled, size

app = typer.Typer(pretty_exceptions_enable=False)
console = Console()
WORKING_SET = 200
DELETIONS = 10
Operation = Callable[[Filled, str], Awaitable[bool]]


# operations: whether the answer is what it must be


async def append(at: Filled, thread_id: str) -> bool:
    made = await at.store.add_message(thread_id, "user", CONTENT)
    return bool(made["index"] >= EACH)


async def latest(at: Filled, thread_id: str) -> bool:
    found = await at.store.get_messages(thread_id, last=50)
    return len(found) == 50 and found[-1]["index"] - found[0]["index"] == 49


async def latest_of_long(at: Filled, _thread_id: str) -> bool:
    found = await at.store.get_messages(LONG, last=50)
    return bool(len(found) == 50 and found[-1]["index"] == at.long - 1)


async def first_page(at: Filled, thread_id: str) -> bool:
    user = f"user-{int(thread_id[-7:]) % max(at.threads // 100, 1)}"
    here = at.threads // max(at.threads // 100, 1)
    return len(await at.store.list_threads(user_id=user, limit=50)) == min(50, here)


async def deep_page(at: Filled, _thread_id: str) -> bool:
    found = await at.store.list_threads(agent_name="agent-0", limit=at.page, after=at.deep)
    return len(found) == at.page


async def latest_checkpoint(at: Filled, _thread_id: str) -> bool:
    thread_id = random.choice(at.graph_ids)
    found = await at.saver.aget_tuple({"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}})
    return found is not None and len(found.checkpoint["channel_values"]["messages"]) == STEPS


async def stats(at: Filled, _thread_id: str) -> bool:
    return bool((await at.store.get_stats())["threads"] > at.threads // 2)


OPERATIONS: dict[str, Operation] = {
    "latest 50": latest,
    "latest 50 of the longest thread": latest_of_long,
    "a user's first page": first_page,
    "a page deep in an agent's, by key": deep_page,
    "latest checkpoint": latest_checkpoint,
    "get_stats": stats,
    "append": append,
}


class Took(NamedTuple):
    """The seconds that an operation took."""

    median: float
    p99: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> Took:
        return cls(statistics.median(samples), statistics.quantiles(samples, n=100, method="inclusive")[98])


async def measure(small: Filled, large: Filled, calls: int, *, uniform: bool) -> dict[str, tuple[Took, Took]]:
    """Measure each operation in both."""
    took = {}
    for title, operation in OPERATIONS.items():
        samples: tuple[list[float], list[float]] = ([], [])
        for at in () if uniform else (small, large):
            for thread_id in at.chosen:
                await operation(at, thread_id)
        for number in range(calls):
            for at, seconds in zip((small, large), samples, strict=True):
                thread_id = at.chosen[number % len(at.chosen)]
                begun = time.perf_counter()
                right = await operation(at, thread_id)
                seconds.append(time.perf_counter() - begun)
                assert right, f"{title}: another answer than expected"
        took[title] = (Took.of(samples[0]), Took.of(samples[1]))
    return took


async def deletion(small: Filled, large: Filled, messages: int) -> tuple[Took, Took]:
    """Measure the deletion of a thread of so many messages in both."""
    samples: tuple[list[float], list[float]] = ([], [])
    for number in range(DELETIONS):
        for at, seconds in zip((small, large), samples, strict=True):
            made = await at.store.fork_thread(LONG, messages - 1, f"delete-{number}")
            assert made is not None
            begun = time.perf_counter()
            assert await at.store.delete_thread(made["id"])
            seconds.append(time.perf_counter() - begun)
    return Took.of(samples[0]), Took.of(samples[1])


async def growth(at: Filled) -> tuple[int, float]:
    """Iterate over the longest thread; returns the number of messages, and by how many MB the process grew."""
    async for _message in at.store.iter_messages(LONG, page_size=500):
        break
    before, count = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0
    async for _message in at.store.iter_messages(LONG, page_size=500):
        count += 1
    return count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


async def compare(url: str, threads: int, long: int, calls: int, *, uniform: bool) -> None:
    graphs, page = max(threads // 50, 20), max(min(20, threads // 100 // 10 // AGENTS), 1)
    ask, short = calls if uniform else WORKING_SET, max(long // 100, 1000)
    begun = time.monotonic()
    with Progress(console=console, transient=True) as progress:
        total = threads * EACH + threads // 100 * EACH + long + short - 2000
        task = progress.add_task("filling", total=total)

        def advance(done: int) -> None:
            progress.advance(task, done)

        async with (
            filled(url, threads // 100, short, max(graphs // 100, 20), page, ask, advance) as small,
            filled(url, threads, long, graphs, page, ask, advance) as large,
        ):
            filling = time.monotonic() - begun
            progress.update(task, description="measuring")
            sizes = [await bytes_each(at) for at in (small, large)]
            took = await measure(small, large, calls, uniform=uniform)
            deleted = min(10_000, short)
            took[f"deletion of a thread of {deleted:,}"] = await deletion(small, large, deleted)
            count, grown = await growth(large)
    title = f"{large.store.engine.dialect.name}: {threads * EACH + long:,} messages, {threads:,} threads"
    console.print(table(title, took, sizes))
    console.print(f"iter_messages over {count:,} messages: the process grew by {grown:.1f} MB")
    console.print(f"filled in {filling:.0f} s, all of it took {time.monotonic() - begun:.0f} s")


async def bytes_each(at: Filled) -> tuple[float, float]:
    """Return the bytes of a message and of a checkpoint, with their indexes."""
    messages = await size(at, [MESSAGES.name]) / (at.threads * EACH + at.long)
    return messages, await size(at, GRAPH_TABLES) / (at.graphs * STEPS)


def table(title: str, took: dict[str, tuple[Took, Took]], sizes: Sequence[tuple[float, float]]) -> Table:
    shown = Table(title=title)
    for heading in ("operation", "ms, a hundredth", "p99", "ms", "p99", "ratio"):
        shown.add_column(heading, justify="left" if heading == "operation" else "right")
    for operation, (less, more) in took.items():
        cells = (f"{seconds * 1000:.2f}" for seconds in (*less, *more))
        shown.add_row(operation, *cells, f"{more.median / less.median:.2f}")
    for what, (small, large) in zip(("message", "checkpoint"), zip(*sizes, strict=True), strict=True):
        shown.add_row(f"bytes of a {what}", f"{small:.0f}", "", f"{large:.0f}", "", f"{large / small:.2f}")
    return shown


@contextmanager
def limited(name: str, memory: str) -> Iterator[str]:
    """A server in a container with so much memory, whose commits are durable; needs the tests' way of starting it."""
    from tests.support import containers, programs

    databases.durable(containers, programs)
    with ExitStack() as running:
        url = containers.start(name, running, memory)
        if url is None:
            why = f"no container of {containers.IMAGES[name].image} answers; it may need more than {memory}"
            raise typer.BadParameter(why, param_hint="--memory")
        yield databases.plain(url, name)


POSTGRESQL = typer.Option(None, help="URL of a database beside which others may be made.")
MYSQL = typer.Option(None, help="The same on MySQL or MariaDB.")
SQLITE = typer.Option(None, help="Folder for files.")
CONTAINER = typer.Option(None, help="Of postgresql, mysql, mariadb: a server that is started in a container.")


@app.command()
def main(
    postgresql: str = POSTGRESQL,
    mysql: str = MYSQL,
    sqlite: str = SQLITE,
    container: str = CONTAINER,
    memory: str = typer.Option("1g", help="The container's limit, in which the kernel's cache of its files counts."),
    threads: int = typer.Option(None, min=2_000, help="Else 100,000 on PostgreSQL or in a container, else 10,000."),
    long: int = typer.Option(1_000_000, min=2_000, help="Messages of the longest thread."),
    calls: int = typer.Option(400, min=10, help="Of each operation, in each database."),
    uniform: bool = typer.Option(False, help="Each call asks for a thread that none has asked for."),
) -> None:
    """Measure."""
    for url, usual in ((postgresql, 100_000), (mysql, 10_000), (sqlite, 10_000)):
        if url:
            asyncio.run(compare(url, threads or usual, long, calls, uniform=uniform))
    if container is not None:
        if container not in ("postgresql", "mysql", "mariadb"):
            raise typer.BadParameter(f"{container} is none of postgresql, mysql, mariadb", param_hint="--container")
        with limited(container, memory) as url:
            asyncio.run(compare(url, threads or 100_000, long, calls, uniform=uniform))


if __name__ == "__main__":
    app()
