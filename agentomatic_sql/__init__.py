"""SQL-first, async, migrated persistence for agent platforms.

from agentomatic_sql import SQLAlchemyStore

async with SQLAlchemyStore(url) as store:
    await store.create_thread("t1", "ada", "support")
    await store.add_message("t1", "user", "Hello")
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING, Any

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
    MigrationInterrupted,
    MigrationLocked,
    MigrationLockLost,
    MissingDriver,
    MissingExtra,
    NonTransactionalTables,
    NotAList,
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
    TooManyWaiting,
    UnreadableCheckpoint,
    UnreadableValue,
    UnreleasedSchema,
    UnsuitableServer,
    ValueTooLarge,
    WriteConflict,
    WriteTimeout,
)
from .interop import register as _register

if TYPE_CHECKING:
    from .langgraph import SQLAlchemySaver as SQLAlchemySaver
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
    "MigrationInterrupted",
    "MigrationLockLost",
    "MigrationLocked",
    "MissingDriver",
    "MissingExtra",
    "NonTransactionalTables",
    "NotAList",
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
    "TooManyWaiting",
    "UnreadableCheckpoint",
    "UnreadableValue",
    "UnreleasedSchema",
    "UnsuitableServer",
    "ValueTooLarge",
    "WriteConflict",
    "WriteTimeout",
    "__version__",
]

_register(BaseStore)


_MODULES = {"MemoryStore": "memory.store", "SQLAlchemyStore": "store.sqlalchemy", "SQLAlchemySaver": "langgraph"}
"""The modules of the classes that are imported when they are first asked for: SQLAlchemy takes half a second.

The saver is not in __all__: `from agentomatic_sql import *` must work without the extra `langgraph`.
"""


def __getattr__(name: str) -> Any:
    """Import a store or the saver when it is first asked for. Raises `MissingExtra` without the saver's extra."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(_import_module(f".{_MODULES[name]}", __name__), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
