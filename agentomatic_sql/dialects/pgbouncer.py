"""PostgreSQL behind pgbouncer, or another pooler, that gives a connection of the server's for one transaction only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import Limits
from .postgresql import PostgreSQL


class PgBouncer(PostgreSQL):
    """`pool_mode = transaction`: what a connection has prepared may be on another one of the server's the next time.

    So nothing is kept prepared. Without a cache asyncpg parses a statement without a name anew in the message in which
    it executes it, which is all that the pooler has to keep together.
    """

    hints: ClassVar[Mapping[str, str]] = {}  # it is there
    refused_limits = dict.fromkeys(
        ("statement_timeout", "lock_timeout"),
        "behind pgbouncer a connection's settings become another's: ALTER ROLE … SET statement_timeout sets them",
    )

    def connect_args(self, connect_timeout: float) -> dict[str, Any]:
        unnamed = {"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}
        return {**super().connect_args(connect_timeout), **unnamed, "statement_cache_size": 0}

    def limit(self, dbapi_connection: Any, limits: Limits) -> None:
        """Nothing: see `refused_limits`."""

    def session(self, driver: Any) -> int | None:
        return None  # the number that it has is the pooler's
