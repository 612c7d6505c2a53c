"""Idempotency keys: what a caller stores under a key is stored once, however often he asks, over processes and days.

A key is stored with what it stands for, in the same statement or packet, so that one that is taken refuses the whole
call. Only then is it looked up: a call whose key is new costs no way to the server more than one without a key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BigInteger, FromClause, and_, bindparam, delete, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .. import jsontext, ownership, records
from ..dialects import Dialect
from ..dialects.types import for_record
from ..errors import IdempotencyConflict, KeyTaken, WriteConflict
from ..inputs import Row
from ..models import FEEDBACK, IDEMPOTENCY_KEYS, MESSAGES
from ..ownership import Owner, hanging, theirs
from ..records import Record
from ..statements import Steps, ask
from . import messages

_R = TypeVar("_R")

MESSAGE = "message"
FEEDBACK_GIVEN = "feedback"
"""The operations whose keys are apart: a message and a rating may have the same."""

_ATTEMPTS = 10


class Key(NamedTuple):
    """A caller's key, and the digest of what it is to stand for."""

    key: str
    content_digest: str

    def without_digest(self) -> Key:
        """As it is stored where contents are encrypted: by a digest, short ones could be guessed."""
        return self._replace(content_digest="")


def of_messages(key: str | None, rows: Sequence[Row]) -> Key | None:
    """The key of a call that stores messages."""
    plain = ({**row, "metadata": jsontext.decode(row["metadata"])} for row in rows)
    return None if key is None else Key(key, digest_of_messages([*plain]))


def of_feedback(key: str | None, row: Row) -> Key | None:
    """The key of a call that stores feedback."""
    return None if key is None else Key(key, digest_of_feedback(row))


def digest_of_messages(messages: Sequence[Mapping[str, Any]]) -> str:
    """What makes messages the same: what their sender gave."""
    return _digest([{name: message[name] for name in ("role", "content", "metadata")} for message in messages])


def digest_of_feedback(feedback: Mapping[str, Any]) -> str:
    """What makes feedback the same; its time and number are no part of it."""
    return _digest({**feedback, "created_at": None, "id": None})


def _digest(content: Any) -> str:
    """The same for the same content, in whatever order the keys of a dict are."""
    return hashlib.blake2b(jsontext.canonical(content).encode(), digest_size=16).hexdigest()


async def first(
    find: Callable[[], Awaitable[_R | None]],
    digest: Callable[[_R], str],
    thread_id: str,
    key: Key,
    store: Callable[[], Awaitable[_R]],
) -> _R:
    """What `store` stores, or what stands under its key, as `find` finds it and `digest` compares it.

    Raises `IdempotencyConflict` where that is something else, and `WriteConflict` where it is removed each time before
    it can be read.
    """
    for _ in range(_ATTEMPTS):
        try:
            return await store()
        except KeyTaken:
            stored = await find()
        if stored is not None:  # else it has been removed meanwhile
            if digest(stored) != key.content_digest:
                raise IdempotencyConflict(thread_id, key.key)
            return stored
    taken = (
        f"idempotency_key {key.key!r} of thread {thread_id!r} was taken, but its record was removed before it was read"
    )
    raise WriteConflict(_ATTEMPTS, taken)


_COLUMNS = ("thread_id", "operation", "key", "content_digest", "first", "count", "created_at")
_GIVEN = {
    "thread_id": MESSAGES.c.thread_id.type,
    "key": IDEMPOTENCY_KEYS.c.key.type,
    "content_digest": IDEMPOTENCY_KEYS.c.content_digest.type,
    "place": BigInteger(),
    "count": BigInteger(),
}


def given(dialect: Dialect, keys: Sequence[tuple[str, Key, int, int]]) -> dict[str, Any]:
    """The parameters of `for_messages`: a thread, a key, how far before its end the messages begin, and how many."""
    rows = [(thread_id, *key, place, count) for thread_id, key, place, count in keys]
    return dialect.given_lists("keys", **dict(zip(_GIVEN, zip(*rows, strict=True), strict=True)))


def for_messages(dialect: Dialect, counted: FromClause, owned: bool) -> Any:
    """Store keys of messages; `counted` are the threads' rows after their counters were counted up.

    With `owned` they are all threads, of which only the owner's count.
    """
    keys = dialect.given("keys", **_GIVEN)
    operation = literal(MESSAGE, IDEMPOTENCY_KEYS.c.operation.type)
    place = counted.c.message_count - keys.c.place
    row = select(counted.c.id, operation, keys.c.key, keys.c.content_digest, place, keys.c.count, counted.c.updated_at)
    rows = row.join_from(keys, counted, counted.c.id == keys.c.thread_id).where(*theirs(owned))
    return insert(IDEMPOTENCY_KEYS).from_select(_COLUMNS, rows)


def for_feedback(number: Any, owned: bool, added: FromClause | None = None) -> Any:
    """Store the key of a feedback with this number, if its thread may be touched, or if it was `added`."""
    kinds = {name: IDEMPOTENCY_KEYS.c[name].type for name in _COLUMNS}
    own = {name: bindparam(name, type_=kinds[name]) for name in ("thread_id", "key", "content_digest", "created_at")}
    operation, count = literal(FEEDBACK_GIVEN, kinds["operation"]), literal(1, BigInteger())
    values = {**own, "operation": operation, "first": number, "count": count}
    ordered = {name: values[name] for name in _COLUMNS}
    if added is not None:  # whose row says what may be touched: it held the thread
        row = select(*ordered.values()).select_from(added)
    else:
        row = ownership.row(ordered, held=True) if owned else select(*ordered.values())
    return insert(IDEMPOTENCY_KEYS).from_select(_COLUMNS, row)


def find_messages(thread_id: str, key: str, owner: Owner, tokens: bool) -> Steps[list[Record] | None]:
    """The messages that stand under a key."""
    rows = yield from ask(_messages, owner is not None, tokens, thread_id=thread_id, key=key, owner=owner)
    return [messages.record(row) for row in rows] or None


def find_feedback(thread_id: str, key: str, owner: Owner) -> Steps[Record | None]:
    """The feedback that stands under a key."""
    rows = yield from ask(_feedback, owner is not None, thread_id=thread_id, key=key, owner=owner)
    names = [column.key for column in for_record(FEEDBACK)]
    return records.feedback(dict(zip(names, rows[0], strict=True))) if rows else None


_KEYS = IDEMPOTENCY_KEYS.c


def _messages(owned: bool, tokens: bool) -> Any:
    since, until = MESSAGES.c.position >= _KEYS.first, MESSAGES.c.position < _KEYS.first + _KEYS.count
    stored = and_(MESSAGES.c.thread_id == _KEYS.thread_id, since, until)
    found = select(*messages.columns(tokens)).join_from(IDEMPOTENCY_KEYS, MESSAGES, stored)
    return found.where(*_here(MESSAGE, owned)).order_by(MESSAGES.c.position)


def _feedback(owned: bool) -> Any:
    found = select(*for_record(FEEDBACK)).join_from(IDEMPOTENCY_KEYS, FEEDBACK, FEEDBACK.c.id == _KEYS.first)
    return found.where(*_here(FEEDBACK_GIVEN, owned))


def _here(operation: str, owned: bool) -> list[Any]:
    key = _KEYS.key == bindparam("key", type_=_KEYS.key.type)
    return [
        _KEYS.thread_id == ownership.thread(owned),
        _KEYS.operation == literal(operation, _KEYS.operation.type),
        key,
    ]


async def forget(connection: AsyncConnection, before: datetime, owner: Owner) -> int:
    """Delete the keys that were stored before a time; how many."""
    old = delete(IDEMPOTENCY_KEYS).where(_KEYS.created_at < before, *hanging(_KEYS.thread_id, owner is not None))
    return (await connection.execute(old, {"owner": owner})).rowcount
