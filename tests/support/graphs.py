"""Graphs for the tests of savers, and their histories."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage, AnyMessage, RemoveMessage
from langchain_core.runnables import RunnableConfig
from langgraph.channels.delta import DeltaChannel
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Send, interrupt


class State(TypedDict, total=False):
    messages: Annotated[list[AnyMessage], add_messages]
    log: Annotated[list[str], operator.add]
    count: int


def said(name: str) -> Callable[[State], State]:
    """A node that says its name and counts."""

    def node(state: State) -> State:
        count = state.get("count", 0) + 1
        return {"messages": [AIMessage(f"{name} {count}", id=f"{name}{count}")], "log": [name], "count": count}

    return node


def quiet(name: str) -> Callable[[State], State]:
    return lambda _state: {"log": [name]}


def chain(builder: Any, *names: str) -> None:
    for name in names:
        builder.add_node(name, said(name))
    for before, after in zip((START, *names), (*names, END), strict=True):
        builder.add_edge(before, after)


def three_nodes() -> Any:
    builder: Any = StateGraph(State)
    chain(builder, "plan", "act", "answer")
    return builder


def parallel() -> Any:
    builder: Any = StateGraph(State)
    builder.add_node("split", said("split"))
    builder.add_node("join", said("join"))
    builder.add_edge(START, "split")
    for name in "abc":
        builder.add_node(name, quiet(name))
        builder.add_edge("split", name)
        builder.add_edge(name, "join")
    builder.add_edge("join", END)
    return builder


def sending() -> Any:
    builder: Any = StateGraph(State)
    builder.add_node("start", said("start"))
    builder.add_node("one", lambda state: {"log": [f"got {state['item']}"]})
    builder.add_node("end", said("end"))
    builder.add_edge(START, "start")
    builder.add_conditional_edges("start", lambda _state: [Send("one", {"item": item}) for item in range(4)], ["one"])
    builder.add_edge("one", "end")
    builder.add_edge("end", END)
    return builder


def nested() -> Any:
    inner: Any = StateGraph(State)
    chain(inner, "inner1", "inner2")
    middle: Any = StateGraph(State)
    middle.add_node("inner", inner.compile())
    middle.add_node("after", quiet("after"))
    middle.add_edge(START, "inner")
    middle.add_edge("inner", "after")
    builder: Any = StateGraph(State)
    builder.add_node("middle", middle.compile())
    builder.add_node("last", said("last"))
    builder.add_edge(START, "middle")
    builder.add_edge("middle", "last")
    return builder


def forget(state: State) -> Any:
    return {"messages": [RemoveMessage(str(one.id)) for one in state["messages"][:-2]]}


def forgetting() -> Any:
    builder: Any = StateGraph(State)
    builder.add_node("say", said("say"))
    builder.add_node(
        "forget", lambda state: {"messages": [RemoveMessage(str(one.id)) for one in state["messages"][:-2]]}
    )
    builder.add_edge(START, "say")
    builder.add_edge("say", "forget")
    return builder


GRAPHS = {one.__name__: one for one in (three_nodes, parallel, sending, nested, forgetting)}


async def history(graph: Any, where: RunnableConfig) -> list[Any]:
    """Return the history of a run without ids and times, which differ between two runs."""
    found = []
    async for state in graph.aget_state_history(where):
        tasks = sorted((task.name, str(task.error), str(task.result)) for task in state.tasks)
        found.append((state.values, state.next, state.metadata["source"], state.metadata["step"], tasks))
    return found


def approving() -> Any:
    """Two questions in one node, one in another beside it."""
    builder: Any = StateGraph(State)
    builder.add_node("two", lambda _state: {"log": [f"two {interrupt('first')} {interrupt('second')}"]})
    builder.add_node("one", lambda _state: {"log": [f"one {interrupt('other')}"]})
    builder.add_node("end", said("end"))
    for name in ("two", "one"):
        builder.add_edge(START, name)
        builder.add_edge(name, "end")
    return builder


# delta channels (LangGraph's beta)


def fold(state: list[str], writes: Sequence[list[str]]) -> list[str]:
    return [*state, *(item for write in writes for item in write)]


class Delta(TypedDict, total=False):
    log: Annotated[list[str], DeltaChannel(fold, snapshot_frequency=4)]
    count: int


def step(state: Delta) -> Delta:
    count = state.get("count", 0)
    return {"log": [f"step {count}"], "count": count + 1}


def delta_graph() -> Any:
    builder: Any = StateGraph(Delta)
    builder.add_node("step", step)
    builder.add_edge(START, "step")
    return builder
