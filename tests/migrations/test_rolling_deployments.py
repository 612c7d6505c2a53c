"""A release goes on with the schema of a newer one, if the newest revision's name allows it.

The package itself is the older release; with one more revision it is the newer one.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from agentomatic_sql import SchemaAhead, SQLAlchemyStore, migrations
from agentomatic_sql.cli import app
from agentomatic_sql.migrations import revisions
from tests.support import next_revision

HEAD = revisions()[-1]
COMMANDS = ("upgrade", f"upgrade {HEAD}", "current", "check", "downgrade base --yes")


async def use(store: SQLAlchemyStore, thread_id: str) -> None:
    await store.create_thread(thread_id, "ada", "helper")
    await store.add_messages(thread_id, [{"role": "user", "content": "one"}, {"role": "user", "content": "two"}])
    await store.fork_thread(thread_id, 0, f"{thread_id}-fork")
    assert [message["content"] for message in await store.get_messages(thread_id)] == ["one", "two"]
    assert await store.delete_thread(thread_id)


async def test_an_open_store_works_on_after_the_next_release_has_upgraded(
    new_database_url: str, tmp_path: Path
) -> None:
    async with SQLAlchemyStore(new_database_url) as store:
        await use(store, "before")
        name = await next_revision.upgrade(new_database_url, tmp_path, usable_from=HEAD)
        await use(store, "after")
        report = await store.health_check()
    assert report["status"] == "healthy"
    assert report["schema"] == {"revision": name, "head": HEAD, "state": "newer"}


@pytest.mark.parametrize("migrate", ["check", "upgrade"])
async def test_an_older_release_starts_on_the_newer_schema_and_says_so(
    new_database_url: str, tmp_path: Path, migrate: Any, caplog: pytest.LogCaptureFixture
) -> None:
    name = await next_revision.upgrade(new_database_url, tmp_path, usable_from=HEAD)
    with caplog.at_level(logging.WARNING, "agentomatic_sql"):
        async with SQLAlchemyStore(new_database_url, migrate=migrate) as store:
            await use(store, "t")
    (record,) = caplog.records
    assert f"a newer release upgraded the schema to {name}; this one knows {HEAD}" in record.getMessage()


@pytest.mark.parametrize("usable_from", [None, "0003"], ids=["no mark", "a later one"])
async def test_a_marked_break_refuses_older_releases(
    new_database_url: str, tmp_path: Path, usable_from: str | None
) -> None:
    await next_revision.upgrade(new_database_url, tmp_path, usable_from=usable_from)
    store = SQLAlchemyStore(new_database_url)
    with pytest.raises(SchemaAhead):
        await store.initialize()
    assert (await store.health_check())["status"] == "unhealthy"
    await store.close()


@pytest.mark.parametrize(
    "name", [f"_from_{HEAD}", f"next_from_{HEAD}", f"00003_from_{HEAD}", f"{HEAD}_from_{HEAD}", f"0000_from_{HEAD}"]
)
async def test_a_mark_without_the_number_of_a_later_revision_is_refused(new_database_url: str, name: str) -> None:
    async with SQLAlchemyStore(new_database_url) as store, store.engine.begin() as connection:
        await connection.execute(text(f"UPDATE {migrations.VERSION_TABLE} SET version_num = :name"), {"name": name})
    with pytest.raises(SchemaAhead, match=name):
        await store.initialize()
    await store.close()


async def test_an_older_release_has_nothing_to_upgrade_and_changes_nothing(
    new_database_url: str, tmp_path: Path
) -> None:
    name = await next_revision.upgrade(new_database_url, tmp_path, usable_from=HEAD)

    def command(*arguments: str) -> str:
        done = CliRunner(env={"COLUMNS": "200"}).invoke(app.app, ["db", *arguments, "--url", new_database_url])
        return f"{done.exit_code} {done.output}"

    def run_all() -> list[str]:
        return [command(*words.split()) for words in COMMANDS]

    upgraded, pinned, current, checked, downgraded = await asyncio.to_thread(run_all)
    for done in upgraded, pinned:
        assert done.startswith("0 ")
        assert f"already at {name}; nothing to do" in done
    assert f"at revision {name}, the newest is {HEAD}: newer, of a release that lets this one use it" in current
    assert checked.startswith("0 ")
    assert "The tables were not compared" in checked
    assert downgraded.startswith("1 ")
    assert f"at revision {name}, which this package" in downgraded
    with next_revision.shipped(tmp_path / "again", usable_from=HEAD):
        store = SQLAlchemyStore(new_database_url)
        async with store.engine.connect() as connection:
            found = await migrations.find(connection)
        assert (found.state, found.revision) == ("current", name)
        await store.close()
