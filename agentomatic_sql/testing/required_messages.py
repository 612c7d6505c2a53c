"""Messages, as every store keeps them: `add_message`, `get_messages`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import ThreadNotFound
from .support import MESSAGE_KEYS, check_record, contents, new_thread, next_moment, refused, thread_of, time_of, unique
from .values import BAD_COUNTS, BAD_IDS, LONGEST_IDS


class RequiredMessages:
    """`add_message` and `get_messages` with the platform's own arguments."""

    async def test_add_message_returns_the_message(self, store: BaseStore) -> None:
        """The record has every documented key, and is what `get_messages` finds."""
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
        """Oldest first, `index` counting from 0, times never going back, and the count agrees."""
        thread_id = await new_thread(store)
        added = [await store.add_message(thread_id, "user", str(n)) for n in range(30)]
        assert [message["index"] for message in added] == list(range(30))
        assert await store.get_messages(thread_id) == added
        times = [message["timestamp"] for message in added]
        assert times == sorted(times)
        assert (await thread_of(store, thread_id))["message_count"] == 30

    async def test_metadata_of_a_message_may_be_left_out(self, store: BaseStore) -> None:
        """It is an empty dict then."""
        thread_id = await new_thread(store, "without")
        await store.add_message(thread_id, "user", "none", metadata=None)
        assert [message["metadata"] for message in await store.get_messages(thread_id)] == [{}, {}]

    async def test_a_message_updates_its_thread(self, store: BaseStore) -> None:
        """`updated_at` moves on, `created_at` and everything else stays."""
        thread_id = await new_thread(store, title="stays", metadata={"n": 1})
        before = await thread_of(store, thread_id)
        await next_moment()
        await store.add_message(thread_id, "user", "news")
        after = await thread_of(store, thread_id)
        assert time_of(after, "updated_at") > time_of(before, "updated_at")
        assert after == before | {"message_count": 1, "updated_at": after["updated_at"]}

    async def test_ids_of_messages_are_integers_that_javascript_reads_right(self, store: BaseStore) -> None:
        """Under 2^53, and no two the same, in whatever thread."""
        threads = [await new_thread(store) for _ in range(3)]
        added = [await store.add_message(thread_id, "user", "x") for _ in range(3) for thread_id in threads]
        for message in added:
            assert type(message["id"]) is int
            assert 0 <= message["id"] < 2**53
        assert len({message["id"] for message in added}) == 9

    async def test_50_appends_at_once_leave_no_gap_and_no_repeat(self, store: BaseStore) -> None:
        """Indexes, count and rows agree, and each append was told its own place."""
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

    async def test_what_was_acknowledged_first_stands_first(self, store: BaseStore) -> None:
        """Each of several writers finds its own messages in the order in which it wrote them."""
        thread_id = await new_thread(store)

        async def write(writer: int) -> list[int]:
            return [(await store.add_message(thread_id, "user", f"{writer}/{n}"))["index"] for n in range(8)]

        places = await asyncio.gather(*(write(writer) for writer in range(6)))
        assert all(given == sorted(given) for given in places)
        history = await contents(store, thread_id)
        for writer, given in enumerate(places):
            assert [history[place] for place in given] == [f"{writer}/{n}" for n in range(8)]

    async def test_appends_to_several_threads_at_once_do_not_mix(self, store: BaseStore) -> None:
        """Each thread counts for itself."""
        threads = [await new_thread(store) for _ in range(5)]
        await asyncio.gather(*(store.add_message(here, "user", here) for _ in range(6) for here in threads))
        for thread_id in threads:
            history = await store.get_messages(thread_id)
            assert [(message["index"], message["content"]) for message in history] == [(n, thread_id) for n in range(6)]
            assert (await thread_of(store, thread_id))["message_count"] == 6

    async def test_a_message_to_an_unknown_thread_raises(self, store: BaseStore) -> None:
        """The error names the thread, which is not made by it."""
        thread_id = unique()
        with pytest.raises(ThreadNotFound) as caught:
            await store.add_message(thread_id, "user", "lost")
        assert caught.value.thread_id == thread_id
        assert await store.get_thread(thread_id) is None
        assert await store.get_messages(thread_id) == []

    async def test_messages_of_an_unknown_thread_are_none(self, store: BaseStore) -> None:
        """An empty list, whatever the page; the same for a thread that has none."""
        for thread_id in (unique(), await new_thread(store)):
            assert await store.get_messages(thread_id) == []
            assert await store.get_messages(thread_id, limit=5, offset=5) == []

    @pytest.mark.parametrize("role", ["user", "assistant", "tool:search", "Rôle 😀", " ", *LONGEST_IDS], ids=ascii)
    async def test_any_role_is_kept(self, store: BaseStore, role: str) -> None:
        """A role is a name of at most 255 characters."""
        thread_id = await new_thread(store)
        assert (await store.add_message(thread_id, role, "x"))["role"] == role
        assert (await store.get_messages(thread_id))[0]["role"] == role

    @pytest.mark.parametrize("bad", ["", *BAD_IDS.values()], ids=["empty", *BAD_IDS])
    async def test_what_is_no_role_is_refused(self, store: BaseStore, bad: Any) -> None:
        """And the thread stays as it was."""
        thread_id = await new_thread(store, "first")
        before = await thread_of(store, thread_id)
        async with refused("role"):
            await store.add_message(thread_id, bad, "x")
        assert await thread_of(store, thread_id) == before
        assert await contents(store, thread_id) == ["first"]

    @pytest.mark.parametrize("bad", [None, 7, b"bytes", ["list"], {"type": "text"}], ids=repr)
    async def test_content_that_is_no_text_is_refused(self, store: BaseStore, bad: Any) -> None:
        """And the thread stays as it was."""
        thread_id = await new_thread(store, "first")
        before = await thread_of(store, thread_id)
        async with refused("content"):
            await store.add_message(thread_id, "user", bad)
        assert await thread_of(store, thread_id) == before
        assert await contents(store, thread_id) == ["first"]

    async def test_what_is_refused_takes_no_place(self, store: BaseStore) -> None:
        """The next message stands where the refused one would have stood."""
        thread_id = await new_thread(store, "first")
        async with refused("metadata.x"):
            await store.add_message(thread_id, "user", "refused", metadata={"x": float("nan")})
        assert (await store.add_message(thread_id, "user", "second"))["index"] == 1
        assert await contents(store, thread_id) == ["first", "second"]

    async def test_pages_of_a_history(self, store: BaseStore) -> None:
        """Page by page is the whole."""
        thread_id = await new_thread(store, *map(str, range(10)))
        whole = await store.get_messages(thread_id)
        pages = [await store.get_messages(thread_id, limit=4, offset=offset) for offset in (0, 4, 8, 12)]
        assert [len(page) for page in pages] == [4, 4, 2, 0]
        assert [message for page in pages for message in page] == whole
        assert await store.get_messages(thread_id, offset=7) == whole[7:]

    async def test_a_page_of_a_history_has_100_messages_unless_told(self, store: BaseStore) -> None:
        """The platform's default, counted from the oldest."""
        thread_id = await new_thread(store, *map(str, range(103)))
        assert [message["index"] for message in await store.get_messages(thread_id)] == list(range(100))

    async def test_the_ends_of_a_history(self, store: BaseStore) -> None:
        """No limit is too large, an offset past the end finds nothing, and limit=0 is nothing."""
        thread_id = await new_thread(store, "only")
        assert await store.get_messages(thread_id, limit=0) == []
        assert await store.get_messages(thread_id, offset=1) == []
        assert len(await store.get_messages(thread_id, limit=10**30)) == 1
        assert await store.get_messages(thread_id, offset=10**30) == []

    @pytest.mark.parametrize("bad", BAD_COUNTS, ids=repr)
    async def test_a_limit_or_offset_of_a_history_that_makes_no_sense_is_refused(
        self, store: BaseStore, bad: Any
    ) -> None:
        """With a `ValueError` that names it."""
        thread_id = await new_thread(store, "only")
        async with refused("limit"):
            await store.get_messages(thread_id, limit=bad)
        async with refused("offset"):
            await store.get_messages(thread_id, offset=bad)
