"""Statements about messages; appending them has a file of its own, `appends.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from .. import records
from ..context import Context
from ..dialects.types import for_record
from ..models import MESSAGES
from ..operations import query
from ..ownership import named_thread, on_threads_of_owner, owner_of
from ..records import Record
from ..statements import Group, Statement, Steps, fetch, number, parameter


@query
def page(
    _context: Context, thread_id: str, limit: int, offset: int, last: int | None, *, sealed: bool = False
) -> Steps[list[Record]]:
    """Return a page of a thread's messages, the oldest first; `last` counts from the end.

    Positions have no gaps, so an offset is a place in the index, and no row has to be skipped. With `sealed`, each
    record has what it takes to decrypt it, too: its token, and the thread's user.
    """
    if last is not None:
        rows = yield from fetch(_newest, sealed, thread_id=thread_id, limit=last)
        return [record(row) for row in reversed(rows)]
    rows = yield from fetch(_from, sealed, thread_id=thread_id, offset=offset, limit=limit)
    return [record(row) for row in rows]


def columns(sealed: bool) -> list[Any]:
    """Return the columns that `record` needs, in its order."""
    if not sealed:
        return for_record(MESSAGES, records.MESSAGE)
    return [*for_record(MESSAGES, (*records.MESSAGE, "token")), owner_of(MESSAGES.c.thread_id)]


def record(row: Sequence[Any]) -> Record:
    """Make the record of a message from its `columns`."""
    if len(row) == len(records.MESSAGE):
        return records.message_of(*row)
    *values, token, user_id = row
    return {**records.message_of(*values), "token": token, "user_id": user_id}


def _newest(context: Context, sealed: bool) -> Any:
    return _history(context, sealed).order_by(MESSAGES.c.position.desc())


def _from(context: Context, sealed: bool) -> Any:
    # Ordered by the position alone: MariaDB 10 sorts if the order names a column that is already fixed.
    onwards = MESSAGES.c.position >= number("offset")
    return _history(context, sealed).where(onwards).order_by(MESSAGES.c.position)


def _history(context: Context, sealed: bool) -> Any:
    here = MESSAGES.c.thread_id == named_thread(context)
    return select(*columns(sealed)).where(here).limit(number("limit"))


@query
def page_of_all(
    _context: Context, limit: int, after: tuple[str, int] | None, *, sealed: bool = False
) -> Steps[list[Record]]:
    """Return a page of all messages, thread by thread in the order of their ids."""
    if after is None:
        return [record(row) for row in (yield from fetch(_all, sealed, limit=limit))]
    thread_id, position = after
    values = {"thread_id": thread_id, "offset": position + 1, "limit": limit}
    (found,) = yield Group((Statement(_from, (sealed,), values),))
    if len(found) < limit:
        values["limit"] = limit - len(found)
        found = [*found, *(yield from fetch(_following, sealed, **values))]
    return [record(row) for row in found]


def _all(context: Context, sealed: bool) -> Any:
    every = select(*columns(sealed)).where(*on_threads_of_owner(context, MESSAGES.c.thread_id))
    return every.order_by(MESSAGES.c.thread_id, MESSAGES.c.position).limit(number("limit"))


def _following(context: Context, sealed: bool) -> Any:
    return _all(context, sealed).where(MESSAGES.c.thread_id > parameter(MESSAGES.c.thread_id))
