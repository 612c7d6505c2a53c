"""What may be stored: every argument is checked here, before any SQL, the same for every store.

Each function takes a method's arguments and returns the columns of the row to store, JSON already as text,
or raises `InvalidInput` naming the field. A store of one's own can use them too.
"""

from __future__ import annotations

import math
import operator
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from . import jsontext
from .errors import InvalidInput
from .escaping import is_unicode

Row = dict[str, Any]

MAX_ID_LENGTH = 255
"""Characters of an id; three of them in one key fill MySQL's 3,072 bytes."""

MAX_SAFE_INTEGER = 2**53 - 1
"""The greatest integer that a JavaScript client reads right; limits and offsets beyond it mean the same."""

SUSPENDED_TERM = timedelta(days=7)
"""How long a suspended state waits for its human when no ttl= is given (the platform's own term)."""

_FIRST_TIME = datetime(1, 1, 1, tzinfo=UTC)
_LAST_TIME = datetime.max.replace(tzinfo=UTC)


def now() -> datetime:
    """The current time in UTC, to the microsecond."""
    return datetime.now(UTC)


def identifier(field: str, value: Any, *, empty: bool = True) -> str:
    """An id: a string of at most 255 characters that every database can store and compare exactly."""
    text = sought_identifier(field, value)
    if len(text) > MAX_ID_LENGTH:
        raise InvalidInput(field, f"{len(text)} characters, at most {MAX_ID_LENGTH} are stored")
    if not text and not empty:
        raise InvalidInput(field, "must not be empty")
    return text


def sought_identifier(field: str, value: Any) -> str:
    """An id that is only compared with stored ones: one that is too long is none of them."""
    text = _string(field, value)
    if "\x00" in text:
        raise InvalidInput(field, "an id must not contain U+0000")
    if not (text.isascii() or is_unicode(text)):
        raise InvalidInput(field, "an id must not contain a lone surrogate")
    return text


def optional_identifier(field: str, value: Any) -> str | None:
    """An id, or None."""
    return None if value is None else identifier(field, value)


def user(value: Any, owner: str | None) -> Any:
    """The id of a user, who in a user's view of a store has to be that one; elsewhere it is still to be checked."""
    if owner is not None and identifier("user_id", value) != owner:
        raise InvalidInput("user_id", f"{value!r} is not {owner!r}, whose view of the store this is")
    return value


def text(field: str, value: Any) -> str:
    """A text of any length; U+0000 and lone surrogates come back as they went in."""
    return _string(field, value)


def idempotency_key(value: Any) -> str | None:
    """A caller's key for a write, or None."""
    return None if value is None else identifier("idempotency_key", value, empty=False)


def optional_text(field: str, value: Any) -> str | None:
    """A text, or None."""
    return None if value is None else _string(field, value)


def json_object(field: str, value: Any) -> str:
    """The JSON text of a mapping (or of a dataclass or model that becomes one); None is the empty one."""
    if value is None or (type(value) is dict and not value):  # most of what there is
        return "{}"
    encoded = jsontext.encode(field, value)
    if not encoded.startswith("{"):
        raise InvalidInput(field, f"must be a dict, not {type(value).__name__}")
    return encoded


def json_array(field: str, value: Any) -> str:
    """The JSON text of a list; None is the empty one."""
    encoded = jsontext.encode(field, [] if value is None else value)
    if not encoded.startswith("["):
        raise InvalidInput(field, f"must be a list, not {type(value).__name__}")
    return encoded


def count(field: str, value: Any) -> int:
    """A limit or an offset: a whole number, zero or more."""
    number = _integer(field, value)
    if number < 0:
        raise InvalidInput(field, f"must be 0 or more, not {number}")
    return min(number, MAX_SAFE_INTEGER)


def optional_count(field: str, value: Any) -> int | None:
    """A limit, or None for none."""
    return None if value is None else count(field, value)


def message_index(value: Any) -> int:
    """The index of a message, which may be negative or past the end."""
    number = _integer("message_index", value)
    return max(-1, min(number, MAX_SAFE_INTEGER))


def number(field: str, value: Any) -> float | None:
    """A finite number, or None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidInput(field, f"must be a number, not {type(value).__name__}")
    try:
        result = float(value)
    except OverflowError as error:
        raise InvalidInput(field, "is too large for a number of double precision") from error
    if not math.isfinite(result):
        raise InvalidInput(field, f"must be finite, not {result}")
    return result


def thread(thread_id: Any, user_id: Any, agent_name: Any, title: Any, metadata: Any) -> Row:
    """The row of a new thread."""
    at = now()
    return {
        "id": identifier("thread_id", thread_id, empty=False),
        "user_id": identifier("user_id", user_id),
        "agent_name": identifier("agent_name", agent_name),
        "title": optional_text("title", title),
        "metadata": json_object("metadata", metadata),
        "message_count": 0,
        "parent_thread_id": None,
        "fork_message_index": None,
        "created_at": at,
        "updated_at": at,
    }


def thread_updates(updates: Mapping[str, Any]) -> Row:
    """The columns to change in a thread: `title` and `metadata` are the ones that can be."""
    for field in updates:
        if field not in ("title", "metadata"):
            raise InvalidInput(field, "is not a field that update_thread changes: title, metadata")
    row: Row = {}
    if "title" in updates:
        row["title"] = optional_text("title", updates["title"])
    if "metadata" in updates:
        row["metadata"] = json_object("metadata", updates["metadata"])
    return row


def thread_cursor(after: Any) -> str | tuple[datetime, str] | None:
    """Where a listing goes on: a thread's id, or its place (updated_at, id) out of the thread itself."""
    if after is None:
        return None
    if not isinstance(after, Mapping):
        return identifier("after", after, empty=False)
    try:
        updated_at = datetime.fromisoformat(after["updated_at"])
        if updated_at.tzinfo is None:
            raise ValueError("no time zone")
        return updated_at.astimezone(UTC), identifier("after.id", after["id"], empty=False)
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise InvalidInput("after", "must be a thread of an earlier page, or a thread's id") from error


def message(role: Any, content: Any, metadata: Any) -> Row:
    """The part of a message's row that its sender gives."""
    return {
        "role": identifier("role", role, empty=False),
        "content": text("content", content),
        "metadata": json_object("metadata", metadata),
    }


def messages(items: Any) -> list[Row]:
    """The rows of `add_messages`: each item a mapping with role, content and, if wanted, metadata."""
    if isinstance(items, (str, bytes, Mapping)) or not isinstance(items, Iterable):
        raise InvalidInput("messages", "must be a list of dicts with role, content and metadata")
    rows: list[Row] = []
    for position, item in enumerate(items):
        if not isinstance(item, Mapping):
            raise InvalidInput(f"messages[{position}]", f"must be a dict, not {type(item).__name__}")
        try:
            rows.append(_message(item))
        except InvalidInput as error:
            raise InvalidInput(f"messages[{position}].{error.field}", error.reason) from error
    return rows


def _message(item: Mapping[Any, Any]) -> Row:
    if not item.keys() <= _MESSAGE:
        field = next(field for field in item if field not in _MESSAGE)
        raise InvalidInput(str(field), "is not a field of a message: role, content, metadata")
    for field in ("role", "content"):
        if field not in item:
            raise InvalidInput(field, "is missing")
    return message(item["role"], item["content"], item.get("metadata"))


_MESSAGE = {"role", "content", "metadata"}


def page(limit: Any, offset: Any, last: Any) -> tuple[int, int, int | None]:
    """The page of a history: `last` alone, or limit and offset."""
    first, size = count("offset", offset), count("limit", limit)
    if last is not None and first:
        raise InvalidInput("offset", "does not go together with last=")
    return size, first, optional_count("last", last)


def window(limit: Any, offset: Any) -> tuple[int, int]:
    """The limit and offset of a listing."""
    return count("limit", limit), count("offset", offset)


def page_size(value: Any) -> int:
    """How many records an iterator fetches at once: 1 or more."""
    size = count("page_size", value)
    if size == 0:
        raise InvalidInput("page_size", "must be 1 or more, not 0")
    return size


def feedback(
    thread_id: Any,
    user_id: Any,
    agent_name: Any,
    *,
    rating: Any,
    comment: Any,
    message_id: Any,
    feedback_type: Any,
    query: Any,
    response: Any,
    correction: Any,
) -> Row:
    """The row of a new feedback; a rating is None or 1 to 5 (the platform's scale)."""
    if rating is not None:
        rating = _integer("rating", rating)
        if not 1 <= rating <= 5:
            raise InvalidInput("rating", f"must be 1 to 5, not {rating}")
    if message_id is not None:
        message_id = _integer("message_id", message_id)
        if not 0 <= message_id <= MAX_SAFE_INTEGER:
            raise InvalidInput("message_id", f"must be 0 to {MAX_SAFE_INTEGER}, not {message_id}")
    return {
        "thread_id": identifier("thread_id", thread_id),
        "message_id": message_id,
        "user_id": identifier("user_id", user_id),
        "agent_name": identifier("agent_name", agent_name),
        "rating": rating,
        "comment": optional_text("comment", comment),
        "feedback_type": identifier("feedback_type", feedback_type),
        "query": text("query", query),
        "response": text("response", response),
        "correction": optional_text("correction", correction),
        "created_at": now(),
    }


def suspended_state(
    approval_id: Any, thread_id: Any, agent_name: Any, node_name: Any, state_json: Any, ttl: Any
) -> Row:
    """The row of a suspended state; its term starts now."""
    at = now()
    term = _term(ttl)
    return {
        "id": identifier("approval_id", approval_id, empty=False),
        "thread_id": identifier("thread_id", thread_id),
        "agent_name": identifier("agent_name", agent_name),
        "node_name": identifier("node_name", node_name),
        "state_snapshot": json_object("state_json", state_json),
        "created_at": at,
        "expires_at": at + term if term < _LAST_TIME - at else _LAST_TIME,
    }


def checkpoint(
    thread_id: Any, checkpoint_ns: Any, checkpoint_id: Any, parent: Any, checkpoint: Any, metadata: Any
) -> Row:
    """The row of a checkpoint; the empty id is an id (the platform's checkpointer saves under it)."""
    return {
        "thread_id": identifier("thread_id", thread_id),
        "checkpoint_ns": identifier("checkpoint_ns", checkpoint_ns),
        "checkpoint_id": identifier("checkpoint_id", checkpoint_id),
        "parent_checkpoint_id": optional_identifier("parent_checkpoint_id", parent),
        "checkpoint": json_object("checkpoint", checkpoint),
        "metadata": json_object("metadata", metadata),
        "created_at": now(),
    }


def checkpoint_key(thread_id: Any, checkpoint_ns: Any) -> tuple[str, str]:
    """What all checkpoints of one graph in one thread share."""
    return identifier("thread_id", thread_id), identifier("checkpoint_ns", checkpoint_ns)


def checkpoint_wanted(value: Any) -> str:
    """The id of the checkpoint asked for; None and the empty one ask for the latest (LangGraph gives None)."""
    return "" if value is None else identifier("checkpoint_id", value)


def new_id(field: str, value: Any, prefix: str) -> str:
    """The caller's id, or a fresh one where it gives none (None or empty, as the platform does)."""
    if value is None or value == "":
        return f"{prefix}_{uuid.uuid4().hex}"
    return identifier(field, value)


def _term(ttl: Any) -> timedelta:
    return SUSPENDED_TERM if ttl is None else duration("ttl", ttl)


def duration(field: str, value: Any) -> timedelta:
    """A length of time: a timedelta or seconds, 0 or more."""
    if isinstance(value, timedelta):
        term = value
    else:
        seconds = number(field, value)
        if seconds is None:
            raise InvalidInput(field, "must be a timedelta or seconds, not None")
        try:
            term = timedelta(seconds=seconds)
        except OverflowError:  # longer than timedelta can say
            term = timedelta.max if seconds > 0 else timedelta.min
    if term < timedelta(0):
        raise InvalidInput(field, f"must be 0 s or longer, not {term.total_seconds():g} s")
    return term


def before(field: str, age: Any) -> datetime:
    """The time that was this long ago."""
    at, length = now(), duration(field, age)
    return at - length if length < at - _FIRST_TIME else _FIRST_TIME


def _string(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidInput(field, f"must be a string, not {type(value).__name__}")
    return value if type(value) is str else str.__str__(value)


def _integer(field: str, value: Any) -> int:
    if isinstance(value, bool):
        raise InvalidInput(field, "must be a whole number, not a bool")
    try:
        return operator.index(value)
    except TypeError as error:
        raise InvalidInput(field, f"must be a whole number, not {type(value).__name__}") from error


def invocation_log(**fields: Any) -> Row:
    """Make the row of a new invocation log from all arguments of `create_invocation_log`."""
    return {
        "id": new_id("log_id", fields["log_id"], "invlog"),
        "agent_name": identifier("agent_name", fields["agent_name"]),
        "resource_type": identifier("resource_type", fields["resource_type"] or "agent"),
        "thread_id": optional_identifier("thread_id", fields["thread_id"]),
        "run_id": optional_identifier("run_id", fields["run_id"]),
        "endpoint": identifier("endpoint", fields["endpoint"]),
        "input": jsontext.encode("input_data", {} if fields["input_data"] is None else fields["input_data"]),
        "output": jsontext.encode("output_data", {} if fields["output_data"] is None else fields["output_data"]),
        "metadata": json_object("metadata", fields["metadata"]),
        "error": optional_text("error", fields["error"]),
        "duration_ms": number("duration_ms", fields["duration_ms"]),
        "status": identifier("status", fields["status"]),
        "created_at": now(),
    }


def log_analysis(**fields: Any) -> Row:
    """Make the row of a new log analysis from all arguments of `save_log_analysis`."""
    return {
        "id": new_id("analysis_id", fields["analysis_id"], "logan"),
        "agent_name": identifier("agent_name", fields["agent_name"]),
        "resource_type": identifier("resource_type", fields["resource_type"] or "agent"),
        "score": number("score", fields["score"]),
        "summary": text("summary", fields["summary"]),
        "status": identifier("status", fields["status"]),
        "recommendations": json_array("recommendations", fields["recommendations"]),
        "metadata": json_object("metadata", fields["metadata"]),
        "created_at": now(),
    }


def optimization_run(**fields: Any) -> Row:
    """Make the row of a new optimization run from all arguments of `create_optimization_run`."""
    return {
        "id": new_id("run_id", fields["run_id"], "optrun"),
        "experiment_id": identifier("experiment_id", fields["experiment_id"]),
        "agent_name": identifier("agent_name", fields["agent_name"]),
        "baseline_score": number("baseline_score", fields["baseline_score"]),
        "best_score": number("best_score", fields["best_score"]),
        "prompt_versions": json_object("prompt_versions", fields["prompt_versions"]),
        "score_history": json_array("score_history", fields["score_history"]),
        "learnings": json_array("learnings", fields["learnings"]),
        "artefacts": json_object("artefacts", fields["artefacts"]),
        "metadata": json_object("metadata", fields["metadata"]),
        "created_at": now(),
    }


def filters(**given: Any) -> dict[str, str]:
    """The filters of a listing that were given (None is none), as column and value."""
    return {field: identifier(field, value) for field, value in given.items() if value is not None}


def history_filters(**given: Any) -> dict[str, str]:
    """Check the filters for the platform's history; empty counts as None, because the platform's forms send it."""
    return filters(**{field: value or None for field, value in given.items()})
