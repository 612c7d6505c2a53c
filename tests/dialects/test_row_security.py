"""PostgreSQL's own row-level security: users are kept apart for every role but the tables' owner."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import NamedTuple

import asyncpg
import pytest
from sqlalchemy import make_url

from agentomatic_sql import BaseStore, InvalidInput, RowSecurityInactive, SQLAlchemyStore, ThreadExists, ThreadNotFound
from agentomatic_sql.drivers.asyncpg import connect
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.models import Base
from agentomatic_sql.testing.user_views import UserViews
from tests.support import forked, servers
from tests.support.checkpoints import config, put
from tests.support.databases import chosen, database_on, empty, migrated
from tests.support.documents import ROOT, sections, statements
from tests.support.wire import wire

INTRUDER = """
INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at)
VALUES ('of ada', 7, 'user', 'eve was here', '{}', now())
"""
SECURITY = ROOT / "docs" / "security.md"


def documented(role: str, password: str) -> list[str]:
    """The statements that the document has for a role, for this one."""
    (block,) = [block for part in sections(SECURITY) for block in part.blocks if block.language == "sql"]
    return statements(block.text.replace("'secret'", f"'{password}'"), role)


@pytest.mark.parametrize("name", chosen(("postgresql",)))
def test_it_is_refused_by_name_where_the_server_cannot_have_it(name: str) -> None:
    url = migrated(name, "citus")
    # What the catalog says of a server with Citus, which cannot be installed everywhere.
    asyncio.run(servers.run(url, "UPDATE pg_extension SET extname = 'citus' WHERE extname = 'plpgsql'"))
    answer = switch(url, "on")
    assert answer.startswith("1 "), answer
    assert "row_security: the extension citus cannot enforce the policies of these tables" in answer
    assert switch(url, "off").startswith("0 ")


class Guarded(NamedTuple):
    """A database whose rows are guarded: the URL of its owner, and that of a role that is not."""

    owner: str
    role: str


def switch(url: str, state: str) -> str:
    done = forked.run(forked.COMMAND, "db", "row-security", state, "--url", url)
    first, _, errors = done.stderr.partition("\n")
    assert first.startswith("Database: ")
    return f"{done.returncode} {done.stdout}{errors}"


async def prepared(url: str, role: str, password: str) -> None:
    async with SQLAlchemyStore(url):
        for statement in documented(role, password):
            await servers.run(url, statement)


async def removed(url: str, role: str) -> None:
    await servers.run(url, f"DROP OWNED BY {role}")
    await servers.run(url, f"DROP ROLE {role}")


@pytest.fixture(scope="module", params=chosen(("postgresql",)))
def guarded(request: pytest.FixtureRequest) -> Iterator[Guarded]:
    with database_on(request.param) as url:
        role, password = f"app_{uuid.uuid4().hex[:12]}", "pa55word"
        asyncio.run(prepared(url, role, password))
        try:
            assert switch(url, "on").startswith("0 ")
            guest = make_url(url).set(username=role, password=password)
            yield Guarded(url, guest.render_as_string(hide_password=False))
        finally:
            asyncio.run(removed(url, role))


class Owner(SQLAlchemyStore):
    """The owner's store, whose views are those of a role that is not."""

    def __init__(self, where: Guarded) -> None:
        super().__init__(where.owner)
        self.guest = SQLAlchemyStore(where.role, migrate="check", row_security=True)

    def for_user(self, user_id: str) -> BaseStore:  # type: ignore[override] # the guest's
        return self.guest.for_user(user_id)


@pytest.fixture
async def store(guarded: Guarded) -> AsyncIterator[Owner]:
    async with Owner(guarded) as store, store.guest:
        await empty(store)
        yield store


@pytest.mark.asyncio
class TestViews(UserViews):
    """The contract of a user's view, for a role that the policies bind."""


async def test_the_policies_hold_even_without_the_owner_condition(store: Owner, guarded: Guarded) -> None:
    for user in ("ada", "eve"):
        await store.create_thread(f"of {user}", user, "agent")
        await store.add_message(f"of {user}", "user", user)
        await store.save_suspended_state(f"of {user}", f"of {user}", "agent", "node", {})
        async with SQLAlchemySaver(store) as saver:
            await put(saver, config(f"of {user}"), {"x": user})
    await store.create_invocation_log(agent_name="agent", thread_id="of eve")
    url = make_url(guarded.role)
    guest = await connect(**url.translate_connect_args(username="user"), **url.query)
    try:
        for table in Base.metadata.sorted_tables:  # of nobody's, and with no policy nothing
            assert await guest.fetchval(f"SELECT count(*) FROM {table.name}") == 0, table.name
        async with guest.transaction():
            await guest.execute("SELECT set_config('agentomatic_sql.user_id', 'eve', true)")
            assert await guest.fetchval("SELECT string_agg(content, ',') FROM agentomatic_messages") == "eve"
            assert await guest.fetchval("SELECT string_agg(id, ',') FROM agentomatic_suspended_states") == "of eve"
            assert (
                await guest.fetchval("SELECT string_agg(thread_id, ',') FROM agentomatic_graph_namespaces") == "of eve"
            )
            assert await guest.fetchval("SELECT count(*) FROM agentomatic_graph_checkpoints") == 1
            assert await guest.fetchval("SELECT count(*) FROM agentomatic_invocation_logs") == 0
            assert await guest.execute("UPDATE agentomatic_threads SET title = 'x'") == "UPDATE 1"
            assert await guest.execute("DELETE FROM agentomatic_messages WHERE thread_id = 'of ada'") == "DELETE 0"
            for theft in (
                "UPDATE agentomatic_threads SET user_id = 'ada'",
                INTRUDER,
                "UPDATE agentomatic_messages SET thread_id = 'of ada', position = 8",
            ):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    async with guest.transaction():
                        await guest.execute(theft)
        assert await guest.fetchval("SELECT count(*) FROM agentomatic_messages") == 0  # the transaction is over
    finally:
        await guest.close()


async def test_row_security_costs_three_round_trips(store: Owner, guarded: Guarded) -> None:
    await store.create_thread("t", "ada", "agent")
    async with (
        wire(guarded.role) as proxy,
        SQLAlchemyStore(proxy.url, pool_size=1, migrate="check", row_security=True) as guest,
    ):
        ada = guest.for_user("ada")
        for _ in range(2):  # the first time, the driver prepares the statements
            before = proxy.round_trips
            await ada.add_message("t", "user", "x")
        assert proxy.round_trips - before == 1 + 3


async def test_without_a_view_such_a_role_sees_nothing(store: Owner) -> None:
    await store.create_thread("t", "ada", "agent")
    guest = store.guest
    assert await guest.get_thread("t") is None
    assert await guest.list_threads() == []
    with pytest.raises(ThreadNotFound):
        await guest.add_message("t", "user", "x")
    with pytest.raises(ThreadExists):  # and not for ever
        await guest.for_user("eve").create_thread("t", "eve", "agent")


async def test_a_graphs_checkpoints_by_such_a_role(store: Owner) -> None:
    await store.create_thread("t", "ada", "agent")
    async with SQLAlchemySaver(store) as saver:
        await put(saver, config("t"), {"x": 1}, {"x": "1"})
    ada, eve = store.for_user("ada"), store.for_user("eve")
    (shown,) = await ada.list_checkpoints("t", "")
    assert shown["checkpoint"]["channel_values"] == {"x": 1}
    assert await ada.get_checkpoint("t", "", None) == shown
    assert await eve.list_checkpoints("t", "") == []
    assert await eve.delete_thread("t") is False
    assert await ada.fork_thread("t", 0, "fork", checkpoints=True) is not None
    assert await ada.delete_thread("t") is True
    assert len(await ada.list_checkpoints("fork", "")) == 1


async def test_a_role_that_sees_no_rows_cannot_change_their_key(guarded: Guarded) -> None:
    environment = {**os.environ, "AGENTOMATIC_SQL_KEYS": f"new:{Encryption.new_key()}"}
    command = (forked.COMMAND, "rekey", "--url", guarded.role)
    done = await asyncio.to_thread(forked.run, *command, environment=environment)
    assert (done.returncode, "row-level security hides rows from this role" in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize("name", chosen(("postgresql",)))
def test_row_security_is_off_until_it_is_switched_on(name: str) -> None:
    on = "SELECT count(*) FROM pg_class WHERE relrowsecurity"

    async def guarded_tables(url: str) -> object:
        async with SQLAlchemyStore(url):
            return await servers.run(url, on)

    with database_on(name) as url:
        assert asyncio.run(guarded_tables(url)) == 0
        assert switch(url, "on").startswith("0 ")
        assert asyncio.run(guarded_tables(url)) == len(Base.metadata.tables)
        assert switch(url, "off").endswith("row-level security is off.\n")
        assert asyncio.run(guarded_tables(url)) == 0


async def test_a_store_that_is_not_bound_by_it_is_refused(store: Owner, guarded: Guarded) -> None:
    owner = SQLAlchemyStore(guarded.owner, row_security=True)
    with pytest.raises(RowSecurityInactive, match="agentomatic-sql db row-security on"):
        await owner.list_threads()
    await owner.close()
    await asyncio.to_thread(switch, guarded.owner, "off")
    try:
        guest = SQLAlchemyStore(guarded.role, migrate="check", row_security=True)
        with pytest.raises(RowSecurityInactive):
            await guest.for_user("ada").list_threads()
        await guest.close()
    finally:
        await asyncio.to_thread(switch, guarded.owner, "on")
    with pytest.raises(InvalidInput, match="user_id: must not be empty"):  # the setting's empty text is nobody
        store.guest.for_user("")


def test_another_database_says_that_it_has_none(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    with pytest.raises(InvalidInput, match="sqlite has no row-level security that this package uses") as caught:
        SQLAlchemyStore(url, row_security=True)
    assert caught.value.field == "row_security"

    async def make() -> None:
        async with SQLAlchemyStore(url) as store:
            assert await store.list_threads() == []

    asyncio.run(make())
    assert switch(url, "on").startswith("1 error: row_security: sqlite has no row-level security")
