"""A SQLite file that is moved, replaced or truncated under an open store is noticed at the next call."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import InvalidURL, SQLAlchemyStore, StoreUnavailable
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.conftest import copied_to
from tests.support.checkpoints import config, put
from tests.support.databases import chosen

pytestmark = pytest.mark.skipif(not chosen(("sqlite",)), reason="sqlite is not chosen")

Harm = Callable[[Path], object]


@pytest.fixture
def path(tmp_path: Path, migrated_file: Path) -> Path:
    """A file with the schema, at a place of its own."""
    copied_to(tmp_path, migrated_file)
    return tmp_path / "store.db"


async def in_use(store: SQLAlchemyStore, path: Path) -> None:
    """Use a store until its file holds more than the schema."""
    await store.create_thread("t", "ada", "support")
    await store.add_messages("t", [{"role": "user", "content": "x" * 1000}] * 300)
    checkpoint(path)


def checkpoint(path: Path) -> None:
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


def size_of_folder(path: Path) -> int:
    return len(list(path.iterdir()))


def move(path: Path) -> None:
    path.rename(path.with_name("moved.db"))


def put_back(path: Path) -> None:
    path.with_name("moved.db").rename(path)


def delete(path: Path) -> None:
    path.unlink()


def replace(path: Path) -> None:
    """Do as a restored backup does: put another file under the name."""
    Path(shutil.copy(path, path.with_name("backup.db"))).replace(path)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 4096 // 2 * 4096)


def overwrite(path: Path) -> None:
    """Write an older and smaller backup over the file, as `cp` does."""
    shutil.copyfile(path.with_name("older.db"), path)


HARMS: dict[str, tuple[Harm, str]] = {
    "moved": (move, "was moved or deleted while it was open"),
    "deleted": (delete, "was moved or deleted while it was open"),
    "replaced": (replace, "was replaced while it was open"),
    "emptied": (empty, "was truncated or written over while it was open"),
    "truncated": (truncate, "was truncated or written over while it was open"),
    "written over": (overwrite, "was truncated or written over while it was open"),
}


@pytest.mark.parametrize("whose", ["the store's engine", "the caller's engine"])
@pytest.mark.parametrize(("harm", "said"), HARMS.values(), ids=HARMS)
async def test_the_next_call_says_so(path: Path, harm: Harm, said: str, whose: str) -> None:
    url = f"sqlite+aiosqlite:///{path}"
    engine = create_async_engine(url) if whose == "the caller's engine" else None
    store = SQLAlchemyStore(url, engine=engine)
    saver = SQLAlchemySaver(store)
    shutil.copyfile(path, path.with_name("older.db"))
    await in_use(store, path)
    await put(saver, config(), {"a": 1})
    checkpoint(path)
    harm(path)
    calls: list[Callable[[], Awaitable[Any]]] = [
        lambda: store.add_message("t", "user", "lost"),
        lambda: store.get_messages("t"),
        lambda: store.for_user("ada").save_suspended_state("s", "t", "support", "node", {}),
        lambda: store.fork_thread("t", 1, "fork", checkpoints=True),
        lambda: saver.aget_tuple(config()),
        lambda: saver.aprune(["t"]),
    ]
    for call in calls:
        with pytest.raises(StoreUnavailable, match=said):
            await call()
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    assert "while it was open" in report["error"]
    if harm in (move, delete):
        assert size_of(path) == -1  # no call has made a new one
    await store.close()
    if engine is not None:
        await engine.dispose()


async def test_a_file_that_is_put_back_is_used_again(path: Path) -> None:
    async with SQLAlchemyStore(f"sqlite:///{path}") as store:
        await in_use(store, path)
        move(path)
        with pytest.raises(StoreUnavailable, match="put it back"):
            await store.add_message("t", "user", "lost")
        put_back(path)
        assert (await store.add_message("t", "user", "kept"))["index"] == 300
        assert (await store.health_check())["status"] == "healthy"


async def test_a_store_that_is_opened_again_takes_the_file_that_is_there(path: Path) -> None:
    store = SQLAlchemyStore(f"sqlite:///{path}")
    await in_use(store, path)
    replace(path)
    with pytest.raises(StoreUnavailable, match="close"):
        await store.get_messages("t")
    await store.close()
    await store.initialize()
    assert len(await store.get_messages("t", limit=1000)) == 300
    await store.close()


async def test_a_file_that_sqlite_itself_makes_smaller_is_fine(path: Path) -> None:
    async with SQLAlchemyStore(f"sqlite:///{path}") as store:
        await in_use(store, path)
        size = size_of(path)
        for _ in range(2):
            await store.delete_thread("t")
            with sqlite3.connect(path) as other:
                other.execute("VACUUM")
                other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            other.close()
            assert size_of(path) < size
            assert await store.get_messages("t") == []
            await in_use(store, path)


@pytest.mark.parametrize("whose", ["the store's engine", "the caller's engine"])
@pytest.mark.parametrize("name", ["store.db", "./x/../store.db", "file:store.db?uri=true"])
async def test_a_process_may_change_its_folder(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, whose: str
) -> None:
    url, elsewhere = f"sqlite+aiosqlite:///{name}", path.parent / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(path.parent)
    engine = create_async_engine(url) if whose == "the caller's engine" else None
    if engine is not None and name.startswith("file:"):
        with pytest.raises(InvalidURL, match=f"absolute path: file:{path}"):
            SQLAlchemyStore(engine=engine)
        return
    store = SQLAlchemyStore(url, engine=engine)
    monkeypatch.chdir(elsewhere)
    await store.create_thread("t", "ada", "support")
    async with store.engine.connect(), store.engine.connect() as second:  # one of them is new
        await second.execute(text("SELECT 1"))
        assert await store.get_thread("t") is not None
    async with store.engine.begin() as connection:
        await store.using(connection).add_message("t", "user", "joined")
    report = await store.health_check()
    assert (report["status"], report.get("error")) == ("healthy", None)
    assert str(path) in report["url"]
    move(path)
    with pytest.raises(StoreUnavailable, match="was moved"):
        await store.get_thread("t")
    assert [*elsewhere.iterdir()] == []
    await store.close()
    await store.engine.dispose()


async def test_a_relative_path_is_that_of_the_folder_in_which_the_store_was_made(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path.parent / "elsewhere").mkdir()
    monkeypatch.chdir(path.parent)
    stores = [SQLAlchemyStore(f"sqlite:///{name}") for name in ("new/one.db", "file:new/two.db?uri=true")]
    monkeypatch.chdir(path.parent / "elsewhere")
    for store in stores:
        assert (await store.health_check())["error"].endswith("does not exist: initialize() creates it")
        await store.initialize()
        await store.close()
    assert {one.name for one in (path.parent / "new").iterdir()} == {"one.db", "two.db"}


@pytest.mark.parametrize("name", ["file://{}", "file://localhost{}", "file:{}#part", "file:{}"])
async def test_the_file_of_any_uri_is_watched(path: Path, name: str) -> None:
    async with SQLAlchemyStore(f"sqlite:///{name.format(path)}?uri=true") as store:
        await in_use(store, path)
        assert (await store.health_check())["status"] == "healthy"
        move(path)
        with pytest.raises(StoreUnavailable, match="was moved"):
            await store.get_thread("t")
        put_back(path)


@pytest.mark.parametrize(
    "name",
    ["file::memory:?uri=true", "file::memory:?cache=shared&uri=true", "file:?uri=true", "file:/a?vfs=memdb&uri=true"],
)
async def test_a_uri_of_a_database_in_memory_makes_no_file(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with SQLAlchemyStore(f"sqlite:///{name}") as store:
        await store.create_thread("t", "ada", "support")
        assert (await store.health_check())["status"] == "healthy"
    assert not size_of_folder(tmp_path)


@pytest.mark.parametrize("is_uri", [False, True])
async def test_a_file_whose_name_is_not_utf_8_is_watched(tmp_path: Path, is_uri: bool) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/agents-\xff.db"))
    url = f"sqlite:///file:{tmp_path}/agents-%ff.db?uri=true" if is_uri else f"sqlite:///{path}"
    async with SQLAlchemyStore(url) as store:
        await in_use(store, path)
        assert (await store.health_check())["status"] == "healthy"
        move(path)
        with pytest.raises(StoreUnavailable, match="moved or deleted"):
            await store.get_thread("t")


@pytest.mark.parametrize(
    ("url", "says"),
    [("sqlite:////dev/null", "a device or a pipe"), ("sqlite:///file:a%00b.db?uri=true", "U\\+0000")],
)
def test_a_name_that_is_no_databases_is_refused(url: str, says: str) -> None:
    with pytest.raises(InvalidURL, match=says):
        SQLAlchemyStore(url)


async def test_nothing_is_mapped_into_memory_unless_it_is_asked_for(path: Path) -> None:
    for query, mapped in (("", 0), ("?mmap_size=0", 0), ("?mmap_size=1048576", 1 << 20)):
        async with SQLAlchemyStore(f"sqlite:///{path}{query}") as store, store.engine.connect() as connection:
            assert (await connection.execute(text("PRAGMA mmap_size"))).scalar_one() == mapped
    for wrong in ("-1", "1MB", "²"):
        with pytest.raises(InvalidURL, match=r"mmap_size=.*: it must be a number of bytes"):
            SQLAlchemyStore(f"sqlite:///{path}?mmap_size={wrong}")


_PROGRAM = """
import asyncio, os, sys
from agentomatic_sql import SQLAlchemyStore, StoreError

async def main(path):
    store = SQLAlchemyStore("sqlite:///" + path)
    for thread in ("t", "u"):
        await store.create_thread(thread, "ada", "support")
        await store.add_messages(thread, [{"role": "user", "content": "x" * 1000}] * 300)
    async with store.engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    await store.get_messages("t", limit=1000)
    os.truncate(path, 4096)
    for call in (store.get_messages("t", limit=1000), store.get_messages("u", limit=1000)):
        try:
            await call
        except StoreError as error:
            print(type(error).__name__)

asyncio.run(main(sys.argv[1]))
"""


async def test_a_truncated_file_does_not_kill_the_process(path: Path) -> None:
    program = [sys.executable, "-c", _PROGRAM, str(path)]
    done = await asyncio.to_thread(subprocess.run, program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "StoreUnavailable\n" * 2), done.stderr
