"""A database that is restored from a backup under a running saver: its state counts, whatever the saver remembers."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.serde.types import ERROR
from sqlalchemy import delete, insert, select

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.graphs.cache import SUPERSEDED
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_CHECKPOINTS, GRAPH_NAMESPACES, GRAPH_VALUES, GRAPH_WRITES
from tests.support.checkpoints import LONG, config, go_on, latest, listed, put, writes_of

TABLES = (GRAPH_NAMESPACES, GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES)
Backup = Mapping[Any, Sequence[Any]]


async def back_up(store: SQLAlchemyStore) -> Backup:
    async with store.engine.connect() as connection:
        return {table: (await connection.execute(select(table))).mappings().all() for table in TABLES}


async def restore(store: SQLAlchemyStore, backup: Backup) -> None:
    async with store.engine.begin() as connection:
        for table, rows in backup.items():
            await connection.execute(delete(table))
            if rows:
                await connection.execute(insert(table), [dict(row) for row in rows])


async def messages(saver: SQLAlchemySaver) -> Any:
    return (await latest(saver, config())).checkpoint["channel_values"]["messages"]


def text(name: str) -> str:
    return f"{name} {LONG}"


async def test_a_lost_checkpoint_comes_back_in_no_state(saver: SQLAlchemySaver) -> None:
    """Its runs stood where others stand now."""
    await go_on(saver, [text("m1"), text("m2"), text("m3")])
    backup = await back_up(saver.store)
    await go_on(saver, [text("m4, lost")])
    await restore(saver.store, backup)
    other = SQLAlchemySaver(saver.store)
    await go_on(other, [text("m4")])
    now = [text(name) for name in ("m1", "m2", "m3", "m4")]
    assert await messages(saver) == now
    await go_on(saver, [text("m5")])
    assert await messages(SQLAlchemySaver(saver.store)) == [*now, text("m5")]


async def test_a_graph_that_was_running_does_not_mix_its_state_with_others(saver: SQLAlchemySaver) -> None:
    await go_on(saver, [text("m1")])
    backup = await back_up(saver.store)
    lost = (await go_on(saver, [text("m2, lost")]))[-1]
    await restore(saver.store, backup)
    await go_on(SQLAlchemySaver(saver.store), [text("m2"), text("m3")])
    running = [text(name) for name in ("m1", "m2, lost", "m3 of the one that ran on")]
    after = await put(saver, lost, {"messages": running}, {"messages": "9"})
    fresh = SQLAlchemySaver(saver.store)
    assert (await latest(fresh, after)).checkpoint["channel_values"]["messages"] == running
    (_newest, others, *_older) = await listed(fresh, config())
    found = await latest(fresh, config(checkpoint_id=others))
    assert found.checkpoint["channel_values"]["messages"] == [text(name) for name in ("m1", "m2", "m3")]


@pytest.mark.parametrize("seed", range(6))
async def test_every_saver_reads_the_restored_state(saver: SQLAlchemySaver, seed: int) -> None:
    choices = random.Random(seed)
    savers = [saver, SQLAlchemySaver(saver.store)]
    backups: list[tuple[Backup, list[str]]] = []
    there: list[str] = []
    for step in range(40):
        what = choices.random()
        if not there or what < 0.6:
            there = [*there, text(f"{step}")] if choices.random() < 0.9 else [*there[:-1], text(f"{step} for another")]
            one = choices.choice(savers)
            found = await one.aget_tuple(config())
            version = one.get_next_version(None, None)
            await put(one, found.config if found else config(), {"messages": there}, {"messages": version})
        elif what < 0.75:
            backups.append((await back_up(saver.store), there))
        elif what < 0.85:
            await choices.choice(savers).aprune(["t"])
        elif backups:
            backup, there = choices.choice(backups)
            await restore(saver.store, backup)
        for one in (*savers, SQLAlchemySaver(saver.store)):
            if choices.random() < 0.7:
                assert await messages(one) == there, step
                for where in await listed(one, config()):
                    await latest(one, config(checkpoint_id=where))


async def test_writes_of_another_history_are_not_deleted(saver: SQLAlchemySaver) -> None:
    """Rows with the numbers of those that a reader found superseded."""
    where = (await go_on(saver, [LONG]))[-1]
    backup = await back_up(saver.store)
    for number in range(SUPERSEDED + 1):
        await saver.aput_writes(where, [(ERROR, number)], "task")
    await latest(saver, where)  # finds them superseded
    await restore(saver.store, backup)
    other = SQLAlchemySaver(saver.store)
    for number in range(SUPERSEDED + 1):
        await other.aput_writes(where, [("x", number)], f"task {number}")
    await saver.aput_writes(where, [(ERROR, "why")], "task")
    found = await writes_of(SQLAlchemySaver(saver.store), where)
    assert len(found) == SUPERSEDED + 2


async def test_a_thread_that_the_backup_does_not_have_can_be_begun_anew(saver: SQLAlchemySaver) -> None:
    backup = await back_up(saver.store)
    await go_on(saver, [text("lost")])
    await restore(saver.store, backup)
    await go_on(SQLAlchemySaver(saver.store), [text("m1")])
    assert await messages(saver) == [text("m1")]
    await go_on(saver, [text("m2")])
    assert await messages(saver) == [text("m1"), text("m2")]


async def test_a_sqlite_file_that_is_copied_back(tmp_path: Path) -> None:
    file, copy = tmp_path / "graphs.db", tmp_path / "backup.db"
    async with SQLAlchemySaver(f"sqlite:///{file}") as saver:
        await go_on(saver, [text("m1"), text("m2"), text("m3")])
        await saver.store.engine.dispose()
        shutil.copy(file, copy)
        await go_on(saver, [text("m4, lost")])
        await saver.store.engine.dispose()
        shutil.copy(copy, file)
        async with SQLAlchemySaver(f"sqlite:///{file}") as other:
            await go_on(other, [text("m4")])
            assert await messages(saver) == [text(name) for name in ("m1", "m2", "m3", "m4")]
            await go_on(saver, [text("m5")])
            assert await messages(other) == [text(name) for name in ("m1", "m2", "m3", "m4", "m5")]
