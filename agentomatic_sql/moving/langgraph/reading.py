"""Read the checkpoints of LangGraph's own savers, namespace by namespace, a bounded number of bytes at a time.

Values and writes are passed on as they were serialized. So what the application's serializer makes of them is what it
made of them before, and their types need not be known here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import ormsgpack
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.encrypted import EncryptedSerializer
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.serde.types import TASKS
from sqlalchemy import Row, Select, func, select, tuple_

from ...async_engine import AsyncConnection
from ...dialects import Dialect
from ...errors import InvalidInput, TransferFailed, UnreadableCheckpoint
from ...graphs import format as stored
from ...graphs.codec import Codec, Serialized
from ...graphs.rows import batches
from ..reading import PAGE_BYTES
from .tables import Layout, as_text

_KEYS = 500
"""How many checkpoints are listed at a time."""

_EMPTY = "empty"
"""The type of a value that a channel does not have."""

_T = TypeVar("_T")
_R = TypeVar("_R")

Place = tuple[str, str]
"""A thread id and a namespace."""
ChannelVersion = tuple[str, str]
"""A channel and its version, as the savers name a value."""


class Key(NamedTuple):
    """A checkpoint without its content."""

    thread_id: str
    checkpoint_ns: str
    checkpoint_id: str
    parent_id: str | None

    @property
    def place(self) -> Place:
        """The namespace."""
        return self.thread_id, self.checkpoint_ns


class Content(NamedTuple):
    """A checkpoint's own row."""

    key: Key
    checkpoint: dict[str, Any]
    """The checkpoint without its values."""
    values: Mapping[str, Any]
    """The values that stand in the row itself."""
    metadata: dict[str, Any]
    size: int

    @property
    def versions(self) -> Mapping[str, Any]:
        """The versions of the channels."""
        return self.checkpoint.get("channel_versions") or {}

    @property
    def pairs(self) -> Iterator[ChannelVersion]:
        """The channels with their versions, as the table of values has them."""
        return ((name, version_text(version)) for name, version in self.versions.items())


def version_text(version: Any) -> str:
    """Return the version of a channel as it stands in a table."""
    return version if isinstance(version, str) else json.dumps(version)


WriteKey = tuple[str, int]
"""A task and the index of its write."""


class Write(NamedTuple):
    """A write of a task."""

    task_path: str
    task_id: str
    fields: stored.WriteFields

    @property
    def key(self) -> WriteKey:
        """The task and index, which no other write of its checkpoint has."""
        return self.task_id, self.fields[0]


class SaverSource:
    """A database of LangGraph's savers, as it was when it was opened."""

    def __init__(
        self,
        connection: AsyncConnection,
        dialect: Dialect,
        layout: Layout,
        serde: SerializerProtocol,
        codec: Codec,
        where: str,
    ) -> None:
        self._connection = connection
        self._dialect = dialect
        self.layout = layout
        self._serde = serde
        self._codec = codec
        self._where = where

    async def count(self) -> int:
        """Return how many checkpoints there are."""
        counting = select(func.count()).select_from(self.layout.checkpoints)
        return int((await self._connection.execute(counting)).scalar_one())

    async def keys(self) -> AsyncIterator[Sequence[Key]]:
        """Iterate over the checkpoints in the order of their namespaces and ids, some hundred at a time."""
        layout, columns = self.layout, self.layout.checkpoints.c
        names = [columns.thread_id, columns.checkpoint_ns, layout.checkpoint_id.label("id")]
        parent = layout.checkpoint_id if layout.shallow else columns.parent_checkpoint_id
        key = [column.label(f"key{place}") for place, column in enumerate(layout.key)]
        query = select(*names, parent.label("parent"), *key).order_by(*layout.key).limit(_KEYS)
        onwards: list[Any] = []
        while rows := (await self._connection.execute(query.where(*onwards))).all():
            yield [
                Key(thread_id, ns, id_, None if layout.shallow else parent_id or None)
                for thread_id, ns, id_, parent_id, *_key in rows
            ]
            onwards = [self._dialect.follows(layout.key, list(rows[-1][4:]))]

    async def contents(self, keys: Sequence[Key]) -> AsyncIterator[Sequence[Content]]:
        """Iterate over the rows of some checkpoints of one namespace, in their order, a few megabytes at a time."""
        if not keys:
            return
        columns, id_ = self.layout.checkpoints.c, self.layout.checkpoint_id
        here = self._within(self.layout.checkpoints, keys[0].place)
        whole = self.layout.blobs is None
        body = [columns.type, columns.checkpoint] if whole else [as_text(columns.checkpoint)]
        metadata = columns.metadata if whole else as_text(columns.metadata)
        listed = await self._in(select(id_, func.length(body[-1])).where(*here), id_, _ids(keys))
        sizes = {name: length or 0 for name, length in listed}
        for some in by_size(keys, [sizes[key.checkpoint_id] for key in keys]):
            query = select(id_, metadata, *body).where(*here)
            found = {row[0]: row[1:] for row in await self._in(query, id_, _ids(some))}
            yield [self._content(key, sizes[key.checkpoint_id], *found[key.checkpoint_id]) for key in some]

    def _content(self, key: Key, length: int, metadata: Any, *body: Any) -> Content:
        def decode() -> Content:
            described = json.loads(metadata) if metadata is not None else {}
            size = length + len(metadata or "")
            checkpoint = json.loads(*body) if len(body) == 1 else self._whole(*body)
            values = checkpoint.pop("channel_values", None) or {}
            return Content(key, checkpoint, values, described, size)

        return self._decoded(key, None, decode)

    def _whole(self, type_: str, data: bytes) -> dict[str, Any]:
        """Return a checkpoint that was serialized as a whole; what is no plain data in it stays serialized."""
        format_, opened = self.opened(type_, data)
        if format_ == stored.MSGPACK and isinstance(inner(self._serde), JsonPlusSerializer):
            plain = ormsgpack.unpackb(opened, ext_hook=ormsgpack.Ext, option=ormsgpack.OPT_NON_STR_KEYS)
            if self._codec.dumps(plain) == (format_, opened):  # nothing is lost
                return dict(plain)
        return dict(inner(self._serde).loads_typed((format_, opened)))

    def opened(self, type_: str, data: bytes) -> tuple[str, bytes]:
        """Return serialized bytes with their format, decrypted."""
        if isinstance(self._serde, EncryptedSerializer) and "+" in type_:
            format_, cipher = type_.split("+", 1)
            return format_, self._serde.cipher.decrypt(cipher, data)
        if "+" in type_ and (type(self._serde) is JsonPlusSerializer or type_.endswith("+aes")):
            raise TransferFailed(
                f"{self._where} is encrypted ({type_!r}): give the savers' serializer as serde=, or, if it is "
                "LangGraph's EncryptedSerializer with AES, set LANGGRAPH_AES_KEY for the command"
            )
        return type_, data

    # values

    async def value_sizes(self, place: Place, wanted: Collection[ChannelVersion]) -> Mapping[ChannelVersion, int]:
        """Return the values of channels that there are, and how many bytes each has."""
        if self.layout.blobs is None:
            return {}
        columns = self.layout.blobs.c
        rows = await self._values(place, wanted, columns.type, func.length(columns.blob))
        return {(row[0], row[1]): row[3] for row in rows if row[2] != _EMPTY and row[3] is not None}

    async def values(self, key: Key, wanted: Collection[ChannelVersion]) -> Mapping[ChannelVersion, Serialized]:
        """Return values of channels that there are. `key` is a checkpoint that has some of them."""
        if not wanted:
            return {}
        columns = self.layout.blobs.c
        found = {}
        for channel, version, type_, data in await self._values(key.place, wanted, columns.type, columns.blob):
            found[channel, version] = self._decoded(
                key,
                channel,
                lambda type_=type_, data=data: Serialized(*self.opened(type_, data)),  # type: ignore[misc]
            )
        return found

    async def _values(self, place: Place, wanted: Collection[ChannelVersion], *columns: Any) -> Sequence[Any]:
        blobs = self.layout.blobs
        if self.layout.shallow:  # it has one version of each channel
            versions = dict(wanted)
            query = select(blobs.c.channel, *columns).where(*self._within(blobs, place))
            rows = await self._in(query, blobs.c.channel, sorted(versions))
            return [(row[0], versions[row[0]], *row[1:]) for row in rows if row[0] in versions]
        query = select(blobs.c.channel, blobs.c.version, *columns).where(*self._within(blobs, place))
        return await self._in(query, tuple_(blobs.c.channel, blobs.c.version), sorted(wanted))

    # writes

    async def write_sizes(self, place: Place, checkpoint_ids: Sequence[str]) -> Mapping[str, int]:
        """Return the checkpoints that have writes, and how many bytes these have."""
        written = self.layout.writes
        size = func.sum(func.length(self.layout.body))
        query = select(written.c.checkpoint_id, size).where(*self._within(written, place))
        query = query.group_by(written.c.checkpoint_id)
        rows = await self._in(query, written.c.checkpoint_id, checkpoint_ids)
        return {id_: int(size or 0) for id_, size in rows}

    async def written(self, place: Place, checkpoint_ids: Sequence[str]) -> Mapping[str, Mapping[WriteKey, int]]:
        """Return the writes of checkpoints that have some, without their contents: how many bytes each has."""
        written, found = self.layout.writes, dict[str, dict[WriteKey, int]]()
        named = [written.c.checkpoint_id, written.c.task_id, written.c.idx]
        query = select(*named, func.length(self.layout.body)).where(*self._within(written, place))
        for id_, task_id, index, size in await self._in(query, written.c.checkpoint_id, checkpoint_ids):
            found.setdefault(id_, {})[task_id, index] = size or 0
        return found

    async def writes(self, place: Place, checkpoint_ids: Sequence[str]) -> Mapping[str, Sequence[Write]]:
        """Return the writes of checkpoints, in the order that LangGraph has them in."""
        written, found = self.layout.writes, dict[str, list[Write]]()
        columns = written.c
        named = [columns.checkpoint_id, self.layout.task_path, columns.task_id, columns.idx, columns.channel]
        query = select(*named, columns.type, self.layout.body).where(*self._within(written, place))
        rows = await self._in(query, columns.checkpoint_id, checkpoint_ids)
        for id_, path, task_id, index, channel, type_, data in sorted(rows, key=lambda row: tuple(row[1:4])):
            key = Key(*place, id_, None)
            opened = self._decoded(key, channel, lambda type_=type_, data=data: self.opened(type_, data))  # type: ignore[misc]
            found.setdefault(id_, []).append(Write(path, task_id, (index, channel, *opened)))
        return found

    async def sends(self, place: Place) -> Sequence[Any]:
        """Return the tasks that a namespace has sent, of which a saver of the latest checkpoint makes a field."""
        ids = select(self.layout.writes.c.checkpoint_id).where(*self._within(self.layout.writes, place)).distinct()
        found = await self.writes(place, [*(await self._connection.execute(ids)).scalars()])
        sent = sorted([write for some in found.values() for write in some], key=lambda one: (one[:2], one.fields[0]))
        return [self._codec.loads(*write.fields[2:]) for write in sent if write.fields[1] == TASKS]

    # all of them

    def _within(self, table: Any, place: Place) -> list[Any]:
        thread_id, namespace = place
        here = [table.c.thread_id == thread_id]
        if "checkpoint_ns_hash" in table.c:
            digest = hashlib.md5(namespace.encode(), usedforsecurity=False).digest()
            here.append(table.c.checkpoint_ns_hash == digest)
        else:
            here.append(table.c.checkpoint_ns == namespace)
        return here

    async def _in(self, query: Select[Any], column: Any, wanted: Sequence[Any]) -> list[Row[Any]]:
        """Return the rows whose column has one of these values."""
        rows: list[Row[Any]] = []
        for some in batches(wanted):
            rows += (await self._connection.execute(query.where(column.in_(some)))).all()
        return rows

    def _decoded(self, key: Key, channel: str | None, decode: Callable[[], _R]) -> _R:
        try:
            return decode()
        except TransferFailed:
            raise
        except Exception as error:  # an application's serializer or cipher may raise anything; it becomes the cause
            reason = str(error) or type(error).__name__
            raise UnreadableCheckpoint(*key[:3], channel, reason) from error


def serializer(serde: SerializerProtocol | None) -> SerializerProtocol:
    """Return the serializer of the savers: LangGraph's own, unless another one was given."""
    return JsonPlusSerializer() if serde is None else serde


def encrypted(key: str) -> SerializerProtocol:
    """Return LangGraph's serializer that encrypts with AES; raises `InvalidInput` or `TransferFailed`."""
    encoded = key.encode()
    if len(encoded) not in (16, 24, 32):
        raise InvalidInput("LANGGRAPH_AES_KEY", "must have 16, 24 or 32 bytes")
    try:
        return EncryptedSerializer.from_pycryptodome_aes(key=encoded)
    except ImportError as error:
        raise TransferFailed("LANGGRAPH_AES_KEY needs the package pycryptodome: install it") from error


def inner(serde: SerializerProtocol) -> SerializerProtocol:
    """Return the serializer without its encryption."""
    return serde.serde if isinstance(serde, EncryptedSerializer) else serde


def _ids(keys: Iterable[Key]) -> list[str]:
    return [key.checkpoint_id for key in keys]


def by_size(items: Sequence[_T], sizes: Sequence[int]) -> Iterator[Sequence[_T]]:
    """Split items into lists with about as many bytes as a page may have."""
    first, total = 0, 0
    for number, size in enumerate(sizes):
        if number > first and total + size > PAGE_BYTES:
            yield items[first:number]
            first, total = number, 0
        total += size
    if first < len(items):
        yield items[first:]
