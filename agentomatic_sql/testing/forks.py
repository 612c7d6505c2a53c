"""Tests of forks: `fork_thread` and `get_thread_lineage`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import ThreadExists
from .support import (
    THREAD_KEYS,
    check_record,
    contents,
    ids,
    needs,
    new_thread,
    next_moment,
    refused,
    thread_of,
    time_of,
    unique,
)
from .values import BAD_IDS, TEXTS, same_json

_COPIED = ("index", "role", "content", "metadata", "timestamp")


async def _fork(store: BaseStore, parent: str, index: int = 10**6) -> str:
    """Fork a thread and return the id of the fork."""
    fork = await store.fork_thread(parent, index, unique("fork"))
    assert fork is not None
    return str(fork["id"])


class Forks:
    """A fork copies the first messages of a thread and knows its parent."""

    @needs("fork_thread")
    async def test_a_fork_has_the_messages_up_to_the_index(self, store: BaseStore) -> None:
        """The message at the index is included. Roles, contents, metadata and times are copied; ids are new."""
        parent = await new_thread(store)
        for number, text in enumerate(TEXTS.values()):
            await store.add_message(parent, f"role {number}", text, metadata={"n": number, text[:50]: [2**70]})
        await next_moment()
        fork = await store.fork_thread(parent, 20, unique("fork"))
        assert fork is not None
        originals, copies = await store.get_messages(parent), await store.get_messages(fork["id"])
        assert len(copies) == fork["message_count"] == 21
        for original, copy in zip(originals[:21], copies, strict=True):
            assert {key: copy[key] for key in _COPIED} == {key: original[key] for key in _COPIED}
            assert same_json(copy["metadata"], original["metadata"])
            assert copy["thread_id"] == fork["id"]
        assert not {copy["id"] for copy in copies} & {original["id"] for original in originals}
        assert len({copy["id"] for copy in copies}) == 21

    @needs("fork_thread", "save_checkpoint", "list_checkpoints")
    async def test_a_fork_can_copy_checkpoints(self, store: BaseStore) -> None:
        """All are copied in order, from every namespace; later changes to one thread do not affect the other."""
        parent, plain, fork = await new_thread(store), unique("plain"), unique("fork é")
        for namespace, ids_ in (("", ["b", "a", "c"]), ("child:1", ["d"])):
            for number, id_ in enumerate(ids_):
                before = ids_[number - 1] if number else None
                await store.save_checkpoint(parent, namespace, id_, before, {"n": id_}, {"step": number})
        assert await store.fork_thread(parent, 0, plain)
        assert await store.fork_thread(parent, 0, fork, checkpoints=True)
        assert await store.list_checkpoints(plain, "") == []
        for namespace in ("", "child:1"):
            originals = await store.list_checkpoints(parent, namespace)
            copies = await store.list_checkpoints(fork, namespace)
            assert [copy | {"thread_id": parent} for copy in copies] == originals
            assert all(copy["thread_id"] == fork for copy in copies)
        await store.save_checkpoint(fork, "", "e", "c", {}, {})
        await store.delete_thread(parent)
        assert [copy["checkpoint_id"] for copy in await store.list_checkpoints(fork, "")] == ["e", "c", "a", "b"]

    @needs("fork_thread", "save_checkpoint", "list_checkpoints")
    async def test_a_fork_to_an_id_with_checkpoints_is_refused(self, store: BaseStore) -> None:
        """With `checkpoints=True` nothing is forked if checkpoints exist under the new id."""
        parent, taken = await new_thread(store), unique("taken")
        await store.save_checkpoint(parent, "", "a", None, {}, {})
        await store.save_checkpoint(taken, "x", "b", None, {}, {})
        with pytest.raises(ThreadExists):
            await store.fork_thread(parent, 0, taken, checkpoints=True)
        assert await store.get_thread(taken) is None
        assert await store.list_checkpoints(taken, "") == []

    @needs("fork_thread")
    async def test_a_fork_is_a_thread_of_the_same_owner(self, store: BaseStore) -> None:
        """A fork is a new thread with its parent's user, agent and metadata, and names its parent and index."""
        parent = await new_thread(
            store, "a", "b", user_id=unique("user"), agent_name=unique("agent"), title="old", metadata={"n": [1]}
        )
        original = await thread_of(store, parent)
        await next_moment()
        fork_id = unique("fork")
        fork = await store.fork_thread(parent, 0, fork_id, title="new")
        assert fork is not None
        check_record(fork, THREAD_KEYS)
        expected = {
            "id": fork_id,
            "thread_id": fork_id,
            "user_id": original["user_id"],
            "agent_name": original["agent_name"],
            "title": "new",
            "metadata": {"n": [1]},
            "message_count": 1,
            "parent_thread_id": parent,
            "fork_message_index": 0,
        }
        assert {key: fork[key] for key in expected} == expected
        assert time_of(fork, "created_at") > time_of(original, "updated_at")
        assert await store.get_thread(fork_id) == fork
        listed = await store.list_threads(agent_name=original["agent_name"], user_id=original["user_id"])
        assert ids(listed) == [fork_id, parent]

    @needs("fork_thread")
    async def test_an_index_past_the_end_copies_all_messages(self, store: BaseStore) -> None:
        """The index may be any number, and the thread may be empty."""
        parent = await new_thread(store, "a", "b")
        for index in (1, 2, 1_000, 10**30):
            fork = await _fork(store, parent, index)
            assert await contents(store, fork) == ["a", "b"]
            assert (await thread_of(store, fork))["message_count"] == 2
        empty = await _fork(store, await new_thread(store), 0)
        assert await store.get_messages(empty) == []
        assert (await thread_of(store, empty))["message_count"] == 0

    @needs("fork_thread")
    @pytest.mark.parametrize("index", [-1, -2, -(10**30)], ids=["-1", "-2", "far below"])
    async def test_a_negative_index_makes_no_fork(self, store: BaseStore, index: int) -> None:
        """`fork_thread` returns None, and no thread is created."""
        parent, fork = await new_thread(store, "a"), unique("fork")
        assert await store.fork_thread(parent, index, fork) is None
        assert await store.get_thread(fork) is None

    @needs("fork_thread")
    async def test_an_unknown_parent_makes_no_fork(self, store: BaseStore) -> None:
        """`fork_thread` returns None, and no thread is created."""
        fork = unique("fork")
        assert await store.fork_thread(unique(), 0, fork) is None
        assert await store.get_thread(fork) is None

    @needs("fork_thread")
    async def test_a_fork_to_an_existing_thread_is_refused(self, store: BaseStore) -> None:
        """That thread may have any owner, or be the parent; it stays as it is."""
        parent = await new_thread(store, "a", "b")
        for taken in (await new_thread(store, "c"), await new_thread(store, user_id="bob"), parent):
            before, messages = await thread_of(store, taken), await store.get_messages(taken)
            with pytest.raises(ThreadExists) as caught:
                await store.fork_thread(parent, 0, taken)
            assert caught.value.thread_id == taken
            assert await thread_of(store, taken) == before
            assert await store.get_messages(taken) == messages

    @needs("fork_thread")
    async def test_one_of_several_concurrent_forks_to_one_id_succeeds(self, store: BaseStore) -> None:
        """The others raise `ThreadExists`, and no message is copied twice."""
        parent, fork = await new_thread(store, "a", "b", "c"), unique("fork")
        made = await asyncio.gather(*(store.fork_thread(parent, 1, fork) for _ in range(8)), return_exceptions=True)
        assert [one for one in made if isinstance(one, dict)] == [await store.get_thread(fork)]
        assert len([one for one in made if isinstance(one, ThreadExists)]) == 7
        assert await contents(store, fork) == ["a", "b"]

    @needs("fork_thread")
    async def test_a_fork_and_its_parent_are_independent(self, store: BaseStore) -> None:
        """A message added to one is not in the other; new messages of the fork follow the copied ones."""
        parent = await new_thread(store, "a", "b", "c")
        fork = await _fork(store, parent, 1)
        assert (await store.add_message(fork, "user", "x"))["index"] == 2
        assert (await store.add_message(parent, "user", "d"))["index"] == 3
        assert await contents(store, fork) == ["a", "b", "x"]
        assert await contents(store, parent) == ["a", "b", "c", "d"]
        assert (await thread_of(store, fork))["message_count"] == 3
        assert (await thread_of(store, parent))["message_count"] == 4

    @needs("fork_thread")
    async def test_forks_of_a_thread_in_use_are_complete(self, store: BaseStore) -> None:
        """Each fork has as many messages as its `message_count` says, without a gap."""
        parent = await new_thread(store, "a")

        async def write(number: int) -> str:
            await store.add_message(parent, "user", str(number))
            return await _fork(store, parent)

        forks = await asyncio.gather(*(write(number) for number in range(10)))
        history = await contents(store, parent)
        for fork in forks:
            count = (await thread_of(store, fork))["message_count"]
            assert 2 <= count <= 11
            assert await contents(store, fork) == history[:count]

    @needs("fork_thread")
    @pytest.mark.parametrize("index", ["1", 1.5, None, True], ids=repr)
    async def test_an_index_that_is_no_whole_number_is_refused(self, store: BaseStore, index: Any) -> None:
        """No fork is created."""
        parent, fork = await new_thread(store, "a"), unique("fork")
        async with refused("message_index"):
            await store.fork_thread(parent, index, fork)
        assert await store.get_thread(fork) is None

    @needs("fork_thread")
    @pytest.mark.parametrize("bad", ["", *BAD_IDS.values()], ids=["empty", *BAD_IDS])
    async def test_a_fork_to_an_invalid_id_is_refused(self, store: BaseStore, bad: Any) -> None:
        """The error names the field."""
        parent = await new_thread(store, "a")
        async with refused("new_thread_id"):
            await store.fork_thread(parent, 0, bad)

    @needs("fork_thread")
    async def test_a_fork_with_an_invalid_title_is_refused(self, store: BaseStore) -> None:
        """No fork is created."""
        parent, fork = await new_thread(store, "a"), unique("fork")
        title: Any = b"bytes"
        async with refused("title"):
            await store.fork_thread(parent, 0, fork, title=title)
        assert await store.get_thread(fork) is None

    @needs("fork_thread", "delete_thread", "get_thread_lineage")
    async def test_forks_survive_the_deletion_of_their_parent(self, store: BaseStore) -> None:
        """Forks keep all their messages, and their parent is None."""
        parent = await new_thread(store, "a", "b")
        fork = await _fork(store, parent)
        grandchild = await _fork(store, fork, 0)
        before = await thread_of(store, fork)
        assert await store.delete_thread(parent)
        after = await thread_of(store, fork)
        assert after["parent_thread_id"] is None
        assert after == before | {"parent_thread_id": None}
        assert await contents(store, fork) == ["a", "b"]
        assert await contents(store, grandchild) == ["a"]
        assert (await thread_of(store, grandchild))["parent_thread_id"] == fork
        assert (await store.get_thread_lineage(fork))["ancestors"] == []
        assert ids((await store.get_thread_lineage(grandchild))["ancestors"]) == [fork]
        await store.create_thread(parent, "ada", "contract")
        assert (await store.get_thread_lineage(parent))["descendants"] == []

    # lineage

    @needs("fork_thread", "get_thread_lineage")
    async def test_lineage_goes_from_the_root_down_to_the_parent(self, store: BaseStore) -> None:
        """`descendants` are the direct forks in the order of their creation; all entries are thread records."""
        root = await new_thread(store, "a")
        child = await _fork(store, root)
        grandchild = await _fork(store, child)
        forks = []
        for _ in range(3):
            await next_moment()
            forks.append(await _fork(store, grandchild))
        await _fork(store, forks[0])
        lineage = await store.get_thread_lineage(grandchild)
        assert lineage["thread_id"] == grandchild
        assert lineage["ancestors"] == [await store.get_thread(root), await store.get_thread(child)]
        assert lineage["descendants"] == [await store.get_thread(fork) for fork in forks]
        lineage = await store.get_thread_lineage(root)
        assert (lineage["ancestors"], ids(lineage["descendants"])) == ([], [child])

    @needs("fork_thread", "get_thread_lineage")
    async def test_a_thread_without_relatives_has_an_empty_lineage(self, store: BaseStore) -> None:
        """An unknown thread has an empty lineage, too."""
        for thread_id in (await new_thread(store), unique()):
            lineage = await store.get_thread_lineage(thread_id)
            assert lineage == {"thread_id": thread_id, "ancestors": [], "descendants": []}

    @needs("fork_thread", "get_thread_lineage")
    async def test_lineage_has_30_generations(self, store: BaseStore) -> None:
        """The lineage is complete and in order."""
        line = [await new_thread(store, "a")]
        for _ in range(30):
            line.append(await _fork(store, line[-1]))
        assert ids((await store.get_thread_lineage(line[-1]))["ancestors"]) == line[:-1]
        middle = await store.get_thread_lineage(line[15])
        assert (ids(middle["ancestors"]), ids(middle["descendants"])) == (line[:15], [line[16]])

    @needs("fork_thread", "get_thread_lineage", "delete_thread")
    async def test_a_deleted_fork_leaves_the_lineage(self, store: BaseStore) -> None:
        """A deleted fork is neither a descendant of its parent nor an ancestor of its own forks."""
        root = await new_thread(store, "a")
        gone, kept = await _fork(store, root), await _fork(store, root)
        orphan = await _fork(store, gone)
        assert await store.delete_thread(gone)
        assert ids((await store.get_thread_lineage(root))["descendants"]) == [kept]
        assert (await store.get_thread_lineage(orphan))["ancestors"] == []
