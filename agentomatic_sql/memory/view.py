"""One user's view of a `MemoryStore`: the object that `MemoryStore.for_user` returns.

A method checks that the thread belongs to the user and then calls the store. No other task can run between the two,
because no method of the store awaits anything.
"""

from __future__ import annotations

import sys
from abc import abstractmethod
from collections.abc import AsyncIterator, Container, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from .. import inputs, jsontext
from ..base import BaseStore
from ..errors import RecordExists, ThreadNotFound
from ..records import Record


class ViewedStore(BaseStore):
    """A store with the methods that a view needs; counts and deletions are limited to some threads."""

    @abstractmethod
    def forget_keys(self, before: datetime, threads: Container[str]) -> int:
        """Forget the idempotency keys of these threads that are older than this time; returns how many."""

    @abstractmethod
    def forget_expired(self, threads: Container[str]) -> int:
        """Delete the expired states of these threads; returns how many."""

    @abstractmethod
    def count(self, report: dict[str, Any], threads: Container[str]) -> dict[str, Any]:
        """Return a copy of the report with the number of rows that belong to these threads."""

    @abstractmethod
    def thread_of_state(self, approval_id: str) -> str | None:
        """Return the thread of a state, expired or not; None if the state does not exist."""


class MemoryView(BaseStore):
    """A store with one user's threads and their rows; other users' threads seem not to exist."""

    def __init__(self, store: ViewedStore, owner: str) -> None:
        self._store = store
        self._owner = owner

    async def _owns(self, thread_id: str) -> bool:
        thread = await self._store.get_thread(thread_id)
        return thread is not None and thread["user_id"] == self._owner

    async def _check_owns(self, thread_id: str) -> None:
        if not await self._owns(thread_id):
            raise ThreadNotFound(thread_id)

    async def _owned(self, records: Iterable[Record]) -> list[Record]:
        return [record for record in records if await self._owns(record["thread_id"])]

    async def initialize(self) -> None:
        await self._store.initialize()

    async def close(self) -> None:
        """Do nothing: the store stays open."""

    async def health_check(self) -> dict[str, Any]:
        return {**await self._store.health_check(), "backend": type(self).__name__}

    # threads

    async def create_thread(
        self,
        thread_id: str,
        user_id: str,
        agent_name: str,
        *,
        title: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> Record:
        user = inputs.user(user_id, self._owner)
        return await self._store.create_thread(thread_id, user, agent_name, title=title, metadata=metadata)

    async def get_thread(self, thread_id: str) -> Record | None:
        thread = await self._store.get_thread(thread_id)
        return thread if thread is not None and thread["user_id"] == self._owner else None

    async def list_threads(
        self,
        *,
        agent_name: str | None = None,
        user_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
        after: Mapping[str, Any] | str | None = None,
    ) -> list[Record]:
        wanted = inputs.filters(user_id=user_id).get("user_id", self._owner)
        inputs.window(limit, offset)
        if isinstance(cursor := inputs.thread_cursor(after), str):
            await self._check_owns(cursor)
        threads = await self._store.list_threads(
            agent_name=agent_name, user_id=self._owner, limit=limit, offset=offset, after=after
        )
        return threads if wanted == self._owner else []

    async def iter_threads(
        self, *, agent_name: str | None = None, user_id: str | None = None, page_size: int = 200
    ) -> AsyncIterator[Record]:
        wanted = inputs.filters(user_id=user_id).get("user_id", self._owner)
        async for thread in self._store.iter_threads(agent_name=agent_name, user_id=self._owner, page_size=page_size):
            if wanted == self._owner:
                yield thread

    async def update_thread(self, thread_id: str, **updates: Any) -> Record | None:
        inputs.thread_updates(updates)
        return await self._store.update_thread(thread_id, **updates) if await self._owns(thread_id) else None

    async def delete_thread(self, thread_id: str) -> bool:
        return await self._owns(thread_id) and await self._store.delete_thread(thread_id)

    # messages and feedback

    async def add_message(
        self,
        thread_id: str,
        role: str,
        content: str,
        *,
        metadata: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Record:
        inputs.message(role, content, metadata)
        inputs.idempotency_key(idempotency_key)
        await self._check_owns(thread_id)
        return await self._store.add_message(
            thread_id, role, content, metadata=metadata, idempotency_key=idempotency_key
        )

    async def add_messages(
        self,
        thread_id: str,
        messages: Iterable[Mapping[str, Any]],
        *,
        idempotency_key: str | None = None,
        backfill: bool = False,
    ) -> list[Record]:
        rows = inputs.messages(messages)
        inputs.idempotency_key(idempotency_key)
        await self._check_owns(thread_id)
        # `messages` may be a generator, which can be read only once.
        copies = [{**row, "metadata": jsontext.decode(row["metadata"])} for row in rows]
        return await self._store.add_messages(thread_id, copies, idempotency_key=idempotency_key, backfill=backfill)

    async def get_messages(
        self, thread_id: str, *, limit: int = 100, offset: int = 0, last: int | None = None
    ) -> list[Record]:
        messages = await self._store.get_messages(thread_id, limit=limit, offset=offset, last=last)
        return messages if await self._owns(thread_id) else []

    async def iter_messages(self, thread_id: str | None = None, *, page_size: int = 500) -> AsyncIterator[Record]:
        async for message in self._store.iter_messages(thread_id, page_size=page_size):
            if await self._owns(message["thread_id"]):
                yield message

    async def add_feedback(
        self,
        thread_id: str,
        user_id: str,
        agent_name: str,
        *,
        rating: int | None = None,
        comment: str | None = None,
        message_id: int | None = None,
        feedback_type: str = "thumbs",
        query: str = "",
        response: str = "",
        correction: str | None = None,
        idempotency_key: str | None = None,
    ) -> Record:
        user = inputs.user(user_id, self._owner)
        fields: dict[str, Any] = {
            "rating": rating,
            "comment": comment,
            "message_id": message_id,
            "feedback_type": feedback_type,
            "query": query,
            "response": response,
            "correction": correction,
        }
        inputs.feedback(thread_id, user, agent_name, **fields)
        inputs.idempotency_key(idempotency_key)
        await self._check_owns(thread_id)
        return await self._store.add_feedback(thread_id, user, agent_name, **fields, idempotency_key=idempotency_key)

    async def get_feedback(
        self, *, agent_name: str | None = None, user_id: str | None = None, limit: int = 50
    ) -> list[Record]:
        size = inputs.count("limit", limit)
        feedback = await self._store.get_feedback(agent_name=agent_name, user_id=user_id, limit=sys.maxsize)
        return (await self._owned(feedback))[:size]

    async def cleanup_idempotency_keys(self, older_than: timedelta | float) -> int:
        return self._store.forget_keys(inputs.now() - inputs.age("older_than", older_than), await self._thread_ids())

    async def get_stats(self) -> dict[str, Any]:
        return self._store.count({"backend": type(self).__name__}, await self._thread_ids())

    async def _thread_ids(self) -> set[str]:
        return {thread["thread_id"] async for thread in self.iter_threads()}

    # suspended states

    async def save_suspended_state(
        self,
        approval_id: str,
        thread_id: str,
        agent_name: str,
        node_name: str,
        state_json: dict[str, Any],
        *,
        ttl: timedelta | float | None = None,
    ) -> Record:
        row = inputs.suspended_state(approval_id, thread_id, agent_name, node_name, state_json, ttl)
        await self._check_owns(thread_id)
        existing = self._store.thread_of_state(row["id"])
        if existing is not None and not await self._owns(existing):
            raise RecordExists("suspended state", row["id"])
        return await self._store.save_suspended_state(
            approval_id, thread_id, agent_name, node_name, state_json, ttl=ttl
        )

    async def get_suspended_state(self, approval_id: str) -> Record | None:
        state = await self._store.get_suspended_state(approval_id)
        return state if state is not None and await self._owns(state["thread_id"]) else None

    async def list_suspended_states(
        self, *, thread_id: str | None = None, agent_name: str | None = None
    ) -> list[Record]:
        states = await self._store.list_suspended_states(thread_id=thread_id, agent_name=agent_name)
        return await self._owned(states)

    async def delete_suspended_state(self, approval_id: str) -> bool:
        return await self.claim_suspended_state(approval_id) is not None

    async def claim_suspended_state(self, approval_id: str) -> Record | None:
        if await self.get_suspended_state(approval_id) is None:
            return None
        return await self._store.claim_suspended_state(approval_id)

    async def cleanup_expired_states(self) -> int:
        return self._store.forget_expired(await self._thread_ids())

    # forks and checkpoints

    async def fork_thread(
        self,
        parent_thread_id: str,
        message_index: int,
        new_thread_id: str,
        *,
        title: str | None = None,
        checkpoints: bool = False,
    ) -> Record | None:
        inputs.identifier("new_thread_id", new_thread_id, empty=False)
        inputs.message_index(message_index)
        inputs.optional_text("title", title)
        if not await self._owns(parent_thread_id):
            return None
        return await self._store.fork_thread(
            parent_thread_id, message_index, new_thread_id, title=title, checkpoints=checkpoints
        )

    async def get_thread_lineage(self, thread_id: str) -> Record:
        if not await self._owns(thread_id):
            return {"thread_id": thread_id, "ancestors": [], "descendants": []}
        return await self._store.get_thread_lineage(thread_id)  # a fork belongs to the user of its parent

    async def save_checkpoint(
        self,
        thread_id: str,
        checkpoint_ns: str,
        checkpoint_id: str,
        parent_checkpoint_id: str | None,
        checkpoint: dict[str, Any],
        metadata: dict[str, Any],
    ) -> None:
        inputs.checkpoint(thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata)
        await self._check_owns(thread_id)
        await self._store.save_checkpoint(
            thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata
        )

    async def get_checkpoint(self, thread_id: str, checkpoint_ns: str, checkpoint_id: str | None) -> Record | None:
        checkpoint = await self._store.get_checkpoint(thread_id, checkpoint_ns, checkpoint_id)
        return checkpoint if await self._owns(thread_id) else None

    async def list_checkpoints(
        self, thread_id: str, checkpoint_ns: str, *, before: str | None = None, limit: int | None = None
    ) -> list[Record]:
        checkpoints = await self._store.list_checkpoints(thread_id, checkpoint_ns, before=before, limit=limit)
        return checkpoints if await self._owns(thread_id) else []
