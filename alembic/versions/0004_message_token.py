"""Add to messages the token of the call that stored them"""

from __future__ import annotations

import sqlalchemy as sa

from agentomatic_sql.dialects.types import BigId
from agentomatic_sql.revision_ops import add_column, drop_column

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_column("messages", sa.Column("token", BigId))


def downgrade() -> None:
    drop_column("messages", "token")
