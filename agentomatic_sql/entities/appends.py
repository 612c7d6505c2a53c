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
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

from .. import jsontext, records, tokens
from ..context import Context
from ..inputs import Row
from ..operations import batched, once
from ..records import Record
from ..sealing.fields import Sealing
from ..statements import Fenced, Group, Lost, Rows, Statement, StatementForEach, Steps
from ..tables import MESSAGES
from ..tokens import Known
from . import idempotency, inserting, threads
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


class Places(NamedTuple):
    """The places of messages that were stored one after the other in one thread."""

    first: int
    """The position of the first message."""
    ids: Sequence[int]
    """The ids, in the order of the messages."""
    created_at: str
    """The time of all of them."""


Answer = Places | Fenced | None
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
    stored: dict[int, Places | None] = {}
    found: dict[str, Known | None] = {}
    named = _epochs(appends)
    for append in sorted(appends, key=attrgetter("thread_id")):
        given: Row = {"first": append.token, "last": append.token + len(append.rows) - 1}
        given["thread_id"] = append.thread_id
        if append.thread_id not in found:
            found[append.thread_id] = yield from threads.lock(append.thread_id)
        (rows,) = yield Group((Statement(inserting.with_token, (), given),))
        stored[append.token] = _places(rows, len(append.rows)) if rows else None
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
    if len(appends) == 1 and len(appends[0].rows) == 1:
        return [(yield from _add_one(context, appends[0]))]
    batch = Batch.of(appends)
    stored = yield from _store(context, batch)
    answers: list[Answer] = []
    taken = dict.fromkeys(batch.counts, 0)
    for append in appends:
        places = stored.get(append.thread_id)
        if places is None or append.epoch != batch.epochs[append.thread_id]:
            answers.append(None)
            continue
        start = taken[append.thread_id]
        taken[append.thread_id] = end = start + len(append.rows)
        answers.append(Places(places.first + start, places.ids[start:end], places.created_at))
    return answers


def _add_one(context: Context, append: Append) -> Steps[Answer]:
    """Append the only message of a batch. Its statements are short, since many applications send only such batches."""
    dialect, key, at = context.dialect, append.key, append.at
    given = {"at": at, "ahead": at + threads.AHEAD, "count": 1, "place": 1, "token": append.token, **append.rows[0]}
    given["thread_id"], given["epoch"] = append.thread_id, append.epoch
    keyed, keying = key is not None, []
    if key is not None:
        given |= key._asdict()
        keying = [Statement(idempotency.for_message_of_thread, (), given)]
    adding = Statement(inserting.adding_one, (keyed,), given)
    if dialect.writable_ctes:
        (rows,) = yield Group((adding,), last=True)
    else:
        counting = Statement(inserting.counting, (False, keyed), given)
        reading = [] if dialect.has_returning else [Statement(inserting.added, (False, False), given)]
        *_none, rows = yield Group((counting, *keying, adding, *reading), last=True)
    return _places(rows, 1) if rows else None


def records_of(thread_id: str, rows: Sequence[Row], places: Places) -> list[Record]:
    """Return the records of messages that were given as these rows and stored at these places."""
    make, (first, ids, at), found = records.message_of, places, []
    if len(rows) == 1:
        return [make(ids[0], thread_id, first, rows[0]["role"], rows[0]["content"], rows[0]["metadata"], at)]
    decoded = jsontext.decode_objects([row["metadata"] for row in rows])
    for position, (row, id_, metadata) in enumerate(zip(rows, ids, decoded, strict=True), first):
        record = make(id_, thread_id, position, row["role"], row["content"], "{}", at)
        record["metadata"] = metadata
        found.append(record)
    return found


class Batch(NamedTuple):
    """Appends that are stored together."""

    appends: Sequence[Append]
    """Each thread's in the order in which they came, all with its epoch."""
    counts: dict[str, int]
    """The number of messages for each thread, in the order of the threads' ids."""
    epochs: Mapping[str, int]

    @classmethod
    def of(cls, appends: Sequence[Append]) -> Batch:
        """Make a batch of the appends that name the same epoch as their thread's last one."""
        epochs = _epochs(appends)
        sent = [append for append in appends if append.epoch == epochs[append.thread_id]]
        counts = dict.fromkeys(sorted(epochs), 0)
        for append in sent:
            counts[append.thread_id] += len(append.rows)
        return cls(sent, counts, epochs)

    @property
    def many(self) -> bool:
        """Return whether the appends are for several threads."""
        return len(self.counts) > 1

    def keys(self) -> list[tuple[str, Key, int, int]]:
        """Return the calls' idempotency keys: thread, key, place of the first message, number of messages."""
        left, keys = dict(self.counts), []
        for append in self.appends:
            if append.key is not None:
                keys.append((append.thread_id, append.key, left[append.thread_id], len(append.rows)))
            left[append.thread_id] -= len(append.rows)
        return keys

    def of_threads(self, thread_ids: Sequence[str]) -> Batch:
        """Return the appends to these threads, thread by thread."""
        of_thread: dict[str, list[Append]] = {thread_id: [] for thread_id in thread_ids}
        for append in self.appends:
            if append.thread_id in of_thread:
                of_thread[append.thread_id].append(append)
        return self._replace(appends=[append for appends in of_thread.values() for append in appends])

    def columns(self) -> dict[str, list[Any]]:
        """Return the messages column by column, with the thread and the place of each."""
        columns: dict[str, list[Any]] = {name: [] for name in ("thread_id", "place", *inserting.GIVEN)}
        left = dict(self.counts)
        for append in self.appends:
            thread_id, rows, count = append.thread_id, append.rows, len(append.rows)
            columns["thread_id"] += [thread_id] * count
            columns["place"] += range(left[thread_id], left[thread_id] - count, -1)
            columns["token"] += range(append.token, append.token + count)
            for name in inserting.OF_SENDER:
                columns[name] += [row[name] for row in rows]
            left[thread_id] -= count
        return columns


def _store(context: Context, batch: Batch) -> Steps[dict[str, Places]]:
    """Add to the threads' counters and insert their messages; returns the places by thread id."""
    dialect, keys, at = context.dialect, batch.keys(), max([append.at for append in batch.appends])
    given: dict[str, Any] = {"at": at, "ahead": at + threads.AHEAD}  # as `threads.times`, without its frame
    if dialect.in_process:
        return (yield from _store_each(context, batch, keys, given))
    given |= _counters(context, batch)
    if keyed := bool(keys):
        given |= idempotency.table_parameters(dialect, keys, batch.epochs)
    adding = _adding(context, batch, keyed, given)
    before: list[Statement] = []
    if not dialect.writable_ctes:
        before = [Statement(inserting.holding, (), given)] if batch.many else []
        before.append(Statement(inserting.counting, (batch.many, keyed), given))
        before += [Statement(idempotency.for_messages, (), given)] if keyed else []
    if inserting.returns(context, batch.many):
        answers = yield Group([*before, *adding], last=True)
        rows: Rows = [row for found in answers[len(before) :] for row in found]
    else:
        reading = Statement(inserting.added, (batch.many, not batch.many), given)
        *_none, rows = yield Group([*before, *adding, reading], last=True)
    return _places_by_thread(rows, batch.counts)


def _counters(context: Context, batch: Batch) -> dict[str, Any]:
    """Return the parameters for the threads: id, number of new messages, and epoch."""
    ids, counts, epochs = [*batch.counts], [*batch.counts.values()], [batch.epochs[id_] for id_ in batch.counts]
    if batch.many:
        return context.dialect.table_parameters("wanted", id=ids, count=counts, epoch=epochs)
    return {"thread_id": ids[0], "count": counts[0], "epoch": epochs[0]}


def _adding(context: Context, batch: Batch, keyed: bool, given: dict[str, Any]) -> list[Statement]:
    """Make the statements that insert a batch of several messages, each of a size that every server takes."""
    columns = batch.columns()
    if not batch.many:
        del columns["thread_id"]
    elif not context.dialect.writable_ctes:
        columns["epoch"] = [batch.epochs[thread_id] for thread_id in columns["thread_id"]]
    parts = [slice(None)] if context.dialect.writable_ctes else divided(columns)
    statements = []
    for part in parts:
        values = {name: column[part] for name, column in columns.items()}
        rows = context.dialect.table_parameters("given", **values)
        statements.append(Statement(inserting.adding, (batch.many, keyed), {**given, **rows}))
    return statements


def _store_each(
    context: Context, batch: Batch, keys: Sequence[tuple[str, Key, int, int]], given: Mapping[str, Any]
) -> Steps[dict[str, Places]]:
    """Store with a statement for each row, which costs less in this process than one large statement.

    Nobody else writes meanwhile, so the ids of the new messages are the last ones, without gaps.
    """
    ids, counts, epochs = [*batch.counts], [*batch.counts.values()], [batch.epochs[id_] for id_ in batch.counts]
    columns: dict[str, list[Any]] = {name: [value] * len(ids) for name, value in given.items()}
    columns |= {"thread_id": ids, "count": counts, "epoch": epochs}
    counting = StatementForEach(inserting.counting, (False, bool(keys)), columns)
    wanted = context.dialect.table_parameters("wanted", id=ids, count=counts, epoch=epochs)
    _none, counted = yield Group((counting, Statement(inserting.counted, (), wanted)))
    if not counted:
        return {}
    columns = batch.of_threads([row[0] for row in counted]).columns()
    del columns["place"]
    columns |= {"position": [], "created_at": []}
    for thread_id, end, _at, stored_at in counted:
        count = batch.counts[thread_id]
        columns["position"] += range(end - count, end)
        columns["created_at"] += [stored_at] * count
    adding, reading = StatementForEach(inserting.adding_each, (), columns), Statement(inserting.last_id)
    keying = _keying_each(keys, {thread_id: (end, stored_at) for thread_id, end, _at, stored_at in counted})
    *_none, ((last,),) = yield Group((*keying, adding, reading), last=True)
    places, id_ = {}, (last or 0) - len(columns["position"]) + 1
    for thread_id, end, at, _stored_at in counted:
        count = batch.counts[thread_id]
        places[thread_id] = Places(end - count, range(id_, id_ + count), at)
        id_ += count
    return places


def _keying_each(
    keys: Sequence[tuple[str, Key, int, int]], counted: Mapping[str, tuple[int, str]]
) -> list[StatementForEach]:
    """Make the statement that stores the keys of messages of the threads that were counted."""
    rows = []
    for thread_id, key, place, count in keys:
        if thread_id in counted:
            end, stored_at = counted[thread_id]
            rows.append((thread_id, idempotency.MESSAGE, *key, end - place, count, stored_at))
    columns = dict(zip(idempotency.COLUMNS, zip(*rows, strict=True), strict=True)) if rows else {}
    return [StatementForEach(idempotency.for_each, (), columns)] if rows else []


def divided(columns: Mapping[str, Sequence[Any]]) -> list[slice]:
    """Divide messages into parts that every server takes, as long as each message is small enough."""
    begun, length, parts = 0, 0, []
    for number, (content, metadata) in enumerate(zip(columns["content"], columns["metadata"], strict=True)):
        longer = len(content) + len(metadata)
        if number > begun and length + longer > _PART:
            parts.append(slice(begun, number))
            begun, length = number, 0
        length += longer
    return [*parts, slice(begun, None)]


_PART = 100_000
"""Characters. In JSON, in a statement, each takes at most seven bytes: every server takes so much."""


def _places_by_thread(rows: Rows, counts: Mapping[str, int]) -> dict[str, Places]:
    """Return the places in each thread, from the rows of `inserting.adding` or `inserting.added`."""
    if len(counts) == 1:
        ((thread_id, count),) = counts.items()
        return {thread_id: _places(rows, count)} if rows else {}
    of_threads: dict[str, list[Sequence[Any]]] = {}
    for thread_id, *place in rows:
        of_threads.setdefault(thread_id, []).append(place)
    return {thread_id: _places(found, counts[thread_id]) for thread_id, found in of_threads.items()}


def _places(rows: Rows, count: int) -> Places:
    """Return the places of so many messages, which are all messages of their thread from the first one on.

    `rows` have the id, position and time of each message, or only of those whose id does not follow the one before.
    """
    rows = sorted(rows, key=_position)
    _id, first, at = rows[0]
    if len(rows) == count:
        return Places(first, [row[0] for row in rows], at)
    ends = [*[row[1] for row in rows[1:]], first + count]
    ids = [id_ + place for (id_, position, _at), end in zip(rows, ends, strict=True) for place in range(end - position)]
    return Places(first, ids, at)


_position = itemgetter(1)
