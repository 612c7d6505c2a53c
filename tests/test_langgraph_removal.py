"""Removing and copying: others go on meanwhile, and how much there is does not matter."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, insert

from agentomatic_sql import SQLAlchemyStore, ThreadExists
from agentomatic_sql.graphs import Namespace
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.models import GRAPH_NAMESPACES, GRAPH_VALUES
from tests.checkpoints import LONG, config, count, grow, latest, listed, put

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
