"""Read the history of delta channels: the nearest snapshot before a checkpoint, and the writes since then.

LangGraph's base class reads each ancestor with all its values, one after the other. One statement reads the ancestors'
own rows and their writes, and `get` the values of those checkpoints alone that have a snapshot.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Integer,
    Table,
    and_,
    literal_column,
    null,
    select,
    union_all,
)

from ..context import Context
from ..database import Runner
from ..operations import query
from ..statements import Steps, fetch, number, parameter
from ..tables import GRAPH_CHECKPOINTS as C
from ..tables import GRAPH_NAMESPACES as N
from ..tables import GRAPH_WRITES as W
from . import pruning, writes
from .codec import Codec
from .configs import config_of
from .removal import BATCH
from .rows import Found, Namespace, Written, removed_between

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import CheckpointTuple, DeltaChannelHistory

_FIRST_READ = 50
"""How many ancestors the first statement reads. Each further one reads twice as many, up to `BATCH`."""

Get = Callable[["RunnableConfig"], "Awaitable[CheckpointTuple | None]"]
"""Returns the checkpoint that a config names."""


async def history(
    database: Runner,
    context: Context,
    codec: Codec,
    get: Get,
    place: Namespace,
    checkpoint_id: str | None,
    channels: Sequence[str],
) -> Mapping[str, DeltaChannelHistory] | None:
    """Return for each channel the writes of a checkpoint's ancestors since the nearest one that has a value of it.

    Without an id, of the checkpoint with the greatest id. None if something was removed from the namespace meanwhile.
    """
    collected: dict[str, list[tuple[str, str, Any]]] = {channel: [] for channel in channels}
    seeds: dict[str, str] = {}
    seen: set[str] = set()
    start, size, more, state = checkpoint_id, _FIRST_READ, True, None
    while more and len(seeds) < len(collected):
        read = await database.run(_ancestors, context, place, start, size)
        if state is not None and (read.state is None or removed_between(state, read.state)):
            return None
        more, size, state = len(read.found) == size, min(2 * size, BATCH), read.state
        for found in read.found:
            if found.checkpoint_id in seen:  # the chain leads back to itself
                more = False
                break
            seen.add(start := found.checkpoint_id)
            remaining = collected.keys() - seeds.keys()
            for write in reversed(_writes(codec, found, remaining)):
                collected[write[1]].append(write)
            seeds |= dict.fromkeys(remaining & pruning.header(codec, found).channels.keys(), start)
    values = {ancestor: await get(config_of(place, ancestor)) for ancestor in sorted({*seeds.values()})}
    histories: dict[str, DeltaChannelHistory] = {}
    for channel, found_writes in collected.items():
        histories[channel] = {"writes": found_writes[::-1]}
        if channel in seeds:
            seed = values[seeds[channel]]
            if seed is None:  # it was removed after it was found
                return None
            histories[channel]["seed"] = seed.checkpoint["channel_values"][channel]
    return histories


def _writes(codec: Codec, found: Found, channels: set[str]) -> list[tuple[str, str, Any]]:
    """Return the writes to these channels, in LangGraph's order."""
    merged = pruning.decoded(
        found, None, lambda: writes.merge(codec, found.namespace, found.checkpoint_id, found.writes)
    )

    def value(write: writes.Write) -> Any:
        return pruning.decoded(found, write.channel, lambda: codec.loads(write.format, write.data))

    return [(write.task_id, write.channel, value(write)) for write in merged.writes if write.channel in channels]


class _Ancestors(NamedTuple):
    """Ancestors of a checkpoint with their writes, the nearest first; a chain that leads back to itself repeats."""

    state: int | None
    """The namespace's generation; None if it does not exist."""
    found: list[Found]


@query
def _ancestors(_context: Context, place: Namespace, checkpoint_id: str | None, limit: int) -> Steps[_Ancestors]:
    """Return so many ancestors of a checkpoint; without an id, of the one with the greatest id.

    One statement, so everything is of one moment.
    """
    given = {**place.key, "limit": limit} | ({} if checkpoint_id is None else {"checkpoint_id": checkpoint_id})
    rows = yield from fetch(_chain, checkpoint_id is None, **given)
    state: int | None = None
    found: list[tuple[int, Found]] = []
    written: dict[str, dict[int, Written]] = {}  # by sequence: a chain that repeats has its writes several times
    for kind, first, second, id_, parent, body in rows:
        if kind == _STATE:
            state = first
        elif kind == _WRITE:
            written.setdefault(id_, {})[first] = Written(first, second, body)
        else:
            found.append((first, Found(place, id_, parent, body, [], [])))
    for _depth, one in found:
        one.writes.extend(sorted(written.get(one.checkpoint_id, {}).values()))
    return _Ancestors(state, [one for _depth, one in sorted(found, key=lambda pair: pair[0])])


_ANCESTOR, _WRITE, _STATE = 0, 1, 2


def _chain(context: Context, latest: bool) -> CompoundSelect[Any]:
    """Select rows of three kinds: the ancestors of a checkpoint, their writes, and the namespace's generation."""
    thread = parameter(N.c.thread_digest)
    here = and_(N.c.thread_digest == thread, N.c.digest == parameter(N.c.digest))
    in_namespace = and_(C.c.thread_digest == thread, C.c.namespace_id == select(N.c.id).where(here).scalar_subquery())
    first: ColumnElement[Any] = parameter(C.c.checkpoint_id)
    if latest:
        newest = C.c.checkpoint_id.desc()
        first = select(C.c.checkpoint_id).where(in_namespace).order_by(newest).limit(1).scalar_subquery()
    ids = (C.c.namespace_id, C.c.checkpoint_id, C.c.parent_checkpoint_id)
    start = select(*ids, literal_column("0", Integer()).label("depth")).where(in_namespace, C.c.checkpoint_id == first)
    chain = start.cte("chain", recursive=True)

    def of_chain(table: Table, checkpoint_id: ColumnElement[Any]) -> tuple[FromClause, Any]:
        # By key: a planner without statistics would compare each checkpoint of the chain with all of the thread.
        same = and_(table.c.namespace_id == chain.c.namespace_id, table.c.checkpoint_id == checkpoint_id)
        return context.dialect.join_by_key(chain, table, and_(table.c.thread_digest == thread, same))

    joined, parent = of_chain(C, chain.c.parent_checkpoint_id)
    ids = (parent.namespace_id, parent.checkpoint_id, parent.parent_checkpoint_id)
    parents = select(*ids, chain.c.depth + literal_column("1")).select_from(joined)
    chain = chain.union_all(parents.where(parent.checkpoint_id.is_not(None), chain.c.depth < number("limit")))
    ancestors, c = of_chain(C, chain.c.checkpoint_id)
    written, w = of_chain(W, chain.c.checkpoint_id)
    is_ancestor = chain.c.depth > literal_column("0")

    def kind(number: int) -> ColumnElement[int]:
        return literal_column(str(number), Integer()).label("kind")

    nothing: ColumnElement[Any] = literal_column("0")
    return union_all(
        select(
            kind(_ANCESTOR),
            chain.c.depth.label("a"),
            nothing.label("b"),
            chain.c.checkpoint_id.label("id"),
            chain.c.parent_checkpoint_id.label("parent"),
            c.body.label("body"),
        )
        .select_from(ancestors)
        .where(is_ancestor),
        select(kind(_WRITE), w.sequence, w.token, w.checkpoint_id, null(), w.body)
        .select_from(written)
        .where(is_ancestor, w.sequence.is_not(None)),
        select(kind(_STATE), N.c.generation, nothing, null(), null(), null()).where(here),
    )
