"""The commands `db backup` and `db restore`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from .. import moving
from .shared import Url, Verbose, name_database, run_command

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what exists.")]


def backup(file: File, url: Url = None, overwrite: Overwrite = False, verbose: Verbose = False) -> None:
    """Back up a database that is a file, into a file, while stores use it.

    The new file has the database as it was at one moment, and is checked. Servers have programs of their own for this,
    which the error names.

    Example: agentomatic-sql db backup agents-monday.db
    """
    size, where = _run(lambda url, tell: moving.backup(url, file, overwrite=overwrite, progress=tell), url)
    typer.echo(f"{where}: backed up into {file} ({size:,} bytes).")


def restore(file: File, url: Url = None, overwrite: Overwrite = False, verbose: Verbose = False) -> None:
    """Restore a database that is a file, from a file that `db backup` has made.

    Close every store that uses the database first. If the command fails or is interrupted, the database is unchanged.

    Example: agentomatic-sql db restore agents-monday.db --overwrite
    """
    size, where = _run(lambda url, tell: moving.restore(file, url, overwrite=overwrite, progress=tell), url)
    typer.echo(f"{where}: restored from {file} ({size:,} bytes).")


def _run(work: Callable[[Any, Callable[[int, int], None]], Awaitable[int]], url: str | None) -> tuple[int, str]:
    async def run() -> tuple[int, str]:
        _choice, parsed, _dialect, where = name_database(url, None)
        with _bar() as tell:
            return await work(parsed, tell), where

    return run_command(run())


@contextmanager
def _bar() -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar of bytes, if there is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, disable=not console.is_interactive) as progress:
        task = progress.add_task("copying", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
