"""Compare ways to bring the messages of agentomatic's own store into this package's tables.

    python -m benchmarks.moving --database postgresql --messages 100000

On a fresh database of the server, the platform's tables are filled with threads of 200 messages of 200 characters.
Then, in each round and in random order, they are stored by hand with one INSERT … SELECT, within the database by the
import, and by the import through this process into another database. Each way's rows are counted.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.moving import import_agentomatic
from benchmarks.bulk import now
from benchmarks.databases import NAMES, Database, Server, filling, fresh, servers

app = typer.Typer(pretty_exceptions_enable=False)
EACH = 200
CONTENT = ("what a user says in one message of a conversation. " * 4)[:200]
OURS = ("agentomatic_messages", "agentomatic_threads")

THREADS_BY_HAND = (
    "INSERT INTO agentomatic_threads (id, user_id, agent_name, metadata, message_count, created_at, updated_at) "
    "SELECT t.id, t.user_id, t.agent_name, '{}', count(m.id), t.created_at, t.updated_at "
    "FROM threads t LEFT JOIN messages m ON m.thread_id = t.id "
    "GROUP BY t.id, t.user_id, t.agent_name, t.created_at, t.updated_at"
)
MESSAGES_BY_HAND = (
    "INSERT INTO agentomatic_messages (thread_id, position, id, role, content, metadata, created_at) "
    "SELECT thread_id, row_number() OVER (PARTITION BY thread_id ORDER BY created_at, id) - 1, "
    "id, role, content, CAST(metadata_json AS {text}), created_at FROM messages"
)


async def prepare(database: Database, messages: int) -> None:
    """Make and fill the platform's tables, and make ours."""
    from agentomatic.storage.models import Base  # it takes seconds

    engine = create_async_engine(database.driver_url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    async with SQLAlchemyStore(database.url):
        pass
    at, names = now(), [f"thread_{number:012}" for number in range(messages // EACH)]
    async with filling(database) as bulk:
        columns = ["id", "user_id", "agent_name", "metadata_json", "created_at", "updated_at", "message_count"]
        await bulk.insert("threads", columns, [(name, "ada", "agent", "{}", at, at, EACH) for name in names])
        columns = ["id", "thread_id", "role", "content", "metadata_json", "created_at"]
        rows = [
            (number + 1, names[number % len(names)], "user", CONTENT, "{}", at) for number in range(len(names) * EACH)
        ]
        await bulk.insert("messages", columns, rows)
        await bulk.settle(["threads", "messages"])


async def emptied(database: Database) -> None:
    async with filling(database) as bulk:
        for table in OURS:
            await bulk.run(f"DELETE FROM {table}")
        await bulk.settle(OURS)


async def by_hand(database: Database, _other: Database) -> Database:
    text = "CHAR" if database.name in ("mysql", "mariadb") else "TEXT"
    async with filling(database) as bulk:
        for statement in (THREADS_BY_HAND, MESSAGES_BY_HAND):
            await bulk.run(statement.replace("{text}", text))
    return database


async def within(database: Database, _other: Database) -> Database:
    await import_agentomatic(database.url, database.url)
    return database


async def through(database: Database, other: Database) -> Database:
    url = make_url(database.url)
    if database.name != "sqlite":
        url = url.update_query_dict({"connect_timeout": "9"})  # for another URL the server is taken for another one
    await import_agentomatic(url, other.url)
    return other


WAYS: dict[str, Callable[[Database, Database], Awaitable[Database]]] = {
    "by hand": by_hand,
    "within the database": within,
    "through the client": through,
}


async def measure(server: Server, messages: int, rounds: int) -> dict[str, list[float]]:
    """Return the rows a second of each way in each round."""
    rates: dict[str, list[float]] = {name: [] for name in WAYS}
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(fresh(server))
        await prepare(database, messages)
        for _round in range(rounds):
            for name in random.sample([*WAYS], len(WAYS)):
                async with fresh(server) as other:
                    async with SQLAlchemyStore(other.url):
                        pass
                    await emptied(database)
                    begun = time.perf_counter()
                    stored = await WAYS[name](database, other)
                    rates[name].append(messages / (time.perf_counter() - begun))
                    async with filling(stored) as bulk:
                        found = await bulk.value("SELECT count(*) FROM agentomatic_messages WHERE position < 200")
                        assert found == messages, f"{name} stored {found}"
    return rates


@app.command()
def main(
    database: Annotated[str, typer.Option(help=f"One of {', '.join(NAMES)}.")] = "sqlite",
    messages: int = 100_000,
    rounds: int = 3,
    folder: Annotated[Path | None, typer.Option(help="For SQLite's files.")] = None,
) -> None:
    """Print the rows a second of each way, and their ratio to those by hand."""

    async def run() -> tuple[Server, dict[str, list[float]]]:
        with servers(folder) as finder:
            server = await finder.describe(database, await asyncio.to_thread(finder.url, database))
            return server, await measure(server, messages - messages % EACH, rounds)

    server, rates = asyncio.run(run())
    print(f"{server.name} {server.version}: {messages:,} messages, {rounds} rounds")
    for name, found in rates.items():
        ratios = [rate / other for rate, other in zip(found, rates["by hand"], strict=True)]
        print(f"{name:20} {statistics.median(found):10,.0f} rows a second {statistics.median(ratios):5.2f}")


if __name__ == "__main__":
    app()
