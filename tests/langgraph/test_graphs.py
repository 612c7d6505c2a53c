"""Graphs that run for real: what they saw in memory they see on every database, and they go on where they stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, Durability

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.checkpoints import config, latest, listed
from tests.support.graphs import GRAPHS, State, approving, delta_graph, history, nested, three_nodes


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
@pytest.mark.parametrize("name", list(GRAPHS))
async def test_a_graph_leaves_the_same_history(saver: SQLAlchemySaver, name: str, durability: Durability) -> None:
    histories = []
    for one in (InMemorySaver(), saver):
        graph = GRAPHS[name]().compile(checkpointer=one)
        for turn in range(3):
            question: Any = {"messages": [HumanMessage(f"question {turn}", id=f"q{turn}")]}
            await graph.ainvoke(question, config(), durability=durability)
        histories.append(await history(graph, config()))
    assert histories[1] == histories[0]
    assert len(histories[0]) >= 3


async def test_streaming_says_the_same(saver: SQLAlchemySaver) -> None:
    streams = []
    for one in (InMemorySaver(), saver):
        graph = nested().compile(checkpointer=one)
        question: Any = {"messages": [HumanMessage("question", id="q")]}
        parts = graph.astream(question, config(), stream_mode=["values", "updates"], subgraphs=True)
        streams.append([(len(where), mode, part) async for where, mode, part in parts])
    assert streams[1] == streams[0]
    assert any(depth == 2 for depth, _, _ in streams[0])


async def test_time_travel_and_a_fork_from_an_old_checkpoint(saver: SQLAlchemySaver) -> None:
    outcomes = []
    for one in (InMemorySaver(), saver):
        graph = three_nodes().compile(checkpointer=one)
        await graph.ainvoke({"messages": [HumanMessage("question", id="q")]}, config())
        states = [state async for state in graph.aget_state_history(config())]
        old = next(state for state in states if state.next == ("act",))
        replayed = await graph.ainvoke(None, old.config)
        edited = await graph.aupdate_state(old.config, {"messages": [HumanMessage("instead", id="i")], "count": 40})
        forked = await graph.ainvoke(None, edited)
        untouched = (await graph.aget_state(states[0].config)).values
        outcomes.append((replayed, forked, untouched, await history(graph, config())))
    assert outcomes[1] == outcomes[0]
    assert outcomes[1][1]["count"] == 42


async def test_interrupts_are_resumed_one_by_one_by_other_savers(saver: SQLAlchemySaver) -> None:
    def graph() -> Any:  # as another process has it
        return approving().compile(checkpointer=SQLAlchemySaver(saver.store))

    asked = (await graph().ainvoke({"log": []}, config()))["__interrupt__"]
    answers = {one.id: f"yes to {one.value}" for one in asked}
    assert sorted(one.value for one in asked) == ["first", "other"]
    asked = (await graph().ainvoke(Command(resume=answers), config()))["__interrupt__"]
    assert [one.value for one in asked] == ["second"]
    state = await graph().aget_state(config())
    assert [one.value for one in state.interrupts] == ["second"]
    result = await graph().ainvoke(Command(resume="yes to second"), config())
    assert sorted(result["log"]) == ["end", "one yes to other", "two yes to first yes to second"]


async def test_a_failed_branch_does_not_repeat_the_others(saver: SQLAlchemySaver) -> None:
    ran: list[str] = []

    async def good(_state: State) -> State:
        ran.append("good")
        return {"log": ["good"]}

    async def bad(_state: State) -> State:
        ran.append("bad")
        if ran.count("bad") == 1:
            async with asyncio.timeout(30):
                while "log" not in [write[1] for write in (await latest(saver, config())).pending_writes or []]:
                    await asyncio.sleep(0)
            raise RuntimeError("at first")
        return {"log": ["bad"]}

    builder: Any = StateGraph(State)
    for name, node in (("good", good), ("bad", bad)):
        builder.add_node(name, node)
        builder.add_edge(START, name)
    graph = builder.compile(checkpointer=saver)
    with pytest.raises(RuntimeError, match="at first"):
        await graph.ainvoke({"log": []}, config(), durability="sync")
    fresh = builder.compile(checkpointer=SQLAlchemySaver(saver.store))
    assert sorted((await fresh.ainvoke(None, config()))["log"]) == ["bad", "good"]
    assert (ran.count("bad"), ran.count("good")) == (2, 1)


class Halting(SQLAlchemySaver):
    """A saver whose n-th put waits until it is released, before it is stored or before that is acknowledged."""

    def __init__(self, store: SQLAlchemyStore, halt_at: int, *, after: bool) -> None:
        super().__init__(store)
        self._halt_at, self._after = halt_at, after
        self.begun, self.released = asyncio.Event(), asyncio.Event()

    async def aput(self, *arguments: Any) -> RunnableConfig:
        self._halt_at -= 1
        if self._halt_at:
            return await super().aput(*arguments)
        if self._after:
            await super().aput(*arguments)
        self.begun.set()
        await self.released.wait()
        return await super().aput(*arguments)


@pytest.mark.parametrize("after", [False, True], ids=["before it is stored", "before it is acknowledged"])
@pytest.mark.parametrize("durability", ["sync", "async"])
async def test_a_run_that_is_cancelled_while_it_saves_goes_on(
    saver: SQLAlchemySaver, durability: Durability, after: bool
) -> None:
    for number in range(1, 5):
        halting = Halting(saver.store, number, after=after)
        where = config(f"t{number}")
        question: Any = {"messages": [HumanMessage("question", id="q")]}
        graph = three_nodes().compile(checkpointer=halting)
        run = asyncio.create_task(graph.ainvoke(question, where, durability=durability))
        async with asyncio.timeout(30):
            await halting.begun.wait()
            run.cancel()
            await asyncio.wait({run}, timeout=0.05)  # LangGraph waits for what it is saving, or does not
            halting.released.set()
            with pytest.raises(asyncio.CancelledError):
                await run
        fresh = three_nodes().compile(checkpointer=SQLAlchemySaver(saver.store))
        stored = bool(await listed(saver, where))
        result = await fresh.ainvoke(None if stored else question, where)
        assert [message.content for message in result["messages"]] == ["question", "plan 1", "act 2", "answer 3"]
        assert result["log"] == ["plan", "act", "answer"]


class Scripted(BaseChatModel):
    """A chat model that calls a tool at every question and then answers."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **_options: Any) -> Any:
        return self

    def _generate(self, messages: list[Any], stop: Any = None, run_manager: Any = None, **_options: Any) -> ChatResult:
        last = messages[-1]
        if last.type == "human":
            call = {"name": "double", "args": {"number": int(last.content)}, "id": f"call{len(messages)}"}
            answer = AIMessage("", tool_calls=[call], id=f"ai{len(messages)}")
        else:
            answer = AIMessage(f"It is {last.content}.", id=f"ai{len(messages)}")
        return ChatResult(generations=[ChatGeneration(message=answer)])


def double(number: int) -> int:
    """Twice the number."""
    return 2 * number


@pytest.mark.filterwarnings("ignore:create_react_agent has been moved")
async def test_an_agent_of_langgraphs_own_over_fifty_turns(saver: SQLAlchemySaver) -> None:
    from langgraph.prebuilt import create_react_agent

    for turn in range(50):
        agent: Any = create_react_agent(Scripted(), [double], checkpointer=SQLAlchemySaver(saver.store))
        result = await agent.ainvoke({"messages": [HumanMessage(str(turn), id=f"q{turn}")]}, config())
        assert result["messages"][-1].content == f"It is {2 * turn}."
    assert len(result["messages"]) == 200
    assert [one.content for one in result["messages"] if one.type == "human"] == [str(turn) for turn in range(50)]
    saved = len(await listed(saver, config()))
    assert (await saver.aprune(["t"])).checkpoints == saved - 1 > 200
    state = await agent.aget_state(config())
    assert state.values["messages"] == result["messages"]


async def test_delta_channels_through_pruning_copying_and_deleted_runs(saver: SQLAlchemySaver) -> None:
    expected: list[str] = []
    for turn in range(11):
        graph = delta_graph().compile(checkpointer=SQLAlchemySaver(saver.store))
        where = config(run_id=f"run {turn}")
        result: Any = await graph.ainvoke({"log": [f"input {turn}"]}, where)
        expected += [f"input {turn}", f"step {turn}"]
        assert result["log"] == expected
        if turn % 3 == 2:
            removed = await saver.aprune(["t"])
            assert removed.checkpoints > 0
            assert (await graph.aget_state(config())).values["log"] == expected
    await saver.acopy_thread("t", "copy")
    for thread_id in ("t", "copy"):
        state = await delta_graph().compile(checkpointer=saver).aget_state(config(thread_id))
        assert state.values["log"] == expected
    await saver.adelete_for_runs([f"run {turn}" for turn in range(10)])
    for thread_id in ("t", "copy"):
        state = await delta_graph().compile(checkpointer=saver).aget_state(config(thread_id))
        assert state.values["log"] == expected


async def test_delta_channels_have_the_history_that_memory_has(saver: SQLAlchemySaver) -> None:
    histories = []
    for one in (InMemorySaver(), saver):
        graph = delta_graph().compile(checkpointer=one)
        for turn in range(7):
            await graph.ainvoke({"log": [f"input {turn}"]}, config())
        histories.append(await history(graph, config()))
    assert histories[1] == histories[0]
