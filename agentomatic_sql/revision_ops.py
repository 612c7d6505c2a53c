"""What the revisions share: operations that can be run again after a crash half-way.

Where DDL ends a transaction (MySQL, CockroachDB) a revision that was interrupted has done a part of its work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alembic import context, op
from sqlalchemy import Column, MetaData, Table, inspect, select, text

from . import dialects


def schema() -> str | None:
    """The schema that is migrated; None is the connection's own."""
    return context.get_context().version_table_schema


def execute(sql: str) -> None:
    """A statement as it stands: a colon in a schema's name begins no parameter."""
    op.execute(text(sql.replace(":", r"\:")))


def create_table(name: str, *items: Any, **options: Any) -> None:
    op.create_table(name, *items, schema=schema(), if_not_exists=True, **options)


def drop_table(name: str) -> None:
    op.drop_table(name, schema=schema(), if_exists=True)


def create_index(table: str, *columns: str) -> None:
    """An index named after its columns; MySQL knows no IF NOT EXISTS for one."""
    name = f"ix_{table}_{'_'.join(columns)}"
    if not context.is_offline_mode():
        existing = inspect(op.get_bind()).get_indexes(table, schema=schema())
        if any(index["name"] == name for index in existing):
            return
    op.create_index(name, table, list(columns), schema=schema())


def add_column(table: str, column: Column[Any]) -> None:
    if context.is_offline_mode() or column.name not in _columns(table):
        op.add_column(table, column, schema=schema())


def drop_column(table: str, column: str) -> None:
    if context.is_offline_mode() or column in _columns(table):
        op.drop_column(table, column, schema=schema())


def recluster(table: str, primary_key: Sequence[str], *, unique: tuple[str, Sequence[str]], instead_of: str) -> None:
    """Give a table another primary key and a unique key, `instead_of` one, where rows lie in the primary key's order.

    Elsewhere nothing is done. It is one statement, so that it is done or not done.
    """
    dialect = dialects.named(context.get_context().dialect.name)
    here = Table(table, MetaData(), schema=schema())
    statement = None if dialect is None else dialect.recluster(here, primary_key, unique, instead_of)
    if statement is None:
        return
    if not context.is_offline_mode():
        there = inspect(op.get_bind()).get_pk_constraint(table, schema=schema())
        if there["constrained_columns"] == [*primary_key]:
            return
    op.execute(statement)


def _columns(table: str) -> set[str]:
    """The names of its columns, by a question that every server answers alike."""
    there = select(text("*")).select_from(Table(table, MetaData(), schema=schema())).limit(0)
    return set(op.get_bind().execute(there).keys())
