"""Find a dialect by SQLAlchemy's name for it or by the scheme of a URL."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from .base import Dialect

_CLASSES = {
    "postgresql": ("postgresql", "PostgreSQL"),
    "mysql": ("mysql", "MySQL"),
    "mariadb": ("mysql", "MariaDB"),
    "sqlite": ("sqlite", "SQLite"),
    "cockroachdb": ("cockroachdb", "CockroachDB"),
}
"""The module and the class of each dialect, which is imported when it is asked for: SQLAlchemy's is not small."""
_OTHER_SCHEMES = {"postgres": "postgresql", "cockroach": "cockroachdb"}

NAMES = tuple(_CLASSES)
"""The names of all dialects."""


def named(name: str) -> Dialect | None:
    """Return the dialect of a name or URL scheme without a driver (`mysql`, not `mysql+aiomysql`); None if unknown."""
    name = _OTHER_SCHEMES.get(name, name)
    return _made(name) if name in _CLASSES else None


def known() -> tuple[Dialect, ...]:
    """Return all dialects."""
    return tuple(map(_made, NAMES))


@cache
def _made(name: str) -> Dialect:
    module, class_ = _CLASSES[name]
    made: Dialect = getattr(import_module(f".{module}", __package__), class_)()
    return made
