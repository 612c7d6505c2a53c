"""Statements for what is asked at every step: compiled once, and executed by the driver's own call.

SQLAlchemy's way from a statement to its rows costs some 0.3 ms of the client's time, as much as PostgreSQL needs to
answer; it makes a key of the whole statement at each call to find it again, and an upsert has no such key. So a dialect
can take a connection out of SQLAlchemy's pool and give it what SQLAlchemy compiled before (`Dialect.direct`). An engine
whose events are listened to, or that echoes, takes the plain way: nothing that it was promised passes it by.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import Dialect as SQLAlchemyDialect

Rows = Sequence[Sequence[Any]]
Make = Callable[..., Any]
"""A function that makes a statement; its parameters are bound by name when it is executed."""


class Execute(Protocol):
    """Executes the statement that `make(*of)` makes, with these parameters; a statement without rows gives none."""

    def __call__(self, make: Make, *of: Hashable, **given: Any) -> Rows: ...


class Prepared:
    """A compiled statement: its text, and the order and the making of its arguments."""

    def __init__(self, statement: Any, dialect: SQLAlchemyDialect, schema: str | None) -> None:
        places = {} if schema is None else {"schema_translate_map": {None: schema}, "render_schema_translate": True}
        compiled = statement.compile(dialect=dialect, **places)
        self.text: str = compiled.string
        self._order: Sequence[str] = compiled.positiontup or ()
        self._constants: Mapping[str, Any] = compiled.construct_params(_check=False)
        kinds = {compiled.bind_names[bind]: bind.type.dialect_impl(dialect) for bind in compiled.bind_names}
        makers = {name: kind.bind_processor(dialect) for name, kind in kinds.items()}
        self._makers = {name: make for name, make in makers.items() if make is not None}

    def arguments(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """The arguments in the order in which the text has them."""
        values = [given[name] if name in given else self._constants[name] for name in self._order]
        for place, name in enumerate(self._order):
            if name in self._makers:
                values[place] = self._makers[name](values[place])
        return tuple(values)


class Statements:
    """The statements of one engine, made when they are first asked for."""

    def __init__(self, schema: str | None) -> None:
        self._schema = schema
        self._prepared: WeakKeyDictionary[SQLAlchemyDialect, dict[Hashable, Prepared]] = WeakKeyDictionary()

    def executor(self, dialect: SQLAlchemyDialect, send: Callable[[str, tuple[Any, ...]], Rows]) -> Execute:
        """Executes by `send`, which gets a text and its arguments."""
        known = self._prepared.setdefault(dialect, {})

        def execute(make: Make, *of: Hashable, **given: Any) -> Rows:
            prepared = known.get((make, of))
            if prepared is None:
                prepared = known[make, of] = Prepared(make(*of), dialect, self._schema)
            return send(prepared.text, prepared.arguments(given))

        return execute

    def plain(self, connection: Connection) -> Execute:
        """Executes by SQLAlchemy's connection."""

        def send(text: str, arguments: tuple[Any, ...]) -> Rows:
            result = connection.exec_driver_sql(text, arguments)
            return result.all() if result.returns_rows else ()

        return self.executor(connection.dialect, send)
