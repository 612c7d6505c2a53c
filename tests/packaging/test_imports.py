"""Modules that are imported only when something needs them: a process must start quickly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

import agentomatic_sql
from agentomatic_sql import migrations
from agentomatic_sql.migrating import revisions

MIGRATIONS = {"alembic", "mako", "pygments"}
DATABASES = {"sqlalchemy.dialects.postgresql", "sqlalchemy.dialects.mysql", "sqlalchemy.dialects.sqlite"}
DRIVERS = {"asyncpg", "aiomysql", "aiosqlite"}
ORM = {"sqlalchemy.orm", "sqlalchemy.ext.asyncio"}  # the second imports the first
FRAMEWORKS = {"langgraph", "langchain_core", "pydantic", "typer", "rich", "opentelemetry"}

USE = """
import asyncio
from agentomatic_sql import SQLAlchemyStore

async def main():
    async with SQLAlchemyStore({url!r}) as store:
        await store.create_thread("t", "ada", "support")
        await store.add_message("t", "user", "Hello")
        assert len(await store.get_messages("t")) == 1
        assert [thread["id"] for thread in await store.for_user("ada").list_threads()] == ["t"]
        assert (await store.health_check())["status"] == "healthy"
        {more}
        await store.delete_thread("t")

asyncio.run(main())
"""


def loaded_by(program: str) -> set[str]:
    """The modules that a Python program imports in a process of its own."""
    printing = f"{program}\nimport sys\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", printing], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_the_package_by_itself_imports_no_other() -> None:
    unwanted = {"sqlalchemy", *MIGRATIONS, *DRIVERS, *FRAMEWORKS}
    assert loaded_by("import agentomatic_sql") & unwanted == set()


def test_every_public_name_is_there_and_listed() -> None:
    assert {*agentomatic_sql.__all__, "SQLAlchemySaver"} <= {*dir(agentomatic_sql)}
    assert all(getattr(agentomatic_sql, name) is not None for name in dir(agentomatic_sql))
    with pytest.raises(AttributeError, match="'SQLAlchemyStor'"):
        agentomatic_sql.SQLAlchemyStor  # noqa: B018


@pytest.mark.parametrize(
    ("url", "dialect"),
    [
        ("postgresql://localhost/a", "postgresql"),
        ("mysql://localhost/a", "mysql"),
        ("mariadb://localhost/a", "mysql"),
        ("sqlite:///a.db", "sqlite"),
    ],
)
def test_a_store_imports_the_dialect_of_its_url_alone(url: str, dialect: str) -> None:
    loaded = loaded_by(f"from agentomatic_sql import SQLAlchemyStore\nSQLAlchemyStore({url!r})")
    assert loaded & DATABASES == {f"sqlalchemy.dialects.{dialect}"}
    assert loaded & {*MIGRATIONS, *ORM, *FRAMEWORKS} == set()


def test_the_use_of_a_store_imports_its_driver_alone(new_database_url: str) -> None:
    """A first process, which makes the tables, and another one."""
    program = USE.format(url=new_database_url, more="")
    driver = make_url(new_database_url).get_driver_name()
    for _process in range(2):
        loaded = loaded_by(program)
        assert loaded & {*MIGRATIONS, *ORM, *FRAMEWORKS} == set()
        assert loaded & DRIVERS == {driver}


def test_an_upgrade_of_an_older_schema_imports_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    loaded_by(USE.format(url=url, more=""))
    downgrade = [sys.executable, "-m", "agentomatic_sql", "db", "downgrade", "0001", "--yes", "--url", url]
    subprocess.run(downgrade, check=True, capture_output=True)
    assert loaded_by(USE.format(url=url, more="")) >= {"alembic"}


def test_the_engine_for_the_applications_own_statements_imports_the_orm(tmp_path: Path) -> None:
    assert loaded_by(USE.format(url=f"sqlite:///{tmp_path / 'a.db'}", more="assert store.engine.pool")) >= ORM


def test_a_saver_imports_no_alembic_and_no_orm() -> None:
    assert loaded_by("import agentomatic_sql.langgraph") & {*MIGRATIONS, *ORM} == set()


def test_moving_data_imports_no_framework() -> None:
    assert loaded_by("import agentomatic_sql.moving") & {*MIGRATIONS, *ORM, *FRAMEWORKS} == set()


def test_the_names_of_the_revisions_are_those_that_alembic_reads() -> None:
    assert revisions.revisions() == tuple(name for name, _purpose in migrations.history())
