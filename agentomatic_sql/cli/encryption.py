"""The commands about field encryption. Keys come by the environment only: a command line is seen by others."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer
from sqlalchemy.ext.asyncio import AsyncConnection

from .. import migrations
from ..context import Context
from ..errors import DecryptionFailed, InvalidInput, MissingExtra
from ..graphs import removal as graph_maintenance
from ..operations import query
from ..sealing import keys as encryption_keys
from ..sealing.fields import FIELDS
from .shared import Database, SchemaName, Url, Verbose, errors, fail, open_database, run_command

if TYPE_CHECKING:
    from rich.progress import Progress

    from ..encryption import Encryption
    from ..sealing.rekeying import Part, Rekeying

KEYS = "AGENTOMATIC_SQL_KEYS"
_SHOWN = 10
"""How many of the rows that cannot be read are named."""


def new_key() -> None:
    """Print a new key, at random: what stands behind the colon in AGENTOMATIC_SQL_KEYS."""
    with errors():
        from ..encryption import Encryption

        typer.echo(Encryption.new_key())


def rekey(
    url: Url = None,
    schema: SchemaName = None,
    decrypt: Annotated[bool, typer.Option("--decrypt", help="Decrypt everything instead.")] = False,
    verbose: Verbose = False,
) -> None:
    """Encrypt what is stored by the first key in AGENTOMATIC_SQL_KEYS: id:base64, apart by blanks.

    Those by which it is encrypted now have to follow there. Stores may be at work that have all these keys. What was
    interrupted goes on where it stopped, when it is called again.
    """
    with errors():
        keys = _keys()

    async def run() -> str:
        async with open_database(url, schema) as database:
            return await _rekey(database, keys, decrypt)

    typer.echo(run_command(run()))


def _keys() -> Encryption:
    from ..encryption import Encryption

    text = os.environ.get(KEYS, "")
    if not text.strip():
        raise InvalidInput(KEYS, "is not set: id:base64, apart by blanks (agentomatic-sql new-key makes a key)")
    return Encryption.from_text(text)


async def _rekey(database: Database, keys: Encryption, decrypt: bool) -> str:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ..sealing.rekeying import Rekeying, forget

    known = await _prepare(database, keys, decrypt)
    work, parts, done = Rekeying.of(keys, decrypt=decrypt), await _parts(database), 0
    unreadable: list[DecryptionFailed] = []
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_interactive) as progress:
        for part in parts:
            done += await _rekey_part(database, part, work, progress, unreadable)
    for error in unreadable[:_SHOWN]:
        typer.echo(str(error), err=True)
    sentence = f"{database.where}: {done:,} rows were {'decrypted' if decrypt else f'encrypted by {keys.primary!r}'}"
    if unreadable:
        fail(f"{sentence}, {len(unreadable):,} cannot be read and were left as they are")
    if left := sum([await database.run(part.left, work) for part in parts]):
        fail(f"{sentence}, but {left:,} were stored otherwise meanwhile: run it again when no store does that any more")
    await database.run(forget, work, known)
    return f"{sentence}; no other key is needed any more."


async def _prepare(database: Database, keys: Encryption, decrypt: bool) -> list[str]:
    """Make sure that all rows can be seen, and that the keys are those of this database; the ids that it knows."""
    found = await database.find()
    if error := migrations.refusal(found, database.url, database.schema):
        raise error
    if await database.run(_is_guarded):
        fail(
            f"{database.where}: row-level security binds this role, which sees no rows: connect as the tables' owner, "
            "or as a role that may bypass it"
        )
    known = await database.run(encryption_keys.known)
    if not encryption_keys.verify(known, keys, database.where) and not decrypt:
        new = (database.context.dialect, keys, database.where, database.schema)
        await database.transactions.migrate(encryption_keys.register, *new)
    return [*known]


@query
async def _is_guarded(connection: AsyncConnection, context: Context) -> bool:
    """Whether the server hides rows from this connection's role."""
    if context.dialect.tell_user is None:
        return False
    asked = [context.dialect.row_security_active(table, context.schema) for table in FIELDS]
    return any([(await connection.execute(one)).scalar_one() for one in asked])


async def _parts(database: Database) -> list[Part]:
    from ..sealing import rekeying

    try:
        from ..graphs import rekeying as graph_rekeying
    except MissingExtra:
        if await database.run(graph_maintenance.some):  # else there is nothing to do that would need it
            raise
        return rekeying.parts()
    return [*rekeying.parts(), *graph_rekeying.parts()]


async def _rekey_part(
    database: Database, part: Part, work: Rekeying, progress: Progress, unreadable: list[DecryptionFailed]
) -> int:
    """Do a table; how many rows. What cannot be read is added to the list."""
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
