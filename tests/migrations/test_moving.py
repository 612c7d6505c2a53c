"""Databases of the unreleased schema move to today's: `scripts/move_unreleased_schema.py`, on dumps of each kind."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from types import ModuleType
from typing import Any

import pytest
from langgraph.types import Command
from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine

from agentomatic_sql import SQLAlchemyStore, migrations
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import forked
from tests.support.catalog import catalog
from tests.support.databases import chosen, database_on
from tests.support.scripts import run_script

ROOT = Path(__file__).parents[2]
DUMPS = ROOT / "tests" / "assets" / "unreleased_0010"
SCRIPT = "import runpy; runpy.run_path('scripts/move_unreleased_schema.py', run_name='__main__')"
PLAIN = chosen(("sqlite", "postgresql", "mysql", "mariadb"))
ENCRYPTED = [f"{name}-encrypted" for name in chosen(("sqlite", "postgresql"))]
KILLED = """
import os, signal
from sqlalchemy import event
from sqlalchemy.engine import Engine

@event.listens_for(Engine, "before_cursor_execute")
def die(_connection, _cursor, statement, *_rest):
    if statement.lstrip().startswith("{beginning}"):
        os.kill(os.getpid(), signal.SIGKILL)

"""


def load_content() -> ModuleType:
    """Load the program that made the dumps; it knows their content."""
    spec = importlib.util.spec_from_file_location("unreleased_content", DUMPS / "content.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # LangGraph looks there for the types of the graph's state
    spec.loader.exec_module(module)
    return module


content: Any = load_content()


@pytest.fixture
def dump(request: pytest.FixtureRequest) -> str:
    """The name of a dump."""
    name: str = request.param
    return name


@pytest.fixture
def url(dump: str, tmp_path: Path) -> Iterator[str]:
    """A database with what was dumped."""
    script = (DUMPS / f"{dump}.sql").read_text()
    name = dump.removesuffix("-encrypted")
    if name == "sqlite":
        made = f"sqlite+aiosqlite:///{tmp_path}/old.db"
        asyncio.run(run_script(made, script))
        yield made
        return
    with database_on(name) as made:
        asyncio.run(run_script(made, script))
        yield made


def move(url: str, *arguments: str, keys: str | None = None, before: str = "") -> CompletedProcess[str]:
    """Run the script in a process of its own."""
    environment = {} if keys is None else {"AGENTOMATIC_SQL_KEYS": keys}
    return forked.run(before + SCRIPT, "--url", url, "--yes", *arguments, environment=environment)


def keys_of(dump: str) -> str | None:
    return content.KEYS if dump.endswith("-encrypted") else None


async def moved(url: str, dump: str, *arguments: str) -> str:
    """Run the script; what it says."""
    done = await asyncio.to_thread(move, url, *arguments, keys=keys_of(dump))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def old_rows(engine: AsyncEngine) -> dict[str, list[Any]]:
    """Everything in the tables with plain names."""
    metadata = MetaData()
    async with engine.connect() as connection:
        await connection.run_sync(metadata.reflect)
        plain = [table for name, table in metadata.tables.items() if not name.startswith("agentomatic_")]
        return {table.name: sorted(map(repr, await connection.execute(table.select()))) for table in plain}


async def answers(store: SQLAlchemyStore) -> Any:
    return json.loads(json.dumps(await content.read(store), default=repr))


@pytest.mark.parametrize("dump", [*PLAIN, *ENCRYPTED], indirect=True)
async def test_everything_moves(dump: str, url: str) -> None:
    expected = json.loads((DUMPS / f"{dump}.json").read_text())
    engine = SQLAlchemyStore(url).engine
    before = await old_rows(engine)
    said = await moved(url, dump)
    assert await old_rows(engine) == before
    async with content.reader(url, encrypted=dump.endswith("-encrypted"), migrate="check") as store:
        found = await answers(store)
        assert found.keys() == expected.keys()
        for name in expected:
            assert found[name] == expected[name], name
        await migrations.check(store.engine)
        again = await asyncio.to_thread(move, url, keys=keys_of(dump))
        assert again.returncode == 1
        assert "has rows already" in again.stderr
        for statement in re.findall(r"^DROP .*;$", said, re.MULTILINE):
            async with engine.begin() as connection:
                await connection.execute(text(statement))
        assert (await old_rows(engine)).keys() <= {"sqlite_sequence"}
        assert await answers(store) == found
    await engine.dispose()


@pytest.mark.parametrize("dump", [*PLAIN, *ENCRYPTED], indirect=True)
async def test_work_goes_on_after_the_move(dump: str, url: str) -> None:
    encrypted = dump.endswith("-encrypted")
    name = "bob" if encrypted else "ada"
    await moved(url, dump)
    async with content.reader(url, encrypted=encrypted) as store:
        threads = [thread["id"] for thread in await store.list_threads(limit=1000)]
        newest = max([one["id"] for id_ in threads for one in await store.get_messages(id_)])
        (first, *_rest) = await store.get_messages(f"{name}-main")
        repeated = await store.add_message(
            f"{name}-main", "user", content.ODD, metadata=content.METADATA, idempotency_key="first"
        )
        assert repeated == first
        assert (await store.add_message(f"{name}-main", "user", "new"))["id"] > newest + 1  # that one was deleted
        rated = max(one["id"] for one in await store.get_feedback(limit=1000))
        assert (await store.add_feedback(f"{name}-main", name, "agent"))["id"] > rated + 1
        claimed = await store.claim_suspended_state(f"{name}-waits")
        assert (claimed or {})["state_snapshot"] == content.METADATA
        await store.save_checkpoint(f"{name}-main", "", "c-3", "c-2", {}, {})
        assert [one["checkpoint_id"] for one in await store.list_checkpoints(f"{name}-main", "")] == [
            "c-3",
            "c-2",
            "c-1",
        ]
        graph = content.agent(SQLAlchemySaver(store))
        state = await graph.ainvoke(Command(resume="yes"), content.place(f"{name}-waits"))
        assert state["log"][-2:] == ["the human said: yes", "done"]
        assert await store.delete_thread(f"{name}-run") is True
        assert (await graph.aget_state(content.place(f"{name}-forked-run"))).values["log"][-1] == "done"


@pytest.mark.parametrize("dump", ENCRYPTED, indirect=True)
@pytest.mark.parametrize("keys", [None, content.KEYS.split()[0], content.KEYS.replace("one:MD", "one:DM")])
async def test_without_its_keys_an_encrypted_database_is_refused(dump: str, url: str, keys: str | None) -> None:
    engine = SQLAlchemyStore(url).engine
    before = await catalog(engine), await old_rows(engine)
    done = await asyncio.to_thread(move, url, keys=keys)
    assert done.returncode == 1
    assert re.search(r"(?m)^error: .*key 'one'", done.stderr)
    assert (await catalog(engine), await old_rows(engine)) == before
    await engine.dispose()


@pytest.mark.parametrize("dump", PLAIN, indirect=True)
async def test_a_move_that_is_killed_can_be_run_again(dump: str, url: str) -> None:
    for beginning in ("CREATE TABLE agentomatic_feedback", "INSERT INTO agentomatic_graph_writes"):
        before = KILLED.replace("{beginning}", beginning)
        done = await asyncio.to_thread(move, url, before=before)
        assert done.returncode == -signal.SIGKILL, beginning
    await moved(url, dump)
    async with content.reader(url, encrypted=False) as store:
        assert await answers(store) == json.loads((DUMPS / f"{dump}.json").read_text())


@pytest.mark.parametrize("dump", chosen(("sqlite",)), indirect=True)
@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("UPDATE agentomatic_sql_version SET version_num = '0011'", "at revision 0011, not 0010"),
        ("DROP TABLE agentomatic_sql_version", "not revision 0010: there is no agentomatic_sql_version"),
        ("ALTER TABLE suspended_states DROP COLUMN token", "not revision 0010: suspended_states has no column token"),
        (
            "CREATE VIEW agentomatic_threads AS SELECT 1 AS id",
            "names of the new schema are taken: view agentomatic_threads;",
        ),
    ],
)
async def test_anything_else_is_refused(dump: str, url: str, statement: str, refusal: str) -> None:
    await run_script(url, statement)
    engine = SQLAlchemyStore(url).engine
    before = await catalog(engine)
    done = await asyncio.to_thread(move, url)
    assert done.returncode == 1
    assert refusal in done.stderr
    assert await catalog(engine) == before
    await engine.dispose()


@pytest.mark.parametrize("dump", chosen(("postgresql",)), indirect=True)
async def test_a_schema_of_its_own_moves(dump: str, url: str) -> None:
    await run_script(url, 'ALTER SCHEMA public RENAME TO "old chats"; CREATE SCHEMA public')
    said = await moved(url, dump, "--schema", "old chats")
    assert '"old chats".messages' in said
    async with content.reader(url, encrypted=False, schema="old chats") as store:
        assert await answers(store) == json.loads((DUMPS / f"{dump}.json").read_text())
    async with SQLAlchemyStore(url) as store:
        assert (await store.get_stats())["threads"] == 0
