"""A forked process: it has its parent's connections and locks, but not the threads that were using them."""

from __future__ import annotations

import asyncio
import ctypes
import os
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol
from weakref import WeakSet


class Inherited(Protocol):
    """What is told in the child that it is another process's now."""

    def forked(self) -> None: ...


_locks: WeakSet[Any] = WeakSet()
_inherited: WeakSet[Inherited] = WeakSet()


def lock() -> threading.Lock:
    """A lock that is free in a forked process, where whoever held it is not."""
    made = threading.Lock()
    _locks.add(made)
    return made


def tell(inherited: Inherited) -> None:
    """Have `forked` called in every forked process."""
    _inherited.add(inherited)


def keep(inherited: object) -> None:
    """Never collect it, not even when the process ends.

    A driver's connection that is collected takes itself out of its event loop's selector, which the operating system
    shares with the parent: that would get no answer any more.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(inherited))


def _forked() -> None:
    for each in list(_locks):
        each._at_fork_reinit()  # as the standard library does: a lock that is being acquired cannot be released
    for inherited in list(_inherited):
        inherited.forked()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_forked)


@asynccontextmanager
async def exclusive(lock: threading.Lock) -> AsyncIterator[None]:
    """Hold a lock of threads from a coroutine, without stopping its event loop.

    asyncio's own lock serves one event loop only; a store may be used from several.
    """
    while not lock.acquire(blocking=False):  # noqa: ASYNC110 - an asyncio.Event serves one loop
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        lock.release()
