"""The published contract on a Galera cluster, through one node and through three at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from agentomatic_sql import BaseStore, SQLAlchemyStore
from agentomatic_sql.testing import StoreContract
from tests.galera.conftest import not_waiting
from tests.support.shared import SharedStore
from tests.support.wire import wire


@pytest.fixture(scope="class", params=["one node", "three nodes"])
async def shared_store(request: pytest.FixtureRequest, migrated: list[str]) -> AsyncIterator[BaseStore]:
    """A store on one node; or one whose connections lead to three nodes, and wait for what others have committed."""
    if request.param == "one node":
        async with SQLAlchemyStore(not_waiting(migrated)[0]) as store:
            yield store
    else:
        async with wire(*migrated) as proxy, SQLAlchemyStore(proxy.url) as store:
            yield store


class TestContract(SharedStore, StoreContract):
    """The whole interface."""
