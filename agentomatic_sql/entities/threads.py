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
    case,
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

from .. import records
from ..dialects import Dialect
from ..dialects.types import for_record
from ..errors import ThreadExists, ThreadNotFound
from ..graphs import removal as graph_maintenance
from ..graphs.rows import digest
from ..inputs import Row
from ..models import CHECKPOINTS, FEEDBACK, GRAPH_NAMESPACES, IDEMPOTENCY_KEYS, MESSAGES, SUSPENDED_STATES, THREADS
from ..ownership import Owner, acting, hanging, theirs
from ..records import Record
from ..statements import Lost, Statement, Steps, Together, ask
from . import checkpoints

_OTHERS = "it belongs to another user or agent"
_LOOKS = 10
_GENERATIONS = 500  # of a lineage, in one query: MySQL and MariaDB end a recursion after 1,000


def create(dialect: Dialect, row: Row) -> Steps[Record]:
    """Insert the thread unless it is there, and return the one that stands."""
    for _ in range(_LOOKS):
        made = Statement(_making, (dialect,), row)
        _none, found = yield Together((made, Statement(_one, (False,), {"id": row["id"]})), last=True)
        if found:  # else it was there, and was deleted before it could be read
            break
    else:  # or the server shows it to its owner only
        raise ThreadExists(row["id"], _OTHERS)
    thread = _record(found[0])
    if (thread["user_id"], thread["agent_name"]) != (row["user_id"], row["agent_name"]):
        raise ThreadExists(row["id"], _OTHERS)
    return thread


def _making(dialect: Dialect) -> Any:
    row = {column.name: bindparam(column.name, type_=column.type) for column in THREADS.columns}
    return dialect.insert_if_absent(THREADS, row, ["id"])


def get(thread_id: str, owner: Owner = None) -> Steps[Record | None]:
    rows = yield from ask(_one, owner is not None, id=thread_id, owner=owner)
    return _record(rows[0]) if rows else None


def _one(owned: bool) -> Any:
    return select(*_COLUMNS).where(THREADS.c.id == _parameter("id"), *theirs(owned))


_COLUMNS = for_record(THREADS, records.THREAD)
_UPDATED = records.THREAD.index("updated_at")


def _record(row: Sequence[Any]) -> Record:
    return records.thread_of(*row)


def _parameter(column: str, name: str | None = None) -> BindParameter[Any]:
    return bindparam(name or column, type_=THREADS.c[column].type)


def page(
    filters: Row, limit: int, offset: int, after: str | tuple[datetime, str] | None, owner: Owner
) -> Steps[list[Record]]:
    """A page of the listing, the thread updated last first."""
    if isinstance(after, str):
        (found,) = yield Together((Statement(_one, (owner is not None,), {"id": after, "owner": owner}),))
        if not found:
            raise ThreadNotFound(after)
        after = (datetime.fromisoformat(found[0][_UPDATED]), after)
    given = {**filters, "limit": limit, "offset": offset, "owner": owner}
    if after is not None:
        given["updated_at"], given["id"] = after
    rows = yield from ask(_listing, tuple(filters), after is not None, offset > 0, owner is not None, **given)
    if offset:  # put in order here: to a server, the join has lost it
        rows = sorted(rows, key=_place, reverse=True)
    return [_record(row) for row in rows]


def _place(row: Sequence[Any]) -> tuple[str, str]:
    return row[_UPDATED], row[0]


def _listing(filters: Sequence[str], after: bool, offset: bool, owned: bool) -> Any:
    order = (THREADS.c.updated_at.desc(), THREADS.c.id.desc())
    wanted = [*_equal(filters), *theirs(owned)]
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


def page_by_id(filters: Row, limit: int, after: str | None, owner: Owner) -> Steps[list[Record]]:
    """A page in the order of ids, which never change: nothing is missed or repeated meanwhile."""
    given = {**filters, "limit": limit, "owner": owner} | ({} if after is None else {"id": after})
    rows = yield from ask(_listing_by_id, tuple(filters), after is not None, owner is not None, **given)
    return [_record(row) for row in rows]


def _listing_by_id(filters: Sequence[str], after: bool, owned: bool) -> Any:
    statement = select(*_COLUMNS).where(*_equal(filters), *theirs(owned)).order_by(THREADS.c.id)
    statement = statement.where(THREADS.c.id > _parameter("id")) if after else statement
    return statement.limit(bindparam("limit", type_=BigInteger()))


def change(dialect: Dialect, thread_id: str, values: Row, at: datetime, owner: Owner) -> Steps[Record | None]:
    """Set columns and return the thread; None where there is none."""
    owned, given = owner is not None, {**values, "id": thread_id, "at": at, "owner": owner}
    changing = Statement(_changing, (dialect, tuple(values), owned), given)
    if dialect.returns_changed:
        (rows,) = yield Together((changing,), last=True)
    else:
        _none, rows = yield Together((changing, Statement(_one, (owned,), given)), last=True)
    return _record(rows[0]) if rows else None


def _changing(dialect: Dialect, names: Sequence[str], owned: bool) -> Any:
    values: dict[str, Any] = {name: _parameter(name) for name in names}
    values["updated_at"] = dialect.later(THREADS.c.updated_at, _parameter("updated_at", "at"))
    statement = update(THREADS).where(THREADS.c.id == _parameter("id"), *theirs(owned)).values(values)
    return statement.returning(*_COLUMNS) if dialect.returns_changed else statement


def remove(dialect: Dialect, thread_id: str, owner: Owner) -> Steps[bool | None]:
    """Delete the thread and what belongs to it; None, and nothing done, where graphs have stored something there.

    (Of a thread that is not the owner's nothing is deleted, whatever has been stored there.)

    Where it takes several statements, the row is locked first, in the same order as by an append, so that none of the
    two waits for the other while it holds what the other needs.
    """
    owned, given = owner is not None, {"thread_id": thread_id, "digest": digest(thread_id), "owner": owner}
    if dialect.changes_in_with:
        ((answer,),) = yield Together((Statement(_removing, (dialect, owned), given),), last=True)
        graphs, removed = answer
        return None if graphs else removed
    locked, found = yield Together((Statement(_locking, (owned,), given), Statement(_graphs, (), given)))
    if found:
        return None
    if locked:
        deleting = [Statement(_deleting, (table.name,), given) for table in _WITHOUT_KEY]
        if not dialect.cascades:
            deleting += [Statement(_orphaning, (), given), Statement(_deleting, (MESSAGES.name,), given)]
        yield Together([*deleting, Statement(_deleting_thread, (), given)], last=True)
    return bool(locked)


_WITHOUT_KEY = (FEEDBACK, IDEMPOTENCY_KEYS, SUSPENDED_STATES, CHECKPOINTS)
"""What belongs to a thread without a foreign key that would remove it."""


def find_removal(_dialect: Dialect, thread_id: str, owner: Owner) -> Steps[Lost]:
    """What has become of a deletion whose answer was lost: somebody else may have deleted what has gone."""
    rows = yield from ask(_one, owner is not None, id=thread_id, owner=owner)
    return Lost.UNDONE if rows else Lost.UNKNOWN


def _removing(dialect: Dialect, owned: bool) -> Any:
    """Delete the thread, unless graphs have stored something there; whether they have, and whether it was deleted."""
    graphs = _graphs().exists()
    gone = _deleting_thread().where(~graphs, *theirs(owned)).returning(THREADS.c.id).cte("gone")
    answer = select(graphs, select(gone.c.id).exists())
    if dialect.removes_hanging:
        return answer
    tables = {table.name: delete(table).where(table.c.thread_id.in_(select(gone.c.id))) for table in _WITHOUT_KEY}
    return answer.add_cte(*(deleting.cte(f"of_{name}") for name, deleting in tables.items()))


def _is_thread() -> ColumnElement[bool]:
    return THREADS.c.id == _parameter("id", "thread_id")


def _locking(owned: bool) -> Any:
    return select(THREADS.c.id).where(_is_thread(), *theirs(owned)).with_for_update()


def _graphs() -> Select[Any]:
    found = GRAPH_NAMESPACES.c.thread_digest == bindparam("digest", type_=GRAPH_NAMESPACES.c.thread_digest.type)
    return select(GRAPH_NAMESPACES.c.id).where(found).limit(literal_column("1"))


def _orphaning() -> Any:
    children = THREADS.c.parent_thread_id == _parameter("id", "thread_id")
    return update(THREADS).where(children).values(parent_thread_id=None)


def _deleting(name: str) -> Any:
    table = THREADS.metadata.tables[name]
    return delete(table).where(table.c.thread_id == _parameter("id", "thread_id"))


def _deleting_thread() -> Any:
    return delete(THREADS).where(_is_thread())


async def remove_with_graphs(connection: AsyncConnection, thread_id: str, owner: Owner) -> bool:
    """Delete the thread and what belongs to it, with all that graphs have stored there."""
    given = {"thread_id": thread_id, "owner": owner}
    locked = (await connection.execute(_locking(owner is not None), given)).one_or_none()
    if locked is None and owner is not None:  # graphs need no thread: theirs could be anybody's
        return False
    if locked is not None:
        await connection.execute(_orphaning(), given)
        for table in (MESSAGES, *_WITHOUT_KEY):
            await connection.execute(_deleting(table.name), given)
    removed = await graph_maintenance.remove_thread(connection, thread_id)
    if locked is not None:
        await connection.execute(_deleting_thread(), given)
    return locked is not None or removed.checkpoints > 0


def fork(
    dialect: Dialect, parent_id: str, last_index: int, new_id: str, title: str | None, at: datetime, owner: Owner
) -> Steps[Record | None]:
    """Copy a thread and its messages 0 to `last_index`, on the server; None without a parent.

    One statement sees one state, in which the parent's counter and its messages agree, so that nobody's append has to
    wait; where it takes several, the parent is locked. Raises `KeyTaken` where the new id is.
    """
    owned, given = owner is not None, _of_fork(parent_id, last_index, new_id, title, at, owner)
    if dialect.changes_in_with and acting.get() is None:  # the server's own policies would not see the new thread yet
        rows = yield from ask(_forking, dialect, owned, **given)
    else:
        forking = [Statement(_making_fork, (dialect, owned), given), Statement(_copying, (owned,), given)]
        if not dialect.returns_changed:
            forking.append(Statement(_one, (False,), {"id": new_id}))
        found, *answers = yield Together([Statement(_sharing, (owned,), given), *forking], last=True)
        rows = found and answers[0 if dialect.returns_changed else -1]
    return _record(rows[0]) if rows else None


def find_fork(
    _dialect: Dialect, parent_id: str, _last_index: int, new_id: str, _title: str | None, at: datetime, owner: Owner
) -> Steps[Record | Lost]:
    """What has become of a fork whose answer was lost: it is there, made at the same microsecond, or it is not."""
    rows = yield from ask(_one, owner is not None, id=new_id, owner=owner)
    found = _record(rows[0]) if rows else None
    made = found is not None and found["parent_thread_id"] == parent_id and found["created_at"] == records.iso(at)
    return found if found is not None and made else Lost.UNDONE


def _of_fork(
    parent_id: str, last_index: int, new_id: str, title: str | None, at: datetime, owner: Owner
) -> dict[str, Any]:
    fallback = fork_title(None, None, parent_id)
    return {
        "parent_id": parent_id,
        "last_index": last_index,
        "new_id": new_id,
        "title": title or None,
        "fallback": fallback,
        "at": at,
        "owner": owner,
    }


def _forking(dialect: Dialect, owned: bool) -> Any:
    """The parent's values are of the statement's snapshot, as its messages are; what is locked is read as it is now."""
    held = _sharing(owned).with_for_update(read=True, key_share=True).cte("held")
    here = select(held.c.id).scalar_subquery()
    made = _making_fork(dialect, owned, here).cte("made")
    return select(made).add_cte(_copying(owned, here).cte("copied"))


def _sharing(owned: bool) -> Select[Any]:
    """The parent, locked: no append meanwhile."""
    here = THREADS.c.id == _parameter("id", "parent_id")
    return select(THREADS.c.id).where(here, *theirs(owned)).with_for_update(read=True)


def _making_fork(dialect: Dialect, owned: bool, parent: ColumnElement[Any] | None = None) -> Any:
    last = bindparam("last_index", type_=BigInteger())
    named = literal(_FORK_OF, THREADS.c.title.type) + func.nullif(THREADS.c.title, "")
    at = _parameter("created_at", "at")
    values = {
        "id": _parameter("id", "new_id"),
        "user_id": THREADS.c.user_id,
        "agent_name": THREADS.c.agent_name,
        "title": func.coalesce(_parameter("title"), named, _parameter("title", "fallback")),
        "metadata": THREADS.c.metadata,
        "message_count": case((THREADS.c.message_count > last, last + 1), else_=THREADS.c.message_count),
        "parent_thread_id": THREADS.c.id,
        "fork_message_index": last,
        "created_at": at,
        "updated_at": at,
    }
    here = THREADS.c.id == (_parameter("id", "parent_id") if parent is None else parent)
    making = insert(THREADS).from_select([*values], select(*values.values()).where(here, *theirs(owned)))
    return making.returning(*_COLUMNS) if dialect.returns_changed else making


def _copying(owned: bool, parent: ColumnElement[Any] | None = None) -> Any:
    names = ["position", "role", "content", "metadata", "created_at"]
    here = MESSAGES.c.thread_id == (_parameter("id", "parent_id") if parent is None else parent)
    last = MESSAGES.c.position <= bindparam("last_index", type_=BigInteger())
    originals = select(_parameter("id", "new_id"), *(MESSAGES.c[name] for name in names)).where(here, last)
    originals = originals.where(*hanging(MESSAGES.c.thread_id, owned))
    return insert(MESSAGES).from_select(["thread_id", *names], originals)


async def fork_with_checkpoints(
    connection: AsyncConnection,
    dialect: Dialect,
    parent_id: str,
    last_index: int,
    new_id: str,
    title: str | None,
    at: datetime,
    owner: Owner,
) -> Record | None:
    """The same, with all checkpoints, of the store's methods and of graphs; raises `ThreadExists`."""
    owned, given = owner is not None, _of_fork(parent_id, last_index, new_id, title, at, owner)
    if (await connection.execute(_sharing(owned), given)).one_or_none() is None:
        return None
    try:
        await connection.execute(_making_fork(dialect, owned), given)
    except IntegrityError as error:
        raise ThreadExists(new_id, FORK_TAKEN) from error
    await connection.execute(_copying(owned), given)
    await checkpoints.copy(connection, parent_id, new_id)
    await graph_maintenance.copy(connection, dialect, parent_id, new_id)
    return await made(connection, new_id, owner)


async def made(connection: AsyncConnection, thread_id: str, owner: Owner) -> Record:
    """A thread that has just been made in this transaction."""
    return _record((await connection.execute(_one(owner is not None), {"id": thread_id, "owner": owner})).one())


FORK_TAKEN = "a fork needs an id of its own"


def fork_title(title: str | None, parent_title: str | None, parent_id: str) -> str:
    """A fork's title: the one given, else one that says what it was forked from."""
    return title or _FORK_OF + (parent_title or parent_id)


_FORK_OF = "Fork of "


async def lineage(connection: AsyncConnection, thread_id: str, owner: Owner) -> Record:
    """The ancestors, from the root down to the parent, and the direct forks."""
    owned = owner is not None
    chain: dict[str, Record] = {}
    start: str | None = thread_id
    while start is not None and start not in chain:
        found = await _records(connection, _upwards(start, owned), owner)
        if not found:
            break
        by_id = {thread["id"]: thread for thread in found}
        while start in by_id and start not in chain:
            chain[start] = by_id[start]
            start = by_id[start]["parent_thread_id"]
    chain.pop(thread_id, None)
    children = select(THREADS).where(THREADS.c.parent_thread_id == thread_id, *theirs(owned))
    return {
        "thread_id": thread_id,
        "ancestors": list(reversed(chain.values())),
        "descendants": await _records(connection, children.order_by(THREADS.c.created_at, THREADS.c.id), owner),
    }


def _upwards(thread_id: str, owned: bool) -> Select[Any]:
    """A thread and its ancestors, up to `_GENERATIONS` of them (also where they form a cycle)."""
    start = select(THREADS, literal(1).label("generation")).where(THREADS.c.id == thread_id, *theirs(owned))
    up = start.cte("up", recursive=True)
    parents = select(THREADS, up.c.generation + 1)
    on = and_(THREADS.c.id == up.c.parent_thread_id, up.c.generation < _GENERATIONS, *theirs(owned))
    return select(up.union_all(parents.join_from(up, THREADS, on)))


def _equal(filters: Sequence[str]) -> list[ColumnElement[bool]]:
    return [THREADS.c[name] == _parameter(name) for name in filters]


async def _records(connection: AsyncConnection, statement: Select[Any], owner: Owner) -> list[Record]:
    return [records.thread(row) for row in (await connection.execute(statement, {"owner": owner})).mappings()]
