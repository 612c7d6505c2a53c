"""openai-agents: SQLAlchemySession, a session a thread over one engine. It keeps items in order, and no counter."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agents.extensions.memory import SQLAlchemySession
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from .base import Filled, NotOffered, Record, at
from .programs import TEXT, Program


class OpenAIAgents(Filled):
    threads_table = "agent_sessions"
    messages_table = "agent_messages"
    message_key = "session_id"
    thread_columns = ("session_id", "created_at", "updated_at")
    message_columns: Sequence[str] = ("session_id", "message_data", "created_at")
    _engine: AsyncEngine

    async def connect(self) -> None:
        self._engine = create_async_engine(self.database.driver_url, pool_size=self.limits.most, max_overflow=0)
        self._sessions: dict[str, SQLAlchemySession] = {}

    async def open(self) -> None:
        await self.connect()
        maker = SQLAlchemySession("tables", engine=self._engine, create_tables=True)
        await maker.get_items(limit=1)

    async def close(self) -> None:
        await self._engine.dispose()

    def _session(self, thread_id: str) -> SQLAlchemySession:
        if thread_id not in self._sessions:
            self._sessions[thread_id] = SQLAlchemySession(thread_id, engine=self._engine)
        return self._sessions[thread_id]

    async def create_thread(self, thread_id: str, user_id: str, agent_name: str) -> Any:
        self._session(thread_id)

    async def append(self, thread_id: str, role: str, content: str, metadata: Record) -> Any:
        await self._session(thread_id).add_items([item({"role": role, "content": content, "metadata": metadata})])

    async def append_many(self, thread_id: str, messages: Sequence[Record]) -> Any:
        await self._session(thread_id).add_items(list(map(item, messages)))

    async def latest(self, thread_id: str, count: int) -> list[Record]:
        items: Any = await self._session(thread_id).get_items(limit=count)
        found: list[Record] = items
        return found

    async def page(self, thread_id: str, offset: int, limit: int) -> list[Record]:
        if offset:
            raise NotOffered
        items: Any = await self._session(thread_id).get_items()
        found: list[Record] = items
        return found[:limit]

    async def delete(self, thread_id: str) -> Any:
        await self._session(thread_id).clear_session()

    def program(self, thread_id: str) -> Program:
        message = {"role": "user", "content": TEXT, "metadata": {}}
        return Program(
            imports=f"from agents.extensions.memory import SQLAlchemySession\nimport {self.database.driver}",
            opening=f"session = SQLAlchemySession.from_url({thread_id!r}, url={self.database.driver_url!r})",
            query="len(await session.get_items(limit=50))",
            closing="await session.engine.dispose()",
            append=f"await session.add_items([{message!r}])",
        )

    # filling

    def thread_row(self, thread: Mapping[str, Any]) -> tuple[Any, ...]:
        # its columns have no zone
        when = at(thread["at"]).replace(tzinfo=None)
        return thread["id"], when, when

    def message_row(self, thread_id: str, position: int, content: str) -> tuple[Any, ...]:
        data = json.dumps(item({"role": "user", "content": content, "metadata": {}}), separators=(",", ":"))
        return thread_id, data, at(position).replace(tzinfo=None)


def item(message: Record) -> Any:
    """A message as the library stores it; what belongs to it goes along."""
    return {"role": message["role"], "content": message["content"], "metadata": message["metadata"]}
