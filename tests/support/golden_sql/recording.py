"""Records the SQL that an operation sends, on every dialect, without a server.

Operations, SQLAlchemy's dialects and SQLAlchemy's connections are the real ones. Below them stands a DB-API connection
that notes each statement and answers with the rows that it was given.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import Engine, make_url
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

from agentomatic_sql.async_engine import AsyncEngine
from agentomatic_sql.context import Context
from agentomatic_sql.dialects import Dialect
from agentomatic_sql.dialects.types import UtcTime
from agentomatic_sql.execution import engine as engines
from agentomatic_sql.operations import Operation
from agentomatic_sql.statements import StatementCache, Steps

Rows = Sequence[Any]
"""Rows as tuples; as dicts if SQLAlchemy reads their columns by name."""


class Sent(NamedTuple):
    """A statement as the driver gets it."""

    text: str
    each: bool = False
    """True if it is executed once for each of several sets of parameters."""


Groups = Sequence[Sequence[Sent]]
"""Statements in the order in which they are sent; those of a group are sent together."""

Answer = Callable[[Sent], Awaitable[Rows]]
"""Returns the rows of a statement."""


@dataclass(eq=False)
class Server:
    """A database server that does not exist, and what it would say of itself."""

    url: str
    product: str
    version: str

    @property
    def dialect(self) -> Dialect:
        """The SQL of the database."""
        return engines.parse(self.url)[1]

    @cached_property
    def own_engine(self) -> AsyncEngine:
        """The engine that a store makes for this URL; it is not connected."""
        url, dialect = engines.parse(self.url)
        return engines.create(url, dialect, connect_timeout=10, connect_args=None, options={})

    @cached_property
    def statements(self) -> StatementCache:
        """The compiled statements of generators."""
        return StatementCache(self.own_engine.dialect, None)

    def engine(self, answer: Answer) -> AsyncEngine:
        """Return an engine with the same SQLAlchemy dialect, whose connections give these answers."""
        dialect = self.own_engine.dialect

        def connect() -> Any:
            return _Connection(answer)

        return AsyncEngine(Engine(NullPool(connect, dialect=dialect), dialect, self.own_engine.url))

    async def initialize(self) -> None:
        """Let SQLAlchemy's dialect ask for version and settings, as at a first connect: its text depends on them."""
        async with self.engine(self._describe).connect() as connection:
            await connection.run_sync(self.own_engine.dialect.initialize)

    async def _describe(self, question: Sent) -> Rows:
        """Answer the questions of `initialize`."""
        settings = {"isolation": "READ COMMITTED", "read_uncommitted": 0, "standard_conforming_strings": "on"}
        settings |= {"sql_mode": "", "lower_case_table_names": 0}
        settings |= {"version()": self.version, "current_schema()": "public", "database()": make_url(self.url).database}
        (answer,) = (value for name, value in settings.items() if name in question.text.lower())
        return [(answer,)]


SERVERS = {
    "postgresql": Server("postgresql://localhost/app", "PostgreSQL 18", "PostgreSQL 18.0"),
    "citus": Server("postgresql://localhost/app?citus=true", "PostgreSQL 18 with Citus", "PostgreSQL 18.0"),
    "cockroachdb": Server("cockroachdb://localhost/app", "CockroachDB 25.4", "CockroachDB CCL v25.4.0"),
    "mysql": Server("mysql://localhost/app", "MySQL 9", "9.4.0"),
    "mariadb": Server("mariadb://localhost/app", "MariaDB 11", "11.8.3-MariaDB"),
    "sqlite": Server("sqlite:///app.db", "SQLite", ""),
}
"""By the name of the dialect, with the versions that the tests run on."""


@dataclass
class Recording:
    """The statements that one run of an operation sends. `answers` are their rows, in order; later ones get none."""

    server: Server
    context: Context
    answers: Iterable[Rows]
    groups: list[list[Sent]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._answers = iter(self.answers)
        if self.context.told_user is not None and self.context.dialect.tell_user is not None:
            self.groups.append([Sent(self.context.dialect.tell_user.tell)])

    def steps(self, steps: Steps[Any]) -> None:
        """Run a generator of statements up to its last group."""
        running = self.server.statements.sql_steps(self.context, steps)
        with suppress(StopIteration):
            statements, last = next(running)
            while True:
                self.groups.append([Sent(one.text, isinstance(one.arguments, list)) for one in statements])
                if last:
                    break
                statements, last = running.send([self._answer() for _ in statements])
        running.close()

    async def coroutine(self, operation: Operation[..., Any], arguments: Sequence[Any]) -> None:
        """Run a coroutine that takes a connection."""
        async with self.server.engine(self._note).connect() as connection:
            await operation.function(connection, self.context, *arguments)

    async def _note(self, statement: Sent) -> Rows:
        self.groups.append([statement])
        return self._answer()

    def _answer(self) -> Rows:
        """Return the next rows, with times as the driver would give them."""
        write = UtcTime().bind_processor(self.server.own_engine.dialect) or (lambda at: at)
        return [
            row if isinstance(row, dict) else tuple([write(one) if isinstance(one, datetime) else one for one in row])
            for row in next(self._answers, ())
        ]


class _Connection:
    """A DB-API connection."""

    driver_connection = None

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def cursor(self) -> _Cursor:
        return _Cursor(self._answer)

    def commit(self) -> None:
        """Do nothing."""

    rollback = close = commit

    def character_set_name(self) -> str:
        """Return what SQLAlchemy asks MySQL's driver for."""
        return "utf8mb4"


_READS = re.compile(r"SELECT|WITH|SHOW|DESCRIBE|PRAGMA|.*\bRETURNING\b", re.DOTALL | re.IGNORECASE)


class _Cursor:
    """A DB-API cursor, with what SQLAlchemy adds to one of an async driver."""

    rowcount = lastrowid = 1

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._rows: list[Any] = []
        self.description: list[tuple[Any, ...]] | None = None

    def execute(self, text: str, _parameters: Any = ()) -> None:
        self._run(Sent(text))

    def executemany(self, text: str, _parameters: Any) -> None:
        self._run(Sent(text, each=True))

    def _run(self, statement: Sent) -> None:
        rows = await_only(self._answer(statement))
        first = rows[0] if rows else ("no row",)
        names = first if isinstance(first, dict) else [f"column_{place}" for place, _value in enumerate(first)]
        self._rows = [tuple(row.values()) if isinstance(row, dict) else row for row in rows]
        self.description = [(name, *[None] * 6) for name in names] if _READS.match(statement.text) else None

    def fetchone(self) -> Any:
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    def close(self) -> None:
        """Do nothing."""

    async def _async_soft_close(self) -> None:
        """Do nothing."""
