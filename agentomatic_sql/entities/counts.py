"""Counts of rows: exact for small tables, the server's own estimate for large ones."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, literal_column, select, text

from ..context import Context
from ..operations import query
from ..ownership import of_owner
from ..records import Record
from ..statements import Group, Statement, Steps, fetch, number
from ..tables import CHECKPOINTS, FEEDBACK, GRAPH_CHECKPOINTS, MESSAGES, SUSPENDED_STATES, THREADS
from .suspended import has_not_expired

EXACT = 10_000
"""Up to how many rows a table is counted, which takes some ten milliseconds; messages up to as many threads."""

_TABLES = {
    "threads": THREADS,
    "messages": MESSAGES,
    "feedback": FEEDBACK,
    "suspended_states": SUSPENDED_STATES,
    "checkpoints": CHECKPOINTS,
    "graph_checkpoints": GRAPH_CHECKPOINTS,
}


@query
def stats(context: Context, at: datetime) -> Steps[Record]:
    """Return the counts, and in `estimated` the names of those that are estimates."""
    counting = Statement(_counting, (), {"at": at, "most": EXACT + 1})
    fresh = () if context.dialect.fresh_estimates is None else (Statement(_refreshing),)
    *_none, (row,) = yield Group((*fresh, counting), last=True)
    counted = dict(zip(_TABLES, map(int, row[: len(_TABLES)]), strict=True))
    estimates = dict(zip(_TABLES, (int(found or 0) for found in row[len(_TABLES) :]), strict=True))
    many = {name for name in _TABLES if counted["threads" if name == "messages" else name] > EXACT}
    found: Record = {name: max(counted[name], estimates[name]) if name in many else counted[name] for name in _TABLES}
    found["checkpoints"] += found.pop("graph_checkpoints")
    names = {"checkpoints" if name == "graph_checkpoints" else name for name in many}
    return found | {"estimated": sorted(names)}


@query
def of_user(_context: Context, at: datetime) -> Steps[Record]:
    """Return the counts of the owner's rows; they are few, so all of them are counted."""
    rows = yield from fetch(_counting_of_user, at=at)
    return dict(zip(_OF_USERS, map(int, rows[0]), strict=True)) | {"estimated": []}


_OF_USERS = [name for name in _TABLES if name != "graph_checkpoints"]
"""Without the checkpoints of graphs, which have no thread id to join on, only a digest."""


def _refreshing(context: Context) -> Any:
    assert context.dialect.fresh_estimates is not None  # the caller looked
    return text(context.dialect.fresh_estimates)


def _counting_of_user(context: Context) -> Any:
    return select(*(_count_of_user(context, name).scalar_subquery().label(name) for name in _OF_USERS))


def _count_of_user(context: Context, name: str) -> Select[Any]:
    own = select(THREADS.c.id).where(*of_owner(context))
    if name == "messages":
        return select(func.coalesce(func.sum(THREADS.c.message_count), 0)).where(*of_owner(context))
    if name == "threads":
        return select(func.count()).select_from(own.subquery("own"))
    table = _TABLES[name]
    counted = select(func.count()).select_from(table).where(table.c.thread_id.in_(own))
    return counted.where(has_not_expired(context)) if name == "suspended_states" else counted


def _counting(context: Context) -> Any:
    """Select the counts, and the estimates of those tables that were not counted to the end."""
    tables = [_count(context, name).subquery(f"counted_{name}") for name in _TABLES if name != "messages"]
    counts = {column.name: column for table in tables for column in table.c}
    estimates = []
    for name, table in _TABLES.items():
        is_large = counts["threads" if name == "messages" else name] >= number("most")
        estimate = context.dialect.row_estimate(table, context.schema)
        estimates.append(case((is_large, estimate)).label(f"{table}_about"))
    return select(*(counts[name] for name in _TABLES), *estimates).select_from(*tables)


def _count(context: Context, name: str) -> Select[Any]:
    """Count a table's rows, up to `EXACT` + 1; with threads, sum their counters: the number of their messages."""
    table = _TABLES[name]
    row: Any = table.c.message_count if name == "threads" else literal_column("1").label("one")
    rows = select(row).select_from(table)
    if name == "suspended_states":
        rows = rows.where(has_not_expired(context))
    some = rows.limit(number("most")).subquery(f"some_{name}")
    counted = select(func.count().label(name)).select_from(some)
    if name == "threads":
        counted = counted.add_columns(func.coalesce(func.sum(some.c.message_count), 0).label("messages"))
    return counted
