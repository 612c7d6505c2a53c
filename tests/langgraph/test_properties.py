"""Random histories against LangGraph's saver in memory: what it answers is what this one has to answer."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.types import ERROR, INTERRUPT, RESUME

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.checkpoints import checkpoint, config, id_of
from tests.support.databases import SQL, chosen, database_on


class Oracle(InMemorySaver):
    """LangGraph's saver in memory, with what it lacks done on its dicts in the plainest way."""

    async def adelete_for_runs(self, run_ids: Any) -> None:
        for thread_id, namespaces in self.storage.items():
            for namespace, found in namespaces.items():
                for checkpoint_id, (_, described, _) in list(found.items()):
                    if self.serde.loads_typed(described).get("run_id") in run_ids:
                        self._drop(thread_id, namespace, checkpoint_id)

    async def aprune(self, thread_ids: Any, *, strategy: str = "keep_latest") -> None:
        for thread_id in thread_ids:
            for namespace, found in self.storage[thread_id].items():
                for checkpoint_id in sorted(found)[: -1 if strategy == "keep_latest" else None]:
                    self._drop(thread_id, namespace, checkpoint_id)

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        for namespace, found in list(self.storage[source_thread_id].items()):
            self.storage[target_thread_id][namespace] = dict(found)
        kept: Any
        for kept in (self.writes, self.blobs):
            for key in [key for key in kept if key[0] == source_thread_id]:
                copied = kept[key]
                kept[(target_thread_id, *key[1:])] = dict(copied) if isinstance(copied, dict) else copied

    def _drop(self, thread_id: str, namespace: str, checkpoint_id: str) -> None:
        del self.storage[thread_id][namespace][checkpoint_id]
        self.writes.pop((thread_id, namespace, checkpoint_id), None)


@dataclass
class History:
    """One random history, told to both savers."""

    oracle: Oracle
    savers: list[SQLAlchemySaver]
    prefix: str
    turn: Iterator[int] = field(default_factory=itertools.count)
    threads: int = 1

    @property
    def ours(self) -> SQLAlchemySaver:
        """One of several savers, as several processes have one each: none may rely on what only it did."""
        return self.savers[next(self.turn) % len(self.savers)]

    def thread(self, number: int) -> str:
        return f"{self.prefix}-{number % self.threads}"

    async def checkpoints(self, thread_id: str) -> list[CheckpointTuple]:
        return [found async for found in self.oracle.alist({"configurable": {"thread_id": thread_id}})]

    async def put(self, thread: int, namespace: str, parent: int, change: Any, run: str, again: bool) -> None:
        where = config(self.thread(thread), namespace)
        before = [found async for found in self.oracle.alist(where)]
        found = before[parent % len(before)] if before and parent >= 0 else None
        values = dict(found.checkpoint["channel_values"]) if found else {}
        versions: dict[str, Any] = dict(found.checkpoint["channel_versions"]) if found else {}
        version = self.oracle.get_next_version(max(versions.values(), default=None), None)
        changed = change(values)
        new: Any = dict.fromkeys(changed, version)
        checkpoint_id = id_of(found) if again and found else f"{next(self.turn):08}"
        made = checkpoint(values, {**versions, **new}, checkpoint_id=checkpoint_id)
        if found is not None:
            where = found.config if not again else (found.parent_config or where)
        described: Any = {"source": "loop", "step": parent, "run_id": f"{self.prefix}-{run}"}
        for saver in (self.oracle, self.ours):
            await saver.aput(where, made, described, new)

    async def write(self, thread: int, at: int, task: str, path: str, channels: list[str]) -> None:
        there = await self.checkpoints(self.thread(thread))
        if there:
            where = there[at % len(there)].config
            values = [(channel, f"{channel} {next(self.turn)}") for channel in channels]
            for saver in (self.oracle, self.ours):
                await saver.aput_writes(where, values, task, path)

    async def copy(self, thread: int) -> None:
        source, self.threads = self.thread(thread), self.threads + 1
        for saver in (self.oracle, self.ours):
            await saver.acopy_thread(source, self.thread(self.threads - 1))

    async def prune(self, thread: int, strategy: str) -> None:
        for saver in (self.oracle, self.ours):
            await saver.aprune([self.thread(thread)], strategy=strategy)
        await self.begin()

    async def forget_run(self, run: str) -> None:
        for saver in (self.oracle, self.ours):
            await saver.adelete_for_runs([f"{self.prefix}-{run}"])
        await self.begin()

    async def delete(self, thread: int) -> None:
        for saver in (self.oracle, self.ours):
            await saver.adelete_thread(self.thread(thread))
        await self.begin()

    async def begin(self) -> None:
        """Read as each run does before it adds anything.

        What builds on a conversation that was deleted meanwhile is refused: `test_late_rows.py`.
        """
        for number, saver, namespace in itertools.product(range(self.threads), self.savers, ("", "child")):
            await saver.aget_tuple(config(self.thread(number), namespace))

    async def compare(self) -> None:
        for number in range(self.threads):
            where: RunnableConfig = {"configurable": {"thread_id": self.thread(number)}}
            theirs = [found async for found in self.oracle.alist(where)]
            there = {(found.config["configurable"]["checkpoint_ns"], id_of(found)) for found in theirs}
            expected = by_id([plain(found, there) for found in theirs])
            for saver in self.savers:
                assert by_id([plain(found, there) async for found in saver.alist(where)]) == expected
            for saver in (*self.savers, SQLAlchemySaver(self.savers[0].store)):
                for one in expected:
                    found = await saver.aget_tuple(config(self.thread(number), one["namespace"], one["id"]))
                    assert found is not None
                    assert plain(found, there) == one
                for namespace in ("", "child"):
                    latest = await saver.aget_tuple(config(self.thread(number), namespace))
                    ids = [one["id"] for one in expected if one["namespace"] == namespace]
                    assert (id_of(latest) if latest else None) == max(ids, default=None)


def by_id(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda one: (one["namespace"], one["id"]))


def plain(found: CheckpointTuple, there: set[tuple[str, str]]) -> dict[str, Any]:
    """Return what two savers must agree on; a parent that was removed may be named or not."""
    namespace = found.config["configurable"]["checkpoint_ns"]
    parent = id_of(found.parent_config) if found.parent_config else None
    return {
        "namespace": namespace,
        "id": id_of(found),
        "parent": parent if (namespace, parent) in there else None,
        "checkpoint": found.checkpoint,
        "metadata": found.metadata,
        "writes": found.pending_writes or [],
    }


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(lambda text: text * 12)
messages = st.one_of(
    st.builds(HumanMessage, texts, id=st.sampled_from("abcd")), st.builds(AIMessage, texts, id=st.sampled_from("efgh"))
)
INTEGERS = st.integers(-(2**63), 2**64 - 1)  # what LangGraph's serializer takes
items = st.one_of(texts, messages, INTEGERS, st.none(), st.dictionaries(texts, INTEGERS, max_size=2))


KINDS = ["append", "append", "append", "replace", "remove", "edit", "cut", "small", "drop", "none"]


@st.composite
def changes(draw: st.DrawFn) -> Any:
    """A function that changes a state in place and says which channels it changed."""
    kind = draw(
        st.sampled_from(["append", "append", "append", "replace", "remove", "edit", "cut", "small", "drop", "none"])
    )
    added = draw(st.lists(items, min_size=1, max_size=4))
    place = draw(st.integers(0, 30))

    def change(values: dict[str, Any]) -> list[str]:
        known = list(values.get("messages", []))
        if kind == "small":
            values["small"] = added[0]
            return ["small"]
        if kind == "drop":
            values.pop("messages", None)
            return ["messages"]
        if kind == "none":
            return []
        if kind == "append":
            known += added
        elif kind == "replace":
            known = added
        elif kind == "cut":
            known = known[: place % (len(known) + 1)]
        elif known:
            known[place % len(known) : place % len(known) + 1] = [] if kind == "remove" else added[:1]
        values["messages"] = known
        return ["messages"]

    return change


channels = st.lists(st.sampled_from(["x", "y", ERROR, INTERRUPT, RESUME]), min_size=1, max_size=3)
threads = st.integers(0, 3)
runs = st.sampled_from(["r1", "r2", "r3"])
steps = st.one_of(
    st.tuples(
        st.just("put"), threads, st.sampled_from(["", "", "child"]), st.integers(-1, 5), changes(), runs, st.booleans()
    ),
    st.tuples(st.just("put"), threads, st.just(""), st.just(0), changes(), runs, st.just(False)),  # the chain goes on
    st.tuples(st.just("put"), threads, st.just(""), st.just(0), changes(), runs, st.just(False)),
    st.tuples(
        st.just("write"), threads, st.integers(0, 5), st.sampled_from("tu"), st.sampled_from(["", "p"]), channels
    ),
    st.tuples(st.just("copy"), threads),
    st.tuples(st.just("prune"), threads, st.sampled_from(["keep_latest", "keep_latest", "delete"])),
    st.tuples(st.just("forget_run"), runs),
    st.tuples(st.just("delete"), threads),
)


@pytest.fixture(scope="module", params=chosen(("sqlite", *SQL)))
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('histories')}/store.db"
        return
    with database_on(request.param) as made:
        yield made


def test_random_histories(url: str) -> None:
    numbers = itertools.count()
    with asyncio.Runner() as runner:
        store = SQLAlchemyStore(url)
        runner.run(store.initialize())

        async def tell(told: list[Any]) -> None:
            savers = [SQLAlchemySaver(store) for _ in range(2)]
            history = History(Oracle(), savers, f"h{next(numbers)}")
            for name, *arguments in told:
                await getattr(history, name)(*arguments)
            await history.compare()

        examples = 150 if "sqlite" in url else 60

        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
        @given(st.lists(steps, min_size=1, max_size=25))
        def check(told: list[Any]) -> None:
            runner.run(tell(told))

        check()
        runner.run(store.close())
