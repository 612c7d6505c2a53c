"""Statements for what is asked often: compiled once, and executed by the driver's own call.

SQLAlchemy's way from a statement to its rows costs some 0.3 ms of the client's time, as much as PostgreSQL needs to
answer; it makes a key of the whole statement at each call to find it again, and an upsert has no such key. So an
operation is a generator: it yields statements and is sent their rows. Who drives it takes a connection out of
SQLAlchemy's pool and gives the driver what SQLAlchemy compiled before (`Dialect.run_directly`). An engine whose events
are listened to, or that echoes, takes the plain way: nothing that it was promised passes it by.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Hashable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.engine.interfaces import Dialect as SQLAlchemyDialect

_R = TypeVar("_R")
Rows = Sequence[Sequence[Any]]
Make = Callable[..., Any]
"""A function that makes a statement; its parameters are bound by name when it is executed."""


class Statement(NamedTuple):
    """The statement that `make(*of)` makes, with the parameters given."""

    make: Make
    of: tuple[Hashable, ...] = ()
    given: Mapping[str, Any] = {}


class Each(NamedTuple):
    """The same, executed once for each of these parameters, one after the other. It has no rows."""

    make: Make
    of: tuple[Hashable, ...]
    given: Sequence[Mapping[str, Any]]


class Together(NamedTuple):
    """Statements that need nothing of each other's answers: sent at once where the driver can.

    After the `last` ones nothing follows, so that the commit goes with them.
    """

    statements: Sequence[Statement | Each]
    last: bool = False


Steps = Generator[Together, Sequence[Rows], _R]
"""What an operation asks: it yields statements, is sent the rows of each (none of one without rows), and returns."""


class Lost(Enum):
    """What can be said of an operation whose answer was lost, when its result cannot be found any more."""

    UNDONE = "nothing was stored: it may be run again"
    UNKNOWN = "it cannot be found out"


class Text(NamedTuple):
    """A statement as a driver takes it."""

    text: str
    arguments: tuple[Any, ...] | list[tuple[Any, ...]]
    """A list where it is to be executed once for each of them."""


Send = Callable[[Sequence[Text], bool], Awaitable[Sequence[Rows]]]
"""Sends statements, the last ones or not, and returns the rows of each."""
Texts = Generator[tuple[Sequence[Text], bool], Sequence[Rows], _R]
"""An operation for a driver: what it yields is to be sent."""


def ask(make: Make, *of: Hashable, **given: Any) -> Steps[Rows]:
    """One statement that is all of an operation, or of what is left of it: its rows."""
    answers = yield Together((Statement(make, of, given),), last=True)
    return answers[0]


class Prepared:
    """A compiled statement: its text, the order and the making of its arguments, and what its rows become."""

    def __init__(self, statement: Any, dialect: SQLAlchemyDialect, schema: str | None) -> None:
        places = {} if schema is None else {"schema_translate_map": {None: schema}, "render_schema_translate": True}
        compiled = statement.compile(dialect=dialect, **places)
        self.text: str = compiled.string
        constants: Mapping[str, Any] = compiled.construct_params(_check=False)
        kinds = {compiled.bind_names[bind]: bind.type.dialect_impl(dialect) for bind in compiled.bind_names}
        makers = {name: kind.bind_processor(dialect) for name, kind in kinds.items()}
        self._places = [(name, constants[name], makers[name]) for name in compiled.positiontup or ()]
        readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in _results(compiled)]
        self._readers = [(place, read) for place, read in enumerate(readers) if read is not None]

    def ready(self, statement: Statement | Each) -> Text:
        """With the arguments that are given."""
        if isinstance(statement, Each):
            return Text(self.text, [self.arguments(given) for given in statement.given])
        return Text(self.text, self.arguments(statement.given))

    def arguments(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """The arguments in the order in which the text has them."""
        return tuple(
            [
                given.get(name, constant) if make is None else make(given.get(name, constant))
                for name, constant, make in self._places
            ]
        )

    def read(self, rows: Rows) -> Rows:
        """The rows with the values that their columns' types make of the driver's."""
        if not self._readers or not rows:
            return rows
        values = [list(row) for row in rows]
        for place, read in self._readers:
            for row in values:
                row[place] = read(row[place])
        return values


def _results(compiled: Any) -> Sequence[Any]:
    """The columns of a statement's rows."""
    return compiled._result_columns or ()


class Statements:
    """The statements of one engine, made when they are first asked for."""

    def __init__(self, dialect: SQLAlchemyDialect, schema: str | None) -> None:
        self._dialect = dialect
        self._schema = schema
        self._prepared: dict[Hashable, Prepared] = {}

    def texts(self, steps: Steps[_R]) -> Texts[_R]:
        """An operation's statements as the driver takes them."""
        try:
            asked = next(steps)
            while True:
                prepared = [self._prepare(statement) for statement in asked.statements]
                texts = [one.ready(statement) for one, statement in zip(prepared, asked.statements, strict=True)]
                answers = yield texts, asked.last
                asked = steps.send([one.read(rows) for one, rows in zip(prepared, answers, strict=True)])
        except StopIteration as done:
            result: _R = done.value
            return result

    def _prepare(self, statement: Statement | Each) -> Prepared:
        key = statement[:2]
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepared[key] = Prepared(statement.make(*statement.of), self._dialect, self._schema)
        return prepared


async def answered(texts: Texts[_R], send: Send) -> _R:
    """Send what an operation asks and give it the answers; what it made of them."""
    try:
        asked = next(texts)
        while True:
            asked = texts.send(await send(*asked))
    except StopIteration as done:
        result: _R = done.value
        return result


def answered_at_once(texts: Texts[_R], send: Callable[[Text], Rows]) -> _R:
    """The same where sending needs no waiting."""
    try:
        asked, _last = next(texts)
        while True:
            asked, _last = texts.send([send(text) for text in asked])
    except StopIteration as done:
        result: _R = done.value
        return result
