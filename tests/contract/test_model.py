"""Random sequences over the whole interface, on a database and on `MemoryStore` side by side: every answer is the same.

An answer is a result, without what differs by nature (times, numbers that a store gives), or an error with its words.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import delete

from agentomatic_sql import MemoryStore, SQLAlchemyStore, StoreError
from agentomatic_sql.tables import METADATA

OWN = frozenset({"created_at", "updated_at", "timestamp", "expires_at", "backend", "database"})
"""What each store says in its own way."""

threads = st.sampled_from(["a", "b", "A", "ü", "a ", ""])
owners = st.sampled_from(["ada", "bob", ""])
keys = st.none() | st.sampled_from(["k1", "k2"])
texts = st.text(max_size=20) | st.sampled_from(
    ["\x00", "\ud800", "'; DROP TABLE agentomatic_threads --", "%s :x \\", "\u202e\U0001f600"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
objects = st.none() | st.dictionaries(texts, values, max_size=3)
counts = st.integers(-1, 6)
few = st.sampled_from(["one", "two", "three"])


def plain(answer: Any) -> Any:
    """An answer without what differs by nature; a message or a rating without its number."""
    if isinstance(answer, list):
        return [plain(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    return {
        name: value if name in ("metadata", "state_snapshot", "checkpoint") else plain(value)
        for name, value in answer.items()
        if name not in OWN and not (name == "id" and isinstance(value, int))
    }


class SideBySide(RuleBasedStateMachine):
    """Every rule asks both stores the same."""

    stores: ClassVar[tuple[SQLAlchemyStore, MemoryStore]]
    run: ClassVar[Callable[[Awaitable[Any]], Any]]

    owner: str | None = None
    """Whose view is asked; None asks the stores themselves."""

    def ask(self, method: str, *arguments: Any, **named: Any) -> None:
        asked = [store if self.owner is None else store.for_user(self.owner) for store in self.stores]
        ours, twin = (type(self).run(self._answer(store, method, arguments, named)) for store in asked)
        assert ours == twin, f"{method}{arguments}{named} for {self.owner!r}"

    async def _answer(self, store: Any, method: str, arguments: Any, named: Any) -> Any:
        try:
            return plain(await getattr(store, method)(*arguments, **named))
        except StoreError as error:
            return type(error).__name__, str(error)

    @initialize()
    def begin(self) -> None:
        type(self).run(self._empty())

    async def _empty(self) -> None:
        ours, twin = self.stores
        async with ours.engine.begin() as connection:
            for table in reversed(METADATA.sorted_tables):
                await connection.execute(delete(table))
        twin.__init__()  # type: ignore[misc] # as new

    @rule(owner=st.none() | owners)
    def become(self, owner: str | None) -> None:
        self.owner = owner

    @rule(thread=threads, user=owners, agent=owners, title=st.none() | texts, metadata=objects)
    def create_thread(self, thread: str, user: str, agent: str, title: str | None, metadata: Any) -> None:
        self.ask("create_thread", thread, user, agent, title=title, metadata=metadata)

    @rule(thread=threads)
    def get_thread(self, thread: str) -> None:
        self.ask("get_thread", thread)

    @rule(user=st.none() | owners, agent=st.none() | owners, limit=counts, offset=counts)
    def list_threads(self, user: str | None, agent: str | None, limit: int, offset: int) -> None:
        self.ask("list_threads", user_id=user, agent_name=agent, limit=limit, offset=offset)

    @rule(thread=threads, after=threads)
    def list_threads_after(self, thread: str, after: str) -> None:
        self.ask("list_threads", after=after)

    @rule(
        thread=threads,
        updates=st.dictionaries(st.sampled_from(["title", "metadata", "id"]), texts | objects, max_size=2),
    )
    def update_thread(self, thread: str, updates: dict[str, Any]) -> None:
        self.ask("update_thread", thread, **updates)

    @rule(thread=threads)
    def delete_thread(self, thread: str) -> None:
        self.ask("delete_thread", thread)

    @rule(thread=threads, role=few, content=texts, metadata=objects, key=keys)
    def add_message(self, thread: str, role: str, content: str, metadata: Any, key: str | None) -> None:
        self.ask("add_message", thread, role, content, metadata=metadata, idempotency_key=key)

    @rule(thread=threads, contents=st.lists(texts, max_size=4), key=keys)
    def add_messages(self, thread: str, contents: list[str], key: str | None) -> None:
        messages = [{"role": "user", "content": content} for content in contents]
        self.ask("add_messages", thread, messages, idempotency_key=key)

    @rule(thread=threads, limit=counts, offset=counts, last=st.none() | counts)
    def get_messages(self, thread: str, limit: int, offset: int, last: int | None) -> None:
        self.ask("get_messages", thread, limit=limit, offset=offset, last=last)

    @rule(thread=threads, user=owners, agent=owners, rating=st.none() | counts, comment=st.none() | texts, key=keys)
    def add_feedback(
        self, thread: str, user: str, agent: str, rating: int | None, comment: str | None, key: str | None
    ) -> None:
        self.ask("add_feedback", thread, user, agent, rating=rating, comment=comment, idempotency_key=key)

    @rule(user=st.none() | owners, agent=st.none() | owners, limit=counts)
    def get_feedback(self, user: str | None, agent: str | None, limit: int) -> None:
        self.ask("get_feedback", user_id=user, agent_name=agent, limit=limit)

    @rule(approval=few, thread=threads, agent=owners, state=objects, ttl=st.none() | st.sampled_from([0, 3600, -1]))
    def save_suspended_state(self, approval: str, thread: str, agent: str, state: Any, ttl: int | None) -> None:
        self.ask("save_suspended_state", approval, thread, agent, "node", state, ttl=ttl)

    @rule(
        approval=few,
        method=st.sampled_from(["get_suspended_state", "claim_suspended_state", "delete_suspended_state"]),
    )
    def use_suspended_state(self, approval: str, method: str) -> None:
        self.ask(method, approval)

    @rule(thread=st.none() | threads, agent=st.none() | owners)
    def list_suspended_states(self, thread: str | None, agent: str | None) -> None:
        self.ask("list_suspended_states", thread_id=thread, agent_name=agent)

    @rule()
    def cleanup_expired_states(self) -> None:
        self.ask("cleanup_expired_states")

    @rule(parent=threads, index=counts, new=threads, title=st.none() | texts, checkpoints=st.booleans())
    def fork_thread(self, parent: str, index: int, new: str, title: str | None, checkpoints: bool) -> None:
        self.ask("fork_thread", parent, index, new, title=title, checkpoints=checkpoints)

    @rule(thread=threads)
    def get_thread_lineage(self, thread: str) -> None:
        self.ask("get_thread_lineage", thread)

    @rule(thread=threads, ns=owners, id_=few, parent=st.none() | few, checkpoint=objects)
    def save_checkpoint(self, thread: str, ns: str, id_: str, parent: str | None, checkpoint: Any) -> None:
        self.ask("save_checkpoint", thread, ns, id_, parent, checkpoint, {})

    @rule(thread=threads, ns=owners, id_=st.just("") | few)
    def get_checkpoint(self, thread: str, ns: str, id_: str) -> None:
        self.ask("get_checkpoint", thread, ns, id_)

    @rule(thread=threads, ns=owners, before=st.none() | few, limit=st.none() | counts)
    def list_checkpoints(self, thread: str, ns: str, before: str | None, limit: int | None) -> None:
        self.ask("list_checkpoints", thread, ns, before=before, limit=limit)

    @rule(older_than=st.sampled_from([3600, -1]))
    def cleanup_idempotency_keys(self, older_than: int) -> None:
        self.ask("cleanup_idempotency_keys", older_than)

    @rule()
    def get_stats(self) -> None:
        self.ask("get_stats")


STEPS = settings(
    max_examples=int(os.environ.get("AGENTOMATIC_SQL_TEST_EXAMPLES", "30")),
    stateful_step_count=50,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def test_a_database_answers_as_the_memory_does(database_url: str) -> None:
    with asyncio.Runner() as runner:
        store = SQLAlchemyStore(database_url)
        runner.run(store.initialize())

        class Here(SideBySide):
            stores = (store, MemoryStore())
            run = staticmethod(runner.run)  # type: ignore[assignment]

        run_state_machine_as_test(Here, settings=STEPS)
        runner.run(store.close())
