"""Tests of the platform's history: invocation logs, log analyses and optimization runs."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from typing import Any

import pytest

from ..base import BaseStore
from ..errors import RecordExists
from .support import check_record, ids, keys, needs, refused, unique
from .values import BAD_COUNTS, JSON_OBJECTS, TEXTS, same_json

_LOG_KEYS = keys(
    "id resource_type resource_name agent_name thread_id run_id timestamp endpoint input output metadata error "
    "duration_ms status"
)
_ANALYSIS_KEYS = keys(
    "id resource_type resource_name agent_name score summary status recommendations metadata created_at"
)
_RUN_KEYS = keys(
    "id experiment_id agent_name baseline_score best_score prompt_versions score_history learnings artefacts "
    "metadata created_at"
)
_LOGS = ("create_invocation_log", "get_invocation_log", "list_invocation_logs", "count_invocation_logs")
_ANALYSES = ("save_log_analysis", "get_latest_log_analysis", "list_log_analyses")
_RUNS = ("create_optimization_run", "get_optimization_run", "list_optimization_runs")


async def _log(store: BaseStore, **fields: Any) -> dict[str, Any]:
    return await store.create_invocation_log(**{"agent_name": "contract", **fields})


async def _analysis(store: BaseStore, **fields: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"agent_name": "contract", "score": 0.5, "summary": "fair", "status": "ok"}
    return await store.save_log_analysis(**(given | fields))


async def _run(store: BaseStore, **fields: Any) -> dict[str, Any]:
    return await store.create_optimization_run(**{"agent_name": "contract", "experiment_id": "e", **fields})


class History:
    """The platform's records of its own work are kept, listed and filtered."""

    # invocation logs

    @needs(*_LOGS)
    async def test_an_invocation_log_keeps_every_field(self, store: BaseStore) -> None:
        """The record has every documented key, and `get_invocation_log` returns it."""
        agent_name = unique("agent")
        given: dict[str, Any] = {
            "resource_type": "workflow",
            "thread_id": "t",
            "run_id": "r",
            "endpoint": "stream",
            "metadata": {"n": 1},
            "error": "none",
            "duration_ms": 12.5,
            "status": "error",
        }
        log_id = unique("log")
        log = await store.create_invocation_log(
            agent_name=agent_name, log_id=log_id, input_data={"in": [1]}, output_data={"out": 2}, **given
        )
        check_record(log, _LOG_KEYS)
        expected = given | {"id": log_id, "agent_name": agent_name, "resource_name": agent_name}
        expected |= {"input": {"in": [1]}, "output": {"out": 2}}
        assert {key: log[key] for key in expected} == expected
        assert await store.get_invocation_log(log_id) == log
        assert await store.list_invocation_logs(agent_name=agent_name) == [log]

    @needs(*_LOGS)
    async def test_optional_fields_of_an_invocation_log_have_defaults(self, store: BaseStore) -> None:
        """The store makes an id; the other defaults are the platform's."""
        log = await _log(store)
        defaults: dict[str, Any] = {
            "resource_type": "agent",
            "thread_id": None,
            "run_id": None,
            "endpoint": "invoke",
            "input": {},
            "output": {},
            "metadata": {},
            "error": None,
            "duration_ms": None,
            "status": "ok",
        }
        assert {key: log[key] for key in defaults} == defaults
        assert log["id"]
        assert log["id"] != (await _log(store))["id"]
        assert await store.get_invocation_log(log["id"]) == log
        assert await store.get_invocation_log(unique("log")) is None

    @needs(*_LOGS)
    async def test_invocation_logs_can_be_filtered(self, store: BaseStore) -> None:
        """Filters work alone and together, in the list and in the count; the newest log comes first."""
        agent_name = unique("agent")
        fields: list[dict[str, Any]] = [
            {"resource_type": "agent", "thread_id": "t1", "status": "ok", "endpoint": "invoke"},
            {"resource_type": "workflow", "thread_id": "t1", "status": "error", "endpoint": "invoke"},
            {"resource_type": "agent", "thread_id": "t2", "status": "error", "endpoint": "stream"},
            {"resource_type": "agent", "thread_id": None, "status": "ok", "endpoint": "invoke"},
        ]
        made = [await _log(store, agent_name=agent_name, **given) for given in fields]

        async def found(**filters: Any) -> list[int]:
            logs = await store.list_invocation_logs(agent_name=agent_name, **filters)
            assert await store.count_invocation_logs(agent_name=agent_name, **filters) == len(logs)
            return [made.index(log) for log in logs]

        assert await found() == [3, 2, 1, 0]
        assert await found(resource_type="agent") == [3, 2, 0]
        assert await found(thread_id="t1") == [1, 0]
        assert await found(status="error") == [2, 1]
        assert await found(endpoint="stream") == [2]
        assert await found(status="error", endpoint="invoke", thread_id="t1", resource_type="workflow") == [1]
        assert await found(status="ok", endpoint="stream") == []
        assert await found(status=None, thread_id=None) == [3, 2, 1, 0]
        assert await store.count_invocation_logs(agent_name=unique("agent")) == 0
        assert await store.count_invocation_logs() >= 4

    @needs(*_LOGS)
    async def test_texts_and_values_of_a_log_are_returned_exactly(self, store: BaseStore) -> None:
        """Every text and every JSON value is kept exactly."""
        for text in TEXTS.values():
            log = await store.get_invocation_log((await _log(store, error=text))["id"])
            assert log is not None
            assert log["error"] == text
        for value in JSON_OBJECTS.values():
            made = await _log(store, input_data=value, output_data=value, metadata=value)
            log = await store.get_invocation_log(made["id"])
            assert log is not None
            assert all(same_json(log[field], value) for field in ("input", "output", "metadata"))

    @needs(*_LOGS)
    @pytest.mark.parametrize("duration", [0, 0.1, 1e-9, 1e12, 7])
    async def test_a_duration_is_returned_exactly(self, store: BaseStore, duration: float) -> None:
        """Not one bit of the float changes."""
        log = await store.get_invocation_log((await _log(store, duration_ms=duration))["id"])
        assert log is not None
        assert log["duration_ms"] == duration

    @needs(*_LOGS)
    @pytest.mark.parametrize(
        ("field", "bad", "path"),
        [
            ("input_data", {"a": [math.nan]}, "input_data.a[0]"),
            ("output_data", {"a": object()}, "output_data.a"),
            ("metadata", {1: 2}, "metadata"),
            ("metadata", [1], "metadata"),
            ("duration_ms", math.inf, "duration_ms"),
            ("duration_ms", "7", "duration_ms"),
            ("error", 7, "error"),
            ("log_id", "x" * 256, "log_id"),
            ("agent_name", None, "agent_name"),
            ("status", "x" * 256, "status"),
        ],
        ids=lambda value: ascii(value)[:20],
    )
    async def test_an_invalid_log_is_refused(self, store: BaseStore, field: str, bad: Any, path: str) -> None:
        """The error names the path, and nothing is stored."""
        thread_id = unique()
        async with refused(path):
            await _log(store, **({"thread_id": thread_id} | {field: bad}))
        assert await store.list_invocation_logs(thread_id=thread_id) == []

    # log analyses

    @needs(*_ANALYSES)
    async def test_a_log_analysis_keeps_every_field(self, store: BaseStore) -> None:
        """The record has every documented key, and the listings return it."""
        agent_name, analysis_id = unique("agent"), unique("analysis")
        given: dict[str, Any] = {"score": 0.875, "summary": "good", "status": "warn"}
        given |= {"recommendations": ["a", "b"], "metadata": {"n": 1}, "resource_type": "workflow"}
        analysis = await store.save_log_analysis(agent_name=agent_name, analysis_id=analysis_id, **given)
        check_record(analysis, _ANALYSIS_KEYS)
        expected = given | {"id": analysis_id, "agent_name": agent_name, "resource_name": agent_name}
        assert {key: analysis[key] for key in expected} == expected
        assert await store.get_latest_log_analysis(agent_name, resource_type="workflow") == analysis
        assert await store.list_log_analyses(agent_name=agent_name) == [analysis]

    @needs(*_ANALYSES)
    async def test_the_latest_log_analysis_belongs_to_the_resource(self, store: BaseStore) -> None:
        """The resource has a name and a type, which is "agent" by default."""
        agent_name = unique("agent")
        first = await _analysis(store, agent_name=agent_name, score=None, recommendations=None)
        assert (first["score"], first["recommendations"], first["resource_type"]) == (None, [], "agent")
        second = await _analysis(store, agent_name=agent_name)
        other = await _analysis(store, agent_name=agent_name, resource_type="workflow")
        assert await store.get_latest_log_analysis(agent_name) == second
        assert await store.get_latest_log_analysis(agent_name, resource_type="workflow") == other
        assert await store.get_latest_log_analysis(agent_name, resource_type="team") is None
        assert await store.get_latest_log_analysis(unique("agent")) is None
        assert await store.list_log_analyses(agent_name=agent_name) == [other, second, first]
        assert await store.list_log_analyses(agent_name=agent_name, resource_type="agent") == [second, first]

    @needs(*_ANALYSES)
    @pytest.mark.parametrize(
        ("field", "bad", "path"),
        [
            ("score", math.nan, "score"),
            ("summary", None, "summary"),
            ("recommendations", "text", "recommendations"),
            ("recommendations", ["a", math.inf], "recommendations[1]"),
            ("metadata", {"a": math.nan}, "metadata.a"),
            ("status", 7, "status"),
        ],
        ids=lambda value: ascii(value)[:20],
    )
    async def test_an_invalid_analysis_is_refused(self, store: BaseStore, field: str, bad: Any, path: str) -> None:
        """The error names the path, and nothing is stored."""
        agent_name = unique("agent")
        async with refused(path):
            await _analysis(store, **({"agent_name": agent_name} | {field: bad}))
        assert await store.list_log_analyses(agent_name=agent_name) == []

    # optimization runs

    @needs(*_RUNS)
    async def test_an_optimization_run_keeps_every_field(self, store: BaseStore) -> None:
        """The record has every documented key, and `get_optimization_run` returns it."""
        given: dict[str, Any] = {
            "experiment_id": unique("experiment"),
            "agent_name": unique("agent"),
            "baseline_score": 0.25,
            "best_score": 0.75,
            "prompt_versions": {"v1": "Be brief."},
            "score_history": [0.25, 0.75],
            "learnings": ["brevity", {"n": None}],
            "artefacts": {"path": "x"},
            "metadata": {"n": 1},
        }
        run = await store.create_optimization_run(run_id=unique("run"), **given)
        check_record(run, _RUN_KEYS)
        assert {key: run[key] for key in given} == given
        assert await store.get_optimization_run(run["id"]) == run
        assert await store.list_optimization_runs(experiment_id=given["experiment_id"]) == [run]
        bare = await _run(store)
        assert (bare["baseline_score"], bare["score_history"], bare["artefacts"]) == (None, [], {})
        assert await store.get_optimization_run(unique("run")) is None

    @needs(*_RUNS)
    async def test_optimization_runs_can_be_filtered(self, store: BaseStore) -> None:
        """Filters are the agent, the experiment or both; the newest run comes first."""
        agents, experiments = [unique("agent") for _ in range(2)], [unique("experiment") for _ in range(2)]
        made = [
            await _run(store, agent_name=agent_name, experiment_id=experiment_id)
            for agent_name in agents
            for experiment_id in experiments
        ]
        found = store.list_optimization_runs
        assert await found(agent_name=agents[0]) == [made[1], made[0]]
        assert await found(experiment_id=experiments[0]) == [made[2], made[0]]
        assert await found(agent_name=agents[1], experiment_id=experiments[1]) == [made[3]]
        assert await found(agent_name=agents[1], experiment_id="none") == []

    @needs(*_RUNS)
    @pytest.mark.parametrize(
        ("field", "bad", "path"),
        [
            ("best_score", "high", "best_score"),
            ("baseline_score", -math.inf, "baseline_score"),
            ("prompt_versions", ["v1"], "prompt_versions"),
            ("score_history", {"a": 1}, "score_history"),
            ("score_history", [0.5, math.nan], "score_history[1]"),
            ("artefacts", {"a": {"b": object()}}, "artefacts.a.b"),
            ("experiment_id", "x" * 256, "experiment_id"),
        ],
        ids=lambda value: ascii(value)[:20],
    )
    async def test_an_invalid_run_is_refused(self, store: BaseStore, field: str, bad: Any, path: str) -> None:
        """The error names the path, and nothing is stored."""
        agent_name = unique("agent")
        async with refused(path):
            await _run(store, **({"agent_name": agent_name} | {field: bad}))
        assert await store.list_optimization_runs(agent_name=agent_name) == []

    # all three

    @needs(*_LOGS, *_ANALYSES, *_RUNS)
    @pytest.mark.parametrize(
        ("make", "id_name"),
        [(_log, "log_id"), (_analysis, "analysis_id"), (_run, "run_id")],
        ids=["log", "analysis", "run"],
    )
    async def test_an_existing_id_is_refused(self, store: BaseStore, make: Callable[..., Any], id_name: str) -> None:
        """The first record stays as it is; of several concurrent ones exactly one is stored."""
        taken, agent_name = unique(), unique("agent")
        made = await asyncio.gather(
            *(make(store, agent_name=agent_name, **{id_name: taken}) for _ in range(6)), return_exceptions=True
        )
        assert len([one for one in made if isinstance(one, dict)]) == 1
        errors = [one for one in made if isinstance(one, RecordExists)]
        assert [(error.field, error.value) for error in errors] == [(id_name, taken)] * 5
        fresh = await make(store, agent_name=agent_name, **{id_name: ""})
        assert fresh["id"] not in ("", taken)

    @needs(*_LOGS, *_ANALYSES, *_RUNS)
    async def test_pages_contain_each_record_once(self, store: BaseStore) -> None:
        """The pages together are the whole list, newest first."""
        agent_name = unique("agent")
        for make, page in (
            (_log, store.list_invocation_logs),
            (_analysis, store.list_log_analyses),
            (_run, store.list_optimization_runs),
        ):
            made = ids([await make(store, agent_name=agent_name) for _ in range(7)])[::-1]
            pages = [ids(await page(agent_name=agent_name, limit=3, offset=offset)) for offset in (0, 3, 6, 9)]
            assert pages == [made[:3], made[3:6], made[6:], []]
            assert ids(await page(agent_name=agent_name)) == made
            assert await page(agent_name=agent_name, limit=0) == []

    @needs(*_LOGS, *_ANALYSES, *_RUNS)
    @pytest.mark.parametrize("bad", BAD_COUNTS, ids=repr)
    async def test_an_invalid_limit_or_offset_of_history_is_refused(self, store: BaseStore, bad: Any) -> None:
        """A `ValueError` names the argument."""
        for page in (store.list_invocation_logs, store.list_log_analyses, store.list_optimization_runs):
            async with refused("limit"):
                await page(limit=bad)
            async with refused("offset"):
                await page(offset=bad)
