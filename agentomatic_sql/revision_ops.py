"""DDL helpers for the revisions; all but `execute` do nothing if the change is already in the database.

On MySQL, MariaDB and CockroachDB DDL commits at once. So after a crash a part of a revision is in the database, and the
whole revision runs again. All helpers work on the schema that is migrated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alembic import context, op
from sqlalchemy import (
    Column,
    Constraint,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    inspect,
    select,
    text,
)

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


def keys(table: str, primary: Sequence[str], *, number: str | None = None) -> list[Constraint]:
    """Return the primary key of a table, and the key that its generated number needs besides on the database.

    Args:
        table: The name of the table.
        primary: The columns of the primary key.
        number: The column with a number that the database generates (`GeneratedId`).
    """
    dialect = dialects.named(context.get_context().dialect.name)
    needed = None if number is None or dialect is None else dialect.generated_number_key
    unique: Sequence[str] = ()
    if number is not None and needed == "unique":
        unique = (number,)
    elif number is not None and needed == "primary":
        primary, unique = (number,), primary
    made: list[Constraint] = [PrimaryKeyConstraint(*primary, name=f"pk_{table}")]
    return [*made, UniqueConstraint(*unique, name=f"uq_{table}_{'_'.join(unique)}")] if unique else made


def create_index(table: str, *columns: str, name: str | None = None, ascending: bool = False) -> None:
    """Create an index; without a name it is named after its table and columns.

    `ascending` says that new rows come at its end, because it begins with a time or with one of few values and a time.
    CockroachDB's servers would all write to the one that holds the end, so there the index is sharded by a hash.
    """
    name = name or f"ix_{table}_{'_'.join(columns)}"
    dialect = dialects.named(context.get_context().dialect.name)
    if ascending and dialect is not None and dialect.ascending_index is not None:
        quoted = context.get_context().dialect.identifier_preparer
        target = quoted.format_table(Table(table, MetaData(), schema=schema()))
        listed = ", ".join(map(quoted.quote, columns))
        execute(f"CREATE INDEX IF NOT EXISTS {quoted.quote(name)} ON {target} ({listed}) {dialect.ascending_index}")
        return
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


def _columns(table: str) -> set[str]:
    """Return the names of a table's columns, from an empty SELECT, which works alike on every server."""
    no_rows = select(text("*")).select_from(Table(table, MetaData(), schema=schema())).limit(0)
    return set(op.get_bind().execute(no_rows).keys())
