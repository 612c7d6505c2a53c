"""The tables: columns, keys and indexes. Alembic's revisions must lead to exactly this schema.

Statements use the tables, not the classes of `models`: no row is ever loaded as an object, and a store does not import
SQLAlchemy's ORM. Generated numbers are identity columns: CockroachDB's SERIAL would generate numbers beyond 2^53.

The key of everything that belongs to a thread begins with the thread, so that a server can keep a thread's rows
together. No order rests on a generated number: servers that write at the same time generate them in ranges.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Double, ForeignKey, Identity, Index, Integer, MetaData, Table, UniqueConstraint

from .dialects.types import BigId, Digest, ExactText, Id, JsonText, LongBytes, UtcTime

NUMBERED = "agentomatic_sql.numbered"
"""Key of a table's `info`: its column with a number that the database generates, beside the primary key.

Databases differ in the keys that such a column needs: see `dialects.Dialect.generated_number_key`.
"""

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
"""All tables; it names every key and index."""


def _needed(name: str, *definition: Any, **options: Any) -> Column[Any]:
    """Return a column that is never NULL."""
    return Column(name, *definition, nullable=False, **options)


THREADS = Table(
    "agentomatic_threads",
    METADATA,
    Column("id", Id, primary_key=True),
    _needed("user_id", Id),
    _needed("agent_name", Id),
    Column("title", ExactText),
    _needed("metadata", JsonText),
    _needed("message_count", BigId),
    Column("parent_thread_id", Id),
    Column("fork_message_index", BigId),
    _needed("created_at", UtcTime),
    _needed("updated_at", UtcTime),
    _needed("epoch", BigId, server_default="0"),
    _needed("version", BigId, server_default="0"),
    _needed("attached", BigId, server_default="0"),
    Index(None, "updated_at", "id"),
    Index(None, "user_id", "updated_at", "id"),
    Index(None, "agent_name", "updated_at", "id"),
    Index(None, "parent_thread_id", "created_at", "id"),
)
"""A conversation; `message_count` is also the position of its next message.

Every write to a thread names the `epoch` that its writer knows (`tokens`). `version` is the token of the call that
created the thread or changed its columns last. `attached` counts the rows that were stored in the thread without
another change to this row (feedback, checkpoints, forks). So whoever stores something in a thread and whoever
deletes the thread write the same row, and on every kind of server one of them comes first.

`parent_thread_id` is not a foreign key: the deletion of a thread sets it to NULL in the forks.
"""

MESSAGES = Table(
    "agentomatic_messages",
    METADATA,
    Column("thread_id", Id, ForeignKey("agentomatic_threads.id", ondelete="CASCADE"), primary_key=True),
    Column("position", BigId, primary_key=True, autoincrement=False),
    _needed("id", BigId, Identity()),
    _needed("role", Id),
    _needed("content", ExactText),
    _needed("metadata", JsonText),
    _needed("created_at", UtcTime),
    Column("token", BigId),
    info={NUMBERED: "id"},
)
"""A message; `position` counts from 0 in its thread.

`token` is a random number of the call that stored the message: after a lost connection the call finds its messages
by it. Encrypted fields are bound to it, too.
"""

FEEDBACK = Table(
    "agentomatic_feedback",
    METADATA,
    Column("thread_id", Id, primary_key=True),
    Column("id", BigId, Identity(), primary_key=True),
    Column("message_id", BigId),
    _needed("user_id", Id),
    _needed("agent_name", Id),
    Column("rating", Integer),
    Column("comment", ExactText),
    _needed("feedback_type", Id),
    _needed("query", ExactText),
    _needed("response", ExactText),
    Column("correction", ExactText),
    _needed("created_at", UtcTime),
    Index(None, "created_at", "id"),
    Index(None, "agent_name", "created_at", "id"),
    Index(None, "user_id", "created_at", "id"),
    info={NUMBERED: "id"},
)
"""A rating or comment. It has no foreign keys, because its thread and message need not exist."""

IDEMPOTENCY_KEYS = Table(
    "agentomatic_idempotency_keys",
    METADATA,
    Column("thread_id", Id, primary_key=True),
    Column("operation", Id, primary_key=True),
    Column("key", Id, primary_key=True),
    _needed("content_digest", Digest),
    _needed("first", BigId),
    _needed("count", BigId),
    _needed("created_at", UtcTime),
    Index(None, "created_at"),
)
"""A caller's idempotency key and the rows that were stored with it: `count` of them.

`first` is the position of the first message, or the id of the feedback. The first versions of this package compare
`content_digest`; with encryption it is empty. There is no foreign key to the thread, because the thread of a
feedback need not exist.
"""

SUSPENDED_STATES = Table(
    "agentomatic_suspended_states",
    METADATA,
    Column("id", Id, primary_key=True),
    _needed("thread_id", Id),
    _needed("agent_name", Id),
    _needed("node_name", Id),
    _needed("state_snapshot", JsonText),
    _needed("created_at", UtcTime),
    _needed("expires_at", UtcTime),
    _needed("token", BigId, server_default="0"),
    Index(None, "created_at", "id"),
    Index(None, "thread_id", "created_at", "id"),
    Index(None, "agent_name", "created_at", "id"),
    Index(None, "expires_at"),
)
"""An execution that waits for a human; from `expires_at` on it is no longer returned.

`token` is a random number of the call that saved it. Whoever claims the state names the token.
"""

CHECKPOINTS = Table(
    "agentomatic_checkpoints",
    METADATA,
    Column("thread_id", Id, primary_key=True),
    Column("namespace_digest", Digest, primary_key=True),
    Column("checkpoint_id", Id, primary_key=True),
    _needed("checkpoint_ns", ExactText),
    _needed("sequence", BigId),
    Column("parent_checkpoint_id", Id),
    _needed("checkpoint", JsonText),
    _needed("metadata", JsonText),
    _needed("created_at", UtcTime),
    _needed("token", BigId, server_default="0"),
    Index("ix_agentomatic_checkpoints_sequence", "thread_id", "namespace_digest", "sequence", "checkpoint_id"),
)
"""A checkpoint that `save_checkpoint` stored.

A namespace may have any length, so the key has a digest of it. `sequence` is the order in which the namespace's
checkpoints were first saved; two that were saved at the same time may share a number, and follow the order of their
ids. `token` is a random number of the call that saved the checkpoint last.
"""

GRAPH_NAMESPACES = Table(
    "agentomatic_graph_namespaces",
    METADATA,
    Column("thread_digest", BigId, primary_key=True, autoincrement=False),
    Column("id", BigId, primary_key=True, autoincrement=False),
    _needed("digest", Digest),
    _needed("thread_id", ExactText),
    _needed("checkpoint_ns", ExactText),
    _needed("epoch", BigId),
    _needed("generation", BigId),
    _needed("sequence", BigId),
    UniqueConstraint("thread_digest", "digest"),
)
"""A namespace of a LangGraph graph in a thread; whoever changes what is stored in it writes its row.

Thread id and namespace may have any length. `thread_digest` is a digest of the thread id, with which every key of
what graphs store begins; `digest` is one of both. `id` is random, so a namespace that is made anew has another one.

`epoch` is random and new after every checkpoint that is stored and every removal: a writer names the one that it
knows. `generation` grows with every removal, and when a call whose answer was lost is refused for good. `sequence`
is the number of the last row of writes.
"""

GRAPH_CHECKPOINTS = Table(
    "agentomatic_graph_checkpoints",
    METADATA,
    Column("thread_digest", BigId, primary_key=True, autoincrement=False),
    Column("namespace_id", BigId, primary_key=True, autoincrement=False),
    Column("checkpoint_id", Id, primary_key=True),
    Column("parent_checkpoint_id", Id),
    Column("run_digest", Digest),
    _needed("segments", JsonText),
    _needed("body", LongBytes),
    _needed("created_at", UtcTime),
    Index(None, "checkpoint_id", "namespace_id"),
    Index(None, "run_digest"),
)
"""A checkpoint of a graph without its long values, which are in `graph_values`.

`segments` names the rows of `graph_values` that the checkpoint reads: a JSON array of pairs (segment, last position
that belongs to this checkpoint).
"""

GRAPH_VALUES = Table(
    "agentomatic_graph_values",
    METADATA,
    Column("thread_digest", BigId, primary_key=True, autoincrement=False),
    Column("namespace_id", BigId, primary_key=True, autoincrement=False),
    Column("segment", BigId, primary_key=True, autoincrement=False),
    Column("position", BigId, primary_key=True, autoincrement=False),
    _needed("body", LongBytes),
)
"""The part that one checkpoint added to the value of a channel. Only rekeying changes a stored row."""

GRAPH_WRITES = Table(
    "agentomatic_graph_writes",
    METADATA,
    Column("thread_digest", BigId, primary_key=True, autoincrement=False),
    Column("namespace_id", BigId, primary_key=True, autoincrement=False),
    Column("checkpoint_id", Id, primary_key=True),
    Column("sequence", BigId, primary_key=True, autoincrement=False),
    _needed("token", BigId),
    _needed("body", LongBytes),
)
"""The writes of one call of `put_writes`. No foreign key: their checkpoint may be stored later.

`sequence` counts the rows of the namespace. `token` is a random number of the call.
"""

ENCRYPTION_KEYS = Table(
    "agentomatic_encryption_keys",
    METADATA,
    Column("id", Id, primary_key=True),
    _needed("check_value", ExactText),
    _needed("created_at", UtcTime),
)
"""The id of a key with which fields may be encrypted; `check_value` is the empty text, encrypted with it."""

INVOCATION_LOGS = Table(
    "agentomatic_invocation_logs",
    METADATA,
    Column("id", Id, primary_key=True),
    _needed("agent_name", Id),
    _needed("resource_type", Id),
    Column("thread_id", Id),
    Column("run_id", Id),
    _needed("endpoint", Id),
    _needed("input", JsonText),
    _needed("output", JsonText),
    _needed("metadata", JsonText),
    Column("error", ExactText),
    Column("duration_ms", Double),
    _needed("status", Id),
    _needed("created_at", UtcTime),
    Index(None, "created_at", "id"),
    Index(None, "agent_name", "created_at", "id"),
    Index(None, "thread_id", "created_at", "id"),
)
"""A call of an agent, plugin, pipeline or endpoint of the platform."""

LOG_ANALYSES = Table(
    "agentomatic_log_analyses",
    METADATA,
    Column("id", Id, primary_key=True),
    _needed("agent_name", Id),
    _needed("resource_type", Id),
    Column("score", Double),
    _needed("summary", ExactText),
    _needed("status", Id),
    _needed("recommendations", JsonText),
    _needed("metadata", JsonText),
    _needed("created_at", UtcTime),
    Index(None, "created_at", "id"),
    Index("ix_agentomatic_log_analyses_resource", "agent_name", "resource_type", "created_at", "id"),
)
"""The result of the platform's analysis of a resource's invocation logs."""

OPTIMIZATION_RUNS = Table(
    "agentomatic_optimization_runs",
    METADATA,
    Column("id", Id, primary_key=True),
    _needed("experiment_id", Id),
    _needed("agent_name", Id),
    Column("baseline_score", Double),
    Column("best_score", Double),
    _needed("prompt_versions", JsonText),
    _needed("score_history", JsonText),
    _needed("learnings", JsonText),
    _needed("artefacts", JsonText),
    _needed("metadata", JsonText),
    _needed("created_at", UtcTime),
    Index(None, "created_at", "id"),
    Index(None, "agent_name", "created_at", "id"),
    Index("ix_agentomatic_optimization_runs_experiment", "experiment_id", "created_at", "id"),
)
"""A run of the platform's prompt optimization or retraining."""
