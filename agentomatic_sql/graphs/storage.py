"""`GraphStorage`: stores and reads LangGraph's checkpoints, for both the async and the sync methods of a saver.

Needs the extra `langgraph`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_serializable_checkpoint_metadata,
)
from langgraph.checkpoint.serde.types import TASKS

from .. import inputs, tokens
from ..context import Context
from ..database import Runner
from ..errors import InvalidInput, KeyTaken, ThreadNotFound, UnreadableCheckpoint
from ..execution.deadlines import Deadline
from . import additions, checkpoints, deltas, listing, pruning, removal, rows
from .cache import Known, NamespaceCache
from .checkpoints import Header
from .codec import Codec
from .configs import Page, config_of, conflict, matches, or_error, place_of, sought, text_of, unharmed
from .listing import State
from .removal import Removed
from .rows import Found, Namespace, Written
from .runs import Runs, beginnings, last_positions
from .targets import Addition
from .writes import Merged
from .writes import merge as merge_writes
from .writes import pack as pack_writes

if TYPE_CHECKING:
    from langgraph.checkpoint.base import DeltaChannelHistory

_ATTEMPTS = 10
_CONDITIONAL = 4
"""After so many attempts, a checkpoint is stored whole: then it does not matter what others store meanwhile."""
_PAGE = 50


class GraphStorage:
    """The checkpoints of graphs in one database, read and written with one serializer.

    next_version: makes the first version of a channel, for checkpoints of an old format.
    context: the user whose checkpoints are read, in a user's view; without one, every user's.
    """

    def __init__(
        self,
        database: Runner,
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
        with self._database.call() as call:
            return await self._get(call, *place_of(config))

    async def _get(self, call: Deadline, place: Namespace, checkpoint_id: str | None) -> CheckpointTuple | None:
        here, known = self._cache.segments(place)
        positions = {number: len(segment) - 1 for number, segment in known.items()}
        found = await self._database.run_in(call, rows.get, self._context, place, checkpoint_id, positions)
        if found is None:
            if checkpoint_id is None:  # there is nothing any more
                self._cache.forget(place)
                self._cache.start(place)
            return None
        self._cache.start(place)
        header = pruning.header(self._codec, found)
        read = Runs(self._codec, found.namespace, found.runs, known)
        if known and found.namespace != here:
            # Somebody else has added or removed a checkpoint, or the database was restored.
            begun = beginnings(known, last_positions(header.channels.values()))
            read = Runs(self._codec, found.namespace, found.runs, begun)
            if not read.are_of(header.channels.values()):
                self._cache.forget(place)
                return await self._get(call, place, checkpoint_id)
        merged = self._merged(found, found.checkpoint_id, found.writes)
        tuple_ = await self._tuple(found, header, read, merged)
        self._cache.read(here, found.namespace, found.checkpoint_id, header.channels, read.segments, merged.superseded)
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
            config_of(found.namespace, found.checkpoint_id),
            checkpoint,  # type: ignore[arg-type]
            header.metadata,  # type: ignore[arg-type]
            None if found.parent_id is None else config_of(found.namespace, found.parent_id),
            self._writes(found, merged),
        )

    def _merged(self, found: Found, checkpoint_id: str, rows: Sequence[Written]) -> Merged:
        """Merge the writes of a checkpoint, which is needed for the one that was found."""
        return self._decoded(found, None, lambda: merge_writes(self._codec, found.namespace, checkpoint_id, rows))

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
        assert found.parent_id is not None
        read = await self._database.run(rows.writes, self._context, found.namespace, [found.parent_id])
        written = self._writes(found, self._merged(found, found.parent_id, read.get(found.parent_id, [])))
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
        """Store a checkpoint and return its config; raises `WriteConflict` or `ThreadNotFound`."""
        place, parent_id = place_of(config)
        checkpoint_id = inputs.identifier("checkpoint_id", checkpoint["id"], empty=False)
        parent_id = inputs.optional_identifier("checkpoint_id", parent_id)
        described = get_serializable_checkpoint_metadata(config, metadata)
        branch, parents_id = False, None
        with self._database.call() as call:
            for attempt in range(_ATTEMPTS):
                self._refuse_deleted(place, begins=parent_id is None)
                here, channels, segments = await self._before(call, place, checkpoint_id, parent_id, again=attempt > 0)
                if parents_id not in (None, here.id):
                    raise ThreadNotFound(place.thread_id)
                parents_id = here.id if channels is not None and parent_id is not None else parents_id
                free = attempt >= _CONDITIONAL and checkpoints.is_whole(checkpoint, channels)
                packed = checkpoints.pack(
                    self._codec,
                    place,
                    checkpoint_id,
                    checkpoint,
                    described,
                    new_versions,
                    {} if free else channels or {},
                    segments,
                    branch=branch,
                )
                row = packed.row(checkpoint_id, parent_id, described, datetime.now(UTC))
                try:
                    stored = await self._added(
                        call, Addition(here, tokens.new_token(), checkpoints=[row], runs=packed.runs, free=free)
                    )
                except KeyTaken:
                    branch = True
                    continue
                if stored is not None:
                    before = place if free else here
                    self._cache.stored(before, stored, checkpoint_id, packed.channels, packed.opened)
                    return config_of(stored, checkpoint_id)
        raise conflict(place, _ATTEMPTS)

    async def _added(self, call: Deadline, addition: Addition) -> Namespace | None:
        """Store an addition, in a batch or alone; None if the namespace is not, or no longer, as it is in memory.

        Then what is in memory is forgotten, and only where the namespace is now is remembered. If it is gone, its
        thread is marked as deleted.
        """
        database, context, place = self._database, self._context, addition.place
        creations, root = self._cache.creations, self._cache.root(place)
        if place.id is None:
            if await creations.ended(place):
                return None
            addition = addition._replace(root=root)
            with creations.running(place):
                stored = await database.run_in(call, additions.add_alone, context, addition)
                if isinstance(stored, Namespace):
                    self._cache.created(stored)
                    return stored
        else:
            stored = None
            if additions.can_be_shared(context, addition):
                stored = await database.run_in(call, additions.add, context, addition)
            if stored is None:
                stored = await database.run_in(call, additions.add_alone, context, addition)
        if isinstance(stored, Namespace):
            return stored
        known = [place] if root is None else [place, root]
        there, *_root = found = await database.run_in(call, rows.locate_all, context, known)
        if place.id in (None, there.id):
            self._cache.forget(place)
        for before, now in zip(known, found, strict=True):
            if before.id not in (None, now.id):
                self._cache.mark_deleted(before)
        if there.id is not None:  # else other calls would take it for a new one
            self._cache.created(there)
        return None

    def _refuse_deleted(self, place: Namespace, *, begins: bool = False) -> None:
        """Raise `ThreadNotFound` if the thread was deleted, unless this call `begins` it anew at its root."""
        if begins:
            self._cache.start(place)
        if self._cache.is_deleted(place):
            raise ThreadNotFound(place.thread_id)

    async def _before(
        self, call: Deadline, place: Namespace, checkpoint_id: str, parent_id: str | None, *, again: bool
    ) -> Known:
        """Return the namespace and the channels to build on: the checkpoint's own if it is in memory, else its
        parent's.

        A namespace of which nothing is known is taken for a new one, unless that was tried before (`again`).
        """
        known = self._cache.find(place, checkpoint_id, parent_id)
        if known.channels is not None:
            return known
        if parent_id is not None:
            found = await self._database.run_in(call, rows.get, self._context, place, parent_id)
            if found is not None:
                header = pruning.header(self._codec, found)
                self._cache.read(known.namespace, found.namespace, parent_id, header.channels, {})
                return Known(found.namespace, header.channels, {})
        if again and known.namespace.id is None:
            return Known(await self._database.run_in(call, rows.locate, self._context, place), None, {})
        return known

    async def add_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str
    ) -> None:
        """Store a task's writes; raises `WriteConflict` or `ThreadNotFound`."""
        place, checkpoint_id = place_of(config)
        wanted = inputs.identifier("checkpoint_id", checkpoint_id, empty=False)
        if not writes:
            return
        bodies = pack_writes(self._codec, place, wanted, writes, task_id, task_path)
        checkpoints_id = None
        with self._database.call() as call:
            for attempt in range(_ATTEMPTS):
                self._refuse_deleted(place)
                here, there, gone = self._cache.take_superseded(place, wanted)
                if attempt > 0 and here.id is None:
                    here = await self._database.run_in(call, rows.locate, self._context, place)
                if checkpoints_id not in (None, here.id):
                    raise ThreadNotFound(place.thread_id)
                checkpoints_id = here.id if there else checkpoints_id
                added = Addition(here, tokens.new_token(), writes=[(wanted, body) for body in bodies], superseded=gone)
                if await self._added(call, added) is not None:
                    return
        raise conflict(place, _ATTEMPTS)

    async def pages(
        self, config: RunnableConfig | None, wanted: dict[str, Any], before: RunnableConfig | None, limit: int | None
    ) -> AsyncIterator[Page]:
        """Iterate over pages of checkpoints, the greatest id first."""
        where: Namespace | str | None = None
        checkpoint_id = None
        if config is not None:
            place, checkpoint_id = place_of(config)
            where = place.thread_id if config["configurable"].get("checkpoint_ns") is None else place
        earlier = None if before is None else sought("before", before["configurable"].get("checkpoint_id"))
        harmed: dict[str, UnreadableCheckpoint] = {}
        after: tuple[str, int] | None = None
        left = limit
        while (left is None or left > 0) and not (harmed and where is not None):
            size = _PAGE if left is None or wanted else min(left, _PAGE)
            page = await self._database.run(listing.page, self._context, where, checkpoint_id, earlier, after, size)
            items = [(found, head) for found, head in self.headers(page) if matches(head, wanted)]
            while items and (left is None or left > 0):  # again where some of them gave nothing
                cut = len(items) if left is None else left
                tuples = unharmed(await self.complete(items[:cut]), harmed)
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
        return [(found, or_error(lambda found=found: pruning.header(self._codec, found))) for found in page]  # type: ignore[misc]

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
            runs_read, state, written = read[found.namespace]
            try:
                if state is State.SAME or (state is State.GROWN and runs_read.are_of(header.channels.values())):
                    merged = self._merged(found, found.checkpoint_id, written.get(found.checkpoint_id, []))
                    completed.append(await self._tuple(found, header, runs_read, merged))
                elif again := await self.get(config_of(found.namespace, found.checkpoint_id)):
                    completed.append(again)
            except UnreadableCheckpoint as error:
                completed.append(error)
        return completed

    async def _read(
        self, page: Sequence[tuple[Found, Header | UnreadableCheckpoint]]
    ) -> dict[Namespace, tuple[Runs, State, dict[str, list[Written]]]]:
        """Return the runs, what has happened since the page was read, and the writes of a page, by namespace."""
        by_namespace: dict[Namespace, list[tuple[Found, Header]]] = {}
        for found, header in page:
            if isinstance(header, Header):
                by_namespace.setdefault(found.namespace, []).append((found, header))
        read: dict[Namespace, tuple[Runs, State, dict[str, list[Written]]]] = {}
        for namespace, items in by_namespace.items():
            last = last_positions(channel for _found, header in items for channel in header.channels.values())
            here, known = self._cache.segments(namespace)
            known = known if here == namespace else {}
            positions = {number: len(segment) - 1 for number, segment in known.items()}
            ids = (items[-1][0].checkpoint_id, items[0][0].checkpoint_id)
            belonging = await self._database.run(listing.belonging, self._context, namespace, last, positions, ids)
            state = State.between(namespace, belonging.state)
            known = known if state is State.SAME else beginnings(known, last)
            read[namespace] = Runs(self._codec, namespace, belonging.runs, known), state, belonging.writes
        return read

    async def delta_history(self, config: RunnableConfig, channels: Sequence[str]) -> Mapping[str, DeltaChannelHistory]:
        """Return for each channel the writes of a checkpoint's ancestors since the nearest one that has a value of it.

        Raises `WriteConflict` if checkpoints are removed during every attempt.
        """
        place, checkpoint_id = place_of(config)
        names = inputs.listed("channels", channels, "names of channels")
        for _ in range(_ATTEMPTS):
            found = await deltas.history(
                self._database, self._context, self._codec, self.get, place, checkpoint_id, names
            )
            if found is not None:
                return found
        raise conflict(place, _ATTEMPTS)

    async def delete_thread(self, thread_id: str) -> Removed:
        """Delete everything that a thread's graphs have stored."""
        return await self._database.run(removal.remove_thread, self._context, text_of("thread_id", thread_id))

    async def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy everything that a thread's graphs have stored; raises `ThreadExists`."""
        source = text_of("source_thread_id", source_thread_id)
        target = text_of("target_thread_id", target_thread_id)
        await self._database.run(removal.copy, self._context, source, target, self._database.sealing.encryption)

    async def delete_for_runs(self, run_ids: Sequence[str]) -> Removed:
        """Delete the checkpoints of runs, except those that others need."""
        ids = [text_of("run_ids", run_id) for run_id in inputs.listed("run_ids", run_ids, "run ids")]
        return await pruning.remove_runs(self._database, self._codec, ids)

    async def prune(self, thread_ids: Sequence[str], strategy: str) -> Removed:
        """Delete all but the latest checkpoints of threads, or everything."""
        ids = [text_of("thread_ids", thread_id) for thread_id in inputs.listed("thread_ids", thread_ids, "thread ids")]
        if strategy == "keep_latest":
            return await pruning.keep_latest(self._database, self._codec, ids)
        if strategy not in ("delete", "delete_all"):  # the saver's word and that of LangGraph's server
            raise InvalidInput("strategy", f'must be "keep_latest", "delete" or "delete_all", not {strategy!r}')
        removed = Removed()
        for thread_id in ids:
            removed += await self.delete_thread(thread_id)
        return removed
