"""Re-encrypt the rows that graphs store with another key, or decrypt them, table by table in batches.

Only rows that are plain or encrypted with the store's keys are changed. Rows that another cipher encrypted (an
`EncryptedSerializer` of the application's own) are left as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, func, literal, or_, select, update

from ..async_engine import AsyncConnection
from ..context import Context
from ..dialects import Dialect
from ..errors import DecryptionFailed, Undecipherable
from ..escaping import RESERVED
from ..operations import once, query
from ..sealing.rekeying import Batch, Part, Rekeying, lock
from ..tables import GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES
from ..tables import GRAPH_NAMESPACES as N
from . import format as stored
from .resealing import resealed
from .rows import BOUND, Namespace, bound_to

_BATCH = 50


def parts() -> list[Part]:
    """Return the work to do, one part for each table with rows of graphs."""
    return [_part(GRAPH_CHECKPOINTS), _part(GRAPH_VALUES), _part(GRAPH_WRITES)]


def _part(table: Table) -> Part:
    @query
    async def left(connection: AsyncConnection, _context: Context, work: Rekeying) -> int:
        found = await connection.execute(select(func.count()).select_from(table).where(_left(table, work)))
        return int(found.scalar_one())

    @once
    async def batch(connection: AsyncConnection, context: Context, work: Rekeying, after: Any) -> Batch:
        return await _batch(connection, context.dialect, table, work, after)

    return Part(table.name, left, batch)


def _left(table: Table, work: Rekeying) -> ColumnElement[bool]:
    """Condition: the row is still to be changed. Of a body in parts, only the row of the first part counts."""
    whole = _differs(table, 0, work)
    if table is not GRAPH_WRITES:
        return whole
    first = and_(*(_has(table, offset, wanted) for offset, wanted in stored.FIRST_PART))
    return or_(whole, and_(first, _differs(table, stored.PART_OFFSET, work)))


def _differs(table: Table, offset: int, work: Rekeying) -> ColumnElement[bool]:
    """Condition: the body that begins at this offset is still to be changed.

    It is plain or encrypted with another key of the store; or, to decrypt all, encrypted with any key of the store.
    """
    named = [_has(table, offset + name_offset, RESERVED.encode()) for name_offset in stored.NAME_OFFSETS]
    ours = and_(_has(table, offset, stored.ENCRYPTED_BEGINNING), or_(*named))
    if work.target is None:
        return ours
    wanted = stored.beginning_of_encrypted(work.target.removesuffix(":"))
    return or_(
        *(_has(table, offset, first) for first in stored.UNENCRYPTED_BEGINNINGS),
        and_(ours, ~_has(table, offset, wanted)),
    )


def _has(table: Table, offset: int, wanted: bytes) -> ColumnElement[bool]:
    """Condition: the row has these bytes at this offset."""
    kind = table.c.body.type
    return func.substr(table.c.body, offset + 1, len(wanted), type_=kind) == literal(wanted, kind)


async def _batch(
    connection: AsyncConnection, dialect: Dialect, table: Table, work: Rekeying, after: Sequence[Any] | None
) -> Batch:
    key = list(table.primary_key.columns)
    here = (N.c.thread_digest == table.c.thread_digest, N.c.id == table.c.namespace_id)
    named = [select(column).where(*here).scalar_subquery() for column in (N.c.thread_id, N.c.checkpoint_ns)]
    query = select(*key, table.c.body, *named).where(_left(table, work)).order_by(*key).limit(_BATCH)
    query = query if after is None else query.where(dialect.follows(key, after))
    page, found = await lock(connection, dialect, query, key)
    rows: dict[tuple[Any, ...], bytes] = {}
    unreadable = []
    for *place, body, thread_id, checkpoint_ns in found:
        row = dict(zip([column.name for column in key], place, strict=True))
        identity = Namespace(thread_id, checkpoint_ns).identity(table, *[row[name] for name in BOUND[table]])
        try:
            rows.update(await _resealed(connection, work, tuple(place), body, bound_to(identity)))
        except Undecipherable as error:
            unreadable.append(DecryptionFailed(table.name, "body", row, str(error)))
    if rows:
        same_key = and_(*(column == bindparam(f"new_{column.name}", type_=column.type) for column in key))
        changing = update(table).where(same_key).values(body=bindparam("new_body", type_=table.c.body.type))
        names = [f"new_{column.name}" for column in key]
        changes = [{**dict(zip(names, place, strict=True)), "new_body": body} for place, body in rows.items()]
        await connection.execute(changing, changes)
    last = tuple(page[-1][: len(key)]) if len(page) == _BATCH else None
    return Batch(len(found) - len(unreadable), last, unreadable)


async def _resealed(
    connection: AsyncConnection, work: Rekeying, place: tuple[Any, ...], body: bytes, identity: bytes
) -> Mapping[tuple[Any, ...], bytes]:
    """Return the new bodies by their rows' keys: of this row, and of the other parts if it is a first part."""
    first = stored.unpack_part(body)
    rows = [(place, body)]
    if first is not None:
        *of_checkpoint, _sequence = zip(GRAPH_WRITES.primary_key.columns, place, strict=True)
        siblings = select(GRAPH_WRITES.c.sequence, GRAPH_WRITES.c.body)
        siblings = siblings.where(*(column == value for column, value in of_checkpoint))
        siblings = siblings.where(_has(GRAPH_WRITES, 0, first.beginning))
        found = await connection.execute(siblings.with_for_update())
        rows = [((*place[:-1], sequence), part) for sequence, part in found]
    return resealed(rows, lambda body: _sealed(work, body, identity))


def _sealed(work: Rekeying, body: bytes, identity: bytes) -> bytes:
    """Return the body as it is to be: encrypted with the new key, or plain."""
    encrypted = stored.unpack_encrypted(body)
    if encrypted is not None:
        encryption = work.sealed.encryption
        assert encryption is not None  # a rekeying always has the keys that open what is stored
        body = encryption.open_bytes(*encrypted, identity)
    if work.to.encryption is None:
        return body
    return stored.encrypted_body(*work.to.encryption.seal_bytes(body, identity))
