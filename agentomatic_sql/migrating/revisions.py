"""This package's revisions and what each of them creates, found out without a database.

A revision's functions are run on a copy of its module whose Alembic operations are noted instead of executed. So no
list of names has to be kept: a name that a later revision needs is known as soon as that revision is shipped.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NamedTuple

from alembic.config import Config
from alembic.operations import MigrateOperation, Operations, ops
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint, Table, UniqueConstraint

from ..revision_ops import working_on

USABLE_FROM = "_from_"
"""Stands in a revision's name before the oldest revision whose releases may use the schema."""


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


class Revision(NamedTuple):
    """A revision, with what its upgrade and its downgrade change, in order."""

    name: str
    up: tuple[Change, ...]
    down: tuple[Change, ...]


class Step(NamedTuple):
    """An upgrade to a revision, or its downgrade."""

    revision: str
    is_upgrade: bool


def folder() -> Path:
    """Return the folder of Alembic's files: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).parent.parent
    shipped = package / "_alembic"
    return shipped if shipped.is_dir() else package.parent / "alembic"


def configuration(**attributes: Any) -> Config:
    """Return Alembic's configuration, with attributes for env.py."""
    made = Config(stdout=io.StringIO())
    made.set_main_option("script_location", str(folder()).replace("%", "%%"))
    made.attributes.update(attributes)
    return made


def history() -> list[tuple[str, str]]:
    """Return each revision with a line about its purpose, oldest first."""
    return [(script.revision, script.doc) for script in _scripts(folder())]


def revisions() -> tuple[str, ...]:
    """Return this package's revisions, oldest first; the last is the head."""
    return tuple(script.revision for script in _scripts(folder()))


def usable(revision: str) -> bool:
    """Return whether this package may use a schema of a newer release, as the name of its revision says.

    "0005_from_0003" lets releases that contain revision 0003 go on; "0005" needs a release that contains it.
    """
    _, mark, oldest = revision.partition(USABLE_FROM)
    return bool(mark) and oldest in {number(known) for known in revisions()}


def number(revision: str) -> str:
    """Return a revision's number: its name without the oldest revision whose releases may use it."""
    return revision.partition(USABLE_FROM)[0]


def pending(revision: str | None) -> tuple[Step, ...]:
    """Return the upgrades from a revision (None: from nothing) to the head."""
    known = revisions()
    first = 0 if revision is None else known.index(revision) + 1
    return tuple(Step(name, True) for name in known[first:])


def owned(dialect: str, revision: str | None) -> frozenset[Item]:
    """Return what a schema of this revision holds (None: nothing) on a kind of database (SQLAlchemy's name)."""
    held: frozenset[Item] = frozenset()
    applied = 0 if revision is None else revisions().index(revision) + 1
    for change in (change for known in _known(folder(), dialect)[:applied] for change in known.up):
        held = held | {change.item} if change.created else frozenset(one for one in held if not _goes(one, change.item))
    return held


def created(dialect: str, steps: Iterable[Step]) -> frozenset[Item]:
    """Return what some steps create on a kind of database, though a later one may drop it again."""
    known = {revision.name: revision for revision in _known(folder(), dialect)}
    changes = [known[step.revision].up if step.is_upgrade else known[step.revision].down for step in steps]
    return frozenset(change.item for step in changes for change in step if change.created)


def columns_of(dialect: str, step: Step, table: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the columns with which a step creates a table, and these with the columns that it then adds."""
    (revision,) = (one for one in _known(folder(), dialect) if one.name == step.revision)
    changes = revision.up if step.is_upgrade else revision.down
    columns = [one for one in changes if one.created and one.item.kind == "column" and one.item.table == table]
    return (
        frozenset(one.item.name for one in columns if one.with_table),
        frozenset(one.item.name for one in columns),
    )


def _goes(item: Item, dropped: Item) -> bool:
    """Return whether an item goes with what is dropped; an index may be dropped without the name of its table."""
    if dropped.kind == "table":
        return item.table == dropped.table
    return (item.kind == "column") == (dropped.kind == "column") and item.name == dropped.name


@cache
def _scripts(folder: Path) -> tuple[Script, ...]:
    return tuple(reversed(list(ScriptDirectory(str(folder)).walk_revisions())))


@cache
def _known(folder: Path, dialect: str) -> tuple[Revision, ...]:
    return tuple(_read(Path(script.path), dialect) for script in _scripts(folder))


def _read(path: Path, dialect: str) -> Revision:
    module = _load(path)
    changes = [tuple(_changes(module, run, dialect)) for run in (module.upgrade, module.downgrade)]
    return Revision(module.revision, *changes)


def _load(path: Path) -> ModuleType:
    """Load a copy of a revision's module; Alembic has its own."""
    spec = spec_from_file_location(f"agentomatic_sql_revision_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _changes(module: ModuleType, run: Callable[[], None], dialect: str) -> Iterator[Change]:
    """Run a function of a revision's module on noted operations; yield what it changes."""
    environment = EnvironmentContext(Config(), ScriptDirectory(str(folder())), as_sql=True)
    environment.configure(dialect_name=dialect, output_buffer=io.StringIO())
    notes = _Notes(environment.get_context())
    stand_ins = {"op": notes, "context": environment}
    vars(module).update({name: one for name, one in stand_ins.items() if name in vars(module)})
    with working_on(notes):
        run()
    for operation in notes.taken:
        yield from _changes_of(operation, environment.get_context())


class _Notes(Operations):
    """Alembic's operations, noted instead of executed."""

    def __init__(self, migration: Any) -> None:
        super().__init__(migration)
        self.taken: list[MigrateOperation] = []

    def invoke(self, operation: MigrateOperation) -> Any:
        self.taken.append(operation)

    def batch_alter_table(self, *_arguments: Any, **_options: Any) -> Any:
        raise NotImplementedError("a revision of this package uses no batches: their operations are not noted")


def _changes_of(operation: MigrateOperation, migration: Any) -> Iterator[Change]:
    match operation:
        case ops.CreateTableOp():
            yield from (Change(True, item, with_table=True) for item in _items(operation.to_table(migration)))
        case ops.DropTableOp():
            yield Change(False, Item("table", operation.table_name, operation.table_name))
        case ops.RenameTableOp():
            yield Change(False, Item("table", operation.table_name, operation.table_name))
            yield Change(True, Item("table", operation.new_table_name, operation.new_table_name))
        case ops.AddColumnOp():
            yield Change(True, Item("column", operation.table_name, operation.column.name))
        case ops.DropColumnOp():
            yield Change(False, Item("column", operation.table_name, operation.column_name))
        case ops.CreateIndexOp():
            yield Change(True, Item("index", operation.table_name, str(operation.index_name)))
        case ops.DropIndexOp():
            yield Change(False, Item("index", operation.table_name or "", str(operation.index_name)))
        case ops.CreatePrimaryKeyOp() | ops.CreateUniqueConstraintOp():
            yield Change(True, Item("key", operation.table_name, str(operation.constraint_name)))
        case ops.CreateForeignKeyOp():
            yield Change(True, Item("foreign key", operation.source_table, str(operation.constraint_name)))
        case ops.DropConstraintOp():
            yield Change(False, Item("key", operation.table_name, str(operation.constraint_name)))


def _items(table: Table) -> Iterator[Item]:
    yield Item("table", table.name, table.name)
    for column in table.columns:
        yield Item("column", table.name, column.name)
    for index in table.indexes:
        yield Item("index", table.name, str(index.name))
    for constraint in table.constraints:
        if not isinstance(constraint.name, str):  # the database finds a name that is free
            continue
        if isinstance(constraint, (PrimaryKeyConstraint, UniqueConstraint)):
            yield Item("key", table.name, constraint.name)
        elif isinstance(constraint, ForeignKeyConstraint):
            yield Item("foreign key", table.name, constraint.name)
