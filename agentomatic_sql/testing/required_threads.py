"""Threads, as every store keeps them: `create_thread`, `get_thread`, `list_threads`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import InvalidInput, ThreadExists
from .support import THREAD_KEYS, check_record, ids, new_thread, next_moment, refused, thread_of, time_of, unique
from .values import BAD_COUNTS, BAD_IDS, DISTINCT_IDS, LONGEST_IDS


class RequiredThreads:
    """`create_thread`, `get_thread` and `list_threads` with the platform's own arguments."""

    async def test_create_thread_returns_the_thread(self, store: BaseStore) -> None:
        """The record has every documented key, and is what `get_thread` finds."""
        thread_id, user_id, agent_name = unique(), unique("user"), unique("agent")
        thread = await store.create_thread(thread_id, user_id, agent_name, title="A title", metadata={"channel": "web"})
        check_record(thread, THREAD_KEYS)
        expected = {
            "id": thread_id,
            "thread_id": thread_id,
            "user_id": user_id,
            "agent_name": agent_name,
            "title": "A title",
            "metadata": {"channel": "web"},
            "message_count": 0,
            "parent_thread_id": None,
            "fork_message_index": None,
        }
        assert {key: thread[key] for key in expected} == expected
        assert thread["created_at"] == thread["updated_at"]
        assert await store.get_thread(thread_id) == thread

    async def test_title_and_metadata_may_be_left_out(self, store: BaseStore) -> None:
        """No title is None, no metadata an empty dict."""
        thread = await store.create_thread(unique(), "ada", "contract")
        assert thread["title"] is None
        assert thread["metadata"] == {}
        thread = await store.create_thread(unique(), "ada", "contract", title=None, metadata=None)
        assert thread["title"] is None
        assert thread["metadata"] == {}

    async def test_an_empty_title_is_not_no_title(self, store: BaseStore) -> None:
        """The empty text comes back as the empty text."""
        thread_id = await new_thread(store, title="")
        assert (await thread_of(store, thread_id))["title"] == ""

    async def test_user_and_agent_may_be_empty(self, store: BaseStore) -> None:
        """The platform knows threads of nobody."""
        thread = await store.create_thread(unique(), "", "")
        assert (thread["user_id"], thread["agent_name"]) == ("", "")

    async def test_an_unknown_thread_is_none(self, store: BaseStore) -> None:
        """Also under the empty id, which no thread has."""
        assert await store.get_thread(unique()) is None
        assert await store.get_thread("") is None

    async def test_creating_a_thread_again_returns_the_one_that_stands(self, store: BaseStore) -> None:
        """With the same owner; what was asked for the second time changes nothing."""
        thread_id = await new_thread(store, "first", title="old", metadata={"n": 1})
        standing = await thread_of(store, thread_id)
        again = await store.create_thread(thread_id, "ada", "contract", title="new", metadata={"n": 2})
        assert again == standing
        assert again["title"] == "old"
        assert again["message_count"] == 1
        assert await store.get_thread(thread_id) == standing

    @pytest.mark.parametrize(("user_id", "agent_name"), [("bob", "contract"), ("ada", "other"), ("Ada", "contract")])
    async def test_a_thread_of_another_owner_is_refused(self, store: BaseStore, user_id: str, agent_name: str) -> None:
        """User and agent together are the owner; the thread stays as it is."""
        thread_id = await new_thread(store, "first", title="hers")
        standing = await thread_of(store, thread_id)
        with pytest.raises(ThreadExists) as caught:
            await store.create_thread(thread_id, user_id, agent_name, title="his")
        assert caught.value.thread_id == thread_id
        assert await store.get_thread(thread_id) == standing

    async def test_creators_that_race_all_get_the_one_thread(self, store: BaseStore) -> None:
        """All succeed, and all are told of the same thread."""
        thread_id = unique()
        made = await asyncio.gather(
            *(store.create_thread(thread_id, "ada", "contract", title=str(n)) for n in range(20))
        )
        standing = await thread_of(store, thread_id)
        assert made == [standing] * 20

    async def test_owners_that_race_leave_one_owner(self, store: BaseStore) -> None:
        """One user gets the thread, every other an error."""
        thread_id = unique()
        made = await asyncio.gather(
            *(store.create_thread(thread_id, f"user-{n}", "contract") for n in range(10)), return_exceptions=True
        )
        standing = await thread_of(store, thread_id)
        assert [thread for thread in made if isinstance(thread, dict)] == [standing]
        assert len([error for error in made if isinstance(error, ThreadExists)]) == 9

    async def test_times_are_those_of_the_creation(self, store: BaseStore) -> None:
        """Later threads have later times."""
        first = await thread_of(store, await new_thread(store))
        await next_moment()
        second = await thread_of(store, await new_thread(store))
        assert time_of(second, "created_at") > time_of(first, "created_at")

    # ids

    @pytest.mark.parametrize("thread_ids", DISTINCT_IDS, ids=ascii)
    async def test_ids_are_compared_exactly(self, store: BaseStore, thread_ids: tuple[str, ...]) -> None:
        """Case, accents, blanks, normal forms and wildcards count: each id is a thread of its own."""
        mark = unique("")
        alike = [f"{mark}{thread_id}" for thread_id in thread_ids]
        for number, thread_id in enumerate(alike):
            await store.create_thread(thread_id, "ada", "contract", title=str(number))
            await store.add_message(thread_id, "user", thread_id)
        for number, thread_id in enumerate(alike):
            thread = await thread_of(store, thread_id)
            assert (thread["id"], thread["title"], thread["message_count"]) == (thread_id, str(number), 1)
            assert [message["content"] for message in await store.get_messages(thread_id)] == [thread_id]

    @pytest.mark.parametrize("names", DISTINCT_IDS, ids=ascii)
    async def test_filters_are_compared_exactly(self, store: BaseStore, names: tuple[str, ...]) -> None:
        """A listing of one user or agent shows nothing of one that is called nearly the same."""
        mark = unique("")
        for name in names:
            await new_thread(store, thread_id=f"{mark}{name}", user_id=f"{mark}{name}", agent_name=f"{name}{mark}")
        for name in names:
            assert ids(await store.list_threads(user_id=f"{mark}{name}")) == [f"{mark}{name}"]
            assert ids(await store.list_threads(agent_name=f"{name}{mark}")) == [f"{mark}{name}"]

    @pytest.mark.parametrize("longest", LONGEST_IDS, ids=["ascii", "two bytes each", "four bytes each"])
    async def test_ids_have_up_to_255_characters(self, store: BaseStore, longest: str) -> None:
        """Characters, not bytes; two that differ in the last one are two."""
        mark = unique("")
        first, second = mark + longest[len(mark) :], mark + longest[len(mark) + 1 :] + "z"
        assert len(first) == len(second) == 255
        for thread_id in (first, second):
            thread = await store.create_thread(thread_id, longest, longest)
            assert (thread["id"], thread["user_id"], thread["agent_name"]) == (thread_id, longest, longest)
            assert await store.get_thread(thread_id) == thread
        found = await store.list_threads(user_id=longest, agent_name=longest, limit=1_000_000)
        assert {first, second} <= set(ids(found))

    @pytest.mark.parametrize("bad", BAD_IDS.values(), ids=BAD_IDS)
    @pytest.mark.parametrize("field", ["thread_id", "user_id", "agent_name"])
    async def test_what_is_no_id_is_refused(self, store: BaseStore, field: str, bad: Any) -> None:
        """Before anything is stored, and the error names the field."""
        owner = unique("user")
        good: dict[str, Any] = {"thread_id": unique(), "user_id": owner, "agent_name": "contract"}
        async with refused(field):
            await store.create_thread(**(good | {field: bad}))
        assert await store.get_thread(good["thread_id"]) is None
        assert await store.list_threads(user_id=owner) == []

    async def test_a_thread_without_an_id_is_refused(self, store: BaseStore) -> None:
        """The empty id is none."""
        async with refused("thread_id"):
            await store.create_thread("", "ada", "contract")

    @pytest.mark.parametrize("bad", [BAD_IDS["256 characters"], BAD_IDS["U+0000"], BAD_IDS["a number"]], ids=ascii)
    async def test_looking_for_what_is_no_id_is_refused(self, store: BaseStore, bad: Any) -> None:
        """It is a mistake of the caller's, not a thread that is not there."""
        async with refused("thread_id"):
            await store.get_thread(bad)
        async with refused("thread_id"):
            await store.get_messages(bad)
        async with refused("user_id"):
            await store.list_threads(user_id=bad)

    @pytest.mark.parametrize("title", [7, b"title", ["title"]], ids=repr)
    async def test_a_title_that_is_no_text_is_refused(self, store: BaseStore, title: Any) -> None:
        """Before anything is stored."""
        thread_id = unique()
        async with refused("title"):
            await store.create_thread(thread_id, "ada", "contract", title=title)
        assert await store.get_thread(thread_id) is None

    # listing

    async def test_the_thread_updated_last_is_listed_first(self, store: BaseStore) -> None:
        """A new message brings its thread to the front."""
        agent_name = unique("agent")
        made = []
        for _ in range(4):
            made.append(await new_thread(store, agent_name=agent_name))
            await next_moment()
        assert ids(await store.list_threads(agent_name=agent_name)) == made[::-1]
        await store.add_message(made[1], "user", "news")
        listed = await store.list_threads(agent_name=agent_name)
        assert ids(listed) == [made[1], made[3], made[2], made[0]]
        assert listed == [await store.get_thread(thread_id) for thread_id in ids(listed)]
        for thread in listed:
            check_record(thread, THREAD_KEYS)

    async def test_filters_of_a_listing(self, store: BaseStore) -> None:
        """By agent, by user, by both; None filters nothing."""
        agents, users = [unique("agent") for _ in range(2)], [unique("user") for _ in range(2)]
        for agent_name in agents:
            for user_id in users:
                await new_thread(store, thread_id=agent_name + user_id, user_id=user_id, agent_name=agent_name)

        async def listed(**filters: Any) -> set[str]:
            return set(ids(await store.list_threads(**filters, limit=1_000_000)))

        assert await listed(agent_name=agents[0]) == {agents[0] + user_id for user_id in users}
        assert await listed(user_id=users[1]) == {agent_name + users[1] for agent_name in agents}
        assert await listed(user_id=users[1], agent_name=None) == {agent_name + users[1] for agent_name in agents}
        assert await listed(agent_name=agents[1], user_id=users[0]) == {agents[1] + users[0]}
        assert await listed() >= {agent_name + user_id for agent_name in agents for user_id in users}
        assert await listed(agent_name=agents[0], user_id="nobody") == set()
        assert await listed(agent_name=unique("agent")) == set()

    async def test_pages_of_a_listing(self, store: BaseStore) -> None:
        """Page by page is the whole, in one order, also of threads that were made at once."""
        agent_name = unique("agent")
        await asyncio.gather(*(new_thread(store, agent_name=agent_name) for _ in range(20)))
        whole = await store.list_threads(agent_name=agent_name)
        assert len(set(ids(whole))) == 20
        pages = [await store.list_threads(agent_name=agent_name, limit=3, offset=n) for n in range(0, 21, 3)]
        assert [len(page) for page in pages] == [3] * 6 + [2]
        assert [thread for page in pages for thread in page] == whole
        order = [(thread["updated_at"], thread["id"]) for thread in whole]
        assert order == sorted(order, reverse=True)

    async def test_a_listing_has_50_threads_unless_told(self, store: BaseStore) -> None:
        """The platform's default."""
        agent_name = unique("agent")
        for _ in range(52):
            await new_thread(store, agent_name=agent_name)
        assert len(await store.list_threads(agent_name=agent_name)) == 50

    async def test_the_ends_of_a_listing(self, store: BaseStore) -> None:
        """No limit is too large, an offset past the end finds nothing, and limit=0 is nothing."""
        agent_name = unique("agent")
        thread_id = await new_thread(store, agent_name=agent_name)
        assert await store.list_threads(agent_name=agent_name, limit=0) == []
        assert await store.list_threads(agent_name=agent_name, offset=1) == []
        assert ids(await store.list_threads(agent_name=agent_name, limit=10**30)) == [thread_id]
        assert await store.list_threads(agent_name=agent_name, offset=10**30) == []

    @pytest.mark.parametrize("bad", BAD_COUNTS, ids=repr)
    async def test_a_limit_or_offset_of_a_listing_that_makes_no_sense_is_refused(
        self, store: BaseStore, bad: Any
    ) -> None:
        """With a `ValueError` that names it."""
        async with refused("limit"):
            await store.list_threads(limit=bad)
        async with refused("offset"):
            await store.list_threads(offset=bad)
        assert issubclass(InvalidInput, ValueError)
