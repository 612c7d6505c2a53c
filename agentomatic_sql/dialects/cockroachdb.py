"""CockroachDB through asyncpg. It has PostgreSQL's protocol and most of its SQL, but other isolation and locks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, cast

from sqlalchemy import URL, ColumnElement, Connection, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex

from ..drivers.asyncpg import AsyncpgDriver
from ..errors import InvalidURL
from . import leases
from .base import Dialect, Names
from .postgresql import PostgreSQL
from .types import ASCENDING

LOCKS = leases.table()


@compiles(CreateIndex, "cockroachdb")
def _create_index(element: CreateIndex, compiler: Any, **kw: Any) -> str:
    """Shard an index whose new rows come at its end: else all servers write to the one that holds the end."""
    created: str = compiler.visit_create_index(element, **kw)
    return f"{created} USING HASH" if element.element.info.get(ASCENDING) else created


class CockroachDB(PostgreSQL):
    """CockroachDB."""

    name = "cockroachdb"
    driver = AsyncpgDriver()  # SERIALIZABLE, its own default
    extra = "cockroachdb"
    transient = frozenset({"40001"})
    write_isolation = "SERIALIZABLE"
    snapshot_isolation = "SERIALIZABLE"
    id_collation = None  # text is compared by bytes; with a collation it would be another type
    version_query = "SELECT version(), false, pg_catalog.current_setting('transaction_read_only')"
    position_query: ClassVar[str | None] = None  # every node reads the newest data
    backup_tool = "BACKUP"
    rewriting = ()  # it removes old values by itself, `gc.ttlseconds` later
    shards_with = None
    confirmation = None  # what is read has been agreed on by the nodes
    changes_several_tables = False  # sql.multiple_modifications_of_table.enabled is off by default
    transactional_ddl = False
    own_tables: ClassVar[Mapping[str, frozenset[str]]] = {LOCKS.name: frozenset(LOCKS.c.keys())}
    hints: ClassVar[Mapping[str, str]] = {}  # its URLs have no option pgbouncer
    tell_user = None  # row-level security, which exists since 25.2, has not been tested

    def variant(self, url: URL) -> Dialect:
        for option in ("pgbouncer", "citus"):
            if option in url.query:
                raise InvalidURL(f"{self.where(url)}: the option {option} is only for PostgreSQL: remove it")
        return self

    def connect_args(self, connect_timeout: float | None) -> dict[str, Any]:
        return {**super().connect_args(connect_timeout), "target_session_attrs": "any"}  # every node takes writes

    def _rows(self, classes: Any) -> ColumnElement[Any]:
        return cast(ColumnElement[Any], classes.c.reltuples)

    def _in_the_way(self, relations: Any, names: Names) -> Any:
        # An index is named within its table.
        return relations.c.relname.in_(names.tables) & (relations.c.relkind != "i")

    @contextmanager
    def migration_lock(self, connection: Connection, name: str, seconds: float) -> Iterator[None]:
        # A leased row: its advisory locks do nothing, and DDL does not reliably roll back.
        with leases.leased(connection, LOCKS, name, seconds, self.is_transient):
            connection.execute(text("SET statement_timeout = 0"))  # a revision may take any time
            connection.commit()
            yield
