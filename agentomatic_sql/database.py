"""`Database`: checks the schema, then runs operations with the one verb `run`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, ParamSpec, Protocol, TypeVar

from sqlalchemy import event
from sqlalchemy.pool import Pool, QueuePool

from . import checks, dialects
from .async_engine import AnyEngine, AsyncConnection
from .context import Context
from .errors import (
    ForkedProcess,
    InvalidInput,
    OtherEventLoop,
    OutcomeUnknown,
    StoreClosed,
    StoreError,
)
from .execution import engine as engines
from .execution import health, pools
from .execution.batching import Batches, Sending
from .execution.deadlines import Deadline, Deadlines
from .execution.event_loops import PerLoop
from .execution.processes import ProcessLock, exclusive, keep_for_ever, tell_when_forked
from .execution.transactions import Transactions
from .migrating import state as schemas
from .operations import Operation
from .replicas import Replicas
from .sealing import keys
from .sealing.fields import Sealing
from .statements import Lost
from .tokens import Knowledge

if TYPE_CHECKING:
    from .encryption import Encryption

_P = ParamSpec("_P")
_R = TypeVar("_R")

log = logging.getLogger("agentomatic_sql")


class Runner(Protocol):
    """Runs a store's operations: a database, or a transaction of the application's in one."""

    context: Context
    """The context of operations on all users' rows."""
    sealing: Sealing
    """Encrypts fields before they are stored, and decrypts them."""
    knowledge: Knowledge
    """The epochs of threads that were read."""

    @property
    def where(self) -> str:
        """The database, for error messages."""

    def call(self) -> Deadline:
        """Return a context for one call, which ends it by its deadline if it has one."""

    async def run(self, operation: Operation[_P, _R], context: Context, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run the one operation of a call and return its result."""

    async def run_in(
        self, call: Deadline, operation: Operation[_P, _R], context: Context, /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        """Run an operation of a call and return its result."""


class Database:
    """Checks the schema, then runs operations. Takes the arguments of `SQLAlchemyStore`; those of the pool are in
    `options`.
    """

    def __init__(
        self,
        url: engines.DatabaseUrl | None,
        engine: AnyEngine | None,
        options: Mapping[str, Any],
        *,
        connect_timeout: float | None,
        connect_args: Mapping[str, Any] | None,
        schema: str | None,
        migrate: Literal["upgrade", "check"],
        read_url: engines.DatabaseUrl | Sequence[engines.DatabaseUrl] | None,
        read_pool_size: int | None,
        read_max_lag: float,
        batch_writes: bool,
        operation_timeout: float | None,
        max_waiting: int | None,
        statement_timeout: float | None,
        lock_timeout: float | None,
        row_security: bool,
        encryption: Encryption | None,
    ) -> None:
        if migrate not in ("upgrade", "check"):
            raise InvalidInput("migrate", f'must be "upgrade" or "check", not {migrate!r}')
        times = engines.Times(operation_timeout, statement_timeout, lock_timeout)
        engines.check_options(options, connect_timeout, connect_args, max_waiting, **times._asdict())
        make = partial(engines.make, times=times, connect_timeout=connect_timeout, connect_args=connect_args)
        self._owned = engine is None
        if engine is None:
            self.engine, self.dialect = make(engines.choose(url).url, options=options)
        else:
            self.engine, self.dialect = engines.given(engine)
            engines.watch(self.engine, self.dialect)  # `create` does it for an engine of ours
        if row_security and self.dialect.tell_user is None:
            raise InvalidInput("row_security", f"{self.dialect.name} has no row-level security that this package uses")
        self.context = Context(self.dialect, schema, row_security=row_security)
        """The context of operations on all users' rows."""
        self.sealing = Sealing(encryption)
        """Encrypts fields before they are stored, and decrypts them."""
        self.knowledge = Knowledge()
        """The epochs of threads that this process has read."""
        self.state: Literal["new", "ready", "closed"] = "new"
        self.schema = schema
        self._migrate = migrate
        self._concurrent_batches = (
            _concurrent(self.engine.pool, self.dialect.concurrent_batches) if batch_writes else None
        )
        self._transactions = Transactions(self.engine, self.dialect, schema=schema, borrowed=not self._owned)
        self.url = engines.password_free(self._transactions.url)
        self._where = self.dialect.where(self._transactions.url)
        self.replicas: Replicas | None = None
        """Runs reads that may be stale; None without `read_url`."""
        if read_url is not None:
            reading = engines.for_reading(options, read_pool_size, read_max_lag)
            self.replicas = Replicas(
                (self._transactions, self._where),
                engines.each(read_url),
                partial(make, options=reading, among_several="prefer-standby"),
                self.context,
                max_lag=read_max_lag,
                operation_timeout=operation_timeout,
            )
        self._batches: dict[Operation[..., Any], Batches[Context, Any, Any]] = {}
        self._initializing = ProcessLock()
        self._keep_alive: dialects.Closable | None = None
        self._limits = (self.where, operation_timeout, max_waiting)
        self._deadlines = PerLoop(partial(Deadlines, *self._limits))
        self._probes = health.Probes()
        self._warned: set[str] = set()
        tell_when_forked(self)

    def call(self) -> Deadline:
        """Return a context for one call, which ends it by its deadline, whatever operations it runs and waits for.

        Raises `TooManyWaiting`, and at the deadline `OperationTimeout` or `WriteTimeout`.
        """
        loop = asyncio.get_running_loop()
        return Deadline(self._deadlines.get(loop) or self._deadlines.make(loop))

    async def run(self, operation: Operation[_P, _R], context: Context, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run the one operation of a call, as `run_in` does."""
        with self.call() as call:
            return await self.run_in(call, operation, context, *args, **kwargs)

    async def run_in(
        self, call: Deadline, operation: Operation[_P, _R], context: Context, /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        """Run an operation of a call as it is declared: retried, and batched.

        Initializes the database at the first call. Raises `StoreClosed` or another `StoreError`.
        """
        if self.state != "ready":
            await self._admit(call)
        call.changes = False
        try:
            if operation.batching is None:
                return await self._transactions.run_for(call.sending, operation, context, *args, **kwargs)
            batches = self._batches.get(operation) or self._batches_of(operation)
            result: _R = await batches.submit(context, args[0], call.sending)
        finally:
            if self.replicas is not None and operation.changes:
                self.replicas.written(operation.subject(*args, **kwargs))
        if result is Lost.UNKNOWN:  # for this item of the batch
            raise OutcomeUnknown(self.where)
        return result

    async def run_stale(
        self, call: Deadline, operation: Operation[_P, _R], context: Context, /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        """Run a query whose answer may be old, on a replica if one will do."""
        if self.state != "ready":
            await self._admit(call)
        assert self.replicas is not None  # the caller looked
        call.changes = False
        return await self.replicas.run(operation, context, *args, **kwargs)

    async def check_joinable(self, connection: AsyncConnection) -> None:
        """Raise `StoreClosed` or `InvalidInput` if operations cannot run in the transaction of a connection."""
        if self.state == "closed":
            raise StoreClosed
        if self.state == "new":
            raise InvalidInput(
                "connection", "joins a store that is not open: await store.initialize() before you begin"
            )
        await self._transactions.check_joinable(connection)

    async def run_joined(
        self,
        connection: AsyncConnection,
        operation: Operation[_P, _R],
        context: Context,
        /,
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _R:
        """Run an operation once, in the transaction that the application has begun on a connection."""
        return await self._transactions.run_joined(connection, operation, context, *args, **kwargs)

    def _batches_of(self, operation: Operation[..., Any]) -> Batches[Context, Any, Any]:
        assert operation.batching is not None  # the caller looked
        size, locks = operation.batching

        def send(context: Context, items: Sequence[Any], sending: Sending | None) -> Awaitable[Any]:
            return self._transactions.run_for(sending, operation, context, items)

        batches = Batches(send, size, at_once=self._concurrent_batches, locks=locks, one_row=self.dialect.sharded)
        return self._batches.setdefault(operation, batches)

    async def _admit(self, call: Deadline) -> None:
        """Initialize the database for a call, whose time begins afterwards."""
        if self.state == "closed":
            raise StoreClosed
        await self._open(call)

    @property
    def where(self) -> str:
        """The database, for error messages."""
        return self._where

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The event loop that the pool's connections belong to, if they belong to one and there are any."""
        return self._transactions.loop

    async def initialize(self) -> None:
        """Upgrade or check the schema, check row security and encryption keys, and open the database.

        Does nothing if it is open. Raises `StoreClosed` if it is closed meanwhile.
        """
        if self.state == "closed":
            self.state = "new"
        if self.state == "new":
            with self.call() as call:
                await self._open(call)

    async def _open(self, call: Deadline) -> None:
        """Initialize a new database, unless it is closed meanwhile."""
        with call.suspended():
            async with exclusive(self._initializing):
                if self.state == "new":
                    await self._prepare()
                    self.state = "ready" if self._is("new") else self.state
            if self._is("closed"):
                await self._release()
                raise StoreClosed

    def _is(self, state: Literal["new", "ready", "closed"]) -> bool:
        """Return whether the database is in this state now, after a wait."""
        return self.state == state

    async def _prepare(self) -> None:
        if self._owned and self._keep_alive is None:
            self._keep_alive = self.dialect.keep_alive(self.engine.url)
        advice = await checks.check_settings(self._transactions, self.context, self.where)
        await self._prepare_schema()
        await checks.check_row_security(self._transactions, self.context, self.where)
        await self._agree_on_keys()
        await self._warnings(advice, has_tables=True)

    async def _prepare_schema(self) -> None:
        found = before = await self._usable_schema()
        if found.state == "empty":
            from .migrating import creation  # at the next start the tables will be there

            await self._transactions.migrate(creation.create, schema=self.schema)
            found = await self._usable_schema()
        if found.state in ("empty", "behind"):
            from . import migrations  # Alembic takes long to import, and only a migration needs it

            await self._transactions.migrate(migrations.upgrade, schema=self.schema)
        if found.state == "newer":
            log.warning(
                "%s: a newer release upgraded the schema to %s; this one knows %s and may use it",
                self.url,
                found.revision,
                found.head,
            )
        elif before.state == "current":
            log.info("%s: the schema is current (%s)", self.url, found.head)
        else:
            found_at = before.revision or "nothing"
            log.info("%s: the schema went from %s to %s, by this process or another", self.url, found_at, found.head)

    async def _usable_schema(self) -> schemas.Schema:
        """Return what is found; raises a `SchemaError` for a schema that no upgrade makes usable."""
        found = await self._transactions.run(schemas.find_schema, self.context)
        if error := self._refusal(found):
            raise error
        return found

    async def _warnings(self, advice: dict[str, str], *, has_tables: bool) -> list[str]:
        """Return what an operator should know of the database; log what was not there when it was last asked for."""
        found = advice | await self._transactions.run(health.warnings, self.context, has_tables)
        for name in found.keys() - self._warned:
            log.warning("%s: %s", self.url, found[name])
        self._warned = set(found)
        return list(found.values())

    async def _agree_on_keys(self) -> None:
        """Raise `EncryptionMismatch` if the database is encrypted with other keys; register a new key."""
        where, encryption = self.where, self.sealing.encryption
        found = await self._transactions.run(keys.known, self.context)
        if not keys.verify(found, encryption, where) and encryption is not None:
            await self._transactions.migrate(keys.register, self.dialect, encryption, where, self.schema)

    def _refusal(self, found: schemas.Schema) -> StoreError | None:
        return schemas.refusal(found, self.url if self._migrate == "check" else None, self.schema)

    def forked(self) -> None:
        """In a forked process, drop the parent's connections without closing them.

        If it is unsafe to open the database again, connecting raises `ForkedProcess`.
        """
        engine, pool = self.engine.sync_engine, self.engine.pool
        keep_for_ever(pool)
        self._batches, self._probes = {}, health.Probes()
        self._deadlines = PerLoop(partial(Deadlines, *self._limits))
        engine.dispose(close=False)
        if self.dialect.unsafe_after_fork and isinstance(pool, QueuePool) and pool.checkedin() + pool.checkedout():
            event.listen(engine, "do_connect", self._refuse_to_connect)

    def _refuse_to_connect(self, *_how: Any) -> None:
        raise ForkedProcess(self.where)

    async def close(self, grace: float) -> None:
        """Refuse new operations, wait at most `grace` seconds for those that run, and close what was opened here."""
        if self.state == "closed":
            return
        homes = [self.loop] if self._owned else []
        homes += [] if self.replicas is None else self.replicas.loops
        if any(home is not None and home.is_running() and home is not asyncio.get_running_loop() for home in homes):
            raise OtherEventLoop(self.where)  # a driver would close its connections half
        self.state = "closed"
        begun = time.monotonic()
        if late := await self._deadlines.make(asyncio.get_running_loop()).ended(grace):
            log.warning("%s: closed, and %d operations had not ended after %g s", self.url, late, grace)
        await self._transactions.closed(max(0.0, begun + grace - time.monotonic()))
        if self.replicas is not None:
            await self.replicas.closed(max(0.0, begun + grace - time.monotonic()))
        await self._probes.ended(max(0.0, begun + grace - time.monotonic()))
        if self._is("closed"):  # not opened again meanwhile
            await self._release()

    async def _release(self) -> None:
        """Close what was opened here."""
        if self._owned:
            await self._transactions.dispose()
        if self.replicas is not None:
            await self.replicas.dispose()
        if self._keep_alive is not None:
            self._keep_alive.close()
            self._keep_alive = None

    async def health(self) -> dict[str, Any]:
        """Return the health report within two seconds, whatever the database does."""
        report: dict[str, Any] = {"status": "unhealthy", "url": self.url, "database": self.dialect.name}
        asked = [self._probes.report(self._probe, self._no_answer)]
        if self.replicas is not None and not self._is("closed"):
            asked.append(self.replicas.health())
        for found in await asyncio.gather(*asked):
            report |= found
        waiting = sum(deadlines.calls for deadlines in list(self._deadlines.values()))
        return report | {"pool": self.pool(), "waiting": waiting}

    async def _probe(self) -> dict[str, Any]:
        if self.state == "closed":
            raise StoreClosed
        if not self.dialect.exists(self._transactions.url):  # connecting would create it
            why = "initialize() creates it" if self.state == "new" else "it was moved or deleted while it was open"
            return {"error": f"{self.where} does not exist: {why}"}
        if self.dialect.in_process and (damage := await health.damage(self.dialect, self._transactions.url)):
            return {"error": f"{self.where}: {damage}"}
        answer = await self._transactions.run(health.ping, self.context)
        advice = await checks.check_settings(self._transactions, self.context, self.where)
        found = await self._transactions.run(schemas.find_schema, self.context)
        schema = {"revision": found.revision, "head": found.head, "state": found.state}
        misfit = health.misfit(self.dialect, self.engine, answer)
        if misfit is not None:
            self._transactions.outdate()  # its connections may lead to another server by now
        error = misfit or self._refusal(found)
        status = {"status": "healthy"} if error is None else {"error": str(error)}
        warnings = await self._warnings(advice, has_tables=found.state in ("current", "newer"))
        return {**status, **answer, "schema": schema, "warnings": warnings}

    def _no_answer(self) -> str:
        return health.no_answer(self.where, self.pool(), self._transactions.refusal)

    def pool(self) -> dict[str, int]:
        """Return how many connections the pool has, are in use, and exceed its size, and how many callers wait."""
        return health.pool_report(self.engine, self._transactions.waiting)


def _concurrent(pool: Pool, wanted: int) -> int:
    """Return how many batches may run at a time: as many as wanted, but no more than connections are kept."""
    return min(wanted, pools.size(pool) or wanted)  # pool_size=0 has no limit
