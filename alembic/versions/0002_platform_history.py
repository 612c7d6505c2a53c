"""Create the tables of the platform's invocation logs, log analyses and optimization runs"""

from __future__ import annotations

import sqlalchemy as sa

from agentomatic_sql.dialects.types import BigId, ExactText, Id, JsonText, UtcTime
from agentomatic_sql.revision_ops import create_index, create_table, drop_table

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "agent_invocation_logs",
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
        sa.PrimaryKeyConstraint("sequence", name="pk_agent_invocation_logs"),
        sa.UniqueConstraint("id", name="uq_agent_invocation_logs_id"),
        sqlite_autoincrement=True,
    )
    create_index("agent_invocation_logs", "agent_name", "sequence")
    create_index("agent_invocation_logs", "thread_id", "sequence")
    create_table(
        "log_analyses",
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
        sa.PrimaryKeyConstraint("sequence", name="pk_log_analyses"),
        sa.UniqueConstraint("id", name="uq_log_analyses_id"),
        sqlite_autoincrement=True,
    )
    create_index("log_analyses", "agent_name", "resource_type", "sequence")
    create_table(
        "optimization_runs",
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
        sa.PrimaryKeyConstraint("sequence", name="pk_optimization_runs"),
        sa.UniqueConstraint("id", name="uq_optimization_runs_id"),
        sqlite_autoincrement=True,
    )
    create_index("optimization_runs", "agent_name", "sequence")
    create_index("optimization_runs", "experiment_id", "sequence")


def downgrade() -> None:
    for table in ("optimization_runs", "log_analyses", "agent_invocation_logs"):
        drop_table(table)
