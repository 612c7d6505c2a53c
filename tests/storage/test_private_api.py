"""Private names of other packages: a canary for each, and that everything works without them."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from aiosqlite import core
from sqlalchemy import Engine, pool
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool.base import _ConnectionRecord

from agentomatic_sql import SQLAlchemyStore, jsontext
from agentomatic_sql.drivers import aiosqlite as driver
from agentomatic_sql.execution import private_api
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.checkpoints import config, latest, put
from tests.support.ways import is_direct


async def use(store: SQLAlchemyStore) -> None:
    """Call what is called most, once each, and look at what it stored."""
    thread = await store.create_thread("t", "ada", "agent", metadata={"a": 1})
    assert await store.create_thread("t", "ada", "agent") == thread
    calls = (store.add_message("t", "user", str(number)) for number in range(10))
    stored = await asyncio.gather(*calls)
    assert sorted(message["index"] for message in stored) == list(range(10))
    assert [message["index"] for message in await store.get_messages("t")] == list(range(10))
    assert (await store.add_feedback("t", "ada", "agent", rating=5))["rating"] == 5
    await store.save_suspended_state("a", "t", "agent", "node", {"x": 1})
    assert (await store.claim_suspended_state("a") or {})["state_snapshot"] == {"x": 1}
    saver = SQLAlchemySaver(store)
    await put(saver, config("t"), {"x": 1})
    assert (await latest(saver, config("t"))).checkpoint["channel_values"] == {"x": 1}
    assert await store.delete_thread("t")


async def test_the_canary_of_sqlalchemys_pool(sql_store: SQLAlchemyStore) -> None:
    """If this fails, a release has other names: everything works, slower. See execution/private_api.py."""
    await sql_store.get_thread("t")
    assert is_direct(sql_store)


def test_the_canary_of_aiosqlite() -> None:
    """If this fails, a release has other names: everything works, slower. See drivers/aiosqlite.py."""
    assert driver._KNOWN
    assert driver._KNOWS_THREAD
    assert isinstance(vars(aiosqlite.Connection)["_conn"], property)
    assert core._STOP_RUNNING_SENTINEL is driver._STOP


def test_the_canary_of_jsons_encoder() -> None:
    """If this fails, Python has no encoder in C of this form: JSON is encoded by its public one, slower."""
    assert jsontext._parts is not None


async def test_without_the_pools_names(sql_store: SQLAlchemyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_api, "is_known", lambda *_arguments: False)
    store = SQLAlchemyStore(sql_store.engine.url)
    try:
        await use(store)
        assert not is_direct(store)
    finally:
        await store.close()


def hide(monkeypatch: pytest.MonkeyPatch, cls: type, name: str, user: str) -> None:
    """Hide an attribute of a class's objects from one module, as if a release had no such name."""
    get: Any = cls.__getattribute__

    def get_unless_hidden(self: Any, wanted: str) -> Any:
        if wanted == name and sys._getframe(1).f_globals["__name__"] == user:
            raise AttributeError(name)
        return get(self, wanted)

    monkeypatch.setattr(cls, "__getattribute__", get_unless_hidden)


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        *((pool.QueuePool, name) for name in (*private_api._OF_POOL, "_pool", "_max_overflow")),
        *((_ConnectionRecord, name) for name in private_api._OF_ENTRY),
        (Engine, "_has_events"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
async def test_a_store_works_without_a_private_name_of_sqlalchemy(
    sql_store: SQLAlchemyStore, monkeypatch: pytest.MonkeyPatch, cls: type, name: str
) -> None:
    async with sql_store.engine.connect() as connection:
        raw = await connection.get_raw_connection()
        assert hasattr(
            {Engine: connection.sync_engine, _ConnectionRecord: raw._connection_record}.get(cls, sql_store.engine.pool),
            name,
        )
    hide(monkeypatch, cls, name, private_api.__name__)
    store = SQLAlchemyStore(sql_store.engine.url)
    try:
        await use(store)
        assert is_direct(store) == (name == "_max_overflow")
    finally:
        await store.close()


@pytest.mark.parametrize("name", ["_tx", "_thread"])
async def test_a_store_works_without_a_private_name_of_an_aiosqlite_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    hide(monkeypatch, driver._Worker, name, driver.__name__)
    async with SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db") as store:
        await use(store)


async def test_a_pool_without_a_private_name_is_not_known(sql_store: SQLAlchemyStore) -> None:
    async with sql_store.engine.connect() as connection:
        checked_out = await connection.get_raw_connection()
        assert private_api.is_known(sql_store.engine.pool, checked_out)
        assert not private_api.is_known(object(), checked_out)
        assert not private_api.is_known(sql_store.engine.pool, object())


@pytest.mark.parametrize("name", ["_KNOWN", "_KNOWS_THREAD"])
async def test_without_aiosqlites_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(driver, name, False)
    async with SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db") as store:
        await use(store)
        assert is_direct(store) == (name != "_KNOWN")


def test_without_jsons_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"a": [1, "\ud800", None, 1.5, {"b": "ü"}]}
    expected = jsontext.encode("value", value)
    monkeypatch.setattr(jsontext, "_parts", None)
    assert jsontext.encode("value", value) == expected
    assert jsontext.decode(expected) == value


class Instrumented:
    """A connection in a proxy, as instrumentations make it: it pretends to be of the class that it wraps."""

    def __init__(self, wrapped: sqlite3.Connection) -> None:
        self.__dict__["wrapped"] = wrapped

    @property  # type: ignore[misc]  # such proxies do this
    def __class__(self) -> Any:
        return self.__dict__["wrapped"].__class__

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["wrapped"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["wrapped"], name, value)


async def test_an_instrumented_connection_is_used_by_its_public_methods(tmp_path: Path) -> None:
    async def connect(*_arguments: Any, **_options: Any) -> aiosqlite.Connection:
        made: Any = lambda: Instrumented(sqlite3.connect(tmp_path / "store.db"))  # noqa: E731
        return await aiosqlite.Connection(made, iter_chunk_size=64)

    engine = create_async_engine(
        "sqlite+aiosqlite://", connect_args={"async_creator_fn": connect}, poolclass=pool.AsyncAdaptedQueuePool
    )
    store = SQLAlchemyStore(engine=engine)
    try:
        await use(store)
        assert not is_direct(store)
    finally:
        await store.close()
        await engine.dispose()
