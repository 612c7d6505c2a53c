"""The yardstick on SQLite: aiosqlite, one connection, WAL with synchronous=FULL, one hop to its thread an operation.

An operation that writes is one transaction and one commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import aiosqlite

from benchmarks.bulk import as_text, now

from . import records
from .programs import TEXT, Program, with_sqlalchemy
from .records import MESSAGE, STATE, THREAD, Record, dump, iso_of_text
from .schema import OurTables, create_tables

T = TypeVar("T")

CREATE = """
INSERT INTO threads (id, user_id, agent_name, metadata, message_count, created_at, updated_at)
VALUES (?, ?, ?, '{}', 0, ?, ?)
"""
COUNT = """
UPDATE threads SET message_count = message_count + ?, updated_at = max(updated_at, ?) WHERE id = ?
RETURNING message_count, updated_at
"""
APPEND = "INSERT INTO messages (thread_id, position, role, content, metadata, created_at) VALUES (?, ?, ?, ?, ?, ?)"
LATEST = f"SELECT {MESSAGE} FROM messages WHERE thread_id = ? ORDER BY position DESC LIMIT ?"
PAGE = f"SELECT {MESSAGE} FROM messages WHERE thread_id = ? AND position >= ? ORDER BY position LIMIT ?"
LIST_USER = f"SELECT {THREAD} FROM threads WHERE user_id = ? ORDER BY updated_at DESC, id DESC LIMIT ?"
# What is skipped is skipped in the index alone.
LIST_AGENT = f"""
SELECT {THREAD} FROM threads JOIN (
    SELECT id AS found FROM threads WHERE agent_name = ? ORDER BY updated_at DESC, id DESC LIMIT ? OFFSET ?)
ON id = found ORDER BY updated_at DESC, id DESC
"""
FORK = f"""
INSERT INTO threads ({THREAD})
SELECT :new, user_id, agent_name, 'Fork of ' || coalesce(title, id), metadata, :at, :at,
       min(message_count, :last + 1), id, :last FROM threads WHERE id = :id
RETURNING {THREAD}
"""
COPY = """
INSERT INTO messages (thread_id, position, role, content, metadata, created_at)
SELECT :new, position, role, content, metadata, created_at FROM messages WHERE thread_id = :id AND position <= :last
"""
STATS = """
SELECT (SELECT count(*) FROM threads), (SELECT coalesce(sum(message_count), 0) FROM threads),
       (SELECT count(*) FROM feedback), (SELECT count(*) FROM suspended_states WHERE expires_at > ?),
       (SELECT count(*) FROM checkpoints)
"""
SAVE = f"""
INSERT INTO suspended_states ({STATE}) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET thread_id = excluded.thread_id, agent_name = excluded.agent_name,
    node_name = excluded.node_name, state_snapshot = excluded.state_snapshot, created_at = excluded.created_at,
    expires_at = excluded.expires_at
"""
CLAIM = f"DELETE FROM suspended_states WHERE id = ? AND expires_at > ? RETURNING {STATE}"
FEEDBACK = """
INSERT INTO feedback (thread_id, user_id, agent_name, rating, comment, feedback_type, query, response, created_at)
VALUES (?, ?, ?, ?, ?, 'thumbs', '', '', ?) RETURNING id
"""
PRAGMAS = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"


def stored(at: datetime) -> str:
    return str(as_text(at))


class RawSQLite(OurTables):
    _connection: aiosqlite.Connection

    async def open(self) -> None:
        await self.connect()
        await create_tables(self.database)

    async def connect(self) -> None:
        self._connection = await aiosqlite.connect(self.database.path, isolation_level=None)
        await self._connection.executescript(PRAGMAS)

    async def close(self) -> None:
        await self._connection.close()

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """One hop: aiosqlite's public methods go to its thread and back once a statement."""
        connection: Any = self._connection
        result: T = await connection._execute(work, connection._conn)
        return result

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run work in one transaction in the connection's thread."""

        def in_transaction(own: sqlite3.Connection) -> T:
            own.execute("BEGIN IMMEDIATE")
            try:
                result = work(own)
                own.execute("COMMIT")
            except BaseException:
                own.execute("ROLLBACK")
                raise
            return result

        return await self._read(in_transaction)

    async def _rows(self, statement: str, *arguments: Any) -> list[Any]:
        return await self._read(lambda own: own.execute(statement, arguments).fetchall())

    async def create_thread(self, thread_id: str, user_id: str, agent_name: str) -> Any:
        at = stored(now())
        await self._write(lambda own: own.execute(CREATE, (thread_id, user_id, agent_name, at, at)))

    async def append(self, thread_id: str, role: str, content: str, metadata: Record) -> Record:
        text, at = dump(metadata), stored(now())

        def work(own: sqlite3.Connection) -> tuple[int, int, str]:
            count, updated = own.execute(COUNT, (1, at, thread_id)).fetchone()
            added = own.execute(APPEND, (thread_id, count - 1, role, content, text, updated))
            return added.lastrowid or 0, count - 1, updated

        id_, position, updated = await self._write(work)
        return records.appended(id_, thread_id, position, role, content, metadata, iso_of_text(updated))

    async def append_many(self, thread_id: str, messages: Sequence[Record]) -> list[Record]:
        texts, at = [dump(message["metadata"]) for message in messages], stored(now())

        def work(own: sqlite3.Connection) -> tuple[int, int, str]:
            count, updated = own.execute(COUNT, (len(messages), at, thread_id)).fetchone()
            first = count - len(messages)
            own.executemany(
                APPEND,
                [
                    (thread_id, first + place, message["role"], message["content"], text, updated)
                    for place, (message, text) in enumerate(zip(messages, texts, strict=True))
                ],
            )
            # AUTOINCREMENT within one transaction: neighbouring numbers
            last = own.execute("SELECT last_insert_rowid()").fetchone()[0]
            return last - len(messages) + 1, first, updated

        id_, first, updated = await self._write(work)
        at = iso_of_text(updated)
        return [
            records.appended(
                id_ + place, thread_id, first + place, message["role"], message["content"], message["metadata"], at
            )
            for place, message in enumerate(messages)
        ]

    async def latest(self, thread_id: str, count: int) -> list[Record]:
        rows = await self._rows(LATEST, thread_id, count)
        return [records.message(row, iso_of_text) for row in reversed(rows)]

    async def page(self, thread_id: str, offset: int, limit: int) -> list[Record]:
        return [records.message(row, iso_of_text) for row in await self._rows(PAGE, thread_id, offset, limit)]

    async def count(self, thread_id: str) -> int:
        return int((await self._rows("SELECT message_count FROM threads WHERE id = ?", thread_id))[0][0])

    async def list_user(self, user_id: str, limit: int) -> list[Record]:
        return [records.thread(row, iso_of_text) for row in await self._rows(LIST_USER, user_id, limit)]

    async def list_agent(self, agent_name: str, limit: int, offset: int) -> list[Record]:
        rows = await self._rows(LIST_AGENT, agent_name, limit, offset)
        return [records.thread(row, iso_of_text) for row in rows]

    async def list_agent_after(self, agent_name: str, limit: int, after: Record, offset: int) -> list[Record]:
        return await self.list_agent(agent_name, limit, offset)

    async def fork(self, thread_id: str, last_index: int, new_id: str) -> Record:
        arguments = {"id": thread_id, "new": new_id, "last": last_index, "at": stored(now())}

        def work(own: sqlite3.Connection) -> Any:
            (made,) = own.execute(FORK, arguments).fetchall()
            own.execute(COPY, arguments)
            return made

        return records.thread(await self._write(work), iso_of_text)

    async def delete(self, thread_id: str) -> bool:
        def work(own: sqlite3.Connection) -> bool:
            # the foreign key would remove the messages too, more slowly; it removes the forks' word of their parent
            for table in ("messages", "feedback", "suspended_states", "checkpoints"):
                own.execute(f"DELETE FROM {table} WHERE thread_id = ?", (thread_id,))
            return own.execute("DELETE FROM threads WHERE id = ?", (thread_id,)).rowcount == 1

        return await self._write(work)

    async def stats(self) -> Record:
        (row,) = await self._rows(STATS, stored(now()))
        return dict(zip(("threads", "messages", "feedback", "suspended_states", "checkpoints"), row, strict=True))

    async def save_state(self, approval_id: str, thread_id: str, state: Record) -> Record:
        created = now()
        times = stored(created), stored(created + timedelta(days=7))
        row = (approval_id, thread_id, "agent-0", "approve", dump(state), *times)
        await self._write(lambda own: own.execute(SAVE, row))
        return records.state(row, iso_of_text)

    async def claim_state(self, approval_id: str) -> Record | None:
        at = stored(now())
        found = await self._write(lambda own: own.execute(CLAIM, (approval_id, at)).fetchall())
        return records.state(found[0], iso_of_text) if found else None

    async def add_feedback(self, thread_id: str, user_id: str, agent_name: str, rating: int, comment: str) -> int:
        row = (thread_id, user_id, agent_name, rating, comment, stored(now()))
        added = await self._write(lambda own: own.execute(FEEDBACK, row).fetchall())
        return int(added[0][0])

    async def feedback_count(self) -> int:
        return int((await self._rows("SELECT count(*) FROM feedback"))[0][0])

    def imports(self) -> str:
        return with_sqlalchemy(self.database.driver)

    def saver_imports(self) -> str:
        return with_sqlalchemy(self.database.driver, "langgraph.checkpoint.base")

    def program(self, thread_id: str) -> Program:
        count = f"({COUNT!r}, (1, at, {thread_id!r}))"
        row = f"({thread_id!r}, rows[0][0] - 1, 'user', {TEXT!r}, '{{}}', rows[0][1])"
        append = [
            "at = datetime.now(UTC).strftime('%Y-%m-%d %H:%M:%S.%f')",
            "await connection.execute('BEGIN IMMEDIATE')",
            f"rows = await connection.execute_fetchall{count}",
            f"await connection.execute({APPEND!r}, {row})",
            "await connection.commit()",
        ]
        latest = f"await connection.execute_fetchall({LATEST!r}, ({thread_id!r}, 50))"
        connect = f"aiosqlite.connect({self.database.path!r}, isolation_level=None)"
        return Program(
            imports="import json, aiosqlite\nfrom datetime import UTC, datetime",
            opening=f"connection = await {connect}\nawait connection.executescript({PRAGMAS!r})",
            query=f"len([json.loads(row[5]) for row in {latest}])",
            closing="await connection.close()",
            append="\n".join(append),
        )
