"""PostgreSQL through asyncpg, also behind PgBouncer and with Citus."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar
from zlib import crc32

from sqlalchemy import (
    ARRAY,
    URL,
    BigInteger,
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Double,
    Executable,
    FromClause,
    Insert,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.types import TypeDecorator, TypeEngine

from ..drivers import UserSetting, libpq, libpq_services
from ..drivers.asyncpg import AsyncpgDriver, connect, has_outdated_plan
from ..errors import InvalidURL, MigrationLocked
from .base import Dialect, JsonPairs, Limits, Names
from .types import Id, UtcTime

_POOLED = "if a pooler in transaction mode is in front of the server, add ?pgbouncer=true to the URL"
_DISTRIBUTED = "if Citus distributes the tables, add ?citus=true to the URL"
_DENIED = re.compile(r"permission denied for (?P<kind>table|sequence|schema|database) (?P<name>.+)")
_GRANT = {
    "table": "GRANT SELECT, INSERT, UPDATE, DELETE ON",
    "sequence": "GRANT USAGE ON SEQUENCE",
    "schema": "GRANT USAGE, CREATE ON SCHEMA",
    "database": "GRANT CREATE ON DATABASE",
}
"""What the store needs of each kind of object; CREATE only to upgrade the schema."""
_LEFT_OUT: ColumnElement[int] = literal_column("1000")
_STATEMENT_TIMEOUT = re.compile(r"(?:-c\s*|--)statement[_-]timeout\s*=")
_OUR_KEY = re.compile(r"\W(?:pk|uq)_agentomatic_\w+")
"""The name of a primary key or unique constraint of ours in a message, or of the part of it on a worker of Citus."""
_ROWS_ON_NODE = (
    "SELECT coalesce(sum(greatest(c.reltuples, pg_catalog.pg_stat_get_live_tuples(c.oid))), 0) "
    "FROM pg_catalog.pg_dist_shard s "
    "JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(pg_catalog.shard_name(s.logicalrelid, s.shardid)) "
    "WHERE s.logicalrelid = pg_catalog.to_regclass('{}')"
)
"""About how many rows of a table are on a node of Citus."""
_LOCK_CLASS = 0x61676D73  # "agms": separates our advisory locks from an application's


class _List(TypeDecorator[Sequence[Any]]):
    """An array as a parameter. SQLAlchemy's own type looks several times at each item before it is bound."""

    impl = ARRAY
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any]) -> None:  # an attribute of the argument's name: copies need it
        super().__init__(kind)
        self.kind = kind

    def bind_processor(self, dialect: Any) -> Any:
        process = self.kind.dialect_impl(dialect).bind_processor(dialect)
        return None if process is None else lambda values: [process(value) for value in values]


class PostgreSQL(Dialect):
    """PostgreSQL."""

    name = "postgresql"
    extra = "postgres"
    driver = AsyncpgDriver("read_committed")
    # serialization_failure, deadlock_detected, lock_not_available
    transient = frozenset({"40001", "40P01", "55P03"})
    timed_out = frozenset({"57014"})
    # The prepared statement is missing, exists already, or has other parameters: typical of a pooler.
    hints: ClassVar[Mapping[str, str]] = {**dict.fromkeys(("26000", "42P05", "08P01"), _POOLED), "0A000": _DISTRIBUTED}
    writable_ctes = True
    changes_several_tables = True
    key_taken = "23505"
    # The message goes to the server's log, and nobody reads it: a commit waits only if its transaction has written.
    confirmation: ClassVar[str | None] = (
        "CASE pg_catalog.current_setting('synchronous_standby_names') WHEN '' THEN true "
        "ELSE pg_catalog.pg_logical_emit_message(true, '', '') IS NOT NULL END"
    )
    # Revision 0002's policies read the setting. With them a statement takes several times as long to plan, and a plan
    # for given values is no better: each of our statements finds its rows by an index. Of concat() there are no rows.
    tell_user: ClassVar[UserSetting | None] = UserSetting(
        tell="SELECT WHERE pg_catalog.concat(pg_catalog.set_config('agentomatic_sql.user_id', $1, true), "
        "pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true)) IS NULL",
        ask="SELECT pg_catalog.current_setting('agentomatic_sql.user_id', true)",
    )
    default_port = 5432
    zone_query = "SELECT pg_catalog.current_setting('TimeZone')"
    saver_migrations = (9, 7)
    version_query = (
        "SELECT pg_catalog.current_setting('server_version'), "
        "pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('transaction_read_only')"
    )
    shards_with: ClassVar[str | None] = "citus"
    # The insert location: with synchronous_commit = off, a commit that was answered may not have been written yet.
    # Before it stands which history the log belongs to: each promotion begins a timeline.
    position_query: ClassVar[str | None] = (
        "SELECT pg_catalog.concat_ws(' ', "
        "(SELECT system_identifier FROM pg_catalog.pg_control_system()), "
        "pg_catalog.substr(pg_catalog.pg_walfile_name(here), 1, 8), here) "
        "FROM pg_catalog.pg_current_wal_insert_lsn() AS here"
    )
    # Not in one statement with the read, whose snapshot would be older than the answer. A standby keeps the timeline
    # that it has reached in its control file, but only later. What its receiver says is hidden (NULL) from a role
    # without pg_read_all_stats; it never receives a timeline that its own log does not belong to.
    reached_query = (
        "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() "
        "THEN pg_catalog.split_part(:position, ' ', 1) = "
        "(SELECT CAST(system_identifier AS text) FROM pg_catalog.pg_control_system()) "
        "AND pg_catalog.split_part(:position, ' ', 2) = "
        "(SELECT pg_catalog.lpad(pg_catalog.upper(pg_catalog.to_hex(greatest(kept.timeline_id, "
        "recovered.min_recovery_end_timeline, "
        "(SELECT received_tli FROM pg_catalog.pg_stat_wal_receiver)))), 8, '0') "
        "FROM pg_catalog.pg_control_checkpoint() AS kept, pg_catalog.pg_control_recovery() AS recovered) "
        "AND pg_catalog.pg_last_wal_replay_lsn() >= "
        "CAST(pg_catalog.split_part(:position, ' ', 3) AS pg_catalog.pg_lsn) END"
    )
    backup_tool = "pg_dump"
    rewriting: ClassVar[Sequence[str]] = ("VACUUM (FULL) {table}",)
    object_kinds: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys("rp", "table"),
        **dict.fromkeys("iI", "index"),
        "v": "view",
        "m": "materialized view",
        "S": "sequence",
        "f": "foreign table",
        "c": "type",
    }
    id_collation: ClassVar[str | None] = "C"
    """The collation of ids; None if it needs none."""

    def url(self, url: URL) -> URL:
        try:
            url = libpq_services.resolved(url)
            url = url.set(query=libpq.spelled(url.query))
        except ValueError as error:
            raise InvalidURL(f"{self.where(url)}: {error}") from error
        return super().url(url)

    def variant(self, url: URL) -> Dialect:
        # asyncpg's documentation has the other option for pgbouncer.
        pooled = self._has(url, "pgbouncer") or url.query.get("statement_cache_size") == "0"
        if self._has(url, "citus"):
            return PooledCitus() if pooled else Citus()
        return PgBouncer() if pooled else self

    def _has(self, url: URL, option: str) -> bool:
        """Return whether the URL has the option; raises `InvalidURL` unless it is true or false."""
        wanted = url.query.get(option, "false")
        if wanted not in ("true", "false"):
            raise InvalidURL(f"{self.where(url)}: the option {option} must be true or false")
        return wanted == "true"

    def hint(self, error: BaseException, url: URL) -> str | None:
        message = str(self.driver.original(error))
        if isinstance(error, AssertionError) and "CockroachDB" in message:  # SQLAlchemy's, about the server's version
            return "this server is CockroachDB: write the URL as cockroachdb://…"
        if self.driver.code(error) != "42501":
            return super().hint(error, url)
        if denied := _DENIED.search(message):
            quote = postgresql.dialect().identifier_preparer.quote  # type: ignore[no-untyped-call]
            is_read = denied["kind"] == "table" and not denied["name"].startswith("agentomatic_")  # it is not ours
            grant = "GRANT SELECT ON" if is_read else _GRANT[denied["kind"]]
            return f"{grant} {quote(denied['name'])} TO {quote(url.username or 'the_role')}"
        return "the schema must be upgraded by the owner of its tables" if "must be owner" in message else None

    def is_transient(self, error: BaseException) -> bool:
        return super().is_transient(error) or has_outdated_plan(error)

    def connect_args(self, connect_timeout: float | None) -> dict[str, Any]:
        return {"timeout": connect_timeout, "async_creator_fn": connect}

    def limits_statements(self, options: Mapping[str, Any]) -> bool:
        in_options = _STATEMENT_TIMEOUT.search(str(options.get("options", "")))
        return in_options is not None or "statement_timeout" in _names(options.get("server_settings"))

    def limit_setting(self, limits: Limits) -> str | None:
        # A statement, not options of the connect: a pooler that shares sessions refuses options that it does not know.
        settings = {"statement_timeout": limits.statement, "lock_timeout": limits.lock}
        calls = [
            f"set_config('{name}', '{_milliseconds(seconds)}', false)"
            for name, seconds in settings.items()
            if seconds is not None
        ]
        return f"SELECT {', '.join(calls)}" if calls else None

    def row_security_active(self, table: Table, schema: str | None) -> Select[Any]:
        # False for the table's owner, a superuser or a role with BYPASSRLS, even if it is switched on.
        return select(func.row_security_active(_quoted(table, schema)))

    def row_security_obstacle(self) -> Select[Any]:
        # Citus distributes no table whose policy asks another table, as those of messages and checkpoints do.
        extensions = sql_table("pg_extension", sql_column("extname"), schema="pg_catalog")
        return select(extensions.c.extname).where(extensions.c.extname == "citus")

    def row_security(self, table: Table, *, on: bool) -> str:
        name = postgresql.dialect().identifier_preparer.format_table(table)  # type: ignore[no-untyped-call]
        return f"ALTER TABLE {name} {'ENABLE' if on else 'DISABLE'} ROW LEVEL SECURITY"

    def advance_numbers(self, table: Table, column: str, schema: str | None) -> Executable:
        preparer = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]
        name = preparer.format_table(Table(table.name, MetaData(), schema=schema))
        sequence = func.pg_get_serial_sequence(name, column)
        number: BindParameter[int] = bindparam("number", type_=BigInteger())
        # Others may draw numbers between the two calls: some are left out for them.
        return select(case((func.nextval(sequence) < number, func.setval(sequence, number + _LEFT_OUT))))

    def insert_if_absent(self, table: Table, values: Mapping[str, Any], key: Sequence[str]) -> Insert:
        return insert(table).values(values).on_conflict_do_nothing(index_elements=list(key))

    def insert_from_if_absent(self, table: Table, rows: Select[Any], key: Sequence[str]) -> Insert:
        statement = insert(table).from_select([column.name for column in rows.selected_columns], rows)
        return statement.on_conflict_do_nothing(index_elements=list(key))

    def upsert(self, table: Table, values: Mapping[str, Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        return _or_update(insert(table).values(values), key, update)

    def upsert_from(self, table: Table, rows: Select[Any], key: Sequence[str], update: Sequence[str]) -> Insert:
        names = [column.name for column in rows.selected_columns]
        return _or_update(insert(table).from_select(names, rows), key, update)

    def parameter_table(self, name: str, **columns: TypeEngine[Any]) -> FromClause:
        lists = [self._list(f"{name}_{column}", kind) for column, kind in columns.items()]
        names = [sql_column(column, kind) for column, kind in columns.items()]
        return func.unnest(*lists).table_valued(*names, name=name).render_derived(name)

    def table_parameters(self, name: str, **columns: Sequence[Any]) -> dict[str, Any]:
        return {f"{name}_{column}": values for column, values in columns.items()}

    def _list(self, name: str, kind: TypeEngine[Any]) -> ColumnElement[Any]:
        if not isinstance(kind, Id):
            return bindparam(name, type_=_List(kind))
        ids = bindparam(name, type_=_List(String()))  # the type ARRAY(String) has no collation
        return ids if self.id_collation is None else ids.op("COLLATE")(literal_column(f'"{self.id_collation}"'))

    def row_estimate(self, table: Table, schema: str | None) -> ColumnElement[Any]:
        classes = sql_table("pg_class", sql_column("oid"), sql_column("reltuples"), schema="pg_catalog")
        same_table = classes.c.oid == func.to_regclass(_quoted(table, schema))
        return select(self._rows(classes)).where(same_table).scalar_subquery()

    def _rows(self, classes: Any) -> ColumnElement[Any]:
        # reltuples is from the last VACUUM or ANALYZE (-1: none yet); the live tuples are counted at each write.
        return func.greatest(classes.c.reltuples, func.pg_stat_get_live_tuples(classes.c.oid))

    def objects_named(self, schema: str | None, names: Names) -> CompoundSelect[Any]:
        relations = _catalog("pg_class", "oid", "relnamespace", "relname", "relkind")
        types = _catalog("pg_type", "oid", "typnamespace", "typname", "typrelid")
        no_relation = ~exists().where(relations.c.oid == types.c.typrelid, relations.c.relkind != "c")
        return union_all(
            select(relations.c.relname, cast(relations.c.relkind, String)).where(
                _in(schema, relations.c.relnamespace, func.pg_catalog.pg_table_is_visible(relations.c.oid)),
                self._in_the_way(relations, names),
            ),
            select(types.c.typname, literal_column("'type'")).where(
                _in(schema, types.c.typnamespace, func.pg_catalog.pg_type_is_visible(types.c.oid)),
                types.c.typname.in_(names.tables),  # a table is also a type
                no_relation,
            ),
        )

    def column_names(self, table: Table, schema: str | None) -> Select[Any]:
        columns = _catalog("pg_attribute", "attrelid", "attname", "attnum", "attisdropped")
        same_table = columns.c.attrelid == func.pg_catalog.to_regclass(_quoted(table, schema))
        return select(columns.c.attname).where(same_table, columns.c.attnum > 0, ~columns.c.attisdropped)

    def _in_the_way(self, relations: Any, names: Names) -> Any:
        # Indexes share the names of tables, and keys are indexes.
        return relations.c.relname.in_([*names.tables, *names.indexes, *names.keys])

    def clock(self, given: ColumnElement[Any], after: ColumnElement[int] | None = None) -> ColumnElement[Any]:
        now = func.statement_timestamp(type_=UtcTime)
        # Not an interval as the parameter: a day of it would be a day of the session's time zone.
        return now if after is None else now.op("+")(after.op("*")(literal_column("INTERVAL '1 microsecond'")))

    def end_of_term(self, given: ColumnElement[Any], term: ColumnElement[int]) -> ColumnElement[Any]:
        last: Any = literal_column("TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'")
        return func.least(self.clock(given, after=term), last)

    def json_pairs(self, text: ColumnElement[str], name: str) -> JsonPairs:
        each = func.jsonb_array_elements(cast(text, JSONB)).table_valued("value", name=name)
        first, second = (cast(each.c.value.op("->>")(place), BigInteger) for place in (0, 1))
        return each, first, second

    def join_by_key(
        self, rows: FromClause, table: Table, condition: ColumnElement[bool]
    ) -> tuple[FromClause, ReadOnlyColumnCollection[str, Any]]:
        # The planner assumes that a JSON array has a hundred rows, and would read a table of some thousand rows as a
        # whole. OFFSET 0 keeps it from merging the subquery, so it looks up each row by its key.
        matches = select(table).where(condition).offset(literal_column("0")).lateral("found")
        return rows.outerjoin(matches, true()), matches.c

    @contextmanager
    def migration_lock(self, connection: Connection, name: str, seconds: float) -> Iterator[None]:
        # The transaction's lock, not the session's: behind a transaction pooler a session's would never be released.
        attempt = text("SELECT pg_try_advisory_xact_lock(:kind, :name)")
        key = {"kind": _LOCK_CLASS, "name": crc32(name.encode()) - 2**31}
        deadline = time.monotonic() + seconds
        while not connection.execute(attempt, key).scalar_one():
            if time.monotonic() > deadline:
                raise MigrationLocked(seconds)
            connection.execute(text("SELECT pg_sleep(0.1)"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))  # a revision may take any time
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        yield


class PgBouncer(PostgreSQL):
    """PostgreSQL behind PgBouncer with `pool_mode = transaction` (`?pgbouncer=true` in the URL).

    Each transaction may run on another connection to the server, where a statement that was prepared before is missing.
    So no statement stays prepared: without its cache, asyncpg parses an unnamed statement in the same message that
    executes it, and the pooler sends that message as a whole.
    """

    hints: ClassVar[Mapping[str, str]] = {"0A000": _DISTRIBUTED}  # the URL has the other option already
    unsupported_limits: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("statement_timeout", "lock_timeout"),
        "not possible behind pgbouncer (?pgbouncer=true or ?statement_cache_size=0), where clients share connections: "
        "use ALTER ROLE … SET statement_timeout",
    )

    def connect_args(self, connect_timeout: float | None) -> dict[str, Any]:
        unnamed = {"prepared_statement_cache_size": 0, "prepared_statement_name_func": lambda: ""}
        return {**super().connect_args(connect_timeout), **unnamed, "statement_cache_size": 0}

    def limit_setting(self, limits: Limits) -> str | None:
        return None  # see `unsupported_limits`


class Citus(PostgreSQL):
    """PostgreSQL with the extension Citus, which spreads threads over servers (`?citus=true` in the URL).

    The client talks to one of them, the coordinator. A thread's rows are on one worker (`migrating.distribution`). A
    statement that names the thread is sent there; any other asks all workers. To Citus, a statement that changes rows
    in its WITH clause is several statements in one transaction: they do not see the database at one moment.
    """

    sharded = True
    changes_several_tables = False  # a fork would count the parent's messages and copy them at two moments
    concurrent_batches = 10  # each goes to one worker
    tell_user = None  # Citus distributes no table whose policy reads another one
    position_query: ClassVar[str | None] = None  # the coordinator's log does not say how far a worker's replica is
    confirmation = None  # for the same reason
    unsupported_limits: ClassVar[Mapping[str, str]] = {
        "lock_timeout": "not possible with Citus, where the workers wait: use ALTER ROLE … SET lock_timeout on each"
    }
    hints: ClassVar[Mapping[str, str]] = {name: hint for name, hint in PostgreSQL.hints.items() if hint is _POOLED}

    def is_key_taken(self, error: BaseException) -> bool:
        # A worker that was sent rows by COPY reports a duplicate key without a code. The text is in its language; the
        # key's name is not.
        nameless = self.driver.code(error) == "XX000" and _OUR_KEY.search(str(self.driver.original(error)))
        return bool(nameless) or super().is_key_taken(error)

    def row_estimate(self, table: Table, schema: str | None) -> ColumnElement[Any]:
        # The workers know: on the coordinator the table is empty. One that does not answer is left out.
        command = literal(_ROWS_ON_NODE.replace("{}", _quoted(table, schema).replace("'", "''")))
        answers = func.pg_catalog.run_command_on_all_nodes(command).table_valued("result", "success", name="nodes")
        rows = cast(func.sum(cast(answers.c.result, Double)), BigInteger)
        there = select(rows).where(answers.c.success).scalar_subquery()
        return func.greatest(
            super().row_estimate(table, schema), there
        )  # before the table is distributed, all are here

    def not_back(self, before: Any, now: Any, ahead: Any) -> ColumnElement[Any]:
        # Citus allows no clock in a CASE; greatest() leaves NULL out.
        return func.greatest(func.nullif(before, func.greatest(before, ahead)), now)

    def is_among(
        self, value: ColumnElement[Any], column: ColumnElement[Any], *rows: ColumnElement[bool]
    ) -> ColumnElement[bool]:
        # Tables that are not kept together cannot be joined; the rows of a subquery by itself are sent to all workers.
        if isinstance(value, BindParameter):
            return super().is_among(value, column, *rows)
        return value.in_(select(column).where(*rows))


class PooledCitus(PgBouncer, Citus):
    """PostgreSQL with Citus behind PgBouncer."""

    hints: ClassVar[Mapping[str, str]] = {}


def _names(settings: Any) -> Collection[str]:
    """Return the names of server settings, which the driver refuses if they are no mapping."""
    return settings.keys() if isinstance(settings, Mapping) else ()


def _milliseconds(seconds: float) -> int:
    return max(1, min(round(seconds * 1000), 2**31 - 1))  # 0 would mean no limit


def _catalog(name: str, *columns: str) -> Any:
    """Return a table of the system catalog."""
    return sql_table(name, *map(sql_column, columns), schema="pg_catalog")


def _in(schema: str | None, namespace: ColumnElement[Any], visible: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return whether an object is in the schema; without one, whether it is what its bare name means."""
    if schema is None:
        return visible
    schemas = _catalog("pg_namespace", "oid", "nspname")
    return namespace == select(schemas.c.oid).where(schemas.c.nspname == schema).scalar_subquery()


def _quoted(table: Table, schema: str | None) -> str:
    """Return a table's quoted name, for functions that take it as text."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in (schema, table.name) if name is not None)


def _or_update(statement: postgresql.Insert, key: Sequence[str], update: Sequence[str]) -> Insert:
    changes = {column: statement.excluded[column] for column in update}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changes)
