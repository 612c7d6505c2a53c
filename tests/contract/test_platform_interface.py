"""The public package `agentomatic` in one process with a store: its class, and its checkpointer."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from agentomatic.storage import AgentomaticCheckpointer
from agentomatic.storage import BaseStore as PlatformBaseStore
from agentomatic.storage import SQLAlchemyStore as PlatformStore
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import Checkpoint, CheckpointTuple, empty_checkpoint
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from agentomatic_sql import SQLAlchemyStore
from tests.support.citus import not_on_citus

IS_A_STORE = """
class Custom(BaseStore):
    create_thread = get_thread = list_threads = add_message = get_messages = BaseStore.initialize

for store in (SQLAlchemyStore("sqlite://"), MemoryStore(), Custom()):
    assert isinstance(store, agentomatic.storage.BaseStore), store
assert not isinstance(object(), agentomatic.storage.BaseStore)
"""
STRICT = (  # langsmith, which comes with the platform, warns on Python 3.14
    *("-W", "error", "-W"),
    "ignore:'asyncio.iscoroutinefunction' is deprecated:DeprecationWarning:langsmith._internal._beta_decorator",
)
OURS = "from agentomatic_sql import BaseStore, MemoryStore, SQLAlchemyStore\n"
NOT_LOADED = "import sys\nassert not [name for name in sys.modules if name.partition('.')[0] == 'agentomatic']\n"


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("import agentomatic.storage\n" + OURS + IS_A_STORE, id="platform-first"),
        pytest.param(OURS + "import agentomatic.storage\n" + IS_A_STORE, id="platform-second"),
        pytest.param(OURS + NOT_LOADED, id="platform-not-imported"),
        pytest.param(
            "import sys\nsys.modules['agentomatic'] = None\n"  # how Python is told that there is no such module
            + OURS
            + "import asyncio\nasyncio.run(MemoryStore().create_thread('t', 'ada', 'support'))\n",
            id="platform-not-installed",
        ),
    ],
)
def test_a_store_is_one_of_the_platforms_without_needing_it(program: str) -> None:
    root = str(Path(__file__).parents[2])
    command = [sys.executable, *STRICT, "-c", f"import sys\nsys.path.insert(0, {root!r})\n{program}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def config(thread_id: str, **more: Any) -> RunnableConfig:
    return {"configurable": {"thread_id": thread_id, "checkpoint_ns": "", **more}}


def checkpoint(turn: int) -> Checkpoint:
    """A checkpoint with values of LangChain's own types, which must come back as such."""
    values = {"messages": [HumanMessage(f"question {turn}"), AIMessage("answer", id="a")], "turn": turn}
    return {**empty_checkpoint(), "channel_values": values}


def ids(checkpoints: list[CheckpointTuple]) -> list[str]:
    return [found.config["configurable"]["checkpoint_id"] for found in checkpoints]


async def use_from_tasks(saver: AgentomaticCheckpointer) -> None:
    """aput, aget_tuple and alist, as far as the platform's checkpointer goes."""
    saved = [checkpoint(turn) for turn in range(3)]
    assert await saver.aget_tuple(config("t")) is None
    first = await saver.aput(config("t"), saved[0], {"source": "input", "step": -1}, {})
    for where in (first, config("t")):  # its id is None, which asks for the latest as the empty one does
        found = await saver.aget_tuple(where)
        assert found is not None
        assert found.checkpoint == saved[0]
        assert found.metadata == {"source": "input", "step": -1}
        assert found.parent_config is None
    await saver.aput(config("t", checkpoint_id="a"), saved[1], {"step": 0}, {})
    await saver.aput(config("t", checkpoint_id="b"), saved[2], cast("Any", {"parent_checkpoint_id": "a"}), {})
    latest = await saver.aget_tuple(config("t"))
    assert latest is not None
    assert latest.checkpoint == saved[2]
    assert latest.parent_config == config("t", checkpoint_id="a")
    assert ids([found async for found in saver.alist(config("t"))]) == ["b", "a", ""]
    before = config("t", checkpoint_id="b")
    assert ids([found async for found in saver.alist(config("t"), before=before, limit=1)]) == ["a"]
    await saver.aput(config("t", checkpoint_id="a"), saved[0], {"step": 7}, {})
    again = await saver.aget_tuple(config("t", checkpoint_id="a"))
    assert again is not None
    assert (again.checkpoint, again.metadata) == (saved[0], {"step": 7})
    assert [found async for found in saver.alist(config("elsewhere"))] == []


def use_synchronously(saver: AgentomaticCheckpointer) -> None:
    """put, get_tuple and list: each runs in an event loop of its own."""
    saved = [checkpoint(turn) for turn in range(2)]
    assert saver.get_tuple(config("s")) is None
    first = saver.put(config("s"), saved[0], {"source": "input"}, {})
    for where in (first, config("s")):
        found = saver.get_tuple(where)
        assert found is not None
        assert found.checkpoint == saved[0]
    saver.put(config("s", checkpoint_id="a"), saved[1], {"step": 0}, {})
    assert ids(list(saver.list(config("s")))) == ["a", ""]
    assert ids(list(saver.list(config("s"), before=config("s", checkpoint_id="a")))) == [""]
    latest = saver.get_tuple(config("s"))
    assert latest is not None
    assert latest.checkpoint == saved[1]


async def use_synchronously_in_a_loop(saver: AgentomaticCheckpointer) -> None:
    """Use the saver synchronously while an event loop runs in another thread."""
    before = await saver.aput(config("loop"), checkpoint(1), {}, {})
    use_synchronously(saver)
    assert await saver.aget_tuple(before) is not None


async def _in_a_task(store: Any, use: Callable[[AgentomaticCheckpointer], Any]) -> None:
    await store.initialize()
    try:
        await use(AgentomaticCheckpointer(cast("PlatformBaseStore", store)))
    finally:
        await store.close()


def _in_a_script(store: Any) -> None:
    asyncio.run(store.initialize())
    try:
        use_synchronously(AgentomaticCheckpointer(cast("PlatformBaseStore", store)))
    finally:
        asyncio.run(store.close())


def sqlite_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/theirs.db"


def store_for_many_loops(url: str) -> SQLAlchemyStore:
    """A driver's connection to a server belongs to one event loop, so no pool may hand it to the next one."""
    if url.startswith("sqlite"):
        return SQLAlchemyStore(url)
    not_on_citus(url, "an engine of the application's own cannot name the option")
    return SQLAlchemyStore(engine=create_async_engine(url, poolclass=NullPool))


# What the platform's checkpointer can do is what it can do over its own store: the same uses, on both.


async def test_the_checkpointer_works_over_the_platforms_store(tmp_path: Path) -> None:
    await _in_a_task(PlatformStore(sqlite_url(tmp_path)), use_from_tasks)


async def test_the_checkpointer_works_over_this_store(database_url: str) -> None:
    await _in_a_task(SQLAlchemyStore(database_url), use_from_tasks)


def test_the_checkpointer_works_synchronously_over_the_platforms_store(tmp_path: Path) -> None:
    _in_a_script(PlatformStore(sqlite_url(tmp_path)))


def test_the_checkpointer_works_synchronously_over_this_store(database_url: str) -> None:
    _in_a_script(store_for_many_loops(database_url))


async def test_the_checkpointer_works_synchronously_in_a_loop_over_the_platforms_store(tmp_path: Path) -> None:
    await _in_a_task(PlatformStore(sqlite_url(tmp_path)), use_synchronously_in_a_loop)


async def test_the_checkpointer_works_synchronously_in_a_loop_over_this_store(database_url: str) -> None:
    await _in_a_task(store_for_many_loops(database_url), use_synchronously_in_a_loop)
