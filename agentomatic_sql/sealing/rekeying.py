"""Re-encrypt all rows with another key, or decrypt them: table by table, in batches.

Each batch is a transaction that selects only rows which are not done yet. So an interrupted run can be repeated, and
stores that have both keys can stay in use meanwhile.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    ColumnElement,
    MetaData,
    Select,
    Table,
    bindparam,
    delete,
    func,
    literal,
    not_,
    or_,
    select,
    update,
)

from ..async_engine import AsyncConnection, AsyncEngine
from ..context import Context
from ..dialects import Dialect
from ..encryption import Encryption
from ..errors import DecryptionFailed
from ..escaping import RESERVED
from ..inputs import Row
from ..operations import Operation, once, query
from ..ownership import owner_of
from ..tables import ENCRYPTION_KEYS, IDEMPOTENCY_KEYS, MESSAGES
from .fields import FIELDS, UNENCRYPTED, Sealing

BATCH = 200
"""Rows per batch."""

_tokens = random.SystemRandom()


class Rekeying(NamedTuple):
    """A change of keys: `sealed` decrypts the stored rows and `to` encrypts them again."""

    sealed: Sealing
    """Opens rows with any of the keys; also reads rows that are not encrypted."""
    to: Sealing
    """Seals rows with the first key, or leaves them decrypted."""
    target: str | None
    """The prefix of texts encrypted with the first key; None to decrypt."""

    @classmethod
    def of(cls, encryption: Encryption, *, decrypt: bool) -> Rekeying:
        """Return the change to the first of some keys or, with `decrypt`, to no encryption."""
        sealed = Sealing(encryption.reading_all())
        return cls(sealed, UNENCRYPTED, None) if decrypt else cls(sealed, sealed, encryption.prefix)


class Batch(NamedTuple):
    """The result of a batch."""

    done: int
    """The number of rows that were changed."""
    after: Any
    """The primary key after which the next batch continues; None after the last batch."""
    unreadable: Sequence[DecryptionFailed] = ()
    """The errors of rows that could not be decrypted and were left unchanged."""


class Part(NamedTuple):
    """A table to rekey, with the operations for it."""

    name: str
    """The name of the table."""
    left: Operation[[Rekeying], int]
    """Counts the rows that still have to be changed."""
    batch: Operation[[Rekeying, Any], Batch]
    """Changes the next rows after a primary key; None begins with the first row."""


def parts() -> list[Part]:
    """Return a part for each table with encrypted fields."""

    def part(table: Table) -> Part:
        @query
        async def left(connection: AsyncConnection, _context: Context, work: Rekeying) -> int:
            count = await connection.execute(select(func.count()).select_from(table).where(_left(table, work)))
            return int(count.scalar_one())

        @once
        async def batch(connection: AsyncConnection, context: Context, work: Rekeying, after: Any) -> Batch:
            return await _batch(connection, context.dialect, table, work, after)

        return Part(table.name, left, batch)

    return [part(table) for table in FIELDS]


def _left(table: Table, work: Rekeying) -> ColumnElement[bool]:
    """Condition: a field of the row still has to be changed."""
    fields = FIELDS[table]
    begins = [(table.c[name], "") for name in fields.texts] + [(table.c[name], '"') for name in fields.objects]
    return or_(*(_differs(column, quote, work.target) for column, quote in begins))


def _differs(column: ColumnElement[Any], quote: str, target: str | None) -> ColumnElement[bool]:
    """Condition: a text still has to be changed, judged by its prefix; not true for NULL."""
    prefix = quote + (RESERVED if target is None else target)
    beginning = func.substr(column, 1, len(prefix))
    return beginning == literal(prefix) if target is None else beginning != literal(prefix)


async def _batch(connection: AsyncConnection, dialect: Dialect, table: Table, work: Rekeying, after: Any) -> Batch:
    fields = FIELDS[table]
    key, follows = table.primary_key.columns, dialect.follows
    names = dict.fromkeys((*key.keys(), *fields.identity, *fields.texts, *fields.objects))
    needed = [table.c[name] if name in table.c else owner_of(table.c.thread_id) for name in names]
    onwards = [] if after is None else [follows([*key], after)]
    # Select the keys without a lock first: with FOR UPDATE and ORDER BY, a server may lock all rows that it sorts.
    keys = (await connection.execute(select(*key).where(*onwards).order_by(*key).limit(BATCH))).all()
    if not keys:
        return Batch(0, None)
    until = not_(follows([*key], keys[-1]))
    query = select(*needed).where(*onwards, until, _left(table, work))
    _page, found = await lock(connection, dialect, query, [*key])
    changed, unreadable = [], []
    for row in [dict(zip(names, row, strict=True)) for row in found]:
        try:
            opened = work.sealed.columns(table, row)
        except DecryptionFailed as error:
            unreadable.append(error)
            continue
        changed.append(_sealed(table, opened, work))
    if changed:
        sealed = [table.c[name] for name in (*fields.texts, *fields.objects)]
        written = [*sealed, MESSAGES.c.token] if table is MESSAGES else sealed
        same_key = [column == _parameter(column) for column in key]
        values = {column.name: _parameter(column) for column in written}
        rows = [{_PREFIX + column.name: row[column.name] for column in (*key, *written)} for row in changed]
        await connection.execute(update(table).where(*same_key).values(values), rows)
    return Batch(len(changed), tuple(keys[-1]) if len(keys) == BATCH else None, unreadable)


async def lock(
    connection: AsyncConnection, dialect: Dialect, query: Select[Any], key: Sequence[Column[Any]]
) -> tuple[Sequence[Any], Sequence[Any]]:
    """Lock the rows of a query, whose columns begin with the key; returns the rows that it found, and the locked ones.

    They are the same. Only if threads are spread over servers, each row is locked by itself, and may be gone by then.
    """
    if not dialect.sharded:
        found = (await connection.execute(query.with_for_update())).all()
        return found, found
    found = (await connection.execute(query)).all()
    locked: list[Any] = []
    for row in found:
        same_key = [column == value for column, value in zip(key, row[: len(key)], strict=True)]
        await connection.execute(select(*key).where(*same_key).with_for_update())
        locked += (await connection.execute(query.where(*same_key))).all()
    return found, locked


_PREFIX = "new_"  # SQLAlchemy reserves the columns' own names in an UPDATE


def _parameter(column: Column[Any]) -> ColumnElement[Any]:
    """Return the parameter for a column, with its type: SQLAlchemy would not infer it for another name."""
    return bindparam(_PREFIX + column.name, type_=column.type)


def _sealed(table: Table, opened: Row, work: Rekeying) -> Row:
    if table is MESSAGES and opened["token"] is None and work.to.active:  # of a fork
        opened = {**opened, "token": _tokens.getrandbits(62)}
    return work.to.row(table, opened)


async def rewrite(engine: AsyncEngine, dialect: Dialect, names: Sequence[str], schema: str | None) -> None:
    """Write the tables of these names anew, each by itself, so that their files hold no old rows any more."""
    autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with autocommit.connect() as connection:
        tables = [Table(name, MetaData(), schema=schema) for name in names]
        quoted = [connection.dialect.identifier_preparer.format_table(table) for table in tables]
        of_each = [statement.format(table=name) for name in quoted for statement in dialect.rewriting]
        for statement in dict.fromkeys(of_each):  # on SQLite they are about the whole file
            await connection.exec_driver_sql(statement)


@once
async def forget(connection: AsyncConnection, _context: Context, work: Rekeying, known: Sequence[str]) -> None:
    """Delete the `known` keys that are no longer used, and, if the data is now encrypted, all digests of content.

    A digest would let somebody without the key test guesses of the content.
    """
    encryption = work.to.encryption
    unused = [id_ for id_ in known if encryption is None or id_ != encryption.primary]
    await connection.execute(delete(ENCRYPTION_KEYS).where(ENCRYPTION_KEYS.c.id.in_(unused)))
    if encryption is not None:
        digests = update(IDEMPOTENCY_KEYS).where(IDEMPOTENCY_KEYS.c.content_digest != "")
        await connection.execute(digests.values(content_digest=""))
