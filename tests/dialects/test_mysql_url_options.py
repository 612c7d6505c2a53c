"""The options of MySQL's clients in URLs: meant as their client means them, or refused with the option and the cure."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import URL, make_url, text

from agentomatic_sql import InvalidURL, SQLAlchemyStore, StoreUnavailable
from agentomatic_sql.execution.engine import parse, password_free
from tests.support import servers
from tests.support.databases import chosen, lent


def with_options(url: str, **query: str) -> str:
    return make_url(url).update_query_dict(query).render_as_string(hide_password=False)


async def asked(store: SQLAlchemyStore, statement: str) -> Any:
    async with store.engine.connect() as connection:
        return (await connection.execute(text(statement))).scalar_one()


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
        ("ssl_ca=ca.pem&ssl_verify_server_cert=0", "REQUIRED"),
        ("ssl_ca=ca.pem&ssl_verify_identity=false", "VERIFY_CA"),
        ("ssl_verify_cert=false", None),
        ("ssl_verify_server_cert=false", None),
        ("ssl_disabled=true&ssl_verify_cert=false", "DISABLED"),
        ("ssl=true&ssl_verify_cert=false", "REQUIRED"),
        ("ssl_verify_cert=true", "VERIFY_CA"),
        ("ssl-mode=REQUIRED&ssl_verify_cert=1", "VERIFY_CA"),
        ("ssl_cert=c.pem&ssl_key=k.pem", "REQUIRED"),
        ("ssl=true", "REQUIRED"),
        ("ssl=false", "DISABLED"),
        ("ssl_disabled=true", "DISABLED"),
        ("ssl_verify_identity=false", None),
        ("sslMode=VERIFY_IDENTITY", "VERIFY_IDENTITY"),
        ("useSSL=false", "DISABLED"),
        ("useSSL=true&requireSSL=true", "REQUIRED"),
        ("useSSL=true&verifyServerCertificate=true", "VERIFY_CA"),
        ("requireSSL=true", "REQUIRED"),
        ("requireSSL=false&verifyServerCertificate=false", None),
        ("ssl-mode=REQUIRED&ssl-mode=DISABLED", "DISABLED"),
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
        ("useSSL=true", "useSSL=true: .*ssl-mode=REQUIRED or ssl-mode=DISABLED"),
        ("ssl-mode=strict", "ssl-mode=strict: .*REQUIRED, VERIFY_CA, VERIFY_IDENTITY"),
        ("ssl-mode=DISABLED&ssl_verify_cert=true", "contradict each other: write ssl-mode= alone"),
        ("ssl=on-demand", "ssl=on-demand: it must be true or false"),
        ("ssl_crl=/crl.pem", "ssl_crl: .*connect_args="),
        ("tls=skip-verify", "tls: .*ssl-mode="),
        ("connect_timeout=soon", "connect_timeout=soon: it must be a number"),
        ("port=first", "it must have a port for each host"),
        ("client_flag=x", "client_flag=x: it must be a number"),
        ("local_infile=x", "local_infile=x: it must be true or false"),
        ("conv=x", "conv=x: .*remove it"),
        ("cursorclass=x", "cursorclass=x: .*remove it"),
        ("loop=x", "loop=x: .*remove it"),
        ("use_unicode=false", "use_unicode=false: .*remove it"),
        ("autocommit=true", "autocommit=true: .*remove it"),
        ("echo=true", "echo=true: .*log: remove it"),
        ("server_public_key=s3cret", "server_public_key: .*ssl-mode="),
        ("charset=latin1", "charset=latin1: .*charset=utf8mb4"),
        ("charset=unheard-of", "charset=unheard-of: .*charset=utf8mb4"),
        ("collation=utf8mb4_bin", "collation=utf8mb4_bin: .*remove it"),
        ("compress=true", "compress=true: .*remove it"),
        ("read_timeout=3", "read_timeout=3: .*operation_timeout="),
        ("write_timeout=3", "write_timeout=3: .*operation_timeout="),
        ("socketTimeout=3000", "socketTimeout=3000: .*operation_timeout="),
        ("connection_timeout=3", "connection_timeout=3: write connect_timeout=, in seconds"),
        ("connect-timeout=3", "connect-timeout=3: write connect_timeout=, in seconds"),
        ("connectTimeout=3000", "connectTimeout=3000: write connect_timeout=, in seconds"),
        ("socket=/run/mysqld.sock", "socket=/run/mysqld.sock: write unix_socket="),
        ("useUnicode=false", "useUnicode=false: .*remove it"),
        ("characterEncoding=latin1", "characterEncoding=latin1: .*UTF-8: remove it"),
        ("serverTimezone=Europe/Berlin", "serverTimezone=Europe/Berlin: .*UTC: remove it"),
        ("allowPublicKeyRetrieval=false", "allowPublicKeyRetrieval: .*ssl-mode="),
        ("pool_size=3", "pool_size: .*give it to the store, as pool_size="),
        ("colour=s3cret", "colour: .*remove it"),
        ("user=eve", "user: the URL has a username already: remove one of them"),
        ("passwd=another-s3cret", "passwd: the URL has a password already"),
        ("db=other", "db: the URL has a database already"),
    ],
)
def test_an_option_that_aiomysql_lacks_is_refused_with_the_cure(scheme: str, query: str, says: str) -> None:
    with pytest.raises(InvalidURL, match=says) as refused:
        SQLAlchemyStore(f"{scheme}://ada:s3cret@host/agents?{query}")
    assert "s3cret" not in str(refused.value)


@pytest.fixture(params=chosen(("mysql", "mariadb")))
def mysql_url(request: pytest.FixtureRequest) -> str:
    return lent(request.param)


OF_MYSQLS_CLIENTS = {
    "init_command": "SET @greeting = 'hello'",
    "sql_mode": "STRICT_TRANS_TABLES",
    "program_name": "agents",
    "local_infile": "true",
    "client_flag": "0",
    "connect_timeout": "5",
    "charset": "utf8mb4",
    "autocommit": "false",
    "compress": "false",
    "use_unicode": "true",
    "ssl_verify_cert": "false",
    # as people copy them from JDBC
    "useUnicode": "true",
    "characterEncoding": "UTF-8",
    "serverTimezone": "UTC",
    "useSSL": "false",
    "allowPublicKeyRetrieval": "true",
}


async def test_options_mean_what_they_mean_to_mysqls_clients(mysql_url: str) -> None:
    async with SQLAlchemyStore(with_options(mysql_url, **OF_MYSQLS_CLIENTS)) as store:
        await store.create_thread("t", "ada", "agent")
        assert (await store.add_message("t", "user", "ü😀"))["index"] == 0
        assert await asked(store, "SELECT @greeting") == "hello"
        assert await asked(store, "SELECT @@sql_mode") == "STRICT_TRANS_TABLES"
        async with store.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            assert driver._connect_attrs["program_name"] == "agents"
            assert driver._local_infile is True


@pytest.mark.parametrize("names", [("user", "password", "db"), ("username", "passwd", "database")])
async def test_user_password_and_database_may_be_options(mysql_url: str, names: tuple[str, str, str]) -> None:
    url = make_url(mysql_url)
    values = (url.username, url.password, url.database)
    query = {name: value for name, value in zip(names, values, strict=True) if value}
    assert url.username
    assert url.database
    bare = URL.create(url.drivername, host=url.host, port=url.port, query={**url.query, **query})
    async with SQLAlchemyStore(bare) as store:
        assert await asked(store, "SELECT database()") == url.database


@pytest.mark.parametrize("scheme", ["mysql", "mariadb"])
def test_a_password_that_is_an_option_is_hidden(scheme: str) -> None:
    store = SQLAlchemyStore(f"{scheme}://host/agents?user=ada&password=s3cret")
    assert "s3cret" not in password_free(store.engine.url)
    assert store.engine.url.password == "s3cret"


def test_an_at_sign_in_an_option_is_not_taken_for_a_host() -> None:
    with pytest.raises(InvalidURL, match=r"more than one @: .*%40"):
        SQLAlchemyStore("mysql://ada@127.0.0.1:3306/agents?init_command=SET @a=1")


@pytest.mark.parametrize("mysql_url", chosen(("mysql",)), indirect=True)
async def test_a_url_of_mariadb_for_a_server_of_mysql_is_refused_with_the_cure(mysql_url: str) -> None:
    store = SQLAlchemyStore(make_url(mysql_url).set(drivername="mariadb"))
    with pytest.raises(StoreUnavailable, match="this server is MySQL: write the URL as mysql://"):
        await store.get_thread("t")
    await store.close()


@pytest.fixture(params=chosen(("mariadb",)))
def local_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database on a server of the test's own on this machine."""
    with ExitStack() as running:
        try:
            server = running.enter_context(servers.private(request.param, []))
        except LookupError as error:
            pytest.skip(str(error))
        yield asyncio.run(servers.create_database(server))


async def test_a_socket_of_the_machine_is_an_option(local_url: str) -> None:
    path = str(await servers.run(local_url, "SELECT @@socket"))
    async with SQLAlchemyStore(with_options(local_url, unix_socket=path)) as store:
        assert (await store.create_thread("t", "ada", "agent"))["message_count"] == 0
        assert (await asked(store, "SELECT user()")).endswith("@localhost")
        async with store.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            assert driver.unix_socket == path
            assert driver._writer.transport.get_extra_info("peername") == path


@pytest.mark.parametrize("server_url", chosen(("mysql", "mariadb")), indirect=True)
async def test_a_password_is_sent_in_utf_8_as_mysqls_client_sends_it(server_url: str) -> None:
    url, password = make_url(server_url), "pä€😀"
    user = f"ada_{uuid4().hex[:8]}"
    async with SQLAlchemyStore(server_url) as store, store.engine.begin() as connection:
        await connection.exec_driver_sql(f"CREATE USER {user} IDENTIFIED BY '{password}'")
        await connection.exec_driver_sql(f"GRANT ALL ON `{url.database}`.* TO {user}")
    try:
        async with SQLAlchemyStore(url.set(username=user, password=password)) as store:
            assert await store.get_thread("t") is None
    finally:
        async with SQLAlchemyStore(server_url) as store, store.engine.begin() as connection:
            await connection.exec_driver_sql(f"DROP USER {user}")


@pytest.mark.parametrize("server_url", chosen(("mysql", "mariadb")), indirect=True)
async def test_a_password_that_cannot_be_sent_is_not_shown(server_url: str) -> None:
    store = SQLAlchemyStore(make_url(server_url).set(password="s3cr\udc80et"))
    with pytest.raises(InvalidURL, match="a value has a character that utf-8 does not have") as refused:
        await store.initialize()
    assert refused.value.__cause__ is None  # it has the password in it
    assert "udc80" not in str(refused.value)
    await store.close()


SOCKET = {"keepalives_idle": "31", "keepalives_interval": "11", "keepalives_count": "4", "tcp_user_timeout": "21000"}


@pytest.mark.parametrize("name", chosen(("mysql", "mariadb")))
@pytest.mark.parametrize("on", [True, False])
@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="the system has no such option")
async def test_libpqs_options_of_the_socket_are_understood(name: str, on: bool) -> None:
    query = SOCKET if on else {"keepalives": "0"}
    async with SQLAlchemyStore(with_options(await asyncio.to_thread(lent, name), **query)) as store:
        async with store.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            of_connection = driver._writer.transport.get_extra_info("socket")
        assert (of_connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) > 0) is on
        numbers = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
        found = [str(of_connection.getsockopt(socket.IPPROTO_TCP, number)) for number in numbers]
        assert (found == list(SOCKET.values())) is on
