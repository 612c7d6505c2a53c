"""The part of `MemoryStore` that holds checkpoints."""

from __future__ import annotations

from typing import Any

from .. import inputs, records
from ..inputs import Row
from ..records import Record


class MemoryCheckpoints:
    """Hold checkpoints: a dict for each thread and namespace, in the order in which they were first saved."""

    def __init__(self) -> None:
        self._checkpoints: dict[tuple[str, str], dict[str, Row]] = {}

    def _check_open(self) -> None:
        raise NotImplementedError

    async def save_checkpoint(
        self,
        thread_id: str,
        checkpoint_ns: str,
        checkpoint_id: str,
        parent_checkpoint_id: str | None,
        checkpoint: dict[str, Any],
        metadata: dict[str, Any],
    ) -> None:
        row = inputs.checkpoint(thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata)
        self._check_open()
        saved = self._checkpoints.setdefault((row["thread_id"], row["checkpoint_ns"]), {})
        existing = saved.setdefault(row["checkpoint_id"], row)
        existing |= row | {"created_at": existing["created_at"]}

    async def get_checkpoint(self, thread_id: str, checkpoint_ns: str, checkpoint_id: str | None) -> Record | None:
        key = inputs.checkpoint_key(thread_id, checkpoint_ns)
        wanted = inputs.checkpoint_wanted(checkpoint_id)
        self._check_open()
        saved = self._checkpoints.get(key, {})
        row = saved.get(wanted) if wanted else next(reversed(saved.values()), None)
        return None if row is None else records.checkpoint(row)

    async def list_checkpoints(
        self, thread_id: str, checkpoint_ns: str, *, before: str | None = None, limit: int | None = None
    ) -> list[Record]:
        key = inputs.checkpoint_key(thread_id, checkpoint_ns)
        earlier = inputs.optional_identifier("before", before)
        size = inputs.optional_count("limit", limit)
        self._check_open()
        rows = list(self._checkpoints.get(key, {}).values())
        if earlier is not None:
            index = next((n for n, row in enumerate(rows) if row["checkpoint_id"] == earlier), None)
            if index is None:  # an unknown id: those with smaller ids
                rows.sort(key=lambda row: str(row["checkpoint_id"]))
                rows = [row for row in rows if row["checkpoint_id"] < earlier]
            else:
                rows = rows[:index]
        return [records.checkpoint(row) for row in rows[::-1][:size]]
