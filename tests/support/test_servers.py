"""The servers of the tests: each way to one, throwaway databases, and servers that a test may kill."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest
import redis
from sqlalchemy import make_url

from tests.support import containers, programs, servers
from tests.support.databases import SQL, chosen, server_of

ROOT = Path(__file__).parents[2]
NAMES = (*SQL, "redis")
LISTED = {
    "postgresql": "SELECT count(*) FROM pg_database WHERE datname = '{}'",
    "mysql": "SELECT count(*) FROM information_schema.schemata WHERE schema_name = '{}'",
}


def dsn(url: str) -> str:
    """Return the URL for asyncpg alone."""
    return make_url(url).set(drivername="postgresql", query={}).render_as_string(hide_password=False)


@pytest.mark.parametrize("name", chosen(NAMES))
def test_a_server_answers_with_its_version(name: str) -> None:
    server = server_of(name)
    assert server.version.split(".")[0].split()[-1].isdigit()
    assert asyncio.run(servers.version_of(server.url)) == server.version
    assert servers.obtain(name) is server
    assert servers.header_lines([name]) == [f"{name}: {server.version} ({server.source})"]


@pytest.mark.parametrize("name", chosen(SQL))
def test_a_throwaway_database_is_made_used_and_dropped(name: str) -> None:
    server = server_of(name)
    listed = LISTED["mysql" if name in ("mysql", "mariadb") else "postgresql"]

    async def scenario() -> None:
        first, second = await servers.create_database(server), await servers.create_database(server)
        database = make_url(first).database
        assert database != make_url(second).database
        await servers.run(first, "CREATE TABLE notes (body varchar(20))")
        await servers.run(first, "INSERT INTO notes VALUES ('kept')")
        assert await servers.run(first, "SELECT body FROM notes") == "kept"
        await servers.run(second, "CREATE TABLE notes (body varchar(20))")  # no table of the first is there
        for url in (first, second):
            await servers.drop_database(server, url)
        assert await servers.run(server.url, listed.format(database)) == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("name", chosen(("postgresql",)))
def test_a_database_is_dropped_under_open_connections(name: str) -> None:
    server = server_of(name)

    async def scenario() -> None:
        url = await servers.create_database(server)
        connection = await asyncpg.connect(dsn(url))
        await servers.drop_database(server, url)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await connection.fetchval("SELECT 1")
        connection.terminate()

    asyncio.run(scenario())


@pytest.mark.parametrize("name", chosen(NAMES))
@pytest.mark.parametrize("source", ["container", "program", "wheel"])
def test_each_source_starts_a_server_and_leaves_nothing(name: str, source: str) -> None:
    if source not in servers.sources(name):
        pytest.skip("the wheel has PostgreSQL alone")
    start = {
        "container": lambda running: containers.start(name, running),
        "program": lambda running: programs.start(name, running),
        "wheel": programs.start_wheel,
    }[source]
    with ExitStack() as running:
        url = start(running)
        if url is None:
            pytest.skip(servers.reason(name, source))
        assert servers.family(asyncio.run(servers.version_of(url))) == (name if name in servers.FAMILIES else None)
    assert not programs.answers(url)


def test_an_image_that_cannot_be_had_is_not_waited_for() -> None:
    assert not containers.has_image("127.0.0.1:9/there-is-no-registry:1")


def test_a_url_in_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    with servers.private() as server:
        monkeypatch.setenv(servers.variable("postgresql"), server.url)
        found = servers.look_for("postgresql")
    assert isinstance(found, servers.Server)
    assert (found.url, found.source) == (server.url, "environment")


@pytest.mark.parametrize("name", chosen(("mysql",)))
def test_a_url_that_leads_to_another_kind_of_server_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(servers.variable(name), server_of("mariadb").url)
    with pytest.raises(pytest.UsageError, match=r"the environment of mysql is another kind of server: .*MariaDB"):
        servers.look_for(name)


@pytest.mark.parametrize(
    ("says", "maker", "other"),
    [
        ("mysqld  Ver 9.7.4 for Linux on x86_64 (Source distribution)", "mysql", "mariadb"),
        ("mysqld  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)", "mariadb", "mysql"),
    ],
)
def test_mysql_and_mariadb_programs_are_told_apart(
    says: str, maker: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "mysqld"
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert programs.maker(program) == maker
    assert programs.find(other) != program
    if maker == "mysql":  # a mariadbd somewhere else would come before a mysqld that is MariaDB's
        assert programs.find(maker) == program


def bare_environment(tmp_path: Path) -> dict[str, str]:
    """No Docker daemon, no URL and an empty PATH."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AGENTOMATIC")}
    return clean | {"PATH": str(tmp_path), "DOCKER_HOST": f"unix://{tmp_path}/none.sock", "PYTHONPATH": str(ROOT)}


def python(program: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program where nothing is."""
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(
        command, cwd=ROOT, env=bare_environment(tmp_path) | environment, capture_output=True, text=True
    )


COCKROACHDB_MISSING = (
    "no URL in AGENTOMATIC_SQL_TEST_COCKROACHDB_URL, no Docker daemon with the image "
    f"{containers.IMAGES['cockroachdb'].image}, or no answer from it, no server program (cockroach) on this machine"
)


def test_a_missing_server_is_told_with_every_reason_and_in_capitals(tmp_path: Path) -> None:
    program = (
        "from tests.support import servers; print(*servers.header_lines(['cockroachdb'])); "
        "print(servers.not_tested_line(['redis', 'cockroachdb'], ['cockroachdb']))"
    )
    done = python(program, tmp_path)
    header, last = done.stdout.splitlines()
    assert header == f"cockroachdb: not tested ({COCKROACHDB_MISSING})"
    assert last == f"NOT TESTED: REDIS (NOT CHOSEN); COCKROACHDB ({COCKROACHDB_MISSING.upper()})"


def test_a_program_that_tests_lack_is_told_in_capitals(tmp_path: Path) -> None:
    skipped = ["no haproxy on this machine", "postgresql is not chosen"]
    done = python(f"from tests.support import servers; print(servers.not_tested_line([], [], {skipped}))", tmp_path)
    assert done.stdout == "NOT TESTED: NO HAPROXY ON THIS MACHINE\n"


def test_a_run_without_a_required_server_fails(tmp_path: Path) -> None:
    required = {"AGENTOMATIC_SQL_TEST_REQUIRE": "cockroachdb", "AGENTOMATIC_SQL_TEST_DATABASES": "cockroachdb"}
    code = "import pytest, sys; sys.exit(pytest.main(['-p', 'no:cacheprovider', 'tests/storage/test_jsontext.py']))"
    done = python(code, tmp_path, **required)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"cockroachdb is required by AGENTOMATIC_SQL_TEST_REQUIRE: {COCKROACHDB_MISSING}" in done.stderr


@pytest.mark.parametrize("name", NAMES)
def test_every_way_to_a_server_has_its_reason(name: str) -> None:
    reasons = [servers.reason(name, source) for source in servers.sources(name)]
    assert len(set(reasons)) == len(reasons) >= (1 if name == "citus" else 3)  # no cluster is started
    assert servers.variable(name) in reasons[0]


def test_a_killed_server_keeps_what_it_acknowledged() -> None:
    with servers.private() as server:

        async def use() -> None:
            await servers.run(server.url, "CREATE TABLE notes AS SELECT 'kept' AS body")
            idle = await asyncpg.connect(dsn(server.url))
            server.kill()
            with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
                await idle.fetchval("SELECT 1")
            idle.terminate()

        asyncio.run(use())
        assert not programs.answers(server.url)
        server.start()
        assert asyncio.run(servers.run(server.url, "SELECT body FROM notes")) == "kept"
        server.stop()
        assert not programs.answers(server.url)
        server.start()
        assert asyncio.run(servers.run(server.url, "SELECT body FROM notes")) == "kept"
    assert not programs.answers(server.url)


def test_a_paused_server_answers_nobody_until_it_goes_on() -> None:
    with servers.private() as server:

        async def use() -> None:
            connection = await asyncpg.connect(dsn(server.url))
            server.pause()
            question = asyncio.create_task(connection.fetchval("SELECT 42"))
            done, _ = await asyncio.wait({question}, timeout=0.5)
            assert not done
            with pytest.raises(TimeoutError):
                await asyncpg.connect(dsn(server.url), timeout=0.5)
            server.resume()
            assert await question == 42
            await connection.close()

        asyncio.run(use())
        assert programs.answers(server.url)


def test_a_run_that_is_ended_stops_its_servers(tmp_path: Path) -> None:
    program = "import signal; from tests.support.servers import obtain; print(obtain('postgresql').url, flush=True)"
    program += "; signal.pause()"
    command = [sys.executable, "-c", program]
    with TemporaryDirectory() as folder:  # tmp_path is closed to the user that the server runs as
        Path(folder).chmod(0o755)
        environment = bare_environment(tmp_path) | {"TMPDIR": folder}
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            url = run.stdout.readline().strip()
            assert programs.answers(url)
            run.send_signal(signal.SIGTERM)
            run.wait(timeout=30)
        assert not programs.answers(url)
        assert list(Path(folder).iterdir()) == []


def test_a_private_server_that_is_not_installed_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LookupError, match="cockroach"), servers.private("cockroachdb"):
        raise AssertionError("there is no such program")


@pytest.mark.parametrize("name", chosen(("redis",)))
def test_a_private_redis_is_empty_and_apart(name: str) -> None:
    shared = server_of(name)
    if programs.find(name) is None:
        pytest.skip(servers.reason(name, "program"))
    with servers.private(name) as server, redis.Redis.from_url(server.url) as client:
        assert server.url != shared.url
        assert client.dbsize() == 0
        assert client.set("note", "kept")
