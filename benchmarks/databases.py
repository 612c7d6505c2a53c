"""The databases that are measured: where a server is found, and a fresh, empty database on it for every contender."""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from benchmarks.bulk import Bulk, connect

NAMES = ("postgresql", "mysql", "mariadb", "sqlite")

SETTINGS = {
    "postgresql": {"fsync": "SHOW fsync", "synchronous_commit": "SHOW synchronous_commit"},
    "mysql": {
        "innodb_flush_log_at_trx_commit": "SELECT @@innodb_flush_log_at_trx_commit",
        "log_bin": "SELECT @@log_bin",
        "sync_binlog": "SELECT @@sync_binlog",
    },
}
"""What decides whether a commit that was acknowledged is on the disk, and how to ask for it."""


class Missing(Exception):
    """A server that could not be had; the message says why."""


@dataclass(frozen=True)
class Server:
    """A server that answers, or for SQLite a folder; `url` is an administrator's, without a driver in it."""

    name: str
    url: str
    version: str
    settings: dict[str, str]

    @property
    def durable(self) -> bool:
        """Return whether an acknowledged commit survives a power cut, according to the server's settings."""
        weak = {"fsync": "off", "synchronous_commit": "off", "innodb_flush_log_at_trx_commit": "0"}
        return all(self.settings.get(name) != value for name, value in weak.items())


@dataclass(frozen=True)
class Database:
    """A database of one contender's own; for SQLite `path` is its file."""

    name: str
    url: str

    @property
    def path(self) -> str:
        return make_url(self.url).database or ""

    @property
    def driver_url(self) -> str:
        """The URL with the async driver in it, as SQLAlchemy takes it."""
        return plain(self.url, f"{self.name}+{self.driver}")

    @property
    def driver(self) -> str:
        return {"postgresql": "asyncpg", "sqlite": "aiosqlite"}.get(self.name, "aiomysql")


def plain(url: str, scheme: str) -> str:
    """The URL with this scheme, whatever driver it named."""
    return make_url(url).set(drivername=scheme).render_as_string(hide_password=False)


@contextmanager
def servers(folder: Path | None) -> Iterator[Finder]:
    """Finds servers as long as it is open; SQLite's files live in a new folder in `folder`."""
    # not the system's temporary folder: that may be memory, where a commit costs nothing
    folder = folder or Path("data")
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="bench-", dir=folder.absolute()))
    try:
        yield Finder(made)
    finally:
        shutil.rmtree(made, ignore_errors=True)


class Finder:
    """Finds a server by the name of its database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def url(self, name: str) -> str:
        """The server's URL: from the environment, else found or started as for the tests. Raises `Missing`."""
        if name == "sqlite":
            return f"sqlite:///{self._folder}"
        given = os.environ.get(f"AGENTOMATIC_SQL_TEST_{name.upper()}_URL")
        return plain(given or started(name), name)

    async def describe(self, name: str, url: str) -> Server:
        """The server with its version and settings. Raises `Missing` where it does not answer."""
        if name == "sqlite":
            async with connect("sqlite", ":memory:") as bulk:
                version = await bulk.value("SELECT sqlite_version()")
            return Server(name, url, str(version), {"journal_mode": "each contender's own, raw: WAL, FULL"})
        try:
            async with connect(name, url) as bulk:
                version = await bulk.value("SHOW server_version" if name == "postgresql" else "SELECT version()")
                questions = SETTINGS["postgresql" if name == "postgresql" else "mysql"]
                settings = {setting: str(await bulk.value(sql)) for setting, sql in questions.items()}
        except OSError as error:
            raise Missing(f"no answer: {error}") from error
        if name in ("mysql", "mariadb") and ("mariadb" in str(version).lower()) != (name == "mariadb"):
            raise Missing(f"the server is another one: {version}")
        return Server(name, url, str(version), settings)


def started(name: str) -> str:
    """The URL of a server that the tests' own search finds or starts. Raises `Missing`."""
    try:
        from tests.support import containers, programs, servers
    except ModuleNotFoundError as error:
        raise Missing(f"no URL in AGENTOMATIC_SQL_TEST_{name.upper()}_URL, and no {error.name} to start one") from error
    durable(containers, programs)
    found: Any = servers.obtain(name)
    if isinstance(found, servers.Missing):
        raise Missing(found.reason)
    return str(found.url)


def durable(containers: Any, programs: Any) -> None:
    """Have servers started that keep what they acknowledge: the tests' need not, and are told so on their command."""
    weak = ("-c fsync=off", "--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0")
    for name, image in containers.IMAGES.items():
        command = image.command
        for option in weak:
            command = command.replace(option, "")
        containers.IMAGES[name] = replace(image, command=" ".join(command.split()))
    commands = programs.commands
    if getattr(commands, "durable", False):
        return

    def of_a_durable_server(*arguments: Any) -> Any:
        prepare, serve, url = commands(*arguments)
        return prepare, [option.replace("fsync=off", "fsync=on") for option in serve if option not in weak], url

    of_a_durable_server.durable = True  # type: ignore[attr-defined]
    programs.commands = of_a_durable_server


@asynccontextmanager
async def fresh(server: Server) -> AsyncIterator[Database]:
    """An empty database for as long as it is measured."""
    made = f"bench_{uuid.uuid4().hex[:12]}"
    if server.name == "sqlite":
        file = Path(make_url(server.url).database or "") / f"{made}.db"
        try:
            yield Database("sqlite", f"sqlite:///{file}")
        finally:
            for ending in ("", "-wal", "-shm", "-journal"):
                file.with_name(file.name + ending).unlink(missing_ok=True)
        return
    async with connect(server.name, server.url) as bulk:
        await bulk.run(f"CREATE DATABASE {made}")
    try:
        url = make_url(server.url).set(database=made).render_as_string(hide_password=False)
        yield Database(server.name, url)
    finally:
        async with connect(server.name, server.url) as bulk:
            await bulk.run(f"DROP DATABASE {made}{' WITH (FORCE)' if server.name == 'postgresql' else ''}")


@asynccontextmanager
async def filling(database: Database) -> AsyncIterator[Bulk]:
    """The driver's connection to a database, to fill it in bulk."""
    async with connect(database.name, database.url) as bulk:
        yield bulk
