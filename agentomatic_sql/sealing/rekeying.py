"""Statements that encrypt what is stored by another key, or decrypt it: table by table, in batches.

Each batch is a transaction, and asks for what is still to be done: what was interrupted goes on where it stopped, and
stores can be at work meanwhile that have both keys.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Table, bindparam, delete, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..encryption import Encryption
from ..errors import DecryptionFailed
from ..escaping import RESERVED
from ..inputs import Row
from ..models import ENCRYPTION_KEYS, IDEMPOTENCY_KEYS, MESSAGES
from ..operations import Operation, once, query
from .fields import FIELDS, UNENCRYPTED, Sealing

BATCH = 200
"""Rows of a batch."""

_tokens = random.SystemRandom()


class Rekeying(NamedTuple):
    """From what keys, to what: with `to` the first key, else to what is not encrypted."""

    sealed: Sealing
    """Opens what is stored, encrypted or not."""
    to: Sealing
    target: str | None
    """What begins what the new key has sealed; None where nothing is to be."""

    @classmethod
    def of(cls, encryption: Encryption, *, decrypt: bool) -> Rekeying:
        """What the keys can open is encrypted by the first of them, or decrypted."""
        sealed = Sealing(encryption.reading_all())
        return cls(sealed, UNENCRYPTED, None) if decrypt else cls(sealed, sealed, encryption.prefix)


class Batch(NamedTuple):
    """What became of some rows."""

    done: int
    after: Any
    """The key of the last one; None where none is left."""
    unreadable: Sequence[DecryptionFailed] = ()
    """Of rows that were left as they are."""


class Part(NamedTuple):
    """A part of the work: a table."""

    name: str
    left: Operation[[Rekeying], int]
    """How many rows are to be done."""
    batch: Operation[[Rekeying, Any], Batch]
    """Does some of them, those after a key."""


def parts() -> list[Part]:
    """All tables with fields that are encrypted."""

    def part(table: Table) -> Part:
        @query
        async def left(connection: AsyncConnection, _context: Context, work: Rekeying) -> int:
            found = await connection.execute(select(func.count()).select_from(table).where(_left(table, work)))
            return int(found.scalar_one())

        @once
        async def batch(connection: AsyncConnection, _context: Context, work: Rekeying, after: Any) -> Batch:
            return await _batch(connection, table, work, after)

        return Part(table.name, left, batch)

    return [part(table) for table in FIELDS]


def _left(table: Table, work: Rekeying) -> ColumnElement[bool]:
    """Whether a field of the row is not yet as it is to be."""
    fields = FIELDS[table]
    begins = [(table.c[name], "") for name in fields.texts] + [(table.c[name], '"') for name in fields.objects]
    return or_(*(_differs(column, quote, work.target) for column, quote in begins))


def _differs(column: ColumnElement[Any], quote: str, target: str | None) -> ColumnElement[bool]:
    """Whether a text, which may be None, begins with something else than it is to."""
    wanted = quote + (RESERVED if target is None else target)
    beginning = func.substr(column, 1, len(wanted))
    return beginning == literal(wanted) if target is None else beginning != literal(wanted)


async def _batch(connection: AsyncConnection, table: Table, work: Rekeying, after: Any) -> Batch:
    fields = FIELDS[table]
    key = table.c[fields.key]
    names = dict.fromkeys((fields.key, *fields.identity, *fields.texts, *fields.objects))
    # First the keys alone: a server that sorts rows to find the first of them locks all that it looks at.
    following = select(key).order_by(key).limit(BATCH)
    following = following if after is None else following.where(key > after)
    keys = list((await connection.execute(following)).scalars())
    query = select(*(table.c[name] for name in names)).where(key.in_(keys), _left(table, work))
    found = (await connection.execute(query.with_for_update())).mappings().all()
    changed, unreadable = [], []
    for row in found:
        try:
            opened = work.sealed.columns(table, row)
        except DecryptionFailed as error:
            unreadable.append(error)
            continue
        changed.append(_parameters(table, _sealed(table, opened, work)))
    if changed:
        # By the columns' types, which a parameter of another name does not have by itself.
        columns = {name: bindparam(_PREFIX + name, type_=table.c[name].type) for name in names if name != fields.key}
        here = key == bindparam(_PREFIX + fields.key, type_=key.type)
        await connection.execute(update(table).where(here).values(columns), changed)
    return Batch(len(changed), keys[-1] if len(keys) == BATCH else None, unreadable)


_PREFIX = "new_"


def _parameters(table: Table, row: Row) -> Row:
    return {_PREFIX + name: value for name, value in row.items()}


def _sealed(table: Table, opened: Row, work: Rekeying) -> Row:
    if table is MESSAGES and opened["token"] is None and work.to.active:  # of a fork, or of before there were any
        opened = {**opened, "token": _tokens.getrandbits(62)}
    return work.to.row(table, opened)


@once
async def forget(connection: AsyncConnection, _context: Context, work: Rekeying, known: Sequence[str]) -> None:
    """Forget those of the keys by which nothing is encrypted any more, and digests of what is encrypted now."""
    encryption = work.to.encryption
    gone = [id_ for id_ in known if encryption is None or id_ != encryption.primary]
    await connection.execute(delete(ENCRYPTION_KEYS).where(ENCRYPTION_KEYS.c.id.in_(gone)))
    if encryption is not None:
        digests = update(IDEMPOTENCY_KEYS).where(IDEMPOTENCY_KEYS.c.content_digest != "")
        await connection.execute(digests.values(content_digest=""))
