"""Check the arguments of a store's methods, and make the rows to store, before any SQL is sent.

Every store uses these functions, so all refuse the same values; a store of your own can use them too. Each function
takes arguments of a method and returns a checked value or the columns of a row, with JSON as text. All raise
`InvalidInput` with the name of the field. Times are aware datetimes in UTC.
"""

from __future__ import annotations

import math
import operator
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from . import jsontext
from .errors import InvalidInput, NotAList
from .escaping import is_unicode

Row = dict[str, Any]

MAX_ID_LENGTH = 255
"""The longest id in characters: three such ids fill the 3,072 bytes of a key in MySQL."""

MAX_SAFE_INTEGER = 2**53 - 1
"""The greatest integer that a JavaScript client reads exactly; larger limits and offsets are reduced to it."""

SUSPENDED_TERM = timedelta(days=7)
"""The time after which a suspended state expires if no ttl= is given (the platform's own default)."""

LAST_TIME = datetime.max.replace(tzinfo=UTC)
"""The time at which a suspended state expires whose term would end later."""

_FIRST_TIME = datetime(2, 1, 1, tzinfo=UTC)  # not 1: there may be days between this clock and the database's


def now() -> datetime:
    """Return the current time in UTC, to the microsecond."""
    return datetime.now(UTC)


def identifier(field: str, value: Any, *, empty: bool = True) -> str:
    """Check an id: at most 255 characters, without U+0000 or a lone surrogate; not empty if `empty` is False."""
    text = sought_identifier(field, value)
    if len(text) > MAX_ID_LENGTH:
        raise InvalidInput(field, f"has {len(text)} characters, at most {MAX_ID_LENGTH} are allowed")
    if not text and not empty:
        raise InvalidInput(field, "must not be empty")
    return text


def sought_identifier(field: str, value: Any) -> str:
    """Check an id of any length: one that is only looked up, or stored with a digest as its key."""
    text = _string(field, value)
    if "\x00" in text:
        raise InvalidInput(field, "an id must not contain U+0000")
    if not (text.isascii() or is_unicode(text)):
        raise InvalidInput(field, "an id must not contain a lone surrogate")
    return text


def namespace(value: Any) -> str:
    """Check the namespace of checkpoints: it may have any length, because nested subgraphs make it long."""
    return sought_identifier("checkpoint_ns", value)


def optional_identifier(field: str, value: Any) -> str | None:
    """Check an id; None stays None."""
    return None if value is None else identifier(field, value)


def user(value: Any, owner: str | None) -> Any:
    """Return a user id; in a user's view (`owner` is not None) it must be the owner's, else it is not checked yet."""
    if owner is not None and identifier("user_id", value) != owner:
        raise InvalidInput("user_id", f"{value!r} is not {owner!r}, the user of this view of the store")
    return value


def listed(field: str, value: Any, of: str) -> list[Any]:
    """Return an iterable's items; a string, whose items would be its characters, and a dict raise `NotAList`."""
    if isinstance(value, (str, bytes, bytearray, memoryview, Mapping)) or not isinstance(value, Iterable):
        raise NotAList(field, f"must be a list of {of}, not {type(value).__name__}")
    return list(value)


def text(field: str, value: Any) -> str:
    """Check a text; it may have any length and any characters, U+0000 and lone surrogates too."""
    return _string(field, value)


def idempotency_key(value: Any) -> str | None:
    """Check an idempotency key: an id that is not empty; None stays None."""
    return None if value is None else identifier("idempotency_key", value, empty=False)


def optional_text(field: str, value: Any) -> str | None:
    """Check a text; None stays None."""
    return None if value is None else _string(field, value)


def json_object(field: str, value: Any) -> str:
    """Return the JSON text of a mapping, dataclass or pydantic model; of an empty dict for None."""
    if value is None or (type(value) is dict and not value):  # the most frequent value
        return "{}"
    encoded = jsontext.encode(field, value)
    if not encoded.startswith("{"):
        raise InvalidInput(field, f"must be a dict, not {type(value).__name__}")
    return encoded


def json_array(field: str, value: Any) -> str:
    """Return the JSON text of a list; of an empty list for None."""
    encoded = jsontext.encode(field, [] if value is None else value)
    if not encoded.startswith("["):
        raise InvalidInput(field, f"must be a list, not {type(value).__name__}")
    return encoded


def count(field: str, value: Any) -> int:
    """Check a limit or an offset: a whole number, 0 or more. Returns at most `MAX_SAFE_INTEGER`."""
    number = _integer(field, value)
    if number < 0:
        raise InvalidInput(field, f"must be 0 or more, not {number}")
    return min(number, MAX_SAFE_INTEGER)


def optional_count(field: str, value: Any) -> int | None:
    """Check a limit; None, for no limit, stays None."""
    return None if value is None else count(field, value)


def message_index(value: Any) -> int:
    """Check the index of a message, which may be past the end; returns -1 for any negative one."""
    number = _integer("message_index", value)
    return max(-1, min(number, MAX_SAFE_INTEGER))


def number(field: str, value: Any) -> float | None:
    """Check a finite number and return it as a float; None stays None."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidInput(field, f"must be a number, not {type(value).__name__}")
    try:
        result = float(value)
    except OverflowError as error:
        raise InvalidInput(field, "is too large for a double-precision number") from error
    if not math.isfinite(result):
        raise InvalidInput(field, f"must be finite, not {result}")
    return result


def thread(thread_id: Any, user_id: Any, agent_name: Any, title: Any, metadata: Any) -> Row:
    """Make the row of a new thread, created now."""
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
    """Return the columns of a thread to change: `title`, `metadata` or both. Other fields are refused."""
    row: Row = {}
    for field, value in updates.items():
        column = _UPDATES.get(field)
        if column is None:
            raise InvalidInput(field, "update_thread cannot change this field, only title and metadata")
        if column in row:
            raise InvalidInput(field, "metadata and metadata_json are one field: give one of them")
        row[column] = optional_text(field, value) if column == "title" else json_object(field, value)
    return dict(sorted(row.items(), reverse=True))  # in one order, whatever the caller's: it chooses the statement


_UPDATES = {"title": "title", "metadata": "metadata", "metadata_json": "metadata"}
"""Columns by the names of the fields; the last is the platform's own name of its column."""


def thread_cursor(after: Any) -> str | tuple[datetime, str] | None:
    """Return the position after which a listing continues: a thread's id, (updated_at, id) of its record, or None."""
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
        raise InvalidInput("after", "must be a thread record from an earlier page, or a thread id") from error


def message(role: Any, content: Any, metadata: Any) -> Row:
    """Make the columns of a message's row that its sender gives: role, content and metadata."""
    return {
        "role": identifier("role", role, empty=False),
        "content": text("content", content),
        "metadata": json_object("metadata", metadata),
    }


def messages(items: Any) -> list[Row]:
    """Make such columns for each item of `add_messages`: a mapping with role, content and, optionally, metadata.

    A row has `created_at` if the item has it, and it is not None.
    """
    rows: list[Row] = []
    for position, item in enumerate(listed("messages", items, "dicts with role, content and metadata")):
        if type(item) is not dict and not isinstance(item, Mapping):  # the first check is the faster one
            raise InvalidInput(f"messages[{position}]", f"must be a dict, not {type(item).__name__}")
        try:
            rows.append(_message(item))
        except InvalidInput as error:
            raise InvalidInput(f"messages[{position}].{error.field}", error.reason) from error
    return rows


def _message(item: Mapping[Any, Any]) -> Row:
    if not item.keys() <= _MESSAGE:
        field = next(field for field in item if field not in _MESSAGE)
        raise InvalidInput(str(field), "is not a field of a message, which has role, content, metadata and created_at")
    for field in ("role", "content"):
        if field not in item:
            raise InvalidInput(field, "is missing")
    row = message(item["role"], item["content"], item.get("metadata"))
    at = item.get("created_at")
    return row if at is None else {**row, "created_at": time("created_at", at)}


_MESSAGE = {"role", "content", "metadata", "created_at"}


def time(field: str, value: Any) -> datetime:
    """Check a time, a datetime or ISO-8601 text, and return it in UTC; it must have a time zone."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(at, datetime) and at.tzinfo is not None:
            return at.astimezone(UTC)
    except (OverflowError, ValueError):
        pass
    raise InvalidInput(field, "must be a datetime with a time zone, or such a time in ISO 8601")


def page(limit: Any, offset: Any, last: Any) -> tuple[int, int, int | None]:
    """Check the page of a thread's messages; returns limit, offset and last. `last` excludes an offset."""
    first, size = count("offset", offset), count("limit", limit)
    if last is not None and first:
        raise InvalidInput("offset", "cannot be combined with last=")
    return size, first, optional_count("last", last)


def window(limit: Any, offset: Any) -> tuple[int, int]:
    """Check the limit and offset of a listing, and return both."""
    return count("limit", limit), count("offset", offset)


def page_size(value: Any) -> int:
    """Check the number of records that an iterator fetches at once: 1 or more."""
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
    """Make the row of a new feedback, created now. A rating is None or 1 to 5 (the platform's scale)."""
    if rating is not None:
        rating = _integer("rating", rating)
        if not 1 <= rating <= 5:
            thumbs = ": thumbs up is 5, thumbs down is 1" if feedback_type == "thumbs" else ""
            raise InvalidInput("rating", f"must be 1 to 5, not {rating}{thumbs}")
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
    """Make the row of a suspended state, which expires `ttl` (a timedelta or seconds; None: 7 days) from now."""
    if state_json is None:  # whoever resumes would begin with nothing
        raise InvalidInput("state_json", "must be a dict, not None")
    at = now()
    term = _term(ttl)
    return {
        "id": identifier("approval_id", approval_id, empty=False),
        "thread_id": identifier("thread_id", thread_id),
        "agent_name": identifier("agent_name", agent_name),
        "node_name": identifier("node_name", node_name),
        "state_snapshot": json_object("state_json", state_json),
        "created_at": at,
        "expires_at": at + term if term < LAST_TIME - at else LAST_TIME,
    }


def checkpoint(
    thread_id: Any, checkpoint_ns: Any, checkpoint_id: Any, parent: Any, checkpoint: Any, metadata: Any
) -> Row:
    """Make the row of a checkpoint, created now. Its id may be empty: the platform's checkpointer uses that id."""
    return {
        "thread_id": identifier("thread_id", thread_id),
        "checkpoint_ns": namespace(checkpoint_ns),
        "checkpoint_id": identifier("checkpoint_id", checkpoint_id),
        "parent_checkpoint_id": optional_identifier("parent_checkpoint_id", parent),
        "checkpoint": json_object("checkpoint", checkpoint),
        "metadata": json_object("metadata", metadata),
        "created_at": now(),
    }


def checkpoint_key(thread_id: Any, checkpoint_ns: Any) -> tuple[str, str]:
    """Check the thread id and the namespace of checkpoints, and return both."""
    return identifier("thread_id", thread_id), namespace(checkpoint_ns)


def checkpoint_wanted(value: Any) -> str:
    """Check the id of the checkpoint to get; returns "" for the latest, also for None (LangGraph passes None)."""
    return "" if value is None else identifier("checkpoint_id", value)


def new_id(field: str, value: Any, prefix: str) -> str:
    """Check a record's id; for None or "" (the platform sends both) return a new one that begins with `prefix`."""
    if value is None or value == "":
        return f"{prefix}_{uuid.uuid4().hex}"
    return identifier(field, value)


def _term(ttl: Any) -> timedelta:
    return SUSPENDED_TERM if ttl is None else duration("ttl", ttl)


def duration(field: str, value: Any) -> timedelta:
    """Return a duration, given as a timedelta or in seconds, 0 or more."""
    if isinstance(value, timedelta):
        term = value
    else:
        seconds = number(field, value)
        if seconds is None:
            raise InvalidInput(field, "must be a timedelta or seconds, not None")
        try:
            term = timedelta(seconds=seconds)
        except OverflowError:  # beyond the range of timedelta
            term = timedelta.max if seconds > 0 else timedelta.min
    if term < timedelta(0):
        raise InvalidInput(field, f"must be 0 s or longer, not {term.total_seconds():g} s")
    return term


def age(field: str, value: Any) -> timedelta:
    """Return an age, given as a timedelta or in seconds; at most one that leads back to the year 2."""
    return min(duration(field, value), now() - _FIRST_TIME)


def _string(field: str, value: Any) -> str:
    if not isinstance(value, str):
        cure = ": use str(…)" if type(value) in (int, uuid.UUID) else ""
        raise InvalidInput(field, f"must be a string, not {type(value).__name__}{cure}")
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


def filters(**values: Any) -> dict[str, str]:
    """Check the filters of a listing; returns those that are not None, by column."""
    return {field: identifier(field, value) for field, value in values.items() if value is not None}


def history_filters(**values: Any) -> dict[str, str]:
    """Check the filters for the platform's history; empty counts as None, because the platform's forms send it."""
    return filters(**{field: value or None for field, value in values.items()})
