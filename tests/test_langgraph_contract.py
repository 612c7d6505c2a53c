"""What LangGraph's loop needs of a saver beyond what its test-suite asks, on every database."""

from __future__ import annotations

import asyncio
import copy
import json
import threading
import uuid
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.serde.base import CipherProtocol
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.serde.types import ERROR, INTERRUPT, RESUME, TASKS
from sqlalchemy import func, select, text, update

from agentomatic_sql import (
    InvalidInput,
    SQLAlchemyStore,
    StoreClosed,
    ThreadExists,
    UnreadableCheckpoint,
)
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.models import GRAPH_CHECKPOINTS, GRAPH_NAMESPACES, GRAPH_VALUES, GRAPH_WRITES
from tests.checkpoints import config, grow, id_of, latest, listed, put

LONG = "a long text, so that it stands in a row of its own and not within the checkpoint: " * 3


async def count(store: SQLAlchemyStore, table: Any) -> int:
    async with store.engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def writes_of(saver: SQLAlchemySaver, where: Any) -> list[Any]:
    return list((await latest(saver, where)).pending_writes or [])


# order and listing


async def test_the_newest_is_the_one_with_the_greatest_id(saver: SQLAlchemySaver) -> None:
    for checkpoint_id in ("b", "c", "a"):
        await put(saver, config(), {"x": checkpoint_id}, checkpoint_id=checkpoint_id)
    assert id_of(await latest(saver, config())) == "c"
    assert await listed(saver, config()) == ["c", "b", "a"]


async def test_ids_are_ordered_by_code_point(saver: SQLAlchemySaver) -> None:
    ids = ["Z", "a", "aa", "b", "\u00e9", "\U0001f600"]
    for checkpoint_id in ids:
        await put(saver, config(), {"x": 1}, checkpoint_id=checkpoint_id)
    assert await listed(saver, config()) == sorted(ids, reverse=True)


async def test_before_is_compared_and_not_looked_up(saver: SQLAlchemySaver) -> None:
    for checkpoint_id in ("a", "c", "e"):
        await put(saver, config(), {"x": 1}, checkpoint_id=checkpoint_id)
    await put(saver, config(namespace="child"), {"x": 1}, checkpoint_id="d")
    assert await listed(saver, config(), before=config(namespace="child", checkpoint_id="d")) == ["c", "a"]
    assert await listed(saver, config(), before=config(checkpoint_id="d"), limit=1) == ["c"]
    assert await listed(saver, config(), before=config()) == ["e", "c", "a"]


async def test_a_checkpoint_id_of_none_is_the_latest(saver: SQLAlchemySaver) -> None:
    await put(saver, config(), {"x": 1}, checkpoint_id="a")
    await put(saver, config(), {"x": 2}, checkpoint_id="b")
    where = config()
    where["configurable"]["checkpoint_id"] = None
    assert id_of(await latest(saver, where)) == "b"
    assert await listed(saver, where) == ["b", "a"]


async def test_without_a_config_all_threads_and_without_a_namespace_all_of_a_thread(saver: SQLAlchemySaver) -> None:
    await put(saver, config("t1"), {"x": 1}, checkpoint_id="a")
    await put(saver, config("t1", "child"), {"x": 1}, checkpoint_id="b")
    await put(saver, config("t2"), {"x": 1}, checkpoint_id="c")
    assert await listed(saver, None) == ["c", "b", "a"]
    assert await listed(saver, {"configurable": {"thread_id": "t1"}}) == ["b", "a"]
    assert await listed(saver, config("t1")) == ["a"]


async def test_a_long_history_is_listed_whole_page_by_page(saver: SQLAlchemySaver) -> None:
    made = await grow(saver, config(), [f"{n} {LONG}" for n in range(120)])
    ids = [id_of(where) for where in made]
    assert await listed(saver, config()) == ids[::-1]
    assert await listed(saver, config(), limit=70) == ids[::-1][:70]
    assert await listed(saver, config(), limit=0) == []
    assert await listed(saver, config(), filter={"step": 7}) == [ids[7]]
    assert await listed(saver, config(), filter={"step": 7}, limit=5) == [ids[7]]
    assert await listed(saver, config(), filter={"step": 7, "source": "input"}) == []
    async for found in saver.alist(config()):
        step: Any = found.metadata["step"]
        assert found.checkpoint["channel_values"]["messages"] == [f"{n} {LONG}" for n in range(step + 1)]


async def test_checkpoints_with_the_same_id_in_many_threads_are_all_listed(saver: SQLAlchemySaver) -> None:
    for number in range(60):
        await put(saver, config(f"t{number}"), {"x": number}, checkpoint_id="same")
    threads = [found.config["configurable"]["thread_id"] async for found in saver.alist(None)]
    assert sorted(threads) == sorted(f"t{number}" for number in range(60))


# put


async def test_the_same_id_again_replaces(saver: SQLAlchemySaver) -> None:
    await put(saver, config(), {"x": [LONG], "y": 1}, {"x": "1", "y": "1"}, checkpoint_id="a")
    await put(saver, config(), {"x": [LONG, LONG]}, {"x": "2"}, checkpoint_id="a", metadata={"step": 2})
    found = await latest(saver, config())
    assert found.checkpoint["channel_values"] == {"x": [LONG, LONG]}
    assert found.metadata["step"] == 2
    assert await listed(saver, config()) == ["a"]


async def test_a_channel_that_did_not_change_is_taken_from_the_parent(saver: SQLAlchemySaver) -> None:
    first = await put(saver, config(), {"x": [LONG], "y": 1}, {"x": "1", "y": "1"})
    second = await put(saver, first, {"y": 2}, {"x": "1", "y": "2"}, new=["y"])
    fresh = SQLAlchemySaver(saver.store)
    third = await put(fresh, second, {"y": 3}, {"x": "1", "y": "3"}, new=["y"])
    for where, y in ((first, 1), (second, 2), (third, 3)):
        assert (await latest(fresh, where)).checkpoint["channel_values"] == {"x": [LONG], "y": y}
    assert await count(saver.store, GRAPH_VALUES) == 1


async def test_a_channel_without_a_version_does_not_come_back(saver: SQLAlchemySaver) -> None:
    first = await put(saver, config(), {"x": LONG, "y": LONG}, {"x": "1", "y": "1"})
    second = await put(saver, first, {"x": LONG}, {"x": "1"}, new=[])
    third = await put(saver, second, {}, {"x": "2"})  # a version, and no value: an empty channel
    assert (await latest(saver, second)).checkpoint["channel_values"] == {"x": LONG}
    assert (await latest(saver, third)).checkpoint["channel_values"] == {}


async def test_metadata_takes_the_configs_scalars_and_keeps_its_own(saver: SQLAlchemySaver) -> None:
    where = config(tenant="acme", run_id="r1")
    where["metadata"] = {"plan": 7, "object": object()}
    await put(saver, where, {}, metadata={"writes": {"a": 1}, "nested": {"deep": [1, None, True]}})
    found = (await latest(saver, config())).metadata
    assert found == {
        "source": "loop",
        "step": 1,
        "parents": {},
        "nested": {"deep": [1, None, True]},
        "tenant": "acme",
        "run_id": "r1",
        "plan": 7,
    }


async def test_versions_sort_as_text_and_differ_between_branches(saver: SQLAlchemySaver) -> None:
    version = None
    seen = []
    for _ in range(12):
        version = saver.get_next_version(version, None)
        seen.append(version)
    assert seen == sorted(seen)
    branches = {saver.get_next_version(seen[-1], None) for _ in range(50)}
    assert len(branches) == 50
    assert min(branches) > seen[-1]
    assert saver.get_next_version(3, None) > saver.get_next_version(2, None)  # type: ignore[arg-type]


# writes


async def test_writes_are_sorted_by_path_task_and_index(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": 1})
    await saver.aput_writes(where, [("x", "b0"), ("x", "b1")], "task-b", "~2")
    await saver.aput_writes(where, [("x", "c0")], "task-c", "~1")
    await saver.aput_writes(where, [("x", "a0")], "task-a", "~2")
    expected = [("task-c", "x", "c0"), ("task-a", "x", "a0"), ("task-b", "x", "b0"), ("task-b", "x", "b1")]
    assert await writes_of(saver, where) == expected
    assert [found.pending_writes async for found in saver.alist(config())] == [expected]


async def test_special_writes_replace_and_others_stay_as_first_written(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": 1})
    await saver.aput_writes(where, [("x", "first")], "task")
    await saver.aput_writes(where, [("x", "second"), ("y", "more")], "task")
    await saver.aput_writes(where, [(INTERRUPT, "i1"), (RESUME, "r1")], "task")
    await saver.aput_writes(where, [(INTERRUPT, "i2")], "task")
    await saver.aput_writes(where, [(ERROR, "e")], "task")
    assert await writes_of(saver, where) == [
        ("task", RESUME, "r1"),
        ("task", INTERRUPT, "i2"),
        ("task", ERROR, "e"),
        ("task", "x", "first"),
        ("task", "y", "more"),
    ]


async def test_writes_may_come_before_their_checkpoint(saver: SQLAlchemySaver) -> None:
    await saver.aput_writes(config(checkpoint_id="a"), [("x", 1)], "task")
    assert await saver.aget_tuple(config()) is None
    await put(saver, config(), {"x": 1}, checkpoint_id="a")
    assert await writes_of(saver, config()) == [("task", "x", 1)]


async def test_pending_sends_of_old_checkpoints_come_from_their_parent(saver: SQLAlchemySaver) -> None:
    parent = await put(saver, config(), {"x": 1}, {"x": "1"}, v=3)
    await saver.aput_writes(parent, [(TASKS, "send 1"), ("x", 2), (TASKS, "send 2")], "task", "~1")
    await saver.aput_writes(parent, [(TASKS, "send 0")], "a task", "~0")
    child = await put(saver, parent, {"x": 2}, {"x": "2"}, v=3)
    found = await latest(saver, child)
    assert found.checkpoint["channel_values"] == {"x": 2, TASKS: ["send 0", "send 1", "send 2"]}
    assert found.checkpoint["channel_versions"] == {"x": "2", TASKS: "2"}
    assert (await latest(saver, parent)).checkpoint["channel_values"] == {"x": 1}
    assert [one.checkpoint["channel_values"].get(TASKS) async for one in saver.alist(config(), limit=1)] == [
        ["send 0", "send 1", "send 2"]
    ]
    newer = await put(saver, parent, {"x": 2}, {"x": "2"}, v=4)
    assert (await latest(saver, newer)).checkpoint["channel_values"] == {"x": 2}


# values

TEXTS = ["\x00", "a\x00b", "\ud800", "\udfff tail", "\x1a", "\x1a0000", "\U0001f600", "\ud83d\ude00", "e\u0301", " "]


@pytest.mark.parametrize("value", TEXTS, ids=lambda value: ascii(value))
async def test_any_text_in_any_place(saver: SQLAlchemySaver, value: str) -> None:
    values = {
        "short": value,
        "long": value + LONG,
        "list": [value, {value: [value, 1, b"?"]}, {value}],
        "message": [HumanMessage(value, id="1"), AIMessage(value, additional_kwargs={"k": value}, id="2")],
    }
    where = await put(saver, config(), values, metadata={"note": [value]})
    await saver.aput_writes(where, [("x", values["list"]), ("y", values["message"])], "task", "path")
    for reader in (saver, SQLAlchemySaver(saver.store)):
        found = await latest(reader, config())
        assert found.checkpoint["channel_values"] == values
        assert found.metadata["note"] == [value]  # type: ignore[typeddict-item]
        assert [write[2] for write in found.pending_writes or []] == [values["list"], values["message"]]


async def test_a_list_that_gets_an_odd_text_goes_on(saver: SQLAlchemySaver) -> None:
    items = [f"{n} {LONG}" for n in range(3)] + ["\ud800" + LONG, "\x1a" + LONG, LONG]
    made = await grow(saver, config(), items)
    for number, where in enumerate(made):
        found = await latest(SQLAlchemySaver(saver.store), where)
        assert found.checkpoint["channel_values"]["messages"] == items[: number + 1]


@pytest.mark.parametrize("length", [1, 64, 65, 1000, 70_000])
async def test_lists_of_any_length(saver: SQLAlchemySaver, length: int) -> None:
    first = await put(saver, config(), {"x": list(range(length))}, {"x": "1"})
    second = await put(saver, first, {"x": list(range(length + 1))}, {"x": "2"})
    fresh = SQLAlchemySaver(saver.store)
    assert (await latest(fresh, first)).checkpoint["channel_values"]["x"] == list(range(length))
    assert (await latest(fresh, second)).checkpoint["channel_values"]["x"] == list(range(length + 1))


async def test_twenty_megabytes(saver: SQLAlchemySaver) -> None:
    import random

    noise = random.Random(7).randbytes(20_000_000)  # nothing that could be compressed
    where = await put(saver, config(), {"x": [noise], "y": {"z": noise[::-1]}})
    await saver.aput_writes(where, [("x", noise)], "task")
    found = await latest(SQLAlchemySaver(saver.store), config())
    assert found.checkpoint["channel_values"]["x"] == [noise]
    assert found.checkpoint["channel_values"]["y"]["z"] == noise[::-1]
    assert found.pending_writes == [("task", "x", noise)]


# keys


async def test_ids_and_namespaces_of_any_length(saver: SQLAlchemySaver) -> None:
    nested = "|".join(f"agent{n}:{uuid.UUID(int=n)}" for n in range(50))
    assert len(nested) > 2000
    for thread_id in ("t" * 3000, "t" * 3000 + "x", "T" * 3000, "t ", "t", "", "\x00", "\ud800"):
        await put(saver, config(thread_id, nested), {"x": thread_id})
        await put(saver, config(thread_id, nested + "x"), {"x": "longer " + thread_id})
        await saver.aput_writes(config(thread_id, nested, "w"), [("x", 1)], "task")
    for thread_id in ("t" * 3000, "t" * 3000 + "x", "T" * 3000, "t ", "t", "", "\x00", "\ud800"):
        found = await latest(saver, config(thread_id, nested))
        assert found.checkpoint["channel_values"] == {"x": thread_id}
        assert found.config["configurable"]["thread_id"] == thread_id
        listed_ = [one.config["configurable"] async for one in saver.alist({"configurable": {"thread_id": thread_id}})]
        assert [(one["thread_id"], one["checkpoint_ns"]) for one in listed_] == [
            (thread_id, nested + "x"),
            (thread_id, nested),
        ]


async def test_a_thread_id_that_is_no_string(saver: SQLAlchemySaver) -> None:
    number = uuid.UUID(int=7)
    where = await put(saver, config(number), {"x": 1})
    assert where["configurable"]["thread_id"] == str(number)
    assert id_of(await latest(saver, config(number))) == id_of(where) == id_of(await latest(saver, config(str(number))))
    await saver.adelete_thread(number)  # type: ignore[arg-type]
    assert await saver.aget_tuple(config(number)) is None


async def test_a_checkpoint_id_that_is_too_long_is_refused(saver: SQLAlchemySaver) -> None:
    with pytest.raises(InvalidInput, match="checkpoint_id: 300 characters, at most 255"):
        await put(saver, config(), {"x": 1}, checkpoint_id="x" * 300)
    assert await listed(saver, None) == []


async def test_a_config_without_a_thread(saver: SQLAlchemySaver) -> None:
    where: Any = {"configurable": {"checkpoint_ns": ""}}
    for call in (
        lambda: saver.aget_tuple(where),
        lambda: put(saver, where, {}),
        lambda: saver.aput_writes(where, [("x", 1)], "task"),
        lambda: listed(saver, where),
    ):
        with pytest.raises(KeyError, match="thread_id"):
            await call()


# deleting, copying, pruning


async def test_deleting_a_thread_leaves_nothing_of_it_and_all_of_others(saver: SQLAlchemySaver) -> None:
    kept = await grow(saver, config("t2"), [LONG] * 3)
    where = (await grow(saver, config("t1"), [LONG] * 3))[-1]
    await grow(saver, config("t1", "child"), [LONG] * 3)
    await saver.aput_writes(where, [("x", 1)], "task")
    await saver.adelete_thread("t1")
    await saver.adelete_thread("t1")
    assert await listed(saver, {"configurable": {"thread_id": "t1"}}) == []
    assert await listed(saver, None) == [id_of(one) for one in kept[::-1]]
    assert await count(saver.store, GRAPH_NAMESPACES) == 1
    assert await count(saver.store, GRAPH_WRITES) == 0
    again = await put(saver, where, {"x": LONG})  # what the saver remembers of it has gone
    assert (await latest(saver, again)).checkpoint["channel_values"] == {"x": LONG}


async def test_a_thread_deleted_elsewhere_can_be_begun_anew(saver: SQLAlchemySaver) -> None:
    last = (await grow(saver, config(), [LONG] * 3))[-1]
    await SQLAlchemySaver(saver.store).adelete_thread("t")
    await saver.aput_writes(last, [("x", 1)], "task")
    after = await put(saver, last, {"messages": [LONG] * 4}, {"messages": "9"})
    found = await latest(SQLAlchemySaver(saver.store), after)
    assert found.checkpoint["channel_values"] == {"messages": [LONG] * 4}


async def test_pruning_says_how_much_it_removed(saver: SQLAlchemySaver) -> None:
    made = await grow(saver, config(), [f"{n} {LONG}" for n in range(5)])
    for where in made:
        await saver.aput_writes(where, [("x", 1)], "task")
    await saver.aput_writes(config(checkpoint_id="to come"), [("x", 1)], "task")
    removed = await saver.aprune(["t", "t", "nobody"])
    assert (removed.checkpoints, removed.writes, removed.values) == (4, 4, 0)
    found = await latest(saver, config())
    assert id_of(found) == id_of(made[-1])
    assert found.checkpoint["channel_values"]["messages"] == [f"{n} {LONG}" for n in range(5)]
    assert found.parent_config is None
    assert await count(saver.store, GRAPH_WRITES) == 2  # the latest's, and those that came before their checkpoint
    assert (await saver.aprune(["t"])).checkpoints == 0
    removed = await saver.aprune(["t"], strategy="delete")
    assert (removed.checkpoints, removed.writes, removed.values) == (1, 2, 5)
    assert await count(saver.store, GRAPH_NAMESPACES) == 0
    with pytest.raises(InvalidInput, match="strategy"):
        await saver.aprune(["t"], strategy="keep_last")


async def test_pruning_removes_values_that_only_others_read(saver: SQLAlchemySaver) -> None:
    first = (await grow(saver, config(), [f"{n} {LONG}" for n in range(4)]))[-1]
    await put(saver, first, {"messages": ["other " + LONG]}, {"messages": "9"})
    assert await count(saver.store, GRAPH_VALUES) == 5
    removed = await saver.aprune(["t"])
    assert (removed.checkpoints, removed.values) == (4, 4)
    assert (await latest(SQLAlchemySaver(saver.store), config())).checkpoint["channel_values"] == {
        "messages": ["other " + LONG]
    }


async def test_many_checkpoints_are_pruned_in_batches(
    saver: SQLAlchemySaver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("agentomatic_sql.graph_pruning.BATCH", 10)
    await grow(saver, config(), [LONG] * 35)
    with caplog.at_level("INFO", "agentomatic_sql"):
        assert (await saver.aprune(["t"])).checkpoints == 34
    assert "34 checkpoints" in caplog.text
    assert len(await listed(saver, config())) == 1


async def test_a_checkpoint_that_follows_a_pruned_one_loses_nothing(saver: SQLAlchemySaver) -> None:
    made = await grow(saver, config(), [f"{n} {LONG}" for n in range(4)])
    await put(saver, made[-1], {"messages": ["short " + LONG]}, {"messages": "9"})
    await SQLAlchemySaver(saver.store).aprune(["t"])  # the list's runs are gone, as this saver does not know
    after = await put(saver, made[-1], {"messages": [f"{n} {LONG}" for n in range(5)]}, {"messages": "5"})
    found = await latest(SQLAlchemySaver(saver.store), after)
    assert found.checkpoint["channel_values"] == {"messages": [f"{n} {LONG}" for n in range(5)]}


async def test_runs_are_removed_from_all_threads(saver: SQLAlchemySaver) -> None:
    first = (await grow(saver, config("t1"), ["a" + LONG], run_id="r1"))[-1]
    await grow(saver, config("t1"), ["b" + LONG], run_id="r2")
    await grow(saver, config("t2", "child"), ["c" + LONG], run_id="r1")
    await saver.aput_writes(first, [("x", 1)], "task")
    removed = await saver.adelete_for_runs(["r1", "nobody"])
    assert (removed.checkpoints, removed.writes) == (2, 1)
    found = await latest(SQLAlchemySaver(saver.store), config("t1"))
    assert found.checkpoint["channel_values"]["messages"] == ["a" + LONG, "b" + LONG]
    assert len(await listed(saver, None)) == 1
    assert (await saver.adelete_for_runs([])).checkpoints == 0


async def test_a_copy_is_apart_from_its_source(saver: SQLAlchemySaver) -> None:
    made = await grow(saver, config("source"), [f"{n} {LONG}" for n in range(3)])
    await grow(saver, config("source", "child"), [LONG])
    await saver.aput_writes(made[-1], [("x", 1)], "task")
    await saver.acopy_thread("source", "target")
    await grow(saver, config("source"), ["source goes on"])
    await grow(saver, config("target"), ["target goes on"])
    fresh = SQLAlchemySaver(saver.store)
    for thread_id in ("source", "target"):
        messages = (await latest(fresh, config(thread_id))).checkpoint["channel_values"]["messages"]
        assert messages == [*(f"{n} {LONG}" for n in range(3)), f"{thread_id} goes on"]
    assert await writes_of(fresh, config("target", checkpoint_id=id_of(made[-1]))) == [("task", "x", 1)]
    await saver.adelete_thread("source")
    assert len(await listed(fresh, config("target"))) == 4
    assert len(await listed(fresh, config("target", "child"))) == 1
    with pytest.raises(ThreadExists, match="target"):
        await saver.acopy_thread("target", "target")
    await saver.acopy_thread("nobody", "empty")
    assert await listed(saver, config("empty")) == []


# serializers


class Xor(CipherProtocol):
    """Enough of a cipher to see what goes through one."""

    def encrypt(self, plaintext: bytes) -> tuple[str, bytes]:
        return "xor", bytes(byte ^ 0x55 for byte in plaintext)

    def decrypt(self, ciphername: str, ciphertext: bytes) -> bytes:
        assert ciphername == "xor"
        return bytes(byte ^ 0x55 for byte in ciphertext)


async def stored_bytes(store: SQLAlchemyStore) -> bytes:
    """Every byte in the columns that can carry what users wrote."""
    found = b""
    async with store.engine.connect() as connection:
        for table in (GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES):
            found += b"".join((await connection.execute(select(table.c.body))).scalars())
        found += "".join((await connection.execute(select(GRAPH_CHECKPOINTS.c.segments))).scalars()).encode()
    return found


async def test_nothing_that_users_wrote_stands_outside_the_cipher(saver: SQLAlchemySaver) -> None:
    sealed = SQLAlchemySaver(saver.store, serde=EncryptedSerializer(Xor()))
    for one, expected in ((saver, True), (sealed, False)):
        thread_id = f"thread {expected}"
        where = await put(one, config(thread_id), {"x": "secret"}, metadata={"note": "secret"})
        where = await put(one, where, {"x": [HumanMessage("secret", id="1")]}, metadata={"run_id": "secret"})
        await one.aput_writes(where, [("secret", "secret")], "task", "secret")
        found = await latest(SQLAlchemySaver(saver.store, serde=one.serde), config(thread_id))
        assert found.checkpoint["channel_values"] == {"x": [HumanMessage("secret", id="1")]}
        assert found.pending_writes == [("task", "secret", "secret")]
        assert (b"secret" in await stored_bytes(saver.store)) is expected
        await one.adelete_thread(thread_id)


async def test_an_encrypted_list_grows_by_what_is_added(saver: SQLAlchemySaver) -> None:
    sealed = SQLAlchemySaver(saver.store, serde=EncryptedSerializer(Xor()))
    made = await grow(sealed, config(), [f"{n} {LONG}" for n in range(6)])
    assert await count(saver.store, GRAPH_VALUES) == 6
    fresh = SQLAlchemySaver(saver.store, serde=EncryptedSerializer(Xor()))
    found = await latest(fresh, made[3])
    assert found.checkpoint["channel_values"]["messages"] == [f"{n} {LONG}" for n in range(4)]


async def test_a_row_that_is_not_encrypted_is_refused(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": [LONG]})
    await saver.aput_writes(where, [("x", 1)], "task")
    strict = SQLAlchemySaver(saver.store, serde=EncryptedSerializer(Xor()))
    with pytest.raises(UnreadableCheckpoint, match="is not encrypted"):
        await strict.aget_tuple(config())
    with pytest.raises(UnreadableCheckpoint, match="is not encrypted"):
        await listed(strict, config())
    changing = SQLAlchemySaver(saver.store, serde=EncryptedSerializer(Xor()), strict=False)
    after = (await grow(changing, config(), ["and on"]))[-1]
    assert (await latest(changing, after)).checkpoint["channel_values"]["messages"] == ["and on"]
    with pytest.raises(UnreadableCheckpoint, match="is encrypted: give the EncryptedSerializer"):
        await SQLAlchemySaver(saver.store).aget_tuple(after)


async def test_a_run_or_a_write_that_was_put_in_beside_the_cipher_is_refused(saver: SQLAlchemySaver) -> None:
    sealed = SQLAlchemySaver(saver.store, serde=EncryptedSerializer(Xor()))
    where = await put(sealed, config(), {"x": [LONG]})
    await sealed.aput_writes(where, [("x", 1)], "task")
    async with saver.store.engine.begin() as connection:
        await connection.execute(update(GRAPH_VALUES).values(body=b"\x00\xa1x"))
    fresh = SQLAlchemySaver(saver.store, serde=EncryptedSerializer(Xor()))
    with pytest.raises(UnreadableCheckpoint, match="channel 'x' cannot be decoded: the row is not encrypted"):
        await fresh.aget_tuple(config())


async def test_any_serializer_will_do(saver: SQLAlchemySaver) -> None:
    pickling = SQLAlchemySaver(saver.store, serde=JsonPlusSerializer(pickle_fallback=True))
    where = await put(pickling, config(), {"x": [range(5), LONG], "y": b"\x00\xff" * 100})
    found = await latest(SQLAlchemySaver(saver.store, serde=pickling.serde), where)
    assert found.checkpoint["channel_values"] == {"x": [range(5), LONG], "y": b"\x00\xff" * 100}


async def test_a_shallow_copy_with_another_serializer(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": [LONG]})
    clone = copy.copy(saver)
    clone.serde = EncryptedSerializer(Xor())
    with pytest.raises(UnreadableCheckpoint, match="is not encrypted"):
        await clone.aget_tuple(where)
    assert (await latest(saver, where)).checkpoint["channel_values"] == {"x": [LONG]}
    strict = SQLAlchemySaver(saver.store, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
    allowing = strict.with_allowlist([("tests.checkpoints", "Nothing")])
    assert allowing is not strict
    assert (await latest(allowing, where)).checkpoint["channel_values"] == {"x": [LONG]}


# what cannot be read


async def test_what_cannot_be_decoded_is_named_and_others_are_unharmed(saver: SQLAlchemySaver) -> None:
    bad = await put(saver, config("bad", "ns"), {"fine": 1, "broken": [LONG]}, {"fine": "1", "broken": "1"})
    good = await put(saver, config("good"), {"x": [LONG]})
    async with saver.store.engine.begin() as connection:
        ours = select(GRAPH_NAMESPACES.c.id).where(GRAPH_NAMESPACES.c.checkpoint_ns == "ns").scalar_subquery()
        await connection.execute(
            update(GRAPH_VALUES).where(GRAPH_VALUES.c.namespace_id == ours).values(body=b"\x01rubbish")
        )
    fresh = SQLAlchemySaver(saver.store)
    with pytest.raises(UnreadableCheckpoint) as refused:
        await fresh.aget_tuple(config("bad", "ns"))
    error = refused.value
    assert (error.thread_id, error.checkpoint_ns, error.checkpoint_id) == ("bad", "ns", id_of(bad))
    assert error.channel == "broken"
    for part in ("'bad'", "'ns'", repr(id_of(bad)), "'broken'"):
        assert part in str(error)
    assert error.__cause__ is not None
    with pytest.raises(UnreadableCheckpoint, match="'broken'"):
        await listed(fresh, None)
    assert (await latest(fresh, config("good"))).checkpoint["channel_values"] == {"x": [LONG]}
    assert await listed(fresh, config("good")) == [id_of(good)]


async def test_a_body_and_writes_that_cannot_be_decoded(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": 1})
    await saver.aput_writes(where, [("x", 1)], "task")
    for table in (GRAPH_WRITES, GRAPH_CHECKPOINTS):
        async with saver.store.engine.begin() as connection:
            await connection.execute(update(table).values(body=b"\x09rubbish"))
        with pytest.raises(UnreadableCheckpoint, match="begins with") as refused:
            await saver.aget_tuple(config())
        assert refused.value.channel is None


async def test_a_run_that_is_missing_is_not_passed_over(saver: SQLAlchemySaver) -> None:
    await grow(saver, config(), [f"{n} {LONG}" for n in range(3)])
    async with saver.store.engine.begin() as connection:
        await connection.execute(GRAPH_VALUES.delete().where(GRAPH_VALUES.c.position == 1))
    fresh = SQLAlchemySaver(saver.store)
    with pytest.raises(UnreadableCheckpoint, match=r"run 1 of segment \d+ is not there"):
        await fresh.aget_tuple(config())
    with pytest.raises(UnreadableCheckpoint, match=r"run 1 of segment \d+ is not there"):
        await listed(fresh, config())


async def test_a_closed_store(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": 1})
    await saver.store.close()
    for call in (
        lambda: saver.aget_tuple(where),
        lambda: put(saver, where, {}),
        lambda: saver.aput_writes(where, [("x", 1)], "task"),
        lambda: listed(saver, where),
        lambda: saver.adelete_thread("t"),
        lambda: saver.aprune(["t"]),
    ):
        with pytest.raises(StoreClosed):
            await call()


# the store's own view


async def test_the_store_deletes_and_counts_a_graphs_checkpoints(saver: SQLAlchemySaver) -> None:
    await saver.store.create_thread("t", "ada", "agent")
    await saver.store.save_checkpoint("t", "", "own", None, {"a": 1}, {})
    await grow(saver, config(), [LONG] * 2)
    await grow(saver, config("graph only"), [LONG] * 2)
    assert (await saver.store.get_stats())["checkpoints"] == 5
    assert await saver.store.delete_thread("t") is True
    assert await listed(saver, None) == await listed(saver, config("graph only"))
    assert await saver.store.delete_thread("graph only") is True
    assert await saver.store.delete_thread("graph only") is False
    assert (await saver.store.get_stats())["checkpoints"] == 0


async def test_the_store_lists_a_graphs_checkpoints(saver: SQLAlchemySaver) -> None:
    store = saver.store
    await store.save_checkpoint("t", "", "own", None, {"a": 1}, {"b": 2})
    message = HumanMessage("hello\ud800", id="1")
    made = [await put(saver, config(), {"messages": [message], "n": 1}, {"messages": "1", "n": "1"})]
    made.append(await put(saver, made[0], {"messages": [message, uuid.UUID(int=7)], "n": float("nan")}))
    records = await store.list_checkpoints("t", "")
    assert [record["checkpoint_id"] for record in records] == [id_of(made[1]), id_of(made[0]), "own"]
    json.dumps(records)
    first = records[1]
    assert first["parent_checkpoint_id"] is None
    assert first["metadata"] == {"source": "loop", "step": 1, "parents": {}}
    assert first["checkpoint"]["channel_values"]["n"] == 1
    assert first["checkpoint"]["channel_values"]["messages"][0]["content"] == "hello\ud800"
    assert records[0]["checkpoint"]["channel_values"]["messages"][1] == str(uuid.UUID(int=7))
    assert records[0]["parent_checkpoint_id"] == id_of(made[0])
    assert await store.get_checkpoint("t", "", id_of(made[0])) == first
    assert await store.get_checkpoint("t", "", "") == records[0]
    assert await store.list_checkpoints("t", "", limit=1) == records[:1]
    assert await store.list_checkpoints("t", "", before=id_of(made[1])) == records[1:2]
    assert await store.list_checkpoints("t", "elsewhere") == []
    await store.save_checkpoint("t", "", "own, later", None, {}, {})
    latest_ = await store.get_checkpoint("t", "", None)
    assert latest_ is not None
    assert latest_["checkpoint_id"] == "own, later"


async def test_the_store_shows_what_it_cannot_decode_without_its_content(saver: SQLAlchemySaver) -> None:
    sealed = SQLAlchemySaver(saver.store, serde=EncryptedSerializer(Xor()))
    where = await put(sealed, config(), {"x": [LONG]})
    (record,) = await saver.store.list_checkpoints("t", "")
    assert record["checkpoint_id"] == id_of(where)
    assert (record["checkpoint"], record["metadata"]) == ({}, {})


async def test_a_fork_takes_the_graphs_state_along(saver: SQLAlchemySaver) -> None:
    store = saver.store
    await store.create_thread("t", "ada", "agent")
    await store.add_messages("t", [{"role": "user", "content": "hello"}] * 3)
    await store.save_checkpoint("t", "", "own", None, {"a": 1}, {})
    made = await grow(saver, config(), [f"{n} {LONG}" for n in range(3)])
    await grow(saver, config(namespace="child"), [LONG])
    await saver.aput_writes(made[-1], [("x", 1)], "task")
    assert await store.fork_thread("t", 1, "plain")
    assert await store.fork_thread("t", 1, "fork", checkpoints=True)
    assert await listed(saver, config("plain")) == []
    await grow(saver, config(), ["the parent goes on"])
    found = await latest(SQLAlchemySaver(store), config("fork"))
    assert found.checkpoint["channel_values"]["messages"] == [f"{n} {LONG}" for n in range(3)]
    assert found.pending_writes == [("task", "x", 1)]
    assert len(await listed(saver, config("fork", "child"))) == 1
    assert len(await store.get_messages("fork")) == 2
    await put(saver, config("new graph"), {"x": 1})
    with pytest.raises(ThreadExists, match="new graph"):
        await store.fork_thread("t", 1, "new graph", checkpoints=True)
    assert await store.get_thread("new graph") is None  # nothing is half done
    assert await store.delete_thread("fork")
    assert await listed(saver, config("fork")) == []


# concurrency


async def test_branches_from_one_checkpoint_at_once(saver: SQLAlchemySaver) -> None:
    start = (await grow(saver, config(), [f"{n} {LONG}" for n in range(3)]))[-1]
    savers = [SQLAlchemySaver(saver.store) for _ in range(8)]
    made = await asyncio.gather(*(grow(one, start, [f"branch {n} {LONG}", "on"]) for n, one in enumerate(savers)))
    for number, branch in enumerate(made):
        messages = (await latest(SQLAlchemySaver(saver.store), branch[-1])).checkpoint["channel_values"]["messages"]
        assert messages == [*(f"{n} {LONG}" for n in range(3)), f"branch {number} {LONG}", "on"]


async def test_saving_while_others_prune_loses_no_state(saver: SQLAlchemySaver) -> None:
    other = SQLAlchemySaver(saver.store)
    saving = asyncio.create_task(grow(saver, config(), [f"{n} {LONG}" for n in range(40)]))
    while not saving.done():
        await other.aprune(["t"])
    made = await saving
    found = await latest(SQLAlchemySaver(saver.store), made[-1])
    assert found.checkpoint["channel_values"]["messages"] == [f"{n} {LONG}" for n in range(40)]


async def test_as_many_connections_as_graphs_are_busy(database_url: str) -> None:
    if "sqlite" in database_url:
        pytest.skip("SQLite has one writer")
    async with SQLAlchemySaver(database_url, pool_size=16, max_overflow=0) as saver:
        most = 0
        for number in range(16):  # each thread's namespace is there
            await put(saver, config(f"t{number}"), {"x": 1}, checkpoint_id="a")
        async with saver.store.engine.connect() as holding:
            lock = select(GRAPH_NAMESPACES.c.id).with_for_update()
            await holding.execute(lock)  # whoever writes waits for this transaction
            tasks = [
                asyncio.create_task(saver.aput_writes(config(f"t{number}", checkpoint_id="a"), [("x", 1)], "task"))
                for number in range(15)
            ]
            async with asyncio.timeout(30):
                while most < 16:
                    most = max(most, (await saver.store.health_check())["pool"]["in_use"])
            await holding.rollback()
        await asyncio.gather(*tasks)
    assert most == 16


# synchronous callers


def test_a_plain_script_without_a_loop(database_url: str) -> None:
    with SQLAlchemySaver(database_url) as saver:
        where: Any = config()
        from tests.checkpoints import checkpoint, metadata

        where = saver.put(where, checkpoint({"x": [LONG]}, {"x": "1"}), metadata(run_id="r"), {"x": "1"})
        saver.put_writes(where, [("x", 1)], "task")
        found = saver.get_tuple(config())
        assert found is not None
        assert found.checkpoint["channel_values"] == {"x": [LONG]}
        assert [id_of(one) for one in saver.list(config())] == [id_of(where)]
        saver.copy_thread("t", "t2")
        assert saver.prune(["t2"]).checkpoints == 0
        assert saver.delete_for_runs(["r"]).checkpoints == 2
        saver.delete_thread("t")
        assert list(saver.list(None)) == []


def test_many_threads_share_one_pool(database_url: str) -> None:
    from tests.checkpoints import checkpoint, metadata

    with SQLAlchemySaver(database_url, pool_size=4) as saver:

        def work(number: int) -> None:
            where: Any = config(f"t{number}")
            for step in range(5):
                made = checkpoint({"x": [LONG] * (step + 1)}, {"x": str(step)})
                where = saver.put(where, made, metadata(), {"x": str(step)})
            found = saver.get_tuple(config(f"t{number}"))
            assert found is not None
            results.append(len(found.checkpoint["channel_values"]["x"]))

        results: list[int] = []
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == [5] * 8


async def test_synchronous_calls_from_worker_threads_of_a_running_loop(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": 1})
    found = await asyncio.to_thread(saver.get_tuple, config())
    assert found is not None
    assert id_of(found) == id_of(where)
    assert len(await asyncio.to_thread(lambda: list(saver.list(config())))) == 1


async def test_a_synchronous_call_on_the_loops_own_thread_raises(saver: SQLAlchemySaver) -> None:
    await put(saver, config(), {"x": 1})
    from tests.checkpoints import checkpoint, metadata

    made = checkpoint({}, {})
    for call in (
        lambda: saver.get_tuple(config()),
        lambda: saver.put(config(), made, metadata(), {}),
        lambda: saver.put_writes(config(checkpoint_id="a"), [], "task"),
        lambda: list(saver.list(config())),
        lambda: saver.delete_thread("t"),
        lambda: saver.prune(["t"]),
        lambda: saver.copy_thread("t", "t2"),
        lambda: saver.delete_for_runs(["r"]),
    ):
        with pytest.raises(asyncio.InvalidStateError, match="event loop's own thread"):
            call()


def test_a_coroutine_after_synchronous_calls(database_url: str) -> None:
    saver = SQLAlchemySaver(database_url)
    saver.setup()

    async def use() -> None:
        await put(saver, config(), {"x": 1})
        assert id_of(await latest(saver, config()))
        assert await listed(saver, config(), limit=1)

    asyncio.run(use())
    asyncio.run(use())
    assert len(list(saver.list(config()))) == 2
    saver.close()


async def test_options_belong_to_a_url(sql_store: SQLAlchemyStore) -> None:
    with pytest.raises(InvalidInput, match="pool_size: belongs to the store"):
        SQLAlchemySaver(sql_store, pool_size=3)
    async with SQLAlchemySaver(sql_store):
        pass
    assert (await sql_store.health_check())["status"] == "healthy"  # it is the caller's to close


async def test_a_schema_of_its_own(server_url: str) -> None:
    if not server_url.startswith(("postgresql", "cockroachdb")):
        pytest.skip("a schema is a database there")
    async with SQLAlchemySaver(server_url, schema="graphs") as saver:
        made = await grow(saver, config(), [LONG] * 3)
        await saver.aput_writes(made[-1], [("x", 1)], "task")
        assert (await latest(saver, config())).checkpoint["channel_values"]["messages"] == [LONG] * 3
        async with saver.store.engine.connect() as connection:
            found = await connection.execute(text("SELECT count(*) FROM graphs.graph_values"))
            assert found.scalar_one() == 3
