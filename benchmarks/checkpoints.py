"""LangGraph's savers and ours, side by side: what a step takes, what a graph's run takes, what a thread takes on disk.

    python -m benchmarks.checkpoints step  --postgresql postgresql://postgres@localhost/bench
    python -m benchmarks.checkpoints graph --postgresql … --delay 1
    python -m benchmarks.checkpoints size  --postgresql … --sqlite /tmp/bench

Rounds are interleaved, so that whatever else the machine does befalls all of them; a ratio is that of one round, and
the table has the median and the range over the rounds. Every result is checked: the messages that come back are those
that were stored. `--postgresql` is a database beside which others may be made (a saver gets one of its own, dropped in
the end), `--sqlite` a folder for files. Needs the packages of LangGraph's savers, psycopg and psycopg_pool.
"""

from __future__ import annotations

import asyncio
import operator
import random
import statistics
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypedDict

import asyncpg
import typer
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.checkpoint.base import empty_checkpoint
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from rich.console import Console
from rich.table import Table

from agentomatic_sql.langgraph import SQLAlchemySaver
from benchmarks.proxy import delaying
from benchmarks.raw_saver import RawSaver

Saver = Any
Contender = Callable[[str, int], AbstractAsyncContextManager[Saver]]

WORDS = (
    "the of and a to in is you that it he was for on are as with his they at be this have from or one had by word but "
    "not what all were we when your can said there use an each which she do how their if will up other about out many "
    "then them these so some her would make like him into time has look two more write go see number no way could "
    "people my than first water been call who oil its now find long down day did get come made may part"
).split()

console = Console()
app = typer.Typer(add_completion=False, help=__doc__)


def message(number: int) -> AnyMessage:
    """A message of about 600 bytes of English words, with a question now and then."""
    source = random.Random(number)
    text = " ".join(source.choices(WORDS, k=125)) + (" Is it?" if number % 3 else ".")
    kind = HumanMessage if number % 2 else AIMessage
    return kind(text, id=str(uuid.UUID(int=source.getrandbits(128))))


MESSAGES = [message(number) for number in range(1000)]


# contenders


def raw(url: str, connections: int) -> AbstractAsyncContextManager[Saver]:
    return RawSaver(url, connections)


def ours(url: str, _connections: int) -> AbstractAsyncContextManager[Saver]:
    return SQLAlchemySaver(url)  # with its defaults, as users have it


@asynccontextmanager
async def langgraph_postgres(url: str, connections: int) -> Any:
    options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    pool: Any = AsyncConnectionPool(url, min_size=connections, max_size=connections, kwargs=options, open=False)
    async with pool:
        saver = AsyncPostgresSaver(pool)
        await saver.setup()
        yield saver


@asynccontextmanager
async def langgraph_sqlite(path: str, _connections: int) -> Any:
    async with AsyncSqliteSaver.from_conn_string(path) as saver:
        await saver.setup()
        yield saver


# workloads


async def steps(saver: Saver, thread_id: str, first: int, count: int, every: int) -> None:
    """`count` supersteps on a thread of `first` messages: aput, aput_writes and, each `every` steps, aget_tuple."""
    latest = {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
    where: Any = latest
    messages = list(MESSAGES[:first])
    versions: dict[str, Any] = {}
    version = None
    for step in range(count):
        version = saver.get_next_version(version, None)
        new = dict.fromkeys(("messages", "count", "branch:to:agent", *(() if step else ("topic",))), version)
        versions = {**versions, **new}
        messages = [*messages, MESSAGES[first + step]]
        checkpoint: Any = empty_checkpoint()
        del checkpoint["pending_sends"]
        checkpoint |= {
            "v": 4,
            "id": str(uuid6(clock_seq=step)),
            "channel_versions": versions,
            "versions_seen": {"__input__": {}, "agent": {"branch:to:agent": version}},
            "channel_values": {
                "messages": messages,
                "count": step,
                "topic": {"about": "words"},
                "branch:to:agent": None,
            },
        }
        metadata = {"source": "loop", "step": step, "parents": {}, "run_id": thread_id}
        where = await saver.aput(where, checkpoint, metadata, new)
        writes = [("messages", [MESSAGES[first + step + 1]]), ("count", step + 1), ("branch:to:agent", None)]
        await saver.aput_writes(where, writes, str(uuid.uuid4()), "~__pregel_pull, agent")
        if step % every == every - 1:
            found = await saver.aget_tuple(latest)
            assert found.checkpoint["channel_values"]["messages"] == messages
            assert found.checkpoint["id"] == checkpoint["id"]


class State(TypedDict, total=False):
    messages: Annotated[list[AnyMessage], add_messages]
    log: Annotated[list[str], operator.add]


def three_nodes(saver: Saver) -> Any:
    builder: Any = StateGraph(State)
    names = ("plan", "act", "answer")
    for place, name in enumerate(names):
        reply = MESSAGES[900 + place]
        builder.add_node(name, lambda _state, name=name, reply=reply: {"messages": [reply], "log": [name]})
    for before, after in zip((START, *names), (*names, END), strict=True):
        builder.add_edge(before, after)
    return builder.compile(checkpointer=saver)


async def graph_runs(saver: Saver, thread_id: str, runs: int) -> None:
    """Runs of a graph of three nodes, one after the other on one thread."""
    graph = three_nodes(saver)
    for turn in range(runs):
        result = await graph.ainvoke({"messages": [MESSAGES[turn]]}, {"configurable": {"thread_id": thread_id}})
        assert len(result["log"]) == 3 * (turn + 1)


# measuring


async def timed(work: Callable[[Saver, str], Awaitable[None]], saver: Saver, at_once: int) -> float:
    begun = time.perf_counter()
    await asyncio.gather(*(work(saver, uuid.uuid4().hex) for _ in range(at_once)))
    return time.perf_counter() - begun


async def compare(
    title: str, contenders: dict[str, tuple[Contender, str]], work: Any, at_once: int, rounds: int, operations: int
) -> None:
    """Interleaved rounds; the first contender is the yardstick."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    async with AsyncExitStack() as stack:
        savers = {}
        for name, (make, where) in contenders.items():
            at = where if where.startswith(("/", "sqlite")) else await stack.enter_async_context(fresh(where))
            savers[name] = await stack.enter_async_context(make(at, at_once))
        for number in range(rounds + 1):
            order = list(savers)
            random.shuffle(order)
            for name in order:
                took = await timed(work, savers[name], at_once)
                if number:  # the first warms everything up
                    seconds[name].append(took)
    base = next(iter(contenders))
    table = Table(title=title)
    for heading in ("saver", "a second, median", f"x {base}, median", "range"):
        table.add_column(heading, justify="left" if heading == "saver" else "right")
    for name, rounds_of in seconds.items():
        ratios = [yard / own for yard, own in zip(seconds[base], rounds_of, strict=True)]
        rate = at_once * operations / statistics.median(rounds_of)
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        table.add_row(name, f"{rate:.0f}", f"{statistics.median(ratios):.2f}", spread)
    console.print(table)


def on_postgresql(url: str) -> dict[str, tuple[Contender, str]]:
    return {"raw": (raw, url), "agentomatic-sql": (ours, url), "AsyncPostgresSaver": (langgraph_postgres, url)}


def on_sqlite(folder: str) -> dict[str, tuple[Contender, str]]:
    folder = str(Path(folder).absolute())
    Path(folder).mkdir(parents=True, exist_ok=True)
    return {
        "AsyncSqliteSaver": (langgraph_sqlite, f"{folder}/langgraph-{uuid.uuid4().hex}.db"),
        "agentomatic-sql": (ours, f"sqlite:///{folder}/ours-{uuid.uuid4().hex}.db"),
    }


POSTGRESQL = typer.Option(None, help="URL of a database that may be filled.")
SQLITE = typer.Option(None, help="Folder for files.")


@app.command()
def step(postgresql: str = POSTGRESQL, sqlite: str = SQLITE, rounds: int = 7, count: int = 60, every: int = 1) -> None:
    """aput + aput_writes + aget_tuple a superstep, on threads that begin with 40 messages."""

    async def work(saver: Saver, thread_id: str) -> None:
        await steps(saver, thread_id, 40, count, every)

    for at_once in (1, 16):
        for name, found in (("PostgreSQL", postgresql), ("SQLite", sqlite)):
            if found:
                contenders = on_postgresql(found) if name == "PostgreSQL" else on_sqlite(found)
                title = f"{name}: steps, {at_once} at once"
                asyncio.run(compare(title, contenders, work, at_once, rounds, count))


@app.command()
def graph(postgresql: str = typer.Option(...), delay: float = 1.0, rounds: int = 7, runs: int = 4) -> None:
    """A graph of three nodes, end to end, 16 at once, behind a proxy that delays every answer by `delay` ms."""

    async def work(saver: Saver, thread_id: str) -> None:
        await graph_runs(saver, thread_id, runs)

    with delaying(postgresql, delay / 1000) as url:
        title = f"PostgreSQL: runs of a graph of three nodes, 16 at once, {delay:g} ms away"
        asyncio.run(compare(title, on_postgresql(url), work, 16, rounds, runs))


@app.command()
def size(postgresql: str = POSTGRESQL, sqlite: str = SQLITE, count: int = 200, first: int = 0) -> None:
    """Measure a thread's size on disk after `count` steps, and after twice as many."""
    table = Table(title=f"Bytes of one thread that begins with {first} messages")
    for heading in ("database", "saver", f"{count} steps", f"{2 * count} steps", "twice / once", "of LangGraph's"):
        table.add_column(heading, justify="left" if heading in ("database", "saver") else "right")
    for name, found in (("PostgreSQL", postgresql), ("SQLite", sqlite)):
        if found:
            contenders = on_postgresql(found) if name == "PostgreSQL" else on_sqlite(found)
            contenders.pop("raw", None)
            sizes = {one: asyncio.run(sized(name, *contenders[one], first, count)) for one in contenders}
            theirs = next(taken for one, taken in sizes.items() if one != "agentomatic-sql")
            for one, (once, twice) in sizes.items():
                share = f"{once / theirs[0]:.1%}, {twice / theirs[1]:.1%}"
                table.add_row(name, one, f"{once:,}", f"{twice:,}", f"{twice / once:.2f}", share)
    console.print(table)


async def sized(name: str, make: Contender, where: str, first: int, count: int) -> tuple[int, int]:
    """The bytes in a database of its own, after `count` steps and after twice as many."""
    taken = []
    for length in (count, 2 * count):
        async with AsyncExitStack() as stack:
            at = f"{where}.{length}" if name == "SQLite" else await stack.enter_async_context(fresh(where))
            async with make(at, 1):  # its tables
                pass
            empty = await bytes_in(name, at)
            async with make(at, 1) as saver:
                await steps(saver, uuid.uuid4().hex, first, length, 10**9)
            taken.append(await bytes_in(name, at) - empty)
    return taken[0], taken[1]


@asynccontextmanager
async def fresh(url: str) -> Any:
    """A database of its own beside the one of the URL, for as long as it is measured."""
    made = f"bench_{uuid.uuid4().hex[:12]}"
    base, _, _ = url.rpartition("/")
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE DATABASE {made}")
    try:
        yield f"{base}/{made}"
    finally:
        await connection.execute(f"DROP DATABASE {made} WITH (FORCE)")
        await connection.close()


async def bytes_in(name: str, at: str) -> int:
    """All tables, indexes and TOAST of a database; a file with its journal."""
    if name == "SQLite":
        files = [Path(at.removeprefix("sqlite:///") + end) for end in ("", "-wal")]
        return sum(file.stat().st_size for file in files if file.exists())
    connection = await asyncpg.connect(at)
    total = await connection.fetchval(
        "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    await connection.close()
    return int(total)


if __name__ == "__main__":
    app()
