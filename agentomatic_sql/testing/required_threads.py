"""Tests of threads for every store: `create_thread`, `get_thread` and `list_threads`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import InvalidInput, ThreadExists
from .support import THREAD_KEYS, check_record, ids, new_thread, next_moment, refused, thread_of, time_of, unique
from .values import BAD_COUNTS, BAD_IDS, DISTINCT_IDS, LONGEST_IDS


class RequiredThreads:
    """`create_thread`, `get_thread` and `list_threads` work with the arguments that the platform passes."""

    async def test_create_thread_returns_the_thread(self, store: BaseStore) -> None:
        """The record has every documented key, and `get_thread` returns it."""
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
        """The title is then None and the metadata an empty dict."""
        thread = await store.create_thread(unique(), "ada", "contract")
        assert thread["title"] is None
        assert thread["metadata"] == {}
        thread = await store.create_thread(unique(), "ada", "contract", title=None, metadata=None)
        assert thread["title"] is None
        assert thread["metadata"] == {}

    async def test_an_empty_title_is_not_none(self, store: BaseStore) -> None:
        """The empty text is returned as the empty text."""
        thread_id = await new_thread(store, title="")
        assert (await thread_of(store, thread_id))["title"] == ""

    async def test_user_and_agent_may_be_empty(self, store: BaseStore) -> None:
        """The platform has threads without a user."""
        thread = await store.create_thread(unique(), "", "")
        assert (thread["user_id"], thread["agent_name"]) == ("", "")

    async def test_an_unknown_thread_is_none(self, store: BaseStore) -> None:
        """The empty id is unknown, too."""
        assert await store.get_thread(unique()) is None
        assert await store.get_thread("") is None

    async def test_creating_a_thread_again_returns_the_existing_one(self, store: BaseStore) -> None:
        """The owner is the same; the title and metadata of the second call have no effect."""
        thread_id = await new_thread(store, "first", title="old", metadata={"n": 1})
        existing = await thread_of(store, thread_id)
        again = await store.create_thread(thread_id, "ada", "contract", title="new", metadata={"n": 2})
        assert again == existing
        assert again["title"] == "old"
        assert again["message_count"] == 1
        assert await store.get_thread(thread_id) == existing

    @pytest.mark.parametrize(("user_id", "agent_name"), [("bob", "contract"), ("ada", "other"), ("Ada", "contract")])
    async def test_a_thread_of_another_owner_is_refused(self, store: BaseStore, user_id: str, agent_name: str) -> None:
        """User and agent together are the owner. The thread stays as it is."""
        thread_id = await new_thread(store, "first", title="hers")
        existing = await thread_of(store, thread_id)
        with pytest.raises(ThreadExists) as caught:
            await store.create_thread(thread_id, user_id, agent_name, title="his")
        assert caught.value.thread_id == thread_id
        assert await store.get_thread(thread_id) == existing

    async def test_concurrent_creations_return_the_same_thread(self, store: BaseStore) -> None:
        """All succeed."""
        thread_id = unique()
        made = await asyncio.gather(
            *(store.create_thread(thread_id, "ada", "contract", title=str(n)) for n in range(20))
        )
        existing = await thread_of(store, thread_id)
        assert made == [existing] * 20

    async def test_concurrent_creations_by_different_users_leave_one_owner(self, store: BaseStore) -> None:
        """One user gets the thread, all others an error."""
        thread_id = unique()
        made = await asyncio.gather(
            *(store.create_thread(thread_id, f"user-{n}", "contract") for n in range(10)), return_exceptions=True
        )
        existing = await thread_of(store, thread_id)
        assert [thread for thread in made if isinstance(thread, dict)] == [existing]
        assert len([error for error in made if isinstance(error, ThreadExists)]) == 9

    async def test_created_at_is_the_time_of_creation(self, store: BaseStore) -> None:
        """Later threads have later times."""
        first = await thread_of(store, await new_thread(store))
        await next_moment()
        second = await thread_of(store, await new_thread(store))
        assert time_of(second, "created_at") > time_of(first, "created_at")

    # ids

    @pytest.mark.parametrize("thread_ids", DISTINCT_IDS, ids=ascii)
    async def test_ids_are_compared_exactly(self, store: BaseStore, thread_ids: tuple[str, ...]) -> None:
        """Case, accents, blanks, Unicode forms and wildcards are significant: each id is its own thread."""
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
        """A listing for a user or agent has no thread of one with a similar name."""
        mark = unique("")
        for name in names:
            await new_thread(store, thread_id=f"{mark}{name}", user_id=f"{mark}{name}", agent_name=f"{name}{mark}")
        for name in names:
            assert ids(await store.list_threads(user_id=f"{mark}{name}")) == [f"{mark}{name}"]
            assert ids(await store.list_threads(agent_name=f"{name}{mark}")) == [f"{mark}{name}"]

    @pytest.mark.parametrize("longest", LONGEST_IDS, ids=["ascii", "two bytes each", "four bytes each"])
    async def test_ids_have_up_to_255_characters(self, store: BaseStore, longest: str) -> None:
        """Characters count, not bytes, and the last one is significant."""
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
    async def test_an_invalid_id_is_refused(self, store: BaseStore, field: str, bad: Any) -> None:
        """The error names the field, and nothing is stored."""
        owner = unique("user")
        good: dict[str, Any] = {"thread_id": unique(), "user_id": owner, "agent_name": "contract"}
        async with refused(field):
            await store.create_thread(**(good | {field: bad}))
        assert await store.get_thread(good["thread_id"]) is None
        assert await store.list_threads(user_id=owner) == []

    async def test_an_empty_thread_id_is_refused(self, store: BaseStore) -> None:
        """A thread needs an id with at least one character."""
        async with refused("thread_id"):
            await store.create_thread("", "ada", "contract")

    @pytest.mark.parametrize("bad", [BAD_IDS["256 characters"], BAD_IDS["U+0000"], BAD_IDS["a number"]], ids=ascii)
    async def test_looking_up_an_invalid_id_is_refused(self, store: BaseStore, bad: Any) -> None:
        """An invalid id is an error of the caller, not an unknown thread."""
        async with refused("thread_id"):
            await store.get_thread(bad)
        async with refused("thread_id"):
            await store.get_messages(bad)
        async with refused("user_id"):
            await store.list_threads(user_id=bad)

    @pytest.mark.parametrize("title", [7, b"title", ["title"]], ids=repr)
    async def test_a_title_that_is_not_text_is_refused(self, store: BaseStore, title: Any) -> None:
        """Nothing is stored."""
        thread_id = unique()
        async with refused("title"):
            await store.create_thread(thread_id, "ada", "contract", title=title)
        assert await store.get_thread(thread_id) is None

    # listing

    async def test_the_thread_updated_last_is_listed_first(self, store: BaseStore) -> None:
        """A new message moves its thread to the front."""
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

    async def test_threads_can_be_filtered(self, store: BaseStore) -> None:
        """Filters are the agent, the user or both; None filters nothing."""
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

    async def test_pages_contain_each_thread_once(self, store: BaseStore) -> None:
        """The pages together are the whole list in one order, even for threads that were created concurrently."""
        agent_name = unique("agent")
        await asyncio.gather(*(new_thread(store, agent_name=agent_name) for _ in range(20)))
        whole = await store.list_threads(agent_name=agent_name)
        assert len(set(ids(whole))) == 20
        pages = [await store.list_threads(agent_name=agent_name, limit=3, offset=n) for n in range(0, 21, 3)]
        assert [len(page) for page in pages] == [3] * 6 + [2]
        assert [thread for page in pages for thread in page] == whole
        order = [(thread["updated_at"], thread["id"]) for thread in whole]
        assert order == sorted(order, reverse=True)

    async def test_the_default_limit_of_threads_is_50(self, store: BaseStore) -> None:
        """The default is the platform's."""
        agent_name = unique("agent")
        for _ in range(52):
            await new_thread(store, agent_name=agent_name)
        assert len(await store.list_threads(agent_name=agent_name)) == 50

    async def test_pages_may_go_past_the_last_thread(self, store: BaseStore) -> None:
        """No limit is too large; an offset past the end or limit=0 returns an empty list."""
        agent_name = unique("agent")
        thread_id = await new_thread(store, agent_name=agent_name)
        assert await store.list_threads(agent_name=agent_name, limit=0) == []
        assert await store.list_threads(agent_name=agent_name, offset=1) == []
        assert ids(await store.list_threads(agent_name=agent_name, limit=10**30)) == [thread_id]
        assert await store.list_threads(agent_name=agent_name, offset=10**30) == []

    @pytest.mark.parametrize("bad", BAD_COUNTS, ids=repr)
    async def test_an_invalid_limit_or_offset_of_threads_is_refused(self, store: BaseStore, bad: Any) -> None:
        """A `ValueError` names the argument."""
        async with refused("limit"):
            await store.list_threads(limit=bad)
        async with refused("offset"):
            await store.list_threads(offset=bad)
        assert issubclass(InvalidInput, ValueError)
