"""Statements about threads; forking and deleting one have files of their own, `forks.py` and `deletion.py`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, literal, literal_column, or_, select, update

from .. import records, tokens
from ..async_engine import AsyncConnection
from ..context import Context
from ..dialects.types import for_record
from ..errors import ThreadExists, ThreadNotFound
from ..inputs import Row
from ..operations import about, first, once, query
from ..ownership import of_owner
from ..records import Record
from ..statements import Fenced, Group, Lost, Statement, Steps, fetch, number, parameter
from ..tables import THREADS
from ..tokens import Known

AHEAD = timedelta(hours=1)
"""By how much a thread's time may be ahead of the database's."""

_OTHER_OWNER = "it belongs to another user or agent"
_LOOKS = 10
_GENERATIONS = 500  # of a lineage in one query: MySQL and MariaDB end a recursion after 1,000

COLUMNS = for_record(THREADS, records.THREAD)
"""The columns that `record` needs, in its order."""

KNOWN = (THREADS.c.epoch, THREADS.c.version, THREADS.c.attached)
"""The columns that a writer has to know; they follow `COLUMNS` where a thread is read as `Stored`."""

_UPDATED = records.THREAD.index("updated_at")


def record(row: Sequence[Any]) -> Record:
    """Make the record of a thread from its `COLUMNS`."""
    return records.thread_of(*row)


class Stored(NamedTuple):
    """A thread's record, and what a writer has to know of its row."""

    record: Record
    known: Known


def stored(row: Sequence[Any]) -> Stored:
    """Return a thread from the columns of `by_id`."""
    thread = record(row[: len(COLUMNS)])
    epoch, version, attached = row[len(COLUMNS) :]
    return Stored(thread, Known(epoch, version, attached, (thread["user_id"], thread["agent_name"])))


def find_creation(_context: Context, row: Row) -> Steps[Stored | Lost]:
    """Return the thread, whoever created it; UNKNOWN if there is none: it may have been created and deleted since."""
    found = yield from fetch(by_id, False, id=row["id"])
    return _of_creator(found[0], row) if found else Lost.UNKNOWN


@about(itemgetter("id"))
@once(find=find_creation)
def create(context: Context, row: Row) -> Steps[Stored]:
    """Insert a thread unless it exists, and return the one that is stored; raises `ThreadExists`."""
    creating, reading = Statement(_creating, (), row), Statement(_existing, (), {"id": row["id"]})
    for _ in range(_LOOKS):
        if context.dialect.has_returning:  # what it returns is this call's, even if it is deleted at once
            (found,) = yield Group((creating,), last=True)
            if not found:
                (found,) = yield Group((reading,), last=True)
        else:
            _none, found = yield Group((creating, reading), last=True)
        if found:  # else it existed, and was deleted before it could be read
            break
    else:  # it is not visible after many tries: row policies hide another user's thread
        raise ThreadExists(row["id"], _OTHER_OWNER)
    return _of_creator(found[0], row)


def _of_creator(found: Sequence[Any], row: Row) -> Stored:
    """Return a thread that has the user and agent of the row that was to be stored; raises `ThreadExists`."""
    thread = stored(found)
    if (thread.record["user_id"], thread.record["agent_name"]) != (row["user_id"], row["agent_name"]):
        raise ThreadExists(row["id"], _OTHER_OWNER)
    return thread


def _creating(context: Context) -> Any:
    """Insert a thread unless it exists, and return it if the statement can: a new one, or also one that existed before.

    A statement does not see what is stored while it runs: nobody's thread that has just been created.
    """
    row: dict[str, Any] = {column.name: parameter(column) for column in THREADS.columns if column.name != "attached"}
    row |= {name: context.dialect.clock(row[name]) for name in ("created_at", "updated_at")}
    inserting = context.dialect.insert_if_absent(THREADS, row, ["id"])
    if not context.dialect.has_returning:
        return inserting
    inserting = inserting.returning(*COLUMNS, *KNOWN)
    if not context.dialect.writable_ctes or context.dialect.sharded:
        return inserting
    made = inserting.cte("made")
    return select(*made.c).union_all(_existing(context).where(~select(made.c.id).exists()))


def _existing(context: Context) -> Any:
    """Select a thread that somebody has created, and whose creation is acknowledged once more."""
    found, confirmation = by_id(context, False), context.dialect.confirmation
    return found if confirmation is None else found.where(literal_column(confirmation))


@about(first)
@query
def get(_context: Context, thread_id: str) -> Steps[Stored | None]:
    """Return a thread, or None."""
    rows = yield from fetch(by_id, True, id=thread_id)
    return stored(rows[0]) if rows else None


@query
def know(_context: Context, thread_id: str) -> Steps[Known | None]:
    """Return what a writer has to know of a thread's row; None if it does not exist."""
    rows = yield from fetch(_knowing, thread_id=thread_id)
    if not rows:
        return None
    epoch, version, attached, *owner = rows[0]
    return Known(epoch, version, attached, tuple(owner))


def _knowing(context: Context) -> Select[Any]:
    return select(*KNOWN, THREADS.c.user_id, THREADS.c.agent_name).where(is_thread(), *of_owner(context))


def by_id(context: Context, owned: bool) -> Select[Any]:
    """Select the thread in the parameter `id`; only the owner's if `owned`."""
    here = THREADS.c.id == parameter(THREADS.c.id)
    return select(*COLUMNS, *KNOWN).where(here, *(of_owner(context) if owned else ()))


@about(lambda thread_ids: thread_ids[0] if len(thread_ids) == 1 else None)
@query
def owned(context: Context, thread_ids: Sequence[str]) -> Steps[list[Record]]:
    """Return those of these threads that are the owner's."""
    rows = yield from fetch(_owned, **context.dialect.table_parameters("wanted", id=thread_ids))
    return [record(row) for row in rows]


def _owned(context: Context) -> Select[Any]:
    wanted = context.dialect.parameter_table("wanted", id=THREADS.c.id.type)
    return select(*COLUMNS).join_from(wanted, THREADS, THREADS.c.id == wanted.c.id).where(*of_owner(context))


@query
def page(
    _context: Context, filters: Row, limit: int, offset: int, after: str | tuple[datetime, str] | None
) -> Steps[list[Record]]:
    """Return a page of threads, the one updated last first; raises `ThreadNotFound` for an unknown `after`."""
    if isinstance(after, str):
        (found,) = yield Group((Statement(by_id, (True,), {"id": after}),))
        if not found:
            raise ThreadNotFound(after)
        after = (datetime.fromisoformat(found[0][_UPDATED]), after)
    values = {**filters, "limit": limit, "offset": offset}
    if after is not None:
        values["updated_at"], values["id"] = after
    rows = yield from fetch(_listing, tuple(filters), after is not None, offset > 0, **values)
    if offset:  # sorted again: the join does not keep the order of its subquery
        rows = sorted(rows, key=_place, reverse=True)
    return [record(row) for row in rows]


def _place(row: Sequence[Any]) -> tuple[str, str]:
    return row[_UPDATED], row[0]


def _listing(context: Context, filters: Sequence[str], after: bool, offset: bool) -> Any:
    order = (THREADS.c.updated_at.desc(), THREADS.c.id.desc())
    wanted = [*_equal(filters), *of_owner(context)]
    if after:
        updated_at = parameter(THREADS.c.updated_at)
        # Not a comparison of tuples: MySQL does not use an index for one.
        wanted.append(THREADS.c.updated_at <= updated_at)
        wanted.append(or_(THREADS.c.updated_at < updated_at, THREADS.c.id < parameter(THREADS.c.id)))
    if not offset:
        return select(*COLUMNS).where(*wanted).order_by(*order).limit(number("limit"))
    # Rows before the offset are skipped in the index alone.
    skipped = select(THREADS.c.id).where(*wanted).order_by(*order).limit(number("limit"))
    here = skipped.offset(number("offset")).subquery("here")
    return select(*COLUMNS).join_from(THREADS, here, THREADS.c.id == here.c.id)


@query
def page_by_id(_context: Context, filters: Row, limit: int, after: str | None) -> Steps[list[Record]]:
    """Return a page of threads in the order of ids, which never change: none is missed or repeated meanwhile."""
    values = {**filters, "limit": limit} | ({} if after is None else {"id": after})
    rows = yield from fetch(_listing_by_id, tuple(filters), after is not None, **values)
    return [record(row) for row in rows]


def _listing_by_id(context: Context, filters: Sequence[str], after: bool) -> Any:
    statement = select(*COLUMNS).where(*_equal(filters), *of_owner(context)).order_by(THREADS.c.id)
    statement = statement.where(THREADS.c.id > parameter(THREADS.c.id)) if after else statement
    return statement.limit(number("limit"))


def _equal(filters: Sequence[str]) -> list[ColumnElement[bool]]:
    return [THREADS.c[name] == parameter(THREADS.c[name]) for name in filters]


def find_change(
    _context: Context, thread_id: str, known: Known, values: Row, version: int, at: datetime
) -> Steps[Stored | Fenced | Lost]:
    """Return the thread if it has this version, and `Fenced` if it has the one that was known: nobody has changed it.

    UNKNOWN if somebody else has changed it since that was read, or if it is gone.
    """
    found = yield from lock(thread_id)
    if found is not None and found.version == version:
        (rows,) = yield Group((Statement(by_id, (True,), {"id": thread_id}),))
        return stored(rows[0])
    refused = yield from refuse(thread_id, known.epoch, found)
    return refused if found is not None and found.version == known.version else Lost.UNKNOWN


@about(first)
@once(find=find_change)
def change(
    context: Context, thread_id: str, known: Known, values: Row, version: int, at: datetime
) -> Steps[Stored | Fenced | None]:
    """Set columns and return the thread; None if it does not exist or has another epoch than the one known.

    `version` is the token of this call.
    """
    given = {**values, "id": thread_id, "epoch": known.epoch, "version": version, **times(at)}
    changing = Statement(_changing, (tuple(values),), given)
    if context.dialect.updates_return:
        (rows,) = yield Group((changing,), last=True)
    else:
        _none, rows = yield Group((changing, Statement(_changed, (), given)), last=True)
    return stored(rows[0]) if rows else None


def _changing(context: Context, names: Sequence[str]) -> Any:
    values: dict[str, Any] = {name: parameter(THREADS.c[name]) for name in (*names, "version")}
    values["updated_at"] = later(context)
    here = (THREADS.c.id == parameter(THREADS.c.id), has_epoch(), *of_owner(context))
    statement = update(THREADS).where(*here).values(values)
    return statement.returning(*COLUMNS, *KNOWN) if context.dialect.updates_return else statement


def times(at: datetime) -> Row:
    """Return the parameters of `later`, for the process's time."""
    return {"at": at, "ahead": at + AHEAD}


def later(context: Context) -> ColumnElement[Any]:
    """Return the time of a change of a thread: the database's, or the thread's own if it is later.

    So a thread's time does not go back. But a time that is more than an hour ahead comes from a clock that was wrong,
    and is not kept: else it would be the time of all that follows.
    """
    dialect, before = context.dialect, THREADS.c.updated_at
    now = dialect.clock(parameter(before, "at"))
    ahead = dialect.clock(parameter(before, "ahead"), after=literal_column("3600000000"))
    return dialect.not_back(before, now, ahead)


def later_time(before: datetime, at: datetime) -> datetime:
    """Return the time of a change at `at` of a thread that was changed at `before`, as `later` does in SQL."""
    return at if before > at + AHEAD else max(before, at)


def _changed(context: Context) -> Any:
    return by_id(context, True).where(has_epoch())


def has_epoch() -> ColumnElement[bool]:
    """Condition: the thread has the epoch in the parameter `epoch`."""
    named: ColumnElement[bool] = THREADS.c.epoch == parameter(THREADS.c.epoch)
    return named


def lock(thread_id: str) -> Steps[Known | None]:
    """Lock a thread's row until the commit, so that a write that is being stored is waited for; None without a row."""
    (held,) = yield Group((Statement(locking, (), {"thread_id": thread_id}),))
    return Known(*held[0]) if held else None


def refuse(thread_id: str, named: int | None, found: Known | None) -> Steps[Fenced | Lost]:
    """Make sure that a locked thread refuses the writes that name an epoch, for good.

    Returns `Fenced` with the epoch that it accepts. UNKNOWN if the thread is gone, or another thread has its id.
    """
    if found is None or named is None or not tokens.same_thread(named, found.epoch):
        return Lost.UNKNOWN
    if found.epoch != named:
        return Fenced(found.epoch)  # somebody else has done it
    epoch = tokens.fence(named)
    yield Group((Statement(_fencing, (), {"thread_id": thread_id, "epoch": epoch}),))
    return Fenced(epoch)


def _fencing(context: Context) -> Any:
    return update(THREADS).where(is_thread(), *of_owner(context)).values(epoch=parameter(THREADS.c.epoch))


def is_thread() -> ColumnElement[bool]:
    """Condition: the thread has the id in the parameter `thread_id`."""
    here: ColumnElement[bool] = THREADS.c.id == _thread_id()
    return here


def _thread_id() -> Any:
    return parameter(THREADS.c.id, "thread_id")


def locking(context: Context) -> Any:
    """Lock the thread in the parameter `thread_id`, and select what a writer has to know of it."""
    return select(*KNOWN).where(is_thread(), *of_owner(context)).with_for_update()


@query
async def lineage(connection: AsyncConnection, context: Context, thread_id: str) -> Record:
    """Return a thread's ancestors, from the root down to the parent, and its direct forks."""
    chain: dict[str, Record] = {}
    start: str | None = thread_id
    while start is not None and start not in chain:
        found = await _records(connection, context, _upwards(context, start))
        if not found:
            break
        by_id = {thread["id"]: thread for thread in found}
        while start in by_id and start not in chain:
            chain[start] = by_id[start]
            start = by_id[start]["parent_thread_id"]
    chain.pop(thread_id, None)
    children = select(THREADS).where(THREADS.c.parent_thread_id == thread_id, *of_owner(context))
    return {
        "thread_id": thread_id,
        "ancestors": list(reversed(chain.values())),
        "descendants": await _records(connection, context, children.order_by(THREADS.c.created_at, THREADS.c.id)),
    }


def _upwards(context: Context, thread_id: str) -> Select[Any]:
    """Select a thread and its ancestors, `_GENERATIONS` threads at most; the limit also ends a cycle.

    If threads are spread over servers: the thread alone.
    """
    start = select(THREADS, literal(1).label("generation")).where(THREADS.c.id == thread_id, *of_owner(context))
    if context.dialect.sharded:
        return start
    up = start.cte("up", recursive=True)
    parents = select(THREADS, up.c.generation + 1)
    on = and_(THREADS.c.id == up.c.parent_thread_id, up.c.generation < _GENERATIONS, *of_owner(context))
    return select(up.union_all(parents.join_from(up, THREADS, on)))


async def _records(connection: AsyncConnection, context: Context, statement: Select[Any]) -> list[Record]:
    rows = await connection.execute(statement, {"owner": context.owner})
    return [records.thread(row) for row in rows.mappings()]
