"""SQLite on a disk that is full, and on one that cannot be written to."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agentomatic_sql import DatabaseError, SQLAlchemyStore, StoreUnavailable
from tests.support.databases import chosen
from tests.support.journal import THREADS, Journal, compare

pytestmark = pytest.mark.skipif("sqlite" not in chosen(("sqlite",)), reason="SQLite is not chosen")

WRITERS = 12


def mount(*arguments: str) -> bool:
    """Return whether the system mounts that: root's right, and not in every container."""
    return subprocess.run(["mount", *arguments], capture_output=True).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    if os.name != "posix" or not mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)):
        pytest.skip("no disk of a test's own: this user cannot mount one")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """No file of this process becomes longer than this, in bytes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def fill(store: SQLAlchemyStore, journal: Journal, name: str) -> set[str | None]:
    """Write until each writer was refused; the codes."""
    codes: set[str | None] = set()

    async def writer(number: int) -> None:
        for call in range(10_000):
            content = f"{name}-{number}-{call}.0" + "x" * 500
            journal.calls += 1
            try:
                journal.stored([await store.add_message(THREADS[number % len(THREADS)], "user", content)])
            except DatabaseError as error:
                codes.add(error.code)
                journal.failed.add(content)
                return
        raise AssertionError("there is room for everything")

    await asyncio.gather(*map(writer, range(WRITERS)))
    return codes


async def test_a_full_disk_refuses_writes_loses_nothing_and_takes_more_when_there_is_room(small_disk: Path) -> None:
    journal = Journal()
    async with SQLAlchemyStore(f"sqlite:///{small_disk}/store.db") as store:
        for thread_id in THREADS:
            await store.create_thread(thread_id, "ada", "agent")
        assert await fill(store, journal, "first") == {"SQLITE_FULL"}
        await compare(store, journal, "full")  # it can be read
        assert (await store.health_check())["status"] == "healthy"
        assert mount("-o", "remount,size=8m", str(small_disk))
        assert await fill(store, journal, "then") == {"SQLITE_FULL"}
    async with SQLAlchemyStore(f"sqlite:///{small_disk}/store.db") as store:
        await compare(store, journal, "full, and opened again")
    assert len(journal.acknowledged) > 1000


async def test_a_file_that_may_not_grow_is_the_same(tmp_path: Path) -> None:
    journal = Journal()
    async with SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db") as store:
        for thread_id in THREADS:
            await store.create_thread(thread_id, "ada", "agent")
        with small_files(1 << 20):
            assert await fill(store, journal, "first") <= {"SQLITE_FULL", "SQLITE_IOERR"}
            await compare(store, journal, "full")
        journal.stored([await store.add_message("t0", "user", "after")])
    async with SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db") as store:
        await compare(store, journal, "full, and opened again")
    assert len(journal.acknowledged) > 100


async def test_a_file_on_a_disk_that_cannot_be_written_to_is_refused_or_read(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk}/store.db"
    async with SQLAlchemyStore(url) as store:
        await store.create_thread("t", "ada", "agent")
    assert mount("-o", "remount,ro", str(small_disk))
    store = SQLAlchemyStore(url)
    with pytest.raises(StoreUnavailable, match="unable to open database file"):  # its log would stand beside it
        await store.initialize()
    await store.close()
    # SQLite's own word for a file that nobody changes.
    async with SQLAlchemyStore(f"sqlite:///file:{small_disk}/store.db?immutable=1&uri=true", migrate="check") as store:
        assert await store.get_thread("t") is not None
        with pytest.raises(DatabaseError, match="readonly") as caught:
            await store.add_message("t", "user", "x")
        assert caught.value.code == "SQLITE_READONLY"
        assert await store.get_messages("t") == []
