"""The `agentomatic-sql` command: its options and its groups of commands.

Exit codes: 0 for success; 1 with one sentence on stderr if the command failed; 2 if the command line is wrong; 130
after Ctrl-C. Output never contains a password.
"""

from __future__ import annotations

from typing import Annotated

import typer

from .. import __version__
from .agentomatic import agentomatic
from .backup import backup, restore
from .db import db
from .encryption import new_key, rekey
from .langgraph import langgraph
from .moving import copy, export, importing
from .sessions import sessions

app = typer.Typer(
    name="agentomatic-sql",
    help="Manage the database of agentomatic-sql: its schema, its encryption keys, and what is in it.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",  # fills the paragraphs of a docstring instead of breaking them where its lines end
    pretty_exceptions_enable=False,  # its tracebacks show local variables, and so passwords
)
db.command()(backup)
db.command()(restore)
app.add_typer(db, name="db")
app.command()(copy)
app.command()(export)
importing.command()(sessions)
importing.command()(langgraph)
importing.command()(agentomatic)
app.add_typer(importing, name="import")
app.command(name="new-key")(new_key)
app.command()(rekey)


def main() -> None:
    """Run the command."""
    app(prog_name="agentomatic-sql")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"agentomatic-sql {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Define the options that come before a command."""
