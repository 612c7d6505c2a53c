"""The size of a graph's history grows with what is added, however long it is, and so does what a reader gets."""

from __future__ import annotations

import itertools
import random
import tracemalloc
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from sqlalchemy import event, func, select

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.graphs import cache as graph_cache
from agentomatic_sql.graphs.cache import BRANCHES, NamespaceCache
from agentomatic_sql.graphs.checkpoints import pack, unpack
from agentomatic_sql.graphs.codec import Codec
from agentomatic_sql.graphs.rows import Namespace
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES
from tests.support.checkpoints import LONG, checkpoint, config, grow, latest, put

WORDS = "the of and a to in is you that it he was for on are as with his they I at be this have from".split()


def message(number: int) -> Any:
    """A message of about 600 bytes of words, which compress as words do."""
    source = random.Random(number)
    text = " ".join(source.choice(WORDS) + str(source.randrange(100)) for _ in range(110))
    return (HumanMessage if number % 2 else AIMessage)(text, id=f"{source.getrandbits(64):x}")


async def stored(store: SQLAlchemyStore) -> int:
    """The bytes in all columns that grow."""
    columns = [(table, table.c.body) for table in (GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES)]
    columns.append((GRAPH_CHECKPOINTS, GRAPH_CHECKPOINTS.c.segments))
    total = 0
    async with store.engine.connect() as connection:
        for _, column in columns:
            total += int((await connection.execute(select(func.sum(func.length(column))))).scalar_one() or 0)
    return total


async def test_twice_the_steps_are_twice_the_bytes(saver: SQLAlchemySaver) -> None:
    sizes = []
    where = config()
    for _ in range(2):
        for number in range(100):
            where = (await grow(saver, where, [message(number)], more={"small": number, "flag": None}))[-1]
            await saver.aput_writes(where, [("messages", [message(number + 1)])], f"task {number}", "path")
        sizes.append(await stored(saver.store))
    assert sizes[1] < 2.2 * sizes[0]
    whole = (await latest(saver, config())).checkpoint["channel_values"]["messages"]
    each_time = sum(len(JsonPlusSerializer().dumps_typed(whole[:length])[1]) for length in range(1, 201))
    assert sizes[1] < 0.05 * each_time  # what it takes to store the list at each step


async def test_reading_gets_no_more_than_the_state(saver: SQLAlchemySaver) -> None:
    where = (await grow(saver, config(), [message(number) for number in range(60)]))[-1]
    messages = (await latest(saver, where)).checkpoint["channel_values"]["messages"]
    for turn in range(40):  # the last messages are replaced again and again, as while an answer streams in
        messages = [*messages[: -1 - turn % 3], *[message(1000 + 3 * turn + n) for n in range(2)]]
        version = saver.get_next_version(str(turn + 100), None)
        where = await put(saver, where, {"messages": messages}, {"messages": version})
    got: list[int] = []
    fresh = SQLAlchemySaver(saver.store)

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        got.append(len(statement))

    event.listen(saver.store.engine.sync_engine, "before_cursor_execute", count)
    found = await latest(fresh, config())
    event.remove(saver.store.engine.sync_engine, "before_cursor_execute", count)
    assert found.checkpoint["channel_values"]["messages"] == messages
    assert len(got) == 1  # one statement, whatever the history was
    async with saver.store.engine.connect() as connection:
        segments = (
            await connection.execute(
                select(GRAPH_CHECKPOINTS.c.segments).order_by(GRAPH_CHECKPOINTS.c.checkpoint_id.desc()).limit(1)
            )
        ).scalar_one()
    assert 1 <= segments.count("[") - 1 <= 8


async def test_a_streamed_answer_is_not_stored_with_the_whole_list_at_each_step(saver: SQLAlchemySaver) -> None:
    where = (await grow(saver, config(), [message(number) for number in range(100)]))[-1]
    before = await stored(saver.store)
    messages = (await latest(saver, where)).checkpoint["channel_values"]["messages"]
    for turn in range(40):
        messages = [*messages[:-1], message(1000 + turn)]
        version = saver.get_next_version(str(turn + 100), None)
        where = await put(saver, where, {"messages": messages}, {"messages": version})
    assert (await stored(saver.store)) - before < before


@pytest.mark.parametrize("calls", [1, 3])
async def test_a_list_that_the_caller_changes_is_still_stored_whole(saver: SQLAlchemySaver, calls: int) -> None:
    await grow(saver, config(), [message(number) for number in range(30)])
    reader = SQLAlchemySaver(saver.store)
    for _ in range(calls):
        first = await latest(reader, config())
    first.checkpoint["channel_values"]["messages"].clear()  # what was given is the caller's own
    await grow(saver, config(), [message(30)])
    found = await latest(reader, config())
    assert found.checkpoint["channel_values"]["messages"] == [message(number) for number in range(31)]


def test_the_memory_of_the_cache_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what it takes in memory: small channels of many threads, too."""
    monkeypatch.setattr(graph_cache, "BYTES", 2 * 2**20)
    codec = Codec(JsonPlusSerializer(), strict=False)
    known = NamespaceCache()
    tracemalloc.start()
    try:
        for thread, number in itertools.product(range(50), range(BRANCHES)):
            values = {f"c{channel}": f"{number} {channel} {LONG[:40]}" for channel in range(50)}
            versions = dict.fromkeys(values, f"{number:032}.{thread:016}")
            here = Namespace(f"t{thread}", "", thread)
            packed = pack(codec, here, str(number), checkpoint(values, versions), {}, versions, {}, {}, branch=False)
            channels = unpack(codec, here, str(number), packed.body).channels
            known.read(here, here, str(number), channels, {})
        del values, versions, packed, channels
        taken, _most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 2**20 < taken < 3 * 2**20
    assert known.find(Namespace("t49", ""), "3", None).channels is not None
    assert known.find(Namespace("t0", ""), "3", None).channels is None
