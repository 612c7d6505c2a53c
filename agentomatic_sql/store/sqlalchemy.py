"""`SQLAlchemyStore`: how it is made, opened and closed, and a user's view of it.

Its methods are in `store_conversations.py` and `store_history.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakValueDictionary

from sqlalchemy import URL
from sqlalchemy.ext.asyncio import AsyncEngine

from .. import inputs
from ..database import Database
from ..entities import counts as _counts
from ..execution.engine import DEFAULT_URL
from .conversations import StoreConversations
from .history import StoreHistory

if TYPE_CHECKING:
    from ..encryption import Encryption


class SQLAlchemyStore(StoreHistory, StoreConversations):
    """A store in PostgreSQL, MySQL, MariaDB, SQLite or CockroachDB.

    The arguments up to `engine` are the platform's, in its order. `url` is any usual spelling of a database URL.
    `engine` is one of the caller's own, which `close()` leaves alone; then `url`, the pool's arguments and the server's
    limits mean nothing. `pool_timeout` and `connect_timeout` are seconds. `schema` puts the tables into that schema.
    `migrate` is what `initialize()` does with a schema that is not the newest: "upgrade" it, or "check" it only and
    raise `SchemaBehind`. With `batch_writes`, messages, and on PostgreSQL what graphs add, that come while others are
    being stored go together in the next statement and commit. No call takes longer than `operation_timeout` seconds,
    its wait for a connection included, one that waits for a batch twice that (None: as long as it takes; of an iterator
    each page is a call, `initialize` is none): it raises `OperationTimeout`, a write `WriteTimeout`. The server itself
    ends a statement after `statement_timeout` seconds (`StatementTimeout`), on MySQL one that only reads; None is a
    second more than an operation has, so that what was given up here ends there. After `lock_timeout` seconds it ends
    the wait for a lock, which is tried again like a deadlock; None is as the server is set. With `row_security`
    (PostgreSQL) a view of `for_user` tells the server in each transaction whose it is, for the policies of revision
    0007; `initialize()` raises `RowSecurityInactive` where they do not bind the role. With `encryption`, titles,
    contents, metadata, states, checkpoints, and the texts of feedback and of the platform's history are stored
    encrypted; what cannot be read raises `DecryptionFailed`, and `initialize()` raises `EncryptionMismatch` where the
    database knows other keys (docs/encryption.md). Raises `InvalidURL` or `MissingDriver`; nothing is connected yet.
    """

    def __init__(
        self,
        url: str | URL = DEFAULT_URL,
        pool_size: int = 10,
        max_overflow: int = 20,
        pool_recycle: int = 3600,
        pool_pre_ping: bool = False,
        echo: bool = False,
        engine: AsyncEngine | None = None,
        *,
        pool_timeout: float = 30.0,
        connect_timeout: float = 10.0,
        connect_args: Mapping[str, Any] | None = None,
        schema: str | None = None,
        migrate: Literal["upgrade", "check"] = "upgrade",
        batch_writes: bool = True,
        operation_timeout: float | None = 120.0,
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
            batch_writes=batch_writes,
            operation_timeout=operation_timeout,
            statement_timeout=statement_timeout,
            lock_timeout=lock_timeout,
            row_security=row_security,
            encryption=encryption,
        )
        super().__init__(database, database.context)
        self._views: WeakValueDictionary[str, UserStore] = WeakValueDictionary()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._database.url} {self._database.state}>"

    @property
    def engine(self) -> AsyncEngine:
        """The engine, for an application's own statements in the same database."""
        return self._database.engine

    async def initialize(self) -> None:
        """Upgrade or check the schema; any number of tasks and processes may do it at once.

        Opens a store that was closed. Raises `SchemaBehind`, `SchemaAhead`, `ForeignSchema`,
        `MigrationLocked` or `StoreUnavailable`.
        """
        await self._database.initialize()

    async def close(self, *, grace: float = 10.0) -> None:
        """Close the pool, unless the engine is the caller's; closing twice is fine.

        New calls are refused at once with `StoreClosed`; those that run on this event loop have `grace` seconds to end.
        Raises `OtherEventLoop` while another loop runs to which the connections belong; once it has ended, they are
        closed from any.
        """
        await self._database.close(grace)

    async def health_check(self) -> dict[str, Any]:
        """A report within two seconds, never an exception; "unhealthy" comes with an `error`.

        `latency_ms` is a round trip; `pool` says how many connections there are (`size`), in use, beyond
        pool_size (`overflow`), and how many callers wait for one; `schema` is the revision found and needed.
        """
        return {"backend": type(self).__name__, **await self._database.health()}

    async def get_stats(self) -> dict[str, Any]:
        """Counts; `suspended_states` are those that have not expired.

        Exact up to 10,000 rows of a table (messages: in as many threads). Above that they are the server's own
        estimates, on SQLite the highest number that a row was given, and `estimated` names them: so the answer takes
        some ten milliseconds at any size. An estimate of suspended states counts those that have expired, too.
        """
        counts = await self._database.run(_counts.stats, self._context, inputs.now())
        return {"backend": type(self).__name__, "database": self._database.dialect.name, **counts}

    def for_user(self, user_id: str) -> UserStore:
        """As `BaseStore` has it: each statement asks whose the thread is, in the same moment in which it acts.

        As long as somebody has a view, it is the same one for all who ask for that user's.
        """
        owner = inputs.identifier("user_id", user_id, empty=not self._context.row_security)
        view = self._views.get(owner)
        if view is None:
            view = self._views[owner] = UserStore(self._database, owner)
        return view


class UserStore(StoreConversations):
    """What `for_user` returns: one user's threads of a `SQLAlchemyStore`, by its connections.

    Messages go together with the same view's only: no statement holds two users'.
    """

    def __init__(self, database: Database, owner: str) -> None:
        super().__init__(database, database.context.for_owner(owner))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._context.owner!r} in {self._database.url} {self._database.state}>"

    async def initialize(self) -> None:
        """Make the store ready whose view this is."""
        await self._database.initialize()

    async def close(self) -> None:
        """Nothing: the store stays open, whose view this is; with it the view is closed."""

    async def health_check(self) -> dict[str, Any]:
        """That of the store."""
        return {"backend": type(self).__name__, **await self._database.health()}

    async def get_stats(self) -> dict[str, Any]:
        """How much there is of this user's, counted; of checkpoints those that the store's methods have saved."""
        counts = await self._database.run(_counts.of_user, self._context, inputs.now())
        return {"backend": type(self).__name__, "database": self._database.dialect.name, **counts}
