"""Tell by which calls a store's operations reach the database."""

from __future__ import annotations

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.execution.connections import Way


def is_direct(store: SQLAlchemyStore) -> bool:
    """Return whether they run by the driver's own calls, with or without listeners."""
    return store._database._transactions._connections.way is not Way.SQLALCHEMY
