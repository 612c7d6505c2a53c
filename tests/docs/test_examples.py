"""Every Python and shell example of the documents is run, section by section, each in an empty folder.

`tests/support/documents.py` says what a code block means. Python finds a store on a SQLite file as `store`. A URL of a
server in the documents stands for an empty database on a server of the tests.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import io
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import make_url

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support import servers
from tests.support.databases import chosen, database_on, server_of
from tests.support.documents import PAGES, ROOT, Block, Section, prints, sections, statements

DATABASES = {
    "postgresql://app:secret@db/agents": "postgresql",
    "mysql://app:secret@db/agents": "mysql",
    "mariadb://app:secret@db/agents": "mariadb",
}
OWNER = "postgresql://owner:secret@db/agents"
"""Who owns the tables, where the documents make the role `app`."""
REDIS = "redis://localhost:6379/0"

SHOWN_ONLY = {
    "scripts/demo": "tests/docs/test_demo.py runs it",
    "scripts/test": "it is what runs this test",
    "scripts/soak": "tests/docs/test_benchmarks.py runs a short one",
    "scripts/bench": "tests/docs/test_benchmarks.py runs a short one; it makes an environment of its own",
    "agentomatic-sql db upgrade --url postgresql://app:secret@coordinator": "tests/dialects/test_citus.py upgrades one",
    "agentomatic-sql db distribute": "tests/dialects/test_citus.py runs it, where there is a cluster",
    "export AGENTOMATIC_SQL_TEST_CITUS_URL": "it needs a cluster",
    "AGENTOMATIC_SQL_TEST_DATABASES=citus": "it is what runs this test",
    "python -m benchmarks": "tests/docs/test_benchmarks.py runs small ones",
    "python3 -m venv": "tests/packaging/test_packaging.py installs the wheel",
    ".venv/bin/pip install": "tests/packaging/test_packaging.py installs the wheel",
    'agentomatic-sql import sessions --from "$OLD"': "tests/moving/test_sessions_of_others.py imports from each",
    "uvicorn": "it does not end; tests/contract/test_platform.py serves the platform",
    "WITH counted AS": "shortened: the statement has more names in it",
    "def find(context: Context, row: Row, key": "a part of entities/feedback.py, shortened",
    "def find(context: Context, row: Row, epoch": "a part of a recipe for an entity that does not exist",
}
"""Commands and programs that are not run here, by their beginning, and why."""

SECTIONS = [section for page in PAGES for section in sections(page)]


def needed(section: Section) -> list[str]:
    """The kinds of servers that a section's examples use."""
    found = [kind for url, kind in DATABASES.items() if url in section.text]
    return [*found, *(["redis"] if REDIS in section.text else [])]


def is_for_this_run(section: Section) -> bool:
    return all(chosen((kind,)) for kind in needed(section))


class Reader:
    """Somebody who does what a section says."""

    def __init__(self, section: Section, folder: Path, urls: Mapping[str, str], runner: asyncio.Runner) -> None:
        self._section = section
        self._folder = folder
        self._urls = urls
        self._runner = runner
        self._role = f"app_{uuid.uuid4().hex[:12]}"
        self._module = ModuleType("example")
        self._names = self._module.__dict__
        self._names["store"] = SQLAlchemyStore(f"sqlite:///{folder}/store.db")

    def read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Do everything, from the first block to the last."""
        monkeypatch.setitem(sys.modules, "example", self._module)
        printed: str | None = None
        for block in self._section.blocks:
            if block.file is not None:
                self._save(block.file, block)
            elif block.language == "python":
                printed = None if is_shown_only(block.text) else self._python(block)
            elif block.language == "console":
                self._console(block, monkeypatch)
            elif block.language == "sql" and not is_shown_only(block.text):
                self._sql(block)
            elif block.language == "text":
                assert printed is not None, f"{self._at(block)}: there is no program that prints this"
                assert prints(block.text, printed), f"{self._at(block)}: it prints\n{printed}"

    def close(self) -> None:
        """Close the stores that the examples have left open, and drop the role that they have made."""
        for value in list(self._names.values()):
            if isinstance(value, SQLAlchemyStore):
                self._runner.run(value.close())
            elif isinstance(value, SQLAlchemySaver):
                self._runner.run(value.aclose())
        if (owner := self._urls.get(OWNER)) is not None:
            for statement in (f"DROP OWNED BY {self._role}", f"DROP ROLE {self._role}"):
                self._runner.run(servers.run(owner, statement))

    def _at(self, block: Block) -> str:
        return f"{self._section.page.relative_to(ROOT)}, line {block.line}"

    def _here(self, text: str) -> str:
        """The text with the URLs of this run's servers."""
        if OWNER in self._urls:
            guest = make_url(self._urls[OWNER]).set(username=self._role, password="secret")
            urls = {**self._urls, "postgresql://app:secret@db/agents": guest.render_as_string(hide_password=False)}
        else:
            urls = {**self._urls}
        for written, url in urls.items():
            text = text.replace(written, url)
        return text

    def _save(self, name: str, block: Block) -> None:
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(block.text))

    def _python(self, block: Block) -> str:
        """Run a program, and return what it prints."""
        text = "\n" * (block.line - 1) + self._here(block.text)
        code = compile(text, self._section.page, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        with redirect_stdout(io.StringIO()) as printed:
            running = eval(code, self._names)
            if inspect.iscoroutine(running):
                self._runner.run(running)
        return printed.getvalue()

    def _console(self, block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
        """Run commands in one shell; what they export stays for the blocks that follow."""
        commands = [self._here(command) for command in block.commands if not is_shown_only(command)]
        if not commands:
            return
        script = "\n".join(["set -e", *commands, "env -0 >.environment"])
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, f"{self._at(block)}\n{done.stdout}{done.stderr}"
        if block.output:
            assert prints(block.output, done.stdout), f"{self._at(block)}: it prints\n{done.stdout}"
        for variable in Path(".environment").read_text().split("\0"):
            name, _equals, value = variable.partition("=")
            if name.startswith("AGENTOMATIC_SQL_"):
                monkeypatch.setenv(name, value)

    def _sql(self, block: Block) -> None:
        for statement in statements(block.text, self._role):
            self._runner.run(servers.run(self._urls[OWNER], statement))


def is_shown_only(text: str) -> bool:
    return text.startswith(tuple(SHOWN_ONLY))


@pytest.fixture
def folder(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a copy of what a checkout has for its commands, and no setting of the tests' own."""
    shutil.copy(migrated_file, tmp_path / "store.db")
    shutil.copy(ROOT / "alembic.ini", tmp_path)
    for name in ("alembic", "examples"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in os.environ:
        if name.startswith("AGENTOMATIC"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # those of this environment take seconds to import
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_asyncio.plugin")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("section", [*filter(is_for_this_run, SECTIONS)], ids=str)
def test_the_examples_of_a_section_run(
    section: Section, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:
        urls = {url: stack.enter_context(database_on(kind)) for url, kind in DATABASES.items() if url in section.text}
        if REDIS in section.text:
            urls[REDIS] = server_of("redis").url
        if OWNER in section.text:
            urls[OWNER] = urls["postgresql://app:secret@db/agents"]
        runner = stack.enter_context(asyncio.Runner())
        reader = Reader(section, request.getfixturevalue("folder"), urls, runner)
        stack.callback(reader.close)
        reader.read(monkeypatch)


def test_every_exception_from_running_is_still_in_a_document() -> None:
    shown = [command for section in SECTIONS for block in section.blocks for command in (*block.commands, block.text)]
    for beginning in SHOWN_ONLY:
        assert any(one.startswith(beginning) for one in shown), beginning


def test_no_example_is_in_a_language_that_is_not_run() -> None:
    known = {"python", "console", "text", "sql", "ini", "toml", "", "{toctree}", "{include}", "{eval-rst}"}
    assert {block.language for section in SECTIONS for block in section.blocks} <= known
