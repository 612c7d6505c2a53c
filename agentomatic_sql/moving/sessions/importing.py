"""Store the sessions of other packages as threads and messages."""

from __future__ import annotations

import os
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ... import inputs
from ...errors import InvalidInput, ThreadExists, ValueTooLarge
from ...execution.engine import DatabaseUrl
from ...store import SQLAlchemyStore
from . import items, mapping
from .foreign import Rows, opened
from .items import Row, Unfit
from .outcome import Imported, Outcome, made_since
from .threads import Continued

if TYPE_CHECKING:
    from ...encryption import Encryption
    from ..moved import Tell

UNKNOWN = "unknown"
"""The user of threads whose source names none."""


async def import_sessions(
    source: DatabaseUrl,
    target: DatabaseUrl | None = None,
    *,
    kind: str | None = None,
    mapping_file: str | os.PathLike[str] | None = None,
    source_schema: str | None = None,
    schema: str | None = None,
    user: str = UNKNOWN,
    agent: str | None = None,
    skip: bool = False,
    encryption: Encryption | None = None,
    progress: Tell | None = None,
) -> Imported:
    """Store the sessions of the OpenAI Agents SDK, LangChain, Google ADK or Chainlit as threads and messages.

    The source is only read, in one transaction. When the import is repeated, it goes on: sessions and items that are
    new are added, and nothing is stored twice. What does not fit is returned, see `skip`.

    Args:
        source: The database to read, as for `SQLAlchemyStore`.
        target: The database to store in; its tables are made or upgraded first.
        kind: The mapping to use, by its name: `openai-agents`, `langchain`, `langchain-postgres`, `google-adk`,
            `google-adk-0`, `chainlit`. None takes the one whose tables are there.
        mapping_file: A TOML file with another mapping.
        source_schema: The schema with the source's tables.
        schema: The schema with the target's tables.
        user: The user of the threads for which the source names none.
        agent: The agent of the threads for which the source names none. None is the mapping's name.
        skip: Whether a row that does not fit is left out. Otherwise its thread ends in front of it, until the row is
            repaired and the import repeated.
        encryption: The keys of the target.
        progress: Called with the messages that were read, and the messages in all.

    Returns:
        How many threads, messages and feedbacks were added, how many were there before, and what did not fit.

    Raises:
        InvalidInput: An argument or the mapping makes no sense.
        TransferFailed: The source does not exist, or has other tables than the mapping says, or of several kinds.
        StoreUnavailable: A database cannot be reached.
        DatabaseError: A database refused a statement, because of missing rights for example.
    """
    if kind is not None and mapping_file is not None:
        raise InvalidInput("kind", "cannot be given together with a mapping of one's own")
    known = None if kind is None else mapping.of_kind(kind)
    if mapping_file is not None:
        known = mapping.of_file(Path(mapping_file))
    async with opened(source, source_schema) as foreign:
        found = await foreign.find(known)
        owner = inputs.identifier("user", user), inputs.identifier("agent", agent or found.mapping.name)
        async with SQLAlchemyStore(target, schema=schema, encryption=encryption) as store:
            await store.initialize()  # before the source is read: both may be one file
            async with foreign.reading(found) as rows:
                return await _Import(store, found.mapping, owner, skip=skip).run(rows, progress)


class _Import:
    """An import into a store; `owner` are the user and the agent of threads for which the source names none."""

    def __init__(
        self, store: SQLAlchemyStore, mapping: mapping.SourceMapping, owner: tuple[str, str], *, skip: bool
    ) -> None:
        self._store = store
        self._mapping = mapping
        self._owner = owner
        self._skip = skip
        self._outcome = Outcome()

    async def run(self, rows: Rows, progress: Tell | None) -> Imported:
        """Store what the source has."""
        total = await rows.count() if progress is not None else 0
        done, key, thread = 0, None, None
        async with aclosing(rows.orphans()) as orphans:
            async for row in orphans:
                self._outcome.refuse(self._mapping.message.table, row, row, "its thread does not exist")
                done += 1
        async with aclosing(rows.all()) as parts:
            async for thread_row, message_row, feedback_row in parts:
                now = [thread_row[name] for name in self._mapping.thread.key]
                if now != key:
                    if thread is not None:
                        await thread.end()
                    key, thread = now, await self._begin(thread_row)
                if message_row is not None:
                    done += 1
                    if thread is not None:
                        await thread.take(message_row, feedback_row)
                if progress is not None:
                    progress(min(done, total), total)
        if thread is not None:
            await thread.end()
        return self._outcome.imported()

    async def _begin(self, row: Row) -> Continued | None:
        """Create a session's thread if it is missing; None if the session does not fit."""
        where = self._mapping.thread
        metadata: dict[str, Any] = {"source": self._mapping.name}
        refuse = partial(self._outcome.refuse, where.table or self._mapping.message.table, row, where.key)
        try:
            row = items.decoded(row, where.json)
            if where.table is not None:
                metadata["item"] = row
            id_ = items.joined(row, where.id)
            is_new, before = await self._store.get_thread(id_) is None, inputs.now()
            thread = await self._store.create_thread(
                id_,
                items.first_of(row, where.user) or self._owner[0],
                items.first_of(row, where.agent) or self._owner[1],
                title=items.first_of(row, where.title),
                metadata=metadata,
            )
        except (InvalidInput, ThreadExists, Unfit, ValueTooLarge) as error:
            refuse(str(error))
            return None
        self._outcome.count("thread", is_new=is_new and made_since(before, thread))
        last = await self._store.get_messages(thread["id"], last=1) if thread["message_count"] else []
        return Continued(self._store, self._mapping, self._outcome, refuse, thread, last, skip=self._skip)
