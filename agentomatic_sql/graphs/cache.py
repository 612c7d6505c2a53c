"""Remember the namespaces that a saver used last, to save it reading them again.

Everything here can be forgotten at any time. It holds for one generation of a namespace: runs never change, but after
some were removed, others may take their positions, and then the namespace has another generation.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..execution.processes import ProcessLock
from .rows import Namespace
from .runs import Channels, OpenedRun, Segment

NAMESPACES = 1000
"""The most namespaces in memory."""

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
    superseded: tuple[str, Sequence[int]] = ("", ())
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
        described = _ENTRY + 40 * len(self.superseded[1])
        described += sum([channel.weight for channel in distinct.values()])
        self.size = described + sum([segment.size for segment in self.segments.values()])
        if self.size > BYTES // 8:
            self.segments, self.size = {}, described


class NamespaceCache:
    """The namespaces used last. Can be used from several threads at once."""

    def __init__(self) -> None:
        self._lock = ProcessLock()
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._size = 0

    def find(self, place: Namespace, checkpoint_id: str, parent_id: str | None) -> tuple[Namespace, Channels | None]:
        """Return the namespace, with its id and generation if known, and the channels of a checkpoint or its parent."""
        with self._lock.held:
            entry = self._entries.get(_key(place))
            if entry is None:
                return place, None
            return entry.namespace, entry.checkpoints.get(checkpoint_id) or entry.checkpoints.get(parent_id or "")

    def take_superseded(self, place: Namespace, checkpoint_id: str) -> tuple[Namespace, Sequence[int]]:
        """Return the namespace, and the superseded rows of writes that the next call for this checkpoint deletes.

        Each row is returned once. If it is not deleted after all, the next reader of the checkpoint finds it again.
        """
        with self._lock.held:
            entry = self._entries.get(_key(place))
            if entry is None:
                return place, ()
            superseded_of, rows = entry.superseded
            if superseded_of != checkpoint_id:
                return entry.namespace, ()
            entry.superseded = ("", ())
            return entry.namespace, rows

    def segments(self, place: Namespace) -> tuple[Namespace, dict[int, Segment]]:
        """Return the segments in memory, and the namespace with the generation for which they hold."""
        with self._lock.held:
            entry = self._entries.get(_key(place))
            return (place, {}) if entry is None else (entry.namespace, dict(entry.segments))

    def grown(self, stored: Namespace, added: Iterable[OpenedRun]) -> dict[int, Segment]:
        """Return the segments in memory with these runs added. A run whose predecessor is not known is left out."""
        namespace, segments = self.segments(stored)
        if namespace != stored:
            segments = {}
        for number, position, data in added:
            segment = segments.get(number) or Segment()
            if len(segment) == position:
                segment.add(position, data)
                segments[number] = segment
        return segments

    def remember(
        self,
        namespace: Namespace,
        checkpoint_id: str,
        channels: Channels,
        segments: Mapping[int, Segment],
        superseded: Sequence[int] = (),
    ) -> None:
        """Remember a checkpoint. Forgets what was known of another generation of its namespace."""
        with self._lock.held:
            entry = self._pop(namespace)
            if entry is None or entry.namespace != namespace:
                entry = _Entry(namespace)
            if len(superseded) >= SUPERSEDED:
                entry.superseded = (checkpoint_id, superseded[:_MOST_SUPERSEDED])
            # A channel that this process packed has a hash object, which an equal channel that was read has not.
            packed = entry.checkpoints.pop(checkpoint_id, {})
            same = {name: channel for name, channel in packed.items() if channel == channels.get(name)}
            entry.checkpoints[checkpoint_id] = {**channels, **same}
            while len(entry.checkpoints) > BRANCHES:
                del entry.checkpoints[next(iter(entry.checkpoints))]
            entry.keep_segments(segments)
            self._entries[_key(namespace)] = entry
            self._size += entry.size
            while len(self._entries) > NAMESPACES or self._size > BYTES:
                self._size -= self._entries.popitem(last=False)[1].size

    def forget(self, place: Namespace) -> None:
        """Forget a namespace."""
        with self._lock.held:
            self._pop(place)

    def _pop(self, place: Namespace) -> _Entry | None:
        entry = self._entries.pop(_key(place), None)
        if entry is not None:
            self._size -= entry.size
        return entry


def _key(place: Namespace) -> tuple[str, str]:
    return place.thread_id, place.checkpoint_ns
