"""The rows of LangGraph graphs, and the statement with which a running graph reads a checkpoint.

A writer (`additions`) holds a shared lock on the namespace's row. A removal (`removal`, `pruning`) locks it exclusively
and increments its generation, so that no writer builds on a removed checkpoint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..models import GRAPH_CHECKPOINTS as C
from ..models import GRAPH_NAMESPACES as N
from ..models import GRAPH_VALUES as V
from ..models import GRAPH_WRITES as W
from ..operations import query
from ..statements import Steps, fetch

LISTED = 1000
"""The most values in one statement. Drivers and servers stop at tens of thousands of arguments."""

ROW_BYTES = 1 << 20
"""Longer values and writes are cut into rows of this many bytes.

MariaDB's default limit is 16 MB a statement, and bytes are sent there as text.
"""

_T = TypeVar("_T")


class Namespace(NamedTuple):
    """A namespace of a thread. An `id` of None means that it is not known whether the namespace exists."""

    thread_id: str
    checkpoint_ns: str
    id: int | None = None
    generation: int = 0

    @property
    def digest(self) -> str:
        """The key by which the namespace is found."""
        return digest(self.thread_id, self.checkpoint_ns)

    def row(self) -> dict[str, Any]:
        """Return the row of a new namespace, without the id that the database gives it."""
        return {
            "digest": self.digest,
            "thread_digest": digest(self.thread_id),
            "thread_id": self.thread_id,
            "checkpoint_ns": self.checkpoint_ns,
            "generation": 0,
        }


class Run(NamedTuple):
    """A row of values. `runs` explains its content."""

    segment: int
    position: int
    body: bytes


class Written(NamedTuple):
    """A row of writes. `writes` explains its content."""

    sequence: int
    body: bytes


class Found(NamedTuple):
    """A checkpoint's row. `runs` and `writes` hold only what was read; a listing leaves them empty."""

    namespace: Namespace
    checkpoint_id: str
    parent_id: str | None
    body: bytes
    runs: list[Run]
    writes: list[Written]
    created_at: datetime | None = None


@lru_cache(1000)
def digest(*parts: str) -> str:
    """Return a digest that stands in a key for texts of any length."""
    hasher = hashlib.blake2b(digest_size=16)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        hasher.update(len(encoded).to_bytes(8, "big") + encoded)
    return hasher.hexdigest()


def batches(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Split values into lists that are short enough for one statement."""
    for first in range(0, len(values), LISTED):
        yield values[first : first + LISTED]


@query
def get(
    _context: Context,
    place: Namespace,
    checkpoint_id: str | None,
    known: Mapping[int, int] | None = None,
) -> Steps[Found | None]:
    """Return a checkpoint with its runs and writes, or None. Without an id: the checkpoint with the greatest id.

    `known` are the last positions of segments in memory, whose runs need not be read. One statement, so everything is
    of one moment.
    """
    wanted = {"digest": place.digest, "known": json.dumps(list((known or {}).items()))}
    if checkpoint_id is not None:
        wanted["checkpoint_id"] = checkpoint_id
    rows = yield from fetch(_one, checkpoint_id is None, **wanted)
    if not rows:
        return None
    runs: list[Run] = []
    written: list[Written] = []
    found: Any = None
    for row in rows:
        kind, first, second, _, _, body = row
        if kind == _RUN and first is not None:
            runs.append(Run(first, second, body))
        elif kind == _WRITE:
            written.append(Written(first, body))
        elif kind == _CHECKPOINT:
            found = row
    _, namespace_id, generation, found_id, parent_id, body = found
    here = place._replace(id=namespace_id, generation=generation)
    return Found(here, found_id, parent_id, body, runs, sorted(written))


_CHECKPOINT, _RUN, _WRITE = 0, 1, 2


def _one(context: Context, latest: bool) -> CompoundSelect[Any]:
    """Select rows of three kinds: a checkpoint, its runs, and its writes."""
    # The namespace is a subquery and not a joined table: so the index gives the order, and the latest is one step away.
    at = select(N.c.id).where(N.c.digest == bindparam("digest")).scalar_subquery()
    generation = select(N.c.generation).where(N.c.id == C.c.namespace_id).scalar_subquery().label("generation")
    names = _columns("namespace_id checkpoint_id parent_checkpoint_id segments body")
    query = select(generation, *names).where(C.c.namespace_id == at)
    if latest:
        query = query.order_by(C.c.checkpoint_id.desc())
    else:
        query = query.where(C.c.checkpoint_id == bindparam("checkpoint_id"))
    # The limit keeps MySQL from merging this into the joins, where JSON_TABLE does not accept the row's column.
    here = query.limit(1).cte("here")
    ids = (here.c.checkpoint_id, here.c.parent_checkpoint_id)
    read, segment, last = context.dialect.json_pairs(here.c.segments, "read")
    known, known_segment, known_last = context.dialect.json_pairs(bindparam("known", type_=Text()), "known")
    before = select(known_last).select_from(known).where(known_segment == segment).correlate(read).scalar_subquery()
    wanted = and_(V.c.namespace_id == here.c.namespace_id, V.c.segment == segment, V.c.position <= last)
    wanted = and_(wanted, V.c.position > func.coalesce(before, literal_column("-1")))
    rows, v = context.dialect.join_by_key(here.join(read, true()), V, wanted)
    written = and_(W.c.namespace_id == here.c.namespace_id, W.c.checkpoint_id == here.c.checkpoint_id)
    return union_all(
        select(_kind(_CHECKPOINT), here.c.namespace_id.label("a"), here.c.generation.label("b"), *ids, here.c.body),
        select(_kind(_RUN), v.segment, v.position, null(), null(), v.body).select_from(rows),
        select(_kind(_WRITE), W.c.sequence, literal_column("0"), null(), null(), W.c.body).select_from(
            here.join(W, written)
        ),
    )


def _columns(names: str) -> list[ColumnElement[Any]]:
    return [C.c[name] for name in names.split()]


def _kind(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer()).label("kind")


async def generation(connection: AsyncConnection, namespace_id: int) -> int | None:
    """Return a namespace's generation, None if the namespace does not exist."""
    found = await connection.execute(select(N.c.generation).where(N.c.id == namespace_id))
    return found.scalar_one_or_none()


@query
async def writes(
    connection: AsyncConnection, _context: Context, namespace_id: int, checkpoint_ids: Sequence[str]
) -> dict[str, list[Written]]:
    """Return the rows of writes of each of these checkpoints, in the order in which they were stored."""
    return await read_writes(connection, namespace_id, checkpoint_ids)


async def read_writes(
    connection: AsyncConnection, namespace_id: int, checkpoint_ids: Sequence[str]
) -> dict[str, list[Written]]:
    """Return the rows of writes as `writes` does, in the caller's transaction."""
    wanted = and_(W.c.namespace_id == namespace_id, W.c.checkpoint_id.in_(checkpoint_ids))
    rows = (await connection.execute(select(W.c.checkpoint_id, W.c.sequence, W.c.body).where(wanted))).all()
    found: dict[str, list[Written]] = {}
    for checkpoint_id, sequence, body in sorted(rows, key=lambda row: row.sequence):
        found.setdefault(checkpoint_id, []).append(Written(sequence, body))
    return found
