"""Create the table of idempotency keys"""

from __future__ import annotations

import sqlalchemy as sa

from agentomatic_sql.dialects.types import BigId, Digest, Id, UtcTime
from agentomatic_sql.revision_ops import create_index, create_table, drop_table

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "idempotency_keys",
        sa.Column("thread_id", Id, nullable=False),
        sa.Column("operation", Id, nullable=False),
        sa.Column("key", Id, nullable=False),
        sa.Column("content_digest", Digest, nullable=False),
        sa.Column("first", BigId, nullable=False),
        sa.Column("count", BigId, nullable=False),
        sa.Column("created_at", UtcTime, nullable=False),
        sa.PrimaryKeyConstraint("thread_id", "operation", "key", name="pk_idempotency_keys"),
    )
    create_index("idempotency_keys", "created_at")


def downgrade() -> None:
    drop_table("idempotency_keys")
