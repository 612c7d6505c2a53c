"""Bring data in, take it out, and back it up."""

from .agentomatic import import_agentomatic
from .backups import backup, restore
from .copying import copy
from .jsonl import export_jsonl, import_jsonl
from .langgraph import MovedGraphs, import_langgraph
from .moved import Moved
from .sessions import Imported, import_sessions

__all__ = [
    "Imported",
    "Moved",
    "MovedGraphs",
    "backup",
    "copy",
    "export_jsonl",
    "import_agentomatic",
    "import_jsonl",
    "import_langgraph",
    "import_sessions",
    "restore",
]
