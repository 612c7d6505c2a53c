"""Stores whose fields are encrypted, and what of them is stored: shared by the tests of encryption and of its keys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.escaping import Sealed
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import METADATA
from tests.support.checkpoints import config

TABLES = METADATA.tables
OLD, NEW = Encryption.new_key(), Encryption.new_key()
WORD = "Geheimnis"
"""Stands in everything that is to be encrypted, and in nothing else."""


def keys(*ids: str, strict: bool = True) -> Encryption:
    return Encryption({id_: {"old": OLD, "new": NEW}[id_] for id_ in ids}, strict=strict)


def opened(url: str, *ids: str, strict: bool = True) -> SQLAlchemyStore:
    return SQLAlchemyStore(url, encryption=keys(*ids, strict=strict) if ids else None)


async def fill(store: SQLAlchemyStore, thread: str = "t") -> None:
    """A row or two in each table, `WORD` in everything personal."""
    said: dict[str, Any] = {"said": [WORD, {"more": WORD}]}
    await store.create_thread(thread, "ada", "agent", title=WORD, metadata=said)
    await store.add_message(thread, "user", WORD, metadata=said, idempotency_key="k")
    answer = {"role": "assistant", "content": f"{WORD} \x00\ud800", "metadata": said}
    await store.add_messages(thread, [answer, {"role": "user", "content": ""}])
    await store.add_feedback(
        thread, "ada", "agent", comment=WORD, query=WORD, response=WORD, correction=WORD, idempotency_key="k"
    )
    await store.save_suspended_state(f"approval {thread}", thread, "agent", "node", said)
    await store.save_checkpoint(thread, "", "c", None, said, said)
    await store.create_invocation_log(
        agent_name="agent", input_data=said, output_data=said, metadata=said, error=WORD, log_id=f"log {thread}"
    )
    await store.save_log_analysis(
        agent_name="agent", score=1, summary=WORD, status="ok", recommendations=[WORD], metadata=said
    )
    await store.create_optimization_run(
        agent_name="agent", experiment_id="e", prompt_versions=said, score_history=[WORD], learnings=[WORD],
        artefacts=said, metadata=said,
    )  # fmt: skip


async def everything(store: SQLAlchemyStore, thread: str = "t") -> list[Any]:
    """Whatever can be read of what `fill` stored."""
    return [
        await store.get_thread(thread),
        await store.list_threads(),
        [one async for one in store.iter_threads()],
        await store.get_messages(thread),
        await store.get_messages(thread, last=2),
        [one async for one in store.iter_messages()],
        await store.get_feedback(),
        await store.get_suspended_state(f"approval {thread}"),
        await store.list_suspended_states(),
        await store.get_checkpoint(thread, "", "c"),
        await store.list_checkpoints(thread, ""),
        await store.get_invocation_log(f"log {thread}"),
        await store.list_invocation_logs(),
        await store.list_log_analyses(),
        await store.list_optimization_runs(),
        await store.get_thread_lineage(thread),
    ]


async def rows(store: SQLAlchemyStore, table: str) -> list[dict[str, Any]]:
    """The rows as they are stored, in the order of their keys."""
    async with store.engine.connect() as connection:
        found = await connection.execute(select(TABLES[table]).order_by(*TABLES[table].primary_key.columns))
        return [dict(row) for row in found.mappings()]


async def remember(saver: SQLAlchemySaver, value: str) -> None:
    """A task's write to the latest checkpoint."""
    latest = await saver.aget_tuple(config("t"))
    assert latest is not None
    await saver.aput_writes(latest.config, [("x", value)], "task")


async def write(store: SQLAlchemyStore, table: str, key: str, value: Any, **columns: Any) -> None:
    """Change a row behind the store's back; what begins as a ciphertext is written as one."""
    columns = {name: Sealed(text) if isinstance(text, str) else text for name, text in columns.items()}
    async with store.engine.begin() as connection:
        changed = await connection.execute(update(TABLES[table]).where(TABLES[table].c[key] == value).values(**columns))
        assert changed.rowcount == 1


def flipped(sealed: str) -> str:
    """With another character somewhere in the ciphertext."""
    place = len(sealed) // 2 + 10
    return sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
