"""Databases on a Citus cluster: each is made on every node, with the extension, and its nodes know each other."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from sqlalchemy import URL, make_url

from agentomatic_sql import migrations
from agentomatic_sql.drivers.asyncpg import connect
from agentomatic_sql.execution import engine
from agentomatic_sql.migrating import distribution


def is_citus(url: str) -> bool:
    """Return whether a URL is one of a cluster."""
    return "citus" in make_url(url).query


def with_option(url: str) -> str:
    """Return a URL with the option by which a store knows the cluster."""
    return make_url(url).update_query_dict({"citus": "true"}).render_as_string(hide_password=False)


def not_on_citus(url: str, reason: str) -> None:
    """Skip a test on a cluster, for this reason."""
    if is_citus(url):
        pytest.skip(f"citus: {reason}")


async def create_database(url: str, name: str, options: str = "") -> None:
    """Make a database on every node; the URL is one of the cluster's administrator, to the coordinator."""
    nodes = await _nodes(url)
    for node in nodes:
        await _run(node, f"CREATE DATABASE {name}{options}")
        await _run(node.set(database=name), "CREATE EXTENSION citus")
    here, *workers = [node.set(database=name) for node in nodes]
    await _run(here, f"SELECT citus_set_coordinator_host('{here.host}', {here.port})")
    for worker in workers:
        await _run(here, f"SELECT citus_add_node('{worker.host}', {worker.port})")


async def drop_database(url: str, name: str | None) -> None:
    """Drop a database on every node, whoever is still connected to it."""
    for node in await _nodes(url):
        await _run(node, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def distribute(url: str) -> None:
    """Distribute the tables of a database, as `agentomatic-sql db distribute` does."""
    made = engine.create(*engine.parse(url), options={})
    work = partial(distribution.distribute, where=url, tell=lambda _table, _column: None)
    try:
        await migrations.run_locked(made, work)
    finally:
        await made.dispose()


async def _nodes(url: str) -> list[URL]:
    """Return the URLs of the coordinator and of the workers."""
    coordinator = make_url(url)
    workers = "SELECT nodename, nodeport FROM pg_dist_node WHERE groupid <> 0 ORDER BY groupid"
    found = await _run(coordinator, workers)
    return [coordinator, *(coordinator.set(host=host, port=port) for host, port in found)]


async def _run(url: URL, statement: str) -> list[tuple[str, int]]:
    connection = await connect(**url.translate_connect_args(username="user"), **url.query)
    try:
        async with asyncio.timeout(60):
            return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()
