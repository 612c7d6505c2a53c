"""Settings of MySQL and MariaDB with which writes would fail or mean something else are refused, with the cure."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import SQLAlchemyStore, UnsuitableServer
from tests.support import servers
from tests.support.databases import chosen


def with_options(url: str, **query: str) -> str:
    return make_url(url).update_query_dict(query).render_as_string(hide_password=False)


async def is_refused(store: SQLAlchemyStore, says: str) -> None:
    with pytest.raises(UnsuitableServer, match=says):
        await store.get_thread("t")
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    await store.close()


@pytest.mark.parametrize("server_url", chosen(("mariadb",)), indirect=True)
async def test_oracles_mode_is_refused_and_its_cure_works(server_url: str) -> None:
    url = with_options(server_url, init_command="SET SESSION sql_mode = ORACLE")
    await is_refused(SQLAlchemyStore(url), r"sql_mode=ORACLE .*\?sql_mode=STRICT_TRANS_TABLES")
    engine = create_async_engine(url)
    await is_refused(SQLAlchemyStore(engine=engine), "sql_mode=ORACLE")
    await engine.dispose()
    async with SQLAlchemyStore(with_options(server_url, sql_mode="STRICT_TRANS_TABLES")) as store:
        assert await store.create_thread("t", "ada", "agent")


@pytest.mark.parametrize("mode", ["STRICT_TRANS_TABLES", "STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES"])
@pytest.mark.parametrize("server_url", chosen(("mysql", "mariadb")), indirect=True)
async def test_quotes_and_backslashes_are_exact_whether_or_not_a_backslash_escapes(server_url: str, mode: str) -> None:
    texts = ["'", "\\", "\\'", "'\\", "''", '"', "\\\\", "\n\r\t\x1a\x00%s", "; DROP TABLE x; -- '"]
    url = with_options(server_url, init_command=f"SET SESSION sql_mode = '{mode}'")
    async with SQLAlchemyStore(url) as store:
        await store.create_thread("'\\", "ada", "agent", title="'\\")
        one = await store.add_message("'\\", "user", "'\\", metadata={"'": "\\"})
        many = [{"role": "user", "content": text, "metadata": {text: text}} for text in texts]
        added = await store.add_messages("'\\", many)
        assert [one, *added] == await store.get_messages("'\\")
        assert [(message["content"], message["metadata"]) for message in added] == [
            (text, {text: text}) for text in texts
        ]


@pytest.mark.parametrize("rows", [1, 100])
@pytest.mark.parametrize("server_url", chosen(("mysql", "mariadb")), indirect=True)
async def test_a_limit_that_leaves_rows_out_is_refused(server_url: str, rows: int) -> None:
    url = with_options(server_url, init_command=f"SET SESSION sql_select_limit = {rows}")
    await is_refused(SQLAlchemyStore(url), "sql_select_limit leaves rows out")


@pytest.mark.parametrize("server_url", chosen(("mysql",)), indirect=True)
async def test_a_binary_log_of_statements_is_refused(server_url: str) -> None:
    url = with_options(server_url, init_command="SET SESSION binlog_format = 'STATEMENT'")
    await is_refused(SQLAlchemyStore(url), "binlog_format=STATEMENT .*SET GLOBAL binlog_format = ROW")


@pytest.fixture(params=chosen(("mariadb",)))
def logging_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database on a server of the test's own, whose binary log has statements."""
    with ExitStack() as running:
        try:
            options = ["--log-bin=log", "--binlog-format=STATEMENT"]
            server = running.enter_context(servers.private(request.param, options))
        except LookupError as error:
            pytest.skip(str(error))
        yield asyncio.run(servers.create_database(server))


async def test_the_cure_for_a_binary_log_of_statements_works(logging_url: str) -> None:
    await is_refused(SQLAlchemyStore(logging_url), "binlog_format=STATEMENT .*SET GLOBAL binlog_format = ROW")
    await servers.run(logging_url, "SET GLOBAL binlog_format = ROW")
    async with SQLAlchemyStore(logging_url) as store:
        assert await store.create_thread("t", "ada", "agent")
