"""The tables of agentomatic's own store, which 1.10 to 1.16 make with SQLAlchemy's `create_all`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    FromClause,
    Select,
    String,
    TableClause,
    column,
    func,
    select,
    union_all,
)
from sqlalchemy import table as sql_table
from sqlalchemy.types import TypeEngine

from ...dialects.types import UtcTime
from ...errors import TransferFailed
from ..entities import (
    CHECKPOINT,
    GIVEN_FEEDBACK,
    INVOCATION_LOG,
    LOG_ANALYSIS,
    MESSAGE,
    OPTIMIZATION_RUN,
    SUSPENDED_STATE,
    THREAD,
    Entity,
)

PRODUCT = "agentomatic 1.10 to 1.16"

_IDS, _TIMES = String(), UtcTime()
_KINDS: Mapping[str, TypeEngine[Any]] = {
    **dict.fromkeys(("created_at", "updated_at", "expires_at", "timestamp"), _TIMES),
    **dict.fromkeys(("message_count", "fork_message_index", "message_id", "rating"), BigInteger()),
    **dict.fromkeys(("score", "baseline_score", "best_score", "duration_ms"), Double()),
}
"""The types of their columns by name; others are texts, or JSON, which is read as text."""


class _Source(NamedTuple):
    """A table of the platform's."""

    name: str
    needed: Sequence[str]
    """The names of its columns."""
    added: Sequence[str] = ()
    """Columns that a release after 1.10 has added, or one before it has not made."""


def _source(name: str, needed: str, added: str = "") -> _Source:
    return _Source(name, needed.split(), added.split())


SOURCES: Mapping[Entity, _Source] = {
    THREAD: _source(
        "threads",
        "id user_id agent_name title metadata_json created_at updated_at message_count parent_thread_id "
        "fork_message_index",
    ),
    MESSAGE: _source("messages", "id thread_id role content metadata_json created_at"),
    GIVEN_FEEDBACK: _source(
        "feedback",
        "id thread_id message_id user_id agent_name rating comment feedback_type created_at",
        added="query response correction",
    ),
    SUSPENDED_STATE: _source("suspended_states", "id thread_id agent_name node_name state_json created_at expires_at"),
    CHECKPOINT: _source(
        "checkpoints",
        "thread_id checkpoint_ns checkpoint_id parent_checkpoint_id checkpoint_json metadata_json created_at",
    ),
    INVOCATION_LOG: _source(
        "agent_invocation_logs",
        "id agent_name thread_id run_id timestamp endpoint input_json output_json metadata_json error duration_ms "
        "status",
        added="resource_type",
    ),
    LOG_ANALYSIS: _source(
        "log_analyses",
        "id agent_name score summary status recommendations metadata_json created_at",
        added="resource_type",
    ),
    OPTIMIZATION_RUN: _source(
        "optimization_runs",
        "id experiment_id agent_name baseline_score best_score prompt_versions score_history learnings artefacts "
        "metadata_json created_at",
    ),
}
"""The table of each entity."""

TABLES = tuple(source.name for source in SOURCES.values())

_OF_SAVER = {"checkpoint", "type"}
"""Columns of the table `checkpoints` of LangGraph's saver for PostgreSQL."""


class Part(NamedTuple):
    """Entities whose rows are stored together, some keys of the source at a time."""

    entities: Sequence[Entity]
    leading: str
    """The column of the tables that begins the keys."""


PARTS = (
    Part((THREAD, MESSAGE), "thread_id"),
    Part((GIVEN_FEEDBACK,), "id"),
    Part((SUSPENDED_STATE,), "id"),
    Part((CHECKPOINT,), "thread_id"),
    Part((INVOCATION_LOG,), "id"),
    Part((LOG_ANALYSIS,), "id"),
    Part((OPTIMIZATION_RUN,), "id"),
)


class Range(NamedTuple):
    """The keys after one, up to another one; None is before the first and after the last."""

    after: Any = None
    until: Any = None


class Platform:
    """The platform's tables in a database.

    Args:
        schema: The schema with the tables; never None, so that they are not looked for among ours.
        columns: The columns of each table.
        where: The database, for messages.
    """

    def __init__(self, schema: str, columns: Mapping[str, frozenset[str]], where: str) -> None:
        self._schema = schema
        self._columns = columns
        self.of_saver = columns["checkpoints"] >= _OF_SAVER
        """Whether `checkpoints` is the table of LangGraph's own saver."""
        if reason := self._objection():
            raise TransferFailed(f"{where}: {reason}")

    def _objection(self) -> str | None:
        """Return why the tables are not those of a store that is known."""
        if not self._columns["threads"] and not self._columns["messages"]:
            return f"there are no tables of {PRODUCT}, or this role may not see them"
        for entity in self._entities():
            name, needed, added = SOURCES[entity]
            found = self._columns[name]
            if not found:
                return f"these are not all tables of {PRODUCT}, or this role may not see them: {name} is missing"
            if missing := [one for one in needed if one not in found]:
                return f"table {name} is not that of {PRODUCT}: it has no column {missing[0]}"
            if unknown := sorted(found - {*needed, *added}):
                return (
                    f"table {name} has a column {unknown[0]} that {PRODUCT} does not have: if a newer release made it, "
                    "upgrade agentomatic-sql first"
                )
        return None

    def _entities(self) -> Iterator[Entity]:
        return (entity for entity in SOURCES if entity is not CHECKPOINT or not self.of_saver)

    @property
    def parts(self) -> Sequence[Part]:
        """The parts that can be stored, in their order."""
        return [part for part in PARTS if part.entities[0] is not CHECKPOINT or not self.of_saver]

    def table(self, entity: Entity) -> TableClause:
        """Return the platform's table, with the columns that it has."""
        name, needed, added = SOURCES[entity]
        present = [one for one in added if one in self._columns[name]]
        kinds = {**_KINDS, "id": BigInteger() if entity in (MESSAGE, GIVEN_FEEDBACK) else _IDS}
        return sql_table(
            name, *(column(one, kinds.get(one, String())) for one in (*needed, *present)), schema=self._schema
        )

    def last_key(self, part: Part, after: Any, most: int) -> Select[Any]:
        """Select the key up to which about so many rows of each of the part's tables come after a key; NULL is none."""
        ends = []
        for entity in part.entities:
            lead = lead_of(part, entity, self.table(entity))
            some = select(lead.label("lead")).order_by(lead).limit(most)
            some = some if after is None else some.where(lead > after)
            ends.append(select(func.max(some.subquery().c.lead).label("lead")))
        both = union_all(*ends).subquery()
        return select(func.min(both.c.lead))

    def namespaces(self, range_: Range) -> Select[Any]:
        """Select the namespaces of checkpoints, as often as they are there."""
        source = self.table(CHECKPOINT)
        return select(source.c.checkpoint_ns).where(*within(source.c.thread_id, range_))

    def owners(self, range_: Range) -> Select[Any]:
        """Select the ids of threads in a range, and their users."""
        source = self.table(THREAD)
        return select(source.c.id, source.c.user_id).where(*within(source.c.id, range_))


def key_of(entity: Entity) -> Sequence[str]:
    """Return the columns of the primary key of an entity's table."""
    return ("thread_id", "checkpoint_ns", "checkpoint_id") if entity is CHECKPOINT else ("id",)


def lead_of(part: Part, entity: Entity, source: FromClause) -> ColumnElement[Any]:
    """Return the column of a part's table by which it is divided."""
    return source.c["id" if entity is THREAD else part.leading]


def within(lead: ColumnElement[Any], range_: Range) -> list[ColumnElement[bool]]:
    """Return the conditions for keys in a range."""
    conditions = [] if range_.after is None else [lead > range_.after]
    return conditions if range_.until is None else [*conditions, lead <= range_.until]
