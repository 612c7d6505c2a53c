"""Statements about suspended states. One that has expired is as if it were not there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import records
from .dialects import Dialect, take_one
from .inputs import Row
from .models import SUSPENDED_STATES as STATES
from .records import Record


async def save(connection: AsyncConnection, dialect: Dialect, row: Row) -> Record:
    """Store a state, in place of the one with the same id."""
    await connection.execute(dialect.upsert(STATES, row, ["id"], [name for name in row if name != "id"]))
    return records.suspended_state(row)


async def get(connection: AsyncConnection, approval_id: str, at: datetime) -> Record | None:
    found = await connection.execute(select(STATES).where(_waiting(approval_id, at)))
    row = found.mappings().one_or_none()
    return None if row is None else records.suspended_state(row)


async def waiting(connection: AsyncConnection, filters: Row, at: datetime) -> list[Record]:
    """The states that wait, the newest first."""
    statement = select(STATES).where(*(STATES.c[name] == value for name, value in filters.items()))
    statement = statement.where(STATES.c.expires_at > at)
    statement = statement.order_by(STATES.c.created_at.desc(), STATES.c.id.desc())
    return [records.suspended_state(row) for row in (await connection.execute(statement)).mappings()]


async def remove(connection: AsyncConnection, approval_id: str, at: datetime) -> bool:
    result = await connection.execute(delete(STATES).where(_waiting(approval_id, at)))
    return result.rowcount == 1


async def claim(connection: AsyncConnection, approval_id: str, at: datetime) -> Record | None:
    """Delete a state and return it."""
    here = _waiting(approval_id, at)
    row = await take_one(connection, delete(STATES).where(here), select(STATES).where(here))
    return None if row is None else records.suspended_state(row._mapping)


async def cleanup(connection: AsyncConnection, at: datetime) -> int:
    """Delete what has expired; how many."""
    return (await connection.execute(delete(STATES).where(STATES.c.expires_at <= at))).rowcount


def _waiting(approval_id: str, at: datetime) -> ColumnElement[bool]:
    return and_(STATES.c.id == approval_id, STATES.c.expires_at > at)
