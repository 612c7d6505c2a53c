"""A primary and its replicas, of each database that has replicas: private servers of the tests' own."""

from __future__ import annotations

import asyncio
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest
from sqlalchemy import make_url

from agentomatic_sql import SQLAlchemyStore
from tests.support import containers, pairs, programs, servers
from tests.support.databases import chosen
from tests.support.interrupts import pause
from tests.support.wire import Wire, wire

Read = Callable[[SQLAlchemyStore], Awaitable[Any]]


class Server(Protocol):
    """A running primary, or a replica of one."""

    url: str

    async def run(self, statement: str) -> Any:
        """Run one statement as an administrator; returns the first value of its answer."""

    async def hold(self) -> None:
        """Let a replica replay nothing more."""

    async def go_on(self, primary: Any) -> None:
        """Let a replica go on, and wait until it has what the primary has now."""

    async def stop_following(self) -> None:
        """Let a replica receive nothing more."""

    async def follow(self, primary: Any) -> None:
        """Let a replica follow another primary, and wait until it has what that one has now."""

    def kill(self) -> None:
        """End it as when a machine fails."""

    def start(self) -> None:
        """Start it, and wait until it answers."""

    def promote(self) -> None:
        """Let a replica take writes, and no longer follow its primary."""


def wait_for(ready: Callable[[], bool]) -> None:
    """Wait until a server has done something."""
    deadline = time.monotonic() + programs.READY_SECONDS
    while not ready():
        assert time.monotonic() < deadline
        pause(0.05)


class PostgreSQL:
    """A server of a PostgreSQL primary and its standbys."""

    def __init__(self, program: Path, running: ExitStack) -> None:
        self.folder = programs.private_folder(running)
        self.port = programs.free_port()
        self.url = f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/postgres"
        self._program = program
        self._running = running
        self._process: Any = None

    def initialize(self) -> None:
        """Make a new data directory."""
        options = ["-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]
        self._finish("initdb", "-D", str(self.folder / "data"), *options)

    def copy(self, primary: PostgreSQL) -> None:
        """Make the data directory of a standby."""
        connecting = ["-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres"]
        self._finish("pg_basebackup", *connecting, "-D", str(self.folder / "data"), "-R", "-c", "fast", "-X", "stream")

    def start(self) -> None:
        command = [str(self._program), "-D", str(self.folder / "data"), "-p", str(self.port), "-k", str(self.folder)]
        command += ["-h", "127.0.0.1", "-c", "hot_standby=on", "-c", "fsync=off", "-c", "max_connections=300"]
        self._process = programs.begin(command, self.folder)
        self._running.callback(programs.stop, self._process)
        wait_for(lambda: programs.answers(self.url))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def promote(self) -> None:
        self._finish("pg_ctl", "-D", str(self.folder / "data"), "-w", "promote")

    def _finish(self, tool: str, *arguments: str) -> None:
        programs.finish([str(self._program.with_name(tool)), *arguments], self.folder)

    async def run(self, statement: str) -> Any:
        return await servers.run(self.url, statement)

    async def hold(self) -> None:
        await self.run("SELECT pg_wal_replay_pause()")
        await self._until("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    async def stop_following(self) -> None:
        await self._receive_from("")
        await self._until("SELECT NOT EXISTS (SELECT * FROM pg_stat_wal_receiver)")

    async def follow(self, primary: PostgreSQL) -> None:
        await self._receive_from(f"host=127.0.0.1 port={primary.port} user=postgres")
        await self.go_on(primary)

    async def _receive_from(self, where: str) -> None:
        await self.run(f"ALTER SYSTEM SET primary_conninfo = '{where}'")
        await self.run("SELECT pg_reload_conf()")

    async def go_on(self, primary: PostgreSQL) -> None:
        await self.run("SELECT pg_wal_replay_resume()")
        end = await primary.run("SELECT pg_current_wal_insert_lsn()::text")
        await self._until(f"SELECT pg_last_wal_replay_lsn() >= '{end}'")

    async def _until(self, question: str) -> None:
        async with asyncio.timeout(programs.READY_SECONDS):
            while not await self.run(question):
                await asyncio.sleep(0.01)


class MySQL:
    """A server of a MySQL primary and its replica, each in a container."""

    change = (
        "CHANGE REPLICATION SOURCE TO SOURCE_HOST='{host}', SOURCE_PORT={port}, SOURCE_USER='root', "
        "SOURCE_PASSWORD='{password}', SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1"
    )
    words = ("REPLICA", "SELECT @@GLOBAL.gtid_executed", "SELECT WAIT_FOR_EXECUTED_GTID_SET('{}', 60)")
    clear = "RESET BINARY LOGS AND GTIDS"

    def __init__(self, server: Any, host: str, port: int, password: str = "") -> None:
        self.url: str = server.url
        self._server = server
        self._at = {"host": host, "port": port, "password": password}

    async def begin(self, primary: MySQL | None) -> None:
        """Begin as a primary, or as a replica of one."""
        await self.run(self.clear)
        if primary is not None:
            await self.follow(primary)

    async def stop_following(self) -> None:
        await self.run(f"STOP {self.words[0]}")

    async def follow(self, primary: MySQL) -> None:
        await self.stop_following()
        await self.run(self.change.format(**primary._at))
        await self.go_on(primary)

    def start(self) -> None:
        self._server.start()

    def kill(self) -> None:
        self._server.kill()

    def promote(self) -> None:
        asyncio.run(self.stop_following())
        asyncio.run(self.run(f"RESET {self.words[0]} ALL"))

    async def run(self, statement: str) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a replica that runs already, of a password in a statement
            return await servers.run(self.url, statement)

    async def hold(self) -> None:
        await self.run(f"STOP {self.words[0]} SQL_THREAD")

    async def go_on(self, primary: MySQL) -> None:
        word, position, wait = self.words
        await self.run(f"START {word}")
        assert await self.run(wait.format(await primary.run(position))) == 0, "the replica does not follow"


class MariaDB(MySQL):
    """A server of a MariaDB primary and its replica."""

    change = (
        "CHANGE MASTER TO MASTER_HOST='{host}', MASTER_PORT={port}, MASTER_USER='root', "
        "MASTER_PASSWORD='{password}', MASTER_USE_GTID=slave_pos"
    )
    words = ("SLAVE", "SELECT @@GLOBAL.gtid_current_pos", "SELECT MASTER_GTID_WAIT('{}', 60)")
    clear = "RESET MASTER"


def _postgresql(replicas: int, running: ExitStack) -> list[Any]:
    program = pairs.postgres_program()
    if program is None:
        pytest.skip("no PostgreSQL server programs with pg_basebackup on this machine")
    primary, *others = [PostgreSQL(program, running) for _ in range(replicas + 1)]
    primary.initialize()
    primary.start()
    for standby in others:
        standby.copy(primary)
        standby.start()
    return [primary, *others]


def _mysql(replicas: int, running: ExitStack) -> list[Any]:
    try:
        made = [
            containers.Killable(
                "mysql", running, f"mysqld --server-id={number} --gtid-mode=ON --enforce-gtid-consistency=ON"
            )
            for number in range(1, replicas + 2)
        ]
    except LookupError as error:
        pytest.skip(str(error))
    for server in made:
        server.start()
    return _following([MySQL(server, server.address, 3306, containers.PASSWORD) for server in made])


def _mariadb(replicas: int, running: ExitStack) -> list[Any]:
    try:
        made = [
            running.enter_context(servers.private("mariadb", ["--log-bin", f"--server-id={number}"]))
            for number in range(1, replicas + 2)
        ]
    except LookupError as error:
        pytest.skip(str(error))
    return _following([MariaDB(server, "127.0.0.1", make_url(server.url).port or 0) for server in made])


def _following(made: list[Any]) -> list[Any]:
    primary, *others = made

    async def begin() -> None:
        await primary.begin(None)
        for replica in others:
            await replica.begin(primary)

    asyncio.run(begin())
    return made


MAKERS = {"postgresql": _postgresql, "mysql": _mysql, "mariadb": _mariadb}


@contextmanager
def cluster(name: str, replicas: int) -> Iterator[list[Any]]:
    """A primary and so many replicas, or a skip that names the reason."""
    if not chosen((name,)):
        pytest.skip(f"{name} is not chosen")
    with ExitStack() as running:
        yield MAKERS[name](replicas, running)


async def log(store: SQLAlchemyStore, log_id: str) -> Any:
    return await store.create_invocation_log(agent_name="agent", log_id=log_id)


async def fill(store: SQLAlchemyStore) -> None:
    """Write what every read finds."""
    await store.create_thread("t", "ada", "agent", title="first")
    await store.add_message("t", "user", "first")
    await store.add_feedback("t", "ada", "agent", rating=1)
    await store.save_suspended_state("approval", "t", "agent", "node", {"n": 1})
    await store.fork_thread("t", 0, "child", title="first")
    await log(store, "one")


class Cluster(NamedTuple):
    """A primary and its replicas, and the name of a database that a test has there for itself."""

    servers: list[Any]
    database: str

    def url(self, number: int) -> str:
        url = make_url(self.servers[number].url).set(database=self.database)
        return url.render_as_string(hide_password=False)


@asynccontextmanager
async def database_on(made: list[Any], *, empty: bool = False, back: bool = True) -> AsyncIterator[Cluster]:
    """A database with the schema and with what `fill` writes, on every server; or an empty database.

    At the end the replicas go `back` to following their primary.
    """
    primary, *others = made
    url = await servers.create_database(primary)
    cluster = Cluster(made, str(make_url(url).database))
    if not empty:
        async with SQLAlchemyStore(cluster.url(0)) as store:
            await fill(store)
    for one in others:
        await one.go_on(primary)
    try:
        yield cluster
    finally:
        for one in others if back else ():
            await one.go_on(primary)


class Wires(NamedTuple):
    """A store whose primary and replicas are behind proxies, which count."""

    store: SQLAlchemyStore
    primary: Wire
    replicas: list[Wire]

    @property
    def counts(self) -> list[int]:
        return [proxy.round_trips for proxy in (self.primary, *self.replicas)]

    async def trips(self, read: Read) -> tuple[list[int], Any]:
        """Return how many round trips to each server a read takes, and its answer."""
        before = self.counts
        answer = await read(self.store)
        return [now - then for now, then in zip(self.counts, before, strict=True)], answer

    async def until_on_replica(self, read: Read, ends: int = 0) -> Any:
        """Read until a replica answers by itself; return its answer.

        An iteration `ends` with an empty page, which is also asked for on the primary.
        """
        async with asyncio.timeout(60):
            while True:
                trips, answer = await self.trips(read)
                if trips[0] == ends and sum(trips) > 2 * ends:
                    return answer
                await asyncio.sleep(0.02)


@asynccontextmanager
async def opened(cluster: Cluster, query: str = "", **options: Any) -> AsyncIterator[Wires]:
    """A store that reads on the cluster's replicas."""
    async with AsyncExitStack() as stack:
        urls = [cluster.url(number) for number in range(len(cluster.servers))]
        primary, *others = [await stack.enter_async_context(wire(url)) for url in urls]
        store = SQLAlchemyStore(primary.url + query, read_url=[proxy.url + query for proxy in others], **options)
        await stack.enter_async_context(store)
        yield Wires(store, primary, others)


@asynccontextmanager
async def other_process(cluster: Cluster, **options: Any) -> AsyncIterator[SQLAlchemyStore]:
    """Another process's store, as far as the store under test can tell."""
    async with SQLAlchemyStore(cluster.url(0), **options) as store:
        yield store
