"""Call an engine's listeners, and log, for an operation that runs on the driver's own connection.

SQLAlchemy does so in its own methods, which such an operation does not use. A listener gets a SQLAlchemy connection and
an execution context, both real, in the event loop and in the task of the call. It can read them, keep attributes on
them, and rewrite the statement. It cannot execute anything: if it tries, SQLAlchemy says that there is no greenlet, and
the operation starts again on SQLAlchemy's way, as all later ones do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, DisconnectionError, MissingGreenlet

from ..async_engine import AsyncEngine
from ..drivers import Driver
from ..statements import Rows, Sql, SqlSteps
from . import private_api

_R = TypeVar("_R")

log = logging.getLogger("agentomatic_sql")


class NotDirect(Exception):
    """Operations have to run through SQLAlchemy from now on.

    A new connection is not the driver's own object, or a listener needs more than it gets here.
    """


class Cursor:
    """A cursor for listeners to look at: it executes nothing."""

    description = None
    lastrowid = None
    arraysize = 1
    rowcount = -1
    """How many rows the statement has returned; -1 if it has returned none, or is not executed yet."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def _refuse(self, *_arguments: Any, **_options: Any) -> NoReturn:
        raise MissingGreenlet("a listener's cursor executes nothing")

    execute = executemany = fetchone = fetchmany = fetchall = _refuse

    def close(self) -> None:
        """Do nothing."""


class Failure(ExceptionContext):
    """Tells a listener of `handle_error` about an error, by SQLAlchemy's own attributes."""

    def __init__(self, **told: Any) -> None:
        vars(self).update(told)


class Listeners:
    """The listeners of an engine, for one operation on the connection of a pool's entry.

    is_lost: returns whether an error means that the connection was lost.
    """

    def __init__(self, engine: AsyncEngine, entry: Any, is_lost: Callable[[BaseException], bool]) -> None:
        self._engine = engine.sync_engine
        self._entry = entry
        self._is_lost = is_lost
        self._connection: Any = None
        self._cursor = Cursor(entry.dbapi_connection)
        self._context: Any = None
        self._statement: Sql | None = None
        """The statement that is being executed."""
        self.want_greenlet = False
        """Whether one of them has tried to execute something."""

    async def run(self, driver: Driver, connection: Any, steps: SqlSteps[_R], *, changes: bool) -> _R:
        """Run an operation as the driver does, and call the listeners; raises `NotDirect`, or a listener's error."""
        if self._connection is None:
            self._connection = self._call(private_api.told_connection, self._engine, self._entry)
        try:
            return await driver.run_step_by_step(connection, self._told(steps, changes=changes), changes=changes)
        except NotDirect:
            raise
        except BaseException as error:
            if self._statement is None and not isinstance(error, driver.errors()):
                raise
            if (told := self._tell_of(error)) is not error:
                raise told from error
            raise

    def _told(self, steps: SqlSteps[_R], *, changes: bool) -> SqlSteps[_R]:
        """Run an operation's statements one at a time, and call the listeners before and after each."""
        try:
            statements, last = next(steps)
            while True:
                rows: list[Rows] = []
                for number, statement in enumerate(statements, 1):
                    ends = last and number == len(statements)
                    sent = self._statement = self._before(statement)
                    (found,) = yield [sent], ends
                    self._statement = None
                    self._after(sent, found, committed=ends and changes)
                    rows.append(found)
                statements, last = steps.send(rows)
        except StopIteration as done:
            result: _R = done.value
            return result

    def _before(self, statement: Sql) -> Sql:
        """Call the listeners before a statement, and log it; return what is sent."""
        text, arguments = statement
        many = isinstance(arguments, list)
        self._cursor = Cursor(self._entry.dbapi_connection)
        self._context = private_api.told_context(self._connection, self._cursor, text, arguments)
        if private_api.has_events(self._engine):
            told = self._connection, self._cursor
            for listener in self._engine.dispatch.before_cursor_execute:
                text, arguments = self._call(listener, *told, text, arguments, self._context, many)
        if self._engine.logger.isEnabledFor(logging.INFO):
            private_api.log_statement(self._connection, text, arguments, many=many)
        return Sql(text, arguments if many else tuple(arguments))

    def _after(self, statement: Sql, rows: Rows, *, committed: bool) -> None:
        """Call the listeners after a statement.

        The error of one cannot undo a statement that has committed itself: it is logged.
        """
        if not private_api.has_events(self._engine):
            return
        text, arguments = statement
        many = isinstance(arguments, list)
        self._cursor.rowcount = len(rows) or -1
        try:
            call_all = self._engine.dispatch.after_cursor_execute
            self._call(call_all, self._connection, self._cursor, text, arguments, self._context, many)
        except Exception:
            if not committed:
                raise
            log.exception("a listener of after_cursor_execute failed; its statement has been committed")

    def _tell_of(self, error: BaseException) -> BaseException:
        """Call the listeners of errors; return the error to raise, which may be another one."""
        text, arguments = self._statement or (None, None)
        wrapped = private_api.as_sqlalchemys(self._connection, error, text, arguments)
        lost = not isinstance(error, Exception) or self._is_lost(error)
        failure = Failure(
            engine=self._engine,
            dialect=self._engine.dialect,
            connection=self._connection,
            statement=text,
            parameters=arguments,
            original_exception=getattr(wrapped, "orig", wrapped),
            sqlalchemy_exception=wrapped if isinstance(wrapped, DBAPIError) else None,
            chained_exception=None,
            execution_context=None if text is None else self._context,
            is_disconnect=lost,
            invalidate_pool_on_disconnect=isinstance(error, Exception),
            is_pre_ping=False,
        )
        self._tell(failure)
        if not isinstance(error, Exception):  # a cancelled call stays so
            return error
        if failure.chained_exception is not None:
            return failure.chained_exception
        if failure.is_disconnect and not lost and isinstance(wrapped, DBAPIError):
            wrapped.connection_invalidated = True
            return wrapped
        return error

    def _tell(self, failure: Failure) -> None:
        """Call the listeners of errors. One that raises is the last."""
        for call in self._engine.dialect.dispatch.handle_error:
            try:
                failure.chained_exception = call(failure) or failure.chained_exception
            except Exception as raised:  # noqa: BLE001 - it takes the error's place, whatever it is
                failure.chained_exception = raised
                return

    def _call(self, function: Callable[..., _R], *arguments: Any) -> _R:
        """Call listeners; raises `NotDirect` if one tries to execute something, or to have the connection replaced."""
        try:
            return function(*arguments)
        except (MissingGreenlet, DisconnectionError, DBAPIError) as error:
            if isinstance(error, DBAPIError) and not isinstance(error.orig, MissingGreenlet):
                raise
            self.want_greenlet = True
            raise NotDirect from error
