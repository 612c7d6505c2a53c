"""`MemoryStore`: a store in dicts of this process, for tests and trials. Its data is lost when the process ends.

It implements the whole contract of `BaseStore`. No method awaits anything, so each is atomic for the tasks of an event
loop. The rows are those that `SQLAlchemyStore` stores. Each call makes new records from them, so a caller that changes
a record does not change the store.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Container, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from .. import inputs, records
from ..entities import dated, idempotency
from ..entities.forks import fork_title
from ..entities.idempotency import FEEDBACK_GIVEN, MESSAGE, Key
from ..entities.threads import later_time
from ..errors import HAS_CHECKPOINTS, IdempotencyConflict, InvalidInput, StoreClosed, ThreadExists, ThreadNotFound
from ..inputs import Row
from ..records import Record
from .checkpoints import MemoryCheckpoints
from .history import MemoryHistory
from .rows import ALL_THREADS, matching
from .suspended import MemorySuspendedStates
from .view import MemoryView, ViewedStore


class MemoryStore(MemoryHistory, MemoryCheckpoints, MemorySuspendedStates, ViewedStore):
    """A store in the memory of this process; every instance is separate.

    max_threads: how many threads are kept. A new one beyond that, or a fork, replaces the thread that was updated
        longest ago, with all that belongs to it. None keeps every thread.

    Raises `InvalidInput`.
    """

    def __init__(self, *, max_threads: int | None = None) -> None:
        if max_threads is not None and inputs.count("max_threads", max_threads) == 0:
            raise InvalidInput("max_threads", "must be 1 or more, or None, not 0")
        self.max_threads = max_threads
        MemoryHistory.__init__(self)
        MemoryCheckpoints.__init__(self)
        MemorySuspendedStates.__init__(self)
        self._threads: dict[str, Row] = {}
        self._messages: dict[str, list[Row]] = {}
        self._feedback: list[Row] = []
        self._keys: dict[tuple[str, str, str], tuple[datetime, str, list[Row]]] = {}
        self._message_ids = itertools.count(1)
        self._feedback_ids = itertools.count(1)
        self._closed = False

    def for_user(self, user_id: str) -> MemoryView:
        return MemoryView(self, inputs.identifier("user_id", user_id))

    async def initialize(self) -> None:
        self._closed = False

    async def close(self) -> None:
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise StoreClosed

    async def health_check(self) -> dict[str, Any]:
        report = {"status": "healthy", "backend": "MemoryStore", "database": "memory"}
        return report | {"status": "unhealthy", "error": str(StoreClosed())} if self._closed else report

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
        row = inputs.thread(thread_id, user_id, agent_name, title, metadata)
        self._check_open()
        existing = self._threads.setdefault(row["id"], row)
        if (existing["user_id"], existing["agent_name"]) != (row["user_id"], row["agent_name"]):
            raise ThreadExists(row["id"], "it belongs to another user or agent")
        self._make_room(row["id"])
        return records.thread(existing)

    def _make_room(self, kept: str) -> None:
        """Delete the threads that were updated longest ago, except one, until no more than `max_threads` are left."""
        while self.max_threads is not None and len(self._threads) > self.max_threads:
            ages = ((row["updated_at"], id_) for id_, row in self._threads.items() if id_ != kept)
            self._remove(min(ages)[1])

    async def get_thread(self, thread_id: str) -> Record | None:
        thread_id = inputs.identifier("thread_id", thread_id)
        self._check_open()
        row = self._threads.get(thread_id)
        return None if row is None else records.thread(row)

    async def list_threads(
        self,
        *,
        agent_name: str | None = None,
        user_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
        after: Mapping[str, Any] | str | None = None,
    ) -> list[Record]:
        filters = inputs.filters(agent_name=agent_name, user_id=user_id)
        size, skipped = inputs.window(limit, offset)
        cursor = inputs.thread_cursor(after)
        self._check_open()
        rows = matching(self._threads.values(), filters)
        if isinstance(cursor, str):
            if cursor not in self._threads:
                raise ThreadNotFound(cursor)
            cursor = (self._threads[cursor]["updated_at"], cursor)
        if cursor is not None:
            rows = [row for row in rows if (row["updated_at"], row["id"]) < cursor]
        rows.sort(key=lambda row: (row["updated_at"], row["id"]), reverse=True)
        return [records.thread(row) for row in rows[skipped : skipped + size]]

    async def update_thread(self, thread_id: str, **updates: Any) -> Record | None:
        thread_id, values = inputs.identifier("thread_id", thread_id), inputs.thread_updates(updates)
        self._check_open()
        row = self._threads.get(thread_id)
        if row is None:
            return None
        if values:
            row |= values | {"updated_at": later_time(row["updated_at"], inputs.now())}
        return records.thread(row)

    async def delete_thread(self, thread_id: str) -> bool:
        thread_id = inputs.identifier("thread_id", thread_id)
        self._check_open()
        return self._remove(thread_id)

    def _remove(self, thread_id: str) -> bool:
        if self._threads.pop(thread_id, None) is None:
            return False
        self._messages.pop(thread_id, None)
        for row in self._threads.values():
            if row["parent_thread_id"] == thread_id:
                row["parent_thread_id"] = None
        self._feedback = [row for row in self._feedback if row["thread_id"] != thread_id]
        self._keys = {key: stored for key, stored in self._keys.items() if key[0] != thread_id}
        self.forget_states(thread_id)
        self._checkpoints = {key: rows for key, rows in self._checkpoints.items() if key[0] != thread_id}
        return True

    async def iter_threads(
        self, *, agent_name: str | None = None, user_id: str | None = None, page_size: int = 200
    ) -> AsyncIterator[Record]:
        filters = inputs.filters(agent_name=agent_name, user_id=user_id)
        inputs.page_size(page_size)
        self._check_open()
        for row in sorted(matching(self._threads.values(), filters), key=lambda row: str(row["id"])):
            yield records.thread(row)

    # messages

    async def add_message(
        self,
        thread_id: str,
        role: str,
        content: str,
        *,
        metadata: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Record:
        thread_id, key = inputs.identifier("thread_id", thread_id), inputs.idempotency_key(idempotency_key)
        return self._append_once(thread_id, [inputs.message(role, content, metadata)], key)[0]

    async def add_messages(
        self,
        thread_id: str,
        messages: Iterable[Mapping[str, Any]],
        *,
        idempotency_key: str | None = None,
        backfill: bool = False,
    ) -> list[Record]:
        thread_id, key = inputs.identifier("thread_id", thread_id), inputs.idempotency_key(idempotency_key)
        return self._append_once(thread_id, inputs.messages(messages), key, backfill=backfill)

    def _append_once(
        self, thread_id: str, rows: list[Row], idempotency_key: str | None, *, backfill: bool = False
    ) -> list[Record]:
        # An empty call stores nothing, so its key stands for nothing.
        key = idempotency.of_messages(idempotency_key, rows) if idempotency_key is not None and rows else None
        self._check_open()
        return self._store_once(thread_id, MESSAGE, key, lambda: self._append(thread_id, rows, backfill))

    def _store_once(
        self, thread_id: str, operation: str, key: Key | None, store: Callable[[], list[Row]]
    ) -> list[Record]:
        """Run `store` and return its records; if the key was used before, return the first call's records instead."""
        as_record = records.message if operation == MESSAGE else records.feedback
        if key is None:
            return [as_record(row) for row in store()]
        full_key = (thread_id, operation, key.key)
        if full_key not in self._keys:
            rows = store()
            if rows:
                self._keys[full_key] = (rows[0]["created_at"], key.content_digest, rows)
            return [as_record(row) for row in rows]
        _at, content_digest, rows = self._keys[full_key]
        if content_digest != key.content_digest:
            raise IdempotencyConflict(thread_id, key.key)
        return [as_record(row) for row in rows]

    def _append(self, thread_id: str, rows: list[Row], backfill: bool) -> list[Row]:
        thread = self._threads.get(thread_id)
        if thread is None:
            raise ThreadNotFound(thread_id)
        if not rows:
            return []
        at = later_time(thread["updated_at"], inputs.now())
        history = self._messages.setdefault(thread_id, [])
        before = history[-1]["created_at"] if history else None
        times = dated.times(rows, before, at, backfill=backfill)
        added = [
            row
            | {
                "id": next(self._message_ids),
                "thread_id": thread_id,
                "position": len(history) + index,
                "created_at": times[index],
            }
            for index, row in enumerate(rows)
        ]
        history.extend(added)
        thread |= {"message_count": len(history), "updated_at": at}
        return added

    async def get_messages(
        self, thread_id: str, *, limit: int = 100, offset: int = 0, last: int | None = None
    ) -> list[Record]:
        thread_id = inputs.identifier("thread_id", thread_id)
        size, first, newest = inputs.page(limit, offset, last)
        self._check_open()
        history = self._messages.get(thread_id, [])
        if newest is not None:
            return [records.message(row) for row in history[max(0, len(history) - newest) :]]
        return [records.message(row) for row in history[first : first + size]]

    async def iter_messages(self, thread_id: str | None = None, *, page_size: int = 500) -> AsyncIterator[Record]:
        inputs.page_size(page_size)
        thread_ids = sorted(self._messages) if thread_id is None else [inputs.identifier("thread_id", thread_id)]
        self._check_open()
        for one_id in thread_ids:
            for row in list(self._messages.get(one_id, ())):
                yield records.message(row)

    # feedback

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
        given_key = inputs.idempotency_key(idempotency_key)
        row = inputs.feedback(
            thread_id,
            user_id,
            agent_name,
            rating=rating,
            comment=comment,
            message_id=message_id,
            feedback_type=feedback_type,
            query=query,
            response=response,
            correction=correction,
        )
        key = None if given_key is None else idempotency.of_feedback(given_key, row)
        self._check_open()
        return self._store_once(row["thread_id"], FEEDBACK_GIVEN, key, lambda: self._append_feedback(row))[0]

    def _append_feedback(self, row: Row) -> list[Row]:
        row["id"] = next(self._feedback_ids)
        self._feedback.append(row)
        return [row]

    async def cleanup_idempotency_keys(self, older_than: timedelta | float) -> int:
        return self.forget_keys(inputs.now() - inputs.age("older_than", older_than), ALL_THREADS)

    def forget_keys(self, before: datetime, threads: Container[str]) -> int:
        """Delete the idempotency keys of these threads that were used before a time; returns the number."""
        self._check_open()
        old = [key for key, stored in self._keys.items() if stored[0] < before and key[0] in threads]
        for key in old:
            del self._keys[key]
        return len(old)

    async def get_feedback(
        self, *, agent_name: str | None = None, user_id: str | None = None, limit: int = 50
    ) -> list[Record]:
        filters, size = inputs.filters(agent_name=agent_name, user_id=user_id), inputs.count("limit", limit)
        self._check_open()
        return [records.feedback(row) for row in matching(reversed(self._feedback), filters)[:size]]

    async def get_stats(self) -> dict[str, Any]:
        return self.count({"backend": "MemoryStore"}, ALL_THREADS)

    def count(self, report: dict[str, Any], threads: Container[str]) -> dict[str, Any]:
        """Return the report with the number of rows of each kind that belong to these threads."""
        self._check_open()
        return report | {
            "database": "memory",
            "threads": sum(thread_id in threads for thread_id in self._threads),
            "messages": sum(len(rows) for thread_id, rows in self._messages.items() if thread_id in threads),
            "feedback": sum(row["thread_id"] in threads for row in self._feedback),
            "suspended_states": sum(row["thread_id"] in threads for row in self.unexpired({})),
            "checkpoints": sum(len(rows) for key, rows in self._checkpoints.items() if key[0] in threads),
            "estimated": [],
        }

    # forks

    async def fork_thread(
        self,
        parent_thread_id: str,
        message_index: int,
        new_thread_id: str,
        *,
        title: str | None = None,
        checkpoints: bool = False,
    ) -> Record | None:
        parent_id = inputs.identifier("parent_thread_id", parent_thread_id)
        new_id = inputs.identifier("new_thread_id", new_thread_id, empty=False)
        last, title = inputs.message_index(message_index), inputs.optional_text("title", title)
        self._check_open()
        parent = self._threads.get(parent_id)
        if parent is None or last < 0:
            return None
        if new_id in self._threads:
            raise ThreadExists(new_id, "a fork needs an id of its own")
        if checkpoints and any(thread_id == new_id for thread_id, _ns in self._checkpoints):
            raise ThreadExists(new_id, HAS_CHECKPOINTS)
        copied = self._messages.get(parent_id, [])[: last + 1]
        at = inputs.now()
        self._threads[new_id] = parent | {
            "id": new_id,
            "title": fork_title(title, parent["title"], parent_id),
            "message_count": len(copied),
            "parent_thread_id": parent_id,
            "fork_message_index": last,
            "created_at": at,
            "updated_at": at,
        }
        self._messages[new_id] = [row | {"id": next(self._message_ids), "thread_id": new_id} for row in copied]
        for thread_id, ns in list(self._checkpoints) if checkpoints else ():
            if thread_id == parent_id:
                saved = self._checkpoints[parent_id, ns].items()
                self._checkpoints[new_id, ns] = {id_: row | {"thread_id": new_id} for id_, row in saved}
        self._make_room(new_id)
        return records.thread(self._threads[new_id])

    async def get_thread_lineage(self, thread_id: str) -> Record:
        thread_id = inputs.identifier("thread_id", thread_id)
        self._check_open()
        ancestors: dict[str, Row] = {}
        row = self._threads.get(thread_id)
        while row is not None and row["parent_thread_id"] is not None:
            row = self._threads.get(row["parent_thread_id"])
            if row is None or row["id"] in ancestors or row["id"] == thread_id:
                break
            ancestors[row["id"]] = row
        children = matching(self._threads.values(), {"parent_thread_id": thread_id})
        children.sort(key=lambda child: (child["created_at"], child["id"]))
        return {
            "thread_id": thread_id,
            "ancestors": [records.thread(row) for row in reversed(ancestors.values())],
            "descendants": [records.thread(row) for row in children],
        }
