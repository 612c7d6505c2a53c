"""Every table is known wherever a table must be known; the recipe "add an entity" names the same places."""

from __future__ import annotations

import inspect
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import Table

from agentomatic_sql import BaseStore, MemoryStore
from agentomatic_sql.dialects.types import ExactText, JsonText
from agentomatic_sql.entities import deletion, idempotency
from agentomatic_sql.history import PlatformHistory
from agentomatic_sql.memory.view import MemoryView
from agentomatic_sql.sealing.fields import FIELDS
from agentomatic_sql.store import SQLAlchemyStore, UserStore
from agentomatic_sql.tables import METADATA

ROOT = Path(__file__).parents[2]
TABLES: dict[str, Table] = METADATA.tables

PLAIN = {
    ("agentomatic_checkpoints", "checkpoint_ns"): "it is a part of the checkpoint's identity",
    ("agentomatic_encryption_keys", "check_value"): "it is what tells keys apart, encrypted by each of them",
}
"""Texts that encryption leaves alone, with the reason."""


VERSIONS = ROOT / "alembic" / "versions"


def load(path: Path) -> ModuleType:
    """A revision's module."""
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def named_by_revisions(name: str, versions: Path = VERSIONS) -> list[set[str]]:
    """The tables that each revision gives under this name, of the revisions that have it, the oldest first."""
    modules = [load(path) for path in sorted(versions.glob("[0-9]*.py"))]
    return [set(getattr(module, name)) for module in modules if hasattr(module, name)]


def with_policies(name: str, versions: Path = VERSIONS) -> set[str]:
    """The tables that any revision gives under this name."""
    return set().union(*named_by_revisions(name, versions))


def of_threads() -> set[str]:
    """Tables whose rows belong to a thread; the platform's history only mentions one."""
    history = {"agentomatic_invocation_logs"}
    return (
        {name for name, table in TABLES.items() if "thread_id" in table.c} - history - {"agentomatic_graph_namespaces"}
    )


def without_key() -> set[str]:
    """Return the tables of threads without a foreign key that deletes their rows with the thread."""
    return {name for name in of_threads() if not TABLES[name].c.thread_id.foreign_keys}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_text_is_encrypted_or_says_why_not(name: str) -> None:
    table = TABLES[name]
    texts = {column.name for column in table.columns if isinstance(column.type, (ExactText, JsonText))}
    sealed = FIELDS.get(table)
    encrypted = {*sealed.texts, *sealed.objects} if sealed else set()
    if name.startswith("agentomatic_graph_"):  # the saver encrypts the bodies of graphs as a whole; the rest are ids
        assert texts <= {"segments", "thread_id", "checkpoint_ns"}
        return
    assert texts - encrypted == {column for table_name, column in PLAIN if table_name == name}


def test_deleting_a_thread_deletes_from_every_table_of_threads() -> None:
    assert {table.name for table in deletion.WITHOUT_KEY} == without_key()


def test_every_table_with_a_users_rows_has_a_row_policy() -> None:
    graphs = {name for name in TABLES if name.startswith("agentomatic_graph_")}
    assert with_policies("ON_THREADS") == of_threads()
    assert {*with_policies("ON_NAMESPACES"), "agentomatic_graph_namespaces"} == graphs
    rest = set(TABLES) - of_threads() - graphs - {"agentomatic_threads", "agentomatic_encryption_keys"}
    assert with_policies("WITHOUT_POLICY") == rest


def test_a_new_revision_names_its_own_policies(tmp_path: Path) -> None:
    old, new = tmp_path / "0002_old.py", tmp_path / "0003_notes.py"
    old.write_text('ON_THREADS = ("messages", "feedback")\n')
    new.write_text('ON_THREADS = ("notes",)\n')
    assert with_policies("ON_THREADS", tmp_path) == {"messages", "feedback", "notes"}


def methods(cls: type) -> set[str]:
    """The methods of a store's interface that a class defines itself or inherits, but not from the interface."""
    interface = {name for name, value in vars(BaseStore).items() if inspect.isfunction(value)}
    interface -= {*vars(PlatformHistory), "claim_suspended_state", "__aenter__", "__aexit__"}
    return {name for name in interface if getattr(cls, name) is not getattr(BaseStore, name)}


def keyed() -> list[str]:
    """The methods of a store's interface that take an idempotency key."""
    functions = {name: value for name, value in vars(BaseStore).items() if inspect.isfunction(value)}
    return sorted(name for name, value in functions.items() if "idempotency_key" in inspect.signature(value).parameters)


def test_some_methods_take_an_idempotency_key() -> None:
    assert {"add_message", "add_messages", "add_feedback"} <= set(keyed())


@pytest.mark.parametrize("method", keyed())
def test_a_method_with_an_idempotency_key_can_store_and_find_it(method: str) -> None:
    kind = {"message": "messages"}.get(method.removeprefix("add_"), method.removeprefix("add_"))
    missing = {f"{step}_{kind}" for step in ("of", "digest_of", "for", "find")} - set(vars(idempotency))
    assert missing == set(), "entities/idempotency.py makes the key, inserts it and finds what is stored under it"


@pytest.mark.parametrize("view", [MemoryView, UserStore])
def test_a_view_has_every_method_of_its_store(view: type) -> None:
    store = MemoryStore if view is MemoryView else SQLAlchemyStore
    assert methods(store) - methods(view) <= {"for_user"}
