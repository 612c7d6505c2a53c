"""A call on SQLite that is cancelled, wherever it waits: it ends, has done all or nothing, and leaves nothing."""

from __future__ import annotations

import asyncio
import gc
import shutil
import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.dialects.types import UtcTime
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_NAMESPACES, METADATA
from tests.support.cancelling import Cancel, after, before, cancelled_at, twice
from tests.support.checkpoints import LONG, checkpoint, config, grow, listed, metadata

_SECONDS = 5
"""A busy connection waits thirty for another's lock: one that is left behind shows."""

_DRAWN = {"segment", "segments", "body", "token", "epoch", "version", "namespace_id"}
"""Columns with random numbers: of segments, tokens, epochs, and the namespaces of graphs."""

_GRAPH = config("graph", "", "0")
_NEW = checkpoint({"messages": [LONG] * 4, "other": LONG}, {"messages": "9", "other": "1"}, checkpoint_id="9")

CALLS: dict[str, Callable[[SQLAlchemyStore, SQLAlchemySaver], Awaitable[Any]]] = {
    "create_thread": lambda store, _: store.create_thread("new", "ada", "agent"),
    "update_thread": lambda store, _: store.update_thread("t", title="new", metadata={"new": True}),
    "delete_thread": lambda store, _: store.delete_thread("t"),
    "add_messages": lambda store, _: store.add_messages("t", [{"role": "user", "content": "new"}] * 3),
    "add_feedback": lambda store, _: store.add_feedback("t", "ada", "agent", rating=1),
    "save_suspended_state": lambda store, _: store.save_suspended_state("a", "t", "agent", "other", {"new": True}),
    "claim_suspended_state": lambda store, _: store.claim_suspended_state("a"),
    "delete_suspended_state": lambda store, _: store.delete_suspended_state("a"),
    "cleanup_expired_states": lambda store, _: store.cleanup_expired_states(),
    "fork_thread": lambda store, _: store.fork_thread("t", 1, "new", checkpoints=True),
    "save_checkpoint": lambda store, _: store.save_checkpoint("t", "", "c2", "c1", {"new": True}, {}),
    "create_invocation_log": lambda store, _: store.create_invocation_log(agent_name="agent", log_id="new"),
    "get_messages": lambda store, _: store.get_messages("t"),
    "list_checkpoints": lambda store, _: store.list_checkpoints("graph", ""),
    "aput": lambda _, saver: saver.aput(_GRAPH, _NEW, metadata(run_id="run"), {"messages": "9", "other": "1"}),
    "aput_writes": lambda _, saver: saver.aput_writes(_GRAPH, [("x", 1), ("y", LONG)], "task"),
    "aget_tuple": lambda _, saver: saver.aget_tuple(config("graph")),
    "alist": lambda _, saver: listed(saver, config("graph")),
    "acopy_thread": lambda _, saver: saver.acopy_thread("graph", "new"),
    "aprune": lambda _, saver: saver.aprune(["graph"]),
    "adelete_for_runs": lambda _, saver: saver.adelete_for_runs(["run"]),
    "adelete_thread": lambda _, saver: saver.adelete_thread("graph"),
}


class Content:
    """The rows of a store's database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        connection.execute("PRAGMA synchronous = OFF")
        self._tables = [*METADATA.tables, "sqlite_sequence"]
        connection.execute("ATTACH ':memory:' AS kept")
        for table in self._tables:
            connection.execute(f"CREATE TABLE kept.old_{table} AS SELECT * FROM main.{table}")
        self._queries = [
            str(
                select(
                    *(
                        column
                        for column in table.c
                        if not (
                            isinstance(column.type, UtcTime) or column.name in _DRAWN or column is GRAPH_NAMESPACES.c.id
                        )
                    )
                )
            )
            for table in METADATA.sorted_tables
        ]

    def restore(self) -> None:
        """Restore the rows of the beginning."""
        self._connection.execute("BEGIN IMMEDIATE")
        for table in self._tables:
            self._connection.execute(f"DELETE FROM main.{table}")
            self._connection.execute(f"INSERT INTO main.{table} SELECT * FROM kept.old_{table}")
        self._connection.execute("COMMIT")

    def read(self) -> list[list[tuple[Any, ...]]]:
        """All rows of all tables, but for what differs from one call to the next."""
        return [sorted(self._connection.execute(query), key=repr) for query in self._queries]


def is_alone(connection: sqlite3.Connection) -> bool:
    """Return whether the database has no other connection: only then can a file leave WAL."""
    try:
        (mode,) = connection.execute("PRAGMA main.journal_mode = DELETE").fetchone()
    except sqlite3.OperationalError:
        return False
    return bool(mode != "wal")


@pytest.fixture(autouse=True)
def uncollected() -> Iterator[None]:
    """Keep objects that only the garbage collector would free."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with something to change and to remove of every kind."""
    path = tmp_path_factory.mktemp("filled") / "store.db"

    async def fill() -> None:
        async with SQLAlchemyStore(f"sqlite:///{path}") as store:
            await store.create_thread("t", "ada", "agent", title="old")
            await store.add_messages("t", [{"role": "user", "content": f"old {n}"} for n in range(3)])
            await store.add_feedback("t", "ada", "agent", rating=5)
            await store.save_suspended_state("a", "t", "agent", "node", {"old": True})
            await store.save_suspended_state("expired", "t", "agent", "node", {}, ttl=timedelta(microseconds=1))
            for name in ("c1", "c2"):
                await store.save_checkpoint("t", "", name, None, {"old": True}, {})
            saver = SQLAlchemySaver(store)
            where = (await grow(saver, config("graph"), [LONG] * 3, run_id="run"))[-1]
            await saver.aput_writes(where, [("x", LONG)], "other task")

    asyncio.run(fill())
    gc.collect()  # the connections that other tests left
    return path


@pytest.fixture(params=["sqlite", "sqlite-memory"])
def opened(
    request: pytest.FixtureRequest, filled: Path, tmp_path: Path
) -> Iterator[tuple[SQLAlchemyStore, sqlite3.Connection]]:
    """A store that is filled and has not connected yet, and a connection beside it, which waits for nobody's lock."""
    in_memory = request.param == "sqlite-memory"
    store = SQLAlchemyStore("sqlite://" if in_memory else f"sqlite:///{tmp_path}/store.db")
    name = f"{store.engine.url.database}{'?mode=memory&cache=shared' if in_memory else ''}"
    with closing(sqlite3.connect(name, uri=in_memory, timeout=0)) as connection:
        with closing(sqlite3.connect(filled)) as source:
            source.backup(connection)
        yield store, connection


def _workers() -> list[threading.Thread]:
    """The threads of SQLite's connections."""
    return [thread for thread in threading.enumerate() if "_connection_worker_thread" in thread.name]


async def _cleared_up(store: SQLAlchemyStore) -> None:
    """Wait until there is no connection but the pool's, and no task but this one."""
    pool: Any = store.engine.pool
    async with asyncio.timeout(_SECONDS):
        while len(_workers()) > pool.checkedin() or len(asyncio.all_tasks()) > 1:
            await asyncio.sleep(0)
    assert pool.checkedout() == 0


async def _is_cancelled(work: Awaitable[Any], cancel: Cancel, at: int) -> bool:
    """Await something that is cancelled at its wait of this number, if it has so many; whether it ended so."""
    async with asyncio.timeout(_SECONDS):
        task = asyncio.create_task(_awaited(cancelled_at(work, cancel, at)))
        await asyncio.wait({task})
    return task.cancelled() or not await task


async def _awaited(work: Awaitable[Any]) -> bool:
    await work
    return True


@pytest.mark.parametrize("cancel", [before, after, twice])
@pytest.mark.parametrize("name", CALLS)
async def test_a_cancelled_call_has_done_all_or_nothing(
    opened: tuple[SQLAlchemyStore, sqlite3.Connection], name: str, cancel: Cancel
) -> None:
    """Wherever it waits; then nothing of it is left, and the next writer gets the database at once."""
    store, beside = opened
    database = Content(beside)
    async with store:
        nothing = database.read()
        await CALLS[name](store, SQLAlchemySaver(store))
        everything = database.read()
        cancelled, at = True, 0
        while cancelled:
            database.restore()
            cancelled = await _is_cancelled(CALLS[name](store, SQLAlchemySaver(store)), cancel, at)
            await _cleared_up(store)
            assert database.read() in ((nothing, everything) if cancelled else (everything,)), at
            at += 1
    await _cleared_up(store)
    assert is_alone(beside)
    assert at > 2


@pytest.mark.parametrize("cancel", [before, after, twice])
async def test_a_store_that_is_cancelled_while_it_connects_leaves_no_connection(
    filled: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, cancel: Cancel
) -> None:
    """Wherever it waits, from its beginning to the end of its first call; and it works on."""
    path = tmp_path / "store.db"
    shutil.copy(filled, path)
    cancelled, at = True, 0
    while cancelled:
        store = SQLAlchemyStore(f"sqlite:///{path}")
        cancelled = await _is_cancelled(store.add_message("t", "user", "new"), cancel, at)
        await _cleared_up(store)
        await store.add_message("t", "user", "newer")
        await store.close()
        await _cleared_up(store)
        with closing(sqlite3.connect(path, timeout=0)) as beside:
            assert is_alone(beside), at
        at += 1
    gc.collect()  # a task that fails and that nobody waits for complains when it is freed
    assert caplog.messages == []
    assert at > 10
