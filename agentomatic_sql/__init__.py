"""SQL-first, async, migrated persistence for agent platforms.

from agentomatic_sql import SQLAlchemyStore

async with SQLAlchemyStore(url) as store:
    await store.create_thread("t1", "ada", "support")
    await store.add_message("t1", "user", "Hello")
"""

from __future__ import annotations

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
from .memory.store import MemoryStore
from .store.sqlalchemy import SQLAlchemyStore

if TYPE_CHECKING:
    from .langgraph import SQLAlchemySaver as SQLAlchemySaver

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


def __getattr__(name: str) -> Any:
    """Import `SQLAlchemySaver` when it is first asked for. Raises `MissingExtra` without the extra `langgraph`."""
    # It is not in __all__: `from agentomatic_sql import *` must work without the extra, and must not import LangGraph,
    # which takes longer than this package itself.
    if name == "SQLAlchemySaver":
        from .langgraph import SQLAlchemySaver

        globals()[name] = SQLAlchemySaver  # the next one to ask does not come here
        return SQLAlchemySaver
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
