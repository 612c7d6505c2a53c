"""Threads that are changed and deleted: `update_thread`, `delete_thread`."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import ThreadNotFound
from .support import contents, ids, needs, new_thread, next_moment, refused, thread_of, time_of, unique
from .values import JSON_OBJECTS, TEXTS, same_json


class Threads:
    """`update_thread` and `delete_thread`."""

    @needs("update_thread")
    async def test_update_changes_the_title_alone(self, store: BaseStore) -> None:
        """Everything else stays, but for `updated_at`, which moves on."""
        thread_id = await new_thread(store, "first", title="old", metadata={"n": 1})
        before = await thread_of(store, thread_id)
        await next_moment()
        after = await store.update_thread(thread_id, title="new")
        assert after is not None
        assert after == before | {"title": "new", "updated_at": after["updated_at"]}
        assert time_of(after, "updated_at") > time_of(before, "updated_at")
        assert await store.get_thread(thread_id) == after
        assert await contents(store, thread_id) == ["first"]

    @needs("update_thread")
    async def test_update_replaces_metadata_whole(self, store: BaseStore) -> None:
        """No merging of the old with the new; the title stays."""
        thread_id = await new_thread(store, title="old", metadata={"a": 1, "b": {"c": 2}})
        after = await store.update_thread(thread_id, metadata={"b": {"d": 3}})
        assert after is not None
        assert (after["title"], after["metadata"]) == ("old", {"b": {"d": 3}})
        assert await store.get_thread(thread_id) == after

    @needs("update_thread")
    async def test_update_clears_what_is_set_to_none(self, store: BaseStore) -> None:
        """No title is None, no metadata an empty dict; an empty title is one."""
        thread_id = await new_thread(store, title="old", metadata={"a": 1})
        assert await store.update_thread(thread_id, title="") is not None
        assert (await thread_of(store, thread_id))["title"] == ""
        assert await store.update_thread(thread_id, title=None, metadata=None) is not None
        thread = await thread_of(store, thread_id)
        assert (thread["title"], thread["metadata"]) == (None, {})

    @needs("update_thread")
    async def test_updated_texts_and_metadata_come_back_as_they_went_in(self, store: BaseStore) -> None:
        """Every text and every JSON value there is."""
        thread_id = await new_thread(store)
        for title in TEXTS.values():
            await store.update_thread(thread_id, title=title)
            assert (await thread_of(store, thread_id))["title"] == title
        for metadata in JSON_OBJECTS.values():
            await store.update_thread(thread_id, metadata=metadata)
            assert same_json((await thread_of(store, thread_id))["metadata"], metadata)

    @needs("update_thread")
    async def test_an_update_of_nothing_returns_the_thread(self, store: BaseStore) -> None:
        """And changes nothing, `updated_at` included."""
        thread_id = await new_thread(store, title="old")
        before = await thread_of(store, thread_id)
        await next_moment()
        assert await store.update_thread(thread_id) == before
        assert await store.get_thread(thread_id) == before

    @needs("update_thread")
    async def test_an_update_of_an_unknown_thread_is_none(self, store: BaseStore) -> None:
        """And makes no thread."""
        thread_id = unique()
        assert await store.update_thread(thread_id, title="new") is None
        assert await store.update_thread(thread_id) is None
        assert await store.get_thread(thread_id) is None

    @needs("update_thread")
    @pytest.mark.parametrize("field", ["user_id", "message_count", "id", "tittle", "updated_at"])
    async def test_an_update_of_an_unknown_field_is_refused(self, store: BaseStore, field: str) -> None:
        """The error names the known ones, and nothing of the update is done."""
        thread_id = await new_thread(store, title="old")
        before = await thread_of(store, thread_id)
        async with refused(field):
            await store.update_thread(thread_id, **{"title": "new", field: "x"})
        with pytest.raises(ValueError, match=r"title.*metadata"):
            await store.update_thread(thread_id, **{field: "x"})
        assert await store.get_thread(thread_id) == before

    @needs("update_thread")
    @pytest.mark.parametrize(
        ("updates", "path"),
        [
            ({"title": 7}, "title"),
            ({"title": "new", "metadata": {"a": [math.nan]}}, "metadata.a[0]"),
            ({"title": "new", "metadata": ["list"]}, "metadata"),
        ],
        ids=["title", "metadata.a[0]", "metadata"],
    )
    async def test_an_update_to_what_cannot_be_stored_is_refused(
        self, store: BaseStore, updates: dict[str, Any], path: str
    ) -> None:
        """With its path, and nothing of the update is done."""
        thread_id = await new_thread(store, title="old")
        before = await thread_of(store, thread_id)
        async with refused(path):
            await store.update_thread(thread_id, **updates)
        assert await store.get_thread(thread_id) == before

    @needs("update_thread")
    async def test_updates_and_appends_at_once_lose_nothing(self, store: BaseStore) -> None:
        """A change of the title takes back no message, and no message a change of the title."""
        thread_id = await new_thread(store)
        await asyncio.gather(
            *(store.add_message(thread_id, "user", str(n)) for n in range(20)),
            *(store.update_thread(thread_id, title=f"title {n}") for n in range(10)),
            *(store.update_thread(thread_id, metadata={"n": n}) for n in range(10)),
        )
        thread = await thread_of(store, thread_id)
        assert thread["message_count"] == len(await store.get_messages(thread_id)) == 20
        assert thread["title"].startswith("title ")
        assert thread["metadata"]["n"] in range(10)

    @needs("update_thread")
    async def test_an_update_brings_the_thread_to_the_front(self, store: BaseStore) -> None:
        """Of the listing."""
        agent_name = unique("agent")
        made = []
        for _ in range(3):
            made.append(await new_thread(store, agent_name=agent_name))
            await next_moment()
        await store.update_thread(made[0], title="new")
        assert ids(await store.list_threads(agent_name=agent_name)) == [made[0], made[2], made[1]]

    # deleting

    @needs("delete_thread")
    async def test_a_deleted_thread_is_gone_with_its_messages(self, store: BaseStore) -> None:
        """From every listing, and only it."""
        agent_name = unique("agent")
        gone = await new_thread(store, "a", "b", agent_name=agent_name)
        kept = await new_thread(store, "c", agent_name=agent_name)
        assert await store.delete_thread(gone) is True
        assert await store.get_thread(gone) is None
        assert await store.get_messages(gone) == []
        assert ids(await store.list_threads(agent_name=agent_name)) == [kept]
        assert ids(await store.list_threads(agent_name=agent_name, user_id="ada")) == [kept]
        assert await contents(store, kept) == ["c"]
        with pytest.raises(ThreadNotFound):
            await store.add_message(gone, "user", "late")

    @needs("delete_thread")
    async def test_deleting_an_unknown_thread_is_false(self, store: BaseStore) -> None:
        """Also the second time."""
        assert await store.delete_thread(unique()) is False
        thread_id = await new_thread(store)
        assert await store.delete_thread(thread_id) is True
        assert await store.delete_thread(thread_id) is False

    @needs("delete_thread")
    async def test_one_of_several_deletes_at_once_is_true(self, store: BaseStore) -> None:
        """Exactly one."""
        thread_id = await new_thread(store, "a")
        deleted = await asyncio.gather(*(store.delete_thread(thread_id) for _ in range(8)))
        assert sorted(deleted) == [False] * 7 + [True]

    @needs("delete_thread")
    async def test_a_thread_made_anew_begins_anew(self, store: BaseStore) -> None:
        """Under the same id: no message of the old one, the first one at index 0, any owner."""
        thread_id = await new_thread(store, "a", "b", title="old", metadata={"n": 1})
        old = await thread_of(store, thread_id)
        assert await store.delete_thread(thread_id)
        await next_moment()
        thread = await store.create_thread(thread_id, "bob", "other")
        assert (thread["title"], thread["metadata"], thread["message_count"]) == (None, {}, 0)
        assert time_of(thread, "created_at") > time_of(old, "created_at")
        assert (await store.add_message(thread_id, "user", "c"))["index"] == 0
        assert await contents(store, thread_id) == ["c"]

    @needs("delete_thread", "add_feedback", "get_feedback")
    async def test_a_deleted_thread_takes_its_feedback_along(self, store: BaseStore) -> None:
        """And no other thread's."""
        gone, kept, agent_name = await new_thread(store), await new_thread(store), unique("agent")
        for thread_id in (gone, kept, gone, ""):
            await store.add_feedback(thread_id, "ada", agent_name, rating=3)
        assert await store.delete_thread(gone)
        found = await store.get_feedback(agent_name=agent_name)
        assert [feedback["thread_id"] for feedback in found] == ["", kept]
        assert found == await store.get_feedback(agent_name=agent_name, user_id="ada")

    @needs("delete_thread", "save_suspended_state", "get_suspended_state", "list_suspended_states")
    async def test_a_deleted_thread_takes_its_suspended_states_along(self, store: BaseStore) -> None:
        """And no other thread's."""
        gone, kept, agent_name = await new_thread(store), await new_thread(store), unique("agent")
        states = {thread_id: [unique("approval"), unique("approval")] for thread_id in (gone, kept)}
        for thread_id, approvals in states.items():
            for approval_id in approvals:
                await store.save_suspended_state(approval_id, thread_id, agent_name, "node", {})
        assert await store.delete_thread(gone)
        assert [await store.get_suspended_state(approval_id) for approval_id in states[gone]] == [None, None]
        assert set(ids(await store.list_suspended_states(agent_name=agent_name))) == set(states[kept])

    @needs("delete_thread", "save_checkpoint", "get_checkpoint", "list_checkpoints")
    async def test_a_deleted_thread_takes_its_checkpoints_along(self, store: BaseStore) -> None:
        """Of all namespaces, and no other thread's."""
        gone, kept = await new_thread(store), await new_thread(store)
        for thread_id in (gone, kept):
            for namespace in ("", "inner"):
                await store.save_checkpoint(thread_id, namespace, "c1", None, {"n": 1}, {})
        assert await store.delete_thread(gone)
        for namespace in ("", "inner"):
            assert await store.get_checkpoint(gone, namespace, "c1") is None
            assert await store.get_checkpoint(gone, namespace, "") is None
            assert await store.list_checkpoints(gone, namespace) == []
            assert len(await store.list_checkpoints(kept, namespace)) == 1

    @needs("delete_thread")
    async def test_appends_to_a_thread_that_is_being_deleted_end_clean(self, store: BaseStore) -> None:
        """Each is stored before the end or raises; nothing is left over."""
        thread_id = await new_thread(store)
        outcomes = await asyncio.gather(
            *(store.add_message(thread_id, "user", str(n)) for n in range(10)),
            store.delete_thread(thread_id),
            *(store.add_message(thread_id, "user", str(n)) for n in range(10, 20)),
            return_exceptions=True,
        )
        assert outcomes[10] is True
        errors = {type(one) for one in outcomes if isinstance(one, BaseException)}
        assert errors <= {ThreadNotFound}
        assert await store.get_messages(thread_id) == []
        await store.create_thread(thread_id, "ada", "contract")
        assert await store.get_messages(thread_id) == []
