"""The wheel, built through the sdist and installed away from the source."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AGENTOMATIC", "PYTHON"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=clean | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`python -m build` makes the sdist, and the wheel out of the sdist."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--outdir", out, ROOT, cwd=out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it needs, and nothing of the checkout; its folder of programs."""
    home = tmp_path_factory.mktemp("venv")
    venv.create(home)
    programs = home / ("Scripts" if os.name == "nt" else "bin")
    run(sys.executable, "-m", "pip", "--python", programs / "python", "install", "--quiet", wheel, cwd=home)
    return programs


def test_the_wheel_carries_the_revisions_and_the_type_marker(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    revisions = {f"agentomatic_sql/_alembic/versions/{path.name}" for path in (ROOT / "alembic/versions").glob("*.py")}
    assert revisions
    assert revisions | {"agentomatic_sql/_alembic/env.py", "agentomatic_sql/py.typed"} <= names
    assert not [name for name in names if name.startswith(("tests/", "alembic/"))]


def test_the_plain_install_migrates_and_serves_sqlite(installed: Path, tmp_path: Path) -> None:
    out = run(installed / "agentomatic-sql", "db", "upgrade", cwd=tmp_path, AGENTOMATIC_SQL_URL="sqlite:///data/a.db")
    newest = max((ROOT / "alembic" / "versions").glob("*.py")).name[:4]
    assert f"to {newest}." in out
    assert (tmp_path / "data" / "a.db").exists()
    program = (
        "import asyncio\n"
        "from agentomatic_sql import SQLAlchemyStore\n"
        "async def main():\n"
        "    async with SQLAlchemyStore('sqlite:///data/a.db', migrate='check') as store:\n"
        "        await store.create_thread('t', 'ada', 'agent')\n"
        "        print((await store.add_message('t', 'user', 'hello'))['index'])\n"
        "asyncio.run(main())\n"
    )
    assert run(installed / "python", "-W", "error", "-c", program, cwd=tmp_path) == "0\n"


def test_the_plain_install_names_the_extra_of_a_missing_driver(installed: Path, tmp_path: Path) -> None:
    program = (
        "from agentomatic_sql import MissingDriver, SQLAlchemyStore\n"
        "for scheme in ('postgresql', 'mysql', 'mariadb', 'cockroachdb'):\n"
        "    try:\n"
        "        SQLAlchemyStore(f'{scheme}://app:s3cret@localhost/db')\n"
        "    except MissingDriver as error:\n"
        "        print(error.extra, 's3cret' in str(error), f'[{error.extra}]' in str(error))\n"
    )
    out = run(installed / "python", "-c", program, cwd=tmp_path)
    assert out.splitlines() == [
        "postgres False True",
        "mysql False True",
        "mysql False True",
        "cockroachdb False True",
    ]
