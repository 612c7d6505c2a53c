"""From a stored row to the record that a caller gets, for every store that keeps rows.

Records survive `json.dumps`; times are ISO-8601 in UTC with `+00:00`, to the microsecond. The keys are the ones
that the agentomatic platform reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from .jsontext import decode

Record = dict[str, Any]
Row = Mapping[Any, Any]


def iso(at: datetime | str) -> str:
    """A time as records carry it: ISO-8601 in UTC, to the microsecond; text is one already."""
    if isinstance(at, str):
        return at
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def thread(row: Row) -> Record:
    return {
        "id": row["id"],
        "thread_id": row["id"],
        "user_id": row["user_id"],
        "agent_name": row["agent_name"],
        "title": row["title"],
        "metadata": decode(row["metadata"]),
        "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
        "message_count": row["message_count"],
        "parent_thread_id": row["parent_thread_id"],
        "fork_message_index": row["fork_message_index"],
    }


def message(row: Row) -> Record:
    return {
        "id": row["id"],
        "thread_id": row["thread_id"],
        "index": row["position"],
        "role": row["role"],
        "content": row["content"],
        "metadata": decode(row["metadata"]),
        "timestamp": iso(row["created_at"]),
    }


def feedback(row: Row) -> Record:
    return {
        "id": row["id"],
        "thread_id": row["thread_id"],
        "message_id": row["message_id"],
        "user_id": row["user_id"],
        "agent_name": row["agent_name"],
        "rating": row["rating"],
        "comment": row["comment"],
        "feedback_type": row["feedback_type"],
        "query": row["query"],
        "response": row["response"],
        "correction": row["correction"],
        "created_at": iso(row["created_at"]),
    }


def suspended_state(row: Row) -> Record:
    return {
        "id": row["id"],
        "thread_id": row["thread_id"],
        "agent_name": row["agent_name"],
        "node_name": row["node_name"],
        "state_snapshot": decode(row["state_snapshot"]),
        "created_at": iso(row["created_at"]),
        "expires_at": iso(row["expires_at"]),
    }


def checkpoint(row: Row) -> Record:
    return {
        "thread_id": row["thread_id"],
        "checkpoint_ns": row["checkpoint_ns"],
        "checkpoint_id": row["checkpoint_id"],
        "parent_checkpoint_id": row["parent_checkpoint_id"],
        "checkpoint": decode(row["checkpoint"]),
        "metadata": decode(row["metadata"]),
        "created_at": iso(row["created_at"]),
    }


def invocation_log(row: Row) -> Record:
    return {
        "id": row["id"],
        "resource_type": row["resource_type"],
        "resource_name": row["agent_name"],
        "agent_name": row["agent_name"],
        "thread_id": row["thread_id"],
        "run_id": row["run_id"],
        "timestamp": iso(row["created_at"]),
        "endpoint": row["endpoint"],
        "input": decode(row["input"]),
        "output": decode(row["output"]),
        "metadata": decode(row["metadata"]),
        "error": row["error"],
        "duration_ms": row["duration_ms"],
        "status": row["status"],
    }


def log_analysis(row: Row) -> Record:
    return {
        "id": row["id"],
        "resource_type": row["resource_type"],
        "resource_name": row["agent_name"],
        "agent_name": row["agent_name"],
        "score": row["score"],
        "summary": row["summary"],
        "status": row["status"],
        "recommendations": decode(row["recommendations"]),
        "metadata": decode(row["metadata"]),
        "created_at": iso(row["created_at"]),
    }


def optimization_run(row: Row) -> Record:
    return {
        "id": row["id"],
        "experiment_id": row["experiment_id"],
        "agent_name": row["agent_name"],
        "baseline_score": row["baseline_score"],
        "best_score": row["best_score"],
        "prompt_versions": decode(row["prompt_versions"]),
        "score_history": decode(row["score_history"]),
        "learnings": decode(row["learnings"]),
        "artefacts": decode(row["artefacts"]),
        "metadata": decode(row["metadata"]),
        "created_at": iso(row["created_at"]),
    }
