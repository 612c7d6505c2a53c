"""The entities that can be moved: the kinds of rows, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Table

from ..errors import InvalidInput
from ..tables import (
    CHECKPOINTS,
    FEEDBACK,
    GRAPH_CHECKPOINTS,
    GRAPH_NAMESPACES,
    GRAPH_VALUES,
    GRAPH_WRITES,
    IDEMPOTENCY_KEYS,
    INVOCATION_LOGS,
    LOG_ANALYSES,
    MESSAGES,
    OPTIMIZATION_RUNS,
    SUSPENDED_STATES,
    THREADS,
)

Row = Mapping[str, Any]
"""The columns of a row. JSON is the text that is stored; a text or JSON that is encrypted is a `Sealed`."""


class Entity(NamedTuple):
    """A kind of rows that can be moved."""

    name: str
    """Its name in a file."""
    table: Table
    choice: str
    """The name by which it is chosen; the rows of graphs are chosen together."""
    origin: Sequence[str] = ()
    """Columns that tell a row from another one that was given the same key."""

    @property
    def key(self) -> Sequence[str]:
        """The names of the primary key's columns."""
        return self.table.primary_key.columns.keys()


THREAD = Entity("thread", THREADS, "thread", ("user_id", "agent_name", "created_at"))
MESSAGE = Entity("message", MESSAGES, "message", ("id", "created_at"))
IDEMPOTENCY_KEY = Entity("idempotency_key", IDEMPOTENCY_KEYS, "idempotency_key")
GIVEN_FEEDBACK = Entity("feedback", FEEDBACK, "feedback", ("user_id", "created_at"))
SUSPENDED_STATE = Entity("suspended_state", SUSPENDED_STATES, "suspended_state")
CHECKPOINT = Entity("checkpoint", CHECKPOINTS, "checkpoint")
NAMESPACE = Entity("graph_namespace", GRAPH_NAMESPACES, "graph", ("digest", "epoch", "generation", "sequence"))
GRAPH_ROWS = (
    Entity("graph_checkpoint", GRAPH_CHECKPOINTS, "graph"),
    Entity("graph_value", GRAPH_VALUES, "graph"),
    Entity("graph_write", GRAPH_WRITES, "graph"),
)
INVOCATION_LOG = Entity("invocation_log", INVOCATION_LOGS, "invocation_log")
LOG_ANALYSIS = Entity("log_analysis", LOG_ANALYSES, "log_analysis")
OPTIMIZATION_RUN = Entity("optimization_run", OPTIMIZATION_RUNS, "optimization_run")

PLAIN = (
    *(THREAD, MESSAGE, IDEMPOTENCY_KEY, GIVEN_FEEDBACK, SUSPENDED_STATE, CHECKPOINT),
    *(INVOCATION_LOG, LOG_ANALYSIS, OPTIMIZATION_RUN),
)
"""The entities that are read table by table; the rows of graphs are read namespace by namespace, at last."""

ENTITIES = (*PLAIN, NAMESPACE, *GRAPH_ROWS)
BY_NAME = {entity.name: entity for entity in ENTITIES}
CHOICES = tuple(dict.fromkeys(entity.choice for entity in ENTITIES))


def chosen(names: Iterable[str] | None) -> Collection[str]:
    """Check the names of entities and return them; None is all of them. Raises `InvalidInput`."""
    if names is None:
        return CHOICES
    if isinstance(names, str):
        raise InvalidInput("entities", "must be a list of names")
    listed = [*names]
    if unknown := [name for name in listed if name not in CHOICES]:
        raise InvalidInput("entities", f"there is no {unknown[0]!r}: choose from {', '.join(CHOICES)}")
    return listed
