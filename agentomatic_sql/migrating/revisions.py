"""The names of this package's revisions, read from their files: every store looks at them, and none needs Alembic."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

USABLE_FROM = "_from_"
"""Stands in a revision's name before the oldest revision whose releases may use the schema."""

_MARKED = re.compile(rf"(?P<number>[0-9]{{4}}){USABLE_FROM}(?P<oldest>[0-9]{{4}})")


class Step(NamedTuple):
    """An upgrade to a revision, or its downgrade."""

    revision: str
    is_upgrade: bool


def folder() -> Path:
    """Return the folder of Alembic's files: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).parent.parent
    shipped = package / "_alembic"
    return shipped if shipped.is_dir() else package.parent / "alembic"


def revisions() -> tuple[str, ...]:
    """Return this package's revisions, oldest first; the last is the head."""
    return _names(folder())


def files(folder: Path) -> list[Path]:
    """Return the revisions' files, oldest first: their names begin with the revisions' numbers."""
    return sorted((folder / "versions").glob("[0-9]*.py"))


def usable(revision: str) -> bool:
    """Return whether this package may use a schema of a newer release, as the name of its revision says.

    "0005_from_0003" lets releases that contain revision 0003 go on; "0005" needs a release that contains it.
    """
    marked = _MARKED.fullmatch(revision)
    known = [number(one) for one in revisions()]
    return marked is not None and marked["number"] > known[-1] and marked["oldest"] in known


def number(revision: str) -> str:
    """Return a revision's number: its name without the oldest revision whose releases may use it."""
    return revision.partition(USABLE_FROM)[0]


def pending(revision: str | None) -> tuple[Step, ...]:
    """Return the upgrades from a revision (None: from nothing) to the head."""
    known = revisions()
    first = 0 if revision is None else known.index(revision) + 1
    return tuple(Step(name, True) for name in known[first:])


@cache
def _names(folder: Path) -> tuple[str, ...]:
    """Return the revisions' names, oldest first."""
    return tuple(_NAME.findall(file.read_text("utf-8"))[0] for file in files(folder))


_NAME = re.compile(r"""^revision(?:\s*:.*)? = ["'](.+)["']$""", re.MULTILINE)
