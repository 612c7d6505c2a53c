"""Idempotency keys: what a caller stores under a key is stored once, however often he asks, over processes and days.

A key is stored with what it stands for, in the same statement or packet, so that one that is taken refuses the whole
call. Only then is it looked up: a call whose key is new costs no way to the server more than one without a key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import BigInteger, FromClause, and_, bindparam, delete, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import jsontext, ownership, records
from .database import Database
from .dialects import Dialect
from .dialects.types import for_record
from .errors import IdempotencyConflict, KeyTaken, StoreBusy
from .inputs import Row
from .models import FEEDBACK, IDEMPOTENCY_KEYS, MESSAGES
from .ownership import Owner, hanging, theirs
from .records import Record
from .statements import Steps, ask

_R = TypeVar("_R")

MESSAGE = "message"
FEEDBACK_GIVEN = "feedback"
"""The operations whose keys are apart: a message and a rating may have the same."""

_ATTEMPTS = 10


class Key(NamedTuple):
    """A caller's key, and the digest of what it is to stand for."""

    key: str
    content_digest: str


class Stored(NamedTuple, Generic[_R]):
    """What stands under a key."""

    content_digest: str
    answer: _R


def of_messages(key: str | None, rows: Sequence[Row]) -> Key | None:
    """The key of a call that stores messages."""
    return None if key is None else Key(key, _digest([_plain(row) for row in rows]))


def of_feedback(key: str | None, row: Row) -> Key | None:
    """The key of a call that stores feedback; its time is no part of what is compared."""
    return None if key is None else Key(key, _digest({**row, "created_at": None}))


def _plain(row: Row) -> Row:
    return {**row, "metadata": jsontext.decode(row["metadata"])}


def _digest(content: Any) -> str:
    """The same for the same content, in whatever order the keys of a dict are."""
    return hashlib.blake2b(jsontext.canonical(content).encode(), digest_size=16).hexdigest()


async def first(
    database: Database,
    find: Callable[[str, str, Owner], Steps[Stored[_R] | None]],
    thread_id: str,
    key: Key,
    owner: Owner,
    store: Callable[[], Awaitable[_R]],
) -> _R:
    """What `store` stores, or what stands under its key. Raises `IdempotencyConflict` where that is something else."""
    for _ in range(_ATTEMPTS):
        try:
            return await store()
        except KeyTaken:
            stored = await database.ask(find, thread_id, key.key, owner)
        if stored is not None:  # else it has been removed meanwhile
            if stored.content_digest != key.content_digest:
                raise IdempotencyConflict(thread_id, key.key)
            return stored.answer
    raise StoreBusy(_ATTEMPTS, "key removed meanwhile")


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


def for_feedback(number: Any, owned: bool) -> Any:
    """Store the key of a feedback with this number, if its thread may be touched."""
    kinds = {name: IDEMPOTENCY_KEYS.c[name].type for name in _COLUMNS}
    own = {name: bindparam(name, type_=kinds[name]) for name in ("thread_id", "key", "content_digest", "created_at")}
    operation, count = literal(FEEDBACK_GIVEN, kinds["operation"]), literal(1, BigInteger())
    values = {**own, "operation": operation, "first": number, "count": count}
    ordered = {name: values[name] for name in _COLUMNS}
    row = ownership.row(ordered, held=True) if owned else select(*ordered.values())
    return insert(IDEMPOTENCY_KEYS).from_select(_COLUMNS, row)


def find_messages(thread_id: str, key: str, owner: Owner) -> Steps[Stored[list[Record] | None] | None]:
    """The messages that stand under a key."""
    rows = yield from ask(_messages, owner is not None, thread_id=thread_id, key=key, owner=owner)
    return Stored(rows[0][0], [records.message_of(*row[1:]) for row in rows]) if rows else None


def find_feedback(thread_id: str, key: str, owner: Owner) -> Steps[Stored[Record] | None]:
    """The feedback that stands under a key."""
    rows = yield from ask(_feedback, owner is not None, thread_id=thread_id, key=key, owner=owner)
    names = [column.key for column in for_record(FEEDBACK)]
    return Stored(rows[0][0], records.feedback(dict(zip(names, rows[0][1:], strict=True)))) if rows else None


_KEYS = IDEMPOTENCY_KEYS.c


def _messages(owned: bool) -> Any:
    since, until = MESSAGES.c.position >= _KEYS.first, MESSAGES.c.position < _KEYS.first + _KEYS.count
    stored = and_(MESSAGES.c.thread_id == _KEYS.thread_id, since, until)
    found = select(_KEYS.content_digest, *for_record(MESSAGES, records.MESSAGE))
    found = found.join_from(IDEMPOTENCY_KEYS, MESSAGES, stored).where(*_here(MESSAGE, owned))
    return found.order_by(MESSAGES.c.position)


def _feedback(owned: bool) -> Any:
    found = select(_KEYS.content_digest, *for_record(FEEDBACK))
    found = found.join_from(IDEMPOTENCY_KEYS, FEEDBACK, FEEDBACK.c.id == _KEYS.first)
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
