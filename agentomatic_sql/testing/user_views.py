"""Tests of a user's view of a store: `for_user`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import InvalidInput, NotSupported, RecordExists, StoreError, ThreadExists, ThreadNotFound
from .support import Record, needs, refused, unique

Call = Callable[[BaseStore, str, str], Awaitable[Any]]
"""Calls a method of a view with a thread id and the id of the thread's state and checkpoint."""


async def _all(found: AsyncIterator[Record]) -> list[Record]:
    return [record async for record in found]


ON_A_THREAD: dict[str, Call] = {
    "get_thread": lambda view, thread, _name: view.get_thread(thread),
    "list_threads": lambda view, thread, _name: view.list_threads(after=thread),
    "update_thread": lambda view, thread, _name: view.update_thread(thread, title="eve's", metadata={"eve": 1}),
    "delete_thread": lambda view, thread, _name: view.delete_thread(thread),
    "add_message": lambda view, thread, _name: view.add_message(thread, "user", "eve's"),
    "add_message, with a key": lambda view, thread, _name: view.add_message(
        thread, "user", "hello", idempotency_key="k"
    ),
    "add_messages": lambda view, thread, _name: view.add_messages(thread, [{"role": "user", "content": "eve's"}] * 3),
    "add_messages, none": lambda view, thread, _name: view.add_messages(thread, []),
    "get_messages": lambda view, thread, _name: view.get_messages(thread),
    "get_messages, the last": lambda view, thread, _name: view.get_messages(thread, last=5),
    "iter_messages": lambda view, thread, _name: _all(view.iter_messages(thread)),
    "add_feedback": lambda view, thread, _name: view.add_feedback(thread, "eve", "agent", rating=1),
    "add_feedback, with a key": lambda view, thread, _name: view.add_feedback(
        thread, "eve", "agent", rating=5, idempotency_key="k"
    ),
    "save_suspended_state": lambda view, thread, _name: view.save_suspended_state(
        unique("approval"), thread, "agent", "node", {"eve": 1}
    ),
    "get_suspended_state": lambda view, _thread, name: view.get_suspended_state(name),
    "list_suspended_states": lambda view, thread, _name: view.list_suspended_states(thread_id=thread),
    "delete_suspended_state": lambda view, _thread, name: view.delete_suspended_state(name),
    "claim_suspended_state": lambda view, _thread, name: view.claim_suspended_state(name),
    "fork_thread": lambda view, thread, _name: view.fork_thread(thread, 5, unique()),
    "fork_thread, with checkpoints": lambda view, thread, _name: view.fork_thread(
        thread, 5, unique(), checkpoints=True
    ),
    "get_thread_lineage": lambda view, thread, _name: view.get_thread_lineage(thread),
    "save_checkpoint": lambda view, thread, name: view.save_checkpoint(thread, "", name, None, {"eve": 1}, {}),
    "get_checkpoint": lambda view, thread, name: view.get_checkpoint(thread, "", name),
    "get_checkpoint, the latest": lambda view, thread, _name: view.get_checkpoint(thread, "", None),
    "list_checkpoints": lambda view, thread, _name: view.list_checkpoints(thread, ""),
    "list_checkpoints, before one": lambda view, thread, name: view.list_checkpoints(thread, "", before=name),
}
OF_NO_THREAD: dict[str, Call] = {
    "list_threads": lambda view, _thread, _name: view.list_threads(limit=10_000),
    "list_threads, of the other": lambda view, _thread, _name: view.list_threads(user_id="ada"),
    "iter_threads": lambda view, _thread, _name: _all(view.iter_threads()),
    "iter_messages": lambda view, _thread, _name: _all(view.iter_messages()),
    "get_feedback": lambda view, _thread, _name: view.get_feedback(limit=10_000),
    "get_feedback, of the other": lambda view, _thread, _name: view.get_feedback(user_id="ada"),
    "list_suspended_states": lambda view, _thread, _name: view.list_suspended_states(),
    "list_suspended_states, of the agent": lambda view, _thread, _name: view.list_suspended_states(agent_name="agent"),
}
EMPTY = {"threads": 0, "messages": 0, "feedback": 0, "suspended_states": 0, "checkpoints": 0, "estimated": []}


class UserViews:
    """A view shows only one user's rows: ada has rows of every kind, and eve tries to reach them."""

    @needs("for_user")
    @pytest.mark.parametrize("call", [pytest.param(call, id=name) for name, call in ON_A_THREAD.items()])
    async def test_another_users_thread_seems_not_to_exist(self, store: BaseStore, call: Call) -> None:
        """Each call returns or raises the same as for an unknown thread, and changes nothing."""
        thread, name = await _something_of_everything(store)
        eve = store.for_user("eve")
        before = await _kept(store, thread, name)
        missing, nothing = unique(), unique()
        expected = _renamed(await _outcome(call(eve, missing, nothing)), missing, nothing)
        assert _renamed(await _outcome(call(eve, thread, name)), thread, name) == expected
        assert await _kept(store, thread, name) == before

    @needs("for_user")
    @pytest.mark.parametrize("call", [pytest.param(call, id=name) for name, call in OF_NO_THREAD.items()])
    async def test_listings_contain_only_the_users_own_rows(self, store: BaseStore, call: Call) -> None:
        """No filter shows another user's rows."""
        theirs, _name = await _something_of_everything(store)
        user = unique("user")
        assert await call(store.for_user(user), "", "") == []
        own, _name = await _something_of_everything(store, user)
        found = await call(store.for_user(user), "", "")
        assert {record["thread_id"] for record in found} <= {own} != {theirs}

    @needs("for_user")
    async def test_the_users_own_thread_works_as_without_the_view(self, store: BaseStore) -> None:
        """Rows that the view stores are in the store."""
        user = unique("user")
        thread, name = await _something_of_everything(store, user)
        view = store.for_user(user)
        assert await _kept(view, thread, name) == await _kept(store, thread, name)
        assert await view.list_threads() == await _all(view.iter_threads()) == await store.list_threads(user_id=user)
        assert await view.list_threads(after=thread) == []
        assert await view.update_thread(thread, title="new") == await store.get_thread(thread)
        added = await view.add_message(thread, "user", "again")
        several = await view.add_messages(thread, [{"role": "user", "content": str(n)} for n in range(3)])
        assert (await store.get_messages(thread))[-4:] == [added, *several]
        assert await _all(view.iter_messages()) == await _all(view.iter_messages(thread))
        rated = await view.add_feedback(thread, user, "agent", rating=2)
        assert (await view.get_feedback())[0] == (await store.get_feedback(user_id=user))[0] == rated
        await view.save_checkpoint(thread, "", unique("checkpoint"), name, {"n": 1}, {})
        await view.save_checkpoint(thread, "", name, None, {"n": 2}, {})
        assert [one["checkpoint"]["n"] for one in await store.list_checkpoints(thread, "")] == [1, 2]
        fork = unique()
        assert await view.fork_thread(thread, 1, fork, checkpoints=True) == await store.get_thread(fork)
        assert await view.get_checkpoint(fork, "", name) is not None
        assert await view.fork_thread(thread, 1, unique()) is not None
        assert await view.get_thread_lineage(fork) == await store.get_thread_lineage(fork)
        assert len((await view.get_thread_lineage(thread))["descendants"]) == 2
        assert await view.claim_suspended_state(name) is not None
        assert await store.get_suspended_state(name) is None
        assert await view.delete_thread(thread) is True
        assert await store.get_thread(thread) is None

    @needs("for_user", "add_message(idempotency_key)", "add_feedback(idempotency_key)")
    async def test_a_view_shares_the_idempotency_keys_of_a_thread(self, store: BaseStore) -> None:
        """A call that is repeated returns the first record, through the view or not."""
        thread, _name = await _something_of_everything(store)
        ada = store.for_user("ada")
        again = await ada.add_message(thread, "user", "hello", idempotency_key="k")
        assert again == await store.add_message(thread, "user", "hello", idempotency_key="k")
        rated = await ada.add_feedback(thread, "ada", "agent", rating=5, idempotency_key="k")
        assert rated == await store.add_feedback(thread, "ada", "agent", rating=5, idempotency_key="k")
        assert [message["content"] for message in await store.get_messages(thread)] == ["hello", "world"]

    @needs("for_user")
    async def test_a_view_stores_only_for_its_user(self, store: BaseStore) -> None:
        """Another user's id is refused."""
        thread, _name = await _something_of_everything(store)
        eve = store.for_user("eve")
        async with refused("user_id"):
            await eve.create_thread(unique(), "ada", "agent")
        async with refused("user_id"):
            await eve.add_feedback(thread, "ada", "agent")
        with pytest.raises(InvalidInput):
            store.for_user(7)  # type: ignore[arg-type]
        created = await eve.create_thread(unique(), "eve", "agent")
        assert await store.get_thread(created["id"]) == created

    @needs("for_user")
    async def test_invalid_values_are_refused_for_any_thread(self, store: BaseStore) -> None:
        """Values are checked before the owner of the thread is."""
        thread, _name = await _something_of_everything(store)
        eve = store.for_user("eve")
        for where in (thread, unique()):
            async with refused("role"):
                await eve.add_message(where, "", "x")
            async with refused("idempotency_key"):
                await eve.add_message(where, "user", "x", idempotency_key="")
            async with refused("messages[0].role"):
                await eve.add_messages(where, [{}])
            async with refused("rating"):
                await eve.add_feedback(where, "eve", "agent", rating=9)
            async with refused("checkpoint.x"):
                await eve.save_checkpoint(where, "", "c", None, {"x": float("nan")}, {})
            async with refused("new_thread_id"):
                await eve.fork_thread(where, 0, "")
            async with refused("limit"):
                await eve.list_threads(after=where, limit=-1)

    @needs("for_user")
    async def test_another_users_id_cannot_be_used(self, store: BaseStore) -> None:
        """That user's thread or state stays as it was."""
        thread, name = await _something_of_everything(store)
        eve, own = store.for_user("eve"), unique()
        await eve.create_thread(own, "eve", "agent")
        before = await _kept(store, thread, name)
        with pytest.raises(ThreadExists):
            await eve.create_thread(thread, "eve", "agent")
        with pytest.raises(ThreadExists):
            await eve.fork_thread(own, 0, thread)
        with pytest.raises(RecordExists):
            await eve.save_suspended_state(name, own, "agent", "node", {"eve": 1})
        assert await _kept(store, thread, name) == before

    @needs("for_user")
    async def test_a_user_can_replace_their_own_state(self, store: BaseStore) -> None:
        """The new state may belong to another thread of theirs, and the old one may have expired."""
        first, name = await _something_of_everything(store)
        ada, second = store.for_user("ada"), unique()
        await ada.create_thread(second, "ada", "agent")
        for ttl in (0, 60):
            state = await ada.save_suspended_state(name, second, "agent", "node", {"ttl": ttl}, ttl=ttl)
            assert state["thread_id"] == second
        assert await store.get_suspended_state(name) == state
        assert await ada.list_suspended_states(thread_id=first) == []

    @needs("for_user")
    async def test_only_the_users_own_rows_are_counted_and_cleaned_up(self, store: BaseStore) -> None:
        """Other users' expired states and keys stay."""
        thread, _name = await _something_of_everything(store)
        user = unique("user")
        view = store.for_user(user)
        assert EMPTY.items() <= (await view.get_stats()).items()
        own, _name = await _something_of_everything(store, user)
        counted = {"threads": 1, "messages": 2, "feedback": 1, "suspended_states": 1, "checkpoints": 1}
        assert counted.items() <= (await view.get_stats()).items()
        for place in (thread, own):
            await store.save_suspended_state(unique("approval"), place, "agent", "node", {}, ttl=0)
        assert await view.cleanup_expired_states() == 1
        assert await view.cleanup_expired_states() == 0
        assert await view.cleanup_idempotency_keys(timedelta(0)) == 2
        assert await view.cleanup_idempotency_keys(timedelta(0)) == 0
        await store.add_message(thread, "user", "hello", idempotency_key="k")
        assert len(await store.get_messages(thread)) == 2  # the other user's key was kept

    @needs("for_user")
    async def test_a_view_has_no_platform_history(self, store: BaseStore) -> None:
        """Its lists are empty, and `create_invocation_log` raises `NotSupported`."""
        thread, _name = await _something_of_everything(store)
        ada = store.for_user("ada")
        assert await ada.list_invocation_logs(thread_id=thread) == []
        with pytest.raises(NotSupported):
            await ada.create_invocation_log(agent_name="agent", thread_id=thread)

    @needs("for_user")
    async def test_closing_a_view_does_not_close_the_store(self, store: BaseStore) -> None:
        """A view is closed with its store, and reports the store's health."""
        thread, _name = await _something_of_everything(store)
        async with store.for_user("ada") as ada:
            assert (await ada.health_check())["status"] == "healthy"
        assert await store.get_thread(thread) == await ada.get_thread(thread) is not None

    @needs("for_user")
    async def test_concurrent_users_do_not_affect_each_other(self, store: BaseStore) -> None:
        """Each has their own messages in order and without gaps, whatever the other one tries."""
        users = [unique("user") for _ in range(4)]
        views = {user: store.for_user(user) for user in users}
        threads = {user: (await views[user].create_thread(unique(), user, "agent"))["id"] for user in users}

        async def write(user: str, number: int) -> None:
            await views[user].add_message(threads[user], "user", f"{user} {number}")
            for other in users:
                if other != user:
                    with pytest.raises(ThreadNotFound):
                        await views[user].add_message(threads[other], "user", "intruder")

        await asyncio.gather(*(write(user, number) for number in range(5) for user in users))
        for user in users:
            found = await store.get_messages(threads[user])
            assert sorted(message["content"] for message in found) == [f"{user} {number}" for number in range(5)]
            assert [message["index"] for message in found] == [*range(5)]
            thread = await store.get_thread(threads[user])
            assert thread is not None
            assert thread["message_count"] == 5


async def _something_of_everything(store: BaseStore, user: str = "ada") -> tuple[str, str]:
    """Create a thread with rows of every kind; returns its id and the id of its state and its checkpoint."""
    thread, name = unique(), unique("name")
    await store.create_thread(thread, user, "agent", metadata={"of": user})
    await store.add_message(thread, "user", "hello", idempotency_key="k")
    await store.add_message(thread, "assistant", "world")
    await store.add_feedback(thread, user, "agent", rating=5, idempotency_key="k")
    await store.save_suspended_state(name, thread, "agent", "node", {"of": user})
    await store.save_checkpoint(thread, "", name, None, {"of": user}, {})
    return thread, name


async def _kept(store: BaseStore, thread: str, name: str) -> dict[str, Any]:
    """Read all rows of a thread."""
    return {
        "thread": await store.get_thread(thread),
        "messages": await store.get_messages(thread),
        "feedback": [one for one in await store.get_feedback(limit=10_000) if one["thread_id"] == thread],
        "states": await store.list_suspended_states(thread_id=thread),
        "state": await store.get_suspended_state(name),
        "checkpoints": await store.list_checkpoints(thread, ""),
        "latest": await store.get_checkpoint(thread, "", None),
        "lineage": await store.get_thread_lineage(thread),
    }


async def _outcome(call: Awaitable[Any]) -> str:
    """Return the result or the error of a call as text."""
    try:
        return f"answers {await call!r}"
    except StoreError as error:
        return f"raises {type(error).__name__}: {error}"


def _renamed(outcome: str, thread: str, name: str) -> str:
    return outcome.replace(thread, "<thread>").replace(name, "<name>")
