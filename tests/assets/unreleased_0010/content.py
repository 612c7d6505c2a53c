"""Fill the databases of this folder, and read everything in them.

It uses only the public interface, which is the same in the package that made them and in the one that moves them.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import operator
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.langgraph import SQLAlchemySaver

ONE, TWO = (
    ("one", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="),
    ("two", "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="),
)
"""The keys of the encrypted databases: ids and base64. They protect nothing else."""
KEYS = " ".join(f"{id_}:{key}" for id_, key in (TWO, ONE))

CENTURY = timedelta(days=36525)
ODD = "agms1: \x00 \x1a \ud83d and \udc00, \U0001f600 e\u0301 '\"`\\ %s :x \u2028\n\ttab "
METADATA = {"z": 1, "a": [True, None, 1.5, 2**70, -(2**63)], "": {"\x00": "\x00", "\ud800": ODD}, "deep": [[[[{}]]]]}
CHECKPOINTS = [("", "c-1"), ("", "c-2"), ("inner", "c-1")]
GRAPHS = ("run", "waits", "forked-run")
LONG = "A sentence that is long enough to stand in a row of its own, and not within the checkpoint. " * 3


class State(TypedDict, total=False):
    task: str
    log: Annotated[list[str], operator.add]
    notes: dict[str, Any]


def plan(state: State) -> State:
    return {"log": [f"planned: {state['task']} {ODD}", LONG], "notes": {"of": state["task"], "odd": ODD}}


def approve(state: State) -> State:
    answer = interrupt(f"{state['task']}?")
    return {"log": [f"the human said: {answer}"]}


def act(state: State) -> State:
    return {"log": ["done" if state["log"][-1].endswith("yes") else "left alone"]}


def agent(saver: SQLAlchemySaver) -> Any:
    """Return a graph that asks a human, with a graph inside it."""
    inner = StateGraph(State)
    inner.add_node(plan)
    inner.add_edge(START, "plan")
    inner.add_edge("plan", END)
    builder = StateGraph(State)
    builder.add_node("inner", inner.compile(checkpointer=True))
    builder.add_node(approve)
    builder.add_node(act)
    builder.add_edge(START, "inner")
    builder.add_edge("inner", "approve")
    builder.add_edge("approve", "act")
    builder.add_edge("act", END)
    return builder.compile(checkpointer=saver)


def place(thread_id: str) -> Any:
    return {"configurable": {"thread_id": thread_id}}


async def fill_conversations(store: SQLAlchemyStore, name: str) -> None:
    """Store threads, messages, forks, feedback, states and checkpoints of a user."""
    main, fork = f"{name}-main", f"{name}-fork"
    await store.create_thread(main, name, "agent", title=f"{ODD}{name}", metadata={"odd": ODD})
    first = await store.add_message(main, "user", ODD, metadata=METADATA, idempotency_key="first")
    await store.add_messages(
        main,
        [{"role": "assistant", "content": LONG}, {"role": "user", "content": "", "metadata": {}}],
        idempotency_key="batch",
    )
    for namespace, checkpoint_id in CHECKPOINTS:
        await store.save_checkpoint(main, namespace, checkpoint_id, None, {"odd": ODD, "id": checkpoint_id}, {})
    await store.save_checkpoint(main, "", "c-1", "c-0", {"replaced": True}, {})
    await store.add_feedback(
        main,
        name,
        "agent",
        rating=1,
        comment=ODD,
        message_id=first["id"],
        query=LONG,
        response=ODD,
        correction="",
        idempotency_key="rated",
    )
    await store.fork_thread(main, 1, fork, title=f"fork of {name}", checkpoints=True)
    await store.add_message(fork, "user", "only in the fork")
    await store.fork_thread(fork, 0, f"{name}-fork-of-fork")
    await store.update_thread(main, title=None, metadata={"updated": ODD})
    await store.save_suspended_state(f"{name}-waits", main, "agent", "node", METADATA, ttl=CENTURY)
    await store.save_suspended_state(f"{name}-expired", main, "agent", "node", {"odd": ODD}, ttl=0.001)


async def fill(store: SQLAlchemyStore, name: str) -> None:
    """Store one of everything, for a user."""
    await fill_conversations(store, name)
    for thread_id in ("", "default_thread"):
        await store.add_feedback(thread_id, name, "agent", rating=2, feedback_type="stars")
    await store.create_invocation_log(
        agent_name="agent",
        endpoint="/run",
        thread_id=f"{name}-main",
        input_data={"odd": ODD},
        output_data={"odd": 2**70},
        error=ODD,
        duration_ms=1.25,
        status="error",
    )
    await store.save_log_analysis(
        agent_name="agent", score=0.5, summary=ODD, status="ok", recommendations=[ODD], metadata={"a": 1}
    )
    await store.create_optimization_run(
        experiment_id="e", agent_name="agent", best_score=0.1, prompt_versions={"v1": ODD}, score_history=[1, 2.5],
        learnings=[ODD], artefacts={"a": [1]}, metadata={"z": 1, "a": 1},
    )  # fmt: skip


async def remove_the_newest(store: SQLAlchemyStore) -> None:
    """Store a message and feedback, and delete them with their thread: their numbers are not given again."""
    await store.create_thread("gone", "ada", "agent")
    await store.add_message("gone", "user", "with the greatest id so far")
    await store.add_feedback("gone", "ada", "agent")
    await store.delete_thread("gone")


async def fill_graphs(store: SQLAlchemyStore, name: str) -> None:
    """Run graphs: one to its end, one that waits for a human, and a copy of a finished one."""
    graph = agent(SQLAlchemySaver(store))
    for run in ("run", "waits"):
        await store.create_thread(f"{name}-{run}", name, "agent")
        await store.add_message(f"{name}-{run}", "user", "run")
        await graph.ainvoke({"task": run}, place(f"{name}-{run}"))
    await graph.ainvoke(Command(resume="yes"), place(f"{name}-run"))
    await store.fork_thread(f"{name}-run", 0, f"{name}-forked-run", checkpoints=True)


async def read_graph(store: SQLAlchemyStore, thread_id: str) -> list[list[str]]:
    """Return the id of each checkpoint of a graph, and a digest of its values, metadata and writes."""
    found = []
    async for one in SQLAlchemySaver(store).alist({"configurable": {"thread_id": thread_id}}):
        told = repr((one.config, one.checkpoint, one.metadata, one.parent_config, one.pending_writes))
        digest = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
        found.append([one.checkpoint["id"], digest[:16]])
    return found


async def read(store: SQLAlchemyStore) -> dict[str, Any]:
    """Return everything that the interface answers, as JSON holds it."""
    threads = await store.list_threads(limit=1000)
    ids = [thread["thread_id"] for thread in threads]
    mains = [id_ for id_ in ids if id_.endswith("-main")]
    return {
        "threads": threads,
        "messages": {id_: await store.get_messages(id_, limit=1000) for id_ in ids},
        "lineage": {id_: await store.get_thread_lineage(id_) for id_ in ids},
        "feedback": await store.get_feedback(limit=1000),
        "states": await store.list_suspended_states(),
        "checkpoints": {
            id_: {space: await store.list_checkpoints(id_, space) for space in ("", "inner")} for id_ in ids
        },
        "latest": {id_: await store.get_checkpoint(id_, "", "") for id_ in mains},
        "logs": await store.list_invocation_logs(limit=1000),
        "analyses": await store.list_log_analyses(limit=1000),
        "runs": await store.list_optimization_runs(limit=1000),
        "stats": await store.get_stats(),
        "graphs": {id_: await read_graph(store, id_) for id_ in ids if id_.endswith(GRAPHS)},
    }


@asynccontextmanager
async def reader(url: str, *, encrypted: bool, **options: Any) -> AsyncIterator[SQLAlchemyStore]:
    """Open a store that reads everything in a database of this folder."""
    keys = Encryption.from_text(KEYS, strict=False) if encrypted else None
    async with SQLAlchemyStore(url, encryption=keys, **options) as store:
        yield store


async def make(url: str, *, encrypted: bool) -> dict[str, Any]:
    """Fill an empty database, and return what it answers."""
    async with SQLAlchemyStore(url) as store:
        await fill(store, "ada")
        if not encrypted:
            await fill_graphs(store, "ada")
    if encrypted:
        async with SQLAlchemyStore(url, encryption=Encryption(dict([ONE]), strict=False)) as store:
            await fill(store, "bob")
            await fill_graphs(store, "bob")
        async with SQLAlchemyStore(url, encryption=Encryption(dict([TWO, ONE]), strict=False)) as store:
            await fill_conversations(store, "eve")
    async with reader(url, encrypted=encrypted) as store:
        await remove_the_newest(store)
        return await read(store)


if __name__ == "__main__":
    answers = asyncio.run(make(sys.argv[1], encrypted="encrypted" in sys.argv[2]))
    Path(sys.argv[2]).write_text(json.dumps(answers, indent=1, default=repr) + "\n", encoding="ascii")
