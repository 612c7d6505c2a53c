"""The layers of the package: who may import whom, which folders are private, and where private names may stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.documents import PAGES, ROOT, sections

PACKAGE = ROOT / "agentomatic_sql"
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if "_alembic" not in path.parts)

LAYERS = (
    *("errors", "escaping", "jsontext", "statements", "tokens", "async_engine"),
    *("records", "inputs", "history", "base", "encryption"),
    *("drivers", "dialects", "tables", "models", "revision_ops"),
    *("context", "operations", "ownership", "execution"),
    *("migrating", "migrations", "sealing"),
    *("checks", "replicas", "database", "graphs", "entities"),
    *("memory", "store", "langgraph"),
    *("moving", "interop", "testing", "__init__", "cli", "__main__"),
)
"""Folders and files of the package from the bottom up: each imports only what stands before it."""

SHARED = {"errors", "escaping", "jsontext", "statements", "records", "inputs", "history", "base", "context"}
WITHOUT_SQLALCHEMY = {"errors", "escaping", "jsontext", "records", "inputs", "history", "base"}
PRIVATE_NAMES = {
    *("execution/private_api.py", "graphs/codec.py"),
    *("drivers/aiosqlite.py", "drivers/aiomysql.py", "drivers/asyncpg.py", "drivers/pipeline.py"),
}
"""The files that may use private names of other packages."""


def module_of(path: Path) -> tuple[str, ...]:
    """The parts of a module's name within the package."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts


def imports_of(path: Path) -> Iterator[tuple[str, ...]]:
    """Every module of this package that a file imports: at its top, in a function, or for types alone."""
    package = path.relative_to(PACKAGE).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.level == 0:
            assert not (node.module or "").startswith("agentomatic_sql"), f"{path}: an absolute import of the package"
            continue
        base = package[: len(package) - (node.level - 1)]
        target = (*base, *(node.module.split(".") if node.module else ()))
        for alias in node.names:
            module = (*target, alias.name)
            inside = PACKAGE.joinpath(*module)
            yield module if inside.with_suffix(".py").exists() or inside.is_dir() else (target or ("__init__",))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_only_from_layers_below(path: Path) -> None:
    own = module_of(path)[0]
    assert own in LAYERS, "a new folder or file needs its place among the layers"
    above = {module[0] for module in imports_of(path) if LAYERS.index(module[0]) > LAYERS.index(own)}
    assert above == set()


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module_of(path): set(imports_of(path)) for path in SOURCES}
    done: set[tuple[str, ...]] = set()

    def visit(module: tuple[str, ...], trail: tuple[tuple[str, ...], ...]) -> None:
        assert module not in trail, " -> ".join(".".join(part) for part in (*trail, module))
        if module not in done:
            for target in graph.get(module, set()) - {module}:
                if target != module[: len(target)]:  # a folder's own __init__ re-exports what stands in it
                    visit(target, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_a_folder_only_re_exports() -> None:
    for path in SOURCES:
        if path.name != "__init__.py" or path.parent in (PACKAGE, PACKAGE / "testing"):
            continue
        submodules = {other.stem for other in path.parent.glob("*.py")}
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ImportFrom):
                assert not {alias.asname or alias.name for alias in node.names} & submodules, path
            else:
                assigned = isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
                assert assigned or isinstance(node, ast.Expr), f"{path}: {ast.unparse(node)}"


@pytest.mark.parametrize("name", sorted(WITHOUT_SQLALCHEMY))
def test_the_interface_needs_no_sqlalchemy(name: str) -> None:
    imported = {
        alias.name if isinstance(node, ast.Import) else node.module or ""
        for node in ast.walk(ast.parse((PACKAGE / f"{name}.py").read_text()))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    assert not {module for module in imported if module.split(".")[0] in ("sqlalchemy", "alembic")}


def modules_imported_by(source: str) -> Iterator[str]:
    """Every module of this package that a program imports, by its name within the package."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        yield from (name.removeprefix("agentomatic_sql.") for name in names if name.startswith("agentomatic_sql."))


def programs() -> Iterator[tuple[str, str]]:
    """The programs outside the package and its tests, each with its place: files, and Python blocks in documents."""
    for folder in ("examples", "alembic", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            yield str(path), path.read_text()
    for page in PAGES:
        for section in sections(page):
            for block in section.blocks:
                if block.language == "python":
                    yield f"{page}:{block.line}", block.text


PRIVATE_FOLDERS = {path.name for path in PACKAGE.iterdir() if path.is_dir()} - {
    "testing",
    "moving",
    "_alembic",
    "__pycache__",
}
PUBLIC = {"store", "memory", "cli"}
"""Folders whose names the package itself exports."""


def private_imports(source: str) -> set[str]:
    """The private modules that a program imports."""
    private = (PRIVATE_FOLDERS | SHARED) - {"errors", "inputs", "records", "base", "history", "jsontext"} - PUBLIC
    allowed = {"dialects.types"}  # which shipped revisions import
    return {name for name in modules_imported_by(source) if name.split(".")[0] in private and name not in allowed}


def test_only_the_tests_and_the_package_itself_import_private_folders() -> None:
    assert {place: found for place, source in programs() if (found := private_imports(source))} == {}


def test_an_import_of_a_private_folder_is_found_in_either_form() -> None:
    assert private_imports("import agentomatic_sql.execution.engine") == {"execution.engine"}
    assert private_imports("from agentomatic_sql.entities import threads") == {"entities"}
    assert private_imports("from agentomatic_sql.inputs import message") == set()


@cache
def own_private_names() -> set[str]:
    """The names with an underscore that this package defines itself."""
    names: set[str] = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_private_names_of_other_packages_stand_in_their_own_files(path: Path) -> None:
    if path.relative_to(PACKAGE).as_posix() in PRIVATE_NAMES:
        return
    own = own_private_names() | {"_asdict", "_replace", "_fields"}  # a named tuple's, which are public
    found = {
        node.attr
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.endswith("__")
    } - own
    imported = {
        alias.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.level == 0
        for alias in node.names
        if alias.name.startswith("_")
    }
    assert found | imported == set()


def test_the_diagram_of_the_documents_has_every_layer() -> None:
    page = (ROOT / "docs" / "maintainers" / "code-in-ten-minutes.md").read_text()
    diagram = page.partition("## Who may import whom")[2].split("```")[1]
    assert set(re.findall(r"\w+", diagram)) == set(LAYERS) - {"__init__", "__main__"}
