"""CockroachDB through asyncpg. It has PostgreSQL's protocol and most of its SQL, but other isolation and locks."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar, cast

from sqlalchemy import URL, Column, ColumnElement, Connection, MetaData, Table, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex

from ..drivers import AsyncpgDriver
from ..errors import InvalidURL, MigrationLocked
from .base import Dialect, Names
from .postgresql import PostgreSQL
from .types import ASCENDING, Id, UtcTime

LEASE = timedelta(minutes=1)
"""How long others wait after the holder of the migration lock has crashed."""

_RENEWALS = 3  # in the time of a lease: two may come too late

LOCKS = Table(
    "agentomatic_sql_lock",
    MetaData(),
    Column("name", Id, primary_key=True),
    Column("holder", Id, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)


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
    schemes = ("cockroachdb", "cockroach")
    transient = frozenset({"40001"})
    write_isolation = "SERIALIZABLE"
    id_collation = None  # text is compared by bytes; with a collation it would be another type
    version_query = "SELECT version()"
    rewriting = ()  # it removes old values by itself, `gc.ttlseconds` later
    changes_several_tables = False  # sql.multiple_modifications_of_table.enabled is off by default
    transactional_ddl = False
    own_tables: ClassVar[Mapping[str, frozenset[str]]] = {LOCKS.name: frozenset(LOCKS.c.keys())}
    hints: ClassVar[Mapping[str, str]] = {}  # its URLs have no option pgbouncer
    tell_user = None  # row-level security, which exists since 25.2, has not been tested

    def variant(self, url: URL) -> Dialect:
        if "pgbouncer" in url.query:
            raise InvalidURL(f"{self.where(url)}: the option pgbouncer is only for PostgreSQL: remove it")
        return self

    def _rows(self, classes: Any) -> ColumnElement[Any]:
        return cast(ColumnElement[Any], classes.c.reltuples)

    def _in_the_way(self, relations: Any, names: Names) -> Any:
        # An index is named within its table.
        return relations.c.relname.in_(names.tables) & (relations.c.relkind != "i")

    @contextmanager
    def migration_lock(self, connection: Connection, name: str, seconds: float) -> Iterator[None]:
        """Hold a leased row as the migration lock; raises `MigrationLocked` after `seconds`.

        CockroachDB's advisory locks do nothing, and DDL does not reliably roll back. The lease is committed at once, so
        that other processes see it. Each revision takes a new lease, and renews it on another connection of the
        engine's pool while it runs; one whose holder crashed expires.
        """
        holder = uuid.uuid4().hex
        LOCKS.metadata.create_all(connection)
        connection.commit()
        deadline = time.monotonic() + seconds
        while not self._acquire(connection, name, holder):
            if time.monotonic() > deadline:
                raise MigrationLocked(seconds)
            connection.execute(text("SELECT pg_sleep(0.2)"))
            connection.commit()
        connection.execute(text("SET statement_timeout = 0"))  # a revision may take any time
        connection.commit()
        try:
            with _renewed(connection, name, holder):
                yield
        finally:
            connection.rollback()
            connection.execute(LOCKS.delete().where(LOCKS.c.name == name, LOCKS.c.holder == holder))
            connection.commit()

    @staticmethod
    def _acquire(connection: Connection, name: str, holder: str) -> bool:
        now: Any = func.now()
        statement = insert(LOCKS).values(name=name, holder=holder, expires_at=now + LEASE)
        taken = connection.execute(
            statement.on_conflict_do_update(
                index_elements=["name"],
                set_={"holder": statement.excluded.holder, "expires_at": statement.excluded.expires_at},
                where=LOCKS.c.expires_at < now,
            ).returning(LOCKS.c.holder)
        ).one_or_none()
        connection.commit()
        return taken is not None


@contextmanager
def _renewed(connection: Connection, name: str, holder: str) -> Iterator[None]:
    """Renew a lease while the connection is busy; raises what the renewal raised."""
    renewal = asyncio.get_running_loop().create_task(_renew(AsyncEngine(connection.engine), name, holder))
    try:
        yield
    finally:
        renewal.cancel()
        driver: Any = connection.connection.dbapi_connection
        driver.run_async(lambda _connection: asyncio.wait([renewal]))
    if not renewal.cancelled():
        renewal.result()


async def _renew(engine: AsyncEngine, name: str, holder: str) -> None:
    now: Any = func.now()
    ours = LOCKS.update().where(LOCKS.c.name == name, LOCKS.c.holder == holder)
    while True:
        await asyncio.sleep(LEASE.total_seconds() / _RENEWALS)
        async with engine.begin() as connection:
            if (await connection.execute(ours.values(expires_at=now + LEASE))).rowcount == 0:
                raise MigrationLocked(LEASE.total_seconds())  # it expired, and somebody else has taken it
