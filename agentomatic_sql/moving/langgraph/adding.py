"""Add checkpoints of LangGraph's own savers to the graphs of a database of ours, in the form in which its saver stores.

Each namespace's checkpoints come in the order of their ids, so a parent comes before its children and a child stores
what it adds. A batch is a transaction. A checkpoint that is there already is left as it is.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple, TypeVar

from ... import inputs, tokens
from ...async_engine import AsyncConnection
from ...context import Context
from ...errors import KeyTaken, TransferFailed
from ...graphs import additions, checkpoints, rows, targets, writes
from ...graphs.codec import Codec, Serialized
from ...graphs.pruning import decoded, header
from ...graphs.rows import Found, Namespace, Run
from ...graphs.runs import Channels
from ...graphs.targets import Addition
from ...operations import query
from ...tables import GRAPH_CHECKPOINTS, GRAPH_NAMESPACES
from ..databases import Opened
from ..writing import rows_of
from .reading import ChannelVersion, Content, Key, Place, SaverSource, Write, WriteKey, by_size, version_text

_R = TypeVar("_R")

_ATTEMPTS = 10
_REMEMBERED = 32
"""How many checkpoints of a namespace are in memory for their children."""


@dataclass
class Tally:
    """Counts of the rows that were added so far, and of their bytes."""

    added: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("checkpoint", "value", "write"), 0))
    present: dict[str, int] = field(default_factory=lambda: {"checkpoint": 0})
    bytes_before: int = 0
    bytes_after: int = 0

    def add(self, addition: Addition, size: int, more: Mapping[str, int]) -> None:
        """Count what was stored: rows of the savers, their bytes, and the bytes here."""
        for name, count in more.items():
            self.added[name] += count
        self.bytes_before += size
        for row in addition.checkpoints:
            self.bytes_after += len(row["segments"])
        self.bytes_after += targets.size(addition)


class State(NamedTuple):
    """The state of a namespace in the database."""

    place: Namespace
    present: Collection[str]
    """Those of the checkpoints in question that it has."""


_NOTHING: Channels = {}


class Changed(Exception):
    """Others have changed or created a namespace meanwhile: look at it again."""


class Part(NamedTuple):
    """A checkpoint to add, with all that belongs to it."""

    content: Content
    values: Mapping[ChannelVersion, Serialized]
    """The separate values that its parent does not have."""
    separate: Collection[ChannelVersion]
    """The separate values that there are."""
    writes: Sequence[Write]


@query
async def states(
    connection: AsyncConnection, context: Context, wanted: Mapping[Place, Sequence[str]]
) -> Mapping[Place, State]:
    """Return what there is of some namespaces and checkpoints of them."""
    places = {place: Namespace(*place) for place in wanted}
    keys = {(place.thread_digest, place.key["digest"]): named for named, place in places.items()}
    names, more = ("thread_digest", "digest"), ("id", "generation", "epoch")
    ids: dict[tuple[int, int], Place] = {}
    for thread, digest, id_, *state in await rows_of(connection, context, GRAPH_NAMESPACES, names, sorted(keys), more):
        named = keys[thread, digest]
        places[named] = Namespace(*named, id_, *state)
        ids[thread, id_] = named
    looked_for = [
        (thread, id_, checkpoint_id) for (thread, id_), named in ids.items() for checkpoint_id in wanted[named]
    ]
    present: dict[Place, set[str]] = {named: set() for named in wanted}
    key = ("thread_digest", "namespace_id", "checkpoint_id")
    for thread, id_, checkpoint_id in await rows_of(connection, context, GRAPH_CHECKPOINTS, key, looked_for):
        present[ids[thread, id_]].add(checkpoint_id)
    return {named: State(place, present[named]) for named, place in places.items()}


async def add_page(
    source: SaverSource, one: Opened, codec: Codec, keys: Sequence[Key], last: NamespaceWriter | None, tally: Tally
) -> NamespaceWriter | None:
    """Add the checkpoints of a page that are missing, and writes that were added to a checkpoint since it was stored.

    Returns the writer of the last namespace, with which the next page may begin. Raises `TransferFailed`.
    """
    wanted: dict[Place, list[str]] = {}
    for key in keys:
        wanted.setdefault(key.place, []).append(inputs.identifier("checkpoint_id", key.checkpoint_id, empty=False))
    found = await one.run(states, wanted)
    for place, group in groupby(keys, key=lambda key: key.place):
        some, state = [*group], found[place]
        for _attempt in range(_ATTEMPTS):
            if last is None or (last.place.thread_id, last.place.checkpoint_ns) != place:
                last = NamespaceWriter(one, codec, state.place, tally)
            try:
                await _add_namespace(source, last, some, state.present)
                break
            except Changed:
                state, last = (await one.run(states, {place: wanted[place]}))[place], None
        else:
            raise TransferFailed(
                f"{one.where}: others change the graph in thread {place[0]!r}, namespace {place[1]!r}, all the time: "
                "stop them, and repeat the import"
            )
        tally.present["checkpoint"] += sum(key.checkpoint_id in state.present for key in some)
    return last


async def _add_namespace(
    source: SaverSource, writer: NamespaceWriter, keys: Sequence[Key], present: Collection[str]
) -> None:
    """Add writes that the checkpoints of a namespace have got since, then those that are missing. Raises `Changed`."""
    # A checkpoint can get writes after its child was stored, and the command can be killed at any moment. So every
    # checkpoint that is there is looked at, not only the last ones.
    there = [key.checkpoint_id for key in keys if key.checkpoint_id in present]
    written = await source.written(keys[0].place, there) if there else {}
    for ids in by_size([*written], [sum(sizes.values()) for sizes in written.values()]):
        if lacking := await writer.lacking({id_: written[id_] for id_ in ids}):
            await writer.add_new_writes(await source.writes(keys[0].place, lacking))
    async for contents in source.contents([key for key in keys if key.checkpoint_id not in present]):
        await _add_contents(source, writer, contents)


async def _add_contents(source: SaverSource, writer: NamespaceWriter, contents: Sequence[Content]) -> None:
    """Add checkpoints of one namespace with their values and writes, as much at a time as fits into memory."""
    place = contents[0].key.place
    if source.layout.shallow:
        for content in contents:
            content.checkpoint["pending_sends"] = await source.sends(place)
    sizes = await source.value_sizes(place, {pair for content in contents for pair in content.pairs})
    written = await source.write_sizes(place, [content.key.checkpoint_id for content in contents])
    needed = await writer.needed(contents, sizes)
    of_each = [
        content.size + written.get(content.key.checkpoint_id, 0) + sum(map(sizes.__getitem__, pairs))
        for content, pairs in zip(contents, needed, strict=True)
    ]
    for batch in by_size(contents, of_each):
        pairs = {pair for some in await writer.needed(batch, sizes) for pair in some}
        values = await source.values(batch[0].key, pairs)
        ids = [content.key.checkpoint_id for content in batch if content.key.checkpoint_id in written]
        writes_of = await source.writes(place, ids)
        parts = [Part(content, values, sizes, writes_of.get(content.key.checkpoint_id, ())) for content in batch]
        size = sum(content.size for content in batch) + sum(sizes[pair] for pair in pairs)
        await writer.add(parts, len(pairs), size + sum(written[id_] for id_ in ids))


class NamespaceWriter:
    """Adds checkpoints to one namespace, and remembers the last ones for their children."""

    def __init__(self, one: Opened, codec: Codec, place: Namespace, tally: Tally) -> None:
        self._one = one
        self._codec = codec
        self.place = place
        self.tally = tally
        self._known: OrderedDict[str, Channels] = OrderedDict()
        self._ends: dict[int, int] = {}
        """The last position of each segment to which something was added."""

    async def needed(
        self, contents: Sequence[Content], sizes: Mapping[ChannelVersion, int]
    ) -> Sequence[Sequence[ChannelVersion]]:
        """Return for each of some checkpoints the separate values that its parent does not have in this version.

        `sizes` are the sizes of the separate values that there are.
        """
        versions: dict[str | None, Mapping[str, Any]] = {}
        needed = []
        for content in contents:
            before = versions.get(content.key.parent_id)
            if before is None:
                before = _versions(await self._parent(content.key.parent_id))
            now = versions[content.key.checkpoint_id] = content.versions
            new = [name for name, version in now.items() if before.get(name) != version]
            needed.append([pair for name in new if (pair := (name, version_text(now[name]))) in sizes])
        return needed

    async def _parent(self, parent_id: str | None) -> Channels:
        """Return the channels of a checkpoint that is in memory or in the database; none if there is no such."""
        if parent_id is None:
            return _NOTHING
        known = self._known.get(parent_id)
        if known is None and self.place.id is not None:
            found = await self._one.run(rows.get, self.place, parent_id)
            known = _NOTHING if found is None else header(self._codec, found).channels
            self._known[parent_id] = known
        return _NOTHING if known is None else known

    async def add(self, parts: Sequence[Part], values: int, size: int) -> None:
        """Store checkpoints of the namespace together with their writes. Raises `Changed`.

        values: how many separate values they have.
        size: how many bytes the savers have for them.
        """
        ends = dict(self._ends)
        try:
            addition = await self._packed(parts, branch=False)
            stored = await self._one.run(additions.add_alone, addition)
        except KeyTaken:  # another child of the same parent was stored before this run of the command
            self._ends = ends
            addition = await self._packed(parts, branch=True)
            stored = await self._one.run(additions.add_alone, addition)
        if not isinstance(stored, Namespace):
            raise Changed
        self.place = stored
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        more = {"checkpoint": len(parts), "value": values, "write": sum(len(part.writes) for part in parts)}
        self.tally.add(addition, size, more)

    async def _packed(self, parts: Sequence[Part], *, branch: bool) -> Addition:
        saved: list[Mapping[str, Any]] = []
        runs: list[Run] = []
        written: list[tuple[str, bytes]] = []
        for part in parts:
            content, key = part.content, part.content.key
            parent_id = inputs.optional_identifier("checkpoint_id", key.parent_id)
            packed = self._pack(part, await self._parent(parent_id), branch=branch)
            self._known[key.checkpoint_id] = packed.channels
            self._known.move_to_end(key.checkpoint_id)
            for run in packed.runs:
                self._ends[run.segment] = run.position
            created_at = _time(content.checkpoint.get("ts"))
            saved.append(packed.row(key.checkpoint_id, parent_id, content.metadata, created_at))
            runs += packed.runs
            written += self._pack_writes(key.checkpoint_id, part.writes)
        return Addition(self.place, tokens.new_token(), checkpoints=saved, runs=runs, writes=written)

    def _pack(self, part: Part, parent: Channels, *, branch: bool) -> checkpoints.Packed:
        content = part.content
        values, new = dict(content.values), dict[str, Any]()
        before = _versions(parent)
        for name, version in content.versions.items():
            pair = name, version_text(version)
            if pair in part.values:
                values[name] = part.values[pair]
            elif pair in part.separate and before.get(name) == version:
                continue  # the parent's value is this one's
            new[name] = version
        whole = {"channel_versions": {}, **content.checkpoint, "channel_values": values}
        pack = partial(checkpoints.pack, self._codec, self.place, content.key.checkpoint_id)
        packed = pack(whole, content.metadata, new, parent, {}, branch=branch)
        if any(run.position <= self._ends.get(run.segment, -1) for run in packed.runs):
            packed = pack(whole, content.metadata, new, parent, {}, branch=True)
        return packed

    def _pack_writes(self, checkpoint_id: str, given: Iterable[Write]) -> list[tuple[str, bytes]]:
        return [
            (checkpoint_id, body)
            for (path, task_id), call in groupby(given, key=lambda write: (write.task_path, write.task_id))
            for body in writes.pack_serialized(
                self._codec, self.place, checkpoint_id, [write.fields for write in call], task_id, path
            )
        ]

    async def lacking(self, written: Mapping[str, Collection[WriteKey]]) -> Sequence[str]:
        """Return those of some checkpoints of which a write is missing."""
        read = await self._one.run(rows.writes, self.place, [*written])
        return [id_ for id_, keys in written.items() if not self._keys(id_, read.get(id_, ())).issuperset(keys)]

    async def add_new_writes(self, given: Mapping[str, Sequence[Write]]) -> None:
        """Store those of some checkpoints' writes that are missing; one that is there is never replaced.

        Raises `Changed`.
        """
        read = await self._one.run(rows.writes, self.place, [*given])
        missing = {id_: _missing(some, self._merged(id_, read.get(id_, ()))) for id_, some in given.items()}
        packed = [row for id_, some in missing.items() for row in self._pack_writes(id_, some)]
        if packed:
            addition = Addition(self.place, tokens.new_token(), writes=packed)
            stored = await self._one.run(additions.add_alone, addition)
            if not isinstance(stored, Namespace):
                raise Changed
            self.place = stored
            added = [write for some in missing.values() for write in some]
            self.tally.add(addition, sum(len(write.fields[3]) for write in added), {"write": len(added)})

    def _keys(self, checkpoint_id: str, read: Sequence[rows.Written]) -> set[WriteKey]:
        return self._decoded(checkpoint_id, lambda: writes.keys(self._codec, self.place, checkpoint_id, read))

    def _merged(self, checkpoint_id: str, read: Sequence[rows.Written]) -> Sequence[writes.Write]:
        return self._decoded(checkpoint_id, lambda: writes.merge(self._codec, self.place, checkpoint_id, read)).writes

    def _decoded(self, checkpoint_id: str, decode: Callable[[], _R]) -> _R:
        return decoded(Found(self.place, checkpoint_id, None, b"", [], []), None, decode)


def _missing(given: Sequence[Write], present: Sequence[writes.Write]) -> Sequence[Write]:
    """Return the writes of a checkpoint that are missing and go with those that are there.

    A question, its answers and errors belong together, as the results of a task do. If one of them is there with
    another value, the step went on here or in the source since, and the others of the source would not go with it.
    """
    there = {(write.task_id, write.idx): (write.format, write.data) for write in present}
    differing = {_together(write) for write in given if there.get(write.key, write.fields[2:]) != write.fields[2:]}
    return [write for write in given if write.key not in there and _together(write) not in differing]


def _together(write: Write) -> str | None:
    """Return the task whose results a write belongs to; None for a special write."""
    return None if write.fields[0] < 0 else write.task_id


def _versions(channels: Channels) -> Mapping[str, Any]:
    return {name: channel.version for name, channel in channels.items()}


def _time(given: Any) -> datetime:
    """Return the time of a checkpoint, in UTC; now if it has none."""
    with suppress(TypeError, ValueError):
        time = datetime.fromisoformat(given)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return datetime.now(UTC)
