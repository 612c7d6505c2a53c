"""PostgreSQL through asyncpg."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
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

from ..errors import InvalidURL, MigrationLocked
from ..statements import Texts
from .base import Dialect, Limits, R
from .types import Id

_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_LIBPQ = (
    *("sslmode", *_FILES, "sslpassword", "sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version"),
    *("application_name", "options"),
)
"""What asyncpg takes within a URL of its own only, and then as libpq means it."""
_POOLED = "behind a pooler in transaction mode, ?pgbouncer=true has to be at the end of the URL"
_LOCK_CLASS = 0x61676D73  # "agms": keeps our advisory locks apart from an application's own


class PostgreSQL(Dialect):
    name = "postgresql"
    extra = "postgres"
    driver = "asyncpg"
    schemes = ("postgresql", "postgres")
    # serialization failure, deadlock, lock not available
    transient = frozenset({"40001", "40P01", "55P03"})
    timed_out = frozenset({"57014"})
    # a prepared statement that is not there, that is there already, that is another
    hints: ClassVar[Mapping[str, str]] = dict.fromkeys(("26000", "42P05", "08P01"), _POOLED)
    changes_in_with = True
    removes_hanging = True
    direct = True
    key_taken = "23505"
    # A custom setting, until the transaction ends. Revision 0007's policies ask for it.
    telling: ClassVar[str | None] = "SELECT set_config('agentomatic_sql.user_id', $1, true)"
    version_query = "SHOW server_version"
    id_collation: ClassVar[str | None] = "C"
    """What ids are compared by, where it has to be said."""

    def variant(self, url: URL) -> Dialect:
        from .pgbouncer import PgBouncer  # which builds on this

        wanted = url.query.get("pgbouncer", "false")
        if wanted not in ("true", "false"):
            raise InvalidURL(f"{self.where(url)}: the option pgbouncer is true or false")
        return PgBouncer() if wanted == "true" else self

    def connect_args(self, connect_timeout: float) -> dict[str, Any]:
        return {"timeout": connect_timeout, "async_creator_fn": connect}

    def limit(self, dbapi_connection: Any, limits: Limits) -> None:
        # Not as options of the connect: a pooler that hands sessions on refuses those that it does not know.
        named = {"statement_timeout": limits.statement, "lock_timeout": limits.lock}
        given = {name: _milliseconds(seconds) for name, seconds in named.items() if seconds is not None}
        if given:
            settings = ", ".join(f"set_config('{name}', '{number}', false)" for name, number in given.items())
            dbapi_connection.run_async(lambda driver: driver.execute(f"SELECT {settings}"))

    def driver_errors(self) -> tuple[type[BaseException], ...]:
        import asyncpg

        return (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)

    def code(self, error: BaseException) -> str | None:
        return getattr(getattr(error, "orig", error), "sqlstate", None)

    def is_lost(self, error: BaseException) -> bool:
        import asyncpg

        gone = (asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError)
        # One that has just been told of its end refuses to work as an InternalClientError, one that is closed as an
        # InterfaceError; neither has a code.
        closed = isinstance(error, asyncpg.InterfaceError) and "closed" in str(error)
        return closed or isinstance(error, (*gone, asyncpg.InternalClientError))

    def is_open(self, driver: Any) -> bool:
        return not driver.is_closed()

    def session(self, driver: Any) -> int | None:
        number: int = driver.get_server_pid()
        return number

    def running(self) -> Select[Any]:
        sessions = sql_table("pg_stat_activity", sql_column("pid"), schema="pg_catalog")
        return select(sessions.c.pid).where(sessions.c.pid == bindparam("session", type_=Integer()))

    async def run_directly(self, driver: Any, texts: Texts[R], *, changes: bool) -> R:
        transaction: Any = None  # only where a change takes more than one step: a statement by itself commits itself
        try:
            asked, last = next(texts)
            while True:
                if changes and not last and not driver.is_in_transaction():
                    transaction = driver.transaction()
                    await transaction.start()
                asked, last = texts.send([await driver.fetch(text, *arguments) for text, arguments in asked])
        except StopIteration as done:
            result: R = done.value
        except Exception:  # of a cancelled call the connection is thrown away
            if transaction is not None and driver.is_in_transaction():
                await transaction.rollback()
            raise
        if transaction is not None:
            await transaction.commit()
        return result

    async def run_for_user(self, driver: Any, texts: Texts[R], user_id: str) -> R:
        async with driver.transaction():
            await driver.fetch(self.telling, user_id)
            return await self.run_directly(driver, texts, changes=True)

    def guarded(self, table: Table, schema: str | None) -> Select[Any]:
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

    def given(self, name: str, **columns: TypeEngine[Any]) -> FromClause:
        lists = [self._list(f"{name}_{column}", kind) for column, kind in columns.items()]
        names = [sql_column(column, kind) for column, kind in columns.items()]
        return func.unnest(*lists).table_valued(*names, name=name).render_derived()

    def given_lists(self, name: str, **columns: Sequence[Any]) -> dict[str, Any]:
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

    def pairs(self, text: ColumnElement[str], name: str) -> tuple[FromClause, ColumnElement[int], ColumnElement[int]]:
        each = func.jsonb_array_elements(cast(text, JSONB)).table_valued("value", name=name)
        first, second = (cast(each.c.value.op("->>")(place), BigInteger) for place in (0, 1))
        return each, first, second

    def look_up(
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


async def connect(*arguments: Any, pgbouncer: Any = None, **options: Any) -> Any:
    """asyncpg's own, with what a URL of libpq's may say as well. `pgbouncer` is for `variant`."""
    import asyncpg

    named = _named(options)
    dsn = {"dsn": URL.create("postgresql", query=named).render_as_string()} if named else {}
    try:
        return await asyncpg.connect(*arguments, **dsn, **options)
    except asyncpg.exceptions.ClientConfigurationError as error:  # which SQLAlchemy 2.1 takes for the server's
        raise ValueError(str(error)) from error


def _named(options: dict[str, Any]) -> dict[str, str]:
    """Take what libpq calls it out of the options of a connect; raises ValueError for what cannot be meant."""
    named = {name: options.pop(name) for name in _LIBPQ if name in options}
    if "sslmode" in named and isinstance(options.get("ssl"), str):
        raise ValueError("ssl= and sslmode= are the same: one of them")
    for name in _FILES:
        if name in named and not Path(named[name]).is_file():
            raise ValueError(f"{name}= is to be a file, which {named[name]} is not")
    return named


def _milliseconds(seconds: float) -> int:
    return max(1, min(round(seconds * 1000), 2**31 - 1))  # 0 would be for ever


def _quoted(table: Table, schema: str | None) -> str:
    """A table's name as text that the server reads as one."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in (schema, table.name) if name is not None)


def _or_update(statement: postgresql.Insert, key: Sequence[str], update: Sequence[str]) -> Insert:
    changes = {column: statement.excluded[column] for column in update}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changes)
