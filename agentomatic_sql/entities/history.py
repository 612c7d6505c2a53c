"""Statements about the platform's own history: invocation logs, log analyses, optimization runs.

The three families are asked the same few things, so that one statement of each kind serves them all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Table, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from .. import records
from ..context import Context
from ..errors import RecordExists
from ..inputs import Row
from ..models import INVOCATION_LOGS, LOG_ANALYSES, OPTIMIZATION_RUNS
from ..operations import once, query
from ..records import Record


class Family(NamedTuple):
    """A table of history, how its rows become records, and what the platform calls its ids."""

    table: Table
    record: Callable[[records.Row], Record]
    id_name: str


INVOCATIONS = Family(INVOCATION_LOGS, records.invocation_log, "log_id")
ANALYSES = Family(LOG_ANALYSES, records.log_analysis, "analysis_id")
RUNS = Family(OPTIMIZATION_RUNS, records.optimization_run, "run_id")


@once
async def add(connection: AsyncConnection, _context: Context, family: Family, row: Row) -> Record:
    try:
        await connection.execute(insert(family.table).values(row))
    except IntegrityError as error:
        raise RecordExists(family.id_name, row["id"]) from error
    return family.record(row)


@query
async def get(connection: AsyncConnection, _context: Context, family: Family, record_id: str) -> Record | None:
    found = await connection.execute(select(family.table).where(family.table.c.id == record_id))
    row = found.mappings().one_or_none()
    return None if row is None else family.record(row)


@query
async def page(
    connection: AsyncConnection, _context: Context, family: Family, filters: Row, limit: int, offset: int
) -> list[Record]:
    """The newest first."""
    statement = select(family.table).where(*_equal(family, filters))
    statement = statement.order_by(family.table.c.sequence.desc()).limit(limit)
    found = await connection.execute(statement.offset(offset) if offset else statement)
    return [family.record(row) for row in found.mappings()]


@query
async def count(connection: AsyncConnection, _context: Context, family: Family, filters: Row) -> int:
    statement = select(func.count()).select_from(family.table).where(*_equal(family, filters))
    return int((await connection.execute(statement)).scalar_one())


def _equal(family: Family, filters: Row) -> list[ColumnElement[bool]]:
    return [family.table.c[name] == value for name, value in filters.items()]
