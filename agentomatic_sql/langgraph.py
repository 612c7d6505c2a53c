"""LangGraph's checkpoint saver on the databases of this package: the extra `langgraph`.

from agentomatic_sql.langgraph import SQLAlchemySaver

async with SQLAlchemySaver("postgresql://app:secret@db/agents") as saver:
    graph = builder.compile(checkpointer=saver)
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_serializable_checkpoint_metadata,
)
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.types import TASKS
from sqlalchemy import URL

from . import graph_maintenance, graph_pruning, graph_state, graph_writes, graphs, inputs
from .errors import InvalidInput, StoreBusy, UnreadableCheckpoint
from .graph_codec import Codec
from .graph_maintenance import Removed
from .graph_state import Channels, Header, Run, Runs
from .graphs import Found, Namespace, PlaceTaken
from .portal import Portal
from .store import SQLAlchemyStore

_R = TypeVar("_R")

_ATTEMPTS = 10
_PAGE = 50
_REMEMBERED = 1000  # namespaces
_BRANCHES = 4  # checkpoints of a namespace


class SQLAlchemySaver(BaseCheckpointSaver[str]):
    """A checkpoint saver over a `SQLAlchemyStore`, whose engine, schema and migrations it shares, or over a URL.

    `options` are a store's, for a URL. `serde` is LangGraph's serializer or any other; with an `EncryptedSerializer`,
    each row is encrypted as a whole, and `strict` refuses rows that are not (`UnreadableCheckpoint`). The schema is
    made at the first use, or by `setup()`. Synchronous methods work from any thread but the event loop's own, where they
    raise `asyncio.InvalidStateError` as LangGraph's savers do. A config without `thread_id` is a `KeyError`, as there.

    Raises `InvalidURL` or `MissingDriver`; every method may raise `StoreClosed`, `StoreUnavailable`, `DatabaseError`,
    and those that read `UnreadableCheckpoint`.
    """

    def __init__(
        self,
        store: SQLAlchemyStore | str | URL,
        *,
        serde: SerializerProtocol | None = None,
        strict: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(serde=serde)
        self._owned = not isinstance(store, SQLAlchemyStore)
        if isinstance(store, SQLAlchemyStore):
            if options:
                raise InvalidInput(next(iter(options)), "belongs to the store: it is for a URL")
            self.store = store
        else:
            self.store = SQLAlchemyStore(store, **options)
        self._database = self.store._database
        self._strict = strict
        self._known = _Known()
        self._portal = Portal()
        with suppress(RuntimeError):  # no loop runs: who comes first chooses one
            self._portal.settle(asyncio.get_running_loop())

    # lifecycle

    async def asetup(self) -> None:
        """Make or check the schema, as the store's `initialize()` does."""
        await self._portal.call(self.store.initialize)

    def setup(self) -> None:
        """As `asetup`."""
        self._portal.wait(self.store.initialize)

    async def aclose(self) -> None:
        """Close the store, where the saver was made with a URL."""
        if self._owned:
            await self._portal.call(self.store.close)
        await asyncio.to_thread(self._portal.close)

    def close(self) -> None:
        """As `aclose`."""
        if self._owned:
            self._portal.wait(self.store.close)
        self._portal.close()

    async def __aenter__(self) -> Self:
        await self.asetup()
        return self

    async def __aexit__(self, *_raised: object) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        self.setup()
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    # what a running graph asks

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The checkpoint named in the config, or the one with the greatest id; None where there is none."""
        return await self._portal.call(lambda: self._get_tuple(config))

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """As `aget_tuple`."""
        return self._portal.wait(lambda: self._get_tuple(config))

    async def aput(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> RunnableConfig:
        """Store a checkpoint that follows the one in the config; the same id again is replaced."""
        return await self._portal.call(lambda: self._put(config, checkpoint, metadata, new_versions))

    def put(
        self, config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata, new_versions: ChannelVersions
    ) -> RunnableConfig:
        """As `aput`."""
        return self._portal.wait(lambda: self._put(config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Store a task's writes to the checkpoint in the config, which may be stored later.

        A special write (`WRITES_IDX_MAP`) replaces the one before it, any other is kept as it was first written.
        """
        await self._portal.call(lambda: self._put_writes(config, writes, task_id, task_path))

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """As `aput_writes`."""
        self._portal.wait(lambda: self._put_writes(config, writes, task_id, task_path))

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Checkpoints, the greatest id first: of a namespace, of a thread (no `checkpoint_ns`), or all (None).

        `filter` are items that the metadata has; `before` is compared with ids, whosever it is.
        """
        pages = self._pages(config, filter or {}, before, inputs.optional_count("limit", limit))
        while page := await self._portal.call(lambda: anext(pages, None)):  # type: ignore[arg-type]
            for found in page:
                yield found

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> Iterator[CheckpointTuple]:
        """As `alist`."""
        pages = self._pages(config, filter or {}, before, inputs.optional_count("limit", limit))
        while page := self._portal.wait(lambda: anext(pages, None)):  # type: ignore[arg-type]
            yield from page

    def get_next_version(self, current: str | None, channel: None) -> str:
        """A version that sorts after `current` as text; two made of the same differ, so that branches do."""
        number = 0 if current is None else int(str(current).partition(".")[0])
        return f"{number + 1:032}.{random.randrange(10**16):016}"  # noqa: S311 - no secret

    # maintenance

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete all checkpoints and writes of a thread."""
        await self._portal.call(lambda: self._delete_thread(thread_id))

    def delete_thread(self, thread_id: str) -> None:
        """As `adelete_thread`."""
        self._portal.wait(lambda: self._delete_thread(thread_id))

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> Removed:  # type: ignore[override]
        """Delete the checkpoints of these runs and their writes, but for what others' delta channels still need.

        Returns how many rows were removed.
        """
        return await self._portal.call(lambda: self._delete_for_runs(run_ids))

    def delete_for_runs(self, run_ids: Sequence[str]) -> Removed:  # type: ignore[override]
        """As `adelete_for_runs`."""
        return self._portal.wait(lambda: self._delete_for_runs(run_ids))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy all checkpoints and writes of a thread, on the server; raises `ThreadExists` where the target has some."""
        await self._portal.call(lambda: self._copy_thread(source_thread_id, target_thread_id))

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """As `acopy_thread`."""
        self._portal.wait(lambda: self._copy_thread(source_thread_id, target_thread_id))

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> Removed:  # type: ignore[override]
        """Remove all but each namespace's latest checkpoint and what it needs; with "delete", everything.

        In batches, each a transaction; returns how many rows were removed, and logs it thread by thread.
        """
        return await self._portal.call(lambda: self._prune(thread_ids, strategy))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> Removed:  # type: ignore[override]
        """As `aprune`."""
        return self._portal.wait(lambda: self._prune(thread_ids, strategy))

    # the same for both kinds of callers

    @property
    def _codec(self) -> Codec:
        serde, codec = self.__dict__.get("_codec_of", (None, None))
        if codec is None or serde is not self.serde:  # with_allowlist gives a copy of the saver another
            codec = Codec(self.serde, strict=self._strict)
            self.__dict__["_codec_of"] = (self.serde, codec)
        return codec

    async def _get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        place, checkpoint_id = _place(config)
        found = await self._database.read(graphs.get, self._database.dialect, place, checkpoint_id or None)
        if found is None:
            return None
        header = graph_pruning.header(self._codec, found)
        self._known.remember(found.namespace, found.checkpoint_id, header.channels)
        return await self._tuple(found, header, Runs(self._codec, found.runs))

    async def _tuple(self, found: Found, header: Header, read: Runs) -> CheckpointTuple:
        checkpoint = header.checkpoint
        checkpoint["channel_values"] = {
            name: self._decoded(found, name, lambda channel=channel: read.value(channel))  # type: ignore[misc]
            for name, channel in header.channels.items()
        }
        if found.parent_id is not None and checkpoint["v"] < graph_pruning.SENDS_FORMAT:
            await self._take_sends(found, checkpoint)
        return CheckpointTuple(
            _config(found.namespace, found.checkpoint_id),
            checkpoint,  # type: ignore[arg-type]
            header.metadata,  # type: ignore[arg-type]
            None if found.parent_id is None else _config(found.namespace, found.parent_id),
            self._writes(found, found.writes),
        )

    def _writes(self, found: Found, bodies: Sequence[bytes]) -> list[tuple[str, str, Any]]:
        codec = self._codec
        merged = self._decoded(found, None, lambda: graph_writes.unpack(codec, bodies)) if bodies else []
        return [
            (
                write.task_id,
                write.channel,
                self._decoded(found, write.channel, lambda write=write: codec.loads(write.format, write.data)),  # type: ignore[misc]
            )
            for write in merged
        ]

    async def _take_sends(self, found: Found, checkpoint: dict[str, Any]) -> None:
        """Checkpoints before format 4 have their pending sends among their parent's writes."""
        assert found.namespace.id is not None and found.parent_id is not None  # it was read, and has a parent
        bodies = await self._database.read(graphs.writes, found.namespace.id, [found.parent_id])
        written = self._writes(found, bodies.get(found.parent_id, []))
        if sends := [value for _task, channel, value in written if channel == TASKS]:
            versions = checkpoint["channel_versions"]
            checkpoint["channel_values"][TASKS] = sends
            versions[TASKS] = max(versions.values()) if versions else self.get_next_version(None, None)

    def _decoded(self, found: Found, channel: str | None, decode: Callable[[], _R]) -> _R:
        try:
            return decode()
        except Exception as error:  # noqa: BLE001 - a serializer or a cipher of anyone's can raise anything
            place, reason = found.namespace, str(error) or type(error).__name__
            raise UnreadableCheckpoint(
                place.thread_id, place.checkpoint_ns, found.checkpoint_id, channel, reason
            ) from error

    async def _put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        place, parent_id = _place(config)
        checkpoint_id = inputs.identifier("checkpoint_id", checkpoint["id"], empty=False)
        described = get_serializable_checkpoint_metadata(config, metadata)
        run_id = described.get("run_id")
        branch = False
        for _ in range(_ATTEMPTS):
            here, channels = await self._before(place, checkpoint_id, parent_id)
            packed = graph_state.pack(self._codec, checkpoint, described, new_versions, channels, branch=branch)
            row = {
                "checkpoint_id": checkpoint_id,
                "parent_checkpoint_id": inputs.optional_identifier("checkpoint_id", parent_id),
                "run_digest": None if run_id is None else graphs.digest(str(run_id)),
                "segments": packed.segments,
                "body": packed.body,
                "created_at": datetime.now(UTC),
            }
            try:
                stored = await self._database.repeatable(graphs.put, self._database.dialect, here, row, packed.runs)
            except PlaceTaken:
                branch = True
                continue
            if stored is not None:
                self._known.remember(stored, checkpoint_id, packed.channels)
                return _config(stored, checkpoint_id)
            self._known.forget(place)
        raise StoreBusy(_ATTEMPTS, "removed meanwhile")

    async def _before(
        self, place: Namespace, checkpoint_id: str, parent_id: str | None
    ) -> tuple[Namespace, Channels]:
        """The namespace and the channels that a checkpoint can build on, asked for where they are not known."""
        here, channels = self._known.find(place, checkpoint_id, parent_id)
        if channels is not None or parent_id is None:
            return here, channels or {}
        found = await self._database.read(graphs.get, self._database.dialect, place, parent_id)
        if found is None:
            return here, {}
        header = graph_pruning.header(self._codec, found)
        self._known.remember(found.namespace, parent_id, header.channels)
        return found.namespace, header.channels

    async def _put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str
    ) -> None:
        place, checkpoint_id = _place(config)
        wanted = inputs.identifier("checkpoint_id", checkpoint_id, empty=False)
        bodies = graph_writes.pack(self._codec, writes, task_id, task_path)
        for _ in range(_ATTEMPTS):
            here, _channels = self._known.find(place, wanted, None)
            stored = await self._database.repeatable(graphs.add_writes, self._database.dialect, here, wanted, bodies)
            if stored is not None:
                return
            self._known.forget(place)
        raise StoreBusy(_ATTEMPTS, "removed meanwhile")

    async def _pages(
        self, config: RunnableConfig | None, wanted: dict[str, Any], before: RunnableConfig | None, limit: int | None
    ) -> AsyncIterator[list[CheckpointTuple]]:
        where: Namespace | str | None = None
        checkpoint_id = None
        if config is not None:
            place, checkpoint_id = _place(config)
            where = place if "checkpoint_ns" in config["configurable"] else place.thread_id
        earlier = None if before is None else before["configurable"].get("checkpoint_id")
        after: tuple[str, int] | None = None
        left = limit
        while left is None or left > 0:
            size = _PAGE if left is None or wanted else min(left, _PAGE)
            page = await self._database.read(graphs.page, where, checkpoint_id or None, earlier, after, size)
            headers = [(found, graph_pruning.header(self._codec, found)) for found in page]
            matching = [(found, header) for found, header in headers if wanted.items() <= header.metadata.items()]
            if tuples := await self._complete(matching[:left]):
                yield tuples
            if len(page) < size:
                return
            left = None if left is None else left - len(tuples)
            assert page[-1].namespace.id is not None  # it was read
            after = (page[-1].checkpoint_id, page[-1].namespace.id)

    async def _complete(self, page: Sequence[tuple[Found, Header]]) -> list[CheckpointTuple]:
        """Checkpoints with their values and writes; those that were removed meanwhile are left out."""
        by_namespace: dict[int, list[tuple[Found, Header]]] = {}
        for found, header in page:
            assert found.namespace.id is not None  # it was read
            by_namespace.setdefault(found.namespace.id, []).append((found, header))
        read: dict[int, tuple[Runs, set[tuple[int, int]], dict[str, list[bytes]]]] = {}
        for namespace_id, items in by_namespace.items():
            last: dict[int, int] = {}
            for _found, header in items:
                for channel in header.channels.values():
                    for segment, position in channel.pieces:
                        last[segment] = max(position, last.get(segment, 0))
            runs: list[Run] = await self._database.read(graphs.runs, namespace_id, last)
            ids = [found.checkpoint_id for found, _ in items]
            written = await self._database.read(graphs.writes, namespace_id, ids)
            read[namespace_id] = (Runs(self._codec, runs), {run[:2] for run in runs}, written)
        tuples = []
        for found, header in page:
            assert found.namespace.id is not None  # it was read
            runs_read, there, written = read[found.namespace.id]
            ends = {piece for channel in header.channels.values() for piece in channel.pieces}
            if ends <= there:
                whole = found._replace(writes=written.get(found.checkpoint_id, []))
                tuples.append(await self._tuple(whole, header, runs_read))
            elif again := await self._get_tuple(_config(found.namespace, found.checkpoint_id)):
                tuples.append(again)
        return tuples

    async def _delete_thread(self, thread_id: str) -> None:
        await self._database.write(graph_maintenance.remove_thread, str(thread_id))

    async def _copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        await self._database.write(graph_maintenance.copy, str(source_thread_id), str(target_thread_id))

    async def _delete_for_runs(self, run_ids: Sequence[str]) -> Removed:
        return await graph_pruning.remove_runs(self._database, self._codec, [str(run_id) for run_id in run_ids])

    async def _prune(self, thread_ids: Sequence[str], strategy: str) -> Removed:
        ids = [str(thread_id) for thread_id in thread_ids]
        if strategy == "keep_latest":
            return await graph_pruning.keep_latest(self._database, self._codec, ids)
        if strategy != "delete":
            raise InvalidInput("strategy", f'must be "keep_latest" or "delete", not {strategy!r}')
        removed = Removed()
        for thread_id in ids:
            removed += await self._database.write(graph_maintenance.remove_thread, thread_id)
        return removed


class _Known:
    """What is known of the namespaces used last: their ids, and the channels of their newest checkpoints."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[str, str], tuple[Namespace, dict[str, Channels]]] = OrderedDict()

    def find(self, place: Namespace, checkpoint_id: str, parent_id: str | None) -> tuple[Namespace, Channels | None]:
        """The namespace as far as it is known, and the channels of a checkpoint or else of its parent."""
        with self._lock:
            here, channels = self._entries.get((place.thread_id, place.checkpoint_ns), (place, {}))
            return here, channels.get(checkpoint_id, channels.get(parent_id) if parent_id else None)

    def remember(self, here: Namespace, checkpoint_id: str, channels: Channels) -> None:
        """Remember a checkpoint's channels; what was known of another generation is not true any more."""
        key = (here.thread_id, here.checkpoint_ns)
        with self._lock:
            known, newest = self._entries.pop(key, (here, {}))
            if known != here:
                newest = {}
            newest.pop(checkpoint_id, None)
            newest[checkpoint_id] = channels
            if len(newest) > _BRANCHES:
                del newest[next(iter(newest))]
            self._entries[key] = (here, newest)
            if len(self._entries) > _REMEMBERED:
                self._entries.popitem(last=False)

    def forget(self, place: Namespace) -> None:
        with self._lock:
            self._entries.pop((place.thread_id, place.checkpoint_ns), None)


def _place(config: RunnableConfig) -> tuple[Namespace, str | None]:
    """The namespace and the checkpoint that a config names; a `KeyError` where it names no thread."""
    configurable: Mapping[str, Any] = config["configurable"]
    place = Namespace(str(configurable["thread_id"]), configurable.get("checkpoint_ns") or "")
    return place, configurable.get("checkpoint_id")


def _config(place: Namespace, checkpoint_id: str) -> RunnableConfig:
    named = {"thread_id": place.thread_id, "checkpoint_ns": place.checkpoint_ns, "checkpoint_id": checkpoint_id}
    return {"configurable": named}
