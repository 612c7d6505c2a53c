"""The tables: columns, keys and indexes. Alembic's revisions must lead to exactly this schema.

Statements use the tables (`THREADS`, `MESSAGES`, …), not the classes: no row is ever loaded as an object.
Generated numbers are identity columns: CockroachDB's SERIAL would generate numbers beyond 2^53.

The key of everything that belongs to a thread begins with the thread, so that a server can keep a thread's rows
together. No order rests on a generated number: servers that write at the same time generate them in ranges.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import Double, ForeignKey, Identity, Index, Integer, MetaData, Table, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from .dialects.types import BigId, Digest, ExactText, Id, JsonText, LongBytes, UtcTime

NUMBERED = "agentomatic_sql.numbered"
"""Key of a table's `info`: its column with a number that the database generates, beside the primary key.

Databases differ in the keys that such a column needs: see `dialects.Dialect.generated_number_key`.
"""


class Base(DeclarativeBase):
    """The base of the models; it names every key and index."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )


class Thread(Base):
    """A conversation; `message_count` is also the position of its next message.

    Every write to a thread names the `epoch` that its writer knows (`tokens`). `version` is the token of the call that
    created the thread or changed its columns last. `attached` counts the rows that were stored in the thread without
    another change to this row (feedback, checkpoints, forks). So whoever stores something in a thread and whoever
    deletes the thread write the same row, and on every kind of server one of them comes first.

    `parent_thread_id` is not a foreign key: the deletion of a thread sets it to NULL in the forks.
    """

    __tablename__ = "agentomatic_threads"
    __table_args__ = (
        Index(None, "updated_at", "id"),
        Index(None, "user_id", "updated_at", "id"),
        Index(None, "agent_name", "updated_at", "id"),
        Index(None, "parent_thread_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    user_id: Mapped[str] = mapped_column(Id)
    agent_name: Mapped[str] = mapped_column(Id)
    title: Mapped[str | None] = mapped_column(ExactText)
    metadata_: Mapped[str] = mapped_column("metadata", JsonText)
    message_count: Mapped[int] = mapped_column(BigId)
    parent_thread_id: Mapped[str | None] = mapped_column(Id)
    fork_message_index: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    updated_at: Mapped[datetime] = mapped_column(UtcTime)
    epoch: Mapped[int] = mapped_column(BigId, server_default="0")
    version: Mapped[int] = mapped_column(BigId, server_default="0")
    attached: Mapped[int] = mapped_column(BigId, server_default="0")


class Message(Base):
    """A message; `position` counts from 0 in its thread.

    `token` is a random number of the call that stored the message: after a lost connection the call finds its messages
    by it. Encrypted fields are bound to it, too.
    """

    __tablename__ = "agentomatic_messages"
    __table_args__ = ({"info": {NUMBERED: "id"}},)

    thread_id: Mapped[str] = mapped_column(
        Id, ForeignKey("agentomatic_threads.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigId, Identity())
    role: Mapped[str] = mapped_column(Id)
    content: Mapped[str] = mapped_column(ExactText)
    metadata_: Mapped[str] = mapped_column("metadata", JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    token: Mapped[int | None] = mapped_column(BigId)


class Feedback(Base):
    """A rating or comment. It has no foreign keys, because its thread and message need not exist."""

    __tablename__ = "agentomatic_feedback"
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "agent_name", "created_at", "id"),
        Index(None, "user_id", "created_at", "id"),
        {"info": {NUMBERED: "id"}},
    )

    thread_id: Mapped[str] = mapped_column(Id, primary_key=True)
    id: Mapped[int] = mapped_column(BigId, Identity(), primary_key=True)
    message_id: Mapped[int | None] = mapped_column(BigId)
    user_id: Mapped[str] = mapped_column(Id)
    agent_name: Mapped[str] = mapped_column(Id)
    rating: Mapped[int | None] = mapped_column(Integer)
    comment: Mapped[str | None] = mapped_column(ExactText)
    feedback_type: Mapped[str] = mapped_column(Id)
    query: Mapped[str] = mapped_column(ExactText)
    response: Mapped[str] = mapped_column(ExactText)
    correction: Mapped[str | None] = mapped_column(ExactText)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class IdempotencyKey(Base):
    """A caller's idempotency key and the rows that were stored with it: `count` of them.

    `first` is the position of the first message, or the id of the feedback. The first versions of this package compare
    `content_digest`; with encryption it is empty. There is no foreign key to the thread, because the thread of a
    feedback need not exist.
    """

    __tablename__ = "agentomatic_idempotency_keys"
    __table_args__ = (Index(None, "created_at"),)

    thread_id: Mapped[str] = mapped_column(Id, primary_key=True)
    operation: Mapped[str] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(Id, primary_key=True)
    content_digest: Mapped[str] = mapped_column(Digest)
    first: Mapped[int] = mapped_column(BigId)
    count: Mapped[int] = mapped_column(BigId)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class SuspendedState(Base):
    """An execution that waits for a human; from `expires_at` on it is no longer returned.

    `token` is a random number of the call that saved it. Whoever claims the state names the token.
    """

    __tablename__ = "agentomatic_suspended_states"
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "thread_id", "created_at", "id"),
        Index(None, "agent_name", "created_at", "id"),
        Index(None, "expires_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    thread_id: Mapped[str] = mapped_column(Id)
    agent_name: Mapped[str] = mapped_column(Id)
    node_name: Mapped[str] = mapped_column(Id)
    state_snapshot: Mapped[str] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    token: Mapped[int] = mapped_column(BigId, server_default="0")


class Checkpoint(Base):
    """A checkpoint that `save_checkpoint` stored.

    A namespace may have any length, so the key has a digest of it. `sequence` is the order in which the namespace's
    checkpoints were first saved; two that were saved at the same time may share a number, and follow the order of their
    ids. `token` is a random number of the call that saved the checkpoint last.
    """

    __tablename__ = "agentomatic_checkpoints"
    __table_args__ = (
        Index("ix_agentomatic_checkpoints_sequence", "thread_id", "namespace_digest", "sequence", "checkpoint_id"),
    )

    thread_id: Mapped[str] = mapped_column(Id, primary_key=True)
    namespace_digest: Mapped[str] = mapped_column(Digest, primary_key=True)
    checkpoint_id: Mapped[str] = mapped_column(Id, primary_key=True)
    checkpoint_ns: Mapped[str] = mapped_column(ExactText)
    sequence: Mapped[int] = mapped_column(BigId)
    parent_checkpoint_id: Mapped[str | None] = mapped_column(Id)
    checkpoint: Mapped[str] = mapped_column(JsonText)
    metadata_: Mapped[str] = mapped_column("metadata", JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    token: Mapped[int] = mapped_column(BigId, server_default="0")


class GraphNamespace(Base):
    """A namespace of a LangGraph graph in a thread; whoever changes what is stored in it writes its row.

    Thread id and namespace may have any length. `thread_digest` is a digest of the thread id, with which every key of
    what graphs store begins; `digest` is one of both. `id` is random, so a namespace that is made anew has another one.

    `epoch` is random and new after every checkpoint that is stored and every removal: a writer names the one that it
    knows. `generation` grows with every removal, and when a call whose answer was lost is refused for good. `sequence`
    is the number of the last row of writes.
    """

    __tablename__ = "agentomatic_graph_namespaces"
    __table_args__ = (UniqueConstraint("thread_digest", "digest"),)

    thread_digest: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(Digest)
    thread_id: Mapped[str] = mapped_column(ExactText)
    checkpoint_ns: Mapped[str] = mapped_column(ExactText)
    epoch: Mapped[int] = mapped_column(BigId)
    generation: Mapped[int] = mapped_column(BigId)
    sequence: Mapped[int] = mapped_column(BigId)


class GraphCheckpoint(Base):
    """A checkpoint of a graph without its long values, which are in `graph_values`.

    `segments` names the rows of `graph_values` that the checkpoint reads: a JSON array of pairs (segment, last position
    that belongs to this checkpoint).
    """

    __tablename__ = "agentomatic_graph_checkpoints"
    __table_args__ = (Index(None, "checkpoint_id", "namespace_id"), Index(None, "run_digest"))

    thread_digest: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    namespace_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    checkpoint_id: Mapped[str] = mapped_column(Id, primary_key=True)
    parent_checkpoint_id: Mapped[str | None] = mapped_column(Id)
    run_digest: Mapped[str | None] = mapped_column(Digest)
    segments: Mapped[str] = mapped_column(JsonText)
    body: Mapped[bytes] = mapped_column(LongBytes)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class GraphValue(Base):
    """The part that one checkpoint added to the value of a channel. Only rekeying changes a stored row."""

    __tablename__ = "agentomatic_graph_values"

    thread_digest: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    namespace_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    segment: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LongBytes)


class GraphWrite(Base):
    """The writes of one call of `put_writes`. No foreign key: their checkpoint may be stored later.

    `sequence` counts the rows of the namespace. `token` is a random number of the call.
    """

    __tablename__ = "agentomatic_graph_writes"

    thread_digest: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    namespace_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    checkpoint_id: Mapped[str] = mapped_column(Id, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    token: Mapped[int] = mapped_column(BigId)
    body: Mapped[bytes] = mapped_column(LongBytes)


class EncryptionKey(Base):
    """The id of a key with which fields may be encrypted; `check_value` is the empty text, encrypted with it."""

    __tablename__ = "agentomatic_encryption_keys"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    check_value: Mapped[str] = mapped_column(ExactText)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class InvocationLog(Base):
    """A call of an agent, plugin, pipeline or endpoint of the platform."""

    __tablename__ = "agentomatic_invocation_logs"
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "agent_name", "created_at", "id"),
        Index(None, "thread_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    agent_name: Mapped[str] = mapped_column(Id)
    resource_type: Mapped[str] = mapped_column(Id)
    thread_id: Mapped[str | None] = mapped_column(Id)
    run_id: Mapped[str | None] = mapped_column(Id)
    endpoint: Mapped[str] = mapped_column(Id)
    input: Mapped[str] = mapped_column(JsonText)
    output: Mapped[str] = mapped_column(JsonText)
    metadata_: Mapped[str] = mapped_column("metadata", JsonText)
    error: Mapped[str | None] = mapped_column(ExactText)
    duration_ms: Mapped[float | None] = mapped_column(Double)
    status: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class LogAnalysis(Base):
    """The result of the platform's analysis of a resource's invocation logs."""

    __tablename__ = "agentomatic_log_analyses"
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index("ix_agentomatic_log_analyses_resource", "agent_name", "resource_type", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    agent_name: Mapped[str] = mapped_column(Id)
    resource_type: Mapped[str] = mapped_column(Id)
    score: Mapped[float | None] = mapped_column(Double)
    summary: Mapped[str] = mapped_column(ExactText)
    status: Mapped[str] = mapped_column(Id)
    recommendations: Mapped[str] = mapped_column(JsonText)
    metadata_: Mapped[str] = mapped_column("metadata", JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class OptimizationRun(Base):
    """A run of the platform's prompt optimization or retraining."""

    __tablename__ = "agentomatic_optimization_runs"
    __table_args__ = (
        Index(None, "created_at", "id"),
        Index(None, "agent_name", "created_at", "id"),
        Index("ix_agentomatic_optimization_runs_experiment", "experiment_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    experiment_id: Mapped[str] = mapped_column(Id)
    agent_name: Mapped[str] = mapped_column(Id)
    baseline_score: Mapped[float | None] = mapped_column(Double)
    best_score: Mapped[float | None] = mapped_column(Double)
    prompt_versions: Mapped[str] = mapped_column(JsonText)
    score_history: Mapped[str] = mapped_column(JsonText)
    learnings: Mapped[str] = mapped_column(JsonText)
    artefacts: Mapped[str] = mapped_column(JsonText)
    metadata_: Mapped[str] = mapped_column("metadata", JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcTime)


THREADS = cast(Table, Thread.__table__)
MESSAGES = cast(Table, Message.__table__)
FEEDBACK = cast(Table, Feedback.__table__)
IDEMPOTENCY_KEYS = cast(Table, IdempotencyKey.__table__)
SUSPENDED_STATES = cast(Table, SuspendedState.__table__)
CHECKPOINTS = cast(Table, Checkpoint.__table__)
GRAPH_NAMESPACES = cast(Table, GraphNamespace.__table__)
GRAPH_CHECKPOINTS = cast(Table, GraphCheckpoint.__table__)
GRAPH_VALUES = cast(Table, GraphValue.__table__)
GRAPH_WRITES = cast(Table, GraphWrite.__table__)
ENCRYPTION_KEYS = cast(Table, EncryptionKey.__table__)
INVOCATION_LOGS = cast(Table, InvocationLog.__table__)
LOG_ANALYSES = cast(Table, LogAnalysis.__table__)
OPTIMIZATION_RUNS = cast(Table, OptimizationRun.__table__)
