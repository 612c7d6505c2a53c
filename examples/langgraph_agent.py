"""An agent that asks a human before it acts, and goes on after its process was killed.

    python examples/langgraph_agent.py ask    --thread order-7 "Refund 20 EUR to Ada"
    python examples/langgraph_agent.py answer --thread order-7 yes

The first command plans, and stops at the question. The second is another process: it finds the question, takes the
answer, acts and ends. In between, the first may be killed at any moment: whatever it had acknowledged is stored, and
`ask` with the same thread goes on from there. AGENTOMATIC_SQL_URL names the database (the file data/agents.db).
"""

from __future__ import annotations

import asyncio
import operator
import os
from typing import Annotated, Any, TypedDict

import typer
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt
from rich.console import Console

from agentomatic_sql.langgraph import SQLAlchemySaver

URL = os.environ.get("AGENTOMATIC_SQL_URL", "sqlite:///data/agents.db")


console = Console(highlight=False)


class State(TypedDict, total=False):
    task: str
    log: Annotated[list[str], operator.add]


async def plan(state: State) -> State:
    """Stand for a language model, whose answer takes a while: EXAMPLE_SECONDS."""
    await asyncio.sleep(float(os.environ.get("EXAMPLE_SECONDS", "0")))
    return {"log": [f"planned: {state['task']}"]}


def approve(state: State) -> State:
    """Stops until a human has answered."""
    answer = interrupt(f"{state['task']}?")
    return {"log": [f"the human said: {answer}"]}


def act(state: State) -> State:
    """Does it, if it may."""
    return {"log": ["done" if state["log"][-1].endswith("yes") else "left alone"]}


def agent(saver: SQLAlchemySaver) -> Any:
    builder = StateGraph(State)
    builder.add_node(plan)
    builder.add_node(approve)
    builder.add_node(act)
    builder.add_edge(START, "plan")
    builder.add_edge("plan", "approve")
    builder.add_edge("approve", "act")
    builder.add_edge("act", END)
    return builder.compile(checkpointer=saver)


async def run(thread: str, task: str | None, answer: str | None) -> None:
    where: Any = {"configurable": {"thread_id": thread}}
    async with SQLAlchemySaver(URL) as saver:
        graph = agent(saver)
        state = await graph.aget_state(where)
        if answer is not None:
            if not state.interrupts:
                raise SystemExit(f"thread {thread!r} waits for no answer: ask first")
            given: Any = Command(resume=answer)
        else:
            given = None if state.next else {"task": task}  # None goes on where a killed process stopped
        if not (answer is None and state.interrupts):
            async for step in graph.astream(given, where, durability="sync"):
                for name, update in step.items():
                    if name != "__interrupt__":
                        console.print(f"{name}: {update['log'][0]}", markup=False)
        state = await graph.aget_state(where)
        for question in state.interrupts:
            console.print(f"{question.value} Say so with: answer --thread {thread} yes", markup=False, style="bold")
        if not state.next:
            console.print(" / ".join(state.values["log"]), markup=False)


app = typer.Typer(add_completion=False, help="An agent that asks a human before it acts.")


@app.command()
def ask(task: str, thread: str = typer.Option(...)) -> None:
    """Begin a task, or go on with one whose process was killed; stops at the question."""
    asyncio.run(run(thread, task, None))


@app.command()
def answer(answer: str, thread: str = typer.Option(...)) -> None:
    """Answer the question; the agent goes on to the end."""
    asyncio.run(run(thread, None, answer))


if __name__ == "__main__":
    app()
