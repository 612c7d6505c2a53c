"""LangGraph's loop needs more of a saver than its test-suite checks; on every database."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from langgraph.checkpoint.serde.types import ERROR, INTERRUPT, RESUME, TASKS

from agentomatic_sql import InvalidInput
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_VALUES, GRAPH_WRITES
from tests.support.checkpoints import (
    LONG,
    config,
    count,
    grow,
    id_of,
    latest,
    listed,
    put,
    writes_of,
)

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
    for anywhere in ({}, {"checkpoint_ns": None}):
        assert await listed(saver, {"configurable": {"thread_id": "t1", **anywhere}}) == ["b", "a"]
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


async def test_no_writes_are_nothing_to_store(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": 1})
    await saver.aput_writes(where, [], "task")
    assert await count(saver.store, GRAPH_WRITES) == 0


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
    with pytest.raises(InvalidInput, match="checkpoint_id: has 300 characters, at most 255"):
        await put(saver, config(), {"x": 1}, checkpoint_id="x" * 300)
    assert await listed(saver, None) == []


@pytest.mark.parametrize("named", [{}, {"thread_id": None}], ids=["no thread_id", "None"])
async def test_a_config_without_a_thread(saver: SQLAlchemySaver, named: dict[str, Any]) -> None:
    where: Any = {"configurable": {"checkpoint_ns": "", **named}}
    for call in (
        lambda: saver.aget_tuple(where),
        lambda: put(saver, where, {}),
        lambda: saver.aput_writes(where, [("x", 1)], "task"),
        lambda: listed(saver, where),
    ):
        with pytest.raises(KeyError, match="thread_id"):
            await call()
