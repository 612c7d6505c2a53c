"""LangGraph's own savers; they store checkpoints and nothing else."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from benchmarks.checkpoints import langgraph_postgres, langgraph_sqlite

from .base import CONNECTIONS, Contender


class OnPostgreSQL(Contender):
    def saver(self) -> AbstractAsyncContextManager[Any]:
        found: AbstractAsyncContextManager[Any] = langgraph_postgres(self.database.url, CONNECTIONS)
        return found


class OnSQLite(Contender):
    def saver(self) -> AbstractAsyncContextManager[Any]:
        found: AbstractAsyncContextManager[Any] = langgraph_sqlite(self.database.path, CONNECTIONS)
        return found
