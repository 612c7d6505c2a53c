"""Tests of idempotency keys: calls with the same key store once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import IdempotencyConflict, ThreadNotFound
from .support import (
    FEEDBACK_KEYS,
    MESSAGE_KEYS,
    check_record,
    contents,
    needs,
    new_thread,
    next_moment,
    refused,
    thread_of,
    unique,
)

_BAD_KEYS: dict[str, Any] = {"empty": "", "too long": "k" * 256, "a number": 7, "U+0000": "a\x00", "bytes": b"k"}


class IdempotencyKeys:
    """`idempotency_key=` of `add_message`, `add_messages` and `add_feedback` makes calls safe to repeat."""

    @needs("add_message(idempotency_key)")
    async def test_a_message_with_the_same_key_is_stored_once(self, store: BaseStore) -> None:
        """The second call returns the first call's record, even if other messages were added meanwhile."""
        thread_id = await new_thread(store, "before")
        first = await store.add_message(thread_id, "user", "once", metadata={"a": 1, "b": [2]}, idempotency_key="k")
        check_record(first, MESSAGE_KEYS)
        await store.add_message(thread_id, "assistant", "after")
        again = await store.add_message(thread_id, "user", "once", metadata={"b": [2], "a": 1}, idempotency_key="k")
        assert again == first
        assert await contents(store, thread_id) == ["before", "once", "after"]
        assert (await thread_of(store, thread_id))["message_count"] == 3

    @needs("add_message(idempotency_key)", "add_messages(idempotency_key)")
    async def test_an_empty_call_with_a_used_key_stores_nothing(self, store: BaseStore) -> None:
        """The key of an empty call is not looked at, and can be used afterwards."""
        thread_id = await new_thread(store)
        assert await store.add_messages(thread_id, [], idempotency_key="k") == []
        await store.add_message(thread_id, "user", "once", idempotency_key="k")
        assert await store.add_messages(thread_id, [], idempotency_key="k") == []
        assert await contents(store, thread_id) == ["once"]

    @needs("add_message(idempotency_key)")
    @pytest.mark.parametrize(
        "other",
        [
            {"role": "system", "content": "once"},
            {"role": "user", "content": "twice"},
            {"role": "user", "content": "once", "metadata": {"a": 1}},
        ],
        ids=["role", "content", "metadata"],
    )
    async def test_a_key_that_was_used_with_other_content_is_refused(
        self, store: BaseStore, other: dict[str, Any]
    ) -> None:
        """Nothing is stored, and the first call's message stays."""
        thread_id = await new_thread(store)
        first = await store.add_message(thread_id, "user", "once", idempotency_key="k")
        with pytest.raises(IdempotencyConflict, match="idempotency_key 'k'"):
            await store.add_message(thread_id, **other, idempotency_key="k")
        assert await store.get_messages(thread_id) == [first]
        assert await store.add_message(thread_id, "user", "once", idempotency_key="k") == first

    @needs("add_message(idempotency_key)")
    async def test_keys_of_different_threads_are_independent(self, store: BaseStore) -> None:
        """Keys are compared exactly: with another key the same content is stored again."""
        one, other = await new_thread(store), await new_thread(store)
        for thread_id, key in ((one, "k"), (one, "K"), (one, "k "), (other, "k")):
            await store.add_message(thread_id, "user", "same", idempotency_key=key)
        assert await contents(store, one) == ["same"] * 3
        assert await contents(store, other) == ["same"]

    @needs("add_messages(idempotency_key)")
    async def test_all_messages_of_a_call_share_its_key(self, store: BaseStore) -> None:
        """A repeated call returns all of them in order; fewer, more or reordered messages are other content."""
        thread_id = await new_thread(store, "before")
        sent = [{"role": "user", "content": str(number), "metadata": {"n": number}} for number in range(3)]
        first = await store.add_messages(thread_id, sent, idempotency_key="k")
        await store.add_message(thread_id, "user", "after")
        assert await store.add_messages(thread_id, sent, idempotency_key="k") == first
        for other in (sent[:2], [*sent, sent[0]], sent[::-1]):
            with pytest.raises(IdempotencyConflict):
                await store.add_messages(thread_id, other, idempotency_key="k")
        assert await contents(store, thread_id) == ["before", "0", "1", "2", "after"]

    @needs("add_messages(idempotency_key)")
    async def test_an_empty_call_does_not_use_its_key(self, store: BaseStore) -> None:
        """A later call with messages can use the key."""
        thread_id = await new_thread(store)
        assert await store.add_messages(thread_id, [], idempotency_key="k") == []
        assert len(await store.add_messages(thread_id, [{"role": "user", "content": "x"}], idempotency_key="k")) == 1

    @needs("add_message(idempotency_key)")
    async def test_concurrent_calls_with_one_key_store_once(self, store: BaseStore) -> None:
        """All return the same record; concurrent calls with other keys are not affected."""
        thread_id = await new_thread(store)
        same = [store.add_message(thread_id, "user", "same", idempotency_key="k") for _ in range(12)]
        own = [store.add_message(thread_id, "user", str(n), idempotency_key=f"k{n}") for n in range(12)]
        plain = [store.add_message(thread_id, "user", "plain") for _ in range(12)]
        calls = [call for calls in zip(same, own, plain, strict=True) for call in calls]
        added = await asyncio.gather(*calls)
        assert all(message == added[0] for message in added[::3])
        assert [message["content"] for message in added[1::3]] == [str(n) for n in range(12)]
        history = await store.get_messages(thread_id)
        assert sorted(message["content"] for message in history) == sorted(
            ["same", *map(str, range(12)), *["plain"] * 12]
        )
        assert [message["index"] for message in history] == list(range(25))
        assert (await thread_of(store, thread_id))["message_count"] == 25

    @needs("add_message(idempotency_key)")
    async def test_a_conflict_does_not_affect_concurrent_calls(self, store: BaseStore) -> None:
        """A store may run the calls in one batch; only the call with the conflict fails."""
        thread_id = await new_thread(store)
        await store.add_message(thread_id, "user", "first", idempotency_key="k")
        calls = [store.add_message(thread_id, "user", str(n)) for n in range(5)]
        calls.insert(2, store.add_message(thread_id, "user", "other", idempotency_key="k"))
        done = await asyncio.gather(*calls, return_exceptions=True)
        assert isinstance(done.pop(2), IdempotencyConflict)
        assert [message["content"] for message in done if isinstance(message, dict)] == [str(n) for n in range(5)]
        assert sorted(await contents(store, thread_id)) == [*map(str, range(5)), "first"]

    @needs("add_message(idempotency_key)")
    async def test_a_failed_call_does_not_use_its_key(self, store: BaseStore) -> None:
        """The thread was unknown; after it was created, the same call stores its message."""
        thread_id = unique()
        with pytest.raises(ThreadNotFound):
            await store.add_message(thread_id, "user", "x", idempotency_key="k")
        await store.create_thread(thread_id, "ada", "agent")
        await store.add_message(thread_id, "user", "y", idempotency_key="k")
        assert await contents(store, thread_id) == ["y"]

    @needs("add_message(idempotency_key)", "delete_thread")
    async def test_deleting_a_thread_deletes_its_keys(self, store: BaseStore) -> None:
        """A new thread with the same id can use them again."""
        thread_id = await new_thread(store)
        await store.add_message(thread_id, "user", "x", idempotency_key="k")
        assert await store.delete_thread(thread_id)
        await store.create_thread(thread_id, "ada", "agent")
        await store.add_message(thread_id, "user", "y", idempotency_key="k")
        assert await contents(store, thread_id) == ["y"]

    @needs("add_feedback(idempotency_key)")
    async def test_feedback_with_the_same_key_is_stored_once(self, store: BaseStore) -> None:
        """The thread need not exist, and a message may have the same key."""
        agent, thread_id = unique("agent"), await new_thread(store)
        await store.add_message(thread_id, "user", "x", idempotency_key="k")
        first = await store.add_feedback(thread_id, "ada", agent, rating=5, comment="good", idempotency_key="k")
        check_record(first, FEEDBACK_KEYS)
        assert await store.add_feedback(thread_id, "ada", agent, rating=5, comment="good", idempotency_key="k") == first
        with pytest.raises(IdempotencyConflict):
            await store.add_feedback(thread_id, "ada", agent, rating=4, comment="good", idempotency_key="k")
        orphan = unique()
        second = await store.add_feedback(orphan, "ada", agent, idempotency_key="k")
        assert await store.add_feedback(orphan, "ada", agent, idempotency_key="k") == second
        assert await store.get_feedback(agent_name=agent) == [second, first]

    @needs("add_message(idempotency_key)", "add_feedback(idempotency_key)")
    @pytest.mark.parametrize("key", _BAD_KEYS.values(), ids=_BAD_KEYS)
    async def test_an_invalid_key_is_refused(self, store: BaseStore, key: Any) -> None:
        """Nothing is stored."""
        thread_id = await new_thread(store)
        async with refused("idempotency_key"):
            await store.add_message(thread_id, "user", "x", idempotency_key=key)
        async with refused("idempotency_key"):
            await store.add_feedback(thread_id, "ada", "agent", idempotency_key=key)
        assert await store.get_messages(thread_id) == []

    @needs("add_message(idempotency_key)", "cleanup_idempotency_keys")
    async def test_old_keys_can_be_deleted(self, store: BaseStore) -> None:
        """Their messages and feedback stay; after that the same call stores again."""
        thread_id = await new_thread(store)
        await store.add_message(thread_id, "user", "x", idempotency_key="k")
        await store.cleanup_idempotency_keys(timedelta(hours=1))
        await store.add_message(thread_id, "user", "x", idempotency_key="k")
        assert await contents(store, thread_id) == ["x"]
        await next_moment()
        assert await store.cleanup_idempotency_keys(0) >= 1
        await store.add_message(thread_id, "user", "x", idempotency_key="k")
        assert await contents(store, thread_id) == ["x", "x"]
        async with refused("older_than"):
            await store.cleanup_idempotency_keys(-1)
