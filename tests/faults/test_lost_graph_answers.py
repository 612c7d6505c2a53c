"""Answers to a graph's writes are lost while somebody else acts, or their requests arrive late."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, NamedTuple

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.serde.types import RESUME

from agentomatic_sql import OutcomeUnknown, SQLAlchemyStore, ThreadNotFound
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_CHECKPOINTS, GRAPH_NAMESPACES, GRAPH_WRITES
from tests.faults.test_lost_answers import LATE, Two, arrival, lost, nothing
from tests.support.checkpoints import LONG, config, count, go_on, grow, id_of, latest, listed, put, writes_of
from tests.support.wire import Cut, wire


class Graphs(NamedTuple):
    """A saver whose connection can be cut, and somebody else's."""

    two: Two
    saver: SQLAlchemySaver
    other: SQLAlchemySaver
    last: RunnableConfig
    """The second checkpoint of the thread `t`."""

    async def messages(self, where: RunnableConfig | None = None) -> Any:
        """The messages as a saver that remembers nothing reads them."""
        found = await latest(SQLAlchemySaver(self.other.store), where or config())
        return found.checkpoint["channel_values"]["messages"]


@pytest.fixture
async def graphs(server_url: str) -> AsyncIterator[Graphs]:
    """Two savers on an empty database."""
    async with AsyncExitStack() as stack:
        yield await opened(stack, [server_url], server_url)


async def opened(stack: AsyncExitStack, cut_urls: list[str], other_url: str, *, commit_requests: int = 0) -> Graphs:
    """Open two savers with every statement prepared on the one whose connection can be cut, and goes to these URLs."""
    proxy = await stack.enter_async_context(wire(*cut_urls))
    store = await stack.enter_async_context(SQLAlchemyStore(proxy.url, pool_size=1, max_overflow=0))
    other = await stack.enter_async_context(SQLAlchemyStore(other_url))
    saver = SQLAlchemySaver(store)
    for _ in range(2):
        where = (await grow(saver, config("warm"), ["one", LONG]))[-1]
        await saver.aput_writes(where, [("x", 1)], "task")
        ends = [(await grow(saver, config(name), [LONG]))[-1] for name in ("warm too", "warm three")]
        await asyncio.gather(*(put(saver, end, {"x": LONG}) for end in (where, *ends)))
        await asyncio.gather(*(saver.aput_writes(end, [("x", 1)], "task") for end in (where, *ends)))
        for name in ("warm", "warm too", "warm three"):
            await saver.adelete_thread(name)
    last = (await grow(saver, config(), ["one", f"two {LONG}"]))[-1]
    return Graphs(Two(proxy, store, other, commit_requests), saver, SQLAlchemySaver(other), last)


THREE = ["one", f"two {LONG}", f"three {LONG}"]


def third(graphs: Graphs) -> Any:
    """Store a checkpoint: one request."""
    return put(graphs.saver, graphs.last, {"messages": THREE}, {"messages": "9"})


@pytest.mark.parametrize("cut", ["before the request", "before the answer", LATE])
async def test_a_checkpoint_is_stored_once(graphs: Graphs, cut: Cut) -> None:
    made = await lost(graphs.two, lambda: third(graphs), nothing, cut=cut)
    if cut == LATE:
        await arrival(graphs.two)
    assert await graphs.messages() == THREE
    assert await listed(graphs.other, config()) == [id_of(made), *(await listed(graphs.other, config()))[1:]]
    assert await count(graphs.other.store, GRAPH_CHECKPOINTS) == 3
    assert await grow(graphs.saver, made, ["four"])
    assert await graphs.messages() == [*THREE, "four"]


async def test_a_stored_checkpoint_is_found_although_others_came_after_it(graphs: Graphs) -> None:
    async def another() -> None:
        await go_on(graphs.other, ["four"])

    made = await lost(graphs.two, lambda: third(graphs), another)
    assert await graphs.messages(made) == THREE
    assert await graphs.messages() == [*THREE, "four"]
    await go_on(graphs.saver, ["five"])
    assert await graphs.messages() == [*THREE, "four", "five"]


@pytest.mark.parametrize("cut", ["before the answer", LATE])
async def test_a_checkpoint_does_not_come_back_to_a_deleted_thread(graphs: Graphs, cut: Cut) -> None:
    async def another_conversation() -> None:
        await graphs.other.adelete_thread("t")
        await grow(graphs.other, config(), ["hers"])

    result = await lost(graphs.two, lambda: third(graphs), another_conversation, cut=cut)
    assert isinstance(result, ThreadNotFound)
    if cut == LATE:
        await arrival(graphs.two)
    assert await graphs.messages() == ["hers"]
    assert await count(graphs.other.store, GRAPH_CHECKPOINTS) == 1


async def test_a_checkpoint_that_was_pruned_is_not_stored_again(graphs: Graphs) -> None:
    async def go_on_and_prune() -> None:
        await go_on(graphs.other, ["four"])
        await graphs.other.aprune(["t"])

    result = await lost(graphs.two, lambda: third(graphs), go_on_and_prune)
    assert isinstance(result, OutcomeUnknown)
    assert await count(graphs.other.store, GRAPH_CHECKPOINTS) == 1


@pytest.mark.parametrize("cut", ["before the request", "before the answer"])
async def test_the_first_checkpoint_of_a_thread_is_stored_once_or_not_known(graphs: Graphs, cut: Cut) -> None:
    result = await lost(graphs.two, lambda: put(graphs.saver, config("new"), {"x": LONG}), nothing, cut=cut)
    if cut == "before the answer":
        assert await listed(graphs.other, config("new")) == [id_of(result)]
    else:
        assert isinstance(result, OutcomeUnknown)
        assert await listed(graphs.other, config("new")) == []


async def test_the_first_checkpoint_does_not_come_back_to_a_deleted_thread(graphs: Graphs) -> None:
    result = await lost(
        graphs.two,
        lambda: put(graphs.saver, config("new"), {"x": LONG}),
        lambda: graphs.other.adelete_thread("new"),
    )
    assert isinstance(result, OutcomeUnknown)
    assert await count(graphs.other.store, GRAPH_NAMESPACES) == 1


@pytest.mark.parametrize("cut", ["before the request", "before the answer", LATE])
async def test_writes_are_stored_once(graphs: Graphs, cut: Cut) -> None:
    await lost(graphs.two, lambda: graphs.saver.aput_writes(graphs.last, [("x", 1)], "task"), nothing, cut=cut)
    if cut == LATE:
        await arrival(graphs.two)
    assert await writes_of(graphs.other, graphs.last) == [("task", "x", 1)]
    assert await count(graphs.other.store, GRAPH_WRITES) == 1


async def test_a_late_answer_of_a_human_does_not_replace_a_newer_one(graphs: Graphs) -> None:
    def resume(saver: SQLAlchemySaver, value: str) -> Any:
        return saver.aput_writes(graphs.last, [(RESUME, value)], "task")

    await lost(graphs.two, lambda: resume(graphs.saver, "yes"), nothing, cut=LATE)
    await resume(graphs.other, "no")
    await arrival(graphs.two)
    assert await writes_of(graphs.other, graphs.last) == [("task", RESUME, "no")]


async def test_writes_do_not_come_back_to_a_deleted_thread(graphs: Graphs) -> None:
    result = await lost(
        graphs.two,
        lambda: graphs.saver.aput_writes(graphs.last, [("x", 1)], "task"),
        lambda: graphs.other.adelete_thread("t"),
    )
    assert isinstance(result, ThreadNotFound)
    assert await count(graphs.other.store, GRAPH_NAMESPACES) == 0
    assert await count(graphs.other.store, GRAPH_WRITES) == 0


async def test_a_late_batch_of_several_graphs_is_stored_once(graphs: Graphs) -> None:
    names = [f"t{number}" for number in range(4)]
    ends = {name: (await grow(graphs.saver, config(name), [LONG]))[-1] for name in names}

    async def write() -> Any:
        puts = [put(graphs.saver, end, {"n": name}) for name, end in ends.items()]
        writes = [graphs.saver.aput_writes(end, [("x", name)], "task") for name, end in ends.items()]
        return await asyncio.gather(*puts, *writes)

    spared = 0 if graphs.saver._database.dialect.writable_ctes else 2  # requests of the batch before the last
    made = await lost(graphs.two, write, nothing, cut=LATE, spared=spared, writes=1)
    await arrival(graphs.two)
    for name, where in zip(names, made, strict=False):
        assert (await latest(graphs.other, where)).checkpoint["channel_values"] == {"n": name}
        assert await writes_of(graphs.other, ends[name]) == [("task", "x", name)]
    assert await count(graphs.other.store, GRAPH_WRITES) == len(names)
    assert await count(graphs.other.store, GRAPH_CHECKPOINTS) == 2 + 2 * len(names)
