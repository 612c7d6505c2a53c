"""The note about the step that was started last, for databases where DDL is not rolled back.

There an interrupted revision leaves a part of itself behind. So its name is noted in a table before it starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, Connection, MetaData, String, Table, select

from ..dialects import Names
from .catalog import columns, dialect_of, objects_named
from .revisions import Step

STARTED_TABLE = "agentomatic_sql_started"
"""The table with the step that was started last; only where DDL is not rolled back."""


def note(connection: Connection, schema: str | None, step: Step) -> bool:
    """Note a step that starts now, unless DDL is rolled back; return whether it was interrupted before."""
    dialect = dialect_of(connection)
    if dialect.transactional_ddl:
        return False
    again = has_begun(connection, schema, step)
    table = table_of(schema, dialect.table_options)
    table.create(connection, checkfirst=True)
    connection.execute(table.delete())
    connection.execute(table.insert().values(step=_text_of(step)))
    return again


def forget(connection: Connection, schema: str | None) -> None:
    """Drop the table with the note, if there is one."""
    if not dialect_of(connection).transactional_ddl:
        table_of(schema).drop(connection, checkfirst=True)


def has_begun(connection: Connection, schema: str | None, step: Step) -> bool:
    """Return whether the note is about this step."""
    return _started(connection, schema) == _text_of(step)


def _started(connection: Connection, schema: str | None) -> str | None:
    kind = objects_named(connection, schema, Names(tables=(STARTED_TABLE,))).get(STARTED_TABLE)
    if kind != "table":
        return None
    table = table_of(schema)
    if columns(connection, schema, STARTED_TABLE) != {*table.c.keys()}:
        return None
    return connection.execute(select(table.c.step)).scalar_one_or_none()


def downgrading(connection: Connection, schema: str | None, revision: str) -> bool:
    """Return whether a downgrade of the revision has begun and not ended; never where DDL is rolled back."""
    if dialect_of(connection).transactional_ddl:
        return False
    return has_begun(connection, schema, Step(revision, is_upgrade=False))


def _text_of(step: Step) -> str:
    return f"{'upgrade to' if step.is_upgrade else 'downgrade of'} {step.revision}"


def table_of(schema: str | None, options: Mapping[str, Any] = MappingProxyType({})) -> Table:
    """Return the table with the note."""
    return Table(STARTED_TABLE, MetaData(), Column("step", String(64), primary_key=True), schema=schema, **options)
