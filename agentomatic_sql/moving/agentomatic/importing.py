"""Bring what agentomatic's own store has, 1.10 to 1.16, into a database of this package.

The same queries make the rows in both ways. If one connection reaches both databases, they are stored by INSERT …
SELECT, some keys of the source at a time, each in a transaction. Else, and if rows change on their way, they are read
in one transaction and stored as a copy is. A row that is there is left as it is, so the command can be repeated after
any interruption.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import TransferFailed
from ...execution.engine import DatabaseUrl, parse
from ...sealing import keys
from ...sealing.fields import Sealing
from ..databases import Opened, foreign, opened, take_keys
from ..moved import Moved, Tell
from .storing import within_server
from .streaming import streamed
from .survey import look, survey

if TYPE_CHECKING:
    from ...encryption import Encryption


async def import_agentomatic(
    source: DatabaseUrl,
    target: DatabaseUrl,
    *,
    schema: str | None = None,
    source_schema: str | None = None,
    encryption: Encryption | None = None,
    progress: Tell | None = None,
) -> Moved:
    """Store what the store of agentomatic 1.10 to 1.16 has in a database, which may be the same.

    The source is only read. Rows that the target has are left as they are; what was interrupted goes on when it is
    repeated. Stop what writes to the source first.

    Args:
        source: The database with agentomatic's tables (`threads`, `messages`, …).
        target: The database to store in; its tables are made or upgraded first.
        schema: The schema with the target's tables.
        source_schema: The schema with the source's tables; None is the connection's own.
        encryption: The keys of the target, as for `SQLAlchemyStore`; what is stored is encrypted with the first.
        progress: Called with the rows that are done, and the rows in all.

    Returns:
        How many rows of each entity were added and were there before, and sentences on what was changed or left behind.

    Raises:
        TransferFailed: The source has no such tables, only some of them, or those of another release; a row does not
            fit; the target is encrypted and `encryption` is missing, or has rows that are not encrypted; or the source
            was changed meanwhile.
        EncryptionMismatch: The target is encrypted with other keys.
        SchemaError: The tables of the target cannot be used.
        StoreUnavailable: A database cannot be reached.
    """
    async with foreign(source, source_schema) as origin:
        platform = await origin.run(look, source_schema, origin.where)
        before = await survey(origin, platform)
        total = sum(before.rows.values())
        tell = (lambda done: progress(done, max(done, total))) if progress is not None else None
        async with opened(target, schema, upgrade=True) as one:
            sealing = await _sealing(one, encryption)
            if sealing.active or before.not_finite or not _reaches(target, source):
                moved = await streamed(origin, one, platform, sealing, tell)
            else:
                moved = await within_server(one, platform, tell)
            after = await survey(origin, platform)
            if (after.rows, after.latest) != (before.rows, before.latest):
                raise TransferFailed(
                    f"{origin.where} was changed meanwhile: stop what writes to it, and import into a new database"
                )
    return moved._replace(reported=before.reported)


def _reaches(target: DatabaseUrl, source: DatabaseUrl) -> bool:
    (url, dialect), (other, others) = parse(target), parse(source)
    return dialect.name == others.name and dialect.reaches(url, other)


async def _sealing(one: Opened, encryption: Encryption | None) -> Sealing:
    """Return what encrypts the rows, and register its key; raises `TransferFailed` and `EncryptionMismatch`."""
    known = await one.run(keys.known)
    if encryption is None and known:
        raise TransferFailed(
            f"{one.where} is encrypted: give its keys as encryption=, or set AGENTOMATIC_SQL_KEYS for the command"
        )
    sealing = Sealing(encryption)
    await take_keys(one, keys.made(encryption), encryption)
    return sealing
