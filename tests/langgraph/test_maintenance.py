"""Deleting, copying, pruning; and what a store's own methods make of a graph's checkpoints."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from agentomatic_sql import InvalidInput, NotAList, SQLAlchemyStore, StoreError, ThreadExists, ThreadNotFound
from agentomatic_sql.graphs import pruning as graph_pruning
from agentomatic_sql.graphs import removal as graph_removal
from agentomatic_sql.graphs.storage import GraphStorage
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_NAMESPACES, GRAPH_VALUES, GRAPH_WRITES
from tests.support.checkpoints import (
    LONG,
    config,
    count,
    encrypting,
    grow,
    id_of,
    latest,
    listed,
    put,
    writes_of,
)

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
    assert await saver.aget_tuple(where) is None


@pytest.mark.parametrize("elsewhere", [True, False])
async def test_a_graph_does_not_bring_a_deleted_thread_back(saver: SQLAlchemySaver, *, elsewhere: bool) -> None:
    """It adds nothing to a thread that was deleted while it ran, also if somebody else has the id by then."""
    deleter = SQLAlchemySaver(saver.store) if elsewhere else saver
    for begun_anew in (False, True):
        last = (await grow(saver, config(), [LONG] * 3))[-1]
        await deleter.adelete_thread("t")
        if begun_anew:
            await grow(SQLAlchemySaver(saver.store), config(), ["another conversation"])
        with pytest.raises(ThreadNotFound):
            await saver.aput_writes(last, [("x", 1)], "task")
        last = (await grow(saver, config(), [LONG]))[-1]
        await deleter.adelete_thread("t")
        if begun_anew:
            await grow(SQLAlchemySaver(saver.store), config(), ["another conversation"])
        with pytest.raises(ThreadNotFound):
            await put(saver, last, {"messages": [LONG] * 4}, {"messages": "9"})
        assert len(await listed(saver, None)) == begun_anew
        assert await count(saver.store, GRAPH_WRITES) == 0


async def test_a_thread_deleted_elsewhere_can_be_begun_anew(saver: SQLAlchemySaver) -> None:
    await grow(saver, config(), [LONG] * 3)
    await SQLAlchemySaver(saver.store).adelete_thread("t")
    where = await put(saver, config(), {"messages": [LONG]}, {"messages": "1"})
    await saver.aput_writes(where, [("x", 1)], "task")
    found = await latest(SQLAlchemySaver(saver.store), config())
    assert found.checkpoint["channel_values"] == {"messages": [LONG]}
    assert found.pending_writes == [("task", "x", 1)]


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


async def test_every_word_for_deleting_everything_is_taken(saver: SQLAlchemySaver) -> None:
    for strategy in ("delete", "delete_all"):
        await grow(saver, config(), [LONG] * 2)
        assert (await saver.aprune(["t"], strategy=strategy)).checkpoints == 2
        assert await count(saver.store, GRAPH_NAMESPACES) == 0


@pytest.mark.parametrize("wrong", ["42", b"42", {"4": 1}, 42, None], ids=repr)
async def test_a_single_id_is_not_taken_for_a_list_of_ids(saver: SQLAlchemySaver, wrong: Any) -> None:
    """A string's characters are no ids, and a dict's keys were not meant as a list."""
    for thread in ("4", "2"):
        await grow(saver, config(thread), [LONG], run_id=thread)
    calls: dict[str, Any] = {
        "thread_ids": lambda: saver.aprune(wrong, strategy="delete"),
        "run_ids": lambda: saver.adelete_for_runs(wrong),
        "channels": lambda: saver.aget_delta_channel_history(config=config("4"), channels=wrong),
    }
    for field, call in calls.items():
        with pytest.raises(NotAList, match=f"^{field}: must be a list of") as refused:
            await call()
        assert isinstance(refused.value, (TypeError, InvalidInput))
    assert len(await listed(saver, None)) == 2


@pytest.mark.parametrize("wrong", [None, True, 1.5, b"x", ["a"]])
async def test_an_id_is_a_string_a_whole_number_or_a_uuid(saver: SQLAlchemySaver, wrong: Any) -> None:
    """The text of anything else would be the id of somebody else's thread: "None", say."""
    await grow(saver, config(str(wrong)), [LONG], run_id=str(wrong))
    calls: tuple[Any, ...] = (
        lambda: saver.aprune([wrong], strategy="delete"),
        lambda: saver.adelete_for_runs([wrong]),
        lambda: saver.adelete_thread(wrong),
        lambda: saver.acopy_thread(wrong, "copy"),
    )
    for call in calls:
        with pytest.raises(InvalidInput, match="must be a string, a whole number or a UUID"):
            await call()
    assert len(await listed(saver, None)) == 1


async def test_ids_come_in_any_iterable_but_a_string_or_a_dict(saver: SQLAlchemySaver) -> None:
    for number in range(3):
        await grow(saver, config(str(number)), [LONG])
    removed = [await saver.aprune(ids, strategy="delete") for ids in (("0",), {"1"}, (str(n) for n in (2,)))]  # type: ignore[arg-type]
    assert [one.checkpoints for one in removed] == [1, 1, 1]


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
    monkeypatch.setattr("agentomatic_sql.graphs.pruning.BATCH", 10)
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


async def test_a_place_that_came_free_may_hold_something_else(saver: SQLAlchemySaver) -> None:
    """Whoever remembers what was there before does not take the one for the other."""
    first = (await grow(saver, config(), ["first " + LONG], run_id="r1"))[-1]
    gone = (await grow(saver, first, ["gone " + LONG], run_id="r2"))[-1]
    reader = SQLAlchemySaver(saver.store)
    assert (await latest(reader, gone)).checkpoint["channel_values"]["messages"] == ["first " + LONG, "gone " + LONG]
    other = SQLAlchemySaver(saver.store)
    await other.adelete_for_runs(["r2"])
    after = (await grow(other, first, ["other " + LONG]))[-1]
    for one in (reader, saver, other):
        assert (await latest(one, after)).checkpoint["channel_values"]["messages"] == ["first " + LONG, "other " + LONG]
    last = (await grow(reader, after, ["last " + LONG]))[-1]
    expected = ["first " + LONG, "other " + LONG, "last " + LONG]
    for one in (reader, saver, other):
        assert (await latest(one, last)).checkpoint["channel_values"]["messages"] == expected


async def test_a_checkpoint_that_comes_while_others_are_removed_keeps_what_it_needs(
    saver: SQLAlchemySaver, monkeypatch: pytest.MonkeyPatch
) -> None:
    counters: dict[str, Any] = {"counters_since_delta_snapshot": {"m": [1, 1]}, "run_id": "r1"}
    first = await put(saver, config(), {"m": "snapshot"}, {"m": "1"}, metadata={"run_id": "r1"})
    await saver.aput_writes(first, [("m", "one")], "task 1")
    second = await put(saver, first, {}, {"m": "2"}, metadata=counters)
    await saver.aput_writes(second, [("m", "two")], "task 2")
    look = graph_pruning._Removal.look
    came: list[Any] = []

    async def meanwhile(self: Any, connection: Any) -> None:
        await look(self, connection)
        if not came:
            came.append(await put(saver, second, {}, {"m": "3"}, metadata=counters | {"run_id": "r2"}))

    monkeypatch.setattr(graph_pruning._Removal, "look", meanwhile)
    await saver.adelete_for_runs(["r1"])
    found = await SQLAlchemySaver(saver.store).aget_delta_channel_history(config=came[0], channels=["m"])
    assert found["m"]["seed"] == "snapshot"
    assert [write[2] for write in found["m"]["writes"]] == ["one", "two"]


async def test_a_delta_channel_that_was_never_written_keeps_nothing(saver: SQLAlchemySaver) -> None:
    where = config()
    for number in range(5):
        counters = {"counters_since_delta_snapshot": {"unused": [0, number]}}
        where = await put(saver, where, {"x": number}, {"x": str(number)}, metadata=counters)
    assert (await saver.aprune(["t"])).checkpoints == 4


async def test_removing_runs_goes_on_where_it_was_interrupted(
    saver: SQLAlchemySaver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await grow(saver, config(), [f"{n} {LONG}" for n in range(6)], run_id="r1")
    kept = await put(saver, config(), {"messages": [LONG]}, {"messages": "9"})
    monkeypatch.setattr(graph_pruning, "BATCH", 2)
    sweep = graph_removal._sweep

    async def interrupted(*_arguments: Any) -> int:
        raise ConnectionAbortedError("killed here")

    monkeypatch.setattr(graph_removal, "_sweep", interrupted)
    with pytest.raises(StoreError):
        await saver.adelete_for_runs(["r1"])
    monkeypatch.setattr(graph_removal, "_sweep", sweep)
    assert (await saver.adelete_for_runs(["r1"])).values == 6
    assert await listed(saver, config()) == [id_of(kept)]
    assert await count(saver.store, GRAPH_VALUES) == 1


async def test_a_listing_while_others_remove_is_of_what_was_there(
    saver: SQLAlchemySaver, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await put(saver, config(), {"m": [LONG]}, {"m": "1"}, checkpoint_id="1")
    await put(saver, first, {"m": [LONG, "two " + LONG]}, {"m": "2"}, checkpoint_id="2", metadata={"run_id": "r"})
    read, other = GraphStorage._read, SQLAlchemySaver(saver.store)

    async def removing(*arguments: Any) -> Any:
        monkeypatch.setattr(GraphStorage, "_read", read)
        await other.adelete_for_runs(["r"])
        await put(other, first, {"m": [LONG, "three " + LONG]}, {"m": "3"}, checkpoint_id="3")
        return await read(*arguments)

    monkeypatch.setattr(GraphStorage, "_read", removing)
    listed_ = [(id_of(one), one.checkpoint["channel_values"]["m"][1:]) async for one in saver.alist(config())]
    assert ("2", ["three " + LONG]) not in listed_
    assert ("1", []) in listed_


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
    assert [record["checkpoint_id"] for record in records] == ["own", id_of(made[1]), id_of(made[0])]
    json.dumps(records)
    own, second, first = records
    assert first["parent_checkpoint_id"] is None
    assert first["metadata"] == {"source": "loop", "step": 1, "parents": {}}
    assert first["checkpoint"]["channel_values"]["n"] == 1
    assert first["checkpoint"]["channel_values"]["messages"][0]["content"] == "hello\ud800"
    assert second["checkpoint"]["channel_values"]["messages"][1] == str(uuid.UUID(int=7))
    assert second["parent_checkpoint_id"] == id_of(made[0])
    assert await store.get_checkpoint("t", "", id_of(made[0])) == first
    assert await store.get_checkpoint("t", "", "") == own
    assert await store.list_checkpoints("t", "elsewhere") == []
    await put(saver, config("graph only"), {"x": 1})
    await put(saver, config("graph only"), {"x": 2})
    latest_ = await store.get_checkpoint("graph only", "", None)
    assert latest_ is not None
    assert latest_["checkpoint"]["channel_values"] == {"x": 2}


async def _pages(store: SQLAlchemyStore, size: int, before: str | None = None) -> list[str]:
    """The ids of a thread's checkpoints page by page, each before the last one of the page in front of it."""
    ids: list[str] = []
    while page := await store.list_checkpoints("t", "", before=before, limit=size):
        before = page[-1]["checkpoint_id"]
        ids += [record["checkpoint_id"] for record in page]
        assert len(set(ids)) == len(ids)
    return ids


async def test_pages_of_a_stores_and_a_graphs_checkpoints_have_each_once(saver: SQLAlchemySaver) -> None:
    store = saver.store
    # neither kind has its ids in the order of time
    for graph_id, own_id in zip("391758", "6cab28", strict=True):
        await put(saver, config(), {"x": graph_id}, checkpoint_id=graph_id)
        await store.save_checkpoint("t", "", own_id, None, {"of": own_id}, {})
    order = list("82bac6" + "97531")  # the store's "8" hides the graph's
    whole = await store.list_checkpoints("t", "")
    assert [record["checkpoint_id"] for record in whole] == order
    assert whole[0]["checkpoint"] == {"of": "8"}
    assert whole[0] == await store.get_checkpoint("t", "", "8") == await store.get_checkpoint("t", "", None)
    for size in (1, 2, 3, 6, 7, 11, 12):
        assert await _pages(store, size) == order
    for place, before in enumerate(order):
        assert await store.list_checkpoints("t", "", before=before) == whole[place + 1 :]
    assert await store.list_checkpoints("t", "", limit=0) == []


async def test_before_a_checkpoint_of_another_namespace_are_the_smaller_ids_of_both(saver: SQLAlchemySaver) -> None:
    for name in ("5", "1", "3"):
        await put(saver, config(), {"x": 1}, checkpoint_id=name)
        await saver.store.save_checkpoint("t", "", f"{name}, own", None, {}, {})
    await put(saver, config(namespace="child"), {"x": 1}, checkpoint_id="4")
    found = await saver.store.list_checkpoints("t", "", before="4")
    assert [record["checkpoint_id"] for record in found] == ["3, own", "1, own", "3", "1"]


async def test_the_store_shows_what_it_cannot_decode_without_its_content(saver: SQLAlchemySaver) -> None:
    sealed = SQLAlchemySaver(saver.store, serde=encrypting())
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
