"""A `close()` that is cancelled and a program that ends in the middle of its work print nothing and leave nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from agentomatic_sql import SQLAlchemyStore

_CONNECTIONS = 4


async def filled(url: str) -> SQLAlchemyStore:
    """A store with several open connections."""
    store = SQLAlchemyStore(url, pool_size=_CONNECTIONS)
    await store.initialize()
    taken = [await store.engine.connect() for _ in range(_CONNECTIONS)]
    for connection in taken:
        await connection.close()
    return store


_CANCELLED = """
import asyncio, sys
from tests.storage.test_quiet_ends import filled

async def main(url, at_end):
    for steps in range(12):
        store = await filled(url)
        closing = asyncio.create_task(store.close())
        for _ in range(steps):
            await asyncio.sleep(0)
        closing.cancel()
        await asyncio.wait([closing])
        if not at_end:
            await asyncio.sleep(0.01)

asyncio.run(main(sys.argv[1], sys.argv[2] == "end"))
"""

_ENDED = """
import asyncio, itertools, sys
from agentomatic_sql import SQLAlchemyStore

async def main(url):
    store = SQLAlchemyStore(url, pool_size=4)
    await store.create_thread("t", "ada", "agent")
    for number in range(4):  # the connections are there, so nobody is connecting in the end
        await asyncio.gather(*(store.get_thread("t") for _ in range(50)))
    appending = asyncio.Event()

    async def append(thread_id):
        await store.create_thread(thread_id, "ada", "agent")
        for number in itertools.count():
            await store.add_message(thread_id, "user", str(number))
            if number == 5:
                appending.set()

    writers = [asyncio.create_task(append(f"t{number}")) for number in range(20)]
    await appending.wait()

asyncio.run(main(sys.argv[1]))
"""


async def said_by(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True, timeout=120)
    return done.stderr


@pytest.mark.parametrize("then", ["end", "go on"])
async def test_a_cancelled_close_is_silent(database_url: str, then: str) -> None:
    assert await said_by(_CANCELLED, database_url, then) == ""


async def test_a_cancelled_close_goes_on(new_server_url: str) -> None:
    store = await filled(new_server_url)
    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0)  # it closes the connections now
    closing.cancel()
    await asyncio.wait([closing])
    assert closing.cancelled()
    counted = "SELECT count(*) FROM information_schema.processlist WHERE db = database()"
    if make_url(new_server_url).get_backend_name() == "postgresql":
        counted = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    engine = create_async_engine(store.engine.url, poolclass=NullPool)
    async with asyncio.timeout(10), engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while (await connection.execute(text(counted))).scalar_one() > 1:
            await asyncio.sleep(0)
    await store.initialize()
    assert await store.list_threads() == []
    await store.close()


async def test_a_program_that_ends_while_it_appends_is_silent(database_url: str) -> None:
    for _ in range(3):
        assert await said_by(_ENDED, database_url) == ""
