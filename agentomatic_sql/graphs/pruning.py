"""Removing checkpoints of graphs without losing what those that stay still need.

A delta channel has its value in a snapshot and in the writes since then, so that a checkpoint needs its ancestors back
to the snapshot; one of a format before 4 needs its parent's pending sends. An ancestor that stays for that can be seen
and run from, so what it needs stays as well: whatever is there is whole. For one delta channel that ends at a snapshot.
With several it ends at a checkpoint that has a snapshot of each: if there is none, a namespace stays back to its
beginning.

Work is done in batches, each a transaction: what was interrupted goes on when it is called again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple, TypeVar

from langgraph.checkpoint.serde.types import TASKS
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..database import Database
from ..errors import UnreadableCheckpoint
from ..operations import once, query
from . import removal as graph_maintenance
from . import rows as graphs
from . import writes as graph_writes
from .codec import Codec
from .removal import BATCH, Removed
from .rows import Found, Namespace
from .runs import Header, unpack

log = logging.getLogger("agentomatic_sql")

_R = TypeVar("_R")
Choose = Callable[[Collection[str]], set[str]]
"""Chooses out of a namespace's checkpoints those that are to go."""

SENDS_FORMAT = 4
"""Checkpoints with `v` below it keep their pending sends among their parent's writes."""

_FIRST_READ = 10
"""How many bodies are read at first; of many that are needed, more at a time."""


def decoded(found: Found, channel: str | None, decode: Callable[[], _R]) -> _R:
    """What is decoded of a checkpoint; raises `UnreadableCheckpoint`."""
    try:
        return decode()
    except Exception as error:  # whatever a serializer or a cipher of anyone's raises; it is the cause
        place, reason = found.namespace, str(error) or type(error).__name__
        raise UnreadableCheckpoint(
            place.thread_id, place.checkpoint_ns, found.checkpoint_id, channel, reason
        ) from error


def header(codec: Codec, found: Found) -> Header:
    """A checkpoint without its values; raises `UnreadableCheckpoint`."""
    return decoded(found, None, lambda: unpack(codec, found.body))


async def keep_latest(database: Database, codec: Codec, thread_ids: Sequence[str]) -> Removed:
    """Remove all but the latest checkpoint of each namespace, and what it needs.

    A namespace where that cannot be read stays as it is; the first `UnreadableCheckpoint` is raised in the end.
    """
    places: list[Namespace] = []
    for thread_id in dict.fromkeys(thread_ids):
        places += await database.run(graph_maintenance.namespaces, database.context, thread_id)
    return await _remove(database, codec, [(place, _all_but_latest) for place in places])


def _all_but_latest(checkpoint_ids: Collection[str]) -> set[str]:
    return {*checkpoint_ids} - {max(checkpoint_ids, default="")}


async def remove_runs(database: Database, codec: Codec, run_ids: Sequence[str]) -> Removed:
    """Remove the checkpoints that these runs made, but for what the checkpoints of other runs need.

    Raises as `keep_latest` does.
    """
    made = await database.run(graph_maintenance.of_runs, database.context, run_ids)
    return await _remove(database, codec, [(place, ids.intersection) for place, ids in made.items()])


async def _remove(database: Database, codec: Codec, chosen: Iterable[tuple[Namespace, Choose]]) -> Removed:
    removed = Removed()
    unreadable: list[UnreadableCheckpoint] = []
    for place, choose in chosen:
        try:
            done = await _Removal(codec, place, choose).run(database)
        except UnreadableCheckpoint as error:
            unreadable.append(error)
            log.warning("nothing more is removed from this namespace: %s", error)
            continue
        removed += done
        if any(done):
            counts = f"{done.checkpoints} checkpoints, {done.writes} rows of writes, {done.values} rows of values"
            log.info("thread %r, namespace %r: removed %s", place.thread_id, place.checkpoint_ns, counts)
    if unreadable:
        raise unreadable[0]
    return removed


class _Need(NamedTuple):
    """What a checkpoint needs of its ancestors, and what it gives to those that follow it."""

    lacking: frozenset[str]
    given: frozenset[str]
    sends: bool


class _Removal:
    """The removal of checkpoints from one namespace, but for those that the others need.

    Which those are is found out before the lock is taken, so that under it only what has come meanwhile is read.
    """

    def __init__(self, codec: Codec, place: Namespace, choose: Choose) -> None:
        assert place.id is not None  # it was read
        self._codec = codec
        self._place = place
        self._id = place.id
        self._choose = choose
        self._parents: dict[str, str | None] = {}
        self._there = (0, 0)  # the generation and the number of checkpoints of which the rest is true
        self._doomed: list[str] = []
        self._bodies: dict[str, bytes] = {}
        self._needs: dict[str, _Need] = {}
        self._alike: dict[_Need, _Need] = {}  # most are: each is kept once
        self._size = _FIRST_READ

    async def run(self, database: Database) -> Removed:
        """Remove all of it; the last batch removes the values that nobody reads any more.

        What is interrupted before has checkpoints left to begin with again.
        """
        await database.run(_look, database.context, self)
        removed = Removed()
        while True:
            removed += await database.run(_remove_batch, database.context, self)
            if len(self._doomed) <= BATCH:
                return removed
            for checkpoint_id in self._doomed[:BATCH]:
                del self._parents[checkpoint_id]
            self._doomed = self._doomed[BATCH:]
            self._there = (self._there[0] + 1, len(self._parents))

    async def remove_batch(self, connection: AsyncConnection) -> Removed:
        if await graph_maintenance.hold(connection, self._id) != self._there:
            await self.look(connection)
        last = len(self._doomed) <= BATCH
        return await graph_maintenance.remove(connection, self._id, self._doomed[:BATCH], last)

    async def look(self, connection: AsyncConnection) -> None:
        """Find out what there is and what of it is to go; what has been read once is not read again."""
        generation = await graphs.generation(connection, self._id)
        self._parents = await graph_maintenance.parents(connection, self._id)
        self._there = (generation or 0, len(self._parents))
        chosen = self._choose(self._parents.keys())
        # Ancestors last: what is there between two batches is whole, too.
        self._doomed = sorted(chosen - await self._needed(connection, chosen), reverse=True)

    async def _needed(self, connection: AsyncConnection, chosen: set[str]) -> set[str]:
        """Those of the chosen that stay, as what stays needs them.

        Each checkpoint hands to its parent what it lacks itself, and what those behind it lack and it does not give.
        Only what follows a chosen one is looked at: nothing else needs any of them.
        """
        needed: set[str] = set()
        behind = self._behind(chosen)
        concerned = behind | chosen
        handed: dict[str, frozenset[str]] = {}
        queue = dict.fromkeys(sorted(behind - chosen, reverse=True), frozenset[str]())
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

    def _behind(self, chosen: set[str]) -> set[str]:
        """Those that a chosen one is an ancestor of."""
        children: dict[str | None, list[str]] = {}
        for checkpoint_id, parent in self._parents.items():
            children.setdefault(parent, []).append(checkpoint_id)
        behind: set[str] = set()
        fresh = [*chosen]
        while fresh:
            following = [one for one in children.get(fresh.pop(), ()) if one not in behind]
            behind.update(following)
            fresh += following
        return behind

    async def _need(
        self, connection: AsyncConnection, checkpoint_id: str, queue: Iterable[str], concerned: Collection[str]
    ) -> _Need:
        if (known := self._needs.get(checkpoint_id)) is not None:
            return known
        if checkpoint_id not in self._bodies:
            wanted = self._next(queue, concerned)
            self._bodies = await graph_maintenance.bodies(connection, self._id, wanted)
            self._size = min(2 * self._size, BATCH)
        if checkpoint_id not in self._bodies:  # one that has gone since, by another's pruning, needs nothing
            return _Need(frozenset(), frozenset(), sends=False)
        body = self._bodies.pop(checkpoint_id)
        head = header(self._codec, Found(self._place, checkpoint_id, None, body, [], []))
        counted = head.metadata.get("counters_since_delta_snapshot") or ()
        # LangGraph counts for channels, too, that were never written and so have no version.
        lacking = head.checkpoint.get("channel_versions", {}).keys() & set(counted) - head.channels.keys()
        need = _Need(frozenset(lacking), frozenset(head.channels), head.checkpoint["v"] < SENDS_FORMAT)
        self._needs[checkpoint_id] = need = self._alike.setdefault(need, need)
        return need

    def _next(self, queue: Iterable[str], concerned: Collection[str]) -> list[str]:
        """What is to be read next: the first in the queue with its ancestors, which it may need, and so on."""
        wanted: dict[str, None] = {}
        for first in queue:
            one: str | None = first
            while one in concerned and one not in wanted and one not in self._needs and len(wanted) < self._size:
                assert one is not None  # it is concerned
                wanted[one] = None
                one = self._parents[one]
            if len(wanted) == self._size:
                break
        return [*wanted]

    async def _has_sends(self, connection: AsyncConnection, checkpoint_id: str) -> bool:
        rows = (await graphs.read_writes(connection, self._id, [checkpoint_id])).get(checkpoint_id, [])
        found = Found(self._place, checkpoint_id, None, b"", [], rows)
        merged = decoded(found, None, lambda: graph_writes.merge(self._codec, rows))
        return any(write.channel == TASKS for write in merged.writes)


@query
async def _look(connection: AsyncConnection, _context: Context, removal: _Removal) -> None:
    """Find out which checkpoints a removal deletes."""
    await removal.look(connection)


@once
async def _remove_batch(connection: AsyncConnection, _context: Context, removal: _Removal) -> Removed:
    """Delete the next checkpoints of a removal."""
    return await removal.remove_batch(connection)
