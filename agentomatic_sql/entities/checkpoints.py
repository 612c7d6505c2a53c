"""Statements about checkpoints.

Their order is the one in which they were first saved, not that of their ids: the platform's own are random. Those of a
graph are listed behind them: no order of both by time would agree with each one's own, and paging needs one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, BindParameter, ColumnElement, and_, bindparam, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .. import ownership, records
from ..dialects import Dialect
from ..dialects.types import for_record
from ..errors import HAS_CHECKPOINTS, ThreadExists, ThreadNotFound
from ..graphs.rows import digest
from ..inputs import Row
from ..models import CHECKPOINTS
from ..models import GRAPH_CHECKPOINTS as GRAPHS
from ..models import GRAPH_NAMESPACES as NAMESPACES
from ..ownership import Owner
from ..records import Record
from ..statements import Statement, Steps, Together, ask


def save(dialect: Dialect, row: Row, owner: Owner) -> Steps[None]:
    """Store a checkpoint; the same id again is replaced, and keeps its place and time.

    Raises `ThreadNotFound` where the thread has to be the owner's, and is not.
    """
    saving = Statement(_saving, (dialect, owner is not None), {**row, "owner": owner})
    if owner is None:
        yield Together((saving,), last=True)
        return
    if dialect.changes_in_with:
        (found,) = yield Together((saving,), last=True)
    else:
        found, _none = yield Together((Statement(ownership.held, (), {**row, "owner": owner}), saving), last=True)
    if not found:
        raise ThreadNotFound(row["thread_id"])


def _saving(dialect: Dialect, owned: bool) -> Any:
    row = {name: bindparam(name, type_=CHECKPOINTS.c[name].type) for name in _NAMES}
    key, update = ["thread_id", "checkpoint_ns", "checkpoint_id"], ["parent_checkpoint_id", "checkpoint", "metadata"]
    if not owned:
        return dialect.upsert(CHECKPOINTS, row, key, update)
    saving = dialect.upsert_from(CHECKPOINTS, ownership.row(row, held=not dialect.changes_in_with), key, update)
    return saving.returning(CHECKPOINTS.c.sequence) if dialect.changes_in_with else saving


def get(thread_id: str, checkpoint_ns: str, checkpoint_id: str, owner: Owner) -> Steps[Record | None]:
    """A checkpoint; the empty id is the latest."""
    given = {"thread_id": thread_id, "checkpoint_ns": checkpoint_ns, "checkpoint_id": checkpoint_id, "owner": owner}
    rows = yield from ask(_one, not checkpoint_id, owner is not None, **given)
    return _record(rows[0]) if rows else None


def _one(latest: bool, owned: bool) -> Any:
    statement = select(*_COLUMNS).where(_here(owned))
    if latest:
        return statement.order_by(CHECKPOINTS.c.sequence.desc()).limit(1)
    return statement.where(CHECKPOINTS.c.checkpoint_id == _parameter("checkpoint_id"))


_COLUMNS = for_record(CHECKPOINTS)
_NAMES = [column.name for column in CHECKPOINTS.columns if column.name != "sequence"]


def _record(row: Sequence[Any]) -> Record:
    return records.checkpoint(dict(zip(CHECKPOINTS.columns.keys(), row, strict=True)))


def _here(owned: bool = False) -> ColumnElement[bool]:
    """The namespace that the statement's parameters `thread_id` and `checkpoint_ns` name."""
    namespace = CHECKPOINTS.c.checkpoint_ns == _parameter("checkpoint_ns")
    return and_(CHECKPOINTS.c.thread_id == ownership.thread(owned), namespace)


def _parameter(name: str) -> BindParameter[Any]:
    return bindparam(name, type_=CHECKPOINTS.c[name].type)


def page(
    thread_id: str, checkpoint_ns: str, before: str | None, limit: int | None, owner: Owner
) -> Steps[tuple[list[Record], bool]]:
    """Checkpoints, the newest first, and whether a graph's follow from their beginning.

    Before a graph's there are none of these: it stands behind them. Before one that is not there at all are those with
    a smaller id.
    """
    owned = owner is not None
    given: dict[str, Any] = {"thread_id": thread_id, "checkpoint_ns": checkpoint_ns, "limit": limit, "owner": owner}
    order, follow = None, True
    if before is not None:
        names = {**given, "checkpoint_id": before, "digest": digest(thread_id, checkpoint_ns)}
        ((found,),) = yield Together((Statement(_finding, (owned,), names),))
        place, graphs = found
        if place is None and graphs is not None:
            return [], False
        follow = place is not None
        order = "checkpoint_id" if place is None else "sequence"
        given["end"] = before if place is None else place
    rows = yield from ask(_page, order, limit is not None, owned, **given)
    return [_record(row) for row in rows], follow


def _page(before: str | None, limited: bool, owned: bool) -> Any:
    order = CHECKPOINTS.c[before or "sequence"]
    statement = select(*_COLUMNS).where(_here(owned)).order_by(order.desc())
    if before is not None:
        statement = statement.where(order < bindparam("end", type_=order.type))
    return statement.limit(bindparam("limit", type_=BigInteger())) if limited else statement


def _finding(owned: bool) -> Any:
    """The place of a checkpoint among the store's own, and a graph's of this id."""
    wanted = CHECKPOINTS.c.checkpoint_id == _parameter("checkpoint_id")
    own = select(CHECKPOINTS.c.sequence).where(_here(owned), wanted)
    theirs = ownership.hanging(_parameter("thread_id"), owned)
    namespace = select(NAMESPACES.c.id).where(NAMESPACES.c.digest == bindparam("digest"), *theirs)
    graphs = select(GRAPHS.c.namespace_id).where(
        GRAPHS.c.namespace_id == namespace.scalar_subquery(), GRAPHS.c.checkpoint_id == _parameter("checkpoint_id")
    )
    return select(own.scalar_subquery(), graphs.scalar_subquery())


async def copy(connection: AsyncConnection, thread_id: str, new_id: str) -> None:
    """Copy a thread's checkpoints, in their order; raises `ThreadExists` where the new one has some."""
    await refuse_some(connection, new_id)
    names = [column.name for column in CHECKPOINTS.columns if column.name not in ("sequence", "thread_id")]
    originals = select(literal(new_id, CHECKPOINTS.c.thread_id.type), *(CHECKPOINTS.c[name] for name in names))
    originals = originals.where(CHECKPOINTS.c.thread_id == thread_id).order_by(CHECKPOINTS.c.sequence)
    await connection.execute(insert(CHECKPOINTS).from_select(["thread_id", *names], originals))


async def refuse_some(connection: AsyncConnection, thread_id: str) -> None:
    """Raises `ThreadExists` where a thread that is to get a copy of another's checkpoints has some."""
    if (await connection.execute(select(CHECKPOINTS.c.sequence).where(CHECKPOINTS.c.thread_id == thread_id))).first():
        raise ThreadExists(thread_id, HAS_CHECKPOINTS)
