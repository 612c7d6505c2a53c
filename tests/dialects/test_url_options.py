"""The options of URLs as hosts hand them out: meant as libpq and MySQL's client mean them, or refused with the cure."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text

from agentomatic_sql import InvalidURL, SQLAlchemyStore, StoreUnavailable
from agentomatic_sql.dialects.postgresql import PgBouncer
from agentomatic_sql.execution.engine import parse
from tests.support.databases import chosen, lent

LIBPQ = {
    "channel_binding": "prefer",
    "client_encoding": "UTF8",
    "connect_timeout": "5",
    "gssencmode": "prefer",
    "keepalives": "1",
    "keepalives_idle": "31",
    "keepalives_interval": "11",
    "keepalives_count": "4",
    "tcp_user_timeout": "21000",
    "load_balance_hosts": "disable",
    "fallback_application_name": "of the URL",
    "target_session_attrs": "read-write",
    "sslmode": "prefer",
    "sslsni": "1",
    "statement_cache_size": "50",
    "command_timeout": "30.5",
}
TCP = {
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE): 1,
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE): 31,
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL): 11,
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT): 4,
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT): 21_000,
}


def with_options(url: str, **query: str) -> str:
    return make_url(url).update_query_dict(query).render_as_string(hide_password=False)


@pytest.fixture(params=chosen(("postgresql",)))
def postgresql_url(request: pytest.FixtureRequest) -> str:
    return lent(request.param)


async def asked(store: SQLAlchemyStore, statement: str) -> Any:
    async with store.engine.connect() as connection:
        return (await connection.execute(text(statement))).scalar_one()


async def socket_of(store: SQLAlchemyStore) -> Any:
    async with store.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        return driver._transport.get_extra_info("socket")


async def test_libpqs_options_mean_what_they_mean_to_libpq(postgresql_url: str) -> None:
    async with SQLAlchemyStore(with_options(postgresql_url, **LIBPQ)) as store:
        await store.create_thread("t", "ada", "agent")
        assert (await store.add_message("t", "user", "ü"))["index"] == 0
        assert await asked(store, "SHOW application_name") == "of the URL"
        of_connection = await socket_of(store)
        assert {option: of_connection.getsockopt(*option) for option in TCP} == TCP


async def test_keepalives_that_are_off_stay_off(postgresql_url: str) -> None:
    url = with_options(postgresql_url, keepalives="0", keepalives_idle="31")
    async with SQLAlchemyStore(url) as store:
        of_connection = await socket_of(store)
        assert of_connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 0
        assert of_connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) != 31


async def test_no_cache_of_statements_means_a_pooler(postgresql_url: str) -> None:
    url = with_options(postgresql_url, statement_cache_size="0")
    assert isinstance(parse(url)[1], PgBouncer)
    async with SQLAlchemyStore(url) as store:
        await store.create_thread("t", "ada", "agent")
        assert await asked(store, "SELECT count(*) FROM pg_prepared_statements") == 0


@pytest.mark.parametrize("scheme", ["postgresql", "cockroachdb"])
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("channel_binding=require", "channel_binding=require: .*sslmode=verify-full"),
        ("sslmode=require&channel_binding=require", "channel_binding=require: .*remove it"),
        ("gssencmode=require", "gssencmode=require: .*sslmode="),
        ("client_encoding=latin1", "client_encoding=latin1: .*UTF-8"),
        ("load_balance_hosts=random", "load_balance_hosts=random: .*remove it"),
        ("hostaddr=127.0.0.1", "hostaddr=127.0.0.1: .*as the host"),
        ("requirepeer=postgres", "requirepeer=postgres: .*remove it"),
        ("connect_timeout=soon", "connect_timeout=soon: it must be a number"),
        ("statement_cache_size=none", "statement_cache_size=none: it must be a number"),
        ("keepalives_idle=often", "keepalives_idle=often: it must be a number"),
        ("sslrootcert=system&sslmode=require", "sslrootcert=system: .*sslmode=verify-full"),
    ],
)
def test_an_option_that_asyncpg_lacks_is_refused_with_the_cure(scheme: str, query: str, says: str) -> None:
    with pytest.raises(InvalidURL, match=says) as refused:
        SQLAlchemyStore(f"{scheme}://ada:s3cret@host/agents?{query}")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["mysql", "mariadb"])
@pytest.mark.parametrize(
    ("query", "mode"),
    [
        ("ssl-mode=REQUIRED", "REQUIRED"),
        ("ssl_mode=verify_ca", "VERIFY_CA"),
        ("ssl-mode=VERIFY_IDENTITY&ssl-ca=ca.pem", "VERIFY_IDENTITY"),
        ("ssl-mode=REQUIRED&ssl-ca=ca.pem", "REQUIRED"),
        ("ssl-mode=DISABLED", "DISABLED"),
        ("ssl_ca=ca.pem", "VERIFY_CA"),
        ("ssl_ca=ca.pem&ssl_verify_cert=true&ssl_verify_identity=true", "VERIFY_IDENTITY"),
        ("ssl_ca=ca.pem&ssl_verify_cert=false", "REQUIRED"),
        ("ssl_verify_cert=true", "VERIFY_CA"),
        ("ssl-mode=REQUIRED&ssl_verify_cert=1", "VERIFY_CA"),
        ("ssl_cert=c.pem&ssl_key=k.pem", "REQUIRED"),
        ("ssl=true", "REQUIRED"),
        ("ssl=false", "DISABLED"),
        ("ssl_disabled=true", "DISABLED"),
        ("ssl_verify_identity=false", None),
        ("", None),
    ],
)
def test_tls_options_of_mysql_make_one_mode(scheme: str, query: str, mode: str | None) -> None:
    options = parse(f"{scheme}://h/d?{query}")[0].query
    assert options.get("ssl_mode") == mode
    assert {*options} <= {"ssl_mode", "ssl_ca", "ssl_cert", "ssl_key", "charset"}


@pytest.mark.parametrize("scheme", ["mysql", "mariadb"])
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("ssl-mode=PREFERRED", "ssl-mode=PREFERRED: .*ssl-mode=REQUIRED or ssl-mode=DISABLED"),
        ("ssl-mode=strict", "ssl-mode=strict: .*REQUIRED, VERIFY_CA, VERIFY_IDENTITY"),
        ("ssl-mode=DISABLED&ssl_verify_cert=true", "contradict each other: write ssl-mode= alone"),
        ("ssl=on-demand", "ssl=on-demand: it must be true or false"),
        ("connect_timeout=soon", "connect_timeout=soon: it must be a number"),
    ],
)
def test_an_option_that_aiomysql_lacks_is_refused_with_the_cure(scheme: str, query: str, says: str) -> None:
    with pytest.raises(InvalidURL, match=says) as refused:
        SQLAlchemyStore(f"{scheme}://ada:s3cret@host/agents?{query}")
    assert "s3cret" not in str(refused.value)


# limits


@pytest.fixture
def silent_port() -> Iterator[int]:
    """The port of a server that takes connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "mariadb"])
@pytest.mark.parametrize(("in_url", "argument"), [("0.3", None), ("60", 0.3)], ids=["of the URL", "the argument"])
async def test_a_connect_takes_as_long_as_the_url_or_the_nearer_argument_says(
    scheme: str, silent_port: int, in_url: str, argument: float | None
) -> None:
    url = f"{scheme}://ada@127.0.0.1:{silent_port}/agents?connect_timeout={in_url}"
    store = SQLAlchemyStore(url, connect_timeout=argument)
    async with asyncio.timeout(5):
        with pytest.raises(StoreUnavailable):
            await store.initialize()
    await store.close()


async def test_a_time_limit_in_the_url_is_kept(server_url: str) -> None:
    setting, query = {
        "postgresql": ("SHOW statement_timeout", {"options": "-c statement_timeout=2s"}),
        "mysql": ("SELECT @@max_execution_time", {"init_command": "SET SESSION max_execution_time = 2000"}),
        "mariadb": ("SELECT @@max_statement_time", {"init_command": "SET SESSION max_statement_time = 2"}),
    }[make_url(server_url).get_backend_name()]
    async with SQLAlchemyStore(with_options(server_url, **query)) as store:
        of_url = await asked(store, setting)
    async with SQLAlchemyStore(with_options(server_url, **query), statement_timeout=2) as store:
        assert await asked(store, setting) == of_url
    async with SQLAlchemyStore(with_options(server_url, **query), statement_timeout=3) as store:
        assert await asked(store, setting) != of_url  # an argument is nearer than the URL
    async with SQLAlchemyStore(server_url, statement_timeout=2) as store:
        assert await asked(store, setting) == of_url


async def test_a_time_limit_in_the_drivers_arguments_is_kept(postgresql_url: str) -> None:
    settings = {"server_settings": {"statement_timeout": "2s"}}
    async with SQLAlchemyStore(postgresql_url, connect_args=settings) as store:
        assert await asked(store, "SHOW statement_timeout") == "2s"


async def test_a_wait_for_a_locked_file_is_the_urls(tmp_path: Path) -> None:
    async with SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db?timeout=7") as store:
        assert await asked(store, "PRAGMA busy_timeout") == 7_000
