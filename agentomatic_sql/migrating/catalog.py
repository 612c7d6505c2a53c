"""Look for objects in a database by their names."""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, Table

from .. import dialects
from ..dialects import Names


def objects_named(connection: Connection, schema: str | None, names: Names) -> dict[str, str]:
    """Return the names and kinds of the objects that do not allow new ones to have these names."""
    dialect = dialect_of(connection)
    rows = connection.execute(dialect.objects_named(schema, names))
    return {name: dialect.object_kinds.get(kind, kind.lower()) for name, kind in rows}


def columns(connection: Connection, schema: str | None, table: str) -> frozenset[str]:
    """Return the names of a table's columns."""
    # Not from an empty SELECT: PostgreSQL refuses to run a prepared one again when the table has other columns.
    names = dialect_of(connection).column_names(Table(table, MetaData()), schema)
    return frozenset(connection.execute(names).scalars())


def dialect_of(connection: Connection) -> dialects.Dialect:
    """Return the dialect of a connection."""
    dialect = dialects.named(connection.dialect.name)
    assert dialect is not None  # the connection's engine was made for it
    return dialect
