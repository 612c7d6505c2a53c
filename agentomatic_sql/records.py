"""Records: the dicts that callers get, their types, and how a stored row becomes one.

Records survive `json.dumps`. The keys are the ones that the agentomatic platform reads. Every time is a text, ISO-8601
in UTC with microseconds and `+00:00` (`2026-01-31T09:30:00.000000+00:00`), so that times sort as texts.

The types describe what a store returns: give one to a type checker with `cast(Thread, await store.get_thread("t1"))`,
or to FastAPI or pydantic as a model. The stores' own methods are annotated with `dict[str, Any]`, as the platform's
interface is. To a type checker a TypedDict is no dict: with it, `SQLAlchemyStore` would no longer fit that interface,
a subclass that returns a dict would be refused, and so would a function of yours that takes one.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, Literal, NotRequired

from .jsontext import decode

if sys.version_info >= (3, 12):
    from typing import TypedDict
else:  # pydantic takes no other on 3.11
    from typing_extensions import TypedDict

Record = dict[str, Any]
Row = Mapping[Any, Any]


class Thread(TypedDict):
    """A conversation, from `create_thread`, `get_thread`, `list_threads`, `update_thread` and `fork_thread`."""

    id: str
    """The thread's id, at most 255 characters."""
    thread_id: str
    """The same as `id`."""
    user_id: str
    """The id of the thread's owner."""
    agent_name: str
    """The name of the thread's agent."""
    title: str | None
    """The title, or None."""
    metadata: dict[str, Any]
    """Data of the application; `update_thread` replaces it as a whole."""
    created_at: str
    """The time of creation; ISO-8601 in UTC."""
    updated_at: str
    """The time of the last message or update; ISO-8601 in UTC. It never goes back."""
    message_count: int
    """The number of messages; also the `index` of the next one."""
    parent_thread_id: str | None
    """The id of the thread that was forked; None if that was deleted, or if this is no fork."""
    fork_message_index: int | None
    """The index that the caller of `fork_thread` gave; None if this is no fork."""


class Message(TypedDict):
    """A message of a thread, from `add_message`, `add_messages`, `get_messages` and `iter_messages`."""

    id: int
    """A number that is unique in the database, below 2^53. Order by `index`, not by `id`."""
    thread_id: str
    """The id of the message's thread."""
    index: int
    """The position in the thread, from 0, without gaps."""
    role: str
    """The speaker: `user`, `assistant`, `tool`, …"""
    content: str
    """The text; empty for a tool call."""
    metadata: dict[str, Any]
    """Tool calls, images and other data of the application."""
    timestamp: str
    """The time of storing; ISO-8601 in UTC. A fork keeps its parent's."""


class Feedback(TypedDict):
    """A rating, from `add_feedback` and `get_feedback`."""

    id: int
    """A number that is unique in the database, below 2^53."""
    thread_id: str
    """The id of the rated thread, which need not exist."""
    message_id: int | None
    """The id of the rated message, or None; it need not exist."""
    user_id: str
    """The id of the user who rated."""
    agent_name: str
    """The name of the rated agent."""
    rating: int | None
    """1 (worst) to 5, or None."""
    feedback_type: str
    """`thumbs` by default."""
    comment: str | None
    """The user's comment, or None."""
    query: str
    """The question; empty by default."""
    response: str
    """The answer; empty by default."""
    correction: str | None
    """The answer that the user wanted, or None."""
    created_at: str
    """The time of storing; ISO-8601 in UTC."""


class SuspendedState(TypedDict):
    """An execution that waits for a human, from `save_suspended_state`, `get_…`, `list_…` and `claim_…`."""

    id: str
    """The id of the approval, as the caller gave it."""
    thread_id: str
    """The id of the thread, which need not exist."""
    agent_name: str
    """The name of the agent that waits."""
    node_name: str
    """The name of the node at which it waits."""
    state_snapshot: dict[str, Any]
    """The `state_json` that was saved."""
    created_at: str
    """The time of saving; ISO-8601 in UTC."""
    expires_at: str
    """The time after which nobody gets the state; ISO-8601 in UTC."""


class Checkpoint(TypedDict):
    """A checkpoint of an agent, from `get_checkpoint` and `list_checkpoints`."""

    thread_id: str
    """The id of the thread, which need not exist."""
    checkpoint_ns: str
    """The namespace; it may be empty."""
    checkpoint_id: str
    """The id within the thread and namespace; it may be empty."""
    parent_checkpoint_id: str | None
    """The id of the checkpoint before it, or None."""
    checkpoint: dict[str, Any]
    """The state that was saved."""
    metadata: dict[str, Any]
    """Data about the checkpoint, as it was saved."""
    created_at: str
    """The time when the id was first saved; ISO-8601 in UTC."""


class ThreadLineage(TypedDict):
    """Where a thread comes from and what was forked from it, from `get_thread_lineage`."""

    thread_id: str
    """The id of the thread."""
    ancestors: list[Thread]
    """Its parents, from the root down to the direct parent."""
    descendants: list[Thread]
    """Its direct forks, the oldest first."""


class InvocationLog(TypedDict):
    """One invocation of an agent, from `create_invocation_log`, `get_…` and `list_invocation_logs`."""

    id: str
    """The id of the log."""
    resource_type: str
    """`agent` by default."""
    resource_name: str
    """The same as `agent_name`."""
    agent_name: str
    """The name of the resource, of whatever type."""
    thread_id: str | None
    """The id of the thread, or None."""
    run_id: str | None
    """The id of the run, or None."""
    endpoint: str
    """`invoke` by default."""
    input: Any
    """The input, as JSON."""
    output: Any
    """The output, as JSON."""
    metadata: dict[str, Any]
    """Data of the application."""
    error: str | None
    """The error, or None."""
    status: str
    """`ok` by default."""
    duration_ms: float | None
    """The duration in milliseconds, or None."""
    timestamp: str
    """The time of the log; ISO-8601 in UTC."""


class LogAnalysis(TypedDict):
    """An analysis of invocation logs, from `save_log_analysis`, `get_latest_…` and `list_log_analyses`."""

    id: str
    """The id of the analysis."""
    resource_type: str
    """`agent` by default."""
    resource_name: str
    """The same as `agent_name`."""
    agent_name: str
    """The name of the resource, of whatever type."""
    score: float | None
    """The score, or None; the scale is the caller's."""
    summary: str
    """The result in words."""
    status: str
    """The status, in the caller's words."""
    recommendations: list[Any]
    """The recommendations, as JSON."""
    metadata: dict[str, Any]
    """Data of the application."""
    created_at: str
    """The time of the analysis; ISO-8601 in UTC."""


class OptimizationRun(TypedDict):
    """A run of the optimizer, from `create_optimization_run`, `get_…` and `list_optimization_runs`."""

    id: str
    """The id of the run."""
    experiment_id: str
    """The id of the experiment that the run belongs to."""
    agent_name: str
    """The name of the agent that was optimized."""
    baseline_score: float | None
    """The score before the run, or None; the scale is the caller's."""
    best_score: float | None
    """The best score, or None."""
    score_history: list[Any]
    """The scores on the way, as JSON."""
    prompt_versions: dict[str, Any]
    """The prompts that were tried."""
    learnings: list[Any]
    """The learnings, as JSON."""
    artefacts: dict[str, Any]
    """The artefacts of the run."""
    metadata: dict[str, Any]
    """Data of the application."""
    created_at: str
    """The time of the run; ISO-8601 in UTC."""


class Stats(TypedDict):
    """Counts of what is stored, from `get_stats`; a store of another package may have `backend` alone."""

    backend: str
    """The class of the store."""
    database: NotRequired[str]
    """The database that the store uses."""
    threads: NotRequired[int]
    """The number of threads."""
    messages: NotRequired[int]
    """The number of messages."""
    feedback: NotRequired[int]
    """The number of ratings."""
    suspended_states: NotRequired[int]
    """The number of suspended states that have not expired."""
    checkpoints: NotRequired[int]
    """The number of checkpoints."""
    estimated: NotRequired[list[str]]
    """The names of the counts that are estimates."""


class Health(TypedDict):
    """The state of the store, from `health_check`. Every store has the first two keys."""

    status: Literal["healthy", "unhealthy"]
    """The verdict."""
    backend: str
    """The class of the store."""
    error: NotRequired[str]
    """The error, if the status is `unhealthy`."""
    url: NotRequired[str]
    """The URL of the database, without its password."""
    database: NotRequired[str]
    """The name of the database system."""
    server_version: NotRequired[str]
    """The version of the server."""
    server_address: NotRequired[str]
    """The address and port of the server that answered."""
    role: NotRequired[Literal["writable", "read-only", "standby"]]
    """What the server does for the store: it takes writes, refuses them, or repeats another server's."""
    latency_ms: NotRequired[float]
    """The time of a round trip to the server, in milliseconds."""
    schema: NotRequired[dict[str, Any]]
    """`revision` (the one found, or None), `head` (the one needed), `state` (such as `current` or `behind`)."""
    pool: NotRequired[dict[str, int]]
    """Connections: `size`, `in_use`, `overflow` (beyond `size`); and how many callers are `waiting` for one."""
    waiting: NotRequired[int]
    """The number of calls that wait for their answers."""
    warnings: NotRequired[list[str]]
    """What works but should be changed, such as a clock that differs from the database's by more than a minute."""


def iso(at: datetime | str) -> str:
    """Return a time as ISO-8601 text in UTC, to the microsecond. Text is returned unchanged."""
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
    """Make the record of a thread from its row, a mapping with the column names."""
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
    """Make the record of a thread from the values of its columns, in the order of `THREAD`."""
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
    """Make the record of a message from its row, a mapping with the column names."""
    return message_of(*_message_values(row))


def message_of(
    id_: int, thread_id: str, position: int, role: str, content: str, metadata: str, created_at: datetime | str
) -> Record:
    """Make the record of a message from the values of its columns, in the order of `MESSAGE`."""
    return {
        "id": id_,
        "thread_id": thread_id,
        "index": position,
        "role": role,
        "content": content,
        "metadata": {} if metadata == "{}" else decode(metadata),  # most messages have none
        "timestamp": iso(created_at),
    }


def _copied(row: Row, names: str) -> Record:
    """Return the values of a row that its record has under the same names."""
    return {name: row[name] for name in names.split()}


def feedback(row: Row) -> Record:
    """Make the record of feedback from its row, a mapping with the column names."""
    return {
        **_copied(row, "id thread_id message_id user_id agent_name rating comment"),
        **_copied(row, "feedback_type query response correction"),
        "created_at": iso(row["created_at"]),
    }


def suspended_state(row: Row) -> Record:
    """Make the record of a suspended state from its row, a mapping with the column names."""
    return {
        **_copied(row, "id thread_id agent_name node_name"),
        "state_snapshot": decode(row["state_snapshot"]),
        "created_at": iso(row["created_at"]),
        "expires_at": iso(row["expires_at"]),
    }


def checkpoint(row: Row) -> Record:
    """Make the record of a checkpoint from its row, a mapping with the column names."""
    return {
        **_copied(row, "thread_id checkpoint_ns checkpoint_id parent_checkpoint_id"),
        "checkpoint": decode(row["checkpoint"]),
        "metadata": decode(row["metadata"]),
        "created_at": iso(row["created_at"]),
    }


def invocation_log(row: Row) -> Record:
    """Make the record of an invocation log from its row, a mapping with the column names."""
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
    """Make the record of an analysis of logs from its row, a mapping with the column names."""
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
    """Make the record of an optimization run from its row, a mapping with the column names."""
    return {
        **_copied(row, "id experiment_id agent_name baseline_score best_score"),
        "prompt_versions": decode(row["prompt_versions"]),
        "score_history": decode(row["score_history"]),
        "learnings": decode(row["learnings"]),
        "artefacts": decode(row["artefacts"]),
        "metadata": decode(row["metadata"]),
        "created_at": iso(row["created_at"]),
    }
