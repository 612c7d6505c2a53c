"""Pack the writes of a graph's tasks into rows, one row for a call of `put_writes`, and merge rows when they are read.

LangGraph's contract says what happens when a task writes again with the same index: a special write (a negative index:
an error, an interrupt, a resume value) replaces the earlier one, any other write keeps the first. This is decided when
the rows are read. A task that fails or resumes many times leaves rows whose writes all lost; a reader reports them, and
the next call deletes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from langgraph.checkpoint.base import WRITES_IDX_MAP, writes_sort_key

from ..tables import GRAPH_WRITES as W
from . import format as stored
from .codec import Codec
from .rows import ROW_BYTES, Namespace, Written


class Write(NamedTuple):
    """A task's write to a channel, with its value still serialized."""

    task_path: str
    task_id: str
    idx: int
    channel: str
    format: str
    data: bytes


def pack(
    codec: Codec,
    place: Namespace,
    checkpoint_id: str,
    writes: Sequence[tuple[str, Any]],
    task_id: str,
    task_path: str,
) -> list[bytes]:
    """Return the rows of one call, for a checkpoint of this namespace: one row, or the parts of a long one."""
    packed = []
    for number, (channel, value) in enumerate(writes):
        packed.append((WRITES_IDX_MAP.get(channel, number), channel, *codec.dumps(value)))
    return pack_serialized(codec, place, checkpoint_id, packed, task_id, task_path)


def pack_serialized(
    codec: Codec,
    place: Namespace,
    checkpoint_id: str,
    writes: Iterable[stored.WriteFields],
    task_id: str,
    task_path: str,
) -> list[bytes]:
    """Return the rows of one call as `pack` does, for writes that have their indexes and are serialized."""
    content = stored.pack_writes(task_path, task_id, writes)
    return stored.split(codec.seal(content, place.identity(W, checkpoint_id)), ROW_BYTES)


class Merged(NamedTuple):
    """The writes of a checkpoint, sorted, and the superseded rows: the sequence number and the token of each.

    A row is superseded if another row wins over each of its writes. It stays so, whatever is added or deleted later: a
    special write wins over all earlier ones, any other over all later ones. So the next writer can delete the row.
    """

    writes: list[Write]
    superseded: list[tuple[int, int]]


def merge(codec: Codec, place: Namespace, checkpoint_id: str, rows: Iterable[Written]) -> Merged:
    """Merge the rows of one checkpoint, given in the order in which they were stored."""
    identity = place.identity(W, checkpoint_id)
    merged: dict[tuple[str, int], tuple[Write, int]] = {}
    calls = _calls(rows)
    for number, (_rows, body) in enumerate(calls):
        task_path, task_id, packed = stored.unpack_writes(codec.open(body, identity))
        for index, channel, format_, data in packed:
            write = Write(task_path, task_id, index, channel, format_, data)
            if index < 0:
                merged[task_id, index] = write, number
            else:
                merged.setdefault((task_id, index), (write, number))
    writes = sorted(
        [write for write, _ in merged.values()],
        key=lambda write: writes_sort_key(write.task_path, write.task_id, write.idx),
    )
    winning = {number for _, number in merged.values()}
    superseded = [row for number, (rows_, _body) in enumerate(calls) if number not in winning for row in rows_]
    return Merged(writes, superseded)


def keys(codec: Codec, place: Namespace, checkpoint_id: str, rows: Iterable[Written]) -> set[tuple[str, int]]:
    """Return the tasks and indexes of a checkpoint's writes, without their values."""
    identity, found = place.identity(W, checkpoint_id), set[tuple[str, int]]()
    for _rows, body in _calls(rows):
        _path, task_id, packed = stored.unpack_writes(codec.open(body, identity))
        found.update([(task_id, index) for index, *_ in packed])
    return found


def _calls(rows: Iterable[Written]) -> list[tuple[list[tuple[int, int]], bytes]]:
    """Return the numbers of each call's rows and the body that they hold, in the order of their first rows."""
    calls: dict[bytes | int, tuple[list[tuple[int, int]], dict[int, bytes]]] = {}
    for sequence, token, row in rows:
        part = stored.unpack_part(row)
        key, number, data = (sequence, 0, row) if part is None else part
        numbers, parts = calls.setdefault(key, ([], {}))
        numbers.append((sequence, token))
        parts[number] = data
    return [(numbers, stored.join(parts)) for numbers, parts in calls.values()]
