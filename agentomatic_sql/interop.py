"""Make `isinstance(store, agentomatic.storage.BaseStore)` true without importing the `agentomatic` package.

The platform's interface is an abstract base class, so our class can be registered with it. The package need not be
installed and is slow to import. So if it is imported already, our class is registered at once; else an import hook
registers it when `agentomatic.storage.base` is imported.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

_MODULE = "agentomatic.storage.base"


class _Registration(MetaPathFinder):
    """An import hook that registers a class with the platform's BaseStore, then removes itself."""

    def __init__(self, store: type) -> None:
        self._store = store

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != _MODULE:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_and_register(module: ModuleType) -> None:
            execute(module)
            module.BaseStore.register(self._store)

        spec.loader.exec_module = execute_and_register  # type: ignore[method-assign]  # this spec's own loader
        return spec


def register(store: type) -> None:
    """Register a class as a subclass of the platform's BaseStore, now or when that is imported."""
    loaded = sys.modules.get(_MODULE)
    if loaded is not None:
        loaded.BaseStore.register(store)
    else:
        sys.meta_path.insert(0, _Registration(store))
