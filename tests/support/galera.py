"""A MariaDB Galera cluster of three nodes, from the programs of this machine, in temporary folders on free ports."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pymysql
from sqlalchemy import make_url

from tests.support import poolers, programs, servers
from tests.support.interrupts import pause

NODES = 3
PROVIDER = Path("/usr/lib/galera/libgalera_smm.so")
SCRIPTS = ("wsrep_sst_rsync", "rsync", "ss")
"""The programs by which a node that joins gets the data."""

SYNCED = "4"


class Node(servers.PrivateServer):
    """A node of the cluster; it can be killed, paused, isolated from the others, and started again."""

    def __init__(self, program: Path, running: ExitStack, addresses: Sequence[str], number: int) -> None:
        group, transfer, snapshot = addresses[number], programs.free_port(), programs.free_port()
        provider = f"gmcast.listen_addr=tcp://{group};ist.recv_addr=127.0.0.1:{transfer};gcache.size=32M"
        super().__init__(
            "mariadb",
            program,
            running,
            (
                "--wsrep-on=ON",
                f"--wsrep-provider={PROVIDER}",
                f"--wsrep-node-name=node{number}",
                f"--wsrep-node-address={group}",
                f"--wsrep-provider-options={provider}",
                "--wsrep-sst-method=rsync",
                f"--wsrep-sst-receive-address=127.0.0.1:{snapshot}",
                "--wsrep-slave-threads=2",
                "--binlog-format=ROW",
                "--innodb-autoinc-lock-mode=2",
                "--innodb-buffer-pool-size=64M",
                f"--wsrep-cluster-address=gcomm://{','.join(addresses)}",
            ),
        )
        self._joining = self._command

    def start(self, *, first: bool = False) -> None:
        """Start and wait until the node is in the cluster; the first node begins a new one."""
        self._command = [*self._joining, "--wsrep-new-cluster"] if first else self._joining
        super().start()
        self.wait_until("wsrep_local_state", SYNCED)

    def isolate(self, isolated: bool) -> None:
        """Cut the node off from the others, or let it come back; clients reach it all the while."""
        asyncio.run(servers.run(self.url, f"SET GLOBAL wsrep_provider_options = 'gmcast.isolate={int(isolated)}'"))

    def wait_until(self, name: str, value: str) -> None:
        """Wait until a status variable has this value."""
        status = "SELECT variable_value FROM information_schema.global_status WHERE variable_name"
        self.wait_for(f"{status} = '{name}'", value)

    def wait_for(self, question: str, answer: object) -> None:
        """Wait until the node gives this answer; a node that joins ends connections."""
        deadline = time.monotonic() + programs.READY_SECONDS
        while (found := self._answer(question)) != answer:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{question}: {found}, not {answer}:\n{programs.log_of(self.folder)}")
            pause(0.05)

    def _answer(self, question: str) -> object:
        try:
            return asyncio.run(servers.run(self.url, question))
        except pymysql.err.OperationalError as error:
            if error.args[0] not in (2003, 2013):  # it cannot be reached, or the connection was lost
                raise
            return error


class Cluster:
    """Three nodes; each has every database."""

    def __init__(self, running: ExitStack) -> None:
        program = programs.find("mariadb")
        assert program is not None  # the caller looked
        addresses = [f"127.0.0.1:{programs.free_port()}" for _ in range(NODES)]
        self.nodes = [Node(program, running, addresses, number) for number in range(NODES)]
        for number, node in enumerate(self.nodes):
            node.start(first=number == 0)

    def create_database(self) -> list[str]:
        """Make a database, which ends with the cluster; return its URL on each node."""
        name = f"agentomatic_{uuid.uuid4().hex}"
        asyncio.run(servers.run(self.nodes[0].url, f"CREATE DATABASE {name}"))
        for node in self.nodes:
            node.wait_for(f"SELECT count(*) FROM information_schema.schemata WHERE schema_name = '{name}'", 1)
        return [make_url(node.url).set(database=name).render_as_string(hide_password=False) for node in self.nodes]


@cache
def missing() -> str | None:
    """Return why there can be no cluster on this machine; None if there can be one."""
    if programs.find("mariadb") is None:
        return servers.reason("mariadb", "program")
    lacking = [name for name in SCRIPTS if poolers.find(name) is None]
    if not PROVIDER.exists():
        lacking.append(str(PROVIDER))
    return f"no {' and no '.join(lacking)} for a Galera cluster on this machine" if lacking else None


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running cluster of three nodes. Raises LookupError where this machine cannot have one."""
    if (reason := missing()) is not None:
        raise LookupError(reason)
    with ExitStack() as running:
        yield Cluster(running)
