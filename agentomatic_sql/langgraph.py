"""LangGraph's checkpoint saver on the databases of this package: the extra `langgraph`.

from agentomatic_sql import SQLAlchemySaver

async with SQLAlchemySaver(url) as saver:
    graph = builder.compile(checkpointer=saver)

Importing it without the extra raises `MissingExtra`, an `ImportError` that names the extra.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from typing import Any, Self

from sqlalchemy import URL

from . import inputs
from .errors import InvalidInput, MissingExtra
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

    from .graphs.codec import codec
    from .graphs.known import Known
    from .graphs.removal import Removed
    from .graphs.storage import GraphStorage, Page
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in ("langchain_core", "langgraph", "ormsgpack", "zstandard"):
        raise  # it is not the extra that is missing
    raise MissingExtra(str(error.name), "langgraph") from error


class SQLAlchemySaver(BaseCheckpointSaver[str]):
    """A checkpoint saver over a `SQLAlchemyStore`, whose engine, schema and migrations it shares, or over a URL.

    `options` are a store's, for a URL. `serde` is LangGraph's serializer or any other; with an `EncryptedSerializer`,
    each row is encrypted as a whole, and `strict` refuses rows that are not (`UnreadableCheckpoint`); without one, a
    store with `encryption=` does the same by its own keys. The schema is
    made at the first use, or by `setup()`. Synchronous methods work from any thread but the event loop's own, where
    they raise `asyncio.InvalidStateError` as LangGraph's savers do; a config without `thread_id` is a `KeyError`, as
    there.

    Raises `InvalidURL` or `MissingDriver`; every method may raise `StoreClosed`, `StoreUnavailable`, `DatabaseError`,
    those that take a checkpoint's id `InvalidInput`, those that read `UnreadableCheckpoint`, and the synchronous ones
    `EventLoopEnded`. In a forked process, `ForkedProcess` where the parent has a SQLite file open.
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
        if isinstance(store, UserStore):
            raise InvalidInput("store", "is a user's view, and a graph's threads are no user's: give the store itself")
        self._owned = not isinstance(store, SQLAlchemyStore)
        if isinstance(store, SQLAlchemyStore):
            if options:
                raise InvalidInput(next(iter(options)), "belongs to the store: it is for a URL")
            self.store = store
        else:
            self.store = SQLAlchemyStore(store, **options)
        self._database = self.store._database
        self._strict = strict
        self._known = Known()
        self._portal = Portal(lambda: self._database.loop)
        self._stored: tuple[SerializerProtocol, GraphStorage] | None = None
        with suppress(RuntimeError):  # no loop runs: who comes first chooses one
            self._portal.settle(asyncio.get_running_loop())

    @classmethod
    def from_conn_string(
        cls, conn_string: str | URL, *, serde: SerializerProtocol | None = None, strict: bool = True, **options: Any
    ) -> Self:
        """Make a saver for a URL, under the name that LangGraph's own savers have for it.

        It is used in `with` or in `async with`: they make the schema, as `setup()` and `asetup()` do, and close the
        saver at the end. `options` are a store's. Raises `InvalidURL` or `MissingDriver`.
        """
        return cls(conn_string, serde=serde, strict=strict, **options)

    # lifecycle

    async def asetup(self) -> None:
        """Make or check the schema, as the store's `initialize()` does."""
        await self._portal.call(self.store.initialize)

    def setup(self) -> None:
        """As `asetup`."""
        self._portal.wait(self.store.initialize)

    async def aclose(self) -> None:
        """Close the store, where the saver was made with a URL; else give it back as it was."""
        if self._owned or self._portal.in_background:
            await self._portal.call(self._leave)
        await asyncio.to_thread(self._portal.close)

    def close(self) -> None:
        """As `aclose`."""
        if self._owned or self._portal.in_background:
            self._portal.wait(self._leave)
        self._portal.close()

    async def _leave(self) -> None:
        if self._owned:
            await self.store.close()
        else:  # connections that were made in the background loop are of no use after it
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
        try:
            self.setup()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    # what a running graph asks

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The checkpoint named in the config, or the one with the greatest id; None where there is none."""
        return await self._portal.call(lambda: self._storage.get(config))

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """As `aget_tuple`."""
        return self._portal.wait(lambda: self._storage.get(config))

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint that follows the one in the config; the same id again is replaced."""
        return await self._portal.call(lambda: self._storage.put(config, checkpoint, metadata, new_versions))

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """As `aput`."""
        return self._portal.wait(lambda: self._storage.put(config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Store a task's writes to the checkpoint in the config, which may be stored later.

        A special write (`WRITES_IDX_MAP`) replaces the one before it, any other is kept as it was first written.
        """
        await self._portal.call(lambda: self._storage.add_writes(config, writes, task_id, task_path))

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """As `aput_writes`."""
        self._portal.wait(lambda: self._storage.add_writes(config, writes, task_id, task_path))

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Checkpoints, the greatest id first: of a namespace, of a thread (no `checkpoint_ns`), or all (None).

        `filter` are items that the metadata has; `before` is compared with ids, whosever it is. Where one cannot be
        read, those before it are given, but none after it, which would pass for it, and then `UnreadableCheckpoint` is
        raised; in a listing of all threads, when all that can be read of the other threads has been given.
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
        """As `alist`."""
        pages = self._storage.pages(config, filter or {}, before, inputs.optional_count("limit", limit))
        while page := self._portal.wait(lambda: _next(pages)):
            yield from page

    def get_next_version(self, current: str | None, channel: None) -> str:
        """A version that sorts after `current` as text; two made of the same differ, so that branches do."""
        number = 0 if current is None else int(str(current).partition(".")[0])
        return f"{number + 1:032}.{random.randrange(10**16):016}"  # noqa: S311 - no secret

    # maintenance

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete all checkpoints and writes of a thread."""
        await self._portal.call(lambda: self._storage.delete_thread(thread_id))

    def delete_thread(self, thread_id: str) -> None:
        """As `adelete_thread`."""
        self._portal.wait(lambda: self._storage.delete_thread(thread_id))

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> Removed:  # type: ignore[override]
        """Delete the checkpoints of these runs and their writes, but for what others' delta channels still need.

        What stays for that is whole: what it needs stays as well. Returns how many rows were removed. Where what is
        needed cannot be read, nothing of that namespace is removed; `UnreadableCheckpoint` is raised when all others
        are done.
        """
        return await self._portal.call(lambda: self._storage.delete_for_runs(run_ids))

    def delete_for_runs(self, run_ids: Sequence[str]) -> Removed:  # type: ignore[override]
        """As `adelete_for_runs`."""
        return self._portal.wait(lambda: self._storage.delete_for_runs(run_ids))

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """Copy all checkpoints and writes of a thread, on the server.

        Raises `ThreadExists` where the target has some, which would be mixed with them.
        """
        await self._portal.call(lambda: self._storage.copy_thread(source_thread_id, target_thread_id))

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        """As `acopy_thread`."""
        self._portal.wait(lambda: self._storage.copy_thread(source_thread_id, target_thread_id))

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> Removed:  # type: ignore[override]
        """Remove all but each namespace's latest checkpoint and what it needs; with "delete", everything.

        What stays is whole: an ancestor that a delta channel needs keeps what its own delta channels need. With one
        delta channel that is back to its snapshot; with several, back to where their snapshots meet, which may be the
        beginning: the same `snapshot_frequency`, and writing them together, makes them meet.

        In batches, each a transaction; returns how many rows were removed, and logs it. Raises as `adelete_for_runs`.
        """
        return await self._portal.call(lambda: self._storage.prune(thread_ids, strategy))

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> Removed:  # type: ignore[override]
        """As `aprune`."""
        return self._portal.wait(lambda: self._storage.prune(thread_ids, strategy))

    @property
    def _storage(self) -> GraphStorage:
        if self._stored is None or self._stored[0] is not self.serde:  # with_allowlist gives a copy another
            sealed = codec(self.serde, self._database.sealing.encryption, strict=self._strict)
            self._stored = (self.serde, GraphStorage(self._database, sealed, self._known, self.get_next_version))
        return self._stored[1]


async def _next(pages: AsyncIterator[Page]) -> Page | None:
    return await anext(pages, None)
