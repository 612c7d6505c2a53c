"""`BaseStore`: the interface of a store. The docstrings here are the reference for every store.

A store must implement the five abstract methods. The others have defaults: reading finds nothing, and writing raises
`NotSupported`, because losing a rating or an approval silently would be worse. `agentomatic_sql.testing` has tests that
any store can be put through.

The signatures are those of the agentomatic platform's own interface. Keyword-only arguments that the platform does not
know are additions of this package.

Every method may raise a subclass of `agentomatic_sql.errors.StoreError`: `InvalidInput` before anything is stored,
`StoreClosed`, `StoreUnavailable` and the like. The docstrings name the errors that are special to a method.

Records are dicts with these keys (`agentomatic_sql.records`). Times are ISO-8601 text in UTC, to the microsecond:

    thread           id thread_id user_id agent_name title metadata created_at updated_at message_count
                     parent_thread_id fork_message_index
    message          id thread_id index role content metadata timestamp
    feedback         id thread_id message_id user_id agent_name rating comment feedback_type query response
                     correction created_at
    suspended state  id thread_id agent_name node_name state_snapshot created_at expires_at
    checkpoint       thread_id checkpoint_ns checkpoint_id parent_checkpoint_id checkpoint metadata created_at

A dict that a caller gives is stored as JSON and comes back exactly. datetime, date, time, timedelta, UUID, Decimal,
Enum, paths, IP addresses, dataclasses, pydantic models, tuples, sets and bytes are converted to JSON types
(`agentomatic_sql.jsontext` says how) and come back as those. Any other value is refused with its path, such as
`metadata.score`.

Ids are strings of at most 255 characters and are compared exactly: case, accents and trailing spaces count.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta
from typing import Any, Self

from .errors import NotSupported
from .history import PlatformHistory


class BaseStore(PlatformHistory, ABC):
    """The interface of a store of threads, messages, feedback, suspended states and checkpoints."""

    async def __aenter__(self) -> Self:
        try:
            await self.initialize()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    async def initialize(self) -> None:
        """Make the store ready. Calling it again does nothing."""

    async def close(self) -> None:
        """Release what the store opened. Closing twice is fine.

        Afterwards every method raises `StoreClosed`, except `initialize`, which opens the store again, and
        `health_check`, which reports it.
        """

    def for_user(self, user_id: str) -> BaseStore:
        """Return a view of this store that sees and changes the threads of one user, and nothing else.

        Another user's thread looks like one that does not exist. Feedback, suspended states and checkpoints are visible
        if their thread belongs to the user, and stored only then (`ThreadNotFound` otherwise). A `user_id` that is
        stored must be the view's (`InvalidInput`). An id that another user has is refused as taken (`ThreadExists`,
        `RecordExists`). The platform's history belongs to no user: the view has none of it, and storing it raises
        `NotSupported`. The view is closed with its store, not before.

        Raises `NotSupported` if the store has no views.
        """
        raise NotSupported(type(self).__name__, "for_user")

    async def health_check(self) -> dict[str, Any]:
        """Return a report on the store; never raises.

        The report has at least `status`, which is "healthy" or "unhealthy", and `backend`.
        """
        return {"status": "healthy", "backend": type(self).__name__}

    @abstractmethod
    async def create_thread(
        self,
        thread_id: str,
        user_id: str,
        agent_name: str,
        *,
        title: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Create a thread and return it.

        If the thread exists with the same user and agent, it is returned unchanged. Raises `ThreadExists` if it has
        another user or agent.
        """

    @abstractmethod
    async def get_thread(self, thread_id: str) -> dict[str, Any] | None:
        """Return a thread, or None if it does not exist."""

    @abstractmethod
    async def list_threads(
        self,
        *,
        agent_name: str | None = None,
        user_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
        after: Mapping[str, Any] | str | None = None,
    ) -> list[dict[str, Any]]:
        """Return a page of threads, the one updated last first.

        A filter that is None filters nothing. `after` continues behind a thread: pass the last thread of the page
        before, or its id. Unlike `offset`, it does not get slower with depth. Raises `ThreadNotFound` if `after` is the
        id of a thread that does not exist.
        """

    async def update_thread(self, thread_id: str, **updates: Any) -> dict[str, Any] | None:
        """Change a thread's `title` or `metadata` and return the thread; None if it does not exist.

        `metadata` is replaced as a whole; `metadata_json`, the platform's name of its column, is the same field. Raises
        `InvalidInput` for any other field.
        """
        raise NotSupported(type(self).__name__, "update_thread")

    async def delete_thread(self, thread_id: str) -> bool:
        """Delete a thread with its messages, feedback, suspended states and checkpoints.

        Returns False if it does not exist. Forks of the thread stay, with None as their `parent_thread_id`.
        """
        raise NotSupported(type(self).__name__, "delete_thread")

    async def iter_threads(
        self, *, agent_name: str | None = None, user_id: str | None = None, page_size: int = 200
    ) -> AsyncIterator[dict[str, Any]]:
        """Iterate over all threads, fetching `page_size` of them at a time.

        On a store that pages by key, a thread that exists all the while comes exactly once. This default pages by
        offset, and can miss or repeat a thread that changes meanwhile.
        """
        offset = 0
        while page := await self.list_threads(agent_name=agent_name, user_id=user_id, limit=page_size, offset=offset):
            for thread in page:
                yield thread
            offset += len(page)

    @abstractmethod
    async def add_message(
        self,
        thread_id: str,
        role: str,
        content: str,
        *,
        metadata: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Append a message to a thread and return it.

        `index` is the message's position in the thread, counted from 0. Positions have no gaps and no repeats, whoever
        else writes at the same time. The thread's `message_count` and `updated_at` change together with the message.

        With an `idempotency_key` (1 to 255 characters) the message is stored once: the same call again, from any
        process and days later, returns the record of the first call. `cleanup_idempotency_keys` deletes old keys.

        Raises `ThreadNotFound`, and `IdempotencyConflict` if the key was used in this thread for other content.
        """

    async def add_messages(
        self,
        thread_id: str,
        messages: Iterable[Mapping[str, Any]],
        *,
        idempotency_key: str | None = None,
        backfill: bool = False,
    ) -> list[dict[str, Any]]:
        """Append several messages to a thread, all or none, and return them; they stand side by side.

        Each message is a dict with `role`, `content` and optionally `metadata`. One `idempotency_key` stands for all of
        them, as in `add_message`. An empty list stores nothing, not even the key,
        which may have been used.

        For history that is brought in, a message may have `created_at`: a datetime with a time zone, or such a time in
        ISO 8601. It must not be before the message in front of it, unless `backfill` says that it may be. The order is
        that of the list in any case.

        Raises `ThreadNotFound`, `IdempotencyConflict` as `add_message` does, and `InvalidInput` for such a time.
        """
        raise NotSupported(type(self).__name__, "add_messages")

    @abstractmethod
    async def get_messages(
        self, thread_id: str, *, limit: int = 100, offset: int = 0, last: int | None = None
    ) -> list[dict[str, Any]]:
        """Return messages of a thread, the oldest first; [] if the thread does not exist.

        `last=50` returns the newest 50, the oldest of them first; `limit` is then ignored, and an `offset` raises
        `InvalidInput`.
        """

    async def iter_messages(
        self, thread_id: str | None = None, *, page_size: int = 500
    ) -> AsyncIterator[dict[str, Any]]:
        """Iterate over a thread's messages in order, or over those of all threads, thread by thread."""
        if thread_id is None:
            async for thread in self.iter_threads():
                async for message in self.iter_messages(thread["thread_id"], page_size=page_size):
                    yield message
            return
        offset = 0
        while page := await self.get_messages(thread_id, limit=page_size, offset=offset):
            for message in page:
                yield message
            offset += len(page)

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
    ) -> dict[str, Any]:
        """Store feedback and return it; the thread need not exist.

        `rating` is 1 to 5, or None. An `idempotency_key` works as in `add_message`; a message and feedback of one
        thread may have the same key. Raises `IdempotencyConflict` as `add_message` does.
        """
        raise NotSupported(type(self).__name__, "add_feedback")

    async def get_feedback(
        self, *, agent_name: str | None = None, user_id: str | None = None, limit: int = 50
    ) -> list[dict[str, Any]]:
        """Return feedback, the newest first; a filter that is None filters nothing."""
        return []

    async def cleanup_idempotency_keys(self, older_than: timedelta | float) -> int:
        """Delete idempotency keys that are older than this, a timedelta or seconds; returns how many.

        A call that is repeated after its key was deleted is stored again. Otherwise a key is deleted only with its
        thread.
        """
        return 0

    async def get_stats(self) -> dict[str, Any]:
        """Return how many threads, messages, feedback, suspended states and checkpoints are stored.

        Suspended states that have expired do not count. `estimated` lists the names of counts that are estimates: a
        store may count exactly only up to a limit.
        """
        return {"backend": type(self).__name__}

    async def save_suspended_state(
        self,
        approval_id: str,
        thread_id: str,
        agent_name: str,
        node_name: str,
        state_json: dict[str, Any],
        *,
        ttl: timedelta | float | None = None,
    ) -> dict[str, Any]:
        """Store the state of an execution that waits for a human, and return it.

        It expires after `ttl`, a timedelta or seconds, by the database's clock; None is seven days. Saving the same
        approval id again replaces the state and restarts the time. The thread need not exist.
        """
        raise NotSupported(type(self).__name__, "save_suspended_state")

    async def get_suspended_state(self, approval_id: str) -> dict[str, Any] | None:
        """Return a suspended state; None if it does not exist or has expired."""
        return None

    async def list_suspended_states(
        self, *, thread_id: str | None = None, agent_name: str | None = None
    ) -> list[dict[str, Any]]:
        """Return the states that have not expired, the newest first; a filter that is None filters nothing."""
        return []

    async def delete_suspended_state(self, approval_id: str) -> bool:
        """Delete a suspended state.

        Returns True to exactly one of any number of callers, and False if no such state waits.
        """
        raise NotSupported(type(self).__name__, "delete_suspended_state")

    async def claim_suspended_state(self, approval_id: str) -> dict[str, Any] | None:
        """Delete a suspended state and return it.

        Exactly one of any number of callers gets it; the others get None.
        """
        state = await self.get_suspended_state(approval_id)
        if state is None or not await self.delete_suspended_state(approval_id):
            return None
        return state

    async def cleanup_expired_states(self) -> int:
        """Delete the suspended states that have expired; returns how many."""
        return 0

    async def fork_thread(
        self,
        parent_thread_id: str,
        message_index: int,
        new_thread_id: str,
        *,
        title: str | None = None,
        checkpoints: bool = False,
    ) -> dict[str, Any] | None:
        """Copy a thread with its messages 0 to `message_index` to a new thread, and return that.

        An index past the end copies all messages. Roles, contents, metadata and times are the originals'. Without a
        title the fork is called "Fork of …". `fork_message_index` is the index that was given. With `checkpoints`, all
        checkpoints of the thread and the states of its LangGraph graphs are copied in the same transaction.

        Returns None if the parent does not exist or the index is negative. Raises `ThreadExists` if the new id is
        taken, or already has checkpoints that would be mixed with the copies.
        """
        raise NotSupported(type(self).__name__, "fork_thread")

    async def get_thread_lineage(self, thread_id: str) -> dict[str, Any]:
        """Return `thread_id`, `ancestors` (from the root down to the parent) and `descendants` (direct
        forks)."""
        return {"thread_id": thread_id, "ancestors": [], "descendants": []}

    async def save_checkpoint(
        self,
        thread_id: str,
        checkpoint_ns: str,
        checkpoint_id: str,
        parent_checkpoint_id: str | None,
        checkpoint: dict[str, Any],
        metadata: dict[str, Any],
    ) -> None:
        """Store a checkpoint; a checkpoint with the same id is replaced in its place. The thread need not exist."""
        raise NotSupported(type(self).__name__, "save_checkpoint")

    async def get_checkpoint(
        self, thread_id: str, checkpoint_ns: str, checkpoint_id: str | None
    ) -> dict[str, Any] | None:
        """Return a checkpoint, or None if it does not exist.

        An id that is empty or None means the newest by the time of its first save; saving it again does not make it
        newer.
        """
        return None

    async def list_checkpoints(
        self, thread_id: str, checkpoint_ns: str, *, before: str | None = None, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Return checkpoints, the newest first, by the order in which they were first saved.

        `before` is a checkpoint id: checkpoints that were saved before it. If no checkpoint has this id, checkpoints
        with a smaller id are returned, the greatest first (LangGraph may name a checkpoint of another namespace, and
        its ids grow with time). Checkpoints of a graph, if a store shows them, come after those that were saved here.
        """
        return []
