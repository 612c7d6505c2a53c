"""Read the rows of agentomatic's own store in one transaction, and store them as a copy is stored."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from ...async_engine import AsyncConnection
from ...context import Context
from ...dialects.types import JsonText
from ...errors import TransferFailed
from ...sealing import keys
from ...sealing.fields import Sealing
from ...tokens import new_token
from ..databases import Opened
from ..entities import MESSAGE, Entity, Row
from ..moved import Moved, into
from ..reading import PAGE_ROWS, Pace, Page, paged
from ..writing import Batch, Misfit
from .rows import differs, parameters_of, rows_of
from .tables import Part, Platform, Range


async def _ranges(one: AsyncConnection, platform: Platform, part: Part) -> AsyncIterator[Range]:
    """Iterate over the keys of a part's tables, about a page of rows at a time."""
    after = None  # not more than a page: each page of a range numbers its messages anew
    while (until := (await one.execute(platform.last_key(part, after, PAGE_ROWS))).scalar_one()) is not None:
        yield Range(after, until)
        after = until


async def streamed(
    origin: Opened, one: Opened, platform: Platform, sealing: Sealing, tell: Callable[[int], None] | None
) -> Moved:
    """Store the rows that are missing, encrypted if the target is; `tell` is called with how many are done."""
    async with origin.transactions.snapshot() as connection:
        pages = _pages(connection, origin.context, platform, sealing)
        return await into(one, keys.made(sealing.encryption), sealing.encryption, pages, tell, _error)


async def _pages(
    connection: AsyncConnection, context: Context, platform: Platform, sealing: Sealing
) -> AsyncIterator[Page]:
    for part in platform.parts:
        paces = {entity: Pace() for entity in part.entities}
        async for range_ in _ranges(connection, platform, part):
            owners: Mapping[str, str] = {}
            if sealing.active and MESSAGE in part.entities:
                owners = dict(map(tuple, await connection.execute(platform.owners(range_))))
            for entity, pace in paces.items():
                parameters = await parameters_of(connection, context, platform, entity, range_)
                rows = rows_of(platform, context.dialect, entity, range_)
                async for page in paged(connection, context, entity, rows, pace, parameters):
                    _make_finite(entity, page)
                    yield entity, [_sealed(sealing, entity, row, owners) for row in page] if sealing.active else page


def _sealed(sealing: Sealing, entity: Entity, row: dict[str, Any], owners: Mapping[str, str]) -> Row:
    """Return a row with its fields encrypted; `owners` are the users of threads."""
    if entity is MESSAGE:
        return sealing.row(entity.table, {**row, "token": new_token()}, user_id=owners[row["thread_id"]])
    return sealing.row(entity.table, row)


_TOKENS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN', re.DOTALL)


def _make_finite(entity: Entity, rows: Sequence[dict[str, Any]]) -> None:
    """Write null for NaN and Infinity, which Python's json writes and JSON does not have.

    Raises `TransferFailed` for a text that is no JSON even so.
    """
    for column in entity.table.columns:
        if isinstance(column.type, JsonText):
            for row in rows:
                text = row[column.name]
                if text is not None and ("NaN" in text or "Infinity" in text):
                    row[column.name] = _TOKENS.sub(lambda found: found[0] if found[0][0] == '"' else "null", text)
                    _check_json(entity, row, column.name)


def _check_json(entity: Entity, row: Row, name: str) -> None:
    try:
        json.loads(row[name])
    except (ValueError, RecursionError) as error:
        key = {column: row[column] for column in entity.key}
        raise differs(entity, key, f"{name} is no JSON") from error


def _error(misfit: Misfit, batch: Batch) -> TransferFailed:
    key = dict(zip(batch.entity.key, batch.key(misfit.number), strict=True))
    return differs(batch.entity, key, f"{misfit.field.removeprefix('$.')}: {misfit.reason}")
