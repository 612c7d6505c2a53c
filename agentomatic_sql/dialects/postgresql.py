"""PostgreSQL through asyncpg."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from zlib import crc32

from sqlalchemy import URL, Connection, Insert, Table, text
from sqlalchemy.dialects.postgresql import insert

from ..errors import MigrationLocked
from . import Dialect

_LOCK_CLASS = 0x61676D73  # "agms": keeps our advisory locks apart from an application's own


class PostgreSQL(Dialect):
    name = "postgresql"
    extra = "postgres"
    driver = "asyncpg"
    schemes = ("postgresql", "postgres")
    # serialization failure, deadlock, lock not available
    transient = frozenset({"40001", "40P01", "55P03"})
    version_query = "SHOW server_version"

    def url(self, url: URL) -> URL:
        url = super().url(url)
        mode = url.query.get("sslmode")  # libpq's spelling; asyncpg's own is ssl
        if mode is not None:
            url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
        return url

    def connect_args(self, connect_timeout: float) -> dict[str, Any]:
        return {"timeout": connect_timeout}

    def driver_errors(self) -> tuple[type[BaseException], ...]:
        import asyncpg

        return (asyncpg.PostgresError, asyncpg.InterfaceError)

    def code(self, error: BaseException) -> str | None:
        return getattr(getattr(error, "orig", error), "sqlstate", None)

    def insert_if_absent(self, table: Table, values: Mapping[str, Any], key: Sequence[str]) -> Insert:
        return insert(table).values(values).on_conflict_do_nothing(index_elements=list(key))

    def upsert(self, table: Table, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        statement = insert(table).values(values)
        return statement.on_conflict_do_update(
            index_elements=list(key), set_={column: statement.excluded[column] for column in update}
        )

    @contextmanager
    def migration_lock(self, connection: Connection, name: str, seconds: float) -> Iterator[None]:
        # Transaction-scoped: it comes free with the transaction, behind a transaction pooler too.
        attempt = text("SELECT pg_try_advisory_xact_lock(:kind, :name)")
        key = {"kind": _LOCK_CLASS, "name": crc32(name.encode()) - 2**31}
        deadline = time.monotonic() + seconds
        while not connection.execute(attempt, key).scalar_one():
            if time.monotonic() > deadline:
                raise MigrationLocked(seconds)
            connection.execute(text("SELECT pg_sleep(0.1)"))
        yield
