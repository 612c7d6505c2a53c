"""PostgreSQL through asyncpg."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar
from zlib import crc32

from sqlalchemy import (
    ARRAY,
    URL,
    BigInteger,
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    Integer,
    Select,
    String,
    Table,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.types import TypeEngine

from ..drivers import AsyncpgDriver
from ..drivers.asyncpg import connect
from ..errors import InvalidURL, MigrationLocked
from .base import Dialect, JsonPairs, Limits
from .types import Id

_POOLED = "behind a pooler in transaction mode, ?pgbouncer=true has to be at the end of the URL"
_LOCK_CLASS = 0x61676D73  # "agms": keeps our advisory locks apart from an application's own


class PostgreSQL(Dialect):
    name = "postgresql"
    extra = "postgres"
    driver = AsyncpgDriver()
    schemes = ("postgresql", "postgres")
    # serialization failure, deadlock, lock not available
    transient = frozenset({"40001", "40P01", "55P03"})
    timed_out = frozenset({"57014"})
    # a prepared statement that is not there, that is there already, that is another
    hints: ClassVar[Mapping[str, str]] = dict.fromkeys(("26000", "42P05", "08P01"), _POOLED)
    writable_ctes = True
    deletes_dependents = True
    key_taken = "23505"
    # A custom setting, until the transaction ends. Revision 0007's policies ask for it.
    tell_user: ClassVar[str | None] = "SELECT set_config('agentomatic_sql.user_id', $1, true)"
    version_query = "SHOW server_version"
    id_collation: ClassVar[str | None] = "C"
    """What ids are compared by, where it has to be said."""

    def variant(self, url: URL) -> Dialect:
        wanted = url.query.get("pgbouncer", "false")
        if wanted not in ("true", "false"):
            raise InvalidURL(f"{self.where(url)}: the option pgbouncer is true or false")
        return PgBouncer() if wanted == "true" else self

    def connect_args(self, connect_timeout: float) -> dict[str, Any]:
        return {"timeout": connect_timeout, "async_creator_fn": connect}

    def limit_setting(self, limits: Limits) -> str | None:
        # Not as options of the connect: a pooler that shares sessions refuses options that it does not know.
        settings = {"statement_timeout": limits.statement, "lock_timeout": limits.lock}
        calls = [
            f"set_config('{name}', '{_milliseconds(seconds)}', false)"
            for name, seconds in settings.items()
            if seconds is not None
        ]
        return f"SELECT {', '.join(calls)}" if calls else None

    def session_exists(self) -> Select[Any]:
        sessions = sql_table("pg_stat_activity", sql_column("pid"), schema="pg_catalog")
        return select(sessions.c.pid).where(sessions.c.pid == bindparam("session", type_=Integer()))

    def row_security_active(self, table: Table, schema: str | None) -> Select[Any]:
        # Not for the table's owner, a superuser, or a role that may bypass it, even where it is on.
        return select(func.row_security_active(_quoted(table, schema)))

    def row_security(self, table: Table, *, on: bool) -> str:
        named = postgresql.dialect().identifier_preparer.format_table(table)  # type: ignore[no-untyped-call]
        return f"ALTER TABLE {named} {'ENABLE' if on else 'DISABLE'} ROW LEVEL SECURITY"

    def insert_if_absent(self, table: Table, values: Mapping[str, Any], key: Sequence[str]) -> Insert:
        return insert(table).values(values).on_conflict_do_nothing(index_elements=list(key))

    def upsert(self, table: Table, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        return _or_update(insert(table).values(values), key, update)

    def upsert_from(self, table: Table, rows: Select[Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        names = [column.name for column in rows.selected_columns]
        return _or_update(insert(table).from_select(names, rows), key, update)

    def parameter_table(self, name: str, **columns: TypeEngine[Any]) -> FromClause:
        lists = [self._list(f"{name}_{column}", kind) for column, kind in columns.items()]
        names = [sql_column(column, kind) for column, kind in columns.items()]
        return func.unnest(*lists).table_valued(*names, name=name).render_derived()

    def table_parameters(self, name: str, **columns: Sequence[Any]) -> dict[str, Any]:
        return {f"{name}_{column}": values for column, values in columns.items()}

    def _list(self, name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
        if not isinstance(kind, Id):
            return bindparam(name, type_=ARRAY(kind))
        ids = bindparam(name, type_=ARRAY(String()))  # an array's type takes no collation; the array does
        return ids if self.id_collation is None else ids.op("COLLATE")(literal_column(f'"{self.id_collation}"'))

    def row_estimate(self, table: Table, schema: str | None) -> ColumnElement[Any]:
        classes = sql_table("pg_class", sql_column("oid"), sql_column("reltuples"), schema="pg_catalog")
        here = classes.c.oid == func.to_regclass(_quoted(table, schema))
        return select(self._rows(classes)).where(here).scalar_subquery()

    def _rows(self, classes: Any) -> ColumnElement[Any]:
        # The first is what the last VACUUM or ANALYZE found (-1: none yet), the other is kept up by what is written.
        return func.greatest(classes.c.reltuples, func.pg_stat_get_live_tuples(classes.c.oid))

    def json_pairs(self, text: ColumnElement[str], name: str) -> JsonPairs:
        each = func.jsonb_array_elements(cast(text, JSONB)).table_valued("value", name=name)
        first, second = (cast(each.c.value.op("->>")(place), BigInteger) for place in (0, 1))
        return each, first, second

    def join_by_key(
        self, rows: FromClause, table: Table, condition: ColumnElement[bool]
    ) -> tuple[FromClause, ReadOnlyColumnCollection[str, Any]]:
        # It takes a JSON array for a hundred rows, and would rather read a whole table of some thousands. With an
        # offset, a subquery stays one, which is asked for each row.
        found = select(table).where(condition).offset(literal_column("0")).lateral("found")
        return rows.outerjoin(found, true()), found.c

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
        connection.execute(text("SET LOCAL statement_timeout = 0"))  # a revision takes as long as it takes
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        yield


class PgBouncer(PostgreSQL):
    """`pool_mode = transaction`: what a connection has prepared may be on another one of the server's the next time.

    So nothing is kept prepared. Without a cache asyncpg parses a statement without a name anew in the message in which
    it executes it, which is all that the pooler has to keep together.
    """

    hints: ClassVar[Mapping[str, str]] = {}  # it is there
    unsupported_limits = dict.fromkeys(
        ("statement_timeout", "lock_timeout"),
        "behind pgbouncer a connection's settings become another's: ALTER ROLE … SET statement_timeout sets them",
    )

    def connect_args(self, connect_timeout: float) -> dict[str, Any]:
        unnamed = {"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}
        return {**super().connect_args(connect_timeout), **unnamed, "statement_cache_size": 0}

    def limit_setting(self, limits: Limits) -> str | None:
        return None  # see `unsupported_limits`

    def session(self, connection: Any) -> int | None:
        return None  # the number that it has is the pooler's


def _milliseconds(seconds: float) -> int:
    return max(1, min(round(seconds * 1000), 2**31 - 1))  # 0 would be for ever


def _quoted(table: Table, schema: str | None) -> str:
    """A table's name as text that the server reads as one."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in (schema, table.name) if name is not None)


def _or_update(statement: postgresql.Insert, key: Sequence[str], update: Sequence[str]) -> Insert:
    changes = {column: statement.excluded[column] for column in update}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changes)
