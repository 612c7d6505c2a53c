"""Field encryption: nothing readable is stored, nothing opens elsewhere, and keys can be changed."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import delete

from agentomatic_sql import (
    DecryptionFailed,
    EncryptionMismatch,
    IdempotencyConflict,
    InvalidInput,
    SQLAlchemyStore,
    StoreError,
    ThreadExists,
    UnreadableCheckpoint,
    UnreadableValue,
)
from agentomatic_sql.encryption import Encryption
from agentomatic_sql.errors import Undecipherable
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.sealing.fields import FIELDS, Sealing, field_identity
from tests.support.checkpoints import config, put
from tests.support.encrypted import (
    NEW,
    OLD,
    TABLES,
    WORD,
    everything,
    fill,
    flipped,
    keys,
    opened,
    remember,
    rows,
    write,
)

WORD_BYTES = WORD.encode()


async def test_nothing_personal_can_be_read_in_the_database(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await fill(store)
        await store.fork_thread("t", 1, "fork", checkpoints=True)
        async with SQLAlchemySaver(store) as saver:
            await put(saver, config("t"), {"messages": [WORD]}, {"messages": "1"})
            await remember(saver, WORD)
        for table in TABLES.values():
            for row in await rows(store, table.name):
                for column, value in row.items():
                    assert WORD_BYTES not in (value if isinstance(value, bytes) else str(value).encode()), column
        assert all([await rows(store, table.name) for table in FIELDS])
        assert [row["content_digest"] for row in await rows(store, "agentomatic_idempotency_keys")] == ["", ""]


def test_no_column_is_forgotten() -> None:
    """Each is encrypted, or said here to be readable."""
    readable = {
        *("id", "thread_id", "user_id", "agent_name", "message_count", "parent_thread_id", "fork_message_index"),
        *("position", "role", "token", "message_id", "rating", "feedback_type", "node_name", "checkpoint_ns"),
        *("checkpoint_id", "parent_checkpoint_id", "sequence", "resource_type", "run_id", "endpoint", "duration_ms"),
        *("status", "score", "experiment_id", "baseline_score", "best_score"),
        *("created_at", "updated_at", "expires_at", "epoch", "version", "attached", "namespace_digest"),
    }
    for table, fields in FIELDS.items():
        assert {column.name for column in table.columns} - readable == {*fields.texts, *fields.objects}, table.name
    others = {*TABLES} - {table.name for table in FIELDS}
    others -= {"agentomatic_idempotency_keys", "agentomatic_encryption_keys"}
    assert others == {f"agentomatic_graph_{kind}" for kind in ("namespaces", "checkpoints", "values", "writes")}


async def test_encrypted_data_comes_back(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await fill(store)
        one = await everything(store)
    async with opened(database_url, "new") as store:
        assert await everything(store) == one
        assert one[3][1]["content"] == f"{WORD} \x00\ud800"
        assert "agms1" not in json.dumps(one)
        assert "token" not in json.dumps(one)


Reading = Callable[[SQLAlchemyStore], Awaitable[Any]]
PLACES: list[tuple[str, str, Reading]] = [
    ("agentomatic_threads", "id", lambda store: store.list_threads()),
    ("agentomatic_messages", "id", lambda store: store.get_messages("t")),
    ("agentomatic_feedback", "id", lambda store: store.get_feedback()),
    ("agentomatic_suspended_states", "id", lambda store: store.list_suspended_states()),
    ("agentomatic_checkpoints", "token", lambda store: store.list_checkpoints("t", "")),
    ("agentomatic_invocation_logs", "id", lambda store: store.list_invocation_logs()),
    ("agentomatic_log_analyses", "id", lambda store: store.list_log_analyses()),
    ("agentomatic_optimization_runs", "id", lambda store: store.list_optimization_runs()),
]


async def test_a_ciphertext_opens_in_its_own_place_only(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await fill(store)
        await fill(store, "t2")
        await store.save_checkpoint("t", "", "c2", "c", {"x": WORD}, {"x": WORD})
        for table, key, read in PLACES:
            await read(store)
            if FIELDS[TABLES[table]].together:
                await each_moved_of_one_ciphertext(store, table, key, read)
                await separated(store, table, key)
            assert await each_moved(store, table, key, read) >= 5  # each way to put a field where it does not belong
            assert await read(store)


def place(row: dict[str, Any]) -> Any:
    """The order in which rows were stored: those of the thread "t" before those of "t2"."""
    return row["id"] if "id" in row else (row["thread_id"], row["sequence"])


async def each_moved(store: SQLAlchemyStore, table: str, key: str, read: Reading) -> int:
    """Put each field of a row, and all, where they do not belong; how often that was refused."""
    fields = FIELDS[TABLES[table]]
    names = [*fields.texts, *fields.objects]
    first, *_others, last = sorted(await rows(store, table), key=place)
    wrong: list[tuple[Any, ...]] = []
    for name in names:
        wrong += [({name: last[name]},), ({name: flipped(first[name])},)]
        plain = '{"not": "encrypted"}' if name in fields.objects else "not encrypted"
        wrong.append(({name: plain}, "is not encrypted.*agentomatic-sql rekey"))
        if name in fields.objects and not fields.together:
            wrong.append(({name: "{no JSON"}, "is not valid JSON", UnreadableValue))
    wrong.append(({name: last[name] for name in names},))  # all that another row has
    for one, other in pairwise(names):  # another column of the same row
        if (one in fields.objects) is (other in fields.objects):
            wrong.append(({one: first[other], other: first[one]},))
    for columns_and_error in wrong:
        await refused(store, table, key, read, first, *columns_and_error)
    return len(wrong)


async def each_moved_of_one_ciphertext(store: SQLAlchemyStore, table: str, key: str, read: Reading) -> None:
    """Put the parts of a row whose fields are one ciphertext where they do not belong."""
    first, *_others, last = sorted(await rows(store, table), key=place)
    (text,), (json_,) = FIELDS[TABLES[table]].texts, FIELDS[TABLES[table]].objects
    assert first[json_] == last[json_] == '"agms1:new:"'
    for moved in {text: last[text]}, {text: flipped(first[text])}, {json_: "{}"}, {json_: f'"{first[text]}"'}:
        await refused(store, table, key, read, first, {json_: first[json_], **moved}, named=text)
    await refused(store, table, key, read, first, {text: "not encrypted"}, "is not encrypted.*agentomatic-sql rekey")


async def separated(store: SQLAlchemyStore, table: str, key: str) -> None:
    """Write the rows of a table anew, with a ciphertext for each field, as they once were."""
    encryption, fields = keys("new"), FIELDS[TABLES[table]]
    opening = Sealing(encryption)
    for row in await rows(store, table):
        known = {**row, "user_id": "ada"}
        opened = opening.columns(TABLES[table], row, user_id="ada")
        bound = {name: field_identity(TABLES[table], name, known) for name in (*fields.texts, *fields.objects)}
        texts = {name: encryption.seal(opened[name], bound[name]) for name in fields.texts}
        objects = {name: f'"{encryption.seal(opened[name], bound[name])}"' for name in fields.objects}
        await write(store, table, key, row[key], **texts, **objects)


async def test_messages_that_were_stored_with_a_ciphertext_for_each_field_can_be_read(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await fill(store)
        stored = await everything(store)
        await separated(store, "agentomatic_messages", "id")
        assert await everything(store) == stored
        await store.add_message("t", "user", WORD, metadata={"x": WORD})
        fork = await store.fork_thread("t", 9, "fork")
        assert (fork or {})["message_count"] == 4
        said = [(one["content"], one["metadata"]) for one in await store.get_messages("t")]
        assert [(one["content"], one["metadata"]) for one in await store.get_messages("fork")] == said


GOLDEN = [
    (
        "agms1:k:VblLMFdsje9pYFNMtXqLOvfMoqhJOSlVpLRZzlXaQZvT4ZV9habO9A==",
        '"agms1:k:ROzBjQU1tCYBtS81RIgmPoeV6Gw3wTmVIDJXAm3CqA8Pe5/bBQ=="',
    ),
    ("agms1:k:UlhlatLEXE2wvbXpim4iu2VKZv//YevMf0c0hRcTFpZh+Fp61aZs2E23TYWnEidVlTw=", '"agms1:k:"'),
]
"""The content and the metadata of the same message, as they are stored: in two ciphertexts, and in one."""


@pytest.mark.parametrize(("content", "metadata"), GOLDEN)
def test_stored_values_stay_readable(content: str, metadata: str) -> None:
    opening = Sealing(Encryption({"k": bytes(range(32))}))
    expected = {"content": "Grüße \x00\ud800", "metadata": {"a": [1]}}
    found = opening.messages([(1, "t", 0, "user", content, metadata, "2026-11-30", 7, "ada")])
    assert [{name: one[name] for name in expected} for one in found] == [expected]
    row = {"thread_id": "t", "role": "user", "token": 7, "content": content, "metadata": metadata}
    columns = opening.columns(TABLES["agentomatic_messages"], row, user_id="ada")
    assert (columns["content"], columns["metadata"]) == (expected["content"], '{"a":[1]}')


async def refused(
    store: SQLAlchemyStore,
    table: str,
    key: str,
    read: Reading,
    row: dict[str, Any],
    columns: dict[str, Any],
    reason: str = "the ciphertext was copied from another row",
    error: type[StoreError] = DecryptionFailed,
    *,
    named: str | None = None,
) -> None:
    """With these columns in place of a row's own, reading raises, and says where: in one of them, or in `named`."""
    await write(store, table, key, row[key], **columns)
    with pytest.raises(error, match=reason) as caught:
        await read(store)
    if isinstance(caught.value, DecryptionFailed):
        assert caught.value.table == table
        assert caught.value.field in ([named] if named else columns)
    assert WORD not in str(caught.value)
    await write(store, table, key, row[key], **{name: row[name] for name in columns})


async def test_a_message_that_is_put_into_another_thread_does_not_open(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await fill(store)
        await store.create_thread("eve's", "eve", "agent")
        first = (await rows(store, "agentomatic_messages"))[0]
        await write(store, "agentomatic_messages", "id", first["id"], thread_id="eve's")
        with pytest.raises(
            DecryptionFailed,
            match=r"in agentomatic_messages \(thread_id \"eve's\", user_id 'eve', role 'user', token \d+\)",
        ):
            await store.get_messages("eve's")


async def test_a_fork_has_its_own_ciphertexts(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await fill(store)
        many = [{"role": "user", "content": f"{WORD} {n}"} for n in range(1_203)]
        await store.add_messages("t", many)
        fork = await store.fork_thread("t", 1_100, "fork", checkpoints=True)
        assert fork is not None
        assert (fork["title"], fork["message_count"]) == (f"Fork of {WORD}", 1_101)
        originals = await store.get_messages("t", limit=1_101)
        copies = await store.get_messages("fork", limit=2_000)
        own = ("id", "thread_id")
        assert [{k: v for k, v in one.items() if k not in own} for one in copies] == [
            {k: v for k, v in one.items() if k not in own} for one in originals
        ]
        assert len({row["content"] for row in await rows(store, "agentomatic_messages")}) == 3 + 1_203 + 1_101
        assert (await store.get_checkpoint("fork", "", "c") or {})["checkpoint"] == {"said": [WORD, {"more": WORD}]}
        assert await store.fork_thread("no such thread", 1, "other") is None
        with pytest.raises(ThreadExists):
            await store.fork_thread("t", 1, "fork")
        assert await store.for_user("eve").fork_thread("t", 1, "hers") is None


async def test_idempotency_keys_compare_what_is_encrypted(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await fill(store)
        said = {"said": [WORD, {"more": WORD}]}
        first = (await store.get_messages("t"))[0]
        assert await store.add_message("t", "user", WORD, metadata=said, idempotency_key="k") == first
        with pytest.raises(IdempotencyConflict):
            await store.add_message("t", "user", "something else", metadata=said, idempotency_key="k")
        with pytest.raises(IdempotencyConflict):
            await store.add_feedback("t", "ada", "agent", comment="something else", idempotency_key="k")


async def test_a_store_with_other_keys_or_none_is_refused(database_url: str) -> None:
    async with opened(database_url, "old") as store:
        await fill(store)
    for other, reason in [
        (opened(database_url), "'old' encrypts this database but is missing"),
        (opened(database_url, "new"), "'old' encrypts this database but is missing"),
        (SQLAlchemyStore(database_url, encryption=Encryption({"old": NEW})), "'old' is not the key of this id"),
    ]:
        for _ in range(2):  # nothing was left by the first time
            with pytest.raises(EncryptionMismatch, match=reason) as caught:
                await other.initialize()
            assert caught.value.key_id == "old"
            with pytest.raises(EncryptionMismatch):
                await other.add_message("t", "user", "x")
        await other.close()
    async with opened(database_url, "new", "old") as store:
        await store.add_message("t", "user", "by the new key")
    with pytest.raises(EncryptionMismatch, match="'new' encrypts"):
        async with opened(database_url, "old"):
            pytest.fail("it was opened")


async def test_many_that_open_at_once_agree(database_url: str) -> None:
    stores = [opened(database_url, "new") for _ in range(5)]
    await asyncio.gather(*(store.initialize() for store in stores))
    try:
        assert [row["id"] for row in await rows(stores[0], "agentomatic_encryption_keys")] == ["new"]
    finally:
        for store in stores:
            await store.close()


async def test_of_two_stores_opened_at_once_with_different_keys_one_is_refused(database_url: str) -> None:
    async with opened(database_url):
        pass
    for _ in range(5):
        one, other = opened(database_url, "old"), opened(database_url, "new")
        results = await asyncio.gather(one.initialize(), other.initialize(), return_exceptions=True)
        assert sorted(type(result).__name__ for result in results) == ["EncryptionMismatch", "NoneType"]
        async with one.engine.begin() as connection:
            assert (await connection.execute(delete(TABLES["agentomatic_encryption_keys"]))).rowcount == 1
        await one.close()
        await other.close()


async def test_a_check_value_that_is_none_is_refused(database_url: str) -> None:
    async with opened(database_url, "new") as store:
        await write(store, "agentomatic_encryption_keys", "id", "new", check_value="plain")
    for strict in (True, False):
        with pytest.raises(EncryptionMismatch, match="'new' is not the key of this id"):
            async with opened(database_url, "new", strict=strict):
                pytest.fail("it was opened")


async def test_texts_that_look_like_ciphertexts_are_texts(database_url: str) -> None:
    text = "agms1:old:AAAA"
    async with opened(database_url) as store:
        await store.create_thread("t", "ada", "agent", title=text)
        stored = await store.add_message("t", "user", text, metadata={"x": text})
        await store.create_invocation_log(agent_name="agent", log_id="l", input_data=text)  # type: ignore[arg-type]
        assert await store.get_messages("t") == [stored]
        assert (await store.get_invocation_log("l") or {})["input"] == text
        fork = await store.fork_thread("t", 0, "fork", title=text)
        assert (fork or {})["title"] == text
    async with opened(database_url, "old", strict=False) as store:
        assert (await store.get_messages("t"))[0] == stored
        assert (await store.get_thread("t") or {})["title"] == text
        assert (await store.get_invocation_log("l") or {})["input"] == text
    async with opened(database_url, "old") as store:
        with pytest.raises(DecryptionFailed, match="is not encrypted"):
            await store.get_messages("t")


async def test_plain_fields_are_read_with_strict_false(database_url: str) -> None:
    async with opened(database_url) as store:
        await fill(store)
        plain = await everything(store)
        await store.create_invocation_log(agent_name="agent", log_id="text", input_data="agms1")  # type: ignore[arg-type]
    async with opened(database_url, "new") as store:
        with pytest.raises(DecryptionFailed, match="is not encrypted"):
            await store.get_messages("t")
    async with opened(database_url, "new", strict=False) as store:
        assert (await everything(store))[:11] == plain[:11]
        assert (await store.get_invocation_log("text") or {})["input"] == "agms1"
        await store.add_message("t", "user", WORD)
        assert [one["content"] for one in await store.get_messages("t", last=2)] == ["", WORD]
        assert (await store.fork_thread("t", 9, "fork") or {})["message_count"] == 4


async def test_a_graphs_rows_are_encrypted_by_the_stores_keys(database_url: str) -> None:
    async with opened(database_url, "old") as store, SQLAlchemySaver(store) as saver:
        await put(saver, config("t"), {"messages": [WORD]}, {"messages": "1"})
        assert (await store.get_checkpoint("t", "", "") or {})["checkpoint"]["channel_values"] == {"messages": [WORD]}
        body = (await rows(store, "agentomatic_graph_checkpoints"))[0]["body"]
        await write(store, "agentomatic_graph_checkpoints", "body", body, body=body[:-1] + bytes([body[-1] ^ 1]))
        with pytest.raises(UnreadableCheckpoint, match="was modified"):
            await SQLAlchemySaver(store).aget_tuple(config("t"))
    async with SQLAlchemySaver(database_url, encryption=keys("old")) as saver:
        await put(saver, config("t2"), {"messages": [WORD]}, {"messages": "1"})


# keys


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, "must be a dict from ids to keys, with at least one key"),
        ([], "must be a dict from ids to keys, with at least one key"),
        ({"": bytes(32)}, "an id must have 1 to 32 of the characters"),
        ({"a b": bytes(32)}, "an id must have 1 to 32 of the characters"),
        ({"a:b": bytes(32)}, "an id must have 1 to 32 of the characters"),
        ({"x" * 33: bytes(32)}, "an id must have 1 to 32 of the characters"),
        ({"k": bytes(16)}, "key 'k' has 16 bytes, but needs 32"),
        ({"k": b"secret"}, "key 'k' has 6 bytes, but needs 32"),
        ({"k": "s3cret!"}, "key 'k' is not base64"),
        ({"k": "c2VjcmV0"}, "key 'k' has 6 bytes, but needs 32"),
        ({"k": 7}, "key 'k' must be bytes or base64, not int"),
    ],
)
def test_an_invalid_key_is_refused_without_showing_it(given: Any, reason: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(reason)) as caught:
        Encryption(given)
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__} {caught.value.__context__}"


def test_keys_of_an_environment_variable() -> None:
    assert Encryption.from_text(f"  new:{NEW}\n old:{OLD} ").ids == ("new", "old")
    swapped = "an id must have"
    wrong = {"": "at least one key", f"{NEW}:2026": swapped, f"{NEW.rstrip('=')}:2026": swapped}
    wrong |= {NEW: "key number 1 must be written id:base64", f"a:{NEW} a:{OLD}": "two keys have the id 'a'"}
    for text, reason in wrong.items():
        with pytest.raises(InvalidInput, match=reason) as caught:
            Encryption.from_text(text)
        assert NEW[:40] not in str(caught.value)


@pytest.mark.parametrize("text", ["agms1:4711", "agms1:My card is 4711: yes", "agms1:4711 4711:AAAA"])
def test_a_text_that_only_looks_encrypted_is_not_shown(text: str) -> None:
    with pytest.raises(Undecipherable, match="damaged: it names no key") as refused:
        Encryption({"k": Encryption.new_key()}).open(text, b"place")
    assert "4711" not in str(refused.value)


def test_a_key_is_shown_nowhere() -> None:
    encryption = keys("new", "old")
    assert repr(encryption) == "<Encryption with 'new' of 'new', 'old'>"
    store = SQLAlchemyStore("sqlite://", encryption=encryption)
    assert not {NEW, OLD} & {*re.findall(r"[\w+/=]+", f"{store!r} {vars(encryption)}")}
    with pytest.raises(InvalidInput, match="encryption: must be an Encryption"):
        SQLAlchemyStore("sqlite://", encryption={"new": NEW})  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="encryption: must be an Encryption"):
        SQLAlchemyStore("sqlite://", encryption=Encryption)  # type: ignore[arg-type]
