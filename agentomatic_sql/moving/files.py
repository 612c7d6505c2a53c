"""Files of lines: one that gets its name when it is whole, and one that is read; compressed if it ends with `.zst`."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

from ..errors import MissingExtra, StoreError, TransferFailed

_R = TypeVar("_R")

COMPRESSED = ".zst"


@contextmanager
def new_file(path: Path, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """Write a file under another name; it is flushed to the disk and gets its name in the end.

    Raises `TransferFailed`. After any error there is no new file.
    """
    refuse_existing(path, overwrite=overwrite)
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as file:
            with _compressing(path, file) as writer:
                yield writer
            file.flush()
            os.fsync(file.fileno())
        refuse_existing(path, overwrite=overwrite)
        partial.replace(path)
        flush(path.parent)
    except StoreError:
        raise  # of the database; some are OSErrors, too
    except OSError as error:
        raise TransferFailed(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)


def refuse_existing(path: Path, *, overwrite: bool, error: Callable[[str], Exception] = TransferFailed) -> None:
    """Raise an error if a file cannot have this name."""
    if not path.parent.is_dir():
        raise error(f"there is no folder {path.parent}")
    if path.is_dir() or (path.exists() and not overwrite):
        raise error(f"{path} exists: choose another name, or pass --overwrite, or overwrite=True")


def flush(path: Path) -> None:
    """Flush a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def lines_of(path: Path) -> Iterator[tuple[Iterator[bytes], Callable[[], tuple[int, int]]]]:
    """Open a file; returns its lines, and a function that returns how many bytes of it were read, and its size.

    Raises `TransferFailed`.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise TransferFailed(f"{path} cannot be read: {error.strerror or error}") from error
        reader: IO[bytes] = file
        if path.suffix == COMPRESSED:
            stream = _zstandard().ZstdDecompressor().stream_reader(file, read_across_frames=True, closefd=False)
            reader = stack.enter_context(io.BufferedReader(stream, 1 << 20))
        size = os.fstat(file.fileno()).st_size
        yield _checked(path, reader), lambda: (min(file.tell(), size), size)


def _checked(path: Path, reader: IO[bytes]) -> Iterator[bytes]:
    broken: tuple[type[BaseException], ...] = (OSError,)
    if path.suffix == COMPRESSED:
        broken = (OSError, _zstandard().ZstdError)
    try:
        yield from reader
    except broken as error:
        raise TransferFailed(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error


@contextmanager
def _compressing(path: Path, file: IO[bytes]) -> Iterator[IO[bytes]]:
    if path.suffix != COMPRESSED:
        yield file
        return
    with _zstandard().ZstdCompressor(level=3).stream_writer(file, closefd=False) as writer:
        yield writer


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise MissingExtra("zstandard", "zstd") from error
    return zstandard


async def in_thread(work: Callable[[], _R], end: Callable[[], None] | None = None) -> _R:
    """Run in a thread. A cancelled caller calls `end`, and waits until the thread has ended."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        if end is not None:
            end()
        await asyncio.wait({running})
        running.exception()
        raise
