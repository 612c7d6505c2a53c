"""Tests of suspended states: saving, listing, claiming, deleting and expiry."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from ..base import BaseStore
from .support import STATE_KEYS, check_record, ids, needs, new_thread, next_moment, refused, time_of, unique, until
from .values import BAD_IDS, JSON_OBJECTS, REFUSED_JSON, same_json

_KEEPS = ("save_suspended_state", "get_suspended_state")
_LISTS = (*_KEEPS, "list_suspended_states")
_DELETES = (*_KEEPS, "delete_suspended_state")  # the default claim calls it
_EXPIRES = ("save_suspended_state(ttl)", *_LISTS, *_DELETES)
_SHORT = 0.15  # seconds: a slow server can still read the state, and the test does not wait long


async def _suspend(store: BaseStore, **fields: Any) -> str:
    """Save a suspended state and return its approval id."""
    state: dict[str, Any] = {
        "approval_id": unique("approval"),
        "thread_id": unique(),
        "agent_name": "contract",
        "node_name": "approve",
        "state_json": {"amount": 7},
    } | fields
    await store.save_suspended_state(**state)
    return str(state["approval_id"])


async def _expired(store: BaseStore, **fields: Any) -> str:
    """Save a state, wait until it has expired, and return its approval id; it is not cleaned up."""
    approval_id = await _suspend(store, ttl=_SHORT, **fields)

    async def gone() -> bool:
        return await store.get_suspended_state(approval_id) is None

    await until(gone)
    return approval_id


class SuspendedStates:
    """Suspended states are kept until they expire, and exactly one caller can claim each."""

    @needs(*_KEEPS)
    async def test_a_suspended_state_keeps_every_field(self, store: BaseStore) -> None:
        """The record has every documented key; `get_suspended_state` returns it; by default it expires after 7 days."""
        approval_id, thread_id = unique("approval"), await new_thread(store)
        state = await store.save_suspended_state(approval_id, thread_id, "contract", "approve", {"amount": 7})
        check_record(state, STATE_KEYS)
        expected = {
            "id": approval_id,
            "thread_id": thread_id,
            "agent_name": "contract",
            "node_name": "approve",
            "state_snapshot": {"amount": 7},
        }
        assert {key: state[key] for key in expected} == expected
        assert time_of(state, "expires_at") - time_of(state, "created_at") == timedelta(days=7)
        assert await store.get_suspended_state(approval_id) == state

    @needs(*_KEEPS)
    @pytest.mark.parametrize("thread_id", ["", "default_thread", "not there"])
    async def test_a_state_of_an_unknown_thread_is_kept(self, store: BaseStore, thread_id: str) -> None:
        """A lost approval is worse than one without a thread. Saving it does not create the thread."""
        approval_id = await _suspend(store, thread_id=thread_id)
        state = await store.get_suspended_state(approval_id)
        assert state is not None
        assert state["thread_id"] == thread_id
        assert await store.get_thread(thread_id) is None

    @needs(*_KEEPS)
    async def test_an_unknown_state_is_none(self, store: BaseStore) -> None:
        """The empty id is unknown, too."""
        assert await store.get_suspended_state(unique("approval")) is None
        assert await store.get_suspended_state("") is None

    @needs(*_KEEPS)
    @pytest.mark.parametrize("name", JSON_OBJECTS)
    async def test_a_state_is_returned_exactly(self, store: BaseStore, name: str) -> None:
        """Every JSON value is kept; changes to the caller's dict after the call have no effect."""
        given = dict(JSON_OBJECTS[name])
        approval_id = await _suspend(store, state_json=given)
        given["changed"] = True
        for _ in range(2):
            state = await store.get_suspended_state(approval_id)
            assert state is not None
            assert same_json(state["state_snapshot"], JSON_OBJECTS[name])
            state["state_snapshot"]["changed"] = True

    @needs(*_LISTS)
    async def test_saving_again_replaces_the_state(self, store: BaseStore) -> None:
        """All fields are replaced, the old thread and agent no longer list it, and its expiry starts again."""
        threads, agents = [unique() for _ in range(2)], [unique("agent") for _ in range(2)]
        approval_id = await _suspend(store, thread_id=threads[0], agent_name=agents[0], state_json={"a": 1})
        old = await store.get_suspended_state(approval_id)
        await next_moment()
        new = await store.save_suspended_state(approval_id, threads[1], agents[1], "again", {"b": 2})
        assert old is not None
        assert (new["thread_id"], new["agent_name"], new["node_name"]) == (threads[1], agents[1], "again")
        assert new["state_snapshot"] == {"b": 2}
        assert time_of(new, "expires_at") > time_of(old, "expires_at")
        assert await store.get_suspended_state(approval_id) == new
        assert await store.list_suspended_states(thread_id=threads[0]) == []
        assert await store.list_suspended_states(agent_name=agents[0]) == []
        assert await store.list_suspended_states(thread_id=threads[1]) == [new]

    @needs(*_LISTS)
    async def test_suspended_states_are_listed_newest_first(self, store: BaseStore) -> None:
        """Filters are the thread, the agent or both; None filters nothing."""
        threads, agents = [unique() for _ in range(2)], [unique("agent") for _ in range(2)]
        saved: dict[tuple[str, str], str] = {}
        for thread_id in threads:
            for agent_name in agents:
                saved[thread_id, agent_name] = await _suspend(store, thread_id=thread_id, agent_name=agent_name)
                await next_moment()

        async def listed(**filters: Any) -> list[str]:
            return ids(await store.list_suspended_states(**filters))

        assert await listed(thread_id=threads[0]) == [saved[threads[0], agents[1]], saved[threads[0], agents[0]]]
        assert await listed(agent_name=agents[1]) == [saved[threads[1], agents[1]], saved[threads[0], agents[1]]]
        assert await listed(thread_id=threads[1], agent_name=agents[0]) == [saved[threads[1], agents[0]]]
        assert await listed(thread_id=threads[1], agent_name="nobody") == []
        everything = await listed(thread_id=None, agent_name=None)
        mine = [approval_id for approval_id in everything if approval_id in saved.values()]
        assert mine == list(saved.values())[::-1]
        (state,) = await store.list_suspended_states(thread_id=threads[1], agent_name=agents[0])
        assert state == await store.get_suspended_state(state["id"])

    # deleting and claiming

    @needs(*_LISTS, "delete_suspended_state")
    async def test_a_deleted_state_cannot_be_read(self, store: BaseStore) -> None:
        """A deleted state cannot be deleted again, but its id can be saved again."""
        thread_id = unique()
        approval_id = await _suspend(store, thread_id=thread_id)
        other = await _suspend(store, thread_id=thread_id)
        assert await store.delete_suspended_state(approval_id) is True
        assert await store.get_suspended_state(approval_id) is None
        assert ids(await store.list_suspended_states(thread_id=thread_id)) == [other]
        assert await store.delete_suspended_state(approval_id) is False
        assert await store.delete_suspended_state(unique("approval")) is False
        await _suspend(store, approval_id=approval_id)
        assert await store.delete_suspended_state(approval_id) is True

    @needs(*_DELETES)
    async def test_one_of_16_concurrent_deletes_succeeds(self, store: BaseStore) -> None:
        """Exactly one returns True, each time."""
        for _ in range(5):
            approval_id = await _suspend(store)
            deleted = await asyncio.gather(*(store.delete_suspended_state(approval_id) for _ in range(16)))
            assert sorted(deleted) == [False] * 15 + [True]

    @needs(*_DELETES)
    async def test_claiming_a_state_returns_and_deletes_it(self, store: BaseStore) -> None:
        """The record is the one that `get_suspended_state` returned."""
        approval_id = await _suspend(store, state_json={"text": "a\x00\ud83d", "n": 2**70})
        state = await store.get_suspended_state(approval_id)
        assert await store.claim_suspended_state(approval_id) == state
        assert await store.get_suspended_state(approval_id) is None
        assert await store.claim_suspended_state(approval_id) is None
        assert await store.delete_suspended_state(approval_id) is False
        assert await store.claim_suspended_state(unique("approval")) is None

    @needs(*_DELETES)
    async def test_one_of_16_concurrent_claims_succeeds(self, store: BaseStore) -> None:
        """If two humans approve, one execution resumes."""
        for _ in range(5):
            approval_id = await _suspend(store)
            state = await store.get_suspended_state(approval_id)
            claimed = await asyncio.gather(*(store.claim_suspended_state(approval_id) for _ in range(16)))
            assert [one for one in claimed if one is not None] == [state]

    @needs(*_DELETES)
    async def test_one_of_concurrent_claims_and_deletes_succeeds(self, store: BaseStore) -> None:
        """An execution is approved or rejected, never both."""
        for _ in range(5):
            approval_id = await _suspend(store)
            outcomes = await asyncio.gather(
                *(store.claim_suspended_state(approval_id) for _ in range(8)),
                *(store.delete_suspended_state(approval_id) for _ in range(8)),
            )
            assert len([one for one in outcomes if one]) == 1

    # expiry

    @needs(*_KEEPS, "save_suspended_state(ttl)")
    @pytest.mark.parametrize(
        ("ttl", "term"),
        [
            (9000, timedelta(seconds=9000)),
            (3600.5, timedelta(hours=1, milliseconds=500)),
            (timedelta(hours=1), timedelta(hours=1)),
            (None, timedelta(days=7)),
            (0, timedelta(0)),
        ],
        ids=repr,
    )
    async def test_ttl_is_seconds_or_a_timedelta(
        self, store: BaseStore, ttl: timedelta | float | None, term: timedelta
    ) -> None:
        """The time of expiry is exact to the microsecond; a ttl of None is 7 days."""
        state = await store.save_suspended_state(unique("approval"), "t", "contract", "node", {}, ttl=ttl)
        assert time_of(state, "expires_at") - time_of(state, "created_at") == term

    @needs(*_KEEPS, "save_suspended_state(ttl)")
    @pytest.mark.parametrize("ttl", [timedelta.max, 10**18, 1e300], ids=repr)
    async def test_ttl_may_have_any_length(self, store: BaseStore, ttl: timedelta | float) -> None:
        """A state that would expire after year 9999 expires at its end."""
        approval_id = await _suspend(store, ttl=ttl)
        state = await store.get_suspended_state(approval_id)
        assert state is not None
        check_record(state, STATE_KEYS)
        assert time_of(state, "expires_at").year == 9999

    @needs(*_EXPIRES)
    async def test_an_expired_state_is_never_returned(self, store: BaseStore) -> None:
        """No method returns it, even before it is cleaned up; a state with a longer ttl stays."""
        thread_id = unique()
        waiting = await _suspend(store, thread_id=thread_id, ttl=timedelta(hours=1))
        approval_id = await _expired(store, thread_id=thread_id)
        assert ids(await store.list_suspended_states(thread_id=thread_id)) == [waiting]
        assert await store.claim_suspended_state(approval_id) is None
        assert await store.delete_suspended_state(approval_id) is False
        assert await store.get_suspended_state(waiting) is not None

    @needs(*_EXPIRES)
    async def test_a_state_is_returned_until_it_expires(self, store: BaseStore) -> None:
        """With ttl=0 it has expired at once."""
        assert await store.get_suspended_state(await _suspend(store, ttl=3600)) is not None
        assert await store.get_suspended_state(await _suspend(store, ttl=0)) is None

    @needs(*_EXPIRES)
    async def test_saving_an_expired_state_again_revives_it(self, store: BaseStore) -> None:
        """A revived state can be claimed once."""
        thread_id = unique()
        approval_id = await _expired(store, thread_id=thread_id)
        await _suspend(store, approval_id=approval_id, thread_id=thread_id, ttl=3600)
        assert ids(await store.list_suspended_states(thread_id=thread_id)) == [approval_id]
        assert await store.claim_suspended_state(approval_id) is not None

    @needs(*_EXPIRES, "cleanup_expired_states")
    async def test_cleanup_deletes_expired_states(self, store: BaseStore) -> None:
        """Cleanup returns the number of deleted states; other states stay."""
        await store.cleanup_expired_states()
        waiting = await _suspend(store)
        for _ in range(3):
            await _expired(store)
        assert await store.cleanup_expired_states() == 3
        assert await store.cleanup_expired_states() == 0
        assert await store.get_suspended_state(waiting) is not None

    @needs(*_KEEPS, "save_suspended_state(ttl)")
    @pytest.mark.parametrize("ttl", [-1, -0.001, timedelta(seconds=-1), "7", float("nan"), True], ids=repr)
    async def test_an_invalid_ttl_is_refused(self, store: BaseStore, ttl: Any) -> None:
        """Nothing is stored."""
        approval_id = unique("approval")
        async with refused("ttl"):
            await store.save_suspended_state(approval_id, "t", "contract", "node", {}, ttl=ttl)
        assert await store.get_suspended_state(approval_id) is None

    # invalid arguments

    @needs(*_KEEPS)
    @pytest.mark.parametrize("name", REFUSED_JSON)
    async def test_a_state_that_json_cannot_hold_is_refused(self, store: BaseStore, name: str) -> None:
        """The error names the path, and an existing state stays as it is."""
        make, path = REFUSED_JSON[name]
        approval_id = await _suspend(store)
        before = await store.get_suspended_state(approval_id)
        async with refused(f"state_json{path}"):
            await store.save_suspended_state(approval_id, "t", "contract", "node", make())
        assert await store.get_suspended_state(approval_id) == before

    @needs(*_KEEPS)
    @pytest.mark.parametrize("bad", BAD_IDS.values(), ids=BAD_IDS)
    @pytest.mark.parametrize("field", ["approval_id", "thread_id", "agent_name", "node_name"])
    async def test_a_state_with_an_invalid_id_is_refused(self, store: BaseStore, field: str, bad: Any) -> None:
        """The error names the field, and nothing is stored."""
        approval_id = unique("approval")
        async with refused(field):
            await _suspend(store, **({"approval_id": approval_id} | {field: bad}))
        assert await store.get_suspended_state(approval_id) is None

    @needs(*_KEEPS)
    async def test_no_state_is_refused(self, store: BaseStore) -> None:
        """None is not taken for an empty state, with which the execution could not be resumed."""
        approval_id = unique("approval")
        async with refused("state_json"):
            await _suspend(store, approval_id=approval_id, state_json=None)
        assert await store.get_suspended_state(approval_id) is None

    @needs(*_KEEPS)
    async def test_an_empty_approval_id_is_refused(self, store: BaseStore) -> None:
        """An approval needs an id with at least one character."""
        async with refused("approval_id"):
            await store.save_suspended_state("", "t", "contract", "node", {})
