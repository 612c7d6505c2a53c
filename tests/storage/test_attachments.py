"""Whatever is stored in a thread changes the thread's row, so that a deletion cannot miss it, on any server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.tables import THREADS
from tests.conftest import ENCRYPTION

Store = Callable[[SQLAlchemyStore], Awaitable[Any]]

ATTACHMENTS: dict[str, Store] = {
    "feedback": lambda store: store.add_feedback("t", "ada", "agent", rating=1),
    "feedback with a key": lambda store: store.add_feedback("t", "ada", "agent", rating=1, idempotency_key="k"),
    "a checkpoint": lambda store: store.save_checkpoint("t", "", "c", None, {}, {}),
    "a fork": lambda store: store.fork_thread("t", 0, "fork"),
    "a fork with its checkpoints": lambda store: store.fork_thread("t", 0, "fork", checkpoints=True),
    "a user's feedback": lambda store: store.for_user("ada").add_feedback("t", "ada", "agent", rating=1),
    "a user's checkpoint": lambda store: store.for_user("ada").save_checkpoint("t", "", "c", None, {}, {}),
    "a user's fork": lambda store: store.for_user("ada").fork_thread("t", 0, "fork"),
    "a user's suspended state": lambda store: store.for_user("ada").save_suspended_state("a", "t", "agent", "n", {}),
}


@pytest.fixture(params=[False, True], ids=["plain", "encrypted"])
async def store(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[SQLAlchemyStore]:
    async with SQLAlchemyStore(database_url, encryption=ENCRYPTION if request.param else None) as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", "hello")
        yield store


async def attached(store: SQLAlchemyStore) -> int:
    async with store.engine.connect() as connection:
        return int((await connection.execute(select(THREADS.c.attached).where(THREADS.c.id == "t"))).scalar_one())


@pytest.mark.parametrize("attach", ATTACHMENTS.values(), ids=ATTACHMENTS)
async def test_storing_something_in_a_thread_changes_the_threads_row(store: SQLAlchemyStore, attach: Store) -> None:
    before, thread = await attached(store), await store.get_thread("t")
    await attach(store)
    assert await attached(store) == before + 1
    assert await store.get_thread("t") == thread  # nobody sees it


async def test_a_message_with_a_key_changes_the_row_once_more(store: SQLAlchemyStore) -> None:
    """A key has no foreign key; an ordinary message has one, and leaves what is attached as it is."""
    before = await attached(store)
    await store.add_message("t", "user", "hello")
    assert await attached(store) == before
    await store.add_message("t", "user", "hello", idempotency_key="k")
    several = [{"role": "user", "content": str(n)} for n in range(3)]
    await store.add_messages("t", several, idempotency_key="l")
    assert await attached(store) == before + 2


async def test_a_thread_to_which_others_attach_without_a_pause_is_deleted(store: SQLAlchemyStore) -> None:
    deleted = asyncio.Event()

    async def rate() -> None:
        while not deleted.is_set():
            await store.add_feedback("t", "ada", "agent", rating=1)

    async def delete() -> None:
        try:
            assert await store.delete_thread("t") is True
        finally:
            deleted.set()

    await asyncio.gather(delete(), *(rate() for _ in range(4)))
    assert await store.get_thread("t") is None


async def test_a_fork_beside_the_deletion_of_its_parent_has_no_parent_that_is_gone(store: SQLAlchemyStore) -> None:
    made = 0
    for number in range(20):
        parent, names = f"parent{number}", [f"fork{number}-{n}" for n in range(4)]
        await store.create_thread(parent, "ada", "agent")
        await store.add_message(parent, "user", "hello")
        forks = [store.fork_thread(parent, 0, name) for name in names]
        done = await asyncio.gather(*forks[:2], store.delete_thread(parent), *forks[2:])
        assert done[2] is True
        for name in names:
            fork = await store.get_thread(name)
            made += fork is not None
            assert fork is None or fork["parent_thread_id"] is None
        assert (await store.get_thread_lineage(parent))["descendants"] == []
    assert made  # some forks came before their parent's deletion


async def test_a_deletion_of_a_thread_that_others_have_deleted_leaves_what_was_stored_since(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store, SQLAlchemyStore(database_url) as other:
        await store.create_thread("t", "ada", "agent")
        assert await other.delete_thread("t") is True
        await other.add_feedback("t", "ada", "agent", rating=1)  # of a thread that nobody knows
        assert await store.delete_thread("t") is False
        assert len(await other.get_feedback()) == 1
