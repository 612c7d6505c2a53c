"""Back up a database into a file and restore it, where the database itself is a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TypeVar

from sqlalchemy import URL

from ..dialects import Dialect
from ..errors import BackupFailed, InvalidInput
from ..execution import engine
from ..migrating.state import VERSION_TABLE
from .files import flush, in_thread, refuse_existing

_R = TypeVar("_R")

Tell = Callable[[int, int], None]


async def backup(
    url: str | URL, file: str | os.PathLike[str], *, overwrite: bool = False, progress: Tell | None = None
) -> int:
    """Copy a SQLite database into a file, as it is at the moment of the call, while stores use it.

    The copy is checked, flushed to the disk, and gets its name only then: an interrupted backup leaves no file.

    Args:
        url: The database. Other databases have programs of their own, which the error names.
        file: The new file.
        overwrite: Whether a file of this name is replaced.
        progress: Called in another thread with the bytes that are copied, and the bytes in all.

    Returns:
        The size of the file in bytes.

    Raises:
        InvalidInput: The database is not SQLite.
        BackupFailed: The file exists, the database does not, or it cannot be read or copied.
    """
    parsed, dialect = _file_database(url)
    path = Path(file)
    partial = path.with_name(f"{path.name}.partial")

    def work(tell: Tell) -> int:
        assert dialect.back_up is not None
        refuse_existing(path, overwrite=overwrite, error=BackupFailed)
        try:
            partial.unlink(missing_ok=True)
            dialect.back_up(parsed, partial, tell)
            flush(partial)
            refuse_existing(path, overwrite=overwrite, error=BackupFailed)
            partial.replace(path)
            flush(path.parent)
        except OSError as error:
            raise BackupFailed(f"{path} cannot be written: {error.strerror}") from error
        finally:
            partial.unlink(missing_ok=True)
        return path.stat().st_size

    return await _in_thread(work, progress)


async def restore(
    file: str | os.PathLike[str], url: str | URL, *, overwrite: bool = False, progress: Tell | None = None
) -> int:
    """Restore a SQLite database from a file that `backup` has made, in one transaction.

    An existing database is replaced only with `overwrite`, and only while nobody has it open. An interrupted restore
    changes nothing. Stores that are opened later go on from what the backup has.

    Args:
        file: The backup.
        url: The database.
        overwrite: Whether an existing database is replaced.
        progress: Called in another thread with the bytes that are copied, and the bytes in all.

    Returns:
        The size of the database in bytes.

    Raises:
        InvalidInput: The database is not SQLite.
        BackupFailed: The file is no backup, or damaged; or the database exists, is open or cannot be written.
    """
    parsed, dialect = _file_database(url)
    path = Path(file)

    def work(tell: Tell) -> int:
        if not path.is_file():
            raise BackupFailed(f"there is no file {path}")
        if dialect.exists(parsed) and not overwrite:
            raise BackupFailed(f"{dialect.where(parsed)} exists: pass --overwrite, or overwrite=True, to replace it")
        assert dialect.restore is not None
        dialect.restore(path, parsed, tell, table=VERSION_TABLE)
        return path.stat().st_size

    return await _in_thread(work, progress)


def _file_database(url: str | URL) -> tuple[URL, Dialect]:
    parsed, dialect = engine.parse(url)
    if dialect.back_up is None:
        raise InvalidInput(
            "url", f"is one of {dialect.name}, which has its own program for this: {dialect.backup_tool}"
        )
    return parsed, dialect


class _Cancelled(Exception):
    """The caller has been cancelled; ends the copy."""


async def _in_thread(work: Callable[[Tell], _R], progress: Tell | None) -> _R:
    """Run in a thread; a cancelled caller ends the work and waits for its end."""
    cancelled = Event()

    def tell(done: int, total: int) -> None:
        if cancelled.is_set():
            raise _Cancelled
        if progress is not None:
            progress(done, total)

    return await in_thread(lambda: work(tell), cancelled.set)
