"""A write whose answer is lost, while somebody else acts: nobody's act is undone, and nothing is done twice.

The server has committed the write, its answer is lost, and the next connection waits until somebody else has acted. Or
the request itself is late: it reaches the server only after its writer has been told what became of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import pytest
from sqlalchemy import insert, select, update

from agentomatic_sql import OutcomeUnknown, SQLAlchemyStore, StoreError, ThreadNotFound, inputs
from agentomatic_sql.entities import appends, feedback
from agentomatic_sql.entities.appends import Append
from agentomatic_sql.operations import Kind, Operation
from agentomatic_sql.statements import Fenced
from agentomatic_sql.tables import FEEDBACK, THREADS
from tests.support.citus import not_on_citus
from tests.support.databases import chosen
from tests.support.wire import Cut, Wire, wire

STATE = ("approval", "t", "agent", "node")
LATE: Cut = "and deliver late"


class Two(NamedTuple):
    """A store whose connection can be cut, and somebody else's, in another process as far as anyone can tell."""

    proxy: Wire
    store: SQLAlchemyStore
    other: SQLAlchemyStore
    commit_requests: int = 0
    """How many requests a write's COMMIT is: 0 if it goes in the packet of the last statement."""


@pytest.fixture
async def two(server_url: str) -> AsyncIterator[Two]:
    """Two stores on an empty database, with the thread `t` of Ada, and every statement prepared."""
    async with AsyncExitStack() as stack:
        proxy = await stack.enter_async_context(wire(server_url))
        store = await stack.enter_async_context(SQLAlchemyStore(proxy.url, pool_size=1, max_overflow=0))
        other = await stack.enter_async_context(SQLAlchemyStore(server_url))
        for _ in range(2):
            await prepare(store)
        await store.create_thread("t", "ada", "agent", title="first")
        yield Two(proxy, store, other)


async def prepare(store: SQLAlchemyStore) -> None:
    """Make the calls of the tests once, so that each of their requests is a statement and nothing else."""
    for thread_id in ("warm", "warm too"):
        await store.create_thread(thread_id, "ada", "agent")
    await asyncio.gather(*(store.add_message(thread_id, "user", "hello") for thread_id in ("warm", "warm", "warm too")))
    await store.update_thread("warm", title="title")
    await store.save_suspended_state("warm", "warm", "agent", "node", {})
    await store.claim_suspended_state("warm")
    await store.save_checkpoint("warm", "", "c", None, {}, {})
    await store.add_feedback("warm", "ada", "agent", rating=1)
    await store.fork_thread("warm", 0, "warm fork")
    for thread_id in ("warm", "warm too", "warm fork"):
        await store.delete_thread(thread_id)


async def lost(
    two: Two,
    call: Callable[[], Awaitable[Any]],
    meanwhile: Callable[[], Awaitable[Any]],
    *,
    cut: Cut = "before the answer",
    spared: int = 0,
    writes: int = 0,
) -> Any:
    """Make a call whose commit's answer is lost, and let somebody else act before it can connect again.

    `spared` is how many requests the write makes before the one that commits, `writes` how many whole writes come
    before it. Returns what the call returned, or the `StoreError` that it raised.
    """
    proxy = two.proxy
    proxy.accepting.clear()
    proxy.was_cut.clear()
    proxy.cut, proxy.spared = cut, spared + writes + (writes + 1) * two.commit_requests
    calling, cutting = asyncio.ensure_future(call()), asyncio.ensure_future(proxy.was_cut.wait())
    await asyncio.wait({calling, cutting}, return_when=asyncio.FIRST_COMPLETED)
    assert cutting.done(), "the call has ended without the request that was to be cut"
    await meanwhile()
    proxy.accepting.set()
    try:
        return await calling
    except StoreError as error:
        return error


async def nothing() -> None:
    """Nobody acts."""


async def recreated(two: Two) -> None:
    """Somebody deletes the thread, and another user creates one with its id."""
    await two.other.delete_thread("t")
    await two.other.create_thread("t", "eve", "agent")


async def contents(two: Two, thread_id: str = "t") -> list[str]:
    return [message["content"] for message in await two.other.get_messages(thread_id)]


async def test_a_state_that_was_claimed_is_not_saved_again(two: Two) -> None:
    claimed: list[Any] = []

    async def claim() -> None:
        claimed.append(await two.other.claim_suspended_state("approval"))

    result = await lost(two, lambda: two.store.save_suspended_state(*STATE, {"amount": 20}), claim)
    assert claimed[0]["state_snapshot"] == {"amount": 20}
    assert isinstance(result, OutcomeUnknown)
    assert await two.other.claim_suspended_state("approval") is None


async def test_a_state_that_nobody_claimed_is_found(two: Two) -> None:
    result = await lost(two, lambda: two.store.save_suspended_state(*STATE, {"amount": 20}), nothing)
    assert result == await two.other.claim_suspended_state("approval")


@pytest.mark.parametrize("cut", ["before the request", "before the answer"])
async def test_a_state_that_was_saved_anew_still_waits(two: Two, cut: Cut) -> None:
    await two.store.save_suspended_state(*STATE, {"amount": 20})
    result = await lost(
        two,
        lambda: two.store.claim_suspended_state("approval"),
        lambda: two.other.save_suspended_state(*STATE, {"amount": 9999}),
        cut=cut,
        spared=1,
    )
    assert isinstance(result, OutcomeUnknown)
    left = await two.other.get_suspended_state("approval")
    assert left is not None
    assert left["state_snapshot"] == {"amount": 9999}


async def test_a_state_that_is_saved_anew_before_a_lost_claim_is_repeated_still_waits(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two.store.save_suspended_state(*STATE, {"amount": 20})
    run = two.store._database.run_in

    async def saved_after_the_look(*call: Any) -> Any:
        result = await run(*call)
        if isinstance(result, Fenced):
            await two.other.save_suspended_state(*STATE, {"amount": 9999})
        return result

    monkeypatch.setattr(two.store._database, "run_in", saved_after_the_look)
    result = await lost(
        two, lambda: two.store.claim_suspended_state("approval"), nothing, cut="before the request", spared=1
    )
    assert isinstance(result, OutcomeUnknown)
    left = await two.other.get_suspended_state("approval")
    assert left is not None
    assert left["state_snapshot"] == {"amount": 9999}


async def test_a_thread_that_was_created_again_is_not_deleted(two: Two) -> None:
    async def create() -> None:
        await two.other.create_thread("t", "eve", "agent")
        await two.other.add_message("t", "user", "hers")

    dialect = two.store._database.dialect
    together = dialect.changes_several_tables or dialect.one_request
    requests = 9 if dialect.sharded else 0 if together else 1  # before the one that commits
    result = await lost(two, lambda: two.store.delete_thread("t"), create, spared=requests)
    assert isinstance(result, OutcomeUnknown)
    assert await contents(two) == ["hers"]


async def test_a_deletion_that_never_arrived_is_repeated(two: Two) -> None:
    assert await lost(two, lambda: two.store.delete_thread("t"), nothing, cut="before the request") is True
    assert await two.other.get_thread("t") is None


async def test_a_deleted_thread_is_not_created_again(two: Two) -> None:
    deleted: list[bool] = []

    async def delete() -> None:
        deleted.append(await two.other.delete_thread("new"))

    result = await lost(two, lambda: two.store.create_thread("new", "ada", "agent"), delete)
    assert deleted == [True]
    assert isinstance(result, OutcomeUnknown)
    assert await two.other.get_thread("new") is None


async def test_a_thread_that_is_deleted_while_it_is_created_stays_deleted(two: Two) -> None:
    for _ in range(20):
        creating = asyncio.create_task(two.store.create_thread("new", "ada", "agent"))
        while not await two.other.delete_thread("new"):
            await asyncio.sleep(0)
        assert (await creating)["id"] == "new"
        assert await two.other.get_thread("new") is None


async def test_a_thread_that_was_created_is_found(two: Two) -> None:
    result = await lost(two, lambda: two.store.create_thread("new", "ada", "agent"), nothing)
    assert result == await two.other.get_thread("new")
    assert (await two.store.add_message("new", "user", "hello"))["index"] == 0


async def test_a_later_title_is_not_overwritten(two: Two) -> None:
    seen: list[Any] = []

    async def update() -> None:
        seen.append(await two.other.get_thread("t"))
        await two.other.update_thread("t", title="new")

    result = await lost(two, lambda: two.store.update_thread("t", title="old"), update)
    assert seen[0]["title"] == "old"
    assert isinstance(result, OutcomeUnknown)
    thread = await two.other.get_thread("t")
    assert thread is not None
    assert thread["title"] == "new"


@pytest.mark.parametrize("cut", ["before the request", "before the answer"])
async def test_an_update_that_nobody_followed_is_done(two: Two, cut: Cut) -> None:
    result = await lost(two, lambda: two.store.update_thread("t", title="old"), nothing, cut=cut)
    assert result == await two.other.get_thread("t")
    assert result["title"] == "old"


async def test_an_update_that_never_arrived_does_not_overwrite_anothers(two: Two) -> None:
    result = await lost(
        two,
        lambda: two.store.update_thread("t", title="old"),
        lambda: two.other.update_thread("t", title="new"),
        cut="before the request",
    )
    assert isinstance(result, OutcomeUnknown)
    thread = await two.other.get_thread("t")
    assert thread is not None
    assert thread["title"] == "new"


@pytest.mark.parametrize("cut", ["before the request", "before the answer"])
async def test_a_checkpoint_does_not_stay_behind_a_deleted_thread(two: Two, cut: Cut) -> None:
    result = await lost(
        two, lambda: two.store.save_checkpoint("t", "", "c", None, {"x": 1}, {}), lambda: recreated(two), cut=cut
    )
    assert isinstance(result, OutcomeUnknown)
    assert await two.other.list_checkpoints("t", "") == []


@pytest.mark.parametrize("cut", ["before the request", "before the answer"])
async def test_a_checkpoint_is_saved_once(two: Two, cut: Cut) -> None:
    saving = await lost(two, lambda: two.store.save_checkpoint("t", "", "c", None, {"x": 1}, {}), nothing, cut=cut)
    assert saving is None
    assert [one["checkpoint"] for one in await two.other.list_checkpoints("t", "")] == [{"x": 1}]


@pytest.mark.parametrize("cut", ["before the request", "before the answer", LATE])
async def test_a_checkpoint_that_somebody_replaced_is_not_saved_again(two: Two, cut: Cut) -> None:
    await two.store.save_checkpoint("t", "", "c", None, {"x": "first"}, {})
    result = await lost(
        two,
        lambda: two.store.save_checkpoint("t", "", "c", None, {"x": "old"}, {}),
        lambda: two.other.save_checkpoint("t", "", "c", None, {"x": "new"}, {}),
        cut=cut,
    )
    if cut == LATE:
        await arrival(two)
    assert isinstance(result, OutcomeUnknown)
    assert [one["checkpoint"] for one in await two.other.list_checkpoints("t", "")] == [{"x": "new"}]


@pytest.mark.parametrize("cut", ["before the request", "before the answer"])
async def test_feedback_does_not_stay_behind_a_deleted_thread(two: Two, cut: Cut) -> None:
    result = await lost(
        two, lambda: two.store.add_feedback("t", "ada", "agent", rating=5), lambda: recreated(two), cut=cut
    )
    assert isinstance(result, OutcomeUnknown)
    assert await two.other.get_feedback() == []


OWN_TIMES: list[dict[str, Any]] = [{}, {"created_at": "2021-01-01T00:00:00+00:00"}]
"""What a message has in addition: nothing, or a time of its own."""


@pytest.mark.parametrize("cut", ["before the request", "before the answer"])
@pytest.mark.parametrize("together", [1, 3])
@pytest.mark.parametrize("own_time", OWN_TIMES)
async def test_a_message_does_not_land_in_another_users_thread(
    two: Two, cut: Cut, together: int, own_time: dict[str, Any]
) -> None:
    sent = [{"role": "user", "content": "ada's", **own_time}] * together
    result = await lost(two, lambda: two.store.add_messages("t", sent), lambda: recreated(two), cut=cut)
    assert isinstance(result, (OutcomeUnknown, ThreadNotFound))
    assert await contents(two) == []


async def test_a_message_to_a_deleted_thread_is_not_stored_later(two: Two) -> None:
    result = await lost(
        two, lambda: two.store.add_message("t", "user", "x"), lambda: two.other.delete_thread("t"), cut=LATE
    )
    assert isinstance(result, (OutcomeUnknown, ThreadNotFound))
    await two.other.create_thread("t", "eve", "agent")
    await arrival(two)
    assert await contents(two) == []


@pytest.mark.parametrize("cut", ["before the request", "before the answer"])
async def test_a_fork_that_was_deleted_is_not_made_again(two: Two, cut: Cut) -> None:
    await two.store.add_message("t", "user", "hello")
    result = await lost(
        two,
        lambda: two.store.fork_thread("t", 0, "fork"),
        lambda: two.other.delete_thread("fork"),
        cut=cut,
    )
    assert isinstance(result, OutcomeUnknown)
    assert await two.other.get_thread("fork") is None


async def arrival(two: Two) -> None:
    """Let the late request arrive, and wait until the server has answered it."""
    two.proxy.deliver.set()
    await two.proxy.delivered.wait()


@pytest.mark.parametrize("together", [1, 3])
@pytest.mark.parametrize("key", [None, "key"])
@pytest.mark.parametrize("own_time", OWN_TIMES)
async def test_a_late_append_is_stored_once(two: Two, together: int, key: str | None, own_time: dict[str, Any]) -> None:
    sent = [{"role": "user", "content": f"{number}", **own_time} for number in range(together)]
    stored = await lost(two, lambda: two.store.add_messages("t", sent, idempotency_key=key), nothing, cut=LATE)
    await arrival(two)
    assert await two.other.get_messages("t") == stored
    assert await contents(two) == [message["content"] for message in sent]
    thread = await two.other.get_thread("t")
    assert thread is not None
    assert thread["message_count"] == together
    assert (await two.other.add_message("t", "user", "next"))["index"] == together


async def test_a_late_batch_of_several_threads_is_stored_once(two: Two) -> None:
    names = [f"t{number}" for number in range(5)]
    for name in names:
        await two.store.create_thread(name, "ada", "agent")

    async def write() -> list[Any]:
        first = asyncio.create_task(two.store.add_message("t", "user", "first"))
        rest = asyncio.gather(*(two.store.add_message(name, "user", name) for name in names))
        return [await first, *(await rest)]

    stored = await lost(two, write, nothing, cut=LATE, writes=1)
    await arrival(two)
    assert len(stored) == 6
    assert [await contents(two, name) for name in ("t", *names)] == [["first"], *([name] for name in names)]


@pytest.mark.parametrize("again", [True, False])
async def test_a_message_of_a_batch_does_not_land_in_another_users_thread(two: Two, again: bool) -> None:
    not_on_citus(two.proxy.url, "a batch has one thread")
    names = [f"t{number}" for number in range(5)]
    for name in names:
        await two.store.create_thread(name, "ada", "agent")

    async def write() -> list[Any]:
        first = asyncio.create_task(two.store.add_message("t", "user", "first"))
        rest = (two.store.add_message(name, "user", "ada's") for name in names)
        together = asyncio.gather(*rest, return_exceptions=True)
        return [await first, *(await together)]

    async def recreate() -> None:
        await two.other.delete_thread("t2")
        if again:
            await two.other.create_thread("t2", "eve", "agent")

    stored = await lost(two, write, recreate, writes=1)
    assert [isinstance(one, OutcomeUnknown) for one in stored] == [False, False, False, True, False, False]
    assert [await contents(two, name) for name in names] == [["ada's"]] * 2 + [[]] + [["ada's"]] * 2


async def test_an_append_for_an_earlier_thread_does_not_join_a_batch_for_the_new_one(two: Two) -> None:
    epochs = [2 << 20, 1 << 20]
    database, context = two.store._database, two.store._context
    async with two.store.engine.begin() as connection:
        await connection.execute(update(THREADS).values(epoch=epochs[1]))
    items = [
        Append.of("t", [inputs.message("user", content, None)], inputs.now())._replace(epoch=epoch)
        for content, epoch in zip(("for the earlier one", "for this one"), epochs, strict=True)
    ]
    call: Operation[Any, Any] = Operation(appends.add.function, appends.add.kind, appends.add.find)
    earlier, this = await database.run(call, context, items)
    assert earlier is None
    assert (this.first, len(this.ids)) == (0, 1)
    assert await contents(two) == ["for this one"]


async def test_an_update_that_comes_late_after_somebody_elses_overwrites_nothing(two: Two) -> None:
    result = await lost(
        two,
        lambda: two.store.update_thread("t", title="old"),
        lambda: two.other.update_thread("t", title="new"),
        cut=LATE,
    )
    assert isinstance(result, OutcomeUnknown)
    await arrival(two)
    thread = await two.other.get_thread("t")
    assert thread is not None
    assert thread["title"] == "new"


async def test_a_late_update_overwrites_nothing(two: Two) -> None:
    assert (await lost(two, lambda: two.store.update_thread("t", title="old"), nothing, cut=LATE))["title"] == "old"
    await two.other.update_thread("t", title="new")
    await arrival(two)
    thread = await two.other.get_thread("t")
    assert thread is not None
    assert thread["title"] == "new"


async def test_a_late_deletion_deletes_nothing(two: Two) -> None:
    assert await lost(two, lambda: two.store.delete_thread("t"), nothing, cut=LATE) is True
    await two.other.create_thread("t", "eve", "agent")
    await two.other.add_message("t", "user", "hers")
    await arrival(two)
    assert await contents(two) == ["hers"]


async def test_a_late_claim_takes_nothing(two: Two) -> None:
    await two.store.save_suspended_state(*STATE, {"amount": 20})
    claimed = await lost(two, lambda: two.store.claim_suspended_state("approval"), nothing, cut=LATE, spared=1)
    assert claimed["state_snapshot"] == {"amount": 20}
    await two.other.save_suspended_state(*STATE, {"amount": 9999})
    await arrival(two)
    assert await two.other.get_suspended_state("approval") is not None


async def test_late_feedback_is_stored_once(two: Two) -> None:
    rating = await lost(two, lambda: two.store.add_feedback("t", "ada", "agent", rating=5), nothing, cut=LATE)
    await arrival(two)
    assert await two.other.get_feedback() == [rating]


async def test_a_late_checkpoint_replaces_nothing(two: Two) -> None:
    await lost(two, lambda: two.store.save_checkpoint("t", "", "c", None, {"x": "old"}, {}), nothing, cut=LATE)
    await two.other.save_checkpoint("t", "", "c", None, {"x": "new"}, {})
    await arrival(two)
    assert [one["checkpoint"] for one in await two.other.list_checkpoints("t", "")] == [{"x": "new"}]


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.mark.parametrize("new_server_url", chosen(("postgresql",)), indirect=True)
async def test_a_servers_default_isolation_does_not_hide_what_was_stored(new_server_url: str) -> None:
    """Under REPEATABLE READ, a look would see the moment before it waited for the write."""
    async with SQLAlchemyStore(new_server_url) as other:
        thread = await other.create_thread("t", "ada", "agent")
        known = other._knowledge.get("t")
        assert known is not None
        name = other.engine.url.database
        async with other.engine.begin() as connection:
            await connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_isolation = serializable")
        row = inputs.feedback(
            "t", "ada", "agent", rating=5, comment=None, message_id=None, feedback_type="thumbs", query="", response="",
            correction=None,
        )  # fmt: skip
        look = Operation[Any, Any](feedback.find, Kind.FIND)
        async with SQLAlchemyStore(new_server_url) as store, other.engine.begin() as connection:
            await connection.execute(insert(FEEDBACK).values(row))
            await connection.execute(select(THREADS.c.id).where(THREADS.c.id == thread["id"]).with_for_update())
            looking = asyncio.create_task(store._database.run(look, store._context, row, None, known.epoch))
            while not (await connection.exec_driver_sql(WAITING)).scalar_one():
                await asyncio.sleep(0.01)
            await connection.commit()
            assert (await looking)["rating"] == 5
