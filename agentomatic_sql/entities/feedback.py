"""Statements about feedback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from .. import records
from ..context import Context
from ..dialects.types import for_record
from ..inputs import Row
from ..operations import about, of_row, once, query
from ..ownership import attached_thread, attaching, on_threads_of_owner, row_of_thread
from ..records import Record
from ..statements import Fenced, Group, Lost, Statement, Steps, fetch, number, parameter
from ..tables import FEEDBACK
from . import idempotency, threads
from .idempotency import Key


def find(_context: Context, row: Row, key: Key | None, epoch: int | None) -> Steps[Record | Fenced | Lost]:
    """Return the feedback if a row with the same values, the time included, exists.

    If not, `Fenced` with the thread's new epoch; UNKNOWN if the thread is gone, or never existed.
    """
    thread = yield from threads.lock(row["thread_id"])
    absent = tuple(name for name, value in row.items() if value is None)
    (rows,) = yield Group((Statement(_same, (absent,), row),))
    if rows:
        return records.feedback({**row, "id": rows[0][0]})
    return (yield from threads.refuse(row["thread_id"], epoch, thread))


@about(of_row)
@once(find=find)
def add(context: Context, row: Row, key: Key | None, epoch: int | None) -> Steps[Record | Fenced | None]:
    """Store feedback on the thread with this epoch, and the caller's idempotency key with it.

    None if the thread has another epoch. Without an epoch the thread need not exist. Raises `KeyTaken` if the key is
    taken.
    """
    given = {**row, "epoch": epoch} | ({} if key is None else key._asdict())
    in_thread = epoch is not None
    if context.dialect.writable_ctes:
        added = yield from fetch(_adding, in_thread, key is not None, **given)
    else:
        before = [Statement(make, (True,), given) for make in (attaching, attached_thread)] if in_thread else []
        adding = [Statement(_adding, (in_thread, False), given), Statement(_last_id)]
        keying = [] if key is None else [Statement(_keying, (in_thread,), given)]
        answers = yield Group([*before, *adding, *keying], last=True)
        added = answers[len(before) + 1] if not in_thread or answers[1] else ()
    return records.feedback({**row, "id": added[0][0]}) if added else None


def _adding(context: Context, in_thread: bool, keyed: bool) -> Any:
    values = {column.name: parameter(column) for column in FEEDBACK.columns if column.name != "id"}
    statement = insert(FEEDBACK)
    if in_thread:
        statement = statement.from_select([*values], row_of_thread(context, values))
    else:
        statement = statement.values(values)
    if not context.dialect.writable_ctes:
        return statement
    adding = statement.returning(FEEDBACK.c.id)
    if not keyed:
        return adding
    added = adding.cte("added")
    return select(added.c.id).add_cte(idempotency.for_feedback(context, added.c.id, added=added).cte("keyed"))


def _last_id(context: Context) -> Any:
    return context.dialect.last_insert_id()


def _keying(context: Context, in_thread: bool) -> Any:
    return idempotency.for_feedback(context, context.dialect.last_insert_id().scalar_subquery(), in_thread)


def _same(context: Context, absent: Sequence[str]) -> Any:
    columns = [column for column in FEEDBACK.columns if column.name != "id"]
    same = [column.is_(None) if column.name in absent else column == parameter(column) for column in columns]
    same += on_threads_of_owner(context, FEEDBACK.c.thread_id)
    return select(FEEDBACK.c.id).where(*same).limit(1)


@query
def page(_context: Context, filters: Row, limit: int) -> Steps[list[Record]]:
    """Return feedback, the newest first: by time, because servers may number rows in ranges."""
    rows = yield from fetch(_listing, tuple(filters), **filters, limit=limit)
    return [records.feedback(dict(zip(_NAMES, row, strict=True))) for row in rows]


_COLUMNS = for_record(FEEDBACK)
_NAMES = [column.key for column in _COLUMNS]


def _listing(context: Context, filters: Sequence[str]) -> Any:
    equal = [FEEDBACK.c[name] == parameter(FEEDBACK.c[name]) for name in filters]
    found = select(*_COLUMNS).where(*equal, *on_threads_of_owner(context, FEEDBACK.c.thread_id))
    return found.order_by(FEEDBACK.c.created_at.desc(), FEEDBACK.c.id.desc()).limit(number("limit"))
