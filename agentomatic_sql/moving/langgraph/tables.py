"""The tables of LangGraph's own checkpoint savers: find out which saver made them, and which columns they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Integer,
    Text,
    cast,
    column,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy import table as sql_table
from sqlalchemy.types import NullType

from ...async_engine import AsyncConnection
from ...dialects import Dialect
from ...dialects.types import LongBytes
from ...errors import TransferFailed
from ...migrating import catalog

_CHECKPOINTS, _BLOBS, _WRITES = "checkpoints", "checkpoint_blobs", "checkpoint_writes"
_MIGRATIONS = "checkpoint_migrations"
_PLACE = ("thread_id", "checkpoint_ns")
_WRITTEN = (*_PLACE, "checkpoint_id", "task_id", "idx", "channel", "type")
_WHOLE = {
    _CHECKPOINTS: (*_PLACE, "checkpoint_id", "parent_checkpoint_id", "type", "checkpoint", "metadata"),
    "writes": (*_WRITTEN, "value"),
}
"""The columns of the savers for SQLite, which store a checkpoint with its values as one text of bytes."""

_PARTED = {
    _MIGRATIONS: ("v",),
    _CHECKPOINTS: (*_PLACE, "checkpoint", "metadata"),
    _BLOBS: (*_PLACE, "channel", "type", "blob"),
    _WRITES: (*_WRITTEN, "blob"),
}
"""The columns of the savers that store a checkpoint as JSON, and the values of its channels in a table of their own."""

_HISTORY = {_CHECKPOINTS: ("checkpoint_id", "parent_checkpoint_id"), _BLOBS: ("version",)}
"""More columns of those, unless they keep the latest checkpoint only."""


class Layout(NamedTuple):
    """The tables of one of LangGraph's savers."""

    checkpoints: Any
    blobs: Any
    """The table of the values; None if a checkpoint has them itself."""
    writes: Any
    body: ColumnElement[Any]
    """The content of a write."""
    checkpoint_id: ColumnElement[Any]
    shallow: bool
    """Whether only the latest checkpoint of each namespace is kept."""

    @property
    def key(self) -> list[ColumnElement[Any]]:
        """The columns in whose order checkpoints are read: the primary key."""
        columns = self.checkpoints.c
        namespace = columns.checkpoint_ns if "checkpoint_ns_hash" not in columns else columns.checkpoint_ns_hash
        return [columns.thread_id, namespace] if self.shallow else [columns.thread_id, namespace, self.checkpoint_id]

    @property
    def task_path(self) -> ColumnElement[Any]:
        """The path of a write's task; older savers have none."""
        return self.writes.c.task_path if "task_path" in self.writes.c else literal("", Text())


async def find(connection: AsyncConnection, dialect: Dialect, schema: str | None, where: str) -> Layout:
    """Return the tables of a database; raises `TransferFailed` if they are of no saver, or not as one of them makes
    them."""

    def columns(sync: Connection) -> Mapping[str, frozenset[str]]:
        return {name: catalog.columns(sync, schema, name) for name in ("writes", *_PARTED)}

    found = await connection.run_sync(columns)
    if not found[_CHECKPOINTS]:
        raise TransferFailed(
            f"{where} has no table {_CHECKPOINTS}, which all of LangGraph's savers have, or this role may not see it"
        )
    whole = not found[_WRITES] and not found[_BLOBS] and not found[_MIGRATIONS]
    shallow = not whole and "checkpoint_id" not in found[_CHECKPOINTS]
    needed = {name: [*columns] for name, columns in (_WHOLE if whole else _PARTED).items()}
    if not whole and not shallow:
        for name, more in _HISTORY.items():
            needed[name] += more
    for name, wanted in needed.items():
        _check(where, name, wanted, found[name])
    if not whole:
        await _check_version(connection, dialect, schema, where, shallow=shallow)
    return _layout(found, schema, whole=whole, shallow=shallow)


def _check(where: str, name: str, wanted: list[str], found: frozenset[str]) -> None:
    missing = next((each for each in wanted if each not in found), None)
    if missing is None:
        return
    what = f"table {name}" if not found else f"column {name}.{missing}"
    raise TransferFailed(
        f"{where}: the {what} is missing, which LangGraph's savers have beside {_CHECKPOINTS}: if it is one of "
        "theirs, its setup() was interrupted: call it again"
    )


async def _check_version(
    connection: AsyncConnection, dialect: Dialect, schema: str | None, where: str, *, shallow: bool
) -> None:
    """Raise `TransferFailed` if the tables are half made, or of a newer saver."""
    number: Any = column("v")
    found = await connection.execute(select(func.max(number)).select_from(_table(_MIGRATIONS, schema, "v")))
    version = found.scalar_one()
    if version is None:
        raise TransferFailed(f"{where}: {_MIGRATIONS} is empty: the saver's setup() was interrupted: call it again")
    known = dialect.saver_migrations[shallow]
    if version > known:
        raise TransferFailed(
            f"{where}: a newer saver of LangGraph's made the tables (migration {version}, and this release knows "
            f"{known}): upgrade agentomatic-sql"
        )


def _table(name: str, schema: str | None, *columns: str) -> Any:
    return sql_table(name, *(column(each, _TYPES.get(each, Text())) for each in columns), schema=schema)


_TYPES: Mapping[str, Any] = {
    **dict.fromkeys(("blob", "value", "checkpoint_ns_hash"), LongBytes),
    **dict.fromkeys(("v", "idx"), Integer()),
    **dict.fromkeys(("checkpoint", "metadata"), NullType()),
}


def _layout(found: Mapping[str, frozenset[str]], schema: str | None, *, whole: bool, shallow: bool) -> Layout:
    checkpoints, written = (
        _table(name, schema, *sorted(found[name])) for name in (_CHECKPOINTS, "writes" if whole else _WRITES)
    )
    if whole:
        return Layout(checkpoints, None, written, written.c.value, checkpoints.c.checkpoint_id, shallow)
    blobs = _table(_BLOBS, schema, *sorted(found[_BLOBS]))
    given = type_coerce(checkpoints.c.checkpoint, JSON())
    id_ = given["id"].as_string() if shallow else checkpoints.c.checkpoint_id
    return Layout(checkpoints, blobs, written, written.c.blob, id_, shallow)


def as_text(given: ColumnElement[Any]) -> ColumnElement[str]:
    """Return JSON as the text that the server makes of it, as the savers read it."""
    return cast(given, Text)
