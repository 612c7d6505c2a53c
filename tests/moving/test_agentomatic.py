"""Databases that the real agentomatic wrote are brought in, from 1.10, 1.13 and 1.16, on every database."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.errors import StoreError
from agentomatic_sql.moving import import_agentomatic
from agentomatic_sql.moving.agentomatic.tables import SOURCES, TABLES
from tests.support import moved, releases
from tests.support.databases import chosen
from tests.support.platform_tables import AT

DATABASES = chosen(("sqlite", "postgresql", "mysql", "mariadb"))
SERVERS = [name for name in DATABASES if name != "sqlite"]
Told = Mapping[str, Any]


class Place(NamedTuple):
    """A database to be written by the platform, and another one on the same server."""

    name: str
    url: str
    other: str


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Databases of the kind that the test names."""
    name: str = request.param
    with moved.database(name, tmp_path) as url, moved.database(name, tmp_path) as other:
        yield Place(name, url.replace("sqlite:", "sqlite+aiosqlite:"), other)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        yield connection
    await engine.dispose()


async def rows_of(url: str, tables: Iterable[str] = TABLES) -> dict[str, list[Any]]:
    """Every row of the platform's tables."""
    async with connected(url) as connection:
        return {name: sorted(map(str, await connection.execute(text(f"SELECT * FROM {name}")))) for name in tables}


def in_utc(value: Any) -> Any:
    """A time as this package's records have it; any other value is returned as it is."""
    if value is None:
        return None
    at = datetime.fromisoformat(value)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")


TIMES = ("created_at", "updated_at", "expires_at", "timestamp")


def normal(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Records with their times in UTC, in the order of their ids."""
    made = [{**record, **{name: in_utc(record[name]) for name in TIMES if name in record}} for record in records]
    return sorted(made, key=lambda record: str(record.get("id") or (record["thread_id"], record["checkpoint_id"])))


def assert_same(ours: Iterable[Mapping[str, Any]], theirs: Iterable[Mapping[str, Any]]) -> None:
    """Compare what both stores return, by the keys that the platform's records have."""
    expected = normal(theirs)
    found = normal(ours)
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert {name: one[name] for name in other} == other


async def assert_adopted(url: str, told: Told) -> None:
    """A store of this package returns what the platform's own returned, but for what that did wrong."""
    known = {thread["id"] for thread in told["threads"]}
    threads = [
        {
            **thread,
            "message_count": len(told["messages"][thread["id"]]),
            "parent_thread_id": thread["parent_thread_id"] if thread["parent_thread_id"] in known else None,
        }
        for thread in told["threads"]
    ]
    async with SQLAlchemyStore(url) as store:
        assert_same(await store.list_threads(limit=1000), threads)
        for name, messages in told["messages"].items():
            found = await store.get_messages(name, limit=1000)
            ordered = sorted(messages, key=lambda message: (message["timestamp"], message["id"]))
            assert [message["id"] for message in found] == [message["id"] for message in ordered]
            assert [message["index"] for message in found] == [*range(len(messages))]
            assert_same(found, messages)
            lineage = await store.get_thread_lineage(name)
            for side in ("ancestors", "descendants"):
                assert [one["id"] for one in lineage[side]] == [one["id"] for one in told["lineage"][name][side]]
        assert_same(await store.get_feedback(limit=1000), told["feedback"])
        assert_same(await store.list_suspended_states(), told["suspended"])
        for thread_id, namespace in (("t", ""), ("of no thread", "sub:1"), ("graph", ""), ("gone", "")):
            found = await store.list_checkpoints(thread_id, namespace)
            theirs = [one for one in told["checkpoints"] if one["thread_id"] == thread_id]
            assert_same(found, theirs)
            newest_first = [(one["created_at"], one["checkpoint_id"]) for one in found]
            assert newest_first == sorted(newest_first, reverse=True)
        assert_same(await store.list_invocation_logs(limit=1000), told["logs"])
        assert_same(await store.list_log_analyses(limit=1000), told["analyses"])
        assert_same(await store.list_optimization_runs(limit=1000), told["runs"])
        last = max(message["id"] for messages in told["messages"].values() for message in messages)
        assert (await store.add_message("t", "user", "new"))["id"] > last
        await store.delete_thread("empty")  # so that a repeated import has something to do


@pytest.mark.parametrize("version", releases.VERSIONS)
@pytest.mark.parametrize("place", DATABASES, indirect=True)
async def test_rows_of_a_release_are_brought_in(place: Place, version: str, tmp_path: Path) -> None:
    """Into the same database, which is done on the server, and into another one; the source stays as it is."""
    url, other = place.url, f"sqlite+aiosqlite:///{tmp_path}/other.db"
    told = await releases.write(version, url)
    before = await rows_of(url)
    file = Path(str(make_url(url).database)) if place.name == "sqlite" else None
    digest = file and hashlib.sha256(file.read_bytes()).digest()
    streamed = await import_agentomatic(url, other)
    assert digest == (file and hashlib.sha256(file.read_bytes()).digest())
    within = await import_agentomatic(url, url)
    assert within == streamed
    assert sum(within.added.values()) == number_of_rows(told)
    for target in (url, other):
        await assert_adopted(target, told)
        again = await import_agentomatic(url, target)
        assert {entity: count for entity, count in again.added.items() if count} == {"thread": 1}
        assert again.reported == streamed.reported
    assert await rows_of(url) == before
    assert_reported(within.reported, told, version, on_sqlite=place.name == "sqlite")


def number_of_rows(told: Told) -> int:
    """The number of rows that the platform returned."""
    lists = [*told["messages"].values(), *(told[name] for name in told if name not in ("messages", "lineage"))]
    return sum(map(len, lists))


def assert_reported(reported: Iterable[str], told: Told, version: str, *, on_sqlite: bool) -> None:
    """Each thing that went wrong is told with its number."""
    found = dict(sentence.rsplit(": ", 1) for sentence in reported)
    numbers = {sentence.partition(",")[0]: int(number) for sentence, number in found.items()}
    wrong = sum(thread["message_count"] != len(told["messages"][thread["id"]]) for thread in told["threads"])
    damaged = on_sqlite and version == "1.10.0"  # later releases tell SQLite to enforce its keys
    assert numbers == {
        "checkpoints under the id of their parent or none": 2,
        **({"threads with a wrong message_count": wrong} if wrong else {}),
        **({"forks of a thread that is gone": 1, "messages of no thread": 1} if damaged else {}),
    }


SPELLINGS = ("Tä", "tä", "ta", "TA", "t", "gone", "Gone", "other")
"""Ids of threads, as checkpoints name them: a server that ignores case or accents takes some for the same."""


@pytest.mark.parametrize("place", [name for name in SERVERS if name != "postgresql"], indirect=True)
async def test_checkpoints_stay_under_the_spelling_of_their_threads(place: Place, tmp_path: Path) -> None:
    await releases.write("1.16.0", place.url)
    insert = text("INSERT INTO checkpoints VALUES (:thread, :space, :id, NULL, :stored, '{}', :at)")
    async with connected(place.url) as connection:
        await connection.execute(text("DELETE FROM checkpoints"))
        threads = text(
            "INSERT INTO threads (id, user_id, agent_name, created_at, updated_at, message_count) "
            "VALUES (:id, 'ada', 'agent', :at, :at, 0)"
        )
        await connection.execute(threads, [{"id": name, "at": AT} for name in ("TA", "Other")])
        for number, name in enumerate(SPELLINGS):
            for space in ("", "Sub" if number % 2 else "sub"):
                row = {"thread": name, "space": space, "id": f"c{number}", "stored": f'{{"x": {number}}}', "at": AT}
                await connection.execute(insert, row)
        await connection.commit()
    for target in (place.url, f"sqlite:///{tmp_path}/other.db"):
        for added in (2 * len(SPELLINGS), 0):
            done = await import_agentomatic(place.url, target)
            assert done.added["checkpoint"] == added
            assert [one for one in done.reported if "spelling" in one] == [
                "checkpoints under another spelling of a thread's id, which the server takes for the same, kept so: 8"
            ]
        async with SQLAlchemyStore(target) as store:
            for number, name in enumerate(SPELLINGS):
                for space in ("", "Sub" if number % 2 else "sub"):
                    found = await store.list_checkpoints(name, space)
                    assert [one["checkpoint_id"] for one in found] == [f"c{number}"]
                    assert (await store.get_checkpoint(name, space, "") or {})["checkpoint"] == {"x": number}


@pytest.mark.parametrize("place", SERVERS, indirect=True)
async def test_one_connection_reaches_another_schema_or_database_of_the_server(place: Place) -> None:
    told = await releases.write("1.16.0", place.url)
    if place.name == "postgresql":
        async with connected(place.url) as connection:
            await connection.execute(text("CREATE SCHEMA ours"))
            await connection.commit()
        done = await import_agentomatic(place.url, place.url, schema="ours", source_schema="public")
    else:
        done = await import_agentomatic(place.url, place.other)
        await assert_adopted(place.other, told)
    assert sum(done.added.values()) == number_of_rows(told)


@pytest.mark.parametrize("place", [name for name in SERVERS if name == "postgresql"], indirect=True)
async def test_a_table_that_the_role_may_not_read_is_named(place: Place, tmp_path: Path) -> None:
    role = f"reader_{make_url(place.url).database}"[:60]
    async with connected(place.url) as connection:
        for source in SOURCES.values():
            kinds = {column: "bigint" if column == "message_count" else "text" for column in source.needed}
            columns = ", ".join(f"{column} {kind}" for column, kind in kinds.items())
            await connection.execute(text(f"CREATE TABLE {source.name} ({columns})"))
        await connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD 'reader'"))
        await connection.execute(text(f"GRANT SELECT ON threads, feedback TO {role}"))
        await connection.commit()
    reader = make_url(place.url).set(username=role, password="reader")
    try:
        with pytest.raises(StoreError, match="permission denied for table messages"):
            await import_agentomatic(reader, f"sqlite:///{tmp_path}/other.db")
    finally:
        async with connected(place.url) as connection:
            await connection.execute(text(f"DROP OWNED BY {role}"))
            await connection.execute(text(f"DROP ROLE {role}"))
            await connection.commit()
    assert not (tmp_path / "other.db").exists()
