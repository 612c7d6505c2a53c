"""Statements for what is asked at every step: compiled once, and executed by the driver's own call.

SQLAlchemy's way from a statement to its rows costs some 0.3 ms of the client's time, as much as PostgreSQL needs to
answer; it makes a key of the whole statement at each call to find it again, and an upsert has no such key. So a dialect
can take a connection out of SQLAlchemy's pool and give it what SQLAlchemy compiled before (`Dialect.direct`). An engine
whose events are listened to, or that echoes, takes the plain way: nothing that it was promised passes it by.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Hashable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.engine.interfaces import Dialect as SQLAlchemyDialect

_R = TypeVar("_R")
Rows = Sequence[Sequence[Any]]
Make = Callable[..., Any]
"""A function that makes a statement; its parameters are bound by name when it is executed."""


class Statement(NamedTuple):
    """The statement that `make(*of)` makes, with the parameters given; without rows, its answer is empty."""

    make: Make
    of: tuple[Hashable, ...]
    given: Mapping[str, Any]


Steps = Generator[Statement, Rows, _R]
"""What an operation asks: it yields a statement, is sent its rows, and returns what it made of them."""
Texts = Generator[tuple[str, tuple[Any, ...]], Rows, _R]
"""The same for a driver: the text of each statement and its arguments."""


class Prepared:
    """A compiled statement: its text, and the order and the making of its arguments."""

    def __init__(self, statement: Any, dialect: SQLAlchemyDialect, schema: str | None) -> None:
        places = {} if schema is None else {"schema_translate_map": {None: schema}, "render_schema_translate": True}
        compiled = statement.compile(dialect=dialect, **places)
        self.text: str = compiled.string
        constants: Mapping[str, Any] = compiled.construct_params(_check=False)
        kinds = {compiled.bind_names[bind]: bind.type.dialect_impl(dialect) for bind in compiled.bind_names}
        makers = {name: kind.bind_processor(dialect) for name, kind in kinds.items()}
        self._places = [(name, constants[name], makers[name]) for name in compiled.positiontup or ()]

    def arguments(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """The arguments in the order in which the text has them."""
        return tuple(
            [
                given.get(name, constant) if make is None else make(given.get(name, constant))
                for name, constant, make in self._places
            ]
        )


class Statements:
    """The statements of one engine, made when they are first asked for."""

    def __init__(self, dialect: SQLAlchemyDialect, schema: str | None) -> None:
        self._dialect = dialect
        self._schema = schema
        self._prepared: dict[Hashable, Prepared] = {}

    def texts(self, steps: Steps[_R]) -> Texts[_R]:
        """An operation's statements as the driver takes them."""
        known = self._prepared
        try:
            statement = next(steps)
            while True:
                make, of, given = statement
                prepared = known.get((make, of))
                if prepared is None:
                    prepared = known[make, of] = Prepared(make(*of), self._dialect, self._schema)
                statement = steps.send((yield prepared.text, prepared.arguments(given)))
        except StopIteration as done:
            result: _R = done.value
            return result


async def answered(texts: Texts[_R], send: Callable[[str, tuple[Any, ...]], Awaitable[Rows]]) -> _R:
    """Send each statement and give its rows back; what the operation made of them."""
    try:
        text, arguments = next(texts)
        while True:
            text, arguments = texts.send(await send(text, arguments))
    except StopIteration as done:
        result: _R = done.value
        return result


def answered_at_once(texts: Texts[_R], send: Callable[[str, tuple[Any, ...]], Rows]) -> _R:
    """The same where sending needs no waiting."""
    try:
        text, arguments = next(texts)
        while True:
            text, arguments = texts.send(send(text, arguments))
    except StopIteration as done:
        result: _R = done.value
        return result
