"""Errors while connecting, of whatever kind: a `StoreError` for callers, and a report of health."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from agentomatic_sql import SQLAlchemyStore, StoreError, StoreUnavailable
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import servers
from tests.support.checkpoints import config
from tests.support.databases import chosen, database_on, lent
from tests.support.documents import ROOT

KINDS = (RuntimeError, KeyError, AssertionError, NotImplementedError, ValueError, OSError)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_any_error_of_a_listener_is_a_stores_error(database_url: str, kind: type[Exception]) -> None:
    """Applications fetch a token for each new connection in such a listener."""
    store = SQLAlchemyStore(database_url)
    raised: list[Exception] = []

    @event.listens_for(store.engine.sync_engine, "do_connect")
    def fetch_token(*_how: Any) -> None:
        raised.append(kind("no token today"))
        raise raised[-1]

    calls: list[Callable[[], Awaitable[object]]] = [
        store.initialize,
        lambda: store.get_thread("t"),
        lambda: store.add_message("t", "user", "x"),
    ]
    for call in calls:
        with pytest.raises(StoreError, match="no token today") as failed:
            await call()
        assert failed.value.__cause__ is raised[-1]
    saver = SQLAlchemySaver(store)
    with pytest.raises(StoreError, match="no token today"):
        await saver.aget_tuple(config())
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    assert "no token today" in report["error"]
    await store.close()


@pytest.mark.parametrize("name", chosen(("postgresql",)))
async def test_any_error_of_a_password_function_is_a_stores_error(name: str) -> None:
    def password() -> str:
        raise RuntimeError("no token today")

    store = SQLAlchemyStore(await asyncio.to_thread(lent, name), connect_args={"password": password})
    with pytest.raises(StoreUnavailable, match="no token today"):
        await store.initialize()
    report = await store.health_check()
    assert (report["status"], "no token today" in report["error"]) == ("unhealthy", True)
    await store.close()


@pytest.fixture(params=chosen(("postgresql",)))
def cockroach_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The `postgresql://` URL of a server whose `version()` is CockroachDB's."""
    with database_on(request.param) as url:
        version = "SELECT 'CockroachDB CCL v25.4.0 (x86_64-pc-linux-gnu)'"
        replaced = "CREATE OR REPLACE FUNCTION pg_catalog.version() RETURNS text LANGUAGE sql"
        asyncio.run(servers.run(url, f"{replaced} AS $$ {version} $$"))
        yield url


async def test_the_url_of_another_database_of_the_same_protocol_names_the_right_one(cockroach_url: str) -> None:
    store = SQLAlchemyStore(cockroach_url)
    with pytest.raises(StoreError, match="cockroachdb://"):
        await store.initialize()
    with pytest.raises(StoreError, match="cockroachdb://"):
        await store.get_thread("t")
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    assert "cockroachdb://" in report["error"]
    await store.close()


def test_alembics_own_command_names_the_right_url_too(cockroach_url: str) -> None:
    command = [sys.executable, "-m", "alembic", "-x", f"url={cockroach_url}", "upgrade", "head"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode != 0
    assert "cockroachdb://" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


async def test_health_is_a_report_even_if_the_file_cannot_be_looked_for(tmp_path: Path) -> None:
    store = SQLAlchemyStore(f"sqlite:///{tmp_path}/{'x' * 300}.db")
    report = await store.health_check()
    assert report["status"] == "unhealthy"
    assert "OSError" in report["error"]
    with pytest.raises(StoreError):
        await store.get_thread("t")
    await store.close()
