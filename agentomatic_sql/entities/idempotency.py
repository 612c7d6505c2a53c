"""Idempotency keys: what a caller stores under a key is stored once, however often the call is repeated, from any
process and days later.

A key is inserted in the same statement or packet as its content. If the key is taken, the whole call fails, and only
then is the stored content read. So a new key costs no extra round trip.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import BigInteger, FromClause, String, and_, bindparam, delete, insert, literal, select

from .. import jsontext, records
from ..async_engine import AsyncConnection
from ..context import Context
from ..dialects import Dialect
from ..dialects.types import for_record
from ..errors import IdempotencyConflict, KeyTaken, WriteConflict
from ..inputs import Row
from ..operations import once, query
from ..ownership import named_thread, of_owner, on_threads_of_owner, row_of_thread
from ..records import Record
from ..statements import Rows, Steps, fetch, number, parameter
from ..tables import FEEDBACK, IDEMPOTENCY_KEYS, MESSAGES, THREADS
from . import messages

_R = TypeVar("_R")

MESSAGE = "message"
FEEDBACK_GIVEN = "feedback"
"""Names of the operations in a key: a message and feedback of one thread may use the same key."""

_ATTEMPTS = 10


class Key(NamedTuple):
    """A caller's key, and the digest of what it is to stand for."""

    key: str
    content_digest: str

    def without_digest(self) -> Key:
        """Return the key without its digest, for encrypted stores: short content could be guessed from its digest."""
        return self._replace(content_digest="")


def of_messages(key: str, rows: Sequence[Row]) -> Key:
    """Return the key of a call that stores messages."""
    metadata = jsontext.decode_objects([row["metadata"] for row in rows])
    plain = [{**row, "metadata": value} for row, value in zip(rows, metadata, strict=True)]
    return Key(key, digest_of_messages(plain))


def of_feedback(key: str, row: Row) -> Key:
    """Return the key of a call that stores feedback."""
    return Key(key, digest_of_feedback(row))


def digest_of_messages(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return the digest of messages, made of what their sender gave."""
    return _digest([{name: message[name] for name in ("role", "content", "metadata")} for message in messages])


def digest_of_feedback(feedback: Mapping[str, Any]) -> str:
    """Return the digest of feedback, without its time and id."""
    return _digest({**feedback, "created_at": None, "id": None})


def _digest(content: Any) -> str:
    """Return a digest that does not depend on the order of the keys in a dict."""
    return hashlib.blake2b(jsontext.canonical(content).encode(), digest_size=16).hexdigest()


async def first(
    find: Callable[[], Awaitable[_R | None]],
    digest: Callable[[_R], str],
    thread_id: str,
    key: Key,
    store: Callable[[], Awaitable[_R]],
) -> _R:
    """Store under an idempotency key, or return what is stored under it.

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


COLUMNS = ("thread_id", "operation", "key", "content_digest", "first", "count", "created_at")
"""The columns of a key, in the order of their values here."""
_TYPES = {
    "thread_id": MESSAGES.c.thread_id.type,
    "key": IDEMPOTENCY_KEYS.c.key.type,
    "content_digest": IDEMPOTENCY_KEYS.c.content_digest.type,
    "place": BigInteger(),
    "count": BigInteger(),
    "epoch": BigInteger(),
}
_KEYS = IDEMPOTENCY_KEYS.c


def table_parameters(
    dialect: Dialect, keys: Sequence[tuple[str, Key, int, int]], epochs: Mapping[str, int]
) -> dict[str, Any]:
    """Return the parameters of `for_messages`: thread, key, place of the first message, number of messages, epoch."""
    rows = [(thread_id, *key, place, count, epochs[thread_id]) for thread_id, key, place, count in keys]
    return dialect.table_parameters("keys", **dict(zip(_TYPES, zip(*rows, strict=True), strict=True)))


def for_message(context: Context, counted: FromClause) -> Any:
    """Store the key of a batch's only message; `counted` is its thread's row with the new counter."""
    place, operation = counted.c.message_count - number("place"), literal(MESSAGE, _KEYS.operation.type)
    named = (operation, parameter(_KEYS.key), parameter(_KEYS.content_digest))
    row = select(counted.c.id, *named, place, number("count"), counted.c.updated_at)
    if counted is THREADS:
        here = (THREADS.c.id == parameter(THREADS.c.id, "thread_id"), THREADS.c.epoch == parameter(THREADS.c.epoch))
        row = row.where(*here, *of_owner(context))
    return insert(IDEMPOTENCY_KEYS).from_select(COLUMNS, row)


def for_message_of_thread(context: Context) -> Any:
    """Store the key of a batch's only message after its thread's counter was changed."""
    return for_message(context, THREADS)


def for_each(_context: Context) -> Any:
    """Store the key of messages whose first position is known, and the time as it is stored."""
    row: dict[str, Any] = {name: parameter(_KEYS[name]) for name in COLUMNS}
    row["created_at"] = bindparam("created_at", type_=String())
    return insert(IDEMPOTENCY_KEYS).values(row)


def for_messages(context: Context) -> Any:
    """Store the keys of messages after their threads' counters were changed; the owner's threads only."""
    return for_counted_messages(context, THREADS)


def for_counted_messages(context: Context, counted: FromClause) -> Any:
    """Store the keys of messages; `counted` are the threads' rows with their new counters."""
    keys = context.dialect.parameter_table("keys", **_TYPES)
    operation = literal(MESSAGE, _KEYS.operation.type)
    place = counted.c.message_count - keys.c.place
    row = select(counted.c.id, operation, keys.c.key, keys.c.content_digest, place, keys.c.count, counted.c.updated_at)
    rows = row.join_from(keys, counted, counted.c.id == keys.c.thread_id)
    if counted is THREADS:
        rows = rows.where(THREADS.c.epoch == keys.c.epoch, *of_owner(context))
    return insert(IDEMPOTENCY_KEYS).from_select(COLUMNS, rows)


def for_feedback(context: Context, feedback_id: Any, in_thread: bool = False, added: FromClause | None = None) -> Any:
    """Store the key of a feedback with this id.

    With `added`, the key is stored only if that has a row: it has locked the thread. With `in_thread`, the thread must
    have the parameter `epoch`, and be the owner's.
    """
    values: dict[str, Any] = {name: parameter(_KEYS[name]) for name in COLUMNS}
    values |= {"operation": literal(FEEDBACK_GIVEN, _KEYS.operation.type), "first": feedback_id}
    values["count"] = literal(1, BigInteger())
    values["created_at"] = context.dialect.clock(values["created_at"])
    if added is not None:
        row = select(*values.values()).select_from(added)
    else:
        row = row_of_thread(context, values) if in_thread else select(*values.values())
    return insert(IDEMPOTENCY_KEYS).from_select(COLUMNS, row)


@query
def find_messages(_context: Context, thread_id: str, key: str, sealed: bool) -> Steps[Rows]:
    """Return the messages stored under a key, as rows of `messages.columns`; none if there is no such key."""
    return (yield from fetch(_messages, sealed, thread_id=thread_id, key=key))


@query
def find_feedback(_context: Context, thread_id: str, key: str) -> Steps[Record | None]:
    """Return the feedback stored under a key, or None."""
    rows = yield from fetch(_feedback, thread_id=thread_id, key=key)
    names = [column.key for column in for_record(FEEDBACK)]
    return records.feedback(dict(zip(names, rows[0], strict=True))) if rows else None


def _messages(context: Context, sealed: bool) -> Any:
    since, until = MESSAGES.c.position >= _KEYS.first, MESSAGES.c.position < _KEYS.first + _KEYS.count
    stored = and_(MESSAGES.c.thread_id == _KEYS.thread_id, since, until)
    found = select(*messages.columns(sealed)).join_from(IDEMPOTENCY_KEYS, MESSAGES, stored)
    return found.where(*_here(context, MESSAGE)).order_by(MESSAGES.c.position)


def _feedback(context: Context) -> Any:
    stored = and_(FEEDBACK.c.thread_id == _KEYS.thread_id, FEEDBACK.c.id == _KEYS.first)
    found = select(*for_record(FEEDBACK)).join_from(IDEMPOTENCY_KEYS, FEEDBACK, stored)
    return found.where(*_here(context, FEEDBACK_GIVEN))


def _here(context: Context, operation: str) -> list[Any]:
    named = _KEYS.operation == literal(operation, _KEYS.operation.type)
    return [_KEYS.thread_id == named_thread(context), named, _KEYS.key == parameter(_KEYS.key)]


@once
async def forget(connection: AsyncConnection, context: Context, at: datetime, age: timedelta) -> int:
    """Delete the keys that were stored longer ago than `age`; returns how many."""
    since = literal(-age // timedelta(microseconds=1), BigInteger())
    before = context.dialect.clock(literal(at - age, _KEYS.created_at.type), after=since)
    old = delete(IDEMPOTENCY_KEYS).where(_KEYS.created_at < before, *on_threads_of_owner(context, _KEYS.thread_id))
    return (await connection.execute(old, {"owner": context.owner})).rowcount
