"""Rows of writes: those of which nothing is left go, and nothing else does."""

from __future__ import annotations

import asyncio
import random
from typing import Any, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.serde.types import ERROR, INTERRUPT, RESUME
from langgraph.graph import START, StateGraph

from agentomatic_sql.graphs.cache import SUPERSEDED
from agentomatic_sql.graphs.codec import Codec
from agentomatic_sql.graphs.rows import Namespace, Written
from agentomatic_sql.graphs.writes import merge, pack
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_WRITES
from tests.support.checkpoints import config, count, latest, put, writes_of

BOUND = SUPERSEDED + 2  # what may be left behind, what is pending, what is being added


class State(TypedDict):
    x: int


@pytest.mark.parametrize("fresh", [False, True], ids=["one saver", "a saver a run"])
async def test_a_task_that_fails_again_and_again_leaves_few_rows(saver: SQLAlchemySaver, fresh: bool) -> None:
    runs = 0

    def fail(state: State) -> State:
        raise ValueError(f"run {runs}")

    builder = StateGraph(State).add_node("fail", fail).add_edge(START, "fail")
    most = 0
    for runs in range(3 * SUPERSEDED):
        graph = builder.compile(checkpointer=SQLAlchemySaver(saver.store) if fresh else saver)
        with pytest.raises(ValueError, match=f"run {runs}"):
            await graph.ainvoke(None if runs else {"x": 1}, config())
        most = max(most, await count(saver.store, GRAPH_WRITES))
    assert SUPERSEDED < most <= BOUND + 1  # the input's writes are a row too
    ((_task, channel, error),) = await writes_of(SQLAlchemySaver(saver.store), config())
    assert (channel, error) == (ERROR, f"ValueError('run {runs}')")


async def test_many_tasks_each_keep_their_row(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": 1})
    tasks = [f"task {number:03}" for number in range(3 * SUPERSEDED)]
    for task in tasks:
        await saver.aput_writes(where, [("x", task)], task)
        assert len(await writes_of(saver, where)) <= len(tasks)
    assert [write[0] for write in await writes_of(SQLAlchemySaver(saver.store), where)] == tasks
    assert await count(saver.store, GRAPH_WRITES) == len(tasks)


async def test_long_writes_go_with_all_their_parts(saver: SQLAlchemySaver) -> None:
    noise = random.Random(5).randbytes(1_500_000)
    where = await put(saver, config(), {"x": 1})
    other = await put(saver, where, {"x": 2})
    await saver.aput_writes(other, [("x", 2)], "task")
    for number in range(SUPERSEDED + 1):
        await saver.aput_writes(where, [(INTERRUPT, noise + bytes([number]))], "task")
    assert await count(saver.store, GRAPH_WRITES) == 2 * (SUPERSEDED + 1) + 1
    expected = [("task", INTERRUPT, noise + bytes([SUPERSEDED]))]
    assert await writes_of(saver, where) == expected
    await saver.aput_writes(other, [("y", 2)], "other task")  # to another checkpoint: nothing of this one goes
    assert await writes_of(saver, where) == expected
    await saver.aput_writes(where, [("x", 3)], "third task")
    assert await count(saver.store, GRAPH_WRITES) == 2 + 1 + 2
    assert await writes_of(SQLAlchemySaver(saver.store), where) == [*expected, ("third task", "x", 3)]


async def test_writers_and_readers_at_once(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": 1})

    async def work(task: str) -> None:
        own = SQLAlchemySaver(saver.store)
        for number in range(25):
            await own.aput_writes(where, [(ERROR, number), ("x", number)], task)
            await own.aput_writes(where, [(RESUME, number)], task)
            seen = {channel: value for of, channel, value in await writes_of(own, where) if of == task}
            assert seen == {ERROR: number, RESUME: number, "x": 0}

    tasks = [f"task {number}" for number in range(4)]
    async with asyncio.TaskGroup() as group:
        for task in tasks:
            group.create_task(work(task))
    found = (await latest(SQLAlchemySaver(saver.store), where)).pending_writes or []
    assert sorted(found) == sorted(
        (task, channel, value) for task in tasks for channel, value in ((ERROR, 24), (RESUME, 24), ("x", 0))
    )
    assert await count(saver.store, GRAPH_WRITES) < 4 * 25


calls = st.tuples(
    st.sampled_from("tu"), st.lists(st.sampled_from(["x", "y", ERROR, INTERRUPT]), min_size=1, max_size=3)
)


@given(told=st.lists(calls, max_size=12), data=st.data())
def test_superseded_writes_can_be_removed_at_any_time(told: list[tuple[str, list[str]]], data: Any) -> None:
    codec, here = Codec(JsonPlusSerializer(), strict=False), Namespace("t", "")
    every: list[Written] = []
    there: list[Written] = []
    for sequence, (task, channels) in enumerate(told):
        writes = [(channel, sequence) for channel in channels]
        (body,) = pack(codec, here, "c", writes, task, "")
        row = Written(sequence, 7, body)
        every.append(row)
        there.append(row)
        seen = there[: data.draw(st.integers(0, len(there)))]  # by who read before the last ones came
        gone = [one for one in merge(codec, here, "c", seen).superseded if data.draw(st.booleans())]
        there = [one for one in there if (one.sequence, one.token) not in gone]
        assert merge(codec, here, "c", there).writes == merge(codec, here, "c", every).writes
    merged = merge(codec, here, "c", every)
    assert len(every) - len(merged.superseded) <= len(merged.writes)
