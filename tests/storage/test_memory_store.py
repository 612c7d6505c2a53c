"""`MemoryStore(max_threads=)`, as the platform calls it: the threads that were updated longest ago make room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agentomatic_sql import InvalidInput, MemoryStore
from agentomatic_sql.testing.support import next_moment


async def filled(store: MemoryStore, *thread_ids: str) -> None:
    for thread_id in thread_ids:
        await store.create_thread(thread_id, "ada", "support")
        await next_moment()


async def kept(store: MemoryStore) -> set[str]:
    return {thread["id"] for thread in await store.list_threads(limit=1000)}


async def test_a_new_thread_replaces_the_one_updated_longest_ago() -> None:
    store = MemoryStore(max_threads=3)
    assert store.max_threads == 3
    await filled(store, "a", "b", "c")
    await store.add_message("a", "user", "hello")
    await filled(store, "d")
    assert await kept(store) == {"a", "c", "d"}
    await filled(store, "d", "a")  # they exist: nothing is replaced
    assert await kept(store) == {"a", "c", "d"}


async def test_a_fork_takes_a_place_too() -> None:
    store = MemoryStore(max_threads=2)
    await filled(store, "a", "b")
    await store.add_message("b", "user", "hello")
    fork = await store.fork_thread("b", 0, "new")
    assert fork is not None
    assert await kept(store) == {"b", "new"}
    assert (await store.get_thread("new") or {})["parent_thread_id"] == "b"


async def test_the_parent_of_a_fork_may_make_room_for_it() -> None:
    store = MemoryStore(max_threads=1)
    await filled(store, "a")
    fork = await store.fork_thread("a", 0, "new")
    assert fork is not None
    assert fork["parent_thread_id"] is None
    assert await kept(store) == {"new"}


async def test_a_thread_that_makes_room_takes_everything_with_it() -> None:
    store = MemoryStore(max_threads=1)
    await filled(store, "a")
    await store.add_message("a", "user", "hello", idempotency_key="k")
    await store.add_feedback("a", "ada", "support", rating=5)
    await store.save_suspended_state("s", "a", "support", "node", {})
    await store.save_checkpoint("a", "", "c", None, {}, {})
    await filled(store, "b")
    stats = await store.get_stats()
    counted = [stats[name] for name in ("threads", "messages", "feedback", "suspended_states", "checkpoints")]
    assert counted == [1, 0, 0, 0, 0]
    assert await store.cleanup_idempotency_keys(older_than=timedelta(0)) == 0


async def test_every_thread_is_kept_without_a_limit() -> None:
    store = MemoryStore()
    await filled(store, *map(str, range(50)))
    assert len(await kept(store)) == 50


@pytest.mark.parametrize("wrong", [0, -1, 1.5, "3", True], ids=repr)
def test_a_limit_that_makes_no_sense_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="max_threads"):
        MemoryStore(max_threads=wrong)
