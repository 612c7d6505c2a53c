"""Statements that append messages.

Appends come in batches: those of one thread share the update of its counter, and all of them a transaction. A message
carries a token that its call gave it, so that a call whose answer was lost finds out what has become of it.
Where the database can change rows within a WITH, a batch is one statement; on another server it is three or four, of
which none needs another's answer, so that they are sent at once. In this process each thread and message has its own.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, FromClause, Select, and_, bindparam, func, insert, select, type_coerce, update

from .. import ownership, records
from ..dialects import Dialect
from ..dialects.types import IsoTime
from ..inputs import Row
from ..models import MESSAGES, THREADS
from ..ownership import Owner, theirs
from ..records import Record
from ..sealing.fields import PLAIN, Sealing
from ..statements import Each, Lost, Rows, Statement, Steps, Together
from . import idempotency
from .idempotency import Key


class Append(NamedTuple):
    """The messages of one call, for one thread."""

    thread_id: str
    rows: Sequence[Row]
    """As they are stored: sealed, where the store seals."""
    at: datetime
    token: int
    """That of the first message; those of the others follow it."""
    key: Key | None
    size: int
    """In characters."""

    @classmethod
    def of(
        cls, thread_id: str, rows: Sequence[Row], at: datetime, key: Key | None = None, sealing: Sealing = PLAIN
    ) -> Append:
        """An append with tokens of its own."""
        token = _tokens.getrandbits(62)
        if sealing.active:
            rows = [sealing.row(MESSAGES, row, thread_id=thread_id, token=token + n) for n, row in enumerate(rows)]
        size = sum([len(row["content"]) + len(row["metadata"]) for row in rows])
        return cls(thread_id, rows, at, token, key, size)


# Not the system's own numbers, each of which is a call of the system; nor `random`'s, which an application may seed.
_tokens = random.Random()  # noqa: S311 - they need only differ
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_tokens.seed)  # else a child would go on with its parent's


_GIVEN = ("role", "content", "metadata", "token")
_STORED = ("thread_id", "position", *_GIVEN, "created_at")
_PLACE = (
    MESSAGES.c.thread_id,
    MESSAGES.c.id,
    MESSAGES.c.position,
    type_coerce(MESSAGES.c.created_at, IsoTime()).label("created_at"),
)


class Place(NamedTuple):
    """Where a message was stored, and when."""

    thread_id: str
    id: int
    position: int
    created_at: str


class _New(NamedTuple):
    """A message to be stored, so many places before the end of its thread as it will be."""

    thread_id: str
    place: int
    token: int
    row: Row


def add(dialect: Dialect, appends: Sequence[Append], owner: Owner) -> Steps[list[list[Place] | None]]:
    """Append messages; the places of each call's, None where its thread is not there, or not the owner's.

    The places come from the thread's counter, whose row stays locked until the commit. The time of a message is never
    before that of the one in front of it, whatever the writers' clocks say. Threads are locked in the order of their
    ids, so that two batches never wait for each other.
    """
    if len(appends) == 1:
        return [(yield from _add_one(dialect, appends[0], owner))]
    counts: dict[str, int] = {}
    for append in sorted(appends, key=_thread_id):
        counts[append.thread_id] = counts.get(append.thread_id, 0) + len(append.rows)
    places: dict[str, list[Place]] = {}
    new, keys = _new(appends, counts)
    rows = yield from _store(dialect, counts, new, keys, max(append.at for append in appends), owner)
    for row in rows:
        places.setdefault(row[0], []).append(Place(*row))
    for of_thread in places.values():
        of_thread.sort(key=_position)
    answers: list[list[Place] | None] = []
    taken = dict.fromkeys(counts, 0)
    for append in appends:
        first = taken[append.thread_id]
        taken[append.thread_id] = last = first + len(append.rows)
        stored = places.get(append.thread_id)
        answers.append(None if stored is None else stored[first:last])
    return answers


def _add_one(dialect: Dialect, append: Append, owner: Owner) -> Steps[list[Place] | None]:
    """The same for one call."""
    counts = {append.thread_id: len(append.rows)}
    new, keys = _new((append,), counts)
    rows = yield from _store(dialect, counts, new, keys, append.at, owner)
    if not rows:
        return None
    return sorted([Place(*row) for row in rows], key=_position)


def _thread_id(append: Append) -> str:
    return append.thread_id


def _position(place: Place) -> int:
    return place.position


def _new(appends: Sequence[Append], counts: Mapping[str, int]) -> tuple[list[_New], list[tuple[str, Key, int, int]]]:
    """The messages, each thread's in the order in which they came, and the keys of their calls with their places."""
    left = dict(counts)
    new = []
    keys = []
    for append in appends:
        if append.key is not None:
            keys.append((append.thread_id, append.key, left[append.thread_id], len(append.rows)))
        for number, row in enumerate(append.rows):
            new.append(_New(append.thread_id, left[append.thread_id], append.token + number, row))
            left[append.thread_id] -= 1
    return new, keys


def records_of(rows: Sequence[Row], places: Sequence[Place]) -> list[Record]:
    """The records of messages that were given as these rows and stored at these places."""
    return [
        records.message_of(id_, thread_id, position, row["role"], row["content"], row["metadata"], at)
        for row, (thread_id, id_, position, at) in zip(rows, places, strict=True)
    ]


def _store(
    dialect: Dialect,
    counts: Mapping[str, int],
    new: Sequence[_New],
    keys: Sequence[tuple[str, Key, int, int]],
    at: datetime,
    owner: Owner,
) -> Steps[Rows]:
    """Count the threads up and insert their messages; the place of each."""
    here: dict[str, Any] = {"at": at, "owner": owner}
    keyed, owned = bool(keys), owner is not None
    if keyed:
        here |= idempotency.given(dialect, keys)
    keying = [Statement(idempotency.for_messages, (dialect, THREADS, owned), here)] if keyed else []
    if dialect.in_process and len(new) > 1:
        return (yield from _store_each(dialect, counts, new, keying, here))
    if many := len(counts) > 1:
        here |= dialect.given_lists("wanted", id=[*counts], count=[*counts.values()])
    else:
        [(here["thread_id"], here["count"])] = counts.items()
    if len(new) == 1:
        [(_thread, _place, token, row)] = new
        adding = [Statement(_adding_one, (dialect, keyed, owned), {**here, **row, "place": 1, "token": token})]
    else:
        parts = [new] if dialect.changes_in_with else _parts(new)
        adding = [
            Statement(_adding, (dialect, many, keyed, owned), {**here, **_lists(dialect, part)}) for part in parts
        ]
    before: list[Statement] = []
    if not dialect.changes_in_with:
        before = [Statement(_holding, (dialect, owned), here)] if many else []
        before.append(Statement(_counting, (dialect, many, owned), here))
        before += keying
    if dialect.returns_changed:
        answers = yield Together([*before, *adding], last=True)
        return [row for rows in answers[len(before) :] for row in rows]
    *_none, rows = yield Together([*before, *adding, Statement(_added, (dialect, many, owned), here)], last=True)
    return rows


def _store_each(
    dialect: Dialect,
    counts: Mapping[str, int],
    new: Sequence[_New],
    keying: Sequence[Statement],
    here: Mapping[str, Any],
) -> Steps[Rows]:
    """The same, a statement for each. What is new afterwards was stored by them: nobody else writes meanwhile."""
    owned = here["owner"] is not None
    threads = [{**here, "thread_id": thread_id, "count": count} for thread_id, count in counts.items()]
    messages = [
        {**here, **row, "thread_id": thread_id, "place": place, "token": token} for thread_id, place, token, row in new
    ]
    (((last,),),) = yield Together((Statement(_last),))
    counting, adding = Each(_counting, (dialect, False, owned), threads), Each(_adding_each, (owned,), messages)
    since = Statement(_since, (), {"last": last or 0})
    return (yield Together((counting, *keying, adding, since), last=True))[-1]


def _parts(new: Sequence[_New]) -> list[list[_New]]:
    """The messages in parts that any server takes, where each of them is small enough by itself."""
    parts: list[list[_New]] = [[]]
    length = 0
    for one in new:
        longer = len(one.row["content"]) + len(one.row["metadata"])
        if parts[-1] and length + longer > _PART:
            parts.append([])
            length = 0
        parts[-1].append(one)
        length += longer
    return parts


_PART = 1_000_000  # characters


def _lists(dialect: Dialect, new: Sequence[_New]) -> dict[str, Any]:
    threads, places, tokens, rows = zip(*new, strict=True)
    texts = {name: [row[name] for row in rows] for name in _GIVEN[:-1]}
    return dialect.given_lists("given", thread_id=threads, place=places, **texts, token=tokens)


def _adding_one(dialect: Dialect, keyed: bool, owned: bool) -> Any:
    if not dialect.changes_in_with:
        return _inserting(dialect, _message_of_thread(owned), THREADS, keyed)
    counted = _counted(dialect, owned, many=False)
    return _inserting(dialect, _message(counted), counted, keyed)


def _message(counted: FromClause) -> Select[Any]:
    """The row of a message."""
    given = [bindparam(name, type_=MESSAGES.c[name].type) for name in _GIVEN]
    position = counted.c.message_count - bindparam("place", type_=BigInteger())
    return select(counted.c.id, position, *given, counted.c.updated_at)


def _message_of_thread(owned: bool) -> Select[Any]:
    return _message(THREADS).where(THREADS.c.id == _thread(), *theirs(owned))


def _adding_each(owned: bool) -> Any:
    return insert(MESSAGES).from_select(_STORED, _message_of_thread(owned))


def _last() -> Any:
    return select(func.max(MESSAGES.c.id))


def _since() -> Any:
    return select(*_PLACE).where(MESSAGES.c.id > bindparam("last", type_=MESSAGES.c.id.type))


def _adding(dialect: Dialect, many: bool, keyed: bool, owned: bool) -> Any:
    counted = _counted(dialect, owned, many=many)
    kinds = {name: MESSAGES.c[name].type for name in _GIVEN}
    given = dialect.given("given", thread_id=THREADS.c.id.type, place=BigInteger(), **kinds)
    rows = select(counted.c.id, counted.c.message_count - given.c.place, *(given.c[name] for name in _GIVEN))
    rows = rows.add_columns(counted.c.updated_at).join_from(given, counted, counted.c.id == given.c.thread_id)
    if not dialect.changes_in_with:
        rows = rows.where(*theirs(owned))
    return _inserting(dialect, rows, counted, keyed)


def _counted(dialect: Dialect, owned: bool, *, many: bool) -> FromClause:
    """The threads, after their counters were."""
    return _counting(dialect, many, owned).cte("counted") if dialect.changes_in_with else THREADS


def _inserting(dialect: Dialect, rows: Any, counted: FromClause, keyed: bool) -> Any:
    inserting = insert(MESSAGES).from_select(_STORED, rows)
    if keyed and dialect.changes_in_with:
        inserting = inserting.add_cte(idempotency.for_messages(dialect, counted, owned=False).cte("keyed"))
    return inserting.returning(*_PLACE) if dialect.returns_changed else inserting


def _counting(dialect: Dialect, many: bool, owned: bool) -> Any:
    """Count threads up, and return their rows where the statement can."""
    thread_id: Any = _thread()
    count: Any = bindparam("count", type_=BigInteger())
    if many:
        wanted = _holding(dialect, owned).cte("held") if dialect.changes_in_with else _wanted(dialect)
        thread_id, count = wanted.c.id, wanted.c.count
    later = dialect.later(THREADS.c.updated_at, bindparam("at", type_=THREADS.c.updated_at.type))
    values = {"message_count": THREADS.c.message_count + count, "updated_at": later}
    counting = update(THREADS).where(THREADS.c.id == thread_id, *theirs(owned)).values(values)
    if dialect.changes_in_with:
        return counting.returning(THREADS.c.id, THREADS.c.message_count, THREADS.c.updated_at)
    return counting


def _holding(dialect: Dialect, owned: bool) -> Any:
    """Lock the wanted threads in the order of their ids, in which they are given, whatever order the update takes."""
    wanted = _wanted(dialect)
    if dialect.changes_in_with:
        found = select(wanted.c.id, wanted.c.count).join_from(wanted, THREADS, THREADS.c.id == wanted.c.id)
        return found.where(*theirs(owned)).order_by(THREADS.c.id).with_for_update(of=THREADS, key_share=True)
    # Outer: else a planner may read the threads first. A column of theirs: else MariaDB leaves them out.
    here = and_(THREADS.c.id == wanted.c.id, *theirs(owned))
    found = select(THREADS.c.message_count).join_from(wanted, THREADS, here, isouter=True)
    return found.with_for_update()


def _added(dialect: Dialect, many: bool, owned: bool) -> Any:
    """The last messages of each thread, as many as were stored."""
    if many:
        wanted = _wanted(dialect)
        threads = wanted.join(THREADS, and_(THREADS.c.id == wanted.c.id, *theirs(owned)))
        newest = MESSAGES.c.position >= THREADS.c.message_count - wanted.c.count
        return select(*_PLACE).select_from(threads.join(MESSAGES, (MESSAGES.c.thread_id == THREADS.c.id) & newest))
    end = select(THREADS.c.message_count).where(THREADS.c.id == _thread(), *theirs(owned)).scalar_subquery()
    newest = MESSAGES.c.position >= end - bindparam("count", type_=BigInteger())
    return select(*_PLACE).where(MESSAGES.c.thread_id == _thread(), newest).order_by(MESSAGES.c.position)


def _wanted(dialect: Dialect) -> FromClause:
    return dialect.given("wanted", id=THREADS.c.id.type, count=BigInteger())


def _thread() -> Any:
    return bindparam("thread_id", type_=THREADS.c.id.type)


def find(_dialect: Dialect, appends: Sequence[Append], owner: Owner) -> Steps[list[list[Place] | None] | Lost]:
    """What has become of appends whose answer was lost, as `add` would have said it.

    The thread's row is locked first: one that is still being stored is waited for.
    """
    answers: list[list[Place] | None] = []
    for append in appends:
        tokens = {"first": append.token, "last": append.token + len(append.rows) - 1}
        asked = {**tokens, "thread_id": append.thread_id, "at": append.at, "owner": owner}
        yield Together((Statement(_locking, (owner is not None,), asked),))
        (rows,) = yield Together((Statement(_with_token, (owner is not None,), asked),))
        answers.append([Place(*row) for row in rows] or None)
    return answers if any(answers) else Lost.UNDONE


def _locking(owned: bool) -> Any:
    return select(THREADS.c.id).where(THREADS.c.id == _thread(), *theirs(owned)).with_for_update()


def _with_token(owned: bool) -> Any:
    found = select(*_PLACE).order_by(MESSAGES.c.position)
    here = MESSAGES.c.thread_id == ownership.thread(owned)
    since = MESSAGES.c.created_at >= bindparam("at", type_=MESSAGES.c.created_at.type)
    first, last = (bindparam(name, type_=BigInteger()) for name in ("first", "last"))
    return found.where(here, MESSAGES.c.token.between(first, last), since)
