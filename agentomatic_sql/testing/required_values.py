"""Tests of exact values for every store: texts, JSON and records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import InvalidInput
from .support import contents, new_thread, refused, thread_of, unique
from .values import CONVERSIONS, ENDLESS_JSON, HALVES_OF_AN_EMOJI, JSON_OBJECTS, REFUSED_JSON, TEXTS, Name, same_json


class RequiredValues:
    """Contents, titles and metadata are returned exactly as they were stored, or refused with a reason."""

    async def test_content_is_returned_exactly(self, store: BaseStore) -> None:
        """No text is cut, normalised, trimmed or replaced."""
        thread_id = await new_thread(store)
        returned = {name: (await store.add_message(thread_id, "user", text))["content"] for name, text in TEXTS.items()}
        found = dict(zip(TEXTS, await contents(store, thread_id), strict=True))
        assert {name for name, text in TEXTS.items() if returned[name] != text} == set()
        assert {name for name, text in TEXTS.items() if found[name] != text} == set()

    async def test_a_title_is_returned_exactly(self, store: BaseStore) -> None:
        """No text is cut, normalised, trimmed or replaced."""
        changed = set()
        for name, title in TEXTS.items():
            thread = await store.create_thread(unique(), "ada", "contract", title=title)
            if not thread["title"] == (await thread_of(store, thread["id"]))["title"] == title:
                changed.add(name)
        assert changed == set()

    async def test_two_halves_of_an_emoji_are_not_joined(self, store: BaseStore) -> None:
        """Two lone surrogates stay two, in a content and in a title."""
        thread_id = await new_thread(store, HALVES_OF_AN_EMOJI, title=HALVES_OF_AN_EMOJI)
        assert await contents(store, thread_id) == [HALVES_OF_AN_EMOJI]
        assert (await thread_of(store, thread_id))["title"] == HALVES_OF_AN_EMOJI

    async def test_content_of_10_megabytes_is_kept(self, store: BaseStore) -> None:
        """The content is neither cut nor refused; some of its characters take several bytes."""
        thread_id = await new_thread(store)
        long = "漢字 and 😀 " * 660_000
        message = await store.add_message(thread_id, "tool", long)
        assert len(long.encode()) > 10_000_000
        assert message["content"] == long
        assert await contents(store, thread_id) == [long]

    @pytest.mark.parametrize("name", JSON_OBJECTS)
    async def test_metadata_is_returned_exactly(self, store: BaseStore, name: str) -> None:
        """Values, types and the order of keys are kept, for a thread and for a message."""
        value = JSON_OBJECTS[name]
        thread = await store.create_thread(unique(), "ada", "contract", metadata=value)
        message = await store.add_message(thread["id"], "user", "x", metadata=value)
        for record in (thread, message):
            assert same_json(record["metadata"], value)
        assert same_json((await thread_of(store, thread["id"]))["metadata"], value)
        assert same_json((await store.get_messages(thread["id"]))[0]["metadata"], value)

    async def test_a_megabyte_of_metadata_is_kept(self, store: BaseStore) -> None:
        """JSON has no smaller limit than text."""
        value = {f"key {n}": {"text": "漢字 😀 " * 10, "n": n} for n in range(10_000)}
        thread_id = await new_thread(store)
        await store.add_message(thread_id, "tool", "x", metadata=value)
        assert same_json((await store.get_messages(thread_id))[0]["metadata"], value)

    @pytest.mark.parametrize("name", CONVERSIONS)
    async def test_other_types_are_converted_as_documented(self, store: BaseStore, name: str) -> None:
        """The record that the call returns has the converted value."""
        value, expected = CONVERSIONS[name]
        thread_id = await new_thread(store, metadata={"value": value})
        message = await store.add_message(thread_id, "user", "x", metadata={"deep": [value]})
        assert same_json(message["metadata"], {"deep": [expected]})
        assert same_json((await store.get_messages(thread_id))[0]["metadata"], {"deep": [expected]})
        assert same_json((await thread_of(store, thread_id))["metadata"], {"value": expected})

    @pytest.mark.parametrize(("make", "path"), REFUSED_JSON.values(), ids=REFUSED_JSON)
    async def test_metadata_that_json_cannot_hold_is_refused(
        self, store: BaseStore, make: Callable[[], Any], path: str
    ) -> None:
        """The error names the path in the metadata, and nothing is stored."""
        unborn, thread_id = unique(), await new_thread(store, "first")
        before = await thread_of(store, thread_id)
        async with refused(f"metadata{path}"):
            await store.create_thread(unborn, "ada", "contract", metadata=make())
        async with refused(f"metadata{path}"):
            await store.add_message(thread_id, "user", "x", metadata=make())
        assert await store.get_thread(unborn) is None
        assert await thread_of(store, thread_id) == before
        assert await contents(store, thread_id) == ["first"]

    @pytest.mark.parametrize("make", ENDLESS_JSON.values(), ids=ENDLESS_JSON)
    async def test_endless_metadata_is_refused(self, store: BaseStore, make: Callable[[], Any]) -> None:
        """The error has a readable length and is not the interpreter's `RecursionError`."""
        thread_id = await new_thread(store)
        with pytest.raises(InvalidInput) as caught:
            await store.add_message(thread_id, "user", "x", metadata=make())
        assert caught.value.field.startswith("metadata.")
        assert len(str(caught.value)) < 500
        assert await store.get_messages(thread_id) == []

    async def test_a_subclass_of_str_is_kept_as_its_characters(self, store: BaseStore) -> None:
        """Its own `__str__`, as an Enum of strings has, is ignored."""
        thread_id = unique()
        thread = await store.create_thread(Name(thread_id), Name("ada"), Name("contract"), title=Name("title"))
        message = await store.add_message(Name(thread_id), Name("user"), Name("content"))
        assert type(thread["title"]) is type(message["content"]) is str
        assert await store.get_thread(thread_id) == thread | {"message_count": 1} | {
            "updated_at": (await thread_of(store, thread_id))["updated_at"]
        }
        assert (thread["id"], thread["user_id"], thread["title"]) == (thread_id, "ada", "title")
        assert (message["role"], message["content"]) == ("user", "content")

    async def test_changes_to_a_record_do_not_change_the_store(self, store: BaseStore) -> None:
        """Records are deep copies."""
        thread_id = await new_thread(store, metadata={"tags": ["a"]})
        message = await store.add_message(thread_id, "user", "x", metadata={"tags": ["a"]})
        thread = await thread_of(store, thread_id)
        for record in (message, thread, *await store.get_messages(thread_id), *await store.list_threads()):
            record["metadata"].setdefault("tags", []).append("changed")
            record["metadata"]["more"] = True
            record["title"] = record["content"] = record["message_count"] = "changed"
        assert (await thread_of(store, thread_id))["metadata"] == {"tags": ["a"]}
        assert (await thread_of(store, thread_id))["message_count"] == 1
        (found,) = await store.get_messages(thread_id)
        assert (found["content"], found["metadata"]) == ("x", {"tags": ["a"]})

    async def test_changes_to_an_argument_do_not_change_the_store(self, store: BaseStore) -> None:
        """The store keeps a deep copy and does not return the caller's own dict."""
        metadata: dict[str, Any] = {"tags": ["a"]}
        thread_id = await new_thread(store, metadata=metadata)
        message = await store.add_message(thread_id, "user", "x", metadata=metadata)
        metadata["tags"].append("changed")
        message["metadata"]["tags"].append("changed")
        assert metadata == {"tags": ["a", "changed"]}
        assert (await thread_of(store, thread_id))["metadata"] == {"tags": ["a"]}
        assert (await store.get_messages(thread_id))[0]["metadata"] == {"tags": ["a"]}
