"""Removing and copying beside running graphs where nobody sees another's locks, as between the nodes of a cluster.

Without its locks a server is no cluster, but each of these calls must then notice by its own writes what others did.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Select

from agentomatic_sql.graphs import removal
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.checkpoints import LONG, config, go_on, grow, id_of, latest, listed, put


@pytest.fixture
async def savers(server_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[SQLAlchemySaver]]:
    """Two savers on connections of their own, whose statements lock no row that they only read."""
    monkeypatch.setattr(Select, "with_for_update", lambda statement, **_how: statement)
    async with SQLAlchemySaver(server_url) as one, SQLAlchemySaver(server_url) as other:
        yield [one, other]


def after_the_first(
    monkeypatch: pytest.MonkeyPatch, name: str, meanwhile: Callable[[], Awaitable[Any]], *, before: bool = False
) -> None:
    """Let something happen once, after (or before) a step of a removal or a copy, within its transaction."""
    step = getattr(removal, name)

    async def with_it(*arguments: Any, **options: Any) -> Any:
        monkeypatch.setattr(removal, name, step)
        if before:
            await meanwhile()
        done = await step(*arguments, **options)
        if not before:
            await meanwhile()
        return done

    monkeypatch.setattr(removal, name, with_it)


async def test_pruning_takes_nothing_from_a_checkpoint_that_comes_meanwhile(
    savers: list[SQLAlchemySaver], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = savers
    made = await grow(one, config(), [f"{number} {LONG}" for number in range(5)])
    second = await latest(other, made[1])
    values, versions = second.checkpoint["channel_values"], dict(second.checkpoint["channel_versions"])
    came: list[Any] = []

    async def fork() -> None:
        versions["x"] = "1"
        came.append(await put(other, made[1], {**values, "x": 1}, versions, new=["x"]))

    after_the_first(monkeypatch, "_sweep", fork)
    await one.aprune(["t"])
    assert came
    for where in (made[-1], *came):
        found = await SQLAlchemySaver(one.store).aget_tuple(where)
        if where is made[-1]:
            assert found is None or len(found.checkpoint["channel_values"]["messages"]) == 5
        else:
            assert found is not None
            assert found.checkpoint["channel_values"] == {**values, "x": 1}
    assert await listed(SQLAlchemySaver(one.store), config()) == [id_of(came[0])]


async def test_pruning_beside_graphs_leaves_every_thread_readable(savers: list[SQLAlchemySaver]) -> None:
    one, other = savers
    running = True

    async def run(thread_id: str) -> None:
        where = config(thread_id)
        for number in range(30):
            where = (await grow(one, where, [f"{number} {LONG}"]))[-1]
            await one.aput_writes(where, [("x", number)], "task")

    async def prune() -> None:
        while running:
            await other.aprune([f"t{number}" for number in range(4)])

    pruning = asyncio.create_task(prune())
    await asyncio.gather(*(run(f"t{number}") for number in range(4)))
    running = False
    await pruning
    for number in range(4):
        found = await latest(SQLAlchemySaver(other.store), config(f"t{number}"))
        assert found.checkpoint["channel_values"]["messages"] == [f"{step} {LONG}" for step in range(30)]
        assert found.pending_writes == [("task", "x", 29)]


async def test_two_processes_on_one_thread_store_all_their_checkpoints(savers: list[SQLAlchemySaver]) -> None:
    first = (await go_on(savers[0], ["first"]))[-1]
    ids = [f"{number:03}" for number in range(24)]

    async def store(number: int) -> None:
        saver, value = savers[number % 2], [f"{number} {LONG}"]
        await put(saver, first, {"messages": value}, {"messages": f"{number}"}, checkpoint_id=ids[number])

    await asyncio.gather(*map(store, range(len(ids))))
    reader = SQLAlchemySaver(savers[0].store)
    for number, checkpoint_id in enumerate(ids):
        found = await latest(reader, config(checkpoint_id=checkpoint_id))
        assert found.checkpoint["channel_values"]["messages"] == [f"{number} {LONG}"]


async def test_a_copy_has_the_sources_namespaces_only(
    savers: list[SQLAlchemySaver], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although a graph begins in the target meanwhile, and is pruned."""
    one, other = savers
    for number in range(3):
        await grow(one, config(f"somebody {number}", "private"), [f"secret {LONG}"])
    await grow(one, config("source"), [LONG] * 3)

    async def begin_and_prune() -> None:
        await grow(other, config("target", "sub"), ["a subgraph's", LONG])
        await other.aprune(["target"])

    after_the_first(monkeypatch, "_copy_rows", begin_and_prune, before=True)
    await one.acopy_thread("source", "target")
    reader = SQLAlchemySaver(one.store)
    assert await listed(reader, config("target")) == await listed(reader, config("source"))
    (only,) = await listed(reader, config("target", "sub"))
    found = await latest(reader, config("target", "sub", only))
    assert found.checkpoint["channel_values"]["messages"] == ["a subgraph's", LONG]
