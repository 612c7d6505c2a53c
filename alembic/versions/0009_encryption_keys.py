"""Create the table of encryption key ids, with a check value for each key"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, Table

from agentomatic_sql.dialects.types import ExactText, Id, UtcTime
from agentomatic_sql.revision_ops import create_table, drop_table, execute, schema

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_table(
        "encryption_keys",
        Column("id", Id, nullable=False),
        Column("check_value", ExactText, nullable=False),
        Column("created_at", UtcTime, nullable=False),
        PrimaryKeyConstraint("id", name="pk_encryption_keys"),
    )
    if context.get_context().dialect.name == "postgresql":  # a store checks its keys whoever its user is
        keys = Table("encryption_keys", MetaData(), schema=schema())
        named = context.get_context().dialect.identifier_preparer.format_table(keys)
        execute(f"CREATE POLICY agentomatic_sql_user ON {named} USING (true)")


def downgrade() -> None:
    drop_table("encryption_keys")
