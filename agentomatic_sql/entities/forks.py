"""Forks of threads whose fields are encrypted: they are bound to their places, so that a copy is sealed anew.

The copy goes through this process, a page at a time, in one transaction.
"""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from ..dialects import Dialect
from ..errors import ThreadExists
from ..graphs import removal as graph_maintenance
from ..models import CHECKPOINTS, MESSAGES, THREADS
from ..ownership import Owner, theirs
from ..records import Record
from ..sealing.fields import Sealing
from . import checkpoints, threads

_PAGE = 500
_tokens = random.SystemRandom()


async def fork(
    connection: AsyncConnection,
    dialect: Dialect,
    sealing: Sealing,
    parent_id: str,
    last_index: int,
    new_id: str,
    title: str | None,
    at: datetime,
    owner: Owner,
    with_checkpoints: bool,
) -> Record | None:
    """As `threads.fork` and `threads.fork_with_checkpoints`; raises `ThreadExists` and `DecryptionFailed`."""
    named = bindparam("id", type_=THREADS.c.id.type)
    held = select(THREADS).where(THREADS.c.id == named, *theirs(owner is not None)).with_for_update(read=True)
    parent = (await connection.execute(held, {"id": parent_id, "owner": owner})).mappings().one_or_none()
    if parent is None:
        return None
    opened = sealing.columns(THREADS, parent)
    made = {
        **opened,
        "id": new_id,
        "title": threads.fork_title(title, opened["title"], parent_id),
        "message_count": min(opened["message_count"], last_index + 1),
        "parent_thread_id": parent_id,
        "fork_message_index": last_index,
        "created_at": at,
        "updated_at": at,
    }
    try:
        await connection.execute(insert(THREADS), sealing.row(THREADS, made))
    except IntegrityError as error:
        raise ThreadExists(new_id, threads.FORK_TAKEN) from error
    originals = select(MESSAGES).where(MESSAGES.c.thread_id == parent_id, MESSAGES.c.position <= last_index)
    await _copy(connection, sealing, MESSAGES, originals, "position", new_id)
    if with_checkpoints:
        await checkpoints.refuse_some(connection, new_id)
        originals = select(CHECKPOINTS).where(CHECKPOINTS.c.thread_id == parent_id)
        await _copy(connection, sealing, CHECKPOINTS, originals, "sequence", new_id)
        await graph_maintenance.copy(connection, dialect, parent_id, new_id)
    return await threads.made(connection, new_id, owner)


async def _copy(
    connection: AsyncConnection, sealing: Sealing, table: Table, originals: Select[Any], order: str, new_id: str
) -> None:
    """Copy rows to another thread, in this order, opened and sealed for their new places."""
    given = next(iter(table.primary_key.columns)).name  # which the server gives anew
    place, after = table.c[order], -1
    while page := (
        (await connection.execute(originals.where(place > after).order_by(place).limit(_PAGE))).mappings().all()
    ):
        rows = []
        for original in page:
            row: dict[str, Any] = {**sealing.columns(table, original), "thread_id": new_id}
            del row[given]
            if table is MESSAGES:
                row["token"] = _tokens.getrandbits(62)
            rows.append(sealing.row(table, row))
        await connection.execute(insert(table), rows)
        after = page[-1][order]
