"""Statements about feedback."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from . import records
from .inputs import Row
from .models import FEEDBACK
from .records import Record


async def add(connection: AsyncConnection, row: Row) -> Record:
    result = await connection.execute(insert(FEEDBACK).values(row))
    return records.feedback(row | {"id": cast(sa.Row[Any], result.inserted_primary_key).id})


async def page(connection: AsyncConnection, filters: Row, limit: int) -> list[Record]:
    """The newest feedback first."""
    statement = select(FEEDBACK).where(*(FEEDBACK.c[name] == value for name, value in filters.items()))
    statement = statement.order_by(FEEDBACK.c.id.desc()).limit(limit)
    return [records.feedback(row) for row in (await connection.execute(statement)).mappings()]
