"""Create the tables"""

from __future__ import annotations

import sqlalchemy as sa

from agentomatic_sql.dialects.types import BigId, Digest, ExactText, Id, JsonText, LongBytes, UtcTime
from agentomatic_sql.revision_ops import create_index, create_table, drop_table, recluster, schema

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
        sa.PrimaryKeyConstraint("id", name="pk_agentomatic_threads"),
        sa.ForeignKeyConstraint(
            ["parent_thread_id"], [_threads_id()], name="fk_agentomatic_threads_parent_thread_id", ondelete="SET NULL"
        ),
    )
    create_index("agentomatic_threads", "updated_at", "id")
    create_index("agentomatic_threads", "user_id", "updated_at", "id")
    create_index("agentomatic_threads", "agent_name", "updated_at", "id")
    create_index("agentomatic_threads", "parent_thread_id", "created_at", "id")


def _messages() -> None:
    create_table(
        "agentomatic_messages",
        sa.Column("id", BigId, sa.Identity(), nullable=False),
        sa.Column("thread_id", Id, nullable=False),
        sa.Column("position", BigId, nullable=False),
        sa.Column("role", Id, nullable=False),
        sa.Column("content", ExactText, nullable=False),
        sa.Column("metadata", JsonText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("token", BigId),
        sa.PrimaryKeyConstraint("id", name="pk_agentomatic_messages"),
        sa.ForeignKeyConstraint(
            ["thread_id"], [_threads_id()], name="fk_agentomatic_messages_thread_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("thread_id", "position", name="uq_agentomatic_messages_thread_id_position"),
        sqlite_autoincrement=True,
    )
    recluster(
        "agentomatic_messages",
        ("thread_id", "position"),
        unique=("uq_agentomatic_messages_id", ("id",)),
        instead_of="uq_agentomatic_messages_thread_id_position",
    )


def _feedback() -> None:
    create_table(
        "agentomatic_feedback",
        sa.Column("id", BigId, sa.Identity(), nullable=False),
        sa.Column("thread_id", Id, nullable=False),
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
        sa.PrimaryKeyConstraint("id", name="pk_agentomatic_feedback"),
        sqlite_autoincrement=True,
    )
    create_index("agentomatic_feedback", "agent_name", "id")
    create_index("agentomatic_feedback", "user_id", "id")
    create_index("agentomatic_feedback", "thread_id")


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
        sa.PrimaryKeyConstraint("id", name="pk_agentomatic_suspended_states"),
    )
    create_index("agentomatic_suspended_states", "created_at", "id")
    create_index("agentomatic_suspended_states", "thread_id", "created_at", "id")
    create_index("agentomatic_suspended_states", "agent_name", "created_at", "id")
    create_index("agentomatic_suspended_states", "expires_at")


def _checkpoints() -> None:
    create_table(
        "agentomatic_checkpoints",
        sa.Column("sequence", BigId, sa.Identity(), nullable=False),
        sa.Column("thread_id", Id, nullable=False),
        sa.Column("checkpoint_ns", Id, nullable=False),
        sa.Column("checkpoint_id", Id, nullable=False),
        sa.Column("parent_checkpoint_id", Id),
        sa.Column("checkpoint", JsonText, nullable=False),
        sa.Column("metadata", JsonText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("token", BigId, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("sequence", name="pk_agentomatic_checkpoints"),
        sa.UniqueConstraint(
            "thread_id",
            "checkpoint_ns",
            "checkpoint_id",
            name="uq_agentomatic_checkpoints_key",
        ),
        sqlite_autoincrement=True,
    )
    create_index("agentomatic_checkpoints", "thread_id", "checkpoint_ns", "sequence")


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
        sa.PrimaryKeyConstraint("thread_id", "operation", "key", name="pk_agentomatic_idempotency_keys"),
    )
    create_index("agentomatic_idempotency_keys", "created_at")


def _encryption_keys() -> None:
    create_table(
        "agentomatic_encryption_keys",
        sa.Column("id", Id, nullable=False),
        sa.Column("check_value", ExactText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agentomatic_encryption_keys"),
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
    create_index("agentomatic_graph_checkpoints", "checkpoint_id", "namespace_id")
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
        sa.Column("sequence", BigId, sa.Identity(), nullable=False),
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
        sa.PrimaryKeyConstraint("sequence", name="pk_agentomatic_invocation_logs"),
        sa.UniqueConstraint("id", name="uq_agentomatic_invocation_logs_id"),
        sqlite_autoincrement=True,
    )
    create_index("agentomatic_invocation_logs", "agent_name", "sequence")
    create_index("agentomatic_invocation_logs", "thread_id", "sequence")
    create_table(
        "agentomatic_log_analyses",
        sa.Column("sequence", BigId, sa.Identity(), nullable=False),
        sa.Column("id", Id, nullable=False),
        sa.Column("agent_name", Id, nullable=False),
        sa.Column("resource_type", Id, nullable=False),
        sa.Column("score", sa.Double),
        sa.Column("summary", ExactText, nullable=False),
        sa.Column("status", Id, nullable=False),
        sa.Column("recommendations", JsonText, nullable=False),
        sa.Column("metadata", JsonText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_agentomatic_log_analyses"),
        sa.UniqueConstraint("id", name="uq_agentomatic_log_analyses_id"),
        sqlite_autoincrement=True,
    )
    create_index("agentomatic_log_analyses", "agent_name", "resource_type", "sequence")
    create_table(
        "agentomatic_optimization_runs",
        sa.Column("sequence", BigId, sa.Identity(), nullable=False),
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
        sa.PrimaryKeyConstraint("sequence", name="pk_agentomatic_optimization_runs"),
        sa.UniqueConstraint("id", name="uq_agentomatic_optimization_runs_id"),
        sqlite_autoincrement=True,
    )
    create_index("agentomatic_optimization_runs", "agent_name", "sequence")
    create_index("agentomatic_optimization_runs", "experiment_id", "sequence")
