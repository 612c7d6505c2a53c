"""Create the tables of threads, messages, feedback, suspended states and checkpoints"""

from __future__ import annotations

import sqlalchemy as sa

from agentomatic_sql.dialects.types import BigId, ExactText, Id, JsonText, UtcTime
from agentomatic_sql.revision_ops import create_index, create_table, drop_table, schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _threads_id() -> str:
    return "threads.id" if schema() is None else f"{schema()}.threads.id"


def upgrade() -> None:
    _threads()
    _messages()
    _feedback()
    _suspended_states()
    _checkpoints()


def _threads() -> None:
    create_table(
        "threads",
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
        sa.PrimaryKeyConstraint("id", name="pk_threads"),
        sa.ForeignKeyConstraint(
            ["parent_thread_id"], [_threads_id()], name="fk_threads_parent_thread_id", ondelete="SET NULL"
        ),
    )
    create_index("threads", "updated_at", "id")
    create_index("threads", "user_id", "updated_at", "id")
    create_index("threads", "agent_name", "updated_at", "id")
    create_index("threads", "parent_thread_id", "created_at", "id")


def _messages() -> None:
    create_table(
        "messages",
        sa.Column("id", BigId, sa.Identity(), nullable=False),
        sa.Column("thread_id", Id, nullable=False),
        sa.Column("position", BigId, nullable=False),
        sa.Column("role", Id, nullable=False),
        sa.Column("content", ExactText, nullable=False),
        sa.Column("metadata", JsonText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(["thread_id"], [_threads_id()], name="fk_messages_thread_id", ondelete="CASCADE"),
        sa.UniqueConstraint("thread_id", "position", name="uq_messages_thread_id_position"),
        sqlite_autoincrement=True,
    )


def _feedback() -> None:
    create_table(
        "feedback",
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
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sqlite_autoincrement=True,
    )
    create_index("feedback", "agent_name", "id")
    create_index("feedback", "user_id", "id")
    create_index("feedback", "thread_id")


def _suspended_states() -> None:
    create_table(
        "suspended_states",
        sa.Column("id", Id, nullable=False),
        sa.Column("thread_id", Id, nullable=False),
        sa.Column("agent_name", Id, nullable=False),
        sa.Column("node_name", Id, nullable=False),
        sa.Column("state_snapshot", JsonText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.Column("expires_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suspended_states"),
    )
    create_index("suspended_states", "created_at", "id")
    create_index("suspended_states", "thread_id", "created_at", "id")
    create_index("suspended_states", "agent_name", "created_at", "id")
    create_index("suspended_states", "expires_at")


def _checkpoints() -> None:
    create_table(
        "checkpoints",
        sa.Column("sequence", BigId, sa.Identity(), nullable=False),
        sa.Column("thread_id", Id, nullable=False),
        sa.Column("checkpoint_ns", Id, nullable=False),
        sa.Column("checkpoint_id", Id, nullable=False),
        sa.Column("parent_checkpoint_id", Id),
        sa.Column("checkpoint", JsonText, nullable=False),
        sa.Column("metadata", JsonText, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_checkpoints"),
        sa.UniqueConstraint(
            "thread_id",
            "checkpoint_ns",
            "checkpoint_id",
            name="uq_checkpoints_thread_id_checkpoint_ns_checkpoint_id",
        ),
        sqlite_autoincrement=True,
    )
    create_index("checkpoints", "thread_id", "checkpoint_ns", "sequence")


def downgrade() -> None:
    for table in ("checkpoints", "suspended_states", "feedback", "messages", "threads"):
        drop_table(table)
