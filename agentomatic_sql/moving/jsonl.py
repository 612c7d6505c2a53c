"""Export a database into a file of JSON Lines, and import such a file. `docs/moving.md` describes the format."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from .. import inputs
from ..errors import InvalidInput, InvalidLine, TransferFailed, UnreadableValue
from ..execution.engine import DatabaseUrl
from ..records import iso
from . import lines
from .databases import opened
from .entities import Entity, Row
from .files import in_thread, lines_of, new_file
from .moved import Moved, Tell, into
from .reading import PAGE_BYTES, PAGE_ROWS, Page, Selection, reading
from .writing import Batch, Misfit

if TYPE_CHECKING:
    from ..encryption import Encryption


async def export_jsonl(
    url: DatabaseUrl | None,
    file: str | os.PathLike[str],
    *,
    schema: str | None = None,
    user: str | None = None,
    agent: str | None = None,
    thread: str | None = None,
    since: datetime | None = None,
    entities: Sequence[str] | None = None,
    overwrite: bool = False,
    progress: Tell | None = None,
) -> Mapping[str, int]:
    """Write what a database has at the moment of the call into a file of JSON Lines, while stores use it.

    The file gets its name when it is whole. Encrypted fields are written as they are stored; no keys are needed.

    Args:
        url: The database, as for `SQLAlchemyStore`.
        file: The new file; compressed if its name ends with `.zst` (extra `zstd`).
        schema: The schema with the tables.
        user: Only what belongs to this user's threads.
        agent: Only what belongs to this agent, or to its threads.
        thread: Only what belongs to this thread.
        since: Only threads that were changed from this time on, with all their messages, and other rows from then.
        entities: Only these: `thread`, `message`, `idempotency_key`, `feedback`, `suspended_state`, `checkpoint`,
            `invocation_log`, `log_analysis`, `optimization_run`, `graph`.
        overwrite: Whether a file of this name is replaced.
        progress: Called with the rows that are written, and the rows in all.

    Returns:
        The number of rows of each entity.

    Raises:
        InvalidInput: An argument makes no sense.
        TransferFailed: The file exists or cannot be written, or the database does not exist.
        UnreadableValue: A row has damaged JSON.
        SchemaError: The tables are not those of this version.
        StoreUnavailable: The database cannot be reached. As after any error, there is no new file.
    """
    path, counts = Path(file), dict[str, int]()
    selection = Selection.of(user, agent, thread, since, entities)
    async with opened(url, schema, upgrade=False) as one, reading(one, selection) as source:
        with new_file(path, overwrite=overwrite) as writer:
            header = {"format": lines.FORMAT, "version": lines.VERSION, "exported_at": iso(inputs.now())}
            writer.write(lines.encode_object({**header, "keys": dict(source.keys)}))
            done, total = 0, await source.count() if progress is not None else 0
            async for entity, rows in source.pages():
                await in_thread(partial(_write, writer, entity, rows))
                counts[entity.name] = counts.get(entity.name, 0) + len(rows)
                done += len(rows)
                if progress is not None:
                    progress(done, max(done, total))
            writer.write(lines.encode_object({"entity": lines.END, "rows": done}))
    return counts


def _write(writer: IO[bytes], entity: Entity, rows: Sequence[Row]) -> None:
    writer.write(b"".join([lines.encode(entity, row) for row in rows]))


async def import_jsonl(
    file: str | os.PathLike[str],
    url: DatabaseUrl | None,
    *,
    schema: str | None = None,
    encryption: Encryption | None = None,
    progress: Tell | None = None,
) -> Moved:
    """Store what a file of `export_jsonl` has, in a database of any kind, and make or upgrade its tables first.

    Rows that are stored already are left as they are. So a file can be imported again, and an import that was
    interrupted goes on when it is repeated. Each batch of rows is a transaction: all of it is stored, or nothing.
    Threads come before their messages: let stores use the new data when the import has ended.

    Args:
        file: The file; its name ends with `.zst` if it is compressed (extra `zstd`).
        url: The database, as for `SQLAlchemyStore`.
        schema: The schema with the tables.
        encryption: Keys that show that the file and a database which has rows already are encrypted with the same keys.
        progress: Called with the bytes of the file that are read, and its size.

    Returns:
        How many rows of each entity were added, and how many were there before.

    Raises:
        InvalidLine: A line does not fit. It names the line and the JSON path; nothing of its batch was stored.
        TransferFailed: The file is no such file, is cut off, or is encrypted otherwise than the database.
        EncryptionMismatch: `encryption` has other keys.
        SchemaError: The tables cannot be used.
        StoreUnavailable: The database cannot be reached.
    """
    path = Path(file)
    with lines_of(path) as (read, position):
        batches = _Batches(path, enumerate(read, 1))
        keys = await in_thread(batches.header)
        async with opened(url, schema, upgrade=True) as one:
            tell = (lambda _rows: progress(*position())) if progress is not None else None
            return await into(one, keys, encryption, _pages(batches), tell, batches.error)


async def _pages(batches: _Batches) -> AsyncIterator[Page]:
    while (page := await in_thread(batches.following)) is not None:
        yield page


class _Read(NamedTuple):
    """A line that was read."""

    number: int
    entity: Entity
    row: Row
    size: int


class _Batches:
    """Reads a file line by line, into batches of rows of the same entity."""

    def __init__(self, path: Path, read: Iterator[tuple[int, bytes]]) -> None:
        self._path = path
        self._read = read
        self._rows = self._lines()
        self._waiting: _Read | None = None
        self._numbers: Sequence[int] = ()

    def header(self) -> Mapping[str, str]:
        """Read the first line, and return the check values of the file's keys. Raises `TransferFailed`."""
        _number, line = next(self._read, (0, b""))
        try:
            header = lines.decode_object(line)
        except InvalidInput:
            header = {}
        if header.get("format") != lines.FORMAT or not isinstance(header.get("version"), int):
            raise TransferFailed(f"{self._path} is no file of {lines.FORMAT}: its first line is another")
        if header["version"] != lines.VERSION:
            raise TransferFailed(
                f"{self._path} has version {header['version']} of its format, and this release knows {lines.VERSION}"
            )
        keys = header.get("keys")
        if not isinstance(keys, dict) or not all(isinstance(value, str) for value in keys.values()):
            raise InvalidLine(str(self._path), 1, "$.keys", "must be an object with texts")
        return keys

    def following(self) -> Page | None:
        """Return the next rows of one entity; None if all were read. Raises `InvalidLine` and `TransferFailed`."""
        batch = [first] if (first := self._waiting or next(self._rows, None)) is not None else []
        self._waiting, size = None, sum(one.size for one in batch)
        while batch and len(batch) < PAGE_ROWS and size < PAGE_BYTES:
            one = next(self._rows, None)
            if one is None or one.entity is not batch[0].entity:
                self._waiting = one
                break
            batch.append(one)
            size += one.size
        self._numbers = [one.number for one in batch]
        return (batch[0].entity, [one.row for one in batch]) if batch else None

    def error(self, misfit: Misfit, _batch: Batch) -> InvalidLine:
        """Return the error for a row of the last batch that does not fit."""
        return InvalidLine(str(self._path), self._numbers[misfit.number], misfit.field, misfit.reason)

    def _lines(self) -> Iterator[_Read]:
        at = 1
        for at, line in self._read:
            try:
                fields = lines.decode_object(line)
                if fields.get("entity") == lines.END:
                    self._end(at, fields)
                    return
                entity, row = lines.decode(fields)
            except (InvalidInput, UnreadableValue) as error:
                raise self._invalid(at, error) from error
            yield _Read(at, entity, row, len(line))
        raise TransferFailed(f"{self._path} is cut off after line {at}: its last line is missing")

    def _end(self, at: int, fields: Mapping[str, Any]) -> None:
        count = at - 2  # without the first line and this one
        if fields.get("rows") != count:
            raise InvalidLine(str(self._path), at, "$.rows", f"there are {count} rows before this line")
        if next(self._read, None) is not None:
            raise InvalidLine(str(self._path), at + 1, "$", "follows the last line")

    def _invalid(self, at: int, error: InvalidInput | UnreadableValue) -> InvalidLine:
        path, reason = (error.field, error.reason) if isinstance(error, InvalidInput) else ("$", str(error))
        return InvalidLine(str(self._path), at, path, reason)
