"""The example of a store of one's own, on a real Redis: the contract, several processes, and a lost server."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from redis.asyncio import Redis

from agentomatic_sql import OutcomeUnknown, StoreUnavailable, inputs
from agentomatic_sql.testing import StoreContract
from examples.redis_store import RedisStore
from tests.support import forked

WORKER = """
import asyncio, json, sys
from examples.redis_store import RedisStore

url, prefix, process, job = sys.argv[1:]

async def append(store, writer):
    return [(await store.add_message("hot", "user", f"{process}/{writer}/{n}"))["index"] for n in range(25)]

async def claim(store, writer):
    return await store.claim_suspended_state("approval") is not None

async def create(store, writer):
    return (await store.create_thread("contested", "ada", "agent", title=f"{process}/{writer}"))["title"]

async def main():
    async with RedisStore(url, prefix) as store:
        print("ready", flush=True)
        sys.stdin.readline()                       # all begin together
        work = dict(append=append, claim=claim, create=create)[job]
        print(json.dumps(await asyncio.gather(*(work(store, writer) for writer in range(4)))))

asyncio.run(main())
"""


async def delete(redis: Redis, prefix: str) -> None:
    """Delete every key under a prefix."""
    if keys := [key async for key in redis.scan_iter(f"{prefix}*", count=10_000)]:
        await redis.delete(*keys)


@asynccontextmanager
async def new_prefix(redis_url: str) -> AsyncIterator[str]:
    """A prefix that nobody else has; what is under it is deleted in the end."""
    name = f"{uuid.uuid4().hex}:"
    yield name
    async with Redis.from_url(redis_url) as redis:
        await delete(redis, name)


@pytest.fixture
async def prefix(redis_url: str) -> AsyncIterator[str]:
    """A prefix of the test's own."""
    async with new_prefix(redis_url) as prefix:
        yield prefix


@pytest.fixture
async def store(redis_url: str, prefix: str) -> AsyncIterator[RedisStore]:
    async with RedisStore(redis_url, prefix) as store:
        yield store


@pytest.fixture(scope="class")
async def shared_store(redis_url: str) -> AsyncIterator[RedisStore]:
    """A store that is opened once for a class."""
    async with new_prefix(redis_url) as prefix, RedisStore(redis_url, prefix) as store:
        yield store


class TestRedisStore(StoreContract):
    """The whole interface, but for what the example leaves to `BaseStore`."""

    @pytest.fixture
    async def store(self, shared_store: RedisStore) -> RedisStore:
        await shared_store.initialize()  # a test that failed may have left it closed
        await delete(shared_store._redis, shared_store._prefix)  # some tests read everything
        return shared_store


def together(url: str, prefix: str, job: str) -> list[object]:
    """Run a job in 4 tasks of each of 4 processes, which begin at the same moment; returns their results."""
    results: list[object] = []
    with ExitStack() as running:
        started = [running.enter_context(forked.Program(WORKER, url, prefix, str(n), job)) for n in range(4)]
        for process in started:
            assert process.stdout.readline() == "ready\n"
        for process in started:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in started:
            done = process.finish()
            assert (done.returncode, done.stderr) == (0, "")
            results += json.loads(done.stdout)
    return results


async def test_processes_that_append_to_one_thread_leave_no_gap_and_no_repeat(
    redis_url: str, prefix: str, store: RedisStore
) -> None:
    await store.create_thread("hot", "ada", "agent")
    given = await asyncio.to_thread(together, redis_url, prefix, "append")
    history = await store.get_messages("hot", limit=1_000)
    assert [message["index"] for message in history] == list(range(400))
    assert len({message["content"] for message in history}) == 400
    assert len({message["id"] for message in history}) == 400
    assert given == [
        [message["index"] for message in history if message["content"].startswith(f"{process}/{writer}/")]
        for process in range(4)
        for writer in range(4)
    ]
    thread = await store.get_thread("hot")
    assert thread is not None
    assert thread["message_count"] == (await store.get_stats())["messages"] == 400


async def test_processes_that_claim_one_approval_leave_one_with_it(
    redis_url: str, prefix: str, store: RedisStore
) -> None:
    await store.save_suspended_state("approval", "t", "agent", "node", {})
    assert sorted(map(bool, await asyncio.to_thread(together, redis_url, prefix, "claim"))) == [False] * 15 + [True]


async def test_processes_that_create_one_thread_all_get_it(redis_url: str, prefix: str, store: RedisStore) -> None:
    titles = await asyncio.to_thread(together, redis_url, prefix, "create")
    thread = await store.get_thread("contested")
    assert thread is not None
    assert titles == [thread["title"]] * 16


async def test_stores_with_other_prefixes_share_nothing(redis_url: str, prefix: str, store: RedisStore) -> None:
    await store.create_thread("t", "ada", "agent")
    async with RedisStore(redis_url, f"{prefix}other:") as other:
        assert await other.get_thread("t") is None
        assert (await other.get_stats())["threads"] == 0


async def test_a_deleted_thread_leaves_no_key_behind(redis_url: str, prefix: str, store: RedisStore) -> None:
    parent = await store.create_thread("parent", "ada", "agent", title="old")
    await store.add_messages("parent", [{"role": "user", "content": str(n)} for n in range(3)])
    await store.update_thread("parent", title="new")
    await store.fork_thread("parent", 1, "fork")
    for _ in range(2):
        await store.add_feedback("fork", "ada", "agent", rating=5)
        await store.save_suspended_state("approval", "fork", "agent", "node", {})
        await store.save_checkpoint("fork", "inner", "c1", None, {}, {})
    for thread_id in ("fork", parent["id"]):
        assert await store.delete_thread(thread_id)
    async with Redis.from_url(redis_url, decode_responses=True) as redis:
        left = [key.removeprefix(prefix) async for key in redis.scan_iter(f"{prefix}*", count=10_000)]
    assert sorted(left) == ["counts", "last_checkpoint", "last_feedback", "last_message"]
    stats = await store.get_stats()
    assert (stats["messages"], stats["checkpoints"]) == (0, 0)


async def test_a_process_whose_clock_is_wrong_changes_no_time_and_no_expiry(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.create_thread("t", "ada", "agent")
    saved = await store.save_suspended_state("s", "t", "agent", "node", {}, ttl=timedelta(days=7, microseconds=999_999))
    for days in (-10_000, 8, 27_000):
        wrong = datetime.now(UTC) + timedelta(days=days)
        monkeypatch.setattr(inputs, "now", lambda wrong=wrong: wrong)
        assert await store.cleanup_expired_states() == 0
        assert await store.get_suspended_state("s") == saved
        assert await store.list_suspended_states() == [saved]
        assert (await store.get_stats())["suspended_states"] == 1
        again = await store.save_suspended_state("r", "t", "agent", "node", {}, ttl=timedelta(days=365 * 100))
        begun, ended = (datetime.fromisoformat(again[name]) for name in ("created_at", "expires_at"))
        assert ended - begun == timedelta(days=365 * 100)
        assert await store.delete_suspended_state("r") is True
        message = await store.add_message("t", "user", "hello")
        made = await store.create_thread(f"t{days}", "ada", "agent")
        fork = await store.fork_thread("t", 0, f"fork{days}") or {}
        changed = await store.update_thread("t", title="new") or {}
        times = [
            message["timestamp"],
            made["created_at"],
            made["updated_at"],
            fork["created_at"],
            changed["updated_at"],
        ]
        for at in [again["created_at"], *times]:
            assert abs(datetime.fromisoformat(at) - datetime.now(UTC)) < timedelta(minutes=1)
    assert await store.claim_suspended_state("s") == saved


async def test_a_thread_with_a_time_far_ahead_gets_the_right_time_again(
    redis_url: str, prefix: str, store: RedisStore
) -> None:
    await store.create_thread("t", "ada", "agent")
    async with Redis.from_url(redis_url) as redis:
        for ahead in (timedelta(days=27_000), timedelta(minutes=10)):
            at = datetime.now(UTC) + ahead
            await redis.hset(f"{prefix}thread:t", "updated_at", at.isoformat(timespec="microseconds"))
            message = await store.add_message("t", "user", "hello")
            is_kept = datetime.fromisoformat(message["timestamp"]) == at
            assert is_kept == (ahead < timedelta(hours=1))


async def test_numbers_stay_exact_where_lua_would_round_them(redis_url: str, prefix: str, store: RedisStore) -> None:
    async with Redis.from_url(redis_url) as redis:
        await redis.set(f"{prefix}last_message", 2**53 - 8)
        await redis.set(f"{prefix}last_feedback", 10**15)
    await store.create_thread("t", "ada", "agent")
    added = [await store.add_message("t", "user", str(n)) for n in range(4)]
    assert [message["id"] for message in added] == [2**53 - 7 + n for n in range(4)]
    assert await store.get_messages("t") == added
    await store.fork_thread("t", 1, "fork")
    assert [message["id"] for message in await store.get_messages("fork")] == [2**53 - 3, 2**53 - 2]
    given = [(await store.add_feedback("t", "ada", "agent"))["id"] for _ in range(3)]
    assert given == [10**15 + 1, 10**15 + 2, 10**15 + 3]
    assert [found["id"] for found in await store.get_feedback()] == given[::-1]


async def test_a_server_that_has_forgotten_the_script_is_told_again(redis_url: str, store: RedisStore) -> None:
    await store.create_thread("t", "ada", "agent")
    async with Redis.from_url(redis_url) as redis:
        await redis.script_flush()
    assert (await store.add_message("t", "user", "x"))["index"] == 0


# a server that is not there, or goes away


async def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    store = RedisStore("redis://:secret@127.0.0.1:1/0", timeout=2)
    begun = time.monotonic()
    for work in (store.initialize(), store.get_thread("t"), store.add_message("t", "user", "x")):
        with pytest.raises(StoreUnavailable, match=r"Redis at 127\.0\.0\.1:1 ") as caught:
            await work
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is not None
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    assert "secret" not in json.dumps(report)
    assert time.monotonic() - begun < 20
    await store.close()


class Gateway:
    """Stands between a store and its server, and can lose what the server answers."""

    def __init__(self, url: str) -> None:
        self._server = urlsplit(url)
        self.loses_answers = False
        self.url = ""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection(self._server.hostname, self._server.port or 6379)

        async def requests() -> None:
            while data := await reader.read(65_536):
                inner_writer.write(data)
            inner_writer.close()

        async def answers() -> None:
            while (data := await inner_reader.read(65_536)) and not self.loses_answers:
                writer.write(data)
            writer.close()

        await asyncio.gather(requests(), answers())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Gateway]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        credentials, at, _ = self._server.netloc.rpartition("@")
        self.url = self._server._replace(netloc=f"{credentials}{at}{address}").geturl()
        async with server:
            yield self


async def test_a_write_whose_answer_is_lost_says_so_and_is_not_done_twice(
    redis_url: str, prefix: str, store: RedisStore
) -> None:
    await store.create_thread("t", "ada", "agent")
    async with Gateway(redis_url).running() as gateway, RedisStore(gateway.url, prefix) as far:
        await far.add_message("t", "user", "first")
        gateway.loses_answers = True
        with pytest.raises(OutcomeUnknown, match=r"Redis at 127\.0\.0\.1:\d+"):
            await far.add_message("t", "user", "second")
        gateway.loses_answers = False
        assert (await far.add_message("t", "user", "third"))["index"] == 2
    assert [message["content"] for message in await store.get_messages("t")] == ["first", "second", "third"]


async def test_a_read_whose_answer_is_lost_can_be_asked_again(redis_url: str, prefix: str, store: RedisStore) -> None:
    await store.create_thread("t", "ada", "agent")
    async with Gateway(redis_url).running() as gateway, RedisStore(gateway.url, prefix) as far:
        for ask in (far.get_thread, far.get_thread_lineage):
            gateway.loses_answers = True
            with pytest.raises(StoreUnavailable):
                await ask("t")
            gateway.loses_answers = False
            assert await ask("t") is not None
