"""`BaseStore`: what a store is. The docstrings here are the reference for every store.

The five abstract methods are all that a store must have. The others have defaults: those that read answer that
nothing is there, those that write raise `NotSupported` (losing a rating or an approval without a word would be
worse). `agentomatic_sql.testing` holds the tests that any store can be put through.

The signatures are those of the agentomatic platform's own interface; keyword-only arguments that it does not
know are additions of this package. Every method raises a subclass of `agentomatic_sql.errors.StoreError`,
`InvalidInput` before anything is stored.

Records are the dicts of `agentomatic_sql.records`, with these keys; times are ISO-8601 in UTC, to the microsecond:

    thread           id thread_id user_id agent_name title metadata created_at updated_at message_count
                     parent_thread_id fork_message_index
    message          id thread_id index role content metadata timestamp
    feedback         id thread_id message_id user_id agent_name rating comment feedback_type query response
                     correction created_at
    suspended state  id thread_id agent_name node_name state_snapshot created_at expires_at
    checkpoint       thread_id checkpoint_ns checkpoint_id parent_checkpoint_id checkpoint metadata created_at

What a caller gives as a dict is kept as JSON, exactly. Of what JSON has no word for, datetime, date, UUID, Decimal,
Enum, dataclasses, pydantic models, tuples, sets and bytes are converted (`agentomatic_sql.jsontext` says to what) and
come back as such; the rest is refused with its path.
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
        """Make the store ready; calling it again does nothing."""

    async def close(self) -> None:
        """Release what the store opened; closing twice is fine.

        Every other method then raises `StoreClosed`, but for `initialize`, which opens the store again, and
        `health_check`, which reports it.
        """

    def for_user(self, user_id: str) -> BaseStore:
        """A view of this store that sees and changes one user's threads, and what hangs on them, and nothing else.

        Another user's thread answers like one that is not there. Feedback, suspended states and checkpoints are seen
        with a thread of the user's, and stored only with one (else `ThreadNotFound`); a `user_id` that is stored has to
        be this one (`InvalidInput`). An id that another user has is refused as taken (`ThreadExists`, `RecordExists`).
        What the platform keeps of its own work is of no user: none of it is there, and storing it raises
        `NotSupported`. The view is closed with its store, and not before.
        """
        raise NotSupported(type(self).__name__, "for_user")

    async def health_check(self) -> dict[str, Any]:
        """A report with at least `status` ("healthy" or "unhealthy") and `backend`; it does not raise."""
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
        """Make a thread and return it.

        Where the thread exists with the same user and agent it is returned as it stands; with another owner
        `ThreadExists` is raised. Ids have at most 255 characters and are compared exactly.
        """

    @abstractmethod
    async def get_thread(self, thread_id: str) -> dict[str, Any] | None:
        """The thread, or None."""

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
        """Threads, the one updated last first; a filter that is None filters nothing.

        `after` goes on behind a thread: the last one of the page before (as it was returned), or its id
        (then `ThreadNotFound` where it is gone). It does not get slower with depth, as `offset` does.
        """

    async def update_thread(self, thread_id: str, **updates: Any) -> dict[str, Any] | None:
        """Change `title` or `metadata` (replaced whole) and return the thread; None where there is none."""
        raise NotSupported(type(self).__name__, "update_thread")

    async def delete_thread(self, thread_id: str) -> bool:
        """Delete a thread with its messages, feedback, suspended states and checkpoints; False if unknown.

        Forks of it live on, with `parent_thread_id` None.
        """
        raise NotSupported(type(self).__name__, "delete_thread")

    async def iter_threads(
        self, *, agent_name: str | None = None, user_id: str | None = None, page_size: int = 200
    ) -> AsyncIterator[dict[str, Any]]:
        """Every thread, page by page.

        A thread that is there all the while comes exactly once on a store that pages by key; this default
        pages by offset and can miss or repeat what is changed meanwhile.
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
        """Append a message and return it; `index` is its place in the thread, counted from 0.

        Places are given one after the other, without gap or repeat, whoever else writes at the same time, and
        the thread's `message_count` and `updated_at` change with the message or not at all. Raises
        `ThreadNotFound`.

        With an `idempotency_key` (1 to 255 characters) the message is stored once: the same call again, from any
        process and days later, returns the first one's record. Raises `IdempotencyConflict` where the key stands for
        other content in this thread. `cleanup_idempotency_keys` says how long keys are kept.
        """

    async def add_messages(
        self, thread_id: str, messages: Iterable[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> list[dict[str, Any]]:
        """Append several messages, each a dict with role, content and, if wanted, metadata; the records back.

        All or none, with neighbouring places. Raises `ThreadNotFound`. An `idempotency_key` is that of all of them, as
        with `add_message`; no messages store nothing, and no key.
        """
        raise NotSupported(type(self).__name__, "add_messages")

    @abstractmethod
    async def get_messages(
        self, thread_id: str, *, limit: int = 100, offset: int = 0, last: int | None = None
    ) -> list[dict[str, Any]]:
        """Messages of a thread, the oldest first; [] where there is none.

        `last=50` are the newest 50, the oldest of them first; it goes with no offset, and limit does not count.
        """

    async def iter_messages(
        self, thread_id: str | None = None, *, page_size: int = 500
    ) -> AsyncIterator[dict[str, Any]]:
        """Every message of a thread, or of all threads (thread by thread), in order, page by page."""
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
        """Store a rating (1 to 5, or None) and return it; the thread need not exist.

        An `idempotency_key` works as with `add_message`; messages and feedback of a thread may have the same.
        """
        raise NotSupported(type(self).__name__, "add_feedback")

    async def get_feedback(
        self, *, agent_name: str | None = None, user_id: str | None = None, limit: int = 50
    ) -> list[dict[str, Any]]:
        """Feedback, the newest first; a filter that is None filters nothing."""
        return []

    async def cleanup_idempotency_keys(self, older_than: timedelta | float) -> int:
        """Forget the keys of calls that are longer ago than this (a timedelta or seconds), and say how many.

        A call that is repeated after its key was forgotten is stored again. Nothing else forgets a key but the deletion
        of its thread.
        """
        return 0

    async def get_stats(self) -> dict[str, Any]:
        """How many threads, messages, feedback, suspended states (not expired) and checkpoints are stored.

        `estimated` lists those counts that are no more than estimates: a store may count up to a limit only
        (`SQLAlchemyStore`: 10,000 rows of a table, and messages in as many threads).
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
        """Keep the state of an execution that waits for a human, and return it.

        It expires after `ttl` (a timedelta or seconds; None is seven days). The same approval id again replaces
        the state and starts a new term. The thread need not exist.
        """
        raise NotSupported(type(self).__name__, "save_suspended_state")

    async def get_suspended_state(self, approval_id: str) -> dict[str, Any] | None:
        """The state; None where there is none or it has expired."""
        return None

    async def list_suspended_states(
        self, *, thread_id: str | None = None, agent_name: str | None = None
    ) -> list[dict[str, Any]]:
        """The states that have not expired, the newest first; a filter that is None filters nothing."""
        return []

    async def delete_suspended_state(self, approval_id: str) -> bool:
        """Delete a state; True for exactly one of any number of callers, False where none waits (any more)."""
        raise NotSupported(type(self).__name__, "delete_suspended_state")

    async def claim_suspended_state(self, approval_id: str) -> dict[str, Any] | None:
        """Take a state away: returned to exactly one of any number of callers, None to the others."""
        state = await self.get_suspended_state(approval_id)
        if state is None or not await self.delete_suspended_state(approval_id):
            return None
        return state

    async def cleanup_expired_states(self) -> int:
        """Delete the states that have expired, and say how many."""
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
        """Copy a thread with its messages 0 to `message_index` (all, when that is past the end); the new thread.

        Roles, contents, metadata and times are those of the originals; without a title it is "Fork of …".
        `fork_message_index` is the index that was asked for. With `checkpoints`, the thread's checkpoints are copied
        as well, all of them, and the states of its LangGraph graphs, in the same transaction. None where the
        parent does not exist or the index is negative; `ThreadExists` where the new id is taken, or has checkpoints.
        """
        raise NotSupported(type(self).__name__, "fork_thread")

    async def get_thread_lineage(self, thread_id: str) -> dict[str, Any]:
        """`thread_id`, `ancestors` (from the root down to the parent) and `descendants` (direct forks)."""
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
        """Store a checkpoint; the same id again replaces it in its place. The thread need not exist."""
        raise NotSupported(type(self).__name__, "save_checkpoint")

    async def get_checkpoint(
        self, thread_id: str, checkpoint_ns: str, checkpoint_id: str | None
    ) -> dict[str, Any] | None:
        """A checkpoint, or None; an id that is empty or None asks for the latest, first saved last."""
        return None

    async def list_checkpoints(
        self, thread_id: str, checkpoint_ns: str, *, before: str | None = None, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Checkpoints, the newest (first saved last) first.

        `before` is an id: those saved before that one; where it is none of these, those with a smaller id, the
        greatest first (LangGraph's may name a checkpoint of another namespace, and its ids grow with time). A graph's
        checkpoints, where a store shows them, come behind those that were saved here.
        """
        return []
