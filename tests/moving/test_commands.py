"""The commands that move data: what they say, what they end with, and how they go on."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agentomatic_sql import SQLAlchemyStore
from tests.support import encrypted, moved

PROGRAM = [sys.executable, "-W", "error", "-m", "agentomatic_sql"]


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AGENTOMATIC")}
    whole = [*PROGRAM, *map(str, arguments)]
    return subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False, env=clean | environment)


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """A database with a row of every kind."""
    url = f"sqlite:///{tmp_path}/store.db"
    await moved.fill(url)
    return url


async def test_the_commands_export_and_import(url: str, tmp_path: Path) -> None:
    file, other = tmp_path / "all.jsonl.zst", f"sqlite:///{tmp_path}/other.db"
    before = await moved.contents(url)
    total = sum(moved.counts(before).values())
    exported = run("export", file, "--url", url)
    assert exported.returncode == 0, exported.stderr
    assert f"exported {total:,} rows (thread 4, message " in exported.stdout
    assert exported.stdout.endswith(f" into {file} ({file.stat().st_size:,} bytes).\n")
    assert exported.stderr.count("\n") == 1  # which database it is
    imported = run("import", "jsonl", file, "--url", other)
    assert imported.returncode == 0, imported.stderr
    assert f"imported {total:,} rows (thread 4, message " in imported.stdout
    assert await moved.contents(other) == before
    again = run("import", "jsonl", file, "--url", other, "--json")
    assert {*json.loads(again.stdout)["added"].values()} == {0}
    assert json.loads(again.stdout)["present"] == moved.counts(before)


async def test_the_commands_refuse_in_one_sentence(url: str, tmp_path: Path) -> None:
    file, other = tmp_path / "all.jsonl", f"sqlite:///{tmp_path}/other.db"
    assert run("export", file, "--url", url).returncode == 0
    again = run("export", file, "--url", url)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.splitlines()[-1] == (
        f"error: {file} exists: choose another name, or pass --overwrite, or overwrite=True"
    )
    lines = file.read_text().split("\n")
    file.write_text("\n".join([*lines[:3], lines[3].replace('"user_id"', '"user"'), *lines[4:]]))
    broken = run("import", "jsonl", file, "--url", other)
    assert (broken.returncode, broken.stdout) == (1, "")
    assert broken.stderr.splitlines()[-1] == f"error: {file}, line 4, $.user: is no field of thread"
    none = run("import", "jsonl", tmp_path / "none", "--url", other)
    assert none.returncode == 1
    assert none.stderr.splitlines()[-1].endswith("cannot be read: No such file or directory")
    assert run("export", file, "--url", url, "--since", "yesterday").returncode == 2


async def test_an_option_for_each_filter(url: str, tmp_path: Path) -> None:
    file = tmp_path / "part.jsonl"

    def entities(*options: str) -> set[str]:
        done = run("export", file, "--url", url, "--overwrite", "--json", *options)
        assert done.returncode == 0, done.stderr
        return {*json.loads(done.stdout)["rows"]}

    assert entities("--user", "grace", "--since", "2020-01-01") == {"thread", "message"}
    assert entities("--thread", "t", "--entities", "thread, message") == {"thread", "message"}
    assert entities("--agent", "other", "--since", "2020-01-01T00:00:00.5+02:00") == {"thread", "message", "feedback"}
    assert entities("--since", "2100-01-01T00:00:00") == set()


async def test_keys_in_the_environment_let_encrypted_databases_meet(tmp_path: Path) -> None:
    url, other, file = f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db", tmp_path / "all.jsonl"
    for name, database in (("t", url), ("mine", other)):
        async with encrypted.opened(database, "old") as store:
            await store.create_thread(name, "ada", "agent", title=encrypted.WORD)
    assert run("export", file, "--url", url).returncode == 0
    assert "set the keys of both" in run("import", "jsonl", file, "--url", other).stderr
    done = run("import", "jsonl", file, "--url", other, AGENTOMATIC_SQL_KEYS=f"old:{encrypted.OLD}")
    assert done.returncode == 0, done.stderr
    async with encrypted.opened(other, "old") as store:
        assert [thread["title"] for thread in await store.list_threads()] == [encrypted.WORD] * 2


def interrupt(*arguments: str) -> None:
    """Run a command at a terminal, and press Ctrl-C as soon as its bar moves."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([*PROGRAM, *arguments], stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        shown = b""
        while b"MB/s" not in shown:
            shown += os.read(ours, 10_000)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    os.close(ours)
    os.close(theirs)


async def test_an_interrupted_import_goes_on(tmp_path: Path) -> None:
    url, other, file = f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db", tmp_path / "all.jsonl"
    async with SQLAlchemyStore(url) as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_messages("t", [{"role": "user", "content": "x" * 500} for _ in range(20_000)])
    assert run("export", file, "--url", url).returncode == 0
    interrupt("import", "jsonl", str(file), "--url", other)
    half = len((await moved.contents(other))["agentomatic_messages"])
    assert 0 < half < 20_000
    again = run("import", "jsonl", file, "--url", other)
    assert again.returncode == 0, again.stderr
    assert f"imported {20_000 - half:,} rows" in again.stdout
    assert await moved.contents(other) == await moved.contents(url)
