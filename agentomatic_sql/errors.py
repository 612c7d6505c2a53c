"""Every exception that a store raises.

The message is one sentence and the facts are attributes; the driver's or SQLAlchemy's own error is the `__cause__`. No
message contains a password. If a command helps, the message names it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class StoreError(Exception):
    """The base class: `except StoreError` catches every error that a store raises on purpose."""


class InvalidInput(StoreError, ValueError):
    """An argument cannot be stored or makes no sense; raised before any SQL.

    field: the argument, with the path inside it if the fault is deeper (`metadata.score`).
    reason: what is wrong with it.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NotAList(InvalidInput, TypeError):
    """A list was expected and something else was given, such as a single string, whose characters are no ids."""


class InvalidURL(StoreError, ValueError):
    """A database URL cannot be read, or its database or options are not supported."""


class MissingDriver(StoreError, ImportError):
    """The driver of a database is not installed; `extra` is the extra of this package that installs it."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"the driver {module} is not installed: pip install 'agentomatic-sql[{extra}]'")
        self.module = module
        self.extra = extra


class MissingExtra(StoreError, ImportError):
    """An optional part needs a package that is not installed; `extra` is the extra that installs it."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"{module} is not installed: pip install 'agentomatic-sql[{extra}]'")
        self.module = module
        self.extra = extra


class UnsuitableServer(StoreError):
    """With the server's settings, writes would fail or mean something else; `reason` names the setting and the cure."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where} cannot be used: {reason}")
        self.where = where
        self.reason = reason


class ValueTooLarge(StoreError, ValueError):
    """The values of a statement exceed the server's limit; `size` and `limit` are in bytes."""

    def __init__(self, size: int, limit: int, setting: str) -> None:
        super().__init__(f"the values take {size:,} bytes, the server's {setting} is {limit:,}: raise that setting")
        self.size = size
        self.limit = limit
        self.setting = setting


class NotSupported(StoreError, NotImplementedError):
    """The store does not implement an optional method; nothing was stored."""

    def __init__(self, store: str, method: str) -> None:
        super().__init__(f"{store} does not implement {method}, so nothing was stored")
        self.store = store
        self.method = method


class ThreadNotFound(StoreError, LookupError):
    """The thread does not exist, or is not the user's."""

    def __init__(self, thread_id: str) -> None:
        super().__init__(f"thread {thread_id!r} does not exist")
        self.thread_id = thread_id


HAS_CHECKPOINTS = "it has checkpoints of its own, which a copy would mix with others"
"""A reason for `ThreadExists`."""


class ThreadExists(StoreError):
    """The thread id is taken: by a thread of another user or agent; for a fork or a copy, by any thread or by
    checkpoints.
    """

    def __init__(self, thread_id: str, reason: str) -> None:
        super().__init__(f"thread {thread_id!r} exists already: {reason}")
        self.thread_id = thread_id
        self.reason = reason


class RecordExists(StoreError):
    """The id that the caller chose for a new record is taken."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(f"{field} {value!r} exists already")
        self.field = field
        self.value = value


class UnreadableCheckpoint(StoreError):
    """A graph's stored checkpoint cannot be decoded; other checkpoints and threads are not affected.

    `channel` is None if the checkpoint itself or its writes cannot be decoded.
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
    """A stored text is not valid JSON: something other than this package has changed it."""

    def __init__(self, length: int) -> None:
        super().__init__(f"a stored text of {length} characters is not valid JSON: another program has changed it")
        self.length = length


class DecryptionFailed(StoreError):
    """A field cannot be decrypted: it is plain, its key was not given, or it was changed or copied from another row.

    `identity` has the columns of its row that the field is bound to. Other rows are not affected.
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
    """The database is encrypted with other keys than the store was given; `key_id` is the key in question."""

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
    """The pool's connections belong to another event loop, in which the store was first used; it was not closed."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"the connections to {where} belong to another event loop, which was not closed: close() the store there, "
            "make a store for each loop, or pass an engine= with poolclass=NullPool"
        )
        self.where = where


class EventLoopEnded(StoreError, RuntimeError):
    """The event loop that runs synchronous calls ended during one; whether the call took effect is unknown."""

    def __init__(self) -> None:
        super().__init__(
            "the event loop that the connections belong to ended during the call: keep it running until all calls end"
        )


class ForkedProcess(StoreError, RuntimeError):
    """The process was forked while the store was open, and cannot safely open a connection of its own."""

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} was open when this process was forked: close() the store before the fork")
        self.where = where


class StoreUnavailable(StoreError, ConnectionError):
    """The database cannot be reached, or the connection was lost.

    Nothing was stored. Only what LangGraph's saver stores may have been; it is safe to store it again.
    """

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


class TooManyWaiting(StoreError):
    """So many calls wait for their answers that no more are taken; nothing was sent. `limit` is `max_waiting`."""

    def __init__(self, where: str, limit: int) -> None:
        super().__init__(
            f"{limit:,} calls to {where} wait for their answers already, max_waiting allows no more: try again"
        )
        self.where = where
        self.limit = limit


class OutcomeUnknown(StoreError, ConnectionError):
    """The connection was lost during a write: the write was stored completely, or not at all."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"the connection to {where} was lost during a write, which may have been stored or not: look for it, or "
            "repeat the call with the same idempotency_key"
        )
        self.where = where


class OperationTimeout(StoreError, TimeoutError):
    """A call did not end within `operation_timeout` seconds, and changed nothing."""

    def __init__(self, where: str, seconds: float) -> None:
        super().__init__(f"{where} did not answer within operation_timeout={seconds:g} s: try again")
        self.where = where
        self.seconds = seconds


class WriteTimeout(OperationTimeout, OutcomeUnknown):
    """A write did not end within `operation_timeout` seconds: it was stored completely, or not at all."""

    def __init__(self, where: str, seconds: float) -> None:
        StoreError.__init__(
            self,
            f"a write to {where} took longer than operation_timeout={seconds:g} s: it may have been stored or not",
        )
        self.where = where
        self.seconds = seconds


class RowSecurityInactive(StoreError):
    """The store was made with `row_security`, but the row policies do not bind its role."""

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
        super().__init__(
            f"the database rolled the transaction back {attempts} times (code {code}); nothing was stored, try again"
        )
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


class BackupFailed(StoreError):
    """A database could not be backed up or restored; it is as it was before."""


class TransferFailed(StoreError):
    """Data could not be exported, imported or copied, for the reason named.

    An export leaves no file. An import or copy keeps what it has stored, and goes on from there when it is repeated.
    """


class InvalidLine(TransferFailed):
    """A line of a file does not fit; nothing of its batch was stored.

    line: the number of the line, from 1.
    path: the JSON path of the fault (`$.metadata`); `$` is the whole line.
    reason: what is wrong with it.
    """

    def __init__(self, file: str, line: int, path: str, reason: str) -> None:
        super().__init__(f"{file}, line {line}, {path}: {reason}")
        self.line = line
        self.path = path
        self.reason = reason


class DatabaseError(StoreError):
    """The database refused a statement; `code` is the SQLSTATE or error number, if there is one."""

    def __init__(self, reason: str, code: str | None) -> None:
        super().__init__(f"the database refused the statement (code {code}): {reason}")
        self.reason = reason
        self.code = code


class StatementTimeout(DatabaseError, TimeoutError):
    """The server ended a statement after `statement_timeout`, or because it was told to; nothing was stored."""


class KeyTaken(DatabaseError):
    """A row with this unique key exists already."""


class IdempotencyConflict(StoreError, ValueError):
    """An idempotency key was used again in its thread, for other content."""

    def __init__(self, thread_id: str, key: str) -> None:
        super().__init__(f"idempotency_key {key!r} of thread {thread_id!r} was used for other content")
        self.thread_id = thread_id
        self.key = key


class SchemaError(StoreError):
    """The database's schema is not the one that this version of the package needs.

    revision: the revision found; None if there is no schema.
    head: the revision needed.
    """

    def __init__(self, message: str, revision: str | None, head: str) -> None:
        super().__init__(message)
        self.revision = revision
        self.head = head


class SchemaBehind(SchemaError):
    """The schema is older than this package or does not exist, and `migrate="check"` does not upgrade it."""

    def __init__(self, revision: str | None, head: str, url: str, schema: str | None = None) -> None:
        found = f"at revision {revision}" if revision else "missing"
        where = f"--url {url!r}" + (f" --schema {schema!r}" if schema else "")
        super().__init__(
            f"the schema is {found}, this package needs {head}: agentomatic-sql db upgrade {where}",
            revision,
            head,
        )


class SchemaAhead(SchemaError):
    """The schema was made by a newer version of this package, and this version may not use it."""

    def __init__(self, revision: str, head: str) -> None:
        super().__init__(
            f"the schema is at revision {revision}, which this package (newest: {head}) does not know: "
            "pip install --upgrade agentomatic-sql",
            revision,
            head,
        )


class ForeignSchema(SchemaError):
    """The database has objects with names that this package needs, but did not make; nothing was changed.

    objects: the kind of each ("table", "view", "index", …) by its name.
    has_schemas: whether the database has schemas, so that the message may name `schema=`.
    """

    def __init__(
        self, objects: Mapping[str, str], revision: str | None, head: str, *, has_schemas: bool = True
    ) -> None:
        named = ", ".join(f"the {kind} {name}" for name, kind in objects.items())
        super().__init__(
            f"{named}: this package needs the name{'s' if len(objects) > 1 else ''} and did not make what has "
            f"{'them' if len(objects) > 1 else 'it'}; nothing was changed; rename what is there, or use another "
            f"database{' or another schema=' if has_schemas else ''}",
            revision,
            head,
        )
        self.objects = dict(objects)


class NonTransactionalTables(SchemaError):
    """Tables of the schema have a storage engine other than InnoDB, so a write could be stored by half.

    tables: their names.
    """

    def __init__(self, tables: Sequence[str], revision: str | None, head: str) -> None:
        commands = "; ".join(f"ALTER TABLE {name} ENGINE = InnoDB" for name in tables)
        super().__init__(
            f"tables with another storage engine than InnoDB cannot roll back a write: {commands}", revision, head
        )
        self.tables = tuple(tables)


class MigrationInterrupted(SchemaError):
    """A downgrade has begun and not ended, and some of its tables may be gone."""

    def __init__(self, revision: str, head: str) -> None:
        super().__init__(
            f"a downgrade of revision {revision} has not ended: unless it is still running, run "
            "agentomatic-sql db downgrade again",
            revision,
            head,
        )


class UnreleasedSchema(SchemaError):
    """The schema was made before the first release, by revisions that exist no more."""

    def __init__(self, revision: str, head: str) -> None:
        super().__init__(
            f"the schema was made before the first release (revision {revision}): "
            "scripts/move_unreleased_schema.py copies its rows into tables of this version",
            revision,
            head,
        )


class MigrationLocked(StoreError, TimeoutError):
    """Another process has held the migration lock for all the time that this one waited."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"another process has held the migration lock for {seconds:g} s: try again later")
        self.seconds = seconds


class MigrationLockLost(StoreError):
    """This process could not renew the migration lock, so it was stopped, before another process could take the lock.

    Only CockroachDB, and clusters of which several servers take writes, have a lock that must be renewed.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the migration was stopped: its lock, which expires after {seconds:g} s, could not be renewed, "
            "or another process has taken it: migrate again"
        )
        self.seconds = seconds
