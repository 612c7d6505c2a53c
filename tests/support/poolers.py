"""Poolers in front of a PostgreSQL server: a private instance of the program, if this machine has it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import URL, make_url

from tests.support import programs

CONNECTIONS = 3
"""Connections of pgbouncer to the server: fewer than clients, so that they change hands."""

PGBOUNCER = """[databases]
* = {server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
server_round_robin = 1
"""

PGPOOL = """listen_addresses = '127.0.0.1'
port = {listen}
unix_socket_directories = ''
pcp_port = {control}
pcp_listen_addresses = ''
pcp_socket_dir = '{folder}'
pid_file_name = '{folder}/pid'
logdir = '{folder}'
backend_clustering_mode = '{mode}'
sr_check_period = 0
backend_hostname0 = '{host}'
backend_port0 = {port}
num_init_children = 60
max_pool = 1
load_balance_mode = off
enable_pool_hba = off
pool_passwd = ''
allow_clear_text_frontend_auth = on
"""


class Pooler(NamedTuple):
    """A pooler's program."""

    settings: str
    arguments: tuple[str, ...]
    """Before the file with the settings."""
    query: Mapping[str, str]
    """The options of a URL that goes by it."""


KNOWN = {
    "pgbouncer": Pooler(PGBOUNCER, (), {"pgbouncer": "true"}),  # in transaction mode
    "pgpool": Pooler(PGPOOL.replace("{mode}", "streaming_replication"), ("-n", "-f"), {}),  # pools by session
    "pgpool-raw": Pooler(PGPOOL.replace("{mode}", "raw"), ("-n", "-f"), {}),
}
"""By name: the program, and perhaps its mode."""


def find(name: str) -> Path | None:
    """The program, on the PATH or where distributions put it."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
    return None if found is None else Path(found)


@contextmanager
def in_front_of(url: str, name: str, connections: int = CONNECTIONS) -> Iterator[str]:
    """A pooler before the server of a URL; the same URL by it. Raises LookupError without the program."""
    program, server, pooler = find(name.partition("-")[0]), make_url(url), KNOWN[name]
    if program is None:
        raise LookupError(f"no {name.partition('-')[0]} on this machine")
    with ExitStack() as running:
        folder, listen = programs.private_folder(running), programs.free_port()
        (folder / "settings").write_text(_settings(pooler, server, folder, listen, connections))
        process = programs.begin([str(program), *pooler.arguments, str(folder / "settings")], folder)
        running.callback(programs.stop, process)
        pooled = server.set(host="127.0.0.1", port=listen, query=pooler.query)
        plain = pooled.set(query={}).render_as_string(hide_password=False)
        deadline = time.monotonic() + programs.READY_SECONDS
        while not programs.answers(plain):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{program} did not answer:\n{programs.log_of(folder)}")
            time.sleep(0.05)
        yield pooled.render_as_string(hide_password=False)


def _settings(pooler: Pooler, server: URL, folder: Path, listen: int, connections: int) -> str:
    named = {"host": server.host, "port": server.port or 5432, "user": server.username, "password": server.password}
    return pooler.settings.format(
        server=" ".join(f"{name}={value}" for name, value in named.items() if value),
        host=server.host,
        port=server.port or 5432,
        listen=listen,
        control=programs.free_port(),
        folder=folder,
        connections=connections,
    )
