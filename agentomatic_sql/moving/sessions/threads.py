"""Store the items of a session as the messages of its thread.

The thread has the first messages of its session, or all of them, and its last one tells whether it is the session's.
So an import goes on where it was, after an interruption or when the session has gone on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ... import inputs
from ...errors import IdempotencyConflict, InvalidInput, ThreadNotFound, ValueTooLarge
from ...store import SQLAlchemyStore
from . import items
from .items import Message, Row, Unfit
from .mapping import FeedbackTable, SourceMapping
from .outcome import Outcome, made_since

_CHUNK_MESSAGES = 500
_CHUNK_SIZE = 1_000_000
"""At most about so many messages and characters are stored at a time; a single message may be longer."""
_LARGE = 100_000
"""A message of fewer characters fits into every packet that a server takes."""

Record = Mapping[str, Any]


class _Waiting(NamedTuple):
    message: Message
    row: Row
    feedback: list[Row]


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
        self._waiting: list[_Waiting] = []
        self._size = 0
        self._message: Message | None = None
        """The message of the last row."""
        self._feedback: list[tuple[int, Message, Row]] = []
        """Feedback with its message and the message's place in the session."""

    async def take(self, row: Row, feedback: Row | None) -> None:
        """Take the next message of the session, or one more feedback on the last message."""
        key = [row[name] for name in self._mapping.message.key]
        again, self._key = key == self._key, key
        if not again or self._mapping.feedback is None:  # else it is the same row, with one more feedback
            self._fits = not self._ended and await self._take(row, again=again)
        if not self._fits or feedback is None:
            return
        if self._waiting:
            self._waiting[-1].feedback.append(feedback)
        else:
            assert self._message is not None  # the last row became a message
            self._feedback.append((self._count - 1, self._message, feedback))
            if len(self._feedback) == _CHUNK_MESSAGES:
                await self._write()

    async def _take(self, row: Row, *, again: bool) -> bool:
        try:
            if self._mapping.thread.table is None:
                items.check_owner(row, self._mapping.thread, self._owner)
            message = items.message(row, self._mapping)
            if again:
                raise Unfit("it has the key of the row before")
        except Unfit as error:
            self._refuse_message(row, str(error))
            if not self._skip:
                await self._end()
            return False
        self._message = message
        if self._count >= self._stored:
            if self._size + message.size > _CHUNK_SIZE or len(self._waiting) == _CHUNK_MESSAGES:
                await self._write()
            if self._ended:
                return False
            self._waiting.append(_Waiting(message, row, []))
            self._size += message.size
        elif await self._is_there(message):
            self._outcome.count("message", is_new=False)
        elif self._skip and message.size > _LARGE:  # an import before has left it out
            self._refuse_message(row, f"it is not message {self._count:,} of thread {self._id!r}: it was too large")
            return False
        else:
            self._give_up_other("last message")
        self._count += 1
        return not self._ended

    async def _is_there(self, message: Message) -> bool:
        """Return whether the thread has a message at its place; only the last and large ones are compared."""
        if self._count == self._stored - 1:
            return message.is_stored_as(self._last[0])
        if not self._skip or message.size <= _LARGE:
            return True
        (stored,) = await self._store.get_messages(self._id, offset=self._count, limit=1)
        return message.is_stored_as(stored)

    def _refuse_message(self, row: Row, reason: str) -> None:
        where = self._mapping.message
        self._outcome.refuse(where.table, row, (*where.thread, *where.key), reason)

    async def end(self) -> None:
        """Store what is left of the session."""
        if not self._ended and self._count < self._stored:
            self._give_up(f"thread {self._id!r} has {self._stored:,} messages, and the session {self._count:,}")
        await self._end()

    async def _end(self) -> None:
        if not self._ended:
            await self._write()
            self._ended = True

    def _give_up_other(self, which: str) -> None:
        self._give_up(f"the {which} of thread {self._id!r} is another one: one of the two has changed")

    def _give_up(self, reason: str) -> None:
        self._refuse(reason)
        self._ended = True

    async def _write(self) -> None:
        """Store the messages that wait, and the feedback on them and on those before."""
        for place, message, row in self._feedback:
            (stored,) = await self._store.get_messages(self._id, offset=place, limit=1)
            if not message.is_stored_as(stored):
                self._give_up_other(f"message at index {place:,}")
                return
            await self._add_feedback(row, stored["id"])
        waiting, self._waiting, self._size, self._feedback = self._waiting, [], 0, []
        if waiting:
            await self._add(waiting)

    async def _add(self, waiting: Sequence[_Waiting]) -> None:
        """Store messages with their feedback; one that is too large for the server does not fit."""
        try:
            added = await self._store.add_messages(
                self._id,
                [one.message.fields for one in waiting],
                idempotency_key=f"import:{self._mapping.name}:{waiting[0].message.key}",
                backfill=True,
            )
        except ValueTooLarge as error:
            if len(waiting) == 1:
                self._refuse_message(waiting[0].row, str(error))
                self._count -= 1
                self._ended = not self._skip
                return
            for one in waiting:  # they may fit one by one
                if not self._ended:
                    await self._add([one])
            return
        except (IdempotencyConflict, InvalidInput, ThreadNotFound) as error:
            self._give_up(str(error))
            return
        self._outcome.count("message", len(added), is_new=True)
        for stored, one in zip(added, waiting, strict=True):
            for row in one.feedback:
                await self._add_feedback(row, stored["id"])

    async def _add_feedback(self, row: Row, message_id: int) -> None:
        where, before = self._mapping.feedback, inputs.now()
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
        except (IdempotencyConflict, InvalidInput, Unfit, ValueTooLarge) as error:
            self._outcome.refuse(where.table, row, where.key, str(error))
        else:
            self._outcome.count("feedback", is_new=made_since(before, given))


def _rating(where: FeedbackTable, row: Row) -> int | None:
    value = row[where.rating]
    if value is None:
        return None
    if items.text_of(value) not in where.ratings:
        raise Unfit(f"the mapping has no rating for its {where.rating}")
    return where.ratings[items.text_of(value)]
