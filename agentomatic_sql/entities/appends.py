"""Statements that append messages.

Appends run in batches: the appends of one thread share the update of its counter, and a batch is one transaction. Each
message carries a token that its call gave it, so that a call whose answer was lost can find out what became of it. Each
append names the epoch of its thread, so that an append that was not found can be refused for good (see `tokens`).

If the database has writable CTEs, a batch is one statement. On another server it is a group of a few statements that
are sent together. On SQLite, which runs in this process, each thread and each message has a statement of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    func,
    insert,
    literal_column,
    select,
    type_coerce,
    update,
)

from .. import records, tokens
from ..context import Context
from ..dialects.types import IsoTime
from ..inputs import Row
from ..models import MESSAGES, THREADS
from ..operations import batched, once
from ..ownership import named_thread, of_owner
from ..records import Record
from ..sealing.fields import Sealing
from ..statements import Fenced, Group, Lost, Rows, Statement, StatementForEach, Steps, number, parameter
from ..tokens import Known
from . import idempotency, threads
from .idempotency import Key


class Append(NamedTuple):
    """The messages of one call, for one thread."""

    thread_id: str
    rows: Sequence[Row]
    at: datetime
    token: int
    """The first message's token; the others' follow it."""
    key: Key | None
    size: int
    """In characters."""
    epoch: int = 0
    """The thread's epoch; with another one nothing is appended."""

    @classmethod
    def of(cls, thread_id: str, rows: Sequence[Row], at: datetime, key: Key | None = None) -> Append:
        """Make an append with new tokens."""
        return cls(thread_id, rows, at, tokens.new_token(), key, _size(rows))

    def sealed(self, sealing: Sealing, known: Known) -> Append:
        """Return the append with encrypted messages, for the thread that is known."""
        bound = {"thread_id": self.thread_id, **known.identity}
        rows = [sealing.row(MESSAGES, row, **bound, token=self.token + n) for n, row in enumerate(self.rows)]
        return self._replace(rows=rows, size=_size(rows), epoch=known.epoch)


def _size(rows: Sequence[Row]) -> int:
    return sum([len(row["content"]) + len(row["metadata"]) for row in rows])


_GIVEN = ("role", "content", "metadata", "token")
_STORED = ("thread_id", "position", *_GIVEN, "created_at")
_PLACE = (
    MESSAGES.c.thread_id,
    MESSAGES.c.id,
    MESSAGES.c.position,
    type_coerce(MESSAGES.c.created_at, IsoTime()).label("created_at"),
)


class Place(NamedTuple):
    """The place where a message was stored, and the time."""

    thread_id: str
    id: int
    position: int
    created_at: str


class _New(NamedTuple):
    """A message to store. `place` counts back from the thread's new `message_count`; 1 is the last message."""

    thread_id: str
    place: int
    token: int
    row: Row


Answer = list[Place] | Fenced | None
"""The result of an append: see `add` and `find`."""


def find(context: Context, appends: Sequence[Append]) -> Steps[list[Answer | Lost]]:
    """Find out what became of appends, which are stored together or not at all; returns for each

    - its places, if it was stored;
    - `Fenced` with the thread's epoch, if it was not stored, and never will be: others of its batch were, or the thread
      refuses the lost request from now on, even if it arrives late;
    - UNKNOWN, if the thread is gone, or another thread has its id;
    - None, if it was not sent, because it named another epoch than the rest of its batch.

    Each thread's row is locked first, so that an append that is being stored is waited for.
    """
    stored: dict[int, list[Place] | None] = {}
    found: dict[str, Known | None] = {}
    named = _epochs(appends)
    for append in sorted(appends, key=_thread_id):
        given: Row = {"first": append.token, "last": append.token + len(append.rows) - 1}
        given["thread_id"] = append.thread_id
        if append.thread_id not in found:
            found[append.thread_id] = yield from threads.lock(append.thread_id)
        (rows,) = yield Group((Statement(_with_token, (), given),))
        stored[append.token] = [Place(*row) for row in rows] or None
    committed = any(stored.values())
    others: dict[str, Fenced | Lost] = {}
    for thread_id, epoch in named.items():
        known = found[thread_id]
        if not committed:
            others[thread_id] = yield from threads.refuse(thread_id, epoch, known)
        else:
            there = known is not None and tokens.same_thread(epoch, known.epoch)
            others[thread_id] = Fenced(known.epoch) if known is not None and there else Lost.UNKNOWN
    return [
        None if append.epoch != named[append.thread_id] else stored[append.token] or others[append.thread_id]
        for append in appends
    ]


def _epochs(appends: Sequence[Append]) -> dict[str, int]:
    """Return the epoch that a batch names for each thread: the last append's. Appends with others are not sent."""
    return {append.thread_id: append.epoch for append in appends}


@batched(size=attrgetter("size"), locks=attrgetter("thread_id"))
@once(find=find)
def add(context: Context, appends: Sequence[Append]) -> Steps[list[Answer]]:
    """Append messages; returns, for each append, the places of its messages, or None.

    None means that the thread does not exist (or is not the owner's), or has another epoch than the append names.

    The positions come from the thread's counter, whose row stays locked until the commit. A message's time is the
    database's, whatever the writers' clocks say (see `threads.later`). Threads are locked in the order of their ids, so
    that two batches never wait for each other.
    """
    if len(appends) == 1:
        return [(yield from _add_one(context, appends[0]))]
    counts: dict[str, int] = {}
    epochs = _epochs(appends)
    given, appends = appends, [append for append in appends if append.epoch == epochs[append.thread_id]]
    for append in sorted(appends, key=_thread_id):
        counts[append.thread_id] = counts.get(append.thread_id, 0) + len(append.rows)
    places: dict[str, list[Place]] = {}
    new, keys = _new(appends, counts)
    rows = yield from _store(context, counts, epochs, new, keys, max(append.at for append in appends))
    for row in rows:
        places.setdefault(row[0], []).append(Place(*row))
    for of_thread in places.values():
        of_thread.sort(key=_position)
    answers: list[Answer] = []
    taken = dict.fromkeys(counts, 0)
    for append in given:
        if append.epoch != epochs[append.thread_id]:
            answers.append(None)
            continue
        first = taken[append.thread_id]
        taken[append.thread_id] = last = first + len(append.rows)
        stored = places.get(append.thread_id)
        answers.append(None if stored is None else stored[first:last])
    return answers


def _add_one(context: Context, append: Append) -> Steps[Answer]:
    """Append the messages of a single call; its rows need no assignment to calls."""
    counts, epochs = {append.thread_id: len(append.rows)}, {append.thread_id: append.epoch}
    new, keys = _new((append,), counts)
    rows = yield from _store(context, counts, epochs, new, keys, append.at)
    if not rows:
        return None
    return sorted([Place(*row) for row in rows], key=_position)


def _thread_id(append: Append) -> str:
    return append.thread_id


def _position(place: Place) -> int:
    return place.position


def _new(appends: Sequence[Append], counts: Mapping[str, int]) -> tuple[list[_New], list[tuple[str, Key, int, int]]]:
    """Return the messages, each thread's in the order in which they came, and the keys of their calls with places."""
    left = dict(counts)
    new = []
    keys = []
    for append in appends:
        if append.key is not None:
            keys.append((append.thread_id, append.key, left[append.thread_id], len(append.rows)))
        for index, row in enumerate(append.rows):
            new.append(_New(append.thread_id, left[append.thread_id], append.token + index, row))
            left[append.thread_id] -= 1
    return new, keys


def records_of(rows: Sequence[Row], places: Sequence[Place]) -> list[Record]:
    """Return the records of messages that were given as these rows and stored at these places."""
    return [
        records.message_of(id_, thread_id, position, row["role"], row["content"], row["metadata"], at)
        for row, (thread_id, id_, position, at) in zip(rows, places, strict=True)
    ]


def _store(
    context: Context,
    counts: Mapping[str, int],
    epochs: Mapping[str, int],
    new: Sequence[_New],
    keys: Sequence[tuple[str, Key, int, int]],
    at: datetime,
) -> Steps[Rows]:
    """Add to the threads' counters and insert their messages; returns the place of each."""
    dialect, keyed = context.dialect, bool(keys)
    given: dict[str, Any] = {"at": at, "ahead": at + threads.AHEAD}  # as `threads.times`, without its frame
    if keyed:
        given |= idempotency.table_parameters(dialect, keys, epochs)
    keying = [Statement(idempotency.for_messages, (), given)] if keyed else []
    if dialect.in_process and len(new) > 1:
        return (yield from _store_each(counts, epochs, new, keying, given))
    if many := len(counts) > 1:
        named = [epochs[thread_id] for thread_id in counts]
        given |= dialect.table_parameters("wanted", id=[*counts], count=[*counts.values()], epoch=named)
    else:
        [(given["thread_id"], given["count"])] = counts.items()
        given["epoch"] = epochs[given["thread_id"]]
    if len(new) == 1:
        [(_thread, _place, token, row)] = new
        adding = [Statement(_adding_one, (keyed,), {**given, **row, "place": 1, "token": token})]
    else:
        parts = [new] if dialect.writable_ctes else _parts(new)
        adding = [Statement(_adding, (many, keyed), {**given, **_lists(context, part, epochs)}) for part in parts]
    before: list[Statement] = []
    if not dialect.writable_ctes:
        before = [Statement(_holding, (), given)] if many else []
        before.append(Statement(_counting, (many, keyed), given))
        before += keying
    if dialect.has_returning:
        answers = yield Group([*before, *adding], last=True)
        return [row for rows in answers[len(before) :] for row in rows]
    *_none, rows = yield Group([*before, *adding, Statement(_added, (many,), given)], last=True)
    return rows


def _store_each(
    counts: Mapping[str, int],
    epochs: Mapping[str, int],
    new: Sequence[_New],
    keying: Sequence[Statement],
    given: Mapping[str, Any],
) -> Steps[Rows]:
    """Store with a statement for each row. Nobody else writes meanwhile, so every new message is one of these."""
    named = {thread_id: {**given, "thread_id": thread_id, "epoch": epochs[thread_id]} for thread_id in counts}
    counters = [{**named[thread_id], "count": count} for thread_id, count in counts.items()]
    messages = [{**named[thread_id], **row, "place": place, "token": token} for thread_id, place, token, row in new]
    (((last,),),) = yield Group((Statement(_last),))
    counting = StatementForEach(_counting, (False, bool(keying)), counters)
    adding = StatementForEach(_adding_each, (), messages)
    since = Statement(_since, (), {"last": last or 0})
    return (yield Group((counting, *keying, adding, since), last=True))[-1]


def _parts(new: Sequence[_New]) -> list[list[_New]]:
    """Divide messages into parts that every server takes, as long as each message is small enough."""
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


_PART = 100_000
"""Characters. In JSON, in a statement, each takes at most seven bytes: every server takes so much."""


def _lists(context: Context, new: Sequence[_New], epochs: Mapping[str, int]) -> dict[str, Any]:
    ids, places, numbers, rows = zip(*new, strict=True)
    texts = {name: [row[name] for row in rows] for name in _GIVEN[:-1]}
    # With writable CTEs, the update of the counters has compared the epochs already.
    named = {} if context.dialect.writable_ctes else {"epoch": [epochs[thread_id] for thread_id in ids]}
    return context.dialect.table_parameters("given", thread_id=ids, place=places, **texts, token=numbers, **named)


def _is_meant(context: Context, epoch: Any) -> list[ColumnElement[bool]]:
    """Condition: the thread has this epoch, and is the owner's."""
    return [THREADS.c.epoch == epoch, *of_owner(context)]


def _epoch() -> Any:
    return parameter(THREADS.c.epoch)


def _adding_one(context: Context, keyed: bool) -> Any:
    if not context.dialect.writable_ctes:
        return _inserting(context, _message_of_thread(context), THREADS, keyed)
    counted = _counted(context, many=False, keyed=keyed)
    return _inserting(context, _message(counted), counted, keyed)


def _message(counted: FromClause) -> Select[Any]:
    """Select the row of a message."""
    given = [parameter(MESSAGES.c[name]) for name in _GIVEN]
    position = counted.c.message_count - number("place")
    return select(counted.c.id, position, *given, counted.c.updated_at)


def _message_of_thread(context: Context) -> Select[Any]:
    return _message(THREADS).where(THREADS.c.id == _named(), *_is_meant(context, _epoch()))


def _adding_each(context: Context) -> Any:
    return insert(MESSAGES).from_select(_STORED, _message_of_thread(context))


def _last(_context: Context) -> Any:
    return select(func.max(MESSAGES.c.id))


def _since(_context: Context) -> Any:
    return select(*_PLACE).where(MESSAGES.c.id > parameter(MESSAGES.c.id, "last"))


def _adding(context: Context, many: bool, keyed: bool) -> Any:
    counted = _counted(context, many=many, keyed=keyed)
    types = {name: MESSAGES.c[name].type for name in _GIVEN}
    if not context.dialect.writable_ctes:
        types["epoch"] = THREADS.c.epoch.type
    given = context.dialect.parameter_table("given", thread_id=THREADS.c.id.type, place=BigInteger(), **types)
    rows = select(counted.c.id, counted.c.message_count - given.c.place, *(given.c[name] for name in _GIVEN))
    rows = rows.add_columns(counted.c.updated_at).join_from(given, counted, counted.c.id == given.c.thread_id)
    if not context.dialect.writable_ctes:
        rows = rows.where(*_is_meant(context, given.c.epoch))
    return _inserting(context, rows, counted, keyed)


def _counted(context: Context, *, many: bool, keyed: bool) -> FromClause:
    """Return the threads with their new counters."""
    return _counting(context, many, keyed).cte("counted") if context.dialect.writable_ctes else THREADS


def _inserting(context: Context, rows: Any, counted: FromClause, keyed: bool) -> Any:
    inserting = insert(MESSAGES).from_select(_STORED, rows)
    if keyed and context.dialect.writable_ctes:
        inserting = inserting.add_cte(idempotency.for_counted_messages(context, counted).cte("keyed"))
    return inserting.returning(*_PLACE) if context.dialect.has_returning else inserting


def _counting(context: Context, many: bool, keyed: bool) -> Any:
    """Add to the counters of threads, and return their rows if the statement can.

    An idempotency key has no foreign key, so it counts as attached to its thread (see `ownership.attaching`).
    """
    dialect, thread_id, epoch = context.dialect, _named(), _epoch()
    count: Any = number("count")
    if many:
        wanted = _holding(context).cte("held") if dialect.writable_ctes else _wanted(context)
        thread_id, count, epoch = wanted.c.id, wanted.c.count, wanted.c.epoch
    values = {"message_count": THREADS.c.message_count + count, "updated_at": threads.later(context)}
    if keyed:
        values["attached"] = THREADS.c.attached + literal_column("1")
    counting = update(THREADS).where(THREADS.c.id == thread_id, *_is_meant(context, epoch)).values(values)
    if dialect.writable_ctes:
        return counting.returning(THREADS.c.id, THREADS.c.message_count, THREADS.c.updated_at)
    return counting


def _holding(context: Context) -> Any:
    """Lock the threads in the order of their ids, because an UPDATE may lock them in any order."""
    wanted = _wanted(context)
    if context.dialect.writable_ctes:
        found = select(*wanted.c).join_from(wanted, THREADS, THREADS.c.id == wanted.c.id)
        return (
            found.where(*_is_meant(context, wanted.c.epoch))
            .order_by(THREADS.c.id)
            .with_for_update(of=THREADS, key_share=True)
        )
    # Outer join: the planner must read `wanted` first. A column of threads: otherwise MariaDB drops the join.
    here = and_(THREADS.c.id == wanted.c.id, *_is_meant(context, wanted.c.epoch))
    found = select(THREADS.c.message_count).join_from(wanted, THREADS, here, isouter=True)
    return found.with_for_update()


def _added(context: Context, many: bool) -> Any:
    """Select the last messages of each thread, as many as were stored."""
    if many:
        wanted = _wanted(context)
        here = and_(THREADS.c.id == wanted.c.id, *_is_meant(context, wanted.c.epoch))
        there = wanted.join(THREADS, here)
        newest = MESSAGES.c.position >= THREADS.c.message_count - wanted.c.count
        return select(*_PLACE).select_from(there.join(MESSAGES, (MESSAGES.c.thread_id == THREADS.c.id) & newest))
    here = and_(THREADS.c.id == _named(), *_is_meant(context, _epoch()))
    end = select(THREADS.c.message_count).where(here).scalar_subquery()
    newest = MESSAGES.c.position >= end - number("count")
    return select(*_PLACE).where(MESSAGES.c.thread_id == _named(), newest).order_by(MESSAGES.c.position)


def _wanted(context: Context) -> FromClause:
    return context.dialect.parameter_table("wanted", id=THREADS.c.id.type, count=BigInteger(), epoch=BigInteger())


def _named() -> Any:
    return parameter(THREADS.c.id, "thread_id")


def _with_token(context: Context) -> Any:
    found = select(*_PLACE).order_by(MESSAGES.c.position)
    by_token = MESSAGES.c.token.between(number("first"), number("last"))
    return found.where(MESSAGES.c.thread_id == named_thread(context), by_token)
