"""Two processes run graphs on the same threads, while they prune, delete and copy them: no state is mixed up."""

from __future__ import annotations

import os
from contextlib import ExitStack

from sqlalchemy import func, select

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_CHECKPOINTS, GRAPH_NAMESPACES, GRAPH_VALUES, GRAPH_WRITES
from tests.support import forked
from tests.support.checkpoints import config

STEPS = int(os.environ.get("AGENTOMATIC_SQL_TEST_EXAMPLES", "30")) * 5
THREADS, NAMESPACES = ("a", "b", "c"), ("", "sub:1")

PROGRAM = """
import asyncio, hashlib, random, sys
from agentomatic_sql import SQLAlchemyStore, StoreBusy, ThreadExists, ThreadNotFound
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.checkpoints import config, put

url, name, seed, steps = sys.argv[1:]
source = random.Random(f"{seed} {name}")
THREADS, NAMESPACES = ("a", "b", "c"), ("", "sub:1")

def digest(messages):
    return hashlib.sha256("|".join(messages).encode()).hexdigest()

def verify(found):
    values = found.checkpoint["channel_values"]
    assert values["digest"] == digest(values["messages"]), (found.config, values)
    for _task, channel, value in found.pending_writes or ():
        assert (channel, value) == ("write", values["digest"]), (found.config, found.pending_writes)

async def step(saver, number):
    thread, namespace = source.choice(THREADS), source.choice(NAMESPACES)
    action = source.choices(["run", "read", "list", "prune", "delete", "copy"], [12, 6, 2, 2, 1, 2])[0]
    if action == "run":
        found = await saver.aget_tuple(config(thread, namespace))
        messages, where = [], config(thread, namespace)
        if found is not None:
            verify(found)
            messages, where = found.checkpoint["channel_values"]["messages"], found.config
        for more in range(source.randrange(1, 4)):
            messages = [*messages, f"{name} {number} {more} " + "x" * source.choice([1, 300])]
            version = saver.get_next_version(found and found.checkpoint["channel_versions"]["messages"], None)
            values = {"messages": messages, "digest": digest(messages)}
            where = await put(saver, where, values, dict.fromkeys(values, version))
            await saver.aput_writes(where, [("write", values["digest"])], f"task {name}")
            found = await saver.aget_tuple(where)
            if found is not None:
                verify(found)
                assert found.checkpoint["channel_values"] == values
    elif action == "read":
        found = await saver.aget_tuple(config(thread, namespace))
        if found is not None:
            verify(found)
    elif action == "list":
        async for found in saver.alist(config(thread, namespace)):
            verify(found)
    elif action == "prune":
        await saver.aprune([thread], strategy="keep_latest")
    elif action == "delete":
        await saver.adelete_thread(thread)
    else:
        await saver.acopy_thread(thread, source.choice(THREADS))

async def main():
    refused = 0
    async with SQLAlchemyStore(url) as store:
        saver = SQLAlchemySaver(store)
        for number in range(int(steps)):
            try:
                await step(saver, number)
            except (ThreadNotFound, ThreadExists, StoreBusy):
                refused += 1
    print(refused)

asyncio.run(main())
"""


async def test_graphs_of_two_processes_beside_prune_delete_and_copy(database_url: str, seed: int) -> None:
    with ExitStack() as stack:
        running = [
            stack.enter_context(forked.Program(PROGRAM, database_url, name, str(seed), str(STEPS)))
            for name in ("one", "two")
        ]
        ended = [process.finish() for process in running]
    assert [done.returncode for done in ended] == [0, 0], (seed, [done.stderr for done in ended])
    assert sum(int(done.stdout) for done in ended) < STEPS / 2, seed  # most steps did something
    async with SQLAlchemyStore(database_url) as store:
        saver = SQLAlchemySaver(store)
        for thread in THREADS:
            for namespace in NAMESPACES:
                async for found in saver.alist(config(thread, namespace)):
                    assert found.checkpoint["channel_values"]["messages"], seed
            await saver.adelete_thread(thread)
        async with store.engine.connect() as connection:
            for table in (GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES, GRAPH_NAMESPACES):
                left = (await connection.execute(select(func.count()).select_from(table))).scalar_one()
                assert left == 0, (seed, table.name)
