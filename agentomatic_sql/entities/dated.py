"""Append messages that have times of their own: history that an application brings in.

Such calls are rare, so they do not share batches. The thread's counter is changed first: then its row is locked, and
the times of the call can be compared with the last message's.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, insert, literal_column, select

from .. import records
from ..context import Context
from ..errors import InvalidInput
from ..inputs import Row
from ..operations import about, once
from ..ownership import of_owner
from ..records import Record
from ..statements import Fenced, Group, Lost, Rows, Statement, Steps, number, parameter
from ..tables import MESSAGES, THREADS
from . import appends, idempotency, inserting, threads
from .appends import Append, Batch, Places


def has_times(rows: Sequence[Row]) -> bool:
    """Return whether one of these messages has a time of its own."""
    return any("created_at" in row for row in rows)


def times(rows: Sequence[Row], before: datetime | None, now: datetime, *, backfill: bool) -> list[datetime]:
    """Return the times of new messages.

    Args:
        rows: The messages; one without `created_at` has the time `now`.
        before: The time of the message in front of them, or None.
        now: The time of the call.
        backfill: Whether a message may be earlier than the one in front of it.

    Raises:
        InvalidInput: A message's own time is before that of the message in front of it.
    """
    found: list[datetime] = []
    for index, row in enumerate(rows):
        at = row.get("created_at", now)
        if "created_at" in row and before is not None and at < before and not backfill:
            reason = f"is before the message in front of it ({before.isoformat()}): pass backfill=True if that is so"
            raise InvalidInput(f"messages[{index}].created_at", reason)
        found.append(at)
        before = at
    return found


Answer = list[tuple[int, int, str]] | Fenced | None
"""The id, position and time of each message; or as the answers of `appends.add` and `appends.find`."""


def records_of(thread_id: str, rows: Sequence[Row], stored: Sequence[tuple[int, int, str]]) -> list[Record]:
    """Return the records of messages that were given as these rows and stored so."""
    return [
        records.message_of(id_, thread_id, position, row["role"], row["content"], row["metadata"], at)
        for row, (id_, position, at) in zip(rows, stored, strict=True)
    ]


def find(context: Context, append: Append, backfill: bool) -> Steps[Answer | Lost]:
    """Find out what became of an append, as `appends.find` does."""
    (answer,) = yield from appends.find(context, [append])
    if not isinstance(answer, Places):
        return answer
    (rows,) = yield Group((_stored(append),))
    return _placed(rows)


def _thread(append: Append, _backfill: bool) -> Hashable:
    return append.thread_id


@about(_thread)
@once(find=find)
def add(context: Context, append: Append, backfill: bool) -> Steps[Answer]:
    """Append the messages of a call with their times; returns id, position and time of each, or None as `appends.add`.

    Raises `InvalidInput` for a message that is earlier than the one in front of it, unless `backfill` allows it.
    """
    batch, count = Batch.of([append]), len(append.rows)
    given: dict[str, Any] = {"thread_id": append.thread_id, "count": count, "epoch": append.epoch}
    given |= threads.times(append.at)
    keying = []
    if keys := batch.keys():  # before the times are compared: a call that is repeated gets what it has stored
        named = idempotency.table_parameters(context.dialect, keys, batch.epochs)
        keying = [Statement(idempotency.for_messages, (), {**given, **named})]
    yield Group((Statement(inserting.counting, (False, bool(keys)), given), *keying))
    (found,) = yield Group((Statement(_end, (), given),))
    if not found:
        return None
    [(end, now, before)] = found
    columns = batch.columns()
    columns["position"] = list(range(end - count, end))
    columns["created_at"] = times(append.rows, before, now, backfill=backfill)
    adding = []
    for part in appends.divided(columns):
        lists = context.dialect.table_parameters("given", **{name: columns[name][part] for name in _GIVEN})
        adding.append(Statement(_adding, (), {"thread_id": append.thread_id, **lists}))
    answers = yield Group((*adding, _stored(append)), last=True)
    return _placed(answers[-1])


def _stored(append: Append) -> Statement:
    own = {"thread_id": append.thread_id, "first": append.token, "last": append.token + len(append.rows) - 1}
    return Statement(inserting.with_token, (), own)


def _placed(rows: Rows) -> list[tuple[int, int, str]]:
    return [(id_, position, at) for id_, position, at in rows]


_GIVEN = ("position", "role", "content", "metadata", "token", "created_at")


def _end(context: Context) -> Any:
    """Select the thread's new counter and time, and the time of the message in front of the new ones."""
    place = THREADS.c.message_count - number("count") - literal_column("1")
    last = select(MESSAGES.c.created_at).where(MESSAGES.c.thread_id == THREADS.c.id, MESSAGES.c.position == place)
    found = select(THREADS.c.message_count, THREADS.c.updated_at, last.scalar_subquery())
    here = THREADS.c.id == parameter(THREADS.c.id, "thread_id")
    return found.where(here, threads.has_epoch(), *of_owner(context))


def _adding(context: Context) -> Any:
    """Insert messages; the update of the counter has compared the thread's epoch and owner."""
    types = {name: MESSAGES.c[name].type for name in _GIVEN} | {"position": BigInteger()}
    given = context.dialect.parameter_table("given", **types)
    values = [given.c[name] for name in _GIVEN]
    rows = select(parameter(MESSAGES.c.thread_id), *values)
    return insert(MESSAGES).from_select(["thread_id", *_GIVEN], rows)
