"""A client process that is killed (SIGKILL) while it writes: what it was told is stored, and nothing is half there."""

from __future__ import annotations

import json
import random
import signal

from agentomatic_sql import SQLAlchemyStore
from tests.support import forked
from tests.support.journal import THREADS, Journal, compare

CLIENT = "import asyncio, sys; from tests.support.killed_client import main; asyncio.run(main(*sys.argv[1:]))"
KILLS = 6
ACKNOWLEDGED = 150
"""Calls, at least, before a client is killed."""


async def test_acknowledged_writes_of_a_killed_client_are_stored(database_url: str, seed: int) -> None:
    journal, chance = Journal(), random.Random(seed)
    async with SQLAlchemyStore(database_url) as store:
        for thread_id in THREADS:
            await store.create_thread(thread_id, "ada", "agent")
    for number in range(KILLS):
        run_and_kill(database_url, f"{seed}-{number}", journal, ACKNOWLEDGED + chance.randrange(100))
    told = f"seed {seed}: {journal.calls} calls, {KILLS} clients killed"
    print(told, len(journal.acknowledged), "messages acknowledged,", len(journal.unknown), "on their way")
    async with SQLAlchemyStore(database_url) as store:
        await compare(store, journal, told)
        for thread_id in THREADS:  # and it goes on
            await store.add_message(thread_id, "user", "after")
    assert journal.unknown, f"nobody was killed at work; {told}"


def run_and_kill(url: str, name: str, journal: Journal, calls: int) -> None:
    """Let a client write so many calls, kill it, and keep what it has said until then."""
    with forked.Program(CLIENT, url, name) as client:
        acknowledged = 0
        for line in client.stdout:  # also what it has said between our decision and its end
            said = json.loads(line)
            if said["word"] == "sent":
                journal.calls += 1
                journal.unknown |= set(said["contents"])
                continue
            journal.stored(said["messages"])
            journal.unknown -= {message["content"] for message in said["messages"]}
            acknowledged += 1
            if acknowledged == calls:
                client.kill()
        assert client.wait() == -signal.SIGKILL
    assert acknowledged >= calls
