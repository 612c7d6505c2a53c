"""Counts: exact while it is little, marked as estimates where it is much."""

from __future__ import annotations

import pytest
from sqlalchemy import make_url, text

from agentomatic_sql import MemoryStore, SQLAlchemyStore
from agentomatic_sql.entities import counts

TABLES = ("agentomatic_threads", "agentomatic_messages", "agentomatic_feedback", "agentomatic_checkpoints")


async def fill(store: SQLAlchemyStore | MemoryStore) -> None:
    for number in range(30):
        await store.create_thread(f"t{number}", "ada", "agent")
        await store.add_messages(f"t{number}", [{"role": "user", "content": "x"}] * 2)
    await store.add_feedback("t0", "ada", "agent", rating=1)
    await store.save_suspended_state("approval", "t0", "agent", "node", {})
    await store.save_checkpoint("t0", "", "c", None, {}, {})


async def analyze(store: SQLAlchemyStore) -> None:
    """Let the server look at its tables, as it does by itself after a while."""
    mysql = store.engine.dialect.name in ("mysql", "mariadb")
    async with store.engine.connect() as connection:
        for table in TABLES:
            await connection.execute(text(f"ANALYZE {'TABLE ' if mysql else ''}{table}"))
        await connection.commit()


@pytest.mark.parametrize("most", [counts.EXACT, 30])
async def test_counts_are_exact_up_to_a_limit(
    new_database_url: str, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(counts, "EXACT", most)
    async with SQLAlchemyStore(new_database_url) as store, MemoryStore() as memory:
        for one in (store, memory):
            await fill(one)
        found = await store.get_stats()
        own = {"backend": "SQLAlchemyStore", "database": found["database"]}
        assert found == await memory.get_stats() | own
        assert found["estimated"] == []


async def test_above_the_limit_they_are_estimates_and_marked(
    new_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "EXACT", 10)
    async with SQLAlchemyStore(new_database_url) as store:
        await fill(store)
        await analyze(store)
        found = await store.get_stats()
        assert found["estimated"] == ["messages", "threads"]
        assert 15 <= found["threads"] <= 60
        assert 30 <= found["messages"] <= 120
        assert (found["feedback"], found["suspended_states"], found["checkpoints"]) == (1, 1, 1)


async def test_an_estimate_is_of_now(new_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not of when somebody asked before: by itself, MySQL goes on giving that answer for a day."""
    monkeypatch.setattr(counts, "EXACT", 10)
    async with SQLAlchemyStore(new_database_url) as store:
        await analyze(store)
        assert (await store.get_stats())["threads"] == 0
        await fill(store)
        if store.engine.dialect.name not in ("mysql", "mariadb"):  # they know at once
            await analyze(store)
        found = await store.get_stats()
        assert 15 <= found["threads"] <= 60
        assert 30 <= found["messages"] <= 120


async def test_an_estimate_is_of_the_stores_own_schema(new_server_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if make_url(new_server_url).get_backend_name() in ("mysql", "mariadb"):
        pytest.skip("a schema is a database there")
    monkeypatch.setattr(counts, "EXACT", 10)
    async with (
        SQLAlchemyStore(new_server_url) as empty,
        SQLAlchemyStore(new_server_url, schema='an "odd" one') as store,
    ):
        await fill(store)
        async with empty.engine.begin() as connection:
            await connection.execute(text('ANALYZE "an ""odd"" one".agentomatic_threads'))
        assert 15 <= (await store.get_stats())["threads"] <= 60
        assert (await empty.get_stats())["threads"] == 0
