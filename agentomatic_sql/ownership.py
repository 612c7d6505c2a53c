"""Whose threads a statement may touch: everybody's, or those of one user (`for_user`).

The condition stands in each statement, so that nothing can come between a look and an act. What hangs on a thread is
its user's; what hangs on none, or on one that is not there, is nobody's. Statements take the user's id as the parameter
`owner`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, select

from .models import THREADS

acting: ContextVar[str | None] = ContextVar("agentomatic_sql_acting", default=None)
"""The user for whom an operation runs, where the server is to know (`row_security`)."""

Owner = str | None
"""Whose threads; None for everybody's."""

_OWNED = THREADS.alias("owned")


def owner() -> BindParameter[str]:
    """The parameter that names the user."""
    return bindparam("owner", type_=THREADS.c.user_id.type)


def theirs(owned: bool) -> list[ColumnElement[bool]]:
    """Of threads: those of the user, where only these may be touched."""
    return [THREADS.c.user_id == owner()] if owned else []


def _named() -> BindParameter[str]:
    return bindparam("thread_id", type_=THREADS.c.id.type)


def _own(thread_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """That a thread has this id, and is the user's."""
    return and_(_OWNED.c.id == thread_id, _OWNED.c.user_id == owner())


def thread(owned: bool) -> ColumnElement[str]:
    """The thread that the parameter `thread_id` names; none where it is not the user's, and has to be."""
    return select(_OWNED.c.id).where(_own(_named())).scalar_subquery() if owned else _named()


def hanging(thread_id: ColumnElement[Any], owned: bool) -> list[ColumnElement[bool]]:
    """Of what hangs on threads by this column: what hangs on the user's, where only these may be touched."""
    return [select(_OWNED.c.id).where(_own(thread_id)).exists()] if owned else []


def row(values: Mapping[str, ColumnElement[Any]], *, held: bool) -> Select[Any]:
    """A row of these values, with the id of the thread that they name; none where it is not the user's.

    Where the thread is not `held` already, this holds it, so that nobody deletes it before the row is stored.
    """
    here = {**values, "thread_id": _OWNED.c.id}
    own = select(*(value.label(name) for name, value in here.items())).where(_own(_named()))
    return own if held else own.with_for_update(read=True, key_share=True, of=_OWNED)


def held() -> Select[Any]:
    """The thread that the parameter `thread_id` names, if it is the user's; nobody deletes it meanwhile."""
    return select(THREADS.c.id).where(THREADS.c.id == _named(), *theirs(True)).with_for_update(read=True)
