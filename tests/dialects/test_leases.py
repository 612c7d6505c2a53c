"""The leased row that is the migration lock where servers do not see each other's locks; any database can hold it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Table, event, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from agentomatic_sql import MigrationLocked, MigrationLockLost, dialects
from agentomatic_sql.dialects import leases


class Leases:
    """A database whose tables are new, and its lease; each holder has a connection of its own."""

    def __init__(self, url: str, **pool: Any) -> None:
        self.engine: AsyncEngine = create_async_engine(url, **pool)
        dialect = dialects.named(self.engine.dialect.name)
        assert dialect is not None
        self._dialect = dialect
        self.table: Table = leases.table(**dialect.table_options)

    async def hold(self, work: Callable[[Connection], Any], *, seconds: float = 10) -> None:
        """Hold the lease while a function works in a connection."""

        def holding(connection: Connection) -> None:
            with leases.leased(connection, self.table, "", seconds, self._dialect.is_transient):
                work(connection)

        async with asyncio.timeout(60), self.engine.connect() as connection:
            await connection.run_sync(holding)

    async def take(self, **changes: Any) -> None:
        """Write into the row as somebody else."""
        async with self.engine.begin() as connection:
            await connection.execute(self.table.update().values(**changes))

    async def rows(self) -> int:
        async with self.engine.connect() as connection:
            return (await connection.execute(select(func.count()).select_from(self.table))).scalar_one()


@pytest.fixture
async def lease(new_server_url: str) -> AsyncIterator[Leases]:
    made = Leases(new_server_url)
    yield made
    await made.engine.dispose()


async def test_one_of_many_holds_it_at_a_time(lease: Leases) -> None:
    holders: list[int] = []

    async def one(number: int) -> None:
        def work(_connection: Connection) -> None:
            assert not holders
            holders.append(number)
            await_only(asyncio.sleep(0.01))
            holders.remove(number)
            done.add(number)

        await lease.hold(work)

    done: set[int] = set()
    await asyncio.gather(*map(one, range(8)))
    assert done == {*range(8)}
    assert await lease.rows() == 0


@pytest.mark.parametrize("pool", [{}, {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.1}], ids=["", "of one"])
async def test_it_is_renewed_while_its_holder_works(
    lease: Leases, new_server_url: str, pool: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "LEASE", 0.6)
    holder = Leases(new_server_url, **pool)
    has_it, over = asyncio.Event(), asyncio.Event()

    def works_long(_connection: Connection) -> None:
        has_it.set()
        await_only(over.wait())

    working = asyncio.create_task(holder.hold(works_long))
    await has_it.wait()
    with pytest.raises(MigrationLocked):
        await lease.hold(lambda _connection: None, seconds=1.5)
    over.set()
    await working
    await holder.engine.dispose()
    await lease.hold(lambda _connection: None, seconds=0)


async def test_a_renewal_that_is_going_on_when_the_work_is_done_leaves_no_connection(
    lease: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "LEASE", 0.6)
    over, opened = asyncio.Event(), set[Any]()
    await lease.hold(lambda _connection: None)  # which makes the table
    await lease.engine.dispose()
    pool = lease.engine.pool
    event.listen(pool, "connect", lambda connection, _entry: opened.add(connection))
    event.listen(pool, "close", lambda connection, _entry: opened.remove(connection))
    event.listen(pool, "reset", lambda *_connection: over.set())  # as a renewal gives its connection back
    await lease.hold(lambda _connection: await_only(over.wait()))
    await lease.engine.dispose()
    assert not opened


async def test_it_is_taken_over_when_its_holder_has_not_renewed_it(
    lease: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lease.hold(lambda _connection: None)  # which makes the table
    async with lease.engine.begin() as connection:
        await connection.execute(lease.table.insert().values(name="", holder="somebody", renewals=7))
    monkeypatch.setattr(leases, "LEASE", 0.5)
    with pytest.raises(MigrationLocked):
        await lease.hold(lambda _connection: None, seconds=0.2)
    await lease.hold(lambda _connection: None)
    assert await lease.rows() == 0


async def test_a_holder_notices_that_somebody_else_has_taken_it(lease: Leases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LEASE", 0.3)

    def loses_it(_connection: Connection) -> None:
        await_only(lease.take(holder="somebody"))
        await_only(asyncio.Event().wait())

    with pytest.raises(MigrationLockLost):
        await lease.hold(loses_it)
    assert await lease.rows() == 1  # somebody else's stays


async def test_a_holder_that_cannot_renew_it_is_stopped_before_another_one_begins(
    lease: Leases, new_server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "LEASE", 1.0)
    inside: set[str] = set()
    cut_off, other = Leases(new_server_url), asyncio.Event()
    event.listen(cut_off.engine.sync_engine, "do_connect", lambda *_how: refuse() if inside else None)

    def refuse() -> None:
        raise OSError("no way to the server")

    def works_for_ever(_connection: Connection) -> None:
        inside.add("first")
        other.set()
        try:
            await_only(asyncio.Event().wait())
        finally:
            inside.remove("first")

    first = asyncio.create_task(cut_off.hold(works_for_ever))
    await other.wait()
    found: list[set[str]] = []
    await lease.hold(lambda _connection: found.append({*inside}))
    assert found == [set()]
    with pytest.raises(MigrationLockLost, match="expires after 1 s"):
        await first
    await cut_off.engine.dispose()


async def test_a_holder_that_its_caller_cancels_gives_it_back(lease: Leases) -> None:
    has_it = asyncio.Event()

    def works_for_ever(_connection: Connection) -> None:
        has_it.set()
        await_only(asyncio.Event().wait())

    working = asyncio.create_task(lease.hold(works_for_ever))
    await has_it.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert await lease.rows() == 0


async def test_it_is_given_back_when_the_work_fails(lease: Leases) -> None:
    def fails(connection: Connection) -> None:
        connection.exec_driver_sql("SELECT nothing FROM nowhere")

    with pytest.raises(Exception, match="nowhere"):
        await lease.hold(fails)
    assert await lease.rows() == 0


async def test_a_renewal_that_fails_is_tried_again(lease: Leases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LEASE", 6.0)
    failed = asyncio.Event()

    def note(_context: object) -> None:
        failed.set()

    event.listen(Engine, "handle_error", note)

    async def missing() -> None:
        async with lease.engine.begin() as connection:
            await connection.exec_driver_sql(f"ALTER TABLE {lease.table.name} RENAME TO elsewhere")
        await failed.wait()
        async with lease.engine.begin() as connection:
            await connection.exec_driver_sql(f"ALTER TABLE elsewhere RENAME TO {lease.table.name}")

    def looks(connection: Connection) -> None:
        await_only(missing())
        while not connection.execute(select(lease.table.c.renewals)).scalar_one():
            connection.commit()
            await_only(asyncio.sleep(0.1))

    try:
        await lease.hold(looks)
    finally:
        event.remove(Engine, "handle_error", note)
