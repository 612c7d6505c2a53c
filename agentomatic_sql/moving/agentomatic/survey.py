"""Count what agentomatic's own store has, and find what is to be told about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, select

from ... import inputs
from ...async_engine import AsyncConnection
from ...context import Context
from ...errors import TransferFailed
from ...migrating.catalog import columns
from ...operations import query
from ..databases import Opened
from ..entities import GIVEN_FEEDBACK, MESSAGE, THREAD, Entity
from .rows import counts_of, json_columns, not_finite_rows
from .tables import TABLES, Platform, key_of

_SENTENCES = {
    "miscounted": "threads with a wrong message_count, counted anew: {number}",
    "no_parent": "forks of a thread that is gone, without a parent now: {number}",
    "no_thread": "messages of no thread, left out: {number}",
    "expired": "suspended states that have expired, stored but never returned: {number}",
    "of_parent": (
        "checkpoints under the id of their parent or none, as agentomatic's checkpointer stores them, kept so: {number}"
    ),
    "respelled": (
        "checkpoints under another spelling of a thread's id, which the server takes for the same, kept so: {number}"
    ),
    "other_json": "rows of {table} with JSON of another kind than the column's, put into an object or array: {number}",
    "not_finite": "rows of {table} with NaN or Infinity in their JSON, null now: {number}",
}
_NAMED = 100
"""At most so many rows of a table are named."""


class Survey(NamedTuple):
    """The rows that a source has, and what is to be told about them."""

    rows: Mapping[str, int]
    """How many rows can be stored, by the names of their entities."""
    latest: Sequence[Any]
    """The last time at which a thread was changed, and the greatest ids of messages and feedback."""
    reported: Sequence[str]
    not_finite: int
    """How many rows have NaN or Infinity in their JSON."""


@query
async def look(connection: AsyncConnection, _context: Context, schema: str | None, where: str) -> Platform:
    """Look for the platform's tables; raises `TransferFailed`."""
    own: str = schema or connection.dialect.default_schema_name or ""
    found = {name: await connection.run_sync(columns, schema, name) for name in TABLES}
    return Platform(own, found, where)


async def survey(origin: Opened, platform: Platform) -> Survey:
    """Count what is to be stored, and what is to be reported; raises `TransferFailed` for what cannot be stored."""
    rows: dict[str, int] = {}
    reported: list[str] = []
    not_finite = 0
    for part in platform.parts:
        for entity in part.entities:
            found = await origin.run(_counted, platform, entity)
            table = platform.table(entity).name
            if number := found.pop("misfit", 0):
                raise TransferFailed(
                    f"{origin.where}: {number:,} rows of {table} have an id or name of more than "
                    f"{inputs.MAX_ID_LENGTH} characters, or a time that is none: change them first"
                )
            rows[entity.name] = found.pop("rows") - found.get("no_thread", 0)
            not_finite += found["not_finite"]
            reported += [
                _SENTENCES[name].format(number=f"{number:,}", table=table) for name, number in found.items() if number
            ]
            if found["not_finite"]:
                reported += await origin.run(_not_finite, platform, entity)
    if platform.of_saver:
        reported.append(
            "the table checkpoints is LangGraph's own saver's, left out: agentomatic-sql import langgraph stores it"
        )
    return Survey(rows, await origin.run(_latest, platform), reported, not_finite)


@query
async def _counted(connection: AsyncConnection, context: Context, platform: Platform, entity: Entity) -> dict[str, int]:
    asked = counts_of(platform, context.dialect, entity)
    (found,) = await connection.execute(asked, {"now": inputs.now()})
    return {name: int(number) for name, number in zip(asked.selected_columns.keys(), found, strict=True)}


@query
async def _not_finite(connection: AsyncConnection, _context: Context, platform: Platform, entity: Entity) -> list[str]:
    """Name the rows whose JSON has NaN or Infinity: a sentence each."""
    sentences = []
    for row in (await connection.execute(not_finite_rows(platform, entity).limit(_NAMED))).mappings():
        named = ", ".join(f"{name} {row[name]!r}" for name in key_of(entity))
        fields = " and ".join(name for name in json_columns(entity) if row[name])
        sentences.append(f"{platform.table(entity).name} ({named}): NaN or Infinity in {fields} is null now")
    return sentences


@query
async def _latest(connection: AsyncConnection, _context: Context, platform: Platform) -> Sequence[Any]:
    threads, messages, feedback = map(platform.table, (THREAD, MESSAGE, GIVEN_FEEDBACK))
    columns = threads.c.updated_at, messages.c.id, feedback.c.id
    return [(await connection.execute(select(func.max(column)))).scalar_one() for column in columns]
