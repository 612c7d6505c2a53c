"""Find a dialect by SQLAlchemy's name for it or by the scheme of a URL."""

from __future__ import annotations

from .base import Dialect
from .cockroachdb import CockroachDB
from .mysql import MariaDB, MySQL
from .postgresql import PostgreSQL
from .sqlite import SQLite

_dialects: dict[str, Dialect] = {}


def register(dialect: Dialect, *names: str) -> None:
    """Register a dialect under some names and URL schemes; by default under its own name."""
    for name in names or (dialect.name,):
        _dialects[name] = dialect


def named(name: str) -> Dialect | None:
    """Return the dialect of a name or URL scheme without a driver (`mysql`, not `mysql+aiomysql`); None if unknown."""
    return _dialects.get(name)


def known() -> tuple[Dialect, ...]:
    """Return all dialects, each once."""
    return tuple(dict.fromkeys(_dialects.values()))


for _dialect in (PostgreSQL(), MySQL(), MariaDB(), SQLite(), CockroachDB()):
    register(_dialect, *_dialect.schemes)
