"""An import of sessions: how it goes on, what it refuses, and its mappings."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.errors import DatabaseError, InvalidInput, TransferFailed
from agentomatic_sql.moving import import_sessions
from agentomatic_sql.moving.sessions import mapping
from tests.support import encrypted, moved, servers
from tests.support.databases import chosen, database_on
from tests.support.sessions.openai_tables import change, fill, said, url


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The file of the source."""
    return tmp_path / "the old one.db"


@pytest.fixture
def target(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/target.db"


async def texts(target: str, thread_id: str, **options: Any) -> list[str]:
    async with SQLAlchemyStore(target, **options) as store:
        return [message["content"] for message in await store.get_messages(thread_id)]


def state(old: Path) -> tuple[bytes, set[str]]:
    """Return a file's content, and which files are beside it."""
    return old.read_bytes(), {path.name for path in old.parent.iterdir()}


@pytest.mark.parametrize("mode", ["delete", "wal"])
async def test_a_source_is_left_as_it_is(old: Path, target: str, mode: str) -> None:
    change(old, f"PRAGMA journal_mode = {mode}")
    fill(old, {"a": said("one", "two"), "empty": []})
    (content, _files), told = state(old), list[tuple[int, int]]()
    done = await import_sessions(url(old), target, progress=lambda *now: told.append(now))
    assert (done.added, told[-1]) == ({"thread": 2, "message": 2, "feedback": 0}, (2, 2))
    assert state(old) == (content, {old.name, "target.db"})
    async with SQLAlchemyStore(target) as store:
        assert await store.get_messages("empty") == []
        thread = await store.get_thread("a")
        assert thread is not None
        assert thread["metadata"]["item"].keys() == {"session_id", "created_at", "updated_at"}


@pytest.mark.parametrize(("mode", "refused"), [("delete", ["database is locked"]), ("wal", [])])
async def test_a_source_is_locked_for_writers_unless_it_is_in_wal_mode(
    old: Path, target: str, mode: str, refused: list[str]
) -> None:
    change(old, f"PRAGMA journal_mode = {mode}")
    fill(old, {"a": said("one")})
    seen = []

    def write(_done: int, _total: int) -> None:
        with closing(sqlite3.connect(old, timeout=0)) as connection:
            try:
                with connection:
                    connection.execute("UPDATE agent_sessions SET created_at = updated_at")
            except sqlite3.OperationalError as error:
                seen.append(str(error))

    await import_sessions(url(old), target, progress=write)
    assert seen == refused


async def test_source_and_target_may_be_one_database(old: Path) -> None:
    fill(old, {"a": said("one", "two")})
    assert (await import_sessions(url(old), url(old))).added["message"] == 2
    assert (await import_sessions(url(old), url(old))).present["message"] == 2
    assert await texts(url(old), "a") == ["one", "two"]


async def test_threads_are_listed_in_the_order_of_their_sessions_last_changes(old: Path, target: str) -> None:
    fill(old, {"a": said("one"), "b": said("one"), "c": said("one")})
    for number, name in enumerate("bca"):
        at = f"2026-01-0{number + 1} 10:00:00"
        change(old, f"UPDATE agent_sessions SET updated_at = '{at}' WHERE session_id = '{name}'")
    await import_sessions(url(old), target, user="ada", agent="support")
    async with SQLAlchemyStore(target) as store:
        listed = await store.list_threads(user_id="ada", agent_name="support")
    assert [thread["id"] for thread in listed] == ["a", "c", "b"]


async def test_a_long_session_is_stored_in_chunks_and_goes_on_after_an_interruption(old: Path, target: str) -> None:
    expected = [f"text {number}" for number in range(1_234)]
    fill(old, {"a": said(*expected), "b": said("x" * 600_000, "y" * 600_000, "z" * 2_000_000)})

    def fail(done: int, _total: int) -> None:
        if done == 1_100:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await import_sessions(url(old), target, progress=fail)
    assert await texts(target, "b") == []
    done = await import_sessions(url(old), target)
    assert (done.present["message"], done.added["message"], done.misfits) == (1_000, 237, [])
    chunks = Counter(row["thread_id"] for row in (await moved.contents(target))["agentomatic_idempotency_keys"])
    assert chunks == {"a": 3, "b": 3}
    async with SQLAlchemyStore(target) as store:
        assert [message["content"] async for message in store.iter_messages("a")] == expected
        assert [message["content"][0] for message in await store.get_messages("b")] == ["x", "y", "z"]


async def test_two_imports_at_a_time_store_everything_once(old: Path, target: str) -> None:
    expected = [f"text {number}" for number in range(700)]
    fill(old, {name: said(*expected) for name in "abc"})
    both = await asyncio.gather(*(import_sessions(url(old), target) for _ in range(2)))
    assert [done.misfits for done in both] == [[], []]
    for name in "abc":
        async with SQLAlchemyStore(target) as store:
            assert [message["content"] async for message in store.iter_messages(name)] == expected


async def test_a_session_that_goes_on_is_followed_unless_the_thread_has_gone_on_too(old: Path, target: str) -> None:
    fill(old, {"a": said("one"), "b": said("one")})
    await import_sessions(url(old), target)
    async with SQLAlchemyStore(target) as store:
        await store.add_message("b", "user", "mine")
    fill(old, {"a": said("two"), "b": said("two")})
    done = await import_sessions(url(old), target)
    reason = "the last message of thread 'b' is another one: one of the two has changed"
    assert done.misfits == [f"agent_sessions (session_id 'b'): {reason}"]
    assert (await texts(target, "a"), await texts(target, "b")) == (["one", "two"], ["one", "mine"])


async def test_a_session_that_has_lost_or_changed_messages_is_refused(old: Path, target: str) -> None:
    fill(old, {"a": said("one", "two"), "b": said("one", "two")})
    await import_sessions(url(old), target)
    change(old, "DELETE FROM agent_messages WHERE id = 2")
    change(old, 'UPDATE agent_messages SET message_data = \'{"role": "user"}\' WHERE id = 4')
    fill(old, {"b": said("three")})
    done = await import_sessions(url(old), target)
    assert done.misfits == [
        "agent_sessions (session_id 'a'): thread 'a' has 2 messages, and the session 1",
        "agent_sessions (session_id 'b'): the last message of thread 'b' is another one: one of the two has changed",
    ]
    assert await texts(target, "b") == ["one", "two"]


async def test_a_thread_of_somebody_else_is_named_and_left_alone(old: Path, target: str) -> None:
    async with SQLAlchemyStore(target) as store:
        await store.create_thread("a", "grace", "agent")
        await store.create_thread("own", "unknown", "openai-agents")
        await store.add_message("own", "user", "mine")
    fill(old, {"a": said("one"), "own": said("one"), "x" * 256: said("one"), "free": said("one")})
    done = await import_sessions(url(old), target)
    assert done.misfit_count == 3
    named = {misfit.partition(": ")[0]: misfit.partition(": ")[2] for misfit in done.misfits}
    assert "thread 'a' exists already" in named["agent_sessions (session_id 'a')"]
    assert "is another one" in named["agent_sessions (session_id 'own')"]
    assert "has 256 characters" in named[f"agent_sessions (session_id '{'x' * 256}')"]
    assert done.added == {"thread": 1, "message": 1, "feedback": 0}
    assert (await texts(target, "a"), await texts(target, "own")) == ([], ["mine"])


BAD = ["{half", '{"content": "no role"}', "[1]", '{"role": "user", "content": "", "score": NaN}', '{"role": ""}']


@pytest.mark.parametrize("bad", BAD)
async def test_a_row_that_does_not_fit_ends_its_thread_until_it_is_repaired(old: Path, target: str, bad: str) -> None:
    fill(old, {"a": [*said("one"), bad, *said("three")], "b": said("one")})
    done = await import_sessions(url(old), target)
    (misfit,) = done.misfits
    assert misfit.startswith("agent_messages (session_id 'a', id 2): ")
    assert (await texts(target, "a"), await texts(target, "b")) == (["one"], ["one"])
    change(old, 'UPDATE agent_messages SET message_data = \'{"role": "user", "content": "two"}\' WHERE id = 2')
    assert (await import_sessions(url(old), target)).misfits == []
    assert await texts(target, "a") == ["one", "two", "three"]


async def test_rows_that_do_not_fit_can_be_left_out(old: Path, target: str) -> None:
    fill(old, {"a": [*said("one"), *BAD, *said("two")]})
    for added in (2, 0):
        done = await import_sessions(url(old), target, skip=True)
        assert (done.misfit_count, done.added["message"]) == (len(BAD), added)
    fill(old, {"a": said("three")})
    await import_sessions(url(old), target, skip=True)
    assert await texts(target, "a") == ["one", "two", "three"]


async def test_a_message_without_its_session_is_named(old: Path, target: str) -> None:
    fill(old, {"a": said("one")})
    fill(old, {"gone": said("one")}, orphans=True)
    done = await import_sessions(url(old), target)
    assert done.misfits == ["agent_messages (session_id 'gone', id 2): its thread does not exist"]


async def test_an_encrypted_target_gets_encrypted_messages(old: Path, target: str) -> None:
    keys = encrypted.keys("old")
    fill(old, {"a": said(encrypted.WORD)})
    await import_sessions(url(old), target, encryption=keys)
    fill(old, {"a": said("two")})
    assert (await import_sessions(url(old), target, encryption=keys)).misfits == []
    assert encrypted.WORD not in str((await moved.contents(target))["agentomatic_messages"])
    assert await texts(target, "a", encryption=keys) == [encrypted.WORD, "two"]


# mappings


async def test_the_kind_is_recognised_or_one_sentence_says_why_not(old: Path, target: str) -> None:
    with pytest.raises(TransferFailed, match=r"the old one\.db does not exist$"):
        await import_sessions(url(old), target)
    change(old, "CREATE TABLE notes (id INTEGER)")
    with pytest.raises(TransferFailed, match=r"no tables of chainlit or .* or openai-agents; there is notes$"):
        await import_sessions(url(old), target)
    with pytest.raises(TransferFailed, match=r"no tables of chainlit; there is notes$"):
        await import_sessions(url(old), target, kind="chainlit")
    fill(old, {"a": said("one")})
    change(old, "ALTER TABLE agent_messages RENAME COLUMN message_data TO data")
    reason = "table agent_messages has no column message_data, as openai-agents has"
    with pytest.raises(TransferFailed, match=f"{reason}$"):
        await import_sessions(url(old), target)
    change(old, "ALTER TABLE agent_messages RENAME COLUMN data TO message_data")
    change(old, "CREATE TABLE message_store (id INTEGER PRIMARY KEY, session_id TEXT, message TEXT)")
    with pytest.raises(TransferFailed, match=r"has sessions of langchain and openai-agents: choose one by its kind$"):
        await import_sessions(url(old), target)
    assert state(old)[1] == {old.name}  # nothing was made so far
    assert (await import_sessions(url(old), target, kind="openai-agents")).added["message"] == 1
    with pytest.raises(InvalidInput, match=r"^kind: there is no 'mine': choose from chainlit, "):
        await import_sessions(url(old), target, kind="mine")


async def test_tables_of_other_names_are_recognised_by_their_columns(old: Path, target: str) -> None:
    fill(old, {"a": said("one")})
    for name in ("sessions", "messages"):
        change(old, f"ALTER TABLE agent_{name} RENAME TO chat_{name}")
    assert (await import_sessions(url(old), target)).added["message"] == 1
    change(old, "CREATE TABLE more AS SELECT * FROM chat_messages")
    with pytest.raises(TransferFailed, match="tables chat_messages, more are like agent_messages of openai-agents"):
        await import_sessions(url(old), target)


async def test_tables_of_a_newer_version_are_refused(old: Path, target: str) -> None:
    change(old, "CREATE TABLE adk_internal_metadata (key TEXT, value TEXT)")
    change(old, "INSERT INTO adk_internal_metadata VALUES ('schema_version', '2')")
    change(old, "CREATE TABLE sessions (app_name, user_id, id, state, create_time, update_time)")
    change(old, "CREATE TABLE events (app_name, user_id, session_id, id, timestamp, event_data)")
    with pytest.raises(TransferFailed, match=r"has version '2' of its tables, and the mapping google-adk is for 1$"):
        await import_sessions(url(old), target)


MINE = """
name = "mine"
zone = "Europe/Berlin"
[thread]
key = ["team", "chat"]
user = ["who"]
[message]
table = "lines"
thread = ["team", "chat"]
key = ["number"]
order = ["number"]
content = ["said"]
time = ["at"]
[[message.role]]
path = "speaker"
names = { "bot *" = "assistant", "*" = "user" }
"""


async def test_a_mapping_of_ones_own_reads_a_table_that_nothing_knows(old: Path, target: str, tmp_path: Path) -> None:
    change(old, "CREATE TABLE lines (team TEXT, chat INT, who TEXT, number INT, speaker TEXT, said TEXT, at TEXT)")
    change(old, "INSERT INTO lines VALUES ('red', 1, 'ada', 1, 'Ada', 'Hi', '2026-07-01 12:00:00')")
    change(old, "INSERT INTO lines VALUES ('red', 1, 'ada', 2, 'bot 7', 'Hello', '2026-01-01 12:00:00')")
    change(old, "INSERT INTO lines VALUES ('red', 2, NULL, 1, 'bot 7', 'Hello', NULL)")
    file = tmp_path / "mine.toml"
    file.write_text(MINE)
    done = await import_sessions(url(old), target, mapping_file=file, user="nobody", agent="bot")
    assert (done.added, done.misfits) == ({"thread": 2, "message": 3, "feedback": 0}, [])
    async with SQLAlchemyStore(target) as store:
        threads = {thread["id"]: thread["user_id"] for thread in await store.list_threads(agent_name="bot")}
        assert threads == {"red/1": "ada", "red/2": "nobody"}
        first, second = await store.get_messages("red/1")
    assert (first["role"], first["content"], first["timestamp"]) == ("user", "Hi", "2026-07-01T10:00:00.000000+00:00")
    assert (second["role"], second["timestamp"]) == ("assistant", "2026-01-01T11:00:00.000000+00:00")
    assert first["metadata"]["item"]["speaker"] == "Ada"
    assert (await import_sessions(url(old), target, mapping_file=file, user="nobody", agent="bot")).misfits == []


LINES = "CREATE TABLE lines (team TEXT, chat INT, who, number INT, speaker TEXT, said TEXT, at TEXT)"


def lines(old: Path, *rows: tuple[object, int, str]) -> None:
    """Make the table of `MINE` with rows of a chat of the team red: who, number and what was said."""
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute(LINES)
        connection.executemany("INSERT INTO lines VALUES ('red', 1, ?, ?, 'Ada', ?, NULL)", rows)


async def owners(target: str) -> dict[str, tuple[str, str]]:
    async with SQLAlchemyStore(target) as store:
        return {thread["id"]: (thread["user_id"], thread["agent_name"]) for thread in await store.list_threads()}


async def test_a_user_in_json_is_found_without_a_table_of_threads(old: Path, target: str, tmp_path: Path) -> None:
    lines(old, (json.dumps({"id": "ada", "bot": 7}), 1, "one"))
    file = tmp_path / "mine.toml"
    file.write_text(MINE.replace('user = ["who"]', 'user = ["who.id"]\nagent = ["who.bot"]\njson = ["who"]'))
    assert (await import_sessions(url(old), target, mapping_file=file)).misfits == []
    assert await owners(target) == {"red/1": ("ada", "7")}


@pytest.mark.parametrize("who", [b"ada", 1.5])
async def test_a_user_that_is_no_text_is_refused(old: Path, target: str, tmp_path: Path, who: object) -> None:
    lines(old, (who, 1, "one"))
    file = tmp_path / "mine.toml"
    file.write_text(MINE)
    done = await import_sessions(url(old), target, mapping_file=file)
    assert done.misfits == ["lines (team 'red', chat 1): who is neither a text nor a whole number"]
    assert await owners(target) == {}


@pytest.mark.parametrize(("skip", "expected"), [(False, ["one", "two"]), (True, ["one", "two", "four"])])
@pytest.mark.parametrize(("field", "other"), [("user", "grace"), ("agent", "grace")])
async def test_a_message_of_another_user_or_agent_is_kept_out_of_a_thread(
    old: Path, target: str, tmp_path: Path, field: str, other: str, skip: bool, expected: list[str]
) -> None:
    lines(old, ("ada", 1, "one"), (None, 2, "two"), (other, 3, "three"), ("ada", 4, "four"))
    file = tmp_path / "mine.toml"
    file.write_text(MINE.replace("user =", f"{field} ="))
    for _ in range(2):
        done = await import_sessions(url(old), target, mapping_file=file, skip=skip)
        assert done.misfits == [f"lines (team 'red', chat 1, number 3): it has another {field} than its thread"]
        assert await texts(target, "red/1") == expected


async def test_threads_with_times_in_a_wrong_zone_are_deleted_and_imported_again(
    old: Path, target: str, tmp_path: Path
) -> None:
    lines(old, ("ada", 1, "one"))
    change(old, "UPDATE lines SET at = '2026-07-01 12:00:00'")
    file = tmp_path / "mine.toml"
    file.write_text(MINE.replace("Europe/Berlin", "UTC"))
    await import_sessions(url(old), target, mapping_file=file)
    file.write_text(MINE)
    assert "is another one" in (await import_sessions(url(old), target, mapping_file=file)).misfits[0]
    async with SQLAlchemyStore(target) as store:
        assert await store.delete_thread("red/1")
        assert (await import_sessions(url(old), target, mapping_file=file)).misfits == []
        (message,) = await store.get_messages("red/1")
    assert message["timestamp"] == "2026-07-01T10:00:00.000000+00:00"


async def test_feedback_on_a_message_that_is_not_imported_waits_until_it_is(
    old: Path, target: str, tmp_path: Path
) -> None:
    lines(old, ("ada", 1, "one"), (b"ada", 2, "two"), ("ada", 3, "three"))
    votes(old, (1, 1, "good"), (2, 2, "good"), (3, 3, "good"), (4, 9, "good"))
    file = tmp_path / "mine.toml"
    file.write_text(MINE + FEEDBACK)
    done = await import_sessions(url(old), target, mapping_file=file)
    assert (done.added["feedback"], done.misfit_count) == (1, 1)
    change(old, "UPDATE lines SET who = 'ada'")
    done = await import_sessions(url(old), target, mapping_file=file)
    assert (done.added["feedback"], done.present["feedback"], done.misfits) == (2, 1, [])
    async with SQLAlchemyStore(target) as store:
        given = {one["message_id"] for one in await store.get_feedback()}
        assert given == {message["id"] for message in await store.get_messages("red/1")}


@pytest.mark.parametrize(("skip", "expected"), [(False, ["one"]), (True, ["one", "three"])])
async def test_a_message_with_the_key_of_the_one_before_is_named(
    old: Path, target: str, tmp_path: Path, skip: bool, expected: list[str]
) -> None:
    lines(old, ("ada", 1, "one"), ("ada", 1, "two"), ("ada", 2, "three"))
    file = tmp_path / "mine.toml"
    file.write_text(MINE)
    done = await import_sessions(url(old), target, mapping_file=file, skip=skip)
    assert done.misfits == ["lines (team 'red', chat 1, number 1): it has the key of the row before"]
    assert await texts(target, "red/1") == expected


FEEDBACK = """
[feedback]
table = "votes"
key = ["id"]
message = "line"
rating = "vote"
ratings = { good = 5 }
"""


def votes(old: Path, *rows: tuple[int, int, str]) -> None:
    """Make the table of `FEEDBACK`: id, number of the line, and vote."""
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("CREATE TABLE votes (id INT, line INT, vote TEXT)")
        connection.executemany("INSERT INTO votes VALUES (?, ?, ?)", rows)


async def test_a_rating_that_the_mapping_lacks_is_not_shown(old: Path, target: str, tmp_path: Path) -> None:
    lines(old, ("ada", 1, "one"))
    votes(old, (1, 1, "secret"), (2, 1, "good"))
    file = tmp_path / "mine.toml"
    file.write_text(MINE + FEEDBACK)
    done = await import_sessions(url(old), target, mapping_file=file)
    assert done.misfits == ["votes (id 1): the mapping has no rating for its vote"]
    assert done.added == {"thread": 1, "message": 1, "feedback": 1}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("name =", "nam ="), "name: is missing"),
        (('key = ["number"]', "key = []"), "message.key: must be a list of names"),
        (('key = ["number"]', 'key = "number"'), "message.key: must be a list"),
        (("Europe/Berlin", "Mars/Olympus"), "zone: there is no time zone 'Mars/Olympus'"),
        (('thread = ["team", "chat"]', 'thread = ["team"]'), "message.thread: must have as many columns as thread.key"),
        (("user =", "person ="), "thread.person: is no field of a mapping"),
        (("user =", 'order = ["at"]\nuser ='), "thread.order: must be left out if there is no thread.table"),
        (("path =", "way ="), "message.role[0].path: is missing"),
        (('"*" = "user"', '"*" = 1'), "message.role[0].names: must have a text for each name"),
    ],
)
async def test_a_mapping_that_makes_no_sense_is_refused_with_its_field(
    change: tuple[str, str], reason: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.toml"
    assert change[0] in MINE
    file.write_text(MINE.replace(*change))
    with pytest.raises(InvalidInput) as error:
        await import_sessions("sqlite://", mapping_file=file)
    assert str(error.value).startswith(f"{file}, {reason}")


async def test_a_mapping_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TransferFailed, match=r"none\.toml cannot be read: No such file or directory$"):
        await import_sessions("sqlite://", mapping_file=tmp_path / "none.toml")
    file = tmp_path / "bad.toml"
    file.write_text("[[")
    with pytest.raises(TransferFailed, match=r"bad\.toml is no TOML file: "):
        await import_sessions("sqlite://", mapping_file=file)
    with pytest.raises(InvalidInput, match=r"^kind: cannot be given together"):
        await import_sessions("sqlite://", kind="chainlit", mapping_file=file)


@pytest.mark.parametrize("name", mapping.shipped())
def test_each_mapping_of_the_package_has_its_name(name: str) -> None:
    assert mapping.of_kind(name).name == name


@pytest.fixture
def server() -> Iterator[str]:
    """The URL of an empty database on a server whose time zone and roles can be set."""
    if "postgresql" not in chosen(("postgresql",)):
        pytest.skip("postgresql is not chosen")
    with database_on("postgresql") as url:
        yield url


@pytest.fixture(params=chosen(("postgresql", "mysql", "mariadb")))
def elsewhere(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database on each kind of server."""
    with database_on(request.param) as url:
        yield url


async def test_a_server_gets_the_sessions_of_a_file_and_what_is_new_in_them(old: Path, elsewhere: str) -> None:
    fill(old, {"a": said("one", moved.ODD), "A": said("another")})
    assert (await import_sessions(url(old), elsewhere)).misfits == []
    fill(old, {"a": said("three")})
    done = await import_sessions(url(old), elsewhere)
    assert (done.misfits, done.added["message"], done.present["message"]) == ([], 1, 3)
    odd = json.loads(json.dumps(moved.ODD))  # two halves of a character are one in the source's JSON
    assert await texts(elsewhere, "a") == ["one", odd, "three"]
    assert await texts(elsewhere, "A") == ["another"]


@pytest.fixture(params=chosen(("mysql", "mariadb")))
def limited(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty database on each kind of server that limits the size of a value."""
    with database_on(request.param) as url:
        yield url


@pytest.mark.parametrize(("skip", "expected"), [(False, ["one", "two"]), (True, ["one", "two", "four", "five"])])
async def test_a_message_too_large_for_the_server_does_not_fit(
    old: Path, limited: str, skip: bool, expected: list[str]
) -> None:
    async with SQLAlchemyStore(limited) as store, store.engine.connect() as connection:
        limit = (await connection.exec_driver_sql("SELECT @@max_allowed_packet")).scalar_one()
    fill(old, {"a": said("one", "two", "x" * limit, "four"), "b": said("one")})
    fill(old, {"a": said("five")})
    for added in (len(expected) + 1, 0):
        done = await import_sessions(url(old), limited, skip=skip)
        (misfit,) = done.misfits
        assert misfit.startswith("agent_messages (session_id 'a', id 3): ")
        assert done.added["message"] == added
        assert (await texts(limited, "a"), await texts(limited, "b")) == (expected, ["one"])


async def test_times_without_a_zone_are_in_that_of_the_server(server: str, target: str) -> None:
    for statement in (
        "CREATE TABLE agent_sessions (session_id TEXT, created_at TIMESTAMP, updated_at TIMESTAMP)",
        "CREATE TABLE agent_messages (id INT, session_id TEXT, message_data TEXT, created_at TIMESTAMP)",
        "INSERT INTO agent_sessions VALUES ('a', now(), now())",
        """INSERT INTO agent_messages VALUES (1, 'a', '{"role": "user"}', '2026-07-01 12:00')""",
        f"ALTER DATABASE \"{make_url(server).database}\" SET TimeZone = 'Europe/Berlin'",
    ):
        await servers.run(server, statement)
    await import_sessions(server, target)
    async with SQLAlchemyStore(target) as store:
        (message,) = await store.get_messages("a")
    assert message["timestamp"] == "2026-07-01T10:00:00.000000+00:00"


async def test_a_role_without_rights_is_told_so(server: str, target: str) -> None:
    role = f"reader_{uuid4().hex}"
    await servers.run(server, "CREATE TABLE message_store (id INT, session_id TEXT, message TEXT)")
    await servers.run(server, f"CREATE ROLE {role} LOGIN PASSWORD 'reader'")
    try:
        with pytest.raises(
            DatabaseError, match=f"permission denied for table .* GRANT SELECT ON message_store TO {role}"
        ):
            await import_sessions(make_url(server).set(username=role, password="reader"), target)
    finally:
        await servers.run(server, f"DROP ROLE {role}")


# the command

PROGRAM = [sys.executable, "-W", "error", "-m", "agentomatic_sql", "import", "sessions"]


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AGENTOMATIC")}
    whole = [*PROGRAM, *map(str, arguments)]
    return subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False, env=clean)


def test_the_command_says_what_was_imported_and_what_does_not_fit(old: Path, target: str) -> None:
    fill(old, {"a": said("one", "two")})
    done = run("--from", url(old), "--to", target, "--agent", "support")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f": imported 3 rows (thread 1, message 2) from sqlite database {old}.\n")
    fill(old, {"a": ["bad"], "b": said("one")})
    again = run("--from", url(old), "--to", target, "--agent", "support", "--json")
    assert again.returncode == 1
    assert json.loads(again.stdout)["added"] == {"thread": 1, "message": 1, "feedback": 0}
    assert again.stderr.splitlines()[-2:] == [
        "does not fit: agent_messages (session_id 'a', id 3): message_data is not JSON",
        "error: 1 of the source's rows did not fit; the rest was stored",
    ]
    none = run("--from", url(old), "--to", target, "--kind", "chainlit")
    assert none.returncode == 1
    assert none.stderr.splitlines()[-1].startswith(f"error: sqlite database {old}: there are no tables of chainlit;")


def test_the_command_prints_a_mapping_that_it_takes_again(old: Path, target: str, tmp_path: Path) -> None:
    fill(old, {"a": said("one")})
    change(old, "ALTER TABLE agent_messages RENAME TO mine")
    change(old, "ALTER TABLE mine ADD COLUMN more TEXT")
    printed = run("--print-map", "openai-agents")
    assert printed.returncode == 0, printed.stderr
    file = tmp_path / "mine.toml"
    file.write_text(printed.stdout.replace("agent_messages", "mine"))
    done = run("--from", url(old), "--to", target, "--map", file)
    assert done.returncode == 0, done.stderr
    unknown = run("--print-map", "mine")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert unknown.stderr.startswith("error: kind: there is no 'mine': choose from chainlit, ")
