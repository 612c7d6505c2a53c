"""The writes of a graph's tasks as rows: a call of `put_writes` is a row, and reading merges them.

What LangGraph's contract says of a write that is there already is done when they are read: a special one (a negative
index: an error, an interrupt, a resumption) replaces it, any other is kept as it was first written. A task that fails
or is resumed again and again leaves rows behind of which nothing is left: the next call deletes what a reader has seen
to be so.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import ormsgpack
from langgraph.checkpoint.base import WRITES_IDX_MAP, writes_sort_key

from ..escaping import escape, unescape
from .codec import Codec
from .rows import Written
from .runs import RUN_BYTES

_PART = b"\xff"  # begins a part of a row that was too long for one; sealed rows begin with other bytes
_TOKEN = 8  # bytes that the parts of a row share
_PLACE = 4  # bytes of a part's number; the parts of a call that was repeated are there twice, in any order


class Write(NamedTuple):
    """A task's write to a channel, its value still as bytes."""

    task_path: str
    task_id: str
    idx: int
    channel: str
    format: str
    data: bytes


def pack(codec: Codec, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str) -> list[bytes]:
    """The rows of one call: one, or the parts of one."""
    packed = []
    for place, (channel, value) in enumerate(writes):
        packed.append((WRITES_IDX_MAP.get(channel, place), escape(channel), *codec.dumps(value)))
    body = codec.seal(ormsgpack.packb((escape(task_path), escape(task_id), packed)))
    if len(body) <= RUN_BYTES:
        return [body]
    token = _PART + secrets.token_bytes(_TOKEN)
    cuts = range(0, len(body), RUN_BYTES)
    return [token + place.to_bytes(_PLACE, "big") + body[cut : cut + RUN_BYTES] for place, cut in enumerate(cuts)]


class Merged(NamedTuple):
    """The writes of a checkpoint, sorted, and the rows that have no part in them any more, by their sequence.

    They never will have: a special write goes before all earlier ones, any other before all later ones. So whoever adds
    the next row can delete them, whatever others add or delete meanwhile.
    """

    writes: list[Write]
    superseded: list[int]


def merge(codec: Codec, rows: Iterable[Written]) -> Merged:
    """What is in the rows of one checkpoint, given in the order in which they were stored."""
    merged: dict[tuple[str, int], tuple[Write, int]] = {}
    joined = _joined(rows)
    for number, (_sequences, body) in enumerate(joined):
        path, task, packed = ormsgpack.unpackb(codec.open(body))
        task_path, task_id = unescape(path), unescape(task)
        for index, channel, format_, data in packed:
            write = Write(task_path, task_id, index, unescape(channel), format_, data)
            if index < 0:
                merged[task_id, index] = write, number
            else:
                merged.setdefault((task_id, index), (write, number))
    writes = sorted(
        [write for write, _ in merged.values()],
        key=lambda write: writes_sort_key(write.task_path, write.task_id, write.idx),
    )
    needed = {number for _, number in merged.values()}
    return Merged(writes, [one for number, (made, _) in enumerate(joined) if number not in needed for one in made])


def _joined(rows: Iterable[Written]) -> list[tuple[list[int], bytes]]:
    """The calls, each with the sequences of its rows and their parts put together, in the order of their first rows."""
    calls: dict[bytes | int, tuple[list[int], dict[bytes, bytes]]] = {}
    for sequence, body in rows:
        token: bytes | int = sequence
        place, part = b"", body
        if body.startswith(_PART):
            token, place, part = body[: 1 + _TOKEN], body[1 + _TOKEN : 1 + _TOKEN + _PLACE], body[1 + _TOKEN + _PLACE :]
        sequences, parts = calls.setdefault(token, ([], {}))
        sequences.append(sequence)
        parts[place] = part
    return [(sequences, b"".join([parts[place] for place in sorted(parts)])) for sequences, parts in calls.values()]
