"""An empty database gets its tables without Alembic, and they are the ones that Alembic makes."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agentomatic_sql import ForeignSchema, SQLAlchemyStore, migrations
from agentomatic_sql.migrating import contents
from tests.support import forked, next_revision
from tests.support.catalog import catalog, revision
from tests.support.databases import chosen, database_on

_POSTGRESQL = (
    """SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attcollation,
        pg_get_expr(adbin, adrelid)
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = CAST('public' AS regnamespace) AND relkind = 'r' AND attnum > 0""",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = CAST('public' AS regnamespace)",
    "SELECT tablename, policyname, qual FROM pg_policies WHERE schemaname = 'public'",
)


async def definitions(engine: AsyncEngine) -> set[tuple[object, ...]]:
    """The complete definition of every table."""
    found: set[tuple[object, ...]] = {*await catalog(engine)}
    async with engine.connect() as connection:
        if engine.dialect.name in ("postgresql", "cockroachdb"):
            for query in _POSTGRESQL:
                found |= {tuple(row) for row in await connection.execute(text(query))}
        elif engine.dialect.name in ("mysql", "mariadb"):
            for name in (await connection.execute(text("SHOW TABLES"))).scalars().all():
                found |= {tuple(row) for row in await connection.execute(text(f"SHOW CREATE TABLE {name}"))}
    return found


@pytest.fixture(params=chosen(("sqlite", "postgresql", "mysql", "mariadb")))
def two_urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The URLs of two empty databases of a kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/one.db", f"sqlite:///{tmp_path}/two.db"
        return
    with database_on(request.param) as one, database_on(request.param) as two:
        yield one, two


async def test_the_tables_are_those_of_alembic(two_urls: tuple[str, str]) -> None:
    one, two = (SQLAlchemyStore(url) for url in two_urls)
    await one.initialize()
    await migrations.upgrade(two.engine)
    assert await definitions(one.engine) == await definitions(two.engine)
    assert await revision(one.engine) == await revision(two.engine) == migrations.revisions()[-1]
    await migrations.check(one.engine)
    await migrations.downgrade(one.engine, "base")
    await one.close()
    await one.initialize()
    assert await definitions(one.engine) == await definitions(two.engine)
    await one.close()
    await two.close()


async def test_the_tables_in_a_schema_are_those_of_alembic(new_server_url: str) -> None:
    async with SQLAlchemyStore(new_server_url, schema="agents: one") as store:
        await store.create_thread("t", "ada", "support")
        await migrations.check(store.engine, schema="agents: one")
        await migrations.downgrade(store.engine, "0001", schema="agents: one")
        await migrations.upgrade(store.engine, schema="agents: one")
        assert await store.get_thread("t") is not None
        await migrations.downgrade(store.engine, "base", schema="agents: one")


async def test_a_revision_that_only_alembic_can_run_is_run_by_alembic(new_database_url: str, tmp_path: Path) -> None:
    with next_revision.shipped(tmp_path) as name:  # it adds a column
        async with SQLAlchemyStore(new_database_url) as store:
            assert await revision(store.engine) == name
            await migrations.downgrade(store.engine, "base")


def test_no_shipped_revision_needs_alembic() -> None:
    for url in ("sqlite:///a.db", "postgresql://localhost/a", "mysql://localhost/a"):
        dialect = SQLAlchemyStore(url).engine.dialect
        for _step, noted in contents.operations(dialect, None):
            assert all(one.statements is not None for one in noted)


async def test_processes_that_start_at_once_make_the_tables_once(new_database_url: str) -> None:
    program = (
        "import asyncio, sys\nfrom agentomatic_sql import SQLAlchemyStore\n"
        "asyncio.run(SQLAlchemyStore(sys.argv[1]).initialize())"
    )
    starting = [asyncio.to_thread(forked.run, program, new_database_url) for _number in range(4)]
    assert [done.stderr for done in await asyncio.gather(*starting)] == [""] * 4
    async with SQLAlchemyStore(new_database_url, migrate="check") as store:
        await store.create_thread("t", "ada", "support")


KILLED = """
import asyncio, os, signal, sys
from sqlalchemy import event
from agentomatic_sql import SQLAlchemyStore

store = SQLAlchemyStore(sys.argv[1])
left = int(sys.argv[2])

def before(_connection, _cursor, statement, _parameters, _context, _many):
    global left
    left -= statement.lstrip().split()[0] in ("CREATE", "INSERT", "DELETE")
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

event.listen(store.engine.sync_engine, "before_cursor_execute", before)
asyncio.run(store.initialize())
"""


@pytest.mark.parametrize("die_before", [1, 2, 5, 17])
async def test_an_interrupted_creation_is_finished_by_the_next_process(
    two_urls: tuple[str, str], die_before: int
) -> None:
    one, two = (SQLAlchemyStore(url) for url in two_urls)
    done = await asyncio.to_thread(forked.run, KILLED, two_urls[0], str(die_before))
    assert done.returncode in (-signal.SIGKILL, 0), done.stderr
    await one.initialize()
    await two.initialize()
    assert await definitions(one.engine) == await definitions(two.engine)
    await one.close()
    await two.close()


async def test_a_strangers_table_is_refused_before_anything_is_made(new_database_url: str) -> None:
    store = SQLAlchemyStore(new_database_url)
    async with store.engine.begin() as connection:
        await connection.execute(text("CREATE TABLE agentomatic_feedback (a INTEGER)"))
    before = await catalog(store.engine)
    with pytest.raises(ForeignSchema, match="agentomatic_feedback"):
        await store.initialize()
    assert await catalog(store.engine) == before
    async with store.engine.begin() as connection:
        await connection.execute(text("DROP TABLE agentomatic_feedback"))
    await store.close()
