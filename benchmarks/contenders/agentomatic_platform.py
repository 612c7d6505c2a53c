"""agentomatic: the platform's own SQLAlchemyStore, with its own settings but for the number of connections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agentomatic.storage.sqlalchemy import SQLAlchemyStore  # type: ignore[import-untyped,unused-ignore]
from loguru import logger

from benchmarks.bulk import Bulk
from benchmarks.databases import filling

from .base import Filled, Record, at
from .programs import TEXT, Program
from .schema import METADATA_TEXT


class AgentomaticPlatform(Filled):
    # on SQLite what its engine makes of the class's arguments: SQLAlchemy's default pool
    thread_columns = ("id", "user_id", "agent_name", "metadata_json", "message_count", "created_at", "updated_at")
    message_columns: Sequence[str] = ("thread_id", "role", "content", "metadata_json", "created_at")
    _store: Any

    async def open(self) -> None:
        await self.connect()

    async def connect(self) -> None:
        logger.disable("agentomatic")
        self._store = SQLAlchemyStore(self.database.driver_url, pool_size=self.limits.most, max_overflow=0)
        await self._store.initialize()

    async def close(self) -> None:
        await self._store.close()

    async def create_thread(self, thread_id: str, user_id: str, agent_name: str) -> Any:
        return await self._store.create_thread(thread_id, user_id, agent_name)

    async def append(self, thread_id: str, role: str, content: str, metadata: Record) -> Any:
        return await self._store.add_message(thread_id, role, content, metadata=metadata)

    async def latest(self, thread_id: str, count: int) -> list[Record]:
        # it pages from the front alone: the count, and then the last page
        thread = await self._store.get_thread(thread_id)
        offset = max(thread["message_count"] - count, 0)
        return await self.page(thread_id, offset, count)

    async def page(self, thread_id: str, offset: int, limit: int) -> list[Record]:
        found: list[Record] = await self._store.get_messages(thread_id, limit=limit, offset=offset)
        return found

    async def count(self, thread_id: str) -> int | None:
        thread = await self._store.get_thread(thread_id)
        return None if thread is None else int(thread["message_count"])

    async def list_user(self, user_id: str, limit: int) -> list[Record]:
        found: list[Record] = await self._store.list_threads(user_id=user_id, limit=limit)
        return found

    async def list_agent(self, agent_name: str, limit: int, offset: int) -> list[Record]:
        found: list[Record] = await self._store.list_threads(agent_name=agent_name, limit=limit, offset=offset)
        return found

    async def fork(self, thread_id: str, last_index: int, new_id: str) -> Any:
        return await self._store.fork_thread(thread_id, last_index, new_id)

    async def delete(self, thread_id: str) -> Any:
        return await self._store.delete_thread(thread_id)

    async def forget(self, thread_ids: Sequence[str]) -> None:
        async with filling(self.database) as bulk:  # its own deletion takes seconds
            for table, key in (("messages", "thread_id"), ("threads", "id")):
                for thread_id in thread_ids:
                    await bulk.run(f"DELETE FROM {table} WHERE {key} = '{thread_id}'")

    async def stats(self) -> Record:
        found: Record = await self._store.get_stats()
        return found

    async def save_state(self, approval_id: str, thread_id: str, state: Record) -> Any:
        return await self._store.save_suspended_state(approval_id, thread_id, "agent-0", "approve", state)

    async def claim_state(self, approval_id: str) -> Record | None:
        # what the platform does: two callers at once both get it
        state: Record | None = await self._store.get_suspended_state(approval_id)
        return state if await self._store.delete_suspended_state(approval_id) else None

    async def add_feedback(self, thread_id: str, user_id: str, agent_name: str, rating: int, comment: str) -> Any:
        return await self._store.add_feedback(thread_id, user_id, agent_name, rating=rating, comment=comment)

    async def feedback_count(self) -> int:
        return int((await self._store.get_stats())["feedback"])

    def program(self, thread_id: str) -> Program:
        latest = f"{thread_id!r}, offset=(await store.get_thread({thread_id!r}))['message_count'] - 50, limit=50"
        return Program(
            imports=f"from agentomatic.storage.sqlalchemy import SQLAlchemyStore\nimport {self.database.driver}",
            opening=f"store = SQLAlchemyStore({self.database.driver_url!r})\nawait store.initialize()",
            query=f"len(await store.get_messages({latest}))",
            closing="await store.close()",
            append=f"await store.add_message({thread_id!r}, 'user', {TEXT!r})",
        )

    # filling

    def thread_row(self, thread: Mapping[str, Any]) -> tuple[Any, ...]:
        when = at(thread["at"])
        return thread["id"], thread["user_id"], thread["agent_name"], METADATA_TEXT, 0, when, when

    def message_row(self, thread_id: str, position: int, content: str) -> tuple[Any, ...]:
        return thread_id, "user", content, METADATA_TEXT, at(position)

    async def set_counter(self, thread_id: str, count: int) -> None:
        async with filling(self.database) as bulk:
            await bulk.run(f"UPDATE threads SET message_count = {count} WHERE id = '{thread_id}'")

    async def copy_counter(self, bulk: Bulk, thread_id: str) -> None:
        count = await bulk.value(f"SELECT message_count FROM threads WHERE id = '{thread_id}'")
        await bulk.run(f"UPDATE threads SET message_count = {count}")
