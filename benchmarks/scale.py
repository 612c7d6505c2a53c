"""Compare operations in a large database with the same operations in one a hundredth of the size.

    python -m benchmarks.scale --postgresql postgresql://postgres@localhost/bench
    python -m benchmarks.scale --sqlite /tmp/bench --mysql mariadb://root@localhost/bench

A server's URL names a database beside which others may be made; they are dropped in the end, as are the files. Every
call asks for one of a few hundred threads that were chosen by chance, and touched once before: a working set, as
users who are at work at this moment are. With `--uniform`, each call asks for a thread that none has asked for: on a
server with less memory than data, most answers come from the disk. Both databases are asked in turn, so that whatever
else the machine does befalls both; each answer is checked.
"""

from __future__ import annotations

import asyncio
import random
import resource
import statistics
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
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
from agentomatic_sql.tables import MESSAGES, METADATA, THREADS

app = typer.Typer(pretty_exceptions_enable=False)
console = Console()
START = datetime(2026, 1, 1, tzinfo=UTC)
CONTENT = "what a user says in one message of a conversation, in a few lines of text. " * 4
EACH = 100  # messages a thread
STEPS = 10  # checkpoints a graph
AGENTS = 4
WORKING_SET = 200
DELETIONS = 10
LONG = "long"
GRAPH_TABLES = [name for name in METADATA.tables if "_graph_" in name]
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
    """Threads of `EACH` messages, written side by side, and one of `long`.

    MySQL keeps rows in the order of their key, whenever they were written: there, one range of threads after the other.
    """
    for first in range(0, threads, 1000):
        rows = [thread(number, threads) for number in range(first, min(first + 1000, threads))]
        async with store.engine.begin() as connection:
            await connection.execute(insert(THREADS), rows)
    columns = ["thread_id", "position", "role", "content", "metadata", "created_at"]
    step = 1000 if store.engine.dialect.name in ("mysql", "mariadb") else threads
    for first in range(0, threads, step):
        for position in range(EACH):
            message: list[Any] = [literal(position), literal("user"), literal(f"{position} {CONTENT}"), literal("{}")]
            rows_of_all = select(THREADS.c.id, *message, THREADS.c.created_at).where(
                THREADS.c.id.between(name(first), name(first + step - 1))
            )
            async with store.engine.begin() as connection:
                await connection.execute(insert(MESSAGES).from_select(columns, rows_of_all))
            advance(min(step, threads - first))
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
    url: str, threads: int, long: int, graphs: int, page: int, ask: int, advance: Callable[[int], None]
) -> AsyncIterator[Filled]:
    """A database of its own, filled, with up-to-date statistics, for calls that `ask` for so many threads."""
    async with AsyncExitStack() as stack:
        at = await stack.enter_async_context(fresh(url))
        store = await stack.enter_async_context(SQLAlchemyStore(at))
        await fill(store, threads, long, advance)
        saver = SQLAlchemySaver(store)
        await run_graph(saver, name(0))
        for number in range(1, graphs):
            await saver.acopy_thread(name(0), name(number))
        await settle(store)
        source = random.Random(1)
        chosen = [name(source.randrange(threads)) for _ in range(ask)]
        graph_ids = [name(source.randrange(graphs)) for _ in range(ask)]
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


SIZES = {
    "postgresql": "SELECT pg_total_relation_size('{}')",
    "sqlite": "SELECT sum(pgsize) FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = '{}')",
    "mysql": "SELECT data_length + index_length FROM information_schema.tables "
    "WHERE table_schema = database() AND table_name = '{}'",
}


async def size(at: Filled, tables: Iterable[str]) -> int:
    """Return the bytes of tables with their indexes."""
    name = at.store.engine.dialect.name
    async with at.store.engine.connect() as connection:
        if name == "mysql":  # MariaDB has no such variable, and keeps no old figures
            await connection.execute(text("SET SESSION information_schema_stats_expiry = 0"))
        query = SIZES["mysql" if name == "mariadb" else name]
        return sum([(await connection.execute(text(query.format(one)))).scalar_one() for one in tables])


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
    with Progress(console=console, transient=True) as progress:
        total = threads * EACH + threads // 100 * EACH + long + long // 100
        task = progress.add_task("filling", total=total)

        def advance(done: int) -> None:
            progress.advance(task, done)

        async with (
            filled(url, threads // 100, short, max(graphs // 100, 20), page, ask, advance) as small,
            filled(url, threads, long, graphs, page, ask, advance) as large,
        ):
            progress.update(task, description="measuring")
            each = [await size(large, [MESSAGES.name]) / (threads * EACH + long)]
            each.append(await size(large, GRAPH_TABLES) / (graphs * STEPS))
            took = await measure(small, large, calls, uniform=uniform)
            deleted = min(10_000, short)
            took[f"deletion of a thread of {deleted:,}"] = await deletion(small, large, deleted)
            count, grown = await growth(large)
    shown = Table(title=f"{large.store.engine.dialect.name}: {threads * EACH + long:,} messages, {threads:,} threads")
    for heading in ("operation", "ms, a hundredth", "p99", "ms", "p99", "ratio"):
        shown.add_column(heading, justify="left" if heading == "operation" else "right")
    for title, (less, more) in took.items():
        cells = (f"{seconds * 1000:.2f}" for seconds in (*less, *more))
        shown.add_row(title, *cells, f"{more.median / less.median:.2f}")
    console.print(shown)
    console.print(f"{each[0]:.0f} bytes a message, {each[1]:.0f} bytes a checkpoint, with their indexes")
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
    uniform: bool = typer.Option(False, help="Each call asks for a thread that none has asked for."),
) -> None:
    """Measure."""
    for url, usual in ((postgresql, 100_000), (mysql, 10_000), (sqlite, 10_000)):
        if url:
            asyncio.run(compare(url, threads or usual, long, calls, uniform=uniform))


if __name__ == "__main__":
    app()
