"""A primary fails, or changes roles with its replica, while twelve writers work: what was acknowledged is stored.

A journal, kept by the writers, says what was acknowledged, what failed, and of what nobody knows; in the end the
database is compared with it. Each test prints its line of the table in docs/reliability.md.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.execution import backoff
from tests.faults.test_faults import CUTS, WRITERS, harm_by, survive, write
from tests.support import pairs, proxies, servers
from tests.support.interrupts import pause
from tests.support.journal import THREADS, Journal, compare, tally
from tests.support.pairs import MariaDBPair, MySQLPair, Pair, PostgresPair, found
from tests.support.wire import Cut

CALLS = 300
"""Acknowledged messages before and after each fault."""


@pytest.fixture(params=[False, True], ids=["this machine's", "the wheel's"])
def postgres(request: pytest.FixtureRequest) -> Iterator[PostgresPair]:
    """PostgreSQL of two releases, such as 15 and 18."""
    with found(pairs.postgres(of_wheel=request.param)) as pair:
        yield pair


@pytest.fixture(params=["mysql", "mariadb"])
def by_gtid(request: pytest.FixtureRequest) -> Iterator[MySQLPair | MariaDBPair]:
    makers: dict[str, Callable[[], AbstractContextManager[MySQLPair | MariaDBPair]]]
    makers = {"mysql": pairs.mysql, "mariadb": pairs.mariadb}
    with found(makers[request.param]()) as pair:
        yield pair


Fault = Callable[[Journal], object]


def fails_over(pair: PostgresPair | MySQLPair | MariaDBPair) -> Fault:
    return lambda _journal: pair.fail_over()


def switches(pair: PostgresPair | MySQLPair | MariaDBPair) -> Fault:
    return lambda _journal: pair.switch()


async def working(
    url: str, pair: Pair[Any], faults: list[Fault], seed: int, **options: Any
) -> tuple[Journal, Counter[str]]:
    """Let writers work, with these faults one after the other; what they were told, and how the database differs."""
    journal = Journal()
    async with SQLAlchemyStore(url, pool_size=4, max_overflow=2, **options) as store:
        for thread_id in THREADS:
            await store.create_thread(thread_id, "ada", "agent")

        async def writer(number: int) -> None:
            own, call = random.Random(f"{seed} {number}"), 0
            while not over.is_set():
                await write(store, journal, f"{number}-{call}", own)
                call += 1

        async def acknowledged(more: int) -> None:
            wanted = len(journal.acknowledged) + more
            async with asyncio.timeout(60):
                while len(journal.acknowledged) < wanted:
                    await asyncio.sleep(0.01)

        over = asyncio.Event()
        async with asyncio.TaskGroup() as writers:
            for number in range(WRITERS):
                writers.create_task(writer(number))
            for fault in faults:
                await acknowledged(CALLS)
                await asyncio.to_thread(fault, journal)
            await acknowledged(CALLS)
            over.set()
    async with SQLAlchemyStore(pair.url()) as direct:
        return journal, await tally(direct, journal)


def told(topology: str, journal: Journal, faults: int, counts: Counter[str]) -> str:
    """A line for the table, printed."""
    line = (
        f"{topology}: {journal.calls} calls, {faults} faults, {counts['lost']} lost, {counts['twice']} twice, "
        f"{counts['out_of_order']} out of order, {len(journal.unknown)} unknown, {len(journal.failed)} failed, "
        f"{journal.repeated} repeated, longest pause {journal.longest_pause:.1f} s"
    )
    print(line)
    return line


async def compared(pair: Pair[Any], journal: Journal, line: str) -> None:
    async with SQLAlchemyStore(pair.url()) as direct:
        await compare(direct, journal, line)


def test_a_primary_that_is_killed_loses_nothing_if_its_standby_is_synchronous(
    postgres: PostgresPair, seed: int
) -> None:
    def again(_journal: Journal) -> None:
        postgres.rebuild_standby()
        postgres.synchronize()
        postgres.fail_over()

    postgres.synchronize()
    journal, counts = asyncio.run(working(postgres.url(), postgres, [fails_over(postgres), again], seed))
    asyncio.run(compared(postgres, journal, told("synchronous standby, killed", journal, 2, counts)))


def test_a_primary_that_is_killed_loses_at_most_its_last_commits_if_its_standby_is_not(
    postgres: PostgresPair, seed: int
) -> None:
    journal, counts = asyncio.run(working(postgres.url(), postgres, [fails_over(postgres)], seed))
    line = told("asynchronous standby, killed", journal, 1, counts)
    assert (counts["twice"], counts["out_of_order"]) == (0, 0), line
    assert counts["lost"] < CALLS, line


def test_writers_go_on_from_a_backup_that_takes_the_place_of_the_primary(postgres: PostgresPair, seed: int) -> None:
    """They lose what was acknowledged since the backup, and store nothing twice for what they remember of it."""

    def restored(journal: Journal) -> None:
        postgres.wait_for_standby()
        postgres.cut_off()
        wanted = len(journal.acknowledged) + CALLS
        while len(journal.acknowledged) < wanted:
            pause(0.05)
        postgres.fail_over()

    journal, counts = asyncio.run(working(postgres.url(), postgres, [restored], seed))
    line = told("a backup takes the primary's place", journal, 1, counts)
    assert (counts["twice"], counts["out_of_order"]) == (0, 0), line
    assert counts["lost"] >= CALLS, line


def test_calls_that_give_up_while_there_is_no_primary_have_stored_nothing(
    postgres: PostgresPair, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "ATTEMPTS", 6)  # so that they give up sooner

    def stays_away(journal: Journal) -> None:
        postgres.primary.kill()
        while len(journal.failed) + journal.repeated < 2 * WRITERS:  # a call with a key goes on until it succeeds
            pause(0.05)
        postgres.promote()

    postgres.synchronize()
    journal, counts = asyncio.run(working(postgres.url(), postgres, [stays_away], seed))
    asyncio.run(compared(postgres, journal, told("no primary for a while", journal, 1, counts)))


def test_a_planned_switch_of_roles_fails_no_call(postgres: PostgresPair, seed: int) -> None:
    journal, counts = asyncio.run(working(postgres.url(), postgres, [switches(postgres)] * 2, seed))
    line = told("PostgreSQL, planned switch", journal, 2, counts)
    asyncio.run(compared(postgres, journal, line))
    assert not journal.failed, line


def test_a_proxy_that_knows_the_primary_leads_to_the_promoted_standby(postgres: PostgresPair, seed: int) -> None:
    postgres.synchronize()
    with found(proxies.in_front_of(postgres.hosts)) as proxy:
        url = postgres.url().replace(",".join(postgres.hosts), proxy)
        journal, counts = asyncio.run(working(url, postgres, [fails_over(postgres)], seed))
    asyncio.run(compared(postgres, journal, told("HAProxy, synchronous standby, killed", journal, 1, counts)))


def test_servers_that_swap_read_only_lose_nothing(by_gtid: MySQLPair | MariaDBPair, seed: int) -> None:
    journal, counts = asyncio.run(working(by_gtid.url(), by_gtid, [switches(by_gtid)] * 2, seed))
    line = told(f"{type(by_gtid).__name__}, read_only swapped", journal, 2, counts)
    asyncio.run(compared(by_gtid, journal, line))
    assert not journal.failed, line


def test_a_replica_that_takes_over_from_a_killed_primary_lacks_at_most_its_last_commits(
    by_gtid: MySQLPair | MariaDBPair, seed: int
) -> None:
    journal, counts = asyncio.run(working(by_gtid.url(), by_gtid, [fails_over(by_gtid)], seed))
    line = told(f"{type(by_gtid).__name__}, asynchronous replica, killed", journal, 1, counts)
    assert (counts["twice"], counts["out_of_order"]) == (0, 0), line
    assert counts["lost"] < CALLS, line


@pytest.fixture(params=["postgresql", "mariadb"])
def synchronous(request: pytest.FixtureRequest) -> Iterator[PostgresPair | MariaDBPair]:
    makers: dict[str, Callable[[], AbstractContextManager[PostgresPair | MariaDBPair]]]
    makers = {"postgresql": pairs.postgres, "mariadb": pairs.mariadb}
    with found(makers[request.param]()) as pair:
        pair.synchronize()
        yield pair


def hanging(pair: PostgresPair | MariaDBPair, seed: int, fault: Fault) -> tuple[int, str]:
    """Let the primary hang while this happens; return how many calls had no answer within ten seconds, and the line."""
    primary = pair.primary

    def hangs(journal: Journal) -> None:
        primary.pause()
        fault(journal)

    try:
        journal, counts = asyncio.run(working(pair.url(), pair, [hangs], seed, operation_timeout=10))
        line = told(f"{type(pair).__name__}, synchronous, the primary hangs", journal, 1, counts)
        asyncio.run(compared(pair, journal, line))
    finally:
        primary.kill()
    return without_an_answer(journal), line


def without_an_answer(journal: Journal) -> int:
    return len({content.rpartition(".")[0] for content in journal.unknown | journal.failed}) + journal.repeated


def test_a_primary_that_hangs_costs_each_caller_one_deadline(
    synchronous: PostgresPair | MariaDBPair, seed: int
) -> None:
    late, line = hanging(synchronous, seed, lambda _journal: synchronous.promote())
    assert late <= WRITERS, line


def test_a_primary_that_goes_on_hanging_costs_no_caller_a_second_deadline(
    synchronous: PostgresPair | MariaDBPair, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They ask the standby again and again until it is promoted."""
    monkeypatch.setattr(backoff, "ATTEMPTS", 60)  # so that the deadline alone ends a call, however slow the promotion

    def promoted_late(journal: Journal) -> None:
        limit = time.monotonic() + 60
        while without_an_answer(journal) < WRITERS and time.monotonic() < limit:
            pause(0.05)
        synchronous.promote()

    late, line = hanging(synchronous, seed, promoted_late)
    assert late <= WRITERS, line


@pytest.mark.parametrize("cut", CUTS)
def test_writes_that_are_cut_before_a_synchronous_pair_are_stored_once(
    synchronous: PostgresPair | MariaDBPair, seed: int, cut: Cut
) -> None:
    url = asyncio.run(servers.create_database(synchronous.primary))
    asyncio.run(survive(seed, url, harm=harm_by(cut), calls=CALLS // 6))
