"""Decrypt what is bound to its thread alone, because it may exist without one: feedback, suspended states, checkpoints.

Somebody without the keys may have changed the owner of a thread in the database. So a user's view looks first whether
the thread's own fields, which are bound to its owner, can be decrypted.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Table

from ..context import Context
from ..database import Runner
from ..entities import threads
from ..execution.deadlines import Deadline
from ..records import Record
from ..tables import THREADS


async def proven(database: Runner, call: Deadline, context: Context, thread_ids: Iterable[str]) -> set[str]:
    """Return those of these threads whose data may be decrypted: all, but in a user's view those bound to the user.

    Raises `DecryptionFailed` for a thread that says that it is the user's, and is bound to another.
    """
    wanted = {*thread_ids}
    if not wanted or not context.owned or not database.sealing.active:
        return wanted
    found = await database.run_in(call, threads.owned, context, sorted(wanted))
    return {thread["id"] for thread in database.sealing.records(THREADS, found)}


async def opened(database: Runner, call: Deadline, context: Context, table: Table, page: list[Record]) -> list[Record]:
    """Return records with their fields decrypted, without those of threads that are not proven."""
    of_user = await proven(database, call, context, [record["thread_id"] for record in page])
    return database.sealing.records(table, [record for record in page if record["thread_id"] in of_user])
