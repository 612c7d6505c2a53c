"""Removing checkpoints: what stays is whole, others go on meanwhile, and what cannot be read harms no other thread."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.channels.delta import DeltaChannel
from langgraph.checkpoint.serde.types import TASKS
from langgraph.graph import START, StateGraph
from sqlalchemy import and_, event, insert, update

from agentomatic_sql import SQLAlchemyStore, ThreadExists, UnreadableCheckpoint
from agentomatic_sql.graphs import pruning as graph_pruning
from agentomatic_sql.graphs.removal import Removed
from agentomatic_sql.graphs.rows import Namespace, digest
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_CHECKPOINTS, GRAPH_NAMESPACES, GRAPH_VALUES
from tests.support.checkpoints import LONG, config, count, grow, id_of, latest, listed, put

# what stays is whole


def fold(state: list[str] | None, writes: Sequence[list[str]]) -> list[str]:
    return [*(state or []), *(item for write in writes for item in write)]


class TwoDeltas(TypedDict, total=False):
    often: Annotated[list[str], DeltaChannel(fold, snapshot_frequency=3)]
    seldom: Annotated[list[str], DeltaChannel(fold, snapshot_frequency=5)]


def step(state: TwoDeltas) -> TwoDeltas:
    return {"often": [f"{len(state.get('often', []))}"], "seldom": [f"{len(state.get('seldom', []))}"]}


async def states(graph: Any, thread_id: str) -> dict[str, Any]:
    return {
        found.config["configurable"]["checkpoint_id"]: found.values
        async for found in graph.aget_state_history(config(thread_id))
    }


async def test_the_checkpoints_that_stay_keep_the_state_of_delta_channels(saver: SQLAlchemySaver) -> None:
    builder: Any = StateGraph(TwoDeltas)
    builder.add_node("step", step)
    builder.add_edge(START, "step")
    graph = builder.compile(checkpointer=saver)
    removed = 0
    for turns in range(1, 9):
        thread_id = f"{turns} turns"
        for turn in range(turns):
            await graph.ainvoke({"often": ["in"], "seldom": ["in"]}, config(thread_id, run_id=f"{turns} {turn}"))
        before = await states(graph, thread_id)
        removed += (await saver.adelete_for_runs([f"{turns} {turn}" for turn in range(0, turns, 2)])).checkpoints
        between = await states(graph, thread_id)
        removed += (await saver.aprune([thread_id])).checkpoints
        after = await states(graph, thread_id)
        assert max(before) in after or turns % 2
        assert {**before, **between, **after} == before
        assert max(between, default=None) == max(after, default=None)
    assert removed > 20


async def random_history(saver: SQLAlchemySaver, thread_id: str, choices: random.Random) -> list[RunnableConfig]:
    """Checkpoints with two delta channels, branches, and pending sends in an old format."""
    made: list[RunnableConfig] = []
    for number in range(choices.randrange(2, 14)):
        where = choices.choice([*made[-4:], *made[-1:] * 5]) if made else config(thread_id)
        snapshots = {name: f"{name} {number}" for name in ("a", "b") if choices.random() < 0.3}
        described: dict[str, Any] = {"run_id": f"{thread_id} {choices.randrange(4)}"}
        described["counters_since_delta_snapshot"] = {name: [1, 1] for name in "ab" if name not in snapshots}
        versions = dict.fromkeys("ab", f"{number:03}")
        form = choices.choice([3, 4])
        made.append(
            await put(saver, where, snapshots, versions, metadata=described, v=form, checkpoint_id=f"{number:03}")
        )
        channels = [name for name in ("a", "b", TASKS) if choices.random() < 0.6]
        await saver.aput_writes(made[-1], [(name, f"{name} after {number}") for name in channels], "task")
    return made


async def seen(saver: SQLAlchemySaver, thread_id: str) -> dict[str, Any]:
    """All that a graph would make of each checkpoint that is there."""
    found = {}
    async for one in saver.alist(config(thread_id)):
        lacking = sorted(one.metadata["counters_since_delta_snapshot"])
        history = await saver.aget_delta_channel_history(config=one.config, channels=lacking)
        found[id_of(one)] = (one.checkpoint["channel_values"], history)
    return found


async def test_random_removals_change_nothing_of_what_stays(saver: SQLAlchemySaver) -> None:
    removed = 0
    for seed in range(40):
        choices, thread_id = random.Random(seed), f"t{seed}"
        made = await random_history(saver, thread_id, choices)
        for _ in range(2):
            before = await seen(saver, thread_id)
            if choices.random() < 0.5:
                counts = await saver.aprune([thread_id])
                assert id_of(made[-1]) not in before or id_of(made[-1]) in await seen(saver, thread_id)
            else:
                counts = await saver.adelete_for_runs([f"{thread_id} {choices.randrange(4)}"])
            after = await seen(saver, thread_id)
            assert after == {checkpoint_id: before[checkpoint_id] for checkpoint_id in after}, seed
            assert counts.checkpoints == len(before) - len(after)
            removed += counts.checkpoints
    assert removed > 40


async def test_deltas_whose_snapshots_meet_keep_nothing_before(saver: SQLAlchemySaver) -> None:
    where = config()
    for number in range(12):
        taken = [name for name, often in (("a", 2), ("b", 3)) if number % often == 0]
        counters = {name: [1, 1] for name in "ab" if name not in taken}
        metadata = {"counters_since_delta_snapshot": counters}
        versions = dict.fromkeys("ab", f"{number:03}")
        where = await put(saver, where, dict.fromkeys(taken, "all"), versions, metadata=metadata)
    assert (await saver.aprune(["t"])).checkpoints == 6  # 6 is divisible by both
    assert len(await listed(saver, config())) == 6


# others go on meanwhile


async def test_removing_runs_ends_while_a_graph_goes_on(saver: SQLAlchemySaver) -> None:
    last = (await grow(saver, config(), [str(number) for number in range(60)], run_id="gone"))[-1]
    more = [str(number) for number in range(60)]
    last = (await grow(saver, last, more, run_id="kept"))[-1]

    goes_on = asyncio.Event()

    async def go_on() -> None:
        where = last
        for number in itertools.count():
            where = await put(saver, where, {"x": number}, {"x": f"{number:06}"}, metadata={"run_id": "kept"})
            goes_on.set()

    running = asyncio.create_task(go_on())
    try:
        await goes_on.wait()
        async with asyncio.timeout(30):
            removed = await saver.adelete_for_runs(["gone"])
    finally:
        running.cancel()
        await asyncio.wait([running])
    assert removed.checkpoints == 60
    assert await listed(saver, config(), filter={"run_id": "gone"}) == []
    assert len(await listed(saver, config(), filter={"run_id": "kept"})) > 60


async def test_a_checkpoint_stored_between_two_batches_keeps_what_it_needs(
    saver: SQLAlchemySaver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph_pruning, "BATCH", 5)
    where = config()
    for number in range(20):
        snapshot = number % 10 == 0
        described = {"run_id": "gone", "counters_since_delta_snapshot": {} if snapshot else {"m": [1, 1]}}
        values = {"m": f"all before {number}"} if snapshot else {}
        where = await put(saver, where, values, {"m": f"{number:02}"}, metadata=described, checkpoint_id=f"{number:02}")
        await saver.aput_writes(where, [("m", number)], "task")
    before, write = await seen(saver, "t"), saver._database.run
    came: list[RunnableConfig] = []

    async def and_then(*arguments: Any) -> Any:
        done = await write(*arguments)
        if not came and isinstance(done, Removed):
            between = await seen(saver, "t")
            assert len(between) == 15
            assert between == {checkpoint_id: before[checkpoint_id] for checkpoint_id in between}
            counters = {"counters_since_delta_snapshot": {"m": [1, 1]}}
            other = SQLAlchemySaver(saver.store)
            came.append(await put(other, config("t", "", "12"), {}, {"m": "20"}, metadata=counters))
        return done

    monkeypatch.setattr(saver._database, "run", and_then)
    assert (await saver.adelete_for_runs(["gone"])).checkpoints == 17
    found = await SQLAlchemySaver(saver.store).aget_delta_channel_history(config=came[0], channels=["m"])
    assert found["m"]["seed"] == "all before 10"
    assert [write[2] for write in found["m"]["writes"]] == [10, 11, 12]


async def test_only_one_of_several_copies_takes_a_thread(saver: SQLAlchemySaver) -> None:
    await grow(saver, config("source"), [LONG] * 20)
    copies = [saver.acopy_thread("source", "target") for _ in range(8)]
    outcomes = await asyncio.gather(*copies, return_exceptions=True)
    assert [type(one) for one in outcomes if one is not None] == [ThreadExists] * 7
    assert await listed(saver, config("target")) == await listed(saver, config("source"))


async def test_a_copy_beside_the_first_checkpoint_of_its_target(saver: SQLAlchemySaver) -> None:
    await grow(saver, config("source"), [LONG] * 5)
    for number in range(5):
        target = f"target {number}"
        copied, _made = await asyncio.gather(
            saver.acopy_thread("source", target), put(saver, config(target), {"x": 1}), return_exceptions=True
        )
        assert copied is None or isinstance(copied, ThreadExists)
        assert not isinstance(_made, BaseException)
        assert len(await listed(saver, config(target))) == (6 if copied is None else 1)


# how much is asked


@contextmanager
def counted(store: SQLAlchemyStore) -> Iterator[list[str]]:
    """The statements that are sent to the database."""
    sent: list[str] = []

    def remember(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(store.engine.sync_engine, "before_cursor_execute", remember)
    try:
        yield sent
    finally:
        event.remove(store.engine.sync_engine, "before_cursor_execute", remember)


@pytest.mark.parametrize("oldest", [True, False])
async def test_a_run_in_a_long_thread_is_removed_by_a_few_statements(saver: SQLAlchemySaver, oldest: bool) -> None:
    made = await grow(saver, config(), ["gone"] * 2 * oldest, run_id="gone")
    made += await grow(saver, made[-1] if made else config(), ["kept"] * 100, run_id="kept")
    await grow(saver, made[-1], ["gone"] * 2 * (not oldest), run_id="gone")
    with counted(saver.store) as sent:
        assert (await saver.adelete_for_runs(["gone"])).checkpoints == 2
    assert len(sent) < 20


async def test_a_thread_of_many_namespaces_is_copied_and_deleted(saver: SQLAlchemySaver) -> None:
    await grow(saver, config("t", "sub:7"), ["one", LONG])
    await saver.aput_writes(config("t", "sub:7", "to come"), [("x", 1)], "task")
    await grow(saver, config("t"), ["two"])
    async with saver.store.engine.begin() as connection:
        for first in range(8, 33_000, 1000):
            rows = [Namespace("t", f"sub:{number}", number).row() for number in range(first, first + 1000)]
            await connection.execute(insert(GRAPH_NAMESPACES), rows)
    namespaces = await count(saver.store, GRAPH_NAMESPACES)
    assert namespaces > 32_767  # as many arguments as PostgreSQL takes
    with counted(saver.store) as sent:
        await saver.acopy_thread("t", "copy")
    assert len([statement for statement in sent if not statement.startswith("PRAGMA")]) < 10
    for namespace in ("", "sub:7"):
        assert await listed(saver, config("copy", namespace)) == await listed(saver, config("t", namespace))
    found = await latest(SQLAlchemySaver(saver.store), config("copy", "sub:7"))
    assert found.checkpoint["channel_values"]["messages"] == ["one", LONG]
    await saver.adelete_thread("t")
    assert await count(saver.store, GRAPH_NAMESPACES) == namespaces
    await saver.adelete_thread("copy")
    assert await count(saver.store, GRAPH_NAMESPACES) == 0


async def test_any_number_of_runs_and_of_values(saver: SQLAlchemySaver) -> None:
    where = config()
    for number in range(47):
        values = {f"c{channel}": f"{number} {channel} " + "x" * 80 for channel in range(700)}
        where = await put(saver, where, values, dict.fromkeys(values, f"{number:03}"))
    assert await count(saver.store, GRAPH_VALUES) > 32_767
    found = [one.checkpoint["channel_values"]["c699"] async for one in saver.alist(config())]
    assert found == [f"{number} 699 " + "x" * 80 for number in reversed(range(47))]
    assert (await saver.adelete_for_runs([f"run {number}" for number in range(40_000)])).checkpoints == 0
    with counted(saver.store) as sent:
        assert (await saver.aprune(["t"])).values == 46 * 700
    assert len(sent) < 60


# what cannot be read


async def spoil(store: SQLAlchemyStore, table: Any, *where: Any) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(update(table).where(*where).values(body=b"\x01rubbish"))


async def three_threads(saver: SQLAlchemySaver) -> dict[str, list[RunnableConfig]]:
    """Threads a, b and c in turn, four checkpoints each; each one's second is of the run r."""
    made: dict[str, list[RunnableConfig]] = {"a": [], "b": [], "c": []}
    for number, thread_id in itertools.product(range(4), made):
        where = made[thread_id][-1] if number else config(thread_id)
        run_id = "r" if number == 1 else f"{thread_id} {number}"
        content = {"m": [f"{n} {LONG}" for n in range(number + 1)]} if number != 2 else {"m": [f"{thread_id} {LONG}"]}
        made[thread_id].append(
            await put(saver, where, content, {"m": f"{number}"}, metadata={"run_id": run_id}, checkpoint_id=f"{number}")
        )
    return made


async def given(found: Any) -> tuple[list[tuple[str, str]], UnreadableCheckpoint | None]:
    """The threads and ids that a listing gives, and what it raises then."""
    listed_: list[tuple[str, str]] = []
    try:
        async for one in found:
            listed_.append((one.config["configurable"]["thread_id"], id_of(one)))
    except UnreadableCheckpoint as error:
        return listed_, error
    return listed_, None


def by_id(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Sort a listing, which is in the order of ids already, by thread where ids are equal."""
    ids = [checkpoint_id for _thread_id, checkpoint_id in found]
    assert ids == sorted(ids, reverse=True)
    return sorted(found, key=lambda one: (one[1], one[0]), reverse=True)


@pytest.mark.parametrize("table", [GRAPH_CHECKPOINTS, GRAPH_VALUES], ids=["checkpoint", "value"])
async def test_a_listing_gives_what_can_be_read_of_other_threads(saver: SQLAlchemySaver, table: Any) -> None:
    await three_threads(saver)
    async with saver.store.engine.connect() as connection:
        key = (("thread_digest", "thread_digest"), ("id", "namespace_id"))
        same = and_(*(GRAPH_NAMESPACES.c[one] == GRAPH_CHECKPOINTS.c[other] for one, other in key))
        query = GRAPH_CHECKPOINTS.select().join(GRAPH_NAMESPACES, same)
        query = query.where(GRAPH_NAMESPACES.c.digest == digest("a", ""), GRAPH_CHECKPOINTS.c.checkpoint_id == "2")
        row = (await connection.execute(query)).one()
    here = [table.c.namespace_id == row.namespace_id]
    segment = int(row.segments.strip("[]").split(",")[0])
    here.append(table.c.checkpoint_id == "2" if table is GRAPH_CHECKPOINTS else table.c.segment == segment)
    await spoil(saver.store, table, *here)
    fresh = SQLAlchemySaver(saver.store)
    others = [(thread_id, number) for number in "3210" for thread_id in "cb"]

    found, error = await given(fresh.alist(None))
    # None older of a: it would pass for the other. Checkpoints with the same id are in any order.
    assert by_id(found) == [("c", "3"), ("b", "3"), ("a", "3"), *others[2:]]
    assert error is not None
    assert (error.thread_id, error.checkpoint_id) == ("a", "2")
    found, error = await given(fresh.alist(None, limit=7, filter={"source": "loop"}))
    assert by_id(found) == [("c", "3"), ("b", "3"), ("a", "3"), *others[2:6]]
    assert error is not None
    whole_thread: RunnableConfig = {"configurable": {"thread_id": "a"}}
    for where in (config("a"), whole_thread):
        found, error = await given(fresh.alist(where))
        assert found == [("a", "3")]
        assert error is not None
        # One older would pass for the one that was asked for.
        assert (await given(fresh.alist(where, before=config(checkpoint_id="3"), limit=1)))[0] == []
    assert len([one async for one in fresh.alist(None, limit=3)]) == 3
    records = await saver.store.list_checkpoints("a", "")
    assert [record["checkpoint"] != {} for record in records] == [True, False, True, True]


async def test_removing_goes_on_with_what_can_be_read(saver: SQLAlchemySaver) -> None:
    made = await three_threads(saver)
    await spoil(saver.store, GRAPH_CHECKPOINTS, GRAPH_CHECKPOINTS.c.checkpoint_id == "2")
    for thread_id in "bc":  # again as they were
        where = made[thread_id][1]
        await put(saver, where, {"m": [LONG]}, {"m": "2"}, metadata={"run_id": f"{thread_id} 2"}, checkpoint_id="2")
    fresh = SQLAlchemySaver(saver.store)
    with pytest.raises(UnreadableCheckpoint, match=r"'a'.*'2'"):
        await fresh.adelete_for_runs(["r"])
    for thread_id in "bc":
        assert await listed(fresh, config(thread_id)) == ["3", "2", "0"]
    await spoil(saver.store, GRAPH_CHECKPOINTS, GRAPH_CHECKPOINTS.c.checkpoint_id == "0")
    assert (await fresh.aprune(["a", "b", "c"])).checkpoints == 3 + 2 + 2  # nobody needs what cannot be read
    newest = GRAPH_CHECKPOINTS.c.checkpoint_id == "4"
    await put(fresh, made["a"][3], {"m": []}, {"m": "4"}, checkpoint_id="4")
    await spoil(saver.store, GRAPH_CHECKPOINTS, newest)
    for thread_id in "bc":
        await put(fresh, made[thread_id][3], {"m": []}, {"m": "4"}, checkpoint_id="4")
    with pytest.raises(UnreadableCheckpoint, match=r"'a'.*'4'"):
        await fresh.aprune(["a", "b", "c"])
    for thread_id in "bc":
        assert await listed(fresh, config(thread_id)) == ["4"]
    assert await count(saver.store, GRAPH_CHECKPOINTS) == 4
