"""How much of everything there is: exact while it is little, the server's own estimate where it is much."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, func, literal_column, select, text

from ..dialects import Dialect
from ..models import CHECKPOINTS, FEEDBACK, GRAPH_CHECKPOINTS, MESSAGES, SUSPENDED_STATES, THREADS
from ..ownership import theirs
from ..records import Record
from ..statements import Statement, Steps, Together, ask

EXACT = 10_000
"""Up to how many rows of a table are counted: what takes some ten milliseconds. Messages are, up to so many threads."""

_TABLES = {
    "threads": THREADS,
    "messages": MESSAGES,
    "feedback": FEEDBACK,
    "suspended_states": SUSPENDED_STATES,
    "checkpoints": CHECKPOINTS,
    "graph_checkpoints": GRAPH_CHECKPOINTS,
}


def stats(dialect: Dialect, schema: str | None, at: datetime) -> Steps[Record]:
    """Counts, and `estimated`: the names of those that are estimates."""
    counting = Statement(_counting, (dialect, schema), {"at": at, "most": EXACT + 1})
    fresh = () if dialect.fresh_estimates is None else (Statement(text, (dialect.fresh_estimates,)),)
    *_none, (row,) = yield Together((*fresh, counting), last=True)
    counted = dict(zip(_TABLES, map(int, row[: len(_TABLES)]), strict=True))
    estimates = dict(zip(_TABLES, (int(found or 0) for found in row[len(_TABLES) :]), strict=True))
    many = {name for name in _TABLES if counted["threads" if name == "messages" else name] > EXACT}
    found: Record = {name: max(counted[name], estimates[name]) if name in many else counted[name] for name in _TABLES}
    found["checkpoints"] += found.pop("graph_checkpoints")
    names = {"checkpoints" if name == "graph_checkpoints" else name for name in many}
    return found | {"estimated": sorted(names)}


def of_user(at: datetime, owner: str) -> Steps[Record]:
    """The same of one user's threads and what hangs on them, all of it counted: it is little."""
    rows = yield from ask(_counting_of_user, at=at, owner=owner)
    return dict(zip(_OF_USERS, map(int, rows[0]), strict=True)) | {"estimated": []}


_OF_USERS = [name for name in _TABLES if name != "graph_checkpoints"]
"""Not those of graphs: what joins them to threads is a digest."""


def _counting_of_user() -> Any:
    return select(*(_count_of_user(name).scalar_subquery().label(name) for name in _OF_USERS))


def _count_of_user(name: str) -> Select[Any]:
    own = select(THREADS.c.id).where(*theirs(True))
    if name == "messages":
        return select(func.coalesce(func.sum(THREADS.c.message_count), 0)).where(*theirs(True))
    if name == "threads":
        return select(func.count()).select_from(own.subquery("own"))
    table = _TABLES[name]
    counted = select(func.count()).select_from(table).where(table.c.thread_id.in_(own))
    return counted.where(_waits()) if name == "suspended_states" else counted


def _counting(dialect: Dialect, schema: str | None) -> Any:
    counts = [_count(name).scalar_subquery().label(name) for name in _TABLES]
    return select(*counts, *(dialect.row_estimate(table, schema).label(f"{table}_about") for table in _TABLES.values()))


def _count(name: str) -> Select[Any]:
    """The count of a table, or one more than is counted."""
    if name == "messages":  # those of a thread are kept with it
        some = select(THREADS.c.message_count).limit(_most()).subquery(f"some_{name}")
        return select(func.coalesce(func.sum(some.c.message_count), 0))
    rows: Select[Any] = select(literal_column("1").label("one")).select_from(_TABLES[name])
    if name == "suspended_states":
        rows = rows.where(_waits())
    return select(func.count()).select_from(rows.limit(_most()).subquery(f"some_{name}"))


def _waits() -> ColumnElement[bool]:
    return SUSPENDED_STATES.c.expires_at > bindparam("at", type_=SUSPENDED_STATES.c.expires_at.type)


def _most() -> Any:
    return bindparam("most", type_=BigInteger())
