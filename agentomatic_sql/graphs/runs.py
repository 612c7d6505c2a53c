"""A graph's state as rows: pure functions between LangGraph's checkpoints and what is stored of them.

A channel's value is bytes that LangGraph's serializer makes. Short ones stand in the checkpoint itself. Longer ones are
cut into runs, rows at (segment, position), which no one changes: a checkpoint that adds to the end of a list adds a run
to the segment that the one before it reads, and names the last position that it reads itself. A msgpack array is a
header with the number of its items and then the items, so that growth shows as the old items' bytes standing at the
start of the new ones'.

Where only the end of a list differs (a message replaced or removed), the runs before it are kept and a new segment goes
on from there; a value reads at most `MAX_PIECES` segments, then it is written whole.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import ormsgpack

from ..escaping import escape, unescape
from .codec import PACKED, Codec
from .rows import Run

INLINE = 64
"""Bytes up to which a value stands in its checkpoint."""

MAX_PIECES = 8
"""How many segments a value reads at most."""

MARKS = 4
"""How many ends of runs a channel remembers, from which a list can go on differently."""

RUN_BYTES = 1 << 20
"""The length of a run at most: MariaDB's default takes 16 MB a statement, and bytes are sent there as text."""


_DIGEST = 16  # bytes of a SHA-256, which processors compute twice as fast as BLAKE2


class Piece(NamedTuple):
    """A segment's runs from 0 to `position`."""

    segment: int
    position: int


class Mark(NamedTuple):
    """The end of what one checkpoint wrote: its piece and run, the bytes up to here, their digest."""

    piece: int
    position: int
    size: int
    digest: bytes


class Opened(NamedTuple):
    """What a run holds, before it was sealed."""

    segment: int
    position: int
    data: memoryview


@dataclass(slots=True)  # not frozen: Python makes such objects several times as slowly
class Channel:
    """Where a channel's value is; never changed. `items` is the length of a list; None is any other value."""

    version: Any
    format: str
    inline: bytes | None = None
    items: int | None = None
    pieces: tuple[Piece, ...] = ()
    marks: tuple[Mark, ...] = ()
    hasher: Any = field(default=None, compare=False, repr=False)
    """The SHA-256 of the bytes up to the last mark, where this process made it: to go on from."""

    @property
    def weight(self) -> int:
        """About how many bytes it takes in memory, with its version and its name."""
        hasher = 0 if self.hasher is None else 300
        return 400 + hasher + len(self.inline or b"") + 150 * len(self.pieces) + 300 * len(self.marks)

    def packed(self) -> tuple[Any, ...]:
        pieces, marks = ([tuple(part) for part in parts] for parts in (self.pieces, self.marks))
        return (self.format, self.inline, self.items, pieces, marks)

    @classmethod
    def unpacked(cls, version: Any, packed: Sequence[Any]) -> Channel:
        format_, inline, items, pieces, marks = packed
        return cls(version, format_, inline, items, tuple(Piece(*p) for p in pieces), tuple(Mark(*m) for m in marks))


Channels = Mapping[str, Channel]


class Packed(NamedTuple):
    """A checkpoint as it is stored."""

    channels: Channels
    segments: str
    body: bytes
    runs: list[Run]
    opened: list[Opened]


class Header(NamedTuple):
    """A checkpoint without its values."""

    checkpoint: dict[str, Any]
    metadata: dict[str, Any]
    channels: Channels


def pack(
    codec: Codec,
    checkpoint: Mapping[str, Any],
    metadata: Mapping[str, Any],
    new_versions: Mapping[str, Any],
    known: Channels,
    segments: Mapping[int, Segment],
    *,
    branch: bool,
) -> Packed:
    """A checkpoint as rows, given the channels of the one it follows, and what is known of the segments they read.

    `branch` begins new segments: the places behind the known ones are taken, as another checkpoint follows there.
    """
    values = checkpoint["channel_values"]
    channels: dict[str, Channel] = {}
    added: list[Opened] = []
    for name, version in checkpoint["channel_versions"].items():
        before = known.get(name)
        if name not in new_versions and before is not None and before.version == version:
            channels[name] = before
        elif name in values:
            channels[name] = _store(codec, values[name], version, before, segments, added, branch=branch)
    header = {key: value for key, value in checkpoint.items() if key != "channel_values"}
    packed = {escape(name): channel.packed() for name, channel in channels.items()}
    content = (codec.dumps((header, dict(metadata))), packed)
    runs = [Run(segment, position, codec.seal(data)) for segment, position, data in added]
    return Packed(channels, _segments(channels.values()), codec.seal(ormsgpack.packb(content)), runs, added)


def unpack(codec: Codec, body: bytes) -> Header:
    """A checkpoint's body without its values."""
    (format_, data), packed = ormsgpack.unpackb(codec.open(body))
    checkpoint, metadata = codec.loads(format_, data)
    versions = checkpoint["channel_versions"]
    named = [(unescape(name), fields) for name, fields in packed.items()]
    channels = {name: Channel.unpacked(versions.get(name), fields) for name, fields in named}
    return Header(checkpoint, metadata, channels)


class Segment:
    """The opened bytes of a segment's first runs. They never change, so that it only grows."""

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
        """Add a run, unless it is there; raises `LookupError` where the one before it is not."""
        if position > len(self._ends):
            raise LookupError(f"run {len(self._ends)} of a segment is not there")
        if position == len(self._ends):
            self._data += opened
            self._ends.append(len(self._data))

    def upto(self, position: int) -> bytes:
        return bytes(self._data[: self._ends[position]])


class Runs:
    """Runs that were read, beside the segments that were known: a history's checkpoints open each of them once."""

    def __init__(self, codec: Codec, rows: Iterable[Run], known: Mapping[int, Segment] | None = None) -> None:
        self._codec = codec
        self.segments = dict(known or {})
        self._sealed = {(segment, position): body for segment, position, body in rows}

    def value(self, channel: Channel) -> Any:
        """A channel's value; raises what the serializer raises, and `LookupError` where a run is missing."""
        if channel.inline is not None:
            return self._codec.loads(channel.format, channel.inline)
        parts = [self._open(*piece) for piece in channel.pieces]
        if channel.items is not None:
            parts.insert(0, _array_header(channel.items))
        return self._codec.loads(channel.format, b"".join(parts))

    def _open(self, number: int, last: int) -> bytes:
        segment = self.segments.setdefault(number, Segment())
        for position in range(len(segment), last + 1):
            sealed = self._sealed.get((number, position))
            if sealed is None:
                raise LookupError(f"run {position} of segment {number} is not there")
            segment.add(position, self._codec.open(sealed))
        return segment.upto(last)


def _store(
    codec: Codec,
    value: Any,
    version: Any,
    before: Channel | None,
    segments: Mapping[int, Segment],
    added: list[Opened],
    *,
    branch: bool,
) -> Channel:
    """A channel's value as a channel, and the runs that it adds."""
    format_, data = codec.dumps(value)
    if len(data) <= INLINE:
        return Channel(version, format_, inline=bytes(data))
    grown = _Grown(before, segments, format_, data)
    pieces, kept, done = grown.pieces, grown.kept, grown.done
    if kept and done == len(grown.payload):
        return Channel(version, format_, items=grown.items, pieces=pieces, marks=kept, hasher=grown.hasher)
    if grown.whole and not branch:
        *head, (segment, position) = pieces
    else:
        if len(pieces) >= MAX_PIECES:
            pieces, kept, done = (), (), 0
        head, segment, position = [*pieces], secrets.randbits(48), -1
    for cut in range(done, max(len(grown.payload), 1), RUN_BYTES):
        position += 1
        added.append(Opened(segment, position, grown.payload[cut : cut + RUN_BYTES]))
    end = Mark(len(head), position, len(grown.payload), grown.digest)
    pieces = (*head, Piece(segment, position))
    marks = (*kept, end)[-MARKS:]
    return Channel(version, format_, items=grown.items, pieces=pieces, marks=marks, hasher=grown.hasher)


class _Grown:
    """How much of the value before it a value begins with.

    `kept` are the marks up to there, `done` the bytes, `pieces` where they are; `whole` if that is all of the value
    before. Anything but a list is kept as it is, or not at all.
    """

    def __init__(self, before: Channel | None, segments: Mapping[int, Segment], format_: str, data: bytes) -> None:
        self.items, start = _array(data) if format_ in PACKED else (None, 0)
        self.payload = memoryview(data)[start:]
        self.kept: tuple[Mark, ...] = ()
        self.pieces: tuple[Piece, ...] = ()
        hasher = hashlib.sha256()
        done = 0
        if before is not None and before.format == format_ and (before.items is None) == (self.items is None):
            if before.hasher is not None and _begins(data, start, before, segments):
                # it need not be found by its digest: comparing is much faster
                self.kept, hasher, done = before.marks, before.hasher.copy(), before.marks[-1].size
            else:
                for number, mark in enumerate(before.marks, 1):
                    if mark.size > len(self.payload):
                        break
                    hasher.update(self.payload[done : mark.size])
                    done = mark.size
                    if hasher.digest()[:_DIGEST] != mark.digest:
                        break
                    self.kept = before.marks[:number]
        hasher.update(self.payload[done:])
        self.hasher, self.digest = hasher, hasher.digest()[:_DIGEST]
        if self.items is None and self.kept and self.kept[-1].size != len(self.payload):
            self.kept = ()
        self.done = self.kept[-1].size if self.kept else 0
        self.whole = before is not None and bool(self.kept) and self.kept == before.marks
        if before is not None and self.kept:
            last = self.kept[-1]
            end = Piece(before.pieces[last.piece].segment, last.position)
            self.pieces = (*before.pieces[: last.piece], end)


def _begins(data: bytes, start: int, before: Channel, segments: Mapping[int, Segment]) -> bool:
    """Whether data goes on, from its start, as the whole value before it does, if that is known."""
    for number, position in before.pieces:
        segment = segments.get(number)
        if segment is None or position >= len(segment):
            return False
        known = segment.upto(position)
        if not data.startswith(known, start):
            return False
        start += len(known)
    return True


def _segments(channels: Iterable[Channel]) -> str:
    """What a checkpoint reads, as the JSON that its statement joins with."""
    last: dict[int, int] = {}
    for channel in channels:
        for segment, position in channel.pieces:
            last[segment] = max(position, last.get(segment, 0))
    return "[" + ",".join([f"[{segment},{position}]" for segment, position in last.items()]) + "]"


def _array(data: bytes) -> tuple[int | None, int]:
    """The number of items of a msgpack array and where they begin; (None, 0) for anything else.

    Also for an array whose header is longer than it must be: it is made again when it is read.
    """
    first = data[0]
    items, start = (first - 0x90, 1) if 0x90 <= first <= 0x9F else (0, _HEADERS.get(first, 0))
    if start > 1:
        items = int.from_bytes(data[1:start], "big")
    return (items, start) if start and data.startswith(_array_header(items)) else (None, 0)


_HEADERS = {0xDC: 3, 0xDD: 5}  # the first byte of a longer array's header, and the header's length


def _array_header(items: int) -> bytes:
    if items < 1 << 4:
        return bytes([0x90 + items])
    return b"\xdc" + items.to_bytes(2, "big") if items < 1 << 16 else b"\xdd" + items.to_bytes(4, "big")
