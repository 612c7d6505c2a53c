"""Statements that delete a thread and all that belongs to it.

A statement sees only what was stored before it began. What is stored while it waits for the thread's row would stay
behind for the next thread with that id. So whatever is stored in a thread without a foreign key changes the thread's
`attached`, and a deletion in one statement compares that. A deletion that locks the row first need not.

Where several statements are one request, none of them can depend on the rows of another. There, the thread's row says
what they do: one statement decides whether the thread is deleted and gives it the epoch `GONE`, which no other
transaction ever sees, and the others do nothing unless it has that epoch.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, delete, literal_column, select, update

from ..async_engine import AsyncConnection
from ..context import Context
from ..graphs import removal
from ..graphs.rows import thread_digest
from ..operations import once
from ..ownership import of_owner
from ..statements import Fenced, Group, Lost, Statement, Steps, parameter
from ..tables import CHECKPOINTS, FEEDBACK, GRAPH_NAMESPACES, IDEMPOTENCY_KEYS, MESSAGES, SUSPENDED_STATES, THREADS
from ..tokens import Known
from . import threads
from .threads import KNOWN, has_epoch, is_thread, locking

WITHOUT_KEY = (FEEDBACK, IDEMPOTENCY_KEYS, SUSPENDED_STATES, CHECKPOINTS)
"""Tables whose rows belong to a thread without a foreign key that would delete them."""

GONE: Any = literal_column("-1")
"""The epoch of a thread that the same transaction deletes; other epochs are not negative."""


def find(_context: Context, thread_id: str, known: Known | None) -> Steps[Fenced | Lost]:
    """Return `Fenced` if the thread still exists; else UNKNOWN: somebody else may have deleted it."""
    if known is None:  # nothing could be deleted
        return Lost.NOT_STORED
    return (yield from threads.refuse(thread_id, known.epoch, (yield from threads.lock(thread_id))))


@once(find=find)
def remove(context: Context, thread_id: str, known: Known | None) -> Steps[bool | Known | Fenced | None]:
    """Delete the thread that is known and what belongs to it; returns whether it existed.

    In one request, if the database can. A single statement deletes nothing if something has been attached to the thread
    since it was known, and returns the thread as it is known now: for another attempt, or for `remove_locked`.

    Returns None and deletes nothing if graphs have stored something in the thread: see `remove_with_graphs`. (Nothing
    of a thread that is not the owner's is deleted, whatever is stored there.)
    """
    if context.dialect.one_request:
        return (yield from _remove_marked(thread_id, known))
    if not context.dialect.changes_several_tables:
        return (yield from _remove_locked(context, thread_id, known))
    given = _given(thread_id, known)
    ((answer,),) = yield Group((Statement(_removing, (), given),), last=True)
    graphs, removed, *now = answer
    if graphs or removed or now[0] is None:
        return None if graphs else removed
    return Known(*now)


@once(find=find)
def remove_locked(context: Context, thread_id: str, known: Known | None) -> Steps[bool | Fenced | None]:
    """Delete a thread as `remove` does, whatever is attached meanwhile: it locks the thread's row first.

    That takes several requests. An append locks the row first, too, so the two cannot deadlock.
    """
    return (yield from _remove_locked(context, thread_id, known))


def _remove_locked(context: Context, thread_id: str, known: Known | None) -> Steps[bool | None]:
    given = _given(thread_id, known)
    locked, found = yield Group((Statement(locking, (), given), Statement(_graphs, (), given)))
    if found:
        return None
    there = bool(locked) and known is not None and locked[0][0] == known.epoch
    if there:
        deleting = [Statement(_deleting, (table.name,), given) for table in WITHOUT_KEY]
        if not context.dialect.cascading_keys:
            deleting.append(Statement(_deleting, (MESSAGES.name,), given))
        yield Group([*deleting, Statement(_orphaning, (), given), Statement(_deleting_thread, (), given)], last=True)
    return there


def _remove_marked(thread_id: str, known: Known | None) -> Steps[bool | None]:
    given = _given(thread_id, known)
    asking = [Statement(make, (), given) for make in (locking, _graphs, _marking, _marked)]
    deleting = [Statement(_deleting_of_marked, (table.name,), given) for table in WITHOUT_KEY]
    deleting += [Statement(make, (), given) for make in (_orphaning_of_marked, _deleting_marked)]
    locked, found, _none, marked, *_nothing = yield Group([*asking, *deleting], last=True)
    if marked:
        return True
    # The thread that is known and was not marked: graphs have stored something there.
    there = bool(locked) and known is not None and locked[0][0] == known.epoch
    return None if found or there else False


def _given(thread_id: str, known: Known | None) -> dict[str, Any]:
    epoch, attached = (None, None) if known is None else (known.epoch, known.attached)
    return {"thread_id": thread_id, "digest": thread_digest(thread_id), "epoch": epoch, "attached": attached}


def _removing(context: Context) -> Any:
    """Delete a thread unless graphs have stored something there or something has been attached to it.

    Selects whether graphs have, whether it is deleted, and the thread's `KNOWN` columns before.
    """
    graphs = _graphs(context).exists()
    unchanged = (has_epoch(), THREADS.c.attached == parameter(THREADS.c.attached))
    deleted = _deleting_thread(context).where(~graphs, *unchanged, *of_owner(context))
    gone = deleted.returning(THREADS.c.id).cte("gone")
    before = [select(column).where(is_thread(), *of_owner(context)).scalar_subquery() for column in KNOWN]
    answer = select(graphs, select(gone.c.id).exists(), *before)
    changes: dict[str, Any] = {
        table.name: delete(table).where(table.c.thread_id.in_(select(gone.c.id))) for table in WITHOUT_KEY
    }
    forks = THREADS.c.parent_thread_id.in_(select(gone.c.id))
    changes["forks"] = update(THREADS).where(forks).values(parent_thread_id=None)
    return answer.add_cte(*(change.cte(f"of_{name}") for name, change in changes.items()))


def _graphs(_context: Context) -> Select[Any]:
    """Select a row if graphs have stored anything in a thread."""
    found = GRAPH_NAMESPACES.c.thread_digest == parameter(GRAPH_NAMESPACES.c.thread_digest, "digest")
    return select(GRAPH_NAMESPACES.c.id).where(found).limit(literal_column("1"))


def _orphaning(_context: Context) -> Any:
    parent = THREADS.c.parent_thread_id == parameter(THREADS.c.id, "thread_id")
    return update(THREADS).where(parent).values(parent_thread_id=None)


def _deleting(_context: Context, name: str) -> Any:
    table = THREADS.metadata.tables[name]
    return delete(table).where(table.c.thread_id == parameter(THREADS.c.id, "thread_id"))


def _deleting_thread(_context: Context) -> Any:
    return delete(THREADS).where(is_thread())


def _marking(context: Context) -> Any:
    """Give a thread the epoch `GONE`, unless graphs have stored something there."""
    here = (is_thread(), has_epoch(), *of_owner(context), ~_graphs(context).exists())
    return update(THREADS).where(*here).values(epoch=GONE)


def _marked(_context: Context) -> Select[Any]:
    return select(THREADS.c.id).where(is_thread(), THREADS.c.epoch == GONE)


def _deleting_of_marked(context: Context, name: str) -> Any:
    return _deleting(context, name).where(_marked(context).exists())


def _orphaning_of_marked(context: Context) -> Any:
    # Joined: MySQL does not update a table by a subquery of the same one.
    gone = THREADS.alias("gone")
    return _orphaning(context).where(gone.c.id == THREADS.c.parent_thread_id, gone.c.epoch == GONE)


def _deleting_marked(context: Context) -> Any:
    return _deleting_thread(context).where(THREADS.c.epoch == GONE)


@once
async def remove_with_graphs(
    connection: AsyncConnection, context: Context, thread_id: str, known: Known | None
) -> bool | None:
    """Delete the thread that is known, what belongs to it, and all that graphs have stored there.

    Returns whether the thread or a graph's checkpoint existed; None if the thread has another epoch.
    """
    given = {"thread_id": thread_id, "owner": context.owner}
    locked = (await connection.execute(locking(context), given)).one_or_none()
    if locked is not None and (known is None or locked.epoch != known.epoch):
        return None
    if locked is None and context.owned:  # without a thread, nobody knows whose rows a graph stored
        return False
    if locked is not None:
        await connection.execute(_orphaning(context), given)
        for table in (MESSAGES, *WITHOUT_KEY):
            await connection.execute(_deleting(context, table.name), given)
    removed = await removal.delete_graphs(connection, thread_id)
    if locked is not None:
        await connection.execute(_deleting_thread(context), given)
    return locked is not None or removed.checkpoints > 0
