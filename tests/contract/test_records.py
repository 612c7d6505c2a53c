"""The types of records: what the stores return fits them, and a type checker gets along with the stores."""

from __future__ import annotations

import ast
import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from agentomatic_sql import BaseStore, SQLAlchemyStore, records

ROOT = Path(__file__).parents[2]
SOURCE = ast.parse(Path(records.__file__).read_text())


def fits(kind: Any, *found: Any) -> None:
    """Each record has the keys of its type, no other, and values of its types."""
    assert found
    for record in found:
        assert record is not None
        assert record.keys() <= kind.__annotations__.keys()
        assert TypeAdapter(kind).validate_python(record, strict=True) == record


@pytest.mark.parametrize(
    "kind", [node for node in SOURCE.body if isinstance(node, ast.ClassDef)], ids=lambda node: node.name
)
def test_each_key_of_a_record_has_a_docstring_of_its_own(kind: ast.ClassDef) -> None:
    for field, following in itertools.pairwise([*kind.body, ast.Pass()]):
        if isinstance(field, ast.AnnAssign):
            documented = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            assert documented, ast.unparse(field)


def test_each_function_of_records_has_a_docstring() -> None:
    functions = [node for node in SOURCE.body if isinstance(node, ast.FunctionDef)]
    assert functions
    assert [function.name for function in functions if ast.get_docstring(function) is None] == []


async def test_conversations_fit_their_types(store: BaseStore) -> None:
    made = await store.create_thread("t", "ada", "support", title="Lamp", metadata={"n": 1})
    message = await store.add_message("t", "user", "Hello", metadata={"parts": [1, 2.5, None]})
    two = await store.add_messages("t", [{"role": "assistant", "content": ""}, {"role": "user", "content": "x"}])
    fits(records.Message, message, *two, *await store.get_messages("t"))
    fork = await store.fork_thread("t", 1, "fork")
    fits(records.Thread, made, fork, *await store.list_threads(), await store.update_thread("t", title=None))
    fits(records.ThreadLineage, await store.get_thread_lineage("t"), await store.get_thread_lineage("fork"))
    bare = await store.add_feedback("t", "ada", "support")
    full = await store.add_feedback(
        "t", "ada", "support", rating=5, comment="Good", message_id=message["id"], query="q", response="r",
        correction="c",
    )  # fmt: skip
    fits(records.Feedback, bare, full, *await store.get_feedback())


async def test_states_and_checkpoints_fit_their_types(store: BaseStore) -> None:
    fits(records.SuspendedState, await store.save_suspended_state("a", "t", "support", "ask", {"amount": 20}))
    fits(records.SuspendedState, *await store.list_suspended_states(), await store.claim_suspended_state("a"))
    await store.save_checkpoint("t", "", "1", None, {"v": 1}, {})
    await store.save_checkpoint("t", "", "2", "1", {"v": 1}, {"step": 1})
    fits(records.Checkpoint, await store.get_checkpoint("t", "", ""), *await store.list_checkpoints("t", ""))


async def test_the_platforms_history_fits_its_types(store: BaseStore) -> None:
    bare = await store.create_invocation_log(agent_name="support")
    full = await store.create_invocation_log(
        agent_name="support", thread_id="t", run_id="r", input_data={"q": 1}, error="failed", duration_ms=12
    )
    fits(records.InvocationLog, bare, full, *await store.list_invocation_logs())
    fits(records.LogAnalysis, await store.save_log_analysis(agent_name="a", score=1, summary="", status="ok"))
    fits(records.LogAnalysis, await store.save_log_analysis(agent_name="a", score=None, summary="", status="ok"))
    fits(records.OptimizationRun, await store.create_optimization_run(experiment_id="e", agent_name="a"))
    scored = await store.create_optimization_run(
        experiment_id="e", agent_name="a", baseline_score=1, best_score=2.5, learnings=["less"]
    )
    fits(records.OptimizationRun, scored, *await store.list_optimization_runs())


async def test_reports_fit_their_types(store: BaseStore) -> None:
    await store.create_thread("t", "ada", "support")
    for asked in (store, store.for_user("ada")):
        fits(records.Stats, await asked.get_stats())
        fits(records.Health, await asked.health_check())
    await store.close()
    fits(records.Health, await store.health_check())


async def test_reports_of_a_store_that_cannot_be_used_fit_too() -> None:
    nowhere = SQLAlchemyStore("sqlite:///no/such/file.db")
    report = await nowhere.health_check()
    assert report["status"] == "unhealthy"
    fits(records.Health, report)
    await nowhere.close()


def test_records_need_no_sqlalchemy() -> None:
    program = (
        "import importlib.util, sys, types\n"
        "package = types.ModuleType('agentomatic_sql')\n"  # without the package's own __init__
        f"package.__path__ = [{str(ROOT / 'agentomatic_sql')!r}]\n"
        "sys.modules['agentomatic_sql'] = package\n"
        "import agentomatic_sql.records\n"
        "print('sqlalchemy' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
