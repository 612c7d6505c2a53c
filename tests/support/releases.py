"""Releases of agentomatic, each installed into a folder of its own, without what it depends on."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support import installing

VERSIONS = ("1.10.0", "1.13.0", "1.16.0")
_WRITER = Path(__file__).with_name("platform_writer.py")


def installed(version: str) -> Path:
    """Return the folder of a release, or skip the test with the reason."""
    folder, reason = installing.installed(f"agentomatic-{version}", f"agentomatic=={version}")
    if reason:
        pytest.skip(f"agentomatic {version}: NOT INSTALLED, PyPI COULD NOT BE READ: {reason}")
    return folder


async def write(version: str, url: str) -> dict[str, Any]:
    """Let a release write a database; returns everything that its own store returns of it."""
    folder = await asyncio.to_thread(installed, version)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(_WRITER), str(folder), url), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    found: dict[str, Any] = json.loads(out)
    return found
