"""JSON text: what goes in comes out, and what JSON has no word for is refused with its path."""

from __future__ import annotations

import enum
import json
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from agentomatic_sql import InvalidInput, UnreadableValue
from agentomatic_sql.escaping import escape, unescape
from agentomatic_sql.jsontext import MAX_DEPTH, canonical, decode, decode_objects, encode

any_text = st.text(st.characters(codec=None))  # lone surrogates and U+0000 too
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(any_text, inner, max_size=5),
    max_leaves=25,
)


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Name(str):
    """A str that says something else of itself."""

    def __str__(self) -> str:
        return "something else"


@given(json_values)
def test_canonical_text_is_the_standard_librarys_whose_digests_are_stored(value: Any) -> None:
    assert canonical(value) == json.dumps(value, sort_keys=True)


@given(st.lists(st.dictionaries(any_text, json_values, max_size=3), max_size=5))
def test_objects_that_are_decoded_together_are_those_that_were_encoded(values: list[Any]) -> None:
    assert decode_objects([encode("metadata", value) for value in values]) == values


@dataclass
class Point:
    x: int
    y: float


class Model(BaseModel):
    day: date
    tags: set[str]


@given(json_values)
def test_every_json_value_comes_back(value: Any) -> None:
    again = decode(encode("metadata", value))
    assert again == value
    assert json.dumps(again) == json.dumps(value)  # the order of keys, 1 and 1.0 and True


@given(json_values)
def test_the_text_has_no_character_that_a_database_refuses(value: Any) -> None:
    text = encode("metadata", value)
    assert "\x00" not in text
    assert text.encode()  # no lone surrogate


@given(any_text)
def test_every_text_comes_back_from_its_escape(text: str) -> None:
    stored = escape(text)
    assert "\x00" not in stored
    assert stored.encode().decode() == stored
    assert unescape(stored) == text


@given(any_text, any_text)
def test_two_texts_never_share_an_escape(one: str, other: str) -> None:
    assert (escape(one) == escape(other)) == (one == other)


@given(st.text(st.characters(exclude_characters="\x00\x1a", exclude_categories=["Cs"])))
def test_ordinary_text_is_stored_as_it_is(text: str) -> None:
    assert escape(text) == text


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (datetime(2024, 2, 29, 12, 30, 1, 5, tzinfo=UTC), "2024-02-29T12:30:01.000005+00:00"),
        (date(2024, 2, 29), "2024-02-29"),
        (time(1, 2, 3), "01:02:03"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("1.10"), "1.10"),
        (Colour.RED, "red"),
        (Level.HIGH, 3),
        (Name("ada"), "ada"),
        (b"\x00\xff", "AP8="),
        ((1, (2,)), [1, [2]]),
        ({"b", "a"}, ["a", "b"]),
        (Point(1, 2.5), {"x": 1, "y": 2.5}),
        (Model(day=date(2024, 1, 1), tags={"x"}), {"day": "2024-01-01", "tags": ["x"]}),
        ("\ud83d\ude00", "\ud83d\ude00"),  # two halves are not one character
        (2**200, 2**200),
        (-0.0, -0.0),
        (1e308, 1e308),
    ],
)
def test_documented_conversions(value: Any, stored: Any) -> None:
    again = decode(encode("metadata", {"value": value}))["value"]
    assert again == stored
    assert type(again) is type(stored)


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        ({"score": float("nan")}, "metadata.score", "NaN"),
        ({"a": [1, {"b": float("inf")}]}, "metadata.a[1].b", "Infinity"),
        ({"a": -float("inf")}, "metadata.a", "-Infinity"),
        ({"a": Decimal("NaN")}, "metadata.a", "NaN"),
        ({1: "x"}, "metadata", "key 1 is not a string"),
        ({"a": {None: 1}}, "metadata.a", "key None is not a string"),
        ({"a": object()}, "metadata.a", "object"),
        ({"a": [lambda: 1]}, "metadata.a[0]", "function"),
        ({"a": 1j}, "metadata.a", "complex"),
        ({"a": Point}, "metadata.a", "type"),
        ({"a": 10**5000}, "metadata.a", "too long"),
    ],
)
def test_a_value_that_json_lacks_is_refused_with_its_path(value: Any, path: str, reason: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        encode("metadata", value)
    assert refused.value.field == path
    assert reason in str(refused.value)


def nested(levels: int) -> Any:
    value: Any = "bottom"
    for _ in range(levels):
        value = [value]
    return value


def test_nesting_comes_back_to_the_documented_depth() -> None:
    value = nested(MAX_DEPTH)
    assert decode(encode("metadata", value)) == value


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 100_000])
def test_deeper_nesting_is_refused(levels: int) -> None:
    with pytest.raises(InvalidInput, match="nested deeper than 900"):
        encode("metadata", nested(levels))


def test_a_value_within_itself_is_refused() -> None:
    loop: dict[str, Any] = {}
    loop["self"] = loop
    with pytest.raises(InvalidInput, match="or contains itself"):
        encode("metadata", loop)


def test_depth_does_not_depend_on_the_callers_own_stack() -> None:
    value = nested(800)

    def deep(levels: int) -> Any:
        return deep(levels - 1) if levels else decode(encode("metadata", value))

    assert deep(sys.getrecursionlimit() - 300) == value


@pytest.mark.parametrize("stored", ['{"a":1} {"b":2}', "[1]x", '"\x1a0061gms1:', "{} "])
def test_a_text_that_is_not_one_json_value_is_refused(stored: str) -> None:
    with pytest.raises(UnreadableValue):
        decode(stored)
