"""LangGraph's checkpoint saver on the databases of this package: the extra `langgraph`.

from agentomatic_sql import SQLAlchemySaver

async with SQLAlchemySaver(url) as saver:
    graph = builder.compile(checkpointer=saver)

Importing it without the extra raises `MissingExtra`, an `ImportError` that names the extra.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from . import inputs
from .errors import InvalidInput, MissingExtra
from .execution.engine import DatabaseUrl
from .execution.portal import Portal
from .store.sqlalchemy import SQLAlchemyStore, UserStore

try:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import (
        BaseCheckpointSaver,
        ChannelVersions,
        Checkpoint,
        CheckpointMetadata,
        CheckpointTuple,
    )
    from langgraph.checkpoint.serde.base import SerializerProtocol

    from .graphs.cache import NamespaceCache
    from .graphs.codec import codec
    from .graphs.configs import Page
    from .graphs.removal import Removed
    from .graphs.storage import GraphStorage
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("langchain_core", "langgraph", "ormsgpack", "zstandard"):
        raise  # it is not the extra that is missing
    raise MissingExtra(str(error.name), "langgraph") from error

if TYPE_CHECKING:
    from langgraph.checkpoint.base import DeltaChannelHistory


class SQLAlchemySaver(BaseCheckpointSaver[str]):
    """LangGraph's checkpoint saver on a `SQLAlchemyStore` or on a database of its own.

    store: a store, whose engine, schema and migrations the saver shares, or the URL of a database.
    serde: the serializer; LangGraph's own by default. With LangGraph's `EncryptedSerializer`, each row is encrypted as
        a whole. Without one, rows are encrypted with the keys of the store, if it has `encryption=`.
    strict: whether rows that are not encrypted are refused (`UnreadableCheckpoint`) when encryption is on.
    compress: whether rows are compressed, before they are encrypted. With False, an encrypted row's length does not
        tell how much a part of it is like the rest.
    options: arguments of `SQLAlchemyStore`, if `store` is a URL.

    The schema is made at the first use, or by `setup()`. Synchronous methods work in any thread except the event loop's
    own, where they raise `asyncio.InvalidStateError` as LangGraph's savers do. Within `with SQLAlchemySaver(url)` they
    work there too, and block it (a notebook's cell). A config without `thread_id` raises
    `KeyError`, as theirs do.

    Raises `InvalidURL`, `InvalidInput` or `MissingDriver`. Every method may raise `StoreClosed`, `StoreUnavailable` or
    `DatabaseError`; methods that take a checkpoint's id `InvalidInput`; methods that read `UnreadableCheckpoint`; the
    synchronous ones `EventLoopEnded`; and in a forked process whose parent has a SQLite file open, `ForkedProcess`.
    """

    def __init__(
        self,
        store: SQLAlchemyStore | DatabaseUrl,
        *,
        serde: SerializerProtocol | None = None,
        strict: bool = True,
        compress: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(serde=serde)
        if isinstance(store, UserStore):
            raise InvalidInput("store", "is a user's view, but a graph's threads belong to no user: give the store")
        self._owned = not isinstance(store, SQLAlchemyStore)
        if isinstance(store, SQLAlchemyStore):
            if options:
                raise InvalidInput(next(iter(options)), "is an argument of the store: it goes with a URL only")
            self.store = store
        else:
            self.store = SQLAlchemyStore(store, **options)
        self._database = self.store._database
        self._strict, self._compress = strict, compress
        self._cache = NamespaceCache()
        self._portal = Portal(lambda: self._database.loop)
        self._stored: tuple[SerializerProtocol, GraphStorage] | None = None
        with suppress(RuntimeError):  # no loop runs: the first call chooses one
            self._portal.settle(asyncio.get_running_loop())

    @classmethod
    def from_conn_string(
        cls, conn_string: DatabaseUrl, *, serde: SerializerProtocol | None = None, strict: bool = True, **options: Any
    ) -> Self:
        """Make a saver for a URL, under the name that LangGraph's own savers have for it.

        It is used in `with` or in `async with`: they make the schema, as `setup()` and `asetup()` do, and close the
        saver at the end. `options` are the saver's and a store's. Raises `InvalidURL` or `MissingDriver`.
        """
        return cls(conn_string, serde=serde, strict=strict, **options)

    # lifecycle

    async def asetup(self) -> None:
        """Upgrade or check the schema, as the store's `initialize()` does."""
        await self._portal.call(self.store.initialize)

    def setup(self) -> None:
        """Do what `asetup` does, from a thread without an event loop."""
        self._portal.wait(self.store.initialize)

    async def aclose(self) -> None:
        """Close the store if the saver was made with a URL.

        Otherwise the store stays open. If synchronous calls used a background loop, the pool's connections are closed.
        """
        if self._owned or self._portal.in_background:
            await self._portal.call(self._leave)
        await asyncio.to_thread(self._portal.close)

    def close(self) -> None:
        """Do what `aclose` does, from a thread without an event loop."""
        if self._owned or self._portal.in_background:
            self._portal.wait(self._leave)
        self._portal.close()

    async def _leave(self) -> None:
        if self._owned:
            await self.store.close()
        else:  # connections of the background loop cannot be used after it
            await self.store.engine.dispose()

    async def __aenter__(self) -> Self:
        try:
            await self.asetup()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(self, *_raised: object) -> None:
        await self.aclose()

    def __enter__(self) -> Self:
        self._portal.step_aside()  # a notebook runs an event loop in the thread that calls this
        try:
            self.setup()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    # calls of a running graph

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the checkpoint that the config names, or the one with the greatest id; None if there is none."""
        return await self._portal.call(lambda: self._storage.get(config))

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Do what `aget_tuple` does, from a thread without an event loop."""
        return self._portal.wait(lambda: self._storage.get(config))

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint whose parent is the one in the config; a checkpoint with the same id is replaced.

        Returns the config of the new checkpoint. Raises `WriteConflict` if others change the namespace during every
        attempt, and `ThreadNotFound` if the saver finds that the thread was deleted since it stored or read its
        checkpoints.
        """
        return await self._portal.call(lambda: self._storage.put(config, checkpoint, metadata, new_versions))

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Do what `aput` does, from a thread without an event loop."""
        return self._portal.wait(lambda: self._storage.put(config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Store a task's writes for the checkpoint in the config, which may itself be stored later.

        A special write (`WRITES_IDX_MAP`) replaces an earlier one; any other write is kept as it was first stored.
        Raises `WriteConflict` and `ThreadNotFound` as `aput` does.
        """
        await self._portal.call(lambda: self._storage.add_writes(config, writes, task_id, task_path))

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Do what `aput_writes` does, from a thread without an event loop."""
        self._portal.wait(lambda: self._storage.add_writes(config, writes, task_id, task_path))

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Iterate over checkpoints, the greatest id first.

        config: a namespace; a thread, without `checkpoint_ns`; or None for all threads.
        filter: items that the metadata must have.
        before: a config whose checkpoint id is compared; it need not exist.
        limit: how many checkpoints at most.

        If a checkpoint cannot be read, the newer ones are returned and then `UnreadableCheckpoint` is raised: an older
        one could be taken for it. In a listing of all threads, it is raised after the checkpoints of other threads.
        """
        pages = self._storage.pages(config, filter or {}, before, inputs.optional_count("limit", limit))
        while page := await self._portal.call(lambda: _next(pages)):
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
        """Do what `alist` does, from a thread without an event loop."""
        pages = self._storage.pages(config, filter or {}, before, inputs.optional_count("limit", limit))
        while page := self._portal.wait(lambda: _next(pages)):
            yield from page

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """Return for each channel the writes of the ancestors since the nearest one with a value, which is the `seed`.

        Reads many ancestors with one statement, where the base class has one for each.
        """
        return await self._portal.call(lambda: self._storage.delta_history(config, channels))

    def get_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        """Do what `aget_delta_channel_history` does, from a thread without an event loop."""
        return self._portal.wait(lambda: self._storage.delta_history(config, channels))

    def get_next_version(self, current: str | None, channel: None) -> str:
        """Return a version that sorts after `current` as text; two calls with the same version return different
        ones."""
        number = 0 if current is None else int(str(current).partition(".")[0])
        return f"{number + 1:032}.{random.randrange(10**16):016}"  # noqa: S311 - no secret

    # maintenance

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete all checkpoints and writes of a thread."""
        await self._portal.call(lambda: self._storage.delete_thread(thread_id))

    def delete_thread(self, thread_id: str) -> None:
        """Do what `adelete_thread` does, from a thread without an event loop."""
        self._portal.wait(lambda: self._storage.delete_thread(thread_id))

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> Removed:  # type: ignore[override]
        """Delete the checkpoints of these runs and their writes, except those that other runs' delta channels need.

        A checkpoint that is kept is complete: what it needs is kept as well. Returns how many rows were removed. If a
        checkpoint cannot be read, nothing of its namespace is removed, and `UnreadableCheckpoint` is raised in the end.
        """
        return await self._portal.call(lambda: self._storage.delete_for_runs(run_ids))

    def delete_for_runs(self, run_ids: Sequence[str]) -> Removed:  # type: ignore[override]
        """Do what `adelete_for_runs` does, from a thread without an event loop."""
        return self._portal.wait(lambda: self._storage.delete_for_runs(run_ids))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy all checkpoints and writes of a thread. The server copies the rows itself, unless the store's keys
        encrypt them: then they are decrypted and encrypted again.

        Raises `ThreadExists` if the target has checkpoints, which would be mixed with the copies.
        """
        await self._portal.call(lambda: self._storage.copy_thread(source_thread_id, target_thread_id))

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Do what `acopy_thread` does, from a thread without an event loop."""
        self._portal.wait(lambda: self._storage.copy_thread(source_thread_id, target_thread_id))

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> Removed:  # type: ignore[override]
        """Delete all checkpoints but the latest of each namespace and what it needs; with "delete" or "delete_all",
        everything.

        A checkpoint that is kept is complete: an ancestor that a delta channel needs is kept with what its own delta
        channels need. With one delta channel, that goes back to its snapshot. With several, it goes back to a
        checkpoint with snapshots of all of them, which may be the first: give them the same `snapshot_frequency` and
        write them together.

        Works in batches, each a transaction. Returns how many rows were removed, and logs it. Raises `InvalidInput`
        for another strategy, `NotAList` for a single id that is not in a list, and `UnreadableCheckpoint` as
        `adelete_for_runs` does.
        """
        return await self._portal.call(lambda: self._storage.prune(thread_ids, strategy))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> Removed:  # type: ignore[override]
        """Do what `aprune` does, from a thread without an event loop."""
        return self._portal.wait(lambda: self._storage.prune(thread_ids, strategy))

    @property
    def _storage(self) -> GraphStorage:
        if self._stored is None or self._stored[0] is not self.serde:  # with_allowlist gives a copy another
            keys, how = self._database.sealing.encryption, {"strict": self._strict, "compress": self._compress}
            sealed = codec(self.serde, keys, **how)
            self._stored = (self.serde, GraphStorage(self._database, sealed, self._cache, self.get_next_version))
        return self._stored[1]


async def _next(pages: AsyncIterator[Page]) -> Page | None:
    return await anext(pages, None)
