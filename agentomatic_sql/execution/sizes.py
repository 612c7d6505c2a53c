"""Measure an operation's values, and ask how much a server takes, for databases that end a connection over it."""

from __future__ import annotations

from typing import Any

from ..async_engine import AsyncConnection
from ..context import Context
from ..drivers import Driver
from ..operations import query


@query
async def limit(connection: AsyncConnection, _context: Context, name: str) -> int:
    """Return a numeric setting of a MySQL server."""
    value: int = (await connection.exec_driver_sql(f"SELECT @@{name}")).scalar_one()
    return value


def of_values(driver: Driver, value: Any) -> int:
    """Return how many bytes the texts in an operation's arguments take."""
    if isinstance(value, (str, bytes)):
        return driver.size(value)
    if isinstance(value, dict):
        return sum(of_values(driver, one) for one in value.values())
    return sum(of_values(driver, one) for one in value) if isinstance(value, (list, tuple)) else 0
