"""Tests of long listings: `list_threads(after=…)`, `iter_threads` and `iter_messages`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import ThreadNotFound
from .support import ids, needs, new_thread, next_moment, refused, thread_of, unique

_BAD_PAGE_SIZES: tuple[Any, ...] = (0, -1, 2.5, "3", None, True)


async def _threads_of(store: BaseStore, number: int, **fields: Any) -> list[str]:
    return list(await asyncio.gather(*(new_thread(store, **fields) for _ in range(number))))


class Listing:
    """Cursors and iterators return every thread and message once."""

    @needs("list_threads(after)")
    @pytest.mark.parametrize("by", ["thread", "id"])
    async def test_a_listing_continues_after_a_thread(self, store: BaseStore, by: str) -> None:
        """`after` is the record or the id; the pages together are the whole list, even if times are equal."""
        agent_name = unique("agent")
        await _threads_of(store, 20, agent_name=agent_name)
        whole = await store.list_threads(agent_name=agent_name)
        found: list[dict[str, Any]] = []
        after: Any = None
        while page := await store.list_threads(agent_name=agent_name, limit=3, after=after):
            found += page
            after = page[-1] if by == "thread" else page[-1]["id"]
        assert found == whole
        assert len(set(ids(found))) == 20

    @needs("list_threads(after)")
    async def test_a_listing_after_a_thread_keeps_its_filters(self, store: BaseStore) -> None:
        """The thread itself need not pass the filters."""
        agents, user_id = [unique("agent") for _ in range(2)], unique("user")
        made = []
        for number in range(6):
            made.append(await new_thread(store, agent_name=agents[number % 2], user_id=user_id))
            await next_moment()
        last = await thread_of(store, made[4])
        assert ids(await store.list_threads(agent_name=agents[0], after=last)) == [made[2], made[0]]
        assert ids(await store.list_threads(agent_name=agents[1], after=last)) == [made[3], made[1]]
        assert ids(await store.list_threads(user_id=user_id, after=made[4], limit=2)) == [made[3], made[2]]
        both = await store.list_threads(user_id=user_id, agent_name=agents[1], after=made[4])
        assert ids(both) == [made[3], made[1]]

    @needs("list_threads(after)")
    async def test_a_listing_after_a_thread_is_complete_while_threads_change(self, store: BaseStore) -> None:
        """Listed threads move to the front meanwhile; the others still come, each once."""
        agent_name = unique("agent")
        made = []
        for _ in range(9):
            made.append(await new_thread(store, agent_name=agent_name))
            await next_moment()
        first = await store.list_threads(agent_name=agent_name, limit=3)
        for thread in first:
            await store.add_message(thread["id"], "user", "news")
        rest = await store.list_threads(agent_name=agent_name, after=first[-1])
        assert ids(first + rest) == made[::-1]

    @needs("list_threads(after)", "delete_thread")
    async def test_a_listing_continues_after_a_deleted_thread(self, store: BaseStore) -> None:
        """The record of the thread is enough; its id alone raises `ThreadNotFound`."""
        agent_name = unique("agent")
        made = []
        for _ in range(3):
            made.append(await new_thread(store, agent_name=agent_name))
            await next_moment()
        middle = await thread_of(store, made[1])
        assert await store.delete_thread(made[1])
        assert ids(await store.list_threads(agent_name=agent_name, after=middle)) == [made[0]]
        with pytest.raises(ThreadNotFound) as caught:
            await store.list_threads(agent_name=agent_name, after=made[1])
        assert caught.value.thread_id == made[1]

    @needs("list_threads(after)")
    @pytest.mark.parametrize(
        "after",
        [7, "", {}, {"id": "x"}, {"id": "x", "updated_at": "yesterday"}, {"id": "x", "updated_at": "2024-02-29"}],
        ids=repr,
    )
    async def test_an_invalid_after_is_refused(self, store: BaseStore, after: Any) -> None:
        """`after` must be a thread record or an id."""
        async with refused("after"):
            await store.list_threads(after=after)

    # iterators

    async def test_iter_threads_returns_every_thread_once(self, store: BaseStore) -> None:
        """The page size does not matter, and the filters are those of `list_threads`."""
        agent_name, user_id = unique("agent"), unique("user")
        made = set(await _threads_of(store, 7, agent_name=agent_name))
        hers = set(await _threads_of(store, 2, agent_name=agent_name, user_id=user_id))
        for size in (1, 3, 9, 200):
            found = [thread async for thread in store.iter_threads(agent_name=agent_name, page_size=size)]
            assert sorted(ids(found)) == sorted(made | hers)
            assert found == [await store.get_thread(thread_id) for thread_id in ids(found)]
        assert {thread["id"] async for thread in store.iter_threads(user_id=user_id)} == hers
        both = store.iter_threads(agent_name=agent_name, user_id=user_id, page_size=1)
        assert {thread["id"] async for thread in both} == hers
        assert [thread async for thread in store.iter_threads(agent_name=unique("agent"))] == []
        everything = [thread["id"] async for thread in store.iter_threads()]
        assert made | hers <= set(everything)
        assert len(everything) == len(set(everything))

    @needs("iter_threads")
    async def test_iter_threads_is_complete_while_threads_change(self, store: BaseStore) -> None:
        """A thread that exists all the time comes exactly once, however often it is updated."""
        agent_name = unique("agent")
        made = await _threads_of(store, 12, agent_name=agent_name)
        found = []
        async for thread in store.iter_threads(agent_name=agent_name, page_size=2):
            found.append(thread["id"])
            await store.add_message(made[len(found) % 12], "user", "news")
            await store.add_message(thread["id"], "user", "news")
            await new_thread(store, agent_name=unique("agent"))
        assert sorted(found) == sorted(made)

    @needs("iter_threads", "delete_thread")
    async def test_iter_threads_continues_after_its_last_thread_was_deleted(self, store: BaseStore) -> None:
        """Deleting threads while iterating skips no other thread."""
        agent_name = unique("agent")
        made = await _threads_of(store, 8, agent_name=agent_name)
        found = []
        async for thread in store.iter_threads(agent_name=agent_name, page_size=3):
            found.append(thread["id"])
            assert await store.delete_thread(thread["id"])
        assert sorted(found) == sorted(made)
        assert await store.list_threads(agent_name=agent_name) == []

    async def test_iter_messages_returns_the_messages_of_a_thread(self, store: BaseStore) -> None:
        """Messages come in order; the page size does not matter."""
        thread_id = await new_thread(store, *map(str, range(10)))
        history = await store.get_messages(thread_id)
        for size in (1, 3, 10, 500):
            assert [message async for message in store.iter_messages(thread_id, page_size=size)] == history
        assert [message async for message in store.iter_messages(unique())] == []
        assert [message async for message in store.iter_messages(await new_thread(store))] == []

    async def test_iter_messages_may_return_messages_added_meanwhile(self, store: BaseStore) -> None:
        """The earlier messages are complete and in order, and no message comes twice."""
        thread_id = await new_thread(store, *map(str, range(6)))
        found = []
        async for message in store.iter_messages(thread_id, page_size=2):
            found.append(message["index"])
            if len(found) <= 6:
                await store.add_message(thread_id, "user", "more")
        assert found == list(range(len(found)))
        assert 6 <= len(found) <= 12

    async def test_iter_messages_of_all_threads_goes_thread_by_thread(self, store: BaseStore) -> None:
        """The messages of a thread come together and in order."""
        histories = {await new_thread(store, *"abcde"[:number]): list("abcde"[:number]) for number in range(6)}
        for size in (1, 2, 500):
            found: dict[str, list[str]] = {}
            async for message in store.iter_messages(page_size=size):
                if message["thread_id"] in histories:
                    assert message["thread_id"] == next(reversed(found), None) or message["index"] == 0
                    found.setdefault(message["thread_id"], []).append(message["content"])
            assert found == {thread_id: history for thread_id, history in histories.items() if history}

    @needs("iter_threads", "iter_messages")
    async def test_iter_messages_of_all_threads_is_complete_while_threads_change(self, store: BaseStore) -> None:
        """New messages move their threads to the front of the listing, but the iteration skips nothing."""
        threads = [await new_thread(store, "a", "b", "c") for _ in range(5)]
        found: dict[str, list[int]] = {}
        async for message in store.iter_messages(page_size=2):
            if message["thread_id"] in threads:
                found.setdefault(message["thread_id"], []).append(message["index"])
                if message["index"] < 3:
                    await store.add_message(threads[len(found) % 5], "user", "more")
        assert sorted(found) == sorted(threads)
        for places in found.values():
            assert places == list(range(len(places)))
            assert len(places) >= 3

    @pytest.mark.parametrize("size", _BAD_PAGE_SIZES, ids=repr)
    @needs("iter_threads", "iter_messages")
    async def test_an_invalid_page_size_is_refused(self, store: BaseStore, size: Any) -> None:
        """A page size must be 1 or more."""
        async with refused("page_size"):
            await anext(aiter(store.iter_threads(page_size=size)))
        for thread_id in (None, unique()):
            async with refused("page_size"):
                await anext(aiter(store.iter_messages(thread_id, page_size=size)))
