"""Declarations of how an operation may run: `@query`, `@once` and more, declared where its statements are.

`database.run(operation, context, …)` reads the declaration. A caller cannot choose a wrong way to retry.

An operation is either a generator of statements (`statements.Steps`), which takes a context first, or, if it is rare or
its SQL depends on what it reads, a coroutine that takes a SQLAlchemy connection and a context. A write of several
groups runs in one transaction. A query or a single last group may run without one: then each statement commits itself.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from enum import Enum
from typing import Any, Concatenate, Generic, NamedTuple, ParamSpec, Protocol, TypeVar, overload

from .async_engine import AsyncConnection
from .context import Context
from .statements import Steps

_P = ParamSpec("_P")
_R = TypeVar("_R")
_R_co = TypeVar("_R_co", covariant=True)
_Item = TypeVar("_Item")

FromSteps = Callable[Concatenate[Context, _P], Steps[_R]]
OnConnection = Callable[Concatenate[AsyncConnection, Context, _P], Awaitable[_R]]


class Kind(Enum):
    """The ways to go on when the answer to an operation is lost."""

    QUERY = "it changes nothing: run it again"
    ONCE = "running it twice would store it twice: find out whether it was stored"
    FIND = "it finds that out, under the locks of one transaction: run it again"


class Batching(NamedTuple):
    """The size and the lock of a batched operation's items."""

    size: Callable[[Any], int]
    """Returns how many characters or bytes an item has."""
    locks: Callable[[Any], Hashable] | None
    """Returns the row that an item locks; None if items lock none."""


class Operation(Generic[_P, _R_co]):
    """A declared operation; `database.run` runs it."""

    __slots__ = ("__weakref__", "batching", "changes", "find", "function", "kind", "on_connection", "subject")

    def __init__(
        self,
        function: Callable[..., Any],
        kind: Kind,
        find: Callable[..., Steps[Any]] | None = None,
        batching: Batching | None = None,
    ) -> None:
        self.function = function
        self.kind = kind
        self.changes = kind is not Kind.QUERY
        self.on_connection = inspect.iscoroutinefunction(function)
        """Whether `function` is a coroutine that takes a connection, instead of a generator of statements."""
        self.find = find
        """Finds out what became of a `ONCE` operation whose answer was lost; takes the same arguments."""
        self.batching = batching
        """If set, the operation takes one item, and its function a list of them."""
        self.subject: Callable[..., Hashable] = _anything
        """Returns the one thing that a call reads or changes, from its arguments (see `about`)."""

    def __repr__(self) -> str:
        return f"<{self.kind.name.lower()} {self.name}>"

    @property
    def name(self) -> str:
        """The module, without the package, and the function."""
        return f"{self.function.__module__.removeprefix('agentomatic_sql.')}.{self.function.__name__}"


class _Declare(Protocol[_P]):
    """Declares an operation that takes the same arguments as its `find`."""

    def __call__(self, function: FromSteps[_P, _R]) -> Operation[_P, _R]: ...


@overload
def query(function: FromSteps[_P, _R]) -> Operation[_P, _R]: ...
@overload
def query(function: OnConnection[_P, _R]) -> Operation[_P, _R]: ...
def query(function: Callable[..., Any]) -> Operation[Any, Any]:
    """Declare an operation that changes nothing. After a lost connection it runs again."""
    return Operation(function, Kind.QUERY)


@overload
def once(function: OnConnection[_P, _R], /) -> Operation[_P, _R]: ...
@overload
def once(*, find: FromSteps[_P, Any]) -> _Declare[_P]: ...
def once(function: Callable[..., Any] | None = None, /, *, find: Callable[..., Steps[Any]] | None = None) -> Any:
    """Declare an operation that must not be stored twice.

    If the answer is lost, `find` is called with the operation's own arguments. It returns the result of what was
    stored, `Fenced` (the operation was not stored and never will be; the caller may run it again), or `Lost.UNKNOWN`
    (the caller gets `OutcomeUnknown`).
    A coroutine may omit `find`: its COMMIT is a separate request, so a connection that is lost before it has stored
    nothing. A COMMIT whose answer is lost then raises `OutcomeUnknown`.
    """
    if function is not None:
        return Operation(function, Kind.ONCE)

    def declare(function: Callable[..., Any]) -> Operation[Any, Any]:
        return Operation(function, Kind.ONCE, find)

    return declare


def about(subject: Callable[..., Hashable]) -> Callable[[Operation[_P, _R]], Operation[_P, _R]]:
    """Declare the one thing that an operation reads or changes: a thread, by its id, or a state, by its key.

    A replica must have what this process has written before (see `execution/positions.py`): a write counts for reads
    of the same subject, and for reads without one. Without this declaration an operation has no subject: a write then
    counts for every read, and every write counts for a read.

    subject: returns it from the operation's arguments; None if there is none.
    """

    def declare(operation: Operation[_P, _R]) -> Operation[_P, _R]:
        operation.subject = subject
        return operation

    return declare


def first(subject: Hashable, *_args: Any, **_kwargs: Any) -> Hashable:
    """Return the first argument, for an operation that names its subject there."""
    return subject


def of_row(row: Mapping[str, Any], *_args: Any, **_kwargs: Any) -> Hashable:
    """Return the thread of a row, for an operation that takes one first."""
    thread: Hashable = row["thread_id"]
    return thread


def _anything(*_args: Any, **_kwargs: Any) -> None:
    """Return the subject of an operation that declares none."""


def batched(
    *, size: Callable[[_Item], int], locks: Callable[[_Item], Hashable] | None = None
) -> Callable[[Operation[[Sequence[_Item]], Sequence[_R]]], Operation[[_Item], _R]]:
    """Declare that the items of several calls go together in one batch; the operation then takes one item.

    size: returns how many characters or bytes an item has.
    locks: returns the row that an item locks. Items that lock the same row never go into two batches at a time, of
        which one would only wait for the other. That row is also the operation's subject, unless `about` names another.
    """

    def declare(operation: Operation[[Sequence[_Item]], Sequence[_R]]) -> Operation[[_Item], _R]:
        batched: Operation[[_Item], _R] = Operation(
            operation.function, operation.kind, operation.find, Batching(size, locks)
        )
        return batched if locks is None else about(locks)(batched)

    return declare
