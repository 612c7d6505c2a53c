"""Statements about threads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from . import checkpoints, graph_maintenance, records
from .dialects import Dialect
from .dialects.types import for_record
from .errors import ThreadExists, ThreadNotFound
from .graphs import digest
from .inputs import Row
from .models import CHECKPOINTS, FEEDBACK, GRAPH_NAMESPACES, MESSAGES, SUSPENDED_STATES, THREADS
from .records import Record
from .statements import Lost, Rows, Statement, Steps, Together, ask

_GENERATIONS = 500  # of a lineage, in one query: MySQL and MariaDB end a recursion after 1,000


def create(dialect: Dialect, row: Row) -> Steps[Record]:
    """Insert the thread unless it is there, and return the one that stands."""
    found: Rows = ()
    while not found:  # again only where it was there, and was deleted before it could be read
        made = Statement(_making, (dialect,), row)
        _none, found = yield Together((made, Statement(_one, (), {"id": row["id"]})), last=True)
    thread = _record(found[0])
    if (thread["user_id"], thread["agent_name"]) != (row["user_id"], row["agent_name"]):
        raise ThreadExists(row["id"], "it belongs to another user or agent")
    return thread


def _making(dialect: Dialect) -> Any:
    row = {column.name: bindparam(column.name, type_=column.type) for column in THREADS.columns}
    return dialect.insert_if_absent(THREADS, row, ["id"])


def get(thread_id: str) -> Steps[Record | None]:
    rows = yield from ask(_one, id=thread_id)
    return _record(rows[0]) if rows else None


def _one() -> Any:
    return select(*_COLUMNS).where(THREADS.c.id == _parameter("id"))


_COLUMNS = for_record(THREADS, records.THREAD)
_UPDATED = records.THREAD.index("updated_at")


def _record(row: Sequence[Any]) -> Record:
    return records.thread_of(*row)


def _parameter(column: str, name: str | None = None) -> BindParameter[Any]:
    return bindparam(name or column, type_=THREADS.c[column].type)


def page(filters: Row, limit: int, offset: int, after: str | tuple[datetime, str] | None) -> Steps[list[Record]]:
    """A page of the listing, the thread updated last first."""
    if isinstance(after, str):
        (found,) = yield Together((Statement(_one, (), {"id": after}),))
        if not found:
            raise ThreadNotFound(after)
        after = (datetime.fromisoformat(found[0][_UPDATED]), after)
    given = {**filters, "limit": limit, "offset": offset}
    if after is not None:
        given["updated_at"], given["id"] = after
    rows = yield from ask(_listing, tuple(filters), after is not None, offset > 0, **given)
    if offset:  # put in order here: to a server, the join has lost it
        rows = sorted(rows, key=_place, reverse=True)
    return [_record(row) for row in rows]


def _place(row: Sequence[Any]) -> tuple[str, str]:
    return row[_UPDATED], row[0]


def _listing(filters: Sequence[str], after: bool, offset: bool) -> Any:
    order = (THREADS.c.updated_at.desc(), THREADS.c.id.desc())
    wanted = _equal(filters)
    if after:
        updated_at = _parameter("updated_at")
        # Not a comparison of tuples: MySQL does not use an index for one.
        wanted.append(THREADS.c.updated_at <= updated_at)
        wanted.append(or_(THREADS.c.updated_at < updated_at, THREADS.c.id < _parameter("id")))
    if not offset:
        return select(*_COLUMNS).where(*wanted).order_by(*order).limit(bindparam("limit", type_=BigInteger()))
    # What is skipped is skipped in the index alone.
    skipped = select(THREADS.c.id).where(*wanted).order_by(*order).limit(bindparam("limit", type_=BigInteger()))
    here = skipped.offset(bindparam("offset", type_=BigInteger())).subquery("here")
    return select(*_COLUMNS).join_from(THREADS, here, THREADS.c.id == here.c.id)


def page_by_id(filters: Row, limit: int, after: str | None) -> Steps[list[Record]]:
    """A page in the order of ids, which never change: nothing is missed or repeated meanwhile."""
    given = {**filters, "limit": limit} | ({} if after is None else {"id": after})
    rows = yield from ask(_listing_by_id, tuple(filters), after is not None, **given)
    return [_record(row) for row in rows]


def _listing_by_id(filters: Sequence[str], after: bool) -> Any:
    statement = select(*_COLUMNS).where(*_equal(filters)).order_by(THREADS.c.id)
    statement = statement.where(THREADS.c.id > _parameter("id")) if after else statement
    return statement.limit(bindparam("limit", type_=BigInteger()))


def change(dialect: Dialect, thread_id: str, values: Row, at: datetime) -> Steps[Record | None]:
    """Set columns and return the thread; None where there is none."""
    given = {**values, "id": thread_id, "at": at}
    changing = Statement(_changing, (dialect, tuple(values)), given)
    if dialect.returns_changed:
        (rows,) = yield Together((changing,), last=True)
    else:
        _none, rows = yield Together((changing, Statement(_one, (), {"id": thread_id})), last=True)
    return _record(rows[0]) if rows else None


def _changing(dialect: Dialect, names: Sequence[str]) -> Any:
    values: dict[str, Any] = {name: _parameter(name) for name in names}
    values["updated_at"] = dialect.later(THREADS.c.updated_at, _parameter("updated_at", "at"))
    statement = update(THREADS).where(THREADS.c.id == _parameter("id")).values(values)
    return statement.returning(*_COLUMNS) if dialect.returns_changed else statement


def remove(dialect: Dialect, thread_id: str) -> Steps[bool | None]:
    """Delete the thread and what belongs to it; None, and nothing done, where graphs have stored something there.

    The row is locked first, in the same order as by an append, so that none of the two waits for the other
    while it holds what the other needs.
    """
    given = {"thread_id": thread_id, "digest": digest(thread_id)}
    if dialect.changes_in_with:
        ((gone, graphs),) = yield from ask(_removing, **given)
        return None if graphs else bool(gone)
    locked, graphs = yield Together((Statement(_locking, (), given), Statement(_graphs, (), given)))
    if graphs:
        return None
    if locked:
        tables = (MESSAGES, FEEDBACK, SUSPENDED_STATES, CHECKPOINTS)
        deleting = [Statement(_deleting, (table.name,), given) for table in tables]
        yield Together([Statement(_orphaning, (), given), *deleting, Statement(_deleting_thread, (), given)], last=True)
    return bool(locked)


def find_removal(_dialect: Dialect, thread_id: str) -> Steps[Lost]:
    """What has become of a deletion whose answer was lost: a thread that has gone may have been somebody else's."""
    rows = yield from ask(_one, id=thread_id)
    return Lost.UNDONE if rows else Lost.UNKNOWN


def _removing() -> Any:
    """The foreign keys remove the messages, with those that an append stores while this waits for it."""
    graphs = _graphs().exists()
    held = select(THREADS.c.id).where(_is_thread(), ~graphs).with_for_update().cte("held")
    here = select(held.c.id).scalar_subquery()
    tables = (FEEDBACK, SUSPENDED_STATES, CHECKPOINTS)
    parts = [delete(table).where(table.c.thread_id == here).cte(f"of_{table.name}") for table in tables]
    gone = delete(THREADS).where(THREADS.c.id == here).returning(THREADS.c.id).cte("gone")
    return select(select(func.count()).select_from(gone).scalar_subquery(), graphs).add_cte(*parts)


def _is_thread() -> ColumnElement[bool]:
    return THREADS.c.id == _parameter("id", "thread_id")


def _locking() -> Any:
    return select(THREADS.c.id).where(_is_thread()).with_for_update()


def _graphs() -> Select[Any]:
    found = GRAPH_NAMESPACES.c.thread_digest == bindparam("digest", type_=GRAPH_NAMESPACES.c.thread_digest.type)
    return select(GRAPH_NAMESPACES.c.id).where(found).limit(literal_column("1"))


def _orphaning() -> Any:
    return (
        update(THREADS).where(THREADS.c.parent_thread_id == _parameter("id", "thread_id")).values(parent_thread_id=None)
    )


def _deleting(name: str) -> Any:
    table = THREADS.metadata.tables[name]
    return delete(table).where(table.c.thread_id == _parameter("id", "thread_id"))


def _deleting_thread() -> Any:
    return delete(THREADS).where(_is_thread())


async def remove_with_graphs(connection: AsyncConnection, thread_id: str) -> bool:
    """Delete the thread and what belongs to it, with all that graphs have stored there."""
    given = {"thread_id": thread_id}
    locked = (await connection.execute(_locking(), given)).one_or_none()
    if locked is not None:
        await connection.execute(_orphaning(), given)
        for table in (MESSAGES, FEEDBACK, SUSPENDED_STATES, CHECKPOINTS):
            await connection.execute(_deleting(table.name), given)
    removed = await graph_maintenance.remove_thread(connection, thread_id)
    if locked is not None:
        await connection.execute(_deleting_thread(), given)
    return locked is not None or removed.checkpoints > 0


async def fork(
    connection: AsyncConnection,
    dialect: Dialect,
    parent_id: str,
    last_index: int,
    new_id: str,
    title: str | None,
    at: datetime,
    with_checkpoints: bool,
) -> Record | None:
    """Copy a thread and its messages 0 to `last_index`, on the server; None without a parent."""
    found = await connection.execute(
        select(THREADS).where(THREADS.c.id == parent_id).with_for_update(read=True)  # no append meanwhile
    )
    parent = found.mappings().one_or_none()
    if parent is None:
        return None
    row = {
        "id": new_id,
        "user_id": parent["user_id"],
        "agent_name": parent["agent_name"],
        "title": fork_title(title, parent["title"], parent_id),
        "metadata": parent["metadata"],
        "message_count": min(parent["message_count"], last_index + 1),
        "parent_thread_id": parent_id,
        "fork_message_index": last_index,
        "created_at": at,
        "updated_at": at,
    }
    try:
        await connection.execute(insert(THREADS).values(row))
    except IntegrityError as error:
        raise ThreadExists(new_id, "a fork needs an id of its own") from error
    copied = ["position", "role", "content", "metadata", "created_at"]
    originals = select(literal(new_id, MESSAGES.c.thread_id.type), *(MESSAGES.c[name] for name in copied))
    originals = originals.where(MESSAGES.c.thread_id == parent_id, MESSAGES.c.position <= last_index)
    await connection.execute(insert(MESSAGES).from_select(["thread_id", *copied], originals))
    if with_checkpoints:
        await checkpoints.copy(connection, parent_id, new_id)
        await graph_maintenance.copy(connection, dialect, parent_id, new_id)
    return records.thread(row)


def fork_title(title: str | None, parent_title: str | None, parent_id: str) -> str:
    """A fork's title: the one given, else one that says what it was forked from."""
    return title or f"Fork of {parent_title or parent_id}"


async def lineage(connection: AsyncConnection, thread_id: str) -> Record:
    """The ancestors, from the root down to the parent, and the direct forks."""
    chain: dict[str, Record] = {}
    start: str | None = thread_id
    while start is not None and start not in chain:
        found = await _records(connection, _upwards(start))
        if not found:
            break
        by_id = {thread["id"]: thread for thread in found}
        while start in by_id and start not in chain:
            chain[start] = by_id[start]
            start = by_id[start]["parent_thread_id"]
    chain.pop(thread_id, None)
    children = select(THREADS).where(THREADS.c.parent_thread_id == thread_id)
    return {
        "thread_id": thread_id,
        "ancestors": list(reversed(chain.values())),
        "descendants": await _records(connection, children.order_by(THREADS.c.created_at, THREADS.c.id)),
    }


def _upwards(thread_id: str) -> Select[Any]:
    """A thread and its ancestors, up to `_GENERATIONS` of them (also where they form a cycle)."""
    start = select(THREADS, literal(1).label("generation")).where(THREADS.c.id == thread_id)
    up = start.cte("up", recursive=True)
    parents = select(THREADS, up.c.generation + 1)
    on = and_(THREADS.c.id == up.c.parent_thread_id, up.c.generation < _GENERATIONS)
    return select(up.union_all(parents.join_from(up, THREADS, on)))


def _equal(filters: Sequence[str]) -> list[ColumnElement[bool]]:
    return [THREADS.c[name] == _parameter(name) for name in filters]


async def _records(connection: AsyncConnection, statement: Select[Any]) -> list[Record]:
    return [records.thread(row) for row in (await connection.execute(statement)).mappings()]
