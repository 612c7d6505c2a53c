"""The `agentomatic-sql` command: the schema's versions, wherever the package is installed.

It ends with 0; with 1 and one sentence on stderr where the database or the schema is not as it has to be; with 2
where the command line is wrong. No output of it holds a password.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from sqlalchemy.exc import NoSuchModuleError

from .. import __version__, dialects, migrations
from ..errors import MissingDriver
from ..execution import engine
from .encryption import new_key, rekey
from .shared import Database, SchemaName, Url, Verbose, confirm, errors, fail, open_database, run_command

_SUPPORTED = ", ".join(dialect.name for dialect in dialects.known())

app = typer.Typer(
    name="agentomatic-sql",
    help="Persistence for agent platforms: the command that looks after its database.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",  # a paragraph of a docstring is filled, and not broken where its lines are
    pretty_exceptions_enable=False,  # a traceback that shows variables shows passwords
)
db = typer.Typer(help="The database's schema: the revision it is at, and how to change that.", no_args_is_help=True)
app.add_typer(db, name="db")
app.command(name="new-key")(new_key)
app.command()(rekey)


def main() -> None:
    """The entry point."""
    app(prog_name="agentomatic-sql")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"agentomatic-sql {__version__}")
        raise typer.Exit


def _known_dialect(name: str | None) -> str | None:
    if name is not None and dialects.named(name) is None:
        raise typer.BadParameter(f"{name!r} is none of {_SUPPORTED}")
    return name


def _revision(revision: str) -> str:
    if "" in revision.split(":") or (revision.startswith("-") and not revision[1:].isdigit()):
        raise typer.BadParameter(f"{revision!r} is not a revision: agentomatic-sql db history lists them")
    return revision


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """The options before a command."""


@db.command()
def upgrade(
    revision: Annotated[str, typer.Argument(callback=_revision, help='A revision, or "+1": one further.')] = "head",
    url: Url = None,
    schema: SchemaName = None,
    verbose: Verbose = False,
) -> None:
    """Bring the schema up to a revision; any number of processes may do it at once."""

    async def run() -> str:
        async with open_database(url, schema) as database:
            before = await database.find()
            await database.upgrade(revision)
            after = await database.find()
        newest = "" if after.state == "current" else f" (the newest is {after.head})"
        if before.revision == after.revision:
            return f"{database.where}: the schema is at {_name(after)} already, nothing was to do{newest}."
        return f"{database.where}: the schema was upgraded from {_name(before)} to {_name(after)}{newest}."

    typer.echo(run_command(run()))


# So that "-1" is a revision and not an option: what begins with "-" and is no number is refused by the callback.
@db.command(context_settings={"ignore_unknown_options": True})
def downgrade(
    revision: Annotated[
        str,
        typer.Argument(callback=_revision, help='A revision, "-1": one back, or "base": nothing is left.'),
    ],
    url: Url = None,
    schema: SchemaName = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: the data may go.")] = False,
    verbose: Verbose = False,
) -> None:
    """Take the schema back to an older revision. What only the newer ones can hold is DELETED."""

    async def run() -> str:
        async with open_database(url, schema) as database:
            before = await database.find()
            if before.state in ("current", "behind") and not yes:
                confirm(f"{database.where}: going back from {_name(before)} to {revision} deletes data.")
            await database.downgrade(revision)
            after = await database.find()
        if before.revision == after.revision:
            return f"{database.where}: the schema is at {_name(after)} already, nothing was to do."
        return f"{database.where}: the schema was taken back from {_name(before)} to {_name(after)}."

    typer.echo(run_command(run()))


@db.command()
def current(url: Url = None, schema: SchemaName = None, verbose: Verbose = False) -> None:
    """Say which revision the schema is at, and whether that is the newest. Exits with 0 whatever it finds."""

    async def run() -> str:
        async with open_database(url, schema) as database:
            return f"{database.where}: {_state(await database.find(), database)}."

    typer.echo(run_command(run()))


@db.command()
def check(url: Url = None, schema: SchemaName = None, verbose: Verbose = False) -> None:
    """Exit with 1 unless the schema is the newest and every table is as this package made it."""

    async def run() -> str:
        async with open_database(url, schema) as database:
            found = await database.find()
            if error := migrations.refusal(found, database.url, schema):
                raise error
            await database.check()
        return f"{database.where}: the schema is at {found.revision}, the newest, and as it has to be."

    typer.echo(run_command(run()))


@db.command()
def history(url: Url = None, schema: SchemaName = None, verbose: Verbose = False) -> None:
    """List all revisions, the oldest first; given a database, mark the one that it is at."""
    from rich.console import Console
    from rich.table import Table

    async def run(url: str) -> str | None:
        async with open_database(url, schema) as database:
            return (await database.find()).revision

    here = None if url is None else run_command(run(url))
    table = Table("Revision", "What it brings", *([] if url is None else ["Where"]))
    for revision, purpose in migrations.history():
        table.add_row(revision, purpose, *([] if url is None else ["the database" if revision == here else ""]))
    Console().print(table)


class Switch(StrEnum):
    """What is switched."""

    on = "on"
    off = "off"


@db.command(name="row-security")
def row_security(
    switch: Annotated[Switch, typer.Argument(help="Whether PostgreSQL itself keeps users apart.")],
    url: Url = None,
    schema: SchemaName = None,
    verbose: Verbose = False,
) -> None:
    """Switch the row policies of revision 0007 on or off: they bind every role but the tables' owner."""

    async def run() -> str:
        async with open_database(url, schema) as database:
            await database.switch_row_security(switch is Switch.on)
        return f"{database.where}: row-level security is {switch.value}."

    typer.echo(run_command(run()))


@db.command()
def sql(
    revision: Annotated[
        str,
        typer.Argument(
            callback=_revision, help='A revision, from nothing; or a range, "0001:0002", or "0002:0001" down.'
        ),
    ] = "head",
    url: Url = None,
    schema: SchemaName = None,
    dialect: Annotated[
        str | None,
        typer.Option(callback=_known_dialect, metavar="NAME", help=f"In place of a URL: {_SUPPORTED}."),
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Print the SQL of an upgrade, for somebody else to run. No database is asked."""
    where = f"{dialect}://" if dialect else engine.DEFAULT_URL if url is None else url
    with errors():
        script = _sql(where, revision, schema)
    if not script.strip():
        fail(f"{revision!r} needs no SQL: a way up or down is written FROM:TO")
    typer.echo(f"-- for {engine.parse(where)[1].name}, by agentomatic-sql {__version__}\n\n{script}", nl=False)


def _sql(url: str, revision: str, schema: str | None) -> str:
    parsed, dialect = engine.parse(url)
    try:
        return migrations.sql(parsed, revision, schema=schema)
    except NoSuchModuleError as error:  # a dialect that SQLAlchemy does not bring
        raise MissingDriver(f"for {dialect.name}", dialect.extra) from error


def _name(found: migrations.Schema) -> str:
    return found.revision or "base (no schema)"


def _state(found: migrations.Schema, database: Database) -> str:
    """One clause that ends with the state's name and, where there is one, the command that cures it."""
    if found.state == "foreign":
        return (
            f"{', '.join(found.tables)} are not this package's tables but look like those of {found.origin}; "
            f"the newest revision is {found.head}: foreign"
        )
    revision = f"the schema is at revision {found.revision}" if found.revision else "there is no schema"
    schema = f" --schema {database.schema!r}" if database.schema else ""
    upgrade = f" (agentomatic-sql db upgrade --url {database.url!r}{schema})"
    cure = {"current": "", "behind": upgrade, "empty": upgrade, "ahead": " (pip install --upgrade agentomatic-sql)"}
    return f"{revision}, the newest is {found.head}: {found.state}{cure[found.state]}"
