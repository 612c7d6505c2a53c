"""agentomatic-sql with an option that costs something, to be compared with itself without it.

scripts/bench --db postgresql --against agentomatic-sql,encrypted,keyed,listened,pinging,view
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import event

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.encryption import Encryption

from .base import Record
from .ours import Ours

PART = 50
"""How many messages of a thread are stored before the next thread's, so that they are stored side by side."""


class Encrypted(Ours):
    """Encrypted fields, which only the store itself can fill in."""

    _contents: Sequence[str] = ()

    def store(self) -> SQLAlchemyStore:
        return SQLAlchemyStore(self.database.url, encryption=Encryption({"bench": bytes(range(32))}))

    async def fill_threads(self, threads: Sequence[Record]) -> None:
        for thread in threads:
            await self._store.create_thread(thread["id"], thread["user_id"], thread["agent_name"])

    async def fill_messages(self, thread_id: str, contents: Sequence[str]) -> None:
        self._contents = contents
        await self._add([thread_id], contents)

    async def copy_messages(self, thread_id: str) -> None:
        found = [thread["id"] async for thread in self._store.iter_threads()]
        await self._add([each for each in found if each != thread_id], self._contents)

    async def _add(self, thread_ids: Sequence[str], contents: Sequence[str]) -> None:
        for first in range(0, len(contents), PART):
            messages = [{"role": "user", "content": content} for content in contents[first : first + PART]]
            for thread_id in thread_ids:
                await self._store.add_messages(thread_id, messages)


class Keyed(Ours):
    """An idempotency key for each call that appends."""

    async def append(self, thread_id: str, role: str, content: str, metadata: Record) -> Any:
        key = uuid.uuid4().hex
        return await self._store.add_message(thread_id, role, content, metadata=metadata, idempotency_key=key)

    async def append_many(self, thread_id: str, messages: Sequence[Record]) -> Any:
        return await self._store.add_messages(thread_id, messages, idempotency_key=uuid.uuid4().hex)


class Listened(Ours):
    """An engine with a listener to its statements, as instrumentation has one."""

    def store(self) -> SQLAlchemyStore:
        made = super().store()
        event.listen(made.engine.sync_engine, "before_cursor_execute", listened)
        return made


class Pinging(Ours):
    """A pool that asks each connection whether it is alive before it hands it out."""

    def store(self) -> SQLAlchemyStore:
        return SQLAlchemyStore(self.database.url, pool_pre_ping=True)


class View(Ours):
    """The view of the thread's user: `for_user`."""

    async def latest(self, thread_id: str, count: int) -> list[Record]:
        return await self._store.for_user(f"user-{int(thread_id[-6:])}").get_messages(thread_id, last=count)

    async def list_user(self, user_id: str, limit: int) -> list[Record]:
        return await self._store.for_user(user_id).list_threads(limit=limit)


def listened(*_arguments: Any) -> None:
    """Do nothing: what is measured is that somebody listens."""
