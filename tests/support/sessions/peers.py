"""The packages whose sessions are brought in, installed in a folder of their own beside the test environment."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

FOLDER = Path(__file__).parents[3] / ".venv-peers"
"""It is kept: the packages are large."""

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

REASON = "THE PACKAGES WHOSE SESSIONS ARE BROUGHT IN CANNOT BE INSTALLED: NOT TESTED ON WHAT THEY WRITE"


def installed() -> Path:
    """Return the folder with the packages; the first of several processes installs them. Skips if that fails."""
    wanted, stamp, folder = f"{sys.version}\n{PACKAGES}", FOLDER / "stamp", FOLDER / "packages"
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(folder, ignore_errors=True)
            options = ["--quiet", "--disable-pip-version-check", "--retries=1", "--timeout=10"]
            options += ["--no-deps", "--no-compile", "--target", str(folder)]
            command = [sys.executable, "-m", "pip", "install", *options, *PACKAGES]
            if subprocess.run(command, capture_output=True, timeout=300, check=False).returncode:
                pytest.skip(REASON)
            (folder / "traceloop").mkdir()  # large, and imported by what Chainlit imports, which does not use it here
            (folder / "traceloop" / "sdk.py").write_text("Traceloop = None\n")
            stamp.write_text(wanted)
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
                env={**os.environ, "PYTHONPATH": str(installed())},
                cwd=self._folder,
            )
        return self._programs[program]

    def close(self) -> None:
        """End the programs."""
        for process in self._programs.values():
            with process:
                assert process.stdin is not None
                process.stdin.close()
