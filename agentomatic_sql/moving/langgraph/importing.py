"""Import what LangGraph's own checkpoint savers have stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ...execution.engine import DatabaseUrl
from ...sealing import keys
from ..databases import Opened, foreign, opened
from ..moved import Tell
from . import tables

if TYPE_CHECKING:
    from langgraph.checkpoint.serde.base import SerializerProtocol

    from ...encryption import Encryption
    from ...graphs.codec import Codec


class MovedGraphs(NamedTuple):
    """The numbers of rows that were moved from a saver of LangGraph, by the kind of row."""

    added: Mapping[str, int]
    """How many rows were stored: `checkpoint`, `value`, `write`."""
    present: Mapping[str, int]
    """How many checkpoints were there before, and were left as they are."""
    bytes_before: int
    """How many bytes the contents of the rows that were stored have in the source."""
    bytes_after: int
    """How many bytes they have now."""


async def import_langgraph(
    source: DatabaseUrl,
    target: DatabaseUrl | None,
    *,
    source_schema: str | None = None,
    schema: str | None = None,
    serde: SerializerProtocol | None = None,
    encryption: Encryption | None = None,
    progress: Tell | None = None,
) -> MovedGraphs:
    """Store the checkpoints of LangGraph's own savers in a database of any kind, so that their graphs go on.

    The source is a database of `PostgresSaver`, `SqliteSaver`, `PyMySQLSaver`, or an async or shallow variant of these.
    It is only read, in one transaction; it may be the target itself. Checkpoints that are stored already are left as
    they are. So an import that was interrupted goes on when it is repeated, and can be repeated when graphs have gone
    on under the old saver. Needs the extra `langgraph`.

    Args:
        source: The database to read; its driver is chosen as for `SQLAlchemyStore`.
        target: The database to store in, as for `SQLAlchemyStore`; its tables are made or upgraded first.
        source_schema: The schema with the savers' tables.
        schema: The schema with the target's tables.
        serde: The savers' serializer; LangGraph's own by default. With an `EncryptedSerializer`, what is stored is
            encrypted as well, with its cipher, unless `encryption` is given.
        encryption: The keys of the target, as for `SQLAlchemyStore`.
        progress: Called with the checkpoints that are done, and the checkpoints in all.

    Returns:
        How many rows were added and were there, and the bytes of what was added.

    Raises:
        TransferFailed: The source does not exist, or has no tables of such a saver, or they are half made, or newer
            than this release knows, or encrypted, and `serde` is missing.
        UnreadableCheckpoint: A checkpoint of the source is damaged, or encrypted with another key.
        EncryptionMismatch: The target is encrypted with other keys.
        SchemaError: The target's tables cannot be used.
        DatabaseError: The source's tables may not be read.
        StoreUnavailable: A database cannot be reached.
        MissingExtra: The extra `langgraph` is not installed.
    """
    from ... import langgraph  # noqa: F401 - it names the extra if that is missing
    from .adding import Tally, add_page
    from .reading import SaverSource, serializer

    reading = serializer(serde)
    async with (
        foreign(source, source_schema) as origin,
        opened(target, schema, upgrade=True) as one,
        origin.transactions.snapshot() as connection,
    ):
        layout = await tables.find(connection, origin.context.dialect, source_schema, origin.where)
        codec, tally, last = await _codec(one, reading, encryption), Tally(), None
        rows = SaverSource(connection, origin.context.dialect, layout, reading, codec, origin.where)
        total = await rows.count()
        async for page in rows.keys():
            last = await add_page(rows, one, codec, page, last, tally)
            if progress is not None:
                done = tally.added["checkpoint"] + tally.present["checkpoint"]
                progress(done, max(done, total))
    return MovedGraphs(tally.added, tally.present, tally.bytes_before, tally.bytes_after)


def encrypted(key: str) -> SerializerProtocol:
    """Return LangGraph's serializer that encrypts with AES.

    Raises `InvalidInput`, `MissingExtra`, or `TransferFailed` if its cipher is not installed.
    """
    from ... import langgraph  # noqa: F401 - it names the extra if that is missing
    from . import reading

    return reading.encrypted(key)


async def _codec(one: Opened, serde: SerializerProtocol, encryption: Encryption | None) -> Codec:
    """Return the codec that stores, and register the keys with which it encrypts. Raises `EncryptionMismatch`."""
    from ...graphs.codec import codec
    from .reading import inner

    context = one.context
    known = await one.run(keys.known)
    if not keys.verify(known, encryption, one.where) and encryption is not None:
        await one.transactions.migrate(keys.register, context.dialect, encryption, one.where, context.schema)
    return codec(serde if encryption is None else inner(serde), encryption, strict=True)
