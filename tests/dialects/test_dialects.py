"""URLs in any usual spelling, errors by their codes, and ids that are compared exactly."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import AnyUrl, PostgresDsn, Secret, SecretStr
from sqlalchemy import inspect, make_url
from sqlalchemy.exc import DBAPIError

from agentomatic_sql import InvalidURL, SQLAlchemyStore, dialects
from agentomatic_sql.execution.engine import parse, password_free
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.checkpoints import config


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgresql://u:p@h/d", "postgresql+asyncpg"),
        ("postgres://u:p@h/d", "postgresql+asyncpg"),
        ("postgresql+psycopg2://u:p@h/d", "postgresql+asyncpg"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+asyncpg"),
        ("mysql://u:p@h/d", "mysql+aiomysql"),
        ("mysql+pymysql://u:p@h/d", "mysql+aiomysql"),
        ("mariadb://u:p@h/d", "mariadb+aiomysql"),
        ("sqlite:///d.db", "sqlite+aiosqlite"),
        ("sqlite+pysqlite:///d.db", "sqlite+aiosqlite"),
        ("cockroachdb://u:p@h/d", "cockroachdb+asyncpg"),
        ("cockroachdb+psycopg2://u:p@h/d", "cockroachdb+asyncpg"),
    ],
)
def test_any_usual_spelling_gets_the_async_driver(given: str, driver: str) -> None:
    url, dialect = parse(given)
    assert url.drivername == driver
    assert dialect is dialects.named(driver.partition("+")[0])
    assert (url.username, url.password, url.host) == (("u", "p", "h") if "@" in given else (None, None, None))


@pytest.mark.parametrize(
    "make",
    [SecretStr, PostgresDsn, AnyUrl, lambda url: Secret[PostgresDsn](PostgresDsn(url))],
    ids=["SecretStr", "PostgresDsn", "AnyUrl", "Secret"],
)
def test_a_url_of_pydantics_types_is_read(make: Callable[[str], Any]) -> None:
    store = SQLAlchemyStore(make("postgresql://ada:s3%40cret@host:5433/agents?application_name=x"))
    url = store.engine.url
    assert (url.username, url.password, url.host, url.port) == ("ada", "s3@cret", "host", 5433)
    assert (url.database, dict(url.query)) == ("agents", {"application_name": "x"})


async def test_a_secret_url_serves_a_saver_and_is_not_shown(tmp_path: Path) -> None:
    with SQLAlchemySaver(SecretStr(f"sqlite:///{tmp_path}/store.db")) as saver:
        assert saver.get_tuple(config()) is None
    with pytest.raises(InvalidURL) as refused:
        SQLAlchemyStore(SecretStr("s3cret"))
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("name", ["sqlite", "mysql", "mariadb", "cockroachdb"])
@pytest.mark.parametrize("code", ["26000", "42P05", "08P01"])
def test_the_option_for_poolers_is_advised_only_where_it_exists(name: str, code: str) -> None:
    dialect = dialects.named(name)
    assert dialect is not None
    assert dialect.hint(ServerError("x", sqlstate=code), make_url("postgresql://h/d")) is None


@pytest.mark.parametrize("scheme", ["postgresql", "cockroachdb"])
def test_libpq_options_stay_in_the_url(scheme: str) -> None:
    url, _ = parse(f"{scheme}://u:p@h/d?sslmode=verify-full&sslrootcert=%2Fa%20b.pem&application_name=x")
    assert dict(url.query) == {"sslmode": "verify-full", "sslrootcert": "/a b.pem", "application_name": "x"}


@pytest.mark.parametrize("given", ["mysql://h/d", "mariadb://h/d"])
def test_mysql_speaks_utf8mb4(given: str) -> None:
    assert parse(given)[0].query["charset"] == "utf8mb4"


@pytest.mark.parametrize("given", ["oracle://u:s3cret@h/d", "mssql+pyodbc://u:s3cret@h/d", "s3cret", "://s3cret"])
def test_another_database_is_refused_without_the_password(given: str) -> None:
    with pytest.raises(InvalidURL, match="postgresql://user:password@host/database") as refused:
        parse(given)
    assert "s3cret" not in str(refused.value)


def test_a_url_for_people_has_no_password() -> None:
    url, _ = parse("postgresql://u:s3cret@h/d?password=s3cret&ssl=require")
    assert password_free(url) == "postgresql+asyncpg://u:***@h/d?ssl=require"


class ServerError(Exception):
    """A driver's error, with its code."""

    def __init__(self, *args: Any, **facts: Any) -> None:
        super().__init__(*args)
        self.__dict__ |= facts


@pytest.mark.parametrize(
    ("name", "error", "code", "transient"),
    [
        ("postgresql", ServerError("x", sqlstate="40001"), "40001", True),
        ("postgresql", ServerError("x", sqlstate="40P01"), "40P01", True),
        ("postgresql", ServerError("x", sqlstate="55P03"), "55P03", True),
        ("postgresql", ServerError("x", sqlstate="23505"), "23505", False),
        ("cockroachdb", ServerError("x", sqlstate="40001"), "40001", True),
        ("cockroachdb", ServerError("x", sqlstate="40P01"), "40P01", False),
        ("mysql", ServerError(1213, "deadlock"), "1213", True),
        ("mysql", ServerError(1205, "lock wait"), "1205", True),
        ("mariadb", ServerError(3572, "nowait"), "3572", True),
        ("mysql", ServerError(1062, "duplicate"), "1062", False),
        ("mysql", ServerError(), None, False),
    ],
)
def test_errors_that_may_be_retried_are_known_by_their_code(
    name: str, error: Any, code: str | None, transient: bool
) -> None:
    dialect = dialects.named(name)
    assert dialect is not None
    wrapped = DBAPIError("SELECT 1", None, error)
    assert dialect.driver.code(wrapped) == code
    assert dialect.is_transient(wrapped) is transient


def test_a_locked_sqlite_file_is_known_by_its_code(tmp_path: Any) -> None:
    dialect = dialects.named("sqlite")
    assert dialect is not None
    with sqlite3.connect(tmp_path / "a.db", timeout=0) as one, sqlite3.connect(tmp_path / "a.db", timeout=0) as other:
        one.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as locked:
            other.execute("BEGIN IMMEDIATE")
        assert dialect.is_transient(DBAPIError("BEGIN", None, locked.value))
        one.rollback()
    one.close()
    other.close()


@pytest.mark.parametrize(
    ("scheme", "module", "extra"),
    [("postgresql", "asyncpg", "postgres"), ("mysql", "aiomysql", "mysql"), ("mariadb", "aiomysql", "mysql")],
)
def test_a_missing_driver_names_its_extra(scheme: str, module: str, extra: str) -> None:
    program = (
        f"import sys; sys.modules['{module}'] = None\n"
        "from agentomatic_sql import MissingDriver, SQLAlchemyStore\n"
        "try:\n"
        f"    SQLAlchemyStore('{scheme}://u:s3cret@h/d')\n"
        "except MissingDriver as error:\n"
        "    print(error.extra, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"{extra} ")
    assert f"pip install 'agentomatic-sql[{extra}]'" in done.stdout
    assert "s3cret" not in done.stdout


async def test_ids_are_kept_apart_by_case_accent_and_trailing_blank(database_url: str) -> None:
    alike = ["a", "A", "\u00e1", "a\u0301", "a ", " a", "\uff41", "\u00df", "ss"]
    async with SQLAlchemyStore(database_url) as store:
        for thread_id in alike:
            await store.create_thread(thread_id, f"owner of {thread_id}", "agent")
        for thread_id in alike:
            assert (await store.get_thread(thread_id) or {})["user_id"] == f"owner of {thread_id}"
            assert len(await store.list_threads(user_id=f"owner of {thread_id}")) == 1
        assert [thread["id"] async for thread in store.iter_threads()] == sorted(alike)


async def test_every_id_column_has_the_collation_that_ignores_nothing(server_url: str) -> None:
    wanted = {"mysql": "utf8mb4_0900_bin", "mariadb": "utf8mb4_nopad_bin", "postgresql": "C"}
    async with SQLAlchemyStore(server_url) as store, store.engine.connect() as connection:
        columns: Any = await connection.run_sync(lambda sync: inspect(sync).get_columns("agentomatic_threads"))
    collations = {column["name"]: getattr(column["type"], "collation", None) for column in columns}
    name = server_url.partition("+")[0]
    assert {collations[column] for column in ("id", "user_id", "agent_name", "parent_thread_id")} == {wanted[name]}
