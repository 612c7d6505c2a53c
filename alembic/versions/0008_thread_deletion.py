"""Create a trigger on PostgreSQL that deletes a thread's rows in tables without a foreign key

A statement sees only rows that were stored before it began. So one DELETE would leave rows that were stored while it
waited for the lock on the thread. The statements of a trigger begin after the lock was taken. It runs before the
deletion, because the row policies (0007) hide the rows of a thread that is deleted.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import MetaData, Table

from agentomatic_sql.revision_ops import execute, schema

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NAME = "agentomatic_sql_before_thread"
DEPENDENTS = ("feedback", "idempotency_keys", "suspended_states", "checkpoints")

# In the trigger's own schema, whatever the session's search_path is, and even if the schema was renamed.
DELETION = """EXECUTE format('DELETE FROM %I.{table} WHERE thread_id = $1', TG_TABLE_SCHEMA) USING OLD.id;"""


def upgrade() -> None:
    if context.get_context().dialect.name != "postgresql":
        return
    body = " ".join(DELETION.format(table=table) for table in DEPENDENTS)
    execute(
        f"CREATE OR REPLACE FUNCTION {named(NAME)}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN {body} RETURN OLD; END $$"
    )
    execute(f"CREATE TRIGGER {NAME} BEFORE DELETE ON {named('threads')} FOR EACH ROW EXECUTE FUNCTION {named(NAME)}()")


def downgrade() -> None:
    if context.get_context().dialect.name != "postgresql":
        return
    execute(f"DROP TRIGGER IF EXISTS {NAME} ON {named('threads')}")
    execute(f"DROP FUNCTION IF EXISTS {named(NAME)}()")


def named(name: str) -> str:
    """Return the quoted name of a table or function in the schema that is migrated."""
    preparer = context.get_context().dialect.identifier_preparer
    return str(preparer.format_table(Table(name, MetaData(), schema=schema())))
