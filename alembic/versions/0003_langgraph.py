"""Create the tables of the checkpoints, values and writes of LangGraph graphs"""

from __future__ import annotations

import sqlalchemy as sa

from agentomatic_sql.dialects.types import BigId, Digest, ExactText, Id, JsonText, LongBytes, UtcTime
from agentomatic_sql.revision_ops import create_index, create_table, drop_table

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "graph_namespaces",
        sa.Column("id", BigId, sa.Identity(), nullable=False),
        sa.Column("digest", Digest, nullable=False),
        sa.Column("thread_digest", Digest, nullable=False),
        sa.Column("thread_id", ExactText, nullable=False),
        sa.Column("checkpoint_ns", ExactText, nullable=False),
        sa.Column("generation", BigId, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_graph_namespaces"),
        sa.UniqueConstraint("digest", name="uq_graph_namespaces_digest"),
        sqlite_autoincrement=True,
    )
    create_index("graph_namespaces", "thread_digest")
    create_table(
        "graph_checkpoints",
        sa.Column("namespace_id", BigId, nullable=False, autoincrement=False),
        sa.Column("checkpoint_id", Id, nullable=False),
        sa.Column("parent_checkpoint_id", Id),
        sa.Column("run_digest", Digest),
        sa.Column("segments", JsonText, nullable=False),
        sa.Column("body", LongBytes, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "checkpoint_id", name="pk_graph_checkpoints"),
    )
    create_index("graph_checkpoints", "checkpoint_id", "namespace_id")
    create_index("graph_checkpoints", "run_digest")
    create_table(
        "graph_values",
        sa.Column("namespace_id", BigId, nullable=False, autoincrement=False),
        sa.Column("segment", BigId, nullable=False, autoincrement=False),
        sa.Column("position", BigId, nullable=False, autoincrement=False),
        sa.Column("body", LongBytes, nullable=False),
        sa.PrimaryKeyConstraint("namespace_id", "segment", "position", name="pk_graph_values"),
    )
    create_table(
        "graph_writes",
        sa.Column("sequence", BigId, sa.Identity(), nullable=False),
        sa.Column("namespace_id", BigId, nullable=False),
        sa.Column("checkpoint_id", Id, nullable=False),
        sa.Column("body", LongBytes, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_graph_writes"),
        sqlite_autoincrement=True,
    )
    create_index("graph_writes", "namespace_id", "checkpoint_id", "sequence")


def downgrade() -> None:
    for table in ("graph_writes", "graph_values", "graph_checkpoints", "graph_namespaces"):
        drop_table(table)
