"""LangGraph's own checkpoint savers on the databases of a test, and what they hold."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.checkpoint.mysql.pymysql import PyMySQLSaver, ShallowPyMySQLSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.postgres.shallow import AsyncShallowPostgresSaver
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from pymysql.err import OperationalError
from sqlalchemy import make_url, text

from agentomatic_sql.execution import engine

TABLES = ("checkpoints", "checkpoint_blobs", "checkpoint_writes", "checkpoint_migrations", "writes")


@asynccontextmanager
async def saver_of(url: str, serde: SerializerProtocol | None = None) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """The saver that LangGraph or its community has for this database, with its tables."""
    parsed = make_url(url)
    family = parsed.get_backend_name()
    if family == "sqlite":
        async with AsyncSqliteSaver.from_conn_string(str(parsed.database)) as saver:
            saver.serde = serde or saver.serde
            await saver.setup()
            yield saver
        return
    plain = parsed.set(drivername="postgresql" if family == "postgresql" else "mysql", query={})
    string = plain.render_as_string(hide_password=False)
    if family == "postgresql":
        async with AsyncPostgresSaver.from_conn_string(string, serde=serde) as opened:
            await opened.setup()
            yield opened
        return
    with InThreads.from_conn_string(string) as sync:
        sync.serde = serde or sync.serde
        await asyncio.to_thread(_set_up, sync)
        yield sync


@asynccontextmanager
async def shallow_saver_of(url: str) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """The saver for this database that keeps the latest checkpoints, with its tables."""
    parsed = make_url(url)
    of_mysql = parsed.get_backend_name() != "postgresql"
    plain = parsed.set(drivername="mysql" if of_mysql else "postgresql", query={})
    string = plain.render_as_string(hide_password=False)
    if of_mysql:
        with ShallowInThreads.from_conn_string(string) as sync:
            await asyncio.to_thread(_set_up, sync)
            yield sync
        return
    async with AsyncShallowPostgresSaver.from_conn_string(string) as opened:
        await opened.setup()
        yield opened


def _set_up(saver: Any) -> None:
    _need_md5(saver.conn)
    # MySQL 9.6 refuses the generated columns, which a later migration makes plain ones.
    saver.MIGRATIONS = [one.replace("AS (UNHEX(MD5(checkpoint_ns))) STORED", "") for one in saver.MIGRATIONS]
    saver.setup()


def _need_md5(connection: Any) -> None:
    """Install the function that the saver needs: since MySQL 9.6 it is in a component."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("SELECT MD5('')")
        except OperationalError:
            with suppress(OperationalError):  # another test has just installed it
                cursor.execute("INSTALL COMPONENT 'file://component_classic_hashing'")


class _Threads:
    """The async methods of a sync saver. MySQL's async one cannot bind bytes with the driver of today."""

    async def aget_tuple(self: Any, config: RunnableConfig) -> CheckpointTuple | None:
        return await asyncio.to_thread(self.get_tuple, config)

    async def alist(self: Any, config: RunnableConfig | None, **how: Any) -> AsyncIterator[CheckpointTuple]:
        for found in await asyncio.to_thread(lambda: [*self.list(config, **how)]):
            yield found

    async def aput(self: Any, *arguments: Any) -> RunnableConfig:
        return await asyncio.to_thread(self.put, *arguments)

    async def aput_writes(
        self: Any, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        await asyncio.to_thread(self.put_writes, config, writes, task_id, task_path)


class InThreads(_Threads, PyMySQLSaver):
    """The saver for MySQL, for a graph that runs in an event loop."""


class ShallowInThreads(_Threads, ShallowPyMySQLSaver):
    """The saver for MySQL that keeps the latest checkpoints, for a graph that runs in an event loop."""


async def tuples(saver: BaseCheckpointSaver[Any]) -> dict[tuple[str, str, str], CheckpointTuple]:
    """Every checkpoint of a saver by its place, with the pending writes in the order that LangGraph asks for."""
    found = {}
    async for one in saver.alist(None):
        named = one.config["configurable"]
        found[named["thread_id"], named["checkpoint_ns"], named["checkpoint_id"]] = one
    return found


async def stored(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the savers' tables, as they are stored."""
    if make_url(url).get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(make_url(url).database))) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {
                name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in TABLES if name in names
            }
    made = engine.create(*engine.parse(url), options={})
    async with made.connect() as connection:
        found = {}
        for name in TABLES[:4]:
            found[name] = sorted(map(tuple, await connection.execute(text(f"SELECT * FROM {name}"))), key=repr)
    await made.dispose()
    return found
