"""Processes for tests that need many: each is a fork of one that has imported the package.

A new interpreter needs a second for that, most of what such a test would do. The process that is forked has opened
nothing: no store, no connection, no event loop.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from subprocess import CompletedProcess
from typing import Self

ROOT = Path(__file__).parents[2]
SECONDS = 300
COMMAND = "from agentomatic_sql.cli import main; main()"
"""The program of the command `agentomatic-sql`."""

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(
    ["agentomatic_sql.langgraph", "agentomatic_sql.cli.app", "langgraph.graph", "tests.support.checkpoints"]
)


class Program:
    """A program in Python that runs in a process of its own, as `python -W error -c` would run it.

    `stdin` and `stdout` are text. A program that has not ended when the block is left is killed, and so is one that
    takes longer than SECONDS.
    """

    def __init__(self, program: str, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        read_in, write_in = os.pipe()
        read_out, write_out = os.pipe()
        self.stdin = os.fdopen(write_in, "w", encoding="utf-8")
        self.stdout = os.fdopen(read_out, encoding="utf-8")
        self._stderr = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed with the others
        theirs = [
            Connection(read_in, writable=False),
            Connection(write_out, readable=False),
            Connection(os.dup(self._stderr.fileno())),
        ]
        environment = dict(os.environ if environment is None else environment)
        self._process = _server.Process(target=_run, args=(program, arguments, environment, theirs))
        self._process.start()
        for end in theirs:
            end.close()
        self._limit = threading.Timer(SECONDS, self._process.kill)
        self._limit.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._limit.cancel()
        self._limit.join()
        self._process.kill()
        self._process.join()
        self._process.close()
        for file in (self.stdin, self.stdout, self._stderr):
            file.close()

    def kill(self) -> None:
        """Send it SIGKILL."""
        self._process.kill()

    def wait(self) -> int:
        """Wait for its end, and return its status: negative is the signal that ended it."""
        self._process.join()
        assert self._process.exitcode is not None
        return self._process.exitcode

    def finish(self, said: str = "") -> CompletedProcess[str]:
        """Say something to it, and wait for its end."""
        self.stdin.write(said)
        self.stdin.close()
        out, status = self.stdout.read(), self.wait()
        self._stderr.seek(0)
        return CompletedProcess(self._process.name, status, out, self._stderr.read())


def run(program: str, *arguments: str, environment: Mapping[str, str] | None = None) -> CompletedProcess[str]:
    """Run a program to its end."""
    with Program(program, *arguments, environment=environment) as running:
        return running.finish()


def _run(program: str, arguments: tuple[str, ...], environment: dict[str, str], ends: list[Connection]) -> None:
    for number, end in enumerate(ends):
        os.dup2(end.fileno(), number)
        end.close()
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    sys.argv = ["-c", *arguments]
    warnings.simplefilter("error")
    exec(compile(program, "<program>", "exec"), {"__name__": "__main__"})
