"""Encrypt the rows of graphs again: those of a copy for its thread, and those of a rekeying with another key.

A ciphertext of the store's own keys is bound to its thread, so the server cannot copy it: the rows of a copy go through
this process, a page at a time. Rows that are plain, or that another cipher encrypted, are copied as they are.
Needs the extra `langgraph`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import ColumnElement, Table, insert, not_, select

from ..async_engine import AsyncConnection
from ..dialects import Dialect
from ..errors import DecryptionFailed, Undecipherable
from ..escaping import RESERVED
from ..tables import GRAPH_CHECKPOINTS as C
from ..tables import GRAPH_VALUES as V
from ..tables import GRAPH_WRITES as W
from . import format as stored
from .format import Part
from .rows import BOUND, Namespace, bound_to, in_namespace

if TYPE_CHECKING:
    from ..encryption import Encryption

Row = Mapping[Any, Any]
Binding = Callable[..., bytes]
"""Returns what the body of a row is bound to, for a table and the row's values of `BOUND`."""

_K = TypeVar("_K")
_PAGE = 50


def resealed(rows: Iterable[tuple[_K, bytes]], seal: Callable[[bytes], bytes]) -> dict[_K, bytes]:
    """Return rows by their keys, their bodies as `seal` returns them. All parts of a body must be among the rows."""
    sealed: dict[_K, bytes] = {}
    parts: dict[bytes, list[tuple[_K, Part]]] = {}
    for key, row in rows:
        part = stored.unpack_part(row)
        if part is None:
            sealed[key] = seal(row)
        else:
            parts.setdefault(part.token, []).append((key, part))
    for of_body in parts.values():
        sealed |= _in_parts(of_body, seal)
    return sealed


def _in_parts(rows: Sequence[tuple[_K, Part]], seal: Callable[[bytes], bytes]) -> dict[_K, bytes]:
    parts = {part.number: part.data for _key, part in rows}
    body = seal(stored.join(parts))
    # As many parts as before. The last one takes the difference in length, if the new key's name has another length.
    *before, last = sorted(parts)
    start = 0
    for number in before:
        size = len(parts[number])
        parts[number], start = body[start : start + size], start + size
    parts[last] = body[start:]
    return {key: part._replace(data=parts[part.number]).row() for key, part in rows}


async def copy(
    connection: AsyncConnection, dialect: Dialect, copies: Mapping[Namespace, Namespace], encryption: Encryption
) -> int:
    """Copy the rows of namespaces to others, in the caller's transaction; returns the number of checkpoints.

    Raises `DecryptionFailed`.
    """
    counts = dict.fromkeys((C, V, W), 0)
    for source, target in copies.items():
        for table in counts:
            async for page in pages(connection, dialect, table, source):
                rows = [
                    {**row, "thread_digest": target.thread_digest, "namespace_id": target.id, "body": body}
                    for row, body in moved(page, table, encryption, binding(source), binding(target))
                ]
                await connection.execute(insert(table), rows)
                counts[table] += len(rows)
    return counts[C]


def binding(place: Namespace) -> Binding:
    """Return what the rows of a namespace are bound to."""
    return lambda table, *key: bound_to(place.identity(table, *key))


async def pages(
    connection: AsyncConnection, dialect: Dialect, table: Table, place: Namespace
) -> AsyncIterator[Sequence[Row]]:
    """Iterate over the rows of a namespace in the order of their keys; the writes of a checkpoint are in one page."""
    bound = [table.c[name] for name in BOUND[table]]
    places = select(*bound).where(in_namespace(table, place)).distinct().order_by(*bound).limit(_PAGE)
    rows = select(table).where(in_namespace(table, place)).order_by(*table.primary_key.columns)
    onwards: list[ColumnElement[bool]] = []
    while found := (await connection.execute(places.where(*onwards))).all():
        following = dialect.follows(bound, found[-1])
        yield (await connection.execute(rows.where(*onwards, not_(following)))).mappings().all()
        onwards = [following]


def moved(
    rows: Sequence[Row], table: Table, encryption: Encryption, source: Binding, target: Binding
) -> Iterator[tuple[Row, bytes]]:
    """Iterate over rows of a table with new bodies: bound as `target` says, not as `source` does.

    Raises `DecryptionFailed`.
    """
    for place, group in groupby(rows, key=lambda row: tuple(row[name] for name in BOUND[table])):
        before, after = source(table, *place), target(table, *place)

        def seal(body: bytes, before: bytes = before, after: bytes = after) -> bytes:
            encrypted = stored.unpack_encrypted(body)
            if encrypted is None or not encrypted[0].startswith(RESERVED):
                return body
            return stored.encrypted_body(*encryption.seal_bytes(encryption.open_bytes(*encrypted, before), after))

        found = [*group]
        try:
            bodies = resealed([(number, row["body"]) for number, row in enumerate(found)], seal)
        except Undecipherable as error:
            named = {column.name: found[0][column.name] for column in table.primary_key.columns}
            raise DecryptionFailed(table.name, "body", named, str(error)) from error
        yield from ((row, bodies[number]) for number, row in enumerate(found))
