"""`Call`: an entry of the table of calls: an operation, what it is called for, and what the database answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, TypeVar

from agentomatic_sql.context import Context
from agentomatic_sql.dialects import Dialect
from agentomatic_sql.errors import StoreError
from agentomatic_sql.operations import Operation

from .recording import Groups, Recording, Rows, Server

_P = ParamSpec("_P")
_T = TypeVar("_T")

USER = "ann"
"""The user whose view of the store a call is made in."""


@dataclass(frozen=True)
class Call:
    """A call of an operation; its methods return it with something changed."""

    operation: Operation[..., Any]
    label: str
    """The purpose of the call, for which a reader of the files searches."""
    arguments: Callable[[], Sequence[Any]]
    options: Mapping[str, Any]
    answers: Sequence[Rows] = ()
    on: Callable[[Dialect], bool] = lambda _dialect: True
    """Returns whether the call is made on a dialect."""
    users: Sequence[str | None] = (None, USER)
    """For whom it is made: for everybody, and in a user's view."""
    row_security: bool = False
    finds: bool = False
    """True to show the statements of the operation's `find` too."""
    found: Sequence[Rows] = ()
    """The rows that those statements get."""
    raises: type[StoreError] | None = None

    def answered(self, *answers: Rows) -> Call:
        """With the rows that its statements get, in their order; those after them get none."""
        return replace(self, answers=answers)

    def on_dialects(self, on: Callable[[Dialect], bool]) -> Call:
        """Made only on the dialects for which this is true."""
        return replace(self, on=on)

    def in_view(self, *, row_security: bool = False) -> Call:
        """Made only in a user's view; with `row_security` the server is told the user."""
        return replace(self, users=(USER,), row_security=row_security)

    def made_anew(self, *make: Callable[[], Any]) -> Call:
        """With arguments that are made for each run, since the operation changes them."""
        return replace(self, arguments=lambda: [one() for one in make])

    def finding(self, *found: Rows) -> Call:
        """Shown with what is asked when the answer was lost; these are the rows that the statements get, in order."""
        return replace(self, finds=True, found=found)

    def raising(self, error: type[StoreError]) -> Call:
        """With answers that make it raise this error in the end."""
        return replace(self, raises=error)

    async def sent(self, server: Server, user: str | None, *, find: bool) -> Groups:
        """Return what the operation sends, or its `find`."""
        operation = self.operation
        context = Context(server.dialect, None, user, row_security=self.row_security)
        recording = Recording(server, context, self.found if find else self.answers)
        if operation.on_connection:
            with nullcontext() if self.raises is None else suppress(self.raises):
                await recording.coroutine(operation, self.arguments())
        else:
            function = operation.find if find else operation.function
            assert function is not None  # `finding` is for operations that have a `find`
            recording.steps(function(context, *self.arguments(), **self.options))
        return recording.groups


def call(operation: Operation[_P, Any], label: str, /, *arguments: _P.args, **options: _P.kwargs) -> Call:
    """Make a call of an operation."""
    return Call(operation, label, lambda: arguments, options)


def batch(operation: Operation[[_T], Any], label: str, /, *items: _T) -> Call:
    """Make a call of a batched operation, with the items of one batch."""
    return Call(operation, label, lambda: (items,), {})


def has_row_security(dialect: Dialect) -> bool:
    """Return whether the server can be told the user of a transaction."""
    return dialect.tell_user is not None


def is_sharded(dialect: Dialect) -> bool:
    """Return whether threads are spread over servers."""
    return dialect.sharded


def is_whole(dialect: Dialect) -> bool:
    """Return whether one server has all threads."""
    return not dialect.sharded


def has_writable_ctes(dialect: Dialect) -> bool:
    """Return whether one statement can change several tables."""
    return dialect.writable_ctes


def changes_several_tables(dialect: Dialect) -> bool:
    """Return whether a statement may change several tables, and one of them in two ways."""
    return dialect.changes_several_tables


def changes_one_table(dialect: Dialect) -> bool:
    """Return whether such a change takes several statements."""
    return not dialect.changes_several_tables
