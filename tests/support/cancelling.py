"""Cancel a task at a chosen one of the places where it waits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from functools import partial
from types import coroutine
from typing import Any, TypeVar

_R = TypeVar("_R")

Cancel = Callable[[asyncio.Task[Any], "asyncio.Future[Any] | None", int], None]
"""Cancels a task at its n-th wait, counted from where it is to begin."""


def before(task: asyncio.Task[Any], _waited: asyncio.Future[Any] | None, number: int) -> None:
    """Before what is waited for has happened."""
    if number == 0:
        task.cancel()


def after(task: asyncio.Task[Any], waited: asyncio.Future[Any] | None, number: int) -> None:
    """When it has happened, and the task has not heard of it."""
    if number == 0 and waited is not None:
        waited.add_done_callback(lambda _: task.cancel())


def twice(task: asyncio.Task[Any], _waited: asyncio.Future[Any] | None, number: int) -> None:
    """And once more, while it clears up."""
    if number in (0, 1):
        task.cancel()


@coroutine
def cancelled_at(work: Awaitable[_R], cancel: Cancel, at: int) -> Generator[Any, Any, _R]:
    """Await something in a task that is cancelled at its wait of this number."""
    task = asyncio.current_task()
    assert task is not None
    steps: Any = work.__await__()
    resume, number = partial(steps.send, None), -at
    while True:
        try:
            waited = resume()
        except StopIteration as done:
            result: _R = done.value
            return result
        cancel(task, waited, number)
        number += 1
        try:
            resume = partial(steps.send, (yield waited))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is for what is awaited
            resume = partial(steps.throw, error)
