"""Behind real poolers: pgbouncer in transaction mode, with fewer connections than clients, and pgpool."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import make_url, text

from agentomatic_sql import BaseStore, DatabaseError, InvalidURL, SQLAlchemyStore, migrations
from agentomatic_sql.execution.engine import parse
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.testing import StoreContract
from tests.faults.test_faults import CALLS, CUTS, harm_by, survive
from tests.support import forked, poolers
from tests.support.checkpoints import config, put
from tests.support.databases import chosen, database_on
from tests.support.shared import SharedStore
from tests.support.wire import Cut, wire

WRITERS = 12


POOLERS = ("pgbouncer", "pgpool") if chosen(("postgresql",)) else ()


@contextmanager
def pooled(name: str) -> Iterator[str]:
    """A new database by a pooler of its own."""
    with database_on("postgresql") as url:
        try:
            with poolers.in_front_of(url, name) as by_pooler:
                yield by_pooler
        except LookupError as error:
            pytest.skip(str(error))


@pytest.fixture(scope="module", params=POOLERS)
def shared_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database by a pooler."""
    with pooled(request.param) as url:
        yield url


@pytest.fixture(params=POOLERS)
def pooled_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the test's own by a pooler of its own."""
    with pooled(request.param) as url:
        yield url


@pytest.fixture(scope="class")
async def shared_store(shared_url: str) -> AsyncIterator[BaseStore]:
    async with SQLAlchemyStore(shared_url) as store:
        yield store


PGBOUNCER = pytest.mark.parametrize("pooled_url", [name for name in POOLERS if name == "pgbouncer"], indirect=True)


class TestContract(SharedStore, StoreContract):
    """The whole interface."""


@PGBOUNCER
async def test_processes_that_start_at_once_migrate_once_and_write_side_by_side(pooled_url: str) -> None:
    program = """
import asyncio, sys
from agentomatic_sql import SQLAlchemyStore

async def main(url, name):
    async with SQLAlchemyStore(url, pool_size=4) as store:
        await store.create_thread("t", "ada", "agent")
        await asyncio.gather(*(store.add_message("t", "user", f"{name} {n}") for n in range(50)))
        await asyncio.gather(*(store.get_messages("t", last=5) for n in range(50)))

asyncio.run(main(*sys.argv[1:]))
"""
    with ExitStack() as stack:
        running = [stack.enter_context(forked.Program(program, pooled_url, str(number))) for number in range(4)]
        ended = [await asyncio.to_thread(process.finish) for process in running]
    assert [done.returncode for done in ended] == [0] * 4, ended
    async with SQLAlchemyStore(pooled_url) as store:
        thread, messages = await store.get_thread("t"), await store.get_messages("t", limit=1000)
        assert thread is not None
        assert thread["message_count"] == len(messages) == 200
        assert [message["index"] for message in messages] == list(range(200))


@PGBOUNCER
async def test_tasks_change_hands_of_the_servers_connections(pooled_url: str) -> None:
    async with SQLAlchemyStore(pooled_url, pool_size=WRITERS) as store, SQLAlchemySaver(store) as saver:

        async def work(number: int) -> None:
            thread_id = f"t{number}"
            await store.create_thread(thread_id, "ada", "agent")
            for call in range(20):
                await store.add_message(thread_id, "user", str(call))
                await store.list_threads(user_id="ada")
                await store.get_thread_lineage(thread_id)
                await put(saver, config(thread_id), {"x": call}, {"x": str(call)})
            await store.fork_thread(thread_id, 5, f"{thread_id}-fork", checkpoints=True)
            assert await saver.aget_tuple(config(f"{thread_id}-fork")) is not None
            assert [message["content"] for message in await store.get_messages(thread_id)] == [*map(str, range(20))]
            await store.delete_thread(thread_id)

        await asyncio.gather(*map(work, range(WRITERS)))
        async with store.engine.connect() as connection:
            backends = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            assert (await connection.execute(backends)).scalar_one() <= poolers.CONNECTIONS


@PGBOUNCER
async def test_an_operation_takes_two_round_trips_to_the_pooler(pooled_url: str) -> None:
    async with wire(pooled_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=1) as store:
        await store.create_thread("t", "ada", "agent")
        for operation in (store.add_message("t", "user", "x"), store.get_messages("t"), store.list_threads()):
            before = proxy.round_trips
            await operation
            assert proxy.round_trips - before == 2


@pytest.mark.parametrize("pooled_url", ["pgpool-raw"] if POOLERS else [], indirect=True)
async def test_a_pooler_that_does_not_commit_is_noticed(pooled_url: str) -> None:
    """pgpool's raw mode begins a transaction for a statement that writes, and leaves it open."""
    async with SQLAlchemyStore(pooled_url, pool_size=2) as store:
        await store.create_thread("t", "ada", "agent")  # of which it does not see that it writes
        with pytest.raises(DatabaseError, match=r"did not end.*streaming_replication"):
            await store.update_thread("t", title="new")
        assert [thread["title"] for thread in await store.list_threads()] == [None]


@PGBOUNCER  # behind pgpool, whose sessions are slow to begin, it takes two minutes
async def test_faults_before_the_pooler(pooled_url: str, seed: int) -> None:
    await survive(seed, pooled_url)


@PGBOUNCER
@pytest.mark.parametrize("cut", CUTS)
async def test_cuts_of_one_kind_before_the_pooler(pooled_url: str, seed: int, cut: Cut) -> None:
    await survive(seed, pooled_url, harm=harm_by(cut), calls=CALLS // 4)


def test_the_commands_by_the_pooler(pooled_url: str) -> None:
    head = migrations.revisions()[-1]
    for command, said in (("upgrade", head), ("current", head), ("check", "")):
        done = forked.run(forked.COMMAND, "db", command, "--url", pooled_url)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout


@pytest.mark.parametrize("server_url", chosen(("postgresql",)), indirect=True)
async def test_a_prepared_statement_that_is_not_there_names_the_option(server_url: str) -> None:
    async with SQLAlchemyStore(server_url, pool_size=1) as store:
        await store.get_thread("t")
        async with store.engine.connect() as connection:
            await connection.exec_driver_sql("DEALLOCATE ALL")  # as if the pooler had changed the server's connection
        with pytest.raises(DatabaseError, match=r"code 26000.*\?pgbouncer=true"):
            await store.get_thread("t")


@pytest.mark.parametrize("server_url", chosen(("postgresql",)), indirect=True)
async def test_other_libpq_options_work_behind_pgbouncer(server_url: str) -> None:
    url = f"{server_url}?application_name=a%20b%2Fc&pgbouncer=true&options=-c%20work_mem%3D5MB"
    async with SQLAlchemyStore(url) as store, store.engine.connect() as connection:
        assert (await connection.execute(text("SHOW application_name"))).scalar_one() == "a b/c"
        assert (await connection.execute(text("SHOW work_mem"))).scalar_one() == "5MB"


def test_the_option_is_ours_and_not_the_drivers() -> None:
    url, dialect = parse("postgresql://h/d?pgbouncer=true&ssl=require")
    assert url == make_url("postgresql+asyncpg://h/d?pgbouncer=true&ssl=require")  # so that it can be shown, and used
    assert dialect.connect_args(1)["statement_cache_size"] == 0
    assert "statement_cache_size" not in parse("postgresql://h/d?pgbouncer=false")[1].connect_args(1)
    with pytest.raises(InvalidURL, match="pgbouncer must be true or false"):
        parse("postgresql://h/d?pgbouncer=yes")
    with pytest.raises(InvalidURL, match="pgbouncer is only for PostgreSQL"):
        parse("cockroachdb://h/d?pgbouncer=true")
