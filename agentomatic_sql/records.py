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
    thread_id: str
    """The thread's id, twice; at most 255 characters."""

    user_id: str
    agent_name: str
    """The owner: both are compared when the thread is created again."""

    title: str | None
    metadata: dict[str, Any]
    """Whatever the application wrote; `update_thread` replaces either as a whole."""

    created_at: str
    updated_at: str
    """ISO-8601 in UTC; a message or an update sets `updated_at`, which never goes back."""

    message_count: int
    """How many messages the thread has; also the `index` of the next one."""

    parent_thread_id: str | None
    fork_message_index: int | None
    """Of a fork: its parent (None if that was deleted) and the index that was asked for. None of any other thread."""


class Message(TypedDict):
    """A message of a thread, from `add_message`, `add_messages`, `get_messages` and `iter_messages`."""

    id: int
    """Unique in the database, below 2^53. Order by `index`, not by `id`."""

    thread_id: str
    index: int
    """The thread, and the message's place in it: 0, 1, 2, … without a gap."""

    role: str
    content: str
    """Who speaks (`user`, `assistant`, `tool`, …), and the text, which may be empty: a call of a tool has none."""

    metadata: dict[str, Any]
    """What is not text: calls of tools, images, tokens, whatever the application wrote."""

    timestamp: str
    """When it was stored; ISO-8601 in UTC. A fork keeps its parent's."""


class Feedback(TypedDict):
    """A rating, from `add_feedback` and `get_feedback`."""

    id: int
    """Unique in the database, below 2^53."""

    thread_id: str
    message_id: int | None
    """What was rated; neither needs to exist."""

    user_id: str
    agent_name: str
    """Who rated, and which agent."""

    rating: int | None
    feedback_type: str
    """1 (worst) to 5, or None; `thumbs` unless the caller says otherwise."""

    comment: str | None
    query: str
    response: str
    correction: str | None
    """The user's words, the question and the answer (empty if not given), and what the answer should have been."""

    created_at: str
    """ISO-8601 in UTC."""


class SuspendedState(TypedDict):
    """An execution that waits for a human, from `save_suspended_state`, `get_…`, `list_…` and `claim_…`."""

    id: str
    """The approval's id, as the caller gave it."""

    thread_id: str
    agent_name: str
    node_name: str
    """Where it waits; the thread need not exist."""

    state_snapshot: dict[str, Any]
    """The `state_json` that was saved."""

    created_at: str
    expires_at: str
    """ISO-8601 in UTC; nobody gets the state after `expires_at`."""


class Checkpoint(TypedDict):
    """A checkpoint of an agent, from `get_checkpoint` and `list_checkpoints`."""

    thread_id: str
    checkpoint_ns: str
    checkpoint_id: str
    """The key; the namespace and the id may be empty."""

    parent_checkpoint_id: str | None
    """The checkpoint before it, None for the first."""

    checkpoint: dict[str, Any]
    metadata: dict[str, Any]
    """What was saved."""

    created_at: str
    """When the id was first saved; ISO-8601 in UTC."""


class ThreadLineage(TypedDict):
    """Where a thread comes from and what was forked from it, from `get_thread_lineage`."""

    thread_id: str
    ancestors: list[Thread]
    descendants: list[Thread]
    """From the root down to the parent; the direct forks, the oldest first."""


class InvocationLog(TypedDict):
    """One invocation of an agent, from `create_invocation_log`, `get_…` and `list_invocation_logs`."""

    id: str
    resource_type: str
    resource_name: str
    agent_name: str
    """`resource_type` is `agent` by default; the two names are both the resource's."""

    thread_id: str | None
    run_id: str | None
    """The thread and the run, or None."""

    endpoint: str
    """The endpoint; `invoke` by default."""

    input: Any
    output: Any
    metadata: dict[str, Any]
    error: str | None
    status: str
    """What went in and came out, as JSON; `ok` unless the caller says otherwise."""

    duration_ms: float | None
    """Milliseconds."""

    timestamp: str
    """ISO-8601 in UTC."""


class LogAnalysis(TypedDict):
    """An analysis of invocation logs, from `save_log_analysis`, `get_latest_…` and `list_log_analyses`."""

    id: str
    resource_type: str
    resource_name: str
    agent_name: str
    """`resource_type` is `agent` by default; the two names are both the resource's."""

    score: float | None
    summary: str
    status: str
    recommendations: list[Any]
    metadata: dict[str, Any]
    """What was found; the score's scale is the caller's."""

    created_at: str
    """ISO-8601 in UTC."""


class OptimizationRun(TypedDict):
    """A run of the optimizer, from `create_optimization_run`, `get_…` and `list_optimization_runs`."""

    id: str
    experiment_id: str
    agent_name: str

    baseline_score: float | None
    best_score: float | None
    score_history: list[Any]
    """Before and after, and on the way; the scale is the caller's."""

    prompt_versions: dict[str, Any]
    learnings: list[Any]
    artefacts: dict[str, Any]
    metadata: dict[str, Any]
    """What was tried, learned and made."""

    created_at: str
    """ISO-8601 in UTC."""


class Stats(TypedDict):
    """Counts of what is stored, from `get_stats`; a store of another package may have `backend` alone."""

    backend: str
    database: NotRequired[str]
    """The store's class and its database."""

    threads: NotRequired[int]
    messages: NotRequired[int]
    feedback: NotRequired[int]
    suspended_states: NotRequired[int]
    checkpoints: NotRequired[int]
    """Counts; of suspended states those that have not expired."""

    estimated: NotRequired[list[str]]
    """The names of those counts that are estimates."""


class Health(TypedDict):
    """The state of the store, from `health_check`. Every store has the first two keys."""

    status: Literal["healthy", "unhealthy"]
    backend: str
    """The verdict, and the store's class."""

    error: NotRequired[str]
    """What is wrong, if the status is `unhealthy`."""

    url: NotRequired[str]
    database: NotRequired[str]
    server_version: NotRequired[str]
    """Where the data are; the URL without its password."""

    latency_ms: NotRequired[float]
    """A round trip to the server, in milliseconds."""

    schema: NotRequired[dict[str, Any]]
    """`revision` (the one found, or None), `head` (the one needed), `current` (whether they are the same)."""

    pool: NotRequired[dict[str, int]]
    """Connections: `size`, `in_use`, `overflow` (beyond `size`); and how many callers are `waiting` for one."""


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
