"""Statements about suspended states. A state that has expired is treated as if it did not exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .. import records
from ..context import Context
from ..dialects.types import for_record
from ..errors import RecordExists, ThreadNotFound
from ..inputs import Row
from ..models import SUSPENDED_STATES as STATES
from ..operations import idempotent, once, query
from ..ownership import lock_named_thread, on_threads_of_owner
from ..records import Record
from ..statements import Group, Lost, Statement, Steps, fetch, parameter


@idempotent
def save(_context: Context, row: Row) -> Steps[Record]:
    """Insert a state, or replace the state with the same id."""
    yield from fetch(_saving, **row)
    return records.suspended_state(row)


def _saving(context: Context) -> Any:
    row = {column.name: parameter(column) for column in STATES.columns}
    return context.dialect.upsert(STATES, row, ["id"], [name for name in row if name != "id"])


@once
async def save_for_owner(connection: AsyncConnection, context: Context, row: Row) -> Record:
    """Insert or replace a state; its thread, and that of a state it replaces, must belong to the owner.

    Raises `ThreadNotFound` or `RecordExists`.
    """
    given = {**row, "owner": context.owner}
    if (await connection.execute(lock_named_thread(context), given)).first() is None:
        raise ThreadNotFound(row["thread_id"])
    for _ in range(_TRIES):
        await connection.execute(context.dialect.insert_if_absent(STATES, row, ["id"]))
        if (await connection.execute(_stored(context), given)).first() is not None:
            await connection.execute(update(STATES).where(STATES.c.id == row["id"]).values(row))
            return records.suspended_state(row)
        if (await connection.execute(select(STATES.c.id).where(STATES.c.id == row["id"]))).first() is not None:
            break  # else it was claimed between the insert and the look: the id is free again
    raise RecordExists("suspended state", row["id"])


_TRIES = 10


def _stored(context: Context) -> Any:
    """Lock the owner's state in the parameter `id`."""
    here = STATES.c.id == parameter(STATES.c.id)
    return select(STATES.c.id).where(here, *on_threads_of_owner(context, STATES.c.thread_id)).with_for_update()


@query
def get(_context: Context, approval_id: str, at: datetime) -> Steps[Record | None]:
    """Return a state; None if it does not exist or has expired."""
    rows = yield from fetch(_one, id=approval_id, at=at)
    return _record(rows[0]) if rows else None


def _one(context: Context) -> Any:
    return select(*_COLUMNS).where(_is_state(), *on_threads_of_owner(context, STATES.c.thread_id))


_COLUMNS = for_record(STATES)
_NAMES = [column.key for column in _COLUMNS]


def _record(row: Sequence[Any]) -> Record:
    return records.suspended_state(dict(zip(_NAMES, row, strict=True)))


@query
def waiting(_context: Context, filters: Row, at: datetime) -> Steps[list[Record]]:
    """Return the states that have not expired, the newest first."""
    rows = yield from fetch(_listing, tuple(filters), **filters, at=at)
    return [_record(row) for row in rows]


def _listing(context: Context, filters: Sequence[str]) -> Any:
    equal = (STATES.c[name] == parameter(STATES.c[name]) for name in filters)
    found = select(*_COLUMNS).where(*equal, _has_not_expired(), *on_threads_of_owner(context, STATES.c.thread_id))
    return found.order_by(STATES.c.created_at.desc(), STATES.c.id.desc())


def find_claim(_context: Context, approval_id: str, at: datetime) -> Steps[Record | Lost | None]:
    """Return NOT_STORED if the state is still there, else UNKNOWN: another caller may have claimed it."""
    rows = yield from fetch(_one, id=approval_id, at=at)
    return Lost.NOT_STORED if rows else Lost.UNKNOWN


@once(find=find_claim)
def claim(context: Context, approval_id: str, at: datetime) -> Steps[Record | None]:
    """Delete a state and return it; None if it does not exist or has expired."""
    given = {"id": approval_id, "at": at}
    taking = Statement(_taking, (), given)
    if context.dialect.has_returning:
        (rows,) = yield Group((taking,), last=True)
    else:
        rows, _none = yield Group((Statement(_locking, (), given), taking), last=True)
    return _record(rows[0]) if rows else None


def _locking(context: Context) -> Any:
    return _one(context).with_for_update()


def _taking(context: Context) -> Any:
    statement = delete(STATES).where(_is_state(), *on_threads_of_owner(context, STATES.c.thread_id))
    return statement.returning(*_COLUMNS) if context.dialect.has_returning else statement


@once
async def cleanup(connection: AsyncConnection, context: Context, at: datetime) -> int:
    """Delete the states that have expired; returns how many."""
    expired = delete(STATES).where(STATES.c.expires_at <= at, *on_threads_of_owner(context, STATES.c.thread_id))
    return (await connection.execute(expired, {"owner": context.owner})).rowcount


def _is_state() -> ColumnElement[bool]:
    return and_(STATES.c.id == parameter(STATES.c.id), _has_not_expired())


def _has_not_expired() -> ColumnElement[bool]:
    return STATES.c.expires_at > parameter(STATES.c.expires_at, "at")
