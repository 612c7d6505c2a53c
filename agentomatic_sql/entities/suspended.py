"""Statements about suspended states. A state that has expired is treated as if it did not exist."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .. import records, tokens
from ..context import Context
from ..dialects.types import for_record
from ..errors import RecordExists, ThreadNotFound
from ..inputs import Row
from ..models import SUSPENDED_STATES as STATES
from ..operations import once, query
from ..ownership import attach, on_threads_of_owner
from ..records import Record
from ..statements import Fenced, Group, Lost, Statement, Steps, fetch, parameter


class Waiting(NamedTuple):
    """A state that waits, and the token of the call that saved it."""

    record: Record
    token: int


def find_saved(_context: Context, row: Row) -> Steps[Record | Lost]:
    """Return the state if it has this token; else UNKNOWN: it may have been saved, and claimed or replaced since."""
    rows = yield from fetch(_with_token, id=row["id"], token=row["token"])
    return records.suspended_state(row) if rows else Lost.UNKNOWN


@once(find=find_saved)
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
    if not await attach(connection, context, row["thread_id"]):
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
def get(_context: Context, approval_id: str, at: datetime) -> Steps[Waiting | None]:
    """Return a state; None if it does not exist or has expired."""
    rows = yield from fetch(_one, id=approval_id, at=at)
    return Waiting(_record(rows[0]), rows[0][_TOKEN]) if rows else None


def _one(context: Context) -> Any:
    return select(*_COLUMNS).where(_is_state(), *on_threads_of_owner(context, STATES.c.thread_id))


_COLUMNS = for_record(STATES)
_NAMES = [column.key for column in _COLUMNS]
_TOKEN = _NAMES.index("token")


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


def find_claim(_context: Context, approval_id: str, token: int, at: datetime) -> Steps[Fenced | Lost]:
    """Return `Fenced` with a new token if the state still waits: a late claim by the old token takes nothing.

    Else UNKNOWN: another caller may have claimed it.
    """
    given = {"id": approval_id, "token": token}
    (held,) = yield Group((Statement(_locking, (), given),))
    if not held:
        return Lost.UNKNOWN
    fence = tokens.new_token()
    yield Group((Statement(_fencing, (), {**given, "new_token": fence}),))
    return Fenced(fence)


@once(find=find_claim)
def claim(context: Context, approval_id: str, token: int, at: datetime) -> Steps[bool | Fenced]:
    """Delete the state with this token; returns whether it was there and had not expired."""
    given = {"id": approval_id, "token": token, "at": at}
    taking = Statement(_taking, (), given)
    if context.dialect.has_returning:
        (rows,) = yield Group((taking,), last=True)
    else:
        rows, _none = yield Group((Statement(_holding, (), given), taking), last=True)
    return bool(rows)


def _here(context: Context) -> list[ColumnElement[bool]]:
    """Condition: the state has the parameters `id` and `token`, and is the owner's."""
    here = (STATES.c.id == parameter(STATES.c.id), STATES.c.token == parameter(STATES.c.token))
    return [*here, *on_threads_of_owner(context, STATES.c.thread_id)]


def _with_token(context: Context) -> Any:
    return select(STATES.c.id).where(*_here(context))


def _locking(context: Context) -> Any:
    return _with_token(context).with_for_update()


def _holding(context: Context) -> Any:
    return _locking(context).where(_has_not_expired())


def _fencing(context: Context) -> Any:
    return update(STATES).where(*_here(context)).values(token=parameter(STATES.c.token, "new_token"))


def _taking(context: Context) -> Any:
    statement = delete(STATES).where(*_here(context), _has_not_expired())
    return statement.returning(STATES.c.id) if context.dialect.has_returning else statement


@once
async def cleanup(connection: AsyncConnection, context: Context, at: datetime) -> int:
    """Delete the states that have expired; returns how many."""
    expired = delete(STATES).where(STATES.c.expires_at <= at, *on_threads_of_owner(context, STATES.c.thread_id))
    return (await connection.execute(expired, {"owner": context.owner})).rowcount


def _is_state() -> ColumnElement[bool]:
    return and_(STATES.c.id == parameter(STATES.c.id), _has_not_expired())


def _has_not_expired() -> ColumnElement[bool]:
    return STATES.c.expires_at > parameter(STATES.c.expires_at, "at")
