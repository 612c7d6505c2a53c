"""Show a graph's checkpoints as records, as the store's own methods return them.

A value that JSON cannot hold is converted (a message becomes a dict) or shown as its `repr`. If a checkpoint cannot be
decoded (another cipher encrypted it, or the extra `langgraph` is not installed), the record's checkpoint is empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import jsontext, records
from ..context import Context
from ..database import Runner
from ..errors import InvalidInput, UnreadableCheckpoint
from ..records import Record
from . import listing
from .rows import Found, Namespace


async def page(
    database: Runner,
    context: Context,
    thread_id: str,
    checkpoint_ns: str,
    *,
    checkpoint_id: str | None = None,
    before: str | None = None,
    limit: int | None = None,
) -> list[Record]:
    """Return a graph's checkpoints, the greatest id first, without those hidden by one of the store's own."""
    place = Namespace(thread_id, checkpoint_ns)
    found = await database.run(listing.page, context, place, checkpoint_id, before, None, limit, place)
    if not found:
        return []
    try:
        read = await _read(database, context, found)
    except ImportError:
        read = {}
    return [_record(each, *read.get(each.checkpoint_id, ({}, {}))) for each in found]


async def _read(database: Runner, context: Context, page: Sequence[Found]) -> dict[str, tuple[Any, Any]]:
    """Return the checkpoints and metadata that can be decoded, by id."""
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    from .cache import NamespaceCache
    from .codec import codec
    from .storage import GraphStorage

    # Without allowed modules: showing a state must not call constructors that somebody wrote into it.
    encryption, serde = database.sealing.encryption, JsonPlusSerializer(allowed_msgpack_modules=None)
    opening = codec(serde, encryption, strict=encryption is not None)
    storage = GraphStorage(database, opening, NamespaceCache(), InMemorySaver().get_next_version, context)
    completed = await storage.complete(storage.headers(page))
    readable = [each for each in completed if not isinstance(each, UnreadableCheckpoint)]
    return {each.config["configurable"]["checkpoint_id"]: (each.checkpoint, each.metadata) for each in readable}


def _record(found: Found, checkpoint: Any, metadata: Any) -> Record:
    assert found.created_at is not None  # `listing.page` has read it
    return {
        "thread_id": found.namespace.thread_id,
        "checkpoint_ns": found.namespace.checkpoint_ns,
        "checkpoint_id": found.checkpoint_id,
        "parent_checkpoint_id": found.parent_id,
        "checkpoint": _json(checkpoint),
        "metadata": _json(metadata),
        "created_at": records.iso(found.created_at),
    }


def _json(value: Any) -> Any:
    try:
        return jsontext.decode(jsontext.encode("checkpoint", value))
    except InvalidInput:
        if isinstance(value, dict):
            return {str(key): _json(item) for key, item in value.items()}
        return [_json(item) for item in value] if isinstance(value, (list, tuple, set)) else repr(value)
