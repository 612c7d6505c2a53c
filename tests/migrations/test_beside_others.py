"""In one database with the platform's own store, LangGraph's savers and an application's tables: all keep working."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from agentomatic.storage import SQLAlchemyStore as PlatformStore
from agentomatic.storage.models import Base as PlatformBase
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Connection, Integer, MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncEngine

from agentomatic_sql import SQLAlchemyStore, migrations
from agentomatic_sql.migrating import contents, revisions
from agentomatic_sql.tables import METADATA
from tests.support.catalog import catalog

SAVERS = (
    "CREATE TABLE checkpoint_migrations (v INTEGER PRIMARY KEY)",
    "CREATE TABLE checkpoint_blobs (thread_id VARCHAR(50), checkpoint_ns VARCHAR(50), channel VARCHAR(50))",
    "CREATE TABLE checkpoint_writes (thread_id VARCHAR(50), checkpoint_ns VARCHAR(50), task_id VARCHAR(50))",
    "CREATE TABLE writes (thread_id VARCHAR(50), checkpoint_ns VARCHAR(50), checkpoint_id VARCHAR(50))",
    "INSERT INTO checkpoint_migrations VALUES (9)",
)
"""As langgraph-checkpoint-postgres and -sqlite name theirs, besides `checkpoints`, which the platform has too."""

APPLICATION = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)",
    "INSERT INTO alembic_version VALUES ('theirs')",
    "CREATE TABLE idempotency_keys (id INTEGER)",
    "CREATE TABLE encryption_keys (id INTEGER)",
    "CREATE TABLE graph_values (id INTEGER)",
)


@pytest.fixture
async def engine(new_database_url: str) -> AsyncIterator[AsyncEngine]:
    """A database with everybody's tables but ours."""
    store = SQLAlchemyStore(new_database_url)
    async with store.engine.begin() as connection:
        await connection.run_sync(PlatformBase.metadata.create_all)
        for statement in (*SAVERS, *APPLICATION):
            await connection.execute(text(statement))
    yield store.engine
    await store.engine.dispose()


def test_no_name_of_ours_is_a_plain_one() -> None:
    assert all(name.startswith("agentomatic_") for name in METADATA.tables)
    named = {item for item in contents.created("postgresql", revisions.pending(None)) if item.kind != "column"}
    assert [item.name for item in named if "agentomatic_" not in item.name] == []
    assert not set(METADATA.tables) & set(PlatformBase.metadata.tables)


async def test_the_platforms_own_store_and_this_one_work_in_one_database(
    engine: AsyncEngine, new_database_url: str
) -> None:
    theirs = PlatformStore(new_database_url)
    async with SQLAlchemyStore(new_database_url) as ours:
        await theirs.initialize()
        for store, name in ((ours, "ada"), (theirs, "eve")):
            await store.create_thread("t", name, "agent")
            await store.add_message("t", "user", f"hello {name}")
            await store.save_checkpoint("t", "", "c", None, {"of": name}, {})
        for store, name in ((ours, "ada"), (theirs, "eve")):
            assert (await store.get_thread("t") or {})["user_id"] == name
            assert [one["content"] for one in await store.get_messages("t")] == [f"hello {name}"]
            assert (await store.get_checkpoint("t", "", "c") or {})["checkpoint"] == {"of": name}
        await migrations.check(ours.engine)
        assert await ours.delete_thread("t") is True
        assert len(await theirs.get_messages("t")) == 1
    await theirs.close()


async def test_nothing_of_others_changes_with_our_schema(engine: AsyncEngine) -> None:
    before = await catalog(engine)
    await migrations.upgrade(engine)
    assert before <= await catalog(engine)
    await migrations.downgrade(engine, "base")
    assert before <= await catalog(engine)
    async with engine.connect() as connection:
        for table, column in (("checkpoint_migrations", "v"), ("alembic_version", "version_num")):
            assert (await connection.execute(text(f"SELECT count({column}) FROM {table}"))).scalar_one() == 1


@pytest.mark.parametrize(("ours", "theirs"), [(None, "shop"), ("agents", None), ("agents", "shop")])
async def test_an_applications_table_of_our_name_in_another_schema_is_compared(
    new_server_url: str, monkeypatch: pytest.MonkeyPatch, ours: str | None, theirs: str | None
) -> None:
    """Alembic finds nothing to do: neither our tables to drop, nor the application's own to create for ever."""
    if "mysql" in new_server_url or "mariadb" in new_server_url:
        pytest.skip("a schema is a database there")
    metadata = MetaData()
    Table("agentomatic_threads", metadata, Column("id", Integer, primary_key=True), schema=theirs)

    def differences(connection: Connection, hide: Any) -> list[Any]:
        def include_name(name: str | None, kind: str, parents: Any) -> bool:
            if kind == "schema":
                return name in (None, ours, theirs)
            return bool(hide(name, kind, parents))

        options = {"include_name": include_name, "include_schemas": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    async with SQLAlchemyStore(new_server_url, schema=ours) as store, store.engine.connect() as connection:
        if theirs is not None:
            await connection.execute(text(f"CREATE SCHEMA {theirs}"))
        await connection.run_sync(metadata.create_all)
        await connection.commit()
        hide = migrations.include_name if ours is None else partial(migrations.include_name, schema=ours)
        assert await connection.run_sync(differences, hide) == []
        monkeypatch.setenv("AGENTOMATIC_SQL_SCHEMA", ours or "")
        assert await connection.run_sync(differences, migrations.include_name) == []
