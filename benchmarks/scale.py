"""Compare operations in a large database with the same operations in one a hundredth of the size.

    python -m benchmarks.scale --postgresql postgresql://postgres@localhost/bench
    python -m benchmarks.scale --sqlite /tmp/bench --mysql mariadb://root@localhost/bench

A server's URL names a database beside which others may be made; they are dropped in the end, as are the files. Every
call asks for one of a few hundred threads that were chosen by chance, and touched once before: a working set, as
users who are at work at this moment are. Both databases are asked in turn, so that whatever else the machine does
befalls both; each answer is checked.
"""

from __future__ import annotations

import asyncio
import random
import resource
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import typer
from langgraph.checkpoint.base import empty_checkpoint
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import insert, literal, make_url, select, text, update
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.models import MESSAGES, THREADS

app = typer.Typer(pretty_exceptions_enable=False)
console = Console()
START = datetime(2026, 1, 1, tzinfo=UTC)
CONTENT = "what a user says in one message of a conversation, in a few lines of text. " * 4
EACH = 100  # messages a thread
STEPS = 10  # checkpoints a graph
AGENTS = 4
WORKING_SET = 200
LONG = "long"
Operation = Callable[["Filled", str], Awaitable[bool]]


class Filled(NamedTuple):
    """A database with so many threads, `graphs` of which have checkpoints."""

    store: SQLAlchemyStore
    saver: SQLAlchemySaver
    threads: int
    graphs: int
    long: int
    chosen: list[str]
    graph_ids: list[str]
    deep: dict[str, Any]
    page: int
    """How many threads a page deep in an agent's has: as many as there are in the smaller database."""


def name(number: int) -> str:
    return f"thread-{number:07}"


async def fill(store: SQLAlchemyStore, threads: int, long: int, advance: Callable[[int], None]) -> None:
    """Threads of `EACH` messages, written side by side, and one of `long`."""
    for first in range(0, threads, 1000):
        rows = [thread(number, threads) for number in range(first, min(first + 1000, threads))]
        async with store.engine.begin() as connection:
            await connection.execute(insert(THREADS), rows)
    columns = ["thread_id", "position", "role", "content", "metadata", "created_at"]
    for position in range(EACH):
        message: list[Any] = [literal(position), literal("user"), literal(f"{position} {CONTENT}"), literal("{}")]
        rows_of_all = select(THREADS.c.id, *message, THREADS.c.created_at)
        async with store.engine.begin() as connection:
            await connection.execute(insert(MESSAGES).from_select(columns, rows_of_all))
        advance(threads)
    await store.create_thread(LONG, "long", "agent-0")
    await store.add_messages(LONG, [{"role": "user", "content": f"{n} {CONTENT}"} for n in range(1000)])
    there = 1000
    while there < long:
        more = min(there, long - there)
        again = select(
            MESSAGES.c.thread_id,
            MESSAGES.c.position + there,
            *(MESSAGES.c[column] for column in columns[2:]),
        ).where(MESSAGES.c.thread_id == LONG, MESSAGES.c.position < more)
        async with store.engine.begin() as connection:
            await connection.execute(insert(MESSAGES).from_select(columns, again))
        there += more
        advance(more)
    async with store.engine.begin() as connection:
        await connection.execute(update(THREADS).where(THREADS.c.id == LONG).values(message_count=there))


def thread(number: int, threads: int) -> dict[str, Any]:
    at = START + timedelta(seconds=number)
    return {
        "id": name(number),
        "user_id": f"user-{number % max(threads // 100, 1)}",
        "agent_name": f"agent-{number % AGENTS}",
        "metadata": "{}",
        "message_count": EACH,
        "created_at": at,
        "updated_at": at,
    }


async def run_graph(saver: SQLAlchemySaver, thread_id: str) -> None:
    """`STEPS` checkpoints, each with a message more than the one before."""
    where: Any = {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
    for step in range(STEPS):
        version = saver.get_next_version(None, None)
        made: Any = empty_checkpoint() | {
            "id": f"{step:08}",
            "channel_versions": {"messages": f"{step:08}.{version}"},
            "channel_values": {"messages": [f"{n} {CONTENT}" for n in range(step + 1)]},
        }
        where = await saver.aput(where, made, {"source": "loop", "step": step}, made["channel_versions"])


@asynccontextmanager
async def filled(
    url: str, threads: int, long: int, graphs: int, page: int, advance: Callable[[int], None]
) -> AsyncIterator[Filled]:
    """A database of its own, filled, with up-to-date statistics; dropped in the end."""
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(fresh(url))
        store = await stack.enter_async_context(SQLAlchemyStore(at, pool_size=4))
        await fill(store, threads, long, advance)
        saver = SQLAlchemySaver(store)
        await run_graph(saver, name(0))
        for number in range(1, graphs):
            await saver.acopy_thread(name(0), name(number))
        await settle(store)
        source = random.Random(1)
        chosen = [name(source.randrange(threads)) for _ in range(WORKING_SET)]
        graph_ids = [name(source.randrange(graphs)) for _ in range(WORKING_SET)]
        deep = await store.get_thread(
            name(max(threads // 10 // AGENTS, page) * AGENTS)
        )  # behind nine tenths of an agent's
        assert deep is not None
        yield Filled(store, saver, threads, graphs, long, chosen, graph_ids, deep, page)


@asynccontextmanager
async def fresh(url: str) -> AsyncIterator[str]:
    made = f"scale_{uuid.uuid4().hex[:12]}"
    if "://" not in url:
        path = f"{url}/{made}.db"
        try:
            yield f"sqlite:///{path}"
        finally:
            remove(path)
        return
    engine = create_async_engine(SQLAlchemyStore(url).engine.url, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            await connection.execute(text(f"CREATE DATABASE {made}"))
        try:
            yield make_url(url).set(database=made).render_as_string(hide_password=False)
        finally:
            async with engine.connect() as connection:
                await connection.execute(text(f"DROP DATABASE {made}"))
    finally:
        await engine.dispose()


def remove(path: str) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)


async def settle(store: SQLAlchemyStore) -> None:
    """Do at once the maintenance that a database would do by itself some time after it was filled."""
    dialect = store.engine.dialect.name
    form = {"postgresql": "VACUUM ANALYZE {}", "sqlite": "ANALYZE {}"}.get(dialect, "ANALYZE TABLE {}")
    async with store.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for table in (THREADS, MESSAGES):
            await autocommit.execute(text(form.format(table.name)))


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


async def measure(small: Filled, large: Filled, calls: int) -> dict[str, tuple[float, float]]:
    """The median of each operation in seconds, in both."""
    medians = {}
    for title, operation in OPERATIONS.items():
        took: tuple[list[float], list[float]] = ([], [])
        for at in (small, large):
            for thread_id in at.chosen:
                await operation(at, thread_id)
        for number in range(calls):
            for at, samples in zip((small, large), took, strict=True):
                thread_id = at.chosen[number % WORKING_SET]
                begun = time.perf_counter()
                right = await operation(at, thread_id)
                samples.append(time.perf_counter() - begun)
                assert right, f"{title}: another answer than expected"
        medians[title] = (statistics.median(took[0]), statistics.median(took[1]))
    return medians


async def growth(at: Filled) -> tuple[int, float]:
    """Iterate over the longest thread; returns the number of messages, and by how many MB the process grew."""
    async for _message in at.store.iter_messages(LONG, page_size=500):
        break
    before, count = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0
    async for _message in at.store.iter_messages(LONG, page_size=500):
        count += 1
    return count, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


async def compare(url: str, threads: int, long: int, calls: int) -> None:
    graphs, page = max(threads // 50, 20), max(min(20, threads // 100 // 10 // AGENTS), 1)
    with Progress(console=console, transient=True) as progress:
        total = threads * EACH + threads // 100 * EACH + long + long // 100
        task = progress.add_task("filling", total=total)

        def advance(done: int) -> None:
            progress.advance(task, done)

        async with (
            filled(url, threads // 100, max(long // 100, 1000), max(graphs // 100, 20), page, advance) as small,
            filled(url, threads, long, graphs, page, advance) as large,
        ):
            progress.update(task, description="measuring")
            medians = await measure(small, large, calls)
            count, grown = await growth(large)
    table = Table(title=f"{large.store.engine.dialect.name}: {threads * EACH + long:,} messages, {threads:,} threads")
    for heading in ("operation", "ms, a hundredth", "ms", "ratio"):
        table.add_column(heading, justify="left" if heading == "operation" else "right")
    for title, (less, more) in medians.items():
        table.add_row(title, f"{less * 1000:.2f}", f"{more * 1000:.2f}", f"{more / less:.2f}")
    console.print(table)
    console.print(f"iter_messages over {count:,} messages: the process grew by {grown:.1f} MB")


POSTGRESQL = typer.Option(None, help="URL of a database beside which others may be made.")
MYSQL = typer.Option(None, help="The same on MySQL or MariaDB.")
SQLITE = typer.Option(None, help="Folder for files.")


@app.command()
def main(
    postgresql: str = POSTGRESQL,
    mysql: str = MYSQL,
    sqlite: str = SQLITE,
    threads: int = typer.Option(None, min=2_000, help="Else 100,000 on PostgreSQL, 10,000 elsewhere."),
    long: int = typer.Option(1_000_000, min=2_000, help="Messages of the longest thread."),
    calls: int = typer.Option(400, min=10, help="Of each operation, in each database."),
) -> None:
    """Measure."""
    for url, usual in ((postgresql, 100_000), (mysql, 10_000), (sqlite, 10_000)):
        if url:
            asyncio.run(compare(url, threads or usual, long, calls))


if __name__ == "__main__":
    app()
