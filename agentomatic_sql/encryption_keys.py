"""Statements about the keys that a database is encrypted by, of which it knows the ids and how to tell them.

So a store with other keys, or with none, is refused when it is opened, before it stores what others cannot read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from .dialects import Dialect
from .errors import EncryptionMismatch
from .models import ENCRYPTION_KEYS as KEYS
from .sealing import Undecipherable, place

if TYPE_CHECKING:
    from .encryption import Encryption

_OTHER = "is another one than this database was encrypted by"
_MISSING = "encrypts this database, and was not given: SQLAlchemyStore(…, encryption=Encryption({…}))"


async def known(connection: AsyncConnection) -> Mapping[str, str]:
    """The ids of the keys, and their check values."""
    rows = await connection.execute(select(KEYS.c.id, KEYS.c.check_value).order_by(KEYS.c.created_at, KEYS.c.id))
    return {row[0]: row[1] for row in rows}


def verify(found: Mapping[str, str], encryption: Encryption | None, where: str) -> bool:
    """Whether the key that encrypts is known already; raises `EncryptionMismatch`."""
    given = () if encryption is None else encryption.ids
    for id_, value in found.items():
        if id_ not in given:
            raise EncryptionMismatch(where, id_, _MISSING)
        assert encryption is not None  # else none was given
        try:
            encryption.open(value, _place(id_))
        except Undecipherable as error:
            raise EncryptionMismatch(where, id_, _OTHER) from error
    return encryption is None or encryption.primary in found


async def register(
    connection: AsyncConnection, dialect: Dialect, encryption: Encryption, where: str, at: datetime
) -> None:
    """Make the key known that encrypts, unless somebody else has; raises `EncryptionMismatch`, and leaves nothing."""
    id_ = encryption.primary
    row = {"id": id_, "check_value": encryption.seal("", _place(id_)), "created_at": at}
    await connection.execute(dialect.insert_if_absent(KEYS, row, ["id"]))
    verify(await known(connection), encryption, where)


def _place(id_: str) -> bytes:
    return place(KEYS, "check_value", {"id": id_})
