"""The platform's own history: the part of `SQLAlchemyStore` that keeps invocation logs and the like."""

from __future__ import annotations

from typing import Any

from .. import inputs
from ..context import Context
from ..database import Database
from ..entities import history as platform_history
from ..entities.history import ANALYSES, INVOCATIONS, RUNS, Family
from ..history import PlatformHistory
from ..records import Record
from ..sealing.fields import Sealing


class StoreHistory(PlatformHistory):
    """Invocation logs, log analyses and optimization runs, each in a table in the order of their making."""

    _context: Context
    _database: Database
    _sealing: Sealing

    async def _add_history(self, family: Family, row: inputs.Row) -> Record:
        sealed = self._sealing.row(family.table, row)
        return self._sealing.record(
            family.table, await self._database.run(platform_history.add, self._context, family, sealed)
        )

    async def _get_history(self, family: Family, record_id: str) -> Record | None:
        found = await self._database.run(platform_history.get, self._context, family, record_id)
        return self._sealing.optional(family.table, found)

    async def _list_history(self, family: Family, filters: inputs.Row, limit: int, offset: int) -> list[Record]:
        found = await self._database.run(platform_history.page, self._context, family, filters, limit, offset)
        return self._sealing.records(family.table, found)

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
        return await self._add_history(INVOCATIONS, row)

    async def get_invocation_log(self, log_id: str) -> Record | None:
        return await self._get_history(INVOCATIONS, inputs.identifier("log_id", log_id))

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
        return await self._list_history(INVOCATIONS, filters, *inputs.window(limit, offset))

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
        return await self._database.run(platform_history.count, self._context, INVOCATIONS, filters)

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
        return await self._add_history(ANALYSES, row)

    async def get_latest_log_analysis(self, agent_name: str, *, resource_type: str = "agent") -> Record | None:
        filters = inputs.history_filters(agent_name=agent_name, resource_type=resource_type or "agent")
        found = await self._list_history(ANALYSES, filters, 1, 0)
        return found[0] if found else None

    async def list_log_analyses(
        self,
        *,
        agent_name: str | None = None,
        resource_type: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> list[Record]:
        filters = inputs.history_filters(agent_name=agent_name, resource_type=resource_type)
        return await self._list_history(ANALYSES, filters, *inputs.window(limit, offset))

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
        return await self._add_history(RUNS, row)

    async def get_optimization_run(self, run_id: str) -> Record | None:
        return await self._get_history(RUNS, inputs.identifier("run_id", run_id))

    async def list_optimization_runs(
        self,
        *,
        agent_name: str | None = None,
        experiment_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Record]:
        filters = inputs.history_filters(agent_name=agent_name, experiment_id=experiment_id)
        return await self._list_history(RUNS, filters, *inputs.window(limit, offset))
