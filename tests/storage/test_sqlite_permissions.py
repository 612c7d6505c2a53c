"""SQLite files that cannot be written, and engines of the caller's that lack what a store sets."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import DatabaseError, SQLAlchemyStore
from tests.support.databases import chosen

pytestmark = pytest.mark.skipif(not chosen(("sqlite",)), reason="sqlite is not chosen")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users can enter, unlike pytest's own."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


@pytest.fixture(params=["wal", "delete"])
def path(folder: Path, migrated_file: Path, request: pytest.FixtureRequest) -> Path:
    """A file with the schema, in this journal mode."""
    path = Path(shutil.copy(migrated_file, folder / "store.db"))
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA journal_mode = {request.param}")
    connection.close()
    return path


async def test_a_file_that_is_opened_to_be_read_can_be_read(path: Path) -> None:
    async with SQLAlchemyStore(f"sqlite:///{path}") as store:
        await store.create_thread("t", "ada", "support")
    async with SQLAlchemyStore(f"sqlite:///file:{path}?mode=ro&uri=true", migrate="check") as store:
        assert (await store.get_thread("t") or {})["user_id"] == "ada"
        assert (await store.health_check())["status"] == "healthy"
        with pytest.raises(DatabaseError, match=f"this user cannot write to {path}"):
            await store.add_message("t", "user", "hello")


_PROGRAM = """
import asyncio, os, sys
import aiosqlite
from agentomatic_sql import SQLAlchemyStore, StoreError

if os.getuid() == 0:
    os.setuid(65534)

async def main():
    try:
        async with SQLAlchemyStore(sys.argv[1], migrate="check") as store:
            print(await store.get_messages("t"))
    except StoreError as error:
        print(type(error).__name__, error)

asyncio.run(main())
"""


def as_another_user(url: str) -> str:
    """Read from a store as a user whom permissions bind."""
    done = subprocess.run([sys.executable, "-c", _PROGRAM, url], capture_output=True, text=True, check=False)
    return done.stdout or done.stderr


def test_a_read_only_file_can_be_read(path: Path) -> None:
    path.chmod(0o444)
    path.parent.chmod(0o777)
    assert as_another_user(f"sqlite:///{path}") == "[]\n"


def test_the_command_reads_a_file_that_it_cannot_write(path: Path) -> None:
    url = f"sqlite:///file:{path}?mode=ro&uri=true"
    command = [sys.executable, "-m", "agentomatic_sql", "db", "current", "--url", url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "0002" in done.stdout


def test_a_folder_that_cannot_be_written_is_named(path: Path) -> None:
    path.parent.chmod(0o555)
    with sqlite3.connect(path) as connection:
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    connection.close()
    found = as_another_user(f"sqlite:///{path}")
    if mode == "delete":  # then reading needs no other file
        assert found == "[]\n"
        return
    assert found.startswith("StoreUnavailable")
    assert f"this user cannot write to the folder {path.parent}" in found
    read = f"sqlite:///file:{path}?immutable=1&uri=true"
    assert read in found
    assert as_another_user(read) == "[]\n"


def test_a_folder_in_which_no_file_can_be_made_is_named(folder: Path) -> None:
    folder.chmod(0o555)
    for path, named in ((folder / "new.db", folder), (folder / "deeper" / "new.db", folder / "deeper")):
        found = as_another_user(f"sqlite:///{path}")
        assert found.startswith("StoreUnavailable")
        assert str(named) in found
        assert not path.exists()


async def test_an_engine_without_what_a_store_sets_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log and in the health report; foreign keys and WAL can be switched on in the engine's connections."""
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/store.db")
    with caplog.at_level(logging.WARNING, "agentomatic_sql"):
        async with SQLAlchemyStore(engine=engine) as store:
            warnings = (await store.health_check())["warnings"]
    assert [text.partition(":")[2].partition("PRAGMA ")[2] for text in warnings] == [
        "journal_mode = WAL",
        "foreign_keys = ON",
    ]
    assert len(caplog.messages) == 2
    await engine.dispose()

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        for setting in warnings:
            connection.execute("PRAGMA " + setting.partition("PRAGMA ")[2])

    async with SQLAlchemyStore(engine=engine) as store:
        assert (await store.health_check())["warnings"] == []
    await engine.dispose()


@pytest.mark.parametrize("query", ["mode=ro", "immutable=1", "immutable=on"])
@pytest.mark.parametrize("whose", ["the store's engine", "the caller's engine"])
async def test_a_connection_that_cannot_write_is_not_told_to_set_a_journal_mode(
    path: Path, query: str, whose: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"sqlite+aiosqlite:///file:{path}?{query}&uri=true"
    engine = create_async_engine(url) if whose == "the caller's engine" else None
    with caplog.at_level(logging.WARNING, "agentomatic_sql"):
        async with SQLAlchemyStore(url, engine=engine, migrate="check") as store:
            report = await store.health_check()
    assert report["status"] == "healthy"
    assert not any("journal_mode" in text for text in (*report["warnings"], *caplog.messages))
    await store.engine.dispose()


async def test_a_store_of_its_own_engine_has_nothing_to_warn_of(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/store.db", "sqlite://"):
        async with SQLAlchemyStore(url) as store:
            assert (await store.health_check())["warnings"] == []


async def test_a_copy_made_by_sqlite_holds_all_that_was_acknowledged(path: Path) -> None:
    """A copy of the file alone lacks what is still in the file beside it."""
    async with SQLAlchemyStore(f"sqlite:///{path}") as store:
        await store.create_thread("t", "ada", "support")
        await store.add_message("t", "user", "hello")
        copy = path.with_name("copy.db")
        with sqlite3.connect(path) as connection:
            connection.execute(f"VACUUM INTO '{copy}'")
        connection.close()
    async with SQLAlchemyStore(f"sqlite:///{copy}", migrate="check") as store:
        assert [message["content"] for message in await store.get_messages("t")] == ["hello"]
