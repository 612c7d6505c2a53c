"""The fixture `store` of the published contract, over a store that is opened once for a whole class."""

from __future__ import annotations

import pytest

from agentomatic_sql import BaseStore, SQLAlchemyStore
from tests.support.databases import empty


class SharedStore:
    """A base class of a contract's tests, most of which take less time than opening a store.

    A database is emptied for each test: some read everything. A MemoryStore keeps what the tests before have stored,
    as the contract allows.
    """

    @pytest.fixture
    async def store(self, shared_store: BaseStore) -> BaseStore:
        await shared_store.initialize()  # a test that failed may have left it closed
        if isinstance(shared_store, SQLAlchemyStore):
            await empty(shared_store)
        return shared_store
