"""Values that belong to an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

_T = TypeVar("_T")


class PerLoop(WeakKeyDictionary[asyncio.AbstractEventLoop, _T]):
    """A value for each event loop: `values.get(loop) or values.make(loop)`."""

    def __init__(self, make: Callable[[], _T]) -> None:
        super().__init__()
        self._make = make

    def make(self, loop: asyncio.AbstractEventLoop) -> _T:
        """Return the loop's value, which is made if it does not exist."""
        return self.setdefault(loop, self._make())
