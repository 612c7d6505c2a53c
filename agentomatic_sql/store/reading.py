"""`ReadDatabase`: runs a store's reads that may be stale; on replicas, if the store has any."""

from __future__ import annotations

from typing import ParamSpec, TypeVar

from ..context import Context
from ..database import Database, Runner
from ..execution.deadlines import Deadline
from ..operations import Operation
from ..tokens import Knowledge

_P = ParamSpec("_P")
_R = TypeVar("_R")


def reader(database: Database) -> Runner:
    """Return what runs the reads that may be stale: the database itself, if it has no replicas."""
    return database if database.replicas is None else ReadDatabase(database)


class ReadDatabase:
    """Runs queries whose answers may be old, as calls of a database."""

    def __init__(self, database: Database) -> None:
        self.where = database.where
        self.context = database.context
        self.sealing = database.sealing
        self.knowledge = Knowledge(most=0)  # an epoch that was read on a replica may be out of date
        self._database = database

    def call(self) -> Deadline:
        """Return a context for one call of the database."""
        return self._database.call()

    async def run(self, operation: Operation[_P, _R], context: Context, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run the one operation of a call, as `run_in` does."""
        with self.call() as call:
            return await self.run_in(call, operation, context, *args, **kwargs)

    async def run_in(
        self, call: Deadline, operation: Operation[_P, _R], context: Context, /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        """Run a query, on a replica if one will do."""
        return await self._database.run_stale(call, operation, context, *args, **kwargs)
