"""The tables of agentomatic's own store, and the queries that make rows of this package's tables of theirs.

The store of agentomatic 1.10 to 1.16 makes eight tables with SQLAlchemy's `create_all`. It counts a thread's messages
in Python, orders them by a time that may be the same for several, and SQLite does not enforce its keys. So a message's
position is its place by (created_at, id), messages are counted, and a parent that is gone is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Double,
    FromClause,
    Select,
    String,
    Subquery,
    TableClause,
    Text,
    and_,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy import table as sql_table
from sqlalchemy.types import TypeEngine

from ..context import Context
from ..dialects.types import ExactText, Id, JsonText, UtcTime
from ..errors import TransferFailed
from ..escaping import MARK, RESERVED
from ..inputs import LAST_TIME, MAX_ID_LENGTH
from .entities import (
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
from .lines import LISTS

PRODUCT = "agentomatic 1.10 to 1.16"

_IDS, _TIMES = String(), UtcTime()
_KINDS: Mapping[str, TypeEngine[Any]] = {
    **dict.fromkeys(("created_at", "updated_at", "expires_at", "timestamp"), _TIMES),
    **dict.fromkeys(("message_count", "fork_message_index", "message_id", "rating"), BigInteger()),
    **dict.fromkeys(("score", "baseline_score", "best_score", "duration_ms"), Double()),
}
"""The types of their columns by name; others are texts, or JSON, which is read as text."""

_COLUMNS: Mapping[Entity, tuple[str, str, str]] = {
    THREAD: (
        "threads",
        "id user_id agent_name title metadata_json created_at updated_at message_count parent_thread_id "
        "fork_message_index",
        "",
    ),
    MESSAGE: ("messages", "id thread_id role content metadata_json created_at", ""),
    GIVEN_FEEDBACK: (
        "feedback",
        "id thread_id message_id user_id agent_name rating comment feedback_type created_at",
        "query response correction",
    ),
    SUSPENDED_STATE: (
        "suspended_states",
        "id thread_id agent_name node_name state_json created_at expires_at",
        "",
    ),
    CHECKPOINT: (
        "checkpoints",
        "thread_id checkpoint_ns checkpoint_id parent_checkpoint_id checkpoint_json metadata_json created_at",
        "",
    ),
    INVOCATION_LOG: (
        "agent_invocation_logs",
        "id agent_name thread_id run_id timestamp endpoint input_json output_json metadata_json error duration_ms "
        "status",
        "resource_type",
    ),
    LOG_ANALYSIS: (
        "log_analyses",
        "id agent_name score summary status recommendations metadata_json created_at",
        "resource_type",
    ),
    OPTIMIZATION_RUN: (
        "optimization_runs",
        "id experiment_id agent_name baseline_score best_score prompt_versions score_history learnings artefacts "
        "metadata_json created_at",
        "",
    ),
}
"""The name of the table of each entity, its columns, and those that a later release may have added."""

TABLES = tuple(name for name, _needed, _added in _COLUMNS.values())

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


EVERYTHING = Range()


class Platform:
    """The platform's tables in a database, and the rows of ours that they make.

    Args:
        context: The database.
        schema: The schema with the tables; never None, so that they are not looked for among ours.
        columns: The columns of each table.
        where: The database, for messages.
    """

    def __init__(self, context: Context, schema: str, columns: Mapping[str, frozenset[str]], where: str) -> None:
        self._dialect = context.dialect
        self._schema = schema
        self._columns = columns
        self.of_saver = _OF_SAVER <= columns["checkpoints"]
        """Whether `checkpoints` is the table of LangGraph's own saver."""
        if reason := self._objection():
            raise TransferFailed(f"{where}: {reason}")

    def _objection(self) -> str | None:
        """Return why the tables are not those of a store that is known."""
        if not self._columns["threads"] and not self._columns["messages"]:
            return f"there are no tables of {PRODUCT}, or this role may not see them"
        for entity in self._entities():
            name, needed, added = _COLUMNS[entity]
            found = self._columns[name]
            if not found:
                return f"these are not all tables of {PRODUCT}, or this role may not see them: {name} is missing"
            if missing := [one for one in needed.split() if one not in found]:
                return f"table {name} is not that of {PRODUCT}: it has no column {missing[0]}"
            if unknown := sorted(found - {*needed.split(), *added.split()}):
                return (
                    f"table {name} has a column {unknown[0]} that {PRODUCT} does not have: if a newer release made it, "
                    "upgrade agentomatic-sql first"
                )
        return None

    def _entities(self) -> Iterator[Entity]:
        return (entity for entity in _COLUMNS if entity is not CHECKPOINT or not self.of_saver)

    @property
    def parts(self) -> Sequence[Part]:
        """The parts that can be stored, in their order."""
        return [part for part in PARTS if part.entities[0] is not CHECKPOINT or not self.of_saver]

    def table(self, entity: Entity) -> TableClause:
        """Return the platform's table."""
        name, needed, added = _COLUMNS[entity]
        names = [*needed.split(), *added.split()]
        kinds = {"id": _IDS if entity not in (MESSAGE, GIVEN_FEEDBACK) else BigInteger()} | _KINDS
        return sql_table(name, *(column(one, kinds.get(one, String())) for one in names), schema=self._schema)

    def _lead(self, part: Part, entity: Entity, source: FromClause) -> ColumnElement[Any]:
        return source.c["id" if entity is THREAD else part.leading]

    def last_key(self, part: Part, after: Any, most: int) -> Select[Any]:
        """Select the key up to which about so many rows of each of the part's tables come after a key; NULL is none."""
        ends = []
        for entity in part.entities:
            lead = self._lead(part, entity, self.table(entity))
            some = select(lead.label("lead")).order_by(lead).limit(literal_column(str(most)))
            some = some if after is None else some.where(lead > after)
            ends.append(select(func.max(some.subquery().c.lead).label("lead")))
        both = union_all(*ends).subquery()
        return select(func.min(both.c.lead))

    def namespaces(self, range_: Range) -> Select[Any]:
        """Select the namespaces of checkpoints, as often as they are there."""
        source = self.table(CHECKPOINT)
        return select(source.c.checkpoint_ns).where(*_within(source.c.thread_id, range_))

    def rows(self, entity: Entity, range_: Range = EVERYTHING) -> Subquery:
        """Return the rows of ours that the rows in a range make.

        They have the parameters `epoch` and `token`, checkpoints also the table `given` of namespaces and digests.
        """
        part = next(part for part in PARTS if entity in part.entities)
        source = self.table(entity)
        make = _MAKE[entity]
        values, joined = make(self, source)
        missing = [value for value in _COLUMNS[entity][2].split() if value not in self._columns[source.name]]
        columns = []
        for one in entity.table.columns:
            absent = one.name in missing
            value = null() if absent else values.get(one.name, source.c.get(one.name))
            columns.append(type_coerce(self._stored(one, value), one.type).label(one.name))
        lead = self._lead(part, entity, source)
        return select(*columns).select_from(joined).where(*_within(lead, range_)).subquery("rows")

    def _stored(self, target: Column[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
        """Return a value of theirs as a column of ours stores it."""
        if isinstance(target.type, ExactText):
            found = _escaped(value)
            return found if target.nullable else func.coalesce(found, "")
        if isinstance(target.type, JsonText):
            return _json(value, in_list=target.name in LISTS)
        if isinstance(target.type, UtcTime) and not self._dialect.keeps_types:
            return func.substr(type_coerce(value, String()) + ".000000", 1, _TIME_LENGTH)
        if isinstance(target.type, Double):
            return self._dialect.widened(value)
        return func.coalesce(value, "agent") if target.name == "resource_type" else value

    # what is to be known of the source

    def counts(self, entity: Entity) -> Select[Any]:
        """Select how many rows there are, and how many of each kind that is reported: see `kinds`."""
        source = self.table(entity)
        rows = func.count().label("rows")
        kinds = self.kinds(entity, source)
        asked = [func.coalesce(func.sum(case((one, 1), else_=0)), 0).label(name) for name, one in kinds.items()]
        return select(rows, *asked).select_from(source)

    def kinds(self, entity: Entity, source: TableClause) -> dict[str, ColumnElement[bool]]:
        """Return the conditions for rows that are reported or refused, by the key of the sentence."""
        found: dict[str, ColumnElement[bool]] = {}
        if entity is THREAD:
            counted = _number_of_messages(self, source)
            parents = self.table(THREAD).alias("parents")
            parent = select(literal(1)).where(parents.c.id == source.c.parent_thread_id).exists()
            found["miscounted"] = source.c.message_count != counted
            found["no_parent"] = and_(source.c.parent_thread_id.is_not(None), ~parent)
        elif entity is MESSAGE:
            threads = self.table(THREAD)
            found["no_thread"] = ~select(literal(1)).where(threads.c.id == source.c.thread_id).exists()
        elif entity is SUSPENDED_STATE:
            found["expired"] = source.c.expires_at < bindparam("now", type_=_TIMES)
        elif entity is CHECKPOINT:
            of_parent = source.c.checkpoint_id == source.c.parent_checkpoint_id
            found["of_parent"] = or_(of_parent, source.c.checkpoint_id == "")
        if jsons := [source.c[name] for name in _json_columns(entity)]:
            found["other_json"] = or_(*(_is_other(one, in_list=one.name in LISTS) for one in jsons))
        if not self._dialect.keeps_types:
            found["misfit"] = or_(*_misfits(entity, source))
        return found


_TIME_LENGTH = len("2026-01-31 09:30:00.000000")
_SECONDS_LENGTH = len("2026-01-31 09:30:00")


def _within(lead: ColumnElement[Any], range_: Range) -> list[ColumnElement[bool]]:
    conditions = [] if range_.after is None else [lead > range_.after]
    return conditions if range_.until is None else [*conditions, lead <= range_.until]


def _escaped(value: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a text as `escaping` stores it, which may escape more than it has to."""
    marked = func.replace(value, MARK, f"{MARK}{ord(MARK):04x}")
    return func.replace(marked, RESERVED, f"{MARK}{ord(RESERVED[0]):04x}{RESERVED[1:]}")


def _json_text(value: ColumnElement[Any]) -> ColumnElement[str]:
    return func.trim(cast(value, Text))


_NOTHING = ("null", "{}", "[]", '""', "0", "0.0", "false")
"""JSON for which the platform returns an empty dict or list."""


def _json(value: ColumnElement[Any], *, in_list: bool) -> ColumnElement[str]:
    """Return JSON as text: an object or array. A value of another kind is put into one."""
    text, empty = _json_text(value), "[]" if in_list else "{}"
    before, after = ("[", "]") if in_list else ('{"value":', "}")
    whole = literal(before, Text()) + text + literal(after, Text())
    nothing = or_(value.is_(None), text.in_(_NOTHING))
    return case((nothing, empty), (func.substr(text, 1, 1) == empty[0], text), else_=whole)


def _is_other(value: ColumnElement[Any], *, in_list: bool) -> ColumnElement[bool]:
    text = _json_text(value)
    return and_(value.is_not(None), text.not_in(_NOTHING), func.substr(text, 1, 1) != ("[" if in_list else "{"))


def _json_columns(entity: Entity) -> list[str]:
    _name, needed, _added = _COLUMNS[entity]
    ours = {one.name for one in entity.table.columns if isinstance(one.type, JsonText)}
    return [name for name in needed.split() if name.endswith("_json") or name in ours]


def _misfits(entity: Entity, source: TableClause) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions for values that columns of a database without types may have: too long, or no time."""
    for one in source.c:
        if isinstance(one.type, UtcTime):
            length = func.length(one, type_=BigInteger())
            yield and_(one.is_not(None), length.not_in((_TIME_LENGTH, _SECONDS_LENGTH)))
        elif isinstance(getattr(entity.table.c.get(one.name), "type", None), Id):
            yield func.length(one) > MAX_ID_LENGTH


# how a row of ours is made: the values of the columns that have another name or meaning, and what they are read from

_Made = tuple[dict[str, ColumnElement[Any]], FromClause]
_EPOCH: ColumnElement[int] = bindparam("epoch", type_=BigInteger())
_TOKEN: ColumnElement[int] = bindparam("token", type_=BigInteger())


def _number_of_messages(platform: Platform, threads: FromClause) -> ColumnElement[int]:
    messages = platform.table(MESSAGE)
    return select(func.count()).where(messages.c.thread_id == threads.c.id).scalar_subquery()


def _thread(platform: Platform, source: TableClause) -> _Made:
    parent = platform.table(THREAD).alias("parent")
    values = {
        "metadata": source.c.metadata_json,
        "message_count": _number_of_messages(platform, source),
        "parent_thread_id": parent.c.id,
        "epoch": _EPOCH,
        "version": _TOKEN,
        "attached": literal_column("0"),
    }
    return values, source.outerjoin(parent, parent.c.id == source.c.parent_thread_id)


def _message(platform: Platform, source: TableClause) -> _Made:
    threads = platform.table(THREAD)
    order = source.c.created_at, source.c.id
    place = func.row_number().over(partition_by=source.c.thread_id, order_by=order)
    values = {
        "thread_id": threads.c.id,  # a server that ignores case may have it in two ways
        "position": place - literal_column("1"),
        "metadata": source.c.metadata_json,
        "token": cast(null(), BigInteger),
    }
    return values, source.join(threads, threads.c.id == source.c.thread_id)


def _feedback(platform: Platform, source: TableClause) -> _Made:
    threads = platform.table(THREAD)
    values = {"thread_id": func.coalesce(threads.c.id, source.c.thread_id)}
    return values, source.outerjoin(threads, threads.c.id == source.c.thread_id)


def _suspended_state(platform: Platform, source: TableClause) -> _Made:
    values, joined = _feedback(platform, source)
    never = literal(LAST_TIME, _TIMES)
    values |= {
        "state_snapshot": source.c.state_json,
        "expires_at": func.coalesce(source.c.expires_at, never, type_=_TIMES),
        "token": _TOKEN,
    }
    return values, joined


def _checkpoint(platform: Platform, source: TableClause) -> _Made:
    given = platform._dialect.parameter_table("given", checkpoint_ns=Id(), digest=Id())
    order = source.c.created_at, source.c.checkpoint_id
    place = func.row_number().over(partition_by=(source.c.thread_id, source.c.checkpoint_ns), order_by=order)
    values = {
        "namespace_digest": given.c.digest,
        "sequence": place - literal_column("1"),
        "checkpoint": source.c.checkpoint_json,
        "metadata": source.c.metadata_json,
        "token": _TOKEN,
    }
    return values, source.join(given, given.c.checkpoint_ns == source.c.checkpoint_ns)


def _invocation_log(_platform: Platform, source: TableClause) -> _Made:
    renamed = {
        "input": source.c.input_json,
        "output": source.c.output_json,
        "metadata": source.c.metadata_json,
        "created_at": source.c.timestamp,
    }
    return dict(renamed), source


def _history(_platform: Platform, source: TableClause) -> _Made:
    return {"metadata": source.c.metadata_json}, source


_MAKE = {
    THREAD: _thread,
    MESSAGE: _message,
    GIVEN_FEEDBACK: _feedback,
    SUSPENDED_STATE: _suspended_state,
    CHECKPOINT: _checkpoint,
    INVOCATION_LOG: _invocation_log,
    LOG_ANALYSIS: _history,
    OPTIMIZATION_RUN: _history,
}
