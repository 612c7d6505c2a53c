"""Statements that remove and copy the checkpoints of graphs: of whole threads, of runs, all but the latest.

A removal locks the namespace's row exclusively and increments its generation. A writer that builds on a removed
checkpoint then finds another generation, and packs its checkpoint again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..errors import HAS_CHECKPOINTS, ThreadExists
from ..models import GRAPH_CHECKPOINTS as C
from ..models import GRAPH_NAMESPACES as N
from ..models import GRAPH_VALUES as V
from ..models import GRAPH_WRITES as W
from ..operations import once, query
from .rows import Namespace, batches, digest

BATCH = 500
"""How many checkpoints one transaction removes at most."""


class Removed(NamedTuple):
    """The numbers of rows that were removed."""

    checkpoints: int = 0
    writes: int = 0
    values: int = 0

    def __add__(self, other: Any) -> Removed:
        return Removed(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


@query
async def namespaces(connection: AsyncConnection, _context: Context, thread_id: str) -> list[Namespace]:
    """Return a thread's namespaces in the order in which they were created."""
    return [Namespace(*row) for row in (await connection.execute(_of_thread(thread_id))).all()]


def _of_thread(thread_id: str) -> Select[Any]:
    query = select(N.c.thread_id, N.c.checkpoint_ns, N.c.id, N.c.generation)
    return query.where(N.c.thread_digest == digest(thread_id)).order_by(N.c.id)


@once
async def remove_thread(connection: AsyncConnection, _context: Context, thread_id: str) -> Removed:
    """Delete everything that the thread's graphs have stored."""
    return await delete_graphs(connection, thread_id)


async def delete_graphs(connection: AsyncConnection, thread_id: str) -> Removed:
    """Delete everything that the thread's graphs have stored, in the caller's transaction."""
    held = (await connection.execute(_of_thread(thread_id).with_for_update())).all()
    removed = Removed()
    for ids in batches([row.id for row in held]):
        counts = []
        for table in (C, W, V):
            counts.append((await connection.execute(delete(table).where(table.c.namespace_id.in_(ids)))).rowcount)
        await connection.execute(delete(N).where(N.c.id.in_(ids)))
        removed += Removed(*counts)
    return removed


@query
async def some(connection: AsyncConnection, _context: Context) -> bool:
    """Return whether any graph has stored anything."""
    return (await connection.execute(select(N.c.id).limit(1))).first() is not None


async def parents(connection: AsyncConnection, namespace_id: int) -> dict[str, str | None]:
    """Return the id of each checkpoint of a namespace with its parent's id."""
    query = select(C.c.checkpoint_id, C.c.parent_checkpoint_id).where(C.c.namespace_id == namespace_id)
    return {row[0]: row[1] for row in (await connection.execute(query)).all()}


async def bodies(connection: AsyncConnection, namespace_id: int, checkpoint_ids: Sequence[str]) -> dict[str, bytes]:
    """Return the bodies of these checkpoints by id. A checkpoint that does not exist is left out."""
    query = select(C.c.checkpoint_id, C.c.body)
    query = query.where(C.c.namespace_id == namespace_id, C.c.checkpoint_id.in_(checkpoint_ids))
    return {row[0]: row[1] for row in (await connection.execute(query)).all()}


@query
async def of_runs(connection: AsyncConnection, _context: Context, run_ids: Sequence[str]) -> dict[Namespace, set[str]]:
    """Return the ids of the checkpoints that these runs made, by namespace."""
    made: dict[int, set[str]] = {}
    for digests in batches([*{digest(run_id) for run_id in run_ids}]):
        query = select(C.c.namespace_id, C.c.checkpoint_id).where(C.c.run_digest.in_(digests))
        for row in (await connection.execute(query)).all():
            made.setdefault(row.namespace_id, set()).add(row.checkpoint_id)
    places: list[Namespace] = []
    for ids in batches(sorted(made)):
        query = select(N.c.thread_id, N.c.checkpoint_ns, N.c.id, N.c.generation).where(N.c.id.in_(ids))
        places += [Namespace(*row) for row in (await connection.execute(query)).all()]
    return {place: made[place.id] for place in places if place.id is not None}


async def hold(connection: AsyncConnection, namespace_id: int) -> tuple[int, int]:
    """Lock the namespace exclusively until the commit. Return its generation and how many checkpoints it has.

    If neither number has changed, no checkpoint was added or removed.
    """
    held = await connection.execute(select(N.c.generation).where(N.c.id == namespace_id).with_for_update())
    generation = held.scalar_one_or_none() or 0
    count = await connection.execute(select(func.count()).select_from(C).where(C.c.namespace_id == namespace_id))
    return generation, count.scalar_one()


async def remove(connection: AsyncConnection, namespace_id: int, checkpoint_ids: Sequence[str], last: bool) -> Removed:
    """Delete checkpoints of a locked namespace, with their writes. Writes whose checkpoint is still to come are kept.

    `last` says that these are the last ones: then the values that no checkpoint reads any more are deleted too.
    """
    counts = []
    for table in (C, W):
        doomed = and_(table.c.namespace_id == namespace_id, table.c.checkpoint_id.in_(checkpoint_ids))
        counts.append((await connection.execute(delete(table).where(doomed))).rowcount if checkpoint_ids else 0)
    removed = Removed(counts[0], counts[1], await _sweep(connection, namespace_id) if last else 0)
    if any(removed):
        await connection.execute(update(N).where(N.c.id == namespace_id).values(generation=N.c.generation + 1))
    return removed


async def _sweep(connection: AsyncConnection, namespace_id: int) -> int:
    """Delete the values that no checkpoint reads, and clear the ids of parents that were removed."""
    from .format import last_positions, unpack_segments  # needs the extra `langgraph`, which a plain install has not

    query = select(C.c.checkpoint_id, C.c.parent_checkpoint_id, C.c.segments).where(C.c.namespace_id == namespace_id)
    kept = (await connection.execute(query)).all()
    last = last_positions([piece for row in kept for piece in unpack_segments(row.segments)])
    ids = {row.checkpoint_id for row in kept}
    for removed_parents in batches(
        sorted({row.parent_checkpoint_id for row in kept if row.parent_checkpoint_id} - ids)
    ):
        orphaned = and_(C.c.namespace_id == namespace_id, C.c.parent_checkpoint_id.in_(removed_parents))
        await connection.execute(update(C).where(orphaned).values(parent_checkpoint_id=None))
    query = select(V.c.segment, func.max(V.c.position)).where(V.c.namespace_id == namespace_id).group_by(V.c.segment)
    highest = {row[0]: row[1] for row in (await connection.execute(query)).all()}
    unread: list[ColumnElement[bool]] = []
    for segments in batches(sorted(highest.keys() - last.keys())):
        unread.append(V.c.segment.in_(segments))
    for segment in highest.keys() & last.keys():
        if highest[segment] > last[segment]:
            unread.append(and_(V.c.segment == segment, V.c.position > last[segment]))
    removed = 0
    for values in unread:
        removed += (await connection.execute(delete(V).where(V.c.namespace_id == namespace_id, values))).rowcount
    return removed


@once
async def copy(connection: AsyncConnection, context: Context, source: str, target: str) -> int:
    """Copy everything that a thread's graphs have stored to another thread. Return the number of checkpoints.

    Raises `ThreadExists` if graphs have stored something for the target. The server copies the rows itself.
    """
    return await copy_graphs(connection, context, source, target)


async def copy_graphs(connection: AsyncConnection, context: Context, source: str, target: str) -> int:
    """Copy the rows of a thread's graphs as `copy` does, in the caller's transaction."""
    if (await connection.execute(_of_thread(target).with_for_update())).first() is not None:
        raise ThreadExists(target, HAS_CHECKPOINTS)
    sources = (await connection.execute(_of_thread(source).with_for_update(read=True))).all()
    if not sources:
        return 0
    # The first generation can be any number. The id of the copied namespace tells `_copy_rows` which rows go where.
    made = [Namespace(target, row.checkpoint_ns).row() | {"generation": row.id} for row in sources]
    try:
        await connection.execute(insert(N), made)
    except IntegrityError as error:  # since the first statement, another call has stored something for the target
        raise ThreadExists(target, HAS_CHECKPOINTS) from error
    counts = [await _copy_rows(connection, context, table, target) for table in (C, V, W)]
    return counts[0]


async def _copy_rows(connection: AsyncConnection, context: Context, table: Table, target: str) -> int:
    names = [column.name for column in table.columns if column.name not in ("namespace_id", "sequence")]
    rows, there = context.dialect.join_by_key(N, table, table.c.namespace_id == N.c.generation)
    copied = select(N.c.id, *(there[name] for name in names)).select_from(rows)
    copied = copied.where(N.c.thread_digest == digest(target), there.namespace_id.is_not(None))
    if table is W:  # the copies get new sequence numbers, in the order of the old ones
        copied = copied.order_by(there.sequence)
    inserted: Any = await connection.execute(insert(table).from_select(["namespace_id", *names], copied))
    return int(inserted.rowcount)
