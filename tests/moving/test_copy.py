"""A copy: an export and an import without a file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from agentomatic_sql import SQLAlchemyStore, StoreUnavailable
from agentomatic_sql.errors import TransferFailed
from agentomatic_sql.moving import copy
from agentomatic_sql.tables import MESSAGES
from tests.support import encrypted, moved
from tests.support.databases import chosen

PAIRED = chosen(("sqlite", "postgresql", "mariadb"))


@pytest.fixture(params=[*product(PAIRED, PAIRED)], ids="-".join)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The URLs of two databases without a schema."""
    source, target = request.param
    with moved.database(source, tmp_path) as url, moved.database(target, tmp_path) as other:
        yield url, other


async def test_a_copy_has_everything_and_can_be_repeated(pair: tuple[str, str]) -> None:
    url, other = pair
    await moved.fill(url)
    before, told = await moved.contents(url), list[tuple[int, int]]()
    done = await copy(url, other, progress=lambda *now: told.append(now))
    total = sum(moved.counts(before).values())
    assert (done.added, told[-1]) == (moved.counts(before), (total, total))
    assert await moved.contents(other) == before
    async with SQLAlchemyStore(url) as store:
        await store.create_thread("later", "ada", "agent")
        await store.add_message("later", "user", "new")
    again = await copy(url, other)
    assert {name: count for name, count in again.added.items() if count} == {"thread": 1, "message": 1}
    assert await moved.contents(other) == await moved.contents(url)
    assert {*(await copy(url, url)).added.values()} == {0}


async def test_a_copy_that_failed_goes_on(tmp_path: Path) -> None:
    url, other = f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db"
    async with SQLAlchemyStore(url) as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_messages("t", [{"role": "user", "content": "x" * 200} for _ in range(6_000)])

    def fail(done: int, total: int) -> None:
        if done * 2 > total:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await copy(url, other, progress=fail)
    half = len((await moved.contents(other))[MESSAGES.name])
    assert 0 < half < 6_000
    assert (await copy(url, other)).present == {"thread": 1, "message": half}
    assert await moved.contents(other) == await moved.contents(url)


async def test_a_row_that_does_not_fit_is_named_by_its_key(tmp_path: Path) -> None:
    url, other = f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db"
    for database, user in ((url, "ada"), (other, "grace")):
        async with SQLAlchemyStore(database) as store:
            await store.create_thread("t", user, "agent")
    with pytest.raises(
        TransferFailed, match=r"^thread \(id 't'\) of the source: \$\.user_id: the database has another"
    ):
        await copy(url, other)
    with pytest.raises(TransferFailed, match=r"none\.db does not exist"):
        await copy(f"sqlite:///{tmp_path}/none.db", other)


async def test_an_encrypted_database_is_copied_as_it_is(tmp_path: Path) -> None:
    url, other, keys = f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db", encrypted.keys("old")
    await moved.fill(url, keys)
    await copy(url, other, user="ada")
    async with SQLAlchemyStore(url, encryption=keys) as one, SQLAlchemyStore(other, encryption=keys) as copied:
        assert await copied.for_user("ada").get_messages("t") == await one.for_user("ada").get_messages("t")
        assert await copied.for_user("grace").list_threads() == []


async def test_the_command_copies(tmp_path: Path) -> None:
    url, other = f"sqlite:///{tmp_path}/a.db", f"sqlite:///{tmp_path}/b.db"
    await moved.fill(url)
    done = run(url, other, "--agent", "other")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(
        f"b.db: copied 8 rows (thread 1, message 6, feedback 1) from sqlite database {tmp_path}/a.db.\n"
    )
    again = run(url, other)
    assert again.returncode == 0, again.stderr
    assert "; 8 were there before." in again.stdout
    assert await moved.contents(other) == await moved.contents(url)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-W", "error", "-m", "agentomatic_sql", "copy", *arguments]
    return subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False)


async def test_an_error_of_the_target_is_not_told_as_one_of_the_source(pair: tuple[str, str]) -> None:
    """Some errors of a store are an OSError, which means a lost connection if a driver raises it."""
    url, other = pair
    await moved.fill(url)

    def fail(_done: int, _total: int) -> None:
        raise StoreUnavailable("the target", "it is gone")

    with pytest.raises(StoreUnavailable, match="the target"):
        await copy(url, other, progress=fail)
