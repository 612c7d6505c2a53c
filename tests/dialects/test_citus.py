"""PostgreSQL with Citus: the option, the statements, and the command that distributes the tables.

The contract and the other tests run on a cluster too, if the environment names one (`tests.support.citus`).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint

from agentomatic_sql import DatabaseError, InvalidInput, InvalidURL, SQLAlchemyStore, dialects, migrations
from agentomatic_sql.dialects.postgresql import Citus, PgBouncer
from agentomatic_sql.execution.engine import parse
from agentomatic_sql.migrating.distribution import PLACEMENTS
from agentomatic_sql.tables import ENCRYPTION_KEYS, LOG_ANALYSES, METADATA, OPTIMIZATION_RUNS
from tests.support import citus, forked, next_revision, servers
from tests.support.databases import chosen, database_on, migrated
from tests.support.documents import ROOT

STAY = {ENCRYPTION_KEYS, LOG_ANALYSES, OPTIMIZATION_RUNS}
"""Tables that stay on the coordinator."""


def command(*arguments: str) -> tuple[int, str, str]:
    """Run `agentomatic-sql db`; its exit code, and what it printed on stdout and stderr."""
    done = forked.run(forked.COMMAND, "db", *arguments)
    return done.returncode, done.stdout, done.stderr


# without a server


def test_the_option_is_true_or_false_and_only_for_postgresql() -> None:
    assert isinstance(parse("postgresql://h/d?citus=true")[1], Citus)
    assert type(parse("postgresql://h/d?citus=false")[1]) is type(dialects.named("postgresql"))
    both = parse("postgresql://h/d?citus=true&pgbouncer=true")[1]
    assert isinstance(both, Citus)
    assert isinstance(both, PgBouncer)
    with pytest.raises(InvalidURL, match="the option citus must be true or false"):
        parse("postgresql://h/d?citus=yes")
    with pytest.raises(InvalidURL, match="the option citus is only for PostgreSQL"):
        parse("cockroachdb://h/d?citus=true")


@pytest.mark.parametrize("option", ["lock_timeout", "row_security"])
def test_an_option_that_the_workers_would_not_know_is_refused(option: str) -> None:
    with pytest.raises(InvalidInput, match=option):
        SQLAlchemyStore("postgresql://h/d?citus=true", **{option: True if option == "row_security" else 1.0})  # type: ignore[arg-type]


def test_every_table_is_distributed_or_stays_on_purpose() -> None:
    assert {*PLACEMENTS} | STAY == {*METADATA.sorted_tables}
    for table, (column, beside) in PLACEMENTS.items():
        keys = [one for one in table.constraints if isinstance(one, (PrimaryKeyConstraint, UniqueConstraint))]
        assert all(column in key.columns for key in keys), f"{table}: Citus needs {column} in every key"
        assert beside is None or list(PLACEMENTS).index(beside) < list(PLACEMENTS).index(table)


def test_a_statement_locks_rows_of_one_thread_and_follows_none_to_another() -> None:
    locking = 0
    for path in (ROOT / "tests" / "sql" / "citus").rglob("*.sql"):
        for statement in path.read_text().split("\n\n"):
            assert "RECURSIVE" not in statement or "thread_digest = $1" in statement  # of one thread
            if re.search(r"FOR (NO KEY |KEY )?(UPDATE|SHARE)", statement):
                locking += 1
                assert re.search(r"(\.id|thread_digest|thread_id|root\.thread_digest) = \$\d+", statement), statement
    assert locking > 10


# the command


@pytest.mark.parametrize("name", chosen(("postgresql",)))
def test_without_the_extension_the_command_names_it(name: str) -> None:
    code, _out, told = command("distribute", "--url", migrated(name, "not distributed"))
    assert code == 1
    assert "it has no extension citus" in told
    assert "CREATE EXTENSION citus" in told


def test_another_database_has_no_such_extension(tmp_path: Path) -> None:
    code, _out, told = command("distribute", "--url", f"sqlite:///{tmp_path}/store.db")
    assert code == 1
    assert "sqlite, which has no extension for it" in told
    assert not list(tmp_path.iterdir())


@pytest.fixture(params=chosen(("citus",)))
def cluster_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database of a test's own on a cluster."""
    with database_on(request.param) as url:
        yield url


def distributed(url: str) -> int:
    asked = "SELECT count(*) FROM citus_tables WHERE citus_table_type = 'distributed'"
    return int(str(asyncio.run(servers.run(url, asked))))


def test_tables_with_rows_are_distributed_once_and_keep_their_rows(cluster_url: str) -> None:
    names = [f"t{number}" for number in range(20)]

    async def fill() -> None:
        async with SQLAlchemyStore(cluster_url) as store:
            for name in names:
                await store.create_thread(name, "ada", "agent")
                await store.add_message(name, "user", f"to {name}")
                await store.save_suspended_state(f"approval of {name}", name, "agent", "node", {})

    async def read() -> None:
        async with SQLAlchemyStore(cluster_url, migrate="check") as store:
            for name in names:
                assert [one["content"] for one in await store.get_messages(name)] == [f"to {name}"]
                assert (await store.add_message(name, "user", "again"))["index"] == 1
            assert len(await store.list_suspended_states()) == len(names)
            assert await store.delete_thread("t0") is True
            assert await store.get_messages("t0") == []

    asyncio.run(fill())
    code, out, told = command("distribute", "--url", cluster_url)
    assert code == 0, told
    assert f"{len(PLACEMENTS)} tables are now distributed" in out
    assert told.splitlines()[0].startswith("Database: ")
    assert told.count("…") == len(PLACEMENTS) == distributed(cluster_url)
    again = command("distribute", "--url", cluster_url)
    assert (again[0], "nothing to do" in again[1]) == (0, True)
    assert command("check", "--url", cluster_url)[0] == 0
    asyncio.run(read())


def test_a_schema_of_its_own_is_distributed(cluster_url: str) -> None:
    where = ("--url", cluster_url, "--schema", "Agents; 1")
    assert command("upgrade", *where)[0] == 0
    assert command("distribute", *where)[0] == 0
    assert distributed(cluster_url) == len(PLACEMENTS)

    async def use() -> None:
        async with SQLAlchemyStore(cluster_url, schema="Agents; 1", migrate="check") as store:
            await store.create_thread("t", "ada", "agent")
            assert (await store.add_message("t", "user", "hello"))["index"] == 0

    asyncio.run(use())


def test_a_later_revision_upgrades_tables_that_are_distributed(cluster_url: str, tmp_path: Path) -> None:
    assert command("upgrade", "--url", cluster_url)[0] == 0
    asyncio.run(citus.distribute(cluster_url))

    async def move() -> None:
        async with SQLAlchemyStore(cluster_url) as store:
            await store.create_thread("t", "ada", "agent")
            await migrations.downgrade(store.engine, migrations.revisions()[-2])

    async def read() -> None:
        async with SQLAlchemyStore(cluster_url, migrate="check") as store:
            assert await store.get_thread("t") is not None

    with next_revision.shipped(tmp_path):
        assert asyncio.run(_upgraded(cluster_url)) == migrations.revisions()[-1]
        on_workers = "SELECT bool_and(success AND result = '1') FROM run_command_on_shards('agentomatic_threads', $$"
        on_workers += "SELECT count(*) FROM pg_attribute WHERE attrelid = '%s'::regclass AND attname = 'mood'$$)"
        assert asyncio.run(servers.run(cluster_url, on_workers)) is True
        asyncio.run(move())
    asyncio.run(read())


async def _upgraded(url: str) -> str | None:
    async with SQLAlchemyStore(url) as store, store.engine.connect() as connection:
        return (await migrations.find(connection)).revision


def test_a_table_that_somebody_distributed_by_another_column_is_refused(cluster_url: str) -> None:
    assert command("upgrade", "--url", cluster_url)[0] == 0
    asyncio.run(servers.run(cluster_url, "DROP POLICY agentomatic_sql_user ON agentomatic_idempotency_keys"))
    asyncio.run(servers.run(cluster_url, "SELECT create_distributed_table('agentomatic_idempotency_keys', 'key')"))
    code, _out, told = command("distribute", "--url", cluster_url)
    assert code == 1
    assert "agentomatic_idempotency_keys is distributed by key and not by thread_id" in told
    assert distributed(cluster_url) == 1


@pytest.mark.parametrize("server_url", chosen(("citus",)), indirect=True)
async def test_a_store_without_the_option_is_told_of_it(server_url: str) -> None:
    url = re.sub(r"[?&]citus=true", "", server_url)
    async with SQLAlchemyStore(url, migrate="check") as store:
        await store.create_thread("t", "ada", "agent")
        with pytest.raises(DatabaseError, match=r"add \?citus=true to the URL"):
            await store.add_message("t", "user", "hello")
