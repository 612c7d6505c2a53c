"""Statements about the keys that a database is encrypted by, of which it knows the ids and how to tell them.

So a store with other keys, or with none, is refused when it is opened, before it stores what others cannot read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from .. import inputs, migrations
from ..context import Context
from ..dialects import Dialect
from ..errors import EncryptionMismatch, Undecipherable
from ..models import ENCRYPTION_KEYS as KEYS
from ..operations import query
from .fields import place

if TYPE_CHECKING:
    from ..encryption import Encryption

_OTHER = "is another one than this database was encrypted by"
_MISSING = "encrypts this database, and was not given: SQLAlchemyStore(…, encryption=Encryption({…}))"


def _known() -> Select[Any]:
    return select(KEYS.c.id, KEYS.c.check_value).order_by(KEYS.c.created_at, KEYS.c.id)


@query
async def known(connection: AsyncConnection, _context: Context) -> Mapping[str, str]:
    """The ids of the keys, and their check values."""
    return {row[0]: row[1] for row in await connection.execute(_known())}


def verify(found: Mapping[str, str], encryption: Encryption | None, where: str) -> bool:
    """Whether the key that encrypts is known already; raises `EncryptionMismatch`."""
    given = () if encryption is None else encryption.ids
    for id_, value in found.items():
        if id_ not in given:
            raise EncryptionMismatch(where, id_, _MISSING)
        assert encryption is not None  # else none was given
        try:
            opened = encryption.open(value, _place(id_))
        except Undecipherable as error:
            raise EncryptionMismatch(where, id_, _OTHER) from error
        if opened:  # not sealed at all, where that is read as it is
            raise EncryptionMismatch(where, id_, _OTHER)
    return encryption is None or encryption.primary in found


async def register(
    engine: AsyncEngine, dialect: Dialect, encryption: Encryption, where: str, schema: str | None
) -> None:
    """Make the key known that encrypts, unless somebody else has; raises `EncryptionMismatch`, and leaves nothing.

    One at a time, by the lock of migrations: two that come with other keys would not see each other's.
    """
    id_ = encryption.primary
    row = {"id": id_, "check_value": encryption.seal("", _place(id_)), "created_at": inputs.now()}

    def insert(connection: Connection) -> None:
        found = {known[0]: known[1] for known in connection.execute(_known())}
        if not verify(found, encryption, where):
            connection.execute(dialect.insert_if_absent(KEYS, row, ["id"]))

    await migrations.alone(engine, insert, schema=schema)


def _place(id_: str) -> bytes:
    return place(KEYS, "check_value", {"id": id_})
