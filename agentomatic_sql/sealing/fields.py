"""What of a row is encrypted, and what binds it to its place: between a store's methods and the statements.

A row is sealed before it goes to its entity's statements, and a record opened when it comes back: they see texts like
any others. Each field is bound to its table, its column and its row's identity, so that it opens nowhere else. JSON
becomes a JSON string, so that what is stored stays JSON. Without keys, rows and records are left as they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Table

from .. import jsontext
from ..errors import DecryptionFailed, InvalidInput, Undecipherable
from ..escaping import RESERVED, Plain
from ..inputs import Row
from ..models import (
    CHECKPOINTS,
    FEEDBACK,
    INVOCATION_LOGS,
    LOG_ANALYSES,
    MESSAGES,
    OPTIMIZATION_RUNS,
    SUSPENDED_STATES,
    THREADS,
)
from ..records import Record, iso

if TYPE_CHECKING:
    from ..encryption import Encryption


class Fields(NamedTuple):
    """Of one table."""

    key: str
    """The column by which its rows are found."""
    identity: Sequence[str]
    """Columns that never change, and are known before the row is stored."""
    texts: Sequence[str] = ()
    objects: Sequence[str] = ()
    """JSON."""


FIELDS: Mapping[Table, Fields] = {
    THREADS: Fields("id", ("id",), ("title",), ("metadata",)),
    # Its position is given on the server; the token is its own, as long as it is there.
    MESSAGES: Fields("id", ("thread_id", "token"), ("content",), ("metadata",)),
    FEEDBACK: Fields(
        "id",
        ("thread_id", "user_id", "agent_name", "message_id", "created_at"),
        ("comment", "query", "response", "correction"),
    ),
    SUSPENDED_STATES: Fields("id", ("id", "thread_id"), (), ("state_snapshot",)),
    CHECKPOINTS: Fields("sequence", ("thread_id", "checkpoint_ns", "checkpoint_id"), (), ("checkpoint", "metadata")),
    INVOCATION_LOGS: Fields("sequence", ("id",), ("error",), ("input", "output", "metadata")),
    LOG_ANALYSES: Fields("sequence", ("id",), ("summary",), ("recommendations", "metadata")),
    OPTIMIZATION_RUNS: Fields(
        "sequence", ("id",), (), ("prompt_versions", "score_history", "learnings", "artefacts", "metadata")
    ),
}


class Sealing:
    """What a store does to its rows and records: with keys, or without, nothing."""

    def __init__(self, encryption: Encryption | None) -> None:
        if encryption is not None:
            from ..encryption import Encryption  # which may need to be installed

            if not isinstance(encryption, Encryption):
                raise InvalidInput("encryption", f"must be an Encryption, not {type(encryption).__name__}")
        self.encryption = encryption
        self.active = encryption is not None
        """Whether fields are encrypted."""

    def row(self, table: Table, row: Row, **identity: Any) -> Row:
        """A row, or some columns of one whose `identity` is given, to be stored."""
        if self.encryption is None:
            return row
        fields, given = FIELDS[table], identity or row
        sealed = dict(row)
        for name in fields.texts:
            if sealed.get(name) is not None:
                sealed[name] = self.encryption.seal(sealed[name], place(table, name, given))
        for name in fields.objects:
            if name in sealed:
                sealed[name] = f'"{self.encryption.seal(sealed[name], place(table, name, given))}"'
        return sealed

    def columns(self, table: Table, row: Mapping[Any, Any]) -> Row:
        """A row as it is stored, opened; raises `DecryptionFailed`."""
        fields, opened = FIELDS[table], dict(row)
        if self.encryption is None:
            return opened
        for name in (*fields.texts, *fields.objects):
            if row[name] is not None:
                stored = row[name][1:-1] if name in fields.objects and _is_sealed_json(row[name]) else row[name]
                opened[name] = self._opened(self.encryption, table, name, row, stored)
        return opened

    def record(self, table: Table, record: Record, **identity: Any) -> Record:
        """A record that was made of what is stored, opened in its place; raises `DecryptionFailed`."""
        if self.encryption is None:
            return record
        fields, given = FIELDS[table], identity or record
        for name in fields.texts:
            if record[name] is not None:
                record[name] = self._opened(self.encryption, table, name, given, record[name])
        for name in fields.objects:
            value = record[name]
            sealed = value if isinstance(value, str) and type(value) is not Plain else ""
            if self.encryption.strict or sealed.startswith(RESERVED):
                record[name] = jsontext.decode(self._opened(self.encryption, table, name, given, sealed))
        record.pop("token", None)  # a message's, which is in its record to be opened
        return record

    def records(self, table: Table, found: list[Record]) -> list[Record]:
        """The same for several."""
        return found if self.encryption is None else [self.record(table, record) for record in found]

    def optional(self, table: Table, record: Record | None) -> Record | None:
        """The same for one that may not be there."""
        return None if record is None else self.record(table, record)

    @staticmethod
    def _opened(encryption: Encryption, table: Table, name: str, identity: Mapping[str, Any], sealed: str) -> str:
        try:
            return encryption.open(sealed, place(table, name, identity))
        except Undecipherable as error:
            known = {column: identity[column] for column in FIELDS[table].identity}
            raise DecryptionFailed(table.name, name, known, str(error)) from error


UNENCRYPTED = Sealing(None)
"""Seals nothing."""


def _is_sealed_json(text: str) -> bool:
    return text.startswith(f'"{RESERVED}')


def place(table: Table, name: str, identity: Mapping[str, Any]) -> bytes:
    """The column of a row, as bytes that stand for no other."""
    values = [identity[column] for column in FIELDS[table].identity] if table in FIELDS else [*identity.values()]
    named = [iso(value) if isinstance(value, datetime) else value for value in values]
    return json.dumps([table.name, name, *named]).encode()
