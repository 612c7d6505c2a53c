"""Several hosts in a URL: how they are written, which of them a store connects to, and what it says if none will do."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import PostgresDsn, SecretStr
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import InvalidURL, OutcomeUnknown, SQLAlchemyStore, StoreUnavailable
from agentomatic_sql.drivers import hosts
from agentomatic_sql.execution import backoff
from agentomatic_sql.execution.engine import parse, password_free
from tests.support import forked, pairs, programs, servers
from tests.support.databases import chosen
from tests.support.documents import ROOT
from tests.support.pairs import MariaDBPair, Pair, PostgresPair, found

# how they are written

LISTED = "postgresql://ada:s3cret@h1:5432,h2:5433/agents"


@pytest.mark.parametrize(
    ("written", "where"),
    [
        (LISTED, "h1:5432,h2:5433"),
        ("postgres://h1,h2:7/agents", "h1:5432,h2:7"),
        ("postgresql+psycopg://[::1]:7,[fe80::2]/agents", "[::1]:7,[fe80::2]:5432"),
        ("postgresql:///agents?host=h1,h2&port=7", "h1:7,h2:7"),
        ("postgresql:///agents?host=h1,h2&port=7,", "h1:7,h2:5432"),
        ("postgresql://:7/agents?host=h1,h2", "h1:7,h2:7"),
        ("postgresql:///agents?host=h1:7&host=[::1]:8", "h1:7,[::1]:8"),
        ("postgresql://%2Fvar%2Frun,h2/agents", "/var/run:5432,h2:5432"),
        ("cockroachdb://h1:26257,h2:26257/agents", "h1:26257,h2:26257"),
        ("mysql://h1:3306,h2:3307/agents", "h1:3306,h2:3307"),
        ("mariadb://[h1,h2:3307]/agents", "h1:3306,h2:3307"),
        ("mariadb+aiomysql:///agents?host=h1,h2", "h1:3306,h2:3306"),
        ("postgresql:///agents?host=h1&port=7", "h1:7"),
        ("postgresql://h1/agents?host=h2:7", "h2:7"),
        ("postgresql://h1:1,h2:2/agents?host=h3,h4", "h3:1,h4:2"),
        ("postgresql://h1:1,h2:2/agents?port=7", "h1:7,h2:7"),
        ("mysql://h1,h2/agents?host=h3,h4&port=7,8", "h3:7,h4:8"),
        ("postgresql://%2Fa%20folder,h2/agents", "/a folder:5432,h2:5432"),
    ],
)
def test_hosts_are_read_in_every_usual_spelling(written: str, where: str) -> None:
    url, dialect = parse(written)
    assert dialect.where(url) == f"{dialect.name} at {where}, database agents"
    again, _dialect = parse(password_free(url).replace("***", "s3cret"))  # what is shown can be given again
    assert again == url


@pytest.mark.parametrize("of", [PostgresDsn, SecretStr, make_url, str])
def test_other_libraries_urls_may_have_several_hosts(of: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    given = of("postgresql://ada:s3cret@/agents?host=h1:5432&host=h2:5433" if of is make_url else LISTED)
    assert parse(given) == parse(LISTED)
    monkeypatch.setenv("AGENTOMATIC_SQL_URL", LISTED)
    assert repr(SQLAlchemyStore()) == "<SQLAlchemyStore postgresql+asyncpg://ada:***@h1:5432,h2:5433/agents new>"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("postgresql://ada:s3cret@h1,/agents", "hosts cannot be read"),
        ("postgresql://ada:s3cret@h1:x,h2/agents", "hosts cannot be read"),
        ("postgresql://ada:s3cret@::1,::2/agents", "an IPv6 address in brackets"),
        ("postgresql://ada:s3cret@h1,h2,h3/agents?port=1,2", "at h1,h2,h3, .*a port for each host, or one for all"),
        ("postgresql://ada:s3cret@h1/agents?port=1,2", "at h1, .*a port for each host, or one for all"),
        ("postgresql:///agents?host=h1,h2&port=1,x&password=s3cret", "a port for each host"),
        ("postgresql://ada:s3cret@h1:1,h2:2/agents?host=h3", "a port for each host, or one for all"),
        ("mysql://ada:s3cret@h1,h2/agents?host=h3", "^mysql at [^:]*: it must have a port for each host"),
        ("postgresql://ada:s3cret@h1, h2/agents", "a blank in the name of a host"),
        ("mariadb://ada:s3cret@h1,%20h2/agents", "a blank in the name of a host"),
        ("postgresql:///agents?host=h1 ,h2&password=s3cret", "a blank in the name of a host"),
        ("mysql://ada:s3cret@h1,h2/agents?unix_socket=/run/mysqld.sock", "unix_socket= leads to one server"),
        ("mysql:///agents?host=h1&host=h2&unix_socket=/run/mysqld.sock", "unix_socket= leads to one server"),
        ("postgresql://ada:s3cr@et@h1,h2/agents", "more than one @"),
        ("postgresql://h1:5432/agents?password=s3cr@et", "an @ in an option: .*%40"),
        ("postgresql://h1:5432,h2:5432/agents?password=s3cr@et/agents", "an @ in an option: .*%40"),
        ("postgresql://ada:s3cret@h1,h2/agents?target_session_attrs=rw", "rw: it must be one of any, read-write"),
        ("mysql://ada:s3cret@h1,h2/agents?target_session_attrs=master", "master: it must be one of any, read-write"),
        ("mysql://ada:s3cret@h1,h2/agents?load_balance_hosts=yes", "yes: it must be one of disable, random"),
        ("postgresql://ada:s3cret@h1,h2/", "at h1:5432,h2:5432, .* has no database name"),
        ("postgresql://ada:s3cret@h/agents?service=mine", "service=mine: .*servicefile="),
        ("postgresql://ada:s3cret@h/agents?servicefile=/x", "servicefile= needs service="),
    ],
)
def test_hosts_that_cannot_be_meant_are_refused_with_the_cure(written: str, says: str) -> None:
    with pytest.raises(InvalidURL, match=says) as refused:
        SQLAlchemyStore(written)
    assert "s3cret" not in str(refused.value)


def test_libpqs_options_for_the_parts_of_a_url_are_understood() -> None:
    url, _dialect = parse("postgresql://bob@h1/other?user=ada&password=s3cret&dbname=agents&host=h2&port=7")
    assert url == URL.create("postgresql+asyncpg", "ada", "s3cret", "h2", 7, "agents")


def test_a_service_gives_what_the_url_does_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "services"
    file.write_text("# ours\n[mine]\nhost=h1,h2\nport=7\nuser=ada\npassword=s3%ret\ndbname=agents\nsslmode=require\n")
    url, dialect = parse(f"postgresql://?service=mine&servicefile={file}")
    assert dialect.where(url) == "postgresql at h1:7,h2:7, database agents"
    assert (url.username, url.password, url.query["sslmode"]) == ("ada", "s3%ret", "require")
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    url, dialect = parse("postgresql://bob@h3:8/other?service=mine&sslmode=disable")
    assert dialect.where(url) == "postgresql at h3:8, database other"
    assert (url.username, url.query["sslmode"]) == ("bob", "disable")


# which of them a store connects to


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresPair]:
    with found(pairs.postgres()) as pair:
        yield pair


@pytest.fixture(scope="module")
def mariadb() -> Iterator[MariaDBPair]:
    with found(pairs.mariadb()) as pair:
        yield pair


@pytest.fixture(params=["postgres", "mariadb"])
def pair(request: pytest.FixtureRequest) -> Pair[Any]:
    made: Pair[Any] = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def closed() -> str:
    """A host where nobody listens."""
    return f"127.0.0.1:{programs.free_port()}"


@pytest.fixture
async def silent() -> AsyncIterator[tuple[str, list[asyncio.StreamWriter]]]:
    """A host that takes connections and never says a word, and the connections that it has taken."""
    accepted: list[asyncio.StreamWriter] = []

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", accepted
    for writer in accepted:
        writer.close()
    server.close()
    await server.wait_closed()


async def port_of(store: SQLAlchemyStore) -> int:
    """The port of the server that a new connection has reached."""
    async with store.engine.connect() as connection:
        query = "SELECT inet_server_port()" if connection.dialect.name == "postgresql" else "SELECT @@port"
        port: int = (await connection.exec_driver_sql(query)).scalar_one()
    await store.engine.dispose()
    return port


def among(pair: Pair[Any], *listed: str, **query: str) -> str:
    """The URL of these hosts."""
    return pair.url(**query).replace(",".join(pair.hosts), ",".join(listed))


@pytest.mark.parametrize(
    ("attrs", "reached"),
    [
        (None, "primary"),
        ("read-write", "primary"),
        ("primary", "primary"),
        ("read-only", "standby"),
        ("standby", "standby"),
        ("prefer-standby", "standby"),
        ("any", "first"),
    ],
)
async def test_the_first_host_is_taken_that_is_what_the_url_asks_for(
    pair: Pair[Any], attrs: str | None, reached: str
) -> None:
    query = {} if attrs is None else {"target_session_attrs": attrs}
    primary, standby = pair.hosts
    for listed in ((primary, standby), (standby, primary)):
        host = {"primary": primary, "standby": standby, "first": listed[0]}[reached]
        assert f"127.0.0.1:{await port_of(SQLAlchemyStore(among(pair, *listed, **query)))}" == host


async def test_health_says_which_host_answers(pair: Pair[Any]) -> None:
    for attrs, host in zip(("primary", "standby"), pair.hosts, strict=True):
        store = SQLAlchemyStore(pair.url(target_session_attrs=attrs))
        assert (await store.health_check())["server_address"] == host
        await store.close()


async def test_a_host_alone_is_what_the_url_asks_for_or_an_error(pair: Pair[Any]) -> None:
    standby = pair.hosts[1]
    assert await port_of(SQLAlchemyStore(among(pair, standby))) == int(standby.rpartition(":")[2])
    store = SQLAlchemyStore(among(pair, standby, target_session_attrs="read-write"))
    with pytest.raises(StoreUnavailable, match=rf"{standby}, .*target_session_attrs=read-write: {standby}: it is "):
        await store.initialize()
    await store.close()


async def test_standbys_are_only_preferred(pair: Pair[Any], closed: str) -> None:
    url = among(pair, closed, pair.hosts[0], target_session_attrs="prefer-standby")
    assert f"127.0.0.1:{await port_of(SQLAlchemyStore(url))}" == pair.hosts[0]


async def test_the_order_is_random_if_the_url_asks_for_it(pair: Pair[Any]) -> None:
    url = among(pair, *pair.hosts, target_session_attrs="any", load_balance_hosts="random")
    reached: set[str] = set()
    async with asyncio.timeout(60):
        while reached != set(pair.hosts):
            reached.add(f"127.0.0.1:{await port_of(SQLAlchemyStore(url))}")
    assert reached == set(pair.hosts)


async def test_a_host_that_is_silent_takes_only_its_own_time_and_only_once(
    pair: Pair[Any], silent: tuple[str, list[asyncio.StreamWriter]]
) -> None:
    host, accepted = silent
    url = among(pair, host, pair.hosts[0])
    assert f"127.0.0.1:{await port_of(SQLAlchemyStore(url, connect_timeout=2))}" == pair.hosts[0]
    assert len(accepted) == 1
    assert f"127.0.0.1:{await port_of(SQLAlchemyStore(url, connect_timeout=2))}" == pair.hosts[0]
    assert len(accepted) == 1  # it is tried last for a while


async def test_a_call_that_tries_again_waits_for_a_silent_host_once(
    pair: Pair[Any], silent: tuple[str, list[asyncio.StreamWriter]]
) -> None:
    host, accepted = silent
    store = SQLAlchemyStore(among(pair, host, pair.hosts[1]), connect_timeout=1)
    with pytest.raises(StoreUnavailable, match=rf"{host}: it is left out: .*; {pair.hosts[1]}: it is "):
        await store.get_thread("t")
    assert len(accepted) == 1
    await store.close()


async def test_a_slow_call_does_not_make_the_only_primary_unavailable(pair: Pair[Any]) -> None:
    async with SQLAlchemyStore(pair.url(), operation_timeout=3, pool_size=2) as store:
        await store.create_thread("t", "ada", "agent")
        async with store.engine.begin() as connection:
            await connection.exec_driver_sql("UPDATE agentomatic_threads SET title = 'locked'")
            with pytest.raises(OutcomeUnknown):
                await store.update_thread("t", title="waits")
        assert (await store.update_thread("t", title="done") or {})["title"] == "done"
        await store.delete_thread("t")


async def test_a_host_that_has_no_connection_left_is_passed_over(
    postgres: PostgresPair, own_server: servers.PrivateServer, closed: str
) -> None:
    await servers.run(postgres.primary.url, "CREATE ROLE limited LOGIN")
    await servers.run(own_server.url, "CREATE ROLE limited LOGIN CONNECTION LIMIT 0")
    full = f"127.0.0.1:{make_url(own_server.url).port}"
    url = among(postgres, full, postgres.hosts[0]).replace("postgres@", "limited@")
    assert f"127.0.0.1:{await port_of(SQLAlchemyStore(url))}" == postgres.hosts[0]
    store = SQLAlchemyStore(among(postgres, full, closed).replace("postgres@", "limited@"))
    with pytest.raises(StoreUnavailable, match="too many connections"):
        await store.get_thread("t")
    await store.close()


async def test_if_no_host_will_do_the_error_says_why_of_each(
    pair: Pair[Any], silent: tuple[str, list[asyncio.StreamWriter]], closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "ATTEMPTS", 2)
    listed = silent[0], closed, pair.hosts[1]
    store = SQLAlchemyStore(among(pair, *listed), connect_timeout=1)
    with pytest.raises(StoreUnavailable, match="it is left out: it did not answer lately") as failed:
        await store.initialize()
    told = str(failed.value)
    assert f"at {','.join(listed)}, database" in told
    assert "no host with target_session_attrs=read-write: " in told
    assert f"; {closed}: " in told  # in the order of the URL
    assert "refused" in told.lower() or "Connect call failed" in told
    assert f"; {pair.hosts[1]}: it is " in told
    assert isinstance(failed.value.__cause__, hosts.NoHost)
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    assert "target_session_attrs=read-write" in report["error"]
    await store.close()


async def test_hosts_that_are_all_gone_are_an_error_at_once(pair: Pair[Any], closed: str) -> None:
    store = SQLAlchemyStore(among(pair, closed, f"[::1]:{closed.rpartition(':')[2]}"))
    with pytest.raises(StoreUnavailable, match=rf"{closed}: .*; \[::1\]:\d+: ") as failed:
        await store.get_thread("t")
    assert isinstance(failed.value.__cause__, hosts.NoHost)
    assert not failed.value.__cause__.answered
    await store.close()


async def test_a_refused_login_ends_the_search(pair: Pair[Any]) -> None:
    url = make_url(pair.primary.url).set(username="nobody_at_all", password="s3cret", database="nowhere")
    listed = f"{url.get_backend_name()}://nobody_at_all:s3cret@{','.join(pair.hosts)}/nowhere"
    store = SQLAlchemyStore(listed)
    with pytest.raises(StoreUnavailable, match="nobody_at_all") as failed:
        await store.initialize()
    assert "s3cret" not in str(failed.value)
    assert not isinstance(failed.value.__cause__, hosts.NoHost)
    await store.close()


async def test_a_callers_engine_with_several_hosts_is_named_with_them(postgres: PostgresPair) -> None:
    url = make_url("postgresql+asyncpg://postgres@/postgres").update_query_dict({"host": postgres.hosts})
    engine = create_async_engine(url, connect_args={"target_session_attrs": "read-write"})
    async with SQLAlchemyStore(engine=engine, schema="of_engine") as store:
        assert await store.get_thread("t") is None
    await engine.dispose()
    lone = url.update_query_dict({"host": postgres.hosts[1:] * 2})
    engine = create_async_engine(lone, connect_args={"target_session_attrs": "read-write"})
    store = SQLAlchemyStore(engine=engine)
    with pytest.raises(StoreUnavailable, match=rf"{postgres.hosts[1]},{postgres.hosts[1]}.*target attribute"):
        await store.initialize()
    await engine.dispose()


def test_the_commands_take_several_hosts(pair: Pair[Any]) -> None:
    url = pair.url()
    for arguments in (("upgrade",), ("current",), ("check",)):
        done = forked.run(forked.COMMAND, "db", *arguments, "--url", url)
        assert done.returncode == 0, done.stderr
        assert f"at {','.join(pair.hosts)}, database" in done.stderr
    alembic = [sys.executable, "-m", "alembic", "-x", f"url={url}", "current"]
    done = subprocess.run(alembic, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "(head)" in done.stdout


@pytest.fixture
def own_server() -> Iterator[servers.PrivateServer]:
    """A PostgreSQL server of the test's own."""
    if not chosen(("postgresql",)):
        pytest.skip("postgresql is not chosen")
    with found(servers.private()) as server:
        yield server


async def test_a_file_of_passwords_is_looked_into_for_each_host(
    own_server: servers.PrivateServer, tmp_path: Path, closed: str
) -> None:
    await servers.run(own_server.url, "CREATE ROLE ada LOGIN SUPERUSER PASSWORD 's3cret'")
    rules = own_server.folder / "data" / "pg_hba.conf"
    rules.write_text(f"host all ada 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    await servers.run(own_server.url, "SELECT pg_reload_conf()")
    host = f"127.0.0.1:{make_url(own_server.url).port}"
    file = tmp_path / "passwords"
    file.write_text(f"{closed}:*:ada:other\n{host}:*:ada:s3cret\n")
    file.chmod(0o600)
    async with SQLAlchemyStore(f"postgresql://ada@{closed},{host}/postgres?passfile={file}") as store:
        assert await store.get_thread("t") is None


def test_every_node_of_cockroachdb_will_do() -> None:
    url, dialect = parse("cockroachdb://h1:26257,h2:26257/agents")
    assert dialect.connect_args(1)["target_session_attrs"] == "any"
    assert "target_session_attrs" not in parse("postgresql://h1,h2/agents")[1].connect_args(1)
    assert [str(host) for host in hosts.several(url)] == ["h1:26257", "h2:26257"]
