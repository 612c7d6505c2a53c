"""Watch the file of an open SQLite database, which SQLite itself does not.

SQLite goes on writing into a file that was moved away. If another program writes over the file or truncates it, it
goes on with the pages that it remembers.

Nothing but SQLite may open the file: as soon as a process closes a file, POSIX takes away all locks that it has on it.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from sqlalchemy import URL

_CURE = "put it back, or close() the store and open it again"


class _State(NamedTuple):
    """The properties of a database by which one is told from another that was written over it."""

    schema_version: int
    """Grows with each change of the schema and each VACUUM."""
    shrinks: bool
    """Whether SQLite may make the file smaller at any time: without WAL (also if a writer is in the way), or with
    auto_vacuum."""


class OpenFile:
    """The file of an open database, as it was when it was opened."""

    def __init__(self, path: Path) -> None:
        found = path.stat()
        self._path = path.absolute()  # the process may change its folder
        self._identity = (found.st_dev, found.st_ino)
        self._size = found.st_size
        self._state = _state(self._path)

    def harm(self) -> str | None:
        """Return what has happened to the file; None if it is the one that was opened."""
        try:
            found = self._path.stat()
        except OSError as error:
            return f"its file was moved or deleted while it was open ({error.strerror}): {_CURE}"
        if (found.st_dev, found.st_ino) != self._identity:
            return f"its file was replaced while it was open: {_CURE}"
        if found.st_size < self._size and not self._has_shrunk_by_itself(found.st_size):
            return f"its file was truncated or written over while it was open: {_CURE}"
        self._size = found.st_size
        return None

    def _has_shrunk_by_itself(self, size: int) -> bool:
        """Return whether SQLite made the file smaller: with VACUUM, or because it shrinks at any time."""
        before, now = self._state, _state(self._path) if size else None
        if now is None:
            return False
        if not now.shrinks and (before is None or now.schema_version <= before.schema_version):
            return False
        self._state = now
        return True


def _state(path: Path) -> _State | None:
    """Ask a connection of its own (closing it keeps the others' locks); None if it cannot read the database."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=0)) as connection:
            version, mode, vacuum = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("schema_version", "journal_mode", "auto_vacuum")
            )
    except sqlite3.Error as error:
        return _State(-1, shrinks=True) if error.sqlite_errorname == "SQLITE_BUSY" else None
    return _State(version, mode != "wal" or vacuum > 0)


def path_of(url: URL) -> Path | None:
    """Return the path of a database's file; None for one in memory."""
    if url.database in (None, "", ":memory:") or url.query.get("mode") == "memory":
        return None
    name = str(url.database)
    return Path(unquote(name.removeprefix("file:").partition("?")[0])) if name.startswith("file:") else Path(name)


def advice(path: Path, code: str | None) -> str | None:
    """Return why a file cannot be opened or written, if that can be seen from its permissions."""
    if code not in ("SQLITE_CANTOPEN", "SQLITE_READONLY"):
        return None
    file = path.absolute()
    if not file.parent.is_dir():
        return f"there is no folder {file.parent}"
    if not os.access(file.parent, os.W_OK):
        return (
            f"this user cannot write to the folder {file.parent}, in which SQLite keeps files beside the database; a "
            f"database that nobody writes can be read as sqlite:///file:{file}?immutable=1&uri=true"
        )
    if file.exists() and not os.access(file, os.R_OK):
        return f"this user cannot read {file}"
    return f"this user cannot write to {file}, or it was opened to be read only" if code == "SQLITE_READONLY" else None
