"""Faults by the hundred, against real servers: what was acknowledged is stored, once and in order.

A journal, kept by the writers, says what was acknowledged, what failed, and of what nobody knows; in the end the
database is compared with it. AGENTOMATIC_SQL_TEST_SEED repeats a run.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from agentomatic_sql import OutcomeUnknown, SQLAlchemyStore, StoreError
from tests.faults.test_unavailable import kill_connections
from tests.support import containers, servers
from tests.support.databases import chosen
from tests.support.journal import THREADS, Journal, compare
from tests.support.wire import Cut, Wire, wire

WRITERS = 12
CALLS = 200
"""Of each writer."""
KILLS = 4
FAULTS = 300
"""At most; there are fewer where the work is done before."""
CUTS: tuple[Cut, ...] = ("before the request", "before the answer", "and deliver late")
LONGEST_DELAY = 0.2
"""Seconds. A session whose next request is held back may have locked a row, and everybody else waits for it."""


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


Harm = Callable[[Wire, SQLAlchemyStore, random.Random, Counter[str]], Coroutine[Any, Any, None]]
"""Does harm to connections until it is cancelled, and counts what it does."""


async def harm_at_random(proxy: Wire, direct: SQLAlchemyStore, chance: random.Random, faults: Counter[str]) -> None:
    """Do harm of all kinds."""
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
            await answers(proxy, asked + 10)


async def answers(proxy: Wire, wanted: int) -> None:
    """Wait until so many requests were answered: some work gets through."""
    while proxy.round_trips < wanted:
        await asyncio.sleep(0.001)


def harm_by(cut: Cut) -> Harm:
    """Cut one connection after the other in this way."""

    async def harm(proxy: Wire, _direct: SQLAlchemyStore, chance: random.Random, faults: Counter[str]) -> None:
        for _ in range(FAULTS // 5):
            for event in (proxy.was_cut, proxy.deliver, proxy.delivered):
                event.clear()
            proxy.spared, proxy.cut = chance.randrange(5), cut
            async with asyncio.timeout(60):
                await proxy.was_cut.wait()
                faults[cut] += 1
                wanted = proxy.round_trips + 10
                with suppress(TimeoutError):
                    await asyncio.wait_for(answers(proxy, wanted), LONGEST_DELAY)
                await proxy.deliver_late()
                await answers(proxy, wanted)

    return harm


async def test_acknowledged_writes_are_stored_once_whatever_happens(server_url: str, seed: int) -> None:
    await survive(seed, server_url)


@pytest.mark.parametrize("cut", CUTS)
async def test_writes_whose_connections_are_cut_in_one_way_are_stored_once(
    server_url: str, seed: int, cut: Cut
) -> None:
    await survive(seed, server_url, harm=harm_by(cut), calls=CALLS // 4)


async def survive(seed: int, *urls: str, harm: Harm = harm_at_random, calls: int = CALLS) -> None:
    """Let twelve writers work through a proxy in front of one or more servers, with faults, and compare the journal.

    Each writer makes so many calls.
    """
    journal, faults, chance = Journal(), Counter[str](), random.Random(seed)
    async with wire(*urls) as proxy, SQLAlchemyStore(urls[0]) as direct:
        for thread_id in THREADS:
            await direct.create_thread(thread_id, "ada", "agent")
        async with SQLAlchemyStore(proxy.url, pool_size=4, max_overflow=2) as store:

            async def writer(number: int) -> None:
                own = random.Random(f"{seed} {number}")
                for call in range(calls):
                    await write(store, journal, f"{number}-{call}", own)

            harming = asyncio.create_task(harm(proxy, direct, chance, faults))
            await asyncio.gather(*map(writer, range(WRITERS)))
            harming.cancel()
            with suppress(asyncio.CancelledError):
                await harming
            proxy.flowing.set()
            await proxy.deliver_late()
        told = f"seed {seed}: {journal.calls} calls, {dict(faults)}, {journal.repeated} repeated"
        print(told, len(journal.unknown), "unknown", len(journal.failed), "failed", f"{journal.longest_pause:.1f} s")
        await compare(direct, journal, told)
    assert faults.total() >= calls // 4, told
    assert len(journal.acknowledged) > WRITERS * calls / 2, told


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
