"""Faults on a Galera cluster under load: connections that are cut, a node that is killed, a node without the others."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from agentomatic_sql import SQLAlchemyStore
from tests.faults.test_faults import CUTS, WRITERS, harm_by, survive, write
from tests.galera.conftest import all_hosts
from tests.support.galera import Cluster, Node
from tests.support.journal import THREADS, Journal, compare
from tests.support.wire import Cut

CALLS = 200
"""Acknowledged before, between and after faults."""


async def test_writers_through_three_nodes_store_once_whatever_happens(node_urls: list[str], seed: int) -> None:
    await survive(seed, *node_urls)


@pytest.mark.parametrize("cut", CUTS)
async def test_writers_through_three_nodes_store_once_when_they_are_cut_in_one_way(
    node_urls: list[str], seed: int, cut: Cut
) -> None:
    await survive(seed, *node_urls, harm=harm_by(cut), calls=CALLS // 4)


@asynccontextmanager
async def at_work(url: str, journal: Journal, seed: int, told: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Twelve writers; yields a function that waits until `CALLS` more of their messages are acknowledged."""
    over = asyncio.Event()
    async with SQLAlchemyStore(url, pool_size=6, max_overflow=6) as store:

        async def writer(number: int) -> None:
            own, call = random.Random(f"{seed} {number}"), 0
            while not over.is_set():
                await write(store, journal, f"{number}-{call}", own)
                call += 1

        async def working() -> None:
            wanted = len(journal.acknowledged) + CALLS
            async with asyncio.timeout(60):
                while len(journal.acknowledged) < wanted:
                    await asyncio.sleep(0.01)

        writers = [asyncio.create_task(writer(number)) for number in range(WRITERS)]
        try:
            yield working
        finally:
            over.set()
            await asyncio.gather(*writers)
    outcomes = f"{len(journal.unknown)} unknown, {len(journal.failed)} failed"
    print(f"{told}: {journal.calls} calls, {outcomes}, longest pause {journal.longest_pause:.1f} s")


@pytest.mark.parametrize("order", ["disable", "random"], ids=["one node", "three nodes"])
@pytest.mark.parametrize("fault", ["killed", "isolated"])
async def test_a_node_that_is_lost_under_load_loses_nothing(
    cluster: Cluster, node_urls: list[str], seed: int, order: str, fault: str
) -> None:
    """A killed node leaves the others a cluster of two. One that is isolated refuses everything."""
    journal, told = Journal(), f"seed {seed}: {fault}, load_balance_hosts={order}"
    url, node = all_hosts(node_urls, load_balance_hosts=order), cluster.nodes[0]
    async with AsyncExitStack() as stack:
        direct = [await stack.enter_async_context(SQLAlchemyStore(one, pool_size=1)) for one in node_urls]
        for thread_id in THREADS:
            await direct[1].create_thread(thread_id, "ada", "agent")
        async with at_work(url, journal, seed, told) as working:
            await working()
            await asyncio.to_thread(lose, node, fault)
            await working()
            await asyncio.to_thread(come_back, node, fault)
            await working()
        for store in direct:
            await compare(store, journal, told)


def lose(node: Node, fault: str) -> None:
    """Kill a node, or cut it off from the others."""
    if fault == "killed":
        node.kill()
    else:
        node.isolate(True)


def come_back(node: Node, fault: str) -> None:
    """Let a node be one of the cluster again."""
    if fault == "killed":
        node.start()
    else:
        node.isolate(False)
        node.wait_until("wsrep_local_state_comment", "Synced")
