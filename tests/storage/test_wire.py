"""Round trips of each call, and the fate of a write whose connection is cut."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event

from agentomatic_sql import BaseStore, OutcomeUnknown, SQLAlchemyStore, ThreadNotFound
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.checkpoints import checkpoint, config
from tests.support.citus import is_citus
from tests.support.wire import Cut, wire

Operation = Callable[[BaseStore], Awaitable[Any]]

CALLS: dict[str, Operation] = {
    "create_thread": lambda store: store.create_thread(uuid.uuid4().hex, "ada", "agent"),
    "create_thread of one that exists": lambda store: store.create_thread("t", "ada", "agent"),
    "add_message": lambda store: store.add_message("t", "user", "hello"),
    "add_message with a key": lambda store: store.add_message("t", "user", "hello", idempotency_key=uuid.uuid4().hex),
    "get_thread": lambda store: store.get_thread("t"),
    "get_messages": lambda store: store.get_messages("t"),
    "get_messages, the last": lambda store: store.get_messages("t", last=50),
    "list_threads": lambda store: store.list_threads(user_id="ada"),
    "list_threads at an offset": lambda store: store.list_threads(agent_name="agent", offset=1),
    "update_thread": lambda store: store.update_thread("t", title="new"),
    "add_feedback": lambda store: store.add_feedback("t", "ada", "agent", rating=1),
    "add_feedback with a key": lambda store: store.add_feedback("t", "ada", "agent", idempotency_key=uuid.uuid4().hex),
    "get_feedback": lambda store: store.get_feedback(),
    "get_suspended_state": lambda store: store.get_suspended_state("approval"),
    "list_suspended_states": lambda store: store.list_suspended_states(),
    "claim_suspended_state": lambda store: store.claim_suspended_state("approval"),
    "delete_suspended_state": lambda store: store.delete_suspended_state("approval"),
    "get_stats": lambda store: store.get_stats(),
}
DELETED_ON_CITUS = 10
"""Round trips of a deletion: a transaction of a statement for each table."""
ROUND_TRIPS = dict.fromkeys(CALLS, 1) | {"claim_suspended_state": 2, "delete_suspended_state": 2}
"""A state is read before it is taken: the call that takes it names who has saved it."""


def round_trips(url: str, name: str) -> int:
    """Return how many round trips a call takes on a server."""
    return 2 if is_citus(url) and name == "create_thread of one that exists" else ROUND_TRIPS[name]


async def prepare(store: SQLAlchemyStore) -> None:
    await store.create_thread("t", "ada", "agent")
    await store.create_thread("t2", "ada", "agent")
    await store.add_messages("t", [{"role": "user", "content": str(n)} for n in range(3)])
    await store.save_suspended_state("approval", "t", "agent", "node", {})


async def test_each_call_takes_one_round_trip(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=1) as store:
        for name, operation in CALLS.items():
            await prepare(store)
            await operation(store)  # the first time, a driver may prepare the statement
            await prepare(store)
            before = proxy.round_trips
            await operation(store)
            assert proxy.round_trips - before == round_trips(server_url, name), name


async def test_the_first_write_to_a_thread_that_the_process_has_not_seen_takes_one_more(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=1) as store:
        await store.create_thread("warm", "ada", "agent")
        await store.add_message("warm", "user", "the driver prepares the statement")
        async with SQLAlchemyStore(server_url) as other:
            for name in "abc":
                await other.create_thread(name, "ada", "agent")
        taken = []
        for name in "abbc":
            if name == "c":
                await store.get_thread(name)
            before = proxy.round_trips
            await store.add_message(name, "user", "hello")
            taken.append(proxy.round_trips - before)
        assert taken[1:] == [2, 1, 1]


async def test_a_view_takes_one_round_trip_too(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=1) as store:
        view = store.for_user("ada")
        for name, operation in CALLS.items():
            await prepare(store)
            await operation(view)
            await prepare(store)
            before = proxy.round_trips
            await operation(view)
            assert proxy.round_trips - before == round_trips(server_url, name), name


async def test_a_thread_is_deleted_in_one_or_two_round_trips(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=1) as store:
        for view in (store, store.for_user("ada")) * 2:  # the first time, a driver may prepare the statement
            await prepare(store)
            await store.add_feedback("t", "ada", "agent", idempotency_key="k")
            await store.get_thread("t")
            before = proxy.round_trips
            assert await view.delete_thread("t") is True
            ways = proxy.round_trips - before
            assert await store.get_feedback() == []
        assert ways == (DELETED_ON_CITUS if is_citus(server_url) else 2 if "cockroachdb" in server_url else 1)


async def test_a_thread_to_which_something_was_attached_is_deleted_in_one_or_two_round_trips(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=1) as store:
        for _ in range(2):  # the first time, a driver may prepare the statement
            await prepare(store)
            async with SQLAlchemyStore(server_url) as other:
                await other.add_feedback("t", "ada", "agent")
            before = proxy.round_trips
            assert await store.delete_thread("t") is True
            ways = proxy.round_trips - before
            assert await store.get_feedback() == []
        locks_first = "mysql" in server_url or "mariadb" in server_url
        assert ways == (DELETED_ON_CITUS if is_citus(server_url) else 1 if locks_first else 2)


async def test_a_batch_of_messages_takes_one_round_trip(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=1) as store:
        await prepare(store)
        several = [{"role": "user", "content": str(n)} for n in range(10)]
        await store.add_messages("t", several)
        before = proxy.round_trips
        await store.add_messages("t", several)
        assert proxy.round_trips - before == 1


@pytest.mark.parametrize("connections", [1, 2])
async def test_writes_that_come_together_go_together(server_url: str, connections: int) -> None:
    names = [f"t{number}" for number in range(20)]
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=connections) as store:
        for name in names:
            await store.create_thread(name, "ada", "agent")
        ways: list[int] = []
        for _ in range(5):  # in the first rounds, each connection may have a statement to prepare
            before = proxy.round_trips
            odd = [store.add_message(name, "user", f"{name} \x00\ud800 % \\ ' \" {{}}") for name in names]
            await asyncio.gather(*odd)
            ways.append(proxy.round_trips - before)
        # As many batches at once as the pool keeps connections: the first are of one, the others share the rest.
        assert min(ways) == (len(names) if is_citus(server_url) else 2 * connections)  # there, a batch has one thread
        for name in names:
            found = await store.get_messages(name)
            assert [message["content"] for message in found] == [f"{name} \x00\ud800 % \\ ' \" {{}}"] * 5
            assert [message["index"] for message in found] == [*range(5)]


async def test_the_latest_checkpoint_of_a_graph_takes_one_round_trip(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemySaver(proxy.url, pool_size=1) as saver:
        values = {"messages": ["x" * 100] * 5}
        await saver.aput(config("t"), checkpoint(values, {"messages": "1"}), {}, {"messages": "1"})
        assert await saver.aget_tuple(config("t")) is not None
        before = proxy.round_trips
        found = await saver.aget_tuple(config("t"))
        assert proxy.round_trips - before == 1
        assert found is not None
        assert found.checkpoint["channel_values"] == values


async def test_each_call_of_a_graph_step_takes_one_round_trip(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemySaver(proxy.url, pool_size=1) as saver:
        for number in ("1", "2", "3"):  # the first makes the namespace, the second may prepare statements
            before = proxy.round_trips
            made = checkpoint({"messages": ["x" * 100] * int(number)}, {"messages": number})
            await saver.aput(config("t"), made, {}, {"messages": number})
            await saver.aput_writes(config("t", checkpoint_id=made["id"]), [("messages", number)], "task")
        assert proxy.round_trips - before == 2


@pytest.mark.parametrize("cut", ["before the request", "before the answer"])
async def test_a_write_whose_connection_is_cut_is_stored_once(server_url: str, cut: Cut) -> None:
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=2) as store:
        await prepare(store)
        for turn in range(3):
            proxy.cut = cut
            message = await store.add_message("t", "user", f"turn {turn}")
            assert message["index"] == 3 + turn
        proxy.cut = cut
        several = await store.add_messages("t", [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}])
        proxy.cut = cut
        rating = await store.add_feedback("t", "ada", "agent", rating=1)
        assert proxy.cuts == 5
        history = await store.get_messages("t")
        assert [message["index"] for message in history] == list(range(8))
        assert history[-2:] == several
        assert await store.get_feedback() == [rating]
        thread = await store.get_thread("t")
        assert thread is not None
        assert thread["message_count"] == 8


async def test_a_large_write_whose_answer_is_lost_is_not_taken_for_too_large(server_url: str) -> None:
    content = "x" * 9_000_000  # of the 16 MiB that MariaDB takes
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=2) as store:
        await prepare(store)
        proxy.cut = "before the answer"
        message = await store.add_message("t", "user", content)
        assert (proxy.cuts, message["index"]) == (1, 3)
        assert [one["content"] for one in await store.get_messages("t", last=1)] == [content]


HOLDING = {
    "postgresql": ["LOCK TABLE agentomatic_feedback IN EXCLUSIVE MODE"],
    "mysql": [
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SELECT id FROM agentomatic_feedback WHERE id > 0 FOR UPDATE",
    ],
}


async def test_a_write_that_the_server_still_does_when_its_connection_is_lost_is_stored_once(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=2) as store:
        await prepare(store)
        await store.add_feedback("t", "ada", "agent", rating=1)
        other = SQLAlchemyStore(server_url).engine
        async with other.connect() as connection:
            for statement in HOLDING["mysql" if connection.dialect.name == "mariadb" else connection.dialect.name]:
                await connection.exec_driver_sql(statement)
            before = proxy.round_trips
            adding = asyncio.create_task(store.add_feedback("t", "ada", "agent", rating=2))
            while proxy.round_trips == before:
                await asyncio.sleep(0.01)
            proxy.sever()
            after = proxy.round_trips
            while proxy.round_trips < after + 5:  # it connects again, and looks
                await asyncio.sleep(0.01)
            await connection.rollback()
        rating = await adding
        assert [one["rating"] for one in await store.get_feedback()] == [2, 1]
        assert (await store.get_feedback(limit=1)) == [rating]
        await other.dispose()


async def test_a_claim_whose_answer_is_lost_is_repeated_or_unknown(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemyStore(proxy.url, pool_size=2) as store:
        for _ in range(2):  # the first time, a driver may prepare the statements
            await prepare(store)
            await store.claim_suspended_state("approval")
        await prepare(store)
        proxy.spared, proxy.cut = 1, "before the request"  # the state still waits, and is claimed after all
        claimed = await store.claim_suspended_state("approval")
        assert (claimed is not None, proxy.cuts) == (True, 1)
        for _ in range(2):
            await prepare(store)
            await store.claim_suspended_state("approval")
        await prepare(store)
        proxy.spared, proxy.cut = 1, "before the answer"  # it is gone, and nobody can say who took it
        with pytest.raises(OutcomeUnknown):
            await store.claim_suspended_state("approval")
        assert await store.get_suspended_state("approval") is None


async def test_of_messages_that_go_together_the_one_without_a_thread_fails_alone(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        await store.create_thread("t", "ada", "agent")
        writes = [store.add_message("t" if n % 3 else "nowhere", "user", str(n)) for n in range(30)]
        results = await asyncio.gather(*writes, return_exceptions=True)
        assert all(isinstance(result, dict if n % 3 else ThreadNotFound) for n, result in enumerate(results))
        history = await store.get_messages("t")
        assert [message["content"] for message in history] == [str(n) for n in range(30) if n % 3]
        assert [message for message in results if isinstance(message, dict)] == history


async def test_messages_that_wait_share_a_transaction(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        for name in "abc":
            await store.create_thread(name, "ada", "agent")
        commits = 0
        statements: list[str] = []

        def count(*_connection: Any) -> None:
            nonlocal commits
            commits += 1

        def remember(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            statements.append(statement)

        event.listen(store.engine.sync_engine, "commit", count)
        event.listen(store.engine.sync_engine, "before_cursor_execute", remember)
        await asyncio.gather(*(store.add_message("abc"[n % 3], "user", str(n)) for n in range(60)))
        at_once = 1 if database_url.startswith("sqlite") else 3 if is_citus(database_url) else 2
        assert commits == 2 * at_once  # the first at once, and then all that had come meanwhile
        counted = [statement for statement in statements if "UPDATE agentomatic_threads" in statement]
        assert len(counted) <= at_once + 3  # each thread once


async def test_a_caller_that_goes_away_does_not_take_the_others_messages_along(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        await store.create_thread("t", "ada", "agent")
        writes = [asyncio.create_task(store.add_message("t", "user", str(n))) for n in range(20)]
        await asyncio.sleep(0)  # they are all on their way, or wait
        for write in writes[5:10]:
            write.cancel()
        results = await asyncio.gather(*writes, return_exceptions=True)
        stored = [result["index"] for result in results if isinstance(result, dict)]
        assert len(stored) == 15
        history = await store.get_messages("t")
        assert [message["index"] for message in history] == list(range(len(history)))
        assert set(stored) <= set(range(len(history)))


@pytest.mark.parametrize("together", [True, False])
async def test_without_batches_each_message_has_a_commit_of_its_own(database_url: str, together: bool) -> None:
    async with SQLAlchemyStore(database_url, batch_writes=together) as store:
        await store.create_thread("t", "ada", "agent")
        commits = 0

        def count(*_connection: Any) -> None:
            nonlocal commits
            commits += 1

        event.listen(store.engine.sync_engine, "commit", count)
        event.listen(store.engine.sync_engine, "before_cursor_execute", lambda *_: None)
        await asyncio.gather(*(store.add_message("t", "user", str(n)) for n in range(12)))
        assert commits == (2 if together else 12)
        assert [message["index"] for message in await store.get_messages("t")] == list(range(12))


@pytest.mark.parametrize("echo", [True, "debug"], ids=["with listeners", "through SQLAlchemy"])
async def test_sqlalchemys_calls_and_the_drivers_return_the_same(database_url: str, echo: Any) -> None:
    async with SQLAlchemyStore(database_url) as direct, SQLAlchemyStore(database_url, echo=echo) as plain:
        await direct.create_thread("t", "ada", "agent", title="\x00", metadata={"n": 2**70, "s": "\ud800"})
        assert await plain.create_thread("t", "ada", "agent") == await direct.get_thread("t")
        for number, store in enumerate((direct, plain, direct, plain)):
            messages = [{"role": "user", "content": f"{number}\x00\udfff'%s:x"} for _ in range(3)]
            added = await store.add_messages("t", messages, idempotency_key=f"k{number}")
            assert added == await direct.get_messages("t", last=3)
            await store.add_message("t", "user", "one", metadata={"k": [None, 1.5]})
            await store.add_feedback("t", "ada", "agent", comment="\x1a%", rating=number + 1)
        assert len(await direct.get_messages("t")) == 16
        for name in (
            "get_thread",
            "get_messages",
            "get_messages, the last",
            "list_threads",
            "get_feedback",
            "get_stats",
        ):
            assert await CALLS[name](direct) == await CALLS[name](plain), name
