"""agentomatic-sql: this project's store and saver."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from sqlalchemy import func, select

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.tables import FEEDBACK, MESSAGES, THREADS

from .base import Record
from .programs import NO_GRAPH, TEXT, Program
from .schema import OurTables


class Ours(OurTables):
    threads_table, messages_table = THREADS.name, MESSAGES.name
    _store: SQLAlchemyStore

    async def open(self) -> None:
        await self.connect()

    def store(self) -> SQLAlchemyStore:
        return SQLAlchemyStore(self.database.url)

    async def connect(self) -> None:
        self._store = self.store()
        await self._store.initialize()

    async def close(self) -> None:
        await self._store.close()

    async def create_thread(self, thread_id: str, user_id: str, agent_name: str) -> Any:
        return await self._store.create_thread(thread_id, user_id, agent_name)

    async def append(self, thread_id: str, role: str, content: str, metadata: Record) -> Any:
        return await self._store.add_message(thread_id, role, content, metadata=metadata)

    async def append_many(self, thread_id: str, messages: Sequence[Record]) -> Any:
        return await self._store.add_messages(thread_id, messages)

    async def latest(self, thread_id: str, count: int) -> list[Record]:
        return await self._store.get_messages(thread_id, last=count)

    async def page(self, thread_id: str, offset: int, limit: int) -> list[Record]:
        return await self._store.get_messages(thread_id, offset=offset, limit=limit)

    async def count(self, thread_id: str) -> int | None:
        thread = await self._store.get_thread(thread_id)
        return None if thread is None else int(thread["message_count"])

    async def list_user(self, user_id: str, limit: int) -> list[Record]:
        return await self._store.list_threads(user_id=user_id, limit=limit)

    async def list_agent(self, agent_name: str, limit: int, offset: int) -> list[Record]:
        return await self._store.list_threads(agent_name=agent_name, limit=limit, offset=offset)

    async def list_agent_after(self, agent_name: str, limit: int, after: Record, offset: int) -> list[Record]:
        return await self._store.list_threads(agent_name=agent_name, limit=limit, after=after)

    async def fork(self, thread_id: str, last_index: int, new_id: str) -> Any:
        return await self._store.fork_thread(thread_id, last_index, new_id)

    async def delete(self, thread_id: str) -> Any:
        return await self._store.delete_thread(thread_id)

    async def stats(self) -> Record:
        return await self._store.get_stats()

    async def save_state(self, approval_id: str, thread_id: str, state: Record) -> Any:
        return await self._store.save_suspended_state(approval_id, thread_id, "agent-0", "approve", state)

    async def claim_state(self, approval_id: str) -> Record | None:
        return await self._store.claim_suspended_state(approval_id)

    async def add_feedback(self, thread_id: str, user_id: str, agent_name: str, rating: int, comment: str) -> Any:
        return await self._store.add_feedback(thread_id, user_id, agent_name, rating=rating, comment=comment)

    async def feedback_count(self) -> int:
        # get_stats() estimates beyond 10,000
        async with self._store.engine.connect() as connection:
            return int((await connection.execute(select(func.count()).select_from(FEEDBACK))).scalar_one())

    def saver(self) -> AbstractAsyncContextManager[Any]:
        from agentomatic_sql.langgraph import SQLAlchemySaver

        return SQLAlchemySaver(self.database.url)

    def program(self, thread_id: str) -> Program:
        return Program(
            imports=f"from agentomatic_sql import SQLAlchemyStore\nimport {self.database.driver}",
            opening=f"store = SQLAlchemyStore({self.database.url!r})\nawait store.initialize()",
            query=f"len(await store.get_messages({thread_id!r}, last=50))",
            closing="await store.close()",
            append=f"await store.add_message({thread_id!r}, 'user', {TEXT!r})",
        )

    def saver_program(self) -> Program:
        return Program(
            imports=f"from agentomatic_sql.langgraph import SQLAlchemySaver\nimport {self.database.driver}",
            opening=f"context = SQLAlchemySaver({self.database.url!r})\nsaver = await context.__aenter__()",
            query=NO_GRAPH,
            closing="await context.__aexit__(None, None, None)",
        )
