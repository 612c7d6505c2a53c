"""Conditions that limit a statement to the rows of one user (`for_user`).

A thread belongs to its user. A row that names a thread (a message, a rating, a checkpoint) belongs to that thread's
user, and to nobody if it names no thread or one that does not exist. The condition is part of each statement, so that
nothing can change between a check and the change itself. Without an owner in the context there is no condition.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, select

from .context import Context
from .models import THREADS
from .statements import parameter

_OWNED = THREADS.alias("owned")


def owner_parameter() -> BindParameter[str]:
    """Return the parameter `owner`, the user's id; it is bound from the context."""
    return bindparam("owner", type_=THREADS.c.user_id.type)


def of_owner(context: Context) -> list[ColumnElement[bool]]:
    """Condition: the thread belongs to the owner; empty without an owner."""
    return [THREADS.c.user_id == owner_parameter()] if context.owned else []


def on_threads_of_owner(context: Context, thread_id: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Condition: the thread that the column `thread_id` names belongs to the owner; empty without an owner."""
    return [select(_OWNED.c.id).where(_is_owned(thread_id)).exists()] if context.owned else []


def named_thread(context: Context) -> ColumnElement[str]:
    """Return the thread id in the parameter `thread_id`; with an owner, NULL unless the thread is the owner's."""
    named = parameter(THREADS.c.id, "thread_id")
    return select(_OWNED.c.id).where(_is_owned(named)).scalar_subquery() if context.owned else named


def row_of_thread(context: Context, values: Mapping[str, ColumnElement[Any]], *, lock: bool) -> Select[Any]:
    """Select these values as a row, with the id of the thread that has the parameter `epoch` and is the owner's.

    No row if there is no such thread. With `lock`, the thread's row is locked so that nobody deletes the thread before
    the new row is stored.
    """
    columns = {**values, "thread_id": _OWNED.c.id}
    row = select(*(value.label(name) for name, value in columns.items()))
    row = row.where(_OWNED.c.id == parameter(THREADS.c.id, "thread_id"), _OWNED.c.epoch == parameter(THREADS.c.epoch))
    if context.owned:
        row = row.where(_OWNED.c.user_id == owner_parameter())
    return row.with_for_update(read=True, key_share=True, of=_OWNED) if lock else row


def lock_named_thread(context: Context, of_epoch: bool = False) -> Select[Any]:
    """Lock the thread in the parameter `thread_id`, if it is the owner's, so that nobody deletes it meanwhile.

    With `of_epoch`, only if it has the parameter `epoch`.
    """
    thread = select(THREADS.c.id).where(THREADS.c.id == parameter(THREADS.c.id, "thread_id"), *of_owner(context))
    if of_epoch:
        thread = thread.where(THREADS.c.epoch == parameter(THREADS.c.epoch))
    return thread.with_for_update(read=True)


def _is_owned(thread_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(_OWNED.c.id == thread_id, _OWNED.c.user_id == owner_parameter())
