"""The commands `export`, `import jsonl` and `copy`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import moving
from ..moving.entities import CHOICES
from .encryption import KEYS
from .shared import SchemaName, Url, Verbose, name_database, run_command

if TYPE_CHECKING:
    from ..encryption import Encryption
    from ..moving.moved import Tell

importing = typer.Typer(
    help="Bring data in. What is stored already is left as it is; if the command was interrupted, run it again.",
    no_args_is_help=True,
)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and progress as JSON lines on stderr.")]
User = Annotated[str | None, typer.Option(metavar="ID", help="Only what belongs to this user's threads.")]
Agent = Annotated[str | None, typer.Option(metavar="NAME", help="Only what belongs to this agent or its threads.")]
Thread = Annotated[str | None, typer.Option(metavar="ID", help="Only what belongs to this thread.")]
Since = Annotated[
    datetime | None,
    typer.Option(
        metavar="TIME",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f%z"],
        help="Only threads that were changed from this time on, as a whole, and other rows from then. In UTC, unless "
        "it has an offset.",
    ),
]
Entities = Annotated[
    str | None, typer.Option(metavar="NAMES", help=f"Only these, separated by commas: {', '.join(CHOICES)}.")
]

_SECONDS = 5.0
"""Between two lines of progress, where there is no terminal."""


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new file; compressed if it ends with .zst.")],
    url: Url = None,
    schema: SchemaName = None,
    user: User = None,
    agent: Agent = None,
    thread: Thread = None,
    since: Since = None,
    entities: Entities = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file of this name.")] = False,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Write what a database has at this moment into a file of JSON Lines, while stores use it.

    The file gets its name when it is whole. Encrypted fields are written as they are stored.

    Example: agentomatic-sql export monday.jsonl.zst --user ada
    """

    async def run() -> tuple[Mapping[str, int], str]:
        _choice, parsed, _dialect, where = name_database(url, schema)
        with progress("exporting", "rows", as_json=as_json) as tell:
            counts = await moving.export_jsonl(
                parsed,
                file,
                schema=schema,
                overwrite=overwrite,
                progress=tell,
                **_filters(user, agent, thread, since, entities),
            )
        return counts, where

    counts, where = run_command(run())
    size = file.stat().st_size
    if as_json:
        typer.echo(json.dumps({"rows": counts, "bytes": size}))
    else:
        typer.echo(f"{where}: exported {listed(counts)} into {file} ({size:,} bytes).")


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The URL of the database to read.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The URL of the database to store in.")],
    from_schema: Annotated[str | None, typer.Option(metavar="NAME", help="The schema with FROM's tables.")] = None,
    schema: SchemaName = None,
    user: User = None,
    agent: Agent = None,
    thread: Thread = None,
    since: Since = None,
    entities: Entities = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Store what a database has at this moment in another one, of any kind, while stores use the first.

    FROM is only read. The tables of TO are made or upgraded first; rows that it has are left as they are. If the
    command was interrupted, run it again. If both have encrypted rows, AGENTOMATIC_SQL_KEYS must have the keys of both.

    Example: agentomatic-sql copy "$LAPTOP" "$PRODUCTION"
    """

    async def run() -> tuple[moving.Moved, str, str]:
        here = name_database(source, from_schema)[3]
        there = name_database(target, schema)[3]
        with progress("copying", "rows", as_json=as_json) as tell:
            moved = await moving.copy(
                source,
                target,
                source_schema=from_schema,
                schema=schema,
                encryption=keys_in_environment(),
                progress=tell,
                **_filters(user, agent, thread, since, entities),
            )
        return moved, here, there

    moved, here, there = run_command(run())
    print_moved(f"{there}: copied", moved, here, as_json=as_json)


@importing.command()
def jsonl(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file; compressed if it ends with .zst.")],
    url: Url = None,
    schema: SchemaName = None,
    as_json: Json = False,
    verbose: Verbose = False,
) -> None:
    """Store what a file of `export` has, in a database of any kind; its tables are made or upgraded first.

    A line that does not fit is named, with its JSON path, and nothing of its batch is stored. If the file is encrypted
    and the database has rows, AGENTOMATIC_SQL_KEYS must have the keys of both.

    Example: agentomatic-sql import jsonl monday.jsonl.zst --url "$PRODUCTION"
    """

    async def run() -> tuple[moving.Moved, str]:
        _choice, parsed, _dialect, where = name_database(url, schema)
        with progress("importing", "bytes", as_json=as_json) as tell:
            return await moving.import_jsonl(
                file, parsed, schema=schema, encryption=keys_in_environment(), progress=tell
            ), where

    moved, where = run_command(run())
    print_moved(f"{where}: imported", moved, str(file), as_json=as_json)


def print_moved(done: str, moved: moving.Moved, source: str, *, as_json: bool) -> None:
    """Print what was moved, and on stderr what is to be known of the source."""
    if as_json:
        typer.echo(json.dumps(moved._asdict()))
        return
    there = sum(moved.present.values())
    more = f"; {there:,} were there before" if there else ""
    typer.echo(f"{done} {listed(moved.added)} from {source}{more}.")
    for sentence in moved.reported:
        typer.echo(f"note: {sentence}.", err=True)


def _filters(
    user: str | None, agent: str | None, thread: str | None, since: datetime | None, entities: str | None
) -> dict[str, Any]:
    return {
        "user": user,
        "agent": agent,
        "thread": thread,
        "since": since if since is None or since.tzinfo else since.replace(tzinfo=UTC),
        "entities": None if entities is None else [name.strip() for name in entities.split(",")],
    }


def keys_in_environment() -> Encryption | None:
    """Return the keys of AGENTOMATIC_SQL_KEYS, if it has any."""
    text = os.environ.get(KEYS, "")
    if not text.strip():
        return None
    from ..encryption import Encryption

    return Encryption.from_text(text)


def listed(counts: Mapping[str, int]) -> str:
    """Return numbers of rows in words."""
    of_each = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count)
    return f"{sum(counts.values()):,} rows" + (f" ({of_each})" if of_each else "")


@contextmanager
def progress(doing: str, unit: str, *, as_json: bool) -> Iterator[Tell]:
    """Show progress on stderr: a bar if there is a terminal, else a line every few seconds."""
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_interactive and not as_json:
        with _bar(console, doing, unit) as tell:
            yield tell
        return
    last = begun = time.monotonic()

    def line(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _SECONDS:
            return
        last = now
        rate = round(done / (now - begun))
        if as_json:
            typer.echo(json.dumps({"done": done, "total": total, "unit": unit, "per_second": rate}), err=True)
        else:
            share = done * 100 // total if total else 0
            typer.echo(f"{doing}: {done:,} of {total:,} {unit} ({share} %), {rate:,} a second", err=True)

    yield line


@contextmanager
def _bar(console: Any, doing: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    amount = (
        [DownloadColumn(), TransferSpeedColumn()]
        if unit == "bytes"
        else [MofNCompleteColumn(), TaskProgressColumn(show_speed=True)]
    )
    with Progress(
        TextColumn("{task.description}"), BarColumn(), *amount, TimeRemainingColumn(), console=console
    ) as bars:
        task = bars.add_task(doing, total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
