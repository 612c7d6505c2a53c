"""On MySQL and MariaDB, messages lie on disk by thread and position"""

from __future__ import annotations

from agentomatic_sql.revision_ops import recluster

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BY_NUMBER = ("id",)
BY_THREAD = ("thread_id", "position")
UNIQUE_NUMBER = "uq_messages_id"
UNIQUE_PLACE = "uq_messages_thread_id_position"


def upgrade() -> None:
    recluster("messages", BY_THREAD, unique=(UNIQUE_NUMBER, BY_NUMBER), instead_of=UNIQUE_PLACE)


def downgrade() -> None:
    recluster("messages", BY_NUMBER, unique=(UNIQUE_PLACE, BY_THREAD), instead_of=UNIQUE_NUMBER)
