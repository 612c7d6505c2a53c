"""Statements about the checkpoints of LangGraph graphs: what a running graph asks, one statement where that can be.

Who adds holds the namespace's row shared, who removes holds it alone and counts up its generation, so that nobody
builds on what has gone. Where the database can change rows within a WITH, adding is one statement that commits itself;
elsewhere it is a transaction of a few, which are sent at once where the namespace is known.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from .dialects import Dialect
from .models import GRAPH_CHECKPOINTS as C
from .models import GRAPH_NAMESPACES as N
from .models import GRAPH_VALUES as V
from .models import GRAPH_WRITES as W
from .statements import Rows, Statement, Steps, Together, ask

LISTED = 1000
"""How many values a statement lists; drivers and servers end at some ten thousand arguments."""

_T = TypeVar("_T")


class Namespace(NamedTuple):
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


class Run(NamedTuple):
    """A row of values: `graph_state` says what is in it."""

    segment: int
    position: int
    body: bytes


class Written(NamedTuple):
    """A row of writes: `graph_writes` says what is in it."""

    sequence: int
    body: bytes


class Found(NamedTuple):
    """A checkpoint as it was read, with all that belongs to it."""

    namespace: Namespace
    checkpoint_id: str
    parent_id: str | None
    body: bytes
    runs: list[Run]
    writes: list[Written]
    created_at: datetime | None = None


@lru_cache(1000)
def digest(*parts: str) -> str:
    """What stands for texts of any length in a key."""
    hasher = hashlib.blake2b(digest_size=16)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        hasher.update(len(encoded).to_bytes(8, "big") + encoded)
    return hasher.hexdigest()


def batches(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Values as lists short enough for a statement."""
    for first in range(0, len(values), LISTED):
        yield values[first : first + LISTED]


def get(
    dialect: Dialect,
    place: Namespace,
    checkpoint_id: str | None,
    known: Mapping[int, int] | None = None,
) -> Steps[Found | None]:
    """A checkpoint, or the one with the greatest id: one statement, so that it is all of one moment.

    `known` are segments that need not be read up to a position.
    """
    wanted = {"digest": place.digest, "known": json.dumps(list((known or {}).items()))}
    if checkpoint_id is not None:
        wanted["checkpoint_id"] = checkpoint_id
    rows = yield from ask(_one, dialect, checkpoint_id is None, **wanted)
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


def _one(dialect: Dialect, latest: bool) -> CompoundSelect[Any]:
    """A checkpoint, its runs and its writes, as rows of three kinds."""
    # The namespace as a value, not as a table to join: then the key gives the order, and the latest is one step.
    at = select(N.c.id).where(N.c.digest == bindparam("digest")).scalar_subquery()
    generation = select(N.c.generation).where(N.c.id == C.c.namespace_id).scalar_subquery().label("generation")
    names = _columns("namespace_id checkpoint_id parent_checkpoint_id segments body")
    query = select(generation, *names).where(C.c.namespace_id == at)
    if latest:
        query = query.order_by(C.c.checkpoint_id.desc())
    else:
        query = query.where(C.c.checkpoint_id == bindparam("checkpoint_id"))
    # With a limit, MySQL keeps this apart: merged into the joins, a row found by its key is no argument for JSON_TABLE.
    here = query.limit(1).cte("here")
    ids = (here.c.checkpoint_id, here.c.parent_checkpoint_id)
    read, segment, last = dialect.pairs(here.c.segments, "read")
    known, known_segment, known_last = dialect.pairs(bindparam("known", type_=Text()), "known")
    before = select(known_last).select_from(known).where(known_segment == segment).correlate(read).scalar_subquery()
    wanted = and_(V.c.namespace_id == here.c.namespace_id, V.c.segment == segment, V.c.position <= last)
    wanted = and_(wanted, V.c.position > func.coalesce(before, literal_column("-1")))
    rows, v = dialect.look_up(here.join(read, true()), V, wanted)
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


def put(dialect: Dialect, place: Namespace, row: Mapping[str, Any], runs: Sequence[Run]) -> Steps[Namespace | None]:
    """Store a checkpoint and its runs; the same id again is replaced.

    Returns the namespace, which is made where it has no id; None where its generation has passed or it has gone.
    Raises `KeyTaken` where the place of a run is.
    """
    if dialect.changes_in_with:
        segments, positions, bodies = zip(*runs, strict=True) if runs else ((), (), ())
        given = dialect.given_lists("given", segment=segments, position=positions, body=bodies)
        known = place.id is not None
        return _known(place, (yield from ask(_putting, dialect, known, **_identity(place), **row, **given)))
    here = yield from _made(dialect, place)
    adding = [Statement(_adding, (dialect, V), {**_identity(here), **run._asdict()}) for run in runs]
    return (
        yield from _all_held(dialect, here, [*adding, Statement(_upserting, (dialect,), {**_identity(here), **row})])
    )


KEY = ("namespace_id", "checkpoint_id")
KEPT = {*KEY, "created_at"}
"""What a checkpoint keeps when it is saved again."""


def _upserting(dialect: Dialect) -> Any:
    row, names = _row(C, _shared(True))
    return _telling(dialect, C, dialect.upsert_from(C, row, KEY, [name for name in names if name not in KEPT]))


def _putting(dialect: Dialect, known: bool) -> Any:
    held = _held(dialect, known)
    given = dialect.given("given", **{name: V.c[name].type for name in Run._fields})
    added = select(held.c.id, *given.c).select_from(held.join(given, true()))
    row, names = _row(C, select(held.c.id))
    statement = dialect.upsert_from(C, row, KEY, [name for name in names if name not in KEPT])
    statement = statement.add_cte(insert(V).from_select(["namespace_id", *given.c.keys()], added).cte("added"))
    return statement.returning(C.c.namespace_id, select(held.c.generation).scalar_subquery())


def add_writes(
    dialect: Dialect, place: Namespace, checkpoint_id: str, bodies: Sequence[bytes], superseded: Sequence[int] = ()
) -> Steps[Namespace | None]:
    """Store the rows of one call of `put_writes`, delete `superseded` ones; returns as `put` does."""
    deleting = []
    if superseded:  # by a statement of its own, as CockroachDB has it: they can go at any time
        given: dict[str, Any] = {"checkpoint_id": checkpoint_id, "namespace_id": place.id}
        given["superseded"] = json.dumps([(sequence, 0) for sequence in superseded])
        deleting = [Statement(_deleting_writes, (dialect,), given)]
    if dialect.changes_in_with:
        given = {**_identity(place), "checkpoint_id": checkpoint_id, **dialect.given_lists("given", body=bodies)}
        writing = Statement(_adding_writes, (dialect, place.id is not None), given)
        *_none, rows = yield Together([*deleting, writing], last=True)
        return _known(place, rows)
    here = yield from _made(dialect, place)
    where = {**_identity(here), "checkpoint_id": checkpoint_id}
    adding = [Statement(_adding, (dialect, W), {**where, "body": body}) for body in bodies]
    return (yield from _all_held(dialect, here, [*deleting, *adding]))


def _all_held(dialect: Dialect, place: Namespace, statements: Sequence[Statement]) -> Steps[Namespace | None]:
    """Statements of which each holds the namespace until the commit; the namespace, unless that found none to hold."""
    telling = () if dialect.returns_changed else (Statement(_shared, (True,), _identity(place)),)
    *_none, rows = yield Together([*statements, *telling], last=True)
    return place if rows else None


def _adding(dialect: Dialect, table: Table) -> Any:
    row, names = _row(table, _shared(True))
    return _telling(dialect, table, insert(table).from_select(["namespace_id", *names], row))


def _telling(dialect: Dialect, table: Table, statement: Any) -> Any:
    return statement.returning(table.c.namespace_id) if dialect.returns_changed else statement


def _row(table: Table, held: Select[Any]) -> tuple[Select[Any], list[str]]:
    """A row of a table, given but for the namespace that is held, and the names of what is given."""
    names = [column.name for column in table.columns if column.name != "namespace_id" and column.identity is None]
    given = [bindparam(name, type_=table.c[name].type).label(name) for name in names]
    return held.with_only_columns(held.selected_columns.id.label("namespace_id"), *given), names


def _deleting_writes(dialect: Dialect) -> Any:
    """Delete rows of writes; the checkpoint is named so that no database looks for them anywhere else."""
    pairs, sequence, _none = dialect.pairs(bindparam("superseded", type_=Text()), "superseded")
    here = [W.c[name] == bindparam(name, type_=W.c[name].type) for name in ("namespace_id", "checkpoint_id")]
    return delete(W).where(*here, W.c.sequence.in_(select(sequence).select_from(pairs)))


def _adding_writes(dialect: Dialect, known: bool) -> Any:
    held = _held(dialect, known)
    given = dialect.given("given", body=W.c.body.type)
    wanted = bindparam("checkpoint_id", type_=W.c.checkpoint_id.type)
    added = select(held.c.id, wanted, given.c.body).select_from(held.join(given, true()))
    statement = insert(W).from_select(["namespace_id", "checkpoint_id", "body"], added)
    return statement.returning(W.c.namespace_id, select(held.c.generation).scalar_subquery())


def _held(dialect: Dialect, known: bool) -> CTE:
    """The namespace's row, held by the statement that this is a part of."""
    if known:
        return _shared(known).cte("held")
    row = {name: bindparam(name, type_=N.c[name].type) for name in Namespace("", "").row()}
    made: Any = dialect.upsert(N, row, ["digest"], ["thread_digest"])  # a change of nothing, which returns the row
    held: CTE = made.returning(N.c.id, N.c.generation).cte("held")
    return held


def _identity(place: Namespace) -> dict[str, Any]:
    """The parameters of `_held`."""
    return place.row() if place.id is None else {"held_id": place.id, "held_generation": place.generation}


def _made(dialect: Dialect, place: Namespace) -> Steps[Namespace]:
    """The namespace; where it has no id, it is made and held until the commit."""
    if place.id is not None:
        return place
    made = Statement(_making, (dialect,), place.row())
    _none, rows = yield Together((made, Statement(_shared, (False,), {"digest": place.digest})))
    return place._replace(id=rows[0][0], generation=rows[0][1])


def _making(dialect: Dialect) -> Any:
    row = {name: bindparam(name, type_=N.c[name].type) for name in Namespace("", "").row()}
    return dialect.insert_if_absent(N, row, ["digest"])


def _shared(known: bool) -> Select[Any]:
    if known:
        here = and_(N.c.id == bindparam("held_id"), N.c.generation == bindparam("held_generation"))
    else:
        here = N.c.digest == bindparam("digest")
    return select(N.c.id, N.c.generation).where(here).with_for_update(read=True)


def _known(place: Namespace, rows: Rows) -> Namespace | None:
    return place._replace(id=rows[0][0], generation=rows[0][1]) if rows else None


async def generation(connection: AsyncConnection, namespace_id: int) -> int | None:
    """A namespace's generation now; None where it has gone."""
    found = await connection.execute(select(N.c.generation).where(N.c.id == namespace_id))
    return found.scalar_one_or_none()


async def writes(
    connection: AsyncConnection, namespace_id: int, checkpoint_ids: Sequence[str]
) -> dict[str, list[Written]]:
    """The rows of writes of each of these checkpoints, in the order in which they were stored."""
    wanted = and_(W.c.namespace_id == namespace_id, W.c.checkpoint_id.in_(checkpoint_ids))
    rows = (await connection.execute(select(W.c.checkpoint_id, W.c.sequence, W.c.body).where(wanted))).all()
    found: dict[str, list[Written]] = {}
    for checkpoint_id, sequence, body in sorted(rows, key=lambda row: row.sequence):
        found.setdefault(checkpoint_id, []).append(Written(sequence, body))
    return found
