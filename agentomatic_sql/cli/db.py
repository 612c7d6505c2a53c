"""The `db` commands: upgrade, downgrade and inspect the schema, print its SQL, switch row-level security."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from sqlalchemy import URL
from sqlalchemy.exc import NoSuchModuleError

from .. import __version__, dialects, migrations
from ..errors import MissingDriver
from ..execution import engine
from .shared import Database, SchemaName, Url, Verbose, confirm, errors, fail, name_database, open_database, run_command

_SUPPORTED = ", ".join(dialects.NAMES)

db = typer.Typer(help="Upgrade, downgrade and inspect the database's schema.", no_args_is_help=True)


def _known_dialect(name: str | None) -> str | None:
    if name is not None and dialects.named(name) is None:
        raise typer.BadParameter(f"{name!r} is not supported: choose one of {_SUPPORTED}")
    return name


def _revision(revision: str) -> str:
    if "" in revision.split(":") or (revision.startswith("-") and not revision[1:].isdigit()):
        raise typer.BadParameter(f"{revision!r} is not a revision: agentomatic-sql db history lists all revisions")
    return revision


@db.command()
def upgrade(
    revision: Annotated[str, typer.Argument(callback=_revision, help='A revision, or "+1" for the next.')] = "head",
    url: Url = None,
    schema: SchemaName = None,
    verbose: Verbose = False,
) -> None:
    """Upgrade the schema to a revision. Several processes may do this at once."""

    async def run() -> str:
        async with open_database(url, schema) as database:
            before = await database.find()
            await database.upgrade(revision)
            after = await database.find()
        newest = "" if after.state in ("current", "newer") else f" (the newest is {after.head})"
        if before.revision == after.revision:
            return f"{database.where}: the schema is already at {_name(after)}; nothing to do{newest}."
        return f"{database.where}: the schema was upgraded from {_name(before)} to {_name(after)}{newest}."

    typer.echo(run_command(run()))


# Without unknown options, "-1" would be one. The callback refuses other arguments that begin with "-".
@db.command(context_settings={"ignore_unknown_options": True})
def downgrade(
    revision: Annotated[
        str,
        typer.Argument(callback=_revision, help='A revision; "-1" for the one before; or "base" to remove all tables.'),
    ],
    url: Url = None,
    schema: SchemaName = None,
    yes: Annotated[bool, typer.Option("--yes", help="Skip the confirmation; a downgrade can delete data.")] = False,
    verbose: Verbose = False,
) -> None:
    """Downgrade the schema to an older revision. This DELETES the data that the older revision cannot hold."""

    async def run() -> str:
        async with open_database(url, schema) as database:
            before = await database.find()
            if before.revision is not None and not yes:
                confirm(f"{database.where}: the downgrade from {_name(before)} to {revision} deletes data.")
            await database.downgrade(revision)
            after = await database.find()
        if before.revision == after.revision:
            return f"{database.where}: the schema is already at {_name(after)}; nothing to do."
        return f"{database.where}: the schema was downgraded from {_name(before)} to {_name(after)}."

    typer.echo(run_command(run()))


@db.command()
def current(url: Url = None, schema: SchemaName = None, verbose: Verbose = False) -> None:
    """Show the schema's revision and whether it is the newest. The exit code is 0 in either case."""

    async def run() -> str:
        async with open_database(url, schema) as database:
            return f"{database.where}: {_state(await database.find(), database)}."

    typer.echo(run_command(run()))


@db.command()
def check(url: Url = None, schema: SchemaName = None, verbose: Verbose = False) -> None:
    """Check that the schema is at the newest revision and that every table matches it; exit with 1 if not."""

    async def run() -> str:
        async with open_database(url, schema) as database:
            state = await database.find()
            if error := migrations.refusal(state, database.url, schema):
                raise error
            if state.state == "newer":
                return f"{database.where}: {_state(state, database)}. The tables were not compared."
            await database.check()
        return f"{database.where}: the schema is at {state.revision}, the newest, and all tables match it."

    typer.echo(run_command(run()))


@db.command()
def history(url: Url = None, schema: SchemaName = None, verbose: Verbose = False) -> None:
    """List all revisions, oldest first. With a URL, mark the revision of the database."""
    from rich.console import Console
    from rich.table import Table

    async def run() -> str | None:
        async with open_database(url, schema) as database:
            return (await database.find()).revision

    no_database = engine.choose(url).is_default
    revision_of_database = None if no_database else run_command(run())
    table = Table("Revision", "Purpose", *([] if no_database else ["Current"]))
    for revision, purpose in migrations.history():
        mark = "the database" if revision == revision_of_database else ""
        table.add_row(revision, purpose, *([] if no_database else [mark]))
    Console().print(table)


class Switch(StrEnum):
    """The state to switch to."""

    on = "on"
    off = "off"


@db.command(name="row-security")
def row_security(
    switch: Annotated[Switch, typer.Argument(help="Whether PostgreSQL enforces the policies.")],
    url: Url = None,
    schema: SchemaName = None,
    verbose: Verbose = False,
) -> None:
    """Switch PostgreSQL's row-level security on or off.

    If it is on, PostgreSQL itself returns only a user's own rows to `store.for_user(...)`. A role that does not own the
    tables sees no rows without a user, and no platform history. The owner still sees everything.
    """

    async def run() -> str:
        async with open_database(url, schema) as database:
            await database.switch_row_security(switch is Switch.on)
        return f"{database.where}: row-level security is {switch.value}."

    typer.echo(run_command(run()))


@db.command()
def distribute(url: Url = None, schema: SchemaName = None, verbose: Verbose = False) -> None:
    """Distribute the tables over the servers of a Citus cluster, with the rows that they have.

    The rows of a thread come to one server. Writers wait meanwhile. Afterwards stores and commands need ?citus=true in
    their URL. The same command continues after an upgrade that has created tables, and does nothing otherwise.
    """
    told: list[str] = []

    def tell(table: str, column: str) -> None:
        told.append(table)
        typer.echo(f"{table}: by {column} …", err=True)

    async def run() -> str:
        async with open_database(url, schema) as database:
            await database.distribute(tell)
        if not told:
            return f"{database.where}: all tables are distributed; nothing to do."
        tables = "1 table is" if len(told) == 1 else f"{len(told)} tables are"
        return f"{database.where}: {tables} now distributed. Open stores with ?citus=true in the URL."

    typer.echo(run_command(run()))


@db.command()
def sql(
    revision: Annotated[
        str,
        typer.Argument(
            callback=_revision,
            help='A revision to create the schema up to; or a range: "0001:0002", or "0002:0001" to downgrade.',
        ),
    ] = "head",
    url: Url = None,
    schema: SchemaName = None,
    dialect: Annotated[
        str | None,
        typer.Option(
            callback=_known_dialect, metavar="NAME", help=f"The kind of database, used instead of a URL: {_SUPPORTED}."
        ),
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Print the SQL of an upgrade or downgrade, without connecting to a database."""
    with errors():
        parsed, kind = engine.parse(f"{dialect}://") if dialect else name_database(url, schema)[1:3]
        script = _sql(parsed, kind, revision, schema)
    if not script.strip():
        fail(f"{revision!r} needs no SQL: for a range write FROM:TO, such as 0001:0002")
    typer.echo(f"-- for {kind.name}, by agentomatic-sql {__version__}\n\n{script}", nl=False)


def _sql(url: URL, dialect: dialects.Dialect, revision: str, schema: str | None) -> str:
    try:
        return migrations.sql(url, revision, schema=schema)
    except NoSuchModuleError as error:  # the dialect is in a package of its own
        raise MissingDriver(f"for {dialect.name}", dialect.extra) from error


def _name(schema: migrations.Schema) -> str:
    return schema.revision or "base (no schema)"


def _state(state: migrations.Schema, database: Database) -> str:
    """Describe a schema: its revision, the newest one, the state's name and, if it needs one, the command to run."""
    revision = f"the schema is at revision {state.revision}" if state.revision else "there is no schema"
    if state.state == "foreign":
        return (
            f"{revision}, the newest is {state.head}, and other applications have names that it needs "
            f"({', '.join(f'{kind} {name}' for name, kind in state.foreign.items())}): foreign"
        )
    schema = f" --schema {database.schema!r}" if database.schema else ""
    upgrade = f" (agentomatic-sql db upgrade --url {database.url!r}{schema})"
    cure = {
        "behind": upgrade,
        "empty": upgrade,
        "newer": ", of a release that lets this one use it",
        "ahead": " (pip install --upgrade agentomatic-sql)",
    }
    return f"{revision}, the newest is {state.head}: {state.state}{cure.get(state.state, '')}"
