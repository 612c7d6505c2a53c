"""Helpers of the contract's tests: ids, checks of records, and skips for methods that a store does not implement."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

import pytest

from ..base import BaseStore
from ..errors import InvalidInput
from ..history import PlatformHistory

_Test = TypeVar("_Test", bound=Callable[..., Coroutine[Any, Any, None]])

Record = dict[str, Any]

MAX_WAIT = 30.0
"""Seconds that a test waits for a condition before it fails."""


def keys(names: str) -> frozenset[str]:
    """Return the names in a text, separated by blanks, as a set of keys."""
    return frozenset(names.split())


THREAD_KEYS = keys(
    "id thread_id user_id agent_name title metadata created_at updated_at message_count parent_thread_id "
    "fork_message_index"
)
MESSAGE_KEYS = keys("id thread_id index role content metadata timestamp")
FEEDBACK_KEYS = keys(
    "id thread_id message_id user_id agent_name rating comment feedback_type query response correction created_at"
)
STATE_KEYS = keys("id thread_id agent_name node_name state_snapshot created_at expires_at")
CHECKPOINT_KEYS = keys("thread_id checkpoint_ns checkpoint_id parent_checkpoint_id checkpoint metadata created_at")

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
_TIMES = ("created_at", "updated_at", "timestamp", "expires_at")


def needs(*methods: str) -> Callable[[_Test], _Test]:
    """Skip a test if the store does not override one of these methods of `BaseStore`.

    `"list_threads(after)"` also requires the argument `after`, which the platform's interface does not have.
    """

    def decorate(test: _Test) -> _Test:
        @functools.wraps(test)
        async def guarded(self: object, store: BaseStore, **values: Any) -> None:
            for method in methods:
                if not _implements(type(store), method):
                    pytest.skip(f"{type(store).__name__} does not implement {method}")
            await test(self, store, **values)

        return cast(_Test, guarded)

    return decorate


def _implements(store: type, method: str) -> bool:
    name, _, argument = method.rstrip(")").partition("(")
    own = getattr(store, name, None)
    if own is None or (own is getattr(BaseStore, name) and not _keeps_history(store, name)):
        return False
    return not argument or argument in inspect.signature(own).parameters


def _keeps_history(store: type, method: str) -> bool:
    """Return whether the method belongs to the platform's history and the store overrides the hooks that it calls."""
    hook = "_add_history"
    return hasattr(PlatformHistory, method) and getattr(store, hook) is not getattr(BaseStore, hook)


def unique(kind: str = "thread") -> str:
    """Return an id that no other test uses."""
    return f"{kind}-{uuid.uuid4().hex}"


async def new_thread(store: BaseStore, *contents: str, **fields: Any) -> str:
    """Create a thread with messages of these contents, and return its id; `fields` replace the defaults."""
    fields = {"thread_id": unique(), "user_id": "ada", "agent_name": "contract"} | fields
    thread = await store.create_thread(**fields)
    for content in contents:
        await store.add_message(thread["thread_id"], "user", content)
    return str(thread["thread_id"])


async def thread_of(store: BaseStore, thread_id: str) -> Record:
    """Return the record of a thread, which must exist."""
    thread = await store.get_thread(thread_id)
    assert thread is not None, f"thread {thread_id!r} is not there"
    return thread


async def contents(store: BaseStore, thread_id: str) -> list[str]:
    """Return the contents of a thread's messages, oldest first."""
    return [message["content"] for message in await store.get_messages(thread_id, limit=1_000_000)]


def ids(records: list[Record]) -> list[Any]:
    """Return the ids of records, in their order."""
    return [record["id"] for record in records]


def check_record(record: Record, keys: frozenset[str]) -> None:
    """Check that a record has the documented keys, survives JSON, and has ISO-8601 times in UTC with microseconds."""
    assert keys <= set(record), f"missing: {sorted(keys - set(record))}"
    assert json.loads(json.dumps(record)) == record
    for key in _TIMES:
        if key in record:
            assert _TIME.fullmatch(record[key]), f"{key}: {record[key]!r}"
            assert time_of(record, key).utcoffset() == timedelta(0)


def time_of(record: Record, key: str) -> datetime:
    """Return a time of a record as a datetime."""
    return datetime.fromisoformat(record[key])


@asynccontextmanager
async def refused(field: str) -> AsyncIterator[None]:
    """Check that the block raises `InvalidInput` with this field or path."""
    with pytest.raises(InvalidInput) as caught:
        yield
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: ")


async def next_moment() -> None:
    """Wait until the clock shows a later time, which takes milliseconds on some systems."""
    begun = datetime.now(UTC)
    while datetime.now(UTC) <= begun:
        await asyncio.sleep(0)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until a condition holds; raises `TimeoutError` after `MAX_WAIT` seconds."""
    async with asyncio.timeout(MAX_WAIT):
        while not await condition():
            await asyncio.sleep(0.01)
