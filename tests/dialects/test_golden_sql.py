"""`tests/sql` has the text of every statement: what each operation sends, on every dialect."""

from __future__ import annotations

import ast
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import make_url

from tests.support.golden_sql.files import CALLS, COMMAND, FOLDER, differences, existing, made
from tests.support.golden_sql.recording import SERVERS, Server

PACKAGE = Path(__file__).parents[2] / "agentomatic_sql"
KINDS = {"query", "once"}
OF_SQLALCHEMY = "state.sql"
"""The file with SQLAlchemy's own question whether a table exists, which 2.1 asks in other words than 2.0."""


@pytest.mark.parametrize("name", SERVERS)
def test_every_operation_sends_what_its_file_says(name: str) -> None:
    if name == "cockroachdb" and find_spec("sqlalchemy_cockroachdb") is None:
        pytest.skip("sqlalchemy-cockroachdb is not installed: it needs SQLAlchemy 2.0")
    files, now = existing(name), {**made(SERVERS[name])}
    if not sqlalchemy.__version__.startswith("2.0."):
        del files[OF_SQLALCHEMY], now[OF_SQLALCHEMY]
    if changes := differences(files, now):
        hint = f"if this is meant to change, {COMMAND} writes tests/sql/{name} anew:"
        pytest.fail(f"{hint}\n{changes}", pytrace=False)


def test_there_is_a_folder_for_each_dialect_and_no_other() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(SERVERS)


def declared() -> set[str]:
    """Return the names of all operations of the package, of those within functions too."""
    names = set()
    for path in PACKAGE.rglob("*.py"):
        module, text = ".".join(path.relative_to(PACKAGE).with_suffix("").parts), path.read_text()
        for node in ast.walk(ast.parse(text)) if "operations import" in text else ():
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                decorators = {ast.unparse(one).partition("(")[0] for one in node.decorator_list}
                names |= {f"{module}.{node.name}"} if decorators & KINDS else set()
    return names


def test_every_operation_of_the_package_is_called() -> None:
    assert declared() == {call.operation.name for call in CALLS}


def test_the_find_of_every_operation_is_called() -> None:
    finding = {call.operation.name for call in CALLS if call.operation.find is not None}
    assert finding == {call.operation.name for call in CALLS if call.finds}


def test_every_call_has_a_label_of_its_own() -> None:
    shown = [(call.operation.name, call.label) for call in CALLS]
    assert len(shown) == len(set(shown))


def test_behind_pgbouncer_the_text_is_the_same() -> None:
    direct = SERVERS["postgresql"]
    assert differences(made(direct), made(replace(direct, url=f"{direct.url}?pgbouncer=true"))) == ""


class RealServer(Server):
    """A server that exists and speaks for itself."""

    async def initialize(self) -> None:
        async with self.own_engine.connect():
            pass
        await self.own_engine.dispose()


def test_a_real_server_gets_the_same_text(server_url: str) -> None:
    url = make_url(server_url)
    name, database = "citus" if "citus" in url.query else url.get_backend_name(), url.database
    assert database is not None  # the fixture made it
    real = made(RealServer(server_url, SERVERS[name].product, version=""))
    assert differences(made(SERVERS[name]), {path: text.replace(database, "app") for path, text in real.items()}) == ""


def test_differences_are_those_of_text_and_of_files() -> None:
    before = {"same.sql": "SELECT 1\n", "changed.sql": "SELECT 1\n", "stray.sql": "SELECT 1\n", "end.sql": "SELECT 1\n"}
    now = {"same.sql": "SELECT 1\n", "changed.sql": "SELECT 2\n", "new.sql": "SELECT 3\n", "end.sql": "SELECT 1"}
    assert [line for line in differences(before, now).splitlines() if line[0] in "+-"] == [
        *("--- changed.sql on disk", "+++ changed.sql now", "-SELECT 1", "+SELECT 2"),
        *("--- end.sql on disk", "+++ end.sql now", "-SELECT 1", "+SELECT 1"),
        *("--- new.sql on disk", "+++ new.sql now", "+SELECT 3"),
        *("--- stray.sql on disk", "+++ stray.sql now", "-SELECT 1"),
    ]
