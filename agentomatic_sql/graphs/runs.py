"""Cut the values of channels into runs, so that a list that grows is stored once and not at every step.

A value is bytes that LangGraph's serializer made. A short value stands in its checkpoint's row. A longer one is cut
into **runs**: rows at (segment, position) that never change. A msgpack array is a header with the number of items and
then the items. When a list has grown, its bytes after the header begin with the bytes of the old items, so the new
checkpoint adds one run to the segment that its parent reads, and notes the last position that it reads itself.

When only the end of a list differs (a message was replaced or removed), the runs before the difference are kept and a
new segment holds the rest. A value reads at most `MAX_PIECES` segments; then it is written whole into a new one.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..tables import GRAPH_VALUES as V
from . import format as stored
from .codec import Codec
from .format import Mark, Piece
from .rows import ROW_BYTES, Namespace, Run

INLINE = 64
"""A value of up to this many bytes stands in its checkpoint's row."""

MAX_PIECES = 8
"""How many segments a value reads at most."""

MARKS = 4
"""How many marks a channel keeps: points in its value after which a list can differ and still keep its first runs."""


class OpenedRun(NamedTuple):
    """A run before it is sealed."""

    segment: int
    position: int
    data: memoryview


@dataclass(slots=True)  # a frozen dataclass takes several times as long to make
class Channel:
    """The place of a channel's value. Never changed. `items` is the length of a list, None for any other value."""

    version: Any
    format: str
    inline: bytes | None = None
    items: int | None = None
    pieces: tuple[Piece, ...] = ()
    marks: tuple[Mark, ...] = ()
    hasher: Any = field(default=None, compare=False, repr=False)
    """The hash object of the value up to the last mark, for the next checkpoint. None if the channel was read."""

    @property
    def weight(self) -> int:
        """About how many bytes of memory the channel takes, with its version and its name."""
        hasher = 0 if self.hasher is None else 300
        return 400 + hasher + len(self.inline or b"") + 150 * len(self.pieces) + 300 * len(self.marks)

    @property
    def fields(self) -> stored.ValueFields:
        """The channel as it is stored, in its checkpoint's body."""
        return (self.format, self.inline, self.items, self.pieces, self.marks)


Channels = Mapping[str, Channel]


class Segment:
    """The content of a segment's first runs, in memory. Runs never change, so it only grows."""

    __slots__ = ("_data", "_ends")

    def __init__(self) -> None:
        self._data = bytearray()
        self._ends: list[int] = []

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def size(self) -> int:
        return len(self._data)

    def add(self, position: int, opened: bytes | memoryview) -> None:
        """Add a run unless it is there. Raises `LookupError` if the run before it is missing."""
        if position > len(self._ends):
            raise LookupError(f"run {len(self._ends)} of a segment is not there")
        if position == len(self._ends):
            self._data += opened
            self._ends.append(len(self._data))

    def beginning(self, position: int) -> Segment:
        """Return a copy of the segment with at most the runs 0 to `position`."""
        copied = Segment()
        copied._ends = self._ends[: position + 1]
        if copied._ends:
            copied._data += memoryview(self._data)[: copied._ends[-1]]
        return copied

    def upto(self, position: int) -> bytes:
        """Return the content of the runs 0 to `position`."""
        return bytes(self._data[: self._ends[position]])


class Runs:
    """Make values from the runs of a namespace that were read and the segments in memory; opens each run once."""

    def __init__(
        self, codec: Codec, place: Namespace, rows: Iterable[Run], known: Mapping[int, Segment] | None = None
    ) -> None:
        self._codec = codec
        self._place = place
        self.segments = dict(known or {})
        self._sealed = {(segment, position): body for segment, position, body in rows}

    def value(self, channel: Channel) -> Any:
        """Return a channel's value. Raises `LookupError` if a run is missing, and what the serializer raises."""
        if channel.inline is not None:
            return self._codec.loads(channel.format, channel.inline)
        parts = self._parts(channel)
        if channel.items is not None:
            parts.insert(0, stored.array_header(channel.items))
        return self._codec.loads(channel.format, b"".join(parts))

    def are_of(self, channels: Iterable[Channel]) -> bool:
        """Return whether the runs have the bytes that these channels were stored with, by the marks' digests."""
        for channel in channels:
            if channel.marks:
                hasher = stored.mark_hasher()
                try:
                    for part in self._parts(channel):
                        hasher.update(part)
                except Exception:  # noqa: BLE001 - whatever it is, the reader then reads everything again
                    return False
                if stored.mark_digest(hasher) != channel.marks[-1].digest:
                    return False
        return True

    def _parts(self, channel: Channel) -> list[bytes]:
        return [self._open(*piece) for piece in channel.pieces]

    def _open(self, number: int, last: int) -> bytes:
        segment = self.segments.setdefault(number, Segment())
        for position in range(len(segment), last + 1):
            sealed = self._sealed.get((number, position))
            if sealed is None:
                raise LookupError(f"run {position} of segment {number} is not there")
            segment.add(position, self._codec.open(sealed, self._place.identity(V, number, position)))
        return segment.upto(last)


def cut(
    codec: Codec, value: Any, version: Any, before: Channel | None, segments: Mapping[int, Segment], *, branch: bool
) -> tuple[Channel, list[OpenedRun]]:
    """Return a value as a channel, and the runs to store for it.

    `before` is the channel in the parent checkpoint. Its runs are used again as far as the value begins with them; the
    new runs follow them in their segment, or with `branch` in a new one.
    """
    format_, data = codec.dumps(value)
    if len(data) <= INLINE:
        return Channel(version, format_, inline=bytes(data)), []
    grown = _Growth(before, segments, format_, data)
    pieces, marks, done = grown.pieces, grown.marks, grown.done
    if marks and done == len(grown.payload):
        return Channel(version, format_, items=grown.items, pieces=pieces, marks=marks, hasher=grown.hasher), []
    if grown.keeps_all and not branch:
        *head, (segment, position) = pieces
    else:
        if len(pieces) >= MAX_PIECES:
            pieces, marks, done = (), (), 0
        head, segment, position = [*pieces], secrets.randbits(48), -1
    runs = []
    for start in range(done, max(len(grown.payload), 1), ROW_BYTES):
        position += 1
        runs.append(OpenedRun(segment, position, grown.payload[start : start + ROW_BYTES]))
    end = Mark(len(head), position, len(grown.payload), grown.digest)
    pieces, marks = (*head, Piece(segment, position)), (*marks, end)[-MARKS:]
    return Channel(version, format_, items=grown.items, pieces=pieces, marks=marks, hasher=grown.hasher), runs


class _Growth:
    """The part of a channel's value in the parent checkpoint that the new value begins with.

    `payload` is the new value without its array header, and `done` how many bytes of it are stored already: up to the
    last of `marks`, in `pieces`. `keeps_all` is True if that is the whole old value. A value that is no list is kept
    whole or not at all.
    """

    def __init__(self, before: Channel | None, segments: Mapping[int, Segment], format_: str, data: bytes) -> None:
        self.items, start = stored.unpack_array_header(data) if stored.is_msgpack(format_) else (None, 0)
        self.payload = memoryview(data)[start:]
        self.marks: tuple[Mark, ...] = ()
        self.pieces: tuple[Piece, ...] = ()
        hasher = stored.mark_hasher()
        done = 0
        if before is not None and before.format == format_ and (before.items is None) == (self.items is None):
            if before.hasher is not None and _begins_with(data, start, before, segments):
                # The old value is in memory: to compare is much faster than to hash.
                self.marks, hasher, done = before.marks, before.hasher.copy(), before.marks[-1].size
            else:
                for number, mark in enumerate(before.marks, 1):
                    if mark.size > len(self.payload):
                        break
                    hasher.update(self.payload[done : mark.size])
                    done = mark.size
                    if stored.mark_digest(hasher) != mark.digest:
                        break
                    self.marks = before.marks[:number]
        hasher.update(self.payload[done:])
        self.hasher, self.digest = hasher, stored.mark_digest(hasher)
        if self.items is None and self.marks and self.marks[-1].size != len(self.payload):
            self.marks = ()
        self.done = self.marks[-1].size if self.marks else 0
        self.keeps_all = before is not None and bool(self.marks) and self.marks == before.marks
        if before is not None and self.marks:
            last = self.marks[-1]
            end = Piece(before.pieces[last.piece].segment, last.position)
            self.pieces = (*before.pieces[: last.piece], end)


def _begins_with(data: bytes, start: int, before: Channel, segments: Mapping[int, Segment]) -> bool:
    """Return whether the data from `start` on begins with the whole old value. False if that is not all in memory."""
    for number, position in before.pieces:
        segment = segments.get(number)
        if segment is None or position >= len(segment):
            return False
        known = segment.upto(position)
        if not data.startswith(known, start):
            return False
        start += len(known)
    return True


def last_positions(channels: Iterable[Channel]) -> dict[int, int]:
    """Return the last position of each segment that these channels read."""
    return stored.last_positions(piece for channel in channels for piece in channel.pieces)


def beginnings(known: Mapping[int, Segment], last: Mapping[int, int]) -> dict[int, Segment]:
    """Return copies of the segments in memory, each up to its last position: nothing behind it will be compared."""
    return {number: known[number].beginning(position) for number, position in last.items() if number in known}
