"""Statements about messages.

Appends come in batches: those of one thread share the update of its counter, and all of them a transaction. A message
carries the token of the call that stored it, so that a call whose answer was lost finds out what has become of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, insert, literal_column, select, true, type_coerce, update

from . import records
from .dialects import Dialect
from .dialects.types import IsoTime, for_record
from .inputs import Row
from .models import MESSAGES, THREADS
from .records import Record
from .statements import Lost, Statement, Steps, Together, ask


class Append(NamedTuple):
    """The messages of one call, for one thread."""

    thread_id: str
    rows: Sequence[Row]
    at: datetime
    token: int

    @classmethod
    def of(cls, thread_id: str, rows: Sequence[Row], at: datetime) -> Append:
        """An append with a token of its own."""
        return cls(thread_id, rows, at, secrets.randbits(63))


def size(append: Append) -> int:
    """How long an append is, in characters."""
    return sum(len(row["content"]) + len(row["metadata"]) for row in append.rows)


_GIVEN = ("role", "content", "metadata")
_STORED = ("thread_id", "position", *_GIVEN, "token", "created_at")


def add(dialect: Dialect, appends: Sequence[Append]) -> Steps[list[list[Record] | None]]:
    """Append messages; the records of each call, None where its thread is not there.

    The places come from the thread's counter, whose row stays locked until the commit. The time of a message is never
    before that of the one in front of it, whatever the writers' clocks say. Threads are locked in the order of their
    ids, so that two batches never wait for each other.
    """
    of_thread: dict[str, list[tuple[Append, Row]]] = {}
    for append in sorted(appends, key=_thread_id):
        of_thread.setdefault(append.thread_id, []).extend((append, row) for row in append.rows)
    at = max(append.at for append in appends)
    stored = yield from (_in_one if dialect.changes_in_with else _one_by_one)(dialect, of_thread, at)
    answers: list[list[Record] | None] = []
    taken = dict.fromkeys(of_thread, 0)
    for append in appends:
        first = taken[append.thread_id]
        taken[append.thread_id] = last = first + len(append.rows)
        places = stored.get(append.thread_id)
        answers.append(None if places is None else _records(append, places[first:last]))
    return answers


_Stored = dict[str, list[tuple[int, int, str]]]  # of each thread: the id, position and time of its messages


def _thread_id(append: Append) -> str:
    return append.thread_id


def _records(append: Append, places: Sequence[tuple[int, int, str]]) -> list[Record]:
    return [
        records.message({**row, "thread_id": append.thread_id, "id": id_, "position": position, "created_at": at})
        for row, (id_, position, at) in zip(append.rows, places, strict=True)
    ]


def _in_one(dialect: Dialect, of_thread: dict[str, list[tuple[Append, Row]]], at: datetime) -> Steps[_Stored]:
    """One statement for all threads; for a single message a smaller one."""
    messages = [pair for pairs in of_thread.values() for pair in pairs]
    if len(messages) == 1:
        [(append, row)] = messages
        one = yield from ask(_adding_one, dialect, thread_id=append.thread_id, token=append.token, at=at, **row)
        return {append.thread_id: [tuple(found) for found in one]} if one else {}
    given: dict[str, Any] = {
        "at": at,
        "place_given": [place for pairs in of_thread.values() for place in range(len(pairs), 0, -1)],
        "token_given": [append.token for append, _row in messages],
        **{f"{name}_given": [row[name] for _append, row in messages] for name in _GIVEN},
    }
    if len(of_thread) == 1:
        rows = yield from ask(_adding_to_one, dialect, thread_id=messages[0][0].thread_id, count=len(messages), **given)
    else:
        given["id_given"], given["count_given"] = list(of_thread), [len(pairs) for pairs in of_thread.values()]
        given["thread_id_given"] = [append.thread_id for append, _row in messages]
        rows = yield from ask(_adding_to_many, dialect, **given)
    stored: _Stored = {}
    for thread_id, *place in rows:
        stored.setdefault(thread_id, []).append(tuple(place))
    for places in stored.values():
        places.sort(key=_position)
    return stored


def _position(place: tuple[int, int, str]) -> int:
    return place[1]


def _adding_one(dialect: Dialect) -> Any:
    counted = _counting(dialect, bindparam("thread_id", type_=THREADS.c.id.type), literal_column("1")).cte("counted")
    given = [bindparam(name, type_=MESSAGES.c[name].type) for name in (*_GIVEN, "token")]
    added = select(counted.c.id, counted.c.message_count - 1, *given, counted.c.updated_at)
    return insert(MESSAGES).from_select(_STORED, added).returning(*_PLACE)


def _adding_to_one(dialect: Dialect) -> Any:
    here, count = bindparam("thread_id", type_=THREADS.c.id.type), bindparam("count", type_=BigInteger())
    given = dialect.given("given", place=BigInteger(), **_kinds(*_GIVEN, "token"))
    return _adding_given(_counting(dialect, here, count).cte("counted"), given, true())


def _adding_to_many(dialect: Dialect) -> Any:
    wanted = dialect.given("wanted", id=THREADS.c.id.type, count=BigInteger())
    locked = select(wanted.c.id, wanted.c.count).join_from(wanted, THREADS, THREADS.c.id == wanted.c.id)
    # in the order of ids, whatever order the update would take
    held = locked.order_by(THREADS.c.id).with_for_update(of=THREADS, key_share=True).cte("held")
    counted = _counting(dialect, held.c.id, held.c.count).cte("counted")
    given = dialect.given("given", place=BigInteger(), **_kinds("thread_id", *_GIVEN, "token"))
    return _adding_given(counted, given, counted.c.id == given.c.thread_id)


def _adding_given(counted: Any, given: Any, of_it: Any) -> Any:
    texts = [given.c[name] for name in (*_GIVEN, "token")]
    rows = select(counted.c.id, counted.c.message_count - given.c.place, *texts, counted.c.updated_at)
    added = insert(MESSAGES).from_select(_STORED, rows.join_from(given, counted, of_it))
    return added.returning(MESSAGES.c.thread_id, *_PLACE)


def _kinds(*names: str) -> dict[str, Any]:
    return {name: MESSAGES.c[name].type for name in names}


_PLACE = (MESSAGES.c.id, MESSAGES.c.position, type_coerce(MESSAGES.c.created_at, IsoTime()).label("created_at"))


def _counting(dialect: Dialect, thread_id: Any, count: Any) -> Any:
    """Count a thread up, and return its row where the statement can."""
    at = bindparam("at", type_=THREADS.c.updated_at.type)
    later = dialect.later(THREADS.c.updated_at, at)
    values = {"message_count": THREADS.c.message_count + count, "updated_at": later}
    counted = update(THREADS).where(THREADS.c.id == thread_id).values(values)
    if dialect.changes_in_with:
        return counted.returning(THREADS.c.id, THREADS.c.message_count, THREADS.c.updated_at)
    return counted


def _one_by_one(dialect: Dialect, of_thread: dict[str, list[tuple[Append, Row]]], at: datetime) -> Steps[_Stored]:
    """A few statements a thread, of which none needs another's answer."""
    asked: list[Statement] = []
    ends: list[int] = []
    for thread_id, pairs in of_thread.items():
        here = {"thread_id": thread_id, "count": len(pairs)}
        asked.append(Statement(_counting_up, (dialect,), {**here, "at": at}))
        for place, (append, row) in enumerate(pairs):
            values = {**row, "token": append.token, "place": len(pairs) - place}
            asked.append(Statement(_adding_at, (), {**here, **values}))
        ends.append(len(asked))
        asked.append(Statement(_added, (), here))
    answers = yield Together(asked, last=True)
    found = zip(of_thread, (answers[end] for end in ends), strict=True)
    return {thread_id: [tuple(row) for row in rows] for thread_id, rows in found if rows}


def _counting_up(dialect: Dialect) -> Any:
    return _counting(dialect, bindparam("thread_id"), bindparam("count", type_=BigInteger()))


def _adding_at() -> Any:
    """A message `place` before the end, at which its thread's counter stands already."""
    given = [bindparam(name, type_=MESSAGES.c[name].type) for name in (*_GIVEN, "token")]
    position = THREADS.c.message_count - bindparam("place", type_=BigInteger())
    added = select(THREADS.c.id, position, *given, THREADS.c.updated_at)
    return insert(MESSAGES).from_select(_STORED, added.where(THREADS.c.id == bindparam("thread_id")))


def _added() -> Any:
    """The last `count` messages of a thread."""
    end = select(THREADS.c.message_count).where(THREADS.c.id == bindparam("thread_id")).scalar_subquery()
    newest = MESSAGES.c.position >= end - bindparam("count", type_=BigInteger())
    found = select(*_PLACE)
    return found.where(MESSAGES.c.thread_id == bindparam("thread_id"), newest).order_by(MESSAGES.c.position)


def find(_dialect: Dialect, appends: Sequence[Append]) -> Steps[list[list[Record] | None] | Lost]:
    """What has become of appends whose answer was lost, as `add` would have said it.

    The thread's row is locked first: one that is still being stored is waited for.
    """
    answers: list[list[Record] | None] = []
    for append in appends:
        asked = {"thread_id": append.thread_id, "token": append.token, "at": append.at}
        yield Together((Statement(_locking, (), {"thread_id": append.thread_id}),))
        (rows,) = yield Together((Statement(_with_token, (), asked),))
        answers.append(_records(append, rows) if rows else None)  # type: ignore[arg-type]
    return answers if any(answers) else Lost.UNDONE


def _locking() -> Any:
    return select(THREADS.c.id).where(THREADS.c.id == bindparam("thread_id")).with_for_update()


def _with_token() -> Any:
    found = select(*_PLACE).order_by(MESSAGES.c.position)
    here = MESSAGES.c.thread_id == bindparam("thread_id")
    since = MESSAGES.c.created_at >= bindparam("at", type_=MESSAGES.c.created_at.type)
    return found.where(here, MESSAGES.c.token == bindparam("token", type_=BigInteger()), since)


def page(thread_id: str, limit: int, offset: int, last: int | None) -> Steps[list[Record]]:
    """A page of a thread's messages, the oldest first; `last` counts from the end.

    Positions have no gaps, so that an offset is a place in the index and nothing has to be skipped.
    """
    if last is not None:
        rows = yield from ask(_newest, thread_id=thread_id, limit=last)
        return [_record(row) for row in reversed(rows)]
    rows = yield from ask(_from, thread_id=thread_id, offset=offset, limit=limit)
    return [_record(row) for row in rows]


_COLUMNS = for_record(MESSAGES, "token")
_NAMES = [column.key for column in _COLUMNS]


def _record(row: Sequence[Any]) -> Record:
    return records.message(dict(zip(_NAMES, row, strict=True)))


def _newest() -> Any:
    return _history().order_by(MESSAGES.c.position.desc())


def _from() -> Any:
    onwards = MESSAGES.c.position >= bindparam("offset", type_=BigInteger())
    # by the position alone: MariaDB 10 sorts where the order names a column that is already fixed
    return _history().where(onwards).order_by(MESSAGES.c.position)


def _history() -> Any:
    here = MESSAGES.c.thread_id == bindparam("thread_id", type_=MESSAGES.c.thread_id.type)
    return select(*_COLUMNS).where(here).limit(bindparam("limit", type_=BigInteger()))


def page_of_all(limit: int, after: tuple[str, int] | None) -> Steps[list[Record]]:
    """A page of all messages, thread by thread in the order of their ids."""
    if after is None:
        return [_record(row) for row in (yield from ask(_all, limit=limit))]
    thread_id, position = after
    (found,) = yield Together((Statement(_from, (), {"thread_id": thread_id, "offset": position + 1, "limit": limit}),))
    if len(found) < limit:
        found = [*found, *(yield from ask(_following, thread_id=thread_id, limit=limit - len(found)))]
    return [_record(row) for row in found]


def _all() -> Any:
    every = select(*_COLUMNS).order_by(MESSAGES.c.thread_id, MESSAGES.c.position)
    return every.limit(bindparam("limit", type_=BigInteger()))


def _following() -> Any:
    return _all().where(MESSAGES.c.thread_id > bindparam("thread_id", type_=MESSAGES.c.thread_id.type))
