"""Find out what each revision of this package creates, without a database.

A revision's functions are run on a copy of its module, on notes instead of Alembic's operations. So no list of names
has to be kept: a name that a later revision needs is known as soon as that revision is shipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from sqlalchemy import URL
from sqlalchemy.engine.interfaces import Dialect

from .. import dialects
from ..revision_ops import working_on
from . import revisions
from .noted import Change, Item, Noted, Notes
from .revisions import Step


class Revision(NamedTuple):
    """A revision, with what its upgrade and its downgrade change, in order."""

    name: str
    up: tuple[Change, ...]
    down: tuple[Change, ...]


def owned(dialect: str, revision: str | None) -> frozenset[Item]:
    """Return what a schema of this revision holds (None: nothing) on a kind of database (SQLAlchemy's name)."""
    held: frozenset[Item] = frozenset()
    applied = 0 if revision is None else revisions.revisions().index(revision) + 1
    for change in (change for known in _known(revisions.folder(), dialect)[:applied] for change in known.up):
        held = held | {change.item} if change.created else frozenset(one for one in held if not _goes(one, change.item))
    return held


def created(dialect: str, steps: Iterable[Step]) -> frozenset[Item]:
    """Return what some steps create on a kind of database, though a later one may drop it again."""
    known = {revision.name: revision for revision in _known(revisions.folder(), dialect)}
    changes = [known[step.revision].up if step.is_upgrade else known[step.revision].down for step in steps]
    return frozenset(change.item for step in changes for change in step if change.created)


def columns_of(dialect: str, step: Step, table: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the columns with which a step creates a table, and these with the columns that it then adds."""
    (revision,) = (one for one in _known(revisions.folder(), dialect) if one.name == step.revision)
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


def operations(dialect: Dialect, schema: str | None) -> Iterator[tuple[Step, list[Noted]]]:
    """Yield each upgrade, oldest first, with what it does in a schema of a database with SQLAlchemy's dialect."""
    ours = dialects.named(dialect.name)
    notes = Notes(dialect, schema, inline_indexes=ours is not None and ours.inline_indexes)
    for path in revisions.files(revisions.folder()):
        module = _load(path)
        yield Step(module.revision, True), _noted(module, module.upgrade, notes)


@cache
def _known(folder: Path, dialect: str) -> tuple[Revision, ...]:
    return tuple(_read(path, dialect) for path in revisions.files(folder))


def _read(path: Path, dialect: str) -> Revision:
    module, of_database = _load(path), URL.create(dialect).get_dialect()()
    up, down = (_noted(module, run, Notes(of_database)) for run in (module.upgrade, module.downgrade))
    return Revision(
        module.revision, *(tuple(change for one in taken for change in one.changes) for taken in (up, down))
    )


def _load(path: Path) -> ModuleType:
    """Load a copy of a revision's module; Alembic has its own."""
    spec = spec_from_file_location(f"agentomatic_sql_revision_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _noted(module: ModuleType, run: Callable[[], None], notes: Notes) -> list[Noted]:
    """Run a function of a revision's module and return what it would do."""
    vars(module).update({name: notes for name in ("op", "context") if name in vars(module)})  # Alembic's
    with working_on(notes):
        run()
    return notes.take()
