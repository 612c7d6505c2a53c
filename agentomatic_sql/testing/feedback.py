"""Tests of ratings and comments: `add_feedback` and `get_feedback`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from ..base import BaseStore
from .support import FEEDBACK_KEYS, check_record, ids, needs, new_thread, refused, unique
from .values import BAD_COUNTS, BAD_IDS, TEXTS


class Feedback:
    """Feedback is kept, listed newest first and filtered."""

    @needs("add_feedback", "get_feedback")
    async def test_feedback_keeps_every_field(self, store: BaseStore) -> None:
        """The record has every documented key, and `get_feedback` returns it."""
        thread_id, agent_name = await new_thread(store), unique("agent")
        message = await store.add_message(thread_id, "assistant", "42")
        given: dict[str, Any] = {
            "rating": 5,
            "comment": "right",
            "message_id": message["id"],
            "feedback_type": "stars",
            "query": "6 × 7?",
            "response": "42",
            "correction": "forty-two",
        }
        feedback = await store.add_feedback(thread_id, "ada", agent_name, **given)
        check_record(feedback, FEEDBACK_KEYS)
        expected = given | {"thread_id": thread_id, "user_id": "ada", "agent_name": agent_name}
        assert {key: feedback[key] for key in expected} == expected
        assert await store.get_feedback(agent_name=agent_name) == [feedback]

    @needs("add_feedback", "get_feedback")
    async def test_optional_fields_of_feedback_have_defaults(self, store: BaseStore) -> None:
        """The defaults are the platform's."""
        agent_name = unique("agent")
        feedback = await store.add_feedback("t", "ada", agent_name)
        defaults = {
            "rating": None,
            "comment": None,
            "message_id": None,
            "feedback_type": "thumbs",
            "query": "",
            "response": "",
            "correction": None,
        }
        assert {key: feedback[key] for key in defaults} == defaults
        assert await store.get_feedback(agent_name=agent_name) == [feedback]

    @needs("add_feedback", "get_feedback")
    @pytest.mark.parametrize("thread_id", ["", "default_thread", "not there"])
    async def test_feedback_on_an_unknown_thread_is_kept(self, store: BaseStore, thread_id: str) -> None:
        """A lost rating is worse than one without a thread. Adding it does not create the thread."""
        agent_name = unique("agent")
        await store.add_feedback(thread_id, "ada", agent_name, rating=1)
        assert [found["thread_id"] for found in await store.get_feedback(agent_name=agent_name)] == [thread_id]
        assert await store.get_thread(thread_id) is None

    @needs("add_feedback", "get_feedback")
    async def test_the_newest_feedback_is_listed_first(self, store: BaseStore) -> None:
        """Feedback is ordered by when it was added; `limit` returns the newest."""
        agent_name = unique("agent")
        given = [await store.add_feedback("t", "ada", agent_name, rating=n) for n in (1, 5, 3, 2, 4)]
        assert await store.get_feedback(agent_name=agent_name) == given[::-1]
        assert await store.get_feedback(agent_name=agent_name, limit=2) == [given[4], given[3]]
        assert await store.get_feedback(agent_name=agent_name, limit=0) == []
        assert await store.get_feedback(agent_name=agent_name, limit=10**30) == given[::-1]

    @needs("add_feedback", "get_feedback")
    async def test_the_default_limit_of_feedback_is_50(self, store: BaseStore) -> None:
        """The default is the platform's."""
        agent_name = unique("agent")
        for _ in range(52):
            await store.add_feedback("t", "ada", agent_name)
        assert len(await store.get_feedback(agent_name=agent_name)) == 50

    @needs("add_feedback", "get_feedback")
    async def test_feedback_can_be_filtered(self, store: BaseStore) -> None:
        """Filters are the agent, the user or both; None filters nothing."""
        agents, users = [unique("agent") for _ in range(2)], [unique("user") for _ in range(2)]
        given = {
            (agent_name, user_id): (await store.add_feedback("t", user_id, agent_name))["id"]
            for agent_name in agents
            for user_id in users
        }

        async def listed(**filters: Any) -> list[Any]:
            return ids(await store.get_feedback(**filters))

        assert await listed(agent_name=agents[0]) == [given[agents[0], user_id] for user_id in reversed(users)]
        assert await listed(user_id=users[1]) == [given[agent_name, users[1]] for agent_name in reversed(agents)]
        assert await listed(agent_name=agents[1], user_id=users[0]) == [given[agents[1], users[0]]]
        assert await listed(agent_name=agents[1], user_id="nobody") == []
        everything = await store.get_feedback(agent_name=None, user_id=None, limit=1_000_000)
        assert set(given.values()) <= set(ids(everything))

    @needs("add_feedback", "get_feedback")
    async def test_concurrent_feedback_is_all_kept(self, store: BaseStore) -> None:
        """Each has an id of its own."""
        agent_name = unique("agent")
        given = await asyncio.gather(
            *(store.add_feedback("t", f"user {n}", agent_name, comment=str(n)) for n in range(20))
        )
        assert len(set(ids(given))) == 20
        found = await store.get_feedback(agent_name=agent_name)
        assert sorted(found, key=lambda one: int(one["comment"])) == given

    @needs("add_feedback", "get_feedback")
    @pytest.mark.parametrize("rating", [1, 2, 3, 4, 5, None])
    async def test_ratings_go_from_1_to_5(self, store: BaseStore, rating: int | None) -> None:
        """None is allowed, too."""
        agent_name = unique("agent")
        await store.add_feedback("t", "ada", agent_name, rating=rating)
        assert [found["rating"] for found in await store.get_feedback(agent_name=agent_name)] == [rating]

    @needs("add_feedback", "get_feedback")
    @pytest.mark.parametrize("rating", [0, 6, -1, 10**30, 2.5, "5", True, [5]], ids=repr)
    async def test_other_ratings_are_refused(self, store: BaseStore, rating: Any) -> None:
        """Nothing is stored."""
        agent_name = unique("agent")
        async with refused("rating"):
            await store.add_feedback("t", "ada", agent_name, rating=rating)
        assert await store.get_feedback(agent_name=agent_name) == []

    @needs("add_feedback", "get_feedback")
    @pytest.mark.parametrize(
        ("field", "bad"),
        [
            ("message_id", -1),
            ("message_id", 2**53),
            ("message_id", "7"),
            ("comment", 7),
            ("query", None),
            ("response", b"bytes"),
            ("correction", ["text"]),
            ("feedback_type", "x" * 256),
            *(
                (field, BAD_IDS[bad])
                for field in ("thread_id", "user_id", "agent_name")
                for bad in ("256 characters", "U+0000", "a lone surrogate", "None")
            ),
        ],
        ids=lambda value: ascii(value)[:20],
    )
    async def test_invalid_feedback_is_refused(self, store: BaseStore, field: str, bad: Any) -> None:
        """The error names the field, and nothing is stored."""
        user_id, agent_name = unique("user"), unique("agent")
        good: dict[str, Any] = {"thread_id": "t", "user_id": user_id, "agent_name": agent_name}
        async with refused(field):
            await store.add_feedback(**(good | {field: bad}))
        assert await store.get_feedback(user_id=user_id) == []
        assert await store.get_feedback(agent_name=agent_name) == []

    @needs("add_feedback", "get_feedback")
    async def test_texts_of_feedback_are_returned_exactly(self, store: BaseStore) -> None:
        """Every text is kept exactly, in every field."""
        agent_name = unique("agent")
        for text in TEXTS.values():
            fields: dict[str, Any] = {"comment": text, "query": text, "response": text, "correction": text}
            given = await store.add_feedback("t", "ada", agent_name, **fields)
            (found,) = await store.get_feedback(agent_name=agent_name, limit=1)
            assert found == given
            assert {key: found[key] for key in fields} == fields

    @needs("add_feedback", "get_feedback")
    @pytest.mark.parametrize("bad", BAD_COUNTS, ids=repr)
    async def test_an_invalid_limit_of_feedback_is_refused(self, store: BaseStore, bad: Any) -> None:
        """A `ValueError` names the argument."""
        async with refused("limit"):
            await store.get_feedback(limit=bad)
