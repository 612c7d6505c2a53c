"""The yardstick on MySQL and MariaDB: aiomysql, an operation in one packet of several statements, so one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import aiomysql
from pymysql.constants import CLIENT

from benchmarks.bulk import mysql_arguments, now

from . import records
from .programs import TEXT, Program, with_sqlalchemy
from .records import MESSAGE, STATE, THREAD, Record, dump, iso_of_naive
from .schema import OurTables, create_tables

CREATE = """
INSERT INTO threads (id, user_id, agent_name, metadata, message_count, created_at, updated_at)
VALUES (%s, %s, %s, '{}', 0, %s, %s)
"""
# The answer to the update carries the new count, the answer to the insert the message's id: nothing is read.
APPEND = """BEGIN;
UPDATE threads SET message_count = LAST_INSERT_ID(message_count + %s), updated_at = @at := greatest(updated_at, %s)
WHERE id = %s;
INSERT INTO messages (thread_id, position, role, content, metadata, created_at) VALUES {values};
COMMIT"""
VALUES = "(%s, LAST_INSERT_ID() - %s, %s, %s, %s, @at)"
LATEST = f"SELECT {MESSAGE} FROM messages WHERE thread_id = %s ORDER BY position DESC LIMIT %s"
PAGE = f"SELECT {MESSAGE} FROM messages WHERE thread_id = %s AND position >= %s ORDER BY position LIMIT %s"
LIST_USER = f"SELECT {THREAD} FROM threads WHERE user_id = %s ORDER BY updated_at DESC, id DESC LIMIT %s"
# What is skipped is skipped in the index alone.
LIST_AGENT = f"""
SELECT {THREAD} FROM threads JOIN (
    SELECT id AS found FROM threads WHERE agent_name = %s ORDER BY updated_at DESC, id DESC LIMIT %s OFFSET %s) f
ON id = found ORDER BY updated_at DESC, id DESC
"""
FORK = f"""BEGIN;
SELECT {THREAD} FROM threads WHERE id = %s LOCK IN SHARE MODE;
INSERT INTO threads ({THREAD})
SELECT %s, user_id, agent_name, concat('Fork of ', coalesce(title, id COLLATE utf8mb4_bin)), metadata, %s, %s,
       least(message_count, %s + 1), id, %s FROM threads WHERE id = %s;
INSERT INTO messages (thread_id, position, role, content, metadata, created_at)
SELECT %s, position, role, content, metadata, created_at FROM messages WHERE thread_id = %s AND position <= %s;
SELECT {THREAD} FROM threads WHERE id = %s;
COMMIT"""
# The foreign keys remove the messages, and the forks' word of their parent.
DELETE = """BEGIN;
DELETE FROM feedback WHERE thread_id = %s; DELETE FROM suspended_states WHERE thread_id = %s;
DELETE FROM checkpoints WHERE thread_id = %s; DELETE FROM threads WHERE id = %s;
COMMIT"""
STATS = """
SELECT (SELECT count(*) FROM threads), (SELECT coalesce(sum(message_count), 0) FROM threads),
       (SELECT count(*) FROM feedback), (SELECT count(*) FROM suspended_states WHERE expires_at > %s),
       (SELECT count(*) FROM checkpoints)
"""
SAVE = f"""
INSERT INTO suspended_states ({STATE}) VALUES (%s, %s, %s, %s, %s, %s, %s)
ON DUPLICATE KEY UPDATE thread_id = VALUES(thread_id), agent_name = VALUES(agent_name),
    node_name = VALUES(node_name), state_snapshot = VALUES(state_snapshot), created_at = VALUES(created_at),
    expires_at = VALUES(expires_at)
"""
CLAIM = f"""BEGIN;
SELECT {STATE} FROM suspended_states WHERE id = %s AND expires_at > %s FOR UPDATE;
DELETE FROM suspended_states WHERE id = %s AND expires_at > %s;
COMMIT"""
FEEDBACK = """
INSERT INTO feedback (thread_id, user_id, agent_name, rating, comment, feedback_type, query, response, created_at)
VALUES (%s, %s, %s, %s, %s, 'thumbs', '', '', %s)
"""


def naive() -> datetime:
    return now().replace(tzinfo=None)


class RawMySQL(OurTables):
    _free: asyncio.LifoQueue[Any]
    _opened: int

    async def open(self) -> None:
        await create_tables(self.database)
        await self.connect()

    async def connect(self) -> None:
        self._free, self._opened = asyncio.LifoQueue(), self.limits.least
        for _ in range(self.limits.least):
            self._free.put_nowait(await aiomysql.connect(**self._arguments()))

    async def close(self) -> None:
        while not self._free.empty():
            self._free.get_nowait().close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        if self._free.empty() and self._opened < self.limits.most:
            self._opened += 1
            connection = await aiomysql.connect(**self._arguments())
        else:
            connection = await self._free.get()
        try:
            yield connection
        finally:
            self._free.put_nowait(connection)

    async def _answers(self, statements: str, *arguments: Any) -> list[Any]:
        """Send the statements at once; their answers, one after the other."""
        async with self._connection() as connection:
            escaped = tuple(map(connection.escape, arguments))
            try:
                await connection.query(statements % escaped)
                answers = [connection._result]
                while answers[-1].has_next:
                    await connection.next_result()
                    answers.append(connection._result)
            except BaseException:
                # an error ends the packet before its COMMIT
                await connection.query("ROLLBACK")
                raise
        return answers

    async def _rows(self, statement: str, *arguments: Any) -> Any:
        return (await self._answers(statement, *arguments))[0].rows

    async def create_thread(self, thread_id: str, user_id: str, agent_name: str) -> Any:
        at = naive()
        await self._answers(CREATE, thread_id, user_id, agent_name, at, at)

    async def append(self, thread_id: str, role: str, content: str, metadata: Record) -> Record:
        message = {"role": role, "content": content, "metadata": metadata}
        return (await self.append_many(thread_id, [message]))[0]

    async def append_many(self, thread_id: str, messages: Sequence[Record]) -> list[Record]:
        total, at = len(messages), naive()
        arguments: list[Any] = [total, at, thread_id]
        for place, message in enumerate(messages):
            arguments += (thread_id, total - place, message["role"], message["content"], dump(message["metadata"]))
        statements = APPEND.format(values=", ".join([VALUES] * total))
        _, counted, inserted, _ = await self._answers(statements, *arguments)
        first, id_, stamp = counted.insert_id - total, inserted.insert_id, iso_of_naive(at)
        return [
            records.appended(
                id_ + place, thread_id, first + place, message["role"], message["content"], message["metadata"], stamp
            )
            for place, message in enumerate(messages)
        ]

    async def latest(self, thread_id: str, count: int) -> list[Record]:
        rows = await self._rows(LATEST, thread_id, count)
        return [records.message(row, iso_of_naive) for row in reversed(rows)]

    async def page(self, thread_id: str, offset: int, limit: int) -> list[Record]:
        return [records.message(row, iso_of_naive) for row in await self._rows(PAGE, thread_id, offset, limit)]

    async def count(self, thread_id: str) -> int:
        return int((await self._rows("SELECT message_count FROM threads WHERE id = %s", thread_id))[0][0])

    async def list_user(self, user_id: str, limit: int) -> list[Record]:
        return [records.thread(row, iso_of_naive) for row in await self._rows(LIST_USER, user_id, limit)]

    async def list_agent(self, agent_name: str, limit: int, offset: int) -> list[Record]:
        rows = await self._rows(LIST_AGENT, agent_name, limit, offset)
        return [records.thread(row, iso_of_naive) for row in rows]

    async def list_agent_after(self, agent_name: str, limit: int, after: Record, offset: int) -> list[Record]:
        return await self.list_agent(agent_name, limit, offset)

    async def fork(self, thread_id: str, last_index: int, new_id: str) -> Record:
        at, last = naive(), last_index
        arguments = (thread_id, new_id, at, at, last, last, thread_id, new_id, thread_id, last, new_id)
        answers = await self._answers(FORK, *arguments)
        return records.thread(answers[4].rows[0], iso_of_naive)

    async def delete(self, thread_id: str) -> bool:
        answers = await self._answers(DELETE, *[thread_id] * 4)
        return bool(answers[4].affected_rows == 1)

    async def stats(self) -> Record:
        (row,) = await self._rows(STATS, naive())
        names = ("threads", "messages", "feedback", "suspended_states", "checkpoints")
        return dict(zip(names, map(int, row), strict=True))

    async def save_state(self, approval_id: str, thread_id: str, state: Record) -> Record:
        created = naive()
        row = (approval_id, thread_id, "agent-0", "approve", dump(state), created, created + timedelta(days=7))
        await self._answers(SAVE, *row)
        return records.state(row, iso_of_naive)

    async def claim_state(self, approval_id: str) -> Record | None:
        at = naive()
        found = (await self._answers(CLAIM, approval_id, at, approval_id, at))[1].rows
        return records.state(found[0], iso_of_naive) if found else None

    async def add_feedback(self, thread_id: str, user_id: str, agent_name: str, rating: int, comment: str) -> int:
        answers = await self._answers(FEEDBACK, thread_id, user_id, agent_name, rating, comment, naive())
        return int(answers[0].insert_id)

    async def feedback_count(self) -> int:
        return int((await self._rows("SELECT count(*) FROM feedback"))[0][0])

    def imports(self) -> str:
        return with_sqlalchemy(self.database.driver)

    def saver_imports(self) -> str:
        return with_sqlalchemy(self.database.driver, "langgraph.checkpoint.base")

    def program(self, thread_id: str) -> Program:
        values = f"1, at, {thread_id!r}, {thread_id!r}, 1, 'user', {TEXT!r}, '{{}}'"
        append = [
            "at = datetime.now(UTC).replace(tzinfo=None)",
            f"await connection.query({APPEND.format(values=VALUES)!r} % tuple(map(connection.escape, ({values}))))",
            "while connection._result.has_next:",
            "    await connection.next_result()",
        ]
        query = f"await cursor.execute({LATEST!r}, ({thread_id!r}, 50))"
        return Program(
            imports="import json, aiomysql\nfrom datetime import UTC, datetime",
            opening=f"connection = await aiomysql.connect(**{self._arguments()!r})\ncursor = await connection.cursor()",
            query=f"len([json.loads(row[5]) for row in [{query}, await cursor.fetchall()][1]])",
            closing="connection.close()",
            append="\n".join(append),
        )

    def _arguments(self) -> dict[str, Any]:
        return {
            **mysql_arguments(self.database.url),
            "autocommit": True,
            "client_flag": CLIENT.MULTI_STATEMENTS,
            "init_command": "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        }
