"""The part of `MemoryStore` that holds the platform's history: invocation logs, log analyses, optimization runs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from .. import inputs
from ..errors import RecordExists
from ..history import Family, PlatformHistory
from ..inputs import Row
from ..records import Record


class MemoryHistory(PlatformHistory):
    """Hold the rows of each family in a dict by their ids, in the order in which they were added."""

    def __init__(self) -> None:
        self._history: defaultdict[Family, dict[str, Row]] = defaultdict(dict)

    def _check_open(self) -> None:
        raise NotImplementedError

    async def _add_history(self, family: Family, /, **fields: Any) -> Record:
        row = family.row(**fields)
        self._check_open()
        if row["id"] in self._history[family]:
            raise RecordExists(family.id_name, row["id"])
        self._history[family][row["id"]] = row
        return family.record(row)

    async def _get_history(self, family: Family, record_id: str, /) -> Record | None:
        wanted = inputs.identifier(family.id_name, record_id)
        self._check_open()
        row = self._history[family].get(wanted)
        return None if row is None else family.record(row)

    async def _list_history(self, family: Family, limit: int, offset: int, /, **filters: str | None) -> list[Record]:
        wanted = inputs.history_filters(**filters)
        size, skipped = inputs.window(limit, offset)
        newest = self._matching(family, wanted)[::-1]
        return [family.record(row) for row in newest[skipped : skipped + size]]

    async def _count_history(self, family: Family, /, **filters: str | None) -> int:
        return len(self._matching(family, inputs.history_filters(**filters)))

    def _matching(self, family: Family, filters: Row) -> list[Row]:
        self._check_open()
        rows = self._history[family].values()
        return [row for row in rows if all(row[name] == value for name, value in filters.items())]
