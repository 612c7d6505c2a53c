"""Ctrl-C in a run: it ends at once, says so as pytest does, and stops its servers, however often it is pressed."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support import programs
from tests.support.test_servers import ROOT, bare_environment

TESTS = """
import asyncio
import sys
import threading
import pytest
from agentomatic_sql import SQLAlchemyStore
from tests.support.databases import server_of

def begun():
    print("begun", server_of("postgresql").url, file=sys.stderr, flush=True)  # a worker's stdout goes nowhere

@pytest.fixture
def endless(tmp_path):
    begun()
    threading.Event().wait()

def test_before():
    pass

def test_setup(endless):
    pass

def test_call():
    begun()
    threading.Event().wait()

async def test_coroutine(server_url):
    async with SQLAlchemyStore(server_url) as store:
        await store.create_thread("t", "ada", "agent")
        begun()
        await asyncio.Event().wait()

def test_after():
    print("begun after all", file=sys.stderr)
"""


@contextmanager
def running(tmp_path: Path, chosen: str, workers: int) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A run of these tests on a PostgreSQL of its own, and the folder of its temporary files."""
    (tmp_path / "test_endless.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-s", "-c", str(ROOT / "pyproject.toml"), "-k", chosen]
    command += ["-p", "no:cacheprovider", "-p", "tests.conftest", "-n", str(workers), str(tmp_path / "test_endless.py")]
    with TemporaryDirectory() as folder:  # tmp_path is closed to the user that the server runs as
        Path(folder).chmod(0o755)
        environment = bare_environment(tmp_path) | {"TMPDIR": folder, "AGENTOMATIC_SQL_TEST_DATABASES": "postgresql"}
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as run:
            yield run, Path(folder)


def press(run: subprocess.Popen[str], times: int) -> str:
    """Send SIGINT so often, wait for the end of the run, and return what it said from then on."""
    for _ in range(times):
        run.send_signal(signal.SIGINT)
    assert run.stdout is not None
    said = run.stdout.read()
    assert run.wait(timeout=60) == pytest.ExitCode.INTERRUPTED, said
    assert "INTERNALERROR" not in said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize(
    ("place", "outcome", "times", "workers"),
    [
        ("setup", "error", 1, 0),
        ("call", "failed", 3, 0),
        ("coroutine", "failed", 1, 0),
        ("coroutine", "failed", 3, 0),
        ("setup", "error", 3, 2),
        ("coroutine", "failed", 1, 2),
    ],
)
def test_ctrl_c_ends_the_test_that_runs_and_stops_the_servers(
    tmp_path: Path, place: str, outcome: str, times: int, workers: int
) -> None:
    with running(tmp_path, f"before or {place} or after", workers) as (run, folder):
        assert run.stdout is not None
        url = next(line.split()[-1] for line in run.stdout if "begun" in line)
        assert programs.answers(url)
        said = press(run, times)
        assert f"test_{place}" in said
        assert "interrupted" in said
        assert {"1 passed", f"1 {outcome}"} <= {*re.findall(r"\d+ \w+", said.splitlines()[-1])}
        assert "begun" not in said  # by the test after it
        assert not programs.answers(url)
        assert [*folder.glob("agentomatic-sql-*")] == []


@pytest.mark.parametrize("workers", [0, 2])
def test_ctrl_c_while_servers_are_started_stops_them(tmp_path: Path, workers: int) -> None:
    with running(tmp_path, "before", workers) as (run, folder):
        deadline = time.monotonic() + 60
        while not [*folder.glob("agentomatic-sql-*")]:  # a server's; its starting takes longer than this poll
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert re.search("(KeyboardInterrupt|SIGINT) !!", press(run, 3))  # the latter if it was quick to start
        assert [*folder.glob("agentomatic-sql-*")] == []
