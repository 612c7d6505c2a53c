"""The command `import langgraph`."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Annotated

import typer

from .. import moving
from .moving import Json, keys_in_environment, listed, progress
from .shared import SchemaName, Verbose, name_database, run_command

if TYPE_CHECKING:
    from langgraph.checkpoint.serde.base import SerializerProtocol

_AES_KEY = "LANGGRAPH_AES_KEY"


def langgraph(
    source: Annotated[
        str, typer.Option("--from", metavar="URL", help="The URL of the database of LangGraph's saver, to read.")
    ],
    target: Annotated[
        str, typer.Option("--to", metavar="URL", help="The URL of the database to store in; it may be the same.")
    ],
    from_schema: Annotated[str | None, typer.Option(metavar="NAME", help="The schema with the saver's tables.")] = None,
    schema: SchemaName = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Store the checkpoints of LangGraph's own savers, so that their graphs go on where they stood.

    Knows PostgresSaver, SqliteSaver, PyMySQLSaver and their async and shallow variants by their tables, which are only
    read. The tables of --to are made or upgraded first; checkpoints that it has are left as they are.

    LANGGRAPH_AES_KEY, if set, is the key of LangGraph's EncryptedSerializer, for both databases. With
    AGENTOMATIC_SQL_KEYS, what is stored is encrypted with these keys instead.

    Example: agentomatic-sql import langgraph --from "$OLD" --to "$NEW"
    """

    async def run() -> tuple[moving.MovedGraphs, str, str]:
        here = name_database(source, from_schema)[3]
        there = name_database(target, schema)[3]
        serde = _serializer()
        with progress("importing", "checkpoints", as_json=as_json) as tell:
            moved = await moving.import_langgraph(
                source,
                target,
                source_schema=from_schema,
                schema=schema,
                serde=serde,
                encryption=keys_in_environment(),
                progress=tell,
            )
        return moved, here, there

    moved, here, there = run_command(run())
    if as_json:
        typer.echo(json.dumps(moved._asdict()))
        return
    present = sum(moved.present.values())
    more = f"; {present:,} checkpoints were there before" if present else ""
    sizes = f"{_size(moved.bytes_before)} there, {_size(moved.bytes_after)} here"
    typer.echo(f"{there}: imported {listed(moved.added)} from {here}: {sizes}{more}.")


def _serializer() -> SerializerProtocol | None:
    key = os.environ.get(_AES_KEY, "")
    if not key:
        return None
    from ..moving.langgraph import encrypted

    return encrypted(key)


def _size(count: int) -> str:
    return f"{count / 1e6:,.1f} MB" if count >= 100_000 else f"{count / 1e3:,.1f} kB"
