"""The wheel, built through the sdist and installed away from the source.

AGENTOMATIC_SQL_TEST_DIST names a folder with a wheel that is built already: a release is tested as it is published.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from agentomatic_sql.migrations import revisions
from tests.support import next_revision

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
    given = os.environ.get("AGENTOMATIC_SQL_TEST_DIST")
    out = ROOT / given if given else tmp_path_factory.mktemp("dist")
    if not given:
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
    assert f"to {revisions()[-1]}." in out
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


ON_A_NEWER_SCHEMA = """
import asyncio, json
from agentomatic_sql import SQLAlchemyStore
async def main():
    async with SQLAlchemyStore("sqlite:///data/a.db") as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_message("t", "user", "hello")
        report = await store.health_check()
        print(json.dumps([report["status"], report["schema"]["state"], len(await store.get_messages("t"))]))
asyncio.run(main())
"""


def test_the_installed_release_goes_on_with_the_schema_of_the_next(installed: Path, tmp_path: Path) -> None:
    """The wheel is the previous release; the checkout, with one more revision, the next."""
    url = "sqlite:///data/a.db"
    run(installed / "agentomatic-sql", "db", "upgrade", cwd=tmp_path, AGENTOMATIC_SQL_URL=url)
    file = f"sqlite:///{tmp_path}/data/a.db"
    name = asyncio.run(next_revision.upgrade(file, tmp_path, usable_from=revisions()[-1]))
    out = run(installed / "python", "-W", "error", "-c", ON_A_NEWER_SCHEMA, cwd=tmp_path)
    assert json.loads(out) == ["healthy", "newer", 1]
    again = run(installed / "agentomatic-sql", "db", "upgrade", cwd=tmp_path, AGENTOMATIC_SQL_URL=url)
    assert f"the schema is already at {name}; nothing to do" in again


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


CONTRACT = """
import pytest
from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.testing import StoreContract

class TestOnAFile(StoreContract):
    @pytest.fixture
    async def store(self, tmp_path):
        async with SQLAlchemyStore(f"sqlite:///{tmp_path}/store.db") as store:
            yield store
"""


def test_the_installed_contract_needs_nothing_but_its_extra(wheel: Path, installed: Path, tmp_path: Path) -> None:
    command = (sys.executable, "-m", "pip", "--python", installed / "python", "install", "--quiet")
    run(*command, f"{wheel}[testing]", cwd=tmp_path)
    (tmp_path / "test_store.py").write_text(CONTRACT)
    settings = ("asyncio_mode=auto", "asyncio_default_fixture_loop_scope=function")
    options = (part for setting in settings for part in ("-o", setting))
    out = run(installed / "python", "-m", "pytest", "-q", "-W", "error", *options, "-k", "message", cwd=tmp_path)
    assert re.search(r"^\d{2,} passed", out, re.MULTILINE), out


PUBLIC = (
    *("agentomatic_sql", "agentomatic_sql.errors", "agentomatic_sql.inputs", "agentomatic_sql.records"),
    *("agentomatic_sql.base", "agentomatic_sql.history", "agentomatic_sql.jsontext", "agentomatic_sql.migrations"),
    *("agentomatic_sql.revision_ops", "agentomatic_sql.dialects.types"),
)
"""Modules that can be imported without an extra, by users or by shipped revisions."""
OF_EXTRAS = {"agentomatic_sql.langgraph": "langgraph", "agentomatic_sql.encryption": "encryption"}


def test_every_public_path_is_imported_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    program = (
        "import importlib, sys\n"
        f"for name in {PUBLIC!r}:\n"
        "    importlib.import_module(name)\n"
        "import agentomatic_sql\n"
        "from agentomatic_sql import *\n"
        "from agentomatic_sql.cli import main\n"
        "from agentomatic_sql.migrations import include_name\n"
        "assert callable(main) and callable(include_name)\n"
        "assert all(hasattr(agentomatic_sql, name) for name in agentomatic_sql.__all__)\n"
        f"for name, extra in {OF_EXTRAS!r}.items():\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "    except agentomatic_sql.MissingExtra as error:\n"
        "        assert error.extra == extra, error\n"
        "    else:\n"
        "        raise AssertionError(name)\n"
        "print(agentomatic_sql.__file__)\n"
    )
    out = run(installed / "python", "-W", "error", "-c", program, cwd=tmp_path)
    assert out.strip().startswith(str(installed.parent))


@pytest.mark.parametrize("missing", ["pytest", "pytest_asyncio"])
def test_the_contract_without_its_extra_names_it(missing: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"  # None: no such module
        "from agentomatic_sql import MissingExtra\n"
        "try:\n"
        "    import agentomatic_sql.testing\n"
        "except MissingExtra as error:\n"
        "    print(error.module, error.extra, error)\n"
    )
    said = f"{missing} testing {missing} is not installed: pip install 'agentomatic-sql[testing]'"
    assert run(sys.executable, "-c", program, cwd=ROOT).strip() == said


def test_the_published_contract_is_imported_from_the_wheel(wheel: Path, tmp_path: Path) -> None:
    program = (
        "import agentomatic_sql.langgraph, agentomatic_sql.encryption, agentomatic_sql.testing\n"
        "from agentomatic_sql import SQLAlchemySaver\n"
        "from agentomatic_sql.testing import RequiredStoreContract, StoreContract\n"
        "print(agentomatic_sql.testing.__file__)\n"
    )
    with zipfile.ZipFile(wheel) as archive:  # beside the packages of this environment, which have the extras
        archive.extractall(tmp_path / "wheel")
    out = run(sys.executable, "-c", program, cwd=tmp_path, PYTHONPATH=str(tmp_path / "wheel"))
    assert out.strip().startswith(str(tmp_path / "wheel"))
