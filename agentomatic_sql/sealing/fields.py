"""Encrypt ("seal") the fields of rows before they are stored, and decrypt ("open") those of records that were read.

This happens in a store's methods, so the statements of an entity see ordinary text. Each field is bound to its table,
its column and its row's identity: a ciphertext that was copied to another row, or whose row has another owner or role,
cannot be decrypted. An encrypted JSON value is stored as a JSON string, so the column still holds JSON. Without keys,
rows and records stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Table

from .. import jsontext
from ..errors import DecryptionFailed, InvalidInput, Undecipherable
from ..escaping import RESERVED, Plain
from ..inputs import Row
from ..records import Record, iso, message_of
from ..statements import Rows
from ..tables import (
    CHECKPOINTS,
    FEEDBACK,
    INVOCATION_LOGS,
    LOG_ANALYSES,
    MESSAGES,
    OPTIMIZATION_RUNS,
    SUSPENDED_STATES,
    THREADS,
)

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
    together: bool = False
    """Whether the fields of a row are one ciphertext, which is in the one text column, because a row never changes.

    Each JSON column then has the key's prefix alone. Rows that were stored before have a ciphertext in each column.
    """


_TOGETHER = "*"
"""The name in the place of a column's, for a ciphertext of all fields."""

_END = "\0"
"""The end of each JSON text in such a ciphertext; JSON itself escapes this character."""

_NO_CIPHERTEXT = ':"'
"""The end of a JSON column with a key's prefix alone; no JSON object ends so."""

FIELDS: Mapping[Table, Fields] = {
    THREADS: Fields(("id", "user_id", "agent_name"), ("title",), ("metadata",)),
    # By the token, not the position, which only the server knows before the row is stored.
    MESSAGES: Fields(("thread_id", "user_id", "role", "token"), ("content",), ("metadata",), together=True),
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
        fields, sealed, seal, known = FIELDS[table], dict(row), self.encryption.seal, {**row, **identity}
        if fields.together:
            *shared, own = [known[name] for name in fields.identity]
            (text,) = fields.texts
            content = _END.join([*[row[name] for name in fields.objects], row[text]])
            sealed[text] = seal(content, _shared(table, *shared)[-1] + _part(own).encode())
            return sealed | dict.fromkeys(fields.objects, f'"{self.encryption.prefix}"')
        labels, place = _labels(table), _place(known, fields.identity)
        for name in fields.texts:
            if sealed.get(name) is not None:
                sealed[name] = seal(sealed[name], labels[name] + place)
        for name in fields.objects:
            if name in sealed:
                sealed[name] = f'"{seal(sealed[name], labels[name] + place)}"'
        return sealed

    def columns(self, table: Table, row: Mapping[Any, Any], **identity: Any) -> Row:
        """Return a copy of a row as it was stored, with its fields decrypted; raises `DecryptionFailed`.

        `identity` are the identity columns that the row does not contain.
        """
        opened = dict(row)
        if self.encryption is None:
            return opened
        fields, known, name = FIELDS[table], {**row, **identity}, ""
        labels, place, open_ = _labels(table), _place(known, fields.identity), self.encryption.open
        try:
            if fields.together and all(row[name].endswith(_NO_CIPHERTEXT) for name in fields.objects):
                (name,) = fields.texts
                parts = open_(row[name], labels[_TOGETHER] + place).split(_END, len(fields.objects))
                return opened | dict(zip((*fields.objects, name), parts, strict=True))
            for name in (*fields.texts, *fields.objects):
                if row[name] is not None:
                    stored = row[name][1:-1] if name in fields.objects and _is_sealed_json(row[name]) else row[name]
                    opened[name] = open_(stored, labels[name] + place)
        except Undecipherable as error:
            raise _failed(table, name, known, error) from error
        return opened

    def record(self, table: Table, record: Record) -> Record:
        """Decrypt the fields of a record in place, and return the record; raises `DecryptionFailed`."""
        encryption = self.encryption
        if encryption is None:
            return record
        fields, name = FIELDS[table], ""
        labels, place = _labels(table), _place(record, fields.identity)
        try:
            for name in fields.texts:
                if record[name] is not None:
                    record[name] = encryption.open(record[name], labels[name] + place)
            for name in fields.objects:
                value = record[name]
                sealed = value if isinstance(value, str) and type(value) is not Plain else ""
                if encryption.strict or sealed.startswith(RESERVED):
                    record[name] = jsontext.decode(encryption.open(sealed, labels[name] + place))
        except Undecipherable as error:
            raise _failed(table, name, record, error) from error
        return record

    def records(self, table: Table, records: list[Record]) -> list[Record]:
        """Decrypt the fields of several records, as `record` does."""
        return records if self.encryption is None else [self.record(table, record) for record in records]

    def messages(self, rows: Rows) -> list[Record]:
        """Make the records of messages from rows of `entities.messages.columns`; raises `DecryptionFailed`.

        A page of messages is most of what a store decrypts. So its rows are opened before they are made records, and
        what binds them is made once for all that have it in common.
        """
        if self.encryption is None:
            return [message_of(*row) for row in rows]
        open_, found, name = self.encryption.open, [], ""
        for id_, thread_id, position, role, content, metadata, created_at, token, user_id in rows:
            of_content, of_metadata, of_both = _shared(MESSAGES, thread_id, user_id, role)
            own = _part(token).encode()
            try:
                name = "content"
                if metadata[-2:] == _NO_CIPHERTEXT:
                    metadata, _, content = open_(content, of_both + own).partition(_END)
                else:
                    content = open_(content, of_content + own)
                    name = "metadata"
                    metadata = open_(metadata[1:-1] if _is_sealed_json(metadata) else metadata, of_metadata + own)
            except Undecipherable as error:
                known = {"thread_id": thread_id, "user_id": user_id, "role": role, "token": token}
                raise _failed(MESSAGES, name, known, error) from error
            found.append(message_of(id_, thread_id, position, role, content, metadata, created_at))
        return found

    def optional(self, table: Table, record: Record | None) -> Record | None:
        """Decrypt the fields of a record, as `record` does; None stays None."""
        return None if record is None else self.record(table, record)


UNENCRYPTED = Sealing(None)
"""Leaves rows and records unchanged."""


def _is_sealed_json(text: str) -> bool:
    return text.startswith(f'"{RESERVED}')


def _failed(table: Table, name: str, row: Mapping[str, Any], error: Undecipherable) -> DecryptionFailed:
    known = {column: row[column] for column in FIELDS[table].identity}
    return DecryptionFailed(table.name, name, known, str(error))


def field_identity(table: Table, name: str, identity: Mapping[str, Any]) -> bytes:
    """Return bytes that are unique to a column of a row: its ciphertext is bound to them.

    They are the names of table and column, and each value of the identity with its length before it, so that no two
    rows have the same.
    """
    return _label(table, name) + _place(identity, FIELDS[table].identity if table in FIELDS else identity)


def _place(row: Mapping[str, Any], identity: Iterable[str]) -> bytes:
    """Return the part of a row's identity that all its fields have in common."""
    return "".join([_part(row[column]) for column in identity]).encode("utf-8", "surrogatepass")


def _part(value: Any) -> str:
    """Return the part of one column."""
    if value is None:
        return "-"
    text = value if isinstance(value, str) else iso(value) if isinstance(value, datetime) else str(value)
    return f"{len(text)}:{text}"


def _label(table: Table, name: str) -> bytes:
    return f"{table.name}.{name};".encode()


@cache
def _labels(table: Table) -> Mapping[str, bytes]:
    """Return the part of the identity that each encrypted column of a table adds."""
    fields = FIELDS[table]
    names = (*fields.texts, *fields.objects, *([_TOGETHER] if fields.together else []))
    return {name: _label(table, name) for name in names}


@lru_cache(maxsize=256)
def _shared(table: Table, *values: str) -> Sequence[bytes]:
    """Return, for each encrypted column, the beginning of the identities of rows with these values in common."""
    place = "".join([_part(value) for value in values]).encode("utf-8", "surrogatepass")
    return [label + place for label in _labels(table).values()]
