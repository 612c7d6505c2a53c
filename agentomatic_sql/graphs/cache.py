"""Remember the namespaces that a saver used last, to save it reading them again.

Everything here can be forgotten at any time. It holds for one epoch of a namespace: while the namespace has that epoch,
no checkpoint was added or removed, and it is not an older state that was restored from a backup. A call that stores a
checkpoint names the epoch, so what it knows holds for the next epoch too. A reader that finds another epoch compares
the digests of what it knows with those in the checkpoint (`Runs.are_of`).
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from ..execution.processes import ProcessLock
from .rows import Namespace
from .runs import Channels, OpenedRun, Segment

NAMESPACES = 1000
"""The most namespaces in memory, and the most marks of deleted threads."""

BRANCHES = 4
"""How many checkpoints of a namespace are remembered."""

BYTES = 32 * 2**20
"""About how many bytes are remembered altogether.

The runs of a namespace that would take more than an eighth of it are read again each time.
"""

SUPERSEDED = 16
"""How many superseded rows of writes a checkpoint must have before they are deleted."""

_MOST_SUPERSEDED = 1000  # deleted by one call

_ENTRY = 1000  # bytes of memory for a namespace of which nothing else is known


@dataclass(slots=True)
class _Entry:
    namespace: Namespace
    checkpoints: dict[str, Channels] = field(default_factory=dict)
    segments: dict[int, Segment] = field(default_factory=dict)
    superseded: tuple[str, Sequence[tuple[int, int]]] = ("", ())
    size: int = 0

    def keep_segments(self, segments: Mapping[int, Segment]) -> None:
        """Keep those segments that the checkpoints read, unless they are too long, and set the size."""
        # A channel that did not change is one object in several checkpoints.
        distinct = {id(channel): channel for each in self.checkpoints.values() for channel in each.values()}
        known, self.segments = {**self.segments, **segments}, {}
        for channel in distinct.values():
            for number, _position in channel.pieces:
                if number in known:
                    self.segments[number] = known[number]
        described = _ENTRY + 150 * len(self.superseded[1])
        described += sum([channel.weight for channel in distinct.values()])
        self.size = described + sum([segment.size for segment in self.segments.values()])
        if self.size > BYTES // 8:
            self.segments, self.size = {}, described


class Known(NamedTuple):
    """The parent of a checkpoint that is to be stored, as far as it is known."""

    namespace: Namespace
    channels: Channels | None
    segments: Mapping[int, Segment]


class NamespaceCache:
    """The namespaces used last. Can be used from several threads at once."""

    def __init__(self) -> None:
        self._lock = ProcessLock()
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._size = 0
        self._deleted: OrderedDict[str, None] = OrderedDict()
        self.creations = Creations()

    def find(self, place: Namespace, checkpoint_id: str, parent_id: str | None) -> Known:
        """Return the namespace, with its id and epoch if known, and the channels of a checkpoint or its parent."""
        with self._lock.held:
            entry = self._entries.get(_key(place))
            if entry is None:
                return Known(place, None, {})
            channels = entry.checkpoints.get(checkpoint_id) or entry.checkpoints.get(parent_id or "")
            return Known(entry.namespace, channels, dict(entry.segments))

    def take_superseded(
        self, place: Namespace, checkpoint_id: str
    ) -> tuple[Namespace, bool, Sequence[tuple[int, int]]]:
        """Return the namespace, whether it has this checkpoint, and the superseded rows of writes to delete.

        Each row is returned once. If it is not deleted after all, the next reader of the checkpoint finds it again.
        """
        with self._lock.held:
            entry = self._entries.get(_key(place))
            if entry is None:
                return place, False, ()
            there = checkpoint_id in entry.checkpoints
            superseded_of, rows = entry.superseded
            if superseded_of != checkpoint_id:
                return entry.namespace, there, ()
            entry.superseded = ("", ())
            return entry.namespace, there, rows

    def segments(self, place: Namespace) -> tuple[Namespace, dict[int, Segment]]:
        """Return the segments in memory, and the namespace with the epoch for which they hold."""
        with self._lock.held:
            entry = self._entries.get(_key(place))
            return (place, {}) if entry is None else (entry.namespace, dict(entry.segments))

    def created(self, namespace: Namespace) -> None:
        """Remember a namespace, unless something is known of it."""
        with self._lock.held:
            if _key(namespace) not in self._entries:
                self._keep(_Entry(namespace, size=_ENTRY))

    def stored(
        self,
        before: Namespace,
        after: Namespace,
        checkpoint_id: str,
        channels: Channels,
        added: Iterable[OpenedRun],
    ) -> None:
        """Remember a checkpoint that was stored: the namespace was as `before`, and is as `after` since then.

        What was known of another epoch is forgotten. A run whose predecessor is not known is left out.
        """
        with self._lock.held:
            entry = self._pop(after)
            if entry is None or entry.namespace not in (before, after):
                entry = _Entry(after)
            entry.namespace = after
            segments = dict(entry.segments)
            for number, position, data in added:
                segment = segments.get(number) or Segment()
                if len(segment) == position:
                    segment.add(position, data)
                    segments[number] = segment
            self._remember(entry, checkpoint_id, channels, segments)

    def read(
        self,
        before: Namespace,
        found: Namespace,
        checkpoint_id: str,
        channels: Channels,
        segments: Mapping[int, Segment],
        superseded: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Remember a checkpoint that was read, unless more is known by now than `before`, when the reader asked."""
        with self._lock.held:
            entry = self._entries.get(_key(found))
            if entry is not None and entry.namespace not in (before, found):
                return
            self._pop(found)
            if entry is None or entry.namespace != found:
                entry = _Entry(found)
            if len(superseded) >= SUPERSEDED:
                entry.superseded = (checkpoint_id, superseded[:_MOST_SUPERSEDED])
            self._remember(entry, checkpoint_id, channels, segments)

    def _remember(self, entry: _Entry, checkpoint_id: str, channels: Channels, segments: Mapping[int, Segment]) -> None:
        # A channel that this process packed has a hash object, which an equal channel that was read has not.
        packed = entry.checkpoints.pop(checkpoint_id, {})
        same = {name: channel for name, channel in packed.items() if channel == channels.get(name)}
        entry.checkpoints[checkpoint_id] = {**channels, **same}
        while len(entry.checkpoints) > BRANCHES:
            del entry.checkpoints[next(iter(entry.checkpoints))]
        entry.keep_segments(segments)
        self._keep(entry)

    def _keep(self, entry: _Entry) -> None:
        self._entries[_key(entry.namespace)] = entry
        self._size += entry.size
        while len(self._entries) > NAMESPACES or self._size > BYTES:
            self._size -= self._entries.popitem(last=False)[1].size

    def forget(self, place: Namespace) -> None:
        """Forget a namespace."""
        with self._lock.held:
            self._pop(place)

    # deleted threads

    def root(self, place: Namespace) -> Namespace | None:
        """Return the root namespace of a subgraph's thread, if it is known."""
        with self._lock.held:
            entry = self._entries.get((place.thread_id, "")) if place.checkpoint_ns else None
            return None if entry is None or entry.namespace.id is None else entry.namespace

    def mark_deleted(self, place: Namespace) -> None:
        """Forget a namespace that was deleted, and remember that its thread was.

        The thread is not marked if it has been begun anew: another root namespace is known, or is being created.
        """
        root = place._replace(checkpoint_ns="")
        with self._lock.held:
            entry = self._entries.get(_key(place))
            if entry is not None and entry.namespace.id == place.id:
                self._pop(place)
            if _key(root) not in self._entries and not self.creations.is_running(root):
                self._deleted[place.thread_id] = None
                self._deleted.move_to_end(place.thread_id)
                if len(self._deleted) > NAMESPACES:
                    self._deleted.popitem(last=False)

    def start(self, place: Namespace) -> None:
        """Remove the mark of a deleted thread if this is its root namespace: a run begins there."""
        if not place.checkpoint_ns:
            with self._lock.held:
                self._deleted.pop(place.thread_id, None)

    def is_deleted(self, place: Namespace) -> bool:
        """Return whether a namespace's thread was deleted, and has not been begun anew since."""
        with self._lock.held:
            return place.thread_id in self._deleted

    def _pop(self, place: Namespace) -> _Entry | None:
        entry = self._entries.pop(_key(place), None)
        if entry is not None:
            self._size -= entry.size
        return entry


def _key(place: Namespace) -> tuple[str, str]:
    return place.thread_id, place.checkpoint_ns


class Creations:
    """The namespaces that calls of this process are creating. A second call waits for the first, and then knows the id.

    Without it, both would ask the database to create the namespace, and one of them in vain.
    """

    def __init__(self) -> None:
        self._running: dict[tuple[str, str], asyncio.Future[None]] = {}

    def is_running(self, place: Namespace) -> bool:
        """Return whether a call is creating this namespace."""
        return _key(place) in self._running

    async def ended(self, place: Namespace) -> bool:
        """Wait until nobody creates this namespace; return False if nobody did."""
        running = self._running.get(_key(place))
        if running is None or running.get_loop() is not asyncio.get_running_loop():
            return False
        await asyncio.wait([running])
        return True

    @contextmanager
    def running(self, place: Namespace) -> Iterator[None]:
        """Let others wait until the context ends."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running[_key(place)] = future
        try:
            yield
        finally:
            if self._running.get(_key(place)) is future:
                del self._running[_key(place)]
            future.set_result(None)
