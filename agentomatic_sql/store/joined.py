"""A view of a store in a transaction of the application's: `SQLAlchemyStore.using` returns it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Transaction

from .. import inputs
from ..async_engine import AsyncConnection
from ..context import Context
from ..database import Database
from ..entities import counts as _counts
from ..errors import InvalidInput
from ..execution.deadlines import Deadline, Deadlines
from ..operations import Operation
from ..tokens import Knowledge
from .conversations import StoreConversations

if TYPE_CHECKING:
    from sqlalchemy.ext import asyncio as sqlalchemy_asyncio

_P = ParamSpec("_P")
_R = TypeVar("_R")


_locks: WeakKeyDictionary[sqlalchemy_asyncio.AsyncConnection, asyncio.Lock] = WeakKeyDictionary()
"""For each connection: two operations at a time would mix up their savepoints."""


class JoinedDatabase:
    """Runs a store's operations in a transaction that the application has begun on a connection, and commits itself.

    Nothing is batched, retried or ended by a deadline: the transaction is the application's.
    """

    def __init__(self, database: Database, connection: sqlalchemy_asyncio.AsyncConnection) -> None:
        from sqlalchemy.ext import asyncio as sqlalchemy_asyncio  # it imports the ORM; the application has done so

        if not isinstance(connection, sqlalchemy_asyncio.AsyncConnection):
            raise InvalidInput(
                "connection",
                f"must be an AsyncConnection, not {type(connection).__name__}: of a session, await its connection()",
            )
        if database.context.row_security:
            raise InvalidInput(
                "connection", "cannot be joined by a store with row_security=True: it tells the server the user"
            )
        self.where = database.where
        self.context = database.context
        self.sealing = database.sealing
        self.knowledge = Knowledge()  # not the store's: what is read here may be rolled back
        self._database = database
        self._connection = connection
        self._lock = _locks.setdefault(connection, asyncio.Lock())
        self._checked: Transaction | None = None
        """The transaction that is known to fit."""
        self._deadlines = Deadlines(self.where, None, None)

    def call(self) -> Deadline:
        """Return a context for one call, which has no deadline."""
        return Deadline(self._deadlines)

    async def run(self, operation: Operation[_P, _R], context: Context, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run the one operation of a call, as `run_in` does."""
        with self.call() as call:
            return await self.run_in(call, operation, context, *args, **kwargs)

    async def run_in(
        self, _call: Deadline, operation: Operation[_P, _R], context: Context, /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        """Run an operation once, after those that other tasks run on the connection; a batch is of one item."""
        async with self._lock:
            return await self._run(operation, context, *args, **kwargs)

    async def _run(self, operation: Operation[_P, _R], context: Context, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        open_now = self._connection.sync_connection
        transaction = None if open_now is None else open_now.get_transaction()
        joined = AsyncConnection(self._connection.sync_engine, open_now)
        if transaction is None or transaction is not self._checked or self._database.state != "ready":
            await self._database.check_joinable(joined)
            self._checked = transaction
        run: Callable[..., Awaitable[Any]] = partial(self._database.run_joined, joined, operation, context)
        if operation.batching is None:
            result: _R = await run(*args, **kwargs)
        else:
            (result,) = await run([args[0]])
        if operation.changes and transaction is not None and self._database.replicas is not None:
            self._database.replicas.written_in(transaction, operation.subject(*args, **kwargs))
        return result


class JoinedStore(StoreConversations):
    """A view of a `SQLAlchemyStore` in a transaction of the application's; `using` returns it."""

    def __init__(self, database: Database, connection: sqlalchemy_asyncio.AsyncConnection) -> None:
        super().__init__(JoinedDatabase(database, connection), database.context)
        self._store = database

    async def health_check(self) -> dict[str, Any]:
        """Return the store's health report."""
        return {"backend": type(self).__name__, **await self._store.health()}

    async def get_stats(self) -> dict[str, Any]:
        """Return the store's counts, as the transaction sees them."""
        counts = await self._database.run(_counts.stats, self._context, inputs.now())
        return {"backend": type(self).__name__, "database": self._store.dialect.name, **counts}

    async def initialize(self) -> None:
        """Do nothing: the store is initialized before the transaction begins."""

    async def close(self) -> None:
        """Do nothing: the transaction and the connection are the application's."""
