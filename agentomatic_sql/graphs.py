"""Statements about the checkpoints of LangGraph graphs: what a running graph asks, one statement where that can be.

Who adds holds the namespace's row shared, who removes holds it alone and counts up its generation, so that nobody
builds on what has gone. Where the database can change rows within a WITH, adding is one statement that commits itself;
elsewhere it is a transaction of three or four.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    column,
    insert,
    literal,
    null,
    select,
    union_all,
    values,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from .dialects import Dialect
from .errors import StoreError
from .graph_state import Run
from .models import GRAPH_CHECKPOINTS as C
from .models import GRAPH_NAMESPACES as N
from .models import GRAPH_VALUES as V
from .models import GRAPH_WRITES as W


class PlaceTaken(StoreError):
    """A run's place is taken: another checkpoint follows the same one. Never leaves the saver."""


@dataclass(frozen=True, slots=True)
class Namespace:
    """A thread's namespace; without an `id` it is not known whether it is there."""

    thread_id: str
    checkpoint_ns: str
    id: int | None = None
    generation: int = 0

    @property
    def digest(self) -> str:
        return digest(self.thread_id, self.checkpoint_ns)

    def row(self) -> dict[str, Any]:
        return {
            "digest": self.digest,
            "thread_digest": digest(self.thread_id),
            "thread_id": self.thread_id,
            "checkpoint_ns": self.checkpoint_ns,
            "generation": 0,
        }


class Found(NamedTuple):
    """A checkpoint as it was read, with all that belongs to it."""

    namespace: Namespace
    checkpoint_id: str
    parent_id: str | None
    body: bytes
    runs: list[Run]
    writes: list[bytes]


def digest(*parts: str) -> str:
    """What stands for texts of any length in a key."""
    hasher = hashlib.blake2b(digest_size=16)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        hasher.update(len(encoded).to_bytes(8, "big") + encoded)
    return hasher.hexdigest()


async def get(connection: AsyncConnection, dialect: Dialect, place: Namespace, checkpoint_id: str | None) -> Found | None:
    """A checkpoint, or the one with the greatest id: one statement, so that it is all of one moment."""
    wanted = {"digest": place.digest} | ({} if checkpoint_id is None else {"checkpoint_id": checkpoint_id})
    statement = _one(dialect, latest=checkpoint_id is None)
    rows = (await connection.execute(statement, wanted)).all()
    if not rows:
        return None
    runs: list[Run] = []
    written: list[tuple[int, bytes]] = []
    found: Any = None
    for row in rows:
        kind, first, second, _, _, body = row
        if kind == _RUN:
            runs.append(Run(first, second, body))
        elif kind == _WRITE:
            written.append((first, body))
        else:
            found = row
    _, namespace_id, generation, found_id, parent_id, body = found
    here = replace(place, id=namespace_id, generation=generation)
    return Found(here, found_id, parent_id, body, runs, [body for _, body in sorted(written)])


_CHECKPOINT, _RUN, _WRITE = 0, 1, 2


@cache
def _one(dialect: Dialect, *, latest: bool) -> CompoundSelect[Any]:
    """A checkpoint, its runs and its writes, as rows of three kinds."""
    query = select(N.c.id.label("namespace_id"), N.c.generation, *_columns("checkpoint_id parent_checkpoint_id"))
    query = query.add_columns(*_columns("segments body")).join_from(N, C, C.c.namespace_id == N.c.id)
    query = query.where(N.c.digest == bindparam("digest"))
    if latest:
        query = query.order_by(C.c.checkpoint_id.desc())
    else:
        query = query.where(C.c.checkpoint_id == bindparam("checkpoint_id"))
    # With a limit, MySQL keeps this apart; dissolved into the joins, a row found by its key is no argument for JSON_TABLE.
    here = query.limit(1).cte("here")
    ids = (here.c.checkpoint_id, here.c.parent_checkpoint_id)
    pairs, segment, last = dialect.pairs(here.c.segments)
    wanted = and_(V.c.namespace_id == here.c.namespace_id, V.c.segment == segment, V.c.position <= last)
    written = and_(W.c.namespace_id == here.c.namespace_id, W.c.checkpoint_id == here.c.checkpoint_id)
    return union_all(
        select(_kind(_CHECKPOINT), here.c.namespace_id.label("a"), here.c.generation.label("b"), *ids, here.c.body),
        select(_kind(_RUN), V.c.segment, V.c.position, null(), null(), V.c.body)
        .select_from(here.join(pairs, literal(True)).join(V, wanted)),
        select(_kind(_WRITE), W.c.sequence, literal(0), null(), null(), W.c.body).select_from(here.join(W, written)),
    )


def _columns(names: str) -> list[ColumnElement[Any]]:
    return [C.c[name] for name in names.split()]


def _kind(number: int) -> ColumnElement[int]:
    return literal(number).label("kind")


async def put(
    connection: AsyncConnection, dialect: Dialect, place: Namespace, row: Mapping[str, Any], runs: Sequence[Run]
) -> Namespace | None:
    """Store a checkpoint and its runs; the same id again is replaced.

    Returns the namespace, which is made where it has no id; None where its generation has passed or it has gone.
    Raises `PlaceTaken`, and has stored nothing.
    """
    try:
        if dialect.changes_in_with:
            return await _put_at_once(connection, dialect, place, row, runs)
        held = await _hold(connection, dialect, place)
        if held is None:
            return None
        if runs:
            await connection.execute(insert(V), [{"namespace_id": held.id, **run._asdict()} for run in runs])
        row = {"namespace_id": held.id, **row}
        await connection.execute(dialect.upsert(C, row, _KEY, [name for name in row if name not in _KEPT]))
    except IntegrityError as error:
        raise PlaceTaken from error
    return held


_KEY = ("namespace_id", "checkpoint_id")
_KEPT = {*_KEY, "created_at"}


async def _put_at_once(
    connection: AsyncConnection, dialect: Dialect, place: Namespace, row: Mapping[str, Any], runs: Sequence[Run]
) -> Namespace | None:
    held = _held(dialect, place)
    content = select(held.c.id.label("namespace_id"), *(literal(row[name], C.c[name].type).label(name) for name in row))
    statement: Any = dialect.upsert_from(C, content, _KEY, [name for name in row if name not in _KEPT])
    statement = statement.returning(C.c.namespace_id, select(held.c.generation).scalar_subquery())
    if runs:
        names = ("segment", "position", "body")
        given = values(*(column(name, V.c[name].type) for name in names), name="given").data([tuple(run) for run in runs])
        new = select(held.c.id, *(given.c[name] for name in names)).select_from(held.join(given, literal(True)))
        statement = statement.add_cte(insert(V).from_select(["namespace_id", *names], new).cte("added"))
    return _known(place, (await connection.execute(statement)).one_or_none())


async def add_writes(
    connection: AsyncConnection, dialect: Dialect, place: Namespace, checkpoint_id: str, bodies: Sequence[bytes]
) -> Namespace | None:
    """Store the rows of one call of `put_writes`; returns as `put` does, whatever the generation."""
    if dialect.changes_in_with:
        held = _held(dialect, place)
        given = values(column("body", W.c.body.type), name="given").data([(body,) for body in bodies])
        new = select(held.c.id, literal(checkpoint_id, W.c.checkpoint_id.type), given.c.body)
        new = new.select_from(held.join(given, literal(True)))
        statement = insert(W).from_select(["namespace_id", "checkpoint_id", "body"], new)
        generation = select(held.c.generation).scalar_subquery()
        return _known(place, (await connection.execute(statement.returning(W.c.namespace_id, generation))).first())
    held_now = await _hold(connection, dialect, place)
    if held_now is None:
        return None
    rows = [{"namespace_id": held_now.id, "checkpoint_id": checkpoint_id, "body": body} for body in bodies]
    await connection.execute(insert(W), rows)
    return held_now


def _held(dialect: Dialect, place: Namespace) -> CTE:
    """The namespace's row, held by the statement that this is a part of."""
    if place.id is None:
        made: Any = dialect.upsert(N, place.row(), ["digest"], ["thread_digest"])  # a change of nothing returns the row
        return made.returning(N.c.id, N.c.generation).cte("held")  # type: ignore[no-any-return]
    return _shared(place).cte("held")


async def _hold(connection: AsyncConnection, dialect: Dialect, place: Namespace) -> Namespace | None:
    """Hold the namespace's row until the commit; make it where it has no id."""
    if place.id is None:
        await connection.execute(dialect.insert_if_absent(N, place.row(), ["digest"]))
    return _known(place, (await connection.execute(_shared(place))).one_or_none())


def _shared(place: Namespace) -> Select[Any]:
    if place.id is None:
        here = N.c.digest == place.digest
    else:
        here = and_(N.c.id == place.id, N.c.generation == place.generation)
    return select(N.c.id, N.c.generation).where(here).with_for_update(read=True)


def _known(place: Namespace, row: Any) -> Namespace | None:
    return None if row is None else replace(place, id=row[0], generation=row[1])


async def page(
    connection: AsyncConnection,
    where: Namespace | str | None,
    checkpoint_id: str | None,
    before: str | None,
    after: tuple[str, int] | None,
    limit: int,
) -> list[Found]:
    """Checkpoints without runs and writes, the greatest id first: of a namespace, a thread, or all.

    `before` is compared, not looked up; `after` is the last of the page before, with its namespace.
    """
    names = _columns("checkpoint_id parent_checkpoint_id body")
    query = select(N.c.id, N.c.thread_id, N.c.checkpoint_ns, N.c.generation, *names)
    query = query.join_from(N, C, C.c.namespace_id == N.c.id)
    if isinstance(where, Namespace):
        query = query.where(N.c.digest == where.digest)
    elif where is not None:
        query = query.where(N.c.thread_digest == digest(where))
    if checkpoint_id is not None:
        query = query.where(C.c.checkpoint_id == checkpoint_id)
    if before is not None:
        query = query.where(C.c.checkpoint_id < before)
    if after is not None:
        last_id, last_namespace = after
        behind = and_(C.c.checkpoint_id == last_id, C.c.namespace_id < last_namespace)
        query = query.where(C.c.checkpoint_id <= last_id, (C.c.checkpoint_id < last_id) | behind)
    query = query.order_by(C.c.checkpoint_id.desc(), C.c.namespace_id.desc()).limit(limit)
    rows = (await connection.execute(query)).all()
    return [Found(Namespace(row[1], row[2], row[0], row[3]), row[4], row[5], row[6], [], []) for row in rows]


async def runs(connection: AsyncConnection, namespace_id: int, segments: Mapping[int, int]) -> list[Run]:
    """All runs of these segments, each up to a position."""
    if not segments:
        return []
    query = select(V.c.segment, V.c.position, V.c.body).where(
        V.c.namespace_id == namespace_id, V.c.segment.in_(sorted(segments)), V.c.position <= max(segments.values())
    )
    found = [Run(*row) for row in (await connection.execute(query)).all()]
    return [run for run in found if run.position <= segments[run.segment]]


async def writes(
    connection: AsyncConnection, namespace_id: int, checkpoint_ids: Sequence[str]
) -> dict[str, list[bytes]]:
    """The rows of writes of each of these checkpoints."""
    query = select(W.c.checkpoint_id, W.c.body).order_by(W.c.sequence)
    query = query.where(W.c.namespace_id == namespace_id, W.c.checkpoint_id.in_(checkpoint_ids))
    found: dict[str, list[bytes]] = {}
    for checkpoint_id, body in (await connection.execute(query)).all():
        found.setdefault(checkpoint_id, []).append(body)
    return found
