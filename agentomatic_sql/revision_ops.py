"""DDL helpers for the revisions, which work on the schema that is migrated.

On MySQL, MariaDB and CockroachDB DDL commits at once. So after a crash a part of a revision is in the database, and the
whole revision runs again. Then all helpers but `execute` do nothing if the change is already in the database: before
the revision's first statement nothing had the names that it creates (`migrating.strangers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Column, Constraint, MetaData, PrimaryKeyConstraint, Table, UniqueConstraint, inspect, text
from sqlalchemy.engine.interfaces import Dialect

from . import dialects
from .dialects.types import ASCENDING

RUNS_AGAIN = "agentomatic_sql.runs_again"
"""Key of the migration's options: whether a part of the revision may be in the database, from an interrupted run."""

_instead: ContextVar[Any] = ContextVar("agentomatic_sql_operations", default=None)


@contextmanager
def working_on(operations: Any) -> Iterator[None]:
    """Let the helpers use these operations (`migrating.noted.Notes`), instead of those of Alembic's migration."""
    token = _instead.set(operations)
    try:
        yield
    finally:
        _instead.reset(token)


def schema() -> str | None:
    """Return the schema that is migrated; None is the connection's default."""
    schema: str | None = _migration().version_table_schema
    return schema


def dialect() -> Dialect:
    """Return SQLAlchemy's dialect of the database that is migrated."""
    found: Dialect = _migration().dialect
    return found


def execute(sql: str) -> None:
    """Execute SQL without parameters: a colon, which a schema's name may contain, is an ordinary character."""
    _op().execute(text(sql.replace(":", r"\:")))


def create_table(name: str, *items: Any, **options: Any) -> None:
    """Create a table from columns and constraints; `options` are those of a SQLAlchemy `Table`."""
    if _runs_again() and inspect(_op().get_bind()).has_table(name, schema=schema()):
        return
    ours = dialects.named(dialect().name)
    defaults = {} if ours is None else ours.table_options
    _op().create_table(name, *items, schema=schema(), **defaults, **options)


def drop_table(name: str) -> None:
    """Drop a table."""
    _op().drop_table(name, schema=schema(), if_exists=True)


def keys(table: str, primary: Sequence[str], *, number: str | None = None) -> list[Constraint]:
    """Return the primary key of a table, and the key that its generated number needs besides on the database.

    Args:
        table: The name of the table.
        primary: The columns of the primary key.
        number: The column with a number that the database generates (`GeneratedId`).
    """
    ours = dialects.named(dialect().name)
    needed = None if number is None or ours is None else ours.generated_number_key
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
    name = name or _index(table, columns)
    if not (_runs_again() and _has_index(table, name)):  # MySQL has no IF NOT EXISTS for an index
        _op().create_index(name, table, list(columns), schema=schema(), info={ASCENDING: ascending})


def drop_index(table: str, *columns: str, name: str | None = None) -> None:
    """Drop an index that `create_index` created."""
    name = name or _index(table, columns)
    if not _runs_again() or _has_index(table, name):
        _op().drop_index(name, table, schema=schema())


def add_column(table: str, column: Column[Any]) -> None:
    """Add a column to a table."""
    if not (_runs_again() and column.name in _columns(table)):
        _op().add_column(table, column, schema=schema())


def drop_column(table: str, column: str) -> None:
    """Drop a column of a table."""
    if not _runs_again() or column in _columns(table):
        _op().drop_column(table, column, schema=schema())


def _op() -> Any:
    instead = _instead.get()
    if instead is not None:
        return instead
    from alembic import op  # which takes long to import, and only its own migrations need

    return op


def _migration() -> Any:
    return _op().get_context()


def _runs_again() -> bool:
    return bool(_migration().opts.get(RUNS_AGAIN))


def _index(table: str, columns: Sequence[str]) -> str:
    return f"ix_{table}_{'_'.join(columns)}"


def _has_index(table: str, name: str) -> bool:
    return any(index["name"] == name for index in inspect(_op().get_bind()).get_indexes(table, schema=schema()))


def _columns(table: str) -> set[str]:
    """Return the names of a table's columns."""
    ours = dialects.named(dialect().name)
    assert ours is not None  # the connection's engine was made for it
    return {*_op().get_bind().execute(ours.column_names(Table(table, MetaData()), schema())).scalars()}
