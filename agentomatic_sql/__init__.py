"""SQL-first, async, migrated persistence for agent platforms.

from agentomatic_sql import SQLAlchemyStore

async with SQLAlchemyStore(url) as store:
    await store.create_thread("t1", "ada", "support")
    await store.add_message("t1", "user", "Hello")
"""

from __future__ import annotations

from .base import BaseStore
from .errors import (
    DatabaseError,
    DecryptionFailed,
    EncryptionMismatch,
    EventLoopEnded,
    ForeignSchema,
    ForkedProcess,
    IdempotencyConflict,
    InvalidInput,
    InvalidURL,
    MigrationLocked,
    MissingDriver,
    MissingExtra,
    NotSupported,
    OperationTimeout,
    OtherEventLoop,
    OutcomeUnknown,
    PoolTimeout,
    RecordExists,
    RowSecurityInactive,
    SchemaAhead,
    SchemaBehind,
    SchemaError,
    StatementTimeout,
    StoreBusy,
    StoreClosed,
    StoreError,
    StoreUnavailable,
    ThreadExists,
    ThreadNotFound,
    UnreadableCheckpoint,
    UnreadableValue,
    ValueTooLarge,
    WriteConflict,
    WriteTimeout,
)
from .interop import register as _register
from .memory.store import MemoryStore
from .store.sqlalchemy import SQLAlchemyStore

__version__ = "0.1.0"

__all__ = [
    "BaseStore",
    "DatabaseError",
    "DecryptionFailed",
    "EncryptionMismatch",
    "EventLoopEnded",
    "ForeignSchema",
    "ForkedProcess",
    "IdempotencyConflict",
    "InvalidInput",
    "InvalidURL",
    "MemoryStore",
    "MigrationLocked",
    "MissingDriver",
    "MissingExtra",
    "NotSupported",
    "OperationTimeout",
    "OtherEventLoop",
    "OutcomeUnknown",
    "PoolTimeout",
    "RecordExists",
    "RowSecurityInactive",
    "SQLAlchemyStore",
    "SchemaAhead",
    "SchemaBehind",
    "SchemaError",
    "StatementTimeout",
    "StoreBusy",
    "StoreClosed",
    "StoreError",
    "StoreUnavailable",
    "ThreadExists",
    "ThreadNotFound",
    "UnreadableCheckpoint",
    "UnreadableValue",
    "ValueTooLarge",
    "WriteConflict",
    "WriteTimeout",
    "__version__",
]

_register(BaseStore)
