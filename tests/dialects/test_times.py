"""Times come back in UTC, wherever the client is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from agentomatic_sql import BaseStore


@pytest.fixture(params=["America/New_York", "Asia/Tokyo"])
def away_from_utc(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("away_from_utc")
async def test_the_end_of_the_calendar_comes_back(store: BaseStore) -> None:
    """asyncpg stores `datetime.max` as infinity, and reads it without a time zone."""
    await store.save_suspended_state("last", "t", "agent", "node", {}, ttl=timedelta.max)
    state = await store.get_suspended_state("last")
    assert state is not None
    assert state["expires_at"] == "9999-12-31T23:59:59.999999+00:00"
