"""Check a store's keys against those with which its database is encrypted.

The database holds the id of each key and a check value that only this key decrypts, never the key. So a store with
other keys, or none, is refused when it is opened, before it stores rows that other stores cannot read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, select

from .. import inputs
from ..async_engine import AsyncConnection, AsyncEngine
from ..context import Context
from ..dialects import Dialect
from ..errors import EncryptionMismatch, Undecipherable
from ..migrating.locked import run_locked
from ..operations import query
from ..tables import ENCRYPTION_KEYS as KEYS
from .fields import field_identity

if TYPE_CHECKING:
    from ..encryption import Encryption

_OTHER = "is not the key of this id with which this database was encrypted"
_MISSING = "encrypts this database but is missing: pass it in SQLAlchemyStore(…, encryption=Encryption({…}))"


def _known() -> Select[Any]:
    return select(KEYS.c.id, KEYS.c.check_value).order_by(KEYS.c.created_at, KEYS.c.id)


@query
async def known(connection: AsyncConnection, _context: Context) -> Mapping[str, str]:
    """Return the check values of the database's keys, by their ids."""
    return {row[0]: row[1] for row in await connection.execute(_known())}


def verify(check_values: Mapping[str, str], encryption: Encryption | None, where: str) -> bool:
    """Check that a store has all keys of its database.

    Args:
        check_values: The keys of the database, from `known`.
        encryption: The keys of the store, or None.
        where: The database, for the message.

    Returns:
        False if the store's primary key still has to be registered, else True.

    Raises:
        EncryptionMismatch: The store lacks a key, or has another key under the same id.
    """
    ids = () if encryption is None else encryption.ids
    for id_, value in check_values.items():
        if id_ not in ids:
            raise EncryptionMismatch(where, id_, _MISSING)
        assert encryption is not None  # it has this id
        try:
            opened = encryption.open(value, _identity(id_))
        except Undecipherable as error:
            raise EncryptionMismatch(where, id_, _OTHER) from error
        if opened:  # the value was not encrypted, and `encryption` is not strict
            raise EncryptionMismatch(where, id_, _OTHER)
    return encryption is None or encryption.primary in check_values


def made(encryption: Encryption | None) -> Mapping[str, str]:
    """Return a check value of a store's primary key by its id, as `known` does; empty without keys."""
    return {} if encryption is None else {encryption.primary: encryption.seal("", _identity(encryption.primary))}


async def register(
    engine: AsyncEngine, dialect: Dialect, encryption: Encryption, where: str, schema: str | None
) -> None:
    """Register a store's primary key in the database, unless it is known already.

    It holds the migration lock: else two stores that start at once with different keys would both succeed.

    Raises:
        EncryptionMismatch: The database is encrypted with a key that the store does not have. Nothing was stored.
    """
    id_ = encryption.primary
    new_row = {"id": id_, "check_value": encryption.seal("", _identity(id_)), "created_at": inputs.now()}

    def insert(connection: Connection) -> None:
        check_values = {row[0]: row[1] for row in connection.execute(_known())}
        if not verify(check_values, encryption, where):
            connection.execute(dialect.insert_if_absent(KEYS, new_row, ["id"]))

    await run_locked(engine, insert, schema=schema)


def _identity(id_: str) -> bytes:
    return field_identity(KEYS, "check_value", {"id": id_})
