"""What a saver remembers of the namespaces that it used last, so as not to ask for it again.

All of it can be forgotten at any time. It is true of one generation of a namespace: runs never change, but where
some were removed, others may take their places, and then the generation is another.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..execution.processes import ProcessLock
from .rows import Namespace
from .runs import Channels, Opened, Segment

NAMESPACES = 1000
"""How many namespaces are remembered."""

BRANCHES = 4
"""How many checkpoints of a namespace."""

BYTES = 32 * 2**20
"""About how many bytes altogether; the runs of a namespace with more than an eighth of it are read anew each time."""

SUPERSEDED = 16
"""How many rows of writes there must be that can be deleted, for it to be done."""

_MOST_SUPERSEDED = 1000  # at once

_ENTRY = 1000  # bytes of a namespace of which nothing else is known


@dataclass(slots=True)
class _Entry:
    here: Namespace
    checkpoints: dict[str, Channels] = field(default_factory=dict)
    segments: dict[int, Segment] = field(default_factory=dict)
    superseded: tuple[str, Sequence[int]] = ("", ())
    size: int = 0


class Known:
    """The namespaces used last; for any number of threads."""

    def __init__(self) -> None:
        self._lock = ProcessLock()
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._size = 0

    def find(self, place: Namespace, checkpoint_id: str, parent_id: str | None) -> tuple[Namespace, Channels | None]:
        """The namespace as far as it is known, and the channels of a checkpoint or else of its parent."""
        with self._lock.held:
            entry = self._entries.get(_key(place))
            if entry is None:
                return place, None
            return entry.here, entry.checkpoints.get(checkpoint_id) or entry.checkpoints.get(parent_id or "")

    def take_superseded(self, place: Namespace, checkpoint_id: str) -> tuple[Namespace, Sequence[int]]:
        """The namespace as far as it is known, and the rows of writes of a checkpoint to be deleted with the next one.

        They are given once; if nothing comes of it, whoever reads the checkpoint next sees them again.
        """
        with self._lock.held:
            entry = self._entries.get(_key(place))
            if entry is None:
                return place, ()
            of, rows = entry.superseded
            if of != checkpoint_id:
                return entry.here, ()
            entry.superseded = ("", ())
            return entry.here, rows

    def segments(self, place: Namespace) -> tuple[Namespace, dict[int, Segment]]:
        """The segments that are known of a namespace, and the generation of which that is true."""
        with self._lock.held:
            entry = self._entries.get(_key(place))
            return (place, {}) if entry is None else (entry.here, dict(entry.segments))

    def grown(self, stored: Namespace, added: Iterable[Opened]) -> dict[int, Segment]:
        """The segments that are known of a namespace, with these runs; those without their beginning are left out."""
        here, segments = self.segments(stored)
        if here != stored:
            segments = {}
        for number, position, data in added:
            segment = segments.get(number) or Segment()
            if len(segment) == position:
                segment.add(position, data)
                segments[number] = segment
        return segments

    def remember(
        self,
        here: Namespace,
        checkpoint_id: str,
        channels: Channels,
        segments: Mapping[int, Segment],
        superseded: Sequence[int] = (),
    ) -> None:
        """Remember a checkpoint; what was known of another generation is forgotten."""
        with self._lock.held:
            entry = self._pop(here)
            if entry is None or entry.here != here:
                entry = _Entry(here)
            if len(superseded) >= SUPERSEDED:
                entry.superseded = (checkpoint_id, superseded[:_MOST_SUPERSEDED])
            # What was made here knows more than what was read: how its digest goes on.
            made = entry.checkpoints.pop(checkpoint_id, {})
            same = {name: mine for name, mine in made.items() if mine == channels.get(name)}
            entry.checkpoints[checkpoint_id] = {**channels, **same}
            while len(entry.checkpoints) > BRANCHES:
                del entry.checkpoints[next(iter(entry.checkpoints))]
            # A channel that did not change is one object in several checkpoints.
            distinct = {id(channel): channel for each in entry.checkpoints.values() for channel in each.values()}
            known, entry.segments = {**entry.segments, **segments}, {}
            for channel in distinct.values():
                for number, _position in channel.pieces:
                    if number in known:
                        entry.segments[number] = known[number]
            described = _ENTRY + 40 * len(entry.superseded[1])
            described += sum([channel.weight for channel in distinct.values()])
            entry.size = described + sum([segment.size for segment in entry.segments.values()])
            if entry.size > BYTES // 8:
                entry.segments, entry.size = {}, described
            self._entries[_key(here)] = entry
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
