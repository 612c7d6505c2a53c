"""Forked processes: a child has its parent's connections and locks, but not the threads that were using them."""

from __future__ import annotations

import asyncio
import ctypes
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol
from weakref import WeakSet


class Inherited(Protocol):
    """An object that must change when its process is forked."""

    def forked(self) -> None:
        """Called in the child, before any other code there."""


_inherited: WeakSet[Inherited] = WeakSet()


def tell_when_forked(inherited: Inherited) -> None:
    """Have `forked` called in every forked process, for as long as the object lives."""
    _inherited.add(inherited)


class ProcessLock:
    """A lock between threads that is free in a forked process, in which its holder does not exist."""

    def __init__(self) -> None:
        self.forked()
        tell_when_forked(self)

    def forked(self) -> None:
        """Replace the lock by one that is free."""
        self.held = threading.Lock()
        """The lock itself: `with lock.held:`."""


def keep_for_ever(inherited: object) -> None:
    """Never collect an object, not even when the process ends.

    A driver's connection that is collected removes itself from its event loop's selector, which the operating system
    shares with the parent: the parent would get no answer any more.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(inherited))


def _forked() -> None:
    for inherited in list(_inherited):
        inherited.forked()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_forked)


@asynccontextmanager
async def exclusive(lock: ProcessLock) -> AsyncIterator[None]:
    """Hold a lock between threads in a coroutine without blocking its event loop.

    asyncio's own lock serves one event loop only; a store may be used from several.
    """
    held = lock.held
    while not held.acquire(blocking=False):  # noqa: ASYNC110 - an asyncio.Event serves one loop
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        held.release()
