"""`scripts/test --quick`: its exit code, and what it leaves behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PYTHON = """#!/usr/bin/env bash
# Stands for the environment's interpreter: `python -m ruff|mypy|pytest …`.
echo "$2 $TMPDIR" >>"$CALLS"
case $2 in
pytest) [ -z "${HANG-}" ] || { echo tests; exec sleep 60; } ;;
esac
[ "$2" != "${FAILS-}" ]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with the scripts alone, whose environment has a stub for Python."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    with (tmp_path / "scripts" / "_environment.sh").open("a") as file:
        file.write("environment() { python=$root/python; }\n")
    (tmp_path / "python").write_text(PYTHON)
    (tmp_path / "python").chmod(0o755)
    (tmp_path / "tmp").mkdir()
    return tmp_path


def quick(checkout: Path, **settings: str) -> subprocess.Popen[str]:
    """Start `scripts/test --quick` in a process group of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AGENTOMATIC")}
    environment |= {"TMPDIR": str(checkout / "tmp"), "CALLS": str(checkout / "calls"), **settings}
    return subprocess.Popen(
        [checkout / "scripts" / "test", "--quick"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("fails", "status", "sentence"),
    [
        ("", 0, "tests passed, lint and types passed."),
        ("ruff", 1, "tests passed, lint and types FAILED."),
        ("mypy", 1, "tests passed, lint and types FAILED."),
        ("pytest", 1, "tests FAILED, lint and types passed."),
    ],
)
def test_a_quick_run_fails_if_the_tests_or_the_checks_fail(
    checkout: Path, fails: str, status: int, sentence: str
) -> None:
    run = quick(checkout, FAILS=fails)
    _, said = run.communicate(timeout=30)
    assert sentence in said
    assert run.returncode == status, said
    assert not list((checkout / "tmp").iterdir())


def test_an_interrupted_quick_run_exits_with_130(checkout: Path) -> None:
    run = quick(checkout, HANG="1")
    assert run.stdout is not None
    assert run.stdout.readline() == "tests\n"
    os.killpg(run.pid, signal.SIGINT)
    run.communicate(timeout=30)
    assert run.returncode == 130
    assert not list((checkout / "tmp").iterdir())


@pytest.mark.parametrize(
    ("told", "found"),
    [("tmpfs 2000000", "/dev/shm"), ("tmpfs 64000", ""), ("ext4 2000000", "")],
)
def test_a_quick_run_keeps_its_databases_in_memory_if_there_is_room(checkout: Path, told: str, found: str) -> None:
    if not os.access("/dev/shm", os.W_OK):
        pytest.skip("this system has no /dev/shm")
    programs = checkout / "programs"
    programs.mkdir()
    (programs / "df").write_text(f"#!/bin/sh\necho 'Type Avail\n{told}'\n")
    (programs / "df").chmod(0o755)
    run = quick(checkout, TMPDIR="", PATH=f"{programs}{os.pathsep}{os.environ['PATH']}")
    _, said = run.communicate(timeout=30)
    assert run.returncode == 0, said
    assert {line.partition(" ")[2] for line in (checkout / "calls").read_text().splitlines()} == {found}
