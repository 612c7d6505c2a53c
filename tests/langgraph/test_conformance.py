"""LangGraph's own test-suite for checkpoint savers, all of its capabilities, on every database."""

from __future__ import annotations

from collections.abc import AsyncIterator

from langgraph.checkpoint.conformance import checkpointer_test, validate

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.langgraph import SQLAlchemySaver

TESTS = {
    "put": 17,
    "put_writes": 10,
    "get_tuple": 10,
    "list": 16,
    "delete_thread": 5,
    "delete_for_runs": 7,
    "copy_thread": 8,
    "prune": 8,
}
"""How many tests each capability has in langgraph-checkpoint-conformance 0.0.2; a later one may have more."""


async def test_every_capability_passes(sql_store: SQLAlchemyStore) -> None:
    @checkpointer_test(name="SQLAlchemySaver")
    async def made() -> AsyncIterator[SQLAlchemySaver]:
        yield SQLAlchemySaver(sql_store)

    report = await validate(made)
    results = {name: result for name, result in report.results.items() if result.detected}
    assert set(results) >= set(TESTS), "each is detected by its method"
    failures = {name: result.failures for name, result in results.items() if result.failures}
    assert not failures
    assert all(result.passed for result in results.values())
    for name, tests in TESTS.items():
        assert results[name].tests_passed >= tests
