"""Read LangGraph's configs, make them, and choose among listed checkpoints: functions without a database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import CheckpointTuple

from .. import inputs
from ..errors import InvalidInput, UnreadableCheckpoint, WriteConflict
from .checkpoints import Header
from .rows import Namespace

_R = TypeVar("_R")
Page = list[CheckpointTuple]


def or_error(decode: Callable[[], _R]) -> _R | UnreadableCheckpoint:
    """Return a decoded value, or the error that says why it cannot be decoded."""
    try:
        return decode()
    except UnreadableCheckpoint as error:
        return error


def matches(header: Header | UnreadableCheckpoint, wanted: dict[str, Any]) -> bool:
    """Return whether the metadata has these items; true if it cannot be read, so that the error is seen."""
    return isinstance(header, UnreadableCheckpoint) or wanted.items() <= header.metadata.items()


def unharmed(found: Sequence[CheckpointTuple | UnreadableCheckpoint], harmed: dict[str, UnreadableCheckpoint]) -> Page:
    """Return the checkpoints that can be read, except those of a thread with a newer one that cannot.

    An older checkpoint could be taken for the newer one.
    """
    tuples: Page = []
    for one in found:
        if isinstance(one, UnreadableCheckpoint):
            harmed.setdefault(one.thread_id, one)
        elif one.config["configurable"]["thread_id"] not in harmed:
            tuples.append(one)
    return tuples


def place_of(config: RunnableConfig) -> tuple[Namespace, str | None]:
    """Return the namespace and the checkpoint id that a config names.

    Raises `KeyError` if it names no thread, and `InvalidInput` for an id that cannot be stored.
    """
    configurable: Mapping[str, Any] = config["configurable"]
    if configurable["thread_id"] is None:
        raise KeyError("thread_id")
    place = Namespace(text_of("thread_id", configurable["thread_id"]), configurable.get("checkpoint_ns") or "")
    return place, sought("checkpoint_id", configurable.get("checkpoint_id"))


def text_of(field: str, value: Any) -> str:
    """Return an id as text: a string, a whole number or a UUID, as LangGraph's savers take them.

    Raises `InvalidInput` for anything else: the text of None, say, is the id of another thread.
    """
    if isinstance(value, (str, int, UUID)) and not isinstance(value, bool):
        return str(value)
    raise InvalidInput(field, f"must be a string, a whole number or a UUID, not {type(value).__name__}")


def sought(field: str, checkpoint_id: Any) -> str | None:
    """Return an id, or None; LangGraph's savers treat an empty id as none."""
    return inputs.sought_identifier(field, checkpoint_id) if checkpoint_id not in (None, "") else None


def config_of(place: Namespace, checkpoint_id: str) -> RunnableConfig:
    """Make the config that names a checkpoint."""
    named = {"thread_id": place.thread_id, "checkpoint_ns": place.checkpoint_ns, "checkpoint_id": checkpoint_id}
    return {"configurable": named}


def conflict(place: Namespace, attempts: int) -> WriteConflict:
    """Make the error of a call whose namespace others have changed at each attempt."""
    where = f"thread {place.thread_id!r}, namespace {place.checkpoint_ns!r}"
    return WriteConflict(attempts, f"other calls removed or added checkpoints of {where}")
