"""JSON as it is stored: exact text, made from plain values, and an error with a path for anything else.

The standard library's json is used because it is exact where faster ones are not: integers beyond 64 bits,
lone surrogates and the order of keys come back as they went in (measured and compared in CONTRIBUTING.md).
"""

from __future__ import annotations

import base64
import dataclasses
import json
import json.encoder
import math
import threading
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar
from uuid import UUID

from .errors import InvalidInput, UnreadableValue
from .escaping import MARK, RESERVED, Plain, escape, guard, unescape

MAX_DEPTH = 900
"""Levels of nesting that are stored: what json itself can read back within CPython's default recursion limit."""

_MAX_BITS = 14_000
"""Integers that CPython turns to text and back by default (4,300 digits, `sys.set_int_max_str_digits`)."""

_MARKED = f'"{MARK}'  # begins a JSON string whose first letter is kept in another way

_T = TypeVar("_T")
_DECODER = json.JSONDecoder()


def encode(field: str, value: Any) -> str:
    """The JSON text of `value`; raises `InvalidInput` with the path of what JSON has no word for.

    Lone surrogates are kept as in `exact.py`: JSON's own escapes would make one character of two halves that
    stand side by side.

    Beside JSON's own types it takes tuples, sets, datetime, date, time, UUID, Decimal, Enum, bytes,
    dataclasses and pydantic models; `plain` says what becomes of each.
    """
    if _is_plain(value, _FAST_DEPTH):
        return _guarded(escape(dump(value)))
    return _guarded(escape(_deep(lambda: dump(plain(value, field)))))


def _guarded(text: str) -> str:
    """A JSON text, of which a string is none that could be taken for an encrypted one."""
    return '"' + guard(text[1:]) if text.startswith('"') else text


def decode(text: str) -> Any:
    """The value of a JSON text that `encode` made; raises `UnreadableValue` where it is another."""
    if text == "{}":
        return {}
    if text.startswith(_MARKED):
        value = json.loads(unescape(text))
        return Plain(value) if value.startswith(RESERVED) else value
    try:
        return _DECODER.raw_decode(unescape(text))[0]  # json.loads also looks for blanks and a byte order mark
    except RecursionError:
        return _deep(lambda: json.loads(unescape(text)))
    except ValueError as error:
        raise UnreadableValue(len(text)) from error


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_make: Any = getattr(json.encoder, "c_make_encoder", None)
# json's own `encode` makes such an encoder each time, which takes longer than using it. Python may have none in C.
_parts = _make and _make(None, _ENCODER.default, json.encoder.encode_basestring, None, ":", ",", False, False, True)


def dump(value: Any) -> str:
    """The JSON text of what is made of JSON's own types."""
    return _ENCODER.encode(value) if _parts is None else "".join(_parts(value, 0))


def canonical(value: Any) -> str:
    """A JSON text that is the same for equal values, in whatever order the keys of their dicts are."""
    return _deep(lambda: json.dumps(value, sort_keys=True))


_FAST_DEPTH = 20  # levels that fit on any stack
_ATOMS = frozenset({str, bool, type(None)})
_LONG = 1 << 62


def _is_plain(value: Any, depth: int) -> bool:
    """Whether a value is one that `plain` would only copy; not of every such value, but of nearly all."""
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
        if type(item) not in _ATOMS and not _is_plain(item, depth - 1):  # the first is for speed
            return False
    return True


def _deep(work: Callable[[], _T]) -> _T:
    """Run `work`; where the caller's own stack leaves no room for the value's depth, on a fresh stack."""
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


_Place = tuple[Any, Any]  # (the place of the container, the key in it); for the path, should one be needed


def plain(value: Any, field: str, place: _Place | None = None, depth: int = 0) -> Any:
    """`value` made of dict, list, str, int, float, bool and None alone; `field` names it in an error.

    datetime, date and time become ISO-8601 text, UUID and Decimal their text, bytes base64 text, an Enum its
    value, tuples and sets lists (sets sorted by their JSON text), dataclasses and pydantic models dicts.
    """
    top: list[Any] = [None]
    # What is left to do: a value, the container and key it goes to, its place, its depth. A stack and not
    # recursion, so that a deep value meets our own limit and not the interpreter's.
    left: list[tuple[Any, Any, Any, _Place | None, int]] = [(value, top, 0, place, depth)]
    while left:
        item, target, key, here, level = left.pop()
        kind = type(item)
        if kind is str or item is None or kind is bool:
            target[key] = item
        elif kind is int or kind is float:
            target[key] = _number(item, field, here)
        elif level >= MAX_DEPTH:
            raise InvalidInput(_path(field, here), f"nested deeper than {MAX_DEPTH} levels, or within itself")
        elif isinstance(item, Mapping):
            named = [(_key(name, field, here), part) for name, part in item.items()]
            made: Any = dict.fromkeys(name for name, _part in named)
            target[key] = made
            left.extend((part, made, name, (here, name), level + 1) for name, part in reversed(named))
        elif isinstance(item, (list, tuple)):
            target[key] = made = [None] * len(item)
            indexed = reversed(list(enumerate(item)))
            left.extend((part, made, index, (here, index), level + 1) for index, part in indexed)
        elif isinstance(item, (set, frozenset)):
            members = (plain(part, field, (here, index), level + 1) for index, part in enumerate(item))
            target[key] = sorted(members, key=dump)
        else:
            left.append((_converted(item, field, here), target, key, here, level + 1))
    return top[0]


def _number(value: float, field: str, place: _Place | None) -> float:
    if type(value) is int:
        if value.bit_length() > _MAX_BITS:
            reason = f"an integer of {value.bit_length()} bits is too long to be read back"
            raise InvalidInput(_path(field, place), reason)
    elif not math.isfinite(value):
        raise InvalidInput(_path(field, place), f"JSON has no word for {_spell(value)}")
    return value


def _key(name: Any, field: str, place: _Place | None) -> str:
    if not isinstance(name, str):
        raise InvalidInput(_path(field, place), f"the key {name!r} is not a string")
    return name if type(name) is str else str.__str__(name)


def _converted(value: Any, field: str, place: _Place | None) -> Any:
    """The simpler value that stands for one of the documented types."""
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
    if isinstance(value, UUID) or (isinstance(value, Decimal) and value.is_finite()):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode("ascii")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
    dump = getattr(value, "model_dump", None)  # a pydantic model, without needing pydantic
    if callable(dump) and not isinstance(value, type):
        return dump()
    what = str(value) if isinstance(value, Decimal) else f"a {type(value).__name__}"
    raise InvalidInput(_path(field, place), f"JSON has no word for {what}")


def _path(field: str, place: _Place | None) -> str:
    """`metadata.a[1].b`, cut in the middle where it is too long for an error message."""
    parts: list[str] = []
    while place is not None:
        place, key = place
        parts.append(f"[{key}]" if isinstance(key, int) else f".{key}")
    path = field + "".join(reversed(parts))
    return path if len(path) <= 200 else f"{path[:120]}…{path[-60:]}"


def _spell(value: float) -> str:
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
