"""What the platform keeps about its own work: invocation logs, log analyses, optimization runs.

A part of `BaseStore`, all of it optional: reading answers that nothing is there, writing raises `NotSupported`.
"""

from __future__ import annotations

from typing import Any

from .errors import NotSupported


class PlatformHistory:
    """The platform's own history; ids that are None or empty are made by the store."""

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
        """Store the log of one invocation and return it; `RecordExists` where the id is taken."""
        raise NotSupported(type(self).__name__, "create_invocation_log")

    async def get_invocation_log(self, log_id: str) -> dict[str, Any] | None:
        """An invocation log, or None."""
        return None

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
        """Invocation logs, the newest first; a filter that is None or empty filters nothing."""
        return []

    async def count_invocation_logs(
        self,
        *,
        agent_name: str | None = None,
        resource_type: str | None = None,
        thread_id: str | None = None,
        status: str | None = None,
        endpoint: str | None = None,
    ) -> int:
        """How many invocation logs there are under these filters."""
        return 0

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
        """Store an analysis of invocation logs and return it; `RecordExists` where the id is taken."""
        raise NotSupported(type(self).__name__, "save_log_analysis")

    async def get_latest_log_analysis(self, agent_name: str, *, resource_type: str = "agent") -> dict[str, Any] | None:
        """The newest analysis of a resource, or None."""
        return None

    async def list_log_analyses(
        self,
        *,
        agent_name: str | None = None,
        resource_type: str | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> list[dict[str, Any]]:
        """Log analyses, the newest first; a filter that is None or empty filters nothing."""
        return []

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
        """Store an optimization run and return it; `RecordExists` where the id is taken."""
        raise NotSupported(type(self).__name__, "create_optimization_run")

    async def get_optimization_run(self, run_id: str) -> dict[str, Any] | None:
        """An optimization run, or None."""
        return None

    async def list_optimization_runs(
        self,
        *,
        agent_name: str | None = None,
        experiment_id: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[dict[str, Any]]:
        """Optimization runs, the newest first; a filter that is None or empty filters nothing."""
        return []
