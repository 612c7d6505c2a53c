"""The one way to the database: every operation is run, retried and translated by `Transactions.run`.

It tries an operation until it succeeds or its declaration (`operations`) forbids another try. The driver begins and
commits; on a SQLAlchemy connection, this module does.

1. The server rolled it back (deadlock, serialization failure, lock time-out; by error code): run it again, at most
   `ATTEMPTS` times in all; then `StoreBusy`.
2. The connection was lost before the commit was sent (known on SQLAlchemy connections only): run it again, once.
3. The connection was lost, and the operation may have been committed: run a query again, once; for a `once` operation,
   ask its `find` what became of it.
4. The server refused because of what it is (read-only, starting up, shutting down): run it again as in 1, on a new
   connection, which may lead to another server; then `StoreUnavailable`.
5. Anything else is translated to a `StoreError` and raised.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from functools import partial
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

from sqlalchemy import URL
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeout

from ..async_engine import AsyncConnection, AsyncEngine
from ..context import Context
from ..dialects import Dialect
from ..errors import (
    DatabaseError,
    InvalidInput,
    KeyTaken,
    OutcomeUnknown,
    StatementTimeout,
    StoreBusy,
    StoreError,
    StoreUnavailable,
    ValueTooLarge,
)
from ..operations import Kind, Operation
from ..statements import Fenced, Lost, Rows, Sql, SqlSteps, StatementCache, committed_apart, drive, preceded
from . import sizes
from .backoff import ATTEMPTS, backoff
from .batching import Batches, Sending
from .calls import Call
from .confirming import confirmed
from .connections import Connections, Way
from .engine import check_schema_name
from .event_loops import PerLoop
from .faults import ConnectionLost, ServerRefused
from .listeners import Listeners, NotDirect

_P = ParamSpec("_P")
_R = TypeVar("_R")

_LARGE = 1_000_000
"""Bytes; every server can be set to take at least this much."""


_ENDED = "has a transaction that was ended, by an error or because a call was cancelled: roll it back"


class _Turns(NamedTuple):
    """The locks of one event loop, for a database where operations take turns."""

    to_read: asyncio.Lock
    to_write: asyncio.Lock


class Transactions:
    """Runs operations on an engine's connections, each in a transaction of its own."""

    def __init__(self, engine: AsyncEngine, dialect: Dialect, *, schema: str | None, borrowed: bool) -> None:
        self._engine = engine
        self._dialect = dialect
        self._driver = dialect.driver
        self._connections = Connections(engine, dialect, owned=not borrowed)
        self._turns: PerLoop[_Turns] = PerLoop(lambda: _Turns(asyncio.Lock(), asyncio.Lock()))
        self._statements = StatementCache(engine.sync_engine.dialect, schema)
        self.commits_apart = False
        """Whether the server's settings ask for a COMMIT that is a request of its own."""
        self._commits: Batches[Transactions, SqlSteps[Any], Any] = Batches(
            Transactions._commit_group, lambda _steps: 1, at_once=1
        )
        if schema is not None:
            if not dialect.has_schemas:
                raise InvalidInput("schema", f"{dialect.name} has no schemas: use a database of its own")
            check_schema_name(schema, engine.sync_engine.dialect.max_identifier_length)
            engine = engine.execution_options(schema_translate_map={None: schema})
        self._reader = _isolated(engine, dialect.read_isolation)
        self._snapshots = _isolated(engine, dialect.snapshot_isolation)
        # An engine that we made has the isolation level that writes need; the caller's may have any.
        self._writer = _isolated(engine, dialect.write_isolation) if borrowed else engine

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that the pool's connections belong to, if they belong to one and there are any."""
        return self._connections.loop

    @property
    def url(self) -> URL:
        """The URL of the database, with its password; it means the same whatever the process's folder is."""
        return self._connections.url

    @property
    def waiting(self) -> int:
        """The number of operations that wait for a connection at this moment."""
        return self._connections.waiting

    @property
    def refusal(self) -> str | None:
        """Return why the last connect was refused, if the kind of server was the reason; else None."""
        return self._connections.refusal

    def outdate(self) -> None:
        """Replace every connection that the pool has opened so far when it is next taken."""
        self._connections.outdate_all()

    async def closed(self, seconds: float) -> None:
        """Wait at most this time until the connections of cancelled operations are closed."""
        await self._connections.closed(seconds)

    async def dispose(self) -> None:
        """Close the pool's connections, also if their event loop has ended."""
        await self._connections.dispose()

    async def run(self, operation: Operation[_P, _R], context: Context, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run an operation, commit what it changes, and return its result; raises `StoreError` only."""
        return await self.run_for(None, operation, context, *args, **kwargs)

    async def run_for(
        self,
        sending: Sending | None,
        operation: Operation[_P, _R],
        context: Context,
        /,
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _R:
        """Run an operation as `run` does; `sending` is called when it is sent, unless it is a query.

        If that returns False, nothing is sent.
        """
        call, losses = Call(operation, context, args, kwargs, sending), 0
        delays: Iterator[float] | None = None
        while True:
            try:
                return cast(_R, await self._attempt(call))
            except (ConnectionLost, OutcomeUnknown) as lost:
                losses += 1
                outcome = await self._after_loss(call, lost, losses)
                if outcome is not Lost.NOT_STORED:
                    return cast(_R, outcome)
            except ServerRefused as refused:
                delays = delays or backoff()
                await self._pause(refused, delays)
            except NotDirect:
                continue  # it has not begun; the next attempt goes through SQLAlchemy
            except StoreError:
                raise
            except self._connections.failures as error:
                delays = delays or backoff()
                await self._pause(error, delays)

    async def migrate(
        self, migration: Callable[Concatenate[AsyncEngine, _P], Awaitable[None]], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> None:
        """Run a migration, which makes its own transactions: each revision is one."""
        delays, lost = backoff(), False
        while True:
            try:
                await self._connections.open()  # whose errors are typed, while the migration's own would not be
                async with self._connections.place():
                    return await migration(self._engine, *args, **kwargs)
            except StoreError:
                raise
            except SQLAlchemyTimeout as error:
                raise self._connections.exhausted() from error
            except ServerRefused as refused:
                await self._pause(refused, delays)
            except self._connections.failures as error:
                if self._connections.is_refused(error):
                    self._connections.outdate_all()
                    await self._pause(ServerRefused(error), delays)
                elif lost or not self._connections.is_lost(error):
                    await self._pause(error, delays)
                else:
                    lost = True  # a revision that was not committed runs again, once

    async def _pause(self, error: BaseException, delays: Iterator[float]) -> None:
        """Wait before the next attempt; raises if the server did not roll back, or has done it too often."""
        if not isinstance(error, ServerRefused) and not self._dialect.is_transient(error):
            raise self._translated(error) from error
        delay = next(delays, None)
        if delay is None and isinstance(error, ServerRefused):
            raise StoreUnavailable(self._connections.where, self._connections.why(error.error)) from error.error
        if delay is None:
            raise StoreBusy(ATTEMPTS, self._driver.code(error) or "unknown") from error
        await asyncio.sleep(delay)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Take a connection whose queries all see the database as it was at the first of them.

        Nothing is retried: after an error the caller has to begin anew. Raises `StoreError` only.
        """
        try:
            async with self._connections.connection(self._snapshots) as connection:
                await self._dialect.begin_snapshot(connection)
                yield connection
        except ConnectionLost as lost:
            raise self._translated(lost.__cause__ or lost) from lost.__cause__
        except ServerRefused as refused:
            raise self._translated(refused.error) from refused.error
        except StoreError:  # of another database, to which the rows are written: some are an OSError, too
            raise
        except self._connections.failures as error:
            raise self._translated(error) from error

    # in a caller's transaction

    async def check_joinable(self, connection: AsyncConnection) -> None:
        """Raise `InvalidInput` if operations cannot run in the transaction of a connection."""
        if connection.sync_connection is None:
            raise InvalidInput("connection", "is not open: use it in `async with`, or await it")
        here = there = self._connections.where
        if connection.sync_engine.pool is not self._engine.pool:
            there = self._dialect.where(self._dialect.absolute(connection.sync_engine.url))
        ours, theirs = self._engine.dialect, connection.dialect
        if (ours.name, ours.driver) != (theirs.name, theirs.driver):
            reason = f"uses {theirs.name}+{theirs.driver}; this store needs {ours.name}+{ours.driver}"
            raise InvalidInput("connection", reason)
        if here != there:
            raise InvalidInput("connection", f"is one to {there}; this store is in {here}: write both URLs alike")
        if not connection.in_transaction():
            raise InvalidInput("connection", "has no transaction: begin one, and commit it afterwards")
        if connection.invalidated:
            raise InvalidInput("connection", _ENDED)
        level = _options(connection).get("isolation_level") or await connection.get_isolation_level()
        needed = self._dialect.write_isolation
        if level == "AUTOCOMMIT" or (needed is not None and level not in (needed, "SERIALIZABLE")):
            wanted = f"isolation_level={needed!r}" if needed else "a transaction"
            raise InvalidInput("connection", f"has the isolation level {level}; writes need {wanted}")

    async def run_joined(
        self,
        connection: AsyncConnection,
        operation: Operation[_P, _R],
        context: Context,
        /,
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _R:
        """Run an operation once, in the transaction that the caller has begun on a connection and will commit.

        An operation has a savepoint of its own, a query too: without one, PostgreSQL would refuse whatever follows a
        statement that failed, and roll back at the commit without a word. If the server wants the transaction to begin
        again (a deadlock), it is rolled back as a whole, and `StoreBusy` is raised.
        """
        call = Call(operation, context, args, kwargs)
        try:
            await self._dialect.join(connection)
            savepoint = await connection.begin_nested()
            try:
                result = await self._call_in(connection, call)
            except BaseException as error:
                if not self._ends_transaction(error):
                    await savepoint.rollback()
                raise
            await savepoint.commit()
            return cast(_R, result)
        except StoreError:
            raise
        except PendingRollbackError as error:
            raise InvalidInput("connection", _ENDED) from error
        except self._connections.failures as error:
            if self._dialect.is_transient(error):
                with suppress(*self._connections.failures):  # then SQLAlchemy has thrown the connection away
                    await connection.rollback()
                raise StoreBusy(1, self._driver.code(error) or "unknown") from error
            if self._connections.is_refused(error):
                await self._connections.outdate(connection)
            raise self._translated(error) from error

    async def _call_in(self, connection: AsyncConnection, call: Call) -> Any:
        """Run an operation on a connection that finds the tables elsewhere when it is the caller's again."""
        if call.context.schema is None:
            return await self._call_on(connection, call)
        before = _options(connection).get("schema_translate_map")
        await connection.execution_options(schema_translate_map={None: call.context.schema})
        try:
            return await self._call_on(connection, call)
        finally:
            await connection.execution_options(schema_translate_map=before)

    def _ends_transaction(self, error: BaseException) -> bool:
        """Return whether a savepoint is lost with the whole transaction."""
        means = (self._dialect.is_transient, self._connections.is_lost, self._connections.is_refused)
        return isinstance(error, self._connections.failures) and any(meant(error) for meant in means)

    # one attempt

    async def _attempt(self, call: Call) -> Any:
        way = self._connections.way
        if call.operation.on_connection or way is Way.SQLALCHEMY:
            return await self._attempt_on_connection(call)
        run, watched = partial(self._run, call), way is Way.WATCHED_DRIVER
        if not self._dialect.takes_turns:
            # A batch can be refused if it was not stored; for other writes that may be impossible to say.
            checked = call.operation.kind is Kind.ONCE and call.operation.batching is None
            return await self._connections.on_driver(run, checked=checked, watched=watched)
        if call.operation.changes and not watched:
            # Operations that wait for their turn share one commit.
            answer = await self._commits.submit(self, self._statements.sql_steps(call.context, call.steps()))
            if isinstance(answer, Exception):
                raise answer
            return answer
        async with self._turn(changes=call.operation.changes):
            return await self._connections.on_driver(run, watched=watched)

    def _run(self, call: Call, connection: Any, listeners: Listeners | None) -> Awaitable[Any]:
        """Run an operation on the driver's own connection."""
        steps, changes = self._statements.sql_steps(call.context, call.steps()), call.operation.changes
        if self.commits_apart and changes:
            steps = committed_apart(steps)
        user, setting = call.context.told_user, self._dialect.tell_user
        if user is None:
            if listeners is not None:
                return listeners.run(self._driver, connection, steps, changes=changes)
            return self._driver.run(connection, steps, changes=changes)
        assert setting is not None  # the store was refused otherwise
        if listeners is not None:
            steps = preceded(Sql(setting.tell, (user,)), steps)
            return listeners.run(self._driver, connection, steps, changes=True)
        return self._driver.run_for_user(connection, steps, setting, user)

    async def _commit_group(self, operations: Sequence[SqlSteps[Any]], _sending: Sending | None) -> Sequence[Any]:
        """Run operations that change something with one commit, for a database where operations take turns.

        Each tells by itself when it is sent.
        """

        async def run(connection: Any, _listeners: Listeners | None) -> Sequence[Any]:
            if len(operations) == 1:
                return [await self._driver.run(connection, operations[0], changes=True)]
            return await self._driver.run_group(connection, operations)

        async with self._turn(changes=True):
            return await self._connections.on_driver(run)

    async def _attempt_on_connection(self, call: Call) -> Any:
        """Run an operation on a SQLAlchemy connection: a coroutine, or any if listeners need that."""
        operation, context = call.operation, call.context
        if not operation.changes:
            # In a transaction if the server is told the user: in autocommit it would forget.
            engine = self._reader if context.told_user is None else self._writer
            async with self._connections.connection(engine) as connection:
                await self._tell_user(connection, context)
                return await self._call_on(connection, call)
        async with self._turn(changes=True), self._connections.connection(self._writer) as connection:
            await self._dialect.begin(connection)
            await self._tell_user(connection, context)
            result = await self._call_on(connection, call)
            await self._commit(connection)
            return result

    async def _call_on(self, connection: AsyncConnection, call: Call) -> Any:
        if call.operation.on_connection:
            return await call.on(connection)

        async def send(statements: Sequence[Sql], _last: bool) -> Sequence[Rows]:
            results = [await connection.exec_driver_sql(text, arguments) for text, arguments in statements]
            return [result.all() if result.returns_rows else () for result in results]

        return await drive(self._statements.sql_steps(call.context, call.steps()), send)

    async def _tell_user(self, connection: AsyncConnection, context: Context) -> None:
        """Tell the server whose transaction this is, if it is to know."""
        if context.told_user is not None and self._dialect.tell_user is not None:
            await connection.exec_driver_sql(self._dialect.tell_user.tell, (context.told_user,))

    async def _commit(self, connection: AsyncConnection) -> None:
        try:
            await connection.commit()
        except self._connections.failures as error:
            if self._connections.is_lost(error):
                raise OutcomeUnknown(self._connections.where) from error
            raise

    def _turn(self, *, changes: bool) -> AbstractAsyncContextManager[None]:
        """Wait for a turn if operations take turns; in the order in which they came, on each event loop."""
        if not self._dialect.takes_turns:
            return nullcontext()
        loop = asyncio.get_running_loop()
        turns = self._turns.get(loop) or self._turns.make(loop)
        return turns.to_write if changes else turns.to_read

    # after a lost connection

    async def _after_loss(self, call: Call, lost: ConnectionLost | OutcomeUnknown, losses: int) -> Any:
        """Decide what follows a lost connection: return the operation's result, or NOT_STORED to run it again.

        Raises `OutcomeUnknown`, `StoreUnavailable` or `ValueTooLarge`.
        """
        if isinstance(lost, ConnectionLost):
            error = lost.__cause__
            assert error is not None  # it is always raised from one
            if lost.before_commit or call.operation.kind is not Kind.ONCE:
                if losses > 1:
                    raise self._translated(error) from error
                await self._refuse_too_large(call.args, error)
                return Lost.NOT_STORED
            unknown = OutcomeUnknown(self._connections.where)
            unknown.__cause__ = error
        else:  # the commit of an operation on a SQLAlchemy connection
            unknown = lost
        if call.operation.find is None:
            raise unknown
        return await self._find(call, unknown, losses)

    async def _find(self, call: Call, unknown: OutcomeUnknown, losses: int) -> Any:
        """Ask what became of an operation; raises `unknown` if that cannot be found out."""
        assert call.operation.find is not None  # the caller looked
        finding: Operation[..., Any] = Operation(confirmed(call.operation.find), Kind.FIND)
        delays = backoff()
        while True:
            try:
                found = await self.run(finding, call.context, *call.args, **call.kwargs)
                break
            except StoreUnavailable:  # it may be just restarting, or another server taking its place
                delay = next(delays, None)
                if delay is None:
                    raise unknown from unknown.__cause__
                await asyncio.sleep(delay)
            except StoreError:
                raise unknown from unknown.__cause__
        if not _is_stored(found):
            await self._refuse_too_large(call.args, unknown)
        if found is Lost.UNKNOWN or losses == ATTEMPTS:
            raise unknown
        return found

    async def _refuse_too_large(self, values: Sequence[Any], error: BaseException) -> None:
        """Raise `ValueTooLarge` if a connection was lost over the size of the values, instead of sending them again."""
        size, setting = sizes.of_values(self._driver, values), self._dialect.size_limit
        if setting is None or size < _LARGE:
            return
        limit = await self.run(sizes.limit, Context(self._dialect), setting)
        if size >= limit:
            raise ValueTooLarge(size, limit, setting) from error

    def _translated(self, error: BaseException) -> StoreError:
        why = self._connections.why(error)
        if self._connections.is_lost(error) or self._connections.is_refused(error):
            return StoreUnavailable(self._connections.where, why)
        code = self._driver.code(error)
        if code in self._dialect.timed_out:
            return StatementTimeout(why, code)
        kind = KeyTaken if self._dialect.is_key_taken(error) else DatabaseError
        return kind(why, code)


def _options(connection: AsyncConnection) -> Mapping[str, Any]:
    """Return the execution options of a connection that is in use."""
    return connection.sync_connection.get_execution_options() if connection.sync_connection else {}


def _is_stored(found: Any) -> bool:
    """Return whether a `find` has found the result of its operation, or of some item of its batch."""
    if isinstance(found, list):
        return any(_is_stored(one) for one in found)
    return not isinstance(found, (Lost, Fenced))


def _isolated(engine: AsyncEngine, level: str | None) -> AsyncEngine:
    return engine if level is None else engine.execution_options(isolation_level=level)
