"""Statements about suspended states. One that has expired is as if it were not there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import records
from .dialects import Dialect
from .dialects.types import for_record
from .inputs import Row
from .models import SUSPENDED_STATES as STATES
from .records import Record
from .statements import Lost, Statement, Steps, Together, ask


def save(dialect: Dialect, row: Row) -> Steps[Record]:
    """Store a state, in place of the one with the same id."""
    yield from ask(_saving, dialect, **row)
    return records.suspended_state(row)


def _saving(dialect: Dialect) -> Any:
    row = {column.name: bindparam(column.name, type_=column.type) for column in STATES.columns}
    return dialect.upsert(STATES, row, ["id"], [name for name in row if name != "id"])


def get(approval_id: str, at: datetime) -> Steps[Record | None]:
    rows = yield from ask(_one, id=approval_id, at=at)
    return _record(rows[0]) if rows else None


def _one() -> Any:
    return select(*_COLUMNS).where(_is_waiting())


_COLUMNS = for_record(STATES)
_NAMES = [column.key for column in _COLUMNS]


def _record(row: Sequence[Any]) -> Record:
    return records.suspended_state(dict(zip(_NAMES, row, strict=True)))


def waiting(filters: Row, at: datetime) -> Steps[list[Record]]:
    """The states that wait, the newest first."""
    rows = yield from ask(_listing, tuple(filters), **filters, at=at)
    return [_record(row) for row in rows]


def _listing(filters: Sequence[str]) -> Any:
    equal = (STATES.c[name] == bindparam(name, type_=STATES.c[name].type) for name in filters)
    return select(*_COLUMNS).where(*equal, _has_time()).order_by(STATES.c.created_at.desc(), STATES.c.id.desc())


def claim(dialect: Dialect, approval_id: str, at: datetime) -> Steps[Record | None]:
    """Delete a state and return it."""
    given = {"id": approval_id, "at": at}
    taking = Statement(_taking, (dialect.returns_changed,), given)
    if dialect.returns_changed:
        (rows,) = yield Together((taking,), last=True)
    else:
        rows, _none = yield Together((Statement(_locking, (), given), taking), last=True)
    return _record(rows[0]) if rows else None


def find_claim(_dialect: Dialect, approval_id: str, at: datetime) -> Steps[Record | Lost | None]:
    """What has become of a claim whose answer was lost: one that has gone may have been somebody else's."""
    rows = yield from ask(_one, id=approval_id, at=at)
    return Lost.UNDONE if rows else Lost.UNKNOWN


def _locking() -> Any:
    return _one().with_for_update()


def _taking(returning: bool) -> Any:
    statement = delete(STATES).where(_is_waiting())
    return statement.returning(*_COLUMNS) if returning else statement


async def cleanup(connection: AsyncConnection, at: datetime) -> int:
    """Delete what has expired; how many."""
    return (await connection.execute(delete(STATES).where(STATES.c.expires_at <= at))).rowcount


def _is_waiting() -> ColumnElement[bool]:
    return and_(STATES.c.id == bindparam("id", type_=STATES.c.id.type), _has_time())


def _has_time() -> ColumnElement[bool]:
    return STATES.c.expires_at > bindparam("at", type_=STATES.c.expires_at.type)
