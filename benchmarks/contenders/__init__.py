"""The contenders, one file each. `find` imports a contender and the library that it needs only when it is wanted."""

from __future__ import annotations

from importlib import import_module

from benchmarks.databases import NAMES

from .base import Contender

_MODULES: dict[str, dict[str, str]] = {
    "raw": {"postgresql": "raw_postgresql:RawPostgreSQL", "sqlite": "raw_sqlite:RawSQLite"}
    | dict.fromkeys(("mysql", "mariadb"), "raw_mysql:RawMySQL"),
    "agentomatic-sql": dict.fromkeys(NAMES, "ours:Ours"),
    "agentomatic": dict.fromkeys(NAMES, "agentomatic_platform:AgentomaticPlatform"),
    "openai-agents": dict.fromkeys(NAMES, "openai_agents:OpenAIAgents"),
    "langgraph": {"postgresql": "langgraph_savers:OnPostgreSQL", "sqlite": "langgraph_savers:OnSQLite"},
}
ALL = tuple(_MODULES)
"""Those that run where nothing else is asked for."""

_MODULES["raw-again"] = _MODULES["raw"]  # raw a second time, which shows the noise
_MODULES |= {
    name.lower(): dict.fromkeys(NAMES, f"variants:{name}")
    for name in ("Encrypted", "Keyed", "Listened", "Pinging", "View")
}

KNOWN = tuple(_MODULES)


def find(name: str, database: str) -> type[Contender] | None:
    """The contender's class for a database; None where it has none. Raises ImportError without its library."""
    where = _MODULES[name].get(database)
    if where is None:
        return None
    module, _, attribute = where.partition(":")
    found: type[Contender] = getattr(import_module(f"{__name__}.{module}"), attribute)
    return found
