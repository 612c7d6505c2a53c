"""A call on a server that is cancelled while it connects: it ends as cancelled, and the store works on."""

from __future__ import annotations

import asyncio

import pytest

from agentomatic_sql import SQLAlchemyStore
from tests.support.cancelling import Cancel, after, before, cancelled_at, twice

_SECONDS = 20


@pytest.mark.parametrize("cancel", [before, after, twice])
async def test_a_call_that_is_cancelled_while_it_connects_is_cancelled(server_url: str, cancel: Cancel) -> None:
    """Wherever it waits, also if what it waited for has just come."""
    at, cancelled = 0, True
    while cancelled:
        async with SQLAlchemyStore(server_url, migrate="check") as store, asyncio.timeout(_SECONDS):
            await store.initialize()
            await store.engine.dispose()
            task = asyncio.create_task(cancelled_at(store.get_thread("t"), cancel, at))
            await asyncio.wait({task})
            cancelled = task.cancelling() > 0
            assert task.cancelled() == cancelled, f"at wait {at}: {task}"
            assert await store.get_thread("t") is None
            while store._database.pool()["in_use"]:  # the cancelled call's connection is closed meanwhile
                await asyncio.sleep(0.001)
        at += 1
    assert at > 5
