"""Store messages in the order of thread and position on MySQL and MariaDB"""

from __future__ import annotations

from agentomatic_sql.revision_ops import recluster

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = ("id",)
THREAD_AND_POSITION = ("thread_id", "position")
UNIQUE_ID = "uq_messages_id"
UNIQUE_POSITION = "uq_messages_thread_id_position"


def upgrade() -> None:
    recluster("messages", THREAD_AND_POSITION, unique=(UNIQUE_ID, ID), instead_of=UNIQUE_POSITION)


def downgrade() -> None:
    recluster("messages", ID, unique=(UNIQUE_POSITION, THREAD_AND_POSITION), instead_of=UNIQUE_ID)
