"""A running graph adds nothing to a thread that was deleted: nobody who gets the id later reads it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.graph import START, StateGraph
from sqlalchemy import select

from agentomatic_sql import SQLAlchemyStore, ThreadNotFound
from agentomatic_sql.graphs import cache as graph_cache
from agentomatic_sql.graphs.cache import NamespaceCache
from agentomatic_sql.graphs.rows import Namespace, digest
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_CHECKPOINTS, GRAPH_NAMESPACES, GRAPH_VALUES, GRAPH_WRITES
from tests.support.checkpoints import LONG, config, count, grow, latest, listed, put
from tests.support.wire import wire

Late = Callable[[SQLAlchemySaver, RunnableConfig], Any]


def next_step(saver: SQLAlchemySaver, last: RunnableConfig) -> Any:
    return put(saver, last, {"secret": LONG})


def subgraph(saver: SQLAlchemySaver, _last: RunnableConfig) -> Any:
    return put(saver, config("t", "sub:1"), {"secret": LONG})


def known_subgraph(saver: SQLAlchemySaver, _last: RunnableConfig) -> Any:
    return put(saver, config("t", "known"), {"secret": LONG})


def writes(saver: SQLAlchemySaver, last: RunnableConfig) -> Any:
    return saver.aput_writes(last, [("secret", LONG)], "task")


def writes_of_a_subgraph(saver: SQLAlchemySaver, _last: RunnableConfig) -> Any:
    return saver.aput_writes(config("t", "sub:2", "to come"), [("secret", LONG)], "task")


ALL: list[Late] = [next_step, subgraph, writes, writes_of_a_subgraph, known_subgraph]


async def rows(store: SQLAlchemyStore) -> list[int]:
    tables = (GRAPH_NAMESPACES, GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES)
    return [await count(store, table) for table in tables]


@pytest.mark.parametrize("first", ALL)
@pytest.mark.parametrize("deleter", ["the store", "another saver"])
@pytest.mark.parametrize("begun_anew", [False, True])
async def test_late_rows_are_refused(saver: SQLAlchemySaver, first: Late, deleter: str, begun_anew: bool) -> None:
    """Whichever comes first, and all that come after it, twice."""
    store = saver.store
    await store.create_thread("t", "ada", "agent")
    last = (await grow(saver, config(), ["one", "two"]))[-1]
    await put(saver, config("t", "known"), {"x": 1})
    if deleter == "the store":
        assert await store.delete_thread("t")
    else:
        await SQLAlchemySaver(store).adelete_thread("t")
    if begun_anew:
        await put(SQLAlchemySaver(store), config(), {"hers": 1})
        await put(SQLAlchemySaver(store), config("t", "known"), {"hers": 1})
    before = await rows(store)
    for late in (first, *ALL, *ALL):
        with pytest.raises(ThreadNotFound):
            await late(saver, last)
    assert await rows(store) == before


async def test_the_next_owner_reads_nothing_of_the_last(saver: SQLAlchemySaver) -> None:
    store = saver.store
    await store.create_thread("t", "ada", "agent")
    last = await put(saver, config(), {"secret": LONG})
    await store.delete_thread("t")
    for late in ALL:
        with pytest.raises(ThreadNotFound):
            await late(saver, last)
    await store.create_thread("t", "bob", "agent")
    for namespace in ("", "sub:1", "sub:2"):
        assert await store.for_user("bob").get_checkpoint("t", namespace, "") is None
    assert await rows(store) == [0] * 4


@pytest.mark.parametrize("known", ["after a refusal", "at once"])
async def test_a_thread_is_begun_anew(saver: SQLAlchemySaver, known: str) -> None:
    last = (await grow(saver, config(), ["one"]))[-1]
    await SQLAlchemySaver(saver.store).adelete_thread("t")
    if known == "after a refusal":
        with pytest.raises(ThreadNotFound):
            await next_step(saver, last)
    else:  # as a graph does
        assert await saver.aget_tuple(config()) is None
    new, _written = await asyncio.gather(
        put(saver, config(), {"x": 1}, checkpoint_id="1"),
        saver.aput_writes(config("t", "", "1"), [("x", 1)], "task"),  # for the checkpoint that is being stored
    )
    await put(saver, new, {"x": 2})
    await subgraph(saver, new)
    assert len(await listed(saver, {"configurable": {"thread_id": "t"}})) == 3
    assert (await latest(saver, new)).pending_writes == [("task", "x", 1)]


class Count(TypedDict, total=False):
    items: Annotated[list[str], lambda left, right: [*left, *right]]


def with_subgraph(saver: SQLAlchemySaver) -> Any:
    inner: Any = StateGraph(Count)
    inner.add_node("step", lambda state: {"items": [LONG]})
    inner.add_edge(START, "step")
    outer: Any = StateGraph(Count)
    outer.add_node("inner", inner.compile(checkpointer=True))
    outer.add_edge(START, "inner")
    return outer.compile(checkpointer=saver)


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
async def test_a_graph_with_a_subgraph_begins_a_deleted_thread_anew(saver: SQLAlchemySaver, durability: Any) -> None:
    graph = with_subgraph(saver)
    for refused in (False, True):
        await graph.ainvoke({"items": ["in"]}, config(), durability=durability)
        before = await listed(saver, {"configurable": {"thread_id": "t"}})
        last = (await latest(saver, config())).config
        await SQLAlchemySaver(saver.store).adelete_thread("t")
        if refused:
            with pytest.raises(ThreadNotFound):
                await writes(saver, last)
        await graph.ainvoke({"items": ["in"]}, config(), durability=durability)
        assert len(await listed(saver, {"configurable": {"thread_id": "t"}})) == len(before)
        await saver.adelete_thread("t")


async def test_a_subgraph_before_the_first_checkpoint_of_its_thread(saver: SQLAlchemySaver) -> None:
    await subgraph(saver, config())
    await put(saver, config(), {"x": 1})
    assert await count(saver.store, GRAPH_NAMESPACES) == 2


async def test_a_deletion_beside_a_new_subgraph_misses_nothing(saver: SQLAlchemySaver) -> None:
    for number in range(20):
        thread = f"t{number}"
        await put(saver, config(thread), {"x": 1})
        made, _removed = await asyncio.gather(
            put(saver, config(thread, "sub:1"), {"secret": LONG}),
            SQLAlchemySaver(saver.store).adelete_thread(thread),
            return_exceptions=True,
        )
        assert isinstance(made, (dict, ThreadNotFound))
        assert not isinstance(_removed, BaseException)
    assert await rows(saver.store) == [0] * 4


async def test_a_deletion_that_waits_for_a_new_subgraph_takes_it_along(server_url: str) -> None:
    """The subgraph's namespace is created in a transaction that has locked the root's row, and commits later."""
    async with SQLAlchemySaver(server_url) as saver:
        await put(saver, config(), {"x": 1})
        root = GRAPH_NAMESPACES.c.digest == digest("t", "")
        async with saver.store.engine.begin() as connection:
            await connection.execute(select(GRAPH_NAMESPACES).where(root).with_for_update())
            deleting = asyncio.ensure_future(SQLAlchemySaver(saver.store).adelete_thread("t"))
            await asyncio.sleep(0.3)
            assert not deleting.done()
            await connection.execute(GRAPH_NAMESPACES.insert(), [Namespace("t", "sub:1", 5).row()])
        await deleting
        assert await rows(saver.store) == [0] * 4


async def test_the_condition_on_the_root_costs_no_round_trip(server_url: str) -> None:
    async with wire(server_url) as proxy, SQLAlchemySaver(proxy.url, pool_size=1, max_overflow=0) as saver:
        await put(saver, config("known"), {"x": 1})
        taken: dict[str, int] = {}
        for thread in ("known", "unknown"):
            for number in range(3):  # the first time, the driver prepares the statements
                before = proxy.round_trips
                await put(saver, config(thread, f"sub:{number}"), {"secret": LONG})
                taken[thread] = proxy.round_trips - before
        assert taken["known"] == taken["unknown"] == 1


def test_the_marks_of_deleted_threads_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_cache, "NAMESPACES", 3)
    known = NamespaceCache()
    for number in range(5):
        known.mark_deleted(Namespace(f"t{number}", "", number))
    assert [known.is_deleted(Namespace(f"t{number}", "sub")) for number in range(5)] == [False, False, True, True, True]
