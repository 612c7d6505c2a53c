"""Databases that `benchmarks.scale` compares, which the server fills itself with conversations held side by side."""

from __future__ import annotations

import random
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from langgraph.checkpoint.base import empty_checkpoint
from sqlalchemy import insert, literal, make_url, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import MESSAGES, METADATA, THREADS

START = datetime(2026, 1, 1, tzinfo=UTC)
CONTENT = "what a user says in one message of a conversation, in a few lines of text. " * 4
EACH = 100  # messages a thread
STEPS = 10  # checkpoints a graph
AGENTS = 4
LONG = "long"
COLUMNS = ["thread_id", "position", "role", "content", "metadata", "created_at"]
FASTER = {
    "postgresql": ("SET session_replication_role = replica", "SET synchronous_commit = off"),
    **dict.fromkeys(
        ("mysql", "mariadb"),
        ("SET SESSION foreign_key_checks = 0", "SET SESSION unique_checks = 0", "SET SESSION sql_log_bin = 0"),
    ),
}
GRAPH_TABLES = [name for name in METADATA.tables if "_graph_" in name]


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
    """Threads of `EACH` messages, written side by side, and one of `long`: the server copies rows itself.

    MySQL keeps rows in the order of their key, whenever they were written: there, one range of threads after the other.
    """
    await store.create_thread(LONG, "long", "agent-0")
    await store.add_messages(LONG, [{"role": "user", "content": f"{n} {CONTENT}"} for n in range(1000)])
    async with unchecked(store) as connection:
        for first in range(0, threads, 1000):
            rows = [thread(number, threads) for number in range(first, min(first + 1000, threads))]
            await connection.execute(insert(THREADS), rows)
        await connection.commit()
        step = 1000 if store.engine.dialect.name in ("mysql", "mariadb") else threads
        for first in range(0, threads, step):
            for position in range(EACH):
                here = THREADS.c.id.between(name(first), name(first + step - 1))
                message: list[Any] = [literal(each) for each in (position, "user", f"{position} {CONTENT}", "{}")]
                copied = select(THREADS.c.id, *message, THREADS.c.created_at).where(here)
                await connection.execute(insert(MESSAGES).from_select(COLUMNS, copied))
                await connection.commit()
                advance(min(step, threads - first))
        await lengthen(connection, long, advance)


async def lengthen(connection: AsyncConnection, long: int, advance: Callable[[int], None]) -> None:
    """Copy the messages of the longest thread, until there are so many."""
    there = 1000
    while there < long:
        more = min(there, long - there)
        here = (MESSAGES.c.thread_id == LONG, MESSAGES.c.position < more)
        others = [MESSAGES.c[column] for column in COLUMNS[2:]]
        again = select(MESSAGES.c.thread_id, MESSAGES.c.position + there, *others).where(*here)
        await connection.execute(insert(MESSAGES).from_select(COLUMNS, again))
        await connection.commit()
        there += more
        advance(more)
    await connection.execute(update(THREADS).where(THREADS.c.id == LONG).values(message_count=there))
    await connection.commit()


@asynccontextmanager
async def unchecked(store: SQLAlchemyStore) -> AsyncIterator[AsyncConnection]:
    """A connection that fills tables faster, if the user has the right to it: no keys are checked, no commit waits."""
    async with store.engine.connect() as connection:
        for setting in FASTER.get(store.engine.dialect.name, ()):
            with suppress(DBAPIError):
                await connection.execute(text(setting))
                await connection.commit()
            await connection.rollback()
        yield connection
        await connection.invalidate()  # the pool does not get it


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
            "v": 4,
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
