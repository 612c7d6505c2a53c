"""`GraphStorage`: stores and reads LangGraph's checkpoints, for both the async and the sync methods of a saver.

Needs the extra `langgraph`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_serializable_checkpoint_metadata,
)
from langgraph.checkpoint.serde.types import TASKS

from .. import inputs
from ..context import Context
from ..database import Database
from ..errors import InvalidInput, KeyTaken, UnreadableCheckpoint, WriteConflict
from . import additions, checkpoints, listing, pruning, removal, rows
from .additions import Addition
from .cache import NamespaceCache
from .checkpoints import Header
from .codec import Codec
from .removal import Removed
from .rows import Found, Namespace, Written
from .runs import Channels, Runs
from .writes import Merged
from .writes import merge as merge_writes
from .writes import pack as pack_writes

_R = TypeVar("_R")
Page = list[CheckpointTuple]

_ATTEMPTS = 10
_PAGE = 50


class GraphStorage:
    """The checkpoints of graphs in one database, read and written with one serializer.

    next_version: makes the first version of a channel, for checkpoints of an old format.
    context: the user whose checkpoints are read, in a user's view; without one, every user's.
    """

    def __init__(
        self,
        database: Database,
        codec: Codec,
        cache: NamespaceCache,
        next_version: Callable[[None, None], str],
        context: Context | None = None,
    ) -> None:
        self._database = database
        self._codec = codec
        self._cache = cache
        self._next_version = next_version
        self._context = database.context if context is None else context

    async def get(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the checkpoint that a config names, or the one with the greatest id; None if there is none."""
        place, checkpoint_id = _place(config)
        here, known = self._cache.segments(place)
        positions = {number: len(segment) - 1 for number, segment in known.items()}
        found = await self._database.run(rows.get, self._context, place, checkpoint_id, positions)
        if found is not None and known and found.namespace != here:  # what is known has gone, or is something else now
            self._cache.forget(place)
            return await self.get(config)
        if found is None:
            return None
        header = pruning.header(self._codec, found)
        read = Runs(self._codec, found.runs, known)
        merged = self._merged(found, found.writes)
        tuple_ = await self._tuple(found, header, read, merged)
        self._cache.remember(found.namespace, found.checkpoint_id, header.channels, read.segments, merged.superseded)
        return tuple_

    async def _tuple(self, found: Found, header: Header, read: Runs, merged: Merged) -> CheckpointTuple:
        checkpoint = header.checkpoint
        checkpoint["channel_values"] = {
            name: self._decoded(found, name, lambda channel=channel: read.value(channel))  # type: ignore[misc]
            for name, channel in header.channels.items()
        }
        if found.parent_id is not None and checkpoint["v"] < pruning.SENDS_FORMAT:
            await self._take_sends(found, checkpoint)
        return CheckpointTuple(
            _config(found.namespace, found.checkpoint_id),
            checkpoint,  # type: ignore[arg-type]
            header.metadata,  # type: ignore[arg-type]
            None if found.parent_id is None else _config(found.namespace, found.parent_id),
            self._writes(found, merged),
        )

    def _merged(self, found: Found, rows: Sequence[Written]) -> Merged:
        return self._decoded(found, None, lambda: merge_writes(self._codec, rows))

    def _writes(self, found: Found, merged: Merged) -> list[tuple[str, str, Any]]:
        codec = self._codec
        return [
            (
                write.task_id,
                write.channel,
                self._decoded(found, write.channel, lambda write=write: codec.loads(write.format, write.data)),  # type: ignore[misc]
            )
            for write in merged.writes
        ]

    async def _take_sends(self, found: Found, checkpoint: dict[str, Any]) -> None:
        """Add the pending sends to a checkpoint of a format before 4, which has them among its parent's writes."""
        assert found.namespace.id is not None  # it was read
        assert found.parent_id is not None
        read = await self._database.run(rows.writes, self._context, found.namespace.id, [found.parent_id])
        written = self._writes(found, self._merged(found, read.get(found.parent_id, [])))
        if sends := [value for _task, channel, value in written if channel == TASKS]:
            versions = checkpoint["channel_versions"]
            checkpoint["channel_values"][TASKS] = sends
            versions[TASKS] = max(versions.values()) if versions else self._next_version(None, None)

    _decoded = staticmethod(pruning.decoded)

    async def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint and return its config; raises `WriteConflict`."""
        place, parent_id = _place(config)
        checkpoint_id = inputs.identifier("checkpoint_id", checkpoint["id"], empty=False)
        parent_id = inputs.optional_identifier("checkpoint_id", parent_id)
        described = get_serializable_checkpoint_metadata(config, metadata)
        run_id = described.get("run_id")
        branch = False
        for _ in range(_ATTEMPTS):
            here, channels = await self._before(place, checkpoint_id, parent_id)
            _here, segments = self._cache.segments(place)
            packed = checkpoints.pack(
                self._codec, checkpoint, described, new_versions, channels, segments, branch=branch
            )
            row = {
                "checkpoint_id": checkpoint_id,
                "parent_checkpoint_id": parent_id,
                "run_digest": None if run_id is None else rows.digest(str(run_id)),
                "segments": packed.segments,
                "body": packed.body,
                "created_at": datetime.now(UTC),
            }
            try:
                stored = await self._added(Addition(here, checkpoints=[row], runs=packed.runs))
            except KeyTaken:
                branch = True
                continue
            if stored is not None:
                self._cache.remember(stored, checkpoint_id, packed.channels, self._cache.grown(stored, packed.opened))
                return _config(stored, checkpoint_id)
            self._cache.forget(place)
        raise _conflict(place)

    async def _added(self, addition: Addition) -> Namespace | None:
        """Store an addition, in a batch or alone; None if the namespace is no longer the one in memory."""
        database, context, stored = self._database, self._context, None
        if additions.can_be_shared(context, addition):
            stored = await database.run(additions.add, context, addition)
        return stored or await database.run(additions.add_alone, context, addition)

    async def _before(self, place: Namespace, checkpoint_id: str, parent_id: str | None) -> tuple[Namespace, Channels]:
        """Return the namespace and the channels to build on: the checkpoint's own if it is in memory, else its
        parent's.
        """
        here, channels = self._cache.find(place, checkpoint_id, parent_id)
        if channels is not None or parent_id is None:
            return here, channels or {}
        found = await self._database.run(rows.get, self._context, place, parent_id)
        if found is None:
            return here, {}
        header = pruning.header(self._codec, found)
        self._cache.remember(found.namespace, parent_id, header.channels, {})
        return found.namespace, header.channels

    async def add_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str
    ) -> None:
        """Store a task's writes; raises `WriteConflict`."""
        place, checkpoint_id = _place(config)
        wanted = inputs.identifier("checkpoint_id", checkpoint_id, empty=False)
        if not writes:
            return
        bodies = pack_writes(self._codec, writes, task_id, task_path)
        for _ in range(_ATTEMPTS):
            here, gone = self._cache.take_superseded(place, wanted)
            added = Addition(here, writes=[(wanted, body) for body in bodies], superseded=gone)
            if await self._added(added) is not None:
                return
            self._cache.forget(place)
        raise _conflict(place)

    async def pages(
        self, config: RunnableConfig | None, wanted: dict[str, Any], before: RunnableConfig | None, limit: int | None
    ) -> AsyncIterator[Page]:
        """Iterate over pages of checkpoints, the greatest id first."""
        where: Namespace | str | None = None
        checkpoint_id = None
        if config is not None:
            place, checkpoint_id = _place(config)
            where = place.thread_id if config["configurable"].get("checkpoint_ns") is None else place
        earlier = None if before is None else _sought("before", before["configurable"].get("checkpoint_id"))
        harmed: dict[str, UnreadableCheckpoint] = {}
        after: tuple[str, int] | None = None
        left = limit
        while (left is None or left > 0) and not (harmed and where is not None):
            size = _PAGE if left is None or wanted else min(left, _PAGE)
            page = await self._database.run(listing.page, self._context, where, checkpoint_id, earlier, after, size)
            items = [(found, head) for found, head in self.headers(page) if _matches(head, wanted)]
            while items and (left is None or left > 0):  # again where some of them gave nothing
                cut = len(items) if left is None else left
                tuples = _unharmed(await self.complete(items[:cut]), harmed)
                if tuples:
                    yield tuples
                items = items[cut:]
                left = None if left is None else left - len(tuples)
            if len(page) < size:
                break
            assert page[-1].namespace.id is not None  # it was read
            after = (page[-1].checkpoint_id, page[-1].namespace.id)
        for error in harmed.values():
            raise error

    def headers(self, page: Sequence[Found]) -> list[tuple[Found, Header | UnreadableCheckpoint]]:
        """Return checkpoints with their headers, or with the error of reading them."""
        return [(found, _or_error(lambda found=found: pruning.header(self._codec, found))) for found in page]  # type: ignore[misc]

    async def complete(
        self, page: Sequence[tuple[Found, Header | UnreadableCheckpoint]]
    ) -> list[CheckpointTuple | UnreadableCheckpoint]:
        """Return checkpoints with their values and writes, or the errors; those removed meanwhile are left out.

        Where anything was removed since they were read, each is read again, in one statement.
        """
        read = await self._read(page)
        completed: list[CheckpointTuple | UnreadableCheckpoint] = []
        for found, header in page:
            if isinstance(header, UnreadableCheckpoint):
                completed.append(header)
                continue
            assert found.namespace.id is not None  # it was read
            runs_read, generation, written = read[found.namespace.id]
            try:
                if generation == found.namespace.generation:
                    merged = self._merged(found, written.get(found.checkpoint_id, []))
                    completed.append(await self._tuple(found, header, runs_read, merged))
                elif again := await self.get(_config(found.namespace, found.checkpoint_id)):
                    completed.append(again)
            except UnreadableCheckpoint as error:
                completed.append(error)
        return completed

    async def _read(
        self, page: Sequence[tuple[Found, Header | UnreadableCheckpoint]]
    ) -> dict[int, tuple[Runs, int | None, dict[str, list[Written]]]]:
        """Return the runs, the generation after they were read, and the writes of a page, by namespace."""
        by_namespace: dict[Namespace, list[tuple[Found, Header]]] = {}
        for found, header in page:
            if isinstance(header, Header):
                by_namespace.setdefault(found.namespace, []).append((found, header))
        read: dict[int, tuple[Runs, int | None, dict[str, list[Written]]]] = {}
        for namespace, items in by_namespace.items():
            assert namespace.id is not None  # it was read
            last: dict[int, int] = {}
            for _found, header in items:
                for channel in header.channels.values():
                    for segment, position in channel.pieces:
                        last[segment] = max(position, last.get(segment, 0))
            here, known = self._cache.segments(namespace)
            known = known if here == namespace else {}
            positions = {number: len(segment) - 1 for number, segment in known.items()}
            ids = (items[-1][0].checkpoint_id, items[0][0].checkpoint_id)
            belonging = await self._database.run(listing.belonging, self._context, namespace.id, last, positions, ids)
            read[namespace.id] = (Runs(self._codec, belonging.runs, known), belonging.generation, belonging.writes)
        return read

    async def delete_thread(self, thread_id: str) -> Removed:
        """Delete everything that a thread's graphs have stored."""
        return await self._database.run(removal.remove_thread, self._context, str(thread_id))

    async def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy everything that a thread's graphs have stored; raises `ThreadExists`."""
        source, target = str(source_thread_id), str(target_thread_id)
        await self._database.run(removal.copy, self._context, source, target)

    async def delete_for_runs(self, run_ids: Sequence[str]) -> Removed:
        """Delete the checkpoints of runs, except those that others need."""
        return await pruning.remove_runs(self._database, self._codec, [str(run_id) for run_id in run_ids])

    async def prune(self, thread_ids: Sequence[str], strategy: str) -> Removed:
        """Delete all but the latest checkpoints of threads, or everything."""
        ids = [str(thread_id) for thread_id in thread_ids]
        if strategy == "keep_latest":
            return await pruning.keep_latest(self._database, self._codec, ids)
        if strategy != "delete":
            raise InvalidInput("strategy", f'must be "keep_latest" or "delete", not {strategy!r}')
        removed = Removed()
        for thread_id in ids:
            removed += await self.delete_thread(thread_id)
        return removed


def _or_error(decode: Callable[[], _R]) -> _R | UnreadableCheckpoint:
    try:
        return decode()
    except UnreadableCheckpoint as error:
        return error


def _matches(header: Header | UnreadableCheckpoint, wanted: dict[str, Any]) -> bool:
    """Return whether the metadata has these items; true if it cannot be read, so that the error is seen."""
    return isinstance(header, UnreadableCheckpoint) or wanted.items() <= header.metadata.items()


def _unharmed(found: Sequence[CheckpointTuple | UnreadableCheckpoint], harmed: dict[str, UnreadableCheckpoint]) -> Page:
    """Return the checkpoints that can be read, except those of a thread with a newer one that cannot.

    An older checkpoint could be taken for the newer one.
    """
    tuples: Page = []
    for one in found:
        if isinstance(one, UnreadableCheckpoint):
            harmed.setdefault(one.thread_id, one)
        elif one.config["configurable"]["thread_id"] not in harmed:
            tuples.append(one)
    return tuples


def _place(config: RunnableConfig) -> tuple[Namespace, str | None]:
    """Return the namespace and the checkpoint id that a config names.

    Raises `KeyError` if it names no thread, and `InvalidInput` for an id that cannot be stored.
    """
    configurable: Mapping[str, Any] = config["configurable"]
    if configurable["thread_id"] is None:
        raise KeyError("thread_id")
    place = Namespace(str(configurable["thread_id"]), configurable.get("checkpoint_ns") or "")
    return place, _sought("checkpoint_id", configurable.get("checkpoint_id"))


def _sought(field: str, checkpoint_id: Any) -> str | None:
    """Return an id, or None; LangGraph's savers treat an empty id as none."""
    return inputs.sought_identifier(field, checkpoint_id) if checkpoint_id not in (None, "") else None


def _config(place: Namespace, checkpoint_id: str) -> RunnableConfig:
    named = {"thread_id": place.thread_id, "checkpoint_ns": place.checkpoint_ns, "checkpoint_id": checkpoint_id}
    return {"configurable": named}


def _conflict(place: Namespace) -> WriteConflict:
    where = f"thread {place.thread_id!r}, namespace {place.checkpoint_ns!r}"
    return WriteConflict(_ATTEMPTS, f"other calls removed or added checkpoints of {where}")
