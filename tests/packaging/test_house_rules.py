"""The rules that keep the house simple, where a test can hold them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "agentomatic_sql"
SOURCES = sorted(PACKAGE.rglob("*.py"))
KNOWS_DATABASES = {"execution/engine.py", "migrations.py"}  # the URL table, and the default URL


def test_no_statement_is_written_in_the_store() -> None:
    for path in (PACKAGE / "store").glob("*.py"):
        assert "select(" not in path.read_text()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_databases_name_is_written_only_where_dialects_live(path: Path) -> None:
    named = re.findall(r".*(?:postgresql|mysql|mariadb|sqlite|cockroach).*", path.read_text())
    inside = path.relative_to(PACKAGE)
    assert not named or inside.parts[0] in ("dialects", "drivers", "_alembic") or inside.as_posix() in KNOWS_DATABASES


def test_only_the_door_begins_commits_or_rolls_back() -> None:
    allowed = {"execution/transactions.py", "migrations.py", "migrating/locked.py", "migrating/creation.py"}
    allowed |= {"dialects", "drivers", "async_engine.py"}
    callers = {
        path.parent.name if path.parent.name in ("dialects", "drivers") else path.relative_to(PACKAGE).as_posix()
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("commit", "rollback", "begin", "begin_nested")
    }
    assert callers <= allowed


def test_the_migration_folder_is_not_a_package() -> None:
    assert not list((ROOT / "alembic").rglob("__init__.py"))


def test_importing_the_package_imports_no_extra() -> None:
    program = (
        "import sys, agentomatic_sql; "
        "print(sorted({'asyncpg', 'aiomysql', 'typer', 'rich', 'agentomatic', 'langgraph', 'pytest', 'redis'} "
        "& set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_name_of_a_test_says_what_holds() -> None:
    names = [
        name for path in (ROOT / "tests").rglob("*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
    ]
    assert [name for name in names if re.match(r"test_(what|who|whose|whatever)_", name)] == []
