"""Messages that are given to one `gather` stand in the order of the calls, whatever their size."""

from __future__ import annotations

import asyncio

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.execution.batching import LARGE

CONTENTS = [f"{number} {'x' * (LARGE if number % 7 == 3 else 10)}" for number in range(40)]


async def test_messages_stand_in_the_order_of_their_calls(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        for name in ("t", "u"):
            await store.create_thread(name, "ada", "agent")
        calls = [store.add_message(name, "user", content) for content in CONTENTS for name in ("t", "u")]
        stored = await asyncio.gather(*calls)
        assert [message["index"] for message in stored[::2]] == [*range(40)]
        assert [message["index"] for message in stored[1::2]] == [*range(40)]
        assert [message["content"] for message in await store.get_messages("t")] == CONTENTS


async def test_also_in_a_thread_that_the_process_has_not_seen(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as other:
        await other.create_thread("t", "ada", "agent")
    async with SQLAlchemyStore(database_url) as store:
        stored = await asyncio.gather(
            *(store.add_message("t", "user", content, idempotency_key=content[:2]) for content in CONTENTS)
        )
        assert [message["index"] for message in stored] == [*range(40)]


async def test_one_that_the_database_refuses_leaves_the_others_in_order(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", "first", idempotency_key="taken")
        keys = ["taken" if number == 5 else f"key {number}" for number in range(12)]
        stored = await asyncio.gather(
            *(store.add_message("t", "user", key, idempotency_key=key) for key in keys), return_exceptions=True
        )
        assert isinstance(stored[5], Exception)
        contents = [message["content"] for message in await store.get_messages("t")]
        assert contents == ["first", *(key for key in keys if key != "taken")]
