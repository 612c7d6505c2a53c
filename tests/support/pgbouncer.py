"""pgbouncer in transaction mode, in front of a server: a private instance of the program, if this machine has it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import make_url

from tests.support import programs

CONNECTIONS = 3
"""Of the server's: fewer than clients, so that they change hands."""

SETTINGS = """[databases]
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


def find() -> Path | None:
    """The program, on the PATH or where distributions put it."""
    found = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
    return None if found is None else Path(found)


@contextmanager
def in_front_of(url: str) -> Iterator[str]:
    """A pooler before the server of a URL; the same URL by it. Raises LookupError without the program."""
    program, server = find(), make_url(url)
    if program is None:
        raise LookupError("no pgbouncer on this machine")
    with ExitStack() as running:
        folder, listen = programs.private_folder(running), programs.free_port()
        named = {"host": server.host, "port": server.port or 5432, "user": server.username, "password": server.password}
        known = " ".join(f"{name}={value}" for name, value in named.items() if value)
        settings = SETTINGS.format(server=known, listen=listen, connections=CONNECTIONS)
        (folder / "pgbouncer.ini").write_text(settings)
        process = programs.begin([str(program), str(folder / "pgbouncer.ini")], folder)
        running.callback(programs.stop, process)
        pooled = server.set(host="127.0.0.1", port=listen, query={"pgbouncer": "true"})
        plain = pooled.set(query={}).render_as_string(hide_password=False)
        deadline = time.monotonic() + programs.READY_SECONDS
        while not programs.answers(plain):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{program} did not answer:\n{programs.log_of(folder)}")
            time.sleep(0.05)
        yield pooled.render_as_string(hide_password=False)
