"""The schema's versions on every database: up, down, checked, refused."""

from __future__ import annotations

import ast
import asyncio
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, event, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from agentomatic_sql import (
    MigrationLocked,
    NonTransactionalTables,
    SchemaAhead,
    SchemaBehind,
    SQLAlchemyStore,
    dialects,
    migrations,
)
from agentomatic_sql.migrating import locked
from agentomatic_sql.migrating.notes import STARTED_TABLE
from agentomatic_sql.tables import METADATA
from tests.support import servers
from tests.support.citus import not_on_citus
from tests.support.databases import chosen, database_on

ROOT = Path(__file__).parents[2]
REVISIONS = sorted((ROOT / "alembic" / "versions").glob("*.py"))
HEAD = migrations.revisions()[-1]
UPKEEP = {"sqlite_sequence", "agentomatic_sql_lock", STARTED_TABLE}
"""Tables that some databases have besides."""


async def tables(engine: AsyncEngine, schema: str | None = None) -> dict[str, list[str]]:
    """Every table and its columns."""

    def look(connection: Connection) -> dict[str, list[str]]:
        inspector = inspect(connection)
        names = inspector.get_table_names(schema)
        return {name: sorted(c["name"] for c in inspector.get_columns(name, schema)) for name in sorted(names)}

    async with engine.connect() as connection:
        return await connection.run_sync(look)


async def revision(engine: AsyncEngine, schema: str | None = None) -> str | None:
    async with engine.connect() as connection:
        return (await migrations.find(connection, schema=schema)).revision


@pytest.fixture
async def engine(new_database_url: str) -> Any:
    store = SQLAlchemyStore(new_database_url)  # its engine, made as the store makes it
    yield store.engine
    await store.engine.dispose()


def test_there_is_one_head_and_every_file_is_named_after_its_revision() -> None:
    for number, (revision, path) in enumerate(zip(migrations.revisions(), REVISIONS, strict=True), start=1):
        assert re.fullmatch(rf"{number:04}(_from_\d{{4}})?", revision)
        assert re.fullmatch(rf"{revision}_[a-z0-9_]+\.py", path.name)
    assert len(ScriptDirectory(str(ROOT / "alembic")).get_heads()) == 1


@pytest.mark.parametrize("path", REVISIONS, ids=lambda path: path.name)
def test_a_revision_imports_no_model_and_can_be_taken_back(path: Path) -> None:
    tree = ast.parse(path.read_text())
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {"agentomatic_sql.models", "agentomatic_sql.tables"} & set(imported)
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert {"upgrade", "downgrade"} <= set(functions)
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(functions["downgrade"]))


async def test_up_down_and_up_again(engine: AsyncEngine) -> None:
    await migrations.upgrade(engine)
    made = await tables(engine)
    assert set(made) - UPKEEP == {*METADATA.tables, migrations.VERSION_TABLE}
    await migrations.check(engine)
    await migrations.downgrade(engine, "base")
    assert set(await tables(engine)) <= UPKEEP - {STARTED_TABLE}
    await migrations.upgrade(engine)
    assert await tables(engine) == made
    await migrations.check(engine)


async def test_the_primary_key_keeps_a_threads_messages_together(
    engine: AsyncEngine,
) -> None:
    await migrations.upgrade(engine)

    def look(connection: Connection) -> tuple[list[str], list[list[str]]]:
        inspector = inspect(connection)
        unique = [key["column_names"] for key in inspector.get_unique_constraints("agentomatic_messages")]
        return inspector.get_pk_constraint("agentomatic_messages")["constrained_columns"], unique

    async with engine.connect() as connection:
        found = await connection.run_sync(look)
    thread, number = ["thread_id", "position"], ["id"]
    # A generated number needs a unique key on MySQL and MariaDB, and the primary key on SQLite.
    expected = {"mysql": (thread, [number]), "mariadb": (thread, [number]), "sqlite": (number, [thread])}
    assert found == expected.get(engine.dialect.name, (thread, []))


async def test_relative_steps_are_one_step_each(engine: AsyncEngine) -> None:
    assert len(REVISIONS) > 1
    await migrations.upgrade(engine, "+1")
    assert await revision(engine) == "0001"
    await migrations.upgrade(engine, "+1")
    assert await revision(engine) == "0002"
    await migrations.downgrade(engine, "-1")
    assert await revision(engine) == "0001"
    await migrations.downgrade(engine, "-1")
    assert await revision(engine) is None
    assert "agentomatic_threads" not in await tables(engine)


async def test_data_outlives_an_upgrade(engine: AsyncEngine, new_database_url: str) -> None:
    await migrations.upgrade(engine)
    async with SQLAlchemyStore(new_database_url) as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", "kept")
    await migrations.downgrade(engine, "0001")
    async with SQLAlchemyStore(new_database_url) as store:  # upgrades again
        assert [message["content"] for message in await store.get_messages("t")] == ["kept"]


async def test_upgrading_what_is_current_changes_nothing(engine: AsyncEngine) -> None:
    await migrations.upgrade(engine)
    before = await tables(engine)
    await migrations.upgrade(engine)
    assert await tables(engine) == before


async def test_tables_that_another_process_makes_between_two_looks_are_not_foreign(
    engine: AsyncEngine, new_database_url: str
) -> None:
    other = SQLAlchemyStore(new_database_url).engine
    upgraded_before = looks = 0

    def upgrade_meanwhile(*_statement: Any) -> None:
        nonlocal looks
        looks += 1
        if looks == upgraded_before:
            await_only(migrations.upgrade(other))

    async with engine.connect() as connection:  # AUTOCOMMIT, as a store looks: each look sees what is there by then
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        event.listen(engine.sync_engine, "before_cursor_execute", upgrade_meanwhile)
        while looks >= upgraded_before:
            upgraded_before, looks = upgraded_before + 1, 0
            found = await migrations.find(connection)
            assert found.state in ("empty", "current"), f"before look {upgraded_before}: {found}"
            await migrations.downgrade(other, "base")
    assert upgraded_before > 2  # there was something to come between
    await other.dispose()


async def test_an_empty_database_is_behind_when_it_is_only_checked(new_database_url: str) -> None:
    store = SQLAlchemyStore(new_database_url, migrate="check")
    with pytest.raises(SchemaBehind, match=r"missing.*agentomatic-sql db upgrade") as refused:
        await store.create_thread("t", "ada", "agent")
    assert (refused.value.revision, refused.value.head) == (None, HEAD)
    assert await tables(store.engine) == {}
    await store.close()


async def test_an_older_schema_is_behind_when_it_is_only_checked(engine: AsyncEngine, new_database_url: str) -> None:
    await migrations.upgrade(engine, "0001")
    store = SQLAlchemyStore(new_database_url, migrate="check")
    with pytest.raises(SchemaBehind, match=f"at revision 0001, this package needs {HEAD}: agentomatic-sql db upgrade"):
        await store.initialize()
    await store.close()


@pytest.mark.parametrize("migrate", ["check", "upgrade"])
async def test_a_newer_schema_is_ahead(engine: AsyncEngine, new_database_url: str, migrate: Any) -> None:
    await migrations.upgrade(engine)
    async with engine.begin() as connection:
        await connection.execute(text(f"UPDATE {migrations.VERSION_TABLE} SET version_num = '9999'"))
    store = SQLAlchemyStore(new_database_url, migrate=migrate)
    with pytest.raises(
        SchemaAhead, match=f"revision 9999, which this package .newest: {HEAD}. does not know"
    ) as refused:
        await store.initialize()
    assert (refused.value.revision, refused.value.head) == ("9999", HEAD)
    with pytest.raises(SchemaAhead):
        await migrations.upgrade(engine)
    await store.close()


MYSQLS = pytest.mark.parametrize("new_server_url", chosen(("mysql", "mariadb")), indirect=True)
ENGINES = "SELECT table_name, engine FROM information_schema.tables WHERE table_schema = database()"


@MYSQLS
async def test_every_table_is_innodb_whatever_the_servers_default_is(new_server_url: str) -> None:
    """In a table without transactions, a batch that fails halfway leaves messages that were never counted."""
    default = {"init_command": "SET SESSION default_storage_engine = MyISAM"}
    async with SQLAlchemyStore(new_server_url, connect_args=default) as store:
        async with store.engine.connect() as connection:
            engines = {row[0]: row[1] for row in await connection.execute(text(ENGINES))}
        assert engines == dict.fromkeys((*METADATA.tables, migrations.VERSION_TABLE, STARTED_TABLE), "InnoDB")


@MYSQLS
@pytest.mark.parametrize("migrate", ["upgrade", "check"])
async def test_a_table_without_transactions_is_refused(new_server_url: str, migrate: Any) -> None:
    change = "ALTER TABLE agentomatic_graph_values ENGINE = "
    async with SQLAlchemyStore(new_server_url) as store:
        async with store.engine.connect() as connection:
            await connection.exec_driver_sql(f"{change}MyISAM")
        assert f"{change}InnoDB" in (await store.health_check())["error"]
    store = SQLAlchemyStore(new_server_url, migrate=migrate)
    with pytest.raises(NonTransactionalTables, match=f"{change}InnoDB") as refused:
        await store.initialize()
    assert refused.value.tables == ("agentomatic_graph_values",)
    await store.engine.dispose()


async def test_an_application_that_autogenerates_does_not_drop_our_tables(engine: AsyncEngine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    await migrations.upgrade(engine)

    def differences(connection: Connection) -> list[Any]:
        options = {"include_name": migrations.include_name}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), MetaData()))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize("schema", ["agents", "Agents of 2026", 'odd "x" :y $$'])
async def test_two_schemas_hold_two_stores(new_server_url: str, schema: str) -> None:
    if "mysql" in new_server_url:
        pytest.skip("a schema is a database there")
    async with SQLAlchemyStore(new_server_url, schema=schema) as one, SQLAlchemyStore(new_server_url) as other:
        await one.create_thread("t", "ada", "agent")
        await one.add_message("t", "user", "here")
        assert await other.get_thread("t") is None
        assert (await one.fork_thread("t", 0, "fork") or {})["message_count"] == 1
        assert set(await tables(one.engine, schema)) == set(await tables(one.engine))
        await migrations.check(one.engine, schema=schema)
        assert (await one.health_check())["schema"]["state"] == "current"
        await other.create_thread("t", "eve", "agent")
        for store in (one, other):
            await store.add_feedback("t", "ada", "agent")
        assert await one.delete_thread("t") is True
        assert (len(await one.get_feedback()), len(await other.get_feedback())) == (0, 1)
        await migrations.downgrade(one.engine, "base", schema=schema)
        assert await tables(one.engine, schema) == {}
        async with one.engine.connect() as connection:
            functions = "SELECT count(*) FROM information_schema.routines WHERE routine_schema = :schema"
            assert (await connection.execute(text(functions), {"schema": schema})).scalar_one() == 0
        assert await other.get_thread("t") is not None


@pytest.mark.parametrize("name", chosen(("postgresql",)))
def test_a_schema_that_gets_another_name_is_whole_all_the_same(name: str) -> None:
    async def check(url: str) -> None:
        async with SQLAlchemyStore(url, schema="agents") as store:
            await store.create_thread("t", "ada", "agent")
            await store.add_feedback("t", "ada", "agent")
        await servers.run(url, "ALTER SCHEMA agents RENAME TO chats")
        async with SQLAlchemyStore(url, schema="chats", migrate="check") as store:
            assert await store.delete_thread("t") is True
            assert await store.get_feedback() == []

    with database_on(name) as url:
        asyncio.run(check(url))


async def test_a_lock_that_is_held_is_waited_for_and_then_refused(
    new_server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locked, "LOCK_SECONDS", 1.0)
    not_on_citus(new_server_url, "an engine of the application's own cannot name the option")
    engine = create_async_engine(new_server_url)
    dialect = dialects.named(engine.dialect.name)
    assert dialect is not None
    store = SQLAlchemyStore(new_server_url)

    async with engine.connect() as holder:
        lock: Any = await holder.run_sync(lambda connection: dialect.migration_lock(connection, "", 5))
        await holder.run_sync(lambda _connection: lock.__enter__())
        with pytest.raises(MigrationLocked, match="for 1 s"):
            await store.initialize()
        await holder.run_sync(lambda _connection: lock.__exit__(None, None, None))
    await store.initialize()  # the lock has come free with its holder's transaction
    await store.close()
    await engine.dispose()


async def test_a_new_database_is_one_line_in_the_log(new_database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with SQLAlchemyStore(new_database_url):
            assert [record.getMessage().split(": ", 1)[1] for record in caplog.records if record.name != "asyncio"] == [
                f"the schema went from nothing to {HEAD}, by this process or another"
            ]
