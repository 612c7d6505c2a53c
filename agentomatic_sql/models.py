"""The tables as mapped classes, for an application's own queries with SQLAlchemy's ORM.

`tables.py` defines the columns, and says what they mean. The package itself never imports this module, because the ORM
takes a tenth of a second to import.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import DeclarativeBase, Mapped, column_property

from . import tables


class Base(DeclarativeBase):
    """The base of the mapped classes."""

    metadata = tables.METADATA


class Thread(Base):
    """A conversation."""

    __table__ = tables.THREADS

    id: Mapped[str]
    user_id: Mapped[str]
    agent_name: Mapped[str]
    title: Mapped[str | None]
    metadata_: Mapped[str] = column_property(tables.THREADS.c.metadata)
    message_count: Mapped[int]
    parent_thread_id: Mapped[str | None]
    fork_message_index: Mapped[int | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    epoch: Mapped[int]
    version: Mapped[int]
    attached: Mapped[int]


class Message(Base):
    """A message of a thread."""

    __table__ = tables.MESSAGES

    thread_id: Mapped[str]
    position: Mapped[int]
    id: Mapped[int]
    role: Mapped[str]
    content: Mapped[str]
    metadata_: Mapped[str] = column_property(tables.MESSAGES.c.metadata)
    created_at: Mapped[datetime]
    token: Mapped[int | None]


class Feedback(Base):
    """A rating or comment."""

    __table__ = tables.FEEDBACK

    thread_id: Mapped[str]
    id: Mapped[int]
    message_id: Mapped[int | None]
    user_id: Mapped[str]
    agent_name: Mapped[str]
    rating: Mapped[int | None]
    comment: Mapped[str | None]
    feedback_type: Mapped[str]
    query: Mapped[str]
    response: Mapped[str]
    correction: Mapped[str | None]
    created_at: Mapped[datetime]


class IdempotencyKey(Base):
    """A caller's idempotency key, and the rows that were stored with it."""

    __table__ = tables.IDEMPOTENCY_KEYS

    thread_id: Mapped[str]
    operation: Mapped[str]
    key: Mapped[str]
    content_digest: Mapped[str]
    first: Mapped[int]
    count: Mapped[int]
    created_at: Mapped[datetime]


class SuspendedState(Base):
    """An execution that waits for a human."""

    __table__ = tables.SUSPENDED_STATES

    id: Mapped[str]
    thread_id: Mapped[str]
    agent_name: Mapped[str]
    node_name: Mapped[str]
    state_snapshot: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    token: Mapped[int]


class Checkpoint(Base):
    """A checkpoint that `save_checkpoint` stored."""

    __table__ = tables.CHECKPOINTS

    thread_id: Mapped[str]
    namespace_digest: Mapped[str]
    checkpoint_id: Mapped[str]
    checkpoint_ns: Mapped[str]
    sequence: Mapped[int]
    parent_checkpoint_id: Mapped[str | None]
    checkpoint: Mapped[str]
    metadata_: Mapped[str] = column_property(tables.CHECKPOINTS.c.metadata)
    created_at: Mapped[datetime]
    token: Mapped[int]


class GraphNamespace(Base):
    """A namespace of a LangGraph graph in a thread."""

    __table__ = tables.GRAPH_NAMESPACES

    thread_digest: Mapped[int]
    id: Mapped[int]
    digest: Mapped[str]
    thread_id: Mapped[str]
    checkpoint_ns: Mapped[str]
    epoch: Mapped[int]
    generation: Mapped[int]
    sequence: Mapped[int]


class GraphCheckpoint(Base):
    """A checkpoint of a graph without its long values."""

    __table__ = tables.GRAPH_CHECKPOINTS

    thread_digest: Mapped[int]
    namespace_id: Mapped[int]
    checkpoint_id: Mapped[str]
    parent_checkpoint_id: Mapped[str | None]
    run_digest: Mapped[str | None]
    segments: Mapped[str]
    body: Mapped[bytes]
    created_at: Mapped[datetime]


class GraphValue(Base):
    """The part that one checkpoint added to the value of a channel."""

    __table__ = tables.GRAPH_VALUES

    thread_digest: Mapped[int]
    namespace_id: Mapped[int]
    segment: Mapped[int]
    position: Mapped[int]
    body: Mapped[bytes]


class GraphWrite(Base):
    """The writes of one call of `put_writes`."""

    __table__ = tables.GRAPH_WRITES

    thread_digest: Mapped[int]
    namespace_id: Mapped[int]
    checkpoint_id: Mapped[str]
    sequence: Mapped[int]
    token: Mapped[int]
    body: Mapped[bytes]


class EncryptionKey(Base):
    """The id of a key with which fields may be encrypted."""

    __table__ = tables.ENCRYPTION_KEYS

    id: Mapped[str]
    check_value: Mapped[str]
    created_at: Mapped[datetime]


class InvocationLog(Base):
    """A call of an agent, plugin, pipeline or endpoint of the platform."""

    __table__ = tables.INVOCATION_LOGS

    id: Mapped[str]
    agent_name: Mapped[str]
    resource_type: Mapped[str]
    thread_id: Mapped[str | None]
    run_id: Mapped[str | None]
    endpoint: Mapped[str]
    input: Mapped[str]
    output: Mapped[str]
    metadata_: Mapped[str] = column_property(tables.INVOCATION_LOGS.c.metadata)
    error: Mapped[str | None]
    duration_ms: Mapped[float | None]
    status: Mapped[str]
    created_at: Mapped[datetime]


class LogAnalysis(Base):
    """The result of the platform's analysis of a resource's invocation logs."""

    __table__ = tables.LOG_ANALYSES

    id: Mapped[str]
    agent_name: Mapped[str]
    resource_type: Mapped[str]
    score: Mapped[float | None]
    summary: Mapped[str]
    status: Mapped[str]
    recommendations: Mapped[str]
    metadata_: Mapped[str] = column_property(tables.LOG_ANALYSES.c.metadata)
    created_at: Mapped[datetime]


class OptimizationRun(Base):
    """A run of the platform's prompt optimization or retraining."""

    __table__ = tables.OPTIMIZATION_RUNS

    id: Mapped[str]
    experiment_id: Mapped[str]
    agent_name: Mapped[str]
    baseline_score: Mapped[float | None]
    best_score: Mapped[float | None]
    prompt_versions: Mapped[str]
    score_history: Mapped[str]
    learnings: Mapped[str]
    artefacts: Mapped[str]
    metadata_: Mapped[str] = column_property(tables.OPTIMIZATION_RUNS.c.metadata)
    created_at: Mapped[datetime]
