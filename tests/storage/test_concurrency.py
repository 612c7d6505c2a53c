"""Several processes at once on one database: order, counters and claims stay exact."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from typing import Any

import pytest

from agentomatic_sql import SQLAlchemyStore
from tests.support import forked

WORKER = """
import asyncio, json, sys
from agentomatic_sql import SQLAlchemyStore, StoreError

url, process, job = sys.argv[1], int(sys.argv[2]), sys.argv[3]

async def append(store, writer):
    return [(await store.add_message("hot", "user", f"{process}/{writer}/{n}"))["index"] for n in range({each})]

async def create(store, writer):
    try:
        thread = await store.create_thread("contested", "ada", "agent", title=f"{process}/{writer}")
        return thread["title"]
    except StoreError as error:
        return repr(error)

async def claim(store, writer):
    return await store.claim_suspended_state("approval") is not None

async def delete(store, writer):
    return await store.delete_suspended_state("approval")

async def initialize(store, writer):
    return (await store.health_check())["schema"]["state"] == "current"

async def main():
    jobs = dict(append=append, create=create, claim=claim, delete=delete, initialize=initialize)
    store = SQLAlchemyStore(url, pool_size={writers})
    print("ready", flush=True)
    sys.stdin.readline()                       # all begin together
    if job == "initialize":
        await store.initialize()
    results = await asyncio.gather(*(jobs[job](store, writer) for writer in range({writers})))
    await store.close()
    print(json.dumps(results))

asyncio.run(main())
"""


def together(*urls: str, job: str, processes: int, writers: int, each: int = 1) -> list[Any]:
    """Run writers in processes that begin at the same moment, each with the next URL; returns each writer's answer."""
    program = WORKER.replace("{each}", str(each)).replace("{writers}", str(writers))
    results: list[Any] = []
    with ExitStack() as running:
        started = [
            running.enter_context(forked.Program(program, urls[number % len(urls)], str(number), job))
            for number in range(processes)
        ]
        for process in started:
            assert process.stdout.readline() == "ready\n"
        for process in started:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in started:
            done = process.finish()
            assert done.returncode == 0, done.stderr
            results += json.loads(done.stdout)
    return results


async def test_32_writers_of_one_thread_leave_no_gap_and_no_repeat(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        await store.create_thread("hot", "ada", "agent")
        given = await asyncio.to_thread(together, database_url, job="append", processes=4, writers=8, each=63)
        assert len(given) == 32
        # 2,016 messages: each writer was given its places in the order in which it wrote
        assert all(places == sorted(places) for places in given)
        assert sorted(place for places in given for place in places) == list(range(2_016))
        history = [message async for message in store.iter_messages("hot")]
        assert [message["index"] for message in history] == list(range(2_016))
        assert len({message["content"] for message in history}) == 2_016
        assert [message["timestamp"] for message in history] == sorted(m["timestamp"] for m in history)
        thread = await store.get_thread("hot")
        assert thread is not None
        assert thread["message_count"] == 2_016
        assert (await store.get_stats())["messages"] == 2_016


async def test_16_creators_of_one_thread_all_get_the_one_that_stands(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        titles = await asyncio.to_thread(together, database_url, job="create", processes=4, writers=4)
        thread = await store.get_thread("contested")
        assert thread is not None
        assert titles == [thread["title"]] * 16
        assert (await store.get_stats())["threads"] == 1


@pytest.mark.parametrize("job", ["claim", "delete"])
async def test_16_takers_of_one_approval_leave_one_with_it(database_url: str, job: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        for _ in range(3):
            await store.save_suspended_state("approval", "t", "agent", "node", {"amount": 1})
            taken = await asyncio.to_thread(together, database_url, job=job, processes=4, writers=4)
            assert sorted(taken) == [False] * 15 + [True]
            assert await store.get_suspended_state("approval") is None


async def test_8_processes_initialize_one_empty_database(new_database_url: str) -> None:
    current = await asyncio.to_thread(together, new_database_url, job="initialize", processes=8, writers=1)
    assert current == [True] * 8
    async with SQLAlchemyStore(new_database_url, migrate="check") as store:
        assert (await store.get_stats())["threads"] == 0


async def test_appends_forks_and_deletes_of_the_same_threads_end_consistent(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        await store.create_thread("root", "ada", "agent")
        await store.add_messages("root", [{"role": "user", "content": str(n)} for n in range(10)])

        async def writer(number: int) -> None:
            for turn in range(5):
                await store.add_message("root", "user", f"{number}/{turn}")
                await store.fork_thread("root", 10**6, f"fork-{number}-{turn}")
                if turn % 2:
                    assert await store.delete_thread(f"fork-{number}-{turn}")

        await asyncio.gather(*(writer(number) for number in range(12)))
        threads = [thread async for thread in store.iter_threads()]
        assert len(threads) == 1 + 12 * 3
        for thread in threads:
            history = [message["index"] async for message in store.iter_messages(thread["id"])]
            assert history == list(range(thread["message_count"]))
        assert await store.delete_thread("root")
        assert {thread["parent_thread_id"] async for thread in store.iter_threads()} == {None}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_forked_process_gives_tokens_of_its_own() -> None:
    program = """if True:
        import os, random
        from agentomatic_sql.entities.appends import Append
        Append.of("t", [], None)
        child = os.fork()
        random.seed(1)  # an application's own doing
        os.write(1, b"%d\\n" % Append.of("t", [], None).token)
        if child:
            os.waitpid(child, 0)
        """
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    first, second = done.stdout.split()
    assert first != second
