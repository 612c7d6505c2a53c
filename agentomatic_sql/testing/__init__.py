"""The published contract: pytest tests for any `BaseStore`.

    import pytest_asyncio
    from agentomatic_sql.testing import StoreContract

    class TestMyStore(StoreContract):
        @pytest_asyncio.fixture
        async def store(self):
            async with MyStore() as store:
                yield store

`RequiredStoreContract` tests the five methods that a store must have, with the arguments that the agentomatic platform
passes. `StoreContract` tests the whole interface; a test of an optional method that the store does not override is
skipped, and the skip names the method. Every test uses new ids, so the store may hold other data and need not be
emptied between tests. Install it with `pip install 'agentomatic-sql[testing]'`; importing it without the extra raises
`MissingExtra`.
"""

from __future__ import annotations

from ..errors import MissingExtra

try:
    import pytest
    import pytest_asyncio  # noqa: F401 - the tests are coroutines
except ModuleNotFoundError as error:
    raise MissingExtra(str(error.name), "testing") from error

pytest.register_assert_rewrite(
    *(
        f"{__name__}.{module}"
        for module in (
            "checkpoints",
            "feedback",
            "forks",
            "history",
            "idempotency",
            "lifecycle",
            "listing",
            "messages",
            "required_messages",
            "required_threads",
            "required_values",
            "support",
            "suspended",
            "threads",
            "user_views",
            "values",
        )
    )
)

from .contract import RequiredStoreContract, StoreContract  # noqa: E402 - asserts are rewritten at import

__all__ = ["RequiredStoreContract", "StoreContract"]
