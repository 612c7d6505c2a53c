"""Conditions that limit a statement to the rows of one user (`for_user`).

A thread belongs to its user. A row that names a thread (a message, a rating, a checkpoint) belongs to that thread's
user, and to nobody if it names no thread or one that does not exist. The condition is part of each statement, so that
nothing can change between a check and the change itself. Without an owner in the context there is no condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Select,
    Update,
    and_,
    bindparam,
    literal_column,
    select,
    update,
)

from .async_engine import AsyncConnection
from .context import Context
from .statements import parameter
from .tables import THREADS

_OWNED = THREADS.alias("owned")
_NAMED = THREADS.alias("named")


def owner_parameter() -> BindParameter[str]:
    """Return the parameter `owner`, the user's id; it is bound from the context."""
    return bindparam("owner", type_=THREADS.c.user_id.type)


def of_owner(context: Context) -> list[ColumnElement[bool]]:
    """Condition: the thread belongs to the owner; empty without an owner."""
    return [THREADS.c.user_id == owner_parameter()] if context.owned else []


def on_threads_of_owner(context: Context, thread_id: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Condition: the thread that the column `thread_id` names belongs to the owner; empty without an owner."""
    owned = _OWNED.c.user_id == owner_parameter()
    return [context.dialect.is_among(thread_id, _OWNED.c.id, owned)] if context.owned else []


def named_thread(context: Context) -> ColumnElement[str]:
    """Return the thread id in the parameter `thread_id`; with an owner, NULL unless the thread is the owner's."""
    named = parameter(THREADS.c.id, "thread_id")
    return select(_OWNED.c.id).where(_is_owned(named)).scalar_subquery() if context.owned else named


def owner_of(thread_id: ColumnElement[Any]) -> ColumnElement[str]:
    """Return the user of the thread that the column `thread_id` names, as a column `user_id`."""
    return select(_NAMED.c.user_id).where(_NAMED.c.id == thread_id).scalar_subquery().label("user_id")


def row_of_thread(context: Context, values: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    """Select these values as a row, with the id of the thread that has the parameter `epoch` and is the owner's.

    No row if there is no such thread. With writable CTEs, the same statement counts the row (see `attaching`);
    elsewhere a statement before it has.
    """
    if context.dialect.writable_ctes:
        thread: FromClause = attaching(context, True).returning(THREADS.c.id).cte("thread")
        return _row(values, thread)
    meant = (_OWNED.c.id == parameter(THREADS.c.id, "thread_id"), _OWNED.c.epoch == parameter(THREADS.c.epoch))
    owner = [_OWNED.c.user_id == owner_parameter()] if context.owned else []
    return _row(values, _OWNED).where(*meant, *owner)


def _row(values: Mapping[str, ColumnElement[Any]], thread: FromClause) -> Select[Any]:
    columns = {**values, "thread_id": thread.c.id}
    return select(*(value.label(name) for name, value in columns.items())).select_from(thread)


def attaching(context: Context, of_epoch: bool, name: str = "thread_id") -> Update:
    """Count a row that is stored in the thread in the parameter `name`, if it is the owner's.

    With `of_epoch`, only if it has the parameter `epoch`. A lock on the thread's row would do on one server, but a
    cluster does not replicate locks. The change does both: nobody deletes the thread before the commit, and of two
    servers that delete the thread and store the row, one has to give way.
    """
    return (
        update(THREADS)
        .where(*_is_meant(context, of_epoch, name))
        .values(attached=THREADS.c.attached + literal_column("1"))
    )


async def attach(connection: AsyncConnection, context: Context, thread_id: str) -> bool:
    """Count a row that is stored in a thread, as `attaching` does; returns whether it exists and is the owner's."""
    given = {"thread_id": thread_id, "owner": context.owner}  # nothing else: SQLAlchemy would set columns of its name
    return (await connection.execute(attaching(context, False), given)).rowcount > 0


def attached_thread(context: Context, of_epoch: bool, name: str = "thread_id") -> Select[Any]:
    """Select the id of the thread to which `attaching` has counted a row; none if there is no such thread."""
    return select(THREADS.c.id).where(*_is_meant(context, of_epoch, name))


def _is_meant(context: Context, of_epoch: bool, name: str) -> list[ColumnElement[bool]]:
    meant = [THREADS.c.id == parameter(THREADS.c.id, name), *of_owner(context)]
    return [*meant, THREADS.c.epoch == parameter(THREADS.c.epoch)] if of_epoch else meant


def _is_owned(thread_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(_OWNED.c.id == thread_id, _OWNED.c.user_id == owner_parameter())
