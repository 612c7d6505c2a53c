"""The platform's own history: the part of `SQLAlchemyStore` that keeps invocation logs and the like."""

from __future__ import annotations

from typing import Any

from .. import inputs
from ..context import Context
from ..database import Runner
from ..entities import history as platform_history
from ..entities.history import TABLES
from ..history import Family, PlatformHistory
from ..records import Record
from ..sealing.fields import Sealing


class StoreHistory(PlatformHistory):
    """Keep each family in a table of its own; texts and JSON are encrypted if the store has keys."""

    _context: Context
    _database: Runner
    _reads: Runner
    _sealing: Sealing

    async def _add_history(self, family: Family, /, **fields: Any) -> Record:
        table, row = TABLES[family], family.row(**fields)
        added = await self._database.run(platform_history.add, self._context, family, self._sealing.row(table, row))
        return self._sealing.record(table, added)

    async def _get_history(self, family: Family, record_id: str, /) -> Record | None:
        wanted = inputs.identifier(family.id_name, record_id)
        found = await self._reads.run(platform_history.get, self._context, family, wanted)
        return self._sealing.optional(TABLES[family], found)

    async def _list_history(self, family: Family, limit: int, offset: int, /, **filters: str | None) -> list[Record]:
        wanted, window = inputs.history_filters(**filters), inputs.window(limit, offset)
        found = await self._reads.run(platform_history.page, self._context, family, wanted, *window)
        return self._sealing.records(TABLES[family], found)

    async def _count_history(self, family: Family, /, **filters: str | None) -> int:
        wanted = inputs.history_filters(**filters)
        return await self._reads.run(platform_history.count, self._context, family, wanted)
