"""`Replica`: runs queries on one replica, each on a connection whose server has replayed a position of the primary."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from enum import Enum
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from ..async_engine import AsyncConnection, AsyncEngine
from ..context import Context
from ..dialects import Dialect
from ..errors import StoreUnavailable
from .calls import Call
from .engine import password_free
from .listeners import Listeners
from .positions import BLIND_SECONDS, Position, reached
from .processes import keep_for_ever
from .transactions import Transactions

PAUSE_SECONDS = 15.0
"""The time for which a replica that failed is left alone."""


class Missed(Enum):
    """The reasons for which a replica has not run a query."""

    BEHIND = "it has not replayed what the primary had, or its log is of another history"
    NO_REPLICA = "the server is no replica: it was promoted, or never was one"

    def error(self, where: str, position: Position) -> StoreUnavailable:
        """Return the error for a replica that is passed over for this."""
        lag = "" if self is Missed.NO_REPLICA else f", and lags by more than {position.age:.1f} s"
        return StoreUnavailable(where, f"{self.value}{lag}")


class AtPosition(Context):
    """The context of a query that runs where a position was replayed; it returns `Missed` if it cannot run."""

    __slots__ = ("position",)

    def __init__(self, context: Context, position: Position) -> None:
        super().__init__(context.dialect, context.schema, context.owner, row_security=context.row_security)
        self.position = position


class Replica(Transactions):
    """Runs queries on the connections of a replica.

    max_lag: how far it may lag behind, in seconds.
    """

    def __init__(self, engine: AsyncEngine, dialect: Dialect, context: Context, max_lag: float) -> None:
        super().__init__(engine, dialect, schema=context.schema, borrowed=False)
        self.engine = engine
        self.dialect = dialect
        self.where = dialect.where(engine.url)
        self.shown_url = password_free(engine.url)
        self.looked_at = False
        """Whether its settings and its schema were found to fit, since it last failed."""
        self.failure: str | None = None
        """Why it is passed over; None if it is not."""
        self._free_at = 0.0
        # A position that it had not reached at one attempt is young enough to be asked for at the next.
        self._rest = min(PAUSE_SECONDS, max_lag / 2)
        self._reaching = Context(dialect, context.schema)
        self._reached: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        """The number of the newest position that each of the driver's connections is known to have reached.

        By connection, because a URL may lead to several servers.
        """

    @property
    def is_free(self) -> bool:
        """Return whether it may be tried."""
        return time.monotonic() >= self._free_at

    def pause(self) -> None:
        """Let nobody try it for a while."""
        self._free_at = time.monotonic() + self._rest

    def fail(self, reason: str) -> None:
        """Pass it over for a while, and connect anew then: its URL may lead to another server."""
        self.looked_at, self.failure = False, reason
        self._connections.outdate_all()
        self.pause()

    def resume(self) -> None:
        """Let everybody use it again."""
        self.looked_at, self.failure, self._free_at = True, None, 0.0

    def left_behind(self) -> None:
        """In a forked process, drop the parent's connections without closing them."""
        keep_for_ever((self.engine.pool, self._reached))
        self._reached = WeakKeyDictionary()
        self.engine.sync_engine.dispose(close=False)

    async def has_reached(self, position: Position) -> Missed | None:
        """Return None if the server has reached a position, else why it has not; raises `StoreError`."""
        if position.text is None:
            return _blindly(position)
        return _missed(await self.run(reached, self._reaching, position.text))

    async def _run(self, call: Call, connection: Any, listeners: Listeners | None) -> Any:
        run = partial(super()._run, connection=connection, listeners=listeners)
        if not isinstance(call.context, AtPosition):
            return await run(call)
        return await self._missed(connection, call.context.position, run) or await run(call)

    async def _call_on(self, connection: AsyncConnection, call: Call) -> Any:
        run = partial(super()._call_on, connection)
        if not isinstance(call.context, AtPosition):
            return await run(call)
        raw = await connection.get_raw_connection()
        return await self._missed(raw.driver_connection, call.context.position, run) or await run(call)

    async def _missed(
        self, driver_connection: Any, position: Position, run: Callable[[Call], Awaitable[Any]]
    ) -> Missed | None:
        """Return why a query cannot run on a connection; None if it can. `run` asks the server, if it must."""
        if position.text is None:
            return _blindly(position)
        if self._reached.get(driver_connection, 0) >= position.number:
            return None
        missed = _missed(await run(Call(reached, self._reaching, (position.text,))))
        if missed is None:
            self._reached[driver_connection] = position.number
        return missed


def _missed(answer: bool | None) -> Missed | None:
    if answer is None:
        return Missed.NO_REPLICA
    return None if answer else Missed.BEHIND


def _blindly(position: Position) -> Missed | None:
    return None if position.age >= BLIND_SECONDS else Missed.BEHIND
