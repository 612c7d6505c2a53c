"""The yardstick: a saver by hand on asyncpg, a statement a call, that stores whole values as LangGraph's own does.

It does what a running graph asks (put, put_writes, get_tuple), lists, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any, Self

import asyncpg
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_serializable_checkpoint_metadata,
)
from langgraph.checkpoint.memory import InMemorySaver

TABLES = """
CREATE TABLE IF NOT EXISTS raw_checkpoints (
    thread_id text, checkpoint_ns text, checkpoint_id text, parent_id text,
    versions text, checkpoint bytea, metadata bytea,
    PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id));
CREATE TABLE IF NOT EXISTS raw_blobs (
    thread_id text, checkpoint_ns text, channel text, version text, type text, blob bytea,
    PRIMARY KEY (thread_id, checkpoint_ns, channel, version));
CREATE TABLE IF NOT EXISTS raw_writes (
    thread_id text, checkpoint_ns text, checkpoint_id text, task_id text, idx int, task_path text, channel text,
    type text, blob bytea, PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id, task_id, idx));
"""

PUT = """
WITH blobs AS (
    INSERT INTO raw_blobs
    SELECT $1, $2, b.channel, b.version, b.type, b.blob
    FROM unnest($8::text[], $9::text[], $10::text[], $11::bytea[]) AS b(channel, version, type, blob)
    ON CONFLICT DO NOTHING)
INSERT INTO raw_checkpoints VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id)
DO UPDATE SET versions = excluded.versions, checkpoint = excluded.checkpoint, metadata = excluded.metadata
"""

PUT_WRITES = """
INSERT INTO raw_writes
SELECT $1, $2, $3, $4, w.idx, $5, w.channel, w.type, w.blob
FROM unnest($6::int[], $7::text[], $8::text[], $9::bytea[]) AS w(idx, channel, type, blob)
ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
"""
KEEP, REPLACE = "DO NOTHING", "DO UPDATE SET channel = excluded.channel, type = excluded.type, blob = excluded.blob"

GET = """
SELECT c.checkpoint_id, c.parent_id, c.checkpoint, c.metadata, b.channels, b.types, b.blobs, w.written
FROM (SELECT * FROM raw_checkpoints WHERE thread_id = $1 AND checkpoint_ns = $2 {wanted}
      ORDER BY checkpoint_id DESC LIMIT {limit}) c
CROSS JOIN LATERAL (
    SELECT array_agg(b.channel) AS channels, array_agg(b.type) AS types, array_agg(b.blob) AS blobs
    FROM jsonb_each_text(c.versions::jsonb) v JOIN raw_blobs b
    ON b.thread_id = $1 AND b.checkpoint_ns = $2 AND b.channel = v.key AND b.version = v.value) b
CROSS JOIN LATERAL (
    SELECT array_agg((w.task_id, w.channel, w.type, w.blob) ORDER BY w.task_path, w.task_id, w.idx) AS written
    FROM raw_writes w WHERE w.thread_id = $1 AND w.checkpoint_ns = $2 AND w.checkpoint_id = c.checkpoint_id) w
"""
LATEST, EXACT = GET.format(wanted="", limit=1), GET.format(wanted="AND checkpoint_id = $3", limit=1)
LIST = GET.format(wanted="", limit="$3") + "ORDER BY c.checkpoint_id DESC"


class RawSaver(BaseCheckpointSaver[str]):
    """Whole values in bytea columns; the versions that a checkpoint reads stand beside it as JSON."""

    def __init__(self, url: str, connections: int) -> None:
        super().__init__()
        self._url = url
        self._connections = connections

    async def __aenter__(self) -> Self:
        async def no_reset(_connection: Any) -> None:  # a pool's reset would be a round trip more
            return None

        size = self._connections
        self._pool = await asyncpg.create_pool(self._url, min_size=size, max_size=size, reset=no_reset)
        await self._pool.execute(TABLES)
        return self

    async def __aexit__(self, *_raised: object) -> None:
        await self._pool.close()

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        here = config["configurable"]
        values = checkpoint["channel_values"]
        changed = {name: str(version) for name, version in new_versions.items() if name in values}
        dumped = [self.serde.dumps_typed(values[name]) for name in changed]
        without = {key: value for key, value in checkpoint.items() if key != "channel_values"}
        described = get_serializable_checkpoint_metadata(config, metadata)
        await self._pool.execute(
            PUT,
            here["thread_id"],
            here["checkpoint_ns"],
            checkpoint["id"],
            here.get("checkpoint_id"),
            json.dumps(checkpoint["channel_versions"]),
            self.serde.dumps_typed(without)[1],
            self.serde.dumps_typed(described)[1],
            list(changed),
            list(changed.values()),
            [format_ for format_, _ in dumped],
            [data for _, data in dumped],
        )
        named = {"thread_id": here["thread_id"], "checkpoint_ns": here["checkpoint_ns"]}
        return {"configurable": {**named, "checkpoint_id": checkpoint["id"]}}

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        here = config["configurable"]
        dumped = [self.serde.dumps_typed(value) for _, value in writes]
        special = all(channel in WRITES_IDX_MAP for channel, _ in writes)
        await self._pool.execute(
            PUT_WRITES + (REPLACE if special else KEEP),
            here["thread_id"],
            here["checkpoint_ns"],
            here["checkpoint_id"],
            task_id,
            task_path,
            [WRITES_IDX_MAP.get(channel, place) for place, (channel, _) in enumerate(writes)],
            [channel for channel, _ in writes],
            [format_ for format_, _ in dumped],
            [data for _, data in dumped],
        )

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        here = config["configurable"]
        thread_id, namespace, wanted = here["thread_id"], here.get("checkpoint_ns", ""), here.get("checkpoint_id")
        if wanted:
            row = await self._pool.fetchrow(EXACT, thread_id, namespace, wanted)
        else:
            row = await self._pool.fetchrow(LATEST, thread_id, namespace)
        return None if row is None else self._tuple(thread_id, namespace, row)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """The newest of a thread; no filter, no `before`."""
        here = (config or {})["configurable"]
        thread_id, namespace = here["thread_id"], here.get("checkpoint_ns", "")
        for row in await self._pool.fetch(LIST, thread_id, namespace, limit):
            yield self._tuple(thread_id, namespace, row)

    def _tuple(self, thread_id: str, namespace: str, row: Any) -> CheckpointTuple:
        checkpoint_id, parent_id, checkpoint, metadata, channels, types, blobs, written = row
        loads = self.serde.loads_typed
        restored = loads(("msgpack", checkpoint))
        stored = zip(channels or (), types or (), blobs or (), strict=True)
        restored["channel_values"] = {name: loads((format_, data)) for name, format_, data in stored}

        def named(id_: str) -> RunnableConfig:
            return {"configurable": {"thread_id": thread_id, "checkpoint_ns": namespace, "checkpoint_id": id_}}

        return CheckpointTuple(
            named(checkpoint_id),
            restored,
            loads(("msgpack", metadata)),
            named(parent_id) if parent_id else None,
            [(task_id, channel, loads((format_, data))) for task_id, channel, format_, data in written or ()],
        )

    def get_next_version(self, current: str | None, channel: None) -> str:
        return InMemorySaver().get_next_version(current, channel)
