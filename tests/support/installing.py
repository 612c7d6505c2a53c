"""Packages of other projects, installed into folders of their own beside the test environment."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parents[2] / ".venv-peers"
"""It is kept: some packages are large."""


@cache
def installed(name: str, *packages: str) -> tuple[Path, str]:
    """Install packages without what they depend on, unless they are there.

    The first of several processes installs them, the others wait for it.

    Returns:
        The folder with the packages, and why they could not be installed, which is empty if they were.
    """
    home = _FOLDER / name
    wanted, stamp, folder = "\n".join((sys.version, *packages)), home / "stamp", home / "packages"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            stamp.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            options = ["--quiet", "--disable-pip-version-check", "--retries=1", "--timeout=10"]
            options += ["--no-deps", "--no-compile", "--target", str(folder)]
            command = [sys.executable, "-m", "pip", "install", *options, *packages]
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
            if done.returncode:
                return folder, (done.stderr.strip().splitlines() or ["pip gave no reason"])[-1]
            stamp.write_text(wanted)
    return folder, ""
