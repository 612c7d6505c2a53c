"""Create the tables"""

from __future__ import annotations

import sqlalchemy as sa

from agentomatic_sql.dialects.types import BigId, Digest, ExactText, GeneratedId, Id, JsonText, LongBytes, UtcTime
from agentomatic_sql.revision_ops import create_index, create_table, drop_table, keys, schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "agentomatic_threads",
    "agentomatic_messages",
    "agentomatic_feedback",
    "agentomatic_idempotency_keys",
    "agentomatic_suspended_states",
    "agentomatic_checkpoints",
    "agentomatic_graph_namespaces",
    "agentomatic_graph_checkpoints",
    "agentomatic_graph_values",
    "agentomatic_graph_writes",
    "agentomatic_invocation_logs",
    "agentomatic_log_analyses",
    "agentomatic_optimization_runs",
    "agentomatic_encryption_keys",
)


def upgrade() -> None:
    _threads()
    _messages()
    _feedback()
    _idempotency_keys()
    _suspended_states()
    _checkpoints()
    _graphs()
    _history()
    _encryption_keys()


def downgrade() -> None:
    for table in reversed(TABLES):
        drop_table(table)


def _threads_id() -> str:
    return "agentomatic_threads.id" if schema() is None else f"{schema()}.agentomatic_threads.id"


def _threads() -> None:
    create_table(
        "agentomatic_threads",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("agent_name", Id, nullable=False),
        sa.Column("title", ExactText),
        sa.Column("metadata", JsonText, nullable=False),
        sa.Column("message_count", BigId, nullable=False),
        sa.Column("parent_thread_id", Id),
        sa.Column("fork_message_index", BigId),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("updated_at", UtcTime, nullable=False),
        sa.Column("epoch", BigId, nullable=False, server_default="0"),
        sa.Column("version", BigId, nullable=False, server_default="0"),
        sa.Column("attached", BigId, nullable=False, server_default="0"),
        *keys("agentomatic_threads", ("id",)),
    )
    create_index("agentomatic_threads", "updated_at", "id", ascending=True)
    create_index("agentomatic_threads", "user_id", "updated_at", "id")
    create_index("agentomatic_threads", "agent_name", "updated_at", "id", ascending=True)
    create_index("agentomatic_threads", "parent_thread_id", "created_at", "id")


def _messages() -> None:
    create_table(
        "agentomatic_messages",
        sa.Column("thread_id", Id, nullable=False),
        sa.Column("position", BigId, nullable=False, autoincrement=False),
        sa.Column("id", GeneratedId, sa.Identity(), nullable=False),
        sa.Column("role", Id, nullable=False),
        sa.Column("content", ExactText, nullable=False),
        sa.Column("metadata", JsonText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("token", BigId),
        *keys("agentomatic_messages", ("thread_id", "position"), number="id"),
        sa.ForeignKeyConstraint(
            ["thread_id"], [_threads_id()], name="fk_agentomatic_messages_thread_id", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )


def _feedback() -> None:
    create_table(
        "agentomatic_feedback",
        sa.Column("thread_id", Id, nullable=False),
        sa.Column("id", GeneratedId, sa.Identity(), nullable=False),
        sa.Column("message_id", BigId),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("agent_name", Id, nullable=False),
        sa.Column("rating", sa.Integer),
        sa.Column("comment", ExactText),
        sa.Column("feedback_type", Id, nullable=False),
        sa.Column("query", ExactText, nullable=False),
        sa.Column("response", ExactText, nullable=False),
        sa.Column("correction", ExactText),
        sa.Column("created_at", UtcTime, nullable=False),
        *keys("agentomatic_feedback", ("thread_id", "id"), number="id"),
        sqlite_autoincrement=True,
    )
    create_index("agentomatic_feedback", "created_at", "id", ascending=True)
    create_index("agentomatic_feedback", "agent_name", "created_at", "id", ascending=True)
    create_index("agentomatic_feedback", "user_id", "created_at", "id")


def _suspended_states() -> None:
    create_table(
        "agentomatic_suspended_states",
        sa.Column("id", Id, nullable=False),
        sa.Column("thread_id", Id, nullable=False),
        sa.Column("agent_name", Id, nullable=False),
        sa.Column("node_name", Id, nullable=False),
        sa.Column("state_snapshot", JsonText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.Column("token", BigId, nullable=False, server_default="0"),
        *keys("agentomatic_suspended_states", ("id",)),
    )
    create_index("agentomatic_suspended_states", "created_at", "id", ascending=True)
    create_index("agentomatic_suspended_states", "thread_id", "created_at", "id")
    create_index("agentomatic_suspended_states", "agent_name", "created_at", "id", ascending=True)
    create_index("agentomatic_suspended_states", "expires_at", ascending=True)


def _checkpoints() -> None:
    create_table(
        "agentomatic_checkpoints",
        sa.Column("thread_id", Id, nullable=False),
        sa.Column("namespace_digest", Digest, nullable=False),
        sa.Column("checkpoint_id", Id, nullable=False),
        sa.Column("checkpoint_ns", ExactText, nullable=False),
        sa.Column("sequence", BigId, nullable=False),
        sa.Column("parent_checkpoint_id", Id),
        sa.Column("checkpoint", JsonText, nullable=False),
        sa.Column("metadata", JsonText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("token", BigId, nullable=False, server_default="0"),
        *keys("agentomatic_checkpoints", ("thread_id", "namespace_digest", "checkpoint_id")),
    )
    create_index(
        "agentomatic_checkpoints",
        "thread_id",
        "namespace_digest",
        "sequence",
        "checkpoint_id",
        name="ix_agentomatic_checkpoints_sequence",
    )


def _idempotency_keys() -> None:
    create_table(
        "agentomatic_idempotency_keys",
        sa.Column("thread_id", Id, nullable=False),
        sa.Column("operation", Id, nullable=False),
        sa.Column("key", Id, nullable=False),
        sa.Column("content_digest", Digest, nullable=False),
        sa.Column("first", BigId, nullable=False),
        sa.Column("count", BigId, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        *keys("agentomatic_idempotency_keys", ("thread_id", "operation", "key")),
    )
    create_index("agentomatic_idempotency_keys", "created_at", ascending=True)


def _encryption_keys() -> None:
    create_table(
        "agentomatic_encryption_keys",
        sa.Column("id", Id, nullable=False),
        sa.Column("check_value", ExactText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        *keys("agentomatic_encryption_keys", ("id",)),
    )


def _graphs() -> None:
    create_table(
        "agentomatic_graph_namespaces",
        sa.Column("thread_digest", BigId, nullable=False, autoincrement=False),
        sa.Column("id", BigId, nullable=False, autoincrement=False),
        sa.Column("digest", Digest, nullable=False),
        sa.Column("thread_id", ExactText, nullable=False),
        sa.Column("checkpoint_ns", ExactText, nullable=False),
        sa.Column("epoch", BigId, nullable=False),
        sa.Column("generation", BigId, nullable=False),
        sa.Column("sequence", BigId, nullable=False),
        sa.PrimaryKeyConstraint("thread_digest", "id", name="pk_agentomatic_graph_namespaces"),
        sa.UniqueConstraint("thread_digest", "digest", name="uq_agentomatic_graph_namespaces_thread_digest_digest"),
    )
    create_table(
        "agentomatic_graph_checkpoints",
        sa.Column("thread_digest", BigId, nullable=False, autoincrement=False),
        sa.Column("namespace_id", BigId, nullable=False, autoincrement=False),
        sa.Column("checkpoint_id", Id, nullable=False),
        sa.Column("parent_checkpoint_id", Id),
        sa.Column("run_digest", Digest),
        sa.Column("segments", JsonText, nullable=False),
        sa.Column("body", LongBytes, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint(
            "thread_digest", "namespace_id", "checkpoint_id", name="pk_agentomatic_graph_checkpoints"
        ),
    )
    create_index("agentomatic_graph_checkpoints", "checkpoint_id", "namespace_id", ascending=True)
    create_index("agentomatic_graph_checkpoints", "run_digest")
    create_table(
        "agentomatic_graph_values",
        sa.Column("thread_digest", BigId, nullable=False, autoincrement=False),
        sa.Column("namespace_id", BigId, nullable=False, autoincrement=False),
        sa.Column("segment", BigId, nullable=False, autoincrement=False),
        sa.Column("position", BigId, nullable=False, autoincrement=False),
        sa.Column("body", LongBytes, nullable=False),
        sa.PrimaryKeyConstraint(
            "thread_digest", "namespace_id", "segment", "position", name="pk_agentomatic_graph_values"
        ),
    )
    create_table(
        "agentomatic_graph_writes",
        sa.Column("thread_digest", BigId, nullable=False, autoincrement=False),
        sa.Column("namespace_id", BigId, nullable=False, autoincrement=False),
        sa.Column("checkpoint_id", Id, nullable=False),
        sa.Column("sequence", BigId, nullable=False, autoincrement=False),
        sa.Column("token", BigId, nullable=False),
        sa.Column("body", LongBytes, nullable=False),
        sa.PrimaryKeyConstraint(
            "thread_digest", "namespace_id", "checkpoint_id", "sequence", name="pk_agentomatic_graph_writes"
        ),
    )


def _history() -> None:
    create_table(
        "agentomatic_invocation_logs",
        sa.Column("id", Id, nullable=False),
        sa.Column("agent_name", Id, nullable=False),
        sa.Column("resource_type", Id, nullable=False),
        sa.Column("thread_id", Id),
        sa.Column("run_id", Id),
        sa.Column("endpoint", Id, nullable=False),
        sa.Column("input", JsonText, nullable=False),
        sa.Column("output", JsonText, nullable=False),
        sa.Column("metadata", JsonText, nullable=False),
        sa.Column("error", ExactText),
        sa.Column("duration_ms", sa.Double),
        sa.Column("status", Id, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        *keys("agentomatic_invocation_logs", ("id",)),
    )
    create_index("agentomatic_invocation_logs", "created_at", "id", ascending=True)
    create_index("agentomatic_invocation_logs", "agent_name", "created_at", "id", ascending=True)
    create_index("agentomatic_invocation_logs", "thread_id", "created_at", "id")
    create_table(
        "agentomatic_log_analyses",
        sa.Column("id", Id, nullable=False),
        sa.Column("agent_name", Id, nullable=False),
        sa.Column("resource_type", Id, nullable=False),
        sa.Column("score", sa.Double),
        sa.Column("summary", ExactText, nullable=False),
        sa.Column("status", Id, nullable=False),
        sa.Column("recommendations", JsonText, nullable=False),
        sa.Column("metadata", JsonText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        *keys("agentomatic_log_analyses", ("id",)),
    )
    create_index("agentomatic_log_analyses", "created_at", "id", ascending=True)
    create_index(
        "agentomatic_log_analyses",
        "agent_name",
        "resource_type",
        "created_at",
        "id",
        name="ix_agentomatic_log_analyses_resource",
        ascending=True,
    )
    create_table(
        "agentomatic_optimization_runs",
        sa.Column("id", Id, nullable=False),
        sa.Column("experiment_id", Id, nullable=False),
        sa.Column("agent_name", Id, nullable=False),
        sa.Column("baseline_score", sa.Double),
        sa.Column("best_score", sa.Double),
        sa.Column("prompt_versions", JsonText, nullable=False),
        sa.Column("score_history", JsonText, nullable=False),
        sa.Column("learnings", JsonText, nullable=False),
        sa.Column("artefacts", JsonText, nullable=False),
        sa.Column("metadata", JsonText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        *keys("agentomatic_optimization_runs", ("id",)),
    )
    create_index("agentomatic_optimization_runs", "created_at", "id", ascending=True)
    create_index("agentomatic_optimization_runs", "agent_name", "created_at", "id", ascending=True)
    create_index(
        "agentomatic_optimization_runs",
        "experiment_id",
        "created_at",
        "id",
        name="ix_agentomatic_optimization_runs_experiment",
    )
