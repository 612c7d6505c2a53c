"""Faults by the hundred, against real servers: what was acknowledged is stored, once and in order.

A journal, kept by the writers, says what was acknowledged, what failed, and of what nobody knows; in the end the
database is compared with it. AGENTOMATIC_SQL_TEST_SEED repeats a run.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress

import pytest

from agentomatic_sql import OutcomeUnknown, SQLAlchemyStore, StoreError
from tests.faults.test_unavailable import kill_connections
from tests.support import containers, servers
from tests.support.databases import chosen
from tests.support.journal import THREADS, Journal, compare
from tests.support.wire import Wire, wire

WRITERS = 12
CALLS = 200
"""Of each writer."""
KILLS = 4
FAULTS = 300
"""At most; there are fewer where the work is done before."""


async def write(store: SQLAlchemyStore, journal: Journal, name: str, chance: random.Random) -> None:
    """One call, of one of the kinds that must not be done twice."""
    thread_id = chance.choice(THREADS)
    sent = [{"role": "user", "content": f"{name}.{part}"} for part in range(chance.choice((1, 1, 1, 3)))]
    contents = {str(message["content"]) for message in sent}
    journal.calls += 1
    keyed = chance.random() < 0.4
    while True:
        try:
            if keyed:
                journal.stored(await store.add_messages(thread_id, sent, idempotency_key=name))
            elif len(sent) > 1:
                journal.stored(await store.add_messages(thread_id, sent))
            else:
                journal.stored([await store.add_message(thread_id, "user", f"{name}.0")])
            return
        except OutcomeUnknown:
            if not keyed:
                journal.unknown |= contents
                return
        except StoreError:
            if not keyed:
                journal.failed |= contents
                return
        journal.repeated += 1  # the caller's own way: again, a little later, with the same key
        await asyncio.sleep(0.01)


async def harm(proxy: Wire, direct: SQLAlchemyStore, chance: random.Random, faults: Counter[str]) -> None:
    """Faults of all kinds, one after the other, until it is cancelled."""
    for _ in range(FAULTS):
        kind = chance.choice(["before the request", "before the answer", "all cut", "killed", "held up"])
        if kind == "all cut":
            proxy.sever()
        elif kind == "killed":
            await kill_connections(direct)
        elif kind == "held up":
            proxy.flowing.clear()
        else:
            proxy.cut = kind  # type: ignore[assignment] # one of the two
        faults[kind] += 1
        asked = proxy.round_trips
        async with asyncio.timeout(60):
            await asyncio.sleep(chance.uniform(0, 0.03))  # a fault lasts, and none follows at once: at a random time
            proxy.flowing.set()
            while proxy.round_trips < asked + 10:  # some work gets through
                await asyncio.sleep(0.001)


async def test_acknowledged_writes_are_stored_once_whatever_happens(server_url: str, seed: int) -> None:
    await survive(seed, server_url)


async def survive(seed: int, *urls: str) -> None:
    """Let twelve writers work through a proxy in front of one or more servers, with faults, and compare the journal."""
    journal, faults, chance = Journal(), Counter[str](), random.Random(seed)
    async with wire(*urls) as proxy, SQLAlchemyStore(urls[0]) as direct:
        for thread_id in THREADS:
            await direct.create_thread(thread_id, "ada", "agent")
        async with SQLAlchemyStore(proxy.url, pool_size=4, max_overflow=2) as store:

            async def writer(number: int) -> None:
                own = random.Random(f"{seed} {number}")
                for call in range(CALLS):
                    await write(store, journal, f"{number}-{call}", own)

            harming = asyncio.create_task(harm(proxy, direct, chance, faults))
            await asyncio.gather(*map(writer, range(WRITERS)))
            harming.cancel()
            with suppress(asyncio.CancelledError):
                await harming
            proxy.flowing.set()
        told = f"seed {seed}: {journal.calls} calls, {dict(faults)}, {journal.repeated} repeated"
        print(told, len(journal.unknown), "unknown", len(journal.failed), "failed")
        await compare(direct, journal, told)
    assert faults.total() >= 50, told
    assert len(journal.acknowledged) > WRITERS * CALLS / 2, told


@pytest.mark.parametrize("name", chosen(("postgresql", "mysql", "mariadb")))
def test_a_server_that_is_killed_under_load_and_starts_again(name: str, seed: int) -> None:
    try:
        with servers.killable(name) as server:
            acknowledged = asyncio.run(killed_under_load(server, seed))
    except LookupError as error:
        pytest.skip(str(error))
    assert acknowledged >= 200 * (KILLS + 1)


async def killed_under_load(server: servers.PrivateServer | containers.Killable, seed: int) -> int:
    """Return how many writes were acknowledged; each of them was found."""
    journal = Journal()
    url = await servers.create_database(server)
    async with SQLAlchemyStore(url, pool_size=4, max_overflow=2) as store:
        for thread_id in THREADS:
            await store.create_thread(thread_id, "ada", "agent")

        async def writer(number: int) -> None:
            own, call = random.Random(f"{seed} {number}"), 0
            while not over.is_set():
                await write(store, journal, f"{number}-{call}", own)
                call += 1

        async def working(calls: int) -> None:
            """Until so many more are acknowledged."""
            wanted = len(journal.acknowledged) + calls
            async with asyncio.timeout(60):
                while len(journal.acknowledged) < wanted:
                    await asyncio.sleep(0.01)

        over = asyncio.Event()
        writers = [asyncio.create_task(writer(number)) for number in range(WRITERS)]
        for _ in range(KILLS):
            await working(200)
            await asyncio.to_thread(server.kill)
            await asyncio.to_thread(server.start)
        await working(200)
        over.set()
        await asyncio.gather(*writers)
    told = f"seed {seed}: {journal.calls} calls, killed {KILLS} times, {journal.repeated} repeated"
    print(told, len(journal.unknown), "unknown", len(journal.failed), "failed")
    async with SQLAlchemyStore(url) as direct:
        await compare(direct, journal, told)
    return len(journal.acknowledged)
