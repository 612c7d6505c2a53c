"""The calls of the operations that store what is moved."""

from __future__ import annotations

from typing import Any

from agentomatic_sql.graphs.rows import Namespace, digest, thread_digest
from agentomatic_sql.moving import databases, graph_adding, writing
from agentomatic_sql.moving.entities import ENTITIES, GRAPH_ROWS, Entity
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

CALLS: list[Call] = [
    call(databases._is_empty, "look whether there are rows"),
    call(databases._register, "register the keys of what is stored", {"old": "agms1:old:x"}),
    call(writing.has_numbers, "look whether there are rows with generated numbers"),
    *map(_storing, ENTITIES),
    call(graph_adding.states, "look for the checkpoints of another saver that are there", {("t", ""): ["c"]}).answered(
        [(*_PLACE.key.values(), 1, 0, 7)], NOTHING
    ),
]
