"""Find and escape the texts in any value of a graph, for serializers that lose lone surrogates.

Needs the extra `langgraph`.
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pathlib
import re
from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from langgraph.store.base import Item

from ..escaping import escape, is_unicode, unescape
from .format import PATTERN

_TEXTLESS = frozenset({type(None), bool, int, float, bytes})
_ITEM = tuple(inspect.signature(Item).parameters)  # LangGraph restores an item from these attributes


def have_surrogates(value: Any) -> bool:
    """Return whether any text in the value has a lone surrogate. Copies nothing and calls no constructor."""
    kind = type(value)
    if kind in _TEXTLESS:  # most values are, and the checks below are slow
        return False
    if isinstance(value, str):
        return not (value.isascii() or is_unicode(value))
    if kind is dict:
        return any(map(have_surrogates, value)) or any(map(have_surrogates, value.values()))
    if isinstance(value, Mapping):
        return any(have_surrogates(key) or have_surrogates(item) for key, item in value.items())
    if isinstance(value, (list, tuple, set, frozenset, deque)):
        return any(map(have_surrogates, value))
    if isinstance(value, re.Pattern):
        return have_surrogates(value.pattern)
    if isinstance(value, Enum):
        return have_surrogates(value.value)
    return any(map(have_surrogates, _attributes(value).values() or _arguments(value)))


def escaped(value: Any) -> Any:
    """Return the value with every text escaped.

    Pydantic models, dataclasses, Items and Sends are copied without calling their constructors.
    """
    return _changed(value, escape)


def unescaped(value: Any) -> Any:
    """Reverse `escaped`. An Enum member whose value has a lone surrogate comes back as that value."""
    return _changed(value, unescape)


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, (Enum, re.Pattern)):
        return _substitute(value, change) if have_surrogates(value) else value
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        pairs = {_changed(key, change): _changed(item, change) for key, item in value.items()}
        if PATTERN in value and change is unescape:
            return re.compile(*pairs[PATTERN])
        return pairs if type(value) is dict else _refilled(value, pairs, "update")
    if type(value) in (list, tuple, set, frozenset):
        return type(value)(_changed(item, change) for item in value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(_changed(item, change) for item in value))
    if isinstance(value, (list, set, deque)):
        items = [_changed(item, change) for item in value]
        return _refilled(value, items, "update" if isinstance(value, set) else "extend")
    if arguments := _arguments(value):
        return type(value)(*_changed(arguments, change))
    return _with_attributes(value, {name: _changed(part, change) for name, part in _attributes(value).items()})


def _substitute(value: Enum | re.Pattern[str], change: Callable[[str], str]) -> Any:
    """Return what is stored for an object that cannot be made with an escaped text.

    A member of an enumeration is read as its value, as LangGraph does when it cannot find the member.
    """
    return _changed(value.value, change) if isinstance(value, Enum) else {PATTERN: [change(value.pattern), value.flags]}


def _refilled(container: Any, items: Any, fill: str) -> Any:
    """Return a copy of a container with other items."""
    copied = copy.copy(container)
    copied.clear()
    getattr(copied, fill)(items)
    return copied


def _arguments(value: Any) -> tuple[Any, ...]:
    """Return the constructor's arguments of a path or a pydantic secret; nothing for other objects."""
    if isinstance(value, pathlib.Path):
        return value.parts
    if hasattr(value, "get_secret_value") and not isinstance(value, type):
        return (value.get_secret_value(),)
    return ()


def _attributes(value: Any) -> dict[str, Any]:
    """Return the attributes of a pydantic model, a dataclass, or a LangGraph Item or Send; none for other objects."""
    if isinstance(value, type):
        return {}
    if hasattr(value, "model_dump") or hasattr(value, "__fields_set__"):  # pydantic 2, pydantic 1
        extra = getattr(value, "model_extra", None)
        return {**value.__dict__, **extra} if extra else value.__dict__
    if dataclasses.is_dataclass(value):
        names: Any = [field.name for field in dataclasses.fields(value) if hasattr(value, field.name)]
    elif isinstance(value, Item):
        names = _ITEM
    else:
        names = ("node", "arg") if type(value).__name__ == "Send" else ()
    return {name: getattr(value, name) for name in names}


def _with_attributes(value: Any, attributes: dict[str, Any]) -> Any:
    """Return a copy of an object with other attributes; the object itself if it has none."""
    if not attributes:
        return value
    if hasattr(value, "model_copy"):
        return value.model_copy(update=attributes)
    if hasattr(value, "__fields_set__"):  # copy.copy would share the attributes of a pydantic 1 model
        return value.copy(update=attributes)
    copied = copy.copy(value)
    for name, attribute in attributes.items():
        object.__setattr__(copied, name, attribute)  # a frozen dataclass refuses setattr
    return copied
