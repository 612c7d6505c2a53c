"""Executions that wait for a human: `save_suspended_state` and what becomes of them."""

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
_DELETES = (*_KEEPS, "delete_suspended_state")  # claiming has a default that builds on it
_EXPIRES = ("save_suspended_state(ttl)", *_LISTS, *_DELETES)
_SHORT = 0.15  # seconds: long enough to be seen on a slow server, short enough to wait for


async def _suspend(store: BaseStore, **fields: Any) -> str:
    """The approval id of a new suspended state."""
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
    """The approval id of a state whose term has ended, and that nobody has cleaned up."""
    approval_id = await _suspend(store, ttl=_SHORT, **fields)

    async def gone() -> bool:
        return await store.get_suspended_state(approval_id) is None

    await until(gone)
    return approval_id


class SuspendedStates:
    """Kept for a term, listed, and taken by exactly one."""

    @needs(*_KEEPS)
    async def test_a_suspended_state_is_kept_with_every_field(self, store: BaseStore) -> None:
        """The record has every documented key, and is what `get_suspended_state` finds; seven days by default."""
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
        """To lose an approval is worse than an orphan; the thread is not made by it."""
        approval_id = await _suspend(store, thread_id=thread_id)
        state = await store.get_suspended_state(approval_id)
        assert state is not None
        assert state["thread_id"] == thread_id
        assert await store.get_thread(thread_id) is None

    @needs(*_KEEPS)
    async def test_an_unknown_state_is_none(self, store: BaseStore) -> None:
        """And no id is any state's."""
        assert await store.get_suspended_state(unique("approval")) is None
        assert await store.get_suspended_state("") is None

    @needs(*_KEEPS)
    @pytest.mark.parametrize("name", JSON_OBJECTS)
    async def test_a_state_comes_back_as_it_went_in(self, store: BaseStore, name: str) -> None:
        """Every JSON value there is; what the caller does to it later changes nothing."""
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
        """Whole, in its old place nothing is left, and its term begins anew."""
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
        """By thread, by agent, by both; None filters nothing."""
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

    # taking

    @needs(*_LISTS, "delete_suspended_state")
    async def test_a_deleted_state_is_gone(self, store: BaseStore) -> None:
        """And cannot be deleted again, but saved again."""
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
    async def test_one_of_16_deletes_at_once_is_true(self, store: BaseStore) -> None:
        """Exactly one, each time."""
        for _ in range(5):
            approval_id = await _suspend(store)
            deleted = await asyncio.gather(*(store.delete_suspended_state(approval_id) for _ in range(16)))
            assert sorted(deleted) == [False] * 15 + [True]

    @needs(*_DELETES)
    async def test_a_claimed_state_is_returned_and_gone(self, store: BaseStore) -> None:
        """It is what `get_suspended_state` would have found."""
        approval_id = await _suspend(store, state_json={"text": "a\x00\ud83d", "n": 2**70})
        state = await store.get_suspended_state(approval_id)
        assert await store.claim_suspended_state(approval_id) == state
        assert await store.get_suspended_state(approval_id) is None
        assert await store.claim_suspended_state(approval_id) is None
        assert await store.delete_suspended_state(approval_id) is False
        assert await store.claim_suspended_state(unique("approval")) is None

    @needs(*_DELETES)
    async def test_one_of_16_claims_at_once_gets_the_state(self, store: BaseStore) -> None:
        """Two humans approve: one execution resumes."""
        for _ in range(5):
            approval_id = await _suspend(store)
            state = await store.get_suspended_state(approval_id)
            claimed = await asyncio.gather(*(store.claim_suspended_state(approval_id) for _ in range(16)))
            assert [one for one in claimed if one is not None] == [state]

    @needs(*_DELETES)
    async def test_one_of_claims_and_deletes_at_once_has_its_way(self, store: BaseStore) -> None:
        """Approved or rejected, not both."""
        for _ in range(5):
            approval_id = await _suspend(store)
            outcomes = await asyncio.gather(
                *(store.claim_suspended_state(approval_id) for _ in range(8)),
                *(store.delete_suspended_state(approval_id) for _ in range(8)),
            )
            assert len([one for one in outcomes if one]) == 1

    # terms

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
    async def test_a_term_is_seconds_or_a_timedelta(
        self, store: BaseStore, ttl: timedelta | float | None, term: timedelta
    ) -> None:
        """To the microsecond; None is seven days."""
        state = await store.save_suspended_state(unique("approval"), "t", "contract", "node", {}, ttl=ttl)
        assert time_of(state, "expires_at") - time_of(state, "created_at") == term

    @needs(*_KEEPS, "save_suspended_state(ttl)")
    @pytest.mark.parametrize("ttl", [timedelta.max, 10**18, 1e300], ids=repr)
    async def test_a_term_may_be_as_long_as_can_be(self, store: BaseStore, ttl: timedelta | float) -> None:
        """It ends with the calendar, not with an error."""
        approval_id = await _suspend(store, ttl=ttl)
        state = await store.get_suspended_state(approval_id)
        assert state is not None
        check_record(state, STATE_KEYS)
        assert time_of(state, "expires_at").year == 9999

    @needs(*_EXPIRES)
    async def test_an_expired_state_is_as_if_it_were_not_there(self, store: BaseStore) -> None:
        """Nowhere, whether or not it has been cleaned up; one with a longer term stays."""
        thread_id = unique()
        waiting = await _suspend(store, thread_id=thread_id, ttl=timedelta(hours=1))
        approval_id = await _expired(store, thread_id=thread_id)
        assert ids(await store.list_suspended_states(thread_id=thread_id)) == [waiting]
        assert await store.claim_suspended_state(approval_id) is None
        assert await store.delete_suspended_state(approval_id) is False
        assert await store.get_suspended_state(waiting) is not None

    @needs(*_EXPIRES)
    async def test_a_state_is_there_until_its_term_ends(self, store: BaseStore) -> None:
        """A term of no time at all has ended at once."""
        assert await store.get_suspended_state(await _suspend(store, ttl=3600)) is not None
        assert await store.get_suspended_state(await _suspend(store, ttl=0)) is None

    @needs(*_EXPIRES)
    async def test_saving_an_expired_state_again_starts_a_new_term(self, store: BaseStore) -> None:
        """It waits again, once."""
        thread_id = unique()
        approval_id = await _expired(store, thread_id=thread_id)
        await _suspend(store, approval_id=approval_id, thread_id=thread_id, ttl=3600)
        assert ids(await store.list_suspended_states(thread_id=thread_id)) == [approval_id]
        assert await store.claim_suspended_state(approval_id) is not None

    @needs(*_EXPIRES, "cleanup_expired_states")
    async def test_cleanup_deletes_what_has_expired(self, store: BaseStore) -> None:
        """And says how many; what waits stays."""
        await store.cleanup_expired_states()
        waiting = await _suspend(store)
        for _ in range(3):
            await _expired(store)
        assert await store.cleanup_expired_states() == 3
        assert await store.cleanup_expired_states() == 0
        assert await store.get_suspended_state(waiting) is not None

    @needs(*_KEEPS, "save_suspended_state(ttl)")
    @pytest.mark.parametrize("ttl", [-1, -0.001, timedelta(seconds=-1), "7", float("nan"), True], ids=repr)
    async def test_a_term_that_makes_no_sense_is_refused(self, store: BaseStore, ttl: Any) -> None:
        """And nothing is stored."""
        approval_id = unique("approval")
        async with refused("ttl"):
            await store.save_suspended_state(approval_id, "t", "contract", "node", {}, ttl=ttl)
        assert await store.get_suspended_state(approval_id) is None

    # what is refused

    @needs(*_KEEPS)
    @pytest.mark.parametrize("name", REFUSED_JSON)
    async def test_a_state_that_json_cannot_hold_is_refused(self, store: BaseStore, name: str) -> None:
        """With its path; the state that was there stays."""
        make, path = REFUSED_JSON[name]
        approval_id = await _suspend(store)
        before = await store.get_suspended_state(approval_id)
        async with refused(f"state_json{path}"):
            await store.save_suspended_state(approval_id, "t", "contract", "node", make())
        assert await store.get_suspended_state(approval_id) == before

    @needs(*_KEEPS)
    @pytest.mark.parametrize("bad", BAD_IDS.values(), ids=BAD_IDS)
    @pytest.mark.parametrize("field", ["approval_id", "thread_id", "agent_name", "node_name"])
    async def test_a_state_under_what_is_no_id_is_refused(self, store: BaseStore, field: str, bad: Any) -> None:
        """The error names the field, and nothing is stored."""
        approval_id = unique("approval")
        async with refused(field):
            await _suspend(store, **({"approval_id": approval_id} | {field: bad}))
        assert await store.get_suspended_state(approval_id) is None

    @needs(*_KEEPS)
    async def test_a_state_without_an_id_is_refused(self, store: BaseStore) -> None:
        """The empty approval id is none."""
        async with refused("approval_id"):
            await store.save_suspended_state("", "t", "contract", "node", {})
