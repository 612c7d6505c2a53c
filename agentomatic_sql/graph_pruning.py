"""Removing checkpoints of graphs without losing what those that stay still need.

A delta channel has its value in a snapshot and in the writes since then, so that a checkpoint needs its ancestors back
to the snapshot; one of a format before 4 needs its parent's pending sends. Work is done in batches, each a transaction:
what was interrupted goes on when it is called again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from langgraph.checkpoint.serde.types import TASKS

from . import graph_maintenance, graph_writes, graphs
from .database import Database
from .errors import UnreadableCheckpoint
from .graph_codec import Codec
from .graph_maintenance import BATCH, Removed
from .graph_state import Header, unpack
from .graphs import Found, Namespace

log = logging.getLogger("agentomatic_sql")

_R = TypeVar("_R")

SENDS_FORMAT = 4
"""Checkpoints with `v` below it keep their pending sends among their parent's writes."""


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
    """Remove all but the latest checkpoint of each namespace, and what it needs."""
    removed = Removed()
    for thread_id in dict.fromkeys(thread_ids):
        for place in await database.read(graph_maintenance.namespaces, thread_id):
            removed += await _remove(database, codec, place, lambda ids: set(ids) - {max(ids)})
        log.info("thread %r pruned; removed so far: %s", thread_id, _said(removed))
    return removed


async def remove_runs(database: Database, codec: Codec, run_ids: Sequence[str]) -> Removed:
    """Remove the checkpoints that these runs made, but for what the checkpoints of other runs need."""
    removed = Removed()
    if not run_ids:
        return removed
    for place, made in (await database.read(graph_maintenance.of_runs, run_ids)).items():
        removed += await _remove(database, codec, place, lambda ids, made=made: made & set(ids))  # type: ignore[misc]
        log.info("runs removed from thread %r; removed so far: %s", place.thread_id, _said(removed))
    return removed


async def _remove(
    database: Database, codec: Codec, place: Namespace, choose: Callable[[Iterable[str]], set[str]]
) -> Removed:
    """Remove the checkpoints chosen out of all, but for those that the others need, in batches.

    Which those are is found out before the lock is taken, and again where a checkpoint has come meanwhile. The last
    batch removes the values that nobody reads any more: what is interrupted has checkpoints left to begin with again.
    """
    assert place.id is not None  # it was read
    removed = Removed()
    while parents := await database.read(graph_maintenance.parents, place.id):
        chosen = choose(parents)
        needed = await _Ancestry(database, codec, place, parents).needed_by(parents.keys() - chosen)
        doomed = sorted(chosen - needed)
        done = await database.write(
            graph_maintenance.remove, place.id, parents.keys(), doomed[:BATCH], len(doomed) <= BATCH
        )
        if done is not None:
            removed += done
            if len(doomed) <= BATCH:
                break
    return removed


def _said(removed: Removed) -> str:
    return f"{removed.checkpoints} checkpoints, {removed.writes} rows of writes, {removed.values} rows of values"


class _Ancestry:
    """Which ancestors the checkpoints of a namespace need; each is read once."""

    def __init__(self, database: Database, codec: Codec, place: Namespace, parents: Mapping[str, str | None]) -> None:
        self._database = database
        self._codec = codec
        self._place = place
        self._parents = parents
        self._headers: dict[str, Header] = {}

    async def needed_by(self, checkpoint_ids: Iterable[str]) -> set[str]:
        needed: set[str] = set()
        for checkpoint_id in checkpoint_ids:
            head = await self._header(checkpoint_id)
            parent = self._parents.get(checkpoint_id)
            if parent is not None and head.checkpoint["v"] < SENDS_FORMAT and await self._has_sends(parent):
                needed.add(parent)
            counted = set(head.metadata.get("counters_since_delta_snapshot") or ())
            # LangGraph counts for channels, too, that were never written and so have no version.
            lacking = counted & head.checkpoint.get("channel_versions", {}).keys() - head.channels.keys()
            while lacking and parent in self._parents:
                assert parent is not None  # it is a key
                needed.add(parent)
                lacking -= (await self._header(parent)).channels.keys()
                parent = self._parents[parent]
        return needed & self._parents.keys()

    async def _has_sends(self, checkpoint_id: str) -> bool:
        assert self._place.id is not None  # it was read
        bodies = (await self._database.read(graphs.writes, self._place.id, [checkpoint_id])).get(checkpoint_id, [])
        return any(write.channel == TASKS for write in graph_writes.unpack(self._codec, bodies))

    async def _header(self, checkpoint_id: str) -> Header:
        if checkpoint_id not in self._headers:
            found = await self._database.read(graphs.page, self._place, checkpoint_id, None, None, 1)
            # One that has gone since, by another's pruning, needs nothing.
            gone = Header({"v": SENDS_FORMAT}, {}, {})
            self._headers[checkpoint_id] = header(self._codec, found[0]) if found else gone
        return self._headers[checkpoint_id]
