"""Everything that a database holds: its objects with their parts, and the revision of our schema."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agentomatic_sql.migrations import find

_SQLITE = ("SELECT type, name, sql FROM sqlite_master",)
_MYSQL = (
    "SELECT table_name, column_name, column_type FROM information_schema.columns WHERE table_schema = database()",
    "SELECT table_name, index_name, column_name FROM information_schema.statistics WHERE table_schema = database()",
)
_POSTGRESQL = (
    """SELECT CAST(relkind AS text), relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = CAST('public' AS regnamespace)""",
    "SELECT 'policy', policyname, tablename FROM pg_policies WHERE schemaname = 'public'",
)
_QUERIES = {
    "sqlite": _SQLITE,
    **dict.fromkeys(("mysql", "mariadb"), _MYSQL),
    **dict.fromkeys(("postgresql", "cockroachdb"), _POSTGRESQL),
}


async def catalog(engine: AsyncEngine) -> set[tuple[Any, ...]]:
    """Return every object, with its columns or its SQL."""
    found: set[tuple[Any, ...]] = set()
    async with engine.connect() as connection:
        for query in _QUERIES[engine.dialect.name]:
            found |= {tuple(row) for row in await connection.execute(text(query))}
    return found


async def revision(engine: AsyncEngine) -> str | None:
    """Return the revision of our schema; None without one."""
    async with engine.connect() as connection:
        return (await find(connection)).revision
