"""Statements about messages; appending them has a file of its own, `appends.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, bindparam, select

from .. import ownership, records
from ..dialects.types import for_record
from ..models import MESSAGES
from ..ownership import Owner
from ..records import Record
from ..statements import Statement, Steps, Together, ask


def page(
    thread_id: str, limit: int, offset: int, last: int | None, owner: Owner, *, tokens: bool = False
) -> Steps[list[Record]]:
    """A page of a thread's messages, the oldest first; `last` counts from the end.

    Positions have no gaps, so that an offset is a place in the index and nothing has to be skipped. With `tokens` a
    record has its row's.
    """
    owned = owner is not None
    if last is not None:
        rows = yield from ask(_newest, owned, tokens, thread_id=thread_id, limit=last, owner=owner)
        return [record(row) for row in reversed(rows)]
    rows = yield from ask(_from, owned, tokens, thread_id=thread_id, offset=offset, limit=limit, owner=owner)
    return [record(row) for row in rows]


def columns(tokens: bool) -> list[Any]:
    """The columns of which `record` makes one."""
    return for_record(MESSAGES, (*records.MESSAGE, "token") if tokens else records.MESSAGE)


def record(row: Sequence[Any]) -> Record:
    if len(row) == len(records.MESSAGE):
        return records.message_of(*row)
    *values, token = row
    return {**records.message_of(*values), "token": token}


def _newest(owned: bool, tokens: bool) -> Any:
    return _history(owned, tokens).order_by(MESSAGES.c.position.desc())


def _from(owned: bool, tokens: bool) -> Any:
    onwards = MESSAGES.c.position >= bindparam("offset", type_=BigInteger())
    # by the position alone: MariaDB 10 sorts where the order names a column that is already fixed
    return _history(owned, tokens).where(onwards).order_by(MESSAGES.c.position)


def _history(owned: bool, tokens: bool) -> Any:
    here = MESSAGES.c.thread_id == ownership.thread(owned)
    return select(*columns(tokens)).where(here).limit(bindparam("limit", type_=BigInteger()))


def page_of_all(
    limit: int, after: tuple[str, int] | None, owner: Owner, *, tokens: bool = False
) -> Steps[list[Record]]:
    """A page of all messages, thread by thread in the order of their ids."""
    owned = owner is not None
    if after is None:
        return [record(row) for row in (yield from ask(_all, owned, tokens, limit=limit, owner=owner))]
    thread_id, position = after
    given = {"thread_id": thread_id, "offset": position + 1, "limit": limit, "owner": owner}
    (found,) = yield Together((Statement(_from, (owned, tokens), given),))
    if len(found) < limit:
        given["limit"] = limit - len(found)
        found = [*found, *(yield from ask(_following, owned, tokens, **given))]
    return [record(row) for row in found]


def _all(owned: bool, tokens: bool) -> Any:
    every = select(*columns(tokens)).where(*ownership.hanging(MESSAGES.c.thread_id, owned))
    every = every.order_by(MESSAGES.c.thread_id, MESSAGES.c.position)
    return every.limit(bindparam("limit", type_=BigInteger()))


def _following(owned: bool, tokens: bool) -> Any:
    return _all(owned, tokens).where(MESSAGES.c.thread_id > bindparam("thread_id", type_=MESSAGES.c.thread_id.type))
