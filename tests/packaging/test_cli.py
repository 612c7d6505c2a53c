"""The command `agentomatic-sql`: what it says, what it ends with, and what it never shows."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from typer.testing import CliRunner, Result

from agentomatic_sql import SQLAlchemyStore, __version__
from agentomatic_sql.cli import app as cli
from agentomatic_sql.migrations import history
from agentomatic_sql.tables import METADATA
from tests.support.databases import chosen, database_on

PROGRAM = [sys.executable, "-W", "error", "-c", "from agentomatic_sql.cli import main; main()"]
HEAD, BEFORE_HEAD = history()[-1][0], history()[-2][0]
SECRET = "s3cr3t-Pa55word"  # no password of anything
SERVERS = ("postgresql", "mysql", "mariadb")


def run(*arguments: str) -> Result:
    """Run the command in this process, with a terminal that is wide enough for every line."""
    return CliRunner(env={"COLUMNS": "200"}).invoke(cli.app, ["db", *arguments])


def program(cwd: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a program of its own, with no setting of the tests' own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AGENTOMATIC")}
    root = str(Path(__file__).parents[2])
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=cwd,
        env={**clean, "PYTHONPATH": root, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def in_terminal(answer: str, *arguments: str, cwd: Path | None = None) -> tuple[int, bytes]:
    """Run the command with a terminal at which somebody gives an answer; return its exit code and its output."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AGENTOMATIC")}
    environment = {**clean, "PYTHONPATH": str(Path(__file__).parents[2])}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=cwd,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
    ) as process:
        os.write(ours, f"{answer}\n".encode())
        output, _ = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    return process.returncode, output


DATABASE = re.compile(r"\ADatabase: .* \((?:the URL given|AGENTOMATIC_SQL_URL|the default)\)\n")
"""The first line of each command that has a database, on stderr."""


def says(result: Result, pattern: str) -> None:
    """The command went well and said this one sentence."""
    assert result.exit_code == 0, result.output
    assert DATABASE.fullmatch(result.stderr)
    assert result.stdout.count("\n") == 1
    assert re.search(pattern, result.stdout), result.stdout


def fails(result: Result, pattern: str) -> None:
    """The command failed and said why in one sentence, on stderr only."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    sentence = DATABASE.sub("", result.stderr)
    assert sentence.startswith("error: ")
    assert sentence.count("\n") == 1
    assert re.search(pattern, sentence), sentence


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def url(file: Path) -> str:
    return f"sqlite:///{file}"


def execute(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


# the way up and down


def test_up_and_down_on_every_database(new_database_url: str) -> None:
    at = ("--url", new_database_url)
    says(run("current", *at), f"there is no schema, the newest is {HEAD}: empty")
    fails(run("check", *at), f"the schema is missing, this package needs {HEAD}: agentomatic-sql db upgrade")

    says(run("upgrade", "0001", *at), rf"upgraded from base \(no schema\) to 0001 \(the newest is {HEAD}\)")
    says(run("current", *at), f"at revision 0001, the newest is {HEAD}: behind")
    fails(run("check", *at), f"at revision 0001, this package needs {HEAD}: agentomatic-sql db upgrade")

    says(run("upgrade", *at), f"upgraded from 0001 to {HEAD}\\.")
    says(run("current", *at), f"at revision {HEAD}, the newest is {HEAD}: current")
    says(run("check", *at), f"the schema is at {HEAD}, the newest, and all tables match it")
    says(run("upgrade", *at), f"the schema is already at {HEAD}; nothing to do")

    says(run("downgrade", "-1", "--yes", *at), f"downgraded from {HEAD} to {BEFORE_HEAD}")
    says(run("downgrade", "base", "--yes", *at), rf"downgraded from {BEFORE_HEAD} to base \(no schema\)")
    says(run("downgrade", "base", *at), r"already at base \(no schema\)")
    says(run("current", *at), "there is no schema")


def test_to_look_at_a_file_that_is_not_there_does_not_make_it(file: Path, url: str) -> None:
    says(run("current", "--url", url), f"there is no schema, the newest is {HEAD}: empty")
    fails(run("check", "--url", url), "the schema is missing")
    assert run("history", "--url", url).exit_code == 0
    assert not file.exists()


def test_a_downgrade_creates_no_file(tmp_path: Path) -> None:
    done = program(tmp_path, "db", "downgrade", "0001", "--yes")
    assert done.returncode == 1
    assert f"revision: cannot be 0001: sqlite database {tmp_path}/data/platform.db does not exist" in done.stderr
    assert program(tmp_path, "db", "downgrade", "base", "--yes").returncode == 0
    assert not (tmp_path / "data").exists()


def test_the_hint_names_the_database(url: str) -> None:
    says(
        run("current", "--url", url),
        re.escape(f"empty (agentomatic-sql db upgrade --url '{url.replace('sqlite:', 'sqlite+aiosqlite:')}')"),
    )


def test_history_marks_where_the_database_is(url: str) -> None:
    run("upgrade", "0001", "--url", url)
    listed = run("history", "--url", url)
    assert listed.exit_code == 0
    rows = [line for line in listed.stdout.splitlines() if re.search(r"\b\d{4}\b", line)]
    assert len(rows) == len(history())
    for row, (revision, purpose) in zip(rows, history(), strict=True):
        assert revision in row
        assert purpose in row
        assert ("the database" in row) is (revision == "0001")
    assert "the database" not in run("history").stdout


# settings


FIRST_LINES = (
    ("--url sqlite:///argument.db", "argument.db", "the URL given"),
    ("", "environment.db", "AGENTOMATIC_SQL_URL"),
)
COMMANDS = ("db upgrade", "db current", "db check", "db downgrade base --yes", "db history", "db sql")
FAILING = (
    "db upgrade nosuch",
    "db downgrade 0001",
    "db sql nosuch",
    "db row-security on",
    "rekey",
)  # rekey has no keys


@pytest.mark.parametrize(("arguments", "name", "why"), FIRST_LINES)
@pytest.mark.parametrize("command", [*COMMANDS, *FAILING])
def test_the_first_line_says_which_database_it_is_and_why(
    tmp_path: Path, command: str, arguments: str, name: str, why: str
) -> None:
    done = program(tmp_path, *command.split(), *arguments.split(), AGENTOMATIC_SQL_URL="sqlite:///environment.db")
    assert done.stderr.splitlines()[0] == f"Database: sqlite database {tmp_path / name} ({why})"
    assert command not in FAILING or (done.returncode, done.stderr.count("\nerror: ")) == (1, 1)


def test_a_file_that_nobody_named_is_not_created_without_asking(tmp_path: Path) -> None:
    done = program(tmp_path, "db", "upgrade")
    assert done.returncode == 1
    assert done.stdout == ""
    first, sentence = done.stderr.splitlines()
    default = tmp_path / "data" / "platform.db"
    assert first == f"Database: sqlite database {default} (the default)"
    assert "Neither --url nor AGENTOMATIC_SQL_URL names a database" in sentence
    assert "pass --url 'sqlite+aiosqlite:///data/platform.db' to create it" in sentence
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("answer", "created"), [("n", False), ("y", True)])
def test_at_a_terminal_the_default_file_is_asked_for(tmp_path: Path, answer: str, created: bool) -> None:
    code, output = in_terminal(answer, "db", "upgrade", cwd=tmp_path)
    assert f"Create sqlite database {tmp_path}/data/platform.db? [y/N]".encode() in output
    assert code == (0 if created else 1)
    assert (tmp_path / "data" / "platform.db").exists() is created


def test_a_default_file_that_exists_is_used(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "platform.db").touch()
    done = program(tmp_path, "db", "upgrade")
    where = f"sqlite database {tmp_path}/data/platform.db"
    assert done.stdout.startswith(f"{where}: the schema was upgraded from base (no schema)")


async def test_a_store_without_a_url_takes_the_database_of_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGENTOMATIC_SQL_URL", "sqlite:///environment.db")
    async with SQLAlchemyStore() as store:
        await store.create_thread("t", "ada", "helper")
    assert (tmp_path / "environment.db").exists()
    monkeypatch.delenv("AGENTOMATIC_SQL_URL")
    async with SQLAlchemyStore() as store:
        assert await store.list_threads() == []
    assert (tmp_path / "data" / "platform.db").exists()


def test_an_argument_goes_before_the_environment(tmp_path: Path) -> None:
    environment = {"AGENTOMATIC_SQL_URL": "sqlite:///environment.db"}
    assert program(tmp_path, "db", "upgrade", **environment).returncode == 0
    assert program(tmp_path, "db", "upgrade", "--url", "sqlite:///argument.db", **environment).returncode == 0
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["argument.db", "environment.db"]


@pytest.mark.parametrize("name", chosen(("postgresql", "cockroachdb")))  # elsewhere a schema is a database
@pytest.mark.parametrize("by", ["argument", "environment"])
def test_a_schema_of_its_own(name: str, by: str) -> None:
    environment = {"AGENTOMATIC_SQL_SCHEMA": "agents"} if by == "environment" else {}
    arguments = ["--schema", "agents"] if by == "argument" else []
    with database_on(name) as url:
        done = CliRunner(env=environment).invoke(cli.app, ["db", "upgrade", "--url", url, *arguments])
        says(done, "schema agents: the schema was upgraded from base")
        says(run("check", "--url", url, "--schema", "agents"), "all tables match it")
        says(run("current", "--url", url), "there is no schema")
        asyncio.run(drop_index(url, "agents.ix_agentomatic_threads_updated_at_id"))
        fails(run("check", "--url", url, "--schema", "agents"), "ix_agentomatic_threads_updated_at_id is missing$")


async def drop_index(url: str, name: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text(f"DROP INDEX {name}"))
    await engine.dispose()


def test_only_verbose_lets_alembic_speak(tmp_path: Path) -> None:
    done = program(tmp_path, "db", "upgrade", "--verbose", "--url", "sqlite:///store.db")
    assert done.returncode == 0
    assert "Running upgrade  -> 0001" in done.stderr
    assert "Running" not in done.stdout


def test_the_version(tmp_path: Path) -> None:
    done = program(tmp_path, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"agentomatic-sql {__version__}\n", "")


def test_importing_the_package_imports_no_command_line(tmp_path: Path) -> None:
    code = "import agentomatic_sql, sys; print({'typer', 'rich'} & set(sys.modules))"
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": root}, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "set()\n"


# a schema that is not as it has to be


def test_check_names_what_differs(file: Path, url: str) -> None:
    run("upgrade", "--url", url)
    execute(
        file,
        "DROP INDEX ix_agentomatic_threads_updated_at_id",
        "ALTER TABLE agentomatic_messages ADD COLUMN mood TEXT",
        "ALTER TABLE agentomatic_feedback DROP COLUMN comment",
        "DROP TABLE agentomatic_checkpoints",
    )
    done = run("check", "--url", url)
    fails(done, "the tables differ from this package's models: ")
    for difference in (
        "index agentomatic_threads.ix_agentomatic_threads_updated_at_id is missing",
        "column agentomatic_messages.mood is not expected",
        "column agentomatic_feedback.comment is missing",
        "table agentomatic_checkpoints is missing",
    ):
        assert difference in done.stderr
    assert "[(" not in done.stderr


def test_a_foreign_database_is_named_and_not_touched(file: Path, url: str) -> None:
    execute(
        file,
        "CREATE TABLE agentomatic_threads (id TEXT)",
        "INSERT INTO agentomatic_threads VALUES ('a')",
        "CREATE VIEW agentomatic_messages AS SELECT 1 AS id",
    )
    says(
        run("current", "--url", url),
        r"there is no schema, .* needs .view agentomatic_messages, table agentomatic_threads.: foreign\.",
    )
    for command in (["check"], ["upgrade"], ["downgrade", "base", "--yes"]):
        fails(
            run(*command, "--url", url),
            "the view agentomatic_messages, the table agentomatic_threads: .* nothing was changed",
        )
    with closing(sqlite3.connect(file)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master")]
        assert names == ["agentomatic_threads", "agentomatic_messages"]
        assert connection.execute("SELECT * FROM agentomatic_threads").fetchall() == [("a",)]


def test_a_newer_schema_is_left_alone(file: Path, url: str) -> None:
    run("upgrade", "--url", url)
    execute(file, "UPDATE agentomatic_sql_version SET version_num = '9999'")
    says(run("current", "--url", url), f"at revision 9999, the newest is {HEAD}: ahead .pip install --upgrade")
    for command in (["check"], ["upgrade"], ["downgrade", "base", "--yes"]):
        fails(run(*command, "--url", url), "at revision 9999, which this package .* does not know")


# going back is asked for


def test_a_downgrade_without_a_terminal_needs_yes(url: str) -> None:
    run("upgrade", "--url", url)
    fails(run("downgrade", "base", "--url", url), f"the downgrade from {HEAD} to base deletes data.*pass --yes")
    says(run("current", "--url", url), ": current")


@pytest.mark.parametrize(("answer", "state"), [("n", "current"), ("y", "empty")])
def test_a_downgrade_asks_first(url: str, answer: str, state: str) -> None:
    run("upgrade", "--url", url)
    code, output = in_terminal(answer, "db", "downgrade", "base", "--url", url)
    assert b"deletes data. Continue? [y/N]" in output
    assert code == (0 if answer == "y" else 1)
    says(run("current", "--url", url), f": {state}")


# SQL for somebody else to run


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "mariadb", "sqlite"])
def test_sql_for_every_database(dialect: str) -> None:
    done = run("sql", "--dialect", dialect)
    assert (done.exit_code, done.stderr) == (0, "")
    for table in METADATA.tables:
        assert re.search(rf"CREATE TABLE (IF NOT EXISTS )?`?{table}`? ", done.stdout)
    by_url = run("sql", "--url", f"{dialect}://ada:{SECRET}@nowhere.invalid/agents")
    assert by_url.stdout == done.stdout


def test_sql_for_a_dialect_that_is_an_extra() -> None:
    done = run("sql", "--dialect", "cockroachdb")
    if find_spec("sqlalchemy_cockroachdb"):
        assert done.exit_code == 0
        assert "CREATE TABLE agentomatic_threads " in done.stdout
    else:
        fails(done, r"pip install 'agentomatic-sql\[cockroachdb\]'")


def test_the_sql_makes_the_schema(file: Path, url: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(run("sql", "0001", "--dialect", "sqlite").stdout)
        says(run("current", "--url", url), "at revision 0001")
        connection.executescript(run("sql", f"0001:{HEAD}", "--dialect", "sqlite").stdout)
        says(run("check", "--url", url), "all tables match it")
        connection.executescript(run("sql", f"{HEAD}:base", "--dialect", "sqlite").stdout)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    assert not set(tables) & set(METADATA.tables)


# a command line that is wrong


@pytest.mark.parametrize(
    ("revision", "reason"),
    [("nosuch", "identified by 'nosuch'"), ("+99", "99 migrations"), ("0001:0002", "Range revision not allowed")],
)
def test_an_unknown_revision_is_refused(url: str, revision: str, reason: str) -> None:
    fails(run("upgrade", revision, "--url", url), reason)
    says(run("current", "--url", url), ": empty")


def test_an_empty_range_of_revisions_needs_no_sql() -> None:
    fails(run("sql", "0001:0001", "--dialect", "sqlite"), "needs no SQL")


@pytest.mark.parametrize(
    "arguments",
    [
        ["upgrade", ""],
        ["downgrade"],
        ["downgrade", "--yess"],
        ["sql", "0001:"],
        ["sql", "--dialect", "oracle"],
        ["upgrade", "--nosuch"],
        ["nosuch"],
    ],
)
def test_a_wrong_command_line_exits_with_2(tmp_path: Path, arguments: list[str]) -> None:
    done = program(tmp_path, "db", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Usage: agentomatic-sql db" in done.stderr
    assert list(tmp_path.iterdir()) == []


# a database that is not there, and passwords


@pytest.mark.parametrize(
    "bad",
    [
        f"oracle://ada:{SECRET}@host/agents",
        f"postgresql://ada:{SECRET}@host:port/agents",
        f"ada:{SECRET}@host",
        "",
    ],
)
@pytest.mark.parametrize("command", ["current", "upgrade", "check", "history", "sql"])
def test_a_url_that_is_wrong(command: str, bad: str) -> None:
    done = run(command, "--url", bad)
    fails(done, "postgresql://user:password@host/database")
    assert SECRET not in done.output


def test_a_driver_that_is_not_installed(tmp_path: Path) -> None:
    without = "import sys; sys.modules['asyncpg'] = None; from agentomatic_sql.cli import main; main()"
    command = [*PROGRAM[:-1], without, "db", "current", "--url", f"postgresql://ada:{SECRET}@host/agents"]
    root = str(Path(__file__).parents[2])
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": root}, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Database: postgresql at host, database agents (the URL given)\n"
        "error: the driver asyncpg is not installed: pip install 'agentomatic-sql[postgres]'\n"
    )


@pytest.fixture
def closed_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize("scheme", SERVERS)
def test_a_server_that_is_not_there(tmp_path: Path, scheme: str, closed_port: int) -> None:
    url = f"{scheme}://ada:{SECRET}@127.0.0.1:{closed_port}/agents"
    message = f"{scheme} at 127.0.0.1:{closed_port}, database agents is not available"
    for command in (["current"], ["upgrade"], ["check"], ["history"], ["downgrade", "base", "--yes"]):
        done = run(*command, "--url", url)
        fails(done, message)
        assert SECRET not in done.output
    verbose = program(tmp_path, "db", "upgrade", "--verbose", AGENTOMATIC_SQL_URL=url)
    assert (verbose.returncode, verbose.stdout) == (1, "")
    assert message in verbose.stderr
    assert "Traceback" not in verbose.stderr
    assert SECRET not in verbose.stderr


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in taken:
        connection.close()


@pytest.mark.parametrize("scheme", SERVERS)
def test_a_server_that_hangs(scheme: str, silent_port: int) -> None:
    begun = time.monotonic()
    done = run("current", "--url", f"{scheme}://ada:{SECRET}@127.0.0.1:{silent_port}/agents?connect_timeout=0.5")
    fails(done, f"{scheme} at 127.0.0.1:{silent_port}, database agents is not available")
    assert time.monotonic() - begun < 5
    assert SECRET not in done.output


def test_a_password_that_is_wrong(server_url: str) -> None:
    # A user who is not there: some test servers trust everybody else.
    wrong = make_url(server_url).set(username="nobody_of_ours", password=SECRET)
    for command in (["current"], ["upgrade"], ["check"], ["history"], ["downgrade", "base", "--yes"]):
        done = run(*command, "--url", wrong.render_as_string(hide_password=False))
        fails(done, "is not available")
        assert SECRET not in done.output
