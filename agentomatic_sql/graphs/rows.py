"""The rows of LangGraph graphs, and the statement with which a running graph reads a checkpoint.

Whoever adds to a namespace (`additions`) or removes from it (`removal`, `pruning`) writes the namespace's row in the
same transaction. So of two that come at the same time one comes first, also on a cluster that does not replicate locks.
A checkpoint names the epoch on which it builds, and gives the namespace a new one.
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
    Select,
    Table,
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

from ..async_engine import AsyncConnection
from ..context import Context
from ..operations import query
from ..statements import Group, Rows, Statement, Steps, fetch, parameter
from ..tables import GRAPH_CHECKPOINTS as C
from ..tables import GRAPH_NAMESPACES as N
from ..tables import GRAPH_VALUES as V
from ..tables import GRAPH_WRITES as W

LISTED = 1000
"""The most values in one statement. Drivers and servers stop at tens of thousands of arguments."""

ROW_BYTES = 1 << 20
"""Longer values and writes are cut into rows of this many bytes.

MariaDB's default limit is 16 MB a statement, and bytes are sent there as text.
"""

_T = TypeVar("_T")


Identity = tuple[str | int, ...]
"""What the body of a row is bound to, if the store's own keys encrypt it: see `Namespace.identity`."""


def bound_to(identity: Identity) -> bytes:
    """Return the associated data of a row's ciphertext."""
    table, *place = identity
    return json.dumps([table, "body", *place]).encode()


class Namespace(NamedTuple):
    """A namespace of a thread. An `id` of None means that it is not known whether the namespace exists.

    The state of a namespace in the database has an `epoch`: while it is the same, no checkpoint was added or removed.
    It also tells a restored database from the one that a process remembers.
    """

    thread_id: str
    checkpoint_ns: str
    id: int | None = None
    generation: int = 0
    epoch: int = 0

    @property
    def key(self) -> dict[str, Any]:
        """The values by which a namespace is found whose id is not known."""
        return {"thread_digest": self.thread_digest, "digest": digest(self.thread_id, self.checkpoint_ns)}

    @property
    def thread_digest(self) -> int:
        """The digest with which the keys of all rows of the thread begin."""
        return thread_digest(self.thread_id)

    def identity(self, table: Table, *place: str | int) -> Identity:
        """Return the identity of a row of this namespace: its body is bound to it. `BOUND` has the columns of `place`.

        Not to the namespace's id, which is not known before the namespace was created, nor to anything that the
        server assigns or a removal changes.
        """
        return (table.name, self.thread_id, self.checkpoint_ns, *place)

    def row(self, sequence: int = 0) -> dict[str, Any]:
        """Return the row of a new namespace."""
        return {
            **self.key,
            "id": self.id,
            "thread_id": self.thread_id,
            "checkpoint_ns": self.checkpoint_ns,
            "epoch": self.epoch,
            "generation": self.generation,
            "sequence": sequence,
        }


BOUND: Mapping[Table, Sequence[str]] = {C: ("checkpoint_id",), V: ("segment", "position"), W: ("checkpoint_id",)}
"""The columns to which the body of a row is bound, beside its thread and its namespace."""

REMOVAL = 1 << 20
"""A removal adds this to the generation of its namespace. To refuse a call whose answer was lost adds one."""


def removed_between(earlier: int, later: int) -> bool:
    """Return whether something was removed from a namespace between two generations."""
    return earlier // REMOVAL != later // REMOVAL


class Run(NamedTuple):
    """A row of values. `runs` explains its content."""

    segment: int
    position: int
    body: bytes


class Written(NamedTuple):
    """A row of writes. `writes` explains its content.

    `sequence` orders the rows of a namespace, `token` is the number of the call that stored the row. A restored
    database may have another row with the same sequence, but none with the same token.
    """

    sequence: int
    token: int
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


@lru_cache(1000)
def thread_digest(thread_id: str) -> int:
    """Return the digest of a thread id with which the keys of the thread's rows begin: a number of 63 bits.

    It says where the rows stand, not whose they are: two threads could have the same. A statement about a whole thread
    compares the thread id too (`of_thread`), any other the id or the digest of a namespace.
    """
    return int(digest(thread_id)[:16], 16) >> 1


def of_thread(thread_id: str) -> ColumnElement[bool]:
    """Condition: the namespace belongs to this thread."""
    return and_(N.c.thread_digest == thread_digest(thread_id), N.c.thread_id == thread_id)


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
    wanted = {**place.key, "known": json.dumps(list((known or {}).items()))}
    if checkpoint_id is not None:
        wanted["checkpoint_id"] = checkpoint_id
    rows = yield from fetch(_one, checkpoint_id is None, **wanted)
    if not rows:
        return None
    runs: list[Run] = []
    written: list[Written] = []
    found: Any = None
    for row in rows:
        kind, first, second, _, _, _, body = row
        if kind == _RUN and first is not None:
            runs.append(Run(first, second, body))
        elif kind == _WRITE:
            written.append(Written(first, second, body))
        elif kind == _CHECKPOINT:
            found = row
    _, namespace_id, generation, epoch, found_id, parent_id, body = found
    here = place._replace(id=namespace_id, generation=generation, epoch=epoch)
    return Found(here, found_id, parent_id, body, runs, sorted(written))


_CHECKPOINT, _RUN, _WRITE = 0, 1, 2


def _one(context: Context, latest: bool) -> CompoundSelect[Any]:
    """Select rows of three kinds: a checkpoint, its runs, and its writes."""
    # The namespace is a subquery and not a joined table: so the index gives the order, and the latest is one step away.
    thread = parameter(N.c.thread_digest)
    at = select(N.c.id).where(N.c.thread_digest == thread, N.c.digest == parameter(N.c.digest)).scalar_subquery()
    now = [
        select(N.c[name]).where(N.c.thread_digest == thread, N.c.id == C.c.namespace_id).scalar_subquery().label(name)
        for name in ("generation", "epoch")
    ]
    names = _columns("namespace_id checkpoint_id parent_checkpoint_id segments body")
    query = select(*now, *names).where(C.c.thread_digest == thread, C.c.namespace_id == at)
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
    # The thread is named for each table: where threads are spread over servers, one of them answers it all.
    values, written_there = (and_(t.c.thread_digest == thread, t.c.namespace_id == here.c.namespace_id) for t in (V, W))
    wanted = and_(values, V.c.segment == segment, V.c.position <= last)
    wanted = and_(wanted, V.c.position > func.coalesce(before, literal_column("-1")))
    rows, v = context.dialect.join_by_key(here.join(read, true()), V, wanted)
    written = and_(written_there, W.c.checkpoint_id == here.c.checkpoint_id)
    state = (here.c.namespace_id.label("a"), here.c.generation.label("b"), here.c.epoch.label("c"))
    nothing: tuple[Any, ...] = (literal_column("0"), null(), null())
    return union_all(
        select(_kind(_CHECKPOINT), *state, *ids, here.c.body),
        select(_kind(_RUN), v.segment, v.position, *nothing, v.body).select_from(rows),
        select(_kind(_WRITE), W.c.sequence, W.c.token, *nothing, W.c.body).select_from(here.join(W, written)),
    )


def in_namespace(table: Table, place: Namespace) -> ColumnElement[bool]:
    """Condition: the row belongs to this namespace."""
    return and_(table.c.thread_digest == place.thread_digest, table.c.namespace_id == place.id)


def is_namespace(place: Namespace) -> ColumnElement[bool]:
    """Condition: the row is this namespace's own."""
    return and_(N.c.thread_digest == place.thread_digest, N.c.id == place.id)


def _columns(names: str) -> list[ColumnElement[Any]]:
    return [C.c[name] for name in names.split()]


def _kind(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer()).label("kind")


@query
def locate(_context: Context, place: Namespace) -> Steps[Namespace]:
    """Return the namespace with its id and state; without an id if it does not exist."""
    return _located(place, (yield from fetch(_locating, **place.key)))


@query
def locate_all(_context: Context, places: Sequence[Namespace]) -> Steps[list[Namespace]]:
    """Return each of these namespaces as `locate` does."""
    found = yield Group([Statement(_locating, (), place.key) for place in places], last=True)
    return [_located(place, rows) for place, rows in zip(places, found, strict=True)]


def _located(place: Namespace, rows: Rows) -> Namespace:
    return Namespace(place.thread_id, place.checkpoint_ns, *(rows[0] if rows else ()))


def _locating(_context: Context) -> Select[Any]:
    here = [N.c[name] == parameter(N.c[name]) for name in ("thread_digest", "digest")]
    return select(N.c.id, N.c.generation, N.c.epoch).where(*here)


@query
async def writes(
    connection: AsyncConnection, _context: Context, place: Namespace, checkpoint_ids: Sequence[str]
) -> dict[str, list[Written]]:
    """Return the rows of writes of each of these checkpoints, in the order in which they were stored."""
    return await read_writes(connection, place, checkpoint_ids)


async def read_writes(
    connection: AsyncConnection, place: Namespace, checkpoint_ids: Sequence[str]
) -> dict[str, list[Written]]:
    """Return the rows of writes as `writes` does, in the caller's transaction."""
    query = select(W.c.checkpoint_id, W.c.sequence, W.c.token, W.c.body)
    query = query.where(in_namespace(W, place), W.c.checkpoint_id.in_(checkpoint_ids))
    found: dict[str, list[Written]] = {}
    for checkpoint_id, *row in sorted((await connection.execute(query)).all(), key=lambda row: row.sequence):
        found.setdefault(checkpoint_id, []).append(Written(*row))
    return found
