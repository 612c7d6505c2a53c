"""A SQLite log (the -wal file) that is removed or emptied under an open store, and garbage in the file itself."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from agentomatic_sql import DatabaseError, SQLAlchemyStore, StoreError, StoreUnavailable
from tests.conftest import copied_to
from tests.support.databases import chosen

pytestmark = pytest.mark.skipif(not chosen(("sqlite",)), reason="sqlite is not chosen")

Harm = Callable[[Path], object]
PAGE = 4096


@pytest.fixture
def path(tmp_path: Path, migrated_file: Path) -> Path:
    """A file with the schema, at a place of its own."""
    copied_to(tmp_path, migrated_file)
    return tmp_path / "store.db"


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def checkpoint(path: Path) -> None:
    """Write all changes into the file and empty the log, as another process does."""
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0


def remove(path: Path) -> None:
    log_of(path).unlink()


def replace(path: Path) -> None:
    """Put another log under the name, as a restored backup of both files does."""
    other = path.with_name("other-wal")
    other.write_bytes(log_of(path).read_bytes())
    other.replace(log_of(path))


def empty(path: Path) -> None:
    os.truncate(log_of(path), 0)


def engine_with_log(path: Path) -> AsyncEngine:
    """An engine of the caller's, in WAL mode."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for setting in ("journal_mode = WAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {setting}")

    return engine


async def write(store: SQLAlchemyStore, number: int) -> None:
    for one in range(number):
        await store.add_message("t", "user", f"{one}")


async def contents(store: SQLAlchemyStore) -> list[str]:
    return [message["content"] for message in await store.get_messages("t", limit=1000)]


CALLS: list[Callable[[SQLAlchemyStore], Awaitable[Any]]] = [
    lambda store: store.add_message("t", "user", "lost"),
    lambda store: store.get_messages("t"),
    lambda store: store.fork_thread("t", 1, "fork", checkpoints=True),
    lambda store: store.update_thread("t", title="lost"),
]


async def every_call_says(store: SQLAlchemyStore, said: str) -> None:
    for call in CALLS * 2:
        with pytest.raises(StoreUnavailable, match=said):
            await call(store)
    report = await store.health_check()
    assert (report["status"], "while it was open" in report["error"]) == ("unhealthy", True)


@pytest.mark.parametrize("log_is", ["full", "empty"])
@pytest.mark.parametrize("whose", ["the store's engine", "the caller's engine"])
@pytest.mark.parametrize("harm", [remove, replace])
async def test_a_log_that_is_removed_or_replaced_is_noticed_and_nothing_is_lost(
    path: Path, harm: Harm, whose: str, log_is: str
) -> None:
    engine = engine_with_log(path) if whose == "the caller's engine" else None
    store = SQLAlchemyStore(f"sqlite:///{path}", engine=engine)
    await store.create_thread("t", "ada", "support")
    await write(store, 20)
    if log_is == "empty":
        checkpoint(path)
    harm(path)
    await every_call_says(store, f"its log {log_of(path)} was removed or replaced while it was open: close")
    await store.close()
    await store.engine.dispose()
    async with SQLAlchemyStore(f"sqlite:///{path}") as again:
        assert await contents(again) == [f"{one}" for one in range(20)]
        await write(again, 1)


async def test_a_log_that_is_emptied_is_noticed(path: Path) -> None:
    store = SQLAlchemyStore(f"sqlite:///{path}")
    await store.create_thread("t", "ada", "support")
    checkpoint(path)
    await write(store, 20)
    empty(path)
    await every_call_says(store, f"its log {log_of(path)} was emptied while it was open")
    await store.close()
    async with SQLAlchemyStore(f"sqlite:///{path}") as again:
        assert await contents(again) == []  # what was in the file
        await write(again, 1)


async def test_a_log_that_is_emptied_after_it_was_written_into_the_file_is_noticed(path: Path) -> None:
    """SQLite would write on behind the gap."""
    async with SQLAlchemyStore(f"sqlite:///{path}") as store:
        await store.create_thread("t", "ada", "support")
        await write(store, 20)
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA wal_checkpoint(PASSIVE)")
        empty(path)
        await every_call_says(store, "was emptied while it was open")
    async with SQLAlchemyStore(f"sqlite:///{path}") as again:
        assert len(await contents(again)) == 20


@pytest.mark.parametrize("whose", ["the store's engine", "the caller's engine"])
async def test_a_log_that_sqlite_itself_empties_or_deletes_is_fine(path: Path, whose: str) -> None:
    engine = engine_with_log(path) if whose == "the caller's engine" else None
    async with SQLAlchemyStore(f"sqlite:///{path}", engine=engine) as store:
        await store.create_thread("t", "ada", "support")
        for turn in range(1, 4):
            await write(store, 20)
            checkpoint(path)
            assert log_of(path).stat().st_size == 0
            assert len(await contents(store)) == turn * 20 + (turn - 1)
            await write(store, 1)
            async with store.engine.connect() as connection:
                await connection.invalidate()  # the last one that has it open
            assert not log_of(path).exists()
            assert len(await contents(store)) == turn * 21
            assert (await store.health_check())["status"] == "healthy"
    await store.engine.dispose()


async def test_a_file_without_a_log_has_none_to_miss(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    async with SQLAlchemyStore(engine=engine) as store:
        await store.create_thread("t", "ada", "support")
        await write(store, 5)
        assert not log_of(path).exists()
        assert len(await contents(store)) == 5
    await engine.dispose()


def over_all(path: Path) -> None:
    write_garbage(path, 0, path.stat().st_size)


def over_the_first_page(path: Path) -> None:
    write_garbage(path, 0, PAGE)


def over_all_but_the_first_page(path: Path) -> None:
    write_garbage(path, PAGE, path.stat().st_size)


def over_the_last_pages(path: Path) -> None:
    write_garbage(path, path.stat().st_size - 20 * PAGE, path.stat().st_size)


def write_garbage(path: Path, start: int, end: int) -> None:
    with path.open("r+b") as file:
        file.seek(start)
        file.write(b"\xa5" * (end - start))


GARBAGE = [over_all, over_the_first_page, over_all_but_the_first_page]


@pytest.mark.parametrize("harm", GARBAGE)
async def test_garbage_in_the_file_is_noticed_by_the_health_check_and_the_next_call(path: Path, harm: Harm) -> None:
    store = SQLAlchemyStore(f"sqlite:///{path}")
    await store.create_thread("t", "ada", "support")
    await write(store, 20)
    checkpoint(path)
    await contents(store)
    harm(path)
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    assert f"{path} was damaged, or is no SQLite database: close() the store and restore a backup" in report["error"]
    for call in CALLS:
        with pytest.raises(StoreError, match=f"{path} was damaged, .* restore a backup"):
            await call(store)
    await store.close()


@pytest.mark.parametrize("harm", GARBAGE)
async def test_a_store_that_is_opened_on_garbage_says_so(path: Path, harm: Harm) -> None:
    harm(path)
    store = SQLAlchemyStore(f"sqlite:///{path}")
    with pytest.raises(StoreError, match=f"{path} was damaged, .* restore a backup"):
        await store.get_thread("t")
    assert (await store.health_check())["status"] == "unhealthy"
    await store.close()


async def test_a_statement_that_meets_garbage_says_so(path: Path) -> None:
    """Deeper in the file than the health check looks."""
    async with SQLAlchemyStore(f"sqlite:///{path}") as store:
        await store.create_thread("t", "ada", "support")
        await store.add_messages("t", [{"role": "user", "content": "x" * 1000}] * 300)
    over_the_last_pages(path)
    async with SQLAlchemyStore(f"sqlite:///{path}") as store:
        with pytest.raises(DatabaseError, match=f"{path} was damaged, .* restore a backup") as met:
            await store.get_messages("t", limit=1000)
        assert met.value.code == "SQLITE_CORRUPT"
