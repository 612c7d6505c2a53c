"""Store the items of a session as the messages of its thread.

The thread has the first messages of its session, or all of them, and its last one tells whether it is the session's.
So an import goes on where it was, after an interruption or when the session has gone on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ... import inputs, records
from ...errors import IdempotencyConflict, InvalidInput, ThreadNotFound
from ...store import SQLAlchemyStore
from . import items
from .items import Message, Row, Unfit
from .mapping import FeedbackTable, SourceMapping
from .outcome import Outcome

_CHUNK_MESSAGES = 500
_CHUNK_SIZE = 1_000_000
"""At most about so many messages and characters are stored at a time; a single message may be longer."""

Record = Mapping[str, Any]


class Continued:
    """A thread that gets the messages of a session which it does not have.

    Args:
        store: The target.
        mapping: The mapping of the source.
        outcome: Counts what is stored.
        refuse: Notes why the session does not fit.
        thread: The thread.
        last: Its last message, if it has messages.
        skip: Whether rows that do not fit are left out; else the session ends in front of the first.
    """

    def __init__(
        self,
        store: SQLAlchemyStore,
        mapping: SourceMapping,
        outcome: Outcome,
        refuse: Callable[[str], None],
        thread: Record,
        last: Sequence[Record],
        *,
        skip: bool,
    ) -> None:
        self._store = store
        self._mapping = mapping
        self._outcome = outcome
        self._refuse = refuse
        self._id: str = thread["id"]
        self._owner: tuple[str, str] = (thread["user_id"], thread["agent_name"])
        self._stored: int = thread["message_count"]
        self._last = last
        self._skip = skip
        self._count = 0
        """How many messages of the session were taken."""
        self._ended = False
        """Whether nothing more of the session is stored."""
        self._key: Sequence[Any] | None = None
        self._fits = False
        """Whether the last row became a message."""
        self._waiting: list[Message] = []
        self._size = 0
        self._feedback: list[tuple[int, Row]] = []

    async def take(self, row: Row, feedback: Row | None) -> None:
        """Take the next message of the session, or one more feedback on the last message."""
        key = [row[name] for name in self._mapping.message.key]
        again, self._key = key == self._key, key
        if not again or self._mapping.feedback is None:  # else it is the same row, with one more feedback
            self._fits = not self._ended and await self._take(row, again=again)
        if self._fits and feedback is not None:
            self._feedback.append((self._count - 1, feedback))

    async def _take(self, row: Row, *, again: bool) -> bool:
        where = self._mapping.message
        try:
            if self._mapping.thread.table is None:
                items.check_owner(row, self._mapping.thread, self._owner)
            message = items.message(row, self._mapping)
            if again:
                raise Unfit("it has the key of the row before")
        except Unfit as error:
            self._outcome.refuse(where.table, row, (*where.thread, *where.key), str(error))
            if not self._skip:
                await self._end()
            return False
        if self._count >= self._stored:
            if self._size + message.size > _CHUNK_SIZE or len(self._waiting) == _CHUNK_MESSAGES:
                await self._write()
            self._waiting.append(message)
            self._size += message.size
        elif self._count == self._stored - 1 and not message.is_stored_as(self._last[0]):
            self._give_up(f"the last message of thread {self._id!r} is another one: one of the two has changed")
        else:
            self._outcome.count("message", is_new=False)
        self._count += 1
        return not self._ended

    async def end(self) -> None:
        """Store what is left of the session."""
        if not self._ended and self._count < self._stored:
            self._give_up(f"thread {self._id!r} has {self._stored:,} messages, and the session {self._count:,}")
        await self._end()

    async def _end(self) -> None:
        if not self._ended:
            await self._write()
            self._ended = True

    def _give_up(self, reason: str) -> None:
        self._refuse(reason)
        self._ended = True

    async def _write(self) -> None:
        """Store the messages that wait, and the feedback on them and on those before."""
        ids: dict[int, int] = {}
        if self._waiting:
            try:
                added = await self._store.add_messages(
                    self._id,
                    [message.fields for message in self._waiting],
                    idempotency_key=f"import:{self._mapping.name}:{self._waiting[0].key}",
                    backfill=True,
                )
            except (IdempotencyConflict, InvalidInput, ThreadNotFound) as error:
                self._give_up(str(error))
                return
            ids = {message["index"]: message["id"] for message in added}
            self._outcome.count("message", len(added), is_new=True)
        for index, row in self._feedback:
            if index not in ids:
                (message,) = await self._store.get_messages(self._id, offset=index, limit=1)
                ids[index] = message["id"]
            await self._add_feedback(row, ids[index])
        self._waiting, self._size, self._feedback = [], 0, []

    async def _add_feedback(self, row: Row, message_id: int) -> None:
        where, before = self._mapping.feedback, records.iso(inputs.now())
        assert where is not None  # else there is no row
        try:
            given = await self._store.add_feedback(
                self._id,
                *self._owner,
                message_id=message_id,
                rating=_rating(where, row),
                comment=None if where.comment is None else row[where.comment],
                idempotency_key=f"import:{self._mapping.name}:{items.joined(row, where.key)}",
            )
        except (IdempotencyConflict, InvalidInput, Unfit) as error:
            self._outcome.refuse(where.table, row, where.key, str(error))
        else:
            self._outcome.count("feedback", is_new=given["created_at"] >= before)


def _rating(where: FeedbackTable, row: Row) -> int | None:
    value = row[where.rating]
    if value is None:
        return None
    if items.text_of(value) not in where.ratings:
        raise Unfit(f"the mapping has no rating for its {where.rating}")
    return where.ratings[items.text_of(value)]
