"""The option of URLs by which a Galera node waits for the others; the cluster itself is in tests/galera."""

from __future__ import annotations

import pytest

from agentomatic_sql import InvalidURL, SQLAlchemyStore, StoreUnavailable
from agentomatic_sql.execution.engine import parse
from tests.support.databases import chosen


@pytest.mark.parametrize("scheme", ["mysql", "mariadb"])
def test_the_option_becomes_the_first_command_of_each_connection(scheme: str) -> None:
    url, _dialect = parse(f"{scheme}://app@db/agents?wsrep_sync_wait=7")
    assert url.query == {"charset": "utf8mb4", "init_command": "SET SESSION wsrep_sync_wait = 7"}


@pytest.mark.parametrize(
    ("query", "cure"),
    [
        ("wsrep_sync_wait=on", "wsrep_sync_wait=on: it must be a number, 7 for every statement of the store"),
        ("wsrep_sync_wait=7;DROP", "it must be a number"),
        ("wsrep_sync_wait=-1", "it must be a number"),
        (
            "wsrep_sync_wait=7&init_command=SET%20SESSION%20lock_wait_timeout%3D5",
            "there is an init_command already: write both into it, SET SESSION wsrep_sync_wait = 7",
        ),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_the_cure(query: str, cure: str) -> None:
    with pytest.raises(InvalidURL, match=r"^mariadb at db") as refused:
        parse(f"mariadb://app:s3cret@db/agents?{query}")
    assert cure in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("server_url", chosen(("mysql", "mariadb")), indirect=True)
async def test_a_server_without_galera_needs_no_option(server_url: str) -> None:
    async with SQLAlchemyStore(server_url) as store:
        assert (await store.health_check())["warnings"] == []


@pytest.mark.parametrize("server_url", chosen(("mysql",)), indirect=True)
async def test_a_server_that_does_not_know_the_option_says_so(server_url: str) -> None:
    separator = "&" if "?" in server_url else "?"
    store = SQLAlchemyStore(f"{server_url}{separator}wsrep_sync_wait=7")
    with pytest.raises(StoreUnavailable, match="wsrep_sync_wait"):
        await store.get_thread("t")
    await store.close()
