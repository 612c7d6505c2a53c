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
from agentomatic_sql.entities import threads
from agentomatic_sql.history import PlatformHistory
from agentomatic_sql.memory.view import MemoryView
from agentomatic_sql.models import Base
from agentomatic_sql.sealing.fields import FIELDS
from agentomatic_sql.store import SQLAlchemyStore, UserStore

ROOT = Path(__file__).parents[2]
TABLES: dict[str, Table] = Base.metadata.tables

PLAIN = {
    ("encryption_keys", "check_value"): "it is what tells keys apart, encrypted by each of them",
}
"""Texts that encryption leaves alone, with the reason."""


def revision(number: str) -> ModuleType:
    """A revision's module."""
    (path,) = (ROOT / "alembic" / "versions").glob(f"{number}_*.py")
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def of_threads() -> set[str]:
    """Tables whose rows belong to a thread; the platform's history only mentions one."""
    history = {"agent_invocation_logs"}
    return {name for name, table in TABLES.items() if "thread_id" in table.c} - history - {"graph_namespaces"}


def without_key() -> set[str]:
    """Those of them without a foreign key that deletes their rows with the thread."""
    return {name for name in of_threads() if not TABLES[name].c.thread_id.foreign_keys}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_text_is_encrypted_or_says_why_not(name: str) -> None:
    table = TABLES[name]
    texts = {column.name for column in table.columns if isinstance(column.type, (ExactText, JsonText))}
    sealed = FIELDS.get(table)
    encrypted = {*sealed.texts, *sealed.objects} if sealed else set()
    if name.startswith("graph_"):  # the saver encrypts the bodies of graphs as a whole; the rest are ids
        assert texts <= {"segments", "thread_id", "checkpoint_ns"}
        return
    assert texts - encrypted == {column for table_name, column in PLAIN if table_name == name}


def test_deleting_a_thread_deletes_from_every_table_of_threads() -> None:
    assert {table.name for table in threads._WITHOUT_KEY} == without_key()


def test_the_deletion_trigger_knows_every_table_of_threads() -> None:
    assert set(revision("0008").DEPENDENTS) == without_key()


def test_every_table_with_a_users_rows_has_a_row_policy() -> None:
    policies = revision("0007")
    graphs = {name for name in TABLES if name.startswith("graph_")}
    assert set(policies.ON_THREADS) == of_threads()
    assert {*policies.ON_NAMESPACES, "graph_namespaces"} == graphs
    rest = set(TABLES) - of_threads() - graphs - {"threads", "encryption_keys"}
    assert set(policies.WITHOUT_POLICY) == rest


def methods(cls: type) -> set[str]:
    """The methods of a store's interface that a class defines itself or inherits, but not from the interface."""
    interface = {name for name, value in vars(BaseStore).items() if inspect.isfunction(value)}
    interface -= {*vars(PlatformHistory), "claim_suspended_state", "__aenter__", "__aexit__"}
    return {name for name in interface if getattr(cls, name) is not getattr(BaseStore, name)}


@pytest.mark.parametrize("view", [MemoryView, UserStore])
def test_a_view_has_every_method_of_its_store(view: type) -> None:
    store = MemoryStore if view is MemoryView else SQLAlchemyStore
    assert methods(store) - methods(view) <= {"for_user"}
