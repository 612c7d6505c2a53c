"""The documentation is built as a site, and every warning is an error."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import agentomatic_sql
from agentomatic_sql import BaseStore, SQLAlchemyStore
from agentomatic_sql.cli.app import app
from agentomatic_sql.langgraph import SQLAlchemySaver
from tests.support.documents import PAGES, ROOT

PACKAGE = ROOT / "agentomatic_sql"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as `scripts/docs` builds it."""
    built = tmp_path_factory.mktemp("site")
    options = ["--quiet", "--fail-on-warning", "--keep-going", "--builder", "html"]
    command = [sys.executable, "-m", "sphinx", *options, str(ROOT / "docs"), str(built)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return built


def test_every_page_is_in_it(site: Path) -> None:
    for page in PAGES:
        if page.is_relative_to(ROOT / "docs"):
            assert (site / page.relative_to(ROOT / "docs").with_suffix(".html")).is_file()


@pytest.mark.parametrize("store", [BaseStore, SQLAlchemyStore, SQLAlchemySaver], ids=lambda store: store.__name__)
def test_the_reference_has_every_public_method(site: Path, store: type) -> None:
    reference = "".join(page.read_text() for page in (site / "api").glob("*.html"))
    own = vars(store) if store is not BaseStore else dir(store)
    for name in own:
        function = inspect.getattr_static(store, name)
        if not name.startswith("_") and inspect.isfunction(function):
            assert re.search(rf'id="agentomatic_sql\.(\w+\.)*{store.__name__}\.{name}"', reference), name


def test_the_reference_has_every_public_name(site: Path) -> None:
    reference = "".join(page.read_text() for page in (site / "api").glob("*.html"))
    for name in agentomatic_sql.__all__:
        if name != "__version__":
            assert re.search(rf'id="agentomatic_sql\.(\w+\.)*{name}"', reference), name


def test_every_command_is_in_it(site: Path) -> None:
    page = (site / "command-line.html").read_text()
    program: Any = get_command(app)
    for name, command in program.commands.items():
        for title in (name, *(f"{name} {part}" for part in getattr(command, "commands", ()))):
            assert f'id="agentomatic-sql-{title.replace(" ", "-")}"' in page, title


NAMED = re.compile(r"`([\w./-]+(?:\.(?:py|md|lua|ini|toml)|/))`")
ONLY_NAMED = {
    "hello.py": "the reader makes it",
    "NNNN_what_it_does.py": "the reader makes it",
    "entities/notes.py": "the reader makes it",
    "agentomatic_sql/testing/notes.py": "the reader makes it",
}
"""Files that pages name and that are not there, and why."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_file_that_a_page_names_exists(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    for name in {*NAMED.findall(text)} - {*ONLY_NAMED}:
        places = (ROOT / name, PACKAGE / name, ROOT / "docs" / name, page.parent / name)
        assert any(place.exists() for place in places), name
