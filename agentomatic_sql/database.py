"""A database as a store holds it: its engine, whether its schema is ready, open or closed, and its health."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, TypeVar

from sqlalchemy import URL, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import Pool, QueuePool

from . import dialects, migrations
from .errors import (
    ForkedProcess,
    InvalidInput,
    OperationTimeout,
    OtherEventLoop,
    RowSecurityInactive,
    StoreClosed,
    StoreError,
    WriteTimeout,
)
from .execution import engine as engines
from .execution import processes as forks
from .execution.batching import Batches
from .execution.deadlines import Operations
from .execution.event_loops import PerLoop
from .execution.processes import exclusive
from .execution.transactions import Operation, Transactions, Work
from .models import MESSAGES, THREADS
from .ownership import acting
from .sealing import keys as encryption_keys
from .sealing.fields import Sealing
from .statements import Lost, Steps

if TYPE_CHECKING:
    from .encryption import Encryption

_P = ParamSpec("_P")
_R = TypeVar("_R")
_T = TypeVar("_T")

HEALTH_SECONDS = 1.5
"""How long `health` waits for the database; the platform gives a health check two seconds."""

log = logging.getLogger("agentomatic_sql")

_within: ContextVar[object] = ContextVar("agentomatic_sql_within", default=None)
"""The database for whose batch a task waits: what sends it is admitted with it, also while the database is closed."""


class Database:
    """Runs operations on a database whose schema it has made sure of."""

    def __init__(
        self,
        url: str | URL,
        engine: AsyncEngine | None,
        options: Mapping[str, Any],
        *,
        connect_timeout: float,
        connect_args: Mapping[str, Any] | None,
        schema: str | None,
        migrate: Literal["upgrade", "check"],
        batch_writes: bool,
        operation_timeout: float | None,
        statement_timeout: float | None,
        lock_timeout: float | None,
        row_security: bool,
        encryption: Encryption | None,
    ) -> None:
        if migrate not in ("upgrade", "check"):
            raise InvalidInput("migrate", f'must be "upgrade" or "check", not {migrate!r}')
        times = {"operation_timeout": operation_timeout, "statement_timeout": statement_timeout}
        engines.check_options(options, connect_timeout, **times, lock_timeout=lock_timeout)
        self._owned = engine is None
        if engine is None:
            parsed, self.dialect = engines.parse(url)
            engine = engines.create(
                parsed,
                self.dialect,
                connect_timeout=connect_timeout,
                connect_args=connect_args,
                options=options,
                limits=engines.limits(self.dialect, statement_timeout, lock_timeout, operation_timeout),
            )
        else:
            self.dialect = engines.dialect_of(engine)
        if row_security and self.dialect.telling is None:
            raise InvalidInput("row_security", f"{self.dialect.name} does not keep users' rows apart")
        self.sealing = Sealing(encryption)
        """What is done to what is personal before it is stored."""
        self.row_security = row_security
        """Whether the server is told for which user an operation runs."""
        self.engine = engine
        self.url = engines.password_free(engine.url)
        self.state: Literal["new", "ready", "closed"] = "new"
        self.schema = schema
        self._migrate = migrate
        self.writes_at_once = _batches(engine.pool, self.dialect.batches_at_once) if batch_writes else None
        """How many batches of writes are on their way at once; None where nothing waits to become one."""
        self._transactions = Transactions(
            engine,
            self.dialect,
            schema=schema,
            borrowed=not self._owned,
        )
        self._initializing = forks.lock()
        self._keep_alive: dialects.Closable | None = None
        self._seconds = operation_timeout
        self._running = PerLoop(partial(Operations, operation_timeout))
        self._abandoned: set[asyncio.Task[dict[str, Any]]] = set()
        forks.tell(self)

    async def read(self, operation: Operation[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run an operation that changes nothing."""
        return await self._bounded(lambda: self._transactions.read(operation, *args, **kwargs), changes=False)

    async def write(self, operation: Operation[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run an operation and commit it."""
        return await self._bounded(lambda: self._transactions.write(operation, *args, **kwargs), changes=True)

    async def ask(self, work: Work[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run work that changes nothing, by the driver's own call where that can be."""
        return await self._bounded(lambda: self._transactions.ask(work, *args, **kwargs), changes=False)

    async def change(self, work: Work[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run and commit work that changes nothing when it is run again, likewise."""
        return await self._bounded(lambda: self._transactions.change(work, *args, **kwargs), changes=True)

    async def once(
        self, work: Work[_P, _R], found: Callable[_P, Steps[_R | Lost]], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        """Run and commit work that must not be done twice, likewise; `found` looks for what it has stored."""
        return await self._bounded(lambda: self._transactions.once(work, found, *args, **kwargs), changes=True)

    async def together(self, batches: Batches[_T, _R], item: _T) -> _R:
        """Wait for a batch with others: what sends it is bounded. Raises `StoreClosed`."""
        if self.state != "ready":
            await self._admit()
        operations, outer = self._running.get(), _within.set(self)
        operations.enter()
        try:
            return await batches.submit(item)
        finally:
            operations.leave()
            _within.reset(outer)

    async def _bounded(self, work: Callable[[], Awaitable[_R]], *, changes: bool) -> _R:
        """Run an operation within its time.

        Raises `StoreClosed`, `OperationTimeout`, or `WriteTimeout` where what `changes` may stand or not.
        """
        if self.state != "ready":
            await self._admit()
        try:
            return await self._running.get().run(work)
        except TimeoutError as error:
            if isinstance(error, StoreError) or self._seconds is None:
                raise
            kind = WriteTimeout if changes else OperationTimeout
            raise kind(self.dialect.where(self.engine.url), self._seconds) from error

    async def _admit(self) -> None:
        if self.state == "new":
            await self.initialize()
        elif _within.get() is not self:
            raise StoreClosed

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop to which the pool's connections belong, where they belong to one."""
        return self._transactions.loop

    async def initialize(self) -> None:
        """Make sure of the schema, once."""
        async with exclusive(self._initializing):
            if self.state == "ready":
                return
            if self._owned and self._keep_alive is None:
                self._keep_alive = self.dialect.keep_alive(self.engine.url)
            await self._prepare_schema()
            if self.row_security:
                await self._transactions.read(self._check_row_security)
            await self._agree_on_keys()
            self.state = "ready"

    async def _prepare_schema(self) -> None:
        found = await self._transactions.read(migrations.find, schema=self.schema)
        if error := self._refusal(found):
            raise error
        if found.state == "current":
            log.info("%s: the schema is current (%s)", self.url, found.head)
            return
        await self._transactions.migrate(migrations.upgrade, schema=self.schema)
        log.info("%s: the schema was upgraded from %s to %s", self.url, found.revision or "nothing", found.head)

    async def _check_row_security(self, connection: AsyncConnection) -> None:
        """Raises `RowSecurityInactive`: else what nobody would miss protects nothing."""
        for table in (THREADS, MESSAGES):
            if not (await connection.execute(self.dialect.guarded(table, self.schema))).scalar_one():
                raise RowSecurityInactive(self.dialect.where(self.engine.url))

    async def _agree_on_keys(self) -> None:
        """Make sure that this database is encrypted by no other keys; raises `EncryptionMismatch`."""
        where, encryption = self.dialect.where(self.engine.url), self.sealing.encryption
        found = await self._transactions.read(encryption_keys.known)
        if not encryption_keys.verify(found, encryption, where) and encryption is not None:
            new = (self.dialect, encryption, where, self.schema)
            await self._transactions.migrate(encryption_keys.register, *new)

    def _refusal(self, found: migrations.Schema) -> StoreError | None:
        return migrations.refusal(found, self.url if self._migrate == "check" else None, self.schema)

    def forked(self) -> None:
        """In a forked process: leave the parent's connections alone, and make others where that can be."""
        engine, pool = self.engine.sync_engine, self.engine.pool
        forks.keep(pool)
        self._abandoned, self._running = set(), PerLoop(partial(Operations, self._seconds))
        engine.dispose(close=False)
        if self.dialect.locks_by_process and isinstance(pool, QueuePool) and pool.checkedin() + pool.checkedout():
            event.listen(engine, "do_connect", self._refuse_to_connect)

    def _refuse_to_connect(self, *_how: Any) -> None:
        raise ForkedProcess(self.dialect.where(self.engine.url))

    async def close(self, grace: float) -> None:
        """Let what runs come to its end, for `grace` seconds, and give back what was opened here."""
        if self.state == "closed":
            return
        home = self.loop
        if self._owned and home is not None and home.is_running() and home is not asyncio.get_running_loop():
            raise OtherEventLoop(self.dialect.where(self.engine.url))  # a driver would close its connections half
        self.state = "closed"
        if late := await self._running.get().ended(grace):
            log.warning("%s: closed, and %d operations had not ended after %g s", self.url, late, grace)
        if self._abandoned:
            await asyncio.wait(self._abandoned)
        if self._owned:
            await self.engine.dispose()
        if self._keep_alive is not None:
            self._keep_alive.close()
            self._keep_alive = None

    async def health(self) -> dict[str, Any]:
        """The health report; it comes within `HEALTH_SECONDS`, whatever the database does."""
        report: dict[str, Any] = {"status": "unhealthy", "url": self.url, "database": self.dialect.name}
        if self.state == "closed":
            return report | {"error": str(StoreClosed()), "pool": self._pool()}
        if not self.dialect.exists(self.engine.url):  # to connect would make it
            missing = f"{self.dialect.where(self.engine.url)} is not there: initialize() makes it"
            return report | {"error": missing, "pool": self._pool()}
        # A task of its own: a driver that hangs can also hang in its clean-up, which must not be waited for.
        probe = asyncio.create_task(self._transactions.read(self._probe))
        try:
            await asyncio.wait({probe}, timeout=HEALTH_SECONDS)
        finally:  # also when the caller itself is cancelled
            if not probe.done():
                self._abandoned.add(probe)
                probe.add_done_callback(self._abandoned.discard)
                probe.cancel()
        if probe in self._abandoned:
            return report | {"error": self._no_answer(), "pool": self._pool()}
        try:
            return report | await probe | {"pool": self._pool()}
        except StoreError as error:
            return report | {"error": str(error), "pool": self._pool()}

    async def _probe(self, connection: AsyncConnection) -> dict[str, Any]:
        begun = time.perf_counter()
        version = (await connection.execute(text(self.dialect.version_query))).scalar_one()
        latency = time.perf_counter() - begun
        found = await migrations.find(connection, schema=self.schema)
        schema = {"revision": found.revision, "head": found.head, "current": found.state == "current"}
        error = self._refusal(found)
        status = {"status": "healthy"} if error is None else {"error": str(error)}
        return {**status, "server_version": str(version), "latency_ms": round(latency * 1000, 3), "schema": schema}

    def _no_answer(self) -> str:
        where, pool = self.dialect.where(self.engine.url), self._pool()
        if pool["waiting"] and pool.get("in_use", 0) >= pool.get("size", 0) + pool.get("overflow", 0):
            return f"{where}: no connection came free within {HEALTH_SECONDS:g} s, all are in use"
        return f"{where} did not answer within {HEALTH_SECONDS:g} s"

    def _pool(self) -> dict[str, int]:
        pool: Any = self.engine.pool
        counts = {"size": "size", "in_use": "checkedout", "overflow": "overflow"}
        report = {name: max(0, getattr(pool, method)()) for name, method in counts.items() if hasattr(pool, method)}
        return report | {"waiting": self._transactions.waiting}


class UserDatabase(Database):
    """The same database, whose server is told in each transaction for which user it runs: `row_security`."""

    __slots__ = ("_user_id",)  # all else it has is the database's own

    def __init__(self, database: Database, user_id: str) -> None:
        self.__dict__ = database.__dict__
        self._user_id = user_id

    async def _bounded(self, work: Callable[[], Awaitable[_R]], *, changes: bool) -> _R:
        before = acting.set(self._user_id)
        try:
            return await super()._bounded(work, changes=changes)
        finally:
            acting.reset(before)


def _batches(pool: Pool, wanted: int) -> int:
    """As many batches at once as wanted, unless the pool keeps fewer connections: else each would make one."""
    kept = pool.size() if isinstance(pool, QueuePool) else 0  # 0: it keeps whatever it is given back
    return min(wanted, kept or wanted)
