"""Every instrumentor of OpenTelemetry for this package's drivers, and SQLAlchemy's: the contract passes with it.

Each in a process of its own, because an instrumentor changes the modules of the process that it is switched on in.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor
from sqlalchemy.ext.asyncio import create_async_engine

from agentomatic_sql import InvalidInput, SQLAlchemyStore
from tests.support import servers
from tests.support.databases import chosen, server_of

ROOT = Path(__file__).parents[2]
INSTRUMENTORS = [
    ("sqlite3:SQLite3Instrumentor", "sqlite"),
    ("asyncpg:AsyncPGInstrumentor", "postgresql"),
    ("sqlalchemy:SQLAlchemyInstrumentor", "sqlite"),
    ("sqlalchemy:SQLAlchemyInstrumentor", "postgresql"),
    ("sqlalchemy:SQLAlchemyInstrumentor", "mariadb"),
]
"""An instrumentor, and the database of its driver. aiomysql has none; that of pymysql replaces nothing that it uses."""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    ("instrumentor", "database"),
    [one for one in INSTRUMENTORS if one[1] in chosen((one[1],))],
    ids=lambda value: str(value).partition(":")[0],
)
def test_the_contract_passes_with_an_instrumentor(instrumentor: str, database: str, moment: str) -> None:
    environment = {
        **os.environ,
        "AGENTOMATIC_SQL_TEST_DATABASES": database,
        "AGENTOMATIC_SQL_TEST_INSTRUMENTOR": f"{instrumentor}:{moment}",
    }
    if database != "sqlite":
        environment[servers.variable(database)] = server_of(database).url
    # Refusals reach no driver, and the fixture of a database in memory copies a file by sqlite3 itself.
    chosen_tests = f"TestContract and {database} and not refused and not encrypted and not memory"
    contract = ["tests/contract/test_contract.py", "-k", chosen_tests]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.instrumented", "-p", "no:cacheprovider"]
    done = subprocess.run([*command, *contract], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5_000:]
    spans = re.search(r"^spans: (\d+)$", done.stdout, re.MULTILINE)
    assert spans is not None
    assert int(spans[1]) > 0


async def test_an_instrumentor_may_be_switched_on_while_a_store_is_in_use(tmp_path: Path) -> None:
    async def use(store: SQLAlchemyStore, thread_id: str) -> None:
        await store.create_thread(thread_id, "ada", "agent")
        await asyncio.gather(*(store.add_message(thread_id, "user", str(number)) for number in range(4)))
        assert len(await store.get_messages(thread_id)) == 4

    url = f"sqlite:///{tmp_path}/store.db"
    async with SQLAlchemyStore(url, pool_recycle=0) as store:  # each call makes a connection of its own
        await use(store, "before")
        SQLite3Instrumentor().instrument()
        try:
            await use(store, "while")
            await asyncio.gather(*(use(store, f"while {number}") for number in range(4)))
        finally:
            SQLite3Instrumentor().uninstrument()
        await use(store, "after")


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("postgresql+psycopg://h/d", r"psycopg.*postgresql\+asyncpg://"),
        ("mysql+asyncmy://h/d", r"asyncmy.*mysql\+aiomysql://"),
    ],
)
def test_an_engine_with_another_driver_is_refused_when_the_store_is_made(url: str, right: str) -> None:
    with pytest.raises(InvalidInput, match=f"engine: uses the driver {right}"):
        SQLAlchemyStore(engine=create_async_engine(url))
