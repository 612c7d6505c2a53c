"""The options of URLs as hosts hand them out: meant as libpq and SQLite mean them, or refused with the cure."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text

from agentomatic_sql import InvalidInput, InvalidURL, SQLAlchemyStore, StoreUnavailable
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


async def test_an_option_that_the_system_refuses_is_named_and_leaves_no_connection_open(postgresql_url: str) -> None:
    store = SQLAlchemyStore(with_options(postgresql_url, keepalives_count="999999", application_name="refused"))
    with pytest.raises(InvalidURL, match="keepalives_count=999999: this system does not take it"):
        await store.initialize()
    async with SQLAlchemyStore(postgresql_url) as other:
        open_ones = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'refused'"
        async with asyncio.timeout(10):
            while await asked(other, open_ones):  # the server takes a moment to see the end
                pass
    await store.close()


@pytest.mark.parametrize("scheme", ["postgresql", "cockroachdb"])
@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("channel_binding=require", "channel_binding=require: .*sslmode=verify-full"),
        ("sslmode=require&channel_binding=require", "channel_binding=require: .*remove it"),
        ("gssencmode=require", "gssencmode=require: .*sslmode="),
        ("client_encoding=latin1", "client_encoding=latin1: .*UTF-8"),
        ("load_balance_hosts=often", "load_balance_hosts=often: .*disable, random"),
        ("hostaddr=127.0.0.1", "hostaddr=127.0.0.1: .*as the host"),
        ("requirepeer=postgres", "requirepeer=postgres: .*remove it"),
        ("connect_timeout=soon", "connect_timeout=soon: it must be a number"),
        ("statement_cache_size=none", "statement_cache_size=none: it must be a number"),
        ("keepalives_idle=often", "keepalives_idle=often: it must be a number"),
        ("sslrootcert=system&sslmode=require", "sslrootcert=system: .*sslmode=verify-full"),
        ("statement_cache_size=1.5", "statement_cache_size=1.5: it must be a number"),
        ("direct_tls=maybe", "direct_tls=maybe: it must be true or false"),
        ("server_settings=x", "server_settings=x: write options=-c name=value, or give it in connect_args"),
        ("record_class=x", "record_class=x: give it in connect_args"),
        ("sslmode=strict", "sslmode=strict: it must be one of disable, allow, prefer, require, verify-ca, verify-full"),
        ("sslnegotiation=never", "sslnegotiation=never: it must be one of postgres, direct"),
        ("gsslib=mine", "gsslib=mine: it must be one of gssapi, sspi"),
        ("target_session_attrs=Primary", "target_session_attrs=Primary: it must be one of any, "),
        ("command_timeout=0", "command_timeout=0: it must be a number, more than 0"),
        ("timeout=-1", "timeout=-1: it must be a number, more than 0"),
        (f"statement_cache_size={'9' * 5000}", "it must be a number, at most 2147483647"),
        ("loop=x", "loop=x: .*remove it"),
        ("search_path=x", "search_path: .*remove it, or write options=-c name=value"),
        ("schema=x", "schema: .*give it to the store, as schema="),
    ],
)
def test_an_option_that_asyncpg_lacks_is_refused_with_the_cure(scheme: str, query: str, says: str) -> None:
    with pytest.raises(InvalidURL, match=says) as refused:
        SQLAlchemyStore(f"{scheme}://ada:s3cret@host/agents?{query}")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("timeout=soon", "timeout=soon: it must be a number"),
        ("uri=maybe", "uri=maybe: it must be true or false"),
        ("cached_statements=x", "cached_statements=x: it must be a number"),
        ("connect_timeout=3", "connect_timeout=3: write timeout="),
        ("isolation_level=IMMEDIATE", "isolation_level=IMMEDIATE: .*remove it"),
        ("detect_types=3", "detect_types=3: .*remove it"),
        ("factory=x", "factory=x: .*remove it"),
        ("mode=ro", r"mode=ro: .*sqlite:///file:/path/to/file.db\?mode=…&uri=true"),
        ("mode=ro&uri=true", "mode=ro: .*uri=true"),  # without "file:" it would be in the name of the file
        ("journal_mode=DELETE", "journal_mode: .*remove it"),
        ("pool_size=3", "pool_size: .*give it to the store, as pool_size="),
        (f"cached_statements={'9' * 30}", "it must be a number, at most 2147483647"),
        (f"mmap_size={'9' * 5000}", "it must be a number of bytes"),
    ],
)
def test_an_option_that_sqlite_lacks_is_refused_with_the_cure(tmp_path: Path, query: str, says: str) -> None:
    with pytest.raises(InvalidURL, match=says):
        SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db?{query}")
    assert not [*tmp_path.iterdir()]


def test_a_url_of_sqlites_own_is_not_taken_for_the_name_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(InvalidURL, match=r"file: .*add uri=true"):
        SQLAlchemyStore(f"sqlite:///file:{tmp_path}/store.db?mode=ro")


async def test_options_of_sqlite_reach_the_driver(tmp_path: Path) -> None:
    options = "timeout=7&cached_statements=10&check_same_thread=false&cache=private&vfs=unix&uri=true"
    async with SQLAlchemyStore(f"sqlite:///file:{tmp_path}/store.db?{options}") as store:
        await store.create_thread("t", "ada", "agent")
        assert await asked(store, "PRAGMA busy_timeout") == 7_000
    async with SQLAlchemyStore("sqlite://?timeout=7&timeout=8") as store:
        assert await asked(store, "PRAGMA busy_timeout") == 8_000


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


@pytest.mark.parametrize("seconds", ["0", "-1", "0.0"])
@pytest.mark.parametrize("by", ["the URL", "the argument"])
async def test_a_connect_with_a_limit_of_0_or_less_is_made(server_url: str, seconds: str, by: str) -> None:
    url = with_options(server_url, connect_timeout=seconds if by == "the URL" else "0.000001")
    store = SQLAlchemyStore(url, connect_timeout=float(seconds) if by == "the argument" else None)
    async with store:
        await store.create_thread("t", "ada", "agent")


@pytest.mark.parametrize("scheme", ["postgresql", "mysql", "mariadb", "cockroachdb"])
@pytest.mark.parametrize("limit", ["nan", "inf", "soon"])
def test_a_limit_of_a_connect_is_a_number(scheme: str, limit: str) -> None:
    with pytest.raises(InvalidURL, match=f"connect_timeout={limit}: it must be a number"):
        SQLAlchemyStore(f"{scheme}://ada@host/agents?connect_timeout={limit}")
    if limit != "soon":
        with pytest.raises(InvalidInput, match=r"^connect_timeout: must be a number"):
            SQLAlchemyStore(f"{scheme}://ada@host/agents", connect_timeout=float(limit))


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
