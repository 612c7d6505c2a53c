"""The command `import sessions`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from .. import moving
from ..moving.sessions import mapping
from .moving import Json, keys_in_environment, listed, progress
from .shared import SchemaName, Verbose, errors, fail, name_database, run_command

_KINDS = ", ".join(mapping.shipped())


def _print_map(name: str | None) -> None:
    if name is not None:
        with errors():
            typer.echo(mapping.text_of(name), nl=False)
        raise typer.Exit


def sessions(
    source: Annotated[str, typer.Option("--from", metavar="URL", help="The database to read; it is not changed.")],
    target: Annotated[
        str | None, typer.Option("--to", metavar="URL", help="The database to store in. Default: as for `db upgrade`.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="NAME", help=f"{_KINDS}. Default: the one whose tables are there.")
    ] = None,
    map_: Annotated[
        Path | None, typer.Option("--map", metavar="FILE", help="Another mapping: tables and columns, in TOML.")
    ] = None,
    from_schema: Annotated[str | None, typer.Option(metavar="NAME", help="The schema with the tables to read.")] = None,
    schema: SchemaName = None,
    user: Annotated[
        str, typer.Option(metavar="ID", help="The user of threads for which the source names none.")
    ] = "unknown",
    agent: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="The agent of threads for which the source names none. Default: the mapping's name."
        ),
    ] = None,
    skip: Annotated[
        bool, typer.Option("--skip", help="Leave out rows that do not fit, instead of ending their thread in front.")
    ] = False,
    as_json: Json = False,
    verbose: Verbose = False,
    print_map: Annotated[
        str | None,
        typer.Option(metavar="NAME", callback=_print_map, is_eager=True, help="Print a mapping, and exit."),
    ] = None,
) -> None:
    """Store sessions of the OpenAI Agents SDK, LangChain, Google ADK or Chainlit as threads and messages.

    The tables are made or upgraded first. If the command is repeated, it adds what is new. If something does not fit,
    it is named, the rest is stored, and the exit code is 1. If the target is encrypted, AGENTOMATIC_SQL_KEYS must have
    its keys.

    Example: agentomatic-sql import sessions --from "$OLD" --to "$NEW" --agent support
    """

    async def run() -> tuple[moving.Imported, str, str]:
        where = name_database(source, from_schema)[3]
        _choice, parsed, _dialect, there = name_database(target, schema)
        with progress("importing", "messages", as_json=as_json) as tell:
            done = await moving.import_sessions(
                source,
                parsed,
                kind=kind,
                mapping_file=map_,
                source_schema=from_schema,
                schema=schema,
                user=user,
                agent=agent,
                skip=skip,
                encryption=keys_in_environment(),
                progress=tell,
            )
        return done, where, there

    done, where, there = run_command(run())
    if as_json:
        typer.echo(json.dumps(done._asdict()))
    else:
        before = sum(done.present.values())
        more = f"; {before:,} were there before" if before else ""
        typer.echo(f"{there}: imported {listed(done.added)} from {where}{more}.")
    for misfit in done.misfits:
        typer.echo(f"does not fit: {misfit}", err=True)
    if done.misfit_count:
        fail(f"{done.misfit_count:,} of the source's rows did not fit; the rest was stored")
