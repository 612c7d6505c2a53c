"""Left-overs of an interrupted revision are told from somebody else's objects, where DDL is not rolled back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

from agentomatic_sql import (
    DatabaseError,
    ForeignSchema,
    MigrationInterrupted,
    SQLAlchemyStore,
    UnreleasedSchema,
    migrations,
)
from agentomatic_sql.migrating import notes
from agentomatic_sql.migrating.notes import STARTED_TABLE
from agentomatic_sql.migrating.revisions import Step
from tests.support import next_revision
from tests.support.catalog import catalog
from tests.support.databases import chosen

NOTES = "agentomatic_notes"
ON = pytest.mark.parametrize("new_server_url", chosen(("mysql", "mariadb", "cockroachdb")), indirect=True)


class Stopped(Exception):
    """The connection is lost before a statement."""


@pytest.fixture
async def engine(new_server_url: str) -> AsyncIterator[AsyncEngine]:
    store = SQLAlchemyStore(new_server_url)
    await migrations.upgrade(store.engine)
    yield store.engine
    await store.engine.dispose()


@pytest.fixture
def revision(tmp_path: Path, engine: AsyncEngine) -> Iterator[str]:
    with next_revision.shipped(tmp_path) as name:
        yield name


async def run(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def stop_before(engine: AsyncEngine, beginning: str) -> None:
    """Upgrade until a statement that begins so."""

    def before(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if " ".join(statement.split()).startswith(beginning):
            raise Stopped

    event.listen(engine.sync_engine, "before_cursor_execute", before)
    try:
        with pytest.raises(Stopped):
            await migrations.upgrade(engine)
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", before)


async def state(engine: AsyncEngine) -> str:
    async with engine.connect() as connection:
        return (await migrations.find(connection)).state


BEGINNINGS = (
    f"CREATE TABLE {NOTES}",
    f"CREATE INDEX ix_{NOTES}",
    f"ALTER TABLE {NOTES} ADD COLUMN mood",
    "ALTER TABLE agentomatic_threads ADD COLUMN mood",
    "CREATE INDEX ix_agentomatic_threads_created_at",
    f"UPDATE {migrations.VERSION_TABLE}",
)


@ON
@pytest.mark.parametrize("beginning", BEGINNINGS)
async def test_a_part_of_a_revision_is_no_stranger(engine: AsyncEngine, revision: str, beginning: str) -> None:
    await stop_before(engine, beginning)
    assert await state(engine) == "behind"
    await migrations.upgrade(engine)
    whole = await catalog(engine)
    await migrations.downgrade(engine, "-1")
    await migrations.upgrade(engine)
    assert await catalog(engine) == whole


@ON
@pytest.mark.parametrize("beginning", BEGINNINGS[1:4])
async def test_another_process_in_the_middle_of_a_revision_is_no_stranger(
    engine: AsyncEngine, revision: str, new_server_url: str, beginning: str
) -> None:
    other = SQLAlchemyStore(new_server_url).engine
    stopped_before = looks = 0

    def upgrade_meanwhile(*_statement: Any) -> None:
        nonlocal looks
        looks += 1
        if looks == stopped_before:
            await_only(stop_before(other, beginning))

    async with engine.connect() as connection:  # AUTOCOMMIT, as a store looks
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        event.listen(engine.sync_engine, "before_cursor_execute", upgrade_meanwhile)
        while looks >= stopped_before:
            stopped_before, looks = stopped_before + 1, 0
            assert (await migrations.find(connection)).state == "behind", f"before look {stopped_before}"
            await migrations.upgrade(other)
            await migrations.downgrade(other, "-1")
    assert stopped_before > 3
    await other.dispose()


@ON
async def test_a_table_that_another_process_is_just_creating_is_no_stranger(
    engine: AsyncEngine, revision: str, new_server_url: str
) -> None:
    """MariaDB lists such a table for a moment before it has columns."""
    await stop_before(engine, BEGINNINGS[0])
    other = SQLAlchemyStore(new_server_url).engine
    create = f"CREATE TABLE {NOTES} (id BIGINT, thread_id VARCHAR(255), text VARCHAR(255), PRIMARY KEY (id))"

    async def create_and_drop() -> None:
        for _ in range(50):
            await run(other, create, f"DROP TABLE {NOTES}")

    making = asyncio.create_task(create_and_drop())
    states = set()
    while not making.done():
        states.add(await state(engine))
    await making
    await other.dispose()
    assert states == {"behind"}


@ON
async def test_a_table_made_after_an_interruption_is_a_stranger(engine: AsyncEngine, revision: str) -> None:
    await stop_before(engine, BEGINNINGS[0])
    await run(engine, f"CREATE TABLE {NOTES} (id INTEGER)", f"INSERT INTO {NOTES} VALUES (1)")
    with pytest.raises(ForeignSchema) as refused:
        await migrations.upgrade(engine)
    assert refused.value.objects == {NOTES: "table"}
    await run(engine, f"DROP TABLE {NOTES}")
    await migrations.upgrade(engine)
    assert await state(engine) == "current"


@ON
async def test_a_table_made_after_the_look_is_not_adopted(
    engine: AsyncEngine, revision: str, new_server_url: str
) -> None:
    other = SQLAlchemyStore(new_server_url).engine

    def before(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if NOTES in statement and statement.lstrip().startswith("CREATE TABLE"):
            await_only(run(other, f"CREATE TABLE {NOTES} (id INTEGER)"))

    event.listen(engine.sync_engine, "before_cursor_execute", before)
    store = SQLAlchemyStore(new_server_url, engine=engine)
    with pytest.raises(DatabaseError, match="already exists"):
        await store.initialize()
    event.remove(engine.sync_engine, "before_cursor_execute", before)
    with pytest.raises(ForeignSchema) as refused:
        await store.initialize()
    assert refused.value.objects == {NOTES: "table"}
    await migrations.downgrade(engine, "base")
    async with other.connect() as connection:
        assert (await connection.execute(text(f"SELECT count(*) FROM {NOTES}"))).scalar_one() == 0
    await other.dispose()


@ON
async def test_the_note_of_an_older_run_excuses_no_stranger(engine: AsyncEngine, revision: str) -> None:
    await migrations.upgrade(engine)
    await migrations.downgrade(engine, "-1")
    columns = "id BIGINT NOT NULL PRIMARY KEY, thread_id VARCHAR(255) NOT NULL, text VARCHAR(9) NOT NULL"
    await run(engine, f"CREATE TABLE {NOTES} ({columns})")  # as the revision names them
    assert await state(engine) == "foreign"
    await run(engine, f"DROP TABLE {NOTES}")
    await migrations.upgrade(engine)


@ON
async def test_the_note_is_dropped_with_the_schema(engine: AsyncEngine) -> None:
    assert STARTED_TABLE in {row[0] for row in await catalog(engine)} | {row[1] for row in await catalog(engine)}
    await migrations.downgrade(engine, "base")
    assert not {row for row in await catalog(engine) if STARTED_TABLE in row}


@pytest.mark.parametrize("new_server_url", chosen(("mysql", "mariadb")), indirect=True)
async def test_a_downgrade_that_has_not_ended_is_said_and_can_be_run_again(new_server_url: str) -> None:
    async with SQLAlchemyStore(new_server_url) as store:
        await store.create_thread("t", "ada", "agent")
        head = migrations.revisions()[-1]

        def begin(connection: Connection) -> None:
            notes.note(connection, None, Step(head, is_upgrade=False))

        async with store.engine.begin() as connection:
            await connection.run_sync(begin)
    for migrate in ("upgrade", "check"):
        refused = SQLAlchemyStore(new_server_url, migrate=migrate)
        with pytest.raises(MigrationInterrupted, match=f"a downgrade of revision {head} has not ended"):
            await refused.initialize()
        await refused.close()
    engine = SQLAlchemyStore(new_server_url).engine
    with pytest.raises(MigrationInterrupted):
        await migrations.upgrade(engine)
    await migrations.downgrade(engine, "base")
    await migrations.upgrade(engine)
    await engine.dispose()
    async with SQLAlchemyStore(new_server_url) as store:
        assert await store.get_thread("t") is None


async def test_a_schema_of_before_the_first_release_is_recognised(new_database_url: str) -> None:
    store = SQLAlchemyStore(new_database_url)
    async with store.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE threads (id INTEGER)"))
        await connection.execute(text(f"CREATE TABLE {migrations.VERSION_TABLE} (version_num VARCHAR(32) NOT NULL)"))
        await connection.execute(text(f"INSERT INTO {migrations.VERSION_TABLE} VALUES ('0010')"))
    with pytest.raises(UnreleasedSchema, match=r"before the first release \(revision 0010\): scripts/move_unreleased"):
        await store.initialize()
    await store.close()
