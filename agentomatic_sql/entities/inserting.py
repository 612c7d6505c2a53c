"""The statements with which `appends` stores messages.

A message is stored at a `place`, which counts back from its thread's new `message_count`: 1 is the last message.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    type_coerce,
    update,
)

from ..context import Context
from ..dialects.types import IsoTime
from ..ownership import named_thread, of_owner
from ..statements import number, parameter
from ..tables import MESSAGES, THREADS
from . import idempotency, threads

OF_SENDER = ("role", "content", "metadata")
"""The columns of a message that its sender gives."""

GIVEN = (*OF_SENDER, "token")
"""The columns of a message that its append gives."""

_STORED = ("thread_id", "position", *GIVEN, "created_at")
_PLACE = (
    MESSAGES.c.id,
    MESSAGES.c.position,
    type_coerce(MESSAGES.c.created_at, IsoTime()).label("created_at"),
)


def adding_one(context: Context, keyed: bool) -> Any:
    """Store the only message of a batch, and return its id, position and time if the statement can."""
    counted = _counted(context, many=False, keyed=keyed)
    row = _message(counted)
    if not context.dialect.writable_ctes:
        row = row.where(*_here(context))
    inserting = insert(MESSAGES).from_select(_STORED, row)
    if keyed and context.dialect.writable_ctes:
        inserting = inserting.add_cte(idempotency.for_message(context, counted).cte("keyed"))
    return inserting.returning(*_PLACE) if context.dialect.has_returning else inserting


def _message(counted: FromClause) -> Select[Any]:
    """Select the row of a message."""
    given = [parameter(MESSAGES.c[name]) for name in GIVEN]
    position = counted.c.message_count - number("place")
    return select(counted.c.id, position, *given, counted.c.updated_at)


def adding_each(_context: Context) -> Any:
    """Store a message whose position is known, and its time as `counted` returned it."""
    row: dict[str, Any] = {name: parameter(MESSAGES.c[name]) for name in _STORED}
    row["created_at"] = bindparam("created_at", type_=String())
    return insert(MESSAGES).values(row)


def last_id(_context: Context) -> Any:
    """Select the greatest id of a message."""
    return select(func.max(MESSAGES.c.id))


def adding(context: Context, many: bool, keyed: bool) -> Any:
    """Store the messages of a batch, and (see `returns`) return id, position and time of each or of some (`_runs`).

    With `many`, they are of several threads, and the thread's id comes first.
    """
    counted = _counted(context, many=many, keyed=keyed)
    types: dict[str, Any] = {"place": BigInteger(), **{name: MESSAGES.c[name].type for name in GIVEN}}
    if many:
        types = {"thread_id": THREADS.c.id.type, **types}
        if not context.dialect.writable_ctes:  # else the update of the counters has compared the epochs already
            types["epoch"] = THREADS.c.epoch.type
    given = context.dialect.parameter_table("given", **types)
    rows = select(counted.c.id, counted.c.message_count - given.c.place, *(given.c[name] for name in GIVEN))
    if many:
        thread = [counted.c.id == given.c.thread_id]
        thread += [] if context.dialect.writable_ctes else _is_meant(context, given.c.epoch)
    else:
        thread = [true()] if context.dialect.writable_ctes else _here(context)
    rows = rows.add_columns(counted.c.updated_at).join_from(given, counted, and_(*thread))
    inserting = insert(MESSAGES).from_select(_STORED, rows)
    if keyed and context.dialect.writable_ctes:
        inserting = inserting.add_cte(idempotency.for_counted_messages(context, counted).cte("keyed"))
    if not returns(context, many):
        return inserting
    storing = inserting.returning(*_places(many))
    return storing if many or context.dialect.sharded else _runs(storing.cte("added"))


def returns(context: Context, many: bool) -> bool:
    """Return whether `adding` returns rows. Else `added` has to read them: of one thread only some (`_runs`)."""
    return context.dialect.writable_ctes or (many and context.dialect.has_returning)


def _counted(context: Context, *, many: bool, keyed: bool) -> FromClause:
    """Return the threads with their new counters."""
    return counting(context, many, keyed).cte("counted") if context.dialect.writable_ctes else THREADS


def _places(many: bool) -> tuple[Any, ...]:
    return (MESSAGES.c.thread_id, *_PLACE) if many else _PLACE


def counting(context: Context, many: bool, keyed: bool) -> Any:
    """Add to the counters of threads, and return their ids, new counters and times if the statement can.

    An idempotency key has no foreign key, so it counts as attached to its thread (see `ownership.attaching`).
    """
    dialect, thread_id, epoch = context.dialect, _named(), _epoch()
    count: Any = number("count")
    if many:
        wanted = holding(context).cte("held") if dialect.writable_ctes else _wanted(context)
        thread_id, count, epoch = wanted.c.id, wanted.c.count, wanted.c.epoch
    values = {"message_count": THREADS.c.message_count + count, "updated_at": threads.later(context)}
    if keyed:
        values["attached"] = THREADS.c.attached + literal_column("1")
    changed = update(THREADS).where(THREADS.c.id == thread_id, *_is_meant(context, epoch)).values(values)
    if dialect.writable_ctes:
        return changed.returning(THREADS.c.id, THREADS.c.message_count, THREADS.c.updated_at)
    return changed


def counted(context: Context) -> Any:
    """Select id, new counter and time of the threads that were counted; the time comes a second time as stored."""
    wanted, at = _wanted(context), THREADS.c.updated_at
    times = (type_coerce(at, IsoTime()).label("updated_at"), type_coerce(at, String()).label("stored_at"))
    found = select(THREADS.c.id, THREADS.c.message_count, *times)
    return found.join_from(wanted, THREADS, and_(THREADS.c.id == wanted.c.id, *_is_meant(context, wanted.c.epoch)))


def holding(context: Context) -> Any:
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


def added(context: Context, many: bool, runs: bool) -> Any:
    """Select the last messages of each thread, as many as were stored, as `adding` would return them.

    With `runs`, only some of one thread's (`_runs`).
    """
    if many:
        wanted = _wanted(context)
        here = and_(THREADS.c.id == wanted.c.id, *_is_meant(context, wanted.c.epoch))
        there = wanted.join(THREADS, here)
        newest = MESSAGES.c.position >= THREADS.c.message_count - wanted.c.count
        new = there.join(MESSAGES, (MESSAGES.c.thread_id == THREADS.c.id) & newest)
        return select(*_places(many)).select_from(new)
    end = select(THREADS.c.message_count).where(*_here(context)).scalar_subquery()
    newest = MESSAGES.c.position >= end - number("count")
    found = select(*_PLACE).where(MESSAGES.c.thread_id == _named(), newest)
    return _runs(found.subquery("added")) if runs else found


def _runs(added: FromClause) -> Select[Any]:
    """Select those of one thread's new messages whose id is not the one after that of the message before.

    The others' ids follow from them. A row for each message would take the client longer than the messages do.
    """
    before = func.lag(added.c.id).over(order_by=added.c.position).label("before")
    ids = select(*added.c, before).subquery("ids")
    begins_run = or_(ids.c.before.is_(None), ids.c.id != ids.c.before + literal_column("1"))
    return select(ids.c.id, ids.c.position, ids.c.created_at).where(begins_run)


def _wanted(context: Context) -> FromClause:
    return context.dialect.parameter_table("wanted", id=THREADS.c.id.type, count=BigInteger(), epoch=BigInteger())


def _here(context: Context) -> list[ColumnElement[bool]]:
    """Condition: the one thread of a batch, with the epoch that the batch names."""
    return [THREADS.c.id == _named(), *_is_meant(context, _epoch())]


def _is_meant(context: Context, epoch: Any) -> list[ColumnElement[bool]]:
    """Condition: the thread has this epoch, and is the owner's."""
    return [THREADS.c.epoch == epoch, *of_owner(context)]


def _epoch() -> Any:
    return parameter(THREADS.c.epoch)


def _named() -> Any:
    return parameter(THREADS.c.id, "thread_id")


def with_token(context: Context) -> Any:
    """Select the places of the messages with the tokens from `first` to `last`, in the order of their positions."""
    found = select(*_PLACE).order_by(MESSAGES.c.position)
    by_token = MESSAGES.c.token.between(number("first"), number("last"))
    return found.where(MESSAGES.c.thread_id == named_thread(context), by_token)
