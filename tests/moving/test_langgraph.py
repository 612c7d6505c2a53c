"""Graphs of LangGraph's own savers: imported, they go on where they stood, and everything is as it was."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from sqlalchemy import make_url

from agentomatic_sql.encryption import Encryption
from agentomatic_sql.errors import DatabaseError, EncryptionMismatch, InvalidInput, TransferFailed, UnreadableCheckpoint
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.moving import import_langgraph
from agentomatic_sql.moving.langgraph import adding, reading
from tests.support import moved, servers
from tests.support.checkpoints import LONG, config, encrypting, latest, put, writes_of
from tests.support.databases import chosen
from tests.support.graphs import GRAPHS, State, approving, delta_graph, history, said
from tests.support.langgraph_savers import saver_of, shallow_saver_of, stored, tuples

SOURCES = chosen(("sqlite", "postgresql", "mysql", "mariadb"))
PAIRS = [
    (source, target)
    for source, targets in {
        "sqlite": ("sqlite", "postgresql", "mariadb"),
        "postgresql": ("sqlite", "postgresql", "mysql"),
        "mysql": ("postgresql",),
        "mariadb": ("sqlite",),
    }.items()
    for target in targets
    if {source, target} <= {*chosen((source, target))}
]


def asking_below() -> Any:
    """A graph whose subgraph asks."""
    builder: Any = StateGraph(State)
    builder.add_node("first", said("first"))
    builder.add_node("below", approving().compile())
    builder.add_edge(START, "first")
    builder.add_edge("first", "below")
    return builder


ALL_GRAPHS = {**GRAPHS, "approving": approving, "asking_below": asking_below, "delta": delta_graph}
ASKING_TWICE = {"approving", "asking_below"}
"""Graphs with a node that asks a second question when the first is answered."""
STEPS = 8


@pytest.fixture(params=PAIRS, ids="-".join)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The URLs of two empty databases."""
    source, target = request.param
    with moved.database(source, tmp_path) as url, moved.database(target, tmp_path) as other:
        yield url, other


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database."""
    with moved.database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def target(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/target.db"


async def walk(saver: BaseCheckpointSaver[Any], name: str, steps: range) -> None:
    """Run a graph step by step: each call ends after one node, or where the graph asks."""
    graph = ALL_GRAPHS[name]().compile(checkpointer=saver, interrupt_after="*")
    where = config(name)
    for number in steps:
        state = await graph.aget_state(where)
        given: Any = None
        if state.interrupts:
            given = Command(resume={each.id: f"yes to {each.value}" for each in state.interrupts})
        elif not state.next:
            question = {"messages": [HumanMessage(f"question {number}", id=f"q{number}")]}
            given = {"log": [f"input {number}"]} if name == "delta" else question
        await graph.ainvoke(given, where, durability="sync")


async def histories(saver: BaseCheckpointSaver[Any]) -> dict[str, list[Any]]:
    """The histories of all graphs, of which each step was taken."""
    return {name: await history(make().compile(checkpointer=saver), config(name)) for name, make in ALL_GRAPHS.items()}


async def test_graphs_go_on_where_they_stood_under_the_other_saver(pair: tuple[str, str]) -> None:
    url, other = pair
    alone = InMemorySaver()
    async with saver_of(url) as theirs:
        for number, name in enumerate(ALL_GRAPHS):
            half = STEPS // 2 + number % 2
            await walk(alone, name, range(STEPS))
            await walk(theirs, name, range(half))
        before = await stored(url)
        seen = await tuples(theirs)
    done = await import_langgraph(url, other)
    assert done.added["checkpoint"] == len(seen)
    assert await stored(url) == before
    async with SQLAlchemySaver(other) as ours:
        assert await as_read(ours) == as_given(seen)
        for number, name in enumerate(ALL_GRAPHS):
            half = STEPS // 2 + number % 2
            await walk(ours, name, range(half, STEPS))
        assert await histories(ours) == await histories(alone)
    assert await stored(url) == before


async def as_read(saver: BaseCheckpointSaver[Any]) -> Any:
    return as_given(await tuples(saver))


def as_given(found: dict[Any, Any]) -> Any:
    """All that a saver returns, with the writes of a checkpoint in any order: that of MySQL's is another."""
    return {
        place: (one.config, one.checkpoint, one.metadata, one.parent_config, sorted(one.pending_writes or [], key=repr))
        for place, one in found.items()
    }


VALUES: dict[str, Any] = {
    "inline": "a text",
    "number": 1 << 53,
    "yes": True,
    "float": 0.1,
    "none": None,
    "bytes": b"\x00\xff" * 50,
    "message": AIMessage("an answer", id="m"),
    "long": ["c" * 500_000, {"deep": [1, 2.5, None, {"tuple": (1, 2), "set": {3}}]}],
    "keys": {1: "a number", "ü 😀": "no ASCII"},
}


async def fill(saver: BaseCheckpointSaver[Any]) -> None:
    """Store what graphs seldom have, beside what they always have."""
    root = await put(
        saver, config(), VALUES, dict.fromkeys(VALUES, "1"), metadata={"run_id": "r", "writes": {}, "n": 1}
    )
    grown = {**VALUES, "long": [*VALUES["long"], LONG], "inline": "another"}
    versions = {**dict.fromkeys(VALUES, "1"), "long": "2", "inline": "2"}
    child = await put(saver, root, grown, versions, new=["long", "inline"])
    other = {**VALUES, "long": [*VALUES["long"], "a branch"]}
    branch = await put(saver, root, other, {**dict.fromkeys(VALUES, "1"), "long": "2b"}, new=["long"])
    twig = await put(saver, branch, {**other, "long": [*other["long"], LONG]}, {**versions, "long": "3b"}, new=["long"])
    less = {name: value for name, value in grown.items() if name != "message"}
    await put(saver, child, less, {name: versions[name] for name in less}, new=[])
    await put(saver, child, {"log": [LONG]}, {"log": "1", "gone": "7"}, new=["log", "gone"])
    await put(saver, twig, {"x": [1, 2]}, {"x": 5}, seen={"node": {"x": 5}})
    await saver.aput_writes(child, [("x", LONG), ("long", [1]), ("__error__", "why")], "task 2", "~a")
    await saver.aput_writes(child, [("__interrupt__", ["q"]), ("__resume__", "a")], "task 1", "~b")
    await saver.aput_writes(child, [("__interrupt__", ["again"])], "task 1", "~b")
    await saver.aput_writes(branch, [("y", None), ("y", b"bytes"), ("z", AIMessage("?", id="?"))], "task", "")
    await put(saver, config("t", "sub|ns:1"), {"x": ["another namespace"]})
    await put(saver, config("another thread"), {}, {})


async def test_everything_is_as_the_other_saver_returned_it(source: str, target: str) -> None:
    async with saver_of(source) as theirs:
        await fill(theirs)
        before, seen = await stored(source), as_given(await tuples(theirs))
    done = await import_langgraph(source, target)
    assert done.added["checkpoint"] == len(seen) == 9
    assert done.added["write"] == 8
    assert done.bytes_after < done.bytes_before
    async with SQLAlchemySaver(target) as ours:
        assert await as_read(ours) == seen
        order = [write[:2] for write in await writes_of(ours, await one_with(ours, "task 1"))]
        assert order[:3] == [("task 2", name) for name in ("__error__", "x", "long")]
        assert order[3:] == [("task 1", name) for name in ("__resume__", "__interrupt__")]
    rows = await moved.contents(target)
    again = await import_langgraph(source, target)
    assert ({*again.added.values()}, again.present) == ({0}, {"checkpoint": 9})
    assert await moved.contents(target) == rows
    assert await stored(source) == before


async def one_with(saver: BaseCheckpointSaver[Any], task_id: str) -> Any:
    """The config of the checkpoint with writes of this task."""
    found = await tuples(saver)
    return next(one.config for one in found.values() if task_id in [write[0] for write in one.pending_writes or []])


async def test_a_long_conversation_takes_a_tenth_of_the_space(source: str, target: str) -> None:
    async with saver_of(source) as theirs:
        await converse(theirs, 60)
        seen = as_given(await tuples(theirs))
    done = await import_langgraph(source, target)
    assert done.bytes_after * 5 < done.bytes_before
    async with SQLAlchemySaver(target) as ours:
        assert await as_read(ours) == seen


async def converse(saver: BaseCheckpointSaver[Any], turns: int, thread_id: str = "t") -> None:
    """Store a conversation, turn by turn."""
    where, messages, version = config(thread_id), list[Any](), None
    for turn in range(turns):
        kind = AIMessage if turn % 2 else HumanMessage
        messages = [*messages, kind(f"Turn {turn}: " + LONG[: 20 + turn * 7 % 180], id=f"m{turn}")]
        version = saver.get_next_version(version, None)
        where = await put(saver, where, {"messages": messages}, {"messages": version})
        await saver.aput_writes(where, [("messages", messages[-1])], f"task {turn}", "~")


async def test_an_import_that_was_interrupted_goes_on(
    source: str, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_KEYS", 3)
    monkeypatch.setattr(reading, "PAGE_BYTES", 2_000)
    monkeypatch.setattr(adding, "_REMEMBERED", 1)
    async with saver_of(source) as theirs:
        await fill(theirs)
        await converse(theirs, 10, "long")
        seen = as_given(await tuples(theirs))

    def stop(done: int, total: int) -> None:
        assert total == len(seen)
        if done * 2 > total:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await import_langgraph(source, target, progress=stop)
    told: list[tuple[int, int]] = []
    done = await import_langgraph(source, target, progress=lambda *now: told.append(now))
    assert 0 < done.present["checkpoint"] < len(seen)
    assert told[-1] == (len(seen), len(seen))
    async with SQLAlchemySaver(target) as ours:
        assert await as_read(ours) == seen


async def test_memory_does_not_grow_with_the_source(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE_BYTES", 1_000_000)
    url, where = f"sqlite:///{tmp_path}/a.db", config()
    async with saver_of(url) as theirs:
        for number in range(100):
            where = await put(theirs, where, {"x": random.randbytes(200_000)}, {"x": str(number)})
    tracemalloc.start()
    try:
        done = await import_langgraph(url, target)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert done.bytes_before > 20_000_000 > 2 * peak


async def test_graphs_that_went_on_meanwhile_are_brought_up_to_date(source: str, target: str) -> None:
    async with saver_of(source) as theirs:
        for number in range(4):
            for name in ALL_GRAPHS.keys() - ASKING_TWICE:
                await walk(theirs, name, range(number, number + 1))
            done = await import_langgraph(source, target)
            assert done.added["checkpoint"] > 0
            seen = as_given(await tuples(theirs))
            async with SQLAlchemySaver(target) as ours:
                assert await as_read(ours) == seen
    assert {*(await import_langgraph(source, target)).added.values()} == {0}


async def test_a_graph_that_went_on_here_stays_as_it_is(source: str, target: str) -> None:
    async with saver_of(source) as theirs:
        await walk(theirs, "approving", range(1))
    await import_langgraph(source, target)
    async with SQLAlchemySaver(target) as ours:
        await walk(ours, "approving", range(1, 4))
        seen = await as_read(ours)
        assert {*(await import_langgraph(source, target)).added.values()} == {0}
        assert await as_read(ours) == seen


async def test_a_checkpoint_gets_writes_that_came_after_its_child(source: str, target: str) -> None:
    async with saver_of(source) as theirs:
        parent = await put(theirs, config(), {"x": 1}, {"x": "1"})
        await put(theirs, parent, {"x": 2}, {"x": "2"})
        await import_langgraph(source, target)
        await theirs.aput_writes(parent, [("x", 2)], "late", "~")
        seen = as_given(await tuples(theirs))
    assert (await import_langgraph(source, target)).added == {"checkpoint": 0, "value": 0, "write": 1}
    async with SQLAlchemySaver(target) as ours:
        assert await as_read(ours) == seen


async def test_writes_of_what_is_there_come_before_new_checkpoints(target: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    async with saver_of(url) as theirs:
        parent = await put(theirs, config(), {"x": 1}, {"x": "1"})
        await import_langgraph(url, target)
        await theirs.aput_writes(parent, [("x", 2)], "task", "~")
        await put(theirs, parent, {"x": 2}, {"x": "2"}, checkpoint_id="z")
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("UPDATE checkpoints SET checkpoint = x'c1' WHERE checkpoint_id = 'z'")
        connection.commit()
    with pytest.raises(UnreadableCheckpoint, match="checkpoint 'z'"):
        await import_langgraph(url, target)
    async with SQLAlchemySaver(target) as ours:
        assert await writes_of(ours, parent) == [("task", "x", 2)]


async def test_an_import_brings_back_what_was_deleted_here(source: str, target: str) -> None:
    async with saver_of(source) as theirs:
        await converse(theirs, 3)
        seen = as_given(await tuples(theirs))
    await import_langgraph(source, target)
    async with SQLAlchemySaver(target) as ours:
        await ours.aprune(["t"], strategy="keep_latest")
        assert len(await tuples(ours)) == 1
        await import_langgraph(source, target)
        pruned = await as_read(ours)
        assert pruned.keys() == seen.keys()
        assert [place for place in seen if pruned[place] != seen[place]] == [max(seen)]
        assert pruned[max(seen)][:3] == seen[max(seen)][:3]
        await ours.adelete_thread("t")
        assert (await import_langgraph(source, target)).added["checkpoint"] == 3
    async with SQLAlchemySaver(target) as ours:
        assert await as_read(ours) == seen


def thrice(_state: State) -> Any:
    return {"log": [f"{interrupt('a')} {interrupt('b')} {interrupt('c')}"]}


async def test_an_answer_that_was_given_here_stays(source: str, target: str) -> None:
    builder: Any = StateGraph(State)
    builder.add_node("thrice", thrice)
    builder.add_edge(START, "thrice")
    async with saver_of(source) as theirs:
        graph = builder.compile(checkpointer=theirs)
        await graph.ainvoke({"messages": []}, config())
        await graph.ainvoke(Command(resume="1"), config())
    await import_langgraph(source, target)
    async with SQLAlchemySaver(target) as ours:
        graph = builder.compile(checkpointer=ours)
        await graph.ainvoke(Command(resume="2"), config())
        seen = await as_read(ours)
        assert {*(await import_langgraph(source, target)).added.values()} == {0}
        assert await as_read(ours) == seen
        assert [asked.value for asked in (await graph.aget_state(config())).interrupts] == ["c"]
        assert (await graph.ainvoke(Command(resume="3"), config()))["log"] == ["1 2 3"]


@pytest.mark.parametrize("name", sorted(ASKING_TWICE))
async def test_a_question_that_was_answered_under_the_old_saver_is_asked_again(
    name: str, source: str, target: str
) -> None:
    alone, asked = InMemorySaver(), {"approving": 1, "asking_below": 2}[name]
    await walk(alone, name, range(STEPS // 2))
    async with saver_of(source) as theirs:
        await walk(theirs, name, range(asked))
        await import_langgraph(source, target)
        await walk(theirs, name, range(asked, asked + 1))
        now = (await state_of(theirs, name)).interrupts
    await import_langgraph(source, target)
    async with SQLAlchemySaver(target) as ours:
        found = (await state_of(ours, name)).interrupts
        assert ([one.value for one in now], "first" in [one.value for one in found]) == (["second"], True)
        await walk(ours, name, range(asked, STEPS // 2))
        here, there = [(await state_of(saver, name)).values for saver in (ours, alone)]
        assert here == there


@pytest.mark.parametrize("source", chosen(("sqlite", "postgresql")), indirect=True)
async def test_both_savers_can_share_a_database(source: str) -> None:
    async with saver_of(source) as theirs:
        await walk(theirs, "asking_below", range(2))
        before, seen = await stored(source), as_given(await tuples(theirs))
    await import_langgraph(source, source)
    async with SQLAlchemySaver(source) as ours:
        assert await as_read(ours) == seen
    assert await stored(source) == before


# formats of earlier versions


async def test_checkpoints_of_old_formats_have_the_sends_that_their_saver_gives_them(source: str, target: str) -> None:
    async with saver_of(source) as theirs:
        parent = await put(theirs, config(), {"x": 1}, {"x": "1"}, v=2)
        await theirs.aput_writes(parent, [("__pregel_tasks", ["b"])], "b", "~1")
        await theirs.aput_writes(parent, [("__pregel_tasks", ["a"]), ("x", 2)], "a", "~2")
        await put(theirs, parent, {"x": 2}, {"x": "2"}, v=3)
        seen = as_given(await tuples(theirs))
    await import_langgraph(source, target)
    async with SQLAlchemySaver(target) as ours:
        read = await as_read(ours)
        newest = (await latest(ours, config())).checkpoint
        assert newest["channel_values"] == {"x": 2, "__pregel_tasks": [["b"], ["a"]]}
        assert newest["channel_versions"] == {"x": "2", "__pregel_tasks": "2"}
        if "sqlite" in source:  # SqliteSaver leaves them among the parent's writes
            return
        assert read == seen


async def test_tables_of_an_earlier_version_are_read(target: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    async with saver_of(url) as theirs:
        await walk(theirs, "sending", range(3))
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.execute("ALTER TABLE writes DROP COLUMN task_path")
        connection.commit()
    await import_langgraph(url, target)
    async with saver_of(url) as theirs, SQLAlchemySaver(target) as ours:
        assert await as_read(ours) == as_given(await tuples(theirs))


async def test_a_checkpoint_in_json_is_read(target: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    async with saver_of(url) as theirs:
        made = await put(theirs, config(), {"x": ["a", 1], "y": None})
        found = await latest(theirs, made)
    with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
        connection.execute("UPDATE checkpoints SET type = 'json', checkpoint = ?", (json.dumps(found.checkpoint),))
        connection.commit()
    await import_langgraph(url, target)
    async with SQLAlchemySaver(target) as ours:
        assert (await latest(ours, config())).checkpoint == found.checkpoint


@pytest.mark.parametrize("source", chosen(("postgresql",)), indirect=True)
async def test_the_tables_may_be_in_a_schema(source: str, target: str) -> None:
    await servers.run(source, "CREATE SCHEMA theirs")
    await servers.run(source, f"ALTER DATABASE {make_url(source).database} SET search_path = theirs")
    async with saver_of(source) as theirs:
        await walk(theirs, "nested", range(3))
        seen = as_given(await tuples(theirs))
    await servers.run(source, f"ALTER DATABASE {make_url(source).database} RESET search_path")
    with pytest.raises(TransferFailed, match="has no table checkpoints"):
        await import_langgraph(source, target)
    await import_langgraph(source, target, source_schema="theirs")
    async with SQLAlchemySaver(target) as ours:
        assert await as_read(ours) == seen


@pytest.mark.filterwarnings("ignore:.*Shallow.* is deprecated")
@pytest.mark.parametrize("source", chosen(("postgresql", "mysql", "mariadb")), indirect=True)
async def test_a_shallow_saver_has_the_latest_checkpoints(source: str, target: str) -> None:
    alone = InMemorySaver()
    async with shallow_saver_of(source) as theirs:
        for graph in GRAPHS:
            await walk(alone, graph, range(STEPS))
            await walk(theirs, graph, range(4))
        seen = as_given(await tuples(theirs))
    assert (await import_langgraph(source, target)).added["checkpoint"] == len(seen)
    async with SQLAlchemySaver(target) as ours:
        assert await as_read(ours) == seen
        for graph in GRAPHS:
            await walk(ours, graph, range(4, STEPS))
            here, there = [(await state_of(saver, graph)).values for saver in (ours, alone)]
            assert here == there


async def state_of(saver: BaseCheckpointSaver[Any], name: str) -> Any:
    return await ALL_GRAPHS[name]().compile(checkpointer=saver).aget_state(config(name))


# encryption


async def test_encrypted_checkpoints_stay_encrypted(source: str, target: str) -> None:
    secret = HumanMessage("what nobody may read", id="m")
    async with saver_of(source, encrypting()) as theirs:
        where = await put(theirs, config(), {"messages": [secret]})
        await theirs.aput_writes(where, [("messages", [secret])], "task", "~")
        seen = as_given(await tuples(theirs))
    with pytest.raises(TransferFailed, match=r"EncryptedSerializer with AES, set LANGGRAPH_AES_KEY"):
        await import_langgraph(source, target)
    wrong = EncryptedSerializer.from_pycryptodome_aes(key=b"another 16 bytes")
    with pytest.raises(UnreadableCheckpoint, match="MAC check failed"):
        await import_langgraph(source, target, serde=wrong)
    await import_langgraph(source, target, serde=encrypting())
    async with SQLAlchemySaver(target, serde=encrypting()) as ours:
        assert await as_read(ours) == seen
    bodies = [row["body"] for rows in (await moved.contents(target)).values() for row in rows if "body" in row]
    assert bodies
    assert not any(b"nobody" in body for body in bodies)


class Vault:
    """A cipher of an application."""

    def encrypt(self, plaintext: bytes) -> tuple[str, bytes]:
        return "kms", plaintext[::-1]

    def decrypt(self, ciphername: str, ciphertext: bytes) -> bytes:
        assert ciphername == "kms"
        return ciphertext[::-1]


async def test_values_that_another_cipher_encrypted_need_its_serializer(source: str, target: str) -> None:
    serde = EncryptedSerializer(Vault())
    async with saver_of(source, serde) as theirs:
        await converse(theirs, 3)
        seen = as_given(await tuples(theirs))
    with pytest.raises(TransferFailed, match=r"is encrypted \('msgpack\+kms'\): give the savers' serializer as serde="):
        await import_langgraph(source, target)
    await import_langgraph(source, target, serde=serde)
    async with SQLAlchemySaver(target, serde=serde) as ours:
        assert await as_read(ours) == seen


async def test_writes_that_are_there_are_not_read_again(source: str, target: str) -> None:
    opened: list[bytes] = []

    class Watched(Vault):
        def decrypt(self, ciphername: str, ciphertext: bytes) -> bytes:
            found = super().decrypt(ciphername, ciphertext)
            opened.append(found)
            return found

    serde, keys = EncryptedSerializer(Watched()), Encryption({"ours": Encryption.new_key()})
    async with saver_of(source, serde) as theirs:
        await converse(theirs, 3)
        await import_langgraph(source, target, serde=serde, encryption=keys)
        opened.clear()
        assert {*(await import_langgraph(source, target, serde=serde, encryption=keys)).added.values()} == {0}
        assert opened == []
        where = await put(theirs, config(), {"x": 1}, {"x": "1"}, checkpoint_id="z")
        await import_langgraph(source, target, serde=serde, encryption=keys)
        await theirs.aput_writes(where, [("x", "late"), ("y", "later")], "task", "~")
        assert (await import_langgraph(source, target, serde=serde, encryption=keys)).added["write"] == 2
        seen = as_given(await tuples(theirs))
    async with SQLAlchemySaver(target, encryption=keys) as ours:
        assert await as_read(ours) == seen


async def test_a_task_gets_more_writes_of_a_checkpoint_that_is_there(source: str, target: str) -> None:
    """As one that has asked, is resumed, and ends: all under one checkpoint, while others still ask."""
    async with saver_of(source) as theirs:
        where = await put(theirs, config(), {"x": 1}, {"x": "1"})
        for more in ([("__interrupt__", ["q"])], [("__resume__", ["a"])], [("x", 2), ("y", 3)]):
            await theirs.aput_writes(where, more, "task", "~")
            assert (await import_langgraph(source, target)).added["write"] == len(more)
        seen = as_given(await tuples(theirs))
    async with SQLAlchemySaver(target) as ours:
        assert await as_read(ours) == seen


async def test_the_keys_of_the_target_encrypt_instead(source: str, target: str) -> None:
    keys = Encryption({"new": Encryption.new_key()})
    async with saver_of(source, encrypting()) as theirs:
        await converse(theirs, 3)
        seen = as_given(await tuples(theirs))
    await import_langgraph(source, target, serde=encrypting(), encryption=keys)
    async with SQLAlchemySaver(target, encryption=keys) as ours:
        assert await as_read(ours) == seen
    with pytest.raises(EncryptionMismatch, match="'new'"):
        await import_langgraph(source, target, serde=encrypting())


# what cannot be imported


async def test_a_database_without_such_tables_is_refused(source: str, target: str) -> None:
    if "sqlite" in source:
        with closing(sqlite3.connect(source.partition("///")[2])) as connection:
            connection.execute("CREATE TABLE checkpoints_of_others (id)")
    with pytest.raises(TransferFailed, match="has no table checkpoints, which all of LangGraph's savers have"):
        await import_langgraph(source, target)
    with pytest.raises(TransferFailed, match=r"none\.db does not exist"):
        await import_langgraph("sqlite:///none.db", target)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DROP TABLE checkpoint_blobs", "the table checkpoint_blobs is missing"),
        ("ALTER TABLE checkpoint_writes DROP COLUMN channel", r"the column checkpoint_writes\.channel is missing"),
        (
            "DELETE FROM checkpoint_migrations",
            "checkpoint_migrations is empty: the saver's setup",
        ),
        (
            "INSERT INTO checkpoint_migrations VALUES (99)",
            r"a newer saver .* made the tables \(migration 99",
        ),
    ],
)
@pytest.mark.parametrize("source", chosen(("postgresql", "mariadb")), indirect=True)
async def test_tables_that_are_half_made_or_newer_are_refused(
    source: str, statement: str, sentence: str, target: str
) -> None:
    async with saver_of(source) as theirs:
        await put(theirs, config(), {"x": 1})
    await servers.run(source, statement)
    with pytest.raises(TransferFailed, match=sentence):
        await import_langgraph(source, target)


@pytest.mark.parametrize("source", chosen(("postgresql",)), indirect=True)
async def test_a_role_without_rights_is_told(source: str, target: str) -> None:
    async with saver_of(source) as theirs:
        await put(theirs, config(), {"x": 1})
    role = f"reader_{uuid4().hex}"
    await servers.run(source, f"CREATE ROLE {role} LOGIN PASSWORD 'secret'")
    url = make_url(source).set(username=role, password="secret").render_as_string(hide_password=False)
    try:
        with pytest.raises(DatabaseError, match="permission denied for table checkpoint"):
            await import_langgraph(url, target)
    finally:
        await servers.run(source, f"DROP ROLE {role}")


async def test_an_id_that_is_too_long_is_refused(target: str) -> None:
    async with saver_of(f"{target}.source") as theirs:
        await put(theirs, config(), {"x": 1}, checkpoint_id="c" * 256)
    with pytest.raises(InvalidInput, match="checkpoint_id: has 256 characters, at most 255 are allowed"):
        await import_langgraph(f"{target}.source", target)


async def test_a_damaged_checkpoint_is_named(target: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    async with saver_of(url) as theirs:
        await put(theirs, config(), {"x": 1}, checkpoint_id="c1")
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection:
        connection.execute("UPDATE checkpoints SET checkpoint = x'c1'")
        connection.commit()
    with pytest.raises(UnreadableCheckpoint, match="thread 't', namespace '', checkpoint 'c1' cannot be decoded"):
        await import_langgraph(url, target)


# the command


async def test_the_command_says_how_much_space_it_saves(tmp_path: Path, target: str) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    async with saver_of(url) as theirs:
        await converse(theirs, 60)
    done = run("--from", url, "--to", target)
    assert done.returncode == 0, done.stderr
    there, here = done.stdout.partition("a.db: ")[2].split(" there, ")
    assert "imported 120 rows (checkpoint 60, write 60) from sqlite database" in done.stdout
    assert there.endswith((" kB", " MB"))
    assert here.endswith(("kB here.\n", "MB here.\n"))
    again = run("--from", url, "--to", target, "--json")
    assert json.loads(again.stdout)["present"] == {"checkpoint": 60}
    assert run("--from", f"sqlite:///{tmp_path}/none.db", "--to", target).returncode == 1


async def test_the_command_takes_langgraphs_key_from_the_environment(
    tmp_path: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    async with saver_of(url, encrypting()) as theirs:
        await converse(theirs, 3)
    monkeypatch.setenv("LANGGRAPH_AES_KEY", "short")
    failed = run("--from", url, "--to", target)
    assert (failed.returncode, failed.stderr.splitlines()[-1]) == (
        1,
        "error: LANGGRAPH_AES_KEY: must have 16, 24 or 32 bytes",
    )
    monkeypatch.setenv("LANGGRAPH_AES_KEY", "sixteen byte key")
    done = run("--from", url, "--to", target)
    assert done.returncode == 0, done.stderr
    async with SQLAlchemySaver(target, serde=encrypting()) as ours:
        assert len(await tuples(ours)) == 3


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-W", "error", "-m", "agentomatic_sql", "import", "langgraph", *arguments]
    return subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False)
