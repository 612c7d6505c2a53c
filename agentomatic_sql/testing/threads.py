"""Tests of changes to threads: `update_thread` and `delete_thread`."""

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
    """Threads can be updated, and deleted with all their rows."""

    @needs("update_thread")
    async def test_update_can_change_the_title_alone(self, store: BaseStore) -> None:
        """All other fields stay, except `updated_at`, which increases."""
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
    async def test_update_replaces_all_metadata(self, store: BaseStore) -> None:
        """Old and new metadata are not merged; the title stays."""
        thread_id = await new_thread(store, title="old", metadata={"a": 1, "b": {"c": 2}})
        after = await store.update_thread(thread_id, metadata={"b": {"d": 3}})
        assert after is not None
        assert (after["title"], after["metadata"]) == ("old", {"b": {"d": 3}})
        assert await store.get_thread(thread_id) == after

    @needs("update_thread")
    async def test_update_clears_fields_that_are_set_to_none(self, store: BaseStore) -> None:
        """The title becomes None and the metadata an empty dict; an empty title stays empty."""
        thread_id = await new_thread(store, title="old", metadata={"a": 1})
        assert await store.update_thread(thread_id, title="") is not None
        assert (await thread_of(store, thread_id))["title"] == ""
        assert await store.update_thread(thread_id, title=None, metadata=None) is not None
        thread = await thread_of(store, thread_id)
        assert (thread["title"], thread["metadata"]) == (None, {})

    @needs("update_thread")
    async def test_updated_texts_and_metadata_are_returned_exactly(self, store: BaseStore) -> None:
        """Every text and every JSON value is kept exactly."""
        thread_id = await new_thread(store)
        for title in TEXTS.values():
            await store.update_thread(thread_id, title=title)
            assert (await thread_of(store, thread_id))["title"] == title
        for metadata in JSON_OBJECTS.values():
            await store.update_thread(thread_id, metadata=metadata)
            assert same_json((await thread_of(store, thread_id))["metadata"], metadata)

    @needs("update_thread")
    async def test_an_update_without_fields_returns_the_thread(self, store: BaseStore) -> None:
        """Nothing changes, not even `updated_at`."""
        thread_id = await new_thread(store, title="old")
        before = await thread_of(store, thread_id)
        await next_moment()
        assert await store.update_thread(thread_id) == before
        assert await store.get_thread(thread_id) == before

    @needs("update_thread")
    async def test_an_update_of_an_unknown_thread_is_none(self, store: BaseStore) -> None:
        """The thread is not created."""
        thread_id = unique()
        assert await store.update_thread(thread_id, title="new") is None
        assert await store.update_thread(thread_id) is None
        assert await store.get_thread(thread_id) is None

    @needs("update_thread")
    @pytest.mark.parametrize("field", ["user_id", "message_count", "id", "tittle", "updated_at"])
    async def test_an_update_of_an_unknown_field_is_refused(self, store: BaseStore, field: str) -> None:
        """The error lists the known fields, and no field is changed."""
        thread_id = await new_thread(store, title="old")
        before = await thread_of(store, thread_id)
        async with refused(field):
            await store.update_thread(thread_id, **{"title": "new", field: "x"})
        with pytest.raises(ValueError, match=r"title.*metadata"):
            await store.update_thread(thread_id, **{field: "x"})
        assert await store.get_thread(thread_id) == before

    @needs("update_thread")
    async def test_metadata_json_is_the_platforms_name_for_metadata(self, store: BaseStore) -> None:
        """It replaces the metadata; both names at once are refused."""
        thread_id = await new_thread(store, title="old", metadata={"a": 1})
        after = await store.update_thread(thread_id, metadata_json={"b": 2})
        assert after == await thread_of(store, thread_id)
        assert (after["title"], after["metadata"]) == ("old", {"b": 2})
        assert "metadata_json" not in after
        both: dict[str, Any]
        for both in ({"metadata_json": {"c": 3}, "metadata": {"c": 3}}, {"metadata": {}, "metadata_json": {}}):
            async with refused(list(both)[-1]):
                await store.update_thread(thread_id, **both)
        async with refused("metadata_json.a"):
            await store.update_thread(thread_id, metadata_json={"a": math.nan})
        assert await store.get_thread(thread_id) == after

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
    async def test_an_update_to_an_invalid_value_is_refused(
        self, store: BaseStore, updates: dict[str, Any], path: str
    ) -> None:
        """The error names the path, and no field is changed."""
        thread_id = await new_thread(store, title="old")
        before = await thread_of(store, thread_id)
        async with refused(path):
            await store.update_thread(thread_id, **updates)
        assert await store.get_thread(thread_id) == before

    @needs("update_thread")
    async def test_concurrent_updates_and_appends_lose_nothing(self, store: BaseStore) -> None:
        """A new title does not undo a message, nor a message a new title."""
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
    async def test_an_update_moves_the_thread_to_the_front(self, store: BaseStore) -> None:
        """`list_threads` returns it first."""
        agent_name = unique("agent")
        made = []
        for _ in range(3):
            made.append(await new_thread(store, agent_name=agent_name))
            await next_moment()
        await store.update_thread(made[0], title="new")
        assert ids(await store.list_threads(agent_name=agent_name)) == [made[0], made[2], made[1]]

    # deleting

    @needs("delete_thread")
    async def test_deleting_a_thread_deletes_its_messages(self, store: BaseStore) -> None:
        """No listing returns them; other threads stay."""
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
    async def test_deleting_an_unknown_thread_returns_false(self, store: BaseStore) -> None:
        """A second delete returns False, too."""
        assert await store.delete_thread(unique()) is False
        thread_id = await new_thread(store)
        assert await store.delete_thread(thread_id) is True
        assert await store.delete_thread(thread_id) is False

    @needs("delete_thread")
    async def test_one_of_several_concurrent_deletes_returns_true(self, store: BaseStore) -> None:
        """All others return False."""
        thread_id = await new_thread(store, "a")
        deleted = await asyncio.gather(*(store.delete_thread(thread_id) for _ in range(8)))
        assert sorted(deleted) == [False] * 7 + [True]

    @needs("delete_thread")
    async def test_a_deleted_id_can_be_used_again(self, store: BaseStore) -> None:
        """The new thread may have another owner, has no old message, and its first index is 0."""
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
    async def test_deleting_a_thread_deletes_its_feedback(self, store: BaseStore) -> None:
        """Other threads' feedback stays."""
        gone, kept, agent_name = await new_thread(store), await new_thread(store), unique("agent")
        for thread_id in (gone, kept, gone, ""):
            await store.add_feedback(thread_id, "ada", agent_name, rating=3)
        assert await store.delete_thread(gone)
        found = await store.get_feedback(agent_name=agent_name)
        assert [feedback["thread_id"] for feedback in found] == ["", kept]
        assert found == await store.get_feedback(agent_name=agent_name, user_id="ada")

    @needs("delete_thread", "save_suspended_state", "get_suspended_state", "list_suspended_states")
    async def test_deleting_a_thread_deletes_its_suspended_states(self, store: BaseStore) -> None:
        """Other threads' states stay."""
        gone, kept, agent_name = await new_thread(store), await new_thread(store), unique("agent")
        states = {thread_id: [unique("approval"), unique("approval")] for thread_id in (gone, kept)}
        for thread_id, approvals in states.items():
            for approval_id in approvals:
                await store.save_suspended_state(approval_id, thread_id, agent_name, "node", {})
        assert await store.delete_thread(gone)
        assert [await store.get_suspended_state(approval_id) for approval_id in states[gone]] == [None, None]
        assert set(ids(await store.list_suspended_states(agent_name=agent_name))) == set(states[kept])

    @needs("delete_thread", "save_checkpoint", "get_checkpoint", "list_checkpoints")
    async def test_deleting_a_thread_deletes_its_checkpoints(self, store: BaseStore) -> None:
        """The checkpoints of all namespaces are deleted; other threads' checkpoints stay."""
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
    async def test_appends_during_a_deletion_succeed_or_raise(self, store: BaseStore) -> None:
        """Each message is stored before the deletion or raises, and none remains."""
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
