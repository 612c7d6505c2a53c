r"""The stored bytes of LangGraph graphs: build them and take them apart.

No other module knows this format. It may be extended, never changed: rows of earlier versions must stay readable.
Bytes are written in hexadecimal, numbers are big-endian, "msgpack" is the format of msgpack.org, and an escaped text
is one that went through `escaping.escape`.

**Body.** The column `body` of the tables `graph_checkpoints`, `graph_values` and `graph_writes`. Its first byte says
what follows:

    00  the content
    01  the content as a zstd frame, compressed with the raw-content dictionary `WORDS`; the frame holds the content's
        size and no dictionary id
    02  a msgpack array of two: the cipher's name (str) and the ciphertext (bin). The plaintext is a body that begins
        with 00 or 01. The store's own keys are named "agms1:" and the key's id (see `encryption`). Their ciphertext is
        bound to a JSON array as AES-GCM's associated data: the table's name, "body", the thread id, the namespace, and
        for a checkpoint its id, for a run its segment and position, for writes the id of their checkpoint
    ff  a part of a longer body, in `graph_writes` only: a token of 8 bytes that is the same in all parts of one body,
        the part's number in 4 bytes, counted from 0, and the part. A part can be stored twice, in two equal rows. The
        parts of all numbers, joined, are a body that begins with 00, 01 or 02

**Content of a checkpoint.** A msgpack array of two:

    1.  an array of a format and a bin: the pair (checkpoint without its "channel_values", metadata), serialized
    2.  a map from each channel's escaped name to an array of five, which describes the channel's value:
        format  a str: the serializer's name for the bytes of the value
        inline  the bytes of a short value (bin), else nil; a short value has no pieces
        items   the number of items if the value is a msgpack array, else nil. The array's header is not stored: it
                goes before the bytes of the pieces, and is the shortest one for that number
        pieces  an array of arrays (segment, position). The value is the content of the runs 0 to `position` of each
                segment, one after the other
        marks   an array of arrays (piece, position, size, digest), the oldest first: the bytes up to the run `position`
                of piece number `piece` were written by one checkpoint. They are `size` bytes, and `digest` is the
                first 16 bytes of their SHA-256. Only a writer needs the marks

**Segments of a checkpoint.** The column `segments` of `graph_checkpoints`: a JSON array of arrays (segment, position),
without spaces. It names every run that the checkpoint's channels read, so that a statement can join with them.

**Content of a run.** A row of `graph_values` at (segment, position): some bytes of a value.

**Content of a row of writes.** A msgpack array of three: the escaped task path, the escaped task id, and an array with
an array of four for each write: its index (int), its channel's escaped name, a format (str) and the serialized value
(bin).

**Format of serialized bytes.** The name that the serializer gave. With "~" before it, every text in the value was
escaped before it was serialized. A regular expression whose pattern is not valid Unicode became the map
{"\x1are": [escaped pattern, flags]}, and a member of an enumeration whose value is not valid Unicode became that value.

A namespace's rows have its id as `namespace_id`; `rows.digest` makes the keys by which `graph_namespaces` finds it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import MissingExtra
from ..escaping import escape, unescape

try:
    import ormsgpack
except ImportError as error:
    raise MissingExtra("ormsgpack", "langgraph") from error

# bodies

_PLAIN, _COMPRESSED, _ENCRYPTED, _PART = b"\x00", b"\x01", b"\x02", b"\xff"
_PAIR = b"\x92"  # the header of a msgpack array of two

UNENCRYPTED_BEGINNINGS = (_PLAIN, _COMPRESSED)
"""The first byte of a body that is not encrypted: one of these."""

ENCRYPTED_BEGINNING = _ENCRYPTED + _PAIR
"""The first bytes of an encrypted body."""

NAME_OFFSETS = (len(ENCRYPTED_BEGINNING) + 1, len(ENCRYPTED_BEGINNING) + 2)
"""Where the cipher's name can begin in an encrypted body: msgpack gives its length in one byte, from 32 on in two."""


def plain_body(content: bytes | memoryview) -> bytes:
    """Return a body that holds its content as it is."""
    return _PLAIN + content


def compressed_body(frame: bytes) -> bytes:
    """Return a body that holds its content as a zstd frame."""
    return _COMPRESSED + frame


def encrypted_body(cipher_name: str, ciphertext: bytes) -> bytes:
    """Return a body that holds another body, encrypted."""
    return _ENCRYPTED + ormsgpack.packb((cipher_name, ciphertext))


def beginning_of_encrypted(cipher_name: str) -> bytes:
    """Return the first bytes of every body that the cipher of this name encrypted."""
    return ENCRYPTED_BEGINNING + ormsgpack.packb(cipher_name)


def unpack_encrypted(body: bytes) -> tuple[str, bytes] | None:
    """Return the cipher's name and the ciphertext of an encrypted body, None for any other body."""
    if not body.startswith(_ENCRYPTED):
        return None
    name, ciphertext = ormsgpack.unpackb(body[len(_ENCRYPTED) :])
    return name, ciphertext


def content_of(body: bytes, decompress: Callable[[bytes], bytes]) -> bytes:
    """Return the content of a body that is not encrypted. Raises `ValueError` for an unknown first byte."""
    kind, data = body[:1], body[1:]
    if kind == _COMPRESSED:
        return decompress(data)
    if kind != _PLAIN:
        raise ValueError(f"the row begins with {kind!r}, which this version does not know")
    return data


# parts of a long body

_TOKEN_BYTES = 8
_NUMBER_BYTES = 4
_NUMBER_OFFSET = len(_PART) + _TOKEN_BYTES

PART_OFFSET = _NUMBER_OFFSET + _NUMBER_BYTES
"""How many bytes of a part's row come before the part itself."""

FIRST_PART = ((0, _PART), (_NUMBER_OFFSET, bytes(_NUMBER_BYTES)))
"""The row of a body's first part has these bytes at these offsets; no other row has."""


class Part(NamedTuple):
    """A part of a body that was too long for one row."""

    token: bytes
    number: int
    data: bytes

    @property
    def beginning(self) -> bytes:
        """The first bytes of the rows of all parts of this body."""
        return _PART + self.token

    def row(self) -> bytes:
        """Return the part as it is stored."""
        return self.beginning + self.number.to_bytes(_NUMBER_BYTES, "big") + self.data


def split(body: bytes, size: int) -> list[bytes]:
    """Return the rows of a body: the body itself, or its parts of `size` bytes each if it is longer."""
    if len(body) <= size:
        return [body]
    token = secrets.token_bytes(_TOKEN_BYTES)
    starts = range(0, len(body), size)
    return [Part(token, number, body[start : start + size]).row() for number, start in enumerate(starts)]


def unpack_part(row: bytes) -> Part | None:
    """Return the part that a row holds, None if the row holds a whole body."""
    if not row.startswith(_PART):
        return None
    number = int.from_bytes(row[_NUMBER_OFFSET:PART_OFFSET], "big")
    return Part(row[len(_PART) : _NUMBER_OFFSET], number, row[PART_OFFSET:])


def join(parts: Mapping[int, bytes]) -> bytes:
    """Return the body whose parts have these numbers."""
    return b"".join([parts[number] for number in sorted(parts)])


# checkpoints


class Piece(NamedTuple):
    """The runs 0 to `position` of a segment."""

    segment: int
    position: int


class Mark(NamedTuple):
    """The point in a value up to which one checkpoint wrote it."""

    piece: int
    position: int
    size: int
    digest: bytes


ValueFields = tuple[str, bytes | None, int | None, tuple[Piece, ...], tuple[Mark, ...]]
"""Describes a channel's value: format, inline, items, pieces, marks."""


def pack_checkpoint(header: tuple[str, bytes], channels: Mapping[str, ValueFields]) -> bytes:
    """Return the content of a checkpoint: its header with the header's format, and its channels by name."""
    return ormsgpack.packb((header, {escape(name): _fields(*fields) for name, fields in channels.items()}))


def _fields(
    format_: str, inline: bytes | None, items: int | None, pieces: Sequence[Piece], marks: Sequence[Mark]
) -> tuple[Any, ...]:
    return (format_, inline, items, [tuple(piece) for piece in pieces], [tuple(mark) for mark in marks])


def unpack_checkpoint(content: bytes) -> tuple[tuple[str, bytes], dict[str, ValueFields]]:
    """Return the header with its format and the channels by name, as `pack_checkpoint` was given them."""
    (format_, data), channels = ormsgpack.unpackb(content)
    return (format_, data), {unescape(name): _unpacked(*fields) for name, fields in channels.items()}


def _unpacked(
    format_: str, inline: bytes | None, items: int | None, pieces: Iterable[Any], marks: Iterable[Any]
) -> ValueFields:
    return (format_, inline, items, tuple(Piece(*piece) for piece in pieces), tuple(Mark(*mark) for mark in marks))


def mark_hasher() -> Any:
    """Return a new hash object for the digests of marks."""
    return hashlib.sha256()  # processors compute it twice as fast as BLAKE2


def mark_digest(hasher: Any) -> bytes:
    """Return the digest of what the hash object was given so far."""
    digest: bytes = hasher.digest()
    return digest[:16]


def pack_segments(pieces: Iterable[Piece]) -> str:
    """Return the column `segments` of a checkpoint whose channels have these pieces."""
    return "[" + ",".join([f"[{segment},{position}]" for segment, position in last_positions(pieces).items()]) + "]"


def unpack_segments(text: str) -> list[Piece]:
    """Return the pieces that a column `segments` names, one for each segment."""
    return [Piece(*pair) for pair in json.loads(text)]


def last_positions(pieces: Iterable[Piece]) -> dict[int, int]:
    """Return each segment with the last position that any of the pieces reads of it."""
    last: dict[int, int] = {}
    for segment, position in pieces:
        last[segment] = max(position, last.get(segment, 0))
    return last


# writes

WriteFields = tuple[int, str, str, bytes]
"""Describes a write: index, channel, format, serialized value."""


def pack_writes(task_path: str, task_id: str, writes: Iterable[WriteFields]) -> bytes:
    """Return the content of a row of writes."""
    packed = [(index, escape(channel), format_, data) for index, channel, format_, data in writes]
    return ormsgpack.packb((escape(task_path), escape(task_id), packed))


def unpack_writes(content: bytes) -> tuple[str, str, list[WriteFields]]:
    """Return the task path, the task id and the writes, as `pack_writes` was given them."""
    task_path, task_id, packed = ormsgpack.unpackb(content)
    writes = [(index, unescape(channel), format_, data) for index, channel, format_, data in packed]
    return unescape(task_path), unescape(task_id), writes


# serialized values

MSGPACK = "msgpack"
"""The name that LangGraph's serializer gives to msgpack."""

_ESCAPED = "~"

PATTERN = "\x1are"
"""The key of an escaped regular expression. A user's key cannot be equal to it: U+001A would have been escaped."""


def escaped_format(format_: str) -> str:
    """Return the format of a value whose texts were escaped before it was serialized in `format_`."""
    return _ESCAPED + format_


def unescaped_format(format_: str) -> str | None:
    """Return the format that `escaped_format` was given, None if the texts of the value were not escaped."""
    return format_.removeprefix(_ESCAPED) if format_.startswith(_ESCAPED) else None


def is_msgpack(format_: str) -> bool:
    """Return whether bytes in this format are msgpack. What the names of another serializer stand for is not known."""
    return format_.removeprefix(_ESCAPED) == MSGPACK


def array_header(items: int) -> bytes:
    """Return the shortest header of a msgpack array with this number of items."""
    if items < 1 << 4:
        return bytes([_SHORT_ARRAY + items])
    return b"\xdc" + items.to_bytes(2, "big") if items < 1 << 16 else b"\xdd" + items.to_bytes(4, "big")


def unpack_array_header(data: bytes) -> tuple[int | None, int]:
    """Return the number of items of a msgpack array and the length of its header.

    (None, 0) if the data is not an array, or has a longer header than it needs, which `array_header` would not restore.
    """
    first = data[0]
    if _SHORT_ARRAY <= first < _SHORT_ARRAY + (1 << 4):
        return first - _SHORT_ARRAY, 1
    length = _HEADER_BYTES.get(first, 0)
    items = int.from_bytes(data[1:length], "big")
    return (items, length) if length and data.startswith(array_header(items)) else (None, 0)


_SHORT_ARRAY = 0x90
_HEADER_BYTES = {0xDC: 3, 0xDD: 5}  # by the first byte of a longer array

# compression

WORDS = (
    b"langchain_core.messages.function\x92FunctionMessage\x94langchain_core.messages.system\xadSystemMessage"
    b"langchain_core.messages.tool\xabToolMessage\xb1model_validate_json\xabtool_call_id\xa6status\xa7success\xa8artifact"
    b"branch:to:agent branch:to:tools __pregel_tasks __pregel_push __interrupt__ __resume__ __error__ __scheduled__ "
    b"counters_since_delta_snapshot\xa6thread\xa7user_id\xaaassistant_id\xa8graph_id\xa6run_id\xa6source\xa4loop\xa5input"
    b"\xa6update\xa4fork\xa4step\xa7parents\x80\xa1v\x04\xa2ts\xd9 2026-01-01T00:00:00.000000+00:00"
    b"\xa2id\xd9$1f000000-0000-6000-"
    b"\xb0channel_versions\xa9__start__\xd9300000000000000000000000000000001.0.\xadversions_seen\xa9__input__\x80"
    b"\xb0updated_channels\xadpending_sends\x90\xa5tools\xa5agent\xa8messages"
    b"langchain_core.messages.ai\xa9AIMessage\xaainvalid_tool_calls\x90\xaetool_calls\x91\xa4name\xa4args\xa2id\xa9call_"
    b"\xa4type\xa9tool_call\xaeusage_metadata\xacinput_tokens\xadoutput_tokens\xactotal_tokens\xb3input_token_details"
    b"\xaacache_read\xb4output_token_details\xa9reasoning\xb1response_metadata\xaamodel_name\xadfinish_reason\xa4stop"
    b"\xb1model_validate_json\xc7\x05\x94\xd9\x1dlangchain_core.messages.human\xacHumanMessage\x86\xa7content"
    b"\xb1additional_kwargs\x80\xb1response_metadata\x80\xa4type\xa5human\xa4name\xc0\xa2id\xd9$00000000-0000-4000-8000-"
    b"\xb1model_validate_json"
)
"""The dictionary of the compression: what the states of graphs are full of."""
