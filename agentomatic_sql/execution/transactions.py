"""The one door to the database: only here is anything begun, committed, retried or translated.

An operation is a function that takes a connection first; it can be called again, and is, when the server says
that it rolled it back.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    nullcontext,
)
from functools import partial
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from sqlalchemy.exc import TimeoutError as SQLAlchemyTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

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
from ..ownership import acting
from ..statements import Lost, Rows, Statements, Steps, Text, Texts, answered, ask
from .batching import Batches
from .connections import Connections
from .event_loops import PerLoop

_P = ParamSpec("_P")
_R = TypeVar("_R")
Operation = Callable[Concatenate[AsyncConnection, _P], Awaitable[_R]]
Work = Callable[_P, Steps[_R]]
"""What is asked at every step: a generator that yields statements."""

_ATTEMPTS = 10
_FIRST_DELAY = 0.01
_LONGEST_DELAY = 1.0
_LARGE = 1_000_000  # bytes; the least that a server can be set to take


class _StillRunning(Exception):
    """A connection was lost, by the error in its arguments, and the server has not done with it."""


class _Turns(NamedTuple):
    """Of one event loop."""

    to_read: asyncio.Lock
    to_write: asyncio.Lock


class Transactions:
    """Runs operations on an engine's connections, each in a transaction of its own."""

    def __init__(
        self,
        engine: AsyncEngine,
        dialect: Dialect,
        *,
        schema: str | None,
        borrowed: bool,
    ) -> None:
        self._engine = engine
        self._dialect = dialect
        self._connections = Connections(engine, dialect)
        self._turns: PerLoop[_Turns] = PerLoop(lambda: _Turns(asyncio.Lock(), asyncio.Lock()))
        self._statements = Statements(engine.sync_engine.dialect, schema)
        self._commits: Batches[Texts[Any], Any] = Batches(self._commit_together, _one, at_once=1)
        if schema is not None:
            if not dialect.has_schemas:
                raise InvalidInput("schema", f"{dialect.name} has no schemas: use a database of its own")
            engine = engine.execution_options(schema_translate_map={None: schema})
        self._reader = _isolated(engine, dialect.read_isolation)
        # Our own engine has the isolation that writes need; another's may have any.
        self._writer = _isolated(engine, dialect.write_isolation) if borrowed else engine

    async def read(self, operation: Operation[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run an operation that changes nothing, in one statement where it is to see one state."""

        user = acting.get()

        async def attempt() -> _R:
            # A transaction, where the server is to know whose it is: in autocommit it would forget.
            async with self._connections.connection(self._reader if user is None else self._writer) as connection:
                await self._tell(connection, user)
                return await operation(connection, *args, **kwargs)

        return await self._retried(attempt, args)

    async def write(self, operation: Operation[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run an operation and commit it, all or nothing.

        Raises `OutcomeUnknown` where the connection was lost while the commit was on its way.
        """

        async def attempt() -> _R:
            async with self._turn(changes=True), self._connections.connection(self._writer) as connection:
                await self._dialect.begin(connection)
                await self._tell(connection, acting.get())
                result = await operation(connection, *args, **kwargs)
                await self._commit(connection)
                return result

        return await self._retried(attempt, args)

    async def _tell(self, connection: AsyncConnection, user_id: str | None) -> None:
        """Tell the server whose the transaction is."""
        telling = self._dialect.telling
        if user_id is not None and telling is not None:
            await connection.exec_driver_sql(telling, (user_id,))

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop to which the pool's connections belong, where they belong to one and there are some."""
        return self._connections.loop

    @property
    def waiting(self) -> int:
        """How many operations are waiting for a connection at this moment."""
        return self._connections.waiting

    async def ask(self, work: Work[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run work that changes nothing, by the driver's own call where that can be."""
        return await self._directly(partial(work, *args, **kwargs), self.read, args, changes=False)

    async def change(self, work: Work[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run and commit work that changes nothing when it is run again, by the driver's own call.

        Where the connection is lost it is run once more, instead of leaving the outcome unknown. Where one statement
        can be all of it (`changes_in_with`), it is to be one, and commits itself.
        """
        plain = self.read if self._dialect.changes_in_with and acting.get() is None else self.write
        return await self._directly(partial(work, *args, **kwargs), plain, args, changes=True)

    async def once(
        self, work: Work[_P, _R], found: Callable[_P, Steps[_R | Lost]], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        """The same with work that must not be done twice.

        Where its answer is lost, `found` is asked, with the same arguments, what has become of it: the result, or
        what `Lost` says. Raises `OutcomeUnknown` where it cannot say.
        """

        for number in range(1, _ATTEMPTS + 1):
            try:
                steps = partial(work, *args, **kwargs)
                return await self._directly(steps, self.write, args, changes=True, repeat=False)
            except OutcomeUnknown as lost:
                if isinstance(lost.__cause__, _StillRunning):
                    raise
                try:
                    result = await self._found(partial(found, *args, **kwargs), args)
                except StoreError:  # the server does not answer any more
                    raise lost from lost.__cause__
                if result is Lost.UNKNOWN or number == _ATTEMPTS:
                    raise
                if not isinstance(result, Lost):
                    return result
                await self._refuse_too_large(args, lost)
        raise AssertionError("the loop returns or raises")

    async def _found(self, steps: Callable[[], Steps[_R | Lost]], values: tuple[Any, ...]) -> _R | Lost:
        """Ask what has become of a write, for some seconds: a server that was lost may be just restarting."""
        delay = _FIRST_DELAY
        for _ in range(_ATTEMPTS - 1):
            try:
                return await self._directly(steps, self.write, values, changes=True)
            except StoreUnavailable:
                await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 - spreads retries
                delay = min(delay * 2, _LONGEST_DELAY)
        return await self._directly(steps, self.write, values, changes=True)

    async def _directly(
        self,
        steps: Callable[[], Steps[_R]],
        plain: Callable[..., Awaitable[_R]],
        values: tuple[Any, ...],
        *,
        changes: bool,
        repeat: bool = True,
    ) -> _R:
        if not self._dialect.direct or self._is_watched():
            return await plain(self._plainly, steps, values)

        return await self._retried(partial(self._attempt, steps, changes), values, repeat=repeat)

    async def _attempt(self, steps: Callable[[], Steps[_R]], changes: bool) -> _R:
        self._connections.check_loop()
        if not self._dialect.takes_turns:
            lost = self._wait_for_end if changes else None
            return await self._connections.on_driver(self._work(steps, changes=changes), lost)
        if changes:
            return await self._together(steps())
        async with self._turn(changes=False):
            return await self._connections.on_driver(self._work(steps, changes=False), None)

    def _work(self, steps: Callable[[], Steps[_R]], *, changes: bool) -> Callable[[Any], Awaitable[_R]]:
        """What is done on the driver's connection."""
        texts, user = self._statements.texts(steps()), acting.get()
        if user is not None:
            return partial(self._dialect.run_for_user, texts=texts, user_id=user)
        return partial(self._dialect.run_directly, texts=texts, changes=changes)

    async def _together(self, steps: Steps[_R]) -> _R:
        """Work that waits for its turn goes together with what waits as well: one commit for all of it."""
        answer = await self._commits.submit(self._statements.texts(steps))
        if isinstance(answer, Exception):
            raise answer
        result: _R = answer
        return result

    async def _commit_together(self, operations: Sequence[Texts[Any]]) -> Sequence[Any]:
        run = self._dialect.run_together if len(operations) > 1 else self._run_one
        async with self._turn(changes=True):
            return await self._connections.on_driver(lambda driver: run(driver, operations), self._wait_for_end)

    async def _run_one(self, driver: Any, operations: Sequence[Texts[Any]]) -> Sequence[Any]:
        return [await self._dialect.run_directly(driver, operations[0], changes=True)]

    async def _plainly(self, connection: AsyncConnection, steps: Callable[[], Steps[_R]], _values: object) -> _R:
        async def send(asked: Sequence[Text], _last: bool) -> Sequence[Rows]:
            results = [await connection.exec_driver_sql(text, arguments) for text, arguments in asked]
            return [result.all() if result.returns_rows else () for result in results]

        return await answered(self._statements.texts(steps()), send)

    def _is_watched(self) -> bool:
        engine = self._engine.sync_engine
        return bool(engine._has_events or engine.echo or self._connections.is_watched())

    async def _wait_for_end(self, session: int, error: BaseException) -> None:
        """Wait until the server has done with a connection that was lost: what it still does there nobody can see yet.

        Raises `OutcomeUnknown` where that takes too long.
        """

        def running() -> Steps[Rows]:
            return ask(self._dialect.running, session=session)

        delay = _FIRST_DELAY
        for _ in range(_ATTEMPTS):
            try:
                if not await self._directly(running, self.read, (), changes=False):
                    return
            except StoreError:  # the server does not answer; who looks for what was stored will say so
                return
            await asyncio.sleep(delay)
            delay = min(delay * 2, _LONGEST_DELAY)
        raise OutcomeUnknown(self._connections.where) from _StillRunning(error)

    async def migrate(
        self,
        migration: Callable[Concatenate[AsyncEngine, _P], Awaitable[None]],
        /,
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> None:
        """Run a migration, which makes its own transactions: each revision is one."""

        async def attempt() -> None:
            self._connections.check_loop()
            try:
                await migration(self._engine, *args, **kwargs)
            except SQLAlchemyTimeout as error:
                raise self._connections.exhausted() from error

        await self._retried(attempt, ())

    async def _commit(self, connection: AsyncConnection) -> None:
        try:
            await connection.commit()
        except self._connections.failures as error:
            if self._connections.is_lost(error):
                raise OutcomeUnknown(self._connections.where) from error
            raise

    async def _retried(
        self, attempt: Callable[[], Awaitable[_R]], values: tuple[Any, ...], *, repeat: bool = True
    ) -> _R:
        """Try again what the server rolled back, and, once, what a dead connection may never have brought to a commit.

        Without `repeat`, that raises `OutcomeUnknown`.
        """
        delay = _FIRST_DELAY
        replaced = False
        for number in range(1, _ATTEMPTS + 1):
            try:
                return await attempt()
            except StoreError:
                raise
            except self._connections.failures as error:
                if self._connections.is_lost(error) and not replaced:
                    if not repeat:
                        raise OutcomeUnknown(self._connections.where) from error
                    await self._refuse_too_large(values, error)
                    replaced = True
                    continue
                if not self._dialect.is_transient(error):
                    raise self._translated(error) from error
                if number == _ATTEMPTS:
                    raise StoreBusy(number, self._dialect.code(error) or "unknown") from error
            await asyncio.sleep(delay * random.uniform(0.5, 1.5))  # noqa: S311 - spreads retries
            delay = min(delay * 2, _LONGEST_DELAY)
        raise AssertionError("the loop returns or raises")

    def _turn(self, *, changes: bool) -> AbstractAsyncContextManager[None]:
        """A turn, where there are such; in the order in which they came, on each event loop."""
        if not self._dialect.takes_turns:
            return nullcontext()
        turns = self._turns.get()
        return turns.to_write if changes else turns.to_read

    async def _refuse_too_large(self, values: tuple[Any, ...], error: BaseException) -> None:
        """Where a connection was lost over the size of what was sent, say so instead of sending it again."""
        size, setting = _size(values), self._dialect.size_limit
        if setting is None or size < _LARGE:
            return
        async with self._connections.connection(self._reader) as connection:
            limit = (await connection.exec_driver_sql(f"SELECT @@{setting}")).scalar_one()
        if size >= limit:
            raise ValueTooLarge(size, limit, setting) from error

    def _translated(self, error: BaseException) -> StoreError:
        why = self._connections.why(error)
        if self._connections.is_lost(error):
            return StoreUnavailable(self._connections.where, why)
        code = self._dialect.code(error)
        if code in self._dialect.timed_out:
            return StatementTimeout(why, code)
        kind = KeyTaken if code == self._dialect.key_taken else DatabaseError
        return kind(why, code)


def _one(_operation: object) -> int:
    return 1


def _isolated(engine: AsyncEngine, level: str | None) -> AsyncEngine:
    return engine if level is None else engine.execution_options(isolation_level=level)


def _size(value: Any) -> int:
    """How many bytes the texts among an operation's arguments take."""
    if isinstance(value, (str, bytes)):
        return len(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else 2 * len(value)  # sent as text
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, (list, tuple)) else 0
