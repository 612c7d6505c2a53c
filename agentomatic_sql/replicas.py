"""`Replicas`: runs a store's reads that may be stale, on a replica if one will do, else on the primary."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial
from typing import Any, ParamSpec, TypeVar
from zlib import crc32

from sqlalchemy import Transaction

from .async_engine import AsyncEngine
from .checks import check_replica
from .context import Context
from .dialects import Dialect
from .errors import InvalidInput, StoreError
from .execution import health
from .execution.deadlines import Deadline, Deadlines
from .execution.engine import DatabaseUrl
from .execution.event_loops import PerLoop
from .execution.positions import Position, Positions, current
from .execution.processes import tell_when_forked
from .execution.replica import AtPosition, Missed, Replica
from .execution.transactions import Transactions
from .operations import Operation

_P = ParamSpec("_P")
_R = TypeVar("_R")

SECONDS = 5.0
"""The time that a replica has for a query; then the primary is asked."""

log = logging.getLogger("agentomatic_sql")


class Replicas:
    """Runs queries on replicas, and on the primary what no replica can answer.

    primary: runs operations on the primary; and its host and database, for messages.
    urls: the URLs of the replicas.
    make: makes an engine for a URL.
    context: the context of operations on all users' rows.
    max_lag: how old an answer may be, in seconds.
    """

    def __init__(
        self,
        primary: tuple[Transactions, str],
        urls: Sequence[DatabaseUrl],
        make: Callable[[DatabaseUrl], tuple[AsyncEngine, Dialect]],
        context: Context,
        *,
        max_lag: float,
        operation_timeout: float | None,
    ) -> None:
        self._primary, self._where = primary
        if context.dialect.position_query is None:
            reason = (
                "is for PostgreSQL without Citus, MySQL and MariaDB, whose replicas tell how far they are: leave it out"
            )
            raise InvalidInput("read_url", reason)
        self._replicas = [_replica(context, *make(url), max_lag) for url in urls]
        self._context = context
        self._positions = Positions(max_lag)
        self._seconds = SECONDS if operation_timeout is None else min(SECONDS, operation_timeout / 2)
        self._begin()
        tell_when_forked(self)

    def _begin(self) -> None:
        """Begin without calls, in a new process."""
        wheres: dict[Transactions, str] = {self._primary: self._where}
        wheres |= {replica: replica.where for replica in self._replicas}
        self._deadlines = {
            each: PerLoop(partial(Deadlines, where, self._seconds, None)) for each, where in wheres.items()
        }
        self._probes = {replica: health.Probes() for replica in self._replicas}

    def forked(self) -> None:
        """In a forked process, drop the parent's connections without closing them."""
        for replica in self._replicas:
            replica.left_behind()
        self._begin()

    @property
    def loops(self) -> list[asyncio.AbstractEventLoop]:
        """The event loops that the replicas' connections belong to."""
        return [loop for replica in self._replicas if (loop := replica.loop) is not None]

    def written(self, subject: Hashable) -> None:
        """Note that this process has written about a subject (see `operations.about`); None is about anything."""
        self._positions.written(subject)

    def written_in(self, transaction: Transaction, subject: Hashable) -> None:
        """Note that this process has written about a subject in a transaction that the application will commit."""
        self._positions.written_in(transaction, subject)

    async def run(self, operation: Operation[_P, _R], context: Context, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run a query that may be stale, and return its result; raises `StoreError`.

        An empty answer is asked for again on the primary: what is missing on a replica may just have been created.
        """
        assert not operation.changes  # a write never comes here
        subject = operation.subject(*args, **kwargs)
        replicas = self._in_order(subject, context, operation)
        found: _R | Missed = Missed.BEHIND
        if any(replica.is_free for replica in replicas) and (position := await self._position(subject)) is not None:
            at = AtPosition(context, position)
            found = await self._answer(replicas, position, lambda replica: replica.run(operation, at, *args, **kwargs))
        if found and not isinstance(found, Missed):
            return found
        return await self._primary.run(operation, context, *args, **kwargs)

    async def _answer(
        self, replicas: Sequence[Replica], position: Position, ask: Callable[[Replica], Awaitable[_R]]
    ) -> _R | Missed:
        """Return the answer of the first replica that does not fail; `Missed` if it has not reached the position."""
        for replica in replicas:
            if not replica.is_free:  # somebody else tries it by now
                continue
            try:
                with self._limit(replica):
                    if not replica.looked_at:
                        await self._look(replica, position)
                    found = await ask(replica)
                    if isinstance(found, Missed):
                        await self._check_lag(replica, found, position)
                    return found
            except StoreError as error:
                if replica.failure is None:
                    log.warning("a replica is passed over: %s", error)
                replica.fail(str(error))
        return Missed.BEHIND

    def _in_order(self, subject: Hashable, context: Context, operation: Operation[..., Any]) -> Sequence[Replica]:
        """Return the replicas in the order in which they are tried.

        The same order for all reads about a subject, else for a user's reads, else for those of an operation: as long
        as the first one answers, no read goes back behind an earlier one.
        """
        key = next(each for each in (subject, context.owner, operation.name) if each is not None)
        first = crc32(repr(key).encode("utf-8", "surrogatepass")) % len(self._replicas)
        return (*self._replicas[first:], *self._replicas[:first])

    async def _position(self, subject: Hashable) -> Position | None:
        """Return the position that a replica must have replayed; None if none is known that will do."""
        needed = self._positions.needed(subject)
        if needed is None:
            return None
        found = self._positions.find(needed)
        if not self._positions.is_due(found):
            return found
        await self._ask()
        return self._positions.find(needed)

    async def _ask(self) -> None:
        """Ask the primary for its position; without an answer, the earlier ones must do."""
        asked = self._positions.ask()
        try:
            with self._limit(self._primary):
                text = await self._primary.run(current, self._context)
        except StoreError as error:
            log.info("%s was not told its position: %s", self._where, error)
        else:
            self._positions.learn(asked, text)

    def _limit(self, which: Transactions) -> Deadline:
        """Return a context that ends what it waits for in time for the primary to answer."""
        loop, deadlines = asyncio.get_running_loop(), self._deadlines[which]
        return Deadline(deadlines.get(loop) or deadlines.make(loop))

    async def _look(self, replica: Replica, position: Position) -> None:
        """Look whether a replica can be used, before its first query and after it has failed; raises `StoreError`."""
        replica.pause()  # nobody else tries it meanwhile
        await check_replica(replica, self._context)
        if replica.failure is not None:
            oldest = self._positions.oldest(position)
            if (missed := await replica.has_reached(oldest)) is not None:
                raise missed.error(replica.where, oldest)
        if replica.failure is not None:  # still: nobody else has found out meanwhile
            log.info("%s is read from again", replica.where)
        replica.resume()

    async def _check_lag(self, replica: Replica, missed: Missed, position: Position) -> None:
        """Raise `StoreUnavailable` if a server that has not reached a position is no replica, or lags for long."""
        oldest = self._positions.oldest(position)
        if missed is Missed.BEHIND and oldest.age <= self._positions.max_lag / 2:
            return
        if (missing := await replica.has_reached(oldest)) is not None:
            raise missing.error(replica.where, oldest)

    async def health(self) -> dict[str, Any]:
        """Return a report on each replica as `replicas`, within two seconds, whatever they do."""

        async def report(replica: Replica) -> dict[str, Any]:
            found = await self._probes[replica].report(
                partial(self._probe, replica),
                lambda: f"{replica.where} did not answer within {health.HEALTH_SECONDS:g} s",
            )
            pool = health.pool_report(replica.engine, replica.waiting)
            known = {"url": replica.shown_url, "status": "unhealthy", "passed_over": replica.failure}
            return {**known, **found, "pool": pool}

        return {"replicas": await asyncio.gather(*map(report, self._replicas))}

    async def _probe(self, replica: Replica) -> dict[str, Any]:
        if self._positions.is_due(None):
            await self._ask()
        await check_replica(replica, self._context)
        for position in (positions := self._positions.newest_first()):
            missed = await replica.has_reached(position)
            if missed is None:
                return {"status": "healthy", "lag_seconds": None if position.text is None else round(position.age, 3)}
            if missed is Missed.NO_REPLICA or position is positions[-1]:
                raise missed.error(replica.where, position)
        return {"error": f"{self._where} has not told its position, without which no replica is read from"}

    async def closed(self, seconds: float) -> None:
        """Wait at most this time until the connections of cancelled queries are closed."""
        closing = [each.closed(seconds) for each in self._replicas]
        await asyncio.gather(*closing, *(probes.ended(seconds) for probes in self._probes.values()))

    async def dispose(self) -> None:
        """Close all connections."""
        for replica in self._replicas:
            await replica.dispose()


def _replica(context: Context, engine: AsyncEngine, dialect: Dialect, max_lag: float) -> Replica:
    if dialect.name != context.dialect.name:
        both = f"is for {dialect.name}, and the store's url for {context.dialect.name}"
        reason = f"{both}: they must be for the same kind of database"
        raise InvalidInput("read_url", reason)
    return Replica(engine, dialect, context, max_lag)
