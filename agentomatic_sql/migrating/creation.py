"""Make the tables of an empty database, without Alembic.

The statements are those of the revisions' own functions, which are run on notes instead of Alembic's operations
(`noted`). The version table is the one that Alembic would write. So there is one description of the schema, and a later
migration goes on from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect
from sqlalchemy.schema import CreateSchema

from ..async_engine import AsyncEngine
from . import notes
from .catalog import dialect_of
from .contents import operations
from .locked import run_locked
from .noted import Noted, Statement
from .state import VERSION_TABLE, find_in


async def create(where: AsyncEngine, *, schema: str | None = None) -> None:
    """Make the tables if there are none yet; leave any other schema to a migration.

    Where DDL is rolled back, all revisions are one transaction. Elsewhere each is noted before it starts, as in a
    migration, and one that was interrupted is left to a migration, too. Raises `MigrationLocked`.
    """
    await run_locked(where, partial(_create, schema=schema), schema=schema)


def _create(connection: Connection, schema: str | None) -> None:
    dialect = dialect_of(connection)
    steps = [(step, _statements(noted)) for step, noted in operations(connection.dialect, schema)]
    if any(statements is None for _step, statements in steps) or find_in(connection, schema).state != "empty":
        return
    create_schema(connection, schema)
    version = _version_table(schema)
    version.create(connection)
    if dialect.transactional_ddl:  # nobody sees a revision before the last one
        script = [statement for _step, statements in steps for statement in statements or ()]
        dialect.driver.execute_script(connection, script)
        connection.execute(version.insert().values(version_num=steps[-1][0].revision))
        return
    for step, statements in steps:
        notes.note(connection, schema, step)
        connection.commit()
        for statement in statements or ():
            connection.execute(statement)
        connection.execute(version.delete())
        connection.execute(version.insert().values(version_num=step.revision))
        connection.commit()


def _statements(noted: Sequence[Noted]) -> list[Statement] | None:
    """Return a revision's statements; None if only Alembic knows them."""
    if any(one.statements is None for one in noted):
        return None
    return [statement for one in noted for statement in one.statements or ()]


def _version_table(schema: str | None) -> Table:
    """Return the table that Alembic would make for the schema's revision."""
    key = PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc")
    return Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), nullable=False), key, schema=schema)


def create_schema(connection: Connection, schema: str | None) -> None:
    """Make the schema, if there is none of that name."""
    if schema is not None and schema not in inspect(connection).get_schema_names():
        connection.execute(CreateSchema(schema))
