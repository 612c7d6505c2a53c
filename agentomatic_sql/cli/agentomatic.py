"""The commands that bring in what other packages have stored: `import agentomatic`."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import moving
from .moving import Json, keys_in_environment, print_moved, progress
from .shared import SchemaName, Verbose, name_database, run_command

From = Annotated[str, typer.Option("--from", metavar="URL", help="The URL of the database to read.")]
FromSchema = Annotated[str | None, typer.Option(metavar="NAME", help="The schema with the tables to read.")]
To = Annotated[str, typer.Option("--to", metavar="URL", help="The URL of the database to store in.")]


def agentomatic(
    source: From,
    target: To,
    from_schema: FromSchema = None,
    schema: SchemaName = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Store what agentomatic's own store has, 1.10 to 1.16, in a database of any kind, which may be the same one.

    What is read stays as it is. Stop what writes to it first. What had to be changed or left out is told in the end.
    With AGENTOMATIC_SQL_KEYS, what is stored is encrypted with the first of these keys.

    Example: agentomatic-sql import agentomatic --from "$DATABASE_URL" --to "$DATABASE_URL"
    """

    async def run() -> tuple[moving.Moved, str, str]:
        here = name_database(source, from_schema)[3]
        there = name_database(target, schema)[3]
        with progress("importing", "rows", as_json=as_json) as tell:
            moved = await moving.import_agentomatic(
                source,
                target,
                source_schema=from_schema,
                schema=schema,
                encryption=keys_in_environment(),
                progress=tell,
            )
        return moved, here, there

    moved, here, there = run_command(run())
    print_moved(f"{there}: imported", moved, here, as_json=as_json)
