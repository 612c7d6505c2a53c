"""Add the numbers by which a write is found again after its answer was lost"""

from __future__ import annotations

import sqlalchemy as sa

from agentomatic_sql.dialects.types import BigId
from agentomatic_sql.revision_ops import add_column, drop_column

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = (("threads", "epoch"), ("threads", "version"), ("suspended_states", "token"), ("checkpoints", "token"))


def upgrade() -> None:
    for table, column in COLUMNS:
        add_column(table, sa.Column(column, BigId, nullable=False, server_default="0"))


def downgrade() -> None:
    for table, column in reversed(COLUMNS):
        drop_column(table, column)
