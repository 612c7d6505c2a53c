"""The SQL that `db sql` prints runs as it is, and makes the schema that the store needs."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agentomatic_sql import SQLAlchemyStore, migrations
from agentomatic_sql.tables import METADATA
from tests.support.databases import chosen, database_on
from tests.support.scripts import run_script


async def test_the_printed_sql_makes_the_schema(new_database_url: str) -> None:
    await run_script(new_database_url, migrations.sql(new_database_url))
    async with SQLAlchemyStore(new_database_url, migrate="check") as store:
        await migrations.check(store.engine)
        await store.create_thread("t", "ada", "agent")
        assert (await store.add_message("t", "user", "hello"))["index"] == 0


async def test_the_printed_sql_of_one_step_and_of_the_way_back(new_database_url: str) -> None:
    store = SQLAlchemyStore(new_database_url)
    await migrations.upgrade(store.engine, "0001")
    await run_script(new_database_url, migrations.sql(new_database_url, "0001:head"))
    await migrations.check(store.engine)
    await run_script(new_database_url, migrations.sql(new_database_url, "head:0001"))
    async with store.engine.connect() as connection:
        assert (await migrations.find(connection)).revision == "0001"
    await run_script(new_database_url, migrations.sql(new_database_url, "0001:base"))
    async with store.engine.connect() as connection:
        found = await migrations.find(connection)
    assert found.revision is None
    await store.close()


async def test_the_printed_sql_fails_beside_a_table_of_somebody_else(new_database_url: str) -> None:
    await run_script(new_database_url, "CREATE TABLE agentomatic_encryption_keys (mine INTEGER);")
    with pytest.raises(Exception, match=r"agentomatic_encryption_keys.* already exists"):
        await run_script(new_database_url, migrations.sql(new_database_url))


@pytest.mark.parametrize("name", chosen(("postgresql",)))  # elsewhere a schema is a database
def test_the_printed_sql_makes_a_schema_of_its_own(name: str) -> None:
    async def use(url: str) -> None:
        await run_script(url, migrations.sql(url, schema="agents of 2026"))
        async with SQLAlchemyStore(url, schema="agents of 2026", migrate="check") as store:
            thread = await store.create_thread("t", "ada", "agent")
            assert await store.get_thread("t") == thread

    with database_on(name) as url:
        asyncio.run(use(url))


@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "mariadb", "sqlite"])
def test_every_table_is_in_the_printed_sql(scheme: str, tmp_path: Path) -> None:
    printed = migrations.sql(f"{scheme}://localhost/nowhere" if scheme != "sqlite" else f"sqlite:///{tmp_path}/x.db")
    for table in METADATA.tables:
        assert f"CREATE TABLE {table} " in printed
    assert list(tmp_path.iterdir()) == []  # nothing was connected to
