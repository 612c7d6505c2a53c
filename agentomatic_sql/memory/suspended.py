"""The part of `MemoryStore` that holds suspended states."""

from __future__ import annotations

from collections.abc import Container
from datetime import timedelta
from typing import Any

from .. import inputs, records
from ..inputs import Row
from ..records import Record
from .rows import ALL_THREADS, matching


class MemorySuspendedStates:
    """Hold suspended states by their approval ids. The process's clock says what has expired."""

    def __init__(self) -> None:
        self._suspended: dict[str, Row] = {}

    def _check_open(self) -> None:
        raise NotImplementedError

    def unexpired(self, filters: Row) -> list[Row]:
        """Return the states with these values that have not expired."""
        now = inputs.now()
        return [row for row in matching(self._suspended.values(), filters) if row["expires_at"] > now]

    async def save_suspended_state(
        self,
        approval_id: str,
        thread_id: str,
        agent_name: str,
        node_name: str,
        state_json: dict[str, Any],
        *,
        ttl: timedelta | float | None = None,
    ) -> Record:
        row = inputs.suspended_state(approval_id, thread_id, agent_name, node_name, state_json, ttl)
        self._check_open()
        self._suspended[row["id"]] = row
        return records.suspended_state(row)

    async def get_suspended_state(self, approval_id: str) -> Record | None:
        approval_id = inputs.identifier("approval_id", approval_id)
        self._check_open()
        rows = self.unexpired({"id": approval_id})
        return records.suspended_state(rows[0]) if rows else None

    async def list_suspended_states(
        self, *, thread_id: str | None = None, agent_name: str | None = None
    ) -> list[Record]:
        filters = inputs.filters(thread_id=thread_id, agent_name=agent_name)
        self._check_open()
        rows = sorted(self.unexpired(filters), key=lambda row: (row["created_at"], row["id"]), reverse=True)
        return [records.suspended_state(row) for row in rows]

    async def delete_suspended_state(self, approval_id: str) -> bool:
        return await self.claim_suspended_state(approval_id) is not None

    async def claim_suspended_state(self, approval_id: str) -> Record | None:
        approval_id = inputs.identifier("approval_id", approval_id)
        self._check_open()
        rows = self.unexpired({"id": approval_id})
        return records.suspended_state(self._suspended.pop(approval_id)) if rows else None

    async def cleanup_expired_states(self) -> int:
        return self.forget_expired(ALL_THREADS)

    def forget_expired(self, threads: Container[str]) -> int:
        """Delete the expired states of these threads; returns the number."""
        self._check_open()
        unexpired = {row["id"] for row in self.unexpired({})}
        expired = [id_ for id_, row in self._suspended.items() if id_ not in unexpired and row["thread_id"] in threads]
        for id_ in expired:
            del self._suspended[id_]
        return len(expired)

    def thread_of_state(self, approval_id: str) -> str | None:
        """Return the thread id of a state, expired or not; None if the state does not exist."""
        row = self._suspended.get(approval_id)
        return None if row is None else str(row["thread_id"])

    def forget_states(self, thread_id: str) -> None:
        """Delete the states of a thread."""
        self._suspended = {key: row for key, row in self._suspended.items() if row["thread_id"] != thread_id}
