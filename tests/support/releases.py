"""Releases of agentomatic, each installed into a folder of its own, without what it depends on."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

VERSIONS = ("1.10.0", "1.13.0", "1.16.0")
_WRITER = Path(__file__).with_name("platform_writer.py")


@cache
def _installed(version: str) -> tuple[str, str]:
    """Install a release; returns its folder, and why it could not be installed."""
    folder = mkdtemp(prefix=f"agentomatic-{version}-")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--target", folder]
    command += ["--disable-pip-version-check", "--retries=1", "--timeout=10", f"agentomatic=={version}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return folder, "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no reason"])[-1]


def installed(version: str) -> str:
    """Return the folder of a release, or skip the test with the reason."""
    folder, reason = _installed(version)
    if reason:
        pytest.skip(f"agentomatic {version}: NOT INSTALLED, PyPI COULD NOT BE READ: {reason}")
    return folder


async def write(version: str, url: str) -> dict[str, Any]:
    """Let a release write a database; returns everything that its own store returns of it."""
    folder = await asyncio.to_thread(installed, version)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(_WRITER), folder, url), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    found: dict[str, Any] = json.loads(out)
    return found
