"""One user's view of a store in a database: what the contract (`testing/user_views.py`) cannot ask of every store."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from agentomatic_sql import BaseStore, InvalidInput, SQLAlchemyStore, ThreadNotFound
from agentomatic_sql.history import PlatformHistory
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.testing.user_views import EMPTY, OF_NO_THREAD, ON_A_THREAD
from tests.support.checkpoints import config, put

ASKED_OTHERWISE = {"create_thread", "get_stats", "cleanup_idempotency_keys", "cleanup_expired_states"}
OF_NO_USER = {"initialize", "close", "health_check", "for_user"}


def test_the_contract_asks_every_method_of_a_view() -> None:
    methods = {
        name
        for name, value in vars(BaseStore).items()
        if inspect.isfunction(value) and not name.startswith("_") and name not in vars(PlatformHistory)
    }
    asked = {name.partition(",")[0] for name in (*ON_A_THREAD, *OF_NO_THREAD)}
    assert methods == asked | ASKED_OTHERWISE | OF_NO_USER


async def test_a_graphs_checkpoints_are_the_threads_users(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store, SQLAlchemySaver(store) as saver:
        await put(saver, config("t"), {"x": 1}, {"x": "1"})
        ada, eve = store.for_user("ada"), store.for_user("eve")
        # Of a graph whose thread is nobody's, nobody sees anything, or deletes it.
        assert await ada.list_checkpoints("t", "") == []
        assert await ada.delete_thread("t") is False
        await ada.create_thread("t", "ada", "agent")
        (shown,) = await ada.list_checkpoints("t", "")
        assert await ada.get_checkpoint("t", "", None) == shown
        assert await ada.get_checkpoint("t", "", shown["checkpoint_id"]) == shown
        assert await eve.list_checkpoints("t", "") == []
        assert await eve.list_checkpoints("t", "", before="z") == []
        assert await eve.get_checkpoint("t", "", None) is None
        assert await eve.get_checkpoint("t", "", shown["checkpoint_id"]) is None
        assert await eve.fork_thread("t", 0, "fork", checkpoints=True) is None
        assert await eve.delete_thread("t") is False
        assert await saver.aget_tuple(config("t")) is not None
        assert await ada.fork_thread("t", 0, "fork", checkpoints=True) is not None
        assert await ada.delete_thread("t") is True
        assert await saver.aget_tuple(config("t")) is None
        assert await saver.aget_tuple(config("fork")) is not None


async def test_a_deleted_threads_id_is_its_new_users(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        ada, eve = store.for_user("ada"), store.for_user("eve")
        await ada.create_thread("t", "ada", "agent")
        await ada.add_message("t", "user", "ada's")
        await ada.delete_thread("t")
        await eve.create_thread("t", "eve", "agent")
        await eve.add_message("t", "user", "eve's")
        assert await ada.get_messages("t") == []
        with pytest.raises(ThreadNotFound):
            await ada.add_message("t", "user", "ada's")
        assert [message["content"] for message in await eve.get_messages("t")] == ["eve's"]


async def test_nothing_that_is_stored_while_a_thread_is_deleted_is_left_for_the_next_user(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        ada, eve = store.for_user("ada"), store.for_user("eve")
        for number in range(25):
            name = f"t{number}"
            await ada.create_thread(name, "ada", "agent")
            gone, *_others = await asyncio.gather(
                ada.delete_thread(name),
                ada.add_message(name, "user", "ada's", idempotency_key="k"),
                ada.add_feedback(name, "ada", "agent", comment="ada's", idempotency_key="k"),
                ada.save_checkpoint(name, "", "c", None, {"ada's": True}, {}),
                ada.save_suspended_state(f"state of {name}", name, "agent", "node", {"ada's": True}),
                ada.add_message(name, "user", "ada's"),
                return_exceptions=True,
            )
            assert gone is True
            await eve.create_thread(name, "eve", "agent")
            assert await eve.get_stats() == {**await eve.get_stats(), **EMPTY, "threads": number + 1}
            assert await eve.list_checkpoints(name, "") == await eve.get_feedback() == []
            kept = await eve.add_message(name, "user", "ada's", idempotency_key="k")
            assert await eve.get_messages(name) == [kept]
            assert await eve.delete_thread(name) is True
            await eve.create_thread(name, "eve", "agent")


async def test_feedback_with_a_key_beside_the_deletion_of_its_thread(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        ada = store.for_user("ada")
        for number in range(30):
            name = f"t{number}"
            await ada.create_thread(name, "ada", "agent")
            gone, rated = await asyncio.gather(
                ada.delete_thread(name),
                ada.add_feedback(name, "ada", "agent", idempotency_key="k"),
                return_exceptions=True,
            )
            assert gone is True
            assert isinstance(rated, (dict, ThreadNotFound)), rated
            assert await store.get_feedback() == []


async def test_a_state_can_be_saved_while_it_is_being_claimed(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        ada = store.for_user("ada")
        await ada.create_thread("t", "ada", "agent")
        for number in range(30):
            calls = [ada.save_suspended_state("a", "t", "agent", "node", {"n": number}) for _ in range(2)]
            saved = asyncio.gather(*calls)
            claimed = await asyncio.gather(*(ada.claim_suspended_state("a") for _ in range(2)))
            assert [state["state_snapshot"] for state in await saved] == [{"n": number}] * 2
            assert {state["state_snapshot"]["n"] for state in claimed if state} <= {number, number - 1}


async def test_a_view_is_the_same_for_all_who_ask_for_it(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        view = store.for_user("ada")
        assert store.for_user("ada") is view is not store.for_user("eve")
        await view.create_thread("t", "ada", "agent")
        await asyncio.gather(*(store.for_user("ada").add_message("t", "user", str(n)) for n in range(20)))
        assert [message["index"] for message in await view.get_messages("t")] == [*range(20)]


async def test_names_are_compared_exactly(database_url: str) -> None:
    async with SQLAlchemyStore(database_url) as store:
        await store.create_thread("t", "ada", "agent")
        for name in ("Ada", "ada ", " ada", "adá", "", "%", "ad_"):
            assert await store.for_user(name).get_thread("t") is None, name
            assert await store.for_user(name).list_threads() == [], name
        for name in ("a\x00", "\ud800", "x" * 256):
            with pytest.raises(InvalidInput):
                store.for_user(name)


async def test_a_view_carries_no_saver() -> None:
    store = SQLAlchemyStore("sqlite://")
    with pytest.raises(InvalidInput, match="a graph's threads belong to no user") as caught:
        SQLAlchemySaver(store.for_user("ada"))  # type: ignore[arg-type]
    assert caught.value.field == "store"
    await store.close()


async def test_a_view_says_whose_it_is_and_no_password() -> None:
    store = SQLAlchemyStore("postgresql://postgres:secret@localhost/none")
    assert "'ada'" in repr(store.for_user("ada"))
    assert "secret" not in repr(store.for_user("ada"))
    await store.close()
