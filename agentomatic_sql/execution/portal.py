"""One event loop for callers of both kinds: coroutines, and threads that wait.

A pool's connections belong to one event loop. Whoever comes first chooses it: a coroutine its own loop, a thread a loop
that runs in the background for as long as the portal is open.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ..errors import EventLoopEnded, OtherEventLoop, StoreClosed
from .processes import ProcessLock, keep_for_ever, tell_when_forked

_R = TypeVar("_R")
_Make = Callable[[], Coroutine[Any, Any, _R]]

_LOOK_SECONDS = 1.0
"""How often a thread that waits looks whether the loop still runs: one that ends does not say so."""


class Portal:
    """Runs coroutines on one home loop, for any thread; `bound` tells the loop of the connections there are."""

    def __init__(self, bound: Callable[[], asyncio.AbstractEventLoop | None]) -> None:
        self._bound = bound
        self._lock = ProcessLock()
        self._home: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        tell_when_forked(self)

    def forked(self) -> None:
        """In a forked process: the loop that was the home runs in the parent, if anywhere."""
        keep_for_ever(self._home)
        self._home = self._thread = None

    def settle(self, loop: asyncio.AbstractEventLoop) -> None:
        """Make a loop the home, unless there is one that runs."""
        with self._lock.held:
            if not self._runs():
                self._home = loop

    def _runs(self) -> bool:
        return self._thread is not None or (self._home is not None and self._home.is_running())

    async def call(self, make: _Make[_R]) -> _R:
        """Await a coroutine: here, or, where a background loop is the home, there."""
        here = asyncio.get_running_loop()
        if self._home is not here:
            self.settle(here)
        if self._thread is None or self._home is here:
            return await make()
        with self._lock.held:
            future, _coroutine = self._submit(make)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if future.cancelled() and task is not None and not task.cancelling():
                raise StoreClosed from None  # not we were cancelled, but the call, by close()
            raise

    def wait(self, make: _Make[_R]) -> _R:
        """Run a coroutine on the home loop and wait for it.

        Raises `asyncio.InvalidStateError` on that loop's own thread, `StoreClosed` where `close()` comes meanwhile,
        `EventLoopEnded` where a caller's loop ends.
        """
        with self._lock.held:
            begun = self._settle_home()
            home, background = self._home, self._thread is not None
            assert home is not None  # it was settled
            if home is _running_here():
                raise asyncio.InvalidStateError(
                    "a synchronous call on the event loop's own thread would wait for itself: "
                    "await the method of the same name with an a in front (aget_tuple, graph.ainvoke)"
                )
            future, coroutine = self._submit(make)
        try:
            while not concurrent.futures.wait([future], timeout=_LOOK_SECONDS).done:
                if not home.is_running():
                    if not home.is_closed():
                        future.cancel()  # should the loop run once more
                    elif inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
                        coroutine.close()
                    raise EventLoopEnded
            return future.result()
        except concurrent.futures.CancelledError:
            raise (StoreClosed if background else EventLoopEnded) from None
        except (StoreClosed, OtherEventLoop):
            if begun:  # a loop that was begun for a call which is refused is not left behind
                self.close()
            raise

    def _settle_home(self) -> bool:
        """Make sure of a home that runs; whether one was begun in the background."""
        if not self._runs():
            self._home = self._bound()
        if self._home is not None and self._runs():
            return False
        self._home = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._home.run_forever, name="agentomatic_sql", daemon=True)
        self._thread.start()
        return True

    def _submit(self, make: _Make[_R]) -> tuple[concurrent.futures.Future[_R], Coroutine[Any, Any, _R]]:
        """Under the lock: so that what is submitted comes before what `close()` submits."""
        home, coroutine = self._home, make()
        try:
            if home is None:
                raise RuntimeError("no event loop")
            return asyncio.run_coroutine_threadsafe(coroutine, home), coroutine
        except RuntimeError as error:  # it was closed since
            coroutine.close()
            raise EventLoopEnded from error

    @property
    def in_background(self) -> bool:
        """Whether the home loop is the portal's own."""
        return self._thread is not None

    def close(self) -> None:
        """End the background loop, if there is one; calls that run on it are cancelled first."""
        with self._lock.held:
            home, thread = self._home, self._thread
            self._home = self._thread = None
            if home is None or thread is None:
                return
            ending = asyncio.run_coroutine_threadsafe(_cancel_others(), home)
        ending.result()
        home.call_soon_threadsafe(home.stop)
        thread.join()
        home.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _running_here() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
