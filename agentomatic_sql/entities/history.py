"""Statements about the platform's own history: invocation logs, log analyses, optimization runs.

Each statement works on any of the three families.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Table, func, insert, select
from sqlalchemy.exc import IntegrityError

from ..async_engine import AsyncConnection
from ..context import Context
from ..errors import RecordExists
from ..history import ANALYSES, INVOCATIONS, RUNS, Family
from ..inputs import Row
from ..operations import about, once, query
from ..records import Record
from ..tables import INVOCATION_LOGS, LOG_ANALYSES, OPTIMIZATION_RUNS

TABLES: Mapping[Family, Table] = {INVOCATIONS: INVOCATION_LOGS, ANALYSES: LOG_ANALYSES, RUNS: OPTIMIZATION_RUNS}
"""The table in which the rows of each family are stored."""


def _records(family: Family, *_args: Any) -> Hashable:
    """Return the subject of an operation on a family's records."""
    return "history", family.method


@about(_records)
@once
async def add(connection: AsyncConnection, _context: Context, family: Family, row: Row) -> Record:
    """Store a record and return it; raises `RecordExists` if its id is taken."""
    try:
        await connection.execute(insert(TABLES[family]).values(row))
    except IntegrityError as error:
        raise RecordExists(family.id_name, row["id"]) from error
    return family.record(row)


@about(_records)
@query
async def get(connection: AsyncConnection, _context: Context, family: Family, record_id: str) -> Record | None:
    """Return a record, or None."""
    table = TABLES[family]
    found = await connection.execute(select(table).where(table.c.id == record_id))
    row = found.mappings().one_or_none()
    return None if row is None else family.record(row)


@about(_records)
@query
async def page(
    connection: AsyncConnection, _context: Context, family: Family, filters: Row, limit: int, offset: int
) -> list[Record]:
    """Return the records that match all filters, the newest first."""
    table = TABLES[family]
    statement = select(table).where(*_equal(table, filters))
    statement = statement.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit)
    found = await connection.execute(statement.offset(offset) if offset else statement)
    return [family.record(row) for row in found.mappings()]


@about(_records)
@query
async def count(connection: AsyncConnection, _context: Context, family: Family, filters: Row) -> int:
    """Return how many records match all filters."""
    table = TABLES[family]
    statement = select(func.count()).select_from(table).where(*_equal(table, filters))
    return int((await connection.execute(statement)).scalar_one())


def _equal(table: Table, filters: Row) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in filters.items()]
