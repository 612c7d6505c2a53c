"""The published contract: tests that any `BaseStore` can be put through with pytest.

    import pytest_asyncio
    from agentomatic_sql.testing import StoreContract

    class TestMyStore(StoreContract):
        @pytest_asyncio.fixture
        async def store(self):
            async with MyStore() as store:
                yield store

`RequiredStoreContract` asks for the five methods that a store must have, and gives them only arguments that the
agentomatic platform gives. `StoreContract` asks for the whole interface; a test of an optional method that the
store leaves to `BaseStore` is skipped, and says so. Every test makes ids of its own, so that the store may hold
other data and need not be emptied in between. Needs `pip install 'agentomatic-sql[testing]'`.
"""

from __future__ import annotations

try:
    import pytest
    import pytest_asyncio  # noqa: F401 - the tests are coroutines
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"agentomatic_sql.testing needs {error.name}: pip install 'agentomatic-sql[testing]'", name=error.name
    ) from error

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
