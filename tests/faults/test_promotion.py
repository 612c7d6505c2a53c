"""A PostgreSQL primary dies and its standby is promoted under a running saver: the promoted server's state counts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import pairs
from tests.support.checkpoints import LONG, config, go_on, latest
from tests.support.pairs import PostgresPair


@pytest.fixture
def pair() -> Iterator[PostgresPair]:
    with pairs.found(pairs.postgres()) as pair:
        yield pair


async def test_a_promoted_servers_state_counts(pair: PostgresPair) -> None:
    url = pair.url(target_session_attrs="primary")
    async with SQLAlchemySaver(url) as saver:
        await go_on(saver, [f"{name} {LONG}" for name in ("m1", "m2", "m3")])
        await asyncio.to_thread(pair.wait_for_standby)
        await asyncio.to_thread(pair.cut_off)
        await go_on(saver, [f"m4, lost {LONG}"])
        await asyncio.to_thread(pair.fail_over)
        async with SQLAlchemySaver(url) as other:
            before = (await latest(other, config())).checkpoint["channel_values"]["messages"]
            assert before == [f"{name} {LONG}" for name in ("m1", "m2", "m3")]
            await go_on(other, [f"m4 {LONG}"])
            now = [f"{name} {LONG}" for name in ("m1", "m2", "m3", "m4")]
            assert (await latest(saver, config())).checkpoint["channel_values"]["messages"] == now
            await go_on(saver, [f"m5 {LONG}"])
            found = await latest(other, config())
            assert found.checkpoint["channel_values"]["messages"] == [*now, f"m5 {LONG}"]
