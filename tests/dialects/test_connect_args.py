"""The arguments for the driver (`connect_args=`): refused with the name of the argument before anything connects."""

from __future__ import annotations

import inspect
import sqlite3
from typing import Any

import aiomysql
import asyncpg
import pytest

from agentomatic_sql import InvalidInput, SQLAlchemyStore, StoreError
from agentomatic_sql.drivers.aiomysql import AiomysqlDriver
from agentomatic_sql.drivers.aiosqlite import AiosqliteDriver
from agentomatic_sql.drivers.asyncpg import AsyncpgDriver

URLS = {
    "sqlite": "sqlite://",
    "postgresql": "postgresql://ada:s3cret@host/agents",
    "cockroachdb": "cockroachdb://ada:s3cret@host/agents",
    "mysql": "mysql://ada:s3cret@host/agents",
    "mariadb": "mariadb://ada:s3cret@host/agents",
}


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"colour": "red"}, "takes no argument 'colour': remove it"),
        ({"pool_size": 3}, "takes no argument 'pool_size': give it to the store, as pool_size="),
        ({1: "x"}, "takes no argument 1"),
        ("colour=red", "must be a mapping of names to values, not str"),
        ([("ssl", True)], "must be a mapping of names to values, not list"),
    ],
)
def test_an_argument_that_the_driver_does_not_know_is_named(name: str, given: Any, says: str) -> None:
    with pytest.raises(InvalidInput, match=f"connect_args: .*{says}") as refused:
        SQLAlchemyStore(URLS[name], connect_args=given)
    assert refused.value.field == "connect_args"


@pytest.mark.parametrize(
    ("name", "given", "says"),
    [
        ("mysql", {"cursorclass": aiomysql.DictCursor}, "cursorclass: .*remove it"),
        ("mysql", {"conv": {}}, "conv: .*remove it"),
        ("mariadb", {"loop": None}, "loop: .*remove it"),
        ("mariadb", {"use_unicode": False}, "use_unicode=False: .*remove it"),
        ("mysql", {"autocommit": True}, "autocommit=True: .*remove it"),
        ("mysql", {"charset": "latin1"}, "charset=latin1: .*charset=utf8mb4"),
        ("mysql", {"connect_timeout": "soon"}, "connect_timeout=soon: it must be a number"),
        ("mysql", {"ssl_ca": "ca.pem"}, "'ssl_ca': .*connect_args="),
        ("postgresql", {"command_timeout": "soon"}, "command_timeout=soon: it must be a number"),
        ("postgresql", {"connect_timeout": 3}, "'connect_timeout': give it to the store, as connect_timeout="),
        ("postgresql", {"dbname": "agents"}, "'dbname': remove it"),
        ("postgresql", {"load_balance_hosts": "often"}, "load_balance_hosts=often: .*disable, random"),
        ("mysql", {"target_session_attrs": "best"}, "target_session_attrs=best: it must be one of any, "),
        ("cockroachdb", {"dsn": "postgresql://ada:s3cret@host"}, "dsn: "),
        ("sqlite", {"factory": sqlite3.Connection}, "factory: .*remove it"),
        ("sqlite", {"isolation_level": None}, "isolation_level: .*remove it"),
        ("sqlite", {"timeout": "soon"}, "timeout=soon: it must be a number"),
    ],
)
def test_an_argument_that_the_store_cannot_bear_is_refused(name: str, given: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidInput, match=f"connect_args: .*{says}") as refused:
        SQLAlchemyStore(URLS[name], connect_args=given)
    assert "s3cret" not in str(refused.value)


BROKEN: dict[str, dict[str, Any]] = {
    "postgresql": {"server_settings": 3},
    "mysql": {"init_command": 3},
    "mariadb": {"init_command": 3},
    "sqlite": {"cached_statements": "many"},
}


async def test_an_argument_of_the_wrong_type_is_a_typed_error_and_health_says_so(server_url: str) -> None:
    name = server_url.partition(":")[0].partition("+")[0]
    store = SQLAlchemyStore(server_url, connect_args=BROKEN[name])
    with pytest.raises(StoreError):
        await store.get_thread("t")
    assert (await store.health_check())["status"] == "unhealthy"
    await store.close()


@pytest.mark.parametrize(
    ("driver", "connect"), [(AiomysqlDriver(), aiomysql.connect), (AsyncpgDriver(), asyncpg.connect)]
)
def test_every_argument_of_the_drivers_connect_is_known(driver: Any, connect: Any) -> None:
    assert {*inspect.signature(connect).parameters} <= driver.options.arguments


def test_every_argument_that_is_passed_on_to_sqlite_is_one_of_its_own() -> None:
    options = AiosqliteDriver.options
    of_sqlalchemy = {"async_creator_fn", "async_fallback"}
    taken = [name for name in options.arguments - of_sqlalchemy if options.objection({name: 1}) is None]
    assert taken
    arguments: Any = dict.fromkeys(taken, 1)
    sqlite3.connect(":memory:", **arguments).close()


@pytest.mark.parametrize("name", [name for name in URLS if name != "sqlite"])
@pytest.mark.parametrize("schema", ["", 5, "a\0b", "\ud800", "x" * 300, "ü" * 200])
def test_a_name_that_no_schema_can_have_is_refused(name: str, schema: Any) -> None:
    with pytest.raises(InvalidInput, match="schema: must be a name") as refused:
        SQLAlchemyStore(URLS[name], schema=schema)
    assert refused.value.field == "schema"
