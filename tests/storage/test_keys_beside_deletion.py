"""An idempotency key that is stored while its thread is deleted goes with the thread, in every order of the two."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, text

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.tables import IDEMPOTENCY_KEYS, THREADS
from tests.support.databases import chosen

_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def _waits(store: SQLAlchemyStore, many: int) -> None:
    """Wait until so many sessions wait for a lock."""
    async with asyncio.timeout(20), store.engine.connect() as connection:
        while (await connection.execute(text(_WAITING))).scalar_one() < many:
            await connection.rollback()
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("server_url", chosen(("postgresql",)), indirect=True)
async def test_a_key_is_not_left_behind_its_thread(server_url: str) -> None:
    async with SQLAlchemyStore(server_url) as store:
        await store.create_thread("t", "ada", "agent")
        async with store.engine.connect() as holder:
            await holder.execute(select(THREADS.c.id).where(THREADS.c.id == "t").with_for_update())
            adding = asyncio.ensure_future(store.add_message("t", "user", "hello", idempotency_key="k"))
            await _waits(store, 1)
            deleting = asyncio.ensure_future(store.delete_thread("t"))
            await _waits(store, 2)
            await holder.rollback()
        assert (await adding)["index"] == 0
        assert await deleting is True
        async with store.engine.connect() as connection:
            left = select(func.count()).select_from(IDEMPOTENCY_KEYS)
            assert (await connection.execute(left)).scalar_one() == 0
        await store.create_thread("t", "bob", "agent")
        again = await store.add_message("t", "user", "hello", idempotency_key="k")
        assert (await store.get_thread("t") or {})["message_count"] == 1 == again["index"] + 1
