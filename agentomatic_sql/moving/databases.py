"""The databases between which data is moved: open one, and look whether it is fit for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import URL, select

from .. import checks, inputs
from ..async_engine import AsyncConnection
from ..context import Context
from ..dialects import Dialect
from ..errors import TransferFailed
from ..escaping import Sealed
from ..execution import engine
from ..execution.engine import DatabaseUrl
from ..execution.transactions import Transactions
from ..migrating import state as schemas
from ..operations import Operation, once, query
from ..sealing import keys
from ..tables import ENCRYPTION_KEYS
from .entities import ENTITIES

if TYPE_CHECKING:
    from ..encryption import Encryption

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Opened(NamedTuple):
    """A database with the tables of this version."""

    transactions: Transactions
    context: Context
    where: str
    """The database, for messages."""

    async def run(self, operation: Operation[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run an operation on all users' rows."""
        return await self.transactions.run(operation, self.context, *args, **kwargs)


@asynccontextmanager
async def opened(url: DatabaseUrl | None, schema: str | None, *, upgrade: bool) -> AsyncIterator[Opened]:
    """Open a database, and close its connections in the end.

    With `upgrade`, its tables are made or upgraded, else they must be there. Raises `SchemaError` and `TransferFailed`.
    """
    parsed, dialect = engine.parse(engine.choose(url).url)
    where = _described_place(parsed, dialect, schema)
    async with _connecting(parsed, dialect, schema, where, needed=not upgrade) as one:
        await _look_at(one, engine.password_free(parsed), upgrade=upgrade)
        yield one


@asynccontextmanager
async def foreign(url: DatabaseUrl, schema: str | None) -> AsyncIterator[Opened]:
    """Open a database with tables of others, only to read it, and close its connections in the end.

    Raises `TransferFailed` if it does not exist.
    """
    parsed, dialect = engine.parse(url)
    where = _described_place(parsed, dialect, schema)
    async with _connecting(dialect.reading(parsed), dialect, schema, where, needed=True) as one:
        await checks.check_settings(one.transactions, one.context, one.where)
        yield one


@asynccontextmanager
async def _connecting(
    parsed: URL, dialect: Dialect, schema: str | None, where: str, *, needed: bool
) -> AsyncIterator[Opened]:
    """Make an engine for a database, which must exist if it is `needed`, and close its connections in the end."""
    made = engine.create(parsed, dialect, options={})
    try:
        transactions, context = Transactions(made, dialect, schema=schema, borrowed=False), Context(dialect, schema)
        if needed and not dialect.exists(parsed):  # to connect would make it
            raise TransferFailed(f"{where} does not exist")
        yield Opened(transactions, context, where)
    finally:
        await made.dispose()


def _described_place(parsed: URL, dialect: Dialect, schema: str | None) -> str:
    return dialect.where(parsed) + (f", schema {schema}" if schema else "")


async def _look_at(one: Opened, url: str, *, upgrade: bool) -> None:
    found = await one.run(schemas.find_schema)
    schema = one.context.schema
    if error := schemas.refusal(found, None if upgrade else url, schema):
        raise error
    if found.state == "newer":
        raise TransferFailed(
            f"{one.where}: a newer release upgraded the schema to {found.revision}; there may be data that this one "
            "does not know: upgrade agentomatic-sql first"
        )
    if found.state != "current":
        from .. import migrations  # Alembic takes long to import, and only a migration needs it

        await one.transactions.migrate(migrations.upgrade, schema=schema)
    await checks.check_settings(one.transactions, one.context, one.where)
    if await one.run(checks.rows_are_hidden):
        raise TransferFailed(
            f"{one.where}: row-level security hides rows from this role: connect as the tables' owner or as a role "
            "with BYPASSRLS"
        )


async def take_keys(one: Opened, wanted: Mapping[str, str], encryption: Encryption | None) -> None:
    """Check that rows which are encrypted with some keys, or with none, fit a database, and register these keys.

    It must have no rows, or have been encrypted with the same keys. The check values tell that they are the same if one
    database is a copy of the other; else it takes the keys themselves.

    Args:
        one: The database.
        wanted: The check values of the keys, by their ids.
        encryption: The keys, or None.

    Raises:
        TransferFailed: It is encrypted otherwise.
        EncryptionMismatch: `encryption` lacks a key, or has another key of the same id.
    """
    known = await one.run(keys.known)
    if known == wanted:
        return
    if encryption is not None and known and wanted:
        keys.verify(known, encryption, one.where)
        keys.verify(wanted, encryption, "what is to be stored")
    elif known or not await one.run(_is_empty):
        raise TransferFailed(
            f"{one.where} {_described(known)}, and what is to be stored {_described(wanted)}: take a new database (to "
            "change its keys, agentomatic-sql rekey), or set the keys of both"
        )
    await one.run(_register, wanted)


def _described(check_values: Mapping[str, str]) -> str:
    return f"is encrypted with {', '.join(map(repr, check_values))}" if check_values else "is not encrypted"


@once
async def _register(connection: AsyncConnection, context: Context, check_values: Mapping[str, str]) -> None:
    for id_, value in check_values.items():
        row = {"id": id_, "check_value": Sealed(value), "created_at": inputs.now()}
        await connection.execute(context.dialect.insert_if_absent(ENCRYPTION_KEYS, row, ["id"]))


@query
async def _is_empty(connection: AsyncConnection, _context: Context) -> bool:
    """Return whether no table has a row."""
    for entity in ENTITIES:
        some = select(*entity.table.primary_key.columns).limit(1)
        if (await connection.execute(some)).first() is not None:
            return False
    return True
