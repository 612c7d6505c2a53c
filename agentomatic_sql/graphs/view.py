"""A graph's checkpoints as the records that a store's own methods give.

What a record cannot carry is shown as JSON's conversions make it (a message is a dict), else as its `repr`. What
cannot be decoded here (it is encrypted, or the extra `langgraph` is not installed) has an empty checkpoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import jsontext, records
from ..context import Context
from ..database import Database
from ..errors import InvalidInput, UnreadableCheckpoint
from ..records import Record
from . import listing as graph_listing
from .rows import Found, Namespace


async def page(
    database: Database,
    context: Context,
    thread_id: str,
    checkpoint_ns: str,
    *,
    checkpoint_id: str | None = None,
    before: str | None = None,
    limit: int | None = None,
) -> list[Record]:
    """A graph's checkpoints, the greatest id first, but for those whose id names one of the store's own."""
    place = Namespace(thread_id, checkpoint_ns)
    found = await database.run(graph_listing.page, context, place, checkpoint_id, before, None, limit, place)
    if not found:
        return []
    try:
        read = await _read(database, found)
    except ImportError:
        read = {}
    return [_record(one, *read.get(one.checkpoint_id, ({}, {}))) for one in found]


async def _read(database: Database, page: Sequence[Found]) -> dict[str, tuple[Any, Any]]:
    """The checkpoints and metadata that can be decoded, by id."""
    from langgraph.checkpoint.memory import InMemorySaver
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    from .codec import codec
    from .known import Known
    from .storage import GraphStorage

    # Strictly: to look at a state must not call what somebody else wrote into it.
    encryption, serde = database.sealing.encryption, JsonPlusSerializer(allowed_msgpack_modules=None)
    opening = codec(serde, encryption, strict=encryption is not None)
    storage = GraphStorage(database, opening, Known(), InMemorySaver().get_next_version)
    found = await storage.complete(storage.headers(page))
    readable = [one for one in found if not isinstance(one, UnreadableCheckpoint)]
    return {one.config["configurable"]["checkpoint_id"]: (one.checkpoint, one.metadata) for one in readable}


def _record(found: Found, checkpoint: Any, metadata: Any) -> Record:
    assert found.created_at is not None  # `graph_listing.page` read it
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
