"""The state of a database's schema, compared with this package's revisions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from sqlalchemy import Connection, MetaData, Table, select, text

from .. import dialects
from ..async_engine import AnyConnection, AsyncConnection
from ..context import Context
from ..dialects import Names
from ..errors import (
    ForeignSchema,
    MigrationInterrupted,
    NonTransactionalTables,
    SchemaAhead,
    SchemaBehind,
    SchemaError,
    UnreleasedSchema,
)
from ..operations import query
from ..tables import METADATA, THREADS
from . import notes
from .catalog import objects_named
from .revisions import revisions, usable

VERSION_TABLE = "agentomatic_sql_version"
"""The table with the schema's revision; an application's `alembic_version` in the same database is not touched."""

_UNRELEASED = tuple(f"{number:04}" for number in range(1, 11))
"""The revisions before the first release, whose tables had other names."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Schema(NamedTuple):
    """The state of a database's schema, compared with this package's revisions."""

    state: Literal["empty", "behind", "current", "newer", "ahead", "foreign", "interrupted", "unreleased"]
    """`newer` if a newer release made the schema and this package may use it, `ahead` if it may not; `foreign` if
    others have objects with names that we need; `interrupted` if a downgrade has not ended; `unreleased` if the tables
    are those of before the first release."""
    revision: str | None
    """The database's revision; None without a schema of ours."""
    head: str
    """The newest revision of this package."""
    foreign: Mapping[str, str] = _NOTHING
    """The kinds of the foreign objects by their names, sorted."""
    unsafe: tuple[str, ...] = ()
    """Our tables in which a write can be stored by half, sorted."""
    has_schemas: bool = True
    """Whether the database has schemas; only an error shows it."""


class _Version(NamedTuple):
    """The content of the version table."""

    exists: bool
    revision: str | None = None
    foreign: Mapping[str, str] = _NOTHING
    """What has the table's name, if it is not ours."""


@query
async def find_schema(connection: AsyncConnection, context: Context) -> Schema:
    """Read the state of the schema of the operation's context."""
    return await find(connection, schema=context.schema)


async def find(connection: AnyConnection, *, schema: str | None = None) -> Schema:
    """Read the state of a database's schema; `Schema` lists the states."""
    found: Schema = await connection.run_sync(find_in, schema)
    return found


def find_in(connection: Connection, schema: str | None) -> Schema:
    """Read the state of the schema."""
    dialect = dialects.named(connection.dialect.name)
    return _find(connection, schema)._replace(has_schemas=dialect is None or dialect.has_schemas)


def _find(connection: Connection, schema: str | None) -> Schema:
    head = revisions()[-1]
    version = _read_version(connection, schema)
    if version.foreign:
        return Schema("foreign", None, head, version.foreign)
    if version.revision is not None and notes.downgrading(connection, schema, version.revision):
        return Schema("interrupted", version.revision, head)
    if version.revision == head:
        return Schema("current", head, head, unsafe=_unsafe_tables(connection, schema))
    if version.revision in _UNRELEASED and not objects_named(connection, schema, Names(tables=(THREADS.name,))):
        return Schema("unreleased", version.revision, head)
    if version.revision not in (None, *revisions()):
        state: Literal["newer", "ahead"] = "newer" if usable(str(version.revision)) else "ahead"
        return Schema(state, version.revision, head, unsafe=_unsafe_tables(connection, schema))
    from . import strangers  # only a schema that is not current needs it

    foreign = strangers.in_the_way(connection, schema, version.revision, versioned=version.exists)
    if foreign and _read_version(connection, schema) != version:  # another process migrated between the two looks
        return _find(connection, schema)
    if foreign:
        return Schema("foreign", version.revision, head, MappingProxyType(foreign))
    if not version.exists:
        return Schema("empty", None, head)
    return Schema("behind", version.revision, head, unsafe=_unsafe_tables(connection, schema))


def refusal(found: Schema, needed_at: str | None = None, schema: str | None = None) -> SchemaError | None:
    """Return the error if a store cannot use a schema; None if it can, perhaps after an upgrade.

    Args:
        found: The state of the schema.
        needed_at: The database's URL, for the message. If given, the schema must be current already.
        schema: The name of the schema, for the message.
    """
    if found.state == "foreign":
        return ForeignSchema(found.foreign, found.revision, found.head, has_schemas=found.has_schemas)
    if found.state == "interrupted":
        return MigrationInterrupted(str(found.revision), found.head)
    if found.state == "unreleased":
        return UnreleasedSchema(str(found.revision), found.head)
    if found.state == "ahead":
        return SchemaAhead(str(found.revision), found.head)
    if found.unsafe:
        return NonTransactionalTables(found.unsafe, found.revision, found.head)
    if found.state not in ("current", "newer") and needed_at is not None:
        return SchemaBehind(found.revision, found.head, needed_at, schema)
    return None


def _read_version(connection: Connection, schema: str | None) -> _Version:
    present = objects_named(connection, schema, Names(tables=(VERSION_TABLE,)))
    if not present:
        return _Version(exists=False)
    if present != {VERSION_TABLE: "table"}:
        return _Version(exists=False, foreign=MappingProxyType(present))
    result = connection.execute(select(text("*")).select_from(Table(VERSION_TABLE, MetaData(), schema=schema)))
    names, rows = tuple(result.keys()), result.all()
    if names != ("version_num",) or len(rows) > 1:
        return _Version(exists=False, foreign=MappingProxyType(present))
    return _Version(exists=True, revision=rows[0][0] if rows else None)


def _unsafe_tables(connection: Connection, schema: str | None) -> tuple[str, ...]:
    """Return our tables that the database keeps without transactions."""
    dialect = dialects.named(connection.dialect.name)
    statement = None if dialect is None else dialect.non_transactional_tables(schema)
    if statement is None:
        return ()
    return tuple(sorted({*connection.execute(statement).scalars()} & {*METADATA.tables}))
