"""The lock under which one process at a time changes the schema of a database."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from .. import dialects
from ..async_engine import AsyncEngine

LOCK_SECONDS = 600.0
"""Seconds that a process waits for another process's migration before it raises `MigrationLocked`."""


async def run_locked(where: AsyncEngine, work: Callable[[Connection], None], *, schema: str | None = None) -> None:
    """Run a function under the migration lock and commit; only one process at a time can do so."""
    dialect = dialects.named(where.dialect.name)
    assert dialect is not None  # the engine was made for it

    def in_connection(connection: Connection) -> None:
        with dialect.migration_lock(connection, schema or "", LOCK_SECONDS):
            work(connection)
            connection.commit()

    if schema is not None:
        where = where.execution_options(schema_translate_map={None: schema})
    async with where.connect() as connection:
        await connection.run_sync(in_connection)
