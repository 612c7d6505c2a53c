"""Texts that LangGraph's serializer replaces, in any object that it takes, and serializers of anyone's."""

from __future__ import annotations

import dataclasses
import pathlib
import re
from collections import deque
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import Any

import ormsgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.store.base import Item
from pydantic import BaseModel, SecretStr, model_serializer
from pydantic.v1 import BaseModel as FirstModel

from agentomatic_sql import InvalidInput
from agentomatic_sql.graphs.checkpoints import pack, unpack
from agentomatic_sql.graphs.codec import Codec
from agentomatic_sql.graphs.rows import Namespace
from agentomatic_sql.graphs.runs import Channels, Runs
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.checkpoints import LONG, checkpoint, config, id_of, latest, listed, put

ODD = "why? \ud800"


class Wrapping:
    """A serializer of one's own, which leaves the work to LangGraph's."""

    def __init__(self) -> None:
        self._own = JsonPlusSerializer()

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        return self._own.dumps_typed(obj)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        return self._own.loads_typed(data)


SERIALIZERS = [JsonPlusSerializer, Wrapping]


class Text(str):
    __slots__ = ()


class Colour(Enum):
    ODD = ODD
    PLAIN = "\x1a0041"


class Word(StrEnum):
    ODD = ODD


class Account(BaseModel):
    password: SecretStr
    home: pathlib.Path


class First(FirstModel):
    text: str


class Told(BaseModel):
    """A model that says itself what is stored of it."""

    text: str

    @model_serializer
    def told(self) -> dict[str, str]:
        return {"text": self.text}


OBJECTS: dict[str, Any] = {
    "path": pathlib.Path("/home", ODD),
    "pattern": re.compile(f"[{ODD}-\udfff]+", re.IGNORECASE),
    "bytes pattern": [re.compile(rb"why\?"), ODD],
    "text of a subclass": Text(ODD),
    "U+001A in a subclass": [ODD, Text("\x1a0041")],
    "member": [ODD, Colour.PLAIN],
    "text that is a member": Word.ODD,
    "secret": SecretStr(ODD),
    "model of secrets and paths": Account(password=SecretStr(ODD), home=pathlib.Path("/", ODD)),
    "model of pydantic 1": First(text=ODD),
    "model with its own serializer": Told(text=ODD),
    "item": Item(
        value={"a": ODD}, key=ODD, namespace=("a", ODD), created_at=datetime.now(UTC), updated_at=datetime.now(UTC)
    ),
    "key like an escaped pattern's": {"\x1are": [ODD, 0], "\x1a001are": 1},
}


@pytest.mark.parametrize("serializer", SERIALIZERS)
@pytest.mark.parametrize("value", OBJECTS.values(), ids=OBJECTS)
async def test_odd_texts_in_objects_that_are_made_of_them(saver: SQLAlchemySaver, serializer: Any, value: Any) -> None:
    one = SQLAlchemySaver(saver.store, serde=serializer())
    where = await put(one, config(), {"short": value, "long": [value, LONG]})
    await one.aput_writes(where, [("x", value)], "task")
    found = await latest(SQLAlchemySaver(saver.store, serde=serializer()), config())
    assert found.checkpoint["channel_values"] == {"short": value, "long": [value, LONG]}
    assert found.pending_writes == [("task", "x", value)]


async def test_an_odd_member_is_read_as_its_value(saver: SQLAlchemySaver) -> None:
    """As LangGraph reads a member that it cannot find; but not as another text."""
    await put(saver, config(), {"x": [Colour.ODD, Colour.PLAIN]})
    found = (await latest(SQLAlchemySaver(saver.store), config())).checkpoint["channel_values"]
    assert found == {"x": [ODD, Colour.PLAIN]}


@pytest.mark.parametrize("serializer", SERIALIZERS)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["?" * 100], ["\ud800" * 100]),
        ([LONG + "?", "y"], [LONG + "\udcff", "y", "z"]),
        ([HumanMessage(LONG + "?", id="1")], [HumanMessage(LONG + "\ud800", id="1"), HumanMessage("?", id="2")]),
    ],
    ids=["text", "text and on", "message and on"],
)
async def test_an_item_that_becomes_odd_where_a_list_is_kept(
    saver: SQLAlchemySaver, serializer: Any, before: Any, after: Any
) -> None:
    one = SQLAlchemySaver(saver.store, serde=serializer())
    first = await put(one, config(), {"x": before}, {"x": "1"})
    second = await put(one, first, {"x": after}, {"x": "2"})
    fresh = SQLAlchemySaver(saver.store, serde=serializer())
    assert (await latest(fresh, first)).checkpoint["channel_values"] == {"x": before}
    assert (await latest(fresh, second)).checkpoint["channel_values"] == {"x": after}


@dataclasses.dataclass
class Held:
    text: str


texts = st.text(st.sampled_from(["?", "\ud800", "\x1a", "\x00", "a", "\U0001f600"]), max_size=3)
values = st.recursive(
    st.one_of(texts, texts.map(Text), texts.map(Held), texts.map(lambda text: HumanMessage(text, id=text))),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)


@pytest.mark.parametrize("serializer", SERIALIZERS)
@given(history=st.lists(st.lists(values, max_size=5), min_size=1, max_size=6))
def test_random_lists_of_odd_texts(serializer: Any, history: list[list[Any]]) -> None:
    codec, here = Codec(serializer(), strict=False), Namespace("t", "")
    known: Channels = {}
    runs = []
    for version, items in enumerate(history):
        items = [LONG, *items]
        made = checkpoint({"x": items}, {"x": version})
        packed = pack(codec, here, "c", made, {}, {"x": version}, known, {}, branch=False)
        runs += packed.runs
        known = unpack(codec, here, "c", packed.body).channels
        assert Runs(codec, here, runs).value(known["x"]) == items


# names and ids


NAMES = ["\x00", "\ud800", "\x1a0041", "", "\U0001f600", "n" * 3000]


@pytest.mark.parametrize("name", NAMES, ids=["U+0000", "surrogate", "mark", "empty", "emoji", "long"])
async def test_names_of_any_text(saver: SQLAlchemySaver, name: str) -> None:
    where = config(f"t{name}", f"ns{name}")
    made = await put(saver, where, {f"c{name}": LONG, f"d{name}": 1}, metadata={f"k{name}": 1})
    await saver.aput_writes(made, [(f"w{name}", 1)], f"task{name}", f"path{name}")
    fresh = SQLAlchemySaver(saver.store)
    for found in (await latest(saver, where), await latest(fresh, where), *[one async for one in fresh.alist(None)]):
        assert found.config["configurable"]["thread_id"] == f"t{name}"
        assert found.config["configurable"]["checkpoint_ns"] == f"ns{name}"
        assert found.checkpoint["channel_values"] == {f"c{name}": LONG, f"d{name}": 1}
        assert found.metadata[f"k{name}"] == 1  # type: ignore[literal-required]
        assert found.pending_writes == [(f"task{name}", f"w{name}", 1)]


@pytest.mark.parametrize("checkpoint_id", ["1\x00", "1\ud800", 1], ids=["U+0000", "surrogate", "number"])
async def test_ids_that_no_checkpoint_has_are_refused_before_any_statement(
    saver: SQLAlchemySaver, checkpoint_id: Any
) -> None:
    await saver.store.close()  # a statement would raise StoreClosed
    where = config(checkpoint_id=checkpoint_id)
    for call in (
        lambda: saver.aget_tuple(where),
        lambda: listed(saver, where),
        lambda: put(saver, where, {"x": 1}),
        lambda: put(saver, config(), {"x": 1}, checkpoint_id=checkpoint_id),
        lambda: saver.aput_writes(where, [("x", 1)], "task"),
    ):
        with pytest.raises(InvalidInput, match="checkpoint_id: "):
            await call()
    with pytest.raises(InvalidInput, match="before: "):
        await listed(saver, config(), before=where)


async def test_an_id_that_is_too_long_to_be_stored_can_be_looked_for(saver: SQLAlchemySaver) -> None:
    await put(saver, config(), {"x": 1}, checkpoint_id="a")
    far = config(checkpoint_id="b" * 3000)
    assert await saver.aget_tuple(far) is None
    assert await listed(saver, far) == []
    assert await listed(saver, config(), before=far) == ["a"]


async def test_an_empty_id_is_none(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(checkpoint_id=""), {"x": 1})
    found = await latest(saver, config(checkpoint_id=""))
    assert (id_of(found), found.parent_config) == (id_of(where), None)
    assert await listed(saver, config(), before=config(checkpoint_id="")) == [id_of(where)]


# serializers of anyone's


class Bare:
    """A serializer that makes an array of whatever can be listed, in the format that LangGraph's has too."""

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        return "msgpack", ormsgpack.packb(obj, default=list)

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        return ormsgpack.unpackb(data[1])


@pytest.mark.parametrize("kind", [set, deque])
async def test_an_array_that_was_no_list(saver: SQLAlchemySaver, kind: Any) -> None:
    bare = SQLAlchemySaver(saver.store, serde=Bare())
    where = config()
    for version, items in enumerate(([LONG], [LONG], [LONG, "z"], [LONG, "z", "?"])):
        where = await put(bare, where, {"x": kind(items)}, {"x": version})
        found = (await latest(SQLAlchemySaver(saver.store, serde=Bare()), where)).checkpoint["channel_values"]["x"]
        assert sorted(found) == sorted(items)


class Enveloping:
    """A serializer whose bytes begin with something of its own, which looks like the beginning of a msgpack array."""

    def __init__(self, prefix: str, envelope: bytes) -> None:
        self._own = JsonPlusSerializer()
        self._prefix = prefix
        self._envelope = envelope

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        format_, data = self._own.dumps_typed(obj)
        return self._prefix + format_, self._envelope + data

    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        format_, body = data
        if not (format_.startswith(self._prefix) and body.startswith(self._envelope)):
            raise ValueError("not what was written")
        return self._own.loads_typed((format_.removeprefix(self._prefix), body.removeprefix(self._envelope)))


@pytest.mark.parametrize("prefix", ["", "mine/"])
@pytest.mark.parametrize("envelope", [b"\xdc\x00\x03", b"\xdd\x00\x00\x00\x03", b"\x93", b"\xdd"], ids=bytes.hex)
@pytest.mark.parametrize("text", [LONG, ODD * 20], ids=["text", "odd text"])
async def test_bytes_that_only_look_like_an_array(
    saver: SQLAlchemySaver, prefix: str, envelope: bytes, text: str
) -> None:
    serde = Enveloping(prefix, envelope)
    one = SQLAlchemySaver(saver.store, serde=serde)
    where = config()
    for version, value in enumerate([{"k": text}, [text], [text, "and on"]]):
        where = await put(one, where, {"x": value}, {"x": version})
        found = await latest(SQLAlchemySaver(saver.store, serde=serde), where)
        assert found.checkpoint["channel_values"] == {"x": value}
