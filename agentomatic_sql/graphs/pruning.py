"""Remove checkpoints of graphs, and keep what the remaining checkpoints need.

The value of a delta channel is a snapshot and the writes since then, so a checkpoint needs its ancestors back to the
snapshot. A checkpoint of a format before 4 needs its parent's pending sends. An ancestor that is kept for this can be
seen and resumed, so what it needs is kept too: every checkpoint in the database is complete. With one delta channel,
this ends at a snapshot. With several, it ends at a checkpoint that has a snapshot of each; if there is none, the
namespace is kept back to its first checkpoint.

The work is done in batches, one transaction each. After an interruption, the same call continues it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple, TypeVar

from langgraph.checkpoint.serde.types import TASKS

from .. import tokens
from ..async_engine import AsyncConnection
from ..context import Context
from ..database import Runner
from ..errors import UnreadableCheckpoint
from ..operations import once, query
from . import removal, rows, writes
from .checkpoints import Header, unpack
from .codec import Codec
from .removal import BATCH, ChangedMeanwhile, Removed
from .rows import REMOVAL, Found, Namespace

log = logging.getLogger("agentomatic_sql")

_R = TypeVar("_R")
Choose = Callable[[Collection[str]], set[str]]
"""Chooses from the ids of a namespace's checkpoints those to remove."""

SENDS_FORMAT = 4
"""Checkpoints with a lower `v` have their pending sends among their parent's writes."""

_FIRST_READ = 10
"""How many bodies the first statement reads. Each further one reads twice as many, up to `BATCH`."""


def decoded(found: Found, channel: str | None, decode: Callable[[], _R]) -> _R:
    """Call `decode` for a checkpoint, or one of its channels. Raises `UnreadableCheckpoint` if it fails."""
    try:
        return decode()
    except Exception as error:  # an application's serializer or cipher may raise anything; it becomes the cause
        place, reason = found.namespace, str(error) or type(error).__name__
        raise UnreadableCheckpoint(
            place.thread_id, place.checkpoint_ns, found.checkpoint_id, channel, reason
        ) from error


def header(codec: Codec, found: Found) -> Header:
    """Return a checkpoint without its values. Raises `UnreadableCheckpoint`."""
    return decoded(found, None, lambda: unpack(codec, found.namespace, found.checkpoint_id, found.body))


async def keep_latest(database: Runner, codec: Codec, thread_ids: Sequence[str]) -> Removed:
    """Remove all checkpoints of these threads but the latest of each namespace and what it needs.

    If a checkpoint cannot be read, the rest of its namespace is kept. After all namespaces, the first
    `UnreadableCheckpoint` is raised.
    """
    places: list[Namespace] = []
    for thread_id in dict.fromkeys(thread_ids):
        places += await database.run(removal.namespaces, database.context, thread_id)
    return await _remove(database, codec, [(place, _all_but_latest) for place in places])


def _all_but_latest(checkpoint_ids: Collection[str]) -> set[str]:
    return {*checkpoint_ids} - {max(checkpoint_ids, default="")}


async def remove_runs(database: Runner, codec: Codec, run_ids: Sequence[str]) -> Removed:
    """Remove the checkpoints that these runs made, except those that checkpoints of other runs need.

    Raises `UnreadableCheckpoint` as `keep_latest` does.
    """
    made = await database.run(removal.of_runs, database.context, run_ids)
    return await _remove(database, codec, [(place, ids.intersection) for place, ids in made.items()])


async def _remove(database: Runner, codec: Codec, chosen: Iterable[tuple[Namespace, Choose]]) -> Removed:
    removed = Removed()
    unreadable: list[UnreadableCheckpoint] = []
    for place, choose in chosen:
        try:
            done = await _Removal(codec, place, choose).run(database)
        except UnreadableCheckpoint as error:
            unreadable.append(error)
            log.warning("the rest of this namespace is kept: %s", error)
            continue
        removed += done
        if any(done):
            counts = f"{done.checkpoints} checkpoints, {done.writes} rows of writes, {done.values} rows of values"
            log.info("thread %r, namespace %r: removed %s", place.thread_id, place.checkpoint_ns, counts)
    if unreadable:
        raise unreadable[0]
    return removed


class _Need(NamedTuple):
    """The channels that a checkpoint needs from its ancestors, and those that its descendants get from it."""

    lacking: frozenset[str]
    """The delta channels of which it has no snapshot."""
    given: frozenset[str]
    """The channels whose values it has."""
    sends: bool
    """Whether it needs its parent's pending sends."""


class _Removal:
    """The removal of chosen checkpoints from one namespace, except those that the others need.

    Most is read before the namespace is locked. While it is locked, only checkpoints that were added since are read.
    """

    def __init__(self, codec: Codec, place: Namespace, choose: Choose) -> None:
        self._codec = codec
        self._place = place
        self._choose = choose
        self._parents: dict[str, str | None] = {}
        self._seen: tuple[int, int] | None = None  # the state of the namespace for which `_parents` holds
        self._epoch = 0  # what the last batch gave the namespace
        self._doomed: list[str] = []
        self._bodies: dict[str, bytes] = {}
        self._needs: dict[str, _Need] = {}
        self._equal_needs: dict[_Need, _Need] = {}  # most are equal: one object for all of them
        self._size = _FIRST_READ

    async def run(self, database: Runner) -> Removed:
        """Remove the checkpoints, in batches. The last batch removes the values that no checkpoint reads any more.

        Until then there are checkpoints left to remove, so after an interruption the same call gets to the values.
        """
        await database.run(_look, database.context, self)
        removed = Removed()
        while True:
            try:
                removed += await database.run(_remove_batch, database.context, self)
            except ChangedMeanwhile:
                continue
            if len(self._doomed) <= BATCH:
                return removed
            for checkpoint_id in self._doomed[:BATCH]:
                del self._parents[checkpoint_id]
            self._doomed = self._doomed[BATCH:]
            self._seen = None if self._seen is None else (self._seen[0] + REMOVAL, self._epoch)

    async def remove_batch(self, connection: AsyncConnection) -> Removed:
        """Remove the next checkpoints; looks again if the namespace has changed since."""
        if await removal.state(connection, self._place, lock=True) != self._seen:
            await self.look(connection)
        if self._seen is None:
            return Removed()
        last = len(self._doomed) <= BATCH
        self._epoch = tokens.new_token()
        return await removal.remove(connection, self._place, self._doomed[:BATCH], self._seen, self._epoch, last=last)

    async def look(self, connection: AsyncConnection) -> None:
        """Find the checkpoints to remove. Bodies that were read before are not read again."""
        self._seen = await removal.state(connection, self._place)
        self._parents = await removal.parents(connection, self._place)
        chosen = self._choose(self._parents.keys())
        # Ancestors last, so that every checkpoint is complete between two batches as well.
        self._doomed = sorted(chosen - await self._needed(connection, chosen), reverse=True)

    async def _needed(self, connection: AsyncConnection, chosen: set[str]) -> set[str]:
        """Return the chosen checkpoints that are kept because a kept checkpoint needs them.

        Each checkpoint wants from its parent the channels that it lacks, and those that its descendants want from it
        and that it does not give. Only descendants of chosen checkpoints are looked at: no others need any of them.
        """
        needed: set[str] = set()
        descendants = self._descendants(chosen)
        concerned = descendants | chosen
        handed: dict[str, frozenset[str]] = {}
        queue = dict.fromkeys(sorted(descendants - chosen, reverse=True), frozenset[str]())
        while queue:
            checkpoint_id = next(iter(queue))
            need = await self._need(connection, checkpoint_id, queue, concerned)
            wanted = need.lacking | (queue.pop(checkpoint_id) - need.given) | handed.get(checkpoint_id, frozenset())
            parent = self._parents[checkpoint_id]
            if parent is None or parent not in concerned or wanted == handed.get(checkpoint_id):
                continue
            handed[checkpoint_id] = wanted
            if parent in chosen and (wanted or (need.sends and await self._has_sends(connection, parent))):
                needed.add(parent)
            if wanted or parent in needed:
                queue[parent] = queue.get(parent, frozenset()) | wanted
        return needed

    def _descendants(self, chosen: set[str]) -> set[str]:
        """Return the checkpoints that have a chosen ancestor."""
        children: dict[str | None, list[str]] = {}
        for checkpoint_id, parent in self._parents.items():
            children.setdefault(parent, []).append(checkpoint_id)
        descendants: set[str] = set()
        fresh = [*chosen]
        while fresh:
            following = [child for child in children.get(fresh.pop(), ()) if child not in descendants]
            descendants.update(following)
            fresh += following
        return descendants

    async def _need(
        self, connection: AsyncConnection, checkpoint_id: str, queue: Iterable[str], concerned: Collection[str]
    ) -> _Need:
        if (known := self._needs.get(checkpoint_id)) is not None:
            return known
        if checkpoint_id not in self._bodies:
            wanted = self._next(queue, concerned)
            self._bodies = await removal.bodies(connection, self._place, wanted)
            self._size = min(2 * self._size, BATCH)
        if checkpoint_id not in self._bodies:  # somebody else has removed it meanwhile: it needs nothing
            return _Need(frozenset(), frozenset(), sends=False)
        body = self._bodies.pop(checkpoint_id)
        head = header(self._codec, Found(self._place, checkpoint_id, None, body, [], []))
        counted = head.metadata.get("counters_since_delta_snapshot") or ()
        # LangGraph also counts for channels that were never written. They have no version, and nothing to keep.
        lacking = head.checkpoint.get("channel_versions", {}).keys() & set(counted) - head.channels.keys()
        need = _Need(frozenset(lacking), frozenset(head.channels), head.checkpoint["v"] < SENDS_FORMAT)
        self._needs[checkpoint_id] = need = self._equal_needs.setdefault(need, need)
        return need

    def _next(self, queue: Iterable[str], concerned: Collection[str]) -> list[str]:
        """Return the checkpoints to read next: the first in the queue, its ancestors, the second, and so on."""
        wanted: dict[str, None] = {}
        for first in queue:
            current: str | None = first
            while (
                current is not None
                and current in concerned
                and current not in wanted
                and current not in self._needs
                and len(wanted) < self._size
            ):
                wanted[current] = None
                current = self._parents[current]
            if len(wanted) == self._size:
                break
        return [*wanted]

    async def _has_sends(self, connection: AsyncConnection, checkpoint_id: str) -> bool:
        written = (await rows.read_writes(connection, self._place, [checkpoint_id])).get(checkpoint_id, [])
        found = Found(self._place, checkpoint_id, None, b"", [], written)
        merged = decoded(found, None, lambda: writes.merge(self._codec, self._place, checkpoint_id, written))
        return any(write.channel == TASKS for write in merged.writes)


@query
async def _look(connection: AsyncConnection, _context: Context, removal_: _Removal) -> None:
    """Find the checkpoints that a removal removes."""
    await removal_.look(connection)


@once
async def _remove_batch(connection: AsyncConnection, _context: Context, removal_: _Removal) -> Removed:
    """Remove the next checkpoints of a removal."""
    return await removal_.remove_batch(connection)
