"""LangGraph's own savers; they store checkpoints and nothing else."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

from benchmarks.checkpoints import langgraph_postgres, langgraph_sqlite

from .base import CONNECTIONS, Contender
from .programs import NO_GRAPH, Program


def program(module: str, name: str, address: str) -> Program:
    """The program of a saver that is opened as its documentation says."""
    return Program(
        imports=f"from {module} import {name}",
        opening=f"context = {name}.from_conn_string({address!r})\nsaver = await context.__aenter__()",
        query=NO_GRAPH,
        closing="await context.__aexit__(None, None, None)",
    )


class OnPostgreSQL(Contender):
    def saver_program(self) -> Program:
        return program("langgraph.checkpoint.postgres.aio", "AsyncPostgresSaver", self.database.url)

    def saver(self) -> AbstractAsyncContextManager[Any]:
        found: AbstractAsyncContextManager[Any] = langgraph_postgres(self.database.url, CONNECTIONS)
        return found


class OnSQLite(Contender):
    def saver_program(self) -> Program:
        return program("langgraph.checkpoint.sqlite.aio", "AsyncSqliteSaver", self.database.path)

    def saver(self) -> AbstractAsyncContextManager[Any]:
        found: AbstractAsyncContextManager[Any] = langgraph_sqlite(self.database.path, CONNECTIONS)
        return found
