"""Statements about messages; appending them has a file of its own, `appends.py`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select

from .. import records
from ..context import Context
from ..dialects.types import for_record
from ..operations import about, first, query
from ..ownership import named_thread, on_threads_of_owner, owner_of
from ..statements import Group, Rows, Statement, Steps, fetch, number, parameter
from ..tables import MESSAGES, THREADS


@about(first)
@query
def page(
    _context: Context, thread_id: str, limit: int, offset: int, last: int | None, *, sealed: bool = False
) -> Steps[Rows]:
    """Return a page of a thread's messages as rows of `columns`, the oldest first; `last` counts from the end.

    Positions have no gaps, so an offset is a place in the index, and no row has to be skipped.
    """
    if last is not None:
        return (yield from fetch(_newest, sealed, thread_id=thread_id, limit=last))[::-1]
    return (yield from fetch(_from, sealed, thread_id=thread_id, offset=offset, limit=limit))


def columns(sealed: bool, thread_id: ColumnElement[Any] = MESSAGES.c.thread_id) -> list[Any]:
    """Return the columns from which `Sealing.messages` makes a record; `thread_id` is the thread of all rows, if known.

    With `sealed`, they include what it takes to decrypt them: the token, and the thread's user.
    """
    if not sealed:
        return for_record(MESSAGES, records.MESSAGE)
    return [*for_record(MESSAGES, (*records.MESSAGE, "token")), owner_of(thread_id)]


def _newest(context: Context, sealed: bool) -> Any:
    return _history(context, sealed).order_by(MESSAGES.c.position.desc())


def _from(context: Context, sealed: bool) -> Any:
    # Ordered by the position alone: MariaDB 10 sorts if the order names a column that is already fixed.
    onwards = MESSAGES.c.position >= number("offset")
    return _history(context, sealed).where(onwards).order_by(MESSAGES.c.position)


def _history(context: Context, sealed: bool) -> Any:
    here = MESSAGES.c.thread_id == named_thread(context)
    # The user of the one thread, and not of each row's: the server looks it up once.
    return select(*columns(sealed, parameter(THREADS.c.id, "thread_id"))).where(here).limit(number("limit"))


@query
def page_of_all(_context: Context, limit: int, after: tuple[str, int] | None, *, sealed: bool = False) -> Steps[Rows]:
    """Return a page of all messages as rows of `columns`, thread by thread in the order of their ids."""
    if after is None:
        return (yield from fetch(_all, sealed, limit=limit))
    thread_id, position = after
    values = {"thread_id": thread_id, "offset": position + 1, "limit": limit}
    (found,) = yield Group((Statement(_from, (sealed,), values),))
    if len(found) < limit:
        values["limit"] = limit - len(found)
        found = [*found, *(yield from fetch(_following, sealed, **values))]
    return found


def _all(context: Context, sealed: bool) -> Any:
    every = select(*columns(sealed)).where(*on_threads_of_owner(context, MESSAGES.c.thread_id))
    return every.order_by(MESSAGES.c.thread_id, MESSAGES.c.position).limit(number("limit"))


def _following(context: Context, sealed: bool) -> Any:
    return _all(context, sealed).where(MESSAGES.c.thread_id > parameter(MESSAGES.c.thread_id))
