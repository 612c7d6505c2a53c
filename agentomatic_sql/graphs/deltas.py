"""Read the history of delta channels: the nearest snapshot before a checkpoint, and the writes since then.

LangGraph's base class reads each ancestor with all its values, one after the other. This reads the ancestors' own rows
and their writes in batches, and the values of those checkpoints alone that have a snapshot.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..database import Runner
from ..operations import query
from . import pruning, removal, rows, writes
from .codec import Codec
from .configs import config_of
from .removal import BATCH
from .rows import Found, Namespace, Written

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
    place = await database.run(rows.locate, context, place)
    parents: Mapping[str, str | None] = {}
    if place.id is not None:
        parents = await database.run(_parents, context, place)
    collected: dict[str, list[tuple[str, str, Any]]] = {channel: [] for channel in channels}
    seeds: dict[str, str] = {}
    for ids in _slices(parents, checkpoint_id):
        read = await database.run(_read, context, place, ids)
        if not read.bodies.keys() >= {*ids}:
            return None
        for ancestor in ids:
            found = Found(place, ancestor, None, read.bodies[ancestor], [], [])
            remaining = collected.keys() - seeds.keys()
            for write in reversed(_writes(codec, found, read.writes.get(ancestor, ()), remaining)):
                collected[write[1]].append(write)
            seeds |= dict.fromkeys(remaining & pruning.header(codec, found).channels.keys(), ancestor)
        if len(seeds) == len(collected):
            break
    values = {ancestor: await get(config_of(place, ancestor)) for ancestor in sorted({*seeds.values()})}
    reduced = bool(parents) and await database.run(_is_reduced, context, place)
    if reduced:
        return None
    histories: dict[str, DeltaChannelHistory] = {}
    for channel, found_writes in collected.items():
        histories[channel] = {"writes": found_writes[::-1]}
        seed = values[seeds[channel]] if channel in seeds else None
        if seed is not None:
            histories[channel]["seed"] = seed.checkpoint["channel_values"][channel]
    return histories


def _writes(codec: Codec, found: Found, written: Sequence[Written], channels: set[str]) -> list[tuple[str, str, Any]]:
    """Return the writes to these channels, in LangGraph's order."""
    merged = pruning.decoded(found, None, lambda: writes.merge(codec, found.namespace, found.checkpoint_id, written))

    def value(write: writes.Write) -> Any:
        return pruning.decoded(found, write.channel, lambda: codec.loads(write.format, write.data))

    return [(write.task_id, write.channel, value(write)) for write in merged.writes if write.channel in channels]


def _slices(parents: Mapping[str, str | None], checkpoint_id: str | None) -> Iterator[list[str]]:
    """Iterate over the ancestors of a checkpoint, the nearest first, in growing lists.

    A chain that leads back to itself ends there.
    """
    start = max(parents, default="") if checkpoint_id is None else checkpoint_id
    current = parents.get(start)
    seen: set[str] = set()
    size, ids = _FIRST_READ, list[str]()
    while current is not None and current in parents and current not in seen:
        seen.add(current)
        ids.append(current)
        current = parents[current]
        if len(ids) == size:
            yield ids
            size, ids = min(2 * size, BATCH), []
    if ids:
        yield ids


@query
async def _parents(connection: AsyncConnection, _context: Context, place: Namespace) -> Mapping[str, str | None]:
    """Return the id of each checkpoint of a namespace with its parent's id."""
    return await removal.parents(connection, place)


class _Ancestors(NamedTuple):
    """The bodies and the writes of some checkpoints, by id."""

    bodies: Mapping[str, bytes]
    writes: Mapping[str, Sequence[Written]]


@query
async def _read(
    connection: AsyncConnection, _context: Context, place: Namespace, checkpoint_ids: Sequence[str]
) -> _Ancestors:
    """Return the bodies and the writes of checkpoints."""
    bodies = await removal.bodies(connection, place, checkpoint_ids)
    return _Ancestors(bodies, await rows.read_writes(connection, place, checkpoint_ids))


@query
async def _is_reduced(connection: AsyncConnection, _context: Context, place: Namespace) -> bool:
    """Return whether something was removed from a namespace since its state was read."""
    state = await removal.state(connection, place)
    return state is None or rows.removed_between(place.generation, state[0])
