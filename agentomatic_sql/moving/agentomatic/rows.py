"""The queries that make rows of this package's tables of those of agentomatic's own store.

That counts a thread's messages in Python, orders them by a time that several may have, and lets SQLite ignore its keys.
So a message's position is its place by (created_at, id), messages are counted, and a parent that is gone is None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
)

from ...async_engine import AsyncConnection
from ...context import Context
from ...dialects import Dialect
from ...dialects.types import ExactText, Id, JsonText, UtcTime
from ...errors import TransferFailed
from ...escaping import MARK, RESERVED
from ...graphs.rows import digest
from ...inputs import LAST_TIME, MAX_ID_LENGTH
from ...tokens import new_epoch, new_token
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
from ..lines import LISTS
from .tables import PARTS, SOURCES, Platform, Range, key_of, lead_of, within

_TIMES = UtcTime()


def rows_of(platform: Platform, dialect: Dialect, entity: Entity, range_: Range) -> Subquery:
    """Return the rows of ours that the rows in a range make, in this database.

    They have the parameters `epoch` and `token`, checkpoints also the table `given` of namespaces and digests.
    """
    part = next(part for part in PARTS if entity in part.entities)
    source = platform.table(entity)
    values, joined = _MAKE[entity](platform, dialect, source)
    columns = []
    for one in entity.table.columns:
        value = values.get(one.name)
        if value is None:
            value = source.c[one.name] if one.name in source.c else null()  # a release may have added it later
        columns.append(type_coerce(_stored(dialect, one, value), one.type).label(one.name))
    lead = lead_of(part, entity, source)
    return select(*columns).select_from(joined).where(*within(lead, range_)).subquery("made")


async def parameters_of(
    connection: AsyncConnection, context: Context, platform: Platform, entity: Entity, range_: Range
) -> dict[str, Any]:
    """Return the parameters of the rows in a range."""
    parameters: dict[str, Any] = {"epoch": new_epoch(), "token": new_token()}
    if entity is not CHECKPOINT:
        return parameters
    names = sorted({*(await connection.execute(platform.namespaces(range_))).scalars()})
    given = context.dialect.table_parameters("given", checkpoint_ns=names, digest=[*map(digest, names)])
    return parameters | given


def differs(entity: Entity, key: Mapping[str, Any], reason: str) -> TransferFailed:
    """Return the error for a row of theirs that cannot be stored."""
    named = ", ".join(f"{name} {value!r}" for name, value in key.items())
    return TransferFailed(f"{entity.name} ({named}) of the source: {reason}")


def counts_of(platform: Platform, dialect: Dialect, entity: Entity) -> Select[Any]:
    """Select how many rows there are, and how many of each kind that is reported or refused."""
    source = platform.table(entity)
    rows = func.count().label("rows")
    misfits = () if dialect.keeps_types else _misfits(entity, source)
    kinds = {**_kinds(platform, dialect, entity, source), "misfit": or_(false(), *misfits)}
    asked = [func.coalesce(func.sum(case((one, 1), else_=0)), 0).label(name) for name, one in kinds.items()]
    return select(rows, *asked).select_from(source)


def not_finite_rows(platform: Platform, entity: Entity) -> Select[Any]:
    """Select the keys of the rows that have NaN or Infinity in their JSON, and in which of its columns."""
    source = platform.table(entity)
    found = {name: _is_not_finite(source.c[name]) for name in json_columns(entity)}
    key = [source.c[name] for name in key_of(entity)]
    return select(*key, *(one.label(name) for name, one in found.items())).where(or_(*found.values())).order_by(*key)


def _kinds(platform: Platform, dialect: Dialect, entity: Entity, source: TableClause) -> dict[str, ColumnElement[bool]]:
    """Return the conditions for rows that are reported or refused, by the key of the sentence."""
    found: dict[str, ColumnElement[bool]] = {}
    if entity is THREAD:
        counted = _number_of_messages(platform, source)
        parents = platform.table(THREAD).alias("parents")
        parent = select(literal(1)).where(parents.c.id == source.c.parent_thread_id).exists()
        found["miscounted"] = source.c.message_count != counted
        found["no_parent"] = and_(source.c.parent_thread_id.is_not(None), ~parent)
    elif entity is MESSAGE:
        threads = platform.table(THREAD)
        found["no_thread"] = ~select(literal(1)).where(threads.c.id == source.c.thread_id).exists()
    elif entity is SUSPENDED_STATE:
        found["expired"] = source.c.expires_at < bindparam("now", type_=_TIMES)
    elif entity is CHECKPOINT:
        of_parent = source.c.checkpoint_id == source.c.parent_checkpoint_id
        found["of_parent"] = or_(of_parent, source.c.checkpoint_id == "")
        found["respelled"] = _respelled(platform, dialect, source)
    jsons = [source.c[name] for name in json_columns(entity)]
    found["other_json"] = or_(false(), *(_is_other(one, in_list=one.name in LISTS) for one in jsons))
    of_text = [] if dialect.keeps_types else [_is_not_finite(one) for one in jsons]
    found["not_finite"] = or_(false(), *of_text)
    return found


def _respelled(platform: Platform, dialect: Dialect, checkpoints: TableClause) -> ColumnElement[bool]:
    """Condition: a checkpoint is a thread's, because the server ignores case for example, and names it otherwise."""
    threads = platform.table(THREAD)
    ids = threads.c.id, checkpoints.c.thread_id
    exact = [*map(dialect.exactly, ids)]
    if exact[0] is ids[0]:  # it ignores nothing
        return false()
    one = select(literal(1)).where(ids[0] == ids[1])
    return and_(one.exists(), ~one.where(exact[0] == exact[1]).exists())


_TIME_LENGTH = len("2026-01-31 09:30:00.000000")
_SECONDS_LENGTH = len("2026-01-31 09:30:00")


def _stored(dialect: Dialect, target: Column[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a value of theirs as a column of ours stores it."""
    if isinstance(target.type, ExactText):
        found = _escaped(value)
        return found if target.nullable else func.coalesce(found, "")
    if isinstance(target.type, JsonText):
        return _json(value, in_list=target.name in LISTS)
    if isinstance(target.type, UtcTime) and not dialect.keeps_types:
        return func.substr(type_coerce(value, String()) + ".000000", 1, _TIME_LENGTH)
    if isinstance(target.type, Double):
        return dialect.widened(value)
    return func.coalesce(value, "agent") if target.name == "resource_type" else value


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


def _is_not_finite(value: ColumnElement[Any]) -> ColumnElement[bool]:
    """Condition: a text is no JSON because of NaN or Infinity, which Python's json writes."""
    text = cast(value, Text)
    has_one = or_(*(func.instr(text, name) > 0 for name in ("NaN", "Infinity")))
    return and_(has_one, func.json_valid(text) == 0)


def json_columns(entity: Entity) -> list[str]:
    """Return the columns of theirs that have JSON."""
    ours = {one.name for one in entity.table.columns if isinstance(one.type, JsonText)}
    return [name for name in SOURCES[entity].needed if name.endswith("_json") or name in ours]


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


def _thread(platform: Platform, _dialect: Dialect, source: TableClause) -> _Made:
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


def _message(platform: Platform, _dialect: Dialect, source: TableClause) -> _Made:
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


def _feedback(platform: Platform, _dialect: Dialect, source: TableClause) -> _Made:
    threads = platform.table(THREAD)
    values: dict[str, ColumnElement[Any]] = {"thread_id": func.coalesce(threads.c.id, source.c.thread_id)}
    return values, source.outerjoin(threads, threads.c.id == source.c.thread_id)


def _suspended_state(platform: Platform, dialect: Dialect, source: TableClause) -> _Made:
    values, joined = _feedback(platform, dialect, source)
    never: ColumnElement[Any] = literal(LAST_TIME, _TIMES)
    if dialect.keeps_types:
        never = cast(never, _TIMES)  # else MySQL makes texts of both
    values |= {
        "state_snapshot": source.c.state_json,
        "expires_at": func.coalesce(source.c.expires_at, never, type_=_TIMES),
        "token": _TOKEN,
    }
    return values, joined


def _checkpoint(platform: Platform, dialect: Dialect, source: TableClause) -> _Made:
    given = dialect.parameter_table("given", checkpoint_ns=Id(), digest=Id())
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


def _invocation_log(_platform: Platform, _dialect: Dialect, source: TableClause) -> _Made:
    renamed = {
        "input": source.c.input_json,
        "output": source.c.output_json,
        "metadata": source.c.metadata_json,
        "created_at": source.c.timestamp,
    }
    return dict(renamed), source


def _history(_platform: Platform, _dialect: Dialect, source: TableClause) -> _Made:
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
