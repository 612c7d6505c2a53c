"""The operations of a contender. It implements those that its library offers; the others raise `NotOffered`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from benchmarks.bulk import Rows
from benchmarks.databases import Database, filling

from .programs import Program

Record = dict[str, Any]

CONNECTIONS = 16
"""Of every contender on a server, but for agentomatic-sql, which has its own defaults."""

EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
AGENTS = 3


class NotOffered(Exception):
    """The contender has no such operation."""


class Limits(NamedTuple):
    """The connections of a pool that a contender makes: those that it opens at once, and the most that it may have."""

    least: int
    most: int


STEADY = Limits(CONNECTIONS, CONNECTIONS)
SHIPPED = Limits(0, 30)
"""Those of agentomatic-sql by default: it opens connections when calls need them."""


class Contender:
    """A store in a database of its own. Records are dicts with `content` at least; order is that of the answers."""

    limits = STEADY

    def __init__(self, database: Database) -> None:
        self.database = database

    async def open(self) -> None:
        """Make the tables and connect."""

    async def connect(self) -> None:
        """Connect to a database that has the tables."""
        raise NotOffered

    async def close(self) -> None: ...

    async def create_thread(self, thread_id: str, user_id: str, agent_name: str) -> Any:
        raise NotOffered

    async def append(self, thread_id: str, role: str, content: str, metadata: Record) -> Any:
        raise NotOffered

    async def append_many(self, thread_id: str, messages: Sequence[Record]) -> Any:
        """Messages with role, content and metadata, all or none."""
        raise NotOffered

    async def latest(self, thread_id: str, count: int) -> list[Record]:
        """The newest, the oldest of them first."""
        raise NotOffered

    async def page(self, thread_id: str, offset: int, limit: int) -> list[Record]:
        raise NotOffered

    async def count(self, thread_id: str) -> int | None:
        """The thread's counter; None where the contender keeps none."""
        return None

    async def list_user(self, user_id: str, limit: int) -> list[Record]:
        """A user's threads, the one updated last first."""
        raise NotOffered

    async def list_agent(self, agent_name: str, limit: int, offset: int) -> list[Record]:
        raise NotOffered

    async def list_agent_after(self, agent_name: str, limit: int, after: Record, offset: int) -> list[Record]:
        """Return a page of `list_agent`, found by the last thread of the page before; raw SQL has only the offset."""
        raise NotOffered

    async def fork(self, thread_id: str, last_index: int, new_id: str) -> Any:
        raise NotOffered

    async def delete(self, thread_id: str) -> Any:
        raise NotOffered

    async def stats(self) -> Record:
        """At least `threads` and `messages`."""
        raise NotOffered

    async def save_state(self, approval_id: str, thread_id: str, state: Record) -> Any:
        raise NotOffered

    async def claim_state(self, approval_id: str) -> Record | None:
        raise NotOffered

    async def add_feedback(self, thread_id: str, user_id: str, agent_name: str, rating: int, comment: str) -> Any:
        raise NotOffered

    async def feedback_count(self) -> int:
        raise NotOffered

    def saver(self) -> AbstractAsyncContextManager[Any]:
        """Its checkpoint saver for LangGraph."""
        raise NotOffered

    def program(self, thread_id: str) -> Program:
        """A program that connects to the database, and reads that thread or appends to it."""
        raise NotOffered

    def saver_program(self) -> Program:
        """A program with its checkpoint saver, whose query is for a thread that no graph has."""
        raise NotOffered

    def imports(self) -> str:
        """Return the imports of a program that uses the package and its driver."""
        return self.program("").imports

    def saver_imports(self) -> str:
        """Return the imports of a program that uses its checkpoint saver."""
        return self.saver_program().imports

    # what is not measured

    async def fill_threads(self, threads: Sequence[Record]) -> None:
        """Store threads (id, user_id, agent_name, at) in bulk."""
        raise NotOffered

    async def fill_messages(self, thread_id: str, contents: Sequence[str]) -> None:
        """Store a thread's messages in bulk."""
        raise NotOffered

    async def copy_messages(self, thread_id: str) -> None:
        """Give every other thread the messages of this one, as if all had been written side by side."""
        raise NotOffered

    async def settle(self) -> None:
        """After the tables were filled."""

    async def forget(self, thread_ids: Sequence[str]) -> None:
        """Remove threads, as a preparation."""
        for thread_id in thread_ids:
            await self.delete(thread_id)


class Filled(Contender):
    """Filling for tables with a row a thread and a row a message: subclasses name them and say what is in a row."""

    threads_table = "threads"
    messages_table = "messages"
    message_key = "thread_id"
    thread_columns: Sequence[str]
    message_columns: Sequence[str]

    def thread_row(self, thread: Mapping[str, Any]) -> tuple[Any, ...]:
        raise NotImplementedError

    def message_row(self, thread_id: str, position: int, content: str) -> tuple[Any, ...]:
        raise NotImplementedError

    async def fill_threads(self, threads: Sequence[Record]) -> None:
        await self._insert(self.threads_table, self.thread_columns, [self.thread_row(thread) for thread in threads])

    async def fill_messages(self, thread_id: str, contents: Sequence[str]) -> None:
        rows = [self.message_row(thread_id, position, content) for position, content in enumerate(contents)]
        await self._insert(self.messages_table, self.message_columns, rows)
        await self.set_counter(thread_id, len(contents))

    async def set_counter(self, thread_id: str, count: int) -> None:
        """Have the thread say how many messages it has."""

    async def copy_messages(self, thread_id: str) -> None:
        key, table, threads = self.message_key, self.messages_table, self.threads_table
        others = [name for name in self.message_columns if name != key]
        thread_key = self.thread_columns[0]
        async with filling(self.database) as bulk:
            # in the order of time, not thread by thread: that is how a table of conversations grows
            await bulk.run(
                f"INSERT INTO {table} ({key}, {', '.join(others)}) "
                f"SELECT t.{thread_key}, {', '.join(f'm.{name}' for name in others)} FROM {table} m "
                f"CROSS JOIN {threads} t WHERE m.{key} = '{thread_id}' AND t.{thread_key} <> '{thread_id}' "
                f"ORDER BY m.created_at, t.{thread_key}"
            )
            await self.copy_counter(bulk, thread_id)

    async def copy_counter(self, bulk: Any, thread_id: str) -> None:
        """Set all threads' counters to that of this one."""

    async def settle(self) -> None:
        async with filling(self.database) as bulk:
            await bulk.settle([self.threads_table, self.messages_table])

    async def _insert(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        async with filling(self.database) as bulk:
            await bulk.insert(table, columns, rows)


def at(second: int) -> datetime:
    """A time for what is filled in."""
    return EPOCH + timedelta(seconds=second)
