"""Distribution of the tables over the servers of a Citus cluster.

All rows of a thread have the thread's id, or the digest of it, in the column by which their table is distributed. So
they are on one worker, and a statement that names the thread is sent to that worker alone. Tables that are not named
here stay as they are, on the coordinator: they are small, and read when a store is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, MetaData, Table, inspect, text
from sqlalchemy.schema import AddConstraint, DropConstraint

from ..errors import InvalidInput, UnsuitableServer
from ..tables import (
    CHECKPOINTS,
    FEEDBACK,
    GRAPH_CHECKPOINTS,
    GRAPH_NAMESPACES,
    GRAPH_VALUES,
    GRAPH_WRITES,
    IDEMPOTENCY_KEYS,
    INVOCATION_LOGS,
    MESSAGES,
    SUSPENDED_STATES,
    THREADS,
)


class Placement(NamedTuple):
    """A table is distributed by a column, to the workers that have the same values of another table."""

    column: str
    beside: Table | None = None
    """The table beside which each row is kept; None for the first table of a group."""


PLACEMENTS: Mapping[Table, Placement] = {
    THREADS: Placement("id"),
    MESSAGES: Placement("thread_id", THREADS),
    FEEDBACK: Placement("thread_id", THREADS),
    IDEMPOTENCY_KEYS: Placement("thread_id", THREADS),
    CHECKPOINTS: Placement("thread_id", THREADS),
    SUSPENDED_STATES: Placement("id"),  # found by the id of the approval, which is unique among all threads
    GRAPH_NAMESPACES: Placement("thread_digest"),
    GRAPH_CHECKPOINTS: Placement("thread_digest", GRAPH_NAMESPACES),
    GRAPH_VALUES: Placement("thread_digest", GRAPH_NAMESPACES),
    GRAPH_WRITES: Placement("thread_digest", GRAPH_NAMESPACES),
    INVOCATION_LOGS: Placement("id"),
}
"""The tables to distribute, in the order in which they are."""

_EXTENSION = text("SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'citus'")
_FOUND = text(
    "SELECT c.relname, c.relrowsecurity, pg_catalog.column_to_column_name(p.logicalrelid, p.partkey) "
    "FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_dist_partition p ON p.logicalrelid = c.oid "
    "WHERE c.oid IN (SELECT pg_catalog.to_regclass(name) FROM unnest(CAST(:names AS text[])) AS names(name))"
)
_POLICIES = text(
    "SELECT c.relname, p.polname FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid "
    "WHERE c.oid IN (SELECT pg_catalog.to_regclass(name) FROM unnest(CAST(:names AS text[])) AS names(name))"
)
_DISTRIBUTE = text(
    "SELECT pg_catalog.create_distributed_table("
    "CAST(CAST(:name AS text) AS regclass), :column, colocate_with => :beside)"
)
_CLEAR = text("SELECT pg_catalog.truncate_local_data_after_distributing_table(CAST(CAST(:name AS text) AS regclass))")


def distribute(connection: Connection, where: str, tell: Callable[[str, str], None], schema: str | None = None) -> None:
    """Distribute the tables that are not distributed yet, with their rows, in the caller's transaction.

    Args:
        connection: A connection to the coordinator, which holds the migration lock.
        where: The database, for messages.
        tell: Called with the name of each table, before it is distributed, and the column.
        schema: The schema with the tables.

    Raises `UnsuitableServer` without Citus, or if a table is distributed by another column, and `InvalidInput` if
    row-level security is on.
    """
    if connection.execute(_EXTENSION).first() is None:
        reason = "it has no extension citus: preload it on each server, and run CREATE EXTENSION citus in this database"
        raise UnsuitableServer(where, reason)
    names = {table: _quoted(connection, table, schema) for table in PLACEMENTS}
    left = _left(connection, where, names)
    if not left:
        return
    _drop_policies(connection, {table: names[table] for table in left})
    keys = [key for table in left for key in table.foreign_key_constraints]
    for key in keys:  # Citus takes no table that refers to one which is not distributed, nor such a one itself
        connection.execute(DropConstraint(key))
    for table in left:
        placement = PLACEMENTS[table]
        tell(table.name, placement.column)
        beside = "none" if placement.beside is None else names[placement.beside]
        connection.execute(_DISTRIBUTE, {"name": names[table], "column": placement.column, "beside": beside})
    for key in keys:
        connection.execute(AddConstraint(key))
    for table in left:  # the rows from before are copied, and would take their place on the coordinator's disk for ever
        connection.execute(_CLEAR, {"name": names[table]})


def _quoted(connection: Connection, table: Table, schema: str | None) -> str:
    """Return a table's quoted name with its schema."""
    schema = schema or inspect(connection).default_schema_name
    return connection.dialect.identifier_preparer.format_table(Table(table.name, MetaData(), schema=schema))


def _left(connection: Connection, where: str, names: Mapping[Table, str]) -> list[Table]:
    """Return the tables that are still to be distributed."""
    found = {row[0]: row for row in connection.execute(_FOUND, {"names": [*names.values()]})}
    left = []
    for table, placement in PLACEMENTS.items():
        _name, secured, column = found[table.name]
        if secured:
            raise InvalidInput(
                "row_security", "is on, and Citus cannot enforce it: agentomatic-sql db row-security off"
            )
        if column is None:
            left.append(table)
        elif column != placement.column:
            reason = (
                f"{table.name} is distributed by {column} and not by {placement.column}: undistribute_table it first"
            )
            raise UnsuitableServer(where, reason)
    return left


def _drop_policies(connection: Connection, names: Mapping[Table, str]) -> None:
    """Drop the row policies of tables: Citus distributes no table with a policy that reads another table."""
    quote = connection.dialect.identifier_preparer.quote
    of_name = {table.name: name for table, name in names.items()}
    for table, policy in connection.execute(_POLICIES, {"names": [*names.values()]}).all():
        connection.exec_driver_sql(f"DROP POLICY {quote(policy)} ON {of_name[table]}")
