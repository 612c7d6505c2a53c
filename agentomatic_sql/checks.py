"""Check a server before a store uses it: each check raises a `StoreError` if the server will not do."""

from __future__ import annotations

from .async_engine import AsyncConnection
from .context import Context
from .errors import RowSecurityInactive, UnsuitableServer
from .execution.replica import Replica
from .execution.transactions import Transactions
from .migrating.state import find_schema
from .operations import query
from .sealing.fields import FIELDS
from .tables import MESSAGES, THREADS


async def check_settings(transactions: Transactions, context: Context, where: str) -> dict[str, str]:
    """Return what an operator should know of the server's settings: a sentence by a short name.

    Raises `UnsuitableServer` if they would make statements fail or mean something else.
    """
    dialect = context.dialect
    if dialect.settings_query is None:
        return {}
    settings = await transactions.run(_settings, context)
    if (objection := dialect.objection(settings)) is not None:
        raise UnsuitableServer(where, objection)
    transactions.commits_apart = dialect.commits_apart(settings)
    return dialect.advice(settings, transactions.url)


async def check_row_security(transactions: Transactions, context: Context, where: str) -> None:
    """Raise `RowSecurityInactive` if a store needs the row policies, and they do not bind this role.

    Nothing else would show it.
    """
    if context.row_security and not await transactions.run(_row_security_active, context):
        raise RowSecurityInactive(where)


async def check_replica(replica: Replica, context: Context) -> None:
    """Raise a `StoreError` if a replica cannot be read from: for its settings, its schema or its role."""
    await check_settings(replica, context, replica.where)
    found = await replica.run(find_schema, context)
    if found.state not in ("current", "newer"):
        reason = f"its schema is at {found.revision or 'nothing'}, and this package needs {found.head}"
        raise UnsuitableServer(replica.where, reason)
    await check_row_security(replica, context, replica.where)


@query
async def _settings(connection: AsyncConnection, context: Context) -> dict[str, str]:
    """Return the settings that the dialect asks for, by their names in lower case."""
    asked = context.dialect.settings_query
    assert asked is not None  # the caller looked
    return {name.lower(): value for name, value in await connection.exec_driver_sql(asked)}


@query
async def _row_security_active(connection: AsyncConnection, context: Context) -> bool:
    """Return whether row-level security binds this role on the tables of threads and messages."""
    asked = [context.dialect.row_security_active(table, context.schema) for table in (THREADS, MESSAGES)]
    return all([(await connection.execute(one)).scalar_one() for one in asked])


@query
async def rows_are_hidden(connection: AsyncConnection, context: Context) -> bool:
    """Return whether the server hides rows of any table from this connection's role."""
    if context.dialect.tell_user is None:
        return False
    queries = [context.dialect.row_security_active(table, context.schema) for table in FIELDS]
    return any([(await connection.execute(one)).scalar_one() for one in queries])
