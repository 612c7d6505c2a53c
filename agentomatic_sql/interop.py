"""`isinstance(store, agentomatic.storage.BaseStore)` is true, without this package needing that one.

Its interface is an abstract base class, which takes other classes in by registration. The package is slow to
import, so it is not imported for this: where it is loaded already our class is registered at once, else when
its module is loaded.
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
    """Stands before the other finders for one module, and for one time."""

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
    """Make `store` a subclass of the platform's BaseStore, as soon as there is one."""
    loaded = sys.modules.get(_MODULE)
    if loaded is not None:
        loaded.BaseStore.register(store)
    else:
        sys.meta_path.insert(0, _Registration(store))
