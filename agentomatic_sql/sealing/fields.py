"""Encrypt ("seal") the fields of rows before they are stored, and decrypt ("open") those of records that were read.

This happens in a store's methods, so the statements of an entity see ordinary text. Each field is bound to its table,
its column and its row's identity: a ciphertext that was copied to another row, or whose row has another owner or role,
cannot be decrypted. An encrypted JSON value is stored as a JSON string, so the column still holds JSON. Without keys,
rows and records stay as they are.
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
    """The encrypted fields of a table, and the columns that identify its rows."""

    identity: Sequence[str]
    """Columns to which the ciphertexts are bound; they never change and are known before the row is stored.

    `user_id` of a message is its thread's.
    """
    texts: Sequence[str] = ()
    """Encrypted text columns."""
    objects: Sequence[str] = ()
    """Encrypted JSON columns."""
    hidden: Sequence[str] = ()
    """Columns of the identity that a record has only so that it can be opened."""


FIELDS: Mapping[Table, Fields] = {
    THREADS: Fields(("id", "user_id", "agent_name"), ("title",), ("metadata",)),
    # By the token, not the position, which only the server knows before the row is stored.
    MESSAGES: Fields(
        ("thread_id", "user_id", "role", "token"), ("content",), ("metadata",), hidden=("user_id", "token")
    ),
    FEEDBACK: Fields(
        ("thread_id", "user_id", "agent_name", "message_id", "feedback_type", "rating", "created_at"),
        ("comment", "query", "response", "correction"),
    ),
    SUSPENDED_STATES: Fields(("id", "thread_id", "agent_name", "node_name"), (), ("state_snapshot",)),
    CHECKPOINTS: Fields(
        ("thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id"), (), ("checkpoint", "metadata")
    ),
    INVOCATION_LOGS: Fields(
        ("id", "resource_type", "agent_name", "thread_id"), ("error",), ("input", "output", "metadata")
    ),
    LOG_ANALYSES: Fields(("id", "resource_type", "agent_name"), ("summary",), ("recommendations", "metadata")),
    OPTIMIZATION_RUNS: Fields(
        ("id", "agent_name", "experiment_id"),
        (),
        ("prompt_versions", "score_history", "learnings", "artefacts", "metadata"),
    ),
}


class Sealing:
    """Seal rows and open records; without `encryption`, return them unchanged."""

    def __init__(self, encryption: Encryption | None) -> None:
        if encryption is not None:
            from ..encryption import Encryption  # needs the extra, so it is not imported without keys

            if not isinstance(encryption, Encryption):
                raise InvalidInput("encryption", f"must be an Encryption, not {type(encryption).__name__}")
        self.encryption = encryption
        self.active = encryption is not None
        """Whether fields are encrypted."""

    def row(self, table: Table, row: Row, **identity: Any) -> Row:
        """Return a copy of a row with its fields encrypted.

        Args:
            table: The row's table.
            row: All columns, or only some of them.
            identity: The identity columns that `row` does not contain.
        """
        if self.encryption is None:
            return row
        fields, known = FIELDS[table], {**row, **identity}
        sealed = dict(row)
        for name in fields.texts:
            if sealed.get(name) is not None:
                sealed[name] = self.encryption.seal(sealed[name], field_identity(table, name, known))
        for name in fields.objects:
            if name in sealed:
                sealed[name] = f'"{self.encryption.seal(sealed[name], field_identity(table, name, known))}"'
        return sealed

    def columns(self, table: Table, row: Mapping[Any, Any], **identity: Any) -> Row:
        """Return a copy of a row as it was stored, with its fields decrypted; raises `DecryptionFailed`.

        `identity` are the identity columns that the row does not contain.
        """
        fields, opened = FIELDS[table], dict(row)
        if self.encryption is None:
            return opened
        for name in (*fields.texts, *fields.objects):
            if row[name] is not None:
                stored = row[name][1:-1] if name in fields.objects and _is_sealed_json(row[name]) else row[name]
                opened[name] = self._opened(self.encryption, table, name, {**row, **identity}, stored)
        return opened

    def record(self, table: Table, record: Record) -> Record:
        """Decrypt the fields of a record in place, and return the record; raises `DecryptionFailed`."""
        if self.encryption is None:
            return record
        fields = FIELDS[table]
        for name in fields.texts:
            if record[name] is not None:
                record[name] = self._opened(self.encryption, table, name, record, record[name])
        for name in fields.objects:
            value = record[name]
            sealed = value if isinstance(value, str) and type(value) is not Plain else ""
            if self.encryption.strict or sealed.startswith(RESERVED):
                record[name] = jsontext.decode(self._opened(self.encryption, table, name, record, sealed))
        for name in fields.hidden:
            record.pop(name, None)
        return record

    def records(self, table: Table, records: list[Record]) -> list[Record]:
        """Decrypt the fields of several records, as `record` does."""
        return records if self.encryption is None else [self.record(table, record) for record in records]

    def optional(self, table: Table, record: Record | None) -> Record | None:
        """Decrypt the fields of a record, as `record` does; None stays None."""
        return None if record is None else self.record(table, record)

    @staticmethod
    def _opened(encryption: Encryption, table: Table, name: str, identity: Mapping[str, Any], sealed: str) -> str:
        try:
            return encryption.open(sealed, field_identity(table, name, identity))
        except Undecipherable as error:
            known = {column: identity[column] for column in FIELDS[table].identity}
            raise DecryptionFailed(table.name, name, known, str(error)) from error


UNENCRYPTED = Sealing(None)
"""Leaves rows and records unchanged."""


def _is_sealed_json(text: str) -> bool:
    return text.startswith(f'"{RESERVED}')


def field_identity(table: Table, name: str, identity: Mapping[str, Any]) -> bytes:
    """Return bytes that are unique to a column of a row: its ciphertext is bound to them."""
    values = [identity[column] for column in FIELDS[table].identity] if table in FIELDS else [*identity.values()]
    named = [iso(value) if isinstance(value, datetime) else value for value in values]
    return json.dumps([table.name, name, *named]).encode()
