"""Writers that wait for their turn on SQLite go together in one transaction, each done or not done by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from agentomatic_sql import SQLAlchemyStore, ThreadExists
from agentomatic_sql.drivers import aiosqlite


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the number of operations in each shared commit."""
    run, sizes = aiosqlite._run_group, []

    def counted(own: Any, caller: Any, operations: Any) -> Any:
        sizes.append(len(operations))
        return run(own, caller, operations)

    monkeypatch.setattr(aiosqlite, "_run_group", counted)
    return sizes


async def test_writers_that_wait_share_a_commit_and_one_fails_alone(tmp_path: Path, commits: list[int]) -> None:
    async with SQLAlchemyStore(f"sqlite:///{tmp_path}/s.db") as store:
        await store.create_thread("taken", "grace", "agent")
        names = [*(f"t{number}" for number in range(10)), "taken", *(f"u{number}" for number in range(10))]
        made = await asyncio.gather(
            *(store.create_thread(name, "ada", "agent") for name in names), return_exceptions=True
        )
        assert [type(one) for one in made if isinstance(one, Exception)] == [ThreadExists]
        assert commits == [20]  # the first went alone
        assert {thread["id"] for thread in await store.list_threads(user_id="ada")} == {*names} - {"taken"}
        taken = await store.get_thread("taken")
        assert taken is not None
        assert taken["user_id"] == "grace"


async def test_a_statement_that_is_refused_undoes_its_own_operation_only(tmp_path: Path, commits: list[int]) -> None:
    async with SQLAlchemyStore(f"sqlite:///{tmp_path}/s.db") as store:
        await store.create_thread("t", "ada", "agent")
        async with store.engine.begin() as connection:
            await connection.exec_driver_sql(
                "CREATE TRIGGER refuse AFTER INSERT ON agentomatic_feedback WHEN NEW.rating = 3 "
                "BEGIN SELECT RAISE(ABORT, 'no three'); END"
            )
        rated = await asyncio.gather(
            *(store.add_feedback("t", "ada", "agent", rating=rating) for rating in range(1, 6)), return_exceptions=True
        )
        assert [isinstance(one, Exception) for one in rated] == [False, False, True, False, False]
        assert commits == [4]
        assert sorted(one["rating"] for one in await store.get_feedback()) == [1, 2, 4, 5]


async def test_a_call_cancelled_while_waiting_stores_nothing(tmp_path: Path, commits: list[int]) -> None:
    async with SQLAlchemyStore(f"sqlite:///{tmp_path}/s.db") as store:
        await store.create_thread("t", "ada", "agent")
        tasks = [asyncio.create_task(store.add_feedback("t", "ada", "agent", rating=rating)) for rating in range(1, 6)]
        await asyncio.sleep(0)  # all of them wait, but for the first
        tasks[2].cancel()
        await asyncio.wait(tasks)
        assert tasks[2].cancelled()
        assert sorted(one["rating"] for one in await store.get_feedback()) == [1, 2, 4, 5]
        assert commits == [3]
