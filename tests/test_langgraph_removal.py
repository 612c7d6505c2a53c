"""Removing checkpoints: what stays is whole, others go on meanwhile, and what cannot be read harms no other thread."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from langchain_core.runnables import RunnableConfig
from sqlalchemy import event, insert, update

from agentomatic_sql import SQLAlchemyStore, ThreadExists, UnreadableCheckpoint
from agentomatic_sql.graphs import Namespace
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.models import GRAPH_CHECKPOINTS, GRAPH_NAMESPACES, GRAPH_VALUES
from tests.checkpoints import LONG, config, count, grow, id_of, latest, listed, put

# others go on meanwhile


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


async def test_a_thread_of_many_namespaces_is_copied_and_deleted(saver: SQLAlchemySaver) -> None:
    await grow(saver, config("t", "sub:7"), ["one", LONG])
    await saver.aput_writes(config("t", "sub:7", "to come"), [("x", 1)], "task")
    await grow(saver, config("t"), ["two"])
    async with saver.store.engine.begin() as connection:
        for first in range(8, 33_000, 1000):
            rows = [Namespace("t", f"sub:{number}").row() for number in range(first, first + 1000)]
            await connection.execute(insert(GRAPH_NAMESPACES), rows)
    namespaces = await count(saver.store, GRAPH_NAMESPACES)
    assert namespaces > 32_767  # as many arguments as PostgreSQL takes
    with counted(saver.store) as sent:
        await saver.acopy_thread("t", "copy")
    assert len(sent) < 10
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


@pytest.mark.parametrize("table", [GRAPH_CHECKPOINTS, GRAPH_VALUES], ids=["checkpoint", "value"])
async def test_a_listing_gives_what_can_be_read_of_other_threads(saver: SQLAlchemySaver, table: Any) -> None:
    await three_threads(saver)
    async with saver.store.engine.connect() as connection:
        query = GRAPH_CHECKPOINTS.select().join(
            GRAPH_NAMESPACES, GRAPH_NAMESPACES.c.id == GRAPH_CHECKPOINTS.c.namespace_id
        )
        query = query.where(
            GRAPH_NAMESPACES.c.digest == Namespace("a", "").digest, GRAPH_CHECKPOINTS.c.checkpoint_id == "2"
        )
        row = (await connection.execute(query)).one()
    here = [table.c.namespace_id == row.namespace_id]
    segment = int(row.segments.strip("[]").split(",")[0])
    here.append(table.c.checkpoint_id == "2" if table is GRAPH_CHECKPOINTS else table.c.segment == segment)
    await spoil(saver.store, table, *here)
    fresh = SQLAlchemySaver(saver.store)
    others = [(thread_id, number) for number in "3210" for thread_id in "cb"]

    found, error = await given(fresh.alist(None))
    assert found == [("c", "3"), ("b", "3"), ("a", "3"), *others[2:]]  # none older of a: it would pass for the other
    assert error is not None
    assert (error.thread_id, error.checkpoint_id) == ("a", "2")
    found, error = await given(fresh.alist(None, limit=7, filter={"source": "loop"}))
    assert found == [("c", "3"), ("b", "3"), ("a", "3"), *others[2:6]]
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
