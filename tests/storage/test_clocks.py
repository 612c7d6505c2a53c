"""One clock for all: the database's. A host whose own clock is wrong changes no expiry, no clean-up and no order."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from agentomatic_sql import BaseStore, MemoryStore, SQLAlchemyStore, inputs
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.tables import THREADS

DAYS = timedelta(days=8)
SINCE_1999 = timedelta(days=365 * 27)


@contextmanager
def clock_off(by: timedelta) -> Iterator[None]:
    """Let this process's clock be wrong, as the clock of a host may be."""
    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(inputs, "now", lambda: datetime.now(UTC) + by)
        yield


def is_now(iso: str) -> bool:
    return abs(datetime.fromisoformat(iso) - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.fixture(params=[False, True], ids=["everybody", "a user's view"])
async def store(server_url: str, request: pytest.FixtureRequest) -> Any:
    """A store on a server, or a user's view of it."""
    async with SQLAlchemyStore(server_url) as store:
        yield store.for_user("ada") if request.param else store


async def test_a_host_that_is_days_ahead_leaves_waiting_approvals_alone(store: BaseStore) -> None:
    await store.create_thread("t", "ada", "support")
    saved = await store.save_suspended_state("s", "t", "support", "approve", {"amount": 7})
    with clock_off(DAYS):
        assert await store.cleanup_expired_states() == 0
        assert await store.get_suspended_state("s") == saved
        assert await store.list_suspended_states(thread_id="t") == [saved]
        assert (await store.get_stats())["suspended_states"] == 1
        assert await store.claim_suspended_state("s") == saved


async def test_an_approval_that_has_expired_is_gone_for_a_host_that_is_days_behind(store: BaseStore) -> None:
    await store.create_thread("t", "ada", "support")
    await store.save_suspended_state("s", "t", "support", "approve", {}, ttl=0)
    with clock_off(-DAYS):
        assert await store.get_suspended_state("s") is None
        assert await store.claim_suspended_state("s") is None
        assert (await store.get_stats())["suspended_states"] == 0
        assert await store.cleanup_expired_states() == 1


@pytest.mark.parametrize("by", [DAYS, -DAYS, SINCE_1999, -SINCE_1999], ids=str)
async def test_an_approval_waits_for_its_term_whoever_saves_it(store: BaseStore, by: timedelta) -> None:
    await store.create_thread("t", "ada", "support")
    for _ in range(2):  # the second time it is replaced
        with clock_off(by):
            saved = await store.save_suspended_state("s", "t", "support", "approve", {}, ttl=timedelta(hours=5))
        assert is_now(saved["created_at"])
        begun, ended = (datetime.fromisoformat(saved[name]) for name in ("created_at", "expires_at"))
        assert ended - begun == timedelta(hours=5)
        assert await store.get_suspended_state("s") == saved


async def test_a_host_that_is_days_ahead_leaves_fresh_idempotency_keys_alone(store: BaseStore) -> None:
    """Else the same key would store its content twice."""
    await store.create_thread("t", "ada", "support")
    first = await store.add_message("t", "user", "hello", idempotency_key="k")
    rating = await store.add_feedback("t", "ada", "support", rating=5, idempotency_key="k")
    with clock_off(-DAYS):
        await store.add_feedback("t", "ada", "support", rating=4, idempotency_key="from a host that is behind")
    with clock_off(DAYS):
        assert await store.cleanup_idempotency_keys(older_than=timedelta(days=7)) == 0
        assert await store.add_message("t", "user", "hello", idempotency_key="k") == first
        again = await store.add_feedback("t", "ada", "support", rating=5, idempotency_key="k")
        assert again["id"] == rating["id"]
    with clock_off(-DAYS):
        assert await store.cleanup_idempotency_keys(older_than=0) == 3


@pytest.mark.parametrize("age", [timedelta.max, 1e300, 10**11])
async def test_an_age_without_end_deletes_no_key(store: BaseStore, age: Any) -> None:
    await store.create_thread("t", "ada", "support")
    await store.add_message("t", "user", "hello", idempotency_key="k")
    with clock_off(DAYS):
        assert await store.cleanup_idempotency_keys(older_than=age) == 0


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
async def test_threads_and_messages_get_the_databases_time(server_url: str, *, encrypted: bool) -> None:
    encryption = Encryption({"k": Encryption.new_key()}) if encrypted else None
    if encrypted:
        pytest.importorskip("cryptography")
    async with SQLAlchemyStore(server_url, encryption=encryption, schema=None) as store:
        with clock_off(-SINCE_1999):
            await store.create_thread("behind", "ada", "support")
            await store.add_message("behind", "user", "hello")
        with clock_off(3 * SINCE_1999):
            created = await store.create_thread("t", "ada", "support")
            message = await store.add_message("t", "user", "hello")
            several = await store.add_messages("t", [{"role": "user", "content": str(n)} for n in range(3)])
            changed = await store.update_thread("t", title="new")
            forks = [
                await store.fork_thread("t", 9, "fork"),
                await store.fork_thread("t", 9, "fork with checkpoints", checkpoints=True),
            ]
        times = [created["created_at"], created["updated_at"], *[one["timestamp"] for one in (message, *several)]]
        times += [one[name] for one in (changed, *forks) if one for name in ("created_at", "updated_at")]
        times += [thread["updated_at"] for thread in await store.list_threads()]
        assert len(times) == 16
        assert all(map(is_now, times))
        assert (await store.list_threads())[-1]["id"] == "behind"


async def test_a_thread_that_was_stamped_by_a_wrong_clock_gets_the_right_time_again(sql_store: SQLAlchemyStore) -> None:
    await sql_store.create_thread("t", "ada", "support")
    for change in ("message", "title"):
        async with sql_store.engine.begin() as connection:
            await connection.execute(update(THREADS).values(updated_at=datetime(2099, 1, 1, tzinfo=UTC)))
        if change == "message":
            assert is_now((await sql_store.add_message("t", "user", "hello"))["timestamp"])
        else:
            await sql_store.update_thread("t", title="new")
        assert is_now((await sql_store.get_thread("t") or {})["updated_at"])


async def test_a_time_that_is_a_little_ahead_does_not_go_back(sql_store: SQLAlchemyStore) -> None:
    await sql_store.create_thread("t", "ada", "support")
    ahead = datetime.now(UTC) + timedelta(minutes=10)
    async with sql_store.engine.begin() as connection:
        await connection.execute(update(THREADS).values(updated_at=ahead))
    message = await sql_store.add_message("t", "user", "hello")
    assert datetime.fromisoformat(message["timestamp"]) == ahead
    changed = await sql_store.update_thread("t", title="new")
    assert datetime.fromisoformat((changed or {})["updated_at"]) == ahead


async def test_a_clock_that_was_wrong_for_a_time_leaves_no_trace_in_memory() -> None:
    store = MemoryStore()
    await store.create_thread("t", "ada", "support")
    with clock_off(3 * SINCE_1999):
        assert not is_now((await store.add_message("t", "user", "hello"))["timestamp"])
    assert is_now((await store.add_message("t", "user", "hello"))["timestamp"])
    assert is_now((await store.update_thread("t", title="new") or {})["updated_at"])


# warnings


@pytest.mark.parametrize(("by", "said"), [(DAYS, "691200 s ahead of"), (-DAYS, "691200 s behind")])
async def test_a_clock_that_is_far_from_the_databases_is_a_warning(
    server_url: str, caplog: pytest.LogCaptureFixture, by: timedelta, said: str
) -> None:
    """In the log when it is seen first, and in each health report."""
    with caplog.at_level(logging.WARNING, "agentomatic_sql"), clock_off(by):
        async with SQLAlchemyStore(server_url) as store:
            assert [said in text for text in caplog.messages] == [True]
            for _ in range(2):
                report = await store.health_check()
                assert report["status"] == "healthy"
                assert [said in text for text in report["warnings"]] == [True]
            assert len(caplog.messages) == 1
    caplog.clear()


async def test_a_clock_that_goes_wrong_later_is_logged_once(server_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with SQLAlchemyStore(server_url) as store:
        assert (await store.health_check())["warnings"] == []
        with caplog.at_level(logging.WARNING, "agentomatic_sql"):
            for by in (DAYS, timedelta(0), DAYS):
                with clock_off(by):
                    await store.health_check()
                    await store.health_check()
        assert len(caplog.messages) == 2


async def test_a_clock_that_differs_by_seconds_is_fine(sql_store: SQLAlchemyStore) -> None:
    with clock_off(timedelta(seconds=20)):
        assert (await sql_store.health_check())["warnings"] == []
