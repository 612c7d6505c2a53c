"""Objects that others have put under the names that the next revisions need.

Every name that a revision creates must be free before its first statement. Where DDL is rolled back, that is enough. On
MySQL, MariaDB and CockroachDB an interrupted revision leaves a part of itself behind; so its name is noted in a table
before it starts, and what has the names of that revision afterwards is its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, inspect

from ..dialects import Names
from . import notes
from .catalog import columns, dialect_of, objects_named
from .contents import columns_of, created, owned
from .noted import Item
from .revisions import Step, pending


class _Found(NamedTuple):
    """An object of the database, and the item that it leaves no room for."""

    item: Item
    name: str
    kind: str


def in_the_way(
    connection: Connection,
    schema: str | None,
    revision: str | None,
    *,
    versioned: bool,
    steps: Sequence[Step] | None = None,
) -> dict[str, str]:
    """Return the names and kinds of objects that are not ours and have names that the next steps need, sorted.

    Args:
        connection: A connection to the database.
        schema: The schema with our tables.
        revision: The revision that it is at.
        versioned: Whether there is a version table; without one nothing is ours.
        steps: The next steps; by default all upgrades to the newest revision.
    """
    steps = pending(revision) if steps is None else steps
    dialect = dialect_of(connection)
    ours = owned(dialect.name, revision)
    needed = created(dialect.name, steps) - ours
    found = list(_named(connection, schema, needed))
    found += _inside(connection, schema, needed - {one.item for one in found}, ours)
    if found and versioned and not dialect.transactional_ddl and notes.has_begun(connection, schema, steps[0]):
        found = [one for one in found if not _is_left_over(connection, schema, one, steps[0])]
    found += _tables_for_ourselves(connection, schema)
    return dict(sorted((one.name, one.kind) for one in found))


def _named(connection: Connection, schema: str | None, needed: Iterable[Item]) -> Iterator[_Found]:
    """Yield the objects with the names of new tables, indexes and keys."""
    items = {item.name: item for item in sorted(needed) if item.kind != "column"}
    of_kind = {kind: [item.name for item in items.values() if item.kind == kind] for kind in _KINDS}
    names = Names(of_kind["table"], of_kind["index"], of_kind["key"], of_kind["foreign key"])
    for name, kind in objects_named(connection, schema, names).items():
        yield _Found(items[name if name in items else name.lower()], name, kind)


_KINDS = ("table", "index", "key", "foreign key")


def _inside(
    connection: Connection, schema: str | None, needed: Iterable[Item], ours: Iterable[Item]
) -> Iterator[_Found]:
    """Yield the columns and indexes of our own tables that have the names of new ones."""
    new: dict[str, list[Item]] = {}
    for item in needed:
        if item.kind in ("column", "index") and Item("table", item.table, item.table) in ours:
            new.setdefault(item.table, []).append(item)
    present = objects_named(connection, schema, Names(tables=tuple(new))) if new else {}
    for table, items in new.items():
        if table not in present:  # a downgrade was interrupted
            continue
        taken: Mapping[str, Collection[str | None]] = {
            "column": columns(connection, schema, table),
            "index": [index["name"] for index in inspect(connection).get_indexes(table, schema)],
        }
        for item in items:
            if item.name in taken[item.kind]:
                yield _Found(item, f"{table}.{item.name}", item.kind)


def _is_left_over(connection: Connection, schema: str | None, found: _Found, step: Step) -> bool:
    """Return whether a step that was started before has made an object: a table must have the step's columns.

    A table without columns is being created or dropped at this moment: MySQL and MariaDB list it for a few
    milliseconds. Whose it is will be seen under the migration lock, when nobody of ours is at it.
    """
    dialect = dialect_of(connection)
    if found.item.kind != "table":
        return found.item in created(dialect.name, [step])
    first, all_ = columns_of(dialect.name, step, found.item.table)
    if not first or found.kind != "table":
        return False
    present = columns(connection, schema, found.name)
    return not present or first <= present <= all_


def _tables_for_ourselves(connection: Connection, schema: str | None) -> Iterator[_Found]:
    """Yield what is not the table of this package that its name says it is."""
    dialect = dialect_of(connection)
    own = dict(dialect.own_tables)
    if not dialect.transactional_ddl:
        own[notes.STARTED_TABLE] = frozenset(notes.table_of(None).c.keys())
    present = objects_named(connection, schema, Names(tables=tuple(own))) if own else {}
    for name, kind in present.items():
        if kind != "table" or name not in own or own[name] != columns(connection, schema, name):
            yield _Found(Item("table", name, name), name, kind)
