"""PostgreSQL's own row-level security: users are kept apart for every role but the tables' owner."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest
from sqlalchemy import event, make_url, text

from agentomatic_sql import (
    BaseStore,
    DatabaseError,
    InvalidInput,
    RowSecurityInactive,
    SQLAlchemyStore,
    ThreadExists,
    ThreadNotFound,
)
from agentomatic_sql.dialects.postgresql import PostgreSQL
from agentomatic_sql.drivers import pipeline
from agentomatic_sql.drivers.asyncpg import connect
from agentomatic_sql.drivers.pipeline import Pipeline
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import METADATA
from agentomatic_sql.testing.user_views import UserViews
from tests.support import forked, poolers, servers
from tests.support.checkpoints import config, put
from tests.support.databases import chosen, database_on, empty, migrated
from tests.support.documents import ROOT, sections, statements
from tests.support.ways import is_direct
from tests.support.wire import wire

INTRUDER = """
INSERT INTO agentomatic_messages (thread_id, position, role, content, metadata, created_at)
VALUES ('of ada', 7, 'user', 'eve was here', '{}', now())
"""
SECURITY = ROOT / "docs" / "security.md"
USER = "nullif(current_setting('agentomatic_sql.user_id', true), '')"
"""Whom the policies take for the user; NULL is nobody."""


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


@asynccontextmanager
async def connected(where: Guarded) -> AsyncIterator[Any]:
    """A connection of asyncpg's own, for the role."""
    url = make_url(where.role)
    connection = await connect(**url.translate_connect_args(username="user"), **url.query)
    try:
        yield connection
    finally:
        await connection.close()


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
    async with connected(guarded) as guest:
        for table in METADATA.sorted_tables:  # of nobody's, and with no policy nothing
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


CALLS: dict[str, Callable[[BaseStore], Awaitable[Any]]] = {
    "add_message": lambda store: store.add_message("t", "user", "x"),
    "get_messages": lambda store: store.get_messages("t"),
    "list_threads": lambda store: store.list_threads(),
    "update_thread": lambda store: store.update_thread("t", title="x"),
    "get_stats": lambda store: store.get_stats(),
}


async def told(store: SQLAlchemyStore) -> Any:
    """Whom the server takes for the user of the store's one connection."""
    async with store.engine.connect() as connection:
        return (await connection.execute(text(f"SELECT {USER}"))).scalar_one()


@pytest.mark.parametrize("cache", ["", "?statement_cache_size=0"], ids=["prepared", "unprepared"])
async def test_a_view_takes_no_more_round_trips(store: Owner, guarded: Guarded, cache: str) -> None:
    await store.create_thread("t", "ada", "agent")
    async with (
        wire(guarded.role) as proxy,
        SQLAlchemyStore(proxy.url + cache, pool_size=1, migrate="check", row_security=True) as guest,
    ):
        ada = guest.for_user("ada")
        for name, call in CALLS.items():
            for _ in range(2):  # the first time, the driver prepares the statements
                before = proxy.round_trips
                await call(ada)
            assert proxy.round_trips - before == (2 if cache else 1), name
            assert await told(guest) is None, name


async def test_without_asyncpgs_names_a_view_takes_transactions(
    store: Owner, guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "is_known", lambda _connection: False)
    await store.create_thread("t", "ada", "agent")
    async with (
        wire(guarded.role) as proxy,
        SQLAlchemyStore(proxy.url, pool_size=1, migrate="check", row_security=True) as guest,
    ):
        ada = guest.for_user("ada")
        await ada.add_message("t", "user", "x")
        before = proxy.round_trips
        await ada.add_message("t", "user", "x")
        assert proxy.round_trips - before == 1 + 3


async def test_the_canary_of_asyncpg(guarded: Guarded) -> None:
    """If this fails, a release has other names: a view takes more round trips. See drivers/pipeline.py."""
    async with connected(guarded) as connection:
        assert pipeline.is_known(connection)
        for name in (*pipeline._NAMES, "bind_execute"):
            assert hasattr(connection if name.startswith("_") else connection._protocol, name)


async def test_a_connection_that_does_not_send_both_takes_transactions(
    store: Owner, guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if another release of asyncpg did not take this way, or a pooler another server for each statement."""
    monkeypatch.setattr(pipeline, "_messages", lambda *_arguments: b"")
    async with connected(guarded) as connection:
        setting = PostgreSQL.tell_user
        assert setting is not None
        assert not await Pipeline().is_on(connection, setting)
    await store.create_thread("t", "ada", "agent")
    ada = store.guest.for_user("ada")
    assert (await ada.add_message("t", "user", "x"))["index"] == 0
    assert len(await ada.get_messages("t")) == 1


async def test_a_statement_that_was_not_sent_leaves_no_user_behind(store: Owner, guarded: Guarded) -> None:
    """asyncpg refuses a value before it sends anything; the server has the user's name already."""
    setting, pipes = PostgreSQL.tell_user, Pipeline()
    assert setting is not None
    async with connected(guarded) as connection:
        assert await pipes.is_on(connection, setting)
        assert await pipes.fetch(connection, setting, "ada", "SELECT $1::int", 1) == [(1,)]
        with pytest.raises(asyncpg.PostgresError) as refused:  # the server's: nothing is left
            await pipes.fetch(connection, setting, "ada", "SELECT 1 / $1::int", 0)
        assert refused.value.sqlstate == "22012"
        assert await connection.fetchval(f"SELECT {USER}") is None
        with pytest.raises(asyncpg.DataError):
            await pipes.fetch(connection, setting, "ada", "SELECT $1::int", "no number")
        assert connection.is_closed()


async def test_a_store_goes_on_after_such_a_value(store: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.create_thread("t", "ada", "agent")
    ada, fetch = store.guest.for_user("ada"), asyncpg.Connection.fetch
    await asyncio.gather(*(ada.get_thread("t") for _ in range(3)))
    connections = store.guest.engine.pool.checkedin()  # type: ignore[attr-defined] # a queue's

    async def refused(connection: Any, query: str, *arguments: Any, **options: Any) -> Any:
        return await fetch(connection, query, *("no number" if one == 77 else one for one in arguments), **options)

    monkeypatch.setattr(asyncpg.Connection, "fetch", refused)
    with pytest.raises(DatabaseError):
        await ada.get_messages("t", limit=77)
    assert len(await ada.list_threads()) == 1
    assert store.guest.engine.pool.checkedin() == connections  # type: ignore[attr-defined]


async def test_two_users_at_once_see_their_own(store: Owner) -> None:
    for user in ("ada", "eve"):
        await store.create_thread(f"of {user}", user, "agent")

    async def use(user: str) -> None:
        view = store.guest.for_user(user)
        for number in range(30):
            await view.add_message(f"of {user}", "user", str(number))
            assert [thread["user_id"] for thread in await view.list_threads()] == [user]

    await asyncio.gather(*(use(user) for user in ("ada", "eve") for _ in range(4)))
    assert [len(await store.get_messages(f"of {user}", limit=1_000)) for user in ("ada", "eve")] == [120, 120]


async def test_listeners_hear_that_the_server_is_told_the_user(store: Owner) -> None:
    await store.create_thread("t", "ada", "agent")
    heard: list[tuple[str, Any]] = []
    await store.guest.for_user("ada").get_thread("t")
    event.listen(store.guest.engine.sync_engine, "before_cursor_execute", lambda *given: heard.append(given[2:4]))
    for number in range(3):
        assert await store.guest.for_user("eve").get_thread("t") is None
        added = await store.guest.for_user("ada").add_message("t", "user", str(number))
        assert await store.guest.for_user("ada").get_messages("t", last=1) == [added]
        assert await told(store.guest) is None
    assert is_direct(store.guest)
    users = [arguments for statement, arguments in heard if "set_config" in statement]
    assert users == [("eve",), ("ada",), ("ada",)] * 3


@pytest.mark.parametrize("pooler", ["pgbouncer", "pgpool"])
async def test_a_pooler_does_not_lend_the_user_to_another_client(store: Owner, guarded: Guarded, pooler: str) -> None:
    for user in ("ada", "eve"):
        await store.create_thread(f"of {user}", user, "agent")
    with ExitStack() as running:
        try:
            url = await asyncio.to_thread(running.enter_context, poolers.in_front_of(guarded.role, pooler))
        except LookupError as error:
            pytest.skip(str(error))
        seen: set[Any] = set()
        async with (
            SQLAlchemyStore(url, migrate="check", row_security=True) as guest,
            SQLAlchemyStore(url, migrate="check", row_security=True) as other,
        ):

            async def use(user: str) -> None:
                view = guest.for_user(user)
                for number in range(30):
                    await view.add_message(f"of {user}", "user", str(number))
                    assert [thread["user_id"] for thread in await view.list_threads()] == [user]

            async def look() -> None:
                for _ in range(100):
                    assert await other.list_threads() == []
                    seen.add(await told(other))

            await asyncio.gather(*(use(user) for user in ("ada", "eve") for _ in range(3)), look(), look())
        assert seen == {None}


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
        assert asyncio.run(guarded_tables(url)) == len(METADATA.tables)
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
