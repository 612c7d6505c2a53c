"""A store of one's own: threads, messages, feedback, approvals and checkpoints in Redis.

    async with RedisStore("redis://localhost:6379/0", prefix="agents:") as store:
        await store.create_thread("t1", "ada", "support")

It shows what a custom store is made of:

- `agentomatic_sql.inputs` checks the arguments, so that it refuses what every other store refuses;
- `agentomatic_sql.records` makes the records, so that they look like those of every other store;
- every change is one run of `redis_store.lua`, which Redis runs alone: it happens whole or not at all, and what
  must be exact under concurrency is exact. Its times are the server's;
- what it leaves out (idempotency keys, the platform's invocation logs and the like) has its default on `BaseStore`;
- `agentomatic_sql.testing.StoreContract` tests it, in tests/contract/test_redis_store.py.

What Redis has acknowledged survives its crash as far as its `appendfsync` says. Needs `pip install redis`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from agentomatic_sql import BaseStore, inputs, records
from agentomatic_sql.errors import (
    DatabaseError,
    OutcomeUnknown,
    StoreClosed,
    StoreError,
    StoreUnavailable,
    ThreadExists,
    ThreadNotFound,
)
from agentomatic_sql.records import Record

_LUA = Path(__file__).with_suffix(".lua").read_text(encoding="utf-8")
_READS = frozenset({"page", "lineage", "checkpoints", "state", "waiting", "stats"})
_TIMES = frozenset({"created_at", "updated_at", "expires_at"})
_NUMBERS = frozenset({"message_count", "fork_message_index", "rating", "message_id"})


class RedisStore(BaseStore):
    """A store in a Redis server (7 or later); all its keys begin with `prefix`.

    `timeout` is how many seconds a connect or an answer may take. Nothing is connected yet.
    """

    def __init__(self, url: str, prefix: str = "agents:", *, timeout: float = 10.0) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            encoding_errors="surrogatepass",  # lone surrogates are text, too
            retry=Retry(NoBackoff(), 0),  # a write whose answer was lost may stand: not to be done twice
            socket_connect_timeout=timeout,
            socket_timeout=timeout,
        )
        self._script = self._redis.register_script(_LUA)
        self._prefix = prefix
        self._closed = False
        address = self._redis.connection_pool.connection_kwargs
        self._where = f"Redis at {address.get('host', address.get('path', 'localhost'))}:{address.get('port', 6379)}"

    async def initialize(self) -> None:
        self._closed = False
        await self._ask(lambda redis: redis.ping())

    async def close(self) -> None:
        self._closed = True
        await self._redis.aclose()

    async def health_check(self) -> dict[str, Any]:
        report = {"status": "unhealthy", "backend": type(self).__name__, "database": "redis"}
        begun = perf_counter()
        try:
            server = await self._ask(lambda redis: redis.info("server"))
        except StoreError as error:
            return report | {"error": str(error)}
        latency = round((perf_counter() - begun) * 1000, 3)
        return report | {"status": "healthy", "server_version": server["redis_version"], "latency_ms": latency}

    async def _run(self, operation: str, *args: str | int) -> Any:
        """Run an operation of redis_store.lua."""
        return await self._ask(
            lambda redis: self._script(keys=[self._prefix], args=[operation, *args], client=redis),
            writes=operation not in _READS,
        )

    async def _ask(self, work: Callable[[Any], Awaitable[Any]], *, writes: bool = False) -> Any:
        """The one door to the server: here its errors become those of a store."""
        if self._closed:
            raise StoreClosed
        connected = False
        try:
            async with self._redis.client() as connection:
                connected = True
                return await work(connection)
        except (RedisConnectionError, RedisTimeoutError) as error:
            if connected and writes:
                raise OutcomeUnknown(self._where) from error
            raise StoreUnavailable(self._where, str(error)) from error
        except RedisError as error:
            raise DatabaseError(str(error), None) from error

    def _key(self, kind: str, record_id: str) -> str:
        return f"{self._prefix}{kind}:{record_id}"

    def _index(self, kind: str, filters: Mapping[str, str]) -> str:
        parts = (f":{name}={len(value.encode())}:{value}" for name, value in filters.items())
        return f"{self._prefix}{kind}s{''.join(parts)}"

    # threads

    async def create_thread(
        self,
        thread_id: str,
        user_id: str,
        agent_name: str,
        *,
        title: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> Record:
        row = inputs.thread(thread_id, user_id, agent_name, title, metadata)
        standing = _row(await self._run("create", row["id"], *_fields(row)))
        if (standing["user_id"], standing["agent_name"]) != (row["user_id"], row["agent_name"]):
            raise ThreadExists(row["id"], "it belongs to another user or agent")
        return records.thread(standing)

    async def get_thread(self, thread_id: str) -> Record | None:
        key = self._key("thread", inputs.identifier("thread_id", thread_id))
        found = await self._ask(lambda redis: redis.hgetall(key))
        return records.thread(_row(found)) if found else None

    async def list_threads(
        self,
        *,
        agent_name: str | None = None,
        user_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
        after: Mapping[str, Any] | str | None = None,
    ) -> list[Record]:
        index = self._index("thread", inputs.filters(agent_name=agent_name, user_id=user_id))
        size, skipped = inputs.window(limit, offset)
        cursor = inputs.thread_cursor(after)
        if isinstance(cursor, str):
            thread = await self.get_thread(cursor)
            if thread is None:
                raise ThreadNotFound(cursor)
            cursor = (datetime.fromisoformat(thread["updated_at"]), cursor)
        behind = f"({records.iso(cursor[0])} {cursor[1]}" if cursor else "+"
        found = await self._run("page", "thread", index, behind, skipped, size)
        return [records.thread(_row(flat)) for flat in found]

    async def update_thread(self, thread_id: str, **updates: Any) -> Record | None:
        here, values = inputs.identifier("thread_id", thread_id), inputs.thread_updates(updates)
        if not values:
            return await self.get_thread(here)
        cleared = "title" if values.get("title", "") is None else ""
        found = await self._run("update", here, cleared, *_fields(values))
        return records.thread(_row(found)) if found else None

    async def delete_thread(self, thread_id: str) -> bool:
        return bool(await self._run("delete", inputs.identifier("thread_id", thread_id)))

    async def fork_thread(
        self,
        parent_thread_id: str,
        message_index: int,
        new_thread_id: str,
        *,
        title: str | None = None,
        checkpoints: bool = False,
    ) -> Record | None:
        parent = inputs.identifier("parent_thread_id", parent_thread_id)
        new = inputs.identifier("new_thread_id", new_thread_id, empty=False)
        last, title = inputs.message_index(message_index), inputs.optional_text("title", title)
        if last < 0:
            return None
        length = len(new) if checkpoints else ""
        found = await self._run("fork", parent, last, new, title or "", length)
        if found == []:
            raise ThreadExists(new, "a fork needs an id of its own")
        return records.thread(_row(found)) if found else None

    async def get_thread_lineage(self, thread_id: str) -> Record:
        here = inputs.identifier("thread_id", thread_id)
        ancestors, descendants = await self._run("lineage", here)
        return {
            "thread_id": here,
            "ancestors": [records.thread(_row(flat)) for flat in ancestors],
            "descendants": [records.thread(_row(flat)) for flat in descendants],
        }

    # messages

    async def add_message(  # type: ignore[override] # without idempotency_key=, as all that adds here
        self, thread_id: str, role: str, content: str, *, metadata: dict[str, Any] | None = None
    ) -> Record:
        here = inputs.identifier("thread_id", thread_id)
        return (await self._append(here, [inputs.message(role, content, metadata)]))[0]

    async def add_messages(  # type: ignore[override]
        self, thread_id: str, messages: Iterable[Mapping[str, Any]]
    ) -> list[Record]:
        return await self._append(inputs.identifier("thread_id", thread_id), inputs.messages(messages))

    async def _append(self, thread_id: str, rows: list[inputs.Row]) -> list[Record]:
        bodies = [_json(row["role"], row["content"], row["metadata"]) for row in rows]
        placed = await self._run("append", thread_id, *bodies)
        if placed is None:
            raise ThreadNotFound(thread_id)
        first_id, first, at = placed
        return [_message(thread_id, f"{first_id + n} {first + n} {at} {body}") for n, body in enumerate(bodies)]

    async def get_messages(
        self, thread_id: str, *, limit: int = 100, offset: int = 0, last: int | None = None
    ) -> list[Record]:
        here = inputs.identifier("thread_id", thread_id)
        size, first, newest = inputs.page(limit, offset, last)
        if (size if newest is None else newest) == 0:  # LRANGE would take it for "to the end"
            return []
        start, stop = (first, first + size - 1) if newest is None else (-newest, -1)
        found = await self._ask(lambda redis: redis.lrange(self._key("messages", here), start, stop))
        return [_message(here, stored) for stored in found]

    # feedback

    async def add_feedback(  # type: ignore[override]
        self,
        thread_id: str,
        user_id: str,
        agent_name: str,
        *,
        rating: int | None = None,
        comment: str | None = None,
        message_id: int | None = None,
        feedback_type: str = "thumbs",
        query: str = "",
        response: str = "",
        correction: str | None = None,
    ) -> Record:
        row = inputs.feedback(
            thread_id,
            user_id,
            agent_name,
            rating=rating,
            comment=comment,
            message_id=message_id,
            feedback_type=feedback_type,
            query=query,
            response=response,
            correction=correction,
        )
        return records.feedback(row | {"id": int(await self._run("rate", *_fields(row)))})

    async def get_feedback(
        self, *, agent_name: str | None = None, user_id: str | None = None, limit: int = 50
    ) -> list[Record]:
        index = self._index("feedback", inputs.filters(agent_name=agent_name, user_id=user_id))
        found = await self._run("page", "feedback", index, "+", 0, inputs.count("limit", limit))
        return [records.feedback(row | {"id": int(row["id"])}) for row in map(_row, found)]

    async def get_stats(self) -> dict[str, Any]:
        threads, feedback, states, flat = await self._run("stats")
        counted = dict(zip(flat[::2], flat[1::2], strict=True))
        return {
            "backend": type(self).__name__,
            "database": "redis",
            "threads": threads,
            "messages": int(counted.get("messages", 0)),
            "feedback": feedback,
            "suspended_states": states,
            "checkpoints": int(counted.get("checkpoints", 0)),
        }

    # suspended states

    async def save_suspended_state(
        self,
        approval_id: str,
        thread_id: str,
        agent_name: str,
        node_name: str,
        state_json: dict[str, Any],
        *,
        ttl: timedelta | float | None = None,
    ) -> Record:
        row = inputs.suspended_state(approval_id, thread_id, agent_name, node_name, state_json, ttl)
        term = row.pop("expires_at") - row.pop("created_at")
        seconds, rest = divmod(term, timedelta(seconds=1))
        begun, ended = await self._run("suspend", seconds, rest.microseconds, *_fields(row))
        return records.suspended_state(row | {"created_at": begun, "expires_at": ended})

    async def get_suspended_state(self, approval_id: str) -> Record | None:
        found = await self._run("state", inputs.identifier("approval_id", approval_id))
        return records.suspended_state(_row(found)) if found else None

    async def list_suspended_states(
        self, *, thread_id: str | None = None, agent_name: str | None = None
    ) -> list[Record]:
        index = self._index("state", inputs.filters(thread_id=thread_id, agent_name=agent_name))
        return [records.suspended_state(_row(found)) for found in await self._run("waiting", index)]

    async def delete_suspended_state(self, approval_id: str) -> bool:
        return await self.claim_suspended_state(approval_id) is not None

    async def claim_suspended_state(self, approval_id: str) -> Record | None:
        here = inputs.identifier("approval_id", approval_id)
        found = await self._run("claim", here)
        return records.suspended_state(_row(found)) if found else None

    async def cleanup_expired_states(self) -> int:
        return int(await self._run("cleanup"))

    # checkpoints

    async def save_checkpoint(
        self,
        thread_id: str,
        checkpoint_ns: str,
        checkpoint_id: str,
        parent_checkpoint_id: str | None,
        checkpoint: dict[str, Any],
        metadata: dict[str, Any],
    ) -> None:
        row = inputs.checkpoint(thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata)
        value = _json(row["parent_checkpoint_id"], row["checkpoint"], row["metadata"])
        graph, at = _graph(row["thread_id"], row["checkpoint_ns"]), records.iso(row["created_at"])
        await self._run("save", row["thread_id"], graph, row["checkpoint_id"], at, value)

    async def get_checkpoint(self, thread_id: str, checkpoint_ns: str, checkpoint_id: str | None) -> Record | None:
        key = inputs.checkpoint_key(thread_id, checkpoint_ns)
        here = inputs.optional_identifier("checkpoint_id", checkpoint_id)
        if not here:
            return next(iter(await self.list_checkpoints(*key, limit=1)), None)
        stored = await self._ask(lambda redis: redis.hget(self._key("checkpoints", _graph(*key)), here))
        return _checkpoint(*key, here, stored) if stored else None

    async def list_checkpoints(
        self, thread_id: str, checkpoint_ns: str, *, before: str | None = None, limit: int | None = None
    ) -> list[Record]:
        key = inputs.checkpoint_key(thread_id, checkpoint_ns)
        earlier = inputs.optional_identifier("before", before)
        size = inputs.optional_count("limit", limit)
        window: list[str | int] = [-1 if size is None else size]
        if earlier is not None:
            window.append(earlier)
        placed, found = await self._run("checkpoints", _graph(*key), *window)
        if earlier is not None and not placed:
            found = sorted((one for one in found if one[0] < earlier), reverse=True)[:size]
        return [_checkpoint(*key, *one) for one in found]


def _fields(row: Mapping[str, Any]) -> list[str]:
    """A row as the fields of a hash, names and values by turns; None is a field that is not there."""
    flat: list[str] = []
    for name, value in row.items():
        if value is not None:
            flat += [name, records.iso(value) if isinstance(value, datetime) else str(value)]
    return flat


def _row(stored: Mapping[str, str] | list[str]) -> defaultdict[str, Any]:
    """The row that a hash holds."""
    pairs = stored.items() if isinstance(stored, Mapping) else zip(stored[::2], stored[1::2], strict=True)
    row: defaultdict[str, Any] = defaultdict(lambda: None)
    for name, value in pairs:
        row[name] = datetime.fromisoformat(value) if name in _TIMES else int(value) if name in _NUMBERS else value
    return row


def _json(*texts: str | None) -> str:
    return json.dumps(texts, ensure_ascii=False)


def _message(thread_id: str, stored: str) -> Record:
    message_id, position, at, body = stored.split(" ", 3)
    row = dict(zip(("role", "content", "metadata"), json.loads(body), strict=True))
    row |= {"id": int(message_id), "thread_id": thread_id, "position": int(position)}
    return records.message(row | {"created_at": datetime.fromisoformat(at)})


def _graph(thread_id: str, checkpoint_ns: str) -> str:
    """One name of a thread and a namespace, whatever characters are in them."""
    return f"{len(thread_id)}:{thread_id}{checkpoint_ns}"


def _checkpoint(thread_id: str, checkpoint_ns: str, checkpoint_id: str, stored: str) -> Record:
    at, _, value = stored.partition(" ")
    row = dict(zip(("parent_checkpoint_id", "checkpoint", "metadata"), json.loads(value), strict=True))
    row |= {"thread_id": thread_id, "checkpoint_ns": checkpoint_ns, "checkpoint_id": checkpoint_id}
    return records.checkpoint(row | {"created_at": datetime.fromisoformat(at)})
