"""A write that other calls overtake each time it is tried says so, and stores nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from agentomatic_sql import SQLAlchemyStore, StoreBusy, WriteConflict
from agentomatic_sql.graphs.cache import Known, NamespaceCache
from agentomatic_sql.graphs.rows import Namespace
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import FEEDBACK, GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES, IDEMPOTENCY_KEYS
from tests.support.checkpoints import LONG, config, count, put


class Overtaken(NamespaceCache):
    """Each time it is asked, another saver has just deleted the namespace that it knew."""

    def find(self, place: Namespace, checkpoint_id: str, parent_id: str | None) -> Known:
        return Known(place._replace(id=0), {}, {})

    def take_superseded(self, place: Namespace, checkpoint_id: str) -> tuple[Namespace, bool, tuple[()]]:
        return place._replace(id=0), False, ()

    def is_deleted(self, place: Namespace) -> bool:
        return False  # it was begun anew


async def test_a_graphs_namespace_is_deleted_each_time(saver: SQLAlchemySaver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saver, "_cache", Overtaken())
    where = config("t", "ns", "1")
    for writing in (put(saver, where, {"x": [LONG]}), saver.aput_writes(where, [("x", 1)], "task")):
        with pytest.raises(StoreBusy, match="removed or added checkpoints of thread 't', namespace 'ns'") as refused:
            await writing
        assert isinstance(refused.value, WriteConflict)
        assert (refused.value.attempts, refused.value.code) == (10, None)
        assert str(refused.value).endswith(
            "each of the 10 times that the write was tried; nothing was stored, try again"
        )
    for table in (GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES):
        assert await count(saver.store, table) == 0


async def test_the_record_of_an_idempotency_key_is_never_there(sql_store: SQLAlchemyStore) -> None:
    await sql_store.add_feedback("t", "ada", "agent", rating=1, idempotency_key="k")
    async with sql_store.engine.begin() as connection:
        await connection.execute(delete(FEEDBACK))
    with pytest.raises(WriteConflict, match="idempotency_key 'k' of thread 't' was taken, but its record was removed"):
        await sql_store.add_feedback("t", "ada", "agent", rating=1, idempotency_key="k")
    assert (await count(sql_store, FEEDBACK), await count(sql_store, IDEMPOTENCY_KEYS)) == (0, 1)
