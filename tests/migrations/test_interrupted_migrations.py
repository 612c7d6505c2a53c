"""A migration that is killed before any of its statements can be run again, up and down, on every database."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from agentomatic_sql import SQLAlchemyStore, dialects, migrations
from agentomatic_sql.migrating import contents, revisions
from tests.support import forked, next_revision
from tests.support.catalog import catalog, revision

CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from sqlalchemy import event
from agentomatic_sql import SQLAlchemyStore, migrations
from agentomatic_sql.migrating import revisions

url, direction, die_before, scripts = sys.argv[1:]
revisions.folder = lambda: Path(scripts)
store = SQLAlchemyStore(url)
count = 0

def before(_connection, _cursor, statement, _parameters, _context, _many):
    global count
    if statement.lstrip().split()[0] in ("CREATE", "DROP", "ALTER", "INSERT", "UPDATE", "DELETE"):
        count += 1
        if count == int(die_before):
            os.kill(os.getpid(), signal.SIGKILL)

event.listen(store.engine.sync_engine, "before_cursor_execute", before)

async def main():
    if direction == "up":
        await migrations.upgrade(store.engine)
    else:
        await migrations.downgrade(store.engine, "base")
    await store.close()

asyncio.run(main())
"""


@pytest.fixture
def head(tmp_path: Path) -> Iterator[str]:
    """A revision that adds to tables which exist, after those that are shipped."""
    with next_revision.shipped(tmp_path) as name:
        yield name


async def killed_everywhere(engine: AsyncEngine, url: str, direction: str) -> int:
    """Run a migration to its end in processes that are killed: one before each of its statements.

    A process begins where the one before was killed. So where DDL stays, each executes one statement more.

    Returns:
        How many were killed.
    """
    dialect = dialects.named(engine.dialect.name)
    assert dialect is not None
    die_before, kills = 1, 0
    was, at = await catalog(engine), await revision(engine)
    while True:
        arguments = (url, direction, str(die_before), str(revisions.folder()))
        done = await asyncio.to_thread(forked.run, CHILD, *arguments)
        if done.returncode == 0:
            return kills
        assert done.returncode == -signal.SIGKILL, done.stderr
        kills += 1
        before, at_before = was, at
        was, at = await catalog(engine), await revision(engine)
        if at != at_before:
            die_before = 1  # in the next revision
        elif was == before:
            die_before += 1
        else:
            assert not dialect.transactional_ddl, "a part of a revision was left"


async def test_a_migration_killed_before_any_statement_can_be_run_again(new_database_url: str, head: str) -> None:
    async with SQLAlchemyStore(new_database_url) as store:
        made = contents.created(store.engine.dialect.name, revisions.pending(None))
        whole = await catalog(store.engine)
        await migrations.downgrade(store.engine, "base")
        empty = await catalog(store.engine)
        kills = await killed_everywhere(store.engine, new_database_url, "up")
        assert kills > len([item for item in made if item.kind in ("table", "index")])
        assert await catalog(store.engine) == whole
        await store.create_thread("t", "ada", "agent")
        kills = await killed_everywhere(store.engine, new_database_url, "down")
        assert kills > len([item for item in made if item.kind == "table"])
        assert await catalog(store.engine) == empty
        await migrations.upgrade(store.engine)
        assert await catalog(store.engine) == whole
