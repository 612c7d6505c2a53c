"""Every exception that a store raises.

An error is one sentence with its facts as attributes; what the driver or SQLAlchemy said is attached as
`__cause__`. No message holds a password. Where an operator can cure the error, the message names the command.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class StoreError(Exception):
    """The base of all that follows: `except StoreError` catches whatever a store raises on purpose."""


class InvalidInput(StoreError, ValueError):
    """An argument that cannot be stored or makes no sense; raised before any SQL.

    `field` names the argument, with the path inside it where the fault is deeper (`metadata.score`).
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class InvalidURL(StoreError, ValueError):
    """A database URL that names no supported database, or cannot be read as a URL."""


class MissingDriver(StoreError, ImportError):
    """The driver of a database is not installed; `extra` is the extra of this package that brings it."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"the driver {module} is not installed: pip install 'agentomatic-sql[{extra}]'")
        self.module = module
        self.extra = extra


class MissingExtra(StoreError, ImportError):
    """A package is not installed that an optional part needs; `extra` is the extra of this package that brings it."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"{module} is not installed: pip install 'agentomatic-sql[{extra}]'")
        self.module = module
        self.extra = extra


class ValueTooLarge(StoreError, ValueError):
    """The values of one statement are more than the server takes; both sizes in bytes."""

    def __init__(self, size: int, limit: int, setting: str) -> None:
        super().__init__(f"the values take {size:,} bytes, the server's {setting} is {limit:,}: raise that setting")
        self.size = size
        self.limit = limit
        self.setting = setting


class NotSupported(StoreError, NotImplementedError):
    """A store that does not implement an optional method was asked to write through it."""

    def __init__(self, store: str, method: str) -> None:
        super().__init__(f"{store} does not implement {method}, so nothing was stored")
        self.store = store
        self.method = method


class ThreadNotFound(StoreError, LookupError):
    """The thread that a write needs does not exist."""

    def __init__(self, thread_id: str) -> None:
        super().__init__(f"thread {thread_id!r} does not exist")
        self.thread_id = thread_id


HAS_CHECKPOINTS = "it has checkpoints of its own, which a copy would mix with others"
"""A reason for `ThreadExists`."""


class ThreadExists(StoreError):
    """The thread id is taken by another owner, or, for a fork, by any thread."""

    def __init__(self, thread_id: str, reason: str) -> None:
        super().__init__(f"thread {thread_id!r} exists already: {reason}")
        self.thread_id = thread_id
        self.reason = reason


class RecordExists(StoreError):
    """An id that the caller chose for a new record is taken."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(f"{field} {value!r} exists already")
        self.field = field
        self.value = value


class UnreadableCheckpoint(StoreError):
    """What is stored of a graph's checkpoint cannot be decoded; other checkpoints and threads are not concerned.

    `channel` is None where it is the checkpoint itself, or its writes.
    """

    def __init__(
        self, thread_id: str, checkpoint_ns: str, checkpoint_id: str, channel: str | None, reason: str
    ) -> None:
        what = "" if channel is None else f", channel {channel!r}"
        super().__init__(
            f"thread {thread_id!r}, namespace {checkpoint_ns!r}, checkpoint {checkpoint_id!r}{what} "
            f"cannot be decoded: {reason}"
        )
        self.thread_id = thread_id
        self.checkpoint_ns = checkpoint_ns
        self.checkpoint_id = checkpoint_id
        self.channel = channel


class UnreadableValue(StoreError, ValueError):
    """What is stored as JSON is none: something else than this package has changed it."""

    def __init__(self, length: int) -> None:
        super().__init__(f"a stored text of {length} characters is no JSON: something else has changed it")
        self.length = length


class DecryptionFailed(StoreError):
    """A field cannot be decrypted: it is not encrypted, by a key that was not given, or not where it was encrypted.

    `identity` are the columns of its row that it is bound to. Other rows are not concerned.
    """

    def __init__(self, table: str, field: str, identity: Mapping[str, Any], reason: str) -> None:
        row = ", ".join(f"{name} {value!r}" for name, value in identity.items())
        super().__init__(f"{field} in {table} ({row}) cannot be decrypted: {reason}")
        self.table = table
        self.field = field
        self.identity = dict(identity)
        self.reason = reason


class Undecipherable(Exception):
    """Internal: the reason why a text cannot be decrypted; the caller, who knows its row, raises `DecryptionFailed`."""


class EncryptionMismatch(StoreError):
    """A database is encrypted by other keys than the store was given, or the store was given none.

    `key_id` is the one in question.
    """

    def __init__(self, where: str, key_id: str, reason: str) -> None:
        super().__init__(f"{where}: key {key_id!r} {reason}")
        self.where = where
        self.key_id = key_id
        self.reason = reason


class StoreClosed(StoreError):
    """The store was closed; `initialize()` opens it again."""

    def __init__(self) -> None:
        super().__init__("the store is closed: initialize() opens it again")


class OtherEventLoop(StoreError, RuntimeError):
    """The store was first used in another event loop, to which its pool's connections belong."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"the connections to {where} belong to another event loop: close() the store there before that loop ends, "
            "make a store for each loop, or pass an engine= with poolclass=NullPool"
        )
        self.where = where


class EventLoopEnded(StoreError, RuntimeError):
    """The event loop that answers synchronous calls ended during one, which may have been done or not."""

    def __init__(self) -> None:
        super().__init__("the event loop that the connections belong to ended during the call: end it after its users")


class ForkedProcess(StoreError, RuntimeError):
    """The process was forked from one with open connections, beside which it cannot safely make any of its own."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} was open when this process was forked: close() the store before, and open it after")
        self.where = where


class StoreUnavailable(StoreError, ConnectionError):
    """The database cannot be reached, or the connection was lost before anything was committed."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where} is not available: {reason}")
        self.where = where
        self.reason = reason


class PoolTimeout(StoreUnavailable, TimeoutError):
    """No connection came free within `pool_timeout` seconds."""

    def __init__(self, where: str, pool_size: int, max_overflow: int, pool_timeout: float) -> None:
        reason = (
            f"no connection came free within pool_timeout={pool_timeout:g} s "
            f"(pool_size={pool_size}, max_overflow={max_overflow})"
        )
        super().__init__(where, reason)
        self.pool_size = pool_size
        self.max_overflow = max_overflow
        self.pool_timeout = pool_timeout


class OutcomeUnknown(StoreError, ConnectionError):
    """The connection was lost while a commit was on its way: the write stands whole, or not at all."""

    def __init__(self, where: str) -> None:
        super().__init__(f"the connection to {where} was lost during the commit, which may stand or not")
        self.where = where


class OperationTimeout(StoreError, TimeoutError):
    """An operation that changes nothing did not end within `operation_timeout` seconds."""

    def __init__(self, where: str, seconds: float) -> None:
        super().__init__(f"{where} did not answer within operation_timeout={seconds:g} s")
        self.where = where
        self.seconds = seconds


class WriteTimeout(OperationTimeout, OutcomeUnknown):
    """A write did not end within `operation_timeout` seconds: it stands whole, or not at all."""

    def __init__(self, where: str, seconds: float) -> None:
        StoreError.__init__(
            self, f"a write to {where} did not end within operation_timeout={seconds:g} s, and may stand or not"
        )
        self.where = where
        self.seconds = seconds


class RowSecurityInactive(StoreError):
    """The server does not keep users' rows apart for this role, as the store was told that it does."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{where}: row-level security does not bind this role: switch it on (agentomatic-sql db row-security on), "
            "and connect as a role that neither owns the tables nor may bypass it"
        )
        self.where = where


class StoreBusy(StoreError, TimeoutError):
    """The database rolled the transaction back (deadlock, serialization, lock) each time it was tried.

    `attempts` is how often it was tried. `code` is the database's last error code; a `WriteConflict` has None.
    """

    code: str | None

    def __init__(self, attempts: int, code: str) -> None:
        super().__init__(f"the database rolled the transaction back {attempts} times (code {code})")
        self.attempts = attempts
        self.code = code


class WriteConflict(StoreBusy):
    """Other calls changed what a write needs each time it was tried. Nothing was stored; it can be tried again.

    `reason` says what was changed.
    """

    def __init__(self, attempts: int, reason: str) -> None:
        StoreError.__init__(
            self, f"{reason}, each of the {attempts} times that the write was tried; nothing was stored, try again"
        )
        self.attempts = attempts
        self.code = None
        self.reason = reason


class DatabaseError(StoreError):
    """Anything else that the database refused; `code` is its SQLSTATE or error number, where it has one."""

    def __init__(self, reason: str, code: str | None) -> None:
        super().__init__(f"the database refused the statement (code {code}): {reason}")
        self.reason = reason
        self.code = code


class StatementTimeout(DatabaseError, TimeoutError):
    """The server ended a statement that took longer than `statement_timeout`, or was told to; nothing was stored."""


class KeyTaken(DatabaseError):
    """A key that was to be new is there already."""


class IdempotencyConflict(StoreError, ValueError):
    """An idempotency key was used again in its thread, for something else than what stands under it."""

    def __init__(self, thread_id: str, key: str) -> None:
        super().__init__(f"idempotency_key {key!r} of thread {thread_id!r} stands for other content")
        self.thread_id = thread_id
        self.key = key


class SchemaError(StoreError):
    """The database's schema is not the one that this version of the package works with.

    `revision` is the one found (None where there is none), `head` the one needed.
    """

    def __init__(self, message: str, revision: str | None, head: str) -> None:
        super().__init__(message)
        self.revision = revision
        self.head = head


class SchemaBehind(SchemaError):
    """The schema is older than this package, or not there, and `migrate="check"` forbids to upgrade it."""

    def __init__(self, revision: str | None, head: str, url: str, schema: str | None = None) -> None:
        found = f"at revision {revision}" if revision else "not there"
        where = f"--url {url!r}" + (f" --schema {schema!r}" if schema else "")
        super().__init__(
            f"the schema is {found}, this package needs {head}: agentomatic-sql db upgrade {where}",
            revision,
            head,
        )


class SchemaAhead(SchemaError):
    """The schema was made by a newer version of this package."""

    def __init__(self, revision: str, head: str) -> None:
        super().__init__(
            f"the schema is at revision {revision}, which this package (newest: {head}) does not know: "
            "pip install --upgrade agentomatic-sql",
            revision,
            head,
        )


class ForeignSchema(SchemaError):
    """The database holds tables of our names that are not ours; nothing was touched.

    `tables` names them; `origin` says whose they seem to be.
    """

    def __init__(self, tables: Sequence[str], origin: str, head: str) -> None:
        super().__init__(
            f"the database holds {', '.join(tables)} but no agentomatic_sql_version: they look like those of "
            f"{origin}; nothing was touched; use another database, or another schema=, then "
            "agentomatic-sql db upgrade",
            None,
            head,
        )
        self.tables = tuple(tables)
        self.origin = origin


class MigrationLocked(StoreError, TimeoutError):
    """Another process holds the migration lock for longer than was waited."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"another process has held the migration lock for {seconds:g} s: try again later")
        self.seconds = seconds
