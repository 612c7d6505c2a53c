"""Every question that the store asks is answered by an index: the plans of the statements that it really sends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.serde.types import ERROR
from sqlalchemy import event, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.graphs import checkpoints, writes
from agentomatic_sql.graphs.cache import SUPERSEDED
from agentomatic_sql.graphs.codec import Codec
from agentomatic_sql.graphs.rows import Namespace, digest, thread_digest
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import (
    CHECKPOINTS,
    FEEDBACK,
    GRAPH_CHECKPOINTS,
    GRAPH_NAMESPACES,
    GRAPH_VALUES,
    GRAPH_WRITES,
    INVOCATION_LOGS,
    LOG_ANALYSES,
    MESSAGES,
    OPTIMIZATION_RUNS,
    SUSPENDED_STATES,
    THREADS,
)
from tests.support.checkpoints import checkpoint, config, put
from tests.support.citus import not_on_citus

ROWS = 10_000
START = datetime(2026, 1, 1, tzinfo=UTC)
Ask = Callable[[SQLAlchemyStore], Awaitable[Any]]


CODEC, HERE = Codec(JsonPlusSerializer(), strict=False), Namespace("t", "")
BODY = checkpoints.pack(CODEC, HERE, "c", checkpoint({}, {}), {}, {}, {}, {}, branch=False).body
WRITES = writes.pack(CODEC, HERE, "c", [("x", 1)], "task", "path")[0]


def at(number: int) -> datetime:
    return START + timedelta(seconds=number)


def rows() -> dict[Any, list[dict[str, Any]]]:
    """Enough of everything that a planner would not rather read a whole table: each user has a thousand."""
    numbers = range(ROWS)
    far = datetime(2100, 1, 1, tzinfo=UTC)
    owner = [{"user_id": f"u{n % 10}", "agent_name": f"a{n % 8}", "created_at": at(n)} for n in numbers]
    no_user = [{key: value for key, value in row.items() if key != "user_id"} for row in owner]
    thread = [{"thread_id": f"t{n % 50:05}"} for n in numbers]
    in_graph = [{"thread_digest": thread_digest(f"t{n % 100:05}"), "namespace_id": n % 100 + 1} for n in numbers]
    return {
        THREADS: [
            {"id": f"t{n:05}", "updated_at": at(n), "metadata": "{}", "message_count": 200 if n < 50 else 0}
            | {"title": None, "parent_thread_id": f"t{n - 1:05}" if 0 < n < 30 else None, "fork_message_index": None}
            | owner[n]
            for n in numbers
        ],
        MESSAGES: [
            {"position": n // 50, "role": "user", "content": "x" * 100, "metadata": "{}", "created_at": at(n)}
            | thread[n]
            for n in numbers
        ],
        FEEDBACK: [
            {"message_id": None, "rating": 5, "comment": None, "feedback_type": "thumbs", "query": "", "response": ""}
            | {"correction": None}
            | thread[n]
            | owner[n]
            for n in numbers
        ],
        SUSPENDED_STATES: [
            {"id": f"s{n}", "node_name": "n", "state_snapshot": "{}", "expires_at": START if n < 20 else far}
            | thread[n]
            | no_user[n]
            | {"agent_name": f"a{n % 80}"}  # all of an agent's are read: few enough that the index pays
            for n in numbers
        ],
        CHECKPOINTS: [
            {
                "checkpoint_ns": "",
                "namespace_digest": digest(""),
                "sequence": n,
                "checkpoint_id": f"c{n}",
                "parent_checkpoint_id": None,
                "checkpoint": "{}",
            }
            | {"metadata": "{}", "created_at": at(n)}
            | {"thread_id": f"t{n % 10:05}"}  # so many a thread that it does not pay to sort them
            for n in numbers
        ],
        GRAPH_NAMESPACES: [Namespace(f"t{n:05}", "", n + 1).row(ROWS) for n in numbers],
        GRAPH_CHECKPOINTS: [
            {**in_graph[n], "checkpoint_id": f"c{n:05}", "parent_checkpoint_id": f"c{n - 100:05}"}
            | {
                "run_digest": digest(f"r{n}"),
                "segments": f"[[{n % 10},{n // 1000}]]",
                "body": BODY,
                "created_at": at(n),
            }
            for n in numbers
        ],
        GRAPH_VALUES: [{**in_graph[n], "segment": n // 100 % 10, "position": n // 1000, "body": BODY} for n in numbers],
        GRAPH_WRITES: [
            {**in_graph[n], "checkpoint_id": f"c{n:05}", "sequence": n, "token": n, "body": WRITES} for n in numbers
        ],
        INVOCATION_LOGS: [
            {"id": f"l{n}", "resource_type": "agent", "run_id": None, "endpoint": "chat", "input": "{}", "output": "{}"}
            | {"metadata": "{}", "error": None, "duration_ms": 1.0, "status": "ok"}
            | thread[n]
            | no_user[n]
            for n in numbers
        ],
        LOG_ANALYSES: [
            {"id": f"l{n}", "resource_type": "agent", "score": 1.0, "summary": "", "status": "ok", "metadata": "{}"}
            | {"recommendations": "[]"}
            | no_user[n]
            for n in numbers
        ],
        OPTIMIZATION_RUNS: [
            {"id": f"r{n}", "experiment_id": f"e{n % 10}", "baseline_score": 0.0, "best_score": 1.0, "metadata": "{}"}
            | {"prompt_versions": "{}", "score_history": "[]", "learnings": "[]", "artefacts": "{}"}
            | no_user[n]
            for n in numbers
        ],
    }


@cache
def filled() -> frozenset[str]:
    """The names of the tables that hold these rows."""
    return frozenset(table.name for table in rows())


@pytest.fixture
async def store(new_database_url: str) -> AsyncIterator[SQLAlchemyStore]:
    not_on_citus(new_database_url, "a plan does not show what the workers do")
    async with SQLAlchemyStore(new_database_url) as store:
        async with store.engine.begin() as connection:
            for table, values in rows().items():
                for first in range(0, len(values), 1000):
                    await connection.execute(insert(table), values[first : first + 1000])
        async with store.engine.connect() as connection:
            mysql = "mysql" in new_database_url or "mariadb" in new_database_url
            for name in sorted(filled()):
                await connection.execute(text(f"ANALYZE {'TABLE ' if mysql else ''}{name}"))
                await connection.commit()
        yield store


async def three_pages(records: AsyncIterator[Any]) -> None:
    """Pages of 50: the first, and two behind a key."""
    for _ in range(150):
        assert await anext(records)


async def first(found: AsyncIterator[Any]) -> None:
    assert await anext(found)


async def page_after(store: SQLAlchemyStore, user_id: str | None = None) -> Any:
    first = await store.list_threads(limit=5, user_id=user_id)
    return await store.list_threads(limit=5, after=first[-1], user_id=user_id)


# Not asked here: the checkpoints of all of a thread's namespaces (sorted, but one thread's only), all suspended states
# (no limit, so the whole table is the answer), all counts, the order in which a copy's writes are numbered (sorted, but
# one thread's only).
QUESTIONS: dict[str, Ask] = {
    "a thread": lambda store: store.get_thread("t00007"),
    "the listing": lambda store: store.list_threads(),
    "the listing at an offset": lambda store: store.list_threads(limit=10, offset=20),
    "a user's threads": lambda store: store.list_threads(user_id="u7"),
    "an agent's threads": lambda store: store.list_threads(agent_name="a7"),
    "a user's threads with an agent": lambda store: store.list_threads(user_id="u7", agent_name="a7"),
    "the next page": page_after,
    "a user's next page": lambda store: page_after(store, user_id="u7"),
    "a page behind an id": lambda store: store.list_threads(after="t00100", limit=5),
    "all threads": lambda store: three_pages(store.iter_threads(page_size=50)),
    "an append": lambda store: store.add_message("t00007", "user", "x"),
    "a history": lambda store: store.get_messages("t00007", limit=5),
    "a history in the middle": lambda store: store.get_messages("t00007", limit=10, offset=100),
    "the newest messages": lambda store: store.get_messages("t00007", last=5),
    "all messages": lambda store: three_pages(store.iter_messages(page_size=50)),
    "all messages of a thread": lambda store: three_pages(store.iter_messages("t00007", page_size=50)),
    "a fork": lambda store: store.fork_thread("t00007", 5, "fork"),
    "a lineage": lambda store: store.get_thread_lineage("t00025"),
    "an update": lambda store: store.update_thread("t00007", title="x"),
    "all feedback": lambda store: store.get_feedback(),
    "a user's feedback": lambda store: store.get_feedback(user_id="u7"),
    "an agent's feedback": lambda store: store.get_feedback(agent_name="a7"),
    "a suspended state": lambda store: store.get_suspended_state("s77"),
    "a thread's suspended states": lambda store: store.list_suspended_states(thread_id="t00007"),
    "an agent's suspended states": lambda store: store.list_suspended_states(agent_name="a7"),
    "both's suspended states": lambda store: store.list_suspended_states(thread_id="t00007", agent_name="a7"),
    "a claim": lambda store: store.claim_suspended_state("s77"),
    "a state's deletion": lambda store: store.delete_suspended_state("s78"),
    "what has expired": lambda store: store.cleanup_expired_states(),
    "the latest checkpoint": lambda store: store.get_checkpoint("t00007", "", ""),
    "a checkpoint": lambda store: store.get_checkpoint("t00007", "", "c507"),
    "the checkpoints": lambda store: store.list_checkpoints("t00007", ""),
    "the checkpoints before one": lambda store: store.list_checkpoints("t00007", "", before="c5007", limit=3),
    "the checkpoints before one elsewhere": lambda store: store.list_checkpoints("t00007", "", before="c4", limit=3),
    "an invocation log": lambda store: store.get_invocation_log("l7"),
    "the invocation logs": lambda store: store.list_invocation_logs(),
    "an agent's invocation logs": lambda store: store.list_invocation_logs(agent_name="a7"),
    "a thread's invocation logs": lambda store: store.list_invocation_logs(thread_id="t00007"),
    "how many an agent has": lambda store: store.count_invocation_logs(agent_name="a7"),
    "the latest analysis": lambda store: store.get_latest_log_analysis("a7"),
    "the analyses": lambda store: store.list_log_analyses(),
    "an optimization run": lambda store: store.get_optimization_run("r7"),
    "the optimization runs": lambda store: store.list_optimization_runs(),
    "an agent's optimization runs": lambda store: store.list_optimization_runs(agent_name="a7"),
    "an experiment's optimization runs": lambda store: store.list_optimization_runs(experiment_id="e7"),
    "a graph's latest checkpoint": lambda store: SQLAlchemySaver(store).aget_tuple(config("t00007")),
    "a graph's checkpoint": lambda store: SQLAlchemySaver(store).aget_tuple(config("t00007", "", "c05007")),
    "a graph's checkpoints": lambda store: first(SQLAlchemySaver(store).alist(config("t00007"), limit=3)),
    "a graph's earlier checkpoints": lambda store: first(
        SQLAlchemySaver(store).alist(config("t00007"), before=config(checkpoint_id="c05000"), limit=3)
    ),
    "all graphs' checkpoints": lambda store: first(SQLAlchemySaver(store).alist(None, limit=3)),
    "a graph's next checkpoint": lambda store: put(
        SQLAlchemySaver(store), config("t00007", "", "c05007"), {"x": "y" * 99}
    ),
    "a graph's writes": lambda store: SQLAlchemySaver(store).aput_writes(
        config("t00007", "", "c05007"), [("x", 1)], "t"
    ),
    "a graph's writes in place of others": lambda store: fail_again(SQLAlchemySaver(store), "t00007", "c05007"),
    "a run's checkpoints": lambda store: SQLAlchemySaver(store).adelete_for_runs(["r7"]),
    "a copy of a graph": lambda store: SQLAlchemySaver(store).acopy_thread("t00007", "copy"),
    "a graph's pruning": lambda store: SQLAlchemySaver(store).aprune(["t00008"]),
    "a deletion": lambda store: store.delete_thread("t00007"),
}


async def fail_again(saver: SQLAlchemySaver, thread_id: str, checkpoint_id: str) -> None:
    where = config(thread_id, "", checkpoint_id)
    for _ in range(SUPERSEDED + 1):
        await saver.aput_writes(where, [(ERROR, "why")], "t")
    await saver.aget_tuple(where)
    await saver.aput_writes(where, [(ERROR, "why")], "t")


async def test_no_question_reads_a_whole_table_or_sorts(store: SQLAlchemyStore) -> None:
    sent: list[tuple[str, Any]] = []

    def remember(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.startswith("INSERT INTO agentomatic_graph_writes"):
            statement = statement.partition("ORDER BY")[0]
        if statement.split()[0] in ("SELECT", "WITH", "UPDATE", "DELETE") or "SELECT" in statement:
            sent.append((statement, parameters[0] if many else parameters))

    faults: list[str] = []
    async with store.engine.connect() as connection:
        for question, ask in QUESTIONS.items():
            sent.clear()
            event.listen(store.engine.sync_engine, "before_cursor_execute", remember)
            await ask(store)
            event.remove(store.engine.sync_engine, "before_cursor_execute", remember)
            assert sent, question
            for statement, parameters in sent:  # at once: a later question may delete what this one is about
                found = await PLANS[connection.dialect.name](connection, statement, parameters)
                faults += [f"{question}: {fault}\n    {statement}" for fault in found]
            await connection.rollback()
    assert not faults, "\n".join(faults)


async def postgresql(connection: AsyncConnection, statement: str, parameters: Any) -> list[str]:
    # What an index makes possible: on tables of this size it may pay to sort a few rows all the same.
    ordered = "off" if "ORDER BY" in statement else "on"
    for setting in ("enable_sort", "enable_incremental_sort", "enable_bitmapscan"):
        await connection.exec_driver_sql(f"SET {setting} = {ordered}")
    explained = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters)
    plan = explained.scalar_one()
    nodes = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]]
    faults: list[str] = []
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node["Node Type"] in ("Seq Scan", "Sort", "Incremental Sort"):
            faults.append(f"{node['Node Type']} {node.get('Relation Name', node.get('Sort Key'))}")
    return faults


async def mysql(connection: AsyncConnection, statement: str, parameters: Any) -> list[str]:
    form = "" if connection.dialect.is_mariadb else "FORMAT=TRADITIONAL "  # type: ignore[attr-defined]
    explained = await connection.exec_driver_sql(f"EXPLAIN {form}{statement}", parameters)
    faults: list[str] = []
    for step in explained.mappings():
        table, extra = str(step["table"]), step["Extra"] or ""
        if step["select_type"] == "INSERT" or table.startswith(("<", "up")):  # the target; a recursion's own few rows
            continue
        if "json_table" in extra:  # of a parameter, made into rows
            continue
        if step["type"] == "ALL" and table in filled():  # not what JSON_TABLE makes
            faults.append(f"whole table {table}")
        if "filesort" in extra or ("temporary" in extra and statement.startswith("SELECT")):
            faults.append(f"{table}: {extra} ({step['type']} {step['key']}, {step['rows']} rows)")
    return faults


async def sqlite(connection: AsyncConnection, statement: str, parameters: Any) -> list[str]:
    explained = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    steps = [step.detail for step in explained]
    return [
        step
        for step in steps
        if "TEMP B-TREE" in step
        # without WHERE, a scan in the order of the key ends with the page
        or (step.startswith("SCAN") and "INDEX" not in step and "WHERE" in statement and step.split()[1] in filled())
    ]


PLANS = {"postgresql": postgresql, "mysql": mysql, "mariadb": mysql, "sqlite": sqlite}
