"""The same for what graphs have stored: rows of bytes, which the saver encrypts as a whole.

What another cipher than the store's keys has encrypted (an `EncryptedSerializer` of one's own) is left as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..errors import DecryptionFailed, MissingExtra, Undecipherable
from ..escaping import RESERVED
from ..models import GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES
from ..operations import once, query
from ..sealing.rekeying import Batch, Part, Rekeying

try:
    import ormsgpack
except ImportError as error:
    raise MissingExtra("ormsgpack", "langgraph") from error

_BATCH = 50
_PLAIN, _ENCRYPTED = (b"\x00", b"\x01"), b"\x02\x92"  # graph_codec's, and what begins a pair in msgpack
_PART, _TOKEN, _PLACE = b"\xff", 8, 4  # graph_writes': what begins a row that is a part of one
_FIRST = len(_PART) + _TOKEN
"""How much of a part stands before its number."""
_HEADERS = (1, 2)
"""How many bytes stand before a name in msgpack, after the one that begins a pair: by the name's length."""


def parts() -> list[Part]:
    """All tables with rows of graphs."""
    return [_part(GRAPH_CHECKPOINTS), _part(GRAPH_VALUES), _part(GRAPH_WRITES)]


def _part(table: Table) -> Part:
    @query
    async def left(connection: AsyncConnection, _context: Context, work: Rekeying) -> int:
        found = await connection.execute(select(func.count()).select_from(table).where(_left(table, work)))
        return int(found.scalar_one())

    @once
    async def batch(connection: AsyncConnection, _context: Context, work: Rekeying, after: Any) -> Batch:
        return await _batch(connection, table, work, after)

    return Part(table.name, left, batch)


def _left(table: Table, work: Rekeying) -> ColumnElement[bool]:
    """Whether a row, or the first part of one, is not yet as it is to be."""
    whole = _differs(table, 1, work)
    if table is not GRAPH_WRITES:
        return whole
    first = _begins(table, 1, _PART) & _begins(table, 1 + _FIRST, bytes(_PLACE))
    return or_(whole, and_(first, _differs(table, 1 + _FIRST + _PLACE, work)))


def _differs(table: Table, place: int, work: Rekeying) -> ColumnElement[bool]:
    """Whether what begins at this place is not as it is to be: encrypted by the new key, or not at all."""
    named = [_begins(table, place + len(_ENCRYPTED) + header, RESERVED.encode()) for header in _HEADERS]
    ours = and_(_begins(table, place, _ENCRYPTED), or_(*named))
    if work.target is None:
        return ours
    wanted = _ENCRYPTED + ormsgpack.packb(work.target.removesuffix(":"))
    return or_(*(_begins(table, place, kind) for kind in _PLAIN), and_(ours, ~_begins(table, place, wanted)))


def _begins(table: Table, place: int, wanted: bytes) -> ColumnElement[bool]:
    kind = table.c.body.type
    return func.substr(table.c.body, place, len(wanted), type_=kind) == literal(wanted, kind)


async def _batch(connection: AsyncConnection, table: Table, work: Rekeying, after: Sequence[Any] | None) -> Batch:
    key = list(table.primary_key.columns)
    query = select(*key, table.c.body).where(_left(table, work)).order_by(*key).limit(_BATCH)
    query = query if after is None else query.where(_later(key, after))
    found = (await connection.execute(query.with_for_update())).all()
    rows: dict[tuple[Any, ...], bytes] = {}
    unreadable = []
    for *place, body in found:
        try:
            rows.update(await _resealed(connection, table, work, tuple(place), body))
        except Undecipherable as error:
            row = dict(zip([column.name for column in key], place, strict=True))
            unreadable.append(DecryptionFailed(table.name, "body", row, str(error)))
    if rows:
        here = and_(*(column == bindparam(f"new_{column.name}", type_=column.type) for column in key))
        changing = update(table).where(here).values(body=bindparam("new_body", type_=table.c.body.type))
        names = [f"new_{column.name}" for column in key]
        changes = [{**dict(zip(names, place, strict=True)), "new_body": body} for place, body in rows.items()]
        await connection.execute(changing, changes)
    last = tuple(found[-1][:-1]) if len(found) == _BATCH else None
    return Batch(len(found) - len(unreadable), last, unreadable)


def _later(key: Sequence[ColumnElement[Any]], after: Sequence[Any]) -> ColumnElement[bool]:
    """Behind a place in the order of the key. Not a comparison of tuples: MySQL does not use an index for one."""
    first, *others = key
    behind = first > after[0]
    return or_(behind, and_(first == after[0], _later(others, after[1:]))) if others else behind


async def _resealed(
    connection: AsyncConnection, table: Table, work: Rekeying, place: tuple[Any, ...], body: bytes
) -> Mapping[tuple[Any, ...], bytes]:
    """The bodies that a row gets, and the other parts of it where it is the first of some; by their keys."""
    if not body.startswith(_PART):
        return {place: _sealed(work, body)}
    token = body[: len(_PART) + _TOKEN]
    own = select(GRAPH_WRITES.c.namespace_id, GRAPH_WRITES.c.checkpoint_id).where(GRAPH_WRITES.c.sequence == place[0])
    namespace_id, checkpoint_id = (await connection.execute(own)).one()
    siblings = select(GRAPH_WRITES.c.sequence, GRAPH_WRITES.c.body).where(
        GRAPH_WRITES.c.namespace_id == namespace_id,
        GRAPH_WRITES.c.checkpoint_id == checkpoint_id,
        _begins(GRAPH_WRITES, 1, token),
    )
    found = {bytes(row[1]): row[0] for row in await connection.execute(siblings.with_for_update())}
    heads = {part[: len(token) + _PLACE]: part for part in found}  # of a call that was repeated there are two of each
    ordered = [heads[head] for head in sorted(heads)]
    sealed = _sealed(work, b"".join(part[len(token) + _PLACE :] for part in ordered))
    # As many parts as before: the last one takes what another name of a key makes longer or shorter.
    cuts, bodies = [len(part) - len(token) - _PLACE for part in ordered[:-1]], {}
    for head, size in zip(sorted(heads), [*cuts, len(sealed)], strict=True):
        bodies[head], sealed = head + sealed[:size], sealed[size:]
    rows = await connection.execute(siblings)
    return {(row[0],): bodies[bytes(row[1])[: len(token) + _PLACE]] for row in rows}


def _sealed(work: Rekeying, body: bytes) -> bytes:
    if body.startswith(_ENCRYPTED):
        encryption = work.sealed.encryption
        assert encryption is not None  # whose keys opened what there is
        body = encryption.decrypt(*ormsgpack.unpackb(body[1:]))
    if work.to.encryption is None:
        return body
    return _ENCRYPTED[:1] + ormsgpack.packb(work.to.encryption.encrypt(body))
