"""Tests of a store as a whole: `initialize`, `close`, `health_check` and `get_stats`."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import StoreClosed
from .support import needs, new_thread, unique, until

_COUNTS = ("threads", "messages", "feedback", "suspended_states", "checkpoints")


async def _grown(store: BaseStore, before: dict[str, Any]) -> dict[str, int]:
    after = await store.get_stats()
    return {count: after[count] - before[count] for count in _COUNTS}


class Lifecycle:
    """A store can be opened and closed, and reports its health and its size."""

    async def test_initializing_again_does_nothing(self, store: BaseStore) -> None:
        """Several tasks may do it at once, too."""
        thread_id = await new_thread(store, "a")
        await asyncio.gather(*(store.initialize() for _ in range(5)))
        assert len(await store.get_messages(thread_id)) == 1

    @needs("close")
    async def test_a_closed_store_raises_until_it_is_initialized_again(self, store: BaseStore) -> None:
        """Closing it twice is allowed, and `health_check` reports it as unhealthy."""
        await store.close()
        await store.close()
        with pytest.raises(StoreClosed, match=r"initialize\(\)"):
            await store.get_thread(unique())
        with pytest.raises(StoreClosed):
            await store.create_thread(unique(), "ada", "contract")
        assert (await store.health_check())["status"] == "unhealthy"
        await store.initialize()
        assert (await store.health_check())["status"] == "healthy"
        assert len(await store.get_messages(await new_thread(store, "a"))) == 1

    async def test_health_check_reports_a_healthy_store(self, store: BaseStore) -> None:
        """The report names the store's class and survives JSON."""
        report = await store.health_check()
        assert report["status"] == "healthy"
        assert report["backend"] == type(store).__name__
        assert json.loads(json.dumps(report)) == report

    async def test_get_stats_names_the_store(self, store: BaseStore) -> None:
        """The report survives JSON."""
        stats = await store.get_stats()
        assert stats["backend"] == type(store).__name__
        assert json.loads(json.dumps(stats)) == stats

    @needs("get_stats")
    async def test_stats_count_threads_and_messages(self, store: BaseStore) -> None:
        """The counts are exact, even after concurrent writes."""
        before = await store.get_stats()
        threads = await asyncio.gather(*(new_thread(store, "a", "b") for _ in range(10)))
        await asyncio.gather(*(store.add_message(thread_id, "user", "c") for thread_id in threads))
        await store.create_thread(threads[0], "ada", "contract")
        assert await _grown(store, before) == {
            "threads": 10,
            "messages": 30,
            "feedback": 0,
            "suspended_states": 0,
            "checkpoints": 0,
        }

    @needs("get_stats", "add_feedback", "save_suspended_state", "save_checkpoint")
    async def test_stats_count_rows_without_a_thread(self, store: BaseStore) -> None:
        """A state or checkpoint that was replaced counts once."""
        before, thread_id, approval_id = await store.get_stats(), unique(), unique("approval")
        for number in range(3):
            await store.add_feedback(thread_id, "ada", "contract", rating=5)
            await store.save_suspended_state(approval_id, thread_id, "contract", "node", {})
            await store.save_suspended_state(unique("approval"), thread_id, "contract", "node", {})
            await store.save_checkpoint(thread_id, "", "same", None, {"n": number}, {})
            await store.save_checkpoint(thread_id, "", f"c{number}", None, {}, {})
        assert await _grown(store, before) == {
            "threads": 0,
            "messages": 0,
            "feedback": 3,
            "suspended_states": 4,
            "checkpoints": 4,
        }

    @needs("get_stats", "delete_thread", "fork_thread", "add_feedback", "save_suspended_state", "save_checkpoint")
    async def test_stats_do_not_count_deleted_rows(self, store: BaseStore) -> None:
        """Deleting a thread deletes its rows but not its forks."""
        before = await store.get_stats()
        thread_id = await new_thread(store, "a", "b", "c")
        await store.fork_thread(thread_id, 1, unique("fork"))
        await store.add_feedback(thread_id, "ada", "contract")
        await store.save_suspended_state(unique("approval"), thread_id, "contract", "node", {})
        await store.save_checkpoint(thread_id, "", "c1", None, {}, {})
        full = {"threads": 2, "messages": 5, "feedback": 1, "suspended_states": 1, "checkpoints": 1}
        assert await _grown(store, before) == full
        assert await store.delete_thread(thread_id)
        assert await _grown(store, before) == dict.fromkeys(_COUNTS, 0) | {"threads": 1, "messages": 2}

    @needs("get_stats", "save_suspended_state(ttl)", "delete_suspended_state")
    async def test_stats_do_not_count_deleted_or_expired_states(self, store: BaseStore) -> None:
        """Expired states are not counted even before they are cleaned up."""
        await store.cleanup_expired_states()
        before = await store.get_stats()
        approvals = [unique("approval") for _ in range(3)]
        for approval_id, ttl in zip(approvals, (60, 60, 0.1), strict=True):
            await store.save_suspended_state(approval_id, "t", "contract", "node", {}, ttl=ttl)
        assert await store.delete_suspended_state(approvals[0])

        async def one_is_left() -> bool:
            return (await _grown(store, before))["suspended_states"] == 1

        await until(one_is_left)
        assert await store.get_suspended_state(approvals[1]) is not None
        assert await store.get_suspended_state(approvals[2]) is None
