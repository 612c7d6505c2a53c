"""MySQL and MariaDB through aiomysql."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    Table,
    cast,
    column,
    func,
    text,
)
from sqlalchemy.dialects.mysql import DATETIME, insert

from ..errors import MigrationLocked
from . import Dialect
from .types import Pairs


class MySQL(Dialect):
    name = "mysql"
    extra = "mysql"
    driver = "aiomysql"
    schemes = ("mysql",)
    # lock wait timeout, deadlock, lock not available at once
    transient = frozenset({"1205", "1213", "3572"})
    key_taken = "1062"
    read_isolation = None
    size_limit = "max_allowed_packet"
    version_query = "SELECT version()"

    def url(self, url: URL) -> URL:
        url = super().url(url)
        # Without it the driver speaks the server's default, which may know no emoji.
        return url if "charset" in url.query else url.update_query_dict({"charset": "utf8mb4"})

    def connect_args(self, connect_timeout: float) -> dict[str, Any]:
        async def connect(*arguments: Any, **options: Any) -> Any:
            # The driver's own time-out ends with the TCP connection, before the server has said a word.
            import aiomysql

            async with asyncio.timeout(connect_timeout):
                return await aiomysql.connect(*arguments, **options)

        return {"connect_timeout": connect_timeout, "async_creator_fn": connect}

    def code(self, error: BaseException) -> str | None:
        arguments = getattr(error, "orig", error)
        number = arguments.args[0] if isinstance(arguments, BaseException) and arguments.args else None
        return str(number) if isinstance(number, int) else None

    def insert_if_absent(self, table: Table, values: Mapping[str, Any], key: Sequence[str]) -> Insert:
        # INSERT IGNORE would ignore much more than a key that is taken.
        return insert(table).values(values).on_duplicate_key_update({key[0]: table.c[key[0]]})

    def upsert(self, table: Table, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        statement = insert(table).values(values)
        return statement.on_duplicate_key_update({column: statement.inserted[column] for column in update})

    def pairs(self, text: ColumnElement[str], name: str) -> tuple[FromClause, ColumnElement[int], ColumnElement[int]]:
        each = Pairs(text).table_valued(column("a", BigInteger), column("b", BigInteger), name=name)
        return each, each.c.a, each.c.b

    def later(self, left: Any, right: Any) -> ColumnElement[Any]:
        # The driver sends a time as a string, and a string among its arguments makes GREATEST compare strings.
        return func.greatest(left, cast(right, DATETIME(fsp=6)))

    @contextmanager
    def migration_lock(self, connection: Connection, name: str, seconds: float) -> Iterator[None]:
        # The server's locks are named for all its databases, with at most 64 characters; and DDL commits any
        # transaction, so that the lock has to be the session's.
        database = connection.execute(text("SELECT database()")).scalar_one()
        digest = hashlib.sha256(f"{database}/{name}".encode()).hexdigest()[:40]
        key = {"name": f"agentomatic_sql_{digest}"}
        got = connection.execute(text("SELECT GET_LOCK(:name, :seconds)"), key | {"seconds": int(seconds)})
        if got.scalar_one() != 1:
            raise MigrationLocked(seconds)
        try:
            yield
        finally:
            connection.rollback()
            connection.execute(text("SELECT RELEASE_LOCK(:name)"), key)


class MariaDB(MySQL):
    name = "mariadb"
    schemes = ("mariadb",)
