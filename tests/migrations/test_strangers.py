"""Objects of others under our names, on every database: whatever they are, they are refused, kept and named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agentomatic_sql import ForeignSchema, SQLAlchemyStore, migrations
from tests.support import next_revision
from tests.support.catalog import catalog
from tests.support.databases import SQL, chosen

POSTGRESQL, MYSQL = ("postgresql",), ("mysql", "mariadb")
EVERYWHERE = ("sqlite", *SQL)


class Stranger(NamedTuple):
    """Somebody's object: how it is made and dropped, and what we call it."""

    kind: str
    name: str
    make: str
    drop: str
    on: tuple[str, ...] = EVERYWHERE


THREADS = "agentomatic_threads"
OTHER_CASE = "Agentomatic_THREADS"
INDEX = "ix_agentomatic_threads_updated_at_id"
KEY = "pk_agentomatic_threads"
FOREIGN_KEY = "fk_agentomatic_messages_thread_id"
VERSION = migrations.VERSION_TABLE

STRANGERS = [
    Stranger("table", THREADS, f"CREATE TABLE {THREADS} (id INTEGER)", f"DROP TABLE {THREADS}"),
    Stranger("view", THREADS, f"CREATE VIEW {THREADS} AS SELECT 1 AS id", f"DROP VIEW {THREADS}"),
    Stranger("table", OTHER_CASE, f"CREATE TABLE {OTHER_CASE} (id INTEGER)", f"DROP TABLE {OTHER_CASE}", ("sqlite",)),
    Stranger("index", THREADS, f"CREATE INDEX {THREADS} ON orders (id)", f"DROP INDEX {THREADS}", ("sqlite",)),
    Stranger("index", THREADS, f"CREATE INDEX {THREADS} ON orders (id)", f"DROP INDEX {THREADS}", POSTGRESQL),
    Stranger(
        "materialized view",
        THREADS,
        f"CREATE MATERIALIZED VIEW {THREADS} AS SELECT 1 AS id",
        f"DROP MATERIALIZED VIEW {THREADS}",
        ("postgresql", "cockroachdb"),
    ),
    Stranger(
        "sequence",
        THREADS,
        f"CREATE SEQUENCE {THREADS}",
        f"DROP SEQUENCE {THREADS}",
        ("postgresql", "cockroachdb", "mariadb"),
    ),
    Stranger(
        "type",
        THREADS,
        f"CREATE TYPE {THREADS} AS ENUM ('a')",
        f"DROP TYPE {THREADS}",
        ("postgresql", "cockroachdb"),
    ),
    Stranger("type", THREADS, f"CREATE TYPE {THREADS} AS (id integer)", f"DROP TYPE {THREADS}", POSTGRESQL),
    Stranger("type", THREADS, f"CREATE DOMAIN {THREADS} AS integer", f"DROP DOMAIN {THREADS}", POSTGRESQL),
    Stranger(
        "table",
        THREADS,
        f"CREATE TABLE {THREADS} (id integer) PARTITION BY RANGE (id)",
        f"DROP TABLE {THREADS}",
        POSTGRESQL,
    ),
    Stranger(
        "table",
        THREADS,
        f"CREATE TABLE {THREADS} (id INTEGER) WITH SYSTEM VERSIONING",
        f"DROP TABLE {THREADS}",
        ("mariadb",),
    ),
    Stranger("table", INDEX, f"CREATE TABLE {INDEX} (id INTEGER)", f"DROP TABLE {INDEX}", ("sqlite", "postgresql")),
    Stranger("index", INDEX, f"CREATE INDEX {INDEX} ON orders (id)", f"DROP INDEX {INDEX}", ("sqlite", "postgresql")),
    Stranger("view", KEY, f"CREATE VIEW {KEY} AS SELECT 1 AS id", f"DROP VIEW {KEY}", POSTGRESQL),
    Stranger(
        "foreign key",
        FOREIGN_KEY,
        f"ALTER TABLE orders ADD CONSTRAINT {FOREIGN_KEY} FOREIGN KEY (parent) REFERENCES orders (id)",
        f"ALTER TABLE orders DROP FOREIGN KEY {FOREIGN_KEY}",
        MYSQL,
    ),
    Stranger("view", VERSION, f"CREATE VIEW {VERSION} AS SELECT '0001' AS version_num", f"DROP VIEW {VERSION}"),
    Stranger("table", VERSION, f"CREATE TABLE {VERSION} (version INTEGER)", f"DROP TABLE {VERSION}"),
    Stranger(
        "table", VERSION, f"CREATE TABLE {VERSION} (version_num VARCHAR(32), at INTEGER)", f"DROP TABLE {VERSION}"
    ),
    Stranger(
        "table",
        "agentomatic_sql_started",
        "CREATE TABLE agentomatic_sql_started (at INTEGER)",
        "DROP TABLE agentomatic_sql_started",
        (*MYSQL, "cockroachdb"),
    ),
    Stranger(
        "table",
        "agentomatic_sql_lock",
        "CREATE TABLE agentomatic_sql_lock (name VARCHAR(9))",
        "DROP TABLE agentomatic_sql_lock",
        ("cockroachdb",),
    ),
]

HARMLESS = [
    Stranger("table", "threads", "CREATE TABLE threads (id INTEGER)", ""),
    Stranger("view", "messages", "CREATE VIEW messages AS SELECT 1 AS id", ""),
    Stranger("index", INDEX, f"CREATE INDEX {INDEX} ON orders (id)", "", (*MYSQL, "cockroachdb")),
    Stranger("table", INDEX, f"CREATE TABLE {INDEX} (id INTEGER)", "", (*MYSQL, "cockroachdb")),
    Stranger("table", KEY, f"CREATE TABLE {KEY} (id INTEGER)", "", ("sqlite", *MYSQL)),
    Stranger("table", OTHER_CASE, f'CREATE TABLE "{OTHER_CASE}" (id integer)', "", ("postgresql", "cockroachdb")),
    Stranger("function", THREADS, f"CREATE FUNCTION {THREADS}() RETURNS integer LANGUAGE sql RETURN 1", "", POSTGRESQL),
    Stranger("sequence", "agentomatic_messages_id_seq", "CREATE SEQUENCE agentomatic_messages_id_seq", "", POSTGRESQL),
    Stranger(
        "trigger",
        THREADS,
        f"CREATE TRIGGER {THREADS} AFTER INSERT ON orders BEGIN DELETE FROM orders WHERE id < 0; END",
        "",
        ("sqlite",),
    ),
]


def on_their_databases(strangers: list[Stranger]) -> pytest.MarkDecorator:
    """Each stranger on each database that can have it."""
    cases = [
        pytest.param(stranger, name, id=f"{name}-{stranger.kind}-{number}")
        for number, stranger in enumerate(strangers)
        for name in chosen(stranger.on)
    ]
    return pytest.mark.parametrize(("stranger", "new_database_url"), cases, indirect=["new_database_url"])


@pytest.fixture
async def engine(new_database_url: str) -> AsyncIterator[AsyncEngine]:
    store = SQLAlchemyStore(new_database_url)
    await run(store.engine, "CREATE TABLE orders (id INTEGER PRIMARY KEY, parent INTEGER)")
    yield store.engine
    await store.engine.dispose()


async def run(engine: AsyncEngine, statement: str) -> None:
    async with engine.begin() as connection:
        await connection.exec_driver_sql(statement)


async def rows(engine: AsyncEngine, statement: str) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(statement))]


async def refused(engine: AsyncEngine, url: str, *names: str) -> ForeignSchema:
    """Every way to upgrade is refused for these names, and changes nothing; the error."""
    before = await catalog(engine)
    store = SQLAlchemyStore(url)
    with pytest.raises(ForeignSchema, match="nothing was changed") as error:
        await store.initialize()
    assert set(error.value.objects) == set(names)
    assert ("schema=" in str(error.value)) == (engine.dialect.name != "sqlite")  # which has no schemas
    assert str(error.value) in (await store.health_check())["error"]
    await store.engine.dispose()
    with pytest.raises(ForeignSchema) as again:
        await migrations.upgrade(engine)
    assert str(again.value) == str(error.value)
    async with engine.connect() as connection:
        assert (await migrations.find(connection)).state == "foreign"
    assert await catalog(engine) == before
    return error.value


@on_their_databases(STRANGERS)
async def test_a_stranger_under_one_of_our_names_is_refused_whatever_it_is(
    engine: AsyncEngine, new_database_url: str, stranger: Stranger
) -> None:
    await run(engine, stranger.make)
    error = await refused(engine, new_database_url, stranger.name)
    assert error.objects == {stranger.name: stranger.kind}
    assert f"the {stranger.kind} {stranger.name}" in str(error)
    with pytest.raises(ForeignSchema):
        await migrations.downgrade(engine, "base")
    await run(engine, stranger.drop)
    async with engine.connect() as connection:
        assert (await migrations.find(connection)).state == "empty"


async def test_objects_that_leave_our_names_free_are_not_refused(engine: AsyncEngine, new_database_url: str) -> None:
    for stranger in HARMLESS:
        if engine.dialect.name in stranger.on:
            await run(engine, stranger.make)
    before = await catalog(engine)
    async with SQLAlchemyStore(new_database_url) as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", "hello")
        await migrations.check(store.engine)
    await migrations.downgrade(engine, "base")
    assert {row for row in await catalog(engine) if not {"sqlite_sequence", "agentomatic_sql_lock"} & {*row}} == before


async def test_several_strangers_are_all_named(engine: AsyncEngine, new_database_url: str) -> None:
    for name in ("agentomatic_messages", "agentomatic_graph_writes"):
        await run(engine, f"CREATE TABLE {name} (id INTEGER)")
    await run(engine, f"CREATE VIEW {THREADS} AS SELECT 1 AS id")
    error = await refused(engine, new_database_url, "agentomatic_messages", "agentomatic_graph_writes", THREADS)
    assert "the table agentomatic_graph_writes, the table agentomatic_messages, the view agentomatic_threads" in str(
        error
    )


async def test_a_version_table_of_several_versions_is_not_ours(engine: AsyncEngine, new_database_url: str) -> None:
    await run(engine, f"CREATE TABLE {VERSION} (version_num VARCHAR(32))")
    await run(engine, f"INSERT INTO {VERSION} VALUES ('0001'), ('0002')")
    await refused(engine, new_database_url, VERSION)
    assert await rows(engine, f"SELECT count(*) FROM {VERSION}") == [(2,)]


@pytest.mark.parametrize("new_server_url", chosen(POSTGRESQL), indirect=True)
async def test_only_the_schema_with_our_tables_matters(new_server_url: str) -> None:
    store = SQLAlchemyStore(new_server_url, schema="agents")
    for made in (
        "SCHEMA agents",
        "SCHEMA others",
        f"TABLE others.{THREADS} (id integer)",
        f"TABLE {THREADS} (id integer)",
        f"VIEW agents.{INDEX} AS SELECT 1 AS id",
    ):
        await run(store.engine, f"CREATE {made}")
    with pytest.raises(ForeignSchema) as refused:
        await store.initialize()
    assert refused.value.objects == {INDEX: "view"}
    await run(store.engine, f"DROP VIEW agents.{INDEX}")
    await store.create_thread("t", "ada", "agent")
    await store.close()


# names that a later revision needs


@pytest.fixture
def revision(tmp_path: Path) -> AbstractContextManager[str]:
    """Ship another revision, which makes `agentomatic_notes`, a column and an index of `agentomatic_threads`."""
    return next_revision.shipped(tmp_path)


NOTES = "agentomatic_notes"
LATER = [
    Stranger("table", NOTES, f"CREATE TABLE {NOTES} (id INTEGER)", f"DROP TABLE {NOTES}"),
    Stranger("view", NOTES, f"CREATE VIEW {NOTES} AS SELECT 1 AS id", f"DROP VIEW {NOTES}"),
    Stranger(
        "table",
        NOTES,
        f"CREATE TABLE {NOTES} (id BIGINT, thread_id VARCHAR(255), text TEXT)",  # as the revision would create it
        f"DROP TABLE {NOTES}",
    ),
    Stranger(
        "column",
        f"{THREADS}.mood",
        f"ALTER TABLE {THREADS} ADD COLUMN mood VARCHAR(9)",
        f"ALTER TABLE {THREADS} DROP COLUMN mood",
    ),
    Stranger(
        "index",
        f"{THREADS}.ix_{THREADS}_created_at",
        f"CREATE INDEX ix_{THREADS}_created_at ON {THREADS} (created_at)",
        f"DROP INDEX ix_{THREADS}_created_at ON {THREADS}",
        MYSQL,
    ),
    Stranger(
        "index",
        f"ix_{THREADS}_created_at",
        f"CREATE INDEX ix_{THREADS}_created_at ON {THREADS} (created_at)",
        f"DROP INDEX ix_{THREADS}_created_at",
        ("sqlite", "postgresql"),
    ),
]


@on_their_databases(LATER)
async def test_a_name_that_a_later_revision_needs_is_refused_before_the_upgrade(
    engine: AsyncEngine, new_database_url: str, stranger: Stranger, revision: AbstractContextManager[str]
) -> None:
    await migrations.upgrade(engine)
    at = migrations.revisions()[-1]
    await run(engine, stranger.make)
    with revision as head:
        error = await refused(engine, new_database_url, stranger.name)
        assert (error.objects, error.revision, error.head) == ({stranger.name: stranger.kind}, at, head)
        await run(engine, stranger.drop)
        async with engine.connect() as connection:
            assert (await migrations.find(connection)).state == "behind"


async def test_a_later_name_is_refused_in_an_empty_database_too(
    engine: AsyncEngine, new_database_url: str, revision: AbstractContextManager[str]
) -> None:
    await run(engine, f"CREATE TABLE {NOTES} (id INTEGER)")
    with revision as head:
        error = await refused(engine, new_database_url, NOTES)
        assert (error.revision, error.head) == (None, head)


async def test_a_strangers_table_outlives_a_downgrade(
    engine: AsyncEngine, new_database_url: str, revision: AbstractContextManager[str]
) -> None:
    await migrations.upgrade(engine)
    await run(engine, f"CREATE TABLE {NOTES} (id INTEGER)")
    await run(engine, f"INSERT INTO {NOTES} VALUES (1)")
    with revision:
        await refused(engine, new_database_url, NOTES)
        await migrations.downgrade(engine, "base")
        assert await rows(engine, f"SELECT id FROM {NOTES}") == [(1,)]
        await refused(engine, new_database_url, NOTES)
