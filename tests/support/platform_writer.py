"""A program that the real agentomatic runs in: its own store writes a database, and prints what it then returns.

Its arguments are the folder that a release was installed into, and the URL of an empty database. Of the release only
the storage is imported: the rest is web servers.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import sys
import types
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from sqlalchemy.exc import IntegrityError

ODD = "é 😀 \x1a0000 agms1:x \\u0000"
THREADS = ("t", "busy", "fork", "fork of a fork", "orphan", "empty")


def release(folder: str) -> Any:
    """Return the module with the release's store for SQL databases."""
    package = types.ModuleType("agentomatic")
    package.__path__ = [f"{folder}/agentomatic"]
    sys.modules["agentomatic"] = package
    importlib.import_module("loguru").logger.remove()
    return importlib.import_module("agentomatic.storage.sqlalchemy")


async def write(store: Any, url: str) -> None:
    """Store rows of every kind, and what goes wrong with them."""
    await store.create_thread("t", "ada", "agent", title=ODD, metadata={"a": [1, 2.5, None, ODD], "big": 1 << 70})
    await store.create_thread("empty", "grace", "other")
    for number in range(5):
        await store.add_message("t", "user", f"{number} {ODD}", metadata={"n": number, "é": "\x00 😀"})
    await store.add_message("t", "assistant", "agms1:looks like a ciphertext")
    await store.create_thread("busy", "grace", "agent")
    calls = (store.add_message("busy", "user", f"at once {number}") for number in range(25))
    await asyncio.gather(*calls, return_exceptions=True)  # on MySQL most are deadlocked
    await store.fork_thread("t", 2, "fork", title="fork")
    await store.fork_thread("fork", 0, "fork of a fork")
    await store.create_thread("gone", "ada", "agent")
    await store.add_message("gone", "user", "of a parent that is deleted")
    await store.fork_thread("gone", 0, "orphan")
    await store.save_checkpoint("gone", "", "c", None, {"of": "gone"}, {})
    if url.startswith("sqlite"):  # 1.10 lets SQLite ignore its keys
        await _unless_refused(store.add_message("no thread", "user", "of nobody"))
        await _unless_refused(store.add_feedback("no thread", "ada", "agent", comment="of nobody"))
        await _unless_refused(store.save_suspended_state("of nobody", "no thread", "agent", "node", {"a": 1}))
    await store.delete_thread("gone")
    await _write_more(store)


async def _unless_refused(call: Coroutine[Any, Any, Any]) -> None:
    with suppress(IntegrityError):
        await call


async def _write_more(store: Any) -> None:
    (message, *_rest) = await store.get_messages("t")
    texts = {"query": ODD, "response": "", "correction": "better"}
    known = inspect.signature(store.add_feedback).parameters
    more = {name: text for name, text in texts.items() if name in known}
    await store.add_feedback("t", "ada", "agent", rating=5, comment=ODD, message_id=message["id"], **more)
    await store.add_feedback("t", "grace", "other", feedback_type="text")
    await store.save_suspended_state("waits", "t", "agent", "node", {"deep": {"a": [ODD]}})
    await store.save_checkpoint("t", "", "first", None, {"v": 1}, {"step": -1})
    await store.save_checkpoint("t", "", "second", "first", {"v": 2, "text": ODD}, {"step": 0})
    await store.save_checkpoint("of no thread", "sub:1", "x", None, {"v": 1}, {})
    await _run_checkpointer(store)
    await store.create_invocation_log(
        agent_name="agent",
        thread_id="t",
        run_id="r",
        input_data={"a": ODD},
        output_data={},
        duration_ms=0.1,
        log_id="l",
    )
    await store.create_invocation_log(agent_name="agent", resource_type="plugin", error=ODD, status="error", log_id="m")
    await store.save_log_analysis(
        agent_name="agent", score=0.7, summary=ODD, status="good", recommendations=["a", ODD], analysis_id="a"
    )
    await store.create_optimization_run(
        experiment_id="e", agent_name="agent", best_score=0.9, score_history=[0.1, 0.9], learnings=[ODD],
        artefacts={"a": 1}, run_id="o",
    )  # fmt: skip


async def _run_checkpointer(store: Any) -> None:
    """Store two checkpoints of a graph as its checkpointer does: the second under the id of the first."""
    saver = importlib.import_module("agentomatic.storage.checkpointer").AgentomaticCheckpointer(store)
    config: dict[str, Any] = {"configurable": {"thread_id": "graph", "checkpoint_ns": ""}}
    for id_ in ("1f0-a", "1f0-b"):
        checkpoint = {"v": 4, "id": id_, "ts": "", "channel_values": {"x": ODD}, "channel_versions": {}}
        await saver.aput(config, checkpoint, {"source": "loop", "step": 0}, {})
        config["configurable"]["checkpoint_id"] = id_


async def read(store: Any) -> dict[str, Any]:
    """Return everything that the store returns."""
    found: dict[str, Any] = {"threads": await store.list_threads(limit=1000), "messages": {}, "lineage": {}}
    for name in THREADS:
        found["messages"][name] = await store.get_messages(name, limit=1000)
        found["lineage"][name] = await store.get_thread_lineage(name)
    found["feedback"] = await store.get_feedback(limit=1000)
    found["suspended"] = await store.list_suspended_states()
    places = (("t", ""), ("of no thread", "sub:1"), ("graph", ""), ("gone", ""))
    found["checkpoints"] = [one for place in places for one in await store.list_checkpoints(*place)]
    found["logs"] = await store.list_invocation_logs(limit=1000)
    found["analyses"] = await store.list_log_analyses(limit=1000)
    found["runs"] = await store.list_optimization_runs(limit=1000)
    return found


async def main(folder: str, url: str) -> None:
    """Write a database, and print what its store returns as JSON."""
    store = release(folder).SQLAlchemyStore(url)
    await store.initialize()
    await write(store, url)
    print(json.dumps(await read(store)))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
