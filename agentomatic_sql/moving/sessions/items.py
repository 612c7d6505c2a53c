"""Turn rows of a source into messages, as a mapping says.

- The role is the first that is found at one of the mapping's places.
- The content is the text at the first of its paths that has some: a text as it is; of a list, its texts and the `text`
  of its parts, in lines of their own. Thoughts, calls of tools and files have no text.
- The original item is kept whole in the message's metadata.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, NoReturn
from uuid import UUID

from ... import inputs, jsontext, records
from ...errors import InvalidInput
from .mapping import Names, SourceMapping, Steps, ThreadTable

Row = Mapping[str, Any]


class Unfit(Exception):
    """A row does not fit."""


class Message(NamedTuple):
    """A message to store."""

    key: str
    fields: Mapping[str, Any]
    """What `add_messages` takes."""
    size: int

    def is_stored_as(self, record: Mapping[str, Any]) -> bool:
        """Return whether a message of the target is this one."""
        stored = jsontext.encode("metadata", self.fields["metadata"])
        at = self.fields.get("created_at")
        return (
            (record["role"], record["content"]) == (self.fields["role"], self.fields["content"])
            and record["metadata"] == jsontext.decode(stored)
            and (at is None or record["timestamp"] == records.iso(at))
        )


def text_of(value: Any) -> str:
    """Return a value of a key as text."""
    return value if isinstance(value, str) else str(value)


def joined(row: Row, columns: Names) -> str:
    """Return the values of columns as one text; raises `Unfit` for NULL."""
    if any(row[name] is None for name in columns):
        raise Unfit(f"{' or '.join(columns)} is NULL")
    return "/".join([text_of(row[name]) for name in columns])


def decoded(row: Row, columns: Names) -> Row:
    """Return a row with the values of its JSON columns; raises `Unfit`."""
    return {**row, **{name: _json(name, row[name]) for name in columns}} if columns else row


def _json(column: str, value: Any) -> Any:
    if not isinstance(value, (str, bytes)):
        return value  # NULL, or decoded by the driver
    try:
        return json.loads(value, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Unfit(f"{column} is not JSON") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def first_of(row: Row, paths: Sequence[Steps]) -> str | None:
    """Return the first text or number that one of the paths leads to, as text; raises `Unfit` for another value."""
    for path in paths:
        for value in _at(row, path):
            if isinstance(value, (str, UUID)) or type(value) is int:
                return text_of(value)
            raise Unfit(f"{'.'.join(path)} is neither a text nor a whole number")
    return None


def check_owner(row: Row, where: ThreadTable, owner: tuple[str, str]) -> None:
    """Raise `Unfit` if a row names another user or agent than its thread's, so that nobody reads another's messages."""
    row = decoded(row, where.json)
    for field, paths, known in zip(("user", "agent"), (where.user, where.agent), owner, strict=True):
        if (first_of(row, paths) or known) != known:
            raise Unfit(f"it has another {field} than its thread")


def _at(value: Any, path: Steps) -> Iterator[Any]:
    """Iterate over what a path leads to; it goes into each member of a list."""
    if not path:
        if value is not None:
            yield value
    elif isinstance(value, Mapping):
        if path[0] in value:
            yield from _at(value[path[0]], path[1:])
    elif isinstance(value, list):
        for member in value:
            yield from _at(member, path)


def message(row: Row, mapping: SourceMapping) -> Message:
    """Make the message of a row; raises `Unfit`."""
    where, row = mapping.message, decoded(row, mapping.message.json)
    key = joined(row, where.key)
    item = row if where.item is None else row[where.item]
    metadata = {"source": mapping.name, "key": key, "item": item}
    fields: dict[str, Any] = {
        "role": _role(row, mapping),
        "content": _content(row, where.content),
        "metadata": metadata,
    }
    try:
        checked = inputs.message(**fields)
        if where.time and (at := _time(row, where.time, mapping.zone)) is not None:
            fields["created_at"] = inputs.time("created_at", at)
    except InvalidInput as error:
        raise Unfit(str(error)) from error
    return Message(key, fields, len(checked["content"]) + len(checked["metadata"]))


def _role(row: Row, mapping: SourceMapping) -> str:
    for place in mapping.message.role:
        if (found := first_of(row, [place.path])) is not None:
            return next((role for name, role in place.names.items() if fnmatchcase(found, name)), found)
    places = " or ".join(".".join(place.path) for place in mapping.message.role)
    raise Unfit(f"there is no role at {places}")


def _content(row: Row, paths: Sequence[Steps]) -> str:
    for path in paths:
        texts = [text for value in _at(row, path) for text in _texts(value)]
        if any(texts):
            return "\n".join(texts)
    return ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif isinstance(value, Mapping) and isinstance(value.get("text"), str) and not value.get("thought"):
        yield value["text"]


def _time(row: Row, paths: Sequence[Steps], zone: tzinfo | None) -> datetime | None:
    for path in paths:
        for value in _at(row, path):
            try:
                return _moment(value, zone)
            except (OSError, OverflowError, TypeError, ValueError) as error:
                raise Unfit(f"{'.'.join(path)} is no time") from error
    return None


def _moment(value: Any, zone: tzinfo | None) -> datetime:
    """Return a time that is given in seconds since 1970, as ISO-8601 text, or as the driver has it."""
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, UTC)
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(at, datetime):
        raise TypeError
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
