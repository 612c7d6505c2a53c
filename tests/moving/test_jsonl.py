"""JSON Lines: what is exported from a database is what is imported into another one, exactly, or refused."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentomatic_sql import InvalidInput, SQLAlchemyStore, jsontext
from agentomatic_sql.errors import EncryptionMismatch, InvalidLine, SchemaBehind, TransferFailed
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.moving import export_jsonl, import_jsonl
from agentomatic_sql.moving import lines as format_
from agentomatic_sql.moving.entities import MESSAGE, THREAD
from agentomatic_sql.tables import MESSAGES, THREADS
from tests.support import encrypted, moved
from tests.support.checkpoints import config, go_on
from tests.support.databases import chosen

PAIRED = chosen(("sqlite", "postgresql", "mariadb"))
PAIRS = [*product(PAIRED, PAIRED), *((name, "sqlite") for name in chosen(("mysql", "cockroachdb", "citus")))]
PAIRS += [(there, here) for here, there in PAIRS if (there, here) not in PAIRS]


def new_url(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}"


@pytest.fixture(params=PAIRS, ids="-".join)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The URLs of two databases without a schema."""
    source, target = request.param
    with moved.database(source, tmp_path) as url, moved.database(target, tmp_path) as other:
        yield url, other


async def test_everything_is_imported_as_it_was_exported(pair: tuple[str, str], tmp_path: Path) -> None:
    file, again = tmp_path / "all.jsonl", tmp_path / "again.jsonl.zst"
    url, other = pair
    await moved.fill(url)
    before = await moved.contents(url)
    assert await export_jsonl(url, file) == moved.counts(before)
    told: list[tuple[int, int]] = []
    done = await import_jsonl(file, other, progress=lambda *now: told.append(now))
    assert done.added == moved.counts(before)
    assert set(done.present.values()) == {0}
    assert told[-1] == (file.stat().st_size, file.stat().st_size)
    assert await moved.contents(other) == before
    repeated = await import_jsonl(file, other)
    assert (set(repeated.added.values()), repeated.present) == ({0}, done.added)
    assert await moved.contents(other) == before == await moved.contents(url)
    await export_jsonl(other, again)
    assert moved.lines(again)[1:] == moved.lines(file)[1:]
    assert again.stat().st_size * 3 < file.stat().st_size
    await goes_on(other, before)


async def goes_on(url: str, before: moved.Rows) -> None:
    """A store and a graph work with what was imported."""
    last = max(row["id"] for row in before[MESSAGES.name])
    async with SQLAlchemyStore(url) as store:
        message = await store.add_message("t", "user", "more")
        assert message["id"] > last
        assert message["index"] == 3
        again = await store.add_message("t", "user", encrypted.WORD, metadata=SAID, idempotency_key="k")
        assert again["index"] == 0
        assert (await store.add_feedback("t", "ada", "agent", rating=1))["id"] > 2
        assert [one["id"] for one in (await store.get_thread_lineage("fork of a fork"))["ancestors"]] == ["t", "fork"]
        saver = SQLAlchemySaver(store)
        await go_on(saver, ["next"])
        found = await saver.aget_tuple(config())
        assert found is not None
        assert found.checkpoint["channel_values"]["messages"][1:] == [moved.ODD, "c" * 2_000_000, "next"]


SAID = {"said": [encrypted.WORD, {"more": encrypted.WORD}]}

# values

TEXTS = st.text(st.characters(codec=None) | st.sampled_from('\x00\x1a\ud83d\ude00\\u0123456789abcdef"\n\u2028'))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(TEXTS, st.dictionaries(TEXTS, VALUES, max_size=4), st.datetimes(timezones=st.just(UTC)))
def test_a_line_holds_any_value_exactly(text: str, metadata: dict[str, Any], at: datetime) -> None:
    row: dict[str, Any] = {"thread_id": "t", "position": 0, "id": (1 << 63) - 1, "role": "user", "content": text}
    row |= {"metadata": jsontext.encode("metadata", metadata), "created_at": at, "token": None}
    line = format_.encode(MESSAGE, row)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    read = format_.decode(format_.decode_object(line))
    assert read == (MESSAGE, row)
    assert [*json.loads(line)] == ["entity", *row] + ["escaped"] * ("escaped" in json.loads(line))


def test_a_line_without_lone_surrogates_is_plain_json() -> None:
    row = {column.name: None for column in THREADS.columns} | {"id": "t", "metadata": '{"a":"\\u0000"}'}
    assert "escaped" not in json.loads(format_.encode(THREAD, {**row, "title": "\x00\x1ad83d 😀 agms1:x"}))


def test_the_schema_in_the_documents_is_that_of_the_lines() -> None:
    file = Path(__file__).parents[2] / "docs" / "jsonl-1.schema.json"
    assert json.loads(file.read_text()) == format_.json_schema()


# one moment, whole files, kills


async def test_an_export_is_of_one_moment_while_writers_work(database_url: str, tmp_path: Path) -> None:
    async with SQLAlchemyStore(database_url) as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_messages("t", [{"role": "user", "content": "x" * 200} for _ in range(2_500)])
        over = asyncio.Event()

        async def write() -> None:
            while not over.is_set():
                await store.add_message("t", "user", "new")

        writing = asyncio.create_task(write())
        counts = await export_jsonl(database_url, tmp_path / "all.jsonl")
        over.set()
        await writing
        thread, *messages = moved.lines(tmp_path / "all.jsonl")[1:-1]
        assert thread["message_count"] == len(messages) == counts["message"]
        assert (await store.get_thread("t") or {})["message_count"] >= counts["message"]


PROGRAM = """
import asyncio, os, signal, sys
from agentomatic_sql.moving import export_jsonl, import_jsonl

def tell(done, total):
    if done * 2 > total:
        os.kill(os.getpid(), signal.SIGKILL)

work = {"export": export_jsonl, "import": import_jsonl}[sys.argv[1]]
asyncio.run(work(*sys.argv[2:], progress=tell))
"""


def killed(*arguments: str | Path) -> None:
    """Run an export or import in a process that is killed when half is done."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, *map(str, arguments)], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL


async def many(url: str) -> None:
    async with SQLAlchemyStore(url) as store:
        for name in ("a", "b", "c"):
            await store.create_thread(name, "ada", "agent")
            await store.add_messages(name, [{"role": "user", "content": f"{n} " + "x" * 500} for n in range(3_000)])


async def test_an_import_that_was_killed_goes_on_when_it_is_repeated(new_database_url: str, tmp_path: Path) -> None:
    url, file = new_url(tmp_path, "source.db"), tmp_path / "all.jsonl"
    await many(url)
    await export_jsonl(url, file)
    killed("import", file, new_database_url)
    half = await moved.contents(new_database_url)
    assert 0 < len(half[MESSAGES.name]) < 9_000
    done = await import_jsonl(file, new_database_url)
    assert done.present == {"thread": 3, "message": len(half[MESSAGES.name])}
    assert await moved.contents(new_database_url) == await moved.contents(url)


async def test_an_export_that_was_killed_leaves_no_file_of_its_name(tmp_path: Path) -> None:
    url, file = new_url(tmp_path, "source.db"), tmp_path / "all.jsonl.zst"
    await many(url)
    killed("export", url, file)
    assert not file.exists()
    await export_jsonl(url, file)
    assert await import_jsonl(file, new_url(tmp_path, "target.db"))
    assert not file.with_name("all.jsonl.zst.partial").exists()


async def test_an_export_that_fails_leaves_no_file(tmp_path: Path) -> None:
    url, file = new_url(tmp_path, "source.db"), tmp_path / "all.jsonl"
    await many(url)

    def fail(_done: int, _total: int) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await export_jsonl(url, file, progress=fail)
    assert not file.exists()
    assert not file.with_name("all.jsonl.partial").exists()
    file.write_text("mine")
    with pytest.raises(TransferFailed, match="exists: choose another name, or pass --overwrite"):
        await export_jsonl(url, file)
    assert file.read_text() == "mine"
    await export_jsonl(url, file, overwrite=True)
    for missing in ("nowhere/all.jsonl", "all.jsonl/x"):
        with pytest.raises(TransferFailed, match="there is no folder"):
            await export_jsonl(url, tmp_path / missing)
    with pytest.raises(TransferFailed, match=r"none\.db does not exist"):
        await export_jsonl(new_url(tmp_path, "none.db"), tmp_path / "x")
    (tmp_path / "empty.db").touch()
    with pytest.raises(SchemaBehind):
        await export_jsonl(new_url(tmp_path, "empty.db"), tmp_path / "x")


# lines that do not fit


@pytest.fixture
async def exported(tmp_path: Path) -> Path:
    """A file with a thread and its two messages."""
    url, file = new_url(tmp_path, "small.db"), tmp_path / "small.jsonl"
    async with SQLAlchemyStore(url) as store:
        await store.create_thread("t", "ada", "agent")
        await store.add_messages("t", [{"role": "user", "content": "one"}, {"role": "user", "content": "two"}])
    await export_jsonl(url, file)
    return file


def changed(**fields: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda line: {**line, **fields}


def without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda line: {key: value for key, value in line.items() if key != name}


def edit(file: Path, number: int, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change a line of a file; its number counts from 0."""
    read = file.read_text().splitlines()
    new = change(json.loads(read[number]))
    read[number] = new if isinstance(new, str) else json.dumps(new)
    file.write_text("".join(f"{line}\n" for line in read))


BROKEN: list[tuple[Callable[[dict[str, Any]], Any], str, str]] = [
    (lambda _line: "not JSON", "$", "is not JSON"),
    (lambda _line: [1], "$", "must be a JSON object"),
    (lambda line: json.dumps({**line, "position": float("nan")}), "$", "NaN is no number"),
    (changed(entity="massage"), "$.entity", "must be one of thread, message"),
    (without("content"), "$.content", "is missing"),
    (changed(contents=""), "$.contents", "is no field of message"),
    (changed(content=None), "$.content", "must not be null"),
    (changed(content=1), "$.content", "must be a string"),
    (changed(metadata=[]), "$.metadata", "must be an object"),
    (lambda line: json.dumps({**line, "metadata": {"a": 0}}).replace(": 0}", f": {'1' * 5_000}}}"), "$", "is not JSON"),
    (changed(role="x" * 256), "$.role", "at most 255"),
    (changed(role="\x00"), "$.role", "U\\+0000"),
    (changed(position="1"), "$.position", "must be an integer"),
    (changed(position=True), "$.position", "must be an integer"),
    (changed(id=1 << 63), "$.id", "at most 64 bits"),
    (changed(created_at="2026-01-01"), "$.created_at", "with its offset"),
    (changed(created_at="yesterday"), "$.created_at", "must be a time"),
    (changed(sealed=["role"]), "$.sealed", "must name the fields"),
    (changed(sealed=["content"]), "$.content", "must be an encrypted text"),
    (changed(thread_id="u"), "$.thread_id", "there is no thread 'u'"),
    (changed(position=2), "$.position", "the database has thread 't' with 2 messages"),
    (changed(id=1), "$.id", "another message before this one has the same id"),
    (changed(position=0), "$.id", "the database has another message: thread_id 't', position 0"),
]


@pytest.mark.parametrize(("change", "path", "reason"), BROKEN)
async def test_a_line_that_does_not_fit_is_named_and_nothing_of_its_batch_is_stored(
    change: Callable[[dict[str, Any]], Any], path: str, reason: str, exported: Path, tmp_path: Path
) -> None:
    edit(exported, 3, change)
    url = new_url(tmp_path, "target.db")
    with pytest.raises(InvalidLine, match=reason) as raised:
        await import_jsonl(exported, url)
    assert (raised.value.line, raised.value.path) == (4, path)
    assert str(raised.value).startswith(f"{exported}, line 4, {path}: ")
    assert (await moved.contents(url))[MESSAGES.name] == []


async def test_a_file_that_is_none_or_not_whole_is_refused(exported: Path, tmp_path: Path) -> None:
    whole, url = exported.read_bytes(), new_url(tmp_path, "target.db")  # noqa: ASYNC240 - a small file

    async def refused(data: bytes, reason: str) -> None:
        exported.write_bytes(data)  # noqa: ASYNC240
        with pytest.raises(TransferFailed, match=reason):
            await import_jsonl(exported, url)

    header, rest = whole.split(b"\n", 1)
    for data in (b"", b"\n", b"{}\n", b'{"format":"other","version":1}\n', rest, b"\xff\n"):
        await refused(data, "is no file of agentomatic-sql")
    newer = header.replace(b'"version":1', b'"version":2')
    await refused(newer + b"\n" + rest, "has version 2 of its format, and this release knows 1")
    assert not (tmp_path / "target.db").exists()
    *_lines, last, _end = whole.splitlines(keepends=True)
    await refused(whole.removesuffix(whole.splitlines(keepends=True)[-1]), "is cut off after line 4")
    await refused(whole.replace(last, b""), r"line 4, \$\.rows: there are 2 rows before this line")
    await refused(whole + b"{}\n", r"line 6, \$: follows the last line")
    compressed = tmp_path / "all.jsonl.zst"
    compressed.write_bytes(whole)
    with pytest.raises(TransferFailed, match="cannot be read"):
        await import_jsonl(compressed, url)
    with pytest.raises(TransferFailed, match="cannot be read: No such file"):
        await import_jsonl(tmp_path / "none", url)
    await export_jsonl(new_url(tmp_path, "small.db"), compressed, overwrite=True)
    compressed.write_bytes(compressed.read_bytes()[:-8])
    with pytest.raises(TransferFailed):
        await import_jsonl(compressed, url)


async def test_a_key_that_another_row_has_is_refused(database_url: str, exported: Path) -> None:
    async with SQLAlchemyStore(database_url) as store:
        await store.create_thread("t", "grace", "agent")
        with pytest.raises(InvalidLine, match=r"line 2, \$\.user_id: the database has another thread: id 't'"):
            await import_jsonl(exported, database_url)
        await store.delete_thread("t")
        await store.create_thread("mine", "grace", "agent")
        last = 0
        while last < 2:  # until the number of the file's second message is taken
            last = (await store.add_message("mine", "user", "mine"))["id"]
        if last > 2:
            return  # this database began with greater numbers
        with pytest.raises(InvalidLine, match=r"\$\.id: the database has another message with this id"):
            await import_jsonl(exported, database_url)
        assert await store.get_messages("t") == []


# a part


async def test_filters_choose_what_is_exported(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "part.jsonl"
    await moved.fill(database_url)

    async def part(**filters: Any) -> dict[str, set[Any]]:
        await export_jsonl(database_url, file, overwrite=True, **filters)
        found: dict[str, set[Any]] = {}
        for line in moved.lines(file)[1:-1]:
            found.setdefault(line["entity"], set()).add(line.get("thread_id", line.get("id")))
        return found

    grace = await part(user="grace")
    assert grace == {"thread": {"ü 😀 "}, "message": {"ü 😀 "}}
    of_ada = {"t", "fork", "fork of a fork"}
    ada = await part(user="ada")
    assert ada["thread"] == ada["message"] == of_ada
    assert ada["graph_namespace"] == {"t", "fork"}
    assert ada["feedback"] == ada["idempotency_key"] == {"t"}
    assert {"suspended_state", "checkpoint"} < {*ada}
    assert not {"log_analysis", "optimization_run", "invocation_log"} & {*ada}
    assert set.union(*(await part(thread="t")).values()) >= {"t"}
    assert (await part(thread="t"))["thread"] == {"t"}
    assert (await part(thread="graph without a thread")).keys() >= {"graph_namespace", "graph_checkpoint"}
    assert {*await part(agent="other")} == {"thread", "message", "feedback"}
    assert {*await part(entities=["thread", "graph"])} == {
        *("thread", "graph_namespace", "graph_checkpoint", "graph_value", "graph_write")
    }
    assert await part(since=datetime(2100, 1, 1, tzinfo=UTC)) == {}
    whole = await part()
    assert await part(since=datetime(2000, 1, 1, tzinfo=UTC)) == whole
    with pytest.raises(InvalidInput, match="there is no 'threads': choose from thread, message"):
        await export_jsonl(database_url, tmp_path / "x", entities=["threads"])
    with pytest.raises(InvalidInput, match="since: must have a time zone"):
        await export_jsonl(database_url, tmp_path / "x", since=datetime(2026, 1, 1))  # noqa: DTZ001


async def test_a_part_with_one_user_is_what_this_user_sees(tmp_path: Path) -> None:
    url, other, file = new_url(tmp_path, "a.db"), new_url(tmp_path, "b.db"), tmp_path / "ada.jsonl"
    await moved.fill(url)
    await export_jsonl(url, file, user="ada")
    await import_jsonl(file, other)
    async with SQLAlchemyStore(url) as one, SQLAlchemyStore(other) as copy:
        for thread in await one.for_user("ada").list_threads():
            there, here = one.for_user("ada"), copy.for_user("ada")
            assert await here.get_thread(thread["id"]) == thread
            assert await here.get_messages(thread["id"]) == await there.get_messages(thread["id"])
        assert await copy.for_user("grace").list_threads() == []
        assert await copy.for_user("ada").get_feedback() == await one.for_user("ada").get_feedback()


# encryption


async def test_encrypted_fields_are_moved_as_they_are(new_database_url: str, tmp_path: Path) -> None:
    url, file, keys = new_url(tmp_path, "source.db"), tmp_path / "all.jsonl", encrypted.keys("old")
    other = new_database_url
    await moved.fill(url, keys)
    await export_jsonl(url, file)
    assert encrypted.WORD not in file.read_text()
    await import_jsonl(file, other)
    assert await moved.contents(other) == await moved.contents(url)
    with pytest.raises(EncryptionMismatch):
        async with SQLAlchemyStore(other):
            pass
    async with SQLAlchemyStore(url, encryption=keys) as one, SQLAlchemyStore(other, encryption=keys) as copy:
        assert await encrypted.everything(copy) == await encrypted.everything(one)
        assert await copy.for_user("ada").get_messages("t") == await one.for_user("ada").get_messages("t")
        assert (await copy.get_messages("ü 😀 "))[2]["content"] == "agms1:looks like a ciphertext"
        found = await SQLAlchemySaver(copy).aget_tuple(config())
        assert found is not None
        assert found.checkpoint["channel_values"]["messages"][1] == moved.ODD


async def test_rows_that_are_encrypted_otherwise_are_not_mixed(tmp_path: Path) -> None:
    url, file, old = new_url(tmp_path, "source.db"), tmp_path / "all.jsonl", encrypted.keys("old")
    async with encrypted.opened(url, "old") as store:
        await store.create_thread("t", "ada", "agent", title=encrypted.WORD)
    await export_jsonl(url, file)
    plain, same, another = (new_url(tmp_path, f"{name}.db") for name in ("plain", "same", "another"))
    async with SQLAlchemyStore(plain) as store:
        await store.create_thread("mine", "ada", "agent")
    with pytest.raises(TransferFailed, match="is not encrypted, and what is to be stored is encrypted with 'old'"):
        await import_jsonl(file, plain)
    for name, ids in ((same, ("old",)), (another, ("new",))):
        async with encrypted.opened(name, *ids) as store:
            await store.create_thread("mine", "ada", "agent")
        with pytest.raises(TransferFailed, match="or set the keys of both"):
            await import_jsonl(file, name)
    await import_jsonl(file, same, encryption=old)
    async with encrypted.opened(same, "old") as store:
        assert (await store.get_thread("t") or {})["title"] == encrypted.WORD
    with pytest.raises(EncryptionMismatch):
        await import_jsonl(file, another, encryption=old)
    assert len((await moved.contents(another))[THREADS.name]) == 1
