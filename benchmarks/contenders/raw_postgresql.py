"""The yardstick on PostgreSQL: asyncpg, one statement an operation, in autocommit."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import asyncpg
from sqlalchemy import make_url

from benchmarks.bulk import now

from . import records
from .programs import NO_GRAPH, TEXT, Program, with_sqlalchemy
from .records import MESSAGE, STATE, THREAD, Record, dump, iso
from .schema import OurTables, create_tables

CREATE = """
INSERT INTO threads (id, user_id, agent_name, metadata, message_count, created_at, updated_at)
VALUES ($1, $2, $3, '{}', 0, $4, $4)
"""

# One statement: the thread's row is locked by its own update, so that positions follow the order of commits.
APPEND = """
WITH counted AS (
    UPDATE threads SET message_count = message_count + 1, updated_at = greatest(updated_at, $5)
    WHERE id = $1 RETURNING message_count - 1 AS position, updated_at)
INSERT INTO messages (thread_id, position, role, content, metadata, created_at)
SELECT $1, position, $2, $3, $4, updated_at FROM counted
RETURNING id, position, created_at
"""
APPEND_MANY = """
WITH counted AS (
    UPDATE threads SET message_count = message_count + $5, updated_at = greatest(updated_at, $6)
    WHERE id = $1 RETURNING message_count - $5 AS first, updated_at)
INSERT INTO messages (thread_id, position, role, content, metadata, created_at)
SELECT $1, c.first + m.place - 1, m.role, m.content, m.metadata, c.updated_at
FROM counted c, unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS m(role, content, metadata, place)
ORDER BY m.place
RETURNING id, position, created_at
"""
LATEST = f"SELECT {MESSAGE} FROM messages WHERE thread_id = $1 ORDER BY position DESC LIMIT $2"
PAGE = f"SELECT {MESSAGE} FROM messages WHERE thread_id = $1 AND position >= $2 ORDER BY position LIMIT $3"
LIST_USER = f"SELECT {THREAD} FROM threads WHERE user_id = $1 ORDER BY updated_at DESC, id DESC LIMIT $2"
# What is skipped is skipped in the index alone.
LIST_AGENT = f"""
SELECT {THREAD} FROM threads JOIN (
    SELECT id AS found FROM threads WHERE agent_name = $1 ORDER BY updated_at DESC, id DESC LIMIT $2 OFFSET $3) f
ON id = found ORDER BY updated_at DESC, id DESC
"""
FORK = f"""
WITH parent AS (SELECT * FROM threads WHERE id = $1 FOR SHARE), made AS (
    INSERT INTO threads ({THREAD})
    SELECT $2, user_id, agent_name, 'Fork of ' || coalesce(title, id), metadata, $4, $4,
           least(message_count, $3 + 1), id, $3 FROM parent
    RETURNING {THREAD}), copied AS (
    INSERT INTO messages (thread_id, position, role, content, metadata, created_at)
    SELECT $2, m.position, m.role, m.content, m.metadata, m.created_at
    FROM parent p JOIN messages m ON m.thread_id = p.id WHERE m.position <= $3)
SELECT * FROM made
"""
# The foreign keys remove the messages, and the forks' word of their parent.
DELETE = """
WITH rated AS (DELETE FROM feedback WHERE thread_id = $1), waiting AS (
    DELETE FROM suspended_states WHERE thread_id = $1), saved AS (DELETE FROM checkpoints WHERE thread_id = $1)
DELETE FROM threads WHERE id = $1 RETURNING id
"""
STATS = """
SELECT (SELECT count(*) FROM threads), (SELECT coalesce(sum(message_count), 0)::bigint FROM threads),
       (SELECT count(*) FROM feedback), (SELECT count(*) FROM suspended_states WHERE expires_at > $1),
       (SELECT count(*) FROM checkpoints)
"""
SAVE = f"""
INSERT INTO suspended_states ({STATE}) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET thread_id = excluded.thread_id, agent_name = excluded.agent_name,
    node_name = excluded.node_name, state_snapshot = excluded.state_snapshot, created_at = excluded.created_at,
    expires_at = excluded.expires_at
"""
CLAIM = f"DELETE FROM suspended_states WHERE id = $1 AND expires_at > $2 RETURNING {STATE}"
FEEDBACK = """
INSERT INTO feedback (thread_id, user_id, agent_name, rating, comment, feedback_type, query, response, created_at)
VALUES ($1, $2, $3, $4, $5, 'thumbs', '', '', $6) RETURNING id
"""


async def no_reset(_connection: Any) -> None:
    """A pool's reset would be a round trip more."""


class RawPostgreSQL(OurTables):
    _pool: Any

    async def open(self) -> None:
        await create_tables(self.database)
        await self.connect()

    async def connect(self) -> None:
        url = make_url(self.database.url)
        # A server connection that changes hands keeps no statement prepared.
        more = {"statement_cache_size": 0} if "pgbouncer" in url.query else {}
        plain = url.set(query={}).render_as_string(hide_password=False)
        self._pool = await asyncpg.create_pool(
            plain, min_size=self.limits.least, max_size=self.limits.most, reset=no_reset, **more
        )

    async def close(self) -> None:
        await self._pool.close()

    async def create_thread(self, thread_id: str, user_id: str, agent_name: str) -> Any:
        await self._pool.execute(CREATE, thread_id, user_id, agent_name, now())

    async def append(self, thread_id: str, role: str, content: str, metadata: Record) -> Record:
        row = await self._pool.fetchrow(APPEND, thread_id, role, content, dump(metadata), now())
        return records.appended(row[0], thread_id, row[1], role, content, metadata, iso(row[2]))

    async def append_many(self, thread_id: str, messages: Sequence[Record]) -> list[Record]:
        roles = [message["role"] for message in messages]
        contents = [message["content"] for message in messages]
        texts = [dump(message["metadata"]) for message in messages]
        rows = await self._pool.fetch(APPEND_MANY, thread_id, roles, contents, texts, len(messages), now())
        return [
            records.appended(
                id_, thread_id, position, message["role"], message["content"], message["metadata"], iso(at)
            )
            for message, (id_, position, at) in zip(messages, rows, strict=True)
        ]

    async def latest(self, thread_id: str, count: int) -> list[Record]:
        rows = await self._pool.fetch(LATEST, thread_id, count)
        return [records.message(row, iso) for row in reversed(rows)]

    async def page(self, thread_id: str, offset: int, limit: int) -> list[Record]:
        return [records.message(row, iso) for row in await self._pool.fetch(PAGE, thread_id, offset, limit)]

    async def count(self, thread_id: str) -> int:
        return int(await self._pool.fetchval("SELECT message_count FROM threads WHERE id = $1", thread_id))

    async def list_user(self, user_id: str, limit: int) -> list[Record]:
        return [records.thread(row, iso) for row in await self._pool.fetch(LIST_USER, user_id, limit)]

    async def list_agent(self, agent_name: str, limit: int, offset: int) -> list[Record]:
        return [records.thread(row, iso) for row in await self._pool.fetch(LIST_AGENT, agent_name, limit, offset)]

    async def list_agent_after(self, agent_name: str, limit: int, after: Record, offset: int) -> list[Record]:
        return await self.list_agent(agent_name, limit, offset)

    async def fork(self, thread_id: str, last_index: int, new_id: str) -> Record:
        return records.thread(await self._pool.fetchrow(FORK, thread_id, new_id, last_index, now()), iso)

    async def delete(self, thread_id: str) -> bool:
        return await self._pool.fetchval(DELETE, thread_id) is not None

    async def stats(self) -> Record:
        row = await self._pool.fetchrow(STATS, now())
        return dict(zip(("threads", "messages", "feedback", "suspended_states", "checkpoints"), row, strict=True))

    async def save_state(self, approval_id: str, thread_id: str, state: Record) -> Record:
        created, term = now(), timedelta(days=7)
        row = (approval_id, thread_id, "agent-0", "approve", dump(state), created, created + term)
        await self._pool.execute(SAVE, *row)
        return records.state(row, iso)

    async def claim_state(self, approval_id: str) -> Record | None:
        row = await self._pool.fetchrow(CLAIM, approval_id, now())
        return None if row is None else records.state(row, iso)

    async def add_feedback(self, thread_id: str, user_id: str, agent_name: str, rating: int, comment: str) -> int:
        return int(await self._pool.fetchval(FEEDBACK, thread_id, user_id, agent_name, rating, comment, now()))

    async def feedback_count(self) -> int:
        return int(await self._pool.fetchval("SELECT count(*) FROM feedback"))

    def saver(self) -> AbstractAsyncContextManager[Any]:
        from benchmarks.raw_saver import RawSaver

        return RawSaver(self.database.url, self.limits.most)

    def imports(self) -> str:
        return with_sqlalchemy(self.database.driver)

    def saver_imports(self) -> str:
        return with_sqlalchemy(self.database.driver, "langgraph.checkpoint.base")

    def program(self, thread_id: str) -> Program:
        latest = f"await connection.fetch({LATEST!r}, {thread_id!r}, 50)"
        row = f"{thread_id!r}, 'user', {TEXT!r}, '{{}}', datetime.now(UTC)"
        return Program(
            imports="import json, asyncpg\nfrom datetime import UTC, datetime",
            opening=f"connection = await asyncpg.connect({self.database.url!r})",
            query=f"len([json.loads(row['metadata']) for row in {latest}])",
            closing="await connection.close()",
            append=f"await connection.fetchrow({APPEND!r}, {row})",
        )

    def saver_program(self) -> Program:
        return Program(
            imports="from benchmarks.raw_saver import RawSaver",
            opening=f"context = RawSaver({self.database.url!r}, 1)\nsaver = await context.__aenter__()",
            query=NO_GRAPH,
            closing="await context.__aexit__(None, None, None)",
        )
