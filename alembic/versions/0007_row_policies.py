"""Create policies with which PostgreSQL shows each user only the user's own rows

They have no effect until `agentomatic-sql db row-security on` switches them on, and never apply to the tables' owner.
The user is the one in the setting `agentomatic_sql.user_id`, which the store sets for each transaction.
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
# The setting is NULL before its first use in a session and empty after that transaction; both mean no user.
USER = "nullif(current_setting('agentomatic_sql.user_id', true), '')"
ON_THREADS = ("messages", "feedback", "idempotency_keys", "suspended_states", "checkpoints")
WITHOUT_POLICY = ("agent_invocation_logs", "log_analyses", "optimization_runs")
"""These tables have no user column: once row-level security is on, only their owner sees rows."""
ON_NAMESPACES = ("graph_checkpoints", "graph_values", "graph_writes")


def upgrade() -> None:
    if context.get_context().dialect.name != "postgresql":
        return
    own_thread = f"SELECT 1 FROM {named('threads')} AS t WHERE t.id = "  # noqa: S608 - a quoted name
    own_namespace = f"SELECT 1 FROM {named('graph_namespaces')} AS n WHERE n.id = namespace_id"  # noqa: S608 - a quoted name
    rules = {
        "threads": f"user_id = {USER}",
        **dict.fromkeys(ON_THREADS, f"EXISTS ({own_thread}thread_id)"),
        "graph_namespaces": f'EXISTS ({own_thread}thread_id COLLATE "C")',
        **dict.fromkeys(ON_NAMESPACES, f"EXISTS ({own_namespace})"),
    }
    for table, rule in rules.items():
        execute(f"CREATE POLICY {POLICY} ON {named(table)} USING ({rule})")


def downgrade() -> None:
    if context.get_context().dialect.name != "postgresql":
        return
    for table in (*WITHOUT_POLICY, *ON_NAMESPACES, "graph_namespaces", *ON_THREADS, "threads"):
        execute(f"ALTER TABLE {named(table)} DISABLE ROW LEVEL SECURITY")
        execute(f"DROP POLICY IF EXISTS {POLICY} ON {named(table)}")


def named(table: str) -> str:
    """Return the quoted name of a table in the schema that is migrated."""
    preparer = context.get_context().dialect.identifier_preparer
    return str(preparer.format_table(Table(table, MetaData(), schema=schema())))
