"""A deleted thread takes along what hangs on it without a foreign key, on PostgreSQL by a trigger

A statement sees what was stored before it began, so that one statement cannot remove what was stored while it waited
for the thread's row. A trigger's statements begin when the row is held. It is one before the deletion: row policies
(0007) would show nothing of a thread that has gone.
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
HANGING = ("feedback", "idempotency_keys", "suspended_states", "checkpoints")

# The tables are those beside the one whose trigger it is, whatever the session's search_path is, or the schema's name
# will be.
DELETING = """EXECUTE format('DELETE FROM %I.{table} WHERE thread_id = $1', TG_TABLE_SCHEMA) USING OLD.id;"""


def upgrade() -> None:
    if context.get_context().dialect.name != "postgresql":
        return
    body = " ".join(DELETING.format(table=table) for table in HANGING)
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
    """A table or function of the schema that is migrated, quoted."""
    preparer = context.get_context().dialect.identifier_preparer
    return str(preparer.format_table(Table(name, MetaData(), schema=schema())))
