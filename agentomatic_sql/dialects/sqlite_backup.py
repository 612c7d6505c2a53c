"""Back up and restore a SQLite database with SQLite's own backup API, while other connections use it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from ..errors import BackupFailed
from .sqlite_file import advice, is_read_only, path_of, uri_of

Tell = Callable[[int, int], None]
"""Called with the bytes that are copied and the bytes in all. What it raises ends the copy."""

_PAGES = 1_000
"""How many pages are copied between two calls of `Tell`."""


def back_up(url: URL, file: Path, tell: Tell) -> None:
    """Copy a database as it is at this moment into a new file, and check the copy; raises `BackupFailed`.

    Writers go on if the database has a write-ahead log, as the store's have; without one they wait.
    """
    path = path_of(url)
    if path is None or not path.exists():
        raise BackupFailed(f"there is no database to back up at {path or 'a place in memory'}")
    try:
        # The last connection that can write removes the log; one that cannot leaves it behind.
        mode = "mode=ro" if is_read_only(url) else "mode=rw"
        with _opened(path, mode) as source, closing(sqlite3.connect(file)) as copy:
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from now on it sees one moment
            _copy(source, copy, tell)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, which leaves no log where it is only read
            _check(copy, file)
    except sqlite3.Error as error:
        why = advice(path, getattr(error, "sqlite_errorname", None)) or str(error)
        raise BackupFailed(f"{path} could not be backed up into {file}: {why}") from error


def restore(file: Path, url: URL, tell: Tell, *, table: str) -> None:
    """Replace the content of a database with a backup, in one transaction; raises `BackupFailed`.

    table: a table that the backup must have.
    """
    path = path_of(url)
    if path is None:
        raise BackupFailed("a database in memory cannot be restored")
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    try:
        with _opened(file, "mode=ro") as source:
            if source.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone() is None:
                raise BackupFailed(f"{file} is no backup of this package's tables: it has no table {table}")
            _check(source, file)
            if path.exists():
                with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as target:
                    _replace(source, target, path, tell)
            else:  # a new one gets its name when it is whole
                partial.unlink(missing_ok=True)
                with closing(sqlite3.connect(partial)) as target:
                    _copy(source, target, tell)
                partial.replace(path)
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", None)
        why = "it is no SQLite database" if code == "SQLITE_NOTADB" else advice(path, code) or str(error)
        raise BackupFailed(f"{file} could not be restored into {path}: {why}") from error
    finally:
        partial.unlink(missing_ok=True)


def _replace(source: sqlite3.Connection, target: sqlite3.Connection, path: Path, tell: Tell) -> None:
    """Copy a database over one that nobody else has open; after an error it has its own journal mode again."""
    (mode,) = target.execute("PRAGMA journal_mode").fetchone()
    try:
        _take_alone(target, path)
        _copy(source, target, tell)
    except BaseException:
        target.execute(f"PRAGMA journal_mode = {mode}")
        raise


def _opened(path: Path, options: str) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(uri_of(path, options), uri=True, isolation_level=None))


def _take_alone(target: sqlite3.Connection, path: Path) -> None:
    """Make sure that no other connection has the database open; raises `BackupFailed`.

    Only with a write-ahead log does SQLite know: it refuses to leave that mode while another connection is open.
    """
    try:
        target.execute("PRAGMA journal_mode = DELETE").fetchone()
        target.execute("BEGIN EXCLUSIVE")
        target.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            raise BackupFailed(f"{path} is open: close every store and program that uses it first") from error
        raise


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, tell: Tell) -> None:
    size: int = source.execute("PRAGMA page_size").fetchone()[0]

    def progress(_status: int, remaining: int, total: int) -> None:
        tell((total - remaining) * size, total * size)

    source.backup(target, pages=_PAGES, progress=progress, sleep=0)


def _check(connection: sqlite3.Connection, file: Path) -> None:
    """Raise `BackupFailed` if a page of a backup is damaged."""
    found: str = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise BackupFailed(f"{file} is damaged: {found}")
