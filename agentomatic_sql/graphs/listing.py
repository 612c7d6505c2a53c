"""Statements that list the checkpoints of graphs page by page, with their runs and writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

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
    union_all,
)

from ..context import Context
from ..operations import query
from ..ownership import on_threads_of_owner
from ..statements import Steps, fetch, number, parameter
from ..tables import CHECKPOINTS, THREADS
from ..tables import GRAPH_CHECKPOINTS as C
from ..tables import GRAPH_NAMESPACES as N
from ..tables import GRAPH_VALUES as V
from ..tables import GRAPH_WRITES as W
from .rows import Found, Namespace, Run, Written, digest, removed_between, thread_digest


class Shape(NamedTuple):
    """Which conditions a statement that lists checkpoints has."""

    of: str
    """Lists a `namespace`, a `thread`, or `all`."""
    one: bool
    """Only the checkpoint with a given id."""
    before: bool
    after: bool
    limited: bool
    hiding: bool


@query
def page(
    _context: Context,
    where: Namespace | str | None,
    checkpoint_id: str | None,
    before: str | None,
    after: tuple[str, int] | None,
    limit: int | None,
    hiding: Namespace | None = None,
) -> Steps[list[Found]]:
    """Return a page of checkpoints, the greatest id first, without their runs and writes.

    `where` is a namespace, a thread id, or None for all. With `checkpoint_id`, only that checkpoint. `before` is an id
    that need not exist. `after` is the last checkpoint of the previous page: its id and its namespace's. `hiding` names
    a namespace in which a checkpoint saved by the store's own method hides a graph's with the same id; the page is then
    empty if that namespace's thread is not the context's owner's.
    """
    of = "all" if where is None else "namespace" if isinstance(where, Namespace) else "thread"
    narrowed = [value is not None for value in (checkpoint_id, before, after, limit, hiding)]
    shape = Shape(of, *narrowed)
    given: dict[str, Any] = {"checkpoint_id": checkpoint_id, "before": before, "limit": limit}
    if where is not None:
        given |= (
            where.key if isinstance(where, Namespace) else {"thread_digest": thread_digest(where), "of_thread": where}
        )
    if after is not None:
        given["after"], given["after_namespace"] = after
    if hiding is not None:
        given["thread_id"], given["namespace_digest"] = hiding.thread_id, digest(hiding.checkpoint_ns)
    rows = yield from fetch(_page, shape, **given)
    return [Found(Namespace(*row[:5]), row[5], row[6], row[7], [], [], row[8]) for row in rows]


def _page(context: Context, shape: Shape) -> Any:
    columns = (C.c.checkpoint_id, C.c.parent_checkpoint_id, C.c.body, C.c.created_at)
    query = select(N.c.thread_id, N.c.checkpoint_ns, N.c.id, N.c.generation, N.c.epoch, *columns)
    query = query.join_from(C, N, and_(C.c.thread_digest == N.c.thread_digest, C.c.namespace_id == N.c.id))
    order = [C.c.checkpoint_id.desc(), C.c.namespace_id.desc()]
    thread = parameter(N.c.thread_digest)
    ids = select(N.c.id).where(N.c.thread_digest == thread)
    if shape.of == "namespace":
        here = C.c.namespace_id == ids.where(N.c.digest == parameter(N.c.digest)).scalar_subquery()
        query = query.where(C.c.thread_digest == thread, here)
        del order[1]
    elif shape.of == "thread":
        here = C.c.namespace_id.in_(ids.where(N.c.thread_id == parameter(N.c.thread_id, "of_thread")))
        query = query.where(C.c.thread_digest == thread, here)
    if shape.one:
        query = query.where(C.c.checkpoint_id == parameter(C.c.checkpoint_id))
    if shape.before:
        query = query.where(C.c.checkpoint_id < parameter(C.c.checkpoint_id, "before"))
    if shape.after:
        last = parameter(C.c.checkpoint_id, "after")
        behind = C.c.namespace_id < parameter(C.c.namespace_id, "after_namespace")
        query = query.where(
            C.c.checkpoint_id <= last, (C.c.checkpoint_id < last) | and_(C.c.checkpoint_id == last, behind)
        )
    if shape.hiding:
        query = query.where(~_hidden(context), *on_threads_of_owner(context, parameter(THREADS.c.id, "thread_id")))
    query = query.order_by(*order)
    return query.limit(number("limit")) if shape.limited else query


def _hidden(context: Context) -> ColumnElement[bool]:
    """Condition: the store's own method has saved a checkpoint with the id of this graph's checkpoint.

    In the namespace that the statement's parameters `thread_id` and `namespace_digest` name.
    """
    own = [CHECKPOINTS.c[name] == parameter(CHECKPOINTS.c[name]) for name in ("thread_id", "namespace_digest")]
    return context.dialect.is_among(C.c.checkpoint_id, CHECKPOINTS.c.checkpoint_id, *own)


class Belonging(NamedTuple):
    """The runs and writes of a page's checkpoints in one namespace, and its state when they were read."""

    state: tuple[int, int] | None
    """The generation and the epoch; None if the namespace is gone."""
    runs: list[Run]
    writes: dict[str, list[Written]]


@query
def belonging(
    _context: Context, place: Namespace, last: Mapping[int, int], known: Mapping[int, int], ids: tuple[str, str]
) -> Steps[Belonging]:
    """Return the runs of segments up to their `last` positions, and the writes to checkpoints between two ids.

    Runs up to the positions in `known` are in memory and are left out. One statement, so everything is of one moment.
    """
    # The statement looks for each wanted segment among all known ones, so both lists hold only what it needs.
    wanted = {segment: position for segment, position in last.items() if known.get(segment, -1) < position}
    partly = [(segment, known[segment]) for segment in wanted if segment in known]
    given = {"read": json.dumps([*wanted.items()]), "known": json.dumps(partly)}
    given |= {"first_id": min(ids), "last_id": max(ids)}
    rows = yield from fetch(_belonging, thread_digest=place.thread_digest, namespace_id=place.id, **given)
    found = Belonging(None, [], {})
    for kind, first, second, checkpoint_id, body in rows:
        if kind == _STATE:
            found = found._replace(state=(first, second))
        elif kind == _WRITE:
            found.writes.setdefault(checkpoint_id, []).append(Written(first, second, body))
        elif first is not None:
            found.runs.append(Run(first, second, body))
    for written in found.writes.values():
        written.sort()
    return found


_STATE, _RUN, _WRITE = 0, 1, 2


def _belonging(context: Context) -> CompoundSelect[Any]:
    """Select rows of three kinds: the namespace's generation and epoch, runs, and writes."""
    here, thread = parameter(V.c.namespace_id), parameter(V.c.thread_digest)
    read, segment, last = context.dialect.json_pairs(bindparam("read", type_=Text()), "read")
    known, known_segment, known_last = context.dialect.json_pairs(bindparam("known", type_=Text()), "known")
    before = select(known_last).select_from(known).where(known_segment == segment).correlate(read).scalar_subquery()
    wanted = and_(V.c.thread_digest == thread, V.c.namespace_id == here, V.c.segment == segment, V.c.position <= last)
    wanted = and_(wanted, V.c.position > func.coalesce(before, literal_column("-1")))
    rows, v = context.dialect.join_by_key(read, V, wanted)
    first_id, last_id = (parameter(W.c.checkpoint_id, name) for name in ("first_id", "last_id"))
    written = and_(W.c.thread_digest == thread, W.c.namespace_id == here, W.c.checkpoint_id.between(first_id, last_id))
    state = (N.c.generation.label("a"), N.c.epoch.label("b"), null().label("id"), null().label("body"))
    return union_all(
        select(_kind(_STATE), *state).where(N.c.thread_digest == thread, N.c.id == here),
        select(_kind(_RUN), v.segment, v.position, null(), v.body).select_from(rows),
        select(_kind(_WRITE), W.c.sequence, W.c.token, W.c.checkpoint_id, W.c.body).where(written),
    )


def _kind(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer()).label("kind")


class State(Enum):
    """The changes to a namespace since a page of it was read."""

    SAME = "nothing"
    GROWN = "checkpoints were added"
    REMOVED = "checkpoints were removed"

    @classmethod
    def between(cls, namespace: Namespace, state: tuple[int, int] | None) -> State:
        """Compare a namespace as it was with the generation and the epoch that it has now."""
        if state is None or removed_between(namespace.generation, state[0]):
            return cls.REMOVED
        return cls.SAME if state == (namespace.generation, namespace.epoch) else cls.GROWN
