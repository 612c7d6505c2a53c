"""Run async and synchronous calls on one event loop, because a pool's connections belong to one loop.

The first call chooses this home loop: a coroutine its own, a synchronous call of a thread a new one, which runs in a
background thread until the portal is closed.
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
"""Seconds between a waiting thread's checks that the home loop still runs: a loop that ends tells nobody."""


class Portal:
    """Run coroutines on one home loop, for any thread; `bound` returns the loop of the pool's connections, or None."""

    def __init__(self, bound: Callable[[], asyncio.AbstractEventLoop | None]) -> None:
        self._bound = bound
        self._lock = ProcessLock()
        self._home: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        tell_when_forked(self)

    def forked(self) -> None:
        """Forget the home loop in a forked process: it can only run in the parent."""
        keep_for_ever(self._home)
        self._home = self._thread = None

    def settle(self, loop: asyncio.AbstractEventLoop) -> None:
        """Make a loop the home loop, unless a home loop is running."""
        with self._lock.held:
            if not self._runs():
                self._home = loop

    def step_aside(self) -> None:
        """Give up a home loop whose own thread is about to be blocked, unless connections belong to it."""
        with self._lock.held:
            if self._thread is None and self._home is _running_loop() and self._bound() is not self._home:
                self._home = None

    def _runs(self) -> bool:
        return self._thread is not None or (self._home is not None and self._home.is_running())

    async def call(self, make: _Make[_R]) -> _R:
        """Await a coroutine that `make` creates: on the background loop if that is the home, else on the caller's loop.

        Raises `StoreClosed` if `close()` ends the background loop meanwhile.
        """
        own_loop = asyncio.get_running_loop()
        if self._home is not own_loop:
            self.settle(own_loop)
        if self._thread is None or self._home is own_loop:
            return await make()
        with self._lock.held:
            future, _coroutine = self._submit(make)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if future.cancelled() and task is not None and not task.cancelling():
                raise StoreClosed from None  # close() cancelled the call; nobody cancelled this task
            raise

    def wait(self, make: _Make[_R]) -> _R:
        """Run a coroutine that `make` creates on the home loop, and block this thread until it is done.

        Raises:
            asyncio.InvalidStateError: Called on the home loop's own thread, which would wait for itself.
            StoreClosed: `close()` ended the background loop meanwhile.
            EventLoopEnded: The home loop was a caller's, and ended meanwhile.
        """
        with self._lock.held:
            started = self._settle_home()
            home, background = self._home, self._thread is not None
            assert home is not None  # `_settle_home` set it
            if home is _running_loop():
                raise asyncio.InvalidStateError(
                    "a synchronous call on the event loop's own thread would block the loop for ever: "
                    "await the async method instead (aget_tuple for get_tuple, graph.ainvoke for graph.invoke)"
                )
            future, coroutine = self._submit(make)
        try:
            while not concurrent.futures.wait([future], timeout=_LOOK_SECONDS).done:
                if not home.is_running():
                    if not home.is_closed():
                        future.cancel()  # in case the loop is run again
                    elif inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
                        coroutine.close()
                    raise EventLoopEnded
            return future.result()
        except concurrent.futures.CancelledError:
            raise (StoreClosed if background else EventLoopEnded) from None
        except (StoreClosed, OtherEventLoop):
            if started:  # leave no background loop behind for a call that was refused
                self.close()
            raise

    def _settle_home(self) -> bool:
        """Make sure that a home loop is running; returns whether a background loop was started for it."""
        if not self._runs():
            self._home = self._bound()
        if self._home is not None and self._runs():
            return False
        self._home = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._home.run_forever, name="agentomatic_sql", daemon=True)
        self._thread.start()
        return True

    def _submit(self, make: _Make[_R]) -> tuple[concurrent.futures.Future[_R], Coroutine[Any, Any, _R]]:
        """Schedule a coroutine on the home loop. Call it with the lock held, so that `close()` cancels the call."""
        home, coroutine = self._home, make()
        try:
            if home is None:
                raise RuntimeError("no event loop")
            return asyncio.run_coroutine_threadsafe(coroutine, home), coroutine
        except RuntimeError as error:  # the loop was closed meanwhile
            coroutine.close()
            raise EventLoopEnded from error

    @property
    def in_background(self) -> bool:
        """Return whether the home loop is the portal's own background loop."""
        return self._thread is not None

    def close(self) -> None:
        """Cancel the calls on the background loop, if it exists, and end it."""
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


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
