"""The platform's own history in memory: the part of `MemoryStore` that keeps invocation logs and the like."""

from __future__ import annotations

from typing import Any

from .. import inputs, records
from ..errors import RecordExists
from ..history import PlatformHistory
from ..inputs import Row
from ..records import Record


class MemoryHistory(PlatformHistory):
    """Invocation logs, log analyses and optimization runs, each in a dict in the order of their making."""

    def __init__(self) -> None:
        self._logs: dict[str, Row] = {}
        self._analyses: dict[str, Row] = {}
        self._runs: dict[str, Row] = {}

    def _open(self) -> None:
        raise NotImplementedError

    def _kept(self, rows: dict[str, Row]) -> dict[str, Row]:
        self._open()
        return rows

    def _add(self, rows: dict[str, Row], id_name: str, row: Row) -> Row:
        if row["id"] in self._kept(rows):
            raise RecordExists(id_name, row["id"])
        rows[row["id"]] = row
        return row

    async def create_invocation_log(
        self,
        *,
        agent_name: str,
        resource_type: str = "agent",
        thread_id: str | None = None,
        run_id: str | None = None,
        endpoint: str = "invoke",
        input_data: dict[str, Any] | None = None,
        output_data: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        error: str | None = None,
        duration_ms: float | None = None,
        status: str = "ok",
        log_id: str | None = None,
    ) -> Record:
        row = inputs.invocation_log(
            agent_name=agent_name,
            resource_type=resource_type,
            thread_id=thread_id,
            run_id=run_id,
            endpoint=endpoint,
            input_data=input_data,
            output_data=output_data,
            metadata=metadata,
            error=error,
            duration_ms=duration_ms,
            status=status,
            log_id=log_id,
        )
        return records.invocation_log(self._add(self._logs, "log_id", row))

    async def get_invocation_log(self, log_id: str) -> Record | None:
        here = inputs.identifier("log_id", log_id)
        row = self._kept(self._logs).get(here)
        return None if row is None else records.invocation_log(row)

    async def list_invocation_logs(
        self,
        *,
        agent_name: str | None = None,
        resource_type: str | None = None,
        thread_id: str | None = None,
        status: str | None = None,
        endpoint: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Record]:
        filters = inputs.history_filters(
            agent_name=agent_name,
            resource_type=resource_type,
            thread_id=thread_id,
            status=status,
            endpoint=endpoint,
        )
        rows = _newest(self._kept(self._logs), filters, *inputs.window(limit, offset))
        return [records.invocation_log(row) for row in rows]

    async def count_invocation_logs(
        self,
        *,
        agent_name: str | None = None,
        resource_type: str | None = None,
        thread_id: str | None = None,
        status: str | None = None,
        endpoint: str | None = None,
    ) -> int:
        filters = inputs.history_filters(
            agent_name=agent_name,
            resource_type=resource_type,
            thread_id=thread_id,
            status=status,
            endpoint=endpoint,
        )
        return len(_matching(self._kept(self._logs), filters))

    async def save_log_analysis(
        self,
        *,
        agent_name: str,
        resource_type: str = "agent",
        score: float | None,
        summary: str,
        status: str,
        recommendations: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        analysis_id: str | None = None,
    ) -> Record:
        row = inputs.log_analysis(
            agent_name=agent_name,
            resource_type=resource_type,
            score=score,
            summary=summary,
            status=status,
            recommendations=recommendations,
            metadata=metadata,
            analysis_id=analysis_id,
        )
        return records.log_analysis(self._add(self._analyses, "analysis_id", row))

    async def get_latest_log_analysis(self, agent_name: str, *, resource_type: str = "agent") -> Record | None:
        filters = inputs.history_filters(agent_name=agent_name, resource_type=resource_type or "agent")
        rows = _newest(self._kept(self._analyses), filters, 1, 0)
        return records.log_analysis(rows[0]) if rows else None

    async def list_log_analyses(
        self,
        *,
        agent_name: str | None = None,
        resource_type: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> list[Record]:
        filters = inputs.history_filters(agent_name=agent_name, resource_type=resource_type)
        rows = _newest(self._kept(self._analyses), filters, *inputs.window(limit, offset))
        return [records.log_analysis(row) for row in rows]

    async def create_optimization_run(
        self,
        *,
        experiment_id: str,
        agent_name: str,
        baseline_score: float | None = None,
        best_score: float | None = None,
        prompt_versions: dict[str, Any] | None = None,
        score_history: list[Any] | None = None,
        learnings: list[Any] | None = None,
        artefacts: dict[str, Any] | None = None,
        metadata: dict[str, Any] | None = None,
        run_id: str | None = None,
    ) -> Record:
        row = inputs.optimization_run(
            experiment_id=experiment_id,
            agent_name=agent_name,
            baseline_score=baseline_score,
            best_score=best_score,
            prompt_versions=prompt_versions,
            score_history=score_history,
            learnings=learnings,
            artefacts=artefacts,
            metadata=metadata,
            run_id=run_id,
        )
        return records.optimization_run(self._add(self._runs, "run_id", row))

    async def get_optimization_run(self, run_id: str) -> Record | None:
        row = self._kept(self._runs).get(inputs.identifier("run_id", run_id))
        return None if row is None else records.optimization_run(row)

    async def list_optimization_runs(
        self,
        *,
        agent_name: str | None = None,
        experiment_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Record]:
        filters = inputs.history_filters(agent_name=agent_name, experiment_id=experiment_id)
        rows = _newest(self._kept(self._runs), filters, *inputs.window(limit, offset))
        return [records.optimization_run(row) for row in rows]


def _newest(rows: dict[str, Row], filters: Row, limit: int, offset: int) -> list[Row]:
    return _matching(rows, filters)[::-1][offset : offset + limit]


def _matching(rows: dict[str, Row], filters: Row) -> list[Row]:
    return [row for row in rows.values() if all(row[name] == value for name, value in filters.items())]
