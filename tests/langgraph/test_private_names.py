"""The private names of LangGraph that graphs/codec.py uses: a canary for new releases, and life without them."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import ormsgpack
import pytest
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.serde import jsonplus
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from agentomatic_sql.graphs import codec
from agentomatic_sql.graphs.codec import Codec
from tests.langgraph.test_texts import OBJECTS, ODD
from tests.support.checkpoints import LONG

NAMES = vars(jsonplus)


def test_canary_langgraphs_packer_is_still_what_codec_copies() -> None:
    """Fails with a LangGraph that changed it: the saver works on, more slowly. See the comment in graphs/codec.py."""
    assert isinstance(NAMES["_option"], int)
    assert NAMES["_option"] & ormsgpack.OPT_REPLACE_SURROGATES
    assert isinstance(NAMES["_msgpack_enc"], FunctionType)
    assert isinstance(NAMES["_msgpack_default"], FunctionType)
    assert codec._pack_strictly is not None


def test_langgraphs_own_functions_are_left_as_they_are() -> None:
    assert JsonPlusSerializer().dumps_typed([{"\ud800"}]) == JsonPlusSerializer().dumps_typed([{"?"}])
    assert codec._pack_strictly is not NAMES["_msgpack_enc"]


def takes_more(_data: Any, _more: Any) -> bytes:
    return b""


def makes_other_bytes(data: Any) -> bytes:
    return b"\xc1" + ormsgpack.packb(data, default=list)


def replaces_surrogates(data: Any) -> bytes:
    return JsonPlusSerializer().dumps_typed(data)[1]


OTHERWISE: dict[str, dict[str, Any]] = {
    "the option is no number": {"_option": "replace surrogates"},
    "a function is compiled": {"_msgpack_enc": ormsgpack.packb},
    "a function takes more arguments": {"_msgpack_enc": takes_more},
    "a function makes other bytes": {"_msgpack_enc": makes_other_bytes},
    "the option is without effect": {"_msgpack_enc": replaces_surrogates},
}


@pytest.mark.parametrize("missing", ["_option", "_msgpack_enc", "_msgpack_default"])
def test_a_release_without_a_name(missing: str) -> None:
    assert codec._strict_pack({name: value for name, value in NAMES.items() if name != missing}) is None


@pytest.mark.parametrize("changed", OTHERWISE.values(), ids=OTHERWISE)
def test_a_release_in_which_a_name_means_something_else(changed: dict[str, Any]) -> None:
    assert codec._strict_pack({**NAMES, **changed}) is None


VALUES: dict[str, Any] = {
    **OBJECTS,
    "question marks": [HumanMessage("why?", id="1"), {"?": LONG + "?"}],
    "surrogate": ODD,
    "surrogate in a key": {ODD: [ODD, {"?": ODD}]},
    "message": [HumanMessage(ODD, id="1")],
    "none": None,
    "bytes": b"why?",
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_without_the_names_the_same_bytes_are_stored(value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with_names = Codec(JsonPlusSerializer(), strict=False)
    monkeypatch.setattr(codec, "_pack_strictly", codec._strict_pack({}))
    without = Codec(JsonPlusSerializer(), strict=False)
    format_, data = without.dumps(value)
    assert (format_, data) == with_names.dumps(value)
    assert without.loads(format_, data) == value
