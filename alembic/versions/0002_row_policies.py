"""Create policies with which PostgreSQL shows each user only the user's own rows

They have no effect until `agentomatic-sql db row-security on` switches them on, and never apply to the tables' owner.
The user is the one in the setting `agentomatic_sql.user_id`, which the store sets for each transaction.
"""

from __future__ import annotations

from sqlalchemy import MetaData, Table

from agentomatic_sql.revision_ops import dialect, execute, schema

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

POLICY = "agentomatic_sql_user"
# The setting is NULL before its first use in a session and empty after that transaction; both mean no user.
USER = "nullif(current_setting('agentomatic_sql.user_id', true), '')"
ON_THREADS = (
    "agentomatic_messages",
    "agentomatic_feedback",
    "agentomatic_idempotency_keys",
    "agentomatic_suspended_states",
    "agentomatic_checkpoints",
)
WITHOUT_POLICY = ("agentomatic_invocation_logs", "agentomatic_log_analyses", "agentomatic_optimization_runs")
"""These tables have no user column: once row-level security is on, only their owner sees rows."""
ON_NAMESPACES = ("agentomatic_graph_checkpoints", "agentomatic_graph_values", "agentomatic_graph_writes")


def upgrade() -> None:
    if dialect().name != "postgresql":
        return
    # Not EXISTS, of which the planner may make a list of all threads first.
    own_thread = f"SELECT true FROM {named('agentomatic_threads')} AS t WHERE t.id = "  # noqa: S608 - a quoted name
    namespaces = f"SELECT true FROM {named('agentomatic_graph_namespaces')} AS n"  # noqa: S608 - a quoted name
    rules = {
        "agentomatic_threads": f"user_id = {USER}",
        **dict.fromkeys(ON_THREADS, f"({own_thread}thread_id)"),
        "agentomatic_graph_namespaces": f'({own_thread}thread_id COLLATE "C")',
        **{
            table: f"({namespaces} WHERE n.thread_digest = {named(table)}.thread_digest AND n.id = namespace_id)"
            for table in ON_NAMESPACES
        },
        "agentomatic_encryption_keys": "true",  # a store checks its keys whoever its user is
    }
    for table, rule in rules.items():
        execute(f"CREATE POLICY {POLICY} ON {named(table)} USING ({rule})")


def downgrade() -> None:
    if dialect().name != "postgresql":
        return
    for table in (
        "agentomatic_encryption_keys",
        *WITHOUT_POLICY,
        *ON_NAMESPACES,
        "agentomatic_graph_namespaces",
        *ON_THREADS,
        "agentomatic_threads",
    ):
        execute(f"ALTER TABLE {named(table)} DISABLE ROW LEVEL SECURITY")
        execute(f"DROP POLICY IF EXISTS {POLICY} ON {named(table)}")


def named(table: str) -> str:
    """Return the quoted name of a table in the schema that is migrated."""
    preparer = dialect().identifier_preparer
    return str(preparer.format_table(Table(table, MetaData(), schema=schema())))
