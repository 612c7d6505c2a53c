"""Statements about suspended states. A state that has expired is treated as if it did not exist."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, literal, select, update

from .. import records, tokens
from ..async_engine import AsyncConnection
from ..context import Context
from ..dialects.types import for_record
from ..errors import RecordExists, ThreadNotFound
from ..inputs import LAST_TIME, Row
from ..operations import about, once, query
from ..ownership import attach, on_threads_of_owner
from ..records import Record
from ..statements import Fenced, Group, Lost, Statement, Steps, fetch, number, parameter
from ..tables import SUSPENDED_STATES as STATES


class Waiting(NamedTuple):
    """A state that waits, and the token of the call that saved it."""

    record: Record
    token: int


def _state(approval_id: str, *_args: Any) -> Hashable:
    """Return the subject of an operation on one state."""
    return "state", approval_id


def find_saved(_context: Context, row: Row) -> Steps[Record | Lost]:
    """Return the state if it has this token; else UNKNOWN: it may have been saved, and claimed or replaced since."""
    rows = yield from fetch(_times, id=row["id"], token=row["token"])
    return _saved(row, rows[0]) if rows else Lost.UNKNOWN


@about(lambda row: _state(row["id"]))
@once(find=find_saved)
def save(context: Context, row: Row) -> Steps[Record]:
    """Insert a state, or replace the state with the same id; its term begins at the database's time."""
    saving = Statement(_saving, (), _given(row))
    if context.dialect.has_returning:
        (rows,) = yield Group((saving,), last=True)
    else:
        _none, rows = yield Group((saving, Statement(_times, (), row)), last=True)
    return _saved(row, rows[0])


def _given(row: Row) -> Row:
    term = _ENDLESS if row["expires_at"] == LAST_TIME else row["expires_at"] - row["created_at"]
    return {**row, "term": term // timedelta(microseconds=1)}


_ENDLESS = timedelta(days=9_000 * 365)


def _saved(row: Row, times: Sequence[Any]) -> Record:
    """Return the record of a state that was saved, with its times."""
    return records.suspended_state({**row, **dict(zip(_TIMES, times, strict=True))})


_TIMES = ("created_at", "expires_at")


def _saving(context: Context) -> Any:
    row = _row(context)
    saving = context.dialect.upsert(STATES, row, ["id"], [name for name in row if name != "id"])
    return saving.returning(*for_record(STATES, _TIMES)) if context.dialect.has_returning else saving


def _row(context: Context) -> dict[str, ColumnElement[Any]]:
    row: dict[str, ColumnElement[Any]] = {column.name: parameter(column) for column in STATES.columns}
    row["created_at"] = context.dialect.clock(row["created_at"])
    row["expires_at"] = context.dialect.end_of_term(row["expires_at"], number("term"))
    return row


def _times(context: Context) -> Any:
    """Select the times of the state with the parameters `id` and `token`."""
    return select(*for_record(STATES, _TIMES)).where(*_here(context))


@about(lambda row: _state(row["id"]))
@once
async def save_for_owner(connection: AsyncConnection, context: Context, row: Row) -> Record:
    """Insert or replace a state; its thread, and that of a state it replaces, must belong to the owner.

    Raises `ThreadNotFound` or `RecordExists`.
    """
    given = {**_given(row), "owner": context.owner}
    if not await attach(connection, context, row["thread_id"]):
        raise ThreadNotFound(row["thread_id"])
    for _ in range(_TRIES):
        await connection.execute(context.dialect.insert_if_absent(STATES, _row(context), ["id"]), _given(row))
        if (await connection.execute(_stored(context), given)).first() is not None:
            await connection.execute(_saving(context), _given(row))
            return _saved(row, (await connection.execute(_times(context), given)).one())
        if (await connection.execute(select(STATES.c.id).where(STATES.c.id == row["id"]))).first() is not None:
            break  # else it was claimed between the insert and the look: the id is free again
    raise RecordExists("suspended state", row["id"])


_TRIES = 10


def _stored(context: Context) -> Any:
    """Lock the owner's state in the parameter `id`."""
    here = STATES.c.id == parameter(STATES.c.id)
    return select(STATES.c.id).where(here, *on_threads_of_owner(context, STATES.c.thread_id)).with_for_update()


@about(_state)
@query
def get(_context: Context, approval_id: str, at: datetime) -> Steps[Waiting | None]:
    """Return a state; None if it does not exist or has expired."""
    rows = yield from fetch(_one, id=approval_id, at=at)
    return Waiting(_record(rows[0]), rows[0][_TOKEN]) if rows else None


def _one(context: Context) -> Any:
    return select(*_COLUMNS).where(_is_state(context), *on_threads_of_owner(context, STATES.c.thread_id))


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
    found = select(*_COLUMNS).where(*equal, has_not_expired(context), *on_threads_of_owner(context, STATES.c.thread_id))
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


@about(_state)
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
    return _locking(context).where(has_not_expired(context))


def _fencing(context: Context) -> Any:
    return update(STATES).where(*_here(context)).values(token=parameter(STATES.c.token, "new_token"))


def _taking(context: Context) -> Any:
    statement = delete(STATES).where(*_here(context), has_not_expired(context))
    return statement.returning(STATES.c.id) if context.dialect.has_returning else statement


@once
async def cleanup(connection: AsyncConnection, context: Context, at: datetime) -> int:
    """Delete the states that have expired; returns how many."""
    now = context.dialect.clock(literal(at, STATES.c.expires_at.type))
    expired = delete(STATES).where(STATES.c.expires_at <= now, *on_threads_of_owner(context, STATES.c.thread_id))
    return (await connection.execute(expired, {"owner": context.owner})).rowcount


def _is_state(context: Context) -> ColumnElement[bool]:
    return and_(STATES.c.id == parameter(STATES.c.id), has_not_expired(context))


def has_not_expired(context: Context) -> ColumnElement[bool]:
    """Condition: the state has not expired by the database's clock; the process's time is in the parameter `at`."""
    waits: ColumnElement[bool] = STATES.c.expires_at > context.dialect.clock(parameter(STATES.c.expires_at, "at"))
    return waits
