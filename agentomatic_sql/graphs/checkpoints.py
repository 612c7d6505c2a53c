"""Pack a LangGraph checkpoint into rows and read it back: pure functions, without a database.

The checkpoint's own row holds everything but long values: those are cut into runs, rows of their own (see `runs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ..tables import GRAPH_CHECKPOINTS as C
from ..tables import GRAPH_VALUES as V
from . import format as stored
from .codec import Codec
from .rows import Namespace, Run, digest
from .runs import Channel, Channels, OpenedRun, Segment, cut

if TYPE_CHECKING:
    from langgraph.checkpoint.base import Checkpoint


class Packed(NamedTuple):
    """A checkpoint's rows."""

    channels: Channels
    segments: str
    body: bytes
    runs: list[Run]
    """The runs that this checkpoint adds."""
    opened: list[OpenedRun]
    """The runs of this checkpoint, not sealed."""

    def row(
        self, checkpoint_id: str, parent_id: str | None, metadata: Mapping[str, Any], created_at: datetime
    ) -> dict[str, Any]:
        """Return the checkpoint's own row, without its namespace's key."""
        run_id = metadata.get("run_id")
        return {
            "checkpoint_id": checkpoint_id,
            "parent_checkpoint_id": parent_id,
            "run_digest": None if run_id is None else digest(str(run_id)),
            "segments": self.segments,
            "body": self.body,
            "created_at": created_at,
        }


class Header(NamedTuple):
    """A checkpoint without its values."""

    checkpoint: dict[str, Any]
    metadata: dict[str, Any]
    channels: Channels


def pack(
    codec: Codec,
    place: Namespace,
    checkpoint_id: str,
    checkpoint: Mapping[str, Any],
    metadata: Mapping[str, Any],
    new_versions: Mapping[str, Any],
    known: Channels,
    segments: Mapping[int, Segment],
    *,
    branch: bool,
) -> Packed:
    """Return the rows of a checkpoint with this id, for this namespace.

    `known` are the channels of its parent, and `segments` the segments in memory that they read. With `branch`, new
    runs go into new segments: another checkpoint of the same parent has stored a run at the next position.
    """
    values = checkpoint["channel_values"]
    channels: dict[str, Channel] = {}
    added: list[OpenedRun] = []
    for name, version in checkpoint["channel_versions"].items():
        before = known.get(name)
        if name not in new_versions and before is not None and before.version == version:
            channels[name] = before
        elif name in values:
            channels[name], runs = cut(codec, values[name], version, before, segments, branch=branch)
            added += runs
    header = {key: value for key, value in checkpoint.items() if key != "channel_values"}
    fields = {name: channel.fields for name, channel in channels.items()}
    content = stored.pack_checkpoint(codec.dumps((header, dict(metadata))), fields)
    body = codec.seal(content, place.identity(C, checkpoint_id))
    pieces = [piece for channel in channels.values() for piece in channel.pieces]
    sealed = [
        Run(segment, position, codec.seal(data, place.identity(V, segment, position)))
        for segment, position, data in added
    ]
    return Packed(channels, stored.pack_segments(pieces), body, sealed, added)


def unpack(codec: Codec, place: Namespace, checkpoint_id: str, body: bytes) -> Header:
    """Return the checkpoint of this namespace that has this body, without its values."""
    header, fields = stored.unpack_checkpoint(codec.open(body, place.identity(C, checkpoint_id)))
    checkpoint, metadata = codec.loads(*header)
    versions = checkpoint["channel_versions"]
    channels = {name: Channel(versions.get(name), *described) for name, described in fields.items()}
    return Header(checkpoint, metadata, channels)


def is_whole(checkpoint: Checkpoint, channels: Channels | None) -> bool:
    """Return whether a checkpoint comes with the value of each channel that its parent has and it keeps."""
    kept = (channels or {}).keys() & checkpoint["channel_versions"].keys()
    return kept <= checkpoint["channel_values"].keys()
