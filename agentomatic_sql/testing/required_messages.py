"""Tests of messages for every store: `add_message` and `get_messages`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import ThreadNotFound
from .support import MESSAGE_KEYS, check_record, contents, new_thread, next_moment, refused, thread_of, time_of, unique
from .values import BAD_COUNTS, BAD_IDS, LONGEST_IDS


class RequiredMessages:
    """`add_message` and `get_messages` work with the arguments that the platform passes."""

    async def test_add_message_returns_the_message(self, store: BaseStore) -> None:
        """The record has every documented key, and `get_messages` returns it."""
        thread_id = await new_thread(store)
        message = await store.add_message(thread_id, "assistant", "Hello", metadata={"tokens": 3})
        check_record(message, MESSAGE_KEYS)
        expected = {
            "thread_id": thread_id,
            "index": 0,
            "role": "assistant",
            "content": "Hello",
            "metadata": {"tokens": 3},
        }
        assert {key: message[key] for key in expected} == expected
        assert await store.get_messages(thread_id) == [message]

    async def test_messages_are_in_the_order_in_which_they_were_added(self, store: BaseStore) -> None:
        """The oldest comes first, `index` counts from 0, times never decrease, and `message_count` agrees."""
        thread_id = await new_thread(store)
        added = [await store.add_message(thread_id, "user", str(n)) for n in range(30)]
        assert [message["index"] for message in added] == list(range(30))
        assert await store.get_messages(thread_id) == added
        times = [message["timestamp"] for message in added]
        assert times == sorted(times)
        assert (await thread_of(store, thread_id))["message_count"] == 30

    async def test_metadata_of_a_message_may_be_left_out(self, store: BaseStore) -> None:
        """Metadata that is left out is an empty dict."""
        thread_id = await new_thread(store, "without")
        await store.add_message(thread_id, "user", "none", metadata=None)
        assert [message["metadata"] for message in await store.get_messages(thread_id)] == [{}, {}]

    async def test_a_message_updates_its_thread(self, store: BaseStore) -> None:
        """`updated_at` increases; `created_at` and all other fields stay."""
        thread_id = await new_thread(store, title="stays", metadata={"n": 1})
        before = await thread_of(store, thread_id)
        await next_moment()
        await store.add_message(thread_id, "user", "news")
        after = await thread_of(store, thread_id)
        assert time_of(after, "updated_at") > time_of(before, "updated_at")
        assert after == before | {"message_count": 1, "updated_at": after["updated_at"]}

    async def test_message_ids_are_integers_that_javascript_reads_exactly(self, store: BaseStore) -> None:
        """The ids are below 2^53 and unique across threads."""
        threads = [await new_thread(store) for _ in range(3)]
        added = [await store.add_message(thread_id, "user", "x") for _ in range(3) for thread_id in threads]
        for message in added:
            assert type(message["id"]) is int
            assert 0 <= message["id"] < 2**53
        assert len({message["id"] for message in added}) == 9

    async def test_50_concurrent_appends_leave_no_gap_and_no_duplicate(self, store: BaseStore) -> None:
        """Indexes, `message_count` and rows agree, and each call returned its own index."""
        thread_id = await new_thread(store)
        added = await asyncio.gather(*(store.add_message(thread_id, "user", str(n)) for n in range(50)))
        assert sorted(message["index"] for message in added) == list(range(50))
        assert len({message["id"] for message in added}) == 50
        history = await store.get_messages(thread_id)
        assert history == sorted(added, key=lambda message: int(message["index"]))
        assert {message["content"] for message in history} == {str(n) for n in range(50)}
        times = [message["timestamp"] for message in history]
        assert times == sorted(times)
        assert (await thread_of(store, thread_id))["message_count"] == 50

    async def test_messages_are_ordered_as_they_were_acknowledged(self, store: BaseStore) -> None:
        """Each of several writers finds its own messages in the order in which it added them."""
        thread_id = await new_thread(store)

        async def write(writer: int) -> list[int]:
            return [(await store.add_message(thread_id, "user", f"{writer}/{n}"))["index"] for n in range(8)]

        indexes = await asyncio.gather(*(write(writer) for writer in range(6)))
        assert all(own == sorted(own) for own in indexes)
        history = await contents(store, thread_id)
        for writer, own in enumerate(indexes):
            assert [history[index] for index in own] == [f"{writer}/{n}" for n in range(8)]

    async def test_concurrent_appends_to_several_threads_do_not_mix(self, store: BaseStore) -> None:
        """The indexes of each thread count from 0."""
        threads = [await new_thread(store) for _ in range(5)]
        await asyncio.gather(
            *(store.add_message(thread_id, "user", thread_id) for _ in range(6) for thread_id in threads)
        )
        for thread_id in threads:
            history = await store.get_messages(thread_id)
            assert [(message["index"], message["content"]) for message in history] == [(n, thread_id) for n in range(6)]
            assert (await thread_of(store, thread_id))["message_count"] == 6

    async def test_a_message_to_an_unknown_thread_raises(self, store: BaseStore) -> None:
        """The error names the thread, and the thread is not created."""
        thread_id = unique()
        with pytest.raises(ThreadNotFound) as caught:
            await store.add_message(thread_id, "user", "lost")
        assert caught.value.thread_id == thread_id
        assert await store.get_thread(thread_id) is None
        assert await store.get_messages(thread_id) == []

    async def test_an_unknown_thread_has_no_messages(self, store: BaseStore) -> None:
        """`get_messages` returns an empty list for every page, as for an empty thread."""
        for thread_id in (unique(), await new_thread(store)):
            assert await store.get_messages(thread_id) == []
            assert await store.get_messages(thread_id, limit=5, offset=5) == []

    @pytest.mark.parametrize("role", ["user", "assistant", "tool:search", "Rôle 😀", " ", *LONGEST_IDS], ids=ascii)
    async def test_any_role_is_kept(self, store: BaseStore, role: str) -> None:
        """A role may be any text of 1 to 255 characters."""
        thread_id = await new_thread(store)
        assert (await store.add_message(thread_id, role, "x"))["role"] == role
        assert (await store.get_messages(thread_id))[0]["role"] == role

    @pytest.mark.parametrize("bad", ["", *BAD_IDS.values()], ids=["empty", *BAD_IDS])
    async def test_an_invalid_role_is_refused(self, store: BaseStore, bad: Any) -> None:
        """The thread stays as it was."""
        thread_id = await new_thread(store, "first")
        before = await thread_of(store, thread_id)
        async with refused("role"):
            await store.add_message(thread_id, bad, "x")
        assert await thread_of(store, thread_id) == before
        assert await contents(store, thread_id) == ["first"]

    @pytest.mark.parametrize("bad", [None, 7, b"bytes", ["list"], {"type": "text"}], ids=repr)
    async def test_content_that_is_not_text_is_refused(self, store: BaseStore, bad: Any) -> None:
        """The thread stays as it was."""
        thread_id = await new_thread(store, "first")
        before = await thread_of(store, thread_id)
        async with refused("content"):
            await store.add_message(thread_id, "user", bad)
        assert await thread_of(store, thread_id) == before
        assert await contents(store, thread_id) == ["first"]

    async def test_a_refused_message_uses_no_index(self, store: BaseStore) -> None:
        """The next message has the index that the refused one would have had."""
        thread_id = await new_thread(store, "first")
        async with refused("metadata.x"):
            await store.add_message(thread_id, "user", "refused", metadata={"x": float("nan")})
        assert (await store.add_message(thread_id, "user", "second"))["index"] == 1
        assert await contents(store, thread_id) == ["first", "second"]

    async def test_pages_contain_each_message_once(self, store: BaseStore) -> None:
        """The pages together are all messages in order."""
        thread_id = await new_thread(store, *map(str, range(10)))
        whole = await store.get_messages(thread_id)
        pages = [await store.get_messages(thread_id, limit=4, offset=offset) for offset in (0, 4, 8, 12)]
        assert [len(page) for page in pages] == [4, 4, 2, 0]
        assert [message for page in pages for message in page] == whole
        assert await store.get_messages(thread_id, offset=7) == whole[7:]

    async def test_the_default_limit_of_messages_is_100(self, store: BaseStore) -> None:
        """The default is the platform's, counted from the oldest message."""
        thread_id = await new_thread(store, *map(str, range(103)))
        assert [message["index"] for message in await store.get_messages(thread_id)] == list(range(100))

    async def test_pages_may_go_past_the_last_message(self, store: BaseStore) -> None:
        """No limit is too large; an offset past the end or limit=0 returns an empty list."""
        thread_id = await new_thread(store, "only")
        assert await store.get_messages(thread_id, limit=0) == []
        assert await store.get_messages(thread_id, offset=1) == []
        assert len(await store.get_messages(thread_id, limit=10**30)) == 1
        assert await store.get_messages(thread_id, offset=10**30) == []

    @pytest.mark.parametrize("bad", BAD_COUNTS, ids=repr)
    async def test_an_invalid_limit_or_offset_of_messages_is_refused(self, store: BaseStore, bad: Any) -> None:
        """A `ValueError` names the argument."""
        thread_id = await new_thread(store, "only")
        async with refused("limit"):
            await store.get_messages(thread_id, limit=bad)
        async with refused("offset"):
            await store.get_messages(thread_id, offset=bad)
