"""Tests of several messages at once and of the newest: `add_messages` and `get_messages(last=…)`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import ThreadNotFound
from .support import MESSAGE_KEYS, check_record, contents, needs, new_thread, next_moment, refused, thread_of, unique
from .values import BAD_COUNTS, TEXTS


def _batch(*texts: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text} for text in texts]


_GOOD = {"role": "user", "content": "good"}
_BAD_ITEMS: dict[str, tuple[Any, str]] = {
    "no dict": ("text", ""),
    "None": (None, ""),
    "no role": ({"content": "x"}, ".role"),
    "no content": ({"role": "user"}, ".content"),
    "an empty role": ({"role": "", "content": "x"}, ".role"),
    "a role that is no text": ({"role": 7, "content": "x"}, ".role"),
    "content that is no text": ({"role": "user", "content": None}, ".content"),
    "an unknown field": ({"role": "user", "content": "x", "index": 5}, ".index"),
    "metadata that is no dict": ({"role": "user", "content": "x", "metadata": [1]}, ".metadata"),
    "metadata with NaN": ({"role": "user", "content": "x", "metadata": {"a": float("nan")}}, ".metadata.a"),
}


class Messages:
    """Messages can be added in batches, and the newest can be read."""

    @needs("add_messages")
    async def test_add_messages_returns_the_messages_in_their_order(self, store: BaseStore) -> None:
        """The new messages follow the existing messages; metadata may be left out."""
        thread_id = await new_thread(store, "first")
        added = await store.add_messages(
            thread_id,
            [
                {"role": "user", "content": "second", "metadata": {"n": 2}},
                {"role": "assistant", "content": "third"},
                {"role": "tool", "content": "fourth", "metadata": None},
            ],
        )
        for message in added:
            check_record(message, MESSAGE_KEYS)
        assert [message["index"] for message in added] == [1, 2, 3]
        assert [message["role"] for message in added] == ["user", "assistant", "tool"]
        assert [message["metadata"] for message in added] == [{"n": 2}, {}, {}]
        history = await store.get_messages(thread_id)
        assert history[1:] == added
        assert len({message["id"] for message in history}) == 4
        assert (await thread_of(store, thread_id))["message_count"] == 4

    @needs("add_messages")
    async def test_add_messages_takes_any_iterable(self, store: BaseStore) -> None:
        """A generator, which can be read only once, is allowed."""
        thread_id = await new_thread(store)

        def made() -> Iterator[dict[str, Any]]:
            yield from _batch("a", "b")

        assert [message["content"] for message in await store.add_messages(thread_id, made())] == ["a", "b"]
        assert len(await store.add_messages(thread_id, tuple(_batch("c")))) == 1
        assert await contents(store, thread_id) == ["a", "b", "c"]

    @needs("add_messages")
    async def test_adding_no_messages_changes_nothing(self, store: BaseStore) -> None:
        """An empty list is returned, and the thread stays as it was."""
        thread_id = await new_thread(store, "first")
        before = await thread_of(store, thread_id)
        await next_moment()
        assert await store.add_messages(thread_id, []) == []
        assert await thread_of(store, thread_id) == before
        assert await contents(store, thread_id) == ["first"]

    @needs("add_messages")
    async def test_messages_to_an_unknown_thread_raise(self, store: BaseStore) -> None:
        """The error names the thread; an empty call raises it, too."""
        for batch in (_batch("lost"), []):
            thread_id = unique()
            with pytest.raises(ThreadNotFound) as caught:
                await store.add_messages(thread_id, batch)
            assert caught.value.thread_id == thread_id
            assert await store.get_messages(thread_id) == []

    @needs("add_messages")
    @pytest.mark.parametrize(("bad", "path"), _BAD_ITEMS.values(), ids=_BAD_ITEMS)
    async def test_one_invalid_message_refuses_all(self, store: BaseStore, bad: Any, path: str) -> None:
        """The error names its index and field; none is stored."""
        thread_id = await new_thread(store, "first")
        before = await thread_of(store, thread_id)
        async with refused(f"messages[2]{path}"):
            await store.add_messages(thread_id, [_GOOD, _GOOD, bad, _GOOD])
        assert await thread_of(store, thread_id) == before
        assert await contents(store, thread_id) == ["first"]

    @needs("add_messages")
    @pytest.mark.parametrize("bad", [None, 7, "text", b"bytes", _GOOD], ids=repr)
    async def test_an_argument_that_is_not_a_list_is_refused(self, store: BaseStore, bad: Any) -> None:
        """A single message is refused, too."""
        thread_id = await new_thread(store)
        async with refused("messages"):
            await store.add_messages(thread_id, bad)
        assert await store.get_messages(thread_id) == []

    @needs("add_messages")
    async def test_concurrent_batches_stay_together(self, store: BaseStore) -> None:
        """Each batch has consecutive positions, and single messages go between batches."""
        thread_id = await new_thread(store)
        batches, singles = await asyncio.gather(
            asyncio.gather(
                *(store.add_messages(thread_id, _batch(*(f"{n}/{m}" for m in range(5)))) for n in range(10))
            ),
            asyncio.gather(*(store.add_message(thread_id, "user", "single") for _ in range(10))),
        )
        history = await store.get_messages(thread_id)
        assert [message["index"] for message in history] == list(range(60))
        for number, added in enumerate(batches):
            first = added[0]["index"]
            assert history[first : first + 5] == added
            assert [message["content"] for message in added] == [f"{number}/{m}" for m in range(5)]
        assert all(history[message["index"]] == message for message in singles)
        assert (await thread_of(store, thread_id))["message_count"] == 60

    @needs("add_messages")
    async def test_thousands_of_messages_can_be_added_in_one_call(self, store: BaseStore) -> None:
        """The call has more values than an SQL statement can have parameters."""
        thread_id = await new_thread(store)
        added = await store.add_messages(thread_id, _batch(*map(str, range(7_000))))
        assert [(message["index"], message["content"]) for message in added] == [(n, str(n)) for n in range(7_000)]
        assert await store.get_messages(thread_id, limit=10_000) == added
        assert (await thread_of(store, thread_id))["message_count"] == 7_000

    @needs("add_messages")
    async def test_contents_of_a_batch_are_returned_exactly(self, store: BaseStore) -> None:
        """Every text is kept exactly."""
        thread_id = await new_thread(store)
        added = await store.add_messages(thread_id, _batch(*TEXTS.values()))
        assert [message["content"] for message in added] == list(TEXTS.values())
        assert await store.get_messages(thread_id) == added

    # the newest messages

    @needs("get_messages(last)")
    async def test_the_last_messages_come_oldest_first(self, store: BaseStore) -> None:
        """`last` may exceed the number of messages, and `limit` is ignored."""
        thread_id = await new_thread(store, *map(str, range(8)))
        history = await store.get_messages(thread_id)
        assert await store.get_messages(thread_id, last=3) == history[-3:]
        assert await store.get_messages(thread_id, last=3, limit=1) == history[-3:]
        assert await store.get_messages(thread_id, last=8) == history
        assert await store.get_messages(thread_id, last=10**30) == history
        assert await store.get_messages(thread_id, last=0) == []
        assert await store.get_messages(thread_id, last=None) == history
        assert await store.get_messages(unique(), last=3) == []

    @needs("get_messages(last)")
    async def test_last_cannot_be_combined_with_an_offset(self, store: BaseStore) -> None:
        """An offset counts from the first message, `last` from the end."""
        thread_id = await new_thread(store, "a")
        async with refused("offset"):
            await store.get_messages(thread_id, last=1, offset=1)

    @needs("get_messages(last)")
    @pytest.mark.parametrize("bad", [bad for bad in BAD_COUNTS if bad is not None], ids=repr)
    async def test_an_invalid_last_is_refused(self, store: BaseStore, bad: Any) -> None:
        """A `ValueError` names the argument."""
        async with refused("last"):
            await store.get_messages(unique(), last=bad)
