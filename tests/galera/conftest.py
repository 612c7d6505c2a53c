"""Fixtures: a Galera cluster, started once for the tests of this folder, and a database on its nodes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import make_url

from agentomatic_sql import SQLAlchemyStore
from tests.support import galera
from tests.support.databases import chosen, empty
from tests.support.galera import Cluster


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Three nodes."""
    if not chosen(("galera",)):
        pytest.skip("galera: not chosen")
    try:
        with galera.cluster() as running:
            yield running
    except LookupError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def migrated(cluster: Cluster) -> list[str]:
    """The URL of one database on each node, with the schema; whoever connects by it waits for the other nodes."""
    urls = waiting(cluster.create_database())

    async def migrate() -> None:
        async with SQLAlchemyStore(urls[0]):
            pass

    asyncio.run(migrate())
    return urls


@pytest.fixture
async def node_urls(migrated: list[str]) -> list[str]:
    """The URL of one database on each node, with the schema and no rows; whoever connects by it waits."""
    async with SQLAlchemyStore(migrated[0]) as store:
        await empty(store)
    return migrated


@pytest.fixture
def new_urls(cluster: Cluster) -> list[str]:
    """The URL of an empty database of the test's own on each node; whoever connects by it does not wait."""
    return cluster.create_database()


def all_hosts(urls: list[str], **options: str) -> str:
    """Return the URL with the hosts of all these URLs, and more options."""
    nodes = ",".join(f"{make_url(url).host}:{make_url(url).port}" for url in urls)
    first = make_url(urls[0]).update_query_dict(options)
    return first.set(host="nodes", port=1).render_as_string(hide_password=False).replace("nodes:1", nodes)


def waiting(urls: list[str]) -> list[str]:
    """Return URLs with the option to wait for what other nodes have committed."""
    query = {"wsrep_sync_wait": "7"}
    return [make_url(url).update_query_dict(query).render_as_string(hide_password=False) for url in urls]


def not_waiting(urls: list[str]) -> list[str]:
    """Return URLs without options."""
    return [make_url(url).set(query={}).render_as_string(hide_password=False) for url in urls]
