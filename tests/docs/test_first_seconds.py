"""Scripts say at once that they make an environment: on a terminal with a clock, in a log in one line."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
QUIETLY = [sys.executable, str(ROOT / "scripts" / "_quietly.py")]


class Terminal:
    """A command, run quietly on a terminal of its own."""

    def __init__(self, sentence: str, script: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [*QUIETLY, sentence, "bash", "-c", script],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # so that Ctrl-C reaches it
        )
        os.close(theirs)
        self.said = ""

    def until(self, done: Callable[[str], bool]) -> str:
        """Read on until this is so, or to the end."""
        while not done(self.said):
            try:
                read = os.read(self._ours, 4096)
            except OSError:  # nobody has the terminal open any more
                break
            self.said += read.decode()
        return self.said

    def end(self) -> int:
        self.until(lambda _: False)
        os.close(self._ours)
        return self.process.wait(timeout=30)

    def press_ctrl_c(self) -> None:
        os.write(self._ours, b"\x03")


def test_a_terminal_has_a_clock() -> None:
    terminal = Terminal("a nap", "echo hidden; sleep 1.2")
    assert terminal.end() == 0
    assert terminal.said == "\r  a nap: 0 s\r  a nap: 1 s\r\n"


def test_the_output_of_a_failed_command_is_shown() -> None:
    terminal = Terminal("a try", "echo out; echo err >&2; exit 3")
    assert terminal.end() == 3
    assert terminal.said == "\r  a try: 0 s\r\nout\r\nerr\r\n"


def test_ctrl_c_ends_it_at_once() -> None:
    terminal = Terminal("a long sleep", "sleep 600")
    terminal.until(lambda said: "0 s" in said)
    begun = time.monotonic()
    terminal.press_ctrl_c()
    assert terminal.end() == 130
    assert time.monotonic() - begun < 5
    assert "Traceback" not in terminal.said


def test_a_log_has_no_clock() -> None:
    for script, status, said in (("echo hidden; sleep 1.2", 0, ""), ("echo shown; exit 3", 3, "shown\n")):
        done = subprocess.run([*QUIETLY, "a try", "bash", "-c", script], capture_output=True, text=True)
        assert (done.returncode, done.stdout, done.stderr) == (status, "", said)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of the files that scripts/demo needs, without an environment."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT / "scripts", copy / "scripts")
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_the_demo_says_at_once_what_it_does_and_is_stopped_with_ctrl_c(checkout: Path) -> None:
    begun = time.monotonic()
    with subprocess.Popen(
        [checkout / "scripts" / "demo"], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stderr is not None
        first, second = running.stderr.readline(), running.stderr.readline()
        seconds = time.monotonic() - begun
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does it
        rest = running.stderr.read()
        assert running.wait(timeout=30) != 0
    assert first == "The demo: real conversations go into a database, and come out as they were.\n"
    assert re.fullmatch(r"Making the environment \.venv-demo, once: about a minute, most of it downloads\.\n", second)
    assert seconds < 5  # a second, on a machine that has nothing else to do
    ours = rest.partition("subprocess-exited-with-error")[0]  # pip may be building the package when it is interrupted
    assert "Traceback" not in ours
    assert not (checkout / ".venv-demo" / "agentomatic-sql.stamp").exists()  # it is made anew the next time
