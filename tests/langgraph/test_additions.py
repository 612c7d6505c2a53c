"""Several graphs add at the same time: on PostgreSQL in one statement, everywhere as if each were alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from sqlalchemy import select

from agentomatic_sql import ThreadNotFound
from agentomatic_sql.graphs import additions, rows
from agentomatic_sql.graphs.format import Piece, pack_segments
from agentomatic_sql.graphs.rows import Namespace, Run, of_thread
from agentomatic_sql.graphs.targets import Addition
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_NAMESPACES
from tests.support.checkpoints import LONG, config, grow, latest, listed, put
from tests.support.wire import wire

THREADS = [f"t{number}" for number in range(16)]


@pytest.fixture
async def saver(database_url: str) -> AsyncIterator[SQLAlchemySaver]:
    async with SQLAlchemySaver(database_url) as made:
        yield made


async def begin(saver: SQLAlchemySaver, threads: list[str]) -> list[RunnableConfig]:
    """Each thread with two checkpoints of one message each."""
    return [(await grow(saver, config(thread), [f"first of {thread}", LONG]))[-1] for thread in threads]


def messages(found: CheckpointTuple) -> Any:
    return found.checkpoint["channel_values"]["messages"]


async def test_additions_in_one_batch_are_stored_as_if_alone(saver: SQLAlchemySaver) -> None:
    ends = await begin(saver, THREADS)
    odd = "\x00\ud800 % \\ ' \" {} "
    grown = [grow(saver, end, [odd + thread, LONG + thread]) for thread, end in zip(THREADS, ends, strict=True)]
    written = [saver.aput_writes(end, [("m", odd), ("n", [number])], "task") for number, end in enumerate(ends)]
    made, _ = await asyncio.gather(asyncio.gather(*grown), asyncio.gather(*written))
    reader = SQLAlchemySaver(saver.store)  # knows nothing yet
    for number, (thread, end) in enumerate(zip(THREADS, ends, strict=True)):
        found = await latest(reader, config(thread))
        assert messages(found) == [f"first of {thread}", LONG, odd + thread, LONG + thread]
        assert found.config == made[number][-1]
        assert (await latest(reader, end)).pending_writes == [("task", "m", odd), ("task", "n", [number])]


async def test_additions_that_arrive_during_another_share_a_statement(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemySaver(proxy.url, pool_size=1, max_overflow=0) as saver:
        ends = await begin(saver, THREADS)
        dialect = saver._database.dialect
        together = dialect.writable_ctes and not dialect.sharded
        for _ in range(2):  # the first time, the driver prepares the statement
            before = proxy.round_trips
            ends = await asyncio.gather(*(put(saver, end, {"n": number}) for number, end in enumerate(ends)))
        assert proxy.round_trips - before == (2 if together else len(THREADS))  # the first goes alone
        assert [len(await listed(saver, config(thread))) for thread in THREADS] == [4] * len(THREADS)


async def test_a_namespace_that_is_held_holds_up_no_other(server_url: str) -> None:
    async with SQLAlchemySaver(server_url) as saver:
        ends = await begin(saver, ["held", "a", "b"])
        held = select(GRAPH_NAMESPACES).where(of_thread("held"))
        async with saver.store.engine.begin() as connection:
            await connection.execute(held.with_for_update())
            waiting = [asyncio.ensure_future(put(saver, ends[0], {"n": 0})) for _ in range(3)]
            async with asyncio.timeout(60):
                for number in range(3):
                    await asyncio.gather(*(put(saver, end, {"n": number}) for end in ends[1:]))
            assert not any(task.done() for task in waiting)
        await asyncio.gather(*waiting)
        assert [len(await listed(saver, config(thread))) for thread in ("held", "a", "b")] == [5] * 3


@pytest.mark.parametrize("runs", [0, 1, 2, 3, 5])
@pytest.mark.parametrize("written", [0, 1, 2, 5])
@pytest.mark.parametrize("fitting", [True, False])
async def test_a_batch_for_one_namespace_stores_what_fits(
    saver: SQLAlchemySaver, runs: int, written: int, fitting: bool
) -> None:
    """Whatever the number of rows, and so the form of the statement: a checkpoint on another epoch is left out."""
    database = saver.store._database

    async def add(batch: list[Addition]) -> list[Any]:
        if not database.dialect.writable_ctes:
            return [await database.run(additions.add_alone, database.context, each) for each in batch]
        run: Any = database._transactions.run  # past the batches, which take one addition
        return list(await run(additions.add, database.context, batch))

    made = Addition(Namespace("t", ""), 7, checkpoints=[saved("a")])
    here = await database.run(additions.add_alone, database.context, made)
    assert here == made.created
    known = here if fitting else here._replace(epoch=8)
    writes = [Addition(known, 100 + number, writes=[("b", b"%d" % number)]) for number in range(written)]
    segments = [Run(number, 0, b"run") for number in range(runs)]
    row = {**saved("b"), "segments": pack_segments(Piece(number, 0) for number in range(runs))}
    batch = [*writes[:1], Addition(known, 9, checkpoints=[row], runs=segments), *writes[1:]]
    after = known._replace(epoch=9) if fitting else None
    assert await add(batch) == [after if each.checkpoints else known for each in batch]
    found = await database.run(rows.get, database.context, here, "b")
    assert (found is not None) is fitting
    stored = await database.run(rows.writes, database.context, here, ["b"])
    assert [(each.sequence, each.token, each.body) for each in stored.get("b", [])] == [
        (number + 1, 100 + number, b"%d" % number) for number in range(written)
    ]
    if found is not None:
        assert (found.namespace.epoch, sorted(found.runs)) == (9, segments)


async def test_a_checkpoint_with_its_writes_is_stored_as_a_whole_or_not_at_all(saver: SQLAlchemySaver) -> None:
    database = saver.store._database
    made = Addition(Namespace("t", ""), 7, checkpoints=[saved("a")])
    here = await database.run(additions.add_alone, database.context, made)
    assert isinstance(here, Namespace)
    both = Addition(here, 9, checkpoints=[saved("b")], runs=[Run(1, 0, b"run")], writes=[("b", b"write")])
    stale = both._replace(place=here._replace(epoch=8))
    assert await database.run(additions.add_alone, database.context, stale) is None
    assert await database.run(rows.writes, database.context, here, ["b"]) == {}
    assert await database.run(additions.add_alone, database.context, both) == here._replace(epoch=9)
    assert await database.run(rows.get, database.context, here, "b") is not None
    assert len((await database.run(rows.writes, database.context, here, ["b"]))["b"]) == 1


def saved(checkpoint_id: str) -> dict[str, Any]:
    """A row of a checkpoint without long values."""
    row: dict[str, Any] = {"checkpoint_id": checkpoint_id, "parent_checkpoint_id": None, "run_digest": None}
    return {**row, "segments": "[]", "body": b"body", "created_at": datetime.now(UTC)}


async def test_two_savers_on_the_same_checkpoints_both_store_theirs(saver: SQLAlchemySaver) -> None:
    """Each takes the next place of the same list, which only one can have; a batch with the other fails as a whole."""
    ends = await begin(saver, THREADS)
    other = SQLAlchemySaver(saver.store)
    for end in ends:
        await latest(other, end)
    both = [grow(one, end, [f"{name} {LONG}"]) for end in ends for name, one in (("one", saver), ("other", other))]
    made = await asyncio.gather(*both)
    for number, (thread, mine, others) in enumerate(zip(THREADS, made[::2], made[1::2], strict=True)):
        for name, (where,) in (("one", mine), ("other", others)):
            assert messages(await latest(SQLAlchemySaver(saver.store), where)) == [
                f"first of {thread}",
                LONG,
                f"{name} {LONG}",
            ], number


async def test_a_deleted_thread_does_not_affect_others_in_its_batch(saver: SQLAlchemySaver) -> None:
    ends = await begin(saver, THREADS)
    other = SQLAlchemySaver(saver.store)
    for thread in THREADS[::2]:
        await other.adelete_thread(thread)
    lists = [[f"first of {thread}", LONG, thread] for thread in THREADS]
    puts = [put(saver, end, {"messages": values}, {"messages": "9"}) for end, values in zip(ends, lists, strict=True)]
    made = await asyncio.gather(*puts, return_exceptions=True)
    for number, (thread, where) in enumerate(zip(THREADS, made, strict=True)):
        if number % 2:
            assert not isinstance(where, BaseException)
            assert messages(await latest(SQLAlchemySaver(saver.store), where)) == lists[number]
        else:
            assert isinstance(where, ThreadNotFound)
        assert len(await listed(saver, config(thread))) == (3 if number % 2 else 0)


async def test_a_caller_that_goes_away_takes_no_other_along(saver: SQLAlchemySaver) -> None:
    ends = await begin(saver, THREADS)
    calls = [asyncio.create_task(put(saver, end, {"n": number})) for number, end in enumerate(ends)]
    await asyncio.sleep(0)  # they are all on their way, or wait
    for call in calls[3:6]:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    for number, thread in enumerate(THREADS):
        found = await latest(SQLAlchemySaver(saver.store), config(thread))
        if number not in range(3, 6):
            assert found.checkpoint["channel_values"]["n"] == number
    again = await asyncio.gather(*(put(saver, end, {"n": "again"}) for end in ends))
    assert [(await latest(saver, where)).checkpoint["channel_values"]["n"] for where in again] == ["again"] * 16


async def test_without_batches_each_call_is_a_statement_of_its_own(server_url: str) -> None:
    async with (
        wire(server_url) as proxy,
        SQLAlchemySaver(proxy.url, pool_size=1, max_overflow=0, batch_writes=False) as saver,
    ):
        ends = await begin(saver, THREADS)
        for _ in range(2):
            before = proxy.round_trips
            ends = await asyncio.gather(*(put(saver, end, {"n": number}) for number, end in enumerate(ends)))
        assert proxy.round_trips - before >= len(THREADS)
