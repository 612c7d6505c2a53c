"""Rows to the records that agentomatic-sql returns, for the raw contenders: decoded JSON, ISO times, by position."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

Record = dict[str, Any]

THREAD = (
    "id, user_id, agent_name, title, metadata, created_at, updated_at, message_count, parent_thread_id, "
    "fork_message_index"
)
MESSAGE = "id, thread_id, position, role, content, metadata, created_at"
STATE = "id, thread_id, agent_name, node_name, state_snapshot, created_at, expires_at"


def iso(at: datetime) -> str:
    """PostgreSQL's, which have a zone."""
    return at.isoformat(timespec="microseconds")


def iso_of_naive(at: datetime) -> str:
    return at.isoformat(timespec="microseconds") + "+00:00"


def iso_of_text(at: str) -> str:
    return at.replace(" ", "T") + "+00:00"


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def thread(row: Any, iso: Callable[[Any], str]) -> Record:
    id_, user_id, agent_name, title, metadata, created_at, updated_at, count, parent, fork_index = row
    return {
        "id": id_,
        "thread_id": id_,
        "user_id": user_id,
        "agent_name": agent_name,
        "title": title,
        "metadata": json.loads(metadata),
        "created_at": iso(created_at),
        "updated_at": iso(updated_at),
        "message_count": count,
        "parent_thread_id": parent,
        "fork_message_index": fork_index,
    }


def message(row: Any, iso: Callable[[Any], str]) -> Record:
    id_, thread_id, position, role, content, metadata, created_at = row
    return {
        "id": id_,
        "thread_id": thread_id,
        "index": position,
        "role": role,
        "content": content,
        "metadata": json.loads(metadata),
        "timestamp": iso(created_at),
    }


def state(row: Any, iso: Callable[[Any], str]) -> Record:
    id_, thread_id, agent_name, node_name, snapshot, created_at, expires_at = row
    return {
        "id": id_,
        "thread_id": thread_id,
        "agent_name": agent_name,
        "node_name": node_name,
        "state_snapshot": json.loads(snapshot),
        "created_at": iso(created_at),
        "expires_at": iso(expires_at),
    }


def appended(id_: int, thread_id: str, position: int, role: str, content: str, metadata: Record, at: str) -> Record:
    """The record of a message that has just been stored."""
    return {
        "id": id_,
        "thread_id": thread_id,
        "index": position,
        "role": role,
        "content": content,
        "metadata": metadata,
        "timestamp": at,
    }
