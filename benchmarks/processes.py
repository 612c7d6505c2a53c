"""Appends from several processes at once, on one server: whether the sum grows, and what the server does then.

    python -m benchmarks.processes --db postgresql
    python -m benchmarks.processes --db mysql --processes 1,2,4,8 --seconds 5
    python -m benchmarks.processes --db postgresql --pgbouncer
    python -m benchmarks.processes --db postgresql --pooler 'postgresql://postgres@localhost:6432/bench?pgbouncer=true'

Every process is a client of its own with `TASKS` tasks, which append to threads of their own or all to one thread. The
processes begin at the same moment. At the end it is looked whether everything acknowledged is stored once and counted.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import product
from multiprocessing.connection import Connection
from typing import NamedTuple

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import make_url

from benchmarks import databases
from benchmarks.contenders import find
from benchmarks.contenders.base import Limits
from benchmarks.contenders.schema import OurTables
from benchmarks.databases import Database, Server, filling
from benchmarks.workloads.base import METADATA, TEXT

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
console = Console()
CONTENDERS = ("raw", "agentomatic-sql")
TASKS = 10
"""Of a process, and its connections: eight processes have fewer than the 100 that PostgreSQL takes by default."""
POOLED = 20
"""Connections of pgbouncer to the server: its own default."""
HOT = "hot"
"""The thread that all processes append to."""
_STATUS = "SELECT variable_value FROM {}.global_status WHERE variable_name = '{}'"
_STATEMENTS = "performance_schema.events_statements_summary_global_by_event_name"
SERVER = {
    "postgresql": {
        "transactions": "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint",  # of those that write
        "flushes": "SELECT wal_sync FROM pg_stat_wal",  # which a server process reports once a second
    },
    "postgresql 18": {
        "transactions": "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
        "flushes": "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'",
    },
    "mysql": {  # whose tables do not have the status Com_commit
        "transactions": f"SELECT count_star FROM {_STATEMENTS} WHERE event_name = 'statement/sql/commit'",
        "flushes": _STATUS.format("performance_schema", "Innodb_data_fsyncs"),
    },
    "mariadb": {
        "transactions": _STATUS.format("information_schema", "Com_commit"),
        "flushes": _STATUS.format("information_schema", "Innodb_data_fsyncs"),
    },
}
"""The server's own counters: of transactions, and of how often it waited for the disk."""


class Work(NamedTuple):
    """The task of one process."""

    contender: str
    database: Database
    """Where it connects; perhaps a pooler."""
    number: int
    hot: bool
    seconds: float

    @property
    def threads(self) -> list[str]:
        """The thread of each task."""
        return [HOT if self.hot else f"{self.number}-{task}" for task in range(TASKS)]


class Took(NamedTuple):
    """The work of all processes in a round, a second; `commits` and `flushes` are by the server's counters."""

    appends: float
    commits: float
    flushes: float


def run(work: Work, parent: Connection) -> None:
    """A process: connect, say so, wait for the word, append for a time, say how often."""
    asyncio.run(_run(work, parent))


async def _run(work: Work, parent: Connection) -> None:
    contender = opened(work.contender, work.database)
    await contender.connect()
    appended, until = 0, 0.0

    async def append(thread_id: str) -> None:
        nonlocal appended
        while time.monotonic() < until:
            await contender.append(thread_id, "user", TEXT, METADATA)
            appended += 1

    try:
        # connections, and their prepared statements
        await asyncio.gather(*[contender.append(each, "user", TEXT, METADATA) for each in work.threads])
        parent.send(None)
        await asyncio.to_thread(parent.recv)
        begun = time.monotonic()
        until = begun + work.seconds
        await asyncio.gather(*[append(each) for each in work.threads])
        parent.send((TASKS + appended, appended / (time.monotonic() - begun)))
    finally:
        await contender.close()


def opened(name: str, database: Database) -> OurTables:
    kind = find(name, database.name)
    assert kind is not None
    assert issubclass(kind, OurTables)
    made = kind(database)
    made.limits = Limits(TASKS, TASKS)
    return made


async def measure(server: Server, name: str, processes: int, hot: bool, seconds: float, pooler: str | None) -> Took:
    """Measure a round, in a new database. The processes connect through the pooler, if there is one."""
    async with databases.fresh(server) as database:
        through = database if pooler is None else replaced(pooler, database)
        works = [Work(name, through, number, hot, seconds) for number in range(processes)]
        threads = sorted({each for work in works for each in work.threads})
        contender = opened(name, database)
        await contender.open()
        try:
            for each in threads:
                await contender.create_thread(each, "user", "agent")
            await contender.close()
            acknowledged, took = await asyncio.to_thread(together, works, database)
            await contender.connect()
            counts = [await contender.count(each) or 0 for each in threads]
            async with filling(database) as bulk:
                stored = await bulk.value(f"SELECT count(*) FROM {contender.messages_table}")
        finally:
            await contender.close()
    assert acknowledged == stored == sum(counts), f"{acknowledged} acknowledged, {stored} stored, {counts} counted"
    return took


def replaced(pooler: str, database: Database) -> Database:
    """Return the same database by another address."""
    url = make_url(pooler).set(database=make_url(database.url).database)
    return Database(database.name, url.render_as_string(hide_password=False))


def together(works: Sequence[Work], database: Database) -> tuple[int, Took]:
    """Run the processes, which begin at the same moment; returns how many appends were acknowledged in all."""
    spawning = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        parents = []
        for work in works:
            parent, child = spawning.Pipe()
            process = spawning.Process(target=run, args=(work, child), daemon=True)
            process.start()
            child.close()
            stack.callback(process.join)
            parents.append(stack.enter_context(parent))
        for parent in parents:
            parent.recv()
        before, begun = asyncio.run(counters(database)), time.monotonic()
        for parent in parents:
            parent.send(None)
        answers = [parent.recv() for parent in parents]
        lasted, after = time.monotonic() - begun, asyncio.run(counters(database))
    commits, flushes = ((now - then) / lasted for then, now in zip(before, after, strict=True))
    return sum(count for count, _rate in answers), Took(sum(rate for _count, rate in answers), commits, flushes)


async def counters(database: Database) -> list[float]:
    """Return the server's counters."""
    async with filling(database) as bulk:
        name = database.name
        if name == "postgresql" and int(await bulk.value("SELECT current_setting('server_version_num')")) >= 180_000:
            name = "postgresql 18"
        return [float(await bulk.value(query)) for query in SERVER[name].values()]


def median(rounds: Sequence[Took]) -> Took:
    return Took(*[statistics.median(values) for values in zip(*rounds, strict=True)])


def table(title: str, results: dict[tuple[int, bool, str], list[Took]]) -> Table:
    """Print the median of each."""
    shown = Table("threads", "processes", "contender", title=title)
    for heading in ("appends/s", "of one", "commits/s", "per commit", "flushes/s"):
        shown.add_column(heading, justify="right")
    firsts: dict[tuple[bool, str], float] = {}
    for (processes, hot, name), rounds in results.items():
        if rounds:
            took = median(rounds)
            first = firsts.setdefault((hot, name), took.appends)
            cells = [f"{took.appends:,.0f}", f"{took.appends / first:.2f}", f"{took.commits:,.0f}"]
            cells += [f"{took.appends / took.commits:.1f}", f"{took.flushes:,.0f}"]
            shown.add_row("one" if hot else "each its own", f"{processes}", name, *cells)
    return shown


@contextmanager
def in_front_of(server: Server, *, pgbouncer: bool, pooler: str | None) -> Iterator[str | None]:
    """The URL of a pooler before the server, if one is wanted; to start one needs the tests' own way of doing so."""
    if pooler or not pgbouncer:
        yield pooler
        return
    from tests.support import poolers

    with poolers.in_front_of(server.url, "pgbouncer", connections=POOLED) as url:
        yield url


@app.command()
def main(
    db: str = typer.Option("postgresql", help=f"Of {', '.join(SERVER)}."),
    processes: str = typer.Option("1,2,4,8", help="How many."),
    seconds: float = typer.Option(3.0, min=0.1, help="Length of a round."),
    rounds: int = typer.Option(3, min=1, help="Of each; in each round all take their turn."),
    pgbouncer: bool = typer.Option(False, "--pgbouncer", help="Through one that is started, in transaction mode."),
    pooler: str = typer.Option(None, help="URL of a pgbouncer before the same server, with ?pgbouncer=true."),
) -> None:
    """Measure."""
    if db not in SERVER:
        raise typer.BadParameter(f"{db} is none of {', '.join(SERVER)}", param_hint="--db")
    if db != "postgresql" and (pgbouncer or pooler):
        raise typer.BadParameter(f"pgbouncer is for postgresql, not for {db}", param_hint="--pgbouncer")
    keys = list(product([int(each) for each in processes.split(",")], (False, True), CONTENDERS))
    results: dict[tuple[int, bool, str], list[Took]] = {
        key: [] for key in sorted(keys, key=lambda key: (key[1], key[0]))
    }
    with databases.servers(None) as finder:
        server = asyncio.run(finder.describe(db, finder.url(db)))
        with (
            in_front_of(server, pgbouncer=pgbouncer, pooler=pooler) as through,
            Progress(console=console, transient=True) as progress,
        ):
            task = progress.add_task("measuring", total=rounds * len(keys))
            with suppress(KeyboardInterrupt):
                for _ in range(rounds):
                    for count, hot, name in random.sample(keys, len(keys)):
                        took = asyncio.run(measure(server, name, count, hot, seconds, through))
                        results[count, hot, name].append(took)
                        progress.advance(task)
    console.print(table(f"{server.name} {server.version}{', through pgbouncer' if through else ''}", results))


if __name__ == "__main__":
    app()
