"""Rows that calls store or are answered with. Their values do not show in the text of a statement."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Integer, Table

from agentomatic_sql.dialects.types import JsonText, LongBytes, UtcTime

AT = datetime(2026, 1, 1, tzinfo=UTC)

NOTHING: list[tuple[Any, ...]] = []
NAMESPACES = [("t", "", 1, 0, 7), ("t", "sub", 2, 0, 7)]
"""The namespaces of a thread, as the statements about graphs read them."""
NUMBERED_NAMESPACES = [(*found, 3) for found in NAMESPACES]
"""The same for a copy, with the number of each one's last row of writes."""


def row(table: Table, **given: Any) -> dict[str, Any]:
    """Return a row of a table, with these values; a number that the database gives is left out unless it is given."""
    names = [column.name for column in table.columns if column.identity is None or column.name in given]
    return {name: given.get(name, _value(table.c[name])) for name in names}


def _value(column: Column[Any]) -> Any:
    if column.nullable:
        return None
    if isinstance(column.type, UtcTime):
        return AT
    if isinstance(column.type, Integer):
        return 1
    if isinstance(column.type, JsonText):
        return "{}"
    return b"\x00" if isinstance(column.type, type(LongBytes)) else column.name
