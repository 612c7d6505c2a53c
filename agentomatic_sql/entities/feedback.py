"""Statements about feedback."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from .. import records
from ..context import Context
from ..dialects.types import for_record
from ..errors import ThreadNotFound
from ..inputs import Row
from ..models import FEEDBACK
from ..operations import once, query
from ..ownership import lock_named_thread, on_threads_of_owner, row_of_owner
from ..records import Record
from ..statements import Group, Lost, Statement, Steps, fetch, number, parameter
from . import idempotency
from .idempotency import Key


def find(context: Context, row: Row, key: Key | None) -> Steps[Record | Lost]:
    """Return the feedback if a row with the same values, the time included, exists; else NOT_STORED."""
    absent = tuple(name for name, value in row.items() if value is None)
    rows = yield from fetch(_same, absent, **row)
    return records.feedback({**row, "id": rows[0][0]}) if rows else Lost.NOT_STORED


@once(find=find)
def add(context: Context, row: Row, key: Key | None) -> Steps[Record]:
    """Store feedback, and the caller's idempotency key with it.

    Raises `KeyTaken` if the key is taken, and `ThreadNotFound` if the thread must be the owner's and is not.
    """
    given = {**row} | ({} if key is None else key._asdict())
    if context.dialect.writable_ctes:
        added = yield from fetch(_adding, key is not None, **given)
    else:
        locking = [Statement(lock_named_thread, (), given)] if context.owned else []
        adding = [Statement(_adding, (False,), given), Statement(_last_id)]
        keying = [] if key is None else [Statement(_keying, (), given)]
        answers = yield Group([*locking, *adding, *keying], last=True)
        added = answers[len(locking) + 1] if answers[0] or not context.owned else ()
    if not added:
        raise ThreadNotFound(row["thread_id"])
    return records.feedback({**row, "id": added[0][0]})


def _adding(context: Context, keyed: bool) -> Any:
    values = {column.name: parameter(column) for column in FEEDBACK.columns if column.name != "id"}
    statement = insert(FEEDBACK)
    if context.owned:
        statement = statement.from_select([*values], row_of_owner(values, lock=context.dialect.writable_ctes))
    else:
        statement = statement.values(values)
    if not context.dialect.writable_ctes:
        return statement
    adding = statement.returning(FEEDBACK.c.id)
    if not keyed:
        return adding
    added = adding.cte("added")
    return select(added.c.id).add_cte(idempotency.for_feedback(context, added.c.id, added).cte("keyed"))


def _last_id(context: Context) -> Any:
    return context.dialect.last_insert_id()


def _keying(context: Context) -> Any:
    return idempotency.for_feedback(context, context.dialect.last_insert_id().scalar_subquery())


def _same(context: Context, absent: Sequence[str]) -> Any:
    columns = [column for column in FEEDBACK.columns if column.name != "id"]
    same = [column.is_(None) if column.name in absent else column == parameter(column) for column in columns]
    same += on_threads_of_owner(context, FEEDBACK.c.thread_id)
    return select(FEEDBACK.c.id).where(*same).limit(1)


@query
def page(_context: Context, filters: Row, limit: int) -> Steps[list[Record]]:
    """Return feedback, the newest first."""
    rows = yield from fetch(_listing, tuple(filters), **filters, limit=limit)
    return [records.feedback(dict(zip(_NAMES, row, strict=True))) for row in rows]


_COLUMNS = for_record(FEEDBACK)
_NAMES = [column.key for column in _COLUMNS]


def _listing(context: Context, filters: Sequence[str]) -> Any:
    equal = [FEEDBACK.c[name] == parameter(FEEDBACK.c[name]) for name in filters]
    found = select(*_COLUMNS).where(*equal, *on_threads_of_owner(context, FEEDBACK.c.thread_id))
    return found.order_by(FEEDBACK.c.id.desc()).limit(number("limit"))
