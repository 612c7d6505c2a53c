"""Copy all rows from the tables of the unreleased schema (revision 0010, plain names) into those of today, once.

    python scripts/move_unreleased_schema.py --url URL [--schema NAME]

Before version 0.1.0 the tables were named `threads`, `messages` and so on. This makes the tables of today in the same
database and copies all rows, in one transaction. It never changes the old tables. It refuses to begin if a table of
today has rows; after an interruption run it again. In the end it prints the statements that drop the old tables.

Stop everything that uses the database first. If it is encrypted, AGENTOMATIC_SQL_KEYS needs all of its keys, as for
`agentomatic-sql rekey`: encrypted fields are bound to other facts of their rows today, so they are encrypted again,
with the first key. Connect as the owner of the tables. Row-level security has to be switched on again afterwards.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import BigInteger, Column, Connection, MetaData, Table, Text, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from agentomatic_sql import dialects, migrations, tokens
from agentomatic_sql import tables as m
from agentomatic_sql.cli.encryption import KEYS
from agentomatic_sql.cli.shared import Database, SchemaName, Url, confirm, fail, open_database, run_command
from agentomatic_sql.dialects import Dialect, Names
from agentomatic_sql.dialects.types import ExactText
from agentomatic_sql.errors import Undecipherable
from agentomatic_sql.escaping import RESERVED, unescape
from agentomatic_sql.graphs.rows import BOUND, Namespace, digest, thread_digest
from agentomatic_sql.migrating import catalog, strangers
from agentomatic_sql.records import iso
from agentomatic_sql.sealing.fields import FIELDS, field_identity
from agentomatic_sql.tables import GRAPH_NAMESPACES as N

if TYPE_CHECKING:
    from agentomatic_sql.encryption import Encryption

OLD_REVISION = "0010"
BATCH = 200
"""Rows that are read and written at a time."""

Row = dict[str, Any]

# The differences between the schemas. Every other column has the same name and the same meaning in both.

OLD_NAMES = {m.INVOCATION_LOGS: "agent_invocation_logs"}
"""Old names of tables that are not the new ones without `agentomatic_`."""

NEW_COLUMNS: Mapping[Table, Sequence[str]] = {
    m.THREADS: ("attached",),
    m.CHECKPOINTS: ("namespace_digest",),
    m.GRAPH_NAMESPACES: ("thread_digest", "epoch", "generation", "sequence"),
    m.GRAPH_CHECKPOINTS: ("thread_digest",),
    m.GRAPH_VALUES: ("thread_digest",),
    m.GRAPH_WRITES: ("thread_digest", "token"),
}
"""Columns that are new or have another meaning: `Additions` has their values."""

OLD_KEYS: Mapping[Table, Sequence[str]] = {
    **dict.fromkeys((m.MESSAGES, m.FEEDBACK, m.GRAPH_NAMESPACES), ("id",)),
    **dict.fromkeys((m.CHECKPOINTS, m.GRAPH_WRITES), ("sequence",)),
    **dict.fromkeys((m.INVOCATION_LOGS, m.LOG_ANALYSES, m.OPTIMIZATION_RUNS), ("sequence",)),
    m.GRAPH_CHECKPOINTS: ("namespace_id", "checkpoint_id"),
    m.GRAPH_VALUES: ("namespace_id", "segment", "position"),
}
"""The old tables' keys, in whose order rows are read, where they are not those of today."""

OLD_IDENTITIES: Mapping[Table, Sequence[str]] = {
    m.THREADS: ("id",),
    m.MESSAGES: ("thread_id", "token"),
    m.FEEDBACK: ("thread_id", "user_id", "agent_name", "message_id", "created_at"),
    m.SUSPENDED_STATES: ("id", "thread_id"),
    m.CHECKPOINTS: ("thread_id", "checkpoint_ns", "checkpoint_id"),
    **dict.fromkeys((m.INVOCATION_LOGS, m.LOG_ANALYSES, m.OPTIMIZATION_RUNS), ("id",)),
}
"""The columns to which encrypted fields were bound."""

NOW_EXACT = {(m.CHECKPOINTS, "checkpoint_ns")}
"""Columns that held an id, and hold any text now: they are stored in another way."""


class Additions:
    """Values of the new columns, for the rows of each table."""

    def __init__(self, namespaces: Mapping[int, int], sequences: Mapping[int, int]) -> None:
        self._digests = namespaces
        self._sequences = sequences

    def of(self, table: Table, row: Row) -> Row:
        """Return the values of a row's new columns."""
        if table is m.THREADS:
            return {"attached": 0}
        if table is m.CHECKPOINTS:
            return {"namespace_digest": digest(row["checkpoint_ns"])}
        if table is m.GRAPH_NAMESPACES:
            state = {"epoch": tokens.new_token(), "generation": 0, "sequence": self._sequences.get(row["id"], 0)}
            return {"thread_digest": self._digests[row["id"]], **state}
        if table in (m.GRAPH_CHECKPOINTS, m.GRAPH_VALUES, m.GRAPH_WRITES):
            where = {"thread_digest": self._digests[row["namespace_id"]]}
            return {**where, "token": tokens.new_token()} if table is m.GRAPH_WRITES else where
        return {}


class Pair(NamedTuple):
    """A table of today, and the old one whose rows it gets."""

    model: Table
    old: Table
    new: Table


def pairs(schema: str | None) -> list[Pair]:
    """Return all tables, those first to which others refer."""
    made = MetaData()

    def pair(model: Table) -> Pair:
        name = OLD_NAMES.get(model, model.name.removeprefix("agentomatic_"))
        new = [Column(c.name, _kind(model, c, now=True)) for c in model.columns]
        old = Table(name, made, *_old_columns(model), schema=schema)
        return Pair(model, old, Table(model.name, made, *new, schema=schema))

    return [pair(model) for model in m.METADATA.sorted_tables]


def _old_columns(model: Table) -> list[Column[Any]]:
    new = NEW_COLUMNS.get(model, ())
    columns = [Column(c.name, _kind(model, c, now=False)) for c in model.columns if c.name not in new]
    return [*columns, *(Column(key, BigInteger) for key in OLD_KEYS.get(model, ()) if key not in model.c)]


def _kind(model: Table, column: Column[Any], *, now: bool) -> Any:
    """Return the type by which a column is copied: escaped texts as they stand in the database."""
    if (model, column.name) in NOW_EXACT:
        return ExactText() if now else model.c.thread_id.type
    return Text() if isinstance(column.type, ExactText) else column.type


class Seals:
    """Encrypts fields again, bound to what they are bound to today."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = keys
        self._encryption = _encryption(keys) if keys else None

    def check(self, known: Iterable[tuple[str, str]], old: Table) -> None:
        """Exit with an error unless these are the keys of the database: their ids and check values."""
        for id_, check_value in known:
            if self._encryption is None or id_ not in self._keys:
                fail(f"key {id_!r} encrypts this database but is missing: put all its keys into {KEYS}")
            try:
                self._encryption.open(check_value, _old_identity(old, "check_value", {"id": id_}))
            except Undecipherable as error:
                fail(f"{KEYS}, key {id_!r}: {error}")

    def row(self, pair: Pair, row: Row) -> Row:
        """Return an old row with its encrypted fields bound to its place in the new table."""
        if pair.model is m.ENCRYPTION_KEYS:
            own = _encryption({row["id"]: self._keys[row["id"]]})
            return {
                **row,
                "check_value": str(own.seal("", field_identity(pair.model, "check_value", {"id": row["id"]}))),
            }
        fields, sealed = FIELDS.get(pair.model), dict(row)
        if fields is None:
            return row
        for name in (*fields.texts, *fields.objects):
            quote, value = '"' if name in fields.objects else "", row[name]
            if value is not None and value.startswith(quote + RESERVED):
                again = self._again(value[len(quote) : len(value) - len(quote)], pair, name, row)
                sealed[name] = f"{quote}{again}{quote}"
        return sealed

    def _again(self, sealed: str, pair: Pair, name: str, row: Row) -> str:
        assert self._encryption is not None  # `check` has refused otherwise
        identity = {column: row[column] for column in OLD_IDENTITIES[pair.model]}
        try:
            opened = self._encryption.open(sealed, _old_identity(pair.old, name, identity))
        except Undecipherable as error:
            fail(f"{name} in {pair.old.name} ({identity}) cannot be decrypted: {error}")
        return str(self._encryption.seal(opened, field_identity(pair.model, name, row)))

    async def graphs(self, connection: AsyncConnection, dialect: Dialect) -> None:
        """Bind the rows that graphs have stored to their place, after all of them were copied."""
        if self._encryption is None:
            return
        from agentomatic_sql.graphs import resealing  # needs the extra `langgraph`

        for row in (await connection.execute(select(N.c.thread_id, N.c.checkpoint_ns, N.c.id))).all():
            place = Namespace(*row)
            for table in BOUND:
                now = resealing.binding(place)
                async for page in resealing.pages(connection, dialect, table, place):
                    for found, body in resealing.moved(page, table, self._encryption, _of_old_graph, now):
                        same_key = [column == found[column.name] for column in table.primary_key.columns]
                        await connection.execute(update(table).where(*same_key).values(body=body))


def _of_old_graph(_table: Table, *_place: str | int) -> bytes:
    """Return what all encrypted rows of graphs were bound to."""
    return b"row of a graph"


def _encryption(keys: Mapping[str, str]) -> Encryption:
    from agentomatic_sql.encryption import Encryption  # needs an extra

    return Encryption(keys)


def _old_identity(table: Table, name: str, identity: Mapping[str, Any]) -> bytes:
    """Return what a column of an old row was bound to."""
    values = [iso(value) if isinstance(value, datetime) else value for value in identity.values()]
    return json.dumps([table.name, name, *values]).encode()


def look(connection: Connection, schema: str | None, seals: Seals) -> str | None:
    """Exit with an error unless the old tables can be moved; return the revision in the version table."""
    version = _version_table(schema)
    present = catalog.objects_named(connection, schema, Names(tables=(version.name,)))
    rows = connection.execute(select(version.c.version_num)).scalars().all() if present else []
    for pair in pairs(schema):
        missing = sorted({*pair.old.c.keys()} - catalog.columns(connection, schema, pair.old.name))
        if missing or not present:
            what = f"{pair.old.name} has no column {missing[0]}" if missing else f"there is no {version.name}"
            fail(f"this is not revision {OLD_REVISION}: {what}; upgrade an older one with the version that made it")
    if rows == [OLD_REVISION]:
        if taken := strangers.in_the_way(connection, schema, None, versioned=False):
            named = ", ".join(f"{kind} {name}" for name, kind in taken.items())
            fail(f"names of the new schema are taken: {named}; rename or drop what has them")
    elif rows and rows[0] not in migrations.revisions():
        fail(f"the database is at revision {rows[0]}, not {OLD_REVISION}")
    for pair in pairs(schema):  # made by a run that was interrupted
        if catalog.columns(connection, schema, pair.new.name) and _count(connection, pair.new):
            fail(f"{pair.new.name} has rows already: everything was moved before, or the new tables are in use")
    _check_rows(connection, schema, seals)
    return rows[0] if rows else None


def _check_rows(connection: Connection, schema: str | None, seals: Seals) -> None:
    """Exit with an error if rows are hidden from this role, or encrypted with keys that are missing."""
    by_model = {pair.model: pair.old for pair in pairs(schema)}
    dialect = _dialect(connection)
    if dialect.tell_user is not None:
        hidden = dialect.row_security_active(by_model[m.THREADS], schema)
        if connection.execute(hidden).scalar_one():
            fail("row-level security hides rows from this role: connect as the tables' owner")
    keys = by_model[m.ENCRYPTION_KEYS]
    seals.check([(row.id, row.check_value) for row in connection.execute(select(keys))], keys)


def make_room(connection: Connection, schema: str | None) -> None:
    """Take the old revision out of the version table, which is the same one today."""
    version = _version_table(schema)
    connection.execute(version.delete().where(version.c.version_num == OLD_REVISION))


def _version_table(schema: str | None) -> Table:
    return Table(migrations.VERSION_TABLE, MetaData(), Column("version_num", Text), schema=schema)


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _dialect(connection: Connection) -> Any:
    return dialects.named(connection.dialect.name)


async def copy(engine: AsyncEngine, schema: str | None, seals: Seals, progress: Progress) -> None:
    """Copy all rows in one transaction, and compare the numbers of rows before its commit."""
    async with engine.connect() as connection:
        await connection.run_sync(_keep_numbers_before, schema)
        await connection.commit()
        dialect = await connection.run_sync(_dialect)
        if dialect.write_isolation == "READ COMMITTED":  # all reads are of one moment
            connection = await connection.execution_options(isolation_level="REPEATABLE READ")
        await dialect.begin(connection)
        await connection.run_sync(_copy, schema, seals, progress)
        await seals.graphs(await connection.execution_options(schema_translate_map={None: schema}), dialect)
        await connection.commit()


def _copy(connection: Connection, schema: str | None, seals: Seals, progress: Progress) -> None:
    all_pairs = pairs(schema)
    additions = _additions(connection, {pair.model: pair.old for pair in all_pairs})
    for pair in all_pairs:
        total = _count(connection, pair.old)
        bar = progress.add_task(pair.new.name, total=total)
        for batch in _batches(connection, pair):
            rows = [{**seals.row(pair, row), **additions.of(pair.model, row)} for row in batch]
            values = [{column.name: row[column.name] for column in pair.new.c} for row in rows]
            connection.execute(insert(pair.new), values)
            progress.advance(bar, len(rows))
        copied = _count(connection, pair.new)
        if copied != total:
            fail(f"{pair.new.name} has {copied:,} rows, {pair.old.name} has {total:,}: nothing was moved")
    _keep_numbers_after(connection, schema)


def _additions(connection: Connection, old: Mapping[Table, Table]) -> Additions:
    namespaces, writes = old[m.GRAPH_NAMESPACES], old[m.GRAPH_WRITES]
    threads = connection.execute(select(namespaces.c.id, namespaces.c.thread_id))
    last = select(writes.c.namespace_id, func.max(writes.c.sequence)).group_by(writes.c.namespace_id)
    digests = {row.id: thread_digest(unescape(row.thread_id)) for row in threads}
    return Additions(digests, dict(connection.execute(last).tuples().all()))


def _batches(connection: Connection, pair: Pair) -> Iterator[list[Row]]:
    """Read the old rows in the order of their key."""
    key = [pair.old.c[name] for name in OLD_KEYS.get(pair.model, pair.model.primary_key.columns.keys())]
    columns: list[Any] = [*pair.old.c]
    if pair.model is m.MESSAGES:  # encrypted ones are bound to the thread's user today
        threads = next(table for table in pair.old.metadata.tables.values() if table.name == "threads")
        owner = select(threads.c.user_id).where(threads.c.id == pair.old.c.thread_id)
        columns.append(owner.scalar_subquery().label("user_id"))
    query = select(*columns).order_by(*key).limit(BATCH)
    rows = connection.execute(query).mappings().all()
    while rows:
        yield [dict(row) for row in rows]
        last = [rows[-1][column.name] for column in key]
        rows = connection.execute(query.where(_dialect(connection).follows(key, last))).mappings().all()


def numbered(schema: str | None) -> list[Pair]:
    """Return the tables whose ids the database generates: no number may be given twice."""
    return [pair for pair in pairs(schema) if pair.model in (m.MESSAGES, m.FEEDBACK)]


def _keep_numbers_before(connection: Connection, schema: str | None) -> None:
    """On MySQL and MariaDB, let the new tables go on with the old tables' numbers; it would end a transaction."""
    dialect = _dialect(connection)
    if connection.dialect.name not in ("mysql", "mariadb"):
        return
    connection.execute(text(dialect.fresh_estimates or ""))
    query = text(
        "SELECT auto_increment FROM information_schema.tables"
        " WHERE table_schema = coalesce(:schema, database()) AND table_name = :name"
    )
    for pair in numbered(schema):
        number = connection.execute(query, {"schema": schema, "name": pair.old.name}).scalar_one()
        named = connection.dialect.identifier_preparer.format_table(pair.new)
        connection.execute(text(f"ALTER TABLE {named} AUTO_INCREMENT = {int(number or 1)}"))


def _keep_numbers_after(connection: Connection, schema: str | None) -> None:
    """On the other databases, do so in the transaction of the copy."""
    named = connection.dialect.identifier_preparer.format_table
    for pair in numbered(schema):
        if connection.dialect.name == "sqlite":
            where = {"old": pair.old.name, "new": pair.new.name}
            last = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :old"), where).scalar()
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :new"), where)
            connection.execute(text("INSERT INTO sqlite_sequence VALUES (:new, :last)"), {**where, "last": last or 0})
        elif connection.dialect.name in ("postgresql", "cockroachdb"):
            names = {"old": named(pair.old), "new": named(pair.new)}
            old = connection.execute(text("SELECT pg_get_serial_sequence(:old, 'id')"), names).scalar_one()
            last = connection.execute(text(f"SELECT last_value FROM {old}")).scalar_one()  # noqa: S608 - quoted
            going_on = text("SELECT setval(CAST(pg_get_serial_sequence(:new, 'id') AS regclass), :last)")
            connection.execute(going_on, {**names, "last": last})


def _keys() -> Mapping[str, str]:
    given = os.environ.get(KEYS, "").split()
    if wrong := [number for number, pair in enumerate(given, 1) if ":" not in pair]:
        fail(f"{KEYS}: key number {wrong[0]} must be written id:base64")
    return dict(pair.split(":", 1) for pair in given)


async def move(url: str | None, schema: str | None, yes: bool) -> str:
    """Move everything; return what to say in the end."""
    seals = Seals(_keys())
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    async with open_database(url, schema) as database:
        if not database.exists():
            fail(f"{database.where} does not exist")
        revision = await _run(database, look, schema, seals)
        if not yes:
            confirm(f"{database.where}: all rows are copied into new tables. Is everything stopped that uses it?")
        if revision == OLD_REVISION:
            await database.transactions.migrate(migrations.run_locked, partial(make_room, schema=schema), schema=schema)
        await database.upgrade("head")
        with Progress(*columns, console=console, disable=not console.is_interactive) as progress:
            await database.transactions.migrate(copy, schema, seals, progress)
        count, drops = await _run(database, _report, schema)
        return AFTERWARDS.format(where=database.where, count=count, drops=drops)


AFTERWARDS = f"""\
{{where}}: {{count:,}} rows were copied, and the old tables are as they were.

When everything works on the new tables, drop the old ones with the statements below.
To go back to the old version instead, set the revision in {migrations.VERSION_TABLE} to {OLD_REVISION}.

{{drops}}"""


async def _run(database: Database, work: Callable[..., Any], *arguments: Any) -> Any:
    """Run a function on a connection; database errors are raised as `StoreError`."""
    results: list[Any] = []

    async def run(engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            results.append(await connection.run_sync(work, *arguments))

    await database.transactions.migrate(run)
    return results[-1]


def _report(connection: Connection, schema: str | None) -> tuple[int, str]:
    """Return how many rows the new tables have, and the statements that drop the old ones."""
    named = connection.dialect.identifier_preparer.format_table
    all_pairs = pairs(schema)
    old = [named(pair.old) for pair in reversed(all_pairs)]
    listed = old if connection.dialect.name == "sqlite" else [", ".join(old)]  # row policies name other tables
    drops = [f"DROP TABLE {names};" for names in listed]
    if connection.dialect.name == "postgresql":
        drops.append(f"DROP FUNCTION {named(Table('agentomatic_sql_before_thread', MetaData(), schema=schema))}();")
    return sum(_count(connection, pair.new) for pair in all_pairs), "\n".join(drops)


def main(
    url: Url = None,
    schema: SchemaName = None,
    yes: Annotated[bool, typer.Option("--yes", help="Skip the confirmation.")] = False,
) -> None:
    typer.echo(run_command(move(url, schema, yes)))


if __name__ == "__main__":
    typer.run(main)
