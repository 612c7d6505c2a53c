"""MySQL and MariaDB through aiomysql."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from sqlalchemy import (
    BINARY,
    URL,
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Connection,
    Double,
    FromClause,
    Insert,
    Select,
    Table,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy import table as sql_table
from sqlalchemy.dialects.mysql import DATETIME, insert
from sqlalchemy.types import TypeEngine

from ..drivers import mysql_options
from ..drivers.aiomysql import AiomysqlDriver, connect
from ..errors import InvalidURL, MigrationLocked
from . import galera, leases
from .base import Dialect, JsonPairs, Limits, Names
from .types import JsonRows, JsonTable, UtcTime

_SETTINGS = ("log_bin", "binlog_format", "sql_mode", "sql_select_limit")
_NO_LIMIT = str(2**64 - 1)
"""The value of sql_select_limit that is no limit."""
_MICROSECOND: Any = literal_column("MICROSECOND")


_TABLE_OPTIONS: Mapping[str, str] = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("engine", "InnoDB"), ("row_format", "DYNAMIC"), ("default_charset", "utf8mb4"))
}
LOCKS = leases.table(**_TABLE_OPTIONS)
_ASKED = ("log_bin", "binlog_format", "sql_mode")


class MySQL(Dialect):
    """MySQL, and MariaDB behind a `mysql://` URL.

    Only MySQL (from 5.7.8 on) executes the text in a comment `/*!50708 … */`, only MariaDB that in `/*M!100100 … */`.
    """

    name = "mysql"
    extra = "mysql"
    driver = AiomysqlDriver()
    # ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_LOCK_NOWAIT; of MariaDB ER_CHECKREAD: since 11.6 a row that another
    # transaction has changed meanwhile (innodb_snapshot_isolation); of Group Replication a conflict with another server
    # (ER_TRANSACTION_ROLLBACK_DURING_COMMIT)
    transient = frozenset({"1205", "1213", "3572", "1020", "3101"})
    timed_out = frozenset({"3024", "1969"})  # 1969 is MariaDB's
    key_taken = "1062"
    hints: ClassVar[Mapping[str, str]] = {
        "1047": "this node has lost its cluster: see SHOW STATUS LIKE 'wsrep_cluster_status'",
    }
    generated_number_key = "unique"
    read_isolation = None
    one_request = True
    has_returning = False
    updates_return = False
    size_limit = "max_allowed_packet"
    transactional_ddl = False
    inline_indexes = True
    # MariaDB's tables with a history of their rows are of another type.
    object_kinds: ClassVar[Mapping[str, str]] = {"BASE TABLE": "table", "SYSTEM VERSIONED": "table"}
    table_options: ClassVar[Mapping[str, str]] = _TABLE_OPTIONS
    own_tables: ClassVar[Mapping[str, frozenset[str]]] = {LOCKS.name: frozenset(LOCKS.c.keys())}
    default_port = 3306
    saver_migrations = (21, 10)
    version_query = "SELECT version(), @@global.read_only, @@global.innodb_read_only"
    # Sets of GTIDs. With another gtid_mode, what is written has none.
    position_query = (
        "SELECT /*!50708 IF(@@GLOBAL.gtid_mode = 'ON', @@GLOBAL.gtid_executed, NULL) */"
        "/*M!100100 @@GLOBAL.gtid_current_pos */"
    )
    # MySQL's GTIDs name the server that wrote. MariaDB's have its number beside the sequence number, which another
    # server goes on counting; MASTER_GTID_WAIT compares the sequence numbers alone.
    reached_query = (
        "SELECT /*!50708 GTID_SUBSET(:position, @@GLOBAL.gtid_executed) */"
        "/*M!100100 IF(@@GLOBAL.gtid_slave_pos = '', NULL, NOT EXISTS (SELECT * FROM "
        "JSON_TABLE(CONCAT('[\"', REPLACE(:position, ',', '\",\"'), '\"]'), '$[*]' COLUMNS (gtid text PATH '$')) "
        "AS needed WHERE CONCAT(',', @@GLOBAL.gtid_slave_pos) "
        "NOT LIKE CONCAT('%,', SUBSTRING_INDEX(gtid, '-', 2), '-%')) AND 0 = MASTER_GTID_WAIT(:position, 0)) */"
    )
    backup_tool = "mysqldump --single-transaction"
    rewriting: ClassVar[Sequence[str]] = ("OPTIMIZE TABLE {table}",)
    # Not SELECT @@binlog_format, which some later release of MySQL will not know.
    settings_query = f"SHOW SESSION VARIABLES WHERE variable_name IN {(*_SETTINGS, *galera.SETTINGS)}"
    # MySQL caches its estimates for a day. MariaDB skips the comment.
    fresh_estimates = "SET @fresh = 1 /*!80000 , SESSION information_schema_stats_expiry = 0 */"

    def url(self, url: URL) -> URL:
        try:
            url = mysql_options.spelled(url.set(query=galera.spelled(url.query)))
        except ValueError as error:
            raise InvalidURL(f"{self.where(url)}: {error}") from error
        return super().url(url)

    def connect_args(self, connect_timeout: float | None) -> dict[str, Any]:
        return {"connect_timeout": connect_timeout, "async_creator_fn": connect}

    def limits_statements(self, options: Mapping[str, Any]) -> bool:
        command = str(options.get("init_command", "")).lower()
        return "max_execution_time" in command or "max_statement_time" in command

    def limit_setting(self, limits: Limits) -> str | None:
        settings = []
        if limits.statement is not None:
            # MySQL's limit applies only to statements that read.
            milliseconds = max(1, round(limits.statement * 1000))
            mysql, mariadb = f"max_execution_time = {milliseconds}", f"max_statement_time = {milliseconds / 1000}"
            settings.append(f"/*!50708 {mysql} *//*M!100100 {mariadb} */")
        if limits.lock is not None:
            settings.append(f"innodb_lock_wait_timeout = {max(1, math.ceil(limits.lock))}")
        return f"SET SESSION {', '.join(settings)}" if settings else None

    def objection(self, settings: Mapping[str, str]) -> str | None:
        # With a limit of one row, it is not even among the answers.
        if settings.get("sql_select_limit") != _NO_LIMIT:
            return "sql_select_limit leaves rows out of every answer: SET GLOBAL sql_select_limit = DEFAULT"
        if "ORACLE" in settings["sql_mode"].split(","):
            cure = "SET GLOBAL sql_mode = DEFAULT, or add ?sql_mode=STRICT_TRANS_TABLES to the URL"
            return f"sql_mode=ORACLE gives statements another meaning: {cure}"
        if settings.get("binlog_format") == "STATEMENT" and settings.get("log_bin") == "ON":
            cure = "SET GLOBAL binlog_format = ROW, and restart the application"
            return f"binlog_format=STATEMENT refuses every write under READ COMMITTED: {cure}"
        return None

    def advice(self, settings: Mapping[str, str], url: URL) -> dict[str, str]:
        found = galera.advice(settings, url.query)
        return {} if found is None else {galera.OPTION: found}

    def commits_apart(self, settings: Mapping[str, str]) -> bool:
        return galera.is_node(settings)

    def reaches(self, url: URL, other: URL) -> bool:
        return url.set(database=None) == other.set(database=None)

    def widened(self, number: ColumnElement[float]) -> ColumnElement[float]:
        # A FLOAT of 0.1 is shown as 0.1, and as a double it would be 0.10000000149.
        shown: ColumnElement[Any] = func.concat(number, type_=Double())
        return shown + literal_column("0e0", Double())

    def exactly(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        # Its collation may ignore case, accents and blanks at the end.
        return cast(text, BINARY)

    def insert_if_absent(self, table: Table, values: Mapping[str, Any], key: Sequence[str]) -> Insert:
        # INSERT IGNORE would also ignore other errors than a duplicate key.
        return insert(table).values(values).on_duplicate_key_update({key[0]: table.c[key[0]]})

    def insert_from_if_absent(self, table: Table, rows: Select[Any], key: Sequence[str]) -> Insert:
        statement = insert(table).from_select([column.name for column in rows.selected_columns], rows)
        return statement.on_duplicate_key_update({key[0]: table.c[key[0]]})

    def upsert(self, table: Table, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        statement = insert(table).values(values)
        return statement.on_duplicate_key_update({column: statement.inserted[column] for column in update})

    def upsert_from(self, table: Table, rows: Select[Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        statement = insert(table).from_select([column.name for column in rows.selected_columns], rows)
        return statement.on_duplicate_key_update({column: statement.inserted[column] for column in update})

    def parameter_table(self, name: str, **columns: TypeEngine[Any]) -> FromClause:
        rows = bindparam(f"{name}_given", type_=JsonRows(tuple(columns.values())))
        each = JsonTable(rows, **columns).named(f"{name}_each")
        return select(*each.c).subquery(name)  # MySQL refuses to lock a join with JSON_TABLE itself

    def json_pairs(self, text: ColumnElement[str], name: str) -> JsonPairs:
        each = JsonTable(text, a=BigInteger(), b=BigInteger()).named(name)
        return each, each.c.a, each.c.b

    def follows(self, key: Sequence[ColumnElement[Any]], last: Sequence[Any]) -> ColumnElement[bool]:
        # For a comparison of tuples it would not use the index.
        (column, *columns), (value, *values) = key, last
        after: ColumnElement[bool] = column > value
        return and_(column >= value, or_(after, self.follows(columns, values))) if columns else after

    def row_estimate(self, table: Table, schema: str | None) -> ColumnElement[Any]:
        names: list[Any] = [column(name) for name in ("table_schema", "table_name", "table_rows")]
        tables = sql_table("tables", *names, schema="information_schema")
        in_schema = tables.c.table_schema == (func.database() if schema is None else schema)
        return select(tables.c.table_rows).where(in_schema, tables.c.table_name == table.name).scalar_subquery()

    def non_transactional_tables(self, schema: str | None) -> Select[Any]:
        names: list[Any] = [column(name) for name in ("table_schema", "table_name", "table_type", "engine")]
        tables = sql_table("tables", *names, schema="information_schema")
        here = tables.c.table_schema == (func.database() if schema is None else schema)
        return select(tables.c.table_name).where(here, tables.c.table_type == "BASE TABLE", tables.c.engine != "InnoDB")

    def objects_named(self, schema: str | None, names: Names) -> CompoundSelect[Any]:
        database = func.database() if schema is None else schema
        columns: list[Any] = [column(name) for name in ("table_schema", "table_name", "table_type")]
        tables = sql_table("tables", *columns, schema="information_schema")
        columns = [column(name) for name in ("constraint_schema", "constraint_name")]
        keys = sql_table("referential_constraints", *columns, schema="information_schema")
        # The server's setting decides whether another case is another name; information_schema compares in its own way.
        same_case = cast(tables.c.table_name, BINARY) == cast(func.lower(tables.c.table_name), BINARY)
        ignores_case = literal_column("@@lower_case_table_names") > 0
        return union_all(
            select(tables.c.table_name, tables.c.table_type).where(
                tables.c.table_schema == database, tables.c.table_name.in_(names.tables), same_case | ignores_case
            ),
            select(keys.c.constraint_name, literal_column("'FOREIGN KEY'")).where(
                keys.c.constraint_schema == database, keys.c.constraint_name.in_(names.foreign_keys)
            ),
        )

    def column_names(self, table: Table, schema: str | None) -> Select[Any]:
        names: list[Any] = [column(name) for name in ("table_schema", "table_name", "column_name")]
        columns = sql_table("columns", *names, schema="information_schema")
        in_schema = columns.c.table_schema == (func.database() if schema is None else schema)
        return select(columns.c.column_name).where(in_schema, columns.c.table_name == table.name)

    def last_insert_id(self) -> Select[Any]:
        return select(func.last_insert_id())

    def clock(self, given: ColumnElement[Any], after: ColumnElement[int] | None = None) -> ColumnElement[Any]:
        now = func.utc_timestamp(literal_column("6"), type_=UtcTime)
        if after is None:
            return now
        return func.timestampadd(_MICROSECOND, after, now, type_=UtcTime)

    def end_of_term(self, given: ColumnElement[Any], term: ColumnElement[int]) -> ColumnElement[Any]:
        # A sum beyond that time would be NULL.
        longest = func.timestampdiff(_MICROSECOND, self.clock(given), literal_column("'9999-12-31 23:59:59.999999'"))
        return self.clock(given, after=func.least(term, longest))

    def greatest(self, left: Any, right: Any) -> ColumnElement[Any]:
        # The driver sends a time as a string, and with a string argument GREATEST compares strings.
        return func.greatest(left, cast(right, DATETIME(fsp=6)))

    @contextmanager
    def migration_lock(self, connection: Connection, name: str, seconds: float) -> Iterator[None]:
        connection.execute(text("SET SESSION default_storage_engine = InnoDB"))  # Alembic makes its version table
        with _unlimited(connection):
            if _has_several_writers(connection):
                lock = leases.leased(connection, LOCKS, name, seconds, self.is_transient)
            else:
                lock = _session_lock(connection, name, seconds)
            with lock:
                yield


def _has_several_writers(connection: Connection) -> bool:
    """Return whether other servers may write to the same tables: Galera, or Group Replication with several primaries.

    They do not see each other's locks. A single server's are better: they end with their session.
    """
    settings = connection.exec_driver_sql(
        "SHOW SESSION VARIABLES WHERE variable_name IN ('wsrep_on', 'group_replication_single_primary_mode')"
    )
    cluster = {("wsrep_on", "ON"), ("group_replication_single_primary_mode", "OFF")}
    return any((name.lower(), value) in cluster for name, value in settings)


@contextmanager
def _session_lock(connection: Connection, name: str, seconds: float) -> Iterator[None]:
    """Hold a lock of the session: DDL would release a transaction's by committing it."""
    # Its name is valid for all databases of the server and has at most 64 characters, hence the digest.
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


@contextmanager
def _unlimited(connection: Connection) -> Iterator[None]:
    """Lift the session's time limit for statements, and restore it afterwards."""
    keep = text("SET @kept = /*!50708 @@SESSION.max_execution_time *//*M!100100 @@SESSION.max_statement_time */")
    connection.execute(keep)
    connection.execute(text("SET SESSION /*!50708 max_execution_time = 0 *//*M!100100 max_statement_time = 0 */"))
    try:
        yield
    except BaseException:
        connection.invalidate()  # so that the pool does not reuse it without the limit
        raise
    restore = text("SET SESSION /*!50708 max_execution_time = @kept *//*M!100100 max_statement_time = @kept */")
    connection.execute(restore)


class MariaDB(MySQL):
    """MariaDB behind a `mariadb://` URL."""

    name = "mariadb"
    has_returning = True

    def hint(self, error: BaseException, url: URL) -> str | None:
        if "is not a MariaDB variant" in str(error):  # SQLAlchemy's, about the server's version
            return "this server is MySQL: write the URL as mysql://…"
        return super().hint(error, url)
