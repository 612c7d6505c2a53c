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
from ..ownership import named_thread, on_threads_of_owner
from ..records import Record
from ..statements import Group, Statement, Steps, fetch, number, parameter


@query
def page(
    _context: Context, thread_id: str, limit: int, offset: int, last: int | None, *, tokens: bool = False
) -> Steps[list[Record]]:
    """Return a page of a thread's messages, the oldest first; `last` counts from the end.

    Positions have no gaps, so an offset is a place in the index, and no row has to be skipped. With `tokens`, each
    record has its row's token.
    """
    if last is not None:
        rows = yield from fetch(_newest, tokens, thread_id=thread_id, limit=last)
        return [record(row) for row in reversed(rows)]
    rows = yield from fetch(_from, tokens, thread_id=thread_id, offset=offset, limit=limit)
    return [record(row) for row in rows]


def columns(tokens: bool) -> list[Any]:
    """Return the columns that `record` needs, in its order."""
    return for_record(MESSAGES, (*records.MESSAGE, "token") if tokens else records.MESSAGE)


def record(row: Sequence[Any]) -> Record:
    """Make the record of a message from its `columns`."""
    if len(row) == len(records.MESSAGE):
        return records.message_of(*row)
    *values, token = row
    return {**records.message_of(*values), "token": token}


def _newest(context: Context, tokens: bool) -> Any:
    return _history(context, tokens).order_by(MESSAGES.c.position.desc())


def _from(context: Context, tokens: bool) -> Any:
    # Ordered by the position alone: MariaDB 10 sorts if the order names a column that is already fixed.
    onwards = MESSAGES.c.position >= number("offset")
    return _history(context, tokens).where(onwards).order_by(MESSAGES.c.position)


def _history(context: Context, tokens: bool) -> Any:
    here = MESSAGES.c.thread_id == named_thread(context)
    return select(*columns(tokens)).where(here).limit(number("limit"))


@query
def page_of_all(
    _context: Context, limit: int, after: tuple[str, int] | None, *, tokens: bool = False
) -> Steps[list[Record]]:
    """Return a page of all messages, thread by thread in the order of their ids."""
    if after is None:
        return [record(row) for row in (yield from fetch(_all, tokens, limit=limit))]
    thread_id, position = after
    values = {"thread_id": thread_id, "offset": position + 1, "limit": limit}
    (found,) = yield Group((Statement(_from, (tokens,), values),))
    if len(found) < limit:
        values["limit"] = limit - len(found)
        found = [*found, *(yield from fetch(_following, tokens, **values))]
    return [record(row) for row in found]


def _all(context: Context, tokens: bool) -> Any:
    every = select(*columns(tokens)).where(*on_threads_of_owner(context, MESSAGES.c.thread_id))
    return every.order_by(MESSAGES.c.thread_id, MESSAGES.c.position).limit(number("limit"))


def _following(context: Context, tokens: bool) -> Any:
    return _all(context, tokens).where(MESSAGES.c.thread_id > parameter(MESSAGES.c.thread_id))
