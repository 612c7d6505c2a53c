"""The history of delta channels, read in a few statements, is what LangGraph's base class finds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Annotated, Any, TypedDict

import pytest
from langgraph.channels.delta import DeltaChannel
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from sqlalchemy import update

from agentomatic_sql.graphs import deltas
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.models import GRAPH_CHECKPOINTS
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


async def test_a_chain_of_parents_that_leads_back_to_itself_ends(saver: SQLAlchemySaver) -> None:
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
    assert len(sent) < 12


def test_both_methods_are_overridden() -> None:
    """By this the newest conformance suite finds the capability `delta_channel_history`."""
    for name in ("get_delta_channel_history", "aget_delta_channel_history"):
        assert getattr(SQLAlchemySaver, name) is not getattr(BaseCheckpointSaver, name)
