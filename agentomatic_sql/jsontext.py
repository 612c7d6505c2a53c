"""Convert values to the JSON text that is stored, and back; JSON's own types come back unchanged.

A value that JSON cannot represent raises an error with its path (`metadata.score`). The standard library's json is used
because faster libraries change integers beyond 64 bits and refuse lone surrogates (see CONTRIBUTING.md).
"""

from __future__ import annotations

import base64
import dataclasses
import json
import json.encoder
import math
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import PurePath
from typing import Any, TypeVar
from uuid import UUID

from .errors import InvalidInput, UnreadableValue
from .escaping import MARK, RESERVED, Plain, escape, guard, unescape

MAX_DEPTH = 900
"""The deepest nesting that is stored: json can read it back within CPython's default recursion limit."""

_MAX_BITS = 14_000
"""The longest integer in bits: CPython converts up to 4,300 digits by default (`sys.set_int_max_str_digits`)."""

_GUARDED = f'"{MARK}'  # begins a JSON string whose first letter `guard` escaped

_T = TypeVar("_T")
_DECODER = json.JSONDecoder()


def encode(field: str, value: Any) -> str:
    """Return the JSON text to store for a value.

    Besides JSON's own types, a value may contain tuples, sets, times and durations, UUID, Decimal, Enum, bytes, paths,
    IP addresses, dataclasses and pydantic models; `plain` documents each conversion.

    Lone surrogates are escaped by `escape`, not by JSON: JSON's own escapes would join two adjacent halves into one
    character.

    Raises:
        InvalidInput: JSON cannot represent a part of the value. The error names its path, which begins with `field`.
    """
    if _is_plain(value, _FAST_DEPTH):
        text = dump(value)
        if text.isascii() and not text.startswith('"'):  # most are; JSON itself has escaped control characters
            return text
        return _guarded(escape(text))
    return _guarded(escape(deep(lambda: dump(plain(value, field)))))


def _guarded(text: str) -> str:
    """Guard a JSON text that is a string, so that it cannot be mistaken for an encrypted one."""
    return '"' + guard(text[1:]) if text.startswith('"') else text


def decode(text: str) -> Any:
    """Return the value of a JSON text that `encode` made; raises `UnreadableValue` if the text is not JSON."""
    if text == "{}":
        return {}
    original = unescape(text) if MARK in text else text
    try:
        value, end = _DECODER.raw_decode(original)  # faster than json.loads, which looks for spaces and a BOM
    except RecursionError:
        return deep(lambda: json.loads(original))
    except ValueError as error:
        raise UnreadableValue(len(text)) from error
    if end != len(original):
        raise UnreadableValue(len(text))
    if original is not text and text.startswith(_GUARDED) and value.startswith(RESERVED):
        return Plain(value)
    return value


def decode_objects(texts: Sequence[str]) -> list[Any]:
    """Return the values of JSON texts of dicts that `encode` made, in one go; raises `UnreadableValue`."""
    values: list[Any] = decode(f"[{','.join(texts)}]")
    return values


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_make: Any = getattr(json.encoder, "c_make_encoder", None)
# `JSONEncoder.encode` makes a new C encoder on each call, which takes longer than using it. Some Pythons have none.
_parts = _make and _make(None, _ENCODER.default, json.encoder.encode_basestring, None, ":", ",", False, False, True)
_ascii = json.encoder.encode_basestring_ascii
_sorted_parts = _make and _make(None, _ENCODER.default, _ascii, None, ": ", ", ", True, False, True)


def dump(value: Any) -> str:
    """Return the JSON text of a value that contains only JSON's own types."""
    return _ENCODER.encode(value) if _parts is None else "".join(_parts(value, 0))


def canonical(value: Any) -> str:
    """Return a JSON text with sorted keys, so that equal values have the same text: that of `json.dumps`."""
    if _sorted_parts is None:
        return deep(lambda: json.dumps(value, sort_keys=True))
    return deep(lambda: "".join(_sorted_parts(value, 0)))


_FAST_DEPTH = 20  # levels of recursion that fit on any stack
_ATOMS = frozenset({str, bool, type(None)})
_LONG = 1 << 62


def _is_plain(value: Any, depth: int) -> bool:
    """Return whether `plain` would return an equal value; may be False for such a value if it is deep or large."""
    kind = type(value)
    if kind in _ATOMS:
        return True
    if kind is int:
        return bool(-_LONG < value < _LONG)
    if kind is float:
        return math.isfinite(value)
    if depth == 0 or kind not in (dict, list):
        return False
    if kind is dict:
        for key in value:
            if type(key) is not str:
                return False
    for item in value.values() if kind is dict else value:
        kind = type(item)  # the first checks save a call
        if kind in _ATOMS or (kind is int and -_LONG < item < _LONG):
            continue
        if not _is_plain(item, depth - 1):
            return False
    return True


def deep(work: Callable[[], _T]) -> _T:
    """Run `work`; if the stack is too short for the value's depth, run it again in a new thread."""
    try:
        return work()
    except RecursionError:
        results: list[_T] = []
        errors: list[InvalidInput | RecursionError] = []

        def run() -> None:
            try:
                results.append(work())
            except (InvalidInput, RecursionError) as error:
                errors.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if errors:
            raise errors[0] from None
        return results[0]


_Parents = tuple[Any, Any]  # (the parents of the container, the key in it): a linked list that `_path` reads


def plain(value: Any, field: str, parents: _Parents | None = None, depth: int = 0) -> Any:
    """Convert a value to dict, list, str, int, float, bool and None alone.

    datetime, date, time and timedelta become ISO-8601 text; UUID, Decimal, paths, IP addresses and networks, and
    pydantic's URLs become their text; bytes become base64 text; an Enum becomes its value; tuples and sets become lists
    (sets sorted by their JSON text); dataclasses become dicts. A pydantic model, of pydantic 2 or 1, becomes its own
    JSON, as its `model_dump(mode="json")` or `json()` has it.

    Args:
        value: The value to convert.
        field: The name of the value in an error.
        parents: The containers around the value; only `plain` itself passes it.
        depth: The number of these containers.

    Raises:
        InvalidInput: A part of the value has another type, or is not finite, too long or too deep.
    """
    top: list[Any] = [None]
    # Items still to convert: a value, the container and key that it goes to, its parents, its depth. A stack instead
    # of recursion, so that a deep value reaches MAX_DEPTH and not the interpreter's limit.
    pending: list[tuple[Any, Any, Any, _Parents | None, int]] = [(value, top, 0, parents, depth)]
    while pending:
        item, target, key, parents, level = pending.pop()
        kind = type(item)
        if kind is str or item is None or kind is bool:
            target[key] = item
        elif kind is int or kind is float:
            target[key] = _number(item, field, parents)
        elif level >= MAX_DEPTH:
            raise InvalidInput(_path(field, parents), f"nested deeper than {MAX_DEPTH} levels, or contains itself")
        elif isinstance(item, Mapping):
            named = [(_key(name, field, parents), part) for name, part in item.items()]
            made: Any = dict.fromkeys(name for name, _part in named)
            target[key] = made
            pending.extend((part, made, name, (parents, name), level + 1) for name, part in reversed(named))
        elif isinstance(item, (list, tuple)):
            target[key] = made = [None] * len(item)
            indexed = reversed(list(enumerate(item)))
            pending.extend((part, made, index, (parents, index), level + 1) for index, part in indexed)
        elif isinstance(item, (set, frozenset)):
            members = (plain(part, field, (parents, index), level + 1) for index, part in enumerate(item))
            target[key] = sorted(members, key=dump)
        else:
            pending.append((_converted(item, field, parents), target, key, parents, level + 1))
    return top[0]


def _number(value: float, field: str, parents: _Parents | None) -> float:
    if type(value) is int:
        if value.bit_length() > _MAX_BITS:
            reason = f"an integer of {value.bit_length()} bits is too long: at most {_MAX_BITS} bits can be read back"
            raise InvalidInput(_path(field, parents), reason)
    elif not math.isfinite(value):
        raise InvalidInput(_path(field, parents), f"JSON cannot represent {_spell(value)}")
    return value


def _key(name: Any, field: str, parents: _Parents | None) -> str:
    if not isinstance(name, str):
        raise InvalidInput(_path(field, parents), f"the key {name!r} is not a string")
    return name if type(name) is str else str.__str__(name)


def _converted(value: Any, field: str, parents: _Parents | None) -> Any:
    """Return the simpler value for a value of a documented type."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return str.__str__(value)  # the characters of a subclass, whatever its own __str__ says
    if isinstance(value, int):
        return int.__index__(value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, _WITH_A_TEXT) or (isinstance(value, Decimal) and value.is_finite()):
        return str(value)
    if callable(getattr(value, "unicode_string", None)) and not isinstance(value, type):  # a URL of pydantic's
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode("ascii")
    if not isinstance(value, type):
        if (dump := _dump_of(value)) is not None:
            return _of_model(value, dump, field, parents)
        if dataclasses.is_dataclass(value):
            return {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
    what = str(value) if isinstance(value, Decimal) else f"a {type(value).__name__}"
    raise InvalidInput(_path(field, parents), f"JSON cannot represent {what}")


_WITH_A_TEXT = (UUID, PurePath, IPv4Address, IPv6Address, IPv4Network, IPv6Network)


def _duration(value: timedelta) -> str:
    """Return a duration in ISO 8601, with days and seconds as pydantic has them: `P1DT7200.5S`."""
    sign, length = ("-", -value) if value < timedelta(0) else ("", value)
    fraction = f".{length.microseconds:06}".rstrip("0") if length.microseconds else ""
    days = f"{length.days}D" if length.days else ""
    seconds = f"T{length.seconds}{fraction}S" if length.seconds or fraction or not days else ""
    return f"{sign}P{days}{seconds}"


def _dump_of(value: Any) -> Callable[..., Any] | None:
    """Return pydantic's function that dumps this value (with `mode="json"`, as JSON), without needing pydantic."""
    dump: Callable[..., Any] | None = getattr(value, "model_dump", None)
    if callable(dump):
        return dump
    serializer = getattr(value, "__pydantic_serializer__", None)  # of pydantic's dataclasses
    if serializer is not None:
        return partial(serializer.to_python, value)
    if hasattr(value, "__fields__") and callable(getattr(value, "json", None)):  # pydantic 1
        return lambda mode="python": json.loads(value.json()) if mode == "json" else value.dict()
    return None


def _of_model(value: Any, dump: Callable[..., Any], field: str, parents: _Parents | None) -> Any:
    """Return a model's own JSON; its plain values, if it has none: bytes may be no text, another class no modes."""
    try:
        values = dump()
        try:
            own = dump(mode="json")
        except (TypeError, ValueError):
            return values
    except (TypeError, ValueError) as error:  # pydantic's own errors are ValueErrors, and may quote the values
        reason = f"a {type(value).__name__} cannot be converted to JSON ({type(error).__name__})"
        raise InvalidInput(_path(field, parents), reason) from error
    return _aligned(own, values)


def _aligned(own: Any, values: Any) -> Any:
    """Return JSON with the lists of sets sorted, and numbers that JSON lacks as they were, so that they are refused."""
    if isinstance(own, dict) and isinstance(values, Mapping) and len(own) == len(values):
        pairs = zip(own.items(), values.values(), strict=True)
        return {name: _aligned(part, original) for (name, part), original in pairs}
    if isinstance(own, list) and isinstance(values, (set, frozenset)):
        return sorted(own, key=dump)
    if isinstance(own, list) and isinstance(values, (list, tuple)) and len(own) == len(values):
        return [_aligned(part, original) for part, original in zip(own, values, strict=True)]
    return values if isinstance(values, float) and not math.isfinite(values) else own


def _path(field: str, parents: _Parents | None) -> str:
    """Return a path such as `metadata.a[1].b`, cut in the middle if it is too long for an error message."""
    parts: list[str] = []
    while parents is not None:
        parents, key = parents
        parts.append(f"[{key}]" if isinstance(key, int) else f".{key}")
    path = field + "".join(reversed(parts))
    return path if len(path) <= 200 else f"{path[:120]}…{path[-60:]}"


def _spell(value: float) -> str:
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
