"""From a stored row to the record that a caller gets, for every store that keeps rows.

Records survive `json.dumps`; times are ISO-8601 in UTC with `+00:00`, to the microsecond. The keys are the ones
that the agentomatic platform reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from .jsontext import decode

Record = dict[str, Any]
Row = Mapping[Any, Any]


def iso(at: datetime | str) -> str:
    """A time as records carry it: ISO-8601 in UTC, to the microsecond; text is one already."""
    if isinstance(at, str):
        return at
    return at.astimezone(UTC).isoformat(timespec="microseconds")


THREAD = (
    *("id", "user_id", "agent_name", "title", "metadata", "created_at", "updated_at"),
    *("message_count", "parent_thread_id", "fork_message_index"),
)
MESSAGE = tuple("id thread_id position role content metadata created_at".split())
"""The columns of a record, in the order in which `thread_of` and `message_of` take their values."""

_thread_values, _message_values = itemgetter(*THREAD), itemgetter(*MESSAGE)


def thread(row: Row) -> Record:
    return thread_of(*_thread_values(row))


def thread_of(
    id_: str,
    user_id: str,
    agent_name: str,
    title: str | None,
    metadata: str,
    created_at: datetime | str,
    updated_at: datetime | str,
    message_count: int,
    parent_thread_id: str | None,
    fork_message_index: int | None,
) -> Record:
    return {
        "id": id_,
        "thread_id": id_,
        "user_id": user_id,
        "agent_name": agent_name,
        "title": title,
        "metadata": decode(metadata),
        "created_at": iso(created_at),
        "updated_at": iso(updated_at),
        "message_count": message_count,
        "parent_thread_id": parent_thread_id,
        "fork_message_index": fork_message_index,
    }


def message(row: Row) -> Record:
    return message_of(*_message_values(row))


def message_of(
    id_: int, thread_id: str, position: int, role: str, content: str, metadata: str, created_at: datetime | str
) -> Record:
    return {
        "id": id_,
        "thread_id": thread_id,
        "index": position,
        "role": role,
        "content": content,
        "metadata": {} if metadata == "{}" else decode(metadata),  # most messages have none
        "timestamp": iso(created_at),
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
