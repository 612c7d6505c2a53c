"""Mappings: which tables and columns of a database are threads and messages.

A mapping is a TOML file, so that it can be read and changed. `docs/coming-from/index.md` describes it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ...errors import InvalidInput, TransferFailed

Names = Sequence[str]
Steps = Sequence[str]
"""A path: a column, and the keys of its JSON below it."""


class Role(NamedTuple):
    """A place where a role may be."""

    path: Steps
    names: Mapping[str, str]
    """Roles of the target by patterns for what is there; what fits none is the role itself."""


class ThreadTable(NamedTuple):
    """Where threads are."""

    table: str | None
    """None if there is no table of them: then these are columns of the messages."""
    key: Names
    id: Names
    """The columns of which the thread's id is made."""
    user: Sequence[Steps]
    agent: Sequence[Steps]
    title: Sequence[Steps]
    order: Names
    json: Names


class MessageTable(NamedTuple):
    """Where messages are."""

    table: str
    thread: Names
    """The columns that are equal to the thread's key."""
    key: Names
    """The columns that tell a message from another one of its thread."""
    order: Names
    json: Names
    item: str | None
    """The column with the original item; None is the row as a whole."""
    role: Sequence[Role]
    content: Sequence[Steps]
    time: Sequence[Steps]
    needs: Names
    """More columns by which the table is recognised."""


class FeedbackTable(NamedTuple):
    """Where feedback on messages is."""

    table: str
    key: Names
    message: str
    """The column that is equal to the message's key."""
    rating: str
    ratings: Mapping[str, int]
    """Ratings of the target, 1 to 5, by those of the source."""
    comment: str | None


class Version(NamedTuple):
    """Where the source says which version its tables have, if it has this table."""

    table: str
    column: str
    where: Mapping[str, str]
    known: Names


class SourceMapping(NamedTuple):
    """A mapping."""

    name: str
    zone: tzinfo | None
    """The zone of times without one; None is the source's own."""
    thread: ThreadTable
    message: MessageTable
    feedback: FeedbackTable | None
    version: Version | None

    def columns(self) -> dict[str, tuple[str, frozenset[str]]]:
        """Return the name of each table with the columns that it must have, by `thread`, `message` and `feedback`."""
        thread, message, feedback = self.thread, self.message, self.feedback
        of_thread = {*thread.key, *thread.id, *thread.order, *thread.json}
        of_thread |= {path[0] for path in (*thread.user, *thread.agent, *thread.title)}
        of_message = {*message.thread, *message.key, *message.order, *message.json, *message.needs}
        of_message |= {path[0] for path in (*message.content, *message.time, *(role.path for role in message.role))}
        of_message |= {message.item} if message.item is not None else set()
        found = {}
        if thread.table is None:
            of_message |= of_thread
        else:
            found["thread"] = thread.table, frozenset(of_thread)
        found["message"] = message.table, frozenset(of_message)
        if feedback is not None:
            comment = set() if feedback.comment is None else {feedback.comment}
            found["feedback"] = feedback.table, frozenset({*feedback.key, feedback.message, feedback.rating} | comment)
        return found

    def at(self, tables: Mapping[str, str]) -> SourceMapping:
        """Return the mapping for tables of these names; without one for feedback there is none."""
        thread, message, feedback = self.thread, self.message, self.feedback
        return self._replace(
            thread=thread._replace(table=tables.get("thread")),
            message=message._replace(table=tables["message"]),
            feedback=feedback and feedback._replace(table=tables["feedback"]) if "feedback" in tables else None,
        )


SERVER = "server"
"""The zone that the source itself uses."""

_SHIPPED = files(__package__) / "mappings"


def shipped() -> Sequence[str]:
    """Return the names of the mappings of this package."""
    return sorted(file.name.removesuffix(".toml") for file in _SHIPPED.iterdir() if file.name.endswith(".toml"))


def text_of(name: str) -> str:
    """Return a mapping of this package as a TOML file; raises `InvalidInput`."""
    if name not in shipped():
        raise InvalidInput("kind", f"there is no {name!r}: choose from {', '.join(shipped())}")
    return (_SHIPPED / f"{name}.toml").read_text(encoding="utf-8")


def of_kind(name: str) -> SourceMapping:
    """Return a mapping of this package; raises `InvalidInput`."""
    return _parse(tomllib.loads(text_of(name)))


def of_file(path: Path) -> SourceMapping:
    """Read a mapping from a file; raises `TransferFailed` and `InvalidInput`."""
    try:
        return _parse(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise TransferFailed(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        if isinstance(error, InvalidInput):
            raise InvalidInput(f"{path}, {error.field}", error.reason) from error
        raise TransferFailed(f"{path} is no TOML file: {error}") from error


class _Fields:
    """The fields of a table of TOML, each of which is read once; raises `InvalidInput` for what does not fit."""

    def __init__(self, value: Any, path: str = "") -> None:
        self._path = path
        if not isinstance(value, dict):
            raise InvalidInput(path, "must be a table")
        self._rest: dict[str, Any] = dict(value)

    def _take(self, name: str, kind: type, default: Any) -> Any:
        value = self._rest.pop(name, default)
        if value is ...:
            raise InvalidInput(self._field(name), "is missing")
        if value is not default and not isinstance(value, kind):
            raise InvalidInput(self._field(name), f"must be a {_KINDS[kind]}")
        return value

    def _field(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def text(self, name: str, default: Any = ...) -> Any:
        return self._take(name, str, default)

    def names(self, name: str, default: Any = ...) -> Names:
        found: Names = self._take(name, list, default)
        if not all(isinstance(one, str) and one for one in found) or (default is ... and not found):
            raise InvalidInput(self._field(name), "must be a list of names")
        return found

    def paths(self, name: str) -> Sequence[Steps]:
        return [one.split(".") for one in self.names(name, ())]

    def pairs(self, name: str, kind: type, default: Any = ...) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._take(name, dict, default)
        if not all(isinstance(one, kind) for one in found.values()):
            raise InvalidInput(self._field(name), f"must have a {_KINDS[kind]} for each name")
        return found

    def table(self, name: str, default: Any = ...) -> Any:
        found = self._take(name, dict, default)
        return found if found is None else _Fields(found, self._field(name))

    def tables(self, name: str) -> list[_Fields]:
        return [_Fields(one, f"{self._field(name)}[{at}]") for at, one in enumerate(self._take(name, list, ...))]

    def end(self) -> None:
        if self._rest:
            raise InvalidInput(self._field(next(iter(self._rest))), "is no field of a mapping")


_KINDS = {str: "text", list: "list", dict: "table", int: "number"}


def _parse(value: Any) -> SourceMapping:
    fields = _Fields(value)
    name, zone = fields.text("name"), fields.text("zone", "UTC")
    thread, message = fields.table("thread"), fields.table("message")
    feedback, version = fields.table("feedback", None), fields.table("version", None)
    fields.end()
    found = SourceMapping(
        name,
        None if zone == SERVER else zone_of(zone),
        _thread(thread),
        _message(message),
        _feedback(feedback),
        _version(version),
    )
    if len(found.message.thread) != len(found.thread.key):
        raise InvalidInput("message.thread", "must have as many columns as thread.key")
    if found.feedback is not None and len(found.message.key) != 1:
        raise InvalidInput("message.key", "must be one column if there is feedback")
    return found


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its name; raises `InvalidInput`."""
    if name in ("UTC", "Etc/UTC", "GMT"):  # without the system's files of time zones
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        reason = f"there is no time zone {name!r}: write UTC, or a name such as Europe/Paris"
        raise InvalidInput("zone", reason) from error


def _thread(fields: _Fields) -> ThreadTable:
    key = fields.names("key")
    found = ThreadTable(
        table=fields.text("table", None),
        key=key,
        id=fields.names("id", key),
        user=fields.paths("user"),
        agent=fields.paths("agent"),
        title=fields.paths("title"),
        order=fields.names("order", ()),
        json=fields.names("json", ()),
    )
    fields.end()
    if found.table is None and found.order:  # the messages' own columns would mix the rows of several threads
        raise InvalidInput("thread.order", "must be left out if there is no thread.table")
    return found


def _message(fields: _Fields) -> MessageTable:
    found = MessageTable(
        table=fields.text("table"),
        thread=fields.names("thread"),
        key=fields.names("key"),
        order=fields.names("order"),
        json=fields.names("json", ()),
        item=fields.text("item", None),
        role=[_role(one) for one in fields.tables("role")],
        content=fields.paths("content"),
        time=fields.paths("time"),
        needs=fields.names("needs", ()),
    )
    fields.end()
    return found


def _role(fields: _Fields) -> Role:
    found = Role(fields.text("path").split("."), fields.pairs("names", str, {}))
    fields.end()
    return found


def _feedback(fields: _Fields | None) -> FeedbackTable | None:
    if fields is None:
        return None
    found = FeedbackTable(
        fields.text("table"),
        fields.names("key"),
        fields.text("message"),
        fields.text("rating"),
        fields.pairs("ratings", int),
        fields.text("comment", None),
    )
    fields.end()
    return found


def _version(fields: _Fields | None) -> Version | None:
    if fields is None:
        return None
    found = Version(fields.text("table"), fields.text("column"), fields.pairs("where", str), fields.names("known"))
    fields.end()
    return found
