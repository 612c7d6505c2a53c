"""Which dialects there are, by SQLAlchemy's names for them and by the schemes of URLs."""

from __future__ import annotations

from .base import Dialect
from .cockroachdb import CockroachDB
from .mysql import MariaDB, MySQL
from .postgresql import PostgreSQL
from .sqlite import SQLite

_dialects: dict[str, Dialect] = {}


def register(dialect: Dialect, *names: str) -> None:
    """Make a dialect known under SQLAlchemy's names for it."""
    for name in names or (dialect.name,):
        _dialects[name] = dialect


def named(name: str) -> Dialect | None:
    """The dialect of this name or URL scheme, without a driver (`mysql`, not `mysql+aiomysql`)."""
    return _dialects.get(name)


def known() -> tuple[Dialect, ...]:
    """All dialects, each once."""
    return tuple(dict.fromkeys(_dialects.values()))


for _dialect in (PostgreSQL(), MySQL(), MariaDB(), SQLite(), CockroachDB()):
    register(_dialect, *_dialect.schemes)
