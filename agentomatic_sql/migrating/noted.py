"""`Notes`: stands for Alembic while a revision's function runs, and notes what the function would do.

So what a revision creates is known without a database, and an empty database gets its tables without Alembic, which
takes a quarter of a second to import and to set up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    Column,
    ForeignKeyConstraint,
    Index,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    TextClause,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from ..dialects.types import InlineIndex
from ..tables import METADATA


class Item(NamedTuple):
    """A named object that a revision creates: a table, or a part of one."""

    kind: Literal["table", "column", "index", "key", "foreign key"]
    """A key is a primary key or a unique constraint."""
    table: str
    name: str


class Change(NamedTuple):
    """An item that a revision creates or drops."""

    created: bool
    item: Item
    with_table: bool = False
    """Whether a column is created with its table, not added later."""


Statement = ExecutableDDLElement | TextClause
"""A statement without parameters."""


class Noted(NamedTuple):
    """An operation of a revision."""

    changes: tuple[Change, ...]
    statements: Sequence[Statement] | None = None
    """The statements for it; None if only Alembic knows them."""


class Notes:
    """Alembic's `op` and `context`, whose operations are noted instead of executed.

    Args:
        dialect: SQLAlchemy's dialect of the database.
        schema: The schema of the tables; None is the connection's default.
        inline_indexes: Whether a table is created with the indexes that its revision gives it.
    """

    def __init__(self, dialect: Dialect, schema: str | None = None, *, inline_indexes: bool = False) -> None:
        self._taken: list[Noted] = []
        self.dialect = dialect
        self.version_table_schema = schema
        self.opts: dict[str, Any] = {}
        self._inline_indexes = inline_indexes
        self._made: dict[str, Table] = {}
        """The tables that were made since the notes were last taken."""
        self._metadata = MetaData(naming_convention=METADATA.naming_convention)

    # Alembic's `context`

    def get_context(self) -> Notes:
        """Return what tells a revision its dialect and its schema."""
        return self

    def is_offline_mode(self) -> bool:
        """Return True: there is no connection to ask."""
        return True

    # Alembic's `op`

    def create_table(self, name: str, *items: Any, **options: Any) -> None:
        """Note a new table with its columns and constraints."""
        table = Table(name, self._metadata, *items, **options)
        self._made[name] = table
        indexes = [CreateIndex(index) for index in table.indexes]
        self._note(*(Change(True, item, with_table=True) for item in _items(table)), by=[CreateTable(table), *indexes])

    def drop_table(self, name: str, **_options: Any) -> None:
        """Note that a table goes."""
        self._forget(name)
        self._note(Change(False, Item("table", name, name)))

    def rename_table(self, old: str, new: str, **_options: Any) -> None:
        """Note a table's new name."""
        self._forget(old)
        self._note(Change(False, Item("table", old, old)), Change(True, Item("table", new, new)))

    def add_column(self, table: str, column: Column[Any], **_options: Any) -> None:
        """Note a new column."""
        self._note(Change(True, Item("column", table, column.name)))

    def drop_column(self, table: str, column: str, **_options: Any) -> None:
        """Note that a column goes."""
        self._note(Change(False, Item("column", table, column)))

    def create_index(
        self, name: str, table: str, columns: Sequence[str], *, schema: str | None = None, **options: Any
    ) -> None:
        """Note a new index."""
        created = Change(True, Item("index", table, name))
        if self._inline_indexes and table in self._made:
            made = self._made[table]
            made.append_constraint(InlineIndex(*(made.c[column] for column in columns), name=name))
            self._note(created, by=())
            return
        indexed = Table(table, MetaData(), *(Column(column) for column in columns), schema=schema)
        index = Index(name, *indexed.columns, **options)
        self._note(created, by=[CreateIndex(index)])

    def drop_index(self, name: str, table: str | None = None, **_options: Any) -> None:
        """Note that an index goes, whose table need not be named."""
        self._note(Change(False, Item("index", table or "", name)))

    def create_primary_key(self, name: str, table: str, *_columns: Any, **_options: Any) -> None:
        """Note a new primary key."""
        self._note(Change(True, Item("key", table, name)))

    def create_unique_constraint(self, name: str, table: str, *_columns: Any, **_options: Any) -> None:
        """Note a new unique constraint."""
        self._note(Change(True, Item("key", table, name)))

    def create_foreign_key(self, name: str, table: str, *_columns: Any, **_options: Any) -> None:
        """Note a new foreign key."""
        self._note(Change(True, Item("foreign key", table, name)))

    def drop_constraint(self, name: str, table: str, *_kind: Any, **_options: Any) -> None:
        """Note that a key goes, of whatever kind."""
        self._note(Change(False, Item("key", table, name)))

    def execute(self, statement: Any, **_options: Any) -> None:
        """Note a statement, which creates no table and no part of one."""
        statement = text(statement) if isinstance(statement, str) else statement
        self._note(by=[statement] if isinstance(statement, TextClause) else None)

    def batch_alter_table(self, *_arguments: Any, **_options: Any) -> Any:
        """Refuse operations in a batch."""
        raise NotImplementedError("a revision of this package uses no batches: their operations are not noted")

    def __getattr__(self, name: str) -> Any:
        """Note that another operation of Alembic's is done, which creates nothing."""
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_arguments, **_options: self._note()

    def take(self) -> list[Noted]:
        """Return what was noted since the last time, in order."""
        taken, self._taken, self._made = self._taken, [], {}
        return taken

    def _forget(self, table: str) -> None:
        """Let another table have a table's name."""
        self._made.pop(table, None)
        for known in [one for one in self._metadata.tables.values() if one.name == table]:
            self._metadata.remove(known)

    def _note(self, *changes: Change, by: Sequence[Statement] | None = None) -> None:
        self._taken.append(Noted(changes, by))


def _items(table: Table) -> Iterator[Item]:
    yield Item("table", table.name, table.name)
    for column in table.columns:
        yield Item("column", table.name, column.name)
    for index in table.indexes:
        yield Item("index", table.name, str(index.name))
    for constraint in table.constraints:
        if not isinstance(constraint.name, str):  # the database finds a name that is free
            continue
        if isinstance(constraint, (PrimaryKeyConstraint, UniqueConstraint)) and len(constraint.columns):
            yield Item("key", table.name, constraint.name)
        elif isinstance(constraint, ForeignKeyConstraint):
            yield Item("foreign key", table.name, constraint.name)
