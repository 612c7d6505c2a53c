"""LangGraph checkpoints as a running graph makes them, for the tests of the saver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from sqlalchemy import func, select

from agentomatic_sql import SQLAlchemyStore

LONG = "a long text, so that it stands in a row of its own and not within the checkpoint: " * 3


def config(thread_id: Any = "t", namespace: str = "", checkpoint_id: str | None = None, **more: Any) -> RunnableConfig:
    """Return the config of a checkpoint, or of the latest."""
    named = {"thread_id": thread_id, "checkpoint_ns": namespace, **more}
    return {"configurable": named if checkpoint_id is None else named | {"checkpoint_id": checkpoint_id}}


def checkpoint(
    values: Mapping[str, Any],
    versions: Mapping[str, Any],
    *,
    checkpoint_id: str | None = None,
    v: int = 4,
    seen: Mapping[str, Any] | None = None,
) -> Checkpoint:
    """A checkpoint with these values and versions."""
    made: Any = {
        "v": v,
        "id": checkpoint_id or str(uuid6()),
        "ts": datetime.now(UTC).isoformat(),
        "channel_values": dict(values),
        "channel_versions": dict(versions),
        "versions_seen": {} if seen is None else seen,
        "updated_channels": sorted(values),
    }
    return made  # type: ignore[no-any-return]


async def put(
    saver: BaseCheckpointSaver[Any],
    where: RunnableConfig,
    values: Mapping[str, Any],
    versions: Mapping[str, Any] | None = None,
    *,
    new: Sequence[str] | None = None,
    metadata: Mapping[str, Any] | None = None,
    **fields: Any,
) -> RunnableConfig:
    """Store a checkpoint after the one in `where`; every channel is new unless `new` names them."""
    versions = dict.fromkeys(values, "1") if versions is None else versions
    made = checkpoint(values, versions, **fields)
    changed = {name: versions[name] for name in (versions if new is None else new)}
    described: Any = {"source": "loop", "step": 1, "parents": {}, **(metadata or {})}
    return await saver.aput(where, made, described, changed)


async def grow(
    saver: BaseCheckpointSaver[Any],
    where: RunnableConfig,
    items: Sequence[Any],
    *,
    run_id: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> list[RunnableConfig]:
    """Store a checkpoint for each item, which is added to the list in the channel `messages`, the newest last."""
    made: list[RunnableConfig] = []
    found = await saver.aget_tuple(where)
    messages = list(found.checkpoint["channel_values"].get("messages", [])) if found else []
    version: Any = found.checkpoint["channel_versions"].get("messages") if found else None
    for step, item in enumerate(items):
        messages = [*messages, item]
        version = saver.get_next_version(version, None)
        values = {"messages": messages, **(more or {})}
        metadata: dict[str, Any] = {"source": "loop", "step": step}
        if run_id is not None:
            metadata["run_id"] = run_id
        where = await put(saver, where, values, dict.fromkeys(values, version), metadata=metadata)
        made.append(where)
    return made


async def go_on(saver: BaseCheckpointSaver[Any], items: Sequence[Any]) -> list[RunnableConfig]:
    """Grow the list of the thread `t` after its latest checkpoint, as a graph does that is invoked again."""
    found = await saver.aget_tuple(config())
    return await grow(saver, config() if found is None else found.config, items)


def id_of(where: RunnableConfig | CheckpointTuple) -> str:
    """The checkpoint's id."""
    named = where.config if isinstance(where, CheckpointTuple) else where
    return str(named["configurable"]["checkpoint_id"])


async def listed(saver: BaseCheckpointSaver[Any], where: RunnableConfig | None, **how: Any) -> list[str]:
    """The ids that `alist` gives."""
    return [id_of(found) async for found in saver.alist(where, **how)]


async def latest(saver: BaseCheckpointSaver[Any], where: RunnableConfig) -> CheckpointTuple:
    """The checkpoint, which is there."""
    found = await saver.aget_tuple(where)
    assert found is not None
    return found


def metadata(**items: Any) -> CheckpointMetadata:
    described: Any = {"source": "loop", "step": 0, "parents": {}, **items}
    return described  # type: ignore[no-any-return]


async def count(store: SQLAlchemyStore, table: Any) -> int:
    async with store.engine.connect() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def writes_of(saver: BaseCheckpointSaver[Any], where: RunnableConfig) -> list[Any]:
    return list((await latest(saver, where)).pending_writes or [])


def encrypting() -> EncryptedSerializer:
    """LangGraph's serializer with AES."""
    return EncryptedSerializer.from_pycryptodome_aes(key=b"sixteen byte key")
