"""Watch the file of an open SQLite database, which SQLite itself does not.

SQLite goes on writing into a file that was moved away, and into a log (the -wal file) that was removed. If another
program writes over the file or truncates it, it goes on with the pages that it remembers.

Nothing but SQLite may open the file: as soon as a process closes a file, POSIX takes away all locks that it has on it.
"""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_to_bytes
from weakref import WeakKeyDictionary

from sqlalchemy import URL

_TRUE = ("true", "yes", "on", "y", "t", "1")
"""How SQLAlchemy reads `?uri=`."""

_CURE = "put it back, or close() the store and open it again"
_RESTORE = "close() the store and restore a backup"
_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
_MEMORY = ":memory:"
"""SQLite's name for a database in memory."""
_LOG_HEADER = 32
"""The bytes before the first change in a log."""


class _State(NamedTuple):
    """The properties of a database by which one is told from another that was written over it."""

    schema_version: int
    """Grows with each change of the schema and each VACUUM."""
    shrinks: bool
    """Whether SQLite may make the file smaller at any time: without WAL (also if a writer is in the way), or with
    auto_vacuum."""


class OpenFile:
    """The file of an open database and the log beside it (the -wal file), as they were when they were opened.

    has_ended: returns whether one of the driver's connections was closed.
    """

    def __init__(self, url: URL, path: Path, has_ended: Callable[[Any], bool]) -> None:
        found = path.stat()
        self._url, self._path = url, path
        self._name, self._log_name = str(path), os.path.realpath(path) + "-wal"
        self._identity = (found.st_dev, found.st_ino)
        self._size, self._time = found.st_size, found.st_mtime_ns
        self._state = _state(path)
        self._log: tuple[int, int] | None = None
        self._log_size = 0
        self._log_harm: str | None = None
        self._has_ended = has_ended
        self._opened: WeakKeyDictionary[Any, tuple[int, int]] = WeakKeyDictionary()
        """The log that each connection has opened. It goes on with this log whatever has the log's name now."""

    def harm(self) -> str | None:
        """Return what has happened to the file or its log; None if they are those that were opened."""
        found = _look(self._name)
        if found is None:
            return f"its file was moved or deleted while it was open: {_CURE}"
        if (found.st_dev, found.st_ino) != self._identity:
            return f"its file was replaced while it was open: {_CURE}"
        if found.st_size < self._size and not self._has_shrunk_by_itself(found.st_size):
            return f"its file was truncated or written over while it was open: {_CURE}"
        self._size = found.st_size
        if (harm := self._harm_of_log()) is not None:
            return harm
        if found.st_mtime_ns != self._time:
            # With a log, SQLite writes into the file once in about a thousand pages, and others may have done so.
            if self._log is not None and (harm := damage(self._url)) is not None:
                return harm
            self._time = found.st_mtime_ns
        return None

    def opened_by(self, connection: Any) -> None:
        """Note the log that a connection, which is in use now, has opened."""
        if connection not in self._opened and (found := _look(self._log_name)) is not None:
            self._opened[connection] = (found.st_dev, found.st_ino)

    def _harm_of_log(self) -> str | None:
        """Return what has happened to the log.

        The last connection that is closed deletes it, so another one is harm only while a connection has this one open.
        """
        if self._log_harm is not None:  # SQLite may write on behind the gap
            return self._log_harm
        found = _look(self._log_name)
        log, size = (None, 0) if found is None else ((found.st_dev, found.st_ino), found.st_size)
        if log != self._log:
            if any(opened != log for one, opened in [*self._opened.items()] if not self._has_ended(one)):
                return (
                    f"its log {self._log_name} was removed or replaced while it was open: close() the store, which "
                    "writes what is missing into the file unless another program has opened it since, and open it again"
                )
            self._log = log
        elif size < _LOG_HEADER <= self._log_size and _is_missing(self._path):
            self._log_harm = (
                f"its log {self._log_name} was emptied while it was open, and the last changes with it: {_RESTORE}, or "
                "open it again with what is left"
            )
            return self._log_harm
        self._log_size = size
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


def _look(name: str) -> os.stat_result | None:
    try:
        return os.stat(name)  # noqa: PTH116 - at each call, and a Path takes twice as long
    except OSError:
        return None


def _state(path: Path) -> _State | None:
    """Ask a connection of its own (closing it keeps the others' locks); None if it cannot read the database."""
    try:
        with closing(sqlite3.connect(uri_of(path, "mode=ro"), uri=True, timeout=0)) as connection:
            version, mode, vacuum = (
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("schema_version", "journal_mode", "auto_vacuum")
            )
    except sqlite3.Error as error:
        return _State(-1, shrinks=True) if error.sqlite_errorname == "SQLITE_BUSY" else None
    return _State(version, mode != "wal" or vacuum > 0)


def uri_of(path: Path, options: str) -> str:
    """Return the URI by which SQLite opens a file with options such as `mode=ro`."""
    return f"file:{quote(os.fsencode(path))}?{options}"


def _is_missing(path: Path) -> bool:
    """Return whether an empty log should hold changes; SQLite itself empties it when all are in the file."""
    try:
        with closing(sqlite3.connect(uri_of(path, "mode=rw"), uri=True, timeout=0)) as connection:
            _busy, changes, _written = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    except sqlite3.Error as error:  # it would have to read them
        return error.sqlite_errorname.startswith(("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB"))
    return bool(changes > 0)


def damage(url: URL) -> str | None:
    """Return why the file of a database cannot be used, as a quick look at it shows; None if nothing shows.

    Reads the header, the schema and the first row of each of this package's tables, with a connection of its own: the
    others may have these pages in their caches.
    """
    path = path_of(url)
    if path is None or not path.exists():
        return None
    how = "mode=ro&immutable=1" if _is_immutable(url) else "mode=ro"
    try:
        with closing(sqlite3.connect(uri_of(path, how), uri=True, timeout=0)) as connection:
            of_us = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'agentomatic_*'"
            for (name,) in connection.execute(of_us).fetchall():
                connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone()  # noqa: S608 - a name of our own
    except sqlite3.Error as error:
        if error.sqlite_errorname.startswith(_DAMAGED):
            return f"{error}; {path} was damaged, or is no SQLite database: {_RESTORE}"
    return None


def path_of(url: URL) -> Path | None:
    """Return the path of a database's file; None for one in memory."""
    query = url.query
    if url.database in (None, "", _MEMORY) or query.get("mode") == "memory" or query.get("vfs") == "memdb":
        return None
    name = str(url.database)
    if not is_uri(url):
        return Path(name)
    name = re.split("[?#]", name.removeprefix("file:"))[0]
    if name.startswith("//"):  # the host, which is empty or localhost
        name = "/" + name[2:].partition("/")[2]
    name = os.fsdecode(unquote_to_bytes(os.fsencode(name)))
    return None if name in ("", _MEMORY) else Path(name)


def _is_immutable(url: URL) -> bool:
    return str(url.query.get("immutable")).lower() in _TRUE


def is_read_only(url: URL) -> bool:
    """Return whether connections of a URL cannot write to the file, as far as the URL and its permissions show."""
    path = path_of(url)
    if path is None:
        return False
    return url.query.get("mode") == "ro" or _is_immutable(url) or not os.access(path, os.W_OK)


def is_in_wal_mode(path: Path) -> bool:
    """Return whether a file is in WAL mode, by its header."""
    try:
        with path.open("rb") as file:
            return file.read(19)[18:] == b"\x02"
    except OSError:
        return False


def is_uri(url: URL) -> bool:
    """Return whether SQLite reads the name of the database as a URI; SQLAlchemy makes a plain path absolute itself."""
    return str(url.database).startswith("file:") and str(url.query.get("uri")).lower() in _TRUE


def objection_to(url: URL) -> str | None:
    """Return why a URL's path can be no database; None if it can."""
    path = path_of(url)
    if path is None:
        return None
    if "\0" in str(path):
        return "no file can have U+0000 in its name"
    if _is_special(path):
        return "this is a device or a pipe, not a file"
    return None


def _is_special(path: Path) -> bool:
    """Return whether a path is neither a file nor a folder, as far as it can be looked at."""
    try:
        mode = path.stat().st_mode
    except OSError:  # the file is missing, or may not be looked at: SQLite says so when it connects
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def absolute(url: URL) -> URL:
    """Return the URL with an absolute path, because the process may change its folder."""
    path = path_of(url)
    if path is None or path.is_absolute():
        return url
    named = os.path.abspath(path)  # noqa: PTH100 - as SQLAlchemy does, without ".." and with symbolic links
    return url.set(database=f"file:{quote(os.fsencode(named))}" if is_uri(url) else named)


def advice(path: Path, code: str | None) -> str | None:
    """Return why a file cannot be opened, read or written, if that can be seen from its permissions or the code."""
    if code in _DAMAGED:
        return f"{path} was damaged, or is no SQLite database: {_RESTORE}"
    if code not in ("SQLITE_CANTOPEN", "SQLITE_READONLY"):
        return None
    if not os.path.isdir(path.parent):  # noqa: PTH112 - Path.is_dir() raises if it may not look
        return f"there is no folder {path.parent}"
    if not os.access(path.parent, os.W_OK):
        return (
            f"this user cannot write to the folder {path.parent}, in which SQLite keeps files beside the database; a "
            f"database that nobody writes can be read as sqlite:///file:{path}?immutable=1&uri=true"
        )
    if os.access(path, os.F_OK) and not os.access(path, os.R_OK):
        return f"this user cannot read {path}"
    return f"this user cannot write to {path}, or it was opened to be read only" if code == "SQLITE_READONLY" else None
