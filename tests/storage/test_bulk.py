"""Many messages in one call: what is returned is what is stored, whatever numbers the server gives."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

from sqlalchemy import make_url, text

from agentomatic_sql import SQLAlchemyStore
from tests.support.citus import not_on_citus

MANY = [{"role": "user", "content": f"{number} '\\ \"", "metadata": {"n": number}} for number in range(60)]


async def test_the_records_of_a_call_are_those_that_are_stored(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store, SQLAlchemyStore(database_url) as other:
        for name in ("t", "u"):
            await store.create_thread(name, "ada", "agent")
        calls = [each.add_messages(name, MANY) for name in ("t", "u", "t") for each in (store, other)]
        calls += [store.add_messages("t", MANY[:2]), store.add_messages("u", MANY[:1])]
        added = await asyncio.gather(*calls)
        for name in ("t", "u"):
            messages = [message for call in added for message in call if message["thread_id"] == name]
            stored = await store.get_messages(name, limit=1000)
            assert sorted(messages, key=lambda message: int(message["index"])) == stored
        assert [message["metadata"] for message in added[0]] == [message["metadata"] for message in MANY]


async def test_numbers_with_gaps_are_those_of_their_messages(database_url: str) -> None:
    not_on_citus(database_url, "its sequences cannot be changed")
    url: Any = make_url(database_url)
    if url.get_backend_name() in ("mysql", "mariadb"):  # the setting of servers that write at the same time
        url = url.update_query_dict({"init_command": "SET SESSION auto_increment_increment = 3"})
    async with SQLAlchemyStore(url) as store:
        await store.create_thread("t", "ada", "agent")
        if store.engine.dialect.name == "postgresql":
            async with store.engine.begin() as connection:
                await connection.execute(text("ALTER SEQUENCE agentomatic_messages_id_seq INCREMENT BY 3"))
        added = await store.add_messages("t", MANY)
        assert added == await store.get_messages("t")
        gaps = {after["id"] - before["id"] for before, after in pairwise(added)}
        assert gaps == {1 if store.engine.dialect.name == "sqlite" else 3}
