"""A migration that is killed before any of its statements can be run again, on every database."""

from __future__ import annotations

import asyncio

from agentomatic_sql import SQLAlchemyStore, migrations
from tests.support import forked

KILLED = 41
CHILD = """
import asyncio, os, sys
from sqlalchemy import event
from agentomatic_sql import SQLAlchemyStore, migrations

url, die_before = sys.argv[1], int(sys.argv[2])
store = SQLAlchemyStore(url)
count = 0

def before(_connection, _cursor, statement, _parameters, _context, _many):
    global count
    if statement.lstrip().split()[0] in ("CREATE", "DROP", "ALTER", "INSERT", "UPDATE", "DELETE"):
        count += 1
        if count == die_before:
            os._exit(41)   # as SIGKILL would: no clean-up, no rollback, no goodbye to the server

event.listen(store.engine.sync_engine, "before_cursor_execute", before)

async def main():
    await migrations.upgrade(store.engine)
    await store.close()

asyncio.run(main())
"""


async def test_an_upgrade_killed_before_any_statement_can_be_run_again(new_database_url: str) -> None:
    die_before = 0
    while True:
        die_before += 1
        done = await asyncio.to_thread(forked.run, CHILD, new_database_url, str(die_before))
        if done.returncode == 0:
            break
        assert done.returncode == KILLED, done.stderr
        async with SQLAlchemyStore(new_database_url) as store:
            await migrations.check(store.engine)
            await store.create_thread("t", "ada", "agent")
            await migrations.downgrade(store.engine, "base")
    assert die_before > len(migrations.revisions())  # there were statements to die before
