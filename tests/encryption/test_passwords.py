"""A password stands in the URL and nowhere else: not in a log, an error, its traceback, a repr, a report."""

from __future__ import annotations

import asyncio
import logging
import traceback
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import URL, make_url

from agentomatic_sql import SQLAlchemyStore, StoreError
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import servers
from tests.support.checkpoints import config, put
from tests.support.wire import wire

SECRET = "s3cr3t-Pa55word"  # no password of anything but of a user that the test makes


@asynccontextmanager
async def user_with_a_password(new_server_url: str) -> AsyncIterator[URL]:
    """The URL of a user that may do everything in this database, made for a test."""
    url, name = make_url(new_server_url), f"user_{uuid.uuid4().hex[:12]}"
    mysql = url.get_backend_name() in ("mysql", "mariadb")
    if mysql:
        await servers.run(new_server_url, f"CREATE USER {name} IDENTIFIED BY '{SECRET}'")
        await servers.run(new_server_url, f"GRANT ALL ON *.* TO {name}")
    else:
        await servers.run(new_server_url, f"CREATE ROLE {name} LOGIN SUPERUSER PASSWORD '{SECRET}'")
    try:
        yield url.set(username=name, password=SECRET)
    finally:
        if not mysql:
            await servers.run(new_server_url, f"REASSIGN OWNED BY {name} TO CURRENT_USER")
        await servers.run(new_server_url, f"DROP {'USER' if mysql else 'ROLE'} {name}")


class Said:
    """Whatever is said in a test, to be looked through in the end."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def by_error_of(self, call: Callable[[], Awaitable[Any]]) -> None:
        """Keep what an error says, that of its causes, and their tracebacks."""
        with pytest.raises(StoreError) as caught:
            await call()
        error: BaseException | None = caught.value
        while error is not None:
            self.texts += [str(error), repr(error), str(vars(error))]
            error = error.__cause__ or error.__context__
        self.texts += traceback.format_exception(caught.value)


async def test_no_password_in_whatever_is_said(
    new_server_url: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    asyncio.get_running_loop().set_debug(True)
    said = Said()
    async with user_with_a_password(new_server_url) as url:
        await work(url, said)
        await fail(url, said)
    said.texts += [caplog.text, *capsys.readouterr()]
    assert "CREATE TABLE" in "".join(said.texts)  # it was listened to
    assert not [text for text in said.texts if SECRET in text]


async def work(url: URL, said: Said) -> None:
    """A life of a store, a view and a saver, with every log on; and its connections are cut."""
    async with wire(url.render_as_string(hide_password=False)) as proxy:
        async with SQLAlchemyStore(proxy.url, echo=True) as store, SQLAlchemySaver(store) as saver:
            view = store.for_user("ada")
            await view.create_thread("t", "ada", "agent")
            await put(saver, config("t"), {"x": 1})
            said.texts += [*map(repr, (store, view, saver, store.engine, store.engine.pool, store._database))]
            await said.by_error_of(lambda: store.add_message("nowhere", "user", "x"))
            proxy.cut = "before the answer"
            await store.add_message("t", "user", "x")
            said.texts += [str(await store.health_check()), str(await store.get_stats())]
        await said.by_error_of(lambda: store.get_thread("t"))  # it is closed
        said.texts.append(str(await store.health_check()))


async def fail(url: URL, said: Said) -> None:
    """Stores that come to nothing."""
    plain = url.render_as_string(hide_password=False)
    for wrong in (
        url.set(username="nobody_of_ours").render_as_string(hide_password=False),
        url.set(database="nowhere_at_all").render_as_string(hide_password=False),
        url.set(host="127.0.0.1", port=1).render_as_string(hide_password=False),
        url.set(host="host.invalid").render_as_string(hide_password=False),
    ):
        store = SQLAlchemyStore(wrong, connect_timeout=2)
        await said.by_error_of(lambda store=store: store.get_thread("t"))  # type: ignore[misc]
        said.texts += [repr(store), str(await store.health_check())]
        await store.close()
    ways = [("://", ":/"), ("@", "@@"), (url.drivername, "oracle"), (f":{url.port}/", ":port/")]
    options = [{"passwd": SECRET, "no_token": SECRET}, {"no_token": SECRET}]
    wrong_options = [url.update_query_dict(one).render_as_string(hide_password=False) for one in options]
    for unreadable in (*(plain.replace(*way) for way in ways), *wrong_options):
        with pytest.raises(StoreError) as caught:
            SQLAlchemyStore(unreadable)
        said.texts += traceback.format_exception(caught.value)
