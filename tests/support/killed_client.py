"""A client that writes until it is killed, and says what it sends and what it is told, for test_killed_clients.py.

A line is written at once, by one call of the system, so that none is half there when the process ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from typing import Any

from agentomatic_sql import SQLAlchemyStore
from tests.support.journal import THREADS

WRITERS = 12


def say(word: str, **said: Any) -> None:
    os.write(1, json.dumps({"word": word, **said}).encode() + b"\n")


async def write(store: SQLAlchemyStore, name: str, chance: random.Random) -> None:
    """One call, announced before and acknowledged after."""
    thread_id = chance.choice(THREADS)
    sent = [{"role": "user", "content": f"{name}.{part}"} for part in range(chance.choice((1, 1, 3)))]
    say("sent", contents=[message["content"] for message in sent])
    stored = await store.add_messages(thread_id, sent)
    say("stored", messages=[{key: one[key] for key in ("thread_id", "index", "content")} for one in stored])


async def main(url: str, name: str) -> None:
    async with SQLAlchemyStore(url, pool_size=4) as store:

        async def writer(number: int) -> None:
            chance, call = random.Random(f"{name} {number}"), 0
            while True:
                await write(store, f"{name}-{number}-{call}", chance)
                call += 1

        await asyncio.gather(*map(writer, range(WRITERS)))
