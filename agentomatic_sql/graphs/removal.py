"""Statements that remove and copy the checkpoints of graphs: of whole threads, of runs, all but the latest.

A removal locks the namespace's row, gives it a new epoch and increases its generation, or deletes it. A writer that
builds on a removed checkpoint then finds another epoch, and packs its checkpoint again. The lock only saves useless
work: what counts is that both write the row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from .. import tokens
from ..async_engine import AsyncConnection
from ..context import Context
from ..errors import HAS_CHECKPOINTS, ThreadExists
from ..operations import once, query
from ..tables import GRAPH_CHECKPOINTS as C
from ..tables import GRAPH_NAMESPACES as N
from ..tables import GRAPH_VALUES as V
from ..tables import GRAPH_WRITES as W
from .rows import REMOVAL, Namespace, batches, digest, in_namespace, is_namespace, of_thread, thread_digest

if TYPE_CHECKING:
    from ..encryption import Encryption

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
    """Return a thread's namespaces."""
    return sorted([Namespace(*row) for row in (await connection.execute(_of_thread(thread_id))).all()])


def _of_thread(thread_id: str) -> Select[Any]:
    query = select(N.c.thread_id, N.c.checkpoint_ns, N.c.id, N.c.generation, N.c.epoch)
    return query.where(of_thread(thread_id))


@once
async def remove_thread(connection: AsyncConnection, _context: Context, thread_id: str) -> Removed:
    """Delete everything that the thread's graphs have stored."""
    return await delete_graphs(connection, thread_id)


async def delete_graphs(connection: AsyncConnection, thread_id: str) -> Removed:
    """Delete everything that the thread's graphs have stored, in the caller's transaction."""
    # So nothing is added from here on, on a cluster either; row policies need the rows until the others are gone.
    changed = {"generation": N.c.generation + REMOVAL, "epoch": tokens.new_token()}
    written = await connection.execute(update(N).where(of_thread(thread_id)).values(changed))
    removed = Removed()
    if not written.rowcount:
        return removed
    # Only now: a namespace that was created while the update waited for the root's row is among them.
    held = (await connection.execute(_of_thread(thread_id).with_for_update())).all()
    for ids in batches([row.id for row in held]):
        counts = []
        for table in (C, W, V):
            here = and_(table.c.thread_digest == thread_digest(thread_id), table.c.namespace_id.in_(ids))
            counts.append((await connection.execute(delete(table).where(here))).rowcount)
        gone = and_(N.c.thread_digest == thread_digest(thread_id), N.c.id.in_(ids))
        await connection.execute(delete(N).where(gone))
        removed += Removed(*counts)
    return removed


@query
async def some(connection: AsyncConnection, _context: Context) -> bool:
    """Return whether any graph has stored anything."""
    return (await connection.execute(select(N.c.id).limit(1))).first() is not None


async def parents(connection: AsyncConnection, place: Namespace) -> dict[str, str | None]:
    """Return the id of each checkpoint of a namespace with its parent's id."""
    query = select(C.c.checkpoint_id, C.c.parent_checkpoint_id).where(in_namespace(C, place))
    return {row[0]: row[1] for row in (await connection.execute(query)).all()}


async def bodies(connection: AsyncConnection, place: Namespace, checkpoint_ids: Sequence[str]) -> dict[str, bytes]:
    """Return the bodies of these checkpoints by id. A checkpoint that does not exist is left out."""
    query = select(C.c.checkpoint_id, C.c.body)
    query = query.where(in_namespace(C, place), C.c.checkpoint_id.in_(checkpoint_ids))
    return {row[0]: row[1] for row in (await connection.execute(query)).all()}


@query
async def of_runs(connection: AsyncConnection, _context: Context, run_ids: Sequence[str]) -> dict[Namespace, set[str]]:
    """Return the ids of the checkpoints that these runs made, by namespace."""
    made: dict[tuple[int, int], set[str]] = {}
    for digests in batches([*{digest(run_id) for run_id in run_ids}]):
        query = select(C.c.thread_digest, C.c.namespace_id, C.c.checkpoint_id).where(C.c.run_digest.in_(digests))
        for row in (await connection.execute(query)).all():
            made.setdefault((row.thread_digest, row.namespace_id), set()).add(row.checkpoint_id)
    places: list[Namespace] = []
    for keys in batches(sorted(made)):
        query = select(N.c.thread_id, N.c.checkpoint_ns, N.c.id, N.c.generation, N.c.epoch)
        query = query.where(tuple_(N.c.thread_digest, N.c.id).in_(keys))
        places += [Namespace(*row) for row in (await connection.execute(query)).all()]
    return {place: made[place.thread_digest, place.id] for place in places if place.id is not None}


async def state(connection: AsyncConnection, place: Namespace, *, lock: bool = False) -> tuple[int, int] | None:
    """Return the generation and the epoch of a namespace, None if it is gone; with `lock`, locked until the commit.

    While they are the same, no checkpoint was added or removed.
    """
    query = select(N.c.generation, N.c.epoch).where(is_namespace(place))
    found = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if found is None else (found.generation, found.epoch)


class ChangedMeanwhile(Exception):
    """Somebody else has added or removed a checkpoint since the state of the namespace was read: nothing is removed."""


async def remove(
    connection: AsyncConnection,
    place: Namespace,
    checkpoint_ids: Sequence[str],
    seen: tuple[int, int],
    epoch: int,
    *,
    last: bool,
) -> Removed:
    """Delete checkpoints of a namespace, with their writes. Writes whose checkpoint is still to come are kept.

    `seen` is the state of the namespace for which they were chosen; it gets a new `epoch` if anything is removed.
    `last` says that these are the last ones: then the values that no checkpoint reads any more are deleted too.
    Raises `ChangedMeanwhile`.
    """
    counts = []
    for table in (C, W):
        doomed = and_(in_namespace(table, place), table.c.checkpoint_id.in_(checkpoint_ids))
        counts.append((await connection.execute(delete(table).where(doomed))).rowcount if checkpoint_ids else 0)
    removed = Removed(counts[0], counts[1], await _sweep(connection, place) if last else 0)
    if any(removed):
        here = update(N).where(is_namespace(place), N.c.generation == seen[0], N.c.epoch == seen[1])
        if not (await connection.execute(here.values(generation=seen[0] + REMOVAL, epoch=epoch))).rowcount:
            raise ChangedMeanwhile
    return removed


async def _sweep(connection: AsyncConnection, place: Namespace) -> int:
    """Delete the values that no checkpoint reads, and clear the ids of parents that were removed."""
    from .format import last_positions, unpack_segments  # needs the extra `langgraph`, which a plain install has not

    query = select(C.c.checkpoint_id, C.c.parent_checkpoint_id, C.c.segments).where(in_namespace(C, place))
    kept = (await connection.execute(query)).all()
    last = last_positions([piece for row in kept for piece in unpack_segments(row.segments)])
    ids = {row.checkpoint_id for row in kept}
    for removed_parents in batches(
        sorted({row.parent_checkpoint_id for row in kept if row.parent_checkpoint_id} - ids)
    ):
        orphaned = and_(in_namespace(C, place), C.c.parent_checkpoint_id.in_(removed_parents))
        await connection.execute(update(C).where(orphaned).values(parent_checkpoint_id=None))
    query = select(V.c.segment, func.max(V.c.position)).where(in_namespace(V, place)).group_by(V.c.segment)
    highest = {row[0]: row[1] for row in (await connection.execute(query)).all()}
    unread: list[ColumnElement[bool]] = []
    for segments in batches(sorted(highest.keys() - last.keys())):
        unread.append(V.c.segment.in_(segments))
    for segment in highest.keys() & last.keys():
        if highest[segment] > last[segment]:
            unread.append(and_(V.c.segment == segment, V.c.position > last[segment]))
    removed = 0
    for values in unread:
        removed += (await connection.execute(delete(V).where(in_namespace(V, place), values))).rowcount
    return removed


@once
async def copy(
    connection: AsyncConnection, context: Context, source: str, target: str, encryption: Encryption | None
) -> int:
    """Copy everything that a thread's graphs have stored to another thread. Return the number of checkpoints.

    The server copies the rows itself, unless the store's keys encrypt them. Raises `ThreadExists` if graphs have stored
    something for the target, and `DecryptionFailed`.
    """
    return await copy_graphs(connection, context, source, target, encryption)


async def copy_graphs(
    connection: AsyncConnection, context: Context, source: str, target: str, encryption: Encryption | None
) -> int:
    """Copy the rows of a thread's graphs as `copy` does, in the caller's transaction.

    It writes the rows of the source's namespaces, without a new epoch: so nothing is removed from them meanwhile.
    """
    if (await connection.execute(_of_thread(target).with_for_update())).first() is not None:
        raise ThreadExists(target, HAS_CHECKPOINTS)
    locking = _of_thread(source).add_columns(N.c.sequence).with_for_update()
    sources = (await connection.execute(locking)).all()
    if not sources:
        return 0
    await connection.execute(update(N).where(of_thread(source)).values(sequence=N.c.sequence + 1))
    copies, made = {}, []
    for row in sources:
        copies[row.id] = copied = Namespace(target, row.checkpoint_ns, tokens.new_token(), 0, tokens.new_token())
        made.append(copied.row(row.sequence))
    try:
        await connection.execute(insert(N), made)
    except IntegrityError as error:  # since the first statement, another call has stored something for the target
        raise ThreadExists(target, HAS_CHECKPOINTS) from error
    if encryption is not None:
        from . import resealing  # needs the extra `langgraph`

        places = {Namespace(source, row.checkpoint_ns, row.id): copies[row.id] for row in sources}
        return await resealing.copy(connection, context.dialect, places, encryption)
    counts = [await _copy_rows(connection, context, table, source, target, copies) for table in (C, V, W)]
    return counts[0]


async def _copy_rows(
    connection: AsyncConnection,
    context: Context,
    table: Table,
    source: str,
    target: str,
    copies: dict[int, Namespace],
) -> int:
    """Copy the rows of a table to the new namespaces, which `copies` has by the ids of the old ones."""
    names = [column.name for column in table.columns if column.name not in ("thread_digest", "namespace_id")]
    pairs, old, new = context.dialect.json_pairs(bindparam("pairs", type_=Text()), "pairs")
    here = and_(table.c.thread_digest == thread_digest(source), table.c.namespace_id == old)
    rows, there = context.dialect.join_by_key(pairs, table, here)
    thread = literal(thread_digest(target), table.c.thread_digest.type)
    copied = select(thread, new, *(there[name] for name in names)).select_from(rows)
    copied = copied.where(there.namespace_id.is_not(None))
    inserting = insert(table).from_select(["thread_digest", "namespace_id", *names], copied)
    given = {"pairs": json.dumps([(id_, made.id) for id_, made in copies.items()])}
    inserted: Any = await connection.execute(inserting, given)
    return int(inserted.rowcount)
