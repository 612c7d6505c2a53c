"""The platform's history of its own work: invocation logs, log analyses and optimization runs.

`BaseStore` inherits these methods, and all of them are optional. In a store that overrides none, reading finds nothing
and writing raises `NotSupported`. A store can override single methods. Or it overrides the four hooks `_add_history`,
`_get_history`, `_list_history` and `_count_history`, which all the methods call, and has the whole history.

The keys of the records (`agent_name` is the name of the resource, whatever its type; so is `resource_name`):

    invocation log    id resource_type resource_name agent_name thread_id run_id timestamp endpoint input output
                      metadata error duration_ms status
    log analysis      id resource_type resource_name agent_name score summary status recommendations metadata
                      created_at
    optimization run  id experiment_id agent_name baseline_score best_score prompt_versions score_history learnings
                      artefacts metadata created_at
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from . import inputs, records
from .errors import NotSupported
from .inputs import Row
from .records import Record


class Family(NamedTuple):
    """One of the three kinds of history."""

    method: str
    """The method that stores a record."""
    id_name: str
    """The argument that holds a record's id."""
    row: Callable[..., Row]
    """Make the row to store from the arguments of `method`; raises `InvalidInput`."""
    record: Callable[[records.Row], Record]
    """Make the record that a caller gets from a stored row."""


INVOCATIONS = Family("create_invocation_log", "log_id", inputs.invocation_log, records.invocation_log)
ANALYSES = Family("save_log_analysis", "analysis_id", inputs.log_analysis, records.log_analysis)
RUNS = Family("create_optimization_run", "run_id", inputs.optimization_run, records.optimization_run)


class PlatformHistory:
    """The methods of `BaseStore` for the platform's history. A filter that is None or empty is ignored."""

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
    ) -> dict[str, Any]:
        """Store the log of one invocation and return its record.

        Without a `log_id` (None or empty) the store makes one. Raises `InvalidInput`, `RecordExists` if the id is
        taken, and `NotSupported` if the store keeps no invocation logs.
        """
        return await self._add_history(
            INVOCATIONS,
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

    async def get_invocation_log(self, log_id: str) -> dict[str, Any] | None:
        """Return the invocation log with this id, or None. Raises `InvalidInput`."""
        return await self._get_history(INVOCATIONS, log_id)

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
    ) -> list[dict[str, Any]]:
        """Return the invocation logs that match all filters, the newest first. Raises `InvalidInput`."""
        return await self._list_history(
            INVOCATIONS,
            limit,
            offset,
            agent_name=agent_name,
            resource_type=resource_type,
            thread_id=thread_id,
            status=status,
            endpoint=endpoint,
        )

    async def count_invocation_logs(
        self,
        *,
        agent_name: str | None = None,
        resource_type: str | None = None,
        thread_id: str | None = None,
        status: str | None = None,
        endpoint: str | None = None,
    ) -> int:
        """Count the invocation logs that match all filters. Raises `InvalidInput`."""
        return await self._count_history(
            INVOCATIONS,
            agent_name=agent_name,
            resource_type=resource_type,
            thread_id=thread_id,
            status=status,
            endpoint=endpoint,
        )

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
    ) -> dict[str, Any]:
        """Store an analysis of invocation logs and return its record.

        Without an `analysis_id` (None or empty) the store makes one. Raises `InvalidInput`, `RecordExists` if the id
        is taken, and `NotSupported` if the store keeps no log analyses.
        """
        return await self._add_history(
            ANALYSES,
            agent_name=agent_name,
            resource_type=resource_type,
            score=score,
            summary=summary,
            status=status,
            recommendations=recommendations,
            metadata=metadata,
            analysis_id=analysis_id,
        )

    async def get_latest_log_analysis(self, agent_name: str, *, resource_type: str = "agent") -> dict[str, Any] | None:
        """Return the newest analysis of a resource, or None. Raises `InvalidInput`."""
        resource_type = resource_type or "agent"
        found = await self._list_history(ANALYSES, 1, 0, agent_name=agent_name, resource_type=resource_type)
        return found[0] if found else None

    async def list_log_analyses(
        self,
        *,
        agent_name: str | None = None,
        resource_type: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> list[dict[str, Any]]:
        """Return the log analyses that match all filters, the newest first. Raises `InvalidInput`."""
        return await self._list_history(ANALYSES, limit, offset, agent_name=agent_name, resource_type=resource_type)

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
    ) -> dict[str, Any]:
        """Store an optimization run and return its record.

        Without a `run_id` (None or empty) the store makes one. Raises `InvalidInput`, `RecordExists` if the id is
        taken, and `NotSupported` if the store keeps no optimization runs.
        """
        return await self._add_history(
            RUNS,
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

    async def get_optimization_run(self, run_id: str) -> dict[str, Any] | None:
        """Return the optimization run with this id, or None. Raises `InvalidInput`."""
        return await self._get_history(RUNS, run_id)

    async def list_optimization_runs(
        self,
        *,
        agent_name: str | None = None,
        experiment_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[dict[str, Any]]:
        """Return the optimization runs that match all filters, the newest first. Raises `InvalidInput`."""
        return await self._list_history(RUNS, limit, offset, agent_name=agent_name, experiment_id=experiment_id)

    # The hooks. Arguments arrive unchecked, because a store without history accepts any; `family.row` and the functions
    # of `inputs` check them.

    async def _add_history(self, family: Family, /, **fields: Any) -> Record:
        """Store `family.row(**fields)` and return its record; raises `RecordExists` if the id is taken."""
        raise NotSupported(type(self).__name__, family.method)

    async def _get_history(self, family: Family, record_id: str, /) -> Record | None:
        """Return the record with this id, or None; `inputs.identifier` checks the id."""
        return None

    async def _list_history(self, family: Family, limit: int, offset: int, /, **filters: str | None) -> list[Record]:
        """Return the matching records, the newest first; `inputs.history_filters` and `inputs.window` check."""
        return []

    async def _count_history(self, family: Family, /, **filters: str | None) -> int:
        """Count the matching records; `inputs.history_filters` checks the filters."""
        return 0
