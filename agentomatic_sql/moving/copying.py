"""Copy a database into another one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import TransferFailed
from ..execution.engine import DatabaseUrl
from .databases import opened
from .moved import Moved, Tell, into
from .reading import Selection, reading
from .writing import Batch, Misfit

if TYPE_CHECKING:
    from ..encryption import Encryption


async def copy(
    source: DatabaseUrl,
    target: DatabaseUrl,
    *,
    source_schema: str | None = None,
    schema: str | None = None,
    user: str | None = None,
    agent: str | None = None,
    thread: str | None = None,
    since: datetime | None = None,
    entities: Sequence[str] | None = None,
    encryption: Encryption | None = None,
    progress: Tell | None = None,
) -> Moved:
    """Store what a database has at the moment of the call in another one of any kind.

    It is an export and an import without a file: the source is only read, in one transaction, also while stores use it;
    rows that the target has are left as they are; and what was interrupted goes on when it is repeated.

    Args:
        source: The database to read, as for `SQLAlchemyStore`.
        target: The database to store in; its tables are made or upgraded first.
        source_schema: The schema with the source's tables.
        schema: The schema with the target's tables.
        user: Only what belongs to this user's threads, as in `export_jsonl`.
        agent: Only what belongs to this agent, or to its threads.
        thread: Only what belongs to this thread.
        since: Only threads that were changed from this time on, with all their messages, and other rows from then.
        entities: Only these, by their names.
        encryption: Keys that show that both databases are encrypted with the same keys, as in `import_jsonl`.
        progress: Called with the rows that are done, and the rows in all.

    Returns:
        How many rows of each entity were added, and how many were there before.

    Raises:
        InvalidInput: An argument makes no sense.
        TransferFailed: The source does not exist, a row does not fit, or the target is encrypted otherwise.
        EncryptionMismatch: `encryption` has other keys.
        SchemaError: The tables of one of them cannot be used.
        StoreUnavailable: A database cannot be reached.
    """
    selection = Selection.of(user, agent, thread, since, entities)
    async with (
        opened(source, source_schema, upgrade=False) as one,
        opened(target, schema, upgrade=True) as other,
        reading(one, selection) as rows,
    ):
        total = await rows.count() if progress is not None else 0
        tell = (lambda done: progress(done, max(done, total))) if progress is not None else None
        return await into(other, rows.keys, encryption, rows.pages(), tell, _error)


def _error(misfit: Misfit, batch: Batch) -> TransferFailed:
    key = zip(batch.entity.key, batch.key(misfit.number), strict=True)
    named = ", ".join(f"{name} {value!r}" for name, value in key)
    return TransferFailed(f"{batch.entity.name} ({named}) of the source: {misfit.field}: {misfit.reason}")
