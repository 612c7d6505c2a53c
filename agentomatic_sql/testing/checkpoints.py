"""Tests of checkpoints: `save_checkpoint`, `get_checkpoint` and `list_checkpoints`."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import pytest

from ..base import BaseStore
from .support import CHECKPOINT_KEYS, check_record, needs, new_thread, next_moment, refused, unique
from .values import BAD_COUNTS, BAD_IDS, CONVERSIONS, JSON_OBJECTS, REFUSED_JSON, same_json

_KEEPS = ("save_checkpoint", "get_checkpoint")
_LISTS = (*_KEEPS, "list_checkpoints")
_BAD_IDS = {name: bad for name, bad in BAD_IDS.items() if bad is not None}  # a parent may be None
_UNSORTED = ["c-7", "c-1", "c-9", "c-10", "b", "c-3"]


async def _saved(store: BaseStore, *checkpoint_ids: str, namespace: str = "") -> str:
    """Save checkpoints with these ids in this order, and return the id of their (new) thread."""
    thread_id = unique()
    for checkpoint_id in checkpoint_ids:
        await store.save_checkpoint(thread_id, namespace, checkpoint_id, None, {"of": checkpoint_id}, {})
    return thread_id


async def _listed(store: BaseStore, thread_id: str, namespace: str = "", **window: Any) -> list[str]:
    found = await store.list_checkpoints(thread_id, namespace, **window)
    return [checkpoint["checkpoint_id"] for checkpoint in found]


class Checkpoints:
    """Checkpoints are kept, and ordered by when they were first saved."""

    @needs(*_LISTS)
    async def test_a_checkpoint_keeps_every_field(self, store: BaseStore) -> None:
        """The record has every documented key; `get_checkpoint`, by id and as the latest, and the list return it."""
        thread_id = await new_thread(store)
        returned: Any = store.save_checkpoint(thread_id, "ns", "c2", "c1", {"values": [1]}, {"step": 2})
        assert await returned is None
        checkpoint = await store.get_checkpoint(thread_id, "ns", "c2")
        assert checkpoint is not None
        check_record(checkpoint, CHECKPOINT_KEYS)
        expected = {
            "thread_id": thread_id,
            "checkpoint_ns": "ns",
            "checkpoint_id": "c2",
            "parent_checkpoint_id": "c1",
            "checkpoint": {"values": [1]},
            "metadata": {"step": 2},
        }
        assert {key: checkpoint[key] for key in expected} == expected
        assert await store.get_checkpoint(thread_id, "ns", "") == checkpoint
        assert await store.list_checkpoints(thread_id, "ns") == [checkpoint]

    @needs(*_LISTS)
    async def test_unknown_checkpoints_are_none(self, store: BaseStore) -> None:
        """`get_checkpoint` returns None for an unknown id or thread, and `list_checkpoints` an empty list."""
        unknown, thread_id = unique(), await _saved(store, "c1")
        assert await store.get_checkpoint(unknown, "", "c1") is None
        assert await store.get_checkpoint(unknown, "", "") is None
        assert await store.list_checkpoints(unknown, "") == []
        assert await store.get_checkpoint(thread_id, "", "c2") is None
        assert await store.get_checkpoint(thread_id, "inner", "") is None

    @needs(*_LISTS)
    async def test_the_latest_is_the_one_first_saved_last(self, store: BaseStore) -> None:
        """The order of ids does not matter. The empty id and None ask for the latest; the list begins with it."""
        thread_id = await _saved(store, *_UNSORTED)
        latest = await store.get_checkpoint(thread_id, "", "")
        assert latest is not None
        assert latest["checkpoint_id"] == "c-3"
        assert latest["checkpoint"] == {"of": "c-3"}
        assert await store.get_checkpoint(thread_id, "", None) == latest
        assert await _listed(store, thread_id) == _UNSORTED[::-1]

    @needs(*_LISTS)
    async def test_a_list_can_be_limited_to_earlier_checkpoints(self, store: BaseStore) -> None:
        """`before` excludes the checkpoint itself and later ones; `before=None` excludes nothing."""
        thread_id = await _saved(store, *_UNSORTED)
        assert await _listed(store, thread_id, before="c-10") == ["c-9", "c-1", "c-7"]
        assert await _listed(store, thread_id, before="c-10", limit=2) == ["c-9", "c-1"]
        assert await _listed(store, thread_id, before="c-7") == []
        assert await _listed(store, thread_id, before=None) == _UNSORTED[::-1]

    @needs(*_LISTS)
    async def test_a_list_before_an_unknown_checkpoint_has_the_smaller_ids(self, store: BaseStore) -> None:
        """Greatest id first: LangGraph's ids grow with time, and `before` may come from another namespace."""
        thread_id = await _saved(store, *_UNSORTED)
        assert await _listed(store, thread_id, before="c-5") == ["c-3", "c-10", "c-1", "b"]
        assert await _listed(store, thread_id, before="c-5", limit=2) == ["c-3", "c-10"]
        assert await _listed(store, thread_id, before="a") == []
        assert await _listed(store, thread_id, before="B") == []
        assert await _listed(store, thread_id, before="\u0107") == sorted(_UNSORTED, reverse=True)
        assert await _listed(store, unique(), before="c-1") == []

    @needs(*_LISTS)
    async def test_pages_contain_each_checkpoint_once(self, store: BaseStore) -> None:
        """Pass `before` the last checkpoint of the page before; the page size does not matter."""
        thread_id = await _saved(store, *_UNSORTED)
        for size in (1, 2, 3, len(_UNSORTED)):
            listed: list[str] = []
            while page := await _listed(store, thread_id, before=listed[-1] if listed else None, limit=size):
                listed += page
                assert len(listed) <= len(_UNSORTED)
            assert listed == _UNSORTED[::-1]

    @needs(*_LISTS)
    async def test_a_limit_returns_the_newest_checkpoints(self, store: BaseStore) -> None:
        """None means no limit."""
        thread_id = await _saved(store, *_UNSORTED)
        assert await _listed(store, thread_id, limit=2) == ["c-3", "b"]
        assert await _listed(store, thread_id, limit=0) == []
        assert await _listed(store, thread_id, limit=None) == _UNSORTED[::-1]
        assert await _listed(store, thread_id, limit=10**30) == _UNSORTED[::-1]

    @needs(*_LISTS)
    async def test_saving_again_replaces_a_checkpoint(self, store: BaseStore) -> None:
        """All fields are new, but its position in the list and its `created_at` stay."""
        thread_id = await _saved(store, "c1", "c2", "c3")
        old = await store.get_checkpoint(thread_id, "", "c2")
        assert old is not None
        await next_moment()
        await store.save_checkpoint(thread_id, "", "c2", "c1", {"new": True}, {"step": 9})
        new = await store.get_checkpoint(thread_id, "", "c2")
        assert new == old | {"parent_checkpoint_id": "c1", "checkpoint": {"new": True}, "metadata": {"step": 9}}
        assert await _listed(store, thread_id) == ["c3", "c2", "c1"]
        latest = await store.get_checkpoint(thread_id, "", "")
        assert latest is not None
        assert latest["checkpoint_id"] == "c3"

    @needs(*_LISTS)
    async def test_namespaces_and_threads_have_separate_checkpoints(self, store: BaseStore) -> None:
        """One id may exist in each; the empty namespace is a namespace of its own."""
        places = [(unique(), namespace) for namespace in ("", "inner", "Inner", "inner ", "inner|2")]
        places += [(places[0][0], namespace) for namespace in ("inner", "a:b", "a", "b")]
        for number, (thread_id, namespace) in enumerate(places):
            await store.save_checkpoint(thread_id, namespace, "c1", None, {"n": number}, {})
        for number, (thread_id, namespace) in enumerate(places):
            for checkpoint_id in ("c1", ""):
                found = await store.get_checkpoint(thread_id, namespace, checkpoint_id)
                assert found is not None
                assert (found["checkpoint_ns"], found["checkpoint"]) == (namespace, {"n": number})
            assert await _listed(store, thread_id, namespace) == ["c1"]

    @needs(*_LISTS)
    async def test_a_namespace_may_have_any_length(self, store: BaseStore) -> None:
        """Nested subgraphs make it long; two that differ only at the end are two."""
        thread_id, long = unique(), "|".join(f"subgraph:{n:032x}" for n in range(20))
        for namespace in (long, long + "0"):
            await store.save_checkpoint(thread_id, namespace, "c1", None, {"length": len(namespace)}, {})
        for namespace in (long, long + "0"):
            found = await store.get_checkpoint(thread_id, namespace, "")
            assert found is not None
            assert (found["checkpoint_ns"], found["checkpoint"]) == (namespace, {"length": len(namespace)})
            assert await _listed(store, thread_id, namespace) == ["c1"]

    @needs(*_LISTS)
    @pytest.mark.parametrize("bad", ["a\x00", "\ud800", 1], ids=repr)
    async def test_a_checkpoint_with_an_invalid_namespace_is_refused(self, store: BaseStore, bad: Any) -> None:
        """The error names the field, and nothing is stored."""
        thread_id = unique()
        async with refused("checkpoint_ns"):
            await store.save_checkpoint(thread_id, bad, "c1", None, {}, {})
        assert await store.list_checkpoints(thread_id, "") == []

    @needs(*_LISTS)
    async def test_ids_of_checkpoints_are_compared_exactly(self, store: BaseStore) -> None:
        """Case, accents and trailing blanks are significant."""
        alike = ["c", "C", "c ", "\u0107", "c\u0301", "😀", "x" * 255]
        thread_id = await _saved(store, *alike)
        assert await _listed(store, thread_id) == alike[::-1]
        for checkpoint_id in alike:
            found = await store.get_checkpoint(thread_id, "", checkpoint_id)
            assert found is not None
            assert found["checkpoint"] == {"of": checkpoint_id}

    @needs(*_LISTS)
    async def test_a_checkpoint_may_have_the_empty_id(self, store: BaseStore) -> None:
        """The platform's checkpointer uses that id. It is the latest until another checkpoint is saved."""
        thread_id = await _saved(store, "", "")
        found = await store.get_checkpoint(thread_id, "", "")
        assert found is not None
        assert (found["checkpoint_id"], found["checkpoint"]) == ("", {"of": ""})
        assert await _listed(store, thread_id) == [""]

    @needs(*_KEEPS)
    async def test_a_checkpoint_of_an_unknown_thread_is_kept(self, store: BaseStore) -> None:
        """Saving it does not create the thread."""
        thread_id = await _saved(store, "c1")
        assert await store.get_checkpoint(thread_id, "", "c1") is not None
        assert await store.get_thread(thread_id) is None

    @needs(*_LISTS)
    async def test_concurrent_saves_are_all_kept(self, store: BaseStore) -> None:
        """Each appears once in the list."""
        thread_id, names = unique(), [f"c-{n}" for n in range(20)]
        await asyncio.gather(*(store.save_checkpoint(thread_id, "", name, None, {}, {}) for name in names))
        listed = await _listed(store, thread_id)
        assert sorted(listed) == sorted(names)
        latest = await store.get_checkpoint(thread_id, "", "")
        assert latest is not None
        assert latest["checkpoint_id"] == listed[0]
        assert await _listed(store, thread_id, before=listed[4]) == listed[5:]

    @needs(*_LISTS)
    async def test_concurrent_saves_of_one_id_leave_one_checkpoint(self, store: BaseStore) -> None:
        """The checkpoint is one of the saved versions as a whole, not a mixture."""
        thread_id = unique()
        await asyncio.gather(
            *(store.save_checkpoint(thread_id, "", "c1", str(n), {"n": n}, {"n": n}) for n in range(10))
        )
        (found,) = await store.list_checkpoints(thread_id, "")
        number = found["checkpoint"]["n"]
        assert (found["parent_checkpoint_id"], found["metadata"]) == (str(number), {"n": number})

    @needs(*_KEEPS)
    @pytest.mark.parametrize("name", JSON_OBJECTS)
    async def test_a_checkpoint_is_returned_exactly(self, store: BaseStore, name: str) -> None:
        """Every JSON value is kept; changes to the caller's dict after the call have no effect."""
        thread_id, given = unique(), dict(JSON_OBJECTS[name])
        await store.save_checkpoint(thread_id, "", "c1", None, given, given)
        given["changed"] = True
        for _ in range(2):
            found = await store.get_checkpoint(thread_id, "", "c1")
            assert found is not None
            for field in ("checkpoint", "metadata"):
                assert same_json(found[field], JSON_OBJECTS[name])
                found[field]["changed"] = True

    @needs(*_KEEPS)
    async def test_values_of_a_checkpoint_are_converted_as_documented(self, store: BaseStore) -> None:
        """The conversions of `agentomatic_sql.jsontext.plain` apply."""
        thread_id = unique()
        given = {name: value for name, (value, _) in CONVERSIONS.items()}
        await store.save_checkpoint(thread_id, "", "c1", None, given, {})
        found = await store.get_checkpoint(thread_id, "", "c1")
        assert found is not None
        assert same_json(found["checkpoint"], {name: expected for name, (_, expected) in CONVERSIONS.items()})

    @needs(*_KEEPS)
    async def test_a_checkpoint_of_10_megabytes_is_kept(self, store: BaseStore) -> None:
        """The checkpoint is neither cut nor refused."""
        thread_id, given = unique(), {"text": "漢字 and 😀 " * 660_000}
        await store.save_checkpoint(thread_id, "", "c1", None, given, {})
        found = await store.get_checkpoint(thread_id, "", "c1")
        assert found is not None
        assert found["checkpoint"] == given

    # invalid arguments

    @needs(*_LISTS)
    @pytest.mark.parametrize("name", REFUSED_JSON)
    async def test_a_checkpoint_that_json_cannot_hold_is_refused(self, store: BaseStore, name: str) -> None:
        """The error names the path; nothing is stored, and an existing checkpoint stays as it is."""
        make, path = REFUSED_JSON[name]
        thread_id = await _saved(store, "c1")
        before = await store.list_checkpoints(thread_id, "")
        for checkpoint_id in ("c1", "c2"):
            async with refused(f"checkpoint{path}"):
                await store.save_checkpoint(thread_id, "", checkpoint_id, None, make(), {})
            async with refused("metadata.a[0]"):
                await store.save_checkpoint(thread_id, "", checkpoint_id, None, {}, {"a": [math.nan]})
        assert await store.list_checkpoints(thread_id, "") == before

    @needs(*_LISTS)
    @pytest.mark.parametrize("bad", _BAD_IDS.values(), ids=_BAD_IDS)
    @pytest.mark.parametrize("field", ["thread_id", "checkpoint_id", "parent_checkpoint_id"])
    async def test_a_checkpoint_with_an_invalid_id_is_refused(self, store: BaseStore, field: str, bad: Any) -> None:
        """The error names the field, and nothing is stored."""
        thread_id = unique()
        good: dict[str, Any] = {
            "thread_id": thread_id,
            "checkpoint_ns": "",
            "checkpoint_id": "c1",
            "parent_checkpoint_id": None,
            "checkpoint": {},
            "metadata": {},
        }
        async with refused(field):
            await store.save_checkpoint(**(good | {field: bad}))
        assert await store.list_checkpoints(thread_id, "") == []

    @needs(*_LISTS)
    @pytest.mark.parametrize("bad", [bad for bad in BAD_COUNTS if bad is not None], ids=repr)
    async def test_an_invalid_limit_of_checkpoints_is_refused(self, store: BaseStore, bad: Any) -> None:
        """A `ValueError` names the argument."""
        async with refused("limit"):
            await store.list_checkpoints("t", "", limit=bad)
