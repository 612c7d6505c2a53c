"""Texts, JSON values and arguments that stores often handle wrongly."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Address
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

TEXTS = {
    "empty": "",
    "blank": " ",
    "leading and trailing blanks": " \t text \n \u00a0 ",
    "line ends": "a\r\nb\rc\nd\u2028e\u2029f\x85g",
    "U+0000": "before\x00after",
    "only U+0000": "\x00",
    "U+001A": "\x1a",
    "U+001A and digits": "\x1a0000 \x1ad83d \x1a001a",
    "backslash escapes": "\\u0000 \\ud83d \\x00 \\n \\",
    "every control character": "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)])),
    "lone high surrogate": "a\ud83d",
    "lone low surrogate": "\ude00b",
    "surrogates the wrong way round": "\ude00\ud83d",
    "surrogates beside an emoji": "\ud83d😀\ude00",
    "emoji": "😀👩‍👩‍👧‍👦🏳️‍🌈🇺🇦",
    "right to left": "שלום \u202eעולם\u202c مرحبا",
    "composed": "caf\u00e9 \u212b \ufb01",
    "decomposed": "cafe\u0301 A\u030a fi",
    "byte order mark": "\ufefftext\ufeff",
    "noncharacters": "\ufffe\uffff\U0001ffff\U0010ffff\ufffd",
    "quotes": "'; DROP TABLE threads; -- \" ` ''",
    "placeholders": "%s %(name)s :name ? $1 {0} %",
    "words of JSON": 'null {"a": [NaN]} true',
    "beyond 64 KiB": "漢字😀" * 30_000,
}


def nested(depth: int) -> dict[str, Any]:
    """Return a dict with this many levels, alternating dicts and lists."""
    value: Any = "bottom"
    for level in range(depth - 1, -1, -1):
        value = {"deeper": value} if level % 2 == 0 else [value]
    return dict(value)


HALVES_OF_AN_EMOJI = "\ud83d\ude00"
"""Two adjacent lone surrogates, as in a text that was cut and joined; they must not become the emoji."""

JSON_OBJECTS: dict[str, dict[str, Any]] = {
    "empty": {},
    "every kind": {"null": None, "true": True, "false": False, "one": 1, "float": 1.0, "list": [], "dict": {}},
    "the order of keys": {"z": 1, "a": 2, "10": 3, "9": 4, "": 5, "Z": 6, "é": 7},
    "keys that differ in little": {"a": 1, "A": 2, "a ": 3, "\u00e1": 4, "a\u0301": 5, "a\x00": 6},
    "keys with a meaning elsewhere": {"$set": 1, "a.b": 2, "__proto__": 3, "%s": 4, "id": 5, "thread_id": 6},
    "a long key": {"k" * 70_000: 1},
    "integers": {"n": [0, -1, 2**31, 2**53, 2**53 + 1, 2**63, 2**64, 2**64 + 1, -(2**200), 10**4_000]},
    "floats": {"n": [0.1, -0.0, 0.1 + 0.2, 1e22, 1e308, 5e-324, 1.7976931348623157e308, 123456789.123456789]},
    "nested": {"a": [[], [[{}]], {"b": {"c": [1, [2, {"d": None}]]}}]},
    "500 levels": nested(500),
    "a long list": {"list": list(range(10_000))},
    "texts": TEXTS,
    "texts as keys": {text[:100]: name for name, text in TEXTS.items()},
    "the halves of an emoji": {"half and half": HALVES_OF_AN_EMOJI, HALVES_OF_AN_EMOJI: "half and half"},
}


def same_json(value: Any, expected: Any) -> bool:
    """Return whether values are equal including the order of keys; 1, 1.0 and True differ, and so do 0.0 and -0.0."""
    return bool(value == expected and json.dumps(value) == json.dumps(expected))


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Name(str):
    """A string with a `__str__` that returns another text."""

    __slots__ = ()

    def __str__(self) -> str:
        return "something else"


@dataclasses.dataclass
class Point:
    x: int
    y: tuple[float, ...]


class Model:
    """A class with pydantic's `model_dump`."""

    def model_dump(self) -> dict[str, Any]:
        return {"at": date(2024, 2, 29)}


_AT = datetime(2024, 2, 29, 12, 30, 15, 123456, timezone(timedelta(hours=2)))

CONVERSIONS: dict[str, tuple[Any, Any]] = {
    "datetime": (_AT, "2024-02-29T12:30:15.123456+02:00"),
    "datetime in UTC": (datetime(2024, 2, 29, tzinfo=UTC), "2024-02-29T00:00:00+00:00"),
    "date": (date(2024, 2, 29), "2024-02-29"),
    "time": (time(12, 30), "12:30:00"),
    "timedelta": (timedelta(days=1, hours=2, milliseconds=500), "P1DT7200.5S"),
    "negative timedelta": (timedelta(microseconds=-1), "-PT0.000001S"),
    "no timedelta": (timedelta(0), "PT0S"),
    "days alone": (timedelta(days=7), "P7D"),
    "path": (PurePosixPath("/data/a b"), "/data/a b"),
    "IP address": (IPv6Address("::1"), "::1"),
    "IP network": (IPv4Network("10.0.0.0/8"), "10.0.0.0/8"),
    "UUID": (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    "Decimal": (Decimal("0.10"), "0.10"),
    "bytes": (b"\x00\xff", "AP8="),
    "bytearray": (bytearray(b"\x00\xff"), "AP8="),
    "Enum": (Colour.RED, "red"),
    "IntEnum": (Level.HIGH, 3),
    "a kind of str": (Name("ada"), "ada"),
    "tuple": ((1, (2,)), [1, [2]]),
    "set": ({"b", "a"}, ["a", "b"]),
    "frozenset": (frozenset({"b", "a"}), ["a", "b"]),
    "dataclass": (Point(1, (0.5,)), {"x": 1, "y": [0.5]}),
    "model": (Model(), {"at": "2024-02-29"}),
}
"""Values of other types than JSON's, and the values they become (see `agentomatic_sql.jsontext.plain`)."""


def _cycle() -> dict[str, Any]:
    value: dict[str, Any] = {"inner": []}
    value["inner"].append(value)
    return value


REFUSED_JSON: dict[str, tuple[Callable[[], Any], str]] = {
    "NaN": (lambda: {"score": math.nan}, ".score"),
    "Infinity": (lambda: {"scores": [1.0, math.inf]}, ".scores[1]"),
    "-Infinity": (lambda: {"a": {"b": [{"c": -math.inf}]}}, ".a.b[0].c"),
    "NaN in a tuple": (lambda: {"pair": (0, math.nan)}, ".pair[1]"),
    "Decimal NaN": (lambda: {"price": Decimal("NaN")}, ".price"),
    "a key that is a number": (lambda: {"a": {1: "one"}}, ".a"),
    "a key that is None": (lambda: {None: "none"}, ""),
    "an object": (lambda: {"thing": object()}, ".thing"),
    "a class": (lambda: {"kind": Point}, ".kind"),
    "a function": (lambda: {"call": nested}, ".call"),
    "a complex number": (lambda: {"z": 1j}, ".z"),
    "an integer without end": (lambda: {"n": 10**5_000}, ".n"),
    "a list": (lambda: [1], ""),
    "a text": (lambda: "text", ""),
    "a number": (lambda: 1, ""),
}
"""Values that a store must refuse as a JSON object, and the path in the error after the field's name."""

ENDLESS_JSON: dict[str, Callable[[], Any]] = {"a cycle": _cycle, "too many levels": lambda: nested(100_000)}
"""Values that must be refused with a path that is cut in the middle."""

BAD_COUNTS: tuple[Any, ...] = (-1, -(2**70), 1.5, "3", None, True)
"""Values that are not valid as a limit or an offset."""

DISTINCT_IDS = (
    ("id", "ID", "Id"),
    ("id", "id ", " id", "id\t", "id\n", "id\u00a0"),
    ("resume", "résumé", "re\u0301sume\u0301", "RÉSUMÉ"),
    ("strasse", "straße", "STRASSE"),
    ("i", "ı", "İ", "I"),
    ("😀", "😁", "👍", "👍🏽"),
    ("ﬁ", "fi"),
    ("a_c", "abc", "a%c", "a*c", "a?c"),
    ("0", "00", "0.0", "-0"),
    ("a:b", "a", "a:", ":a", "a/b", "{a}"),
)
"""Groups of different ids that a careless comparison takes for the same."""

LONGEST_IDS = ("x" * 255, "é" * 255, "😀" * 255)
"""Ids of the maximal length in characters, with 1, 2 and 4 bytes each."""

BAD_IDS: dict[str, Any] = {
    "256 characters": "x" * 256,
    "256 emoji": "😀" * 256,
    "U+0000": "a\x00b",
    "a lone surrogate": "a\ud83d",
    "a number": 7,
    "None": None,
    "bytes": b"id",
    "a list": ["id"],
}
"""Values that are not valid as an id of a new row. The empty id is valid for some fields only, so it is not listed."""
