"""Whose threads a statement may touch: everybody's, or those of one user (`for_user`).

The condition stands in each statement, so that nothing can come between a look and an act. What hangs on a thread is
its user's; what hangs on none, or on one that is not there, is nobody's. Statements take the user's id as the parameter
`owner`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, select

from .models import THREADS

Owner = str | None
"""Whose threads; None for everybody's."""

_OWNED = THREADS.alias("owned")


def owner() -> BindParameter[str]:
    """The parameter that names the user."""
    return bindparam("owner", type_=THREADS.c.user_id.type)


def theirs(owned: bool) -> list[ColumnElement[bool]]:
    """Of threads: those of the user, where only these may be touched."""
    return [THREADS.c.user_id == owner()] if owned else []


def thread(owned: bool) -> ColumnElement[str]:
    """The thread that the parameter `thread_id` names; none where it is not the user's, and has to be."""
    named: ColumnElement[str] = bindparam("thread_id", type_=THREADS.c.id.type)
    if not owned:
        return named
    return select(_OWNED.c.id).where(_OWNED.c.id == named, _OWNED.c.user_id == owner()).scalar_subquery()


def hanging(thread_id: ColumnElement[Any], owned: bool) -> list[ColumnElement[bool]]:
    """Of what hangs on threads by this column: what hangs on the user's, where only these may be touched."""
    if not owned:
        return []
    return [select(_OWNED.c.id).where(_OWNED.c.id == thread_id, _OWNED.c.user_id == owner()).exists()]


def row(values: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    """A row of these values, with the id of the thread that they name; none where it is not the user's."""
    here = {**values, "thread_id": _OWNED.c.id}
    named = bindparam("thread_id", type_=THREADS.c.id.type)
    own = select(*(value.label(name) for name, value in here.items()))
    return own.where(_OWNED.c.id == named, _OWNED.c.user_id == owner())


def held() -> Select[Any]:
    """The thread that the parameter `thread_id` names, if it is the user's; nobody deletes it meanwhile."""
    named = THREADS.c.id == bindparam("thread_id", type_=THREADS.c.id.type)
    return select(THREADS.c.id).where(named, *theirs(True)).with_for_update(read=True)
