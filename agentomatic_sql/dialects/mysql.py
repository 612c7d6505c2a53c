"""MySQL and MariaDB through aiomysql."""

from __future__ import annotations

import asyncio
import hashlib
import math
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
    Select,
    Table,
    bindparam,
    cast,
    column,
    func,
    select,
    text,
)
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.mysql import DATETIME, insert
from sqlalchemy.dialects.mysql import dialect as mysql_dialect
from sqlalchemy.types import TypeEngine

from ..errors import MigrationLocked
from ..statements import Rows, Text, Texts, answered
from .base import Dialect, Limits, R
from .types import JsonRows, JsonTable


class MySQL(Dialect):
    name = "mysql"
    extra = "mysql"
    driver = "aiomysql"
    schemes = ("mysql",)
    # lock wait timeout, deadlock, lock not available at once
    transient = frozenset({"1205", "1213", "3572"})
    timed_out = frozenset({"3024", "1969"})  # MariaDB's
    key_taken = "1062"
    clusters = True
    read_isolation = None
    direct = True
    returns_changed = False
    size_limit = "max_allowed_packet"
    version_query = "SELECT version()"
    # MySQL gives estimates of up to a day ago; MariaDB, which a mysql:// URL may lead to, takes the rest for a comment.
    fresh_estimates = "SET @fresh = 1 /*!80000 , SESSION information_schema_stats_expiry = 0 */"

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

    def limit(self, dbapi_connection: Any, limits: Limits) -> None:
        settings = []
        if limits.statement is not None:
            # MySQL's is for statements that only read. Each server takes the other's setting for a comment.
            milliseconds = max(1, round(limits.statement * 1000))
            ours, theirs = f"max_execution_time = {milliseconds}", f"max_statement_time = {milliseconds / 1000}"
            settings.append(f"/*!50708 {ours} *//*M!100100 {theirs} */")
        if limits.lock is not None:
            settings.append(f"innodb_lock_wait_timeout = {max(1, math.ceil(limits.lock))}")
        if settings:
            cursor = dbapi_connection.cursor()
            cursor.execute(f"SET SESSION {', '.join(settings)}")
            cursor.close()

    def code(self, error: BaseException) -> str | None:
        arguments = getattr(error, "orig", error)
        number = arguments.args[0] if isinstance(arguments, BaseException) and arguments.args else None
        return str(number) if isinstance(number, int) else None

    def driver_errors(self) -> tuple[type[BaseException], ...]:
        import pymysql

        return (pymysql.err.MySQLError,)

    def is_open(self, driver: Any) -> bool:
        return not (driver.closed or driver._reader.at_eof())

    def is_lost(self, error: BaseException) -> bool:
        import pymysql

        # The driver's own complaints, of answers that it did not expect, have no number.
        complaint = isinstance(error, (pymysql.err.InterfaceError, pymysql.err.InternalError))
        return (complaint and self.code(error) is None) or self.code(error) in _ENDED

    def session(self, driver: Any) -> int | None:
        number: int = driver.thread_id()
        return number

    def running(self) -> Select[Any]:
        sessions = sql_table("processlist", column("id"), schema="information_schema")
        return select(sessions.c.id).where(sessions.c.id == bindparam("session", type_=BigInteger()))

    async def run_directly(self, driver: Any, texts: Texts[R], *, changes: bool) -> R:
        # Several statements are one packet. A transaction begins with the first and, if nothing follows, ends with the
        # last: also one that only reads, which the connection would begin by itself.
        begun = False

        async def send(asked: Sequence[Text], last: bool) -> Sequence[Rows]:
            nonlocal begun
            parts = [one.text % tuple(map(driver.escape, one.arguments)) for one in asked]
            packets = _packets(parts)
            answers: list[Rows] = []
            for number, packet in enumerate(packets, 1):
                before = ["BEGIN"] if not begun and (changes or number < len(packets)) else []
                ends = last and number == len(packets)
                begun = not ends
                answers += await _sent(driver, before, packet, ["COMMIT"] if ends else [])
            return answers

        try:
            result = await answered(texts, send)
            if begun:
                await driver.commit()
        except Exception:
            if self.is_open(driver):
                await driver.rollback()
            raise
        return result

    def insert_if_absent(self, table: Table, values: Mapping[str, Any], key: Sequence[str]) -> Insert:
        # INSERT IGNORE would ignore much more than a key that is taken.
        return insert(table).values(values).on_duplicate_key_update({key[0]: table.c[key[0]]})

    def upsert(self, table: Table, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        statement = insert(table).values(values)
        return statement.on_duplicate_key_update({column: statement.inserted[column] for column in update})

    def upsert_from(self, table: Table, rows: Select[Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        statement = insert(table).from_select([column.name for column in rows.selected_columns], rows)
        return statement.on_duplicate_key_update({column: statement.inserted[column] for column in update})

    def given(self, name: str, **columns: TypeEngine[Any]) -> FromClause:
        rows = bindparam(f"{name}_given", type_=JsonRows(tuple(columns.values())))
        each = JsonTable(rows, **columns).named(f"{name}_each")
        return select(*each.c).subquery(name)  # MySQL refuses to lock a join of what JSON_TABLE makes, but not of this

    def pairs(self, text: ColumnElement[str], name: str) -> tuple[FromClause, ColumnElement[int], ColumnElement[int]]:
        each = JsonTable(text, a=BigInteger(), b=BigInteger()).named(name)
        return each, each.c.a, each.c.b

    def row_estimate(self, table: Table, schema: str | None) -> ColumnElement[Any]:
        names: list[Any] = [column(name) for name in ("table_schema", "table_name", "table_rows")]
        tables = sql_table("tables", *names, schema="information_schema")
        here = tables.c.table_schema == (func.database() if schema is None else schema)
        return select(tables.c.table_rows).where(here, tables.c.table_name == table.name).scalar_subquery()

    def last_number(self) -> Select[Any]:
        return select(func.last_insert_id())

    def later(self, left: Any, right: Any) -> ColumnElement[Any]:
        # The driver sends a time as a string, and a string among its arguments makes GREATEST compare strings.
        return func.greatest(left, cast(right, DATETIME(fsp=6)))

    def recluster(
        self, table: Table, primary_key: Sequence[str], unique: tuple[str, Sequence[str]], instead_of: str
    ) -> str:
        quoted = mysql_dialect().identifier_preparer
        name, columns = unique
        return (
            f"ALTER TABLE {quoted.format_table(table)} DROP PRIMARY KEY, "
            f"ADD PRIMARY KEY ({', '.join(map(quoted.quote, primary_key))}), "
            f"ADD UNIQUE KEY {quoted.quote(name)} ({', '.join(map(quoted.quote, columns))}), "
            f"DROP KEY {quoted.quote(instead_of)}"
        )

    @contextmanager
    def migration_lock(self, connection: Connection, name: str, seconds: float) -> Iterator[None]:
        # The server's locks are named for all its databases, with at most 64 characters; and DDL commits any
        # transaction, so that the lock has to be the session's.
        database = connection.execute(text("SELECT database()")).scalar_one()
        digest = hashlib.sha256(f"{database}/{name}".encode()).hexdigest()[:40]
        key = {"name": f"agentomatic_sql_{digest}"}
        with _unlimited(connection):
            got = connection.execute(text("SELECT GET_LOCK(:name, :seconds)"), key | {"seconds": int(seconds)})
            if got.scalar_one() != 1:
                raise MigrationLocked(seconds)
            try:
                yield
            finally:
                connection.rollback()
                connection.execute(text("SELECT RELEASE_LOCK(:name)"), key)


@contextmanager
def _unlimited(connection: Connection) -> Iterator[None]:
    """Let statements of this session take as long as they take; MySQL and MariaDB take each other's for a comment."""
    kept = text("SET @kept = /*!50708 @@SESSION.max_execution_time *//*M!100100 @@SESSION.max_statement_time */")
    connection.execute(kept)
    connection.execute(text("SET SESSION /*!50708 max_execution_time = 0 *//*M!100100 max_statement_time = 0 */"))
    try:
        yield
    except BaseException:
        connection.invalidate()  # nobody gets it as it is
        raise
    back = text("SET SESSION /*!50708 max_execution_time = @kept *//*M!100100 max_statement_time = @kept */")
    connection.execute(back)


def _packets(parts: list[str]) -> list[list[str]]:
    """Statements in packets that any server takes, where each of them is small enough by itself."""
    packets: list[list[str]] = [[]]
    size = 0
    for part in parts:
        if packets[-1] and size + len(part) > _PACKET:
            packets.append([])
            size = 0
        packets[-1].append(part)
        size += len(part)
    return packets


async def _sent(driver: Any, before: list[str], parts: list[str], after: list[str]) -> list[Rows]:
    """Send statements in one packet; the rows of the parts."""
    cursor = await driver.cursor()
    try:
        await cursor.execute(";".join([*before, *parts, *after]))
        for _ in before:
            await cursor.nextset()
        answers: list[Rows] = []
        for _ in parts:
            answers.append(await cursor.fetchall())
            await cursor.nextset()
        return answers
    finally:
        await cursor.close()


_PACKET = 1_000_000  # characters, of at most four bytes each; the least that MySQL takes by default is 4 MB
# not connected, gone away, lost during a query, shut down, killed (MariaDB), ended for idleness
_ENDED = frozenset({"0", "2006", "2013", "2014", "2055", "1053", "1927", "4031"})


class MariaDB(MySQL):
    name = "mariadb"
    schemes = ("mariadb",)
