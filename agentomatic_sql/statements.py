"""The vocabulary of operations: statements, the groups in which they are sent, and the rows that come back.

Most operations are generators. One yields groups of statements, is sent the rows of each, and returns its result. So it
never opens a connection, and the same operation runs on the driver's own call or on a SQLAlchemy connection.

SQLAlchemy's own way from a statement to its rows costs some 0.3 ms of the client's time, as much as PostgreSQL needs to
answer. So each statement is compiled once for an engine (`StatementCache`) and its text is given to the driver.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Hashable, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import BigInteger, BindParameter, ColumnElement, bindparam
from sqlalchemy.engine.interfaces import Dialect as SQLAlchemyDialect

_R = TypeVar("_R")
Rows = Sequence[Sequence[Any]]
Make = Callable[..., Any]
"""A function that makes a SQLAlchemy statement from a context and some choices; its parameters are bound by name."""


class Statement(NamedTuple):
    """The statement `make(context, *choices)` with these values for its parameters."""

    make: Make
    choices: tuple[Hashable, ...] = ()
    values: Mapping[str, Any] = {}


class StatementForEach(NamedTuple):
    """A statement that is executed once for each of several sets of values; it returns no rows."""

    make: Make
    choices: tuple[Hashable, ...]
    columns: Mapping[str, Sequence[Any]]
    """The values of each parameter, all in the same order."""


class Group(NamedTuple):
    """Statements that do not need each other's rows: sent together if the driver can.

    After the `last` group nothing follows, so the commit is sent with it.
    """

    statements: Sequence[Statement | StatementForEach]
    last: bool = False


Steps = Generator[Group, Sequence[Rows], _R]
"""An operation that is running: it yields groups, is sent their rows (empty for a statement without), and returns."""


class Lost(Enum):
    """The answer of an operation's `find` when it has no result to return."""

    NOT_STORED = "nothing was stored: the operation can run again"
    UNKNOWN = "it cannot be found out"


class Fenced(NamedTuple):
    """The answer of a `find` that has made sure that its operation is not stored and never will be.

    The caller can run the operation again with `number` in the place of the one that it named: a thread's epoch, or the
    token of a suspended state.
    """

    number: int


class Sql(NamedTuple):
    """A statement as the driver takes it."""

    text: str
    arguments: tuple[Any, ...] | list[tuple[Any, ...]]
    """In the order of the text's parameters; a list if the statement is executed once for each of its items."""


SqlSteps = Generator[tuple[Sequence[Sql], bool], Sequence[Rows], _R]
"""A running operation as a driver runs it: it yields statements and whether they are the last, and is sent rows."""


def parameter(column: ColumnElement[Any], name: str | None = None) -> BindParameter[Any]:
    """Return a parameter with the type of a column; its name is the column's, or the one given."""
    return bindparam(name or column.key, type_=column.type)


def number(name: str) -> BindParameter[int]:
    """Return a parameter for a whole number: a limit, an offset, a position."""
    return bindparam(name, type_=BigInteger())


def fetch(make: Make, *choices: Hashable, **values: Any) -> Steps[Rows]:
    """Send one statement, the last of its operation, and return its rows."""
    rows = yield Group((Statement(make, choices, values),), last=True)
    return rows[0]


def committed_apart(steps: SqlSteps[_R]) -> SqlSteps[_R]:
    """Run an operation whose COMMIT is a request of its own, after its last statements."""
    try:
        statements, _last = next(steps)
        while True:
            rows = yield statements, False
            statements, _last = steps.send(rows)
    except StopIteration as done:
        result: _R = done.value
        return result


def preceded(statement: Sql, steps: SqlSteps[_R]) -> SqlSteps[_R]:
    """Run an operation behind a statement whose rows nobody needs."""
    yield (statement,), False
    return (yield from steps)


async def drive(steps: SqlSteps[_R], send: Callable[[Sequence[Sql], bool], Awaitable[Sequence[Rows]]]) -> _R:
    """Run an operation: send each group of statements, feed the rows back, return the result."""
    try:
        group = next(steps)
        while True:
            group = steps.send(await send(*group))
    except StopIteration as done:
        result: _R = done.value
        return result


def drive_in_thread(steps: SqlSteps[_R], send: Callable[[Sql], Rows]) -> _R:
    """Run an operation without an event loop, one statement after the other."""
    try:
        statements, _last = next(steps)
        while True:
            statements, _last = steps.send([send(statement) for statement in statements])
    except StopIteration as done:
        result: _R = done.value
        return result


class _Compiled:
    """A compiled statement: its text, how its arguments are made, and how its rows are read."""

    def __init__(self, statement: Any, dialect: SQLAlchemyDialect, schema: str | None) -> None:
        options = {} if schema is None else {"schema_translate_map": {None: schema}, "render_schema_translate": True}
        compiled = statement.compile(dialect=dialect, **options)
        self.text: str = compiled.string
        constants: Mapping[str, Any] = compiled.params
        types = {compiled.bind_names[bind]: bind.type.dialect_impl(dialect) for bind in compiled.bind_names}
        processors = {name: type_.bind_processor(dialect) for name, type_ in types.items()}
        self._parameters = [(name, constants[name], processors[name]) for name in compiled.positiontup or ()]
        readers = [
            column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in getattr(statement, "exported_columns", ())
        ]
        self._readers = [(index, read) for index, read in enumerate(readers) if read is not None]

    def sql(self, statement: Statement | StatementForEach, owner: str | None) -> Sql:
        """Return the statement for the driver, with the owner as its parameter `owner`."""
        if isinstance(statement, StatementForEach):
            return Sql(self.text, self._each(statement.columns, owner))
        return Sql(self.text, self._arguments(statement.values, owner))

    def _each(self, columns: Mapping[str, Sequence[Any]], owner: str | None) -> list[tuple[Any, ...]]:
        if owner is not None:
            columns = {**columns, "owner": [owner] * len(next(iter(columns.values())))}
        given = [
            columns[name] if process is None else map(process, columns[name])
            for name, _constant, process in self._parameters
        ]
        return list(zip(*given, strict=True))

    def _arguments(self, values: Mapping[str, Any], owner: str | None) -> tuple[Any, ...]:
        if owner is not None:
            values = {**values, "owner": owner}
        return tuple(
            [
                values.get(name, constant) if process is None else process(values.get(name, constant))
                for name, constant, process in self._parameters
            ]
        )

    def read(self, rows: Rows) -> Rows:
        """Convert the driver's values by the types of their columns."""
        if not self._readers or not rows:
            return rows
        converted = [list(row) for row in rows]
        for index, read in self._readers:
            for row in converted:
                row[index] = read(row[index])
        return converted


class StatementContext(Protocol):
    """The part of `context.Context` that the cache must know."""

    @property
    def owner(self) -> str | None: ...


class StatementCache:
    """The compiled statements of one engine; each is compiled when it is first needed."""

    def __init__(self, dialect: SQLAlchemyDialect, schema: str | None) -> None:
        self._dialect = dialect
        self._schema = schema
        self._compiled: dict[Hashable, _Compiled] = {}

    def sql_steps(self, context: StatementContext, steps: Steps[_R]) -> SqlSteps[_R]:
        """Translate a running operation's statements for the driver, and the driver's rows back."""
        owner = context.owner
        try:
            group = next(steps)
            while True:
                compiled = [self._compile(context, statement) for statement in group.statements]
                pairs = zip(compiled, group.statements, strict=True)
                rows = yield [one.sql(statement, owner) for one, statement in pairs], group.last
                group = steps.send([one.read(found) for one, found in zip(compiled, rows, strict=True)])
        except StopIteration as done:
            result: _R = done.value
            return result

    def _compile(self, context: StatementContext, statement: Statement | StatementForEach) -> _Compiled:
        # A statement differs with the choices and with whether there is an owner; who it is, is a parameter.
        key = (statement.make, statement.choices, context.owner is None)
        compiled = self._compiled.get(key)
        if compiled is None:
            made = statement.make(context, *statement.choices)
            compiled = self._compiled[key] = _Compiled(made, self._dialect, self._schema)
        return compiled
