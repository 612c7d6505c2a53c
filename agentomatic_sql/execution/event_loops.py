"""What belongs to an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

_T = TypeVar("_T")


class PerLoop(Generic[_T]):
    """A value for each event loop, made when it is first asked for. That of the loop which asked last is at hand."""

    def __init__(self, make: Callable[[], _T]) -> None:
        self._make = make
        self._values: WeakKeyDictionary[asyncio.AbstractEventLoop, _T] = WeakKeyDictionary()
        self._last: tuple[asyncio.AbstractEventLoop, _T] | None = None

    def get(self) -> _T:
        """That of the running loop."""
        loop, last = asyncio.get_running_loop(), self._last
        if last is not None and last[0] is loop:
            return last[1]
        value = self._values.get(loop)
        if value is None:
            value = self._values.setdefault(loop, self._make())
        self._last = loop, value
        return value
