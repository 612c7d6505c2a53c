"""A PostgreSQL primary dies and its standby is promoted under a running saver: the promoted server's state counts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest
from sqlalchemy import make_url, text

from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import programs
from tests.support.checkpoints import LONG, config, go_on, latest
from tests.support.databases import chosen


class Pair(NamedTuple):
    """A primary and its standby, which has got everything so far."""

    program: Path
    folders: tuple[Path, Path]
    processes: list[Any]
    standby_url: str
    url: str
    """Leads to whichever of them accepts writes."""


def with_tools() -> Path | None:
    """PostgreSQL's server program, where the programs for copying and promoting a server stand beside it."""
    found = programs.find("postgresql")
    folders = [] if found is None else [found.resolve().parent]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    tools = ("postgres", "initdb", "pg_basebackup", "pg_ctl")
    return next((folder / "postgres" for folder in folders if all((folder / tool).exists() for tool in tools)), None)


def start(program: Path, folder: Path, port: int, running: ExitStack) -> Any:
    command = [str(program), "-D", str(folder / "data"), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]
    process = programs.begin([*command, "-c", "hot_standby=on", "-c", "fsync=off"], folder)
    running.callback(programs.stop, process)
    return process


def wait_for(ready: Any) -> None:
    deadline = time.monotonic() + programs.READY_SECONDS
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.fixture
def pair() -> Iterator[Pair]:
    program = with_tools()
    if not chosen(("postgresql",)) or program is None:
        pytest.skip("no PostgreSQL server programs with pg_basebackup on this machine")
    with ExitStack() as running:
        folders = programs.private_folder(running), programs.private_folder(running)
        ports = programs.free_port(), programs.free_port()
        initializing = ["-U", "postgres", "-A", "trust", "-N", "-E", "UTF8", "--locale=C"]
        programs.finish([str(program.with_name("initdb")), "-D", str(folders[0] / "data"), *initializing], folders[0])
        primary = start(program, folders[0], ports[0], running)
        urls = [f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres" for port in ports]
        wait_for(lambda: programs.answers(urls[0]))
        copying = [str(program.with_name("pg_basebackup")), "-h", "127.0.0.1", "-p", str(ports[0]), "-U", "postgres"]
        programs.finish([*copying, "-D", str(folders[1] / "data"), "-R", "-c", "fast", "-X", "stream"], folders[1])
        standby = start(program, folders[1], ports[1], running)
        wait_for(lambda: programs.answers(urls[1]))
        both = make_url("postgresql://").set(username="postgres", database="postgres")
        both = both.update_query_dict(
            {"host": [f"127.0.0.1:{port}" for port in ports], "target_session_attrs": "primary"}
        )
        yield Pair(program, folders, [primary, standby], urls[1], both.render_as_string(hide_password=False))


async def replayed(saver: SQLAlchemySaver) -> None:
    """Wait until the standby has what the primary has."""
    query = text("SELECT coalesce(bool_and(replay_lsn >= pg_current_wal_lsn()), false) FROM pg_stat_replication")
    async with saver.store.engine.connect() as connection:
        while not (await connection.execute(query)).scalar_one():
            await asyncio.sleep(0.1)


async def cut_off(url: str) -> None:
    """Let the standby get nothing more from its primary."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute("ALTER SYSTEM SET primary_conninfo = ''")
        await connection.execute("SELECT pg_reload_conf()")
        while await connection.fetchval("SELECT count(*) FROM pg_stat_wal_receiver"):
            await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def test_a_promoted_servers_state_counts(pair: Pair) -> None:
    primary, _standby = pair.processes
    async with SQLAlchemySaver(pair.url) as saver:
        await go_on(saver, [f"{name} {LONG}" for name in ("m1", "m2", "m3")])
        await replayed(saver)
        await cut_off(pair.standby_url)
        await go_on(saver, [f"m4, lost {LONG}"])
        primary.kill()
        primary.wait()
        promoting = [str(pair.program.with_name("pg_ctl")), "-D", str(pair.folders[1] / "data"), "-w", "promote"]
        await asyncio.to_thread(programs.finish, promoting, pair.folders[1])
        async with SQLAlchemySaver(pair.url) as other:
            before = (await latest(other, config())).checkpoint["channel_values"]["messages"]
            assert before == [f"{name} {LONG}" for name in ("m1", "m2", "m3")]
            await go_on(other, [f"m4 {LONG}"])
            now = [f"{name} {LONG}" for name in ("m1", "m2", "m3", "m4")]
            assert (await latest(saver, config())).checkpoint["channel_values"]["messages"] == now
            await go_on(saver, [f"m5 {LONG}"])
            found = await latest(other, config())
            assert found.checkpoint["channel_values"]["messages"] == [*now, f"m5 {LONG}"]
