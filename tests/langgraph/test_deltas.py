"""The history of delta channels, read in a few statements, is what LangGraph's base class finds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.channels.delta import DeltaChannel
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from sqlalchemy import Connection, event, update

from agentomatic_sql.graphs import deltas
from agentomatic_sql.graphs.rows import REMOVAL, Namespace
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_CHECKPOINTS, GRAPH_NAMESPACES
from tests.langgraph.test_removal import counted, random_history
from tests.support.checkpoints import config, listed, put


async def by_the_base_class(saver: SQLAlchemySaver, where: Any, channels: Sequence[str]) -> Any:
    return await BaseCheckpointSaver.aget_delta_channel_history(saver, config=where, channels=channels)


@pytest.mark.parametrize("first_read", [1, 3, 50])
async def test_a_history_is_what_the_base_class_finds(
    saver: SQLAlchemySaver, monkeypatch: pytest.MonkeyPatch, first_read: int
) -> None:
    monkeypatch.setattr(deltas, "_FIRST_READ", first_read)
    for seed in range(12):
        await random_history(saver, f"t{seed}", random.Random(seed))
        for where in [
            config(f"t{seed}"),
            *[config(f"t{seed}", "", one) for one in await listed(saver, config(f"t{seed}"))],
        ]:
            for channels in (["a"], ["a", "b", "never"], []):
                found = await saver.aget_delta_channel_history(config=where, channels=channels)
                assert found == await by_the_base_class(saver, where, channels)


async def test_a_checkpoint_that_is_not_there_has_no_history(saver: SQLAlchemySaver) -> None:
    await put(saver, config(), {"a": 1})
    for where in (config("nobody"), config(checkpoint_id="never"), config("t", "elsewhere")):
        assert await saver.aget_delta_channel_history(config=where, channels=["a"]) == {"a": {"writes": []}}


@pytest.mark.parametrize("first_read", [1, 2, 3, 50])
async def test_a_chain_of_parents_that_leads_back_to_itself_ends(
    saver: SQLAlchemySaver, monkeypatch: pytest.MonkeyPatch, first_read: int
) -> None:
    monkeypatch.setattr(deltas, "_FIRST_READ", first_read)
    where = config()
    for name in ("1", "2", "3"):
        where = await put(saver, where, {}, {"a": name}, checkpoint_id=name)
        await saver.aput_writes(where, [("a", name)], "task")
    async with saver.store.engine.begin() as connection:
        first = GRAPH_CHECKPOINTS.c.checkpoint_id == "1"
        await connection.execute(update(GRAPH_CHECKPOINTS).where(first).values(parent_checkpoint_id="3"))
    found = await saver.aget_delta_channel_history(config=where, channels=["a"])
    assert found == {"a": {"writes": [("task", "a", name) for name in ("3", "1", "2")]}}


def fold(state: list[str] | None, writes: Sequence[list[str]]) -> list[str]:
    return [*(state or []), *(item for write in writes for item in write)]


class Files(TypedDict, total=False):
    files: Annotated[list[str], DeltaChannel(fold, snapshot_frequency=1000)]


async def test_a_long_history_takes_a_few_statements(saver: SQLAlchemySaver) -> None:
    builder: Any = StateGraph(Files)
    builder.add_node("step", lambda _state: {"files": ["out"]})
    builder.add_edge(START, "step")
    graph = builder.compile(checkpointer=saver)
    for _ in range(40):
        await graph.ainvoke({"files": ["in"]}, config())
    with counted(saver.store) as sent:
        assert len((await graph.aget_state(config())).values["files"]) == 80
    assert len(sent) == 3  # the checkpoint, 50 of its 119 ancestors, and the others


async def test_the_history_since_a_snapshot_is_one_statement(saver: SQLAlchemySaver) -> None:
    """A second one reads the value of the snapshot."""
    where = await put(saver, config(), {"a": ["begun"]}, checkpoint_id="00")
    for number in range(1, 50):
        await saver.aput_writes(where, [("a", [number])], "task")
        where = await put(saver, where, {}, {"a": f"{number:02}"}, checkpoint_id=f"{number:02}")
    with counted(saver.store) as sent:
        found = await saver.aget_delta_channel_history(config=where, channels=["a"])
    assert found == {"a": {"writes": [("task", "a", [number]) for number in range(1, 50)], "seed": ["begun"]}}
    assert len(sent) == 2


async def test_a_history_that_is_read_in_parts_is_of_one_moment(
    saver: SQLAlchemySaver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If something is removed between two statements, all of it is read again."""
    monkeypatch.setattr(deltas, "_FIRST_READ", 2)
    where = config()
    for number in range(8):
        where = await put(saver, where, {}, {"a": str(number)}, checkpoint_id=str(number))
        await saver.aput_writes(where, [("a", number)], "task")
    engine, sent = saver.store.engine.sync_engine, list[str]()

    def remove(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("WITH RECURSIVE"):
            sent.append(statement)
            if len(sent) == 2:
                removed = update(GRAPH_NAMESPACES).values(generation=GRAPH_NAMESPACES.c.generation + REMOVAL)
                connection.execute(removed)

    event.listen(engine, "begin", lambda _connection: None)  # so that a listener can execute something
    event.listen(engine, "before_cursor_execute", remove)
    try:
        found = await saver.aget_delta_channel_history(config=where, channels=["a"])
    finally:
        event.remove(engine, "before_cursor_execute", remove)
    assert found == {"a": {"writes": [("task", "a", number) for number in range(7)]}}
    assert len(sent) == 2 + 3  # 2 and 4 ancestors, and then again: 2, 4 and 1


async def test_a_snapshot_that_is_removed_before_it_is_read_is_looked_for_again(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"a": ["begun"]}, checkpoint_id="1")
    where = await put(saver, where, {}, {"a": "2"}, checkpoint_id="2")

    async def get(seed: Any) -> Any:
        await saver.adelete_thread("t")
        return await saver.aget_tuple(seed)

    storage = saver._storage
    arguments = (storage._database, storage._context, storage._codec, get, Namespace("t", ""), "2", ["a"])
    assert await deltas.history(*arguments) is None


def test_both_methods_are_overridden() -> None:
    """By this the newest conformance suite finds the capability `delta_channel_history`."""
    for name in ("get_delta_channel_history", "aget_delta_channel_history"):
        assert getattr(SQLAlchemySaver, name) is not getattr(BaseCheckpointSaver, name)
