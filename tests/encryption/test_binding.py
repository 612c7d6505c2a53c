"""A ciphertext opens only where its row says what it said when it was stored: whose it is, who spoke, and where."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Table, and_, select, update

from agentomatic_sql import DecryptionFailed, SQLAlchemyStore, UnreadableCheckpoint
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.sealing.fields import FIELDS
from agentomatic_sql.tables import GRAPH_CHECKPOINTS, GRAPH_NAMESPACES, GRAPH_VALUES, GRAPH_WRITES
from tests.encryption.test_encryption import PLACES
from tests.support.checkpoints import LONG, config, encrypting, latest, listed, put
from tests.support.encrypted import WORD, everything, fill, opened, rows, write

BOUND = {
    "agentomatic_threads": ("user_id", "agent_name"),
    "agentomatic_messages": ("role",),
    "agentomatic_feedback": ("user_id", "agent_name", "feedback_type", "rating"),
    "agentomatic_suspended_states": ("agent_name", "node_name"),
    "agentomatic_checkpoints": ("parent_checkpoint_id",),
    "agentomatic_invocation_logs": ("resource_type", "agent_name", "thread_id"),
    "agentomatic_log_analyses": ("resource_type", "agent_name"),
    "agentomatic_optimization_runs": ("agent_name", "experiment_id"),
}
"""Columns that say something about an encrypted field of their row; ids have tests of their own."""
OTHERS: dict[str, Any] = {"rating": 2, "parent_checkpoint_id": "c0"}
"""Other values of such columns; every other gets a text."""
ANOTHER = "the row was modified, the ciphertext was copied from another row"
GRAPHS = (GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES)


async def test_a_row_that_says_something_else_does_not_open(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await fill(store)
        assert {*BOUND} == {table for table, *_reading in PLACES} == {table.name for table in FIELDS}
        for table, key, read in PLACES:
            row = (await rows(store, table))[0]
            for column in BOUND[table]:
                await write(store, table, key, row[key], **{column: OTHERS.get(column, "another")})
                with pytest.raises(DecryptionFailed, match=ANOTHER):
                    await read(store)
                await write(store, table, key, row[key], **{column: row[column]})
            assert await read(store)


async def test_nobody_gets_a_thread_by_changing_its_owner_in_the_database(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await fill(store)
        await put(SQLAlchemySaver(store), config("t", "graph"), {"messages": [WORD]})
        await write(store, "agentomatic_threads", "id", "t", user_id="eve")
        eve = store.for_user("eve")
        reads: tuple[Callable[[], Awaitable[Any]], ...] = (
            *(lambda: eve.get_thread("t"), lambda: eve.list_threads(), lambda: store.get_thread("t")),
            *(lambda: eve.get_messages("t"), lambda: eve.get_messages("t", last=1), lambda: store.get_messages("t")),
            *(lambda: eve.fork_thread("t", 1, "hers"), lambda: anext(eve.iter_messages())),
            lambda: eve.add_message("t", "user", "x", idempotency_key="k"),
            *(lambda: eve.get_feedback(), lambda: eve.list_suspended_states()),
            *(lambda: eve.get_suspended_state("approval t"), lambda: eve.claim_suspended_state("approval t")),
            *(lambda: eve.get_checkpoint("t", "", "c"), lambda: eve.list_checkpoints("t", "")),
            *(lambda: eve.get_checkpoint("t", "graph", ""), lambda: eve.list_checkpoints("t", "graph")),
            lambda: eve.update_thread("t", title="mine", metadata={}),  # bound to her, it would open the rest
        )
        for read in reads:
            with pytest.raises(DecryptionFailed):
                await read()
        assert await store.get_suspended_state("approval t")  # nobody has taken it
        await write(store, "agentomatic_threads", "id", "t", user_id="ada")
        ada = store.for_user("ada")
        for found in await ada.get_feedback(), await ada.list_suspended_states(), await ada.list_checkpoints("t", ""):
            assert WORD in str(found)
        for namespace in ("", "graph"):
            assert WORD in str(await ada.get_checkpoint("t", namespace, ""))
        assert WORD in str(await ada.claim_suspended_state("approval t"))


async def test_messages_for_a_thread_that_was_made_anew_are_bound_to_its_new_owner(database_url: str) -> None:
    async with opened(database_url, "new") as store, opened(database_url, "new") as other:
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", WORD)
        await other.delete_thread("t")
        await other.create_thread("t", "eve", "helper")
        await store.add_message("t", "user", WORD)
        assert await store.update_thread("t", title=WORD)
        for reader in (store, other.for_user("eve")):
            assert [one["content"] for one in await reader.get_messages("t")] == [WORD]
            assert (await reader.get_thread("t") or {})["title"] == WORD


async def test_a_process_that_has_not_seen_a_thread_binds_to_its_owner(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await fill(store)
    async with opened(database_url, "new") as store:
        await store.add_message("t", "tool", WORD, metadata={"x": WORD})
    async with opened(database_url, "new") as store:
        assert await store.update_thread("t", metadata={"x": WORD})
    async with opened(database_url, "new") as store:
        assert (await everything(store))[0]["metadata"] == {"x": WORD}


# graphs


async def run(store: SQLAlchemyStore) -> None:
    """Two checkpoints, with values and writes, in each of three namespaces."""
    saver = SQLAlchemySaver(store)
    for thread, namespace in (("t", ""), ("t", "sub"), ("u", "")):
        where = config(thread, namespace)
        for step in ("1", "2"):
            where = await put(saver, where, {"messages": [LONG, WORD * int(step)]}, {"messages": step})
            await saver.aput_writes(where, [("x", WORD)], "task")


async def states(store: SQLAlchemyStore, thread: str = "t") -> list[Any]:
    """Read a thread's graphs with a saver that remembers nothing."""
    found = [one async for one in SQLAlchemySaver(store).alist({"configurable": {"thread_id": thread}})]
    return [(one.checkpoint, one.metadata, one.pending_writes) for one in found]


async def bodies(store: SQLAlchemyStore, table: Table) -> dict[tuple[Any, ...], bytes]:
    """The bodies of rows by their keys."""
    key = table.primary_key.columns.keys()
    return {tuple(row[name] for name in key): row["body"] for row in await rows(store, table.name)}


async def put_body(store: SQLAlchemyStore, table: Table, key: tuple[Any, ...], body: bytes) -> None:
    here = and_(*(column == value for column, value in zip(table.primary_key.columns, key, strict=True)))
    async with store.engine.begin() as connection:
        assert (await connection.execute(update(table).where(here).values(body=body))).rowcount == 1


async def test_a_graphs_row_opens_in_its_own_place_only(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await run(store)
        for table in GRAPHS:
            found = await bodies(store, table)
            assert len(found) >= 6
            for key, body in found.items():
                thread = await thread_of(store, key)
                for other in found.values():
                    if other == body:
                        continue
                    await put_body(store, table, key, other)
                    with pytest.raises(UnreadableCheckpoint, match=ANOTHER):
                        await states(store, thread)
                await put_body(store, table, key, body)
        assert len(await states(store)) == 4


async def thread_of(store: SQLAlchemyStore, key: tuple[Any, ...]) -> str:
    """The thread of a graph's row."""
    async with store.engine.connect() as connection:
        query = select(GRAPH_NAMESPACES.c.thread_id).where(GRAPH_NAMESPACES.c.id == key[1])
        thread: str = (await connection.execute(query)).scalar_one()
        return thread


@pytest.mark.parametrize("how", ["copy", "fork"])
async def test_a_copy_of_graphs_is_bound_to_its_own_thread(database_url: str, how: str) -> None:
    async with opened(database_url, "new") as store:
        await store.create_thread("t", "ada", "agent")
        await run(store)
        saver = SQLAlchemySaver(store)
        where = (await latest(saver, config("t"))).config
        await saver.aput_writes(where, [("x", os.urandom(1_250_000).hex())], "long")  # its row comes in parts
        expected = await states(store)
        before = [await bodies(store, table) for table in GRAPHS]
        if how == "copy":
            await saver.acopy_thread("t", "new")
        else:
            assert await store.fork_thread("t", 0, "new", checkpoints=True)
        assert await states(store, "new") == expected
        assert await states(store) == expected
        for table, known in zip(GRAPHS, before, strict=True):
            copied = {key: body for key, body in (await bodies(store, table)).items() if key not in known}
            assert len(copied) == len([key for key in known if await thread_of(store, key) == "t"])
            assert not {*copied.values()} & {*known.values()}
        assert await SQLAlchemySaver(store).aget_tuple(config("new", "sub"))


async def test_a_copy_of_a_row_that_does_not_open_is_refused_as_a_whole(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await store.create_thread("t", "ada", "agent")
        await run(store)
        one, other, *_rest = (await bodies(store, GRAPH_VALUES)).items()
        await put_body(store, GRAPH_VALUES, one[0], other[1])
        thread = await thread_of(store, one[0])
        with pytest.raises(DecryptionFailed, match=r"body in agentomatic_graph_values .* cannot be decrypted"):
            await SQLAlchemySaver(store).acopy_thread(thread, "new")
        assert await listed(SQLAlchemySaver(store), config("new")) == []


async def test_rows_of_another_cipher_and_plain_ones_are_copied_as_they_are(database_url: str) -> None:
    async with opened(database_url) as plain:
        await put(SQLAlchemySaver(plain), config("t", "plain"), {"messages": [LONG]})
    async with opened(database_url, "new", strict=False) as store:
        own = SQLAlchemySaver(store, serde=encrypting())
        await put(own, config("t"), {"messages": [LONG]})
        await own.acopy_thread("t", "new")
        assert (await latest(own, config("new"))).checkpoint["channel_values"] == {"messages": [LONG]}
        found = await latest(SQLAlchemySaver(store), config("new", "plain"))
        assert found.checkpoint["channel_values"] == {"messages": [LONG]}


# lengths


async def lengths(database_url: str, compress: bool) -> set[int]:
    """The lengths of encrypted rows with a secret and a guess of it, for a right guess and for wrong ones."""
    secret = "-".join(["the card ends with 4711 and the name is Ada Lovelace"] * 2)
    guesses = [secret, secret[::-1], "".join(sorted(secret))]
    async with opened(database_url, "new") as store:
        saver = SQLAlchemySaver(store, compress=compress)
        for number, guess in enumerate(guesses):
            await put(saver, config(f"{compress} {number}"), {"x": [secret, guess]})
        found = await bodies(store, GRAPH_VALUES)
        threads = {key: await thread_of(store, key) for key in found}
        for number in range(len(guesses)):
            assert (await latest(SQLAlchemySaver(store), config(f"{compress} {number}"))).checkpoint["channel_values"]
        return {len(body) for key, body in found.items() if threads[key].startswith(str(compress))}


async def test_without_compression_a_length_tells_nothing_of_a_guess(database_url: str) -> None:
    assert len(await lengths(database_url, compress=True)) > 1
    assert len(await lengths(database_url, compress=False)) == 1
