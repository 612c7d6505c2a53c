"""The methods that `SQLAlchemyStore` and a user's view share.

They check arguments, encrypt and decrypt fields, and run the operations of `entities/` with the store's context.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from .. import inputs, tokens
from ..base import BaseStore
from ..context import Context
from ..database import Runner
from ..entities import appends, dated, deletion, feedback, forks, idempotency, suspended, threads
from ..entities import checkpoints as _checkpoints
from ..entities import messages as _messages
from ..errors import KeyTaken, OutcomeUnknown, ThreadExists, ThreadNotFound, WriteConflict
from ..execution.backoff import ATTEMPTS
from ..execution.deadlines import Deadline
from ..graphs import view as graph_view
from ..records import Record
from ..statements import Fenced
from ..tables import CHECKPOINTS, FEEDBACK, THREADS
from ..tables import SUSPENDED_STATES as STATES
from ..tokens import Attempts, Known
from .opening import opened, proven
from .writes import Writes


class StoreConversations(BaseStore):
    """Conversations in a database: everybody's, or those of one user."""

    def __init__(self, database: Runner, context: Context, reads: Runner | None = None) -> None:
        """`reads` runs queries that may be stale, on which no write depends; without it, the database does."""
        self._database = database
        self._reads = reads or database
        self._context = context
        self._sealing = database.sealing
        self._knowledge = database.knowledge
        self._writes = Writes(database, context)

    def _read(self, found: threads.Stored | None, by: Runner | None = None) -> Record | None:
        """Return a thread's record, and remember its epoch if it was read by the database, not by another runner."""
        if found is None:
            return None
        (by or self._database).knowledge.remember(found.record["id"], found.known)
        return self._sealing.record(THREADS, found.record)

    # threads

    async def create_thread(
        self,
        thread_id: str,
        user_id: str,
        agent_name: str,
        *,
        title: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> Record:
        row = inputs.thread(thread_id, inputs.user(user_id, self._context.owner), agent_name, title, metadata)
        epoch = tokens.new_epoch()
        new = {**self._sealing.row(THREADS, row), "epoch": epoch, "version": epoch}
        created = await self._database.run(threads.create, self._context, new)
        self._knowledge.remember(created.record["id"], created.known)
        return self._sealing.record(THREADS, created.record)

    async def get_thread(self, thread_id: str) -> Record | None:
        return await self._get_thread(inputs.identifier("thread_id", thread_id), self._reads)

    async def _get_thread(self, thread_id: str, by: Runner) -> Record | None:
        return self._read(await by.run(threads.get, self._context, thread_id), by)

    async def list_threads(
        self,
        *,
        agent_name: str | None = None,
        user_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
        after: Mapping[str, Any] | str | None = None,
    ) -> list[Record]:
        filters = inputs.filters(agent_name=agent_name, user_id=user_id)
        size, skipped = inputs.window(limit, offset)
        page = await self._reads.run(threads.page, self._context, filters, size, skipped, inputs.thread_cursor(after))
        return self._sealing.records(THREADS, page)

    async def update_thread(self, thread_id: str, **updates: Any) -> Record | None:
        here = inputs.identifier("thread_id", thread_id)
        values = inputs.thread_updates(updates)
        if not values:
            return await self._get_thread(here, self._database)
        version, at = tokens.new_token(), inputs.now()

        async def change(known: Known | None) -> threads.Stored | Fenced | None:
            assert known is not None  # the thread is needed
            sealed = self._sealing.row(THREADS, values, id=here, **known.identity)
            return await self._database.run_in(call, threads.change, self._context, here, known, sealed, version, at)

        with self._database.call() as call:
            # What is encrypted anew is bound to the user that the row names: it must be the one that it was bound to.
            if not await proven(self._database, call, self._context, [here]):
                return None
            return self._read(await self._writes.run(call, here, change))

    async def delete_thread(self, thread_id: str) -> bool:
        here = inputs.identifier("thread_id", thread_id)

        async def remove(known: Known | None) -> bool | Fenced | None:
            for attempt in (deletion.remove, deletion.remove, deletion.remove_locked):
                removed = await self._database.run_in(call, attempt, self._context, here, known)
                if not isinstance(removed, Known) or not known or not tokens.same_thread(removed.epoch, known.epoch):
                    break
                known = removed  # something has been attached to the thread meanwhile
            if removed is None:
                return await self._database.run_in(call, deletion.remove_with_graphs, self._context, here, known)
            return None if isinstance(removed, Known) or (removed is False and known is not None) else removed

        with self._database.call() as call:
            removed = await self._writes.run(call, here, remove, needed=False)
        self._knowledge.forget(here)
        return bool(removed)

    async def iter_threads(
        self, *, agent_name: str | None = None, user_id: str | None = None, page_size: int = 200
    ) -> AsyncIterator[Record]:
        """Iterate over the threads in the order of their ids.

        A thread that exists during the whole iteration comes exactly once.
        """
        filters = inputs.filters(agent_name=agent_name, user_id=user_id)
        size, after = inputs.page_size(page_size), None
        while page := await self._reads.run(threads.page_by_id, self._context, filters, size, after):
            after = page[-1]["id"]
            for thread in self._sealing.records(THREADS, page):
                yield thread

    # messages

    async def add_message(
        self,
        thread_id: str,
        role: str,
        content: str,
        *,
        metadata: dict[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Record:
        here = inputs.identifier("thread_id", thread_id)
        key = inputs.idempotency_key(idempotency_key)
        rows = [inputs.message(role, content, metadata)]
        with self._database.call() as call:
            return (await self._append(call, here, rows, key))[0]

    async def add_messages(
        self,
        thread_id: str,
        messages: Iterable[Mapping[str, Any]],
        *,
        idempotency_key: str | None = None,
        backfill: bool = False,
    ) -> list[Record]:
        here = inputs.identifier("thread_id", thread_id)
        key = inputs.idempotency_key(idempotency_key)
        if rows := inputs.messages(messages):
            with self._database.call() as call:
                return await self._append(call, here, rows, key, backfill=backfill if dated.has_times(rows) else None)
        if await self._get_thread(here, self._database) is None:  # nothing changes, but it has to be there
            raise ThreadNotFound(here)
        return []

    async def _append(
        self,
        call: Deadline,
        thread_id: str,
        rows: Sequence[inputs.Row],
        wanted: str | None,
        append: appends.Append | None = None,
        *,
        backfill: bool | None = None,
    ) -> list[Record]:
        """Append messages as `Writes.run` does, without its frames and those of a closure; raises `ThreadNotFound`.

        `backfill` is None if no message has a time of its own.
        """
        if wanted is not None:
            key = idempotency.of_messages(wanted, rows)
            return await self._append_once(call, thread_id, rows, key, backfill=backfill)
        append = append or appends.Append.of(thread_id, rows, inputs.now())
        attempts: Attempts | None = None
        answer: appends.Answer | dated.Answer
        while True:
            known = self._knowledge.get(thread_id) or await self._writes.look(call, thread_id)
            if known is None or (attempts is not None and not attempts.may_write(known)):
                raise ThreadNotFound(thread_id)
            sealed = self._sealing.active
            now = append.sealed(self._sealing, known) if sealed else append._replace(epoch=known.epoch)
            if backfill is None:
                answer = await self._database.run_in(call, appends.add, self._context, now)
            else:
                answer = await self._database.run_in(call, dated.add, self._context, now, backfill)
            if isinstance(answer, appends.Places):
                return appends.records_of(thread_id, rows, answer)
            if isinstance(answer, list):
                return dated.records_of(thread_id, rows, answer)
            attempts = attempts or Attempts(self._knowledge, thread_id)
            attempts.again(None if answer is None else answer.number)

    async def _append_once(
        self, call: Deadline, thread_id: str, rows: Sequence[inputs.Row], key: idempotency.Key, *, backfill: bool | None
    ) -> list[Record]:
        """Append messages under an idempotency key, or return what is stored under it."""
        kept = key.without_digest() if self._sealing.active else key
        append = appends.Append.of(thread_id, rows, inputs.now(), kept)

        async def add() -> list[Record]:
            return await self._append(call, thread_id, rows, None, append, backfill=backfill)

        async def find() -> list[Record] | None:
            found = await self._database.run_in(
                call, idempotency.find_messages, self._context, thread_id, key.key, self._sealing.active
            )
            return self._sealing.messages(found) or None

        return await idempotency.first(find, idempotency.digest_of_messages, thread_id, key, add)

    async def get_messages(
        self, thread_id: str, *, limit: int = 100, offset: int = 0, last: int | None = None
    ) -> list[Record]:
        here = inputs.identifier("thread_id", thread_id)
        return await self._page_of_messages(here, *inputs.page(limit, offset, last))

    async def _page_of_messages(self, thread_id: str, limit: int, offset: int, last: int | None) -> list[Record]:
        sealed = self._sealing.active
        page = await self._reads.run(_messages.page, self._context, thread_id, limit, offset, last, sealed=sealed)
        return self._sealing.messages(page)

    async def iter_messages(self, thread_id: str | None = None, *, page_size: int = 500) -> AsyncIterator[Record]:
        size = inputs.page_size(page_size)
        if thread_id is None:
            after, sealed = None, self._sealing.active
            while rows := await self._reads.run(_messages.page_of_all, self._context, size, after, sealed=sealed):
                page = self._sealing.messages(rows)
                after = (page[-1]["thread_id"], page[-1]["index"])
                for message in page:
                    yield message
            return
        here, offset = inputs.identifier("thread_id", thread_id), 0
        while page := await self._page_of_messages(here, size, offset, None):
            for message in page:
                yield message
            offset = page[-1]["index"] + 1

    # feedback

    async def add_feedback(
        self,
        thread_id: str,
        user_id: str,
        agent_name: str,
        *,
        rating: int | None = None,
        comment: str | None = None,
        message_id: int | None = None,
        feedback_type: str = "thumbs",
        query: str = "",
        response: str = "",
        correction: str | None = None,
        idempotency_key: str | None = None,
    ) -> Record:
        wanted = inputs.idempotency_key(idempotency_key)
        row = inputs.feedback(
            thread_id,
            inputs.user(user_id, self._context.owner),
            agent_name,
            rating=rating,
            comment=comment,
            message_id=message_id,
            feedback_type=feedback_type,
            query=query,
            response=response,
            correction=correction,
        )
        key = None if wanted is None else idempotency.of_feedback(wanted, row)
        kept = key.without_digest() if key is not None and self._sealing.active else key
        here, sealed = row["thread_id"], self._sealing.row(FEEDBACK, row)

        async def store(known: Known | None) -> Record | Fenced | None:
            epoch = None if known is None else known.epoch
            return await self._database.run_in(call, feedback.add, self._context, sealed, kept, epoch)

        async def add() -> Record:
            stored = await self._writes.run(call, here, store, needed=self._context.owned)
            if stored is None:
                raise ThreadNotFound(here)
            return self._sealing.record(FEEDBACK, stored)

        async def find() -> Record | None:
            assert key is not None  # there is nothing to find without one
            found = await self._database.run_in(call, idempotency.find_feedback, self._context, here, key.key)
            return self._sealing.optional(FEEDBACK, found)

        with self._database.call() as call:
            if key is None:
                return await add()
            return await idempotency.first(find, idempotency.digest_of_feedback, here, key, add)

    async def get_feedback(
        self, *, agent_name: str | None = None, user_id: str | None = None, limit: int = 50
    ) -> list[Record]:
        filters = inputs.filters(agent_name=agent_name, user_id=user_id)
        size = inputs.count("limit", limit)
        with self._reads.call() as call:
            page = await self._reads.run_in(call, feedback.page, self._context, filters, size)
            return await opened(self._reads, call, self._context, FEEDBACK, page)

    async def cleanup_idempotency_keys(self, older_than: timedelta | float) -> int:
        age = inputs.age("older_than", older_than)
        return await self._database.run(idempotency.forget, self._context, inputs.now(), age)

    # suspended states

    async def save_suspended_state(
        self,
        approval_id: str,
        thread_id: str,
        agent_name: str,
        node_name: str,
        state_json: dict[str, Any],
        *,
        ttl: timedelta | float | None = None,
    ) -> Record:
        row = inputs.suspended_state(approval_id, thread_id, agent_name, node_name, state_json, ttl)
        save = suspended.save_for_owner if self._context.owned else suspended.save
        new = {**self._sealing.row(STATES, row), "token": tokens.new_token()}
        saved = await self._database.run(save, self._context, new)
        return self._sealing.record(STATES, saved)

    async def get_suspended_state(self, approval_id: str) -> Record | None:
        here = inputs.identifier("approval_id", approval_id)
        with self._reads.call() as call:
            found = await self._reads.run_in(call, suspended.get, self._context, here, inputs.now())
            waiting = [] if found is None else [found.record]
            return next(iter(await opened(self._reads, call, self._context, STATES, waiting)), None)

    async def list_suspended_states(
        self, *, thread_id: str | None = None, agent_name: str | None = None
    ) -> list[Record]:
        filters = inputs.filters(thread_id=thread_id, agent_name=agent_name)
        with self._reads.call() as call:
            found = await self._reads.run_in(call, suspended.waiting, self._context, filters, inputs.now())
            return await opened(self._reads, call, self._context, STATES, found)

    async def delete_suspended_state(self, approval_id: str) -> bool:
        here = inputs.identifier("approval_id", approval_id)
        return await self._claim(here) is not None

    async def claim_suspended_state(self, approval_id: str) -> Record | None:
        here = inputs.identifier("approval_id", approval_id)
        return self._sealing.optional(STATES, await self._claim(here))

    async def _claim(self, approval_id: str) -> Record | None:
        """Take a state; None if there is none, or another call has taken it.

        Raises `OutcomeUnknown` if the answer was lost, and the state is another one by now.
        """
        fenced: int | None = None
        run_in, here = self._database.run_in, self._context
        with self._database.call() as call:
            for _ in range(ATTEMPTS):
                found = await run_in(call, suspended.get, here, approval_id, inputs.now())
                if found is None:
                    return None
                if fenced is not None and found.token != fenced:
                    raise OutcomeUnknown(self._database.where)
                if not await proven(self._database, call, here, [found.record["thread_id"]]):
                    return None
                claimed = await run_in(call, suspended.claim, here, approval_id, found.token, inputs.now())
                if claimed is True:
                    return found.record
                fenced = claimed.number if isinstance(claimed, Fenced) else None
        raise WriteConflict(ATTEMPTS, f"other calls replaced the suspended state {approval_id!r}")

    async def cleanup_expired_states(self) -> int:
        return await self._database.run(suspended.cleanup, self._context, inputs.now())

    # forks

    async def fork_thread(
        self,
        parent_thread_id: str,
        message_index: int,
        new_thread_id: str,
        *,
        title: str | None = None,
        checkpoints: bool = False,
    ) -> Record | None:
        parent = inputs.identifier("parent_thread_id", parent_thread_id)
        new = inputs.identifier("new_thread_id", new_thread_id, empty=False)
        last, title = inputs.message_index(message_index), inputs.optional_text("title", title)
        if last < 0:
            return None
        values = (parent, last, new, title, inputs.now(), tokens.new_epoch())
        if self._sealing.active:
            made = await self._database.run(forks.fork_encrypted, self._context, self._sealing, *values, checkpoints)
            return self._read(made)
        if checkpoints:
            return self._read(await self._database.run(forks.fork_with_checkpoints, self._context, *values))
        try:
            return self._read(await self._database.run(forks.fork, self._context, *values))
        except KeyTaken as error:
            raise ThreadExists(new, forks.TAKEN) from error

    async def get_thread_lineage(self, thread_id: str) -> Record:
        here = inputs.identifier("thread_id", thread_id)
        found = await self._reads.run(threads.lineage, self._context, here)
        opened = {name: self._sealing.records(THREADS, found[name]) for name in ("ancestors", "descendants")}
        return {**found, **opened}

    # checkpoints

    async def save_checkpoint(
        self,
        thread_id: str,
        checkpoint_ns: str,
        checkpoint_id: str,
        parent_checkpoint_id: str | None,
        checkpoint: dict[str, Any],
        metadata: dict[str, Any],
    ) -> None:
        row = inputs.checkpoint(thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata)
        new = {**self._sealing.row(CHECKPOINTS, row), "token": tokens.new_token()}

        async def save(known: Known | None) -> bool | Fenced | None:
            epoch = None if known is None else known.epoch
            return (await self._database.run_in(call, _checkpoints.save, self._context, new, epoch)) or None

        with self._database.call() as call:
            if await self._writes.run(call, thread_id, save, needed=self._context.owned) is None:
                raise ThreadNotFound(thread_id)

    async def get_checkpoint(self, thread_id: str, checkpoint_ns: str, checkpoint_id: str | None) -> Record | None:
        """Return a checkpoint as `BaseStore.get_checkpoint` does; if there is none, a LangGraph graph's."""
        key, wanted = inputs.checkpoint_key(thread_id, checkpoint_ns), inputs.checkpoint_wanted(checkpoint_id)
        with self._database.call() as call:
            if not await proven(self._database, call, self._context, [thread_id]):
                return None
            own = await self._database.run_in(call, _checkpoints.get, self._context, *key, wanted)
        if own is not None:
            return self._sealing.record(CHECKPOINTS, own)
        found = await graph_view.page(self._database, self._context, *key, checkpoint_id=wanted or None, limit=1)
        return next(iter(found), None)

    async def list_checkpoints(
        self, thread_id: str, checkpoint_ns: str, *, before: str | None = None, limit: int | None = None
    ) -> list[Record]:
        """Return checkpoints as `BaseStore.list_checkpoints` does, followed by a LangGraph graph's.

        `before` may name one of either; an id that both have is the store's own, and the graph's is not listed.
        """
        key = inputs.checkpoint_key(thread_id, checkpoint_ns)
        earlier, size = inputs.optional_identifier("before", before), inputs.optional_count("limit", limit)
        with self._database.call() as call:
            if not await proven(self._database, call, self._context, [thread_id]):
                return []
            own, passed = await self._database.run_in(call, _checkpoints.page, self._context, *key, earlier, size)
        own = self._sealing.records(CHECKPOINTS, own)
        left = None if size is None else size - len(own)
        if left == 0:
            return own
        before = None if passed else earlier
        return own + await graph_view.page(self._database, self._context, *key, before=before, limit=left)
