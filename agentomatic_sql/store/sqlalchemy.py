"""`SQLAlchemyStore`: how it is made, opened and closed, and a user's view of it.

Its methods are in `conversations.py` and `history.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakValueDictionary

from .. import inputs
from ..database import Database, Runner
from ..entities import counts as _counts
from ..execution.engine import DatabaseUrl
from .conversations import StoreConversations
from .history import StoreHistory
from .joined import JoinedStore
from .reading import reader

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    from ..encryption import Encryption


class SQLAlchemyStore(StoreHistory, StoreConversations):
    """A store in PostgreSQL, MySQL, MariaDB, SQLite or CockroachDB.

    Nothing is connected until the first call or `initialize()`. Arguments, the first seven in the platform's order:

    url: the URL of the database in any usual spelling; the driver in it is replaced by an async one. pydantic's types
        for URLs and secrets are read, too. None takes the URL in the environment variable AGENTOMATIC_SQL_URL; if that
        is not set, the SQLite file data/platform.db.
    pool_size: how many connections the pool keeps.
    max_overflow: how many more it opens at a peak; -1 is no limit.
    pool_recycle: seconds after which a connection is replaced; -1 is never.
    pool_pre_ping: whether each connection is tried before it is used, which costs a round trip. Without it, a
        connection that the server has ended is replaced when it is noticed.
    echo: whether every statement is logged, by SQLAlchemy's logger; "debug" logs the rows, too, and is much slower.
    engine: an `AsyncEngine` of the caller's, which `close()` leaves open. With it, `url`, the pool's arguments, `echo`,
        `connect_timeout`, `connect_args`, `statement_timeout` and `lock_timeout` have no effect.
    pool_timeout: seconds to wait for a connection of the pool, then `PoolTimeout`.
    pool_idle: seconds after which an idle connection beyond `pool_size` is closed; None keeps it open.
    connect_timeout: seconds to wait for a new connection (of several hosts, for each), then `StoreUnavailable`; 0 or
        less is no limit, also in the URL, as with libpq. None is the `connect_timeout` of the URL, or 10 seconds.
        SQLite has no such wait.
    connect_args: more arguments for the driver's connect function.
    schema: the schema that holds the tables; None is the connection's own.
    migrate: what `initialize()` does with a schema that is older than this package: "upgrade" upgrades it, "check"
        raises `SchemaBehind`.
    read_url: the URL of a replica (a standby) of a PostgreSQL, MySQL or MariaDB server, or several, for reads that may
        be stale. This process still reads what it has written. While no replica will do, the primary is read.
    read_pool_size: how many connections the pool of each replica keeps; None is `pool_size`.
    read_max_lag: how old an answer of a replica may be, in seconds.
    batch_writes: whether messages (on PostgreSQL also a graph's checkpoints) that arrive while others are being stored
        go together in the next statement and commit.
    operation_timeout: seconds that a call may take, whatever it waits for, then `OperationTimeout`, or `WriteTimeout`
        if a write was sent. None disables the limit. Each page of an iterator counts as a call; `initialize()` is
        exempt.
    max_waiting: how many calls of an event loop may wait for their answers at a time; one more raises `TooManyWaiting`
        at once. Each takes about 3 KB and its arguments. None disables the limit.
    statement_timeout: seconds after which the server ends a statement with `StatementTimeout`; on MySQL only one that
        reads. None means one second more than `operation_timeout`, so that the server also ends an abandoned statement.
    lock_timeout: seconds after which the server ends the wait for a lock, which is then retried like a deadlock. None
        keeps the server's own setting.
    row_security: PostgreSQL only. A view of `for_user` tells the server its user in each transaction, for the row
        policies of revision 0002. `initialize()` raises `RowSecurityInactive` if they do not bind the role.
    encryption: keys with which titles, contents, metadata, states, checkpoints, and the texts of feedback and of the
        platform's history are encrypted. A field that cannot be read raises `DecryptionFailed`; `initialize()` raises
        `EncryptionMismatch` if the database is encrypted with other keys.

    Raises `InvalidURL`, `InvalidInput` or `MissingDriver`.
    """

    _database: Database

    def __init__(
        self,
        url: DatabaseUrl | None = None,
        pool_size: int = 10,
        max_overflow: int = 20,
        pool_recycle: int = 3600,
        pool_pre_ping: bool = False,
        echo: bool | Literal["debug"] = False,
        engine: AsyncEngine | None = None,
        *,
        pool_timeout: float = 30.0,
        pool_idle: float | None = 300.0,
        connect_timeout: float | None = None,
        connect_args: Mapping[str, Any] | None = None,
        schema: str | None = None,
        migrate: Literal["upgrade", "check"] = "upgrade",
        read_url: DatabaseUrl | Sequence[DatabaseUrl] | None = None,
        read_pool_size: int | None = None,
        read_max_lag: float = 30.0,
        batch_writes: bool = True,
        operation_timeout: float | None = 120.0,
        max_waiting: int | None = 50_000,
        statement_timeout: float | None = None,
        lock_timeout: float | None = None,
        row_security: bool = False,
        encryption: Encryption | None = None,
    ) -> None:
        options = {
            "pool_size": pool_size,
            "max_overflow": max_overflow,
            "pool_recycle": pool_recycle,
            "pool_pre_ping": pool_pre_ping,
            "pool_timeout": pool_timeout,
            "pool_idle": pool_idle,
            "echo": echo,
        }
        database = Database(
            url,
            engine,
            options,
            connect_timeout=connect_timeout,
            connect_args=connect_args,
            schema=schema,
            migrate=migrate,
            read_url=read_url,
            read_pool_size=read_pool_size,
            read_max_lag=read_max_lag,
            batch_writes=batch_writes,
            operation_timeout=operation_timeout,
            max_waiting=max_waiting,
            statement_timeout=statement_timeout,
            lock_timeout=lock_timeout,
            row_security=row_security,
            encryption=encryption,
        )
        super().__init__(database, database.context, reader(database))
        self._engine = engine
        self._views: WeakValueDictionary[str, UserStore] = WeakValueDictionary()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._database.url} {self._database.state}>"

    @property
    def engine(self) -> AsyncEngine:
        """The engine, for an application's own statements in the same database."""
        if self._engine is None:
            from sqlalchemy.ext import asyncio as sqlalchemy_asyncio  # imports the ORM, which the store does not need

            self._engine = sqlalchemy_asyncio.AsyncEngine(self._database.engine.sync_engine)
        return self._engine

    async def initialize(self) -> None:
        """Upgrade or check the schema; any number of tasks and processes may do so at the same time.

        Opens a store that was closed. Raises `SchemaBehind`, `SchemaAhead`, `ForeignSchema`, `MigrationLocked`,
        `EncryptionMismatch`, `RowSecurityInactive`, `UnsuitableServer` or `StoreUnavailable`.
        """
        await self._database.initialize()

    async def close(self, *, grace: float = 10.0) -> None:
        """Close the pool, unless the engine is the caller's. Closing twice is fine.

        New calls raise `StoreClosed` at once, and so do calls that wait for `initialize()`, as soon as it has ended.
        Calls that run on this event loop have `grace` seconds to end. Raises
        `OtherEventLoop` if the connections belong to another event loop that still runs.
        """
        await self._database.close(grace)

    async def health_check(self) -> dict[str, Any]:
        """Return a health report within two seconds; never raises.

        `status` is "healthy" or "unhealthy", the latter with an `error`. `server_address` is the server that
        answered, and `role` what it does for the store: "writable", "read-only", or "standby" (it repeats another
        server's writes; MySQL and MariaDB do not say that, and are "read-only"). A server that takes no writes is
        unhealthy, unless the URL's `target_session_attrs` asks for it. `latency_ms` is the time of one round trip.
        `pool` has the number of connections that are kept (`size`), in use (`in_use`), beyond `pool_size`
        (`overflow`), and of callers that wait for one (`waiting`). `waiting` is the number of calls that wait for their
        answers. `schema` has the revision found and the one needed. `warnings` are sentences about what works but
        should be changed: this machine's clock if it differs from the database's by more than a minute, settings of an
        engine of the caller's, tables of agentomatic's own store beside this one's if that is empty. `initialize()`
        logs them. With `read_url`, `replicas` has a report on each replica.
        """
        return {"backend": type(self).__name__, **await self._database.health()}

    async def get_stats(self) -> dict[str, Any]:
        """Return counts as `BaseStore.get_stats` does, within some ten milliseconds at any size.

        A table is counted exactly up to 10,000 rows (messages: up to as many threads). Beyond that, its count is the
        server's estimate (on SQLite, the highest row number so far), and `estimated` names it. An estimate of
        suspended states includes expired ones.
        """
        counts = await self._reads.run(_counts.stats, self._context, inputs.now())
        return {"backend": type(self).__name__, "database": self._database.dialect.name, **counts}

    def using(self, connection: AsyncConnection) -> JoinedStore:
        """Return a view that works in a transaction of the application's: messages and its own rows, or neither.

        The store must be initialized, and the connection, of the same database and driver, must have begun a
        transaction at the isolation level that writes need (`READ COMMITTED`; `store.engine` has it). Committing is the
        application's part. Until then, others wait who write to the same threads. Nothing is retried: if the database
        wants the transaction to begin again, it is rolled back, and `StoreBusy` raised. After another error the
        transaction can go on.

        Raises `InvalidInput` if this is no `AsyncConnection`, or the store has `row_security=True`. The view's methods
        raise it if the connection does not fit, or if a call that was cancelled has ended the transaction, which its
        owner then has to roll back.
        """
        return JoinedStore(self._database, connection)

    def for_user(self, user_id: str) -> UserStore:
        """Return a view of one user's threads, as `BaseStore.for_user` does.

        Every statement contains the condition, so nothing can change between a check and the change itself. While a
        view is in use, the same object is returned for the same user.
        """
        owner = inputs.identifier("user_id", user_id, empty=not self._context.row_security)
        view = self._views.get(owner)
        if view is None:
            view = self._views[owner] = UserStore(self._database, owner, self._reads)
        return view


class UserStore(StoreConversations):
    """A view of one user's threads in a `SQLAlchemyStore`, on the store's connections; `for_user` returns it.

    Messages are batched with messages of the same view only: no statement contains two users' messages.
    """

    _database: Database

    def __init__(self, database: Database, owner: str, reads: Runner) -> None:
        super().__init__(database, database.context.for_owner(owner), reads)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._context.owner!r} in {self._database.url} {self._database.state}>"

    async def initialize(self) -> None:
        """Initialize the store."""
        await self._database.initialize()

    async def close(self) -> None:
        """Do nothing: the view is closed when its store is."""

    async def health_check(self) -> dict[str, Any]:
        """Return the store's health report."""
        return {"backend": type(self).__name__, **await self._database.health()}

    async def get_stats(self) -> dict[str, Any]:
        """Return the exact counts of this user's rows; checkpoints are those that the store's own methods saved."""
        counts = await self._reads.run(_counts.of_user, self._context, inputs.now())
        return {"backend": type(self).__name__, "database": self._database.dialect.name, **counts}
