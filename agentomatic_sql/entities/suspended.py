"""Statements about suspended states. One that has expired is as if it were not there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .. import ownership, records
from ..dialects import Dialect
from ..dialects.types import for_record
from ..errors import RecordExists, ThreadNotFound
from ..inputs import Row
from ..models import SUSPENDED_STATES as STATES
from ..ownership import Owner, hanging
from ..records import Record
from ..statements import Lost, Statement, Steps, Together, ask


def save(dialect: Dialect, row: Row) -> Steps[Record]:
    """Store a state, in place of the one with the same id."""
    yield from ask(_saving, dialect, **row)
    return records.suspended_state(row)


def _saving(dialect: Dialect) -> Any:
    row = {column.name: bindparam(column.name, type_=column.type) for column in STATES.columns}
    return dialect.upsert(STATES, row, ["id"], [name for name in row if name != "id"])


async def save_of_user(connection: AsyncConnection, dialect: Dialect, row: Row, owner: str) -> Record:
    """The same for a thread that has to be the owner's, in place of a state that has to hang on one of his.

    Raises `ThreadNotFound` or `RecordExists`.
    """
    given = {**row, "owner": owner}
    if (await connection.execute(ownership.held(), given)).first() is None:
        raise ThreadNotFound(row["thread_id"])
    for _ in range(_TRIES):
        await connection.execute(dialect.insert_if_absent(STATES, row, ["id"]))
        if (await connection.execute(_standing(), given)).first() is not None:
            await connection.execute(update(STATES).where(STATES.c.id == row["id"]).values(row))
            return records.suspended_state(row)
        if (await connection.execute(select(STATES.c.id).where(STATES.c.id == row["id"]))).first() is not None:
            break  # else it was claimed between the insert and the look: the id is free again
    raise RecordExists("suspended state", row["id"])


_TRIES = 10


def _standing() -> Any:
    """The owner's state of this id, locked."""
    here = STATES.c.id == bindparam("id", type_=STATES.c.id.type)
    return select(STATES.c.id).where(here, *hanging(STATES.c.thread_id, True)).with_for_update()


def get(approval_id: str, at: datetime, owner: Owner) -> Steps[Record | None]:
    rows = yield from ask(_one, owner is not None, id=approval_id, at=at, owner=owner)
    return _record(rows[0]) if rows else None


def _one(owned: bool) -> Any:
    return select(*_COLUMNS).where(_is_waiting(), *hanging(STATES.c.thread_id, owned))


_COLUMNS = for_record(STATES)
_NAMES = [column.key for column in _COLUMNS]


def _record(row: Sequence[Any]) -> Record:
    return records.suspended_state(dict(zip(_NAMES, row, strict=True)))


def waiting(filters: Row, at: datetime, owner: Owner) -> Steps[list[Record]]:
    """The states that wait, the newest first."""
    rows = yield from ask(_listing, tuple(filters), owner is not None, **filters, at=at, owner=owner)
    return [_record(row) for row in rows]


def _listing(filters: Sequence[str], owned: bool) -> Any:
    equal = (STATES.c[name] == bindparam(name, type_=STATES.c[name].type) for name in filters)
    found = select(*_COLUMNS).where(*equal, _has_time(), *hanging(STATES.c.thread_id, owned))
    return found.order_by(STATES.c.created_at.desc(), STATES.c.id.desc())


def claim(dialect: Dialect, approval_id: str, at: datetime, owner: Owner) -> Steps[Record | None]:
    """Delete a state and return it."""
    owned, given = owner is not None, {"id": approval_id, "at": at, "owner": owner}
    taking = Statement(_taking, (dialect.returns_changed, owned), given)
    if dialect.returns_changed:
        (rows,) = yield Together((taking,), last=True)
    else:
        rows, _none = yield Together((Statement(_locking, (owned,), given), taking), last=True)
    return _record(rows[0]) if rows else None


def find_claim(_dialect: Dialect, approval_id: str, at: datetime, owner: Owner) -> Steps[Record | Lost | None]:
    """What has become of a claim whose answer was lost: one that has gone may have been somebody else's."""
    rows = yield from ask(_one, owner is not None, id=approval_id, at=at, owner=owner)
    return Lost.UNDONE if rows else Lost.UNKNOWN


def _locking(owned: bool) -> Any:
    return _one(owned).with_for_update()


def _taking(returning: bool, owned: bool) -> Any:
    statement = delete(STATES).where(_is_waiting(), *hanging(STATES.c.thread_id, owned))
    return statement.returning(*_COLUMNS) if returning else statement


async def cleanup(connection: AsyncConnection, at: datetime, owner: Owner) -> int:
    """Delete what has expired; how many."""
    expired = delete(STATES).where(STATES.c.expires_at <= at, *hanging(STATES.c.thread_id, owner is not None))
    return (await connection.execute(expired, {"owner": owner})).rowcount


def _is_waiting() -> ColumnElement[bool]:
    return and_(STATES.c.id == bindparam("id", type_=STATES.c.id.type), _has_time())


def _has_time() -> ColumnElement[bool]:
    return STATES.c.expires_at > bindparam("at", type_=STATES.c.expires_at.type)
