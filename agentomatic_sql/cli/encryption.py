"""The commands for field encryption. Keys are read from the environment only, because others can see a command line."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from .. import checks, migrations
from ..errors import DecryptionFailed, InvalidInput, MissingExtra, SchemaAhead
from ..graphs import removal as graph_removal
from ..sealing import keys as sealing_keys
from ..tables import IDEMPOTENCY_KEYS
from .shared import Database, SchemaName, Url, Verbose, errors, fail, open_database, run_command

if TYPE_CHECKING:
    from rich.progress import Progress

    from ..encryption import Encryption
    from ..sealing.rekeying import Part, Rekeying

KEYS = "AGENTOMATIC_SQL_KEYS"
_SHOWN = 10
"""The number of unreadable rows whose errors are printed."""


def new_key() -> None:
    """Print a new random key as base64.

    In AGENTOMATIC_SQL_KEYS, write it as id:base64, with an id of your choice.
    """
    with errors():
        from ..encryption import Encryption

        typer.echo(Encryption.new_key())


def rekey(
    url: Url = None,
    schema: SchemaName = None,
    decrypt: Annotated[bool, typer.Option("--decrypt", help="Decrypt all data instead of encrypting it.")] = False,
    vacuum: Annotated[
        bool, typer.Option("--vacuum", help="Write the tables anew in the end; each is locked meanwhile.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Re-encrypt all data with the first key in AGENTOMATIC_SQL_KEYS (space-separated id:base64 pairs).

    The keys with which the data is encrypted now must follow it. Stores that have all these keys can stay in use.
    If the command was interrupted, run it again: it continues where it stopped.

    The files of the database still hold old values until --vacuum writes the tables anew. Logs and backups keep theirs.
    """

    async def run() -> str:
        async with open_database(url, schema) as database:
            return await _rekey(database, _keys(), decrypt=decrypt, vacuum=vacuum)

    typer.echo(run_command(run()))


def _keys() -> Encryption:
    from ..encryption import Encryption

    text = os.environ.get(KEYS, "")
    if not text.strip():
        raise InvalidInput(KEYS, "is not set: write id:base64 pairs, separated by spaces (new-key prints a key)")
    return Encryption.from_text(text)


async def _rekey(database: Database, keys: Encryption, *, decrypt: bool, vacuum: bool) -> str:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ..sealing.rekeying import Rekeying, forget, rewrite

    if vacuum and not database.context.dialect.rewriting:
        fail(f"{database.where}: there is no command for --vacuum: the database removes old values by itself")
    known = await _check(database, keys)
    work, parts, done = Rekeying.of(keys, decrypt=decrypt), await _parts(database), 0
    if keys.primary not in known and not decrypt:  # nothing was changed until now
        new = (database.context.dialect, keys, database.where, database.schema)
        await database.transactions.migrate(sealing_keys.register, *new)
    unreadable: list[DecryptionFailed] = []
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_interactive) as progress:
        for part in parts:
            done += await _rekey_part(database, part, work, progress, unreadable)
    for error in unreadable[:_SHOWN]:
        typer.echo(str(error), err=True)
    sentence = f"{database.where}: {done:,} rows were {'decrypted' if decrypt else f'encrypted with {keys.primary!r}'}"
    if unreadable:
        fail(f"{sentence}, but {len(unreadable):,} cannot be decrypted and were left unchanged")
    if left := sum([await database.run(part.left, work) for part in parts]):
        cure = "start them without encryption=" if decrypt else "change their keys"
        fail(f"{sentence}, but stores with the old keys wrote {left:,} rows meanwhile: {cure}, then run this again")
    await database.run(forget, work, known)
    if vacuum:
        names = [*(part.name for part in parts), IDEMPOTENCY_KEYS.name]
        await database.transactions.migrate(rewrite, database.context.dialect, names, database.schema)
    sentence += f"; {'no keys' if decrypt else 'no other keys'} are needed any more."
    if not done or vacuum or not database.context.dialect.rewriting:
        return sentence
    return f"{sentence} The files of the database still hold old values: --vacuum writes the tables anew."


async def _check(database: Database, keys: Encryption) -> list[str]:
    """Check that all rows are visible and that the keys fit the database; return the ids of the keys that it knows."""
    found = await database.find()
    if found.state == "newer":  # there may be encrypted columns that this package does not know
        raise SchemaAhead(str(found.revision), found.head)
    if error := migrations.refusal(found, database.url, database.schema):
        raise error
    if await database.run(checks.rows_are_hidden):
        fail(
            f"{database.where}: row-level security hides rows from this role: connect as the tables' owner or "
            "as a role with BYPASSRLS"
        )
    known = await database.run(sealing_keys.known)
    sealing_keys.verify(known, keys, database.where)
    return [*known]


async def _parts(database: Database) -> list[Part]:
    """Return the tables to rekey; raises `MissingExtra` if graphs have rows and the extra `langgraph` is missing."""
    from ..sealing import rekeying

    try:
        from ..graphs import rekeying as graph_rekeying
    except MissingExtra:
        if await database.run(graph_removal.some):  # without rows of graphs, the extra is not needed
            raise
        return rekeying.parts()
    return [*rekeying.parts(), *graph_rekeying.parts()]


async def _rekey_part(
    database: Database, part: Part, work: Rekeying, progress: Progress, unreadable: list[DecryptionFailed]
) -> int:
    """Rekey a table; returns the number of changed rows, and adds the errors of the others to `unreadable`."""
    total = await database.run(part.left, work)
    bar = progress.add_task(part.name, total=total)
    done, after = 0, None
    while True:
        batch = await database.run(part.batch, work, after)
        done += batch.done
        unreadable += batch.unreadable
        progress.advance(bar, batch.done + len(batch.unreadable))
        if batch.after is None:
            return done
        after = batch.after
