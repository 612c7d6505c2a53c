"""Sessions that are imported again: what is counted, and sessions that a server takes for one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentomatic_sql import SQLAlchemyStore, inputs
from agentomatic_sql.moving import import_sessions
from agentomatic_sql.moving.sessions import threads
from tests.support import moved, servers
from tests.support.databases import chosen

MAPPING = """
name = "chats"
[thread]
key = ["chat"]
[message]
table = "lines"
thread = ["chat"]
key = ["number"]
order = ["number"]
content = ["said"]
[[message.role]]
path = "speaker"
[feedback]
table = "votes"
key = ["id"]
message = "line"
rating = "vote"
ratings = { good = 5 }
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file with the tables of `MAPPING`: a session of four messages, each with a vote, and the mapping beside it."""
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE lines (chat TEXT, number INT, speaker TEXT, said TEXT)")
        connection.execute("CREATE TABLE votes (id INT, line INT, vote TEXT)")
        numbers = [(number,) for number in range(4)]
        connection.executemany("INSERT INTO lines VALUES ('c', ?, 'user', 'x')", numbers)
        connection.executemany("INSERT INTO votes VALUES (?1, ?1, 'good')", numbers)
    path.with_suffix(".toml").write_text(MAPPING)
    return path


async def again(old: Path, target: str, **options: object) -> tuple[list[int], list[int]]:
    """Import the file; returns how many threads, messages and feedbacks were added, and were there."""
    mapping = old.with_suffix(".toml")
    done = await import_sessions(f"sqlite:///{old}", target, mapping_file=mapping, **options)  # type: ignore[arg-type] # of the test's own
    return list(done.added.values()), list(done.present.values())


@pytest.mark.parametrize("ahead", [timedelta(hours=-1), timedelta(hours=1)])
async def test_rows_that_a_process_with_another_clock_stored_are_not_new(
    old: Path, tmp_path: Path, ahead: timedelta, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = f"sqlite:///{tmp_path}/target.db"
    with monkeypatch.context() as other:
        other.setattr(inputs, "now", lambda: datetime.now(UTC) + ahead)
        assert await again(old, target) == ([1, 4, 4], [0, 0, 0])
    assert await again(old, target) == ([0, 0, 0], [1, 4, 4])


async def test_feedback_on_messages_that_are_there_is_stored_some_at_a_time(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "_CHUNK_MESSAGES", 2)
    target, stored = tmp_path / "target.db", list[int]()
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("DELETE FROM votes")
    await again(old, f"sqlite:///{target}")
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.executemany("INSERT INTO votes VALUES (?1, ?1, 'good')", [(number,) for number in range(4)])

    def look(_done: int, _total: int) -> None:
        with closing(sqlite3.connect(target)) as connection:
            stored.append(connection.execute("SELECT count(*) FROM agentomatic_feedback").fetchone()[0])

    assert await again(old, f"sqlite:///{target}", progress=look) == ([0, 0, 4], [1, 4, 0])
    assert stored == [0, 2, 2, 4]


async def test_feedback_of_a_session_that_was_begun_again_is_on_no_other_message(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "_CHUNK_MESSAGES", 2)
    target = f"sqlite:///{tmp_path}/target.db"
    assert await again(old, target) == ([1, 4, 4], [0, 0, 0])
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("UPDATE lines SET number = number + 10, said = 'y'")
        connection.execute("UPDATE votes SET id = id + 10, line = line + 10")
    assert (await again(old, target))[0] == [0, 0, 0]
    async with SQLAlchemyStore(target) as store:
        given = await store.get_feedback()
    assert len(given) == 4


@pytest.fixture(params=chosen(("mysql", "mariadb")))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database on a server that ignores case."""
    with moved.database(request.param, tmp_path) as url:
        yield url


async def test_sessions_whose_ids_a_server_takes_for_the_same_stay_apart(server: str) -> None:
    await servers.run(server, "CREATE TABLE message_store (id INT PRIMARY KEY, session_id TEXT, message TEXT)")
    names = ["Zoë", "zoe", "ZOË", "ada", "Ada", "ada "]
    for number in range(24):
        message = json.dumps({"type": "human", "data": {"content": f"{number}"}})
        row = f"{number}, '{names[number % len(names)]}', '{message}'"
        await servers.run(server, f"INSERT INTO message_store VALUES ({row})")
    for added, present in ((24, 0), (0, 24)):
        done = await import_sessions(server, server)
        assert (done.misfits, done.added["message"], done.present["message"]) == ([], added, present)
    async with SQLAlchemyStore(server) as store:
        for first, name in enumerate(names):
            found = [message["content"] for message in await store.get_messages(name)]
            assert found == [str(number) for number in range(first, 24, len(names))]
