"""DDL helpers for the revisions; all but `execute` do nothing if the change is already in the database.

On MySQL, MariaDB and CockroachDB DDL commits at once. So after a crash a part of a revision is in the database, and the
whole revision runs again. All helpers work on the schema that is migrated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alembic import context, op
from sqlalchemy import Column, MetaData, Table, inspect, select, text

from . import dialects


def schema() -> str | None:
    """Return the schema that is migrated; None is the connection's default."""
    return context.get_context().version_table_schema


def execute(sql: str) -> None:
    """Execute SQL without parameters: a colon, which a schema's name may contain, is an ordinary character."""
    op.execute(text(sql.replace(":", r"\:")))


def create_table(name: str, *items: Any, **options: Any) -> None:
    """Create a table from columns and constraints; `options` are those of a SQLAlchemy `Table`."""
    dialect = dialects.named(context.get_context().dialect.name)
    defaults = {} if dialect is None else dialect.table_options
    op.create_table(name, *items, schema=schema(), if_not_exists=True, **defaults, **options)


def drop_table(name: str) -> None:
    """Drop a table."""
    op.drop_table(name, schema=schema(), if_exists=True)


def create_index(table: str, *columns: str) -> None:
    """Create an index named after its table and columns."""
    name = f"ix_{table}_{'_'.join(columns)}"
    if not context.is_offline_mode():  # MySQL has no IF NOT EXISTS for an index
        existing = inspect(op.get_bind()).get_indexes(table, schema=schema())
        if any(index["name"] == name for index in existing):
            return
    op.create_index(name, table, list(columns), schema=schema())


def add_column(table: str, column: Column[Any]) -> None:
    """Add a column to a table."""
    if context.is_offline_mode() or column.name not in _columns(table):
        op.add_column(table, column, schema=schema())


def drop_column(table: str, column: str) -> None:
    """Drop a column of a table."""
    if context.is_offline_mode() or column in _columns(table):
        op.drop_column(table, column, schema=schema())


def recluster(table: str, primary_key: Sequence[str], *, unique: tuple[str, Sequence[str]], instead_of: str) -> None:
    """Change a table's primary key on databases that store rows in its order (MySQL, MariaDB); else do nothing.

    It is one statement, so a crash cannot leave it half done.

    Args:
        table: The name of the table.
        primary_key: The columns of the new primary key.
        unique: The name and columns of a unique key to add.
        instead_of: The name of the unique key to drop.
    """
    dialect = dialects.named(context.get_context().dialect.name)
    target = Table(table, MetaData(), schema=schema())
    statement = None if dialect is None else dialect.recluster(target, primary_key, unique, instead_of)
    if statement is None:
        return
    if not context.is_offline_mode():
        existing = inspect(op.get_bind()).get_pk_constraint(table, schema=schema())
        if existing["constrained_columns"] == [*primary_key]:
            return
    op.execute(statement)


def _columns(table: str) -> set[str]:
    """Return the names of a table's columns, from an empty SELECT, which works alike on every server."""
    no_rows = select(text("*")).select_from(Table(table, MetaData(), schema=schema())).limit(0)
    return set(op.get_bind().execute(no_rows).keys())
