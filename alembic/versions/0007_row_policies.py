"""Policies by which PostgreSQL itself keeps users apart, once row-level security is switched on

They are there and do nothing until then: `agentomatic-sql db row-security on`. The owner of the tables is not bound by
them. A user is whom the setting `agentomatic_sql.user_id` names, which the store sets for a transaction.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import MetaData, Table

from agentomatic_sql.revision_ops import execute, schema

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

POLICY = "agentomatic_sql_user"
# After a transaction that has set it, the setting is the empty text in this session, which is nobody.
USER = "nullif(current_setting('agentomatic_sql.user_id', true), '')"
ON_THREADS = ("messages", "feedback", "idempotency_keys", "suspended_states", "checkpoints")
WITHOUT = ("agent_invocation_logs", "log_analyses", "optimization_runs")
"""They are of no user: once it is switched on, only their owner sees them."""
ON_NAMESPACES = ("graph_checkpoints", "graph_values", "graph_writes")


def upgrade() -> None:
    if context.get_context().dialect.name != "postgresql":
        return
    theirs = f"SELECT 1 FROM {named('threads')} AS t WHERE t.id = "  # noqa: S608 - a name of ours, quoted
    of_theirs = f"SELECT 1 FROM {named('graph_namespaces')} AS n WHERE n.id = namespace_id"  # noqa: S608 - likewise
    rules = {
        "threads": f"user_id = {USER}",
        **dict.fromkeys(ON_THREADS, f"EXISTS ({theirs}thread_id)"),
        "graph_namespaces": f'EXISTS ({theirs}thread_id COLLATE "C")',
        **dict.fromkeys(ON_NAMESPACES, f"EXISTS ({of_theirs})"),
    }
    for table, rule in rules.items():
        execute(f"CREATE POLICY {POLICY} ON {named(table)} USING ({rule})")


def downgrade() -> None:
    if context.get_context().dialect.name != "postgresql":
        return
    for table in (*WITHOUT, *ON_NAMESPACES, "graph_namespaces", *ON_THREADS, "threads"):
        execute(f"ALTER TABLE {named(table)} DISABLE ROW LEVEL SECURITY")
        execute(f"DROP POLICY IF EXISTS {POLICY} ON {named(table)}")


def named(table: str) -> str:
    """A table of the schema that is migrated, quoted."""
    preparer = context.get_context().dialect.identifier_preparer
    return str(preparer.format_table(Table(table, MetaData(), schema=schema())))
