"""The packages whose sessions are brought in, installed in a folder of their own beside the test environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from tests.support import installing

OPENAI_AGENTS = ("openai-agents==0.24.0", "openai>=3", "griffelib>=2", "mcp==1.28.1", "jiter", "pyjwt")
LANGCHAIN = ("langchain-community==0.4.2", "langchain-postgres==0.0.19", "numpy", "pgvector<0.4", "psycopg-pool")
GOOGLE_ADK = ("google-adk==2.13.0", "google-genai>=2.30,<3", "google-auth")
CHAINLIT = (
    *("chainlit==2.12.0", "literalai==0.1.201", "chevron", "dataclasses-json", "marshmallow<4", "typing-inspect"),
    *("mypy-extensions", "filetype", "lazify", "syncer", "nest-asyncio", "asyncer", "aiofiles", "tomli"),
    *("python-socketio", "python-engineio", "simple-websocket", "bidict", "wsproto"),
    *("aiohttp", "aiosignal", "aiohappyeyeballs", "frozenlist", "multidict", "yarl", "propcache"),
)
OF_MCP = ("httpx-sse", "sse-starlette", "jsonschema", "jsonschema-specifications", "referencing", "rpds-py", "attrs")
PACKAGES = (*OPENAI_AGENTS, *LANGCHAIN, *GOOGLE_ADK, *CHAINLIT, *OF_MCP)
"""What they import to store sessions and the test environment does not have."""

_UNUSED = Path(__file__).with_name("unused")
"""Packages that they import and do not use to store sessions."""

REASON = "THE PACKAGES WHOSE SESSIONS ARE BROUGHT IN CANNOT BE INSTALLED: NOT TESTED ON WHAT THEY WRITE"


def installed() -> Path:
    """Return the folder with the packages, or skip the test."""
    folder, reason = installing.installed("sessions", *PACKAGES)
    if reason:
        pytest.skip(REASON)
    return folder


class Writers:
    """The programs that write sessions, one for each package; they run in a folder, where Chainlit makes files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs: dict[str, subprocess.Popen[str]] = {}

    def write(self, program: str, kind: str, url: str, name: str) -> dict[str, list[dict[str, Any]]]:
        """Let a package store a round of messages, and return what it then reads itself: the items of each session."""
        process = self._programs.get(program) or self._start(program)
        parsed = make_url(url)
        plain = parsed.set(drivername=parsed.get_backend_name()).render_as_string(hide_password=False)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([kind, plain, name]) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer, (self._folder / f"{program}.log").read_text()
        found: dict[str, list[dict[str, Any]]] = json.loads(answer)
        return found

    def _start(self, program: str) -> subprocess.Popen[str]:
        path = Path(__file__).with_name(f"{program}_writer.py")
        with (self._folder / f"{program}.log").open("w") as log:
            self._programs[program] = subprocess.Popen(
                [sys.executable, str(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join((str(installed()), str(_UNUSED)))},
                cwd=self._folder,
            )
        return self._programs[program]

    def close(self) -> None:
        """End the programs."""
        for process in self._programs.values():
            with process:
                assert process.stdin is not None
                process.stdin.close()
