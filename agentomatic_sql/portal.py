"""One event loop for callers of both kinds: coroutines, and threads that wait.

A pool's connections belong to one event loop. Whoever comes first chooses it: a coroutine its own loop, a thread a loop
that runs in the background for as long as the portal is open.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_R = TypeVar("_R")


class Portal:
    """Runs coroutines on one home loop, for any thread; `bound` tells the loop of the connections there are."""

    def __init__(self, bound: Callable[[], asyncio.AbstractEventLoop | None]) -> None:
        self._bound = bound
        self._lock = threading.Lock()
        self._home: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def settle(self, loop: asyncio.AbstractEventLoop) -> None:
        """Make a loop the home, unless there is one that runs."""
        with self._lock:
            if not self._runs():
                self._home = loop

    def _runs(self) -> bool:
        return self._thread is not None or (self._home is not None and self._home.is_running())

    async def call(self, make: Callable[[], Coroutine[Any, Any, _R]]) -> _R:
        """Await a coroutine: here, or, where a background loop is the home, there."""
        here = asyncio.get_running_loop()
        if self._home is not here:
            self.settle(here)
        if self._thread is None or self._home is here:
            return await make()
        assert self._home is not None  # it has a thread
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(make(), self._home))

    def wait(self, make: Callable[[], Coroutine[Any, Any, _R]]) -> _R:
        """Run a coroutine on the home loop and wait for it.

        Raises `asyncio.InvalidStateError` on that loop's own thread.
        """
        home = self._running_home()
        try:
            here = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is home:
            raise asyncio.InvalidStateError(
                "a synchronous call on the event loop's own thread would wait for itself: "
                "await the method of the same name with an a in front (aget_tuple, graph.ainvoke)"
            )
        return asyncio.run_coroutine_threadsafe(make(), home).result()

    def _running_home(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if not self._runs():
                self._home = self._bound()
            if self._home is None or not self._runs():
                self._home = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._home.run_forever, name="agentomatic_sql", daemon=True)
                self._thread.start()
            return self._home

    @property
    def in_background(self) -> bool:
        """Whether the home loop is the portal's own."""
        return self._thread is not None

    def close(self) -> None:
        """End the background loop, if there is one."""
        with self._lock:
            home, thread = self._home, self._thread
            self._home = self._thread = None
        if home is not None and thread is not None:
            home.call_soon_threadsafe(home.stop)
            thread.join()
            home.close()
