"""The health report: it comes in time whatever the database does, and never raises."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import URL, MetaData, Table, literal, literal_column, select, text, type_coerce

from .. import inputs
from ..async_engine import AsyncConnection, AsyncEngine
from ..context import Context
from ..dialects import Dialect
from ..dialects.types import UtcTime
from ..drivers import hosts
from ..errors import StoreError
from ..operations import query
from ..tables import THREADS
from . import pools

log = logging.getLogger("agentomatic_sql")

HEALTH_SECONDS = 1.5
"""How long a report waits for the database; the platform gives a health check two seconds."""


CLOCK_SECONDS = 60.0
"""By how much this machine's clock may differ from the database's before that is a warning."""


_OF_PLATFORM = {"id", "user_id", "agent_name", "metadata_json", "message_count", "fork_message_index"}
"""Columns of the table `threads` of agentomatic's own store."""


@query
async def warnings(connection: AsyncConnection, context: Context, has_tables: bool) -> dict[str, str]:
    """Return what an operator should know of the database as this process uses it: a sentence by a short name.

    has_tables: whether the store's tables are there.
    """
    found = await context.dialect.warnings(connection)
    begun = inputs.now()
    clock = type_coerce(context.dialect.clock(literal(begun, UtcTime())), UtcTime())
    has_threads = select(literal_column("1")).select_from(THREADS).exists() if has_tables else literal_column("1")
    theirs, in_use = (await connection.execute(select(clock, has_threads))).one()
    ahead = begun + (inputs.now() - begun) / 2 - theirs
    if abs(ahead.total_seconds()) > CLOCK_SECONDS:
        direction = "ahead of" if ahead.total_seconds() > 0 else "behind"
        found["clock"] = (
            f"this machine's clock is {abs(ahead.total_seconds()):.0f} s {direction} the database's, by which "
            "messages, approvals and clean-ups go: set both by a time server"
        )
    if not in_use and await _has_platform(connection, context):
        found["agentomatic"] = (
            "agentomatic's own store has tables beside those of this one, which has no threads: agentomatic-sql "
            "import agentomatic --from URL --to URL stores what they have"
        )
    return found


async def _has_platform(connection: AsyncConnection, context: Context) -> bool:
    """Return whether the connection's own schema has a table `threads` of agentomatic's own store."""
    names = await connection.execute(context.dialect.column_names(Table("threads", MetaData()), None))
    return {*names.scalars()} >= _OF_PLATFORM


@query
async def ping(connection: AsyncConnection, context: Context) -> dict[str, Any]:
    """Return the server's version, address and role, as far as it has them, and a round trip's milliseconds."""
    begun = time.perf_counter()
    version, *answer = (await connection.execute(text(context.dialect.version_query))).one()
    latency = time.perf_counter() - begun
    driver = context.dialect.driver
    raw = (await connection.get_raw_connection()).driver_connection
    found = {"server_address": driver.address(raw), "role": driver.role_of(answer)}
    known = {name: value for name, value in found.items() if value is not None}
    return {"server_version": str(version), "latency_ms": round(latency * 1000, 3), **known}


async def damage(dialect: Dialect, url: URL) -> str | None:
    """Return why the database's file cannot be used, if a quick look at it shows that."""
    found: str | None = await asyncio.to_thread(lambda: dialect.damage(url))
    return found


class Probes:
    """Asks a database for its health, and leaves a probe behind that gets no answer."""

    def __init__(self) -> None:
        self._abandoned: set[asyncio.Task[dict[str, Any]]] = set()

    async def report(self, probe: Callable[[], Awaitable[dict[str, Any]]], no_answer: Callable[[], str]) -> Any:
        """Return what the probe returns within `HEALTH_SECONDS`, else a dict with the reason as `error`."""

        async def run() -> dict[str, Any]:
            return await probe()

        # A task of its own: a driver that hangs can also hang while it cleans up, which must not be waited for.
        task = asyncio.create_task(run())
        try:
            await asyncio.wait({task}, timeout=HEALTH_SECONDS)
        finally:  # also when the caller is cancelled
            if not task.done():
                self._abandoned.add(task)
                task.add_done_callback(self._abandoned.discard)
                task.cancel()
        if task in self._abandoned:
            return {"error": no_answer()}
        try:
            return await task
        except StoreError as error:
            return {"error": str(error)}
        except Exception as error:
            log.exception("the health check failed")
            return {"error": f"the health check failed with {type(error).__name__}; its traceback is in the log"}

    async def ended(self, seconds: float) -> None:
        """Wait at most this time until every probe that was left behind has ended."""
        if self._abandoned:
            await asyncio.wait(self._abandoned, timeout=seconds)


def misfit(dialect: Dialect, engine: AsyncEngine, answer: dict[str, Any]) -> str | None:
    """Return why a server with an answer to `ping` is not the one that the store needs; None if it is."""
    role, attrs = answer.get("role"), hosts.asked(engine.url.query)
    if role is None or dialect.driver.fits(role, attrs):
        return None
    found = f"{dialect.where(engine.url)} {'takes writes' if role == 'writable' else f'takes no writes ({role})'}"
    if attrs == "read-write":
        return f"{found}: for a store that is only read, add ?target_session_attrs=any to the URL"
    return f"{found}, and target_session_attrs={attrs} asks for another server"


def no_answer(where: str, pool: dict[str, int], refusal: str | None) -> str:
    """Return the reason for a missing answer: every connection is in use, or the database is silent, or refuses."""
    if pool["waiting"] and pool.get("in_use", 0) >= pool.get("size", 0) + pool.get("overflow", 0):
        return f"{where}: no connection came free within {HEALTH_SECONDS:g} s, all are in use"
    return f"{where} did not answer within {HEALTH_SECONDS:g} s" + (f": {refusal}" if refusal else "")


def pool_report(engine: AsyncEngine, waiting: int) -> dict[str, int]:
    """Return how many connections the pool keeps, are in use, and exceed its size, and how many callers wait."""
    pool: Any = engine.pool
    kept = pools.size(pool)
    if kept is None:
        return {"waiting": waiting}
    surplus = pool.checkedin() + pool.checkedout() - kept
    return {"size": kept, "in_use": pool.checkedout(), "overflow": max(0, surplus), "waiting": waiting}
