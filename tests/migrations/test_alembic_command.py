"""Alembic's own command in a checkout: what it says, and that it shows no traceback for what an operator can cure."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from agentomatic_sql.migrations import revisions
from tests.support import next_revision

ROOT = Path(__file__).parents[2]
SECRET = "s3cr3t-Pa55word"  # no password of anything


def alembic(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it at the root of the project, on this database."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AGENTOMATIC")}
    command = [sys.executable, "-m", "alembic", "-x", f"url={url}", *arguments]
    return subprocess.run(command, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=120)


def test_alembic_names_the_revisions_that_it_runs(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    up = alembic(url, "upgrade", "head")
    assert up.returncode == 0, up.stderr
    assert up.stderr.count("Running upgrade") == len(revisions())
    assert revisions()[-1] in alembic(url, "current").stdout
    assert alembic(url, "check").returncode == 0
    down = alembic(url, "downgrade", "base")
    assert down.returncode == 0, down.stderr
    assert down.stderr.count("Running downgrade") == len(revisions())


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    done = alembic(f"postgresql://ada:{SECRET}@127.0.0.1:1/agents", "upgrade", "head")
    assert done.returncode != 0
    assert "postgresql at 127.0.0.1:1, database agents is not available" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_a_url_that_is_wrong_is_one_sentence() -> None:
    done = alembic(f"oracle://ada:{SECRET}@host/x", "upgrade", "head")
    assert done.returncode != 0
    assert "the database 'oracle' is not supported" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_an_older_release_has_nothing_to_upgrade_to(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    name = asyncio.run(next_revision.upgrade(url, tmp_path, usable_from=revisions()[-1]))
    up = alembic(url, "upgrade", "head")
    assert up.returncode == 0, up.stderr
    assert f"the schema is at revision {name}, of a newer release: nothing to upgrade" in up.stderr
    down = alembic(url, "downgrade", revisions()[-1])
    assert down.returncode != 0
    assert f"the schema is at revision {name}, which this package" in down.stdout + down.stderr


def test_the_database_is_named_before_anything_is_done(tmp_path: Path) -> None:
    up = alembic(f"sqlite:///{tmp_path}/store.db", "upgrade", "head")
    assert up.stderr.splitlines()[0].endswith(f"sqlite database {tmp_path}/store.db (the URL given)")
