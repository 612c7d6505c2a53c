"""The calls of the operations that store what is moved."""

from __future__ import annotations

from typing import Any

from agentomatic_sql.dialects.sqlite import SQLite
from agentomatic_sql.graphs.rows import Namespace, digest, thread_digest
from agentomatic_sql.moving import databases, writing
from agentomatic_sql.moving.agentomatic import storing, survey
from agentomatic_sql.moving.agentomatic.rows import counts_of, json_columns
from agentomatic_sql.moving.agentomatic.tables import PARTS, SOURCES, Part, Platform, Range
from agentomatic_sql.moving.entities import ENTITIES, GIVEN_FEEDBACK, GRAPH_ROWS, MESSAGE, Entity
from agentomatic_sql.moving.langgraph import adding
from agentomatic_sql.moving.writing import Batch

from .calls import Call, call
from .rows import NOTHING, row


def _row(entity: Entity) -> dict[str, Any]:
    given = {"id": 1} if "id" in entity.table.c and entity.table.c.id.identity is not None else {}
    made = row(entity.table, **given)
    if "position" in made:
        made["position"] = 0
    if "checkpoint_ns" in made:
        made |= {"namespace_digest": digest("checkpoint_ns"), "digest": digest("thread_id", "checkpoint_ns")}
        made["thread_digest"] = thread_digest("thread_id")
    return {name: value for name, value in made.items() if name in entity.table.c}


def _storing(entity: Entity) -> Call:
    needed: list[Any] = []
    if entity.name == "message":
        needed = [[("thread_id", 1)]]
    elif entity in GRAPH_ROWS:
        needed = [[(1, 1)]]
    storing = call(writing.store, f"store rows of {entity.name} that are missing", Batch(entity, [_row(entity)]), True)
    return storing.answered(NOTHING, *needed)


_PLACE = Namespace("t", "")
_COLUMNS = {source.name: frozenset((*source.needed, *source.added)) for source in SOURCES.values()}
_PLATFORM = Platform("theirs", _COLUMNS, "a database")
_TABLES = [[(name,) for name in sorted(names)] for names in _COLUMNS.values()]


def _counting(entity: Entity) -> Call:
    counted = counts_of(_PLATFORM, SQLite(), entity)
    counting = call(survey._counted, f"count the platform's rows of {entity.name}", _PLATFORM, entity)
    return counting.answered([(0,) * len(counted.selected_columns)])


def _naming(entity: Entity) -> Call:
    naming = call(survey._not_finite, f"name the platform's rows of {entity.name} with NaN", _PLATFORM, entity)
    return naming.on_dialects(lambda dialect: not dialect.keeps_types)


def _adopting(part: Part, *, there: bool) -> Call:
    names = [[("sub",)]] if part.entities[0].name == "checkpoint" else []
    answers = [*names, *([[(1,)], *([NOTHING] if part.entities[0].origin else [])] if there else [[(0,)]])]
    if there and len(part.entities) > 1:
        answers += [NOTHING, NOTHING, [(1,)]]  # no longer threads; what is stored; messages that are there
    label = f"store the platform's rows of {' and '.join(entity.name for entity in part.entities)}"
    label += " beside some that are there" if there else ""
    of_numbers = part.entities[0].table.info
    range_ = Range(1, 9) if of_numbers else Range("a", "b")
    return call(storing._store, label, _PLATFORM, part, range_).answered(*answers)


def _taking(entity: Entity) -> Call:
    label = f"look whether the numbers of the platform's rows of {entity.name} are free"
    return call(storing._take_numbers, label, _PLATFORM, entity).answered([(9,)])


CALLS: list[Call] = [
    call(survey.look, "look for the platform's tables", None, "a database").answered(*_TABLES),
    *map(_counting, SOURCES),
    *map(_naming, (entity for entity in SOURCES if json_columns(entity))),
    call(survey._latest, "find the platform's latest rows", _PLATFORM).answered([(None,)], [(9,)], [(9,)]),
    call(storing._next, "find the first threads of the platform", _PLATFORM, PARTS[0], None).answered([("a",)]),
    call(storing._next, "find the next threads of the platform", _PLATFORM, PARTS[0], "a").answered([("b",)]),
    *map(_taking, (MESSAGE, GIVEN_FEEDBACK)),
    *(_adopting(part, there=there) for part in PARTS for there in (False, True)),
    call(databases._is_empty, "look whether there are rows"),
    call(databases._register, "register the keys of what is stored", {"old": "agms1:old:x"}),
    call(writing.has_numbers, "look whether there are rows with generated numbers"),
    *map(_storing, ENTITIES),
    call(adding.states, "look for the checkpoints of another saver that are there", {("t", ""): ["c"]}).answered(
        [(*_PLACE.key.values(), 1, 0, 7)], NOTHING
    ),
]
