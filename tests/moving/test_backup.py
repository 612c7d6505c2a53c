"""Backups of SQLite databases: of one moment, checked, and restored in one transaction."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from agentomatic_sql import InvalidInput, SQLAlchemyStore
from agentomatic_sql.errors import BackupFailed
from agentomatic_sql.moving import backup, restore
from agentomatic_sql.moving.backups import Tell

SIZE = 2_000


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def fill(path: Path, *, messages: int = SIZE) -> None:
    """Make a database with a thread `t` of many messages."""
    async with SQLAlchemyStore(url_of(path)) as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_messages("t", [{"role": "user", "content": f"{n} " + "x" * 4_000} for n in range(messages)])


async def contents(path: Path) -> list[str]:
    async with SQLAlchemyStore(url_of(path)) as store:
        return [message["content"].split()[0] async for message in store.iter_messages("t")]


async def test_a_backup_is_of_one_moment_while_writers_work(tmp_path: Path) -> None:
    """A prefix of what is written: every message up to some moment, and none after it."""
    path, file = tmp_path / "store.db", tmp_path / "backup.db"
    await fill(path)
    told: list[tuple[int, int]] = []
    async with SQLAlchemyStore(url_of(path)) as store:
        over = asyncio.Event()

        async def write() -> int:
            written = 0
            while not over.is_set():
                await store.add_message("t", "user", f"{SIZE + written} new")
                written += 1
            return written

        writing = asyncio.create_task(write())
        size = await backup(url_of(path), file, progress=lambda *now: told.append(now))
        over.set()
        written = await writing
    assert size == file.stat().st_size
    assert len(told) > 2
    assert told == sorted(told)
    assert told[-1] == (size, size)
    kept = await contents(file)
    assert SIZE <= len(kept) <= SIZE + written
    assert kept == [str(number) for number in range(len(kept))]
    assert names(tmp_path) == ["backup.db", "store.db"]


@pytest.mark.parametrize("mode", ["wal", "delete"])
async def test_a_restored_database_has_what_the_backup_has(tmp_path: Path, mode: str) -> None:
    path, file = tmp_path / "store.db", tmp_path / "backup.db"
    await fill(path, messages=10)
    await backup(url_of(path), file)
    async with SQLAlchemyStore(url_of(path)) as store:
        await store.add_message("t", "user", "10 later")
        await store.create_thread("another", "ada", "agent")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
    await restore(file, url_of(path), overwrite=True)
    assert await contents(path) == [str(number) for number in range(10)]
    async with SQLAlchemyStore(url_of(path)) as store:
        assert await store.get_thread("another") is None
        assert (await store.add_message("t", "user", "10 again"))["index"] == 10
    await restore(file, url_of(tmp_path / "new" / "store.db"))
    assert await contents(tmp_path / "new" / "store.db") == [str(number) for number in range(10)]


async def test_a_database_that_is_open_is_not_overwritten(tmp_path: Path) -> None:
    path, file = tmp_path / "store.db", tmp_path / "backup.db"
    await fill(path, messages=3)
    await backup(url_of(path), file)
    async with SQLAlchemyStore(url_of(path)) as store:
        await store.add_message("t", "user", "3 later")
        with pytest.raises(BackupFailed, match="is open: close every store"):
            await restore(file, url_of(path), overwrite=True)
        assert (await store.add_message("t", "user", "4 later"))["index"] == 4
        assert (await store.health_check())["status"] == "healthy"
    assert len(await contents(path)) == 5
    await restore(file, url_of(path), overwrite=True)
    assert len(await contents(path)) == 3


async def test_nothing_is_overwritten_without_being_asked(tmp_path: Path) -> None:
    path, file = tmp_path / "store.db", tmp_path / "backup.db"
    await fill(path, messages=3)
    file.write_text("mine")
    with pytest.raises(BackupFailed, match="exists: choose another name, or pass --overwrite"):
        await backup(url_of(path), file)
    assert file.read_text() == "mine"
    await backup(url_of(path), file, overwrite=True)
    with pytest.raises(BackupFailed, match="exists: pass --overwrite"):
        await restore(file, url_of(path))
    assert await contents(file) == ["0", "1", "2"]


async def test_a_file_that_is_no_backup_is_not_restored(tmp_path: Path) -> None:
    path, text, other, broken = (tmp_path / name for name in ("store.db", "text", "other.db", "broken.db"))
    await fill(path, messages=200)
    before = await contents(path)
    text.write_text("a text of more than a few characters " * 50)
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE of_others (id INTEGER)")
    shutil.copy(path, broken)
    with broken.open("r+b") as pages:
        pages.seek(broken.stat().st_size // 2)
        pages.write(b"\xff" * 20_000)
    for file, says in ((text, "no SQLite database"), (other, "no backup of this package"), (broken, "damaged")):
        with pytest.raises(BackupFailed, match=says):
            await restore(file, url_of(path), overwrite=True)
    with pytest.raises(BackupFailed, match="there is no file"):
        await restore(tmp_path / "nothing", url_of(path), overwrite=True)
    assert await contents(path) == before


async def test_a_database_that_cannot_be_backed_up_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackupFailed, match=r"there is no database to back up at .*none\.db"):
        await backup(url_of(tmp_path / "none.db"), tmp_path / "backup.db")
    with pytest.raises(BackupFailed, match="in memory"):
        await backup("sqlite://", tmp_path / "backup.db")
    with pytest.raises(BackupFailed, match="there is no folder"):
        await backup(url_of(tmp_path / "none.db"), tmp_path / "nowhere" / "backup.db")
    for url, tool in (
        ("postgresql://h/db", "pg_dump"),
        ("mysql://h/db", "mysqldump --single-transaction"),
        ("mariadb://h/db", "mysqldump --single-transaction"),
    ):
        with pytest.raises(InvalidInput, match=tool):
            await backup(url, tmp_path / "backup.db")
        with pytest.raises(InvalidInput, match=tool):
            await restore(tmp_path / "backup.db", url)
    assert names(tmp_path) == []


async def cancelled(work: Callable[[Tell], Awaitable[int]]) -> None:
    """Begin a copy, and cancel it as soon as it has told of its first pages."""
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    def tell(_done: int, _total: int) -> None:
        loop.call_soon_threadsafe(begun.set)

    copying = asyncio.ensure_future(work(tell))
    await begun.wait()
    copying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await copying


async def test_a_cancelled_backup_leaves_no_file(tmp_path: Path) -> None:
    path, file = tmp_path / "store.db", tmp_path / "backup.db"
    await fill(path)
    before = names(tmp_path)
    await cancelled(lambda tell: backup(url_of(path), file, progress=tell))
    assert names(tmp_path) == before


async def test_a_cancelled_restore_changes_nothing(tmp_path: Path) -> None:
    path, file = tmp_path / "store.db", tmp_path / "backup.db"
    await fill(path)
    await backup(url_of(path), file)
    async with SQLAlchemyStore(url_of(path)) as store:
        await store.delete_thread("t")
        await store.create_thread("t", "ada", "agent")
    with closing(sqlite3.connect(path)) as connection:
        mode = connection.execute("PRAGMA journal_mode").fetchone()
    await cancelled(lambda tell: restore(file, url_of(path), overwrite=True, progress=tell))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == mode == ("wal",)
    assert await contents(path) == []


async def test_a_cancelled_restore_of_a_new_database_leaves_no_file(tmp_path: Path) -> None:
    path, file = tmp_path / "store.db", tmp_path / "backup.db"
    await fill(path)
    await backup(url_of(path), file)
    before = names(tmp_path)
    await cancelled(lambda tell: restore(file, url_of(tmp_path / "new.db"), progress=tell))
    assert names(tmp_path) == before


async def test_the_commands_back_up_and_restore(tmp_path: Path) -> None:
    path, file = tmp_path / "store.db", tmp_path / "backup.db"
    await fill(path, messages=3)
    backed_up = run("backup", str(file), "--url", url_of(path))
    assert backed_up.returncode == 0, backed_up.stderr
    assert f"backed up into {file} ({file.stat().st_size:,} bytes)." in backed_up.stdout
    again = run("restore", str(file), "--url", url_of(path))
    assert again.returncode == 1
    assert again.stderr.splitlines()[-1].startswith("error: sqlite database")
    restored = run("restore", str(file), "--url", url_of(path), "--overwrite")
    assert restored.returncode == 0, restored.stderr
    assert f"restored from {file}" in restored.stdout
    assert await contents(path) == ["0", "1", "2"]


def run(command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-m", "agentomatic_sql", "db", command, *arguments]
    return subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False)
