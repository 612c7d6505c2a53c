"""Tables of agentomatic's own store that are odd, damaged, too few, too new, changed or interrupted."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from agentomatic_sql import SQLAlchemyStore
from agentomatic_sql.errors import StoreError, TransferFailed
from agentomatic_sql.moving import import_agentomatic
from agentomatic_sql.moving.agentomatic import storing, streaming
from agentomatic_sql.tables import CHECKPOINTS, MESSAGES, THREADS
from tests.support import encrypted, moved, servers
from tests.support import platform_tables as tables
from tests.support.databases import chosen
from tests.support.platform_tables import AT

PROGRAM = [sys.executable, "-W", "error", "-m", "agentomatic_sql"]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file with the platform's tables, and one thread `t000000` of three messages."""
    path = tmp_path / "source.db"
    tables.make(path, messages=3)
    return path


@pytest.fixture(params=["the same database", "another one"])
def target(request: pytest.FixtureRequest, source: Path, tmp_path: Path) -> str:
    """The URL of a database to store in: both ways lead to the same rows."""
    path = source if request.param == "the same database" else tmp_path / "target.db"
    return f"sqlite:///{path}"


async def adopt(source: Path, target: str, **options: Any) -> dict[str, int]:
    """Bring a file in; returns the numbers of what is reported."""
    done = await import_agentomatic(f"sqlite:///{source}", target, **options)
    found = (sentence.rsplit(": ", 1) for sentence in done.reported)
    return {sentence.partition(",")[0]: int(number) for sentence, number in found}


# values


async def test_messages_of_one_moment_are_in_the_order_of_their_ids(source: Path, target: str) -> None:
    tables.run(source, "UPDATE messages SET created_at = '2026-01-31 09:30:00' WHERE id IN (2, 3)")  # no fraction
    assert await adopt(source, target) == {"threads with a wrong message_count": 1}
    async with SQLAlchemyStore(target) as store:
        found = await store.get_messages("t000000")
        assert [(one["id"], one["index"]) for one in found] == [(2, 0), (3, 1), (1, 2)]
        assert [one["timestamp"][20:] for one in found] == ["000000+00:00"] * 2 + ["123456+00:00"]
        assert ((await store.get_thread("t000000")) or {})["message_count"] == 3
        added = await store.add_message("t000000", "user", "new")
        assert (added["index"], added["id"]) == (3, 4)


TEXTS = ["", "a\x00b", "agms1:x agms1:y", "\x1a0000 \x1ad83d", "AGMS1:x", "é 😀 ", "agms1:a\x00b"]


async def test_a_text_comes_out_as_it_was(source: Path, target: str) -> None:
    tables.run(source, "DELETE FROM messages")
    for content in TEXTS:
        tables.run(
            source, "INSERT INTO messages (thread_id, role, content, created_at) VALUES (?, ?, ?, ?)",
            "t000000", "user", content, AT,
        )  # fmt: skip
        tables.run(source, "UPDATE threads SET title = ?", content)
    await adopt(source, target)
    async with SQLAlchemyStore(target) as store:
        assert [one["content"] for one in await store.get_messages("t000000")] == TEXTS
        assert ((await store.get_thread("t000000")) or {})["title"] == TEXTS[-1]


JSONS = [
    (None, {}),
    ("null", {}),
    ("[]", {}),
    ('""', {}),
    (' {"a": 1} ', {"a": 1}),
    ('{"\\ud83d\\ude00 \\u0000 \\ud83d": 1e2}', {"😀 \x00 \ud83d": 1e2}),
    ("[1, 2]", {"value": [1, 2]}),
    ('"agms1:x"', {"value": "agms1:x"}),
    ("5", {"value": 5}),
]


async def test_json_of_another_kind_is_put_into_an_object(source: Path, target: str) -> None:
    tables.run(source, "DELETE FROM messages")
    for number, (stored, _value) in enumerate(JSONS):
        tables.run(source, "INSERT INTO messages VALUES (?, 't000000', 'user', '', ?, ?)", number + 1, stored, AT)
    for name, history in (("a", None), ("b", "[0.5]"), ("c", '{"a": 1}')):
        statement = "INSERT INTO optimization_runs (id, experiment_id, agent_name, score_history, created_at) "
        tables.run(source, f"{statement} VALUES (?, 'e', 'agent', ?, ?)", name, history, AT)
    reported = await adopt(source, target)
    assert reported["rows of messages with JSON of another kind than the column's"] == 3
    assert reported["rows of optimization_runs with JSON of another kind than the column's"] == 1
    async with SQLAlchemyStore(target) as store:
        assert [one["metadata"] for one in await store.get_messages("t000000")] == [value for _stored, value in JSONS]
        runs = {one["id"]: one["score_history"] for one in await store.list_optimization_runs()}
        assert runs == {"a": [], "b": [0.5], "c": [{"a": 1}]}


NOT_FINITE = [
    ('{"score": NaN, "a": [1e2, Infinity, -Infinity]}', {"score": None, "a": [100.0, None, None]}),
    ('{"NaN": "NaN \\\\", "b": "\\"Infinity", "c": NaN, "n": 123456789012345678901234567890}',
     {"NaN": "NaN \\", "b": '"Infinity', "c": None, "n": 123456789012345678901234567890}),
    ("NaN", {"value": None}),
    ('"NaN, Infinity"', {"value": "NaN, Infinity"}),
    ('{"said": "NaN"}', {"said": "NaN"}),
]  # fmt: skip


async def test_nan_and_infinity_in_json_are_null_and_each_row_is_named(source: Path, target: str) -> None:
    tables.run(source, "DELETE FROM messages")
    for number, (stored, _value) in enumerate(NOT_FINITE):
        tables.run(source, "INSERT INTO messages VALUES (?, 't000000', 'user', '', ?, ?)", number + 1, stored, AT)
    tables.run(
        source, "INSERT INTO checkpoints VALUES ('t000000', 'ns', 'c', NULL, '{\"x\": -Infinity}', '[NaN]', ?)", AT
    )
    for _time in range(2):
        done = await import_agentomatic(f"sqlite:///{source}", target)
        assert [one for one in done.reported if "NaN" in one] == [
            "rows of messages with NaN or Infinity in their JSON, null now: 3",
            *(f"messages (id {number}): NaN or Infinity in metadata_json is null now" for number in (1, 2, 3)),
            "rows of checkpoints with NaN or Infinity in their JSON, null now: 1",
            (
                "checkpoints (thread_id 't000000', checkpoint_ns 'ns', checkpoint_id 'c'): "
                "NaN or Infinity in checkpoint_json and metadata_json is null now"
            ),
        ]
    assert (done.added["message"], done.present["message"]) == (0, 5)
    async with SQLAlchemyStore(target) as store:
        found = await store.get_messages("t000000")
        assert [one["metadata"] for one in found] == [value for _stored, value in NOT_FINITE]
        (checkpoint,) = await store.list_checkpoints("t000000", "ns")
        assert (checkpoint["checkpoint"], checkpoint["metadata"]) == ({"x": None}, {"value": [None]})


async def test_a_text_with_nan_that_is_no_json_even_so_is_refused(source: Path, tmp_path: Path) -> None:
    tables.run(source, 'UPDATE messages SET metadata_json = \'{"a": NaN, "b": "no end\' WHERE id = 1')
    with pytest.raises(
        TransferFailed, match=r"message \(thread_id '.*', position \d+\) of the source: metadata is no JSON"
    ):
        await import_agentomatic(f"sqlite:///{source}", f"sqlite:///{tmp_path}/target.db")


async def test_many_rows_with_nan_are_counted_and_a_hundred_are_named(source: Path, target: str) -> None:
    tables.run(source, "DELETE FROM messages")
    for number in range(101):
        tables.run(source, "INSERT INTO messages VALUES (?, 't000000', 'user', '', '[NaN]', ?)", number + 1, AT)
    reported = (await import_agentomatic(f"sqlite:///{source}", target)).reported
    assert "rows of messages with NaN or Infinity in their JSON, null now: 101" in reported
    assert len([one for one in reported if one.startswith("messages (id ")]) == 100


async def test_a_state_without_an_end_stays_and_one_that_has_expired_is_told(source: Path, target: str) -> None:
    for name, expires in (("for ever", None), ("expired", AT)):
        tables.run(
            source, "INSERT INTO suspended_states VALUES (?, 'gone', 'agent', 'node', '{\"a\": 1}', ?, ?)",
            name, AT, expires,
        )  # fmt: skip
    assert (await adopt(source, target))["suspended states that have expired"] == 1
    async with SQLAlchemyStore(target) as store:
        (state,) = await store.list_suspended_states()
        assert (state["id"], state["state_snapshot"]) == ("for ever", {"a": 1})
        assert state["expires_at"] == "9999-12-31T23:59:59.999999+00:00"


async def test_columns_that_a_release_added_may_be_missing(source: Path, target: str) -> None:
    for name in ("query", "response", "correction"):
        tables.run(source, f"ALTER TABLE feedback DROP COLUMN {name}")
    tables.run(source, "ALTER TABLE agent_invocation_logs DROP COLUMN resource_type")
    tables.run(source, f"INSERT INTO feedback VALUES (1, 't000000', 2, 'ada', 'agent', 5, NULL, 'thumbs', '{AT}')")
    tables.run(
        source,
        "INSERT INTO agent_invocation_logs (id, agent_name, timestamp, endpoint, status) "
        "VALUES ('l', 'agent', ?, 'chat', 'ok')",
        AT,
    )
    await adopt(source, target)
    async with SQLAlchemyStore(target) as store:
        (rating,) = await store.get_feedback()
        assert [rating[name] for name in ("message_id", "query", "response", "correction")] == [2, "", "", None]
        assert [one["resource_type"] for one in await store.list_invocation_logs()] == ["agent"]


async def test_checkpoints_are_in_the_order_of_their_times(source: Path, target: str) -> None:
    long = "ns" * 60
    for number, name in enumerate(["b", "a", "c"]):
        at = f"2026-01-31 09:30:0{number}.000000"
        for namespace in ("", long):
            tables.run(
                source, "INSERT INTO checkpoints VALUES ('t000000', ?, ?, ?, '{\"v\": 1}', '{}', ?)",
                namespace, name, name if name == "c" else None, at,
            )  # fmt: skip
    assert (await adopt(source, target))["checkpoints under the id of their parent or none"] == 2
    async with SQLAlchemyStore(target) as store:
        for namespace in ("", long):
            found = await store.list_checkpoints("t000000", namespace)
            assert [one["checkpoint_id"] for one in found] == ["c", "a", "b"]
            assert ((await store.get_checkpoint("t000000", namespace, "")) or {})["checkpoint_id"] == "c"


# many rows


async def test_rows_are_stored_some_threads_at_a_time(
    source: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a range ends within a thread, or has threads without messages, or the other way round."""
    monkeypatch.setattr(storing, "RANGE_ROWS", 4)
    monkeypatch.setattr(streaming, "PAGE_ROWS", 4)
    tables.run(source, "DELETE FROM threads")
    tables.run(source, "DELETE FROM messages")
    sizes = {"a": 0, "b": 9, "c": 0, "d": 0, "e": 0, "f": 0, "g": 1, "h": 2, "i": 3, "j": 4, "k": 0}
    for name, size in sizes.items():
        tables.run(
            source, "INSERT INTO threads VALUES (?, 'ada', 'agent', NULL, NULL, ?, ?, 0, NULL, NULL)", name, AT, AT
        )
        for _number in range(size):
            tables.run(
                source,
                "INSERT INTO messages (thread_id, role, content, created_at) VALUES (?, 'user', '', ?)",
                name,
                AT,
            )
    told: list[tuple[int, int]] = []
    await adopt(source, target, progress=lambda *now: told.append(now))
    total = len(sizes) + sum(sizes.values())
    assert told[-1] == (total, total)
    assert told == sorted(told)
    assert len(told) > 3
    async with SQLAlchemyStore(target) as store:
        assert {one["id"]: one["message_count"] for one in await store.list_threads()} == sizes
        for name, size in sizes.items():
            assert [one["index"] for one in await store.get_messages(name)] == [*range(size)]


async def test_memory_does_not_grow_with_the_feedback(source: Path, tmp_path: Path) -> None:
    long = "x" * 50_000
    for number in range(400):
        row = number + 1, "t000000", "ada", "agent", "thumbs", long, long, AT
        names = "id, thread_id, user_id, agent_name, feedback_type, query, response, created_at"
        tables.run(source, f"INSERT INTO feedback ({names}) VALUES ({', '.join('?' * len(row))})", *row)
    tracemalloc.start()
    try:
        done = await import_agentomatic(f"sqlite:///{source}", f"sqlite:///{tmp_path}/target.db")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert done.added["feedback"] == 400
    assert peak < 20_000_000  # half of the texts


# refusals: both sides stay as they were


def contents_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def refused(source: Path, reason: str) -> None:
    before = contents_of(source.parent)
    with pytest.raises(TransferFailed, match=reason) as raised:
        await import_agentomatic(f"sqlite:///{source}", f"sqlite:///{source.parent}/target.db")
    assert str(raised.value).startswith(f"sqlite database {source}")
    assert contents_of(source.parent) == before


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("DROP TABLE log_analyses", "these are not all tables of agentomatic 1.10 to 1.16.*log_analyses is missing"),
        ("ALTER TABLE messages ADD COLUMN parts JSON", "table messages has a column parts .*upgrade agentomatic-sql"),
        ("ALTER TABLE messages DROP COLUMN role", "table messages is not that of .*it has no column role"),
        ("UPDATE threads SET created_at = 'yesterday'", "1 rows of threads have an id .*or a time that is none"),
        ("UPDATE messages SET role = replace(hex(zeroblob(200)), '00', 'xy')", "3 rows of messages have an id or name"),
    ],
)
async def test_tables_that_are_not_those_of_the_platform_are_refused(change: str, reason: str, source: Path) -> None:
    tables.run(source, change)
    await refused(source, reason)


async def test_a_source_that_is_none_is_refused(tmp_path: Path) -> None:
    await refused(tmp_path / "none.db", "does not exist")
    other = tmp_path / "other.db"
    tables.run(other, "CREATE TABLE users (id INTEGER)")
    await refused(other, "there are no tables of agentomatic 1.10 to 1.16")
    other.write_text("no database")
    with pytest.raises(StoreError, match="is no SQLite database"):
        await import_agentomatic(f"sqlite:///{other}", f"sqlite:///{tmp_path}/target.db")


async def test_the_checkpoints_of_a_graphs_own_saver_are_left_out(source: Path, target: str) -> None:
    tables.run(source, "DROP TABLE checkpoints")
    tables.run(
        source,
        "CREATE TABLE checkpoints (thread_id TEXT, checkpoint_ns TEXT, checkpoint_id TEXT, parent_checkpoint_id TEXT, "
        "type TEXT, checkpoint BLOB, metadata BLOB)",
    )
    tables.run(source, "INSERT INTO checkpoints (thread_id) VALUES ('t000000')")
    done = await import_agentomatic(f"sqlite:///{source}", target)
    assert done.reported[-1].startswith("the table checkpoints is LangGraph's own saver's, left out")
    assert (done.added["message"], done.added.get("checkpoint")) == (3, None)
    assert (await moved.contents(target))[CHECKPOINTS.name] == []


async def test_an_encrypted_database_is_refused_with_the_way(source: Path, tmp_path: Path) -> None:
    other = f"sqlite:///{tmp_path}/other.db"
    async with encrypted.opened(other, "old"):
        pass
    with pytest.raises(TransferFailed, match="is encrypted: give its keys as encryption="):
        await import_agentomatic(f"sqlite:///{source}", other)
    assert (await moved.contents(other))[MESSAGES.name] == []


async def test_a_row_that_the_target_has_otherwise_is_named(source: Path, target: str) -> None:
    async with SQLAlchemyStore(target) as store:
        await store.create_thread("t000000", "grace", "agent")
    with pytest.raises(TransferFailed, match=r"^thread \(id 't000000'\) of the source: .*another thread"):
        await adopt(source, target)
    async with SQLAlchemyStore(target) as store:
        await store.delete_thread("t000000")
        await store.create_thread("mine", "grace", "agent")
        await store.add_message("mine", "user", "has the number 1")
    with pytest.raises(TransferFailed, match=r"^message \(.*\) of the source: .*another message with this id"):
        await adopt(source, target)
    async with SQLAlchemyStore(target) as store:
        assert await store.get_messages("t000000") == []


async def test_a_thread_that_has_gone_on_is_refused_and_one_that_went_on_here_is_left(
    source: Path, target: str
) -> None:
    await adopt(source, target)
    async with SQLAlchemyStore(target) as store:
        await store.add_message("t000000", "user", "here")
    assert (await import_agentomatic(f"sqlite:///{source}", target)).added["message"] == 0
    new = "INSERT INTO messages (thread_id, role, content, created_at) VALUES ('t000000', 'user', '', ?)"
    tables.run(source, new, "2026-02-01 00:00:00.000000")  # with the number of the message that was added here
    with pytest.raises(TransferFailed, match="has another message"):
        await adopt(source, target)
    tables.run(source, new, "2026-02-02 00:00:00.000000")
    with pytest.raises(TransferFailed, match=r"has another message|import into a new database"):
        await adopt(source, target)
    async with SQLAlchemyStore(target) as store:
        assert [one["content"] for one in await store.get_messages("t000000")] == ["x", "x", "x", "here"]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR IGNORE INTO messages VALUES (9, 't000000', 'user', 'late', NULL, '2026-01-31 09:30:00.123456')",
        "UPDATE messages SET id = 9 WHERE id = 3",
        "UPDATE threads SET updated_at = '2026-02-01 00:00:00.000000'",
    ],
)
async def test_a_source_that_is_written_to_meanwhile_is_told(statement: str, source: Path, target: str) -> None:
    tables.run(source, "PRAGMA journal_mode = WAL")  # so that it can be written to while it is read
    with pytest.raises(TransferFailed, match="was changed meanwhile: stop what writes to it"):
        await adopt(source, target, progress=lambda _done, _total: tables.run(source, statement) and None)


async def test_an_import_brings_back_what_was_deleted_here(source: Path, target: str) -> None:
    await adopt(source, target)
    async with SQLAlchemyStore(target) as store:
        await store.delete_thread("t000000")
        assert (await import_agentomatic(f"sqlite:///{source}", target)).added == {"thread": 1, "message": 3}
        assert len(await store.get_messages("t000000")) == 3


WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
    "AND query LIKE 'INSERT%'"
)


@pytest.fixture(params=chosen(("postgresql",)))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database of a server."""
    with moved.database(request.param, tmp_path) as url:
        yield url


async def test_rows_that_another_import_stores_at_the_same_time_are_found(server: str) -> None:
    for statement in tables.SCHEMA.replace("DATETIME", "TIMESTAMPTZ").split(";"):
        await servers.run(server, statement)
    await servers.run(server, f"INSERT INTO threads VALUES ('t', 'ada', 'agent', '', '{{}}', '{AT}', '{AT}', 0)")
    await servers.run(server, f"INSERT INTO messages VALUES (1, 't', 'user', 'x', '{{}}', '{AT}')")
    await import_agentomatic(server, server)
    async with SQLAlchemyStore(server) as store, store.engine.connect() as other:
        for table in (THREADS.name, MESSAGES.name):
            await servers.run(server, f"CREATE TABLE kept_{table} AS SELECT * FROM {table}")
        await store.delete_thread("t")
        for table in (THREADS.name, MESSAGES.name):
            await other.execute(text(f"INSERT INTO {table} SELECT * FROM kept_{table}"))
        importing = asyncio.create_task(import_agentomatic(server, server))
        async with asyncio.timeout(20):
            while not await servers.run(server, WAITING):
                assert not importing.done()
        await other.commit()
        assert (await importing).present == {"thread": 1, "message": 1}
        assert [one["content"] for one in await store.get_messages("t")] == ["x"]


# interruptions


def command(source: Path, target: Path | str, *options: str) -> list[str]:
    return [*PROGRAM, "import", "agentomatic", "--from", f"sqlite:///{source}", "--to", f"sqlite:///{target}", *options]


def run(source: Path, target: Path, *options: str) -> subprocess.CompletedProcess[str]:
    whole = command(source, target, *options)
    return subprocess.run(whole, capture_output=True, text=True, timeout=60, check=False)


def stop(number: int, source: Path, target: Path) -> int:
    """Run the command at a terminal, and send a signal as soon as its bar moves; returns how it ended."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(command(source, target), stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        shown = b""
        while not re.search(rb"[1-9]\d{3,}/\d+00", shown):
            shown += os.read(ours, 10_000)
        process.send_signal(number)
        status = process.wait(timeout=60)
    os.close(ours)
    os.close(theirs)
    return status


@pytest.mark.parametrize("same", [True, False], ids=["the same database", "another one"])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_an_interrupted_import_goes_on(number: int, status: int, same: bool, tmp_path: Path) -> None:
    path, threads = tmp_path / "source.db", 400 if same else 100
    tables.make(path, threads=threads, messages=200, content="x" * 200)
    target = path if same else tmp_path / "target.db"
    assert stop(number, path, target) == status
    ((half,),) = tables.run(target, "SELECT count(*) FROM agentomatic_messages")
    assert 0 < half < threads * 200
    done = run(path, target, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["added"]["message"], found["present"]["message"]) == (threads * 200 - half, half)
    assert found["reported"] == [f"threads with a wrong message_count, counted anew: {threads}"]
    rows = tables.run(target, "SELECT thread_id, position, id FROM agentomatic_messages ORDER BY id")
    assert rows == [(f"t{number // 200:06}", number % 200, number + 1) for number in range(threads * 200)]


async def test_the_command_tells_what_was_changed(source: Path, tmp_path: Path) -> None:
    done = run(source, tmp_path / "b.db")
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        f"sqlite database {tmp_path}/b.db: imported 4 rows (thread 1, message 3) from sqlite database {source}.\n"
    )
    assert done.stderr.splitlines()[2:] == ["note: threads with a wrong message_count, counted anew: 1."]
    tables.run(source, "DROP TABLE threads")
    wrong = run(source, tmp_path / "c.db")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr.splitlines()[-1].endswith("or this role may not see them: threads is missing")


# a store beside such tables


async def test_a_store_without_threads_beside_such_tables_names_the_command(
    source: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sentence = "agentomatic-sql import agentomatic --from URL --to URL"
    for _time in range(2):  # as long as there is no thread
        caplog.clear()
        async with SQLAlchemyStore(f"sqlite:///{source}") as store:
            health = await store.health_check()
        assert (health["status"], len(health["warnings"])) == ("healthy", 1)
        assert "beside those of this one, which has no threads" in health["warnings"][0]
        assert sentence in health["warnings"][0]
        assert [sentence in record.message for record in caplog.records if record.levelname == "WARNING"] == [True]
    caplog.clear()
    await adopt(source, f"sqlite:///{source}")
    async with SQLAlchemyStore(f"sqlite:///{source}") as store:
        assert (await store.health_check())["warnings"] == []
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == []


async def test_a_table_of_the_same_name_is_nothing_to_say(tmp_path: Path) -> None:
    tables.run(tmp_path / "a.db", "CREATE TABLE threads (id INTEGER, message_count INTEGER)")
    async with SQLAlchemyStore(f"sqlite:///{tmp_path}/a.db") as store:
        assert (await store.health_check())["warnings"] == []
