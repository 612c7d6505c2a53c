"""PostgreSQL alone: plans that a changed type makes invalid, and privileges that a role lacks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import make_url, text

from agentomatic_sql import DatabaseError, SQLAlchemyStore
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.checkpoints import LONG, config, grow, latest
from tests.support.databases import chosen, database_on

PASSWORD = "only-for-tests"


@pytest.fixture(params=chosen(("postgresql",)))
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with database_on(request.param) as url:
        yield url


async def execute(url: str, *statements: str) -> None:
    """Run statements on a connection beside the store's."""
    other = SQLAlchemyStore(url)
    try:
        async with other.engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
            await connection.commit()
    finally:
        await other.engine.dispose()


async def change_types(url: str, length: int) -> None:
    async with SQLAlchemyStore(url) as other, other.engine.connect() as connection:
        found = await connection.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
                "AND table_name LIKE 'agentomatic\\_%' AND data_type = 'text'"
            )
        )
        changes = [f"ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({length})" for table, column in found]
    await execute(url, *changes)


async def use(store: SQLAlchemyStore, saver: SQLAlchemySaver, name: str) -> None:
    """Call what runs in a transaction of several statements."""
    view = store.for_user("ada")
    await store.create_thread(name, "ada", "agent")
    await store.add_message(name, "user", "x")
    await store.save_checkpoint(name, "", "c", None, {"x": 1}, {})
    await grow(saver, config(name), [LONG] * 3)
    assert await store.fork_thread(name, 0, f"{name} fork", checkpoints=True)
    lineage = await store.get_thread_lineage(f"{name} fork")
    assert [thread["id"] for thread in lineage["ancestors"]] == [name]
    await view.save_suspended_state(f"{name} a", name, "agent", "node", {"x": 1})
    assert await view.claim_suspended_state(f"{name} a")
    await saver.acopy_thread(name, f"{name} copy")
    await saver.aprune([f"{name} copy"])
    assert (await latest(saver, config(f"{name} copy"))).checkpoint["channel_values"]["messages"] == [LONG] * 3
    await saver.adelete_thread(f"{name} copy")
    assert await store.delete_thread(name)


async def test_a_type_that_changes_under_a_running_store_fails_no_call(url: str) -> None:
    async with SQLAlchemyStore(url, pool_size=2) as store:
        saver = SQLAlchemySaver(store)
        for number in range(4):
            await use(store, saver, f"t{number}")
            await change_types(url, 100_000 + number)


async def test_a_missing_privilege_is_named_with_its_grant(url: str) -> None:
    async with SQLAlchemyStore(url):
        pass
    role = "agentomatic no rights"
    await execute(url, f'DROP ROLE IF EXISTS "{role}"', f'CREATE ROLE "{role}" LOGIN PASSWORD {PASSWORD!r}')
    try:
        store = SQLAlchemyStore(make_url(url).set(username=role, password=PASSWORD))
        with pytest.raises(DatabaseError) as refused:
            await store.get_thread("t")
        await grants(url, refused.value, f'ON agentomatic_sql_version TO "{role}"')
        with pytest.raises(DatabaseError) as refused:
            await store.create_thread("t", "ada", "agent")
        await grants(url, refused.value, f'ON agentomatic_encryption_keys TO "{role}"')
        with pytest.raises(DatabaseError) as refused:
            await store.create_thread("t", "ada", "agent")
        await grants(url, refused.value, f'ON agentomatic_threads TO "{role}"')
        assert await store.create_thread("t", "ada", "agent")
        with pytest.raises(DatabaseError, match="ON agentomatic_feedback TO") as refused:
            await store.get_stats()  # by SQLAlchemy's way
        assert "<class" not in str(refused.value)
        await store.close()
    finally:
        await execute(url, f'DROP OWNED BY "{role}"', f'DROP ROLE "{role}"')


async def grants(url: str, error: DatabaseError, ending: str) -> None:
    """The error names a statement with this ending; run it."""
    assert error.code == "42501"
    assert "<class" not in str(error)
    grant = error.reason.rpartition("; ")[2]
    assert grant == f"GRANT SELECT, INSERT, UPDATE, DELETE {ending}"
    await execute(url, grant)


async def test_a_role_that_may_not_make_tables_is_told_the_grant(url: str) -> None:
    role = "agentomatic_guest"
    await execute(url, f"DROP ROLE IF EXISTS {role}", f"CREATE ROLE {role} LOGIN PASSWORD {PASSWORD!r}")
    try:
        store: Any = SQLAlchemyStore(make_url(url).set(username=role, password=PASSWORD))
        with pytest.raises(DatabaseError, match=f"; GRANT USAGE, CREATE ON SCHEMA public TO {role}$"):
            await store.initialize()
        await store.close()
    finally:
        await execute(url, f"DROP ROLE {role}")
