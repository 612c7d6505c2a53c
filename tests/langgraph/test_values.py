"""Values come out of a state as they went in, with any serializer, or an error names what cannot be read."""

from __future__ import annotations

import copy
import random
from collections import defaultdict, deque
from dataclasses import InitVar, dataclass
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Send
from pydantic import BaseModel
from sqlalchemy import select, update

from agentomatic_sql import SQLAlchemyStore, StoreClosed, UnreadableCheckpoint, ValueTooLarge
from agentomatic_sql.graphs import additions, rows, writes
from agentomatic_sql.graphs.codec import Codec
from agentomatic_sql.graphs.rows import Namespace
from agentomatic_sql.graphs.targets import Addition
from agentomatic_sql.langgraph import SQLAlchemySaver
from agentomatic_sql.tables import GRAPH_CHECKPOINTS, GRAPH_NAMESPACES, GRAPH_VALUES, GRAPH_WRITES
from tests.support.checkpoints import (
    LONG,
    config,
    count,
    encrypting,
    grow,
    id_of,
    latest,
    listed,
    put,
)

# values


TEXTS = ["\x00", "a\x00b", "\ud800", "\udfff tail", "\x1a", "\x1a0000", "\U0001f600", "\ud83d\ude00", "e\u0301", " "]


@pytest.mark.parametrize("value", TEXTS, ids=lambda value: ascii(value))
async def test_any_text_in_any_place(saver: SQLAlchemySaver, value: str) -> None:
    values = {
        "short": value,
        "long": value + LONG,
        "list": [value, {value: [value, 1, b"?"]}, {value}],
        "message": [HumanMessage(value, id="1"), AIMessage(value, additional_kwargs={"k": value}, id="2")],
    }
    where = await put(saver, config(), values, metadata={"note": [value]})
    await saver.aput_writes(where, [("x", values["list"]), ("y", values["message"])], "task", "path")
    for reader in (saver, SQLAlchemySaver(saver.store)):
        found = await latest(reader, config())
        assert found.checkpoint["channel_values"] == values
        assert found.metadata["note"] == [value]  # type: ignore[typeddict-item]
        assert [write[2] for write in found.pending_writes or []] == [values["list"], values["message"]]


@dataclass
class Odd:
    """A dataclass that cannot be made of its fields alone."""

    text: str
    needed: InitVar[int]

    def __post_init__(self, needed: int) -> None:
        self.number = needed


class Open(BaseModel, extra="allow"):
    """A model that takes fields which it does not declare."""

    text: str


@pytest.mark.parametrize("text", ["why?", "\ud800", "\x1a"], ids=ascii)
async def test_texts_in_all_kinds_of_objects(saver: SQLAlchemySaver, text: str) -> None:
    values = {
        "defaultdict": defaultdict(list, {"q": [text]}),
        "deque": deque([text]),
        "send": Send("node", {"x": text}),
        "open": Open.model_validate({"text": text, "more": text}),
        "set": {text, "other"},
    }
    await put(saver, config(), values)
    found = (await latest(SQLAlchemySaver(saver.store), config())).checkpoint["channel_values"]
    assert found == values
    assert found["open"].model_extra == {"more": text}


async def test_looking_for_odd_texts_makes_nothing(saver: SQLAlchemySaver) -> None:
    class Counting(dict[str, str]):
        made = 0

        def __init__(self, *arguments: Any) -> None:
            Counting.made += 1
            super().__init__(*arguments)

    odd: Any = Odd(text="why?", needed=1)
    mapping = Counting({"q": "why?"})
    await put(saver, config(), {"x": [mapping, odd]})
    assert Counting.made == 1


async def test_an_odd_text_in_the_place_of_a_question_mark(saver: SQLAlchemySaver) -> None:
    first = await put(saver, config(), {"a": LONG + "?"}, {"a": "1"})
    await put(saver, first, {"a": LONG + "\ud800"}, {"a": "2"})
    found = await latest(SQLAlchemySaver(saver.store), config())
    assert found.checkpoint["channel_values"] == {"a": LONG + "\ud800"}


async def test_parts_that_were_stored_twice_in_any_order_are_one(saver: SQLAlchemySaver) -> None:
    """As a call leaves them that was repeated while the first one was still on its way."""
    noise = random.Random(3).randbytes(3_000_000)
    bodies = writes.pack(Codec(JsonPlusSerializer(), strict=False), Namespace("t", ""), "c", [("x", noise)], "task", "")
    assert len(bodies) == 3
    where = await put(saver, config(), {"x": 1})
    database = saver.store._database
    here = await database.run(rows.locate, database.context, Namespace("t", ""))
    for token, order in enumerate(([0, 0, 1], [2, 1, 2])):
        sent = Addition(here, token, writes=[(id_of(where), bodies[place]) for place in order])
        assert await database.run(additions.add_alone, database.context, sent)
    assert (await latest(saver, where)).pending_writes == [("task", "x", noise)]


async def test_a_list_that_gets_an_odd_text_goes_on(saver: SQLAlchemySaver) -> None:
    items = [f"{n} {LONG}" for n in range(3)] + ["\ud800" + LONG, "\x1a" + LONG, LONG]
    made = await grow(saver, config(), items)
    for number, where in enumerate(made):
        found = await latest(SQLAlchemySaver(saver.store), where)
        assert found.checkpoint["channel_values"]["messages"] == items[: number + 1]


@pytest.mark.parametrize("length", [1, 64, 65, 1000, 70_000])
async def test_lists_of_any_length(saver: SQLAlchemySaver, length: int) -> None:
    first = await put(saver, config(), {"x": list(range(length))}, {"x": "1"})
    second = await put(saver, first, {"x": list(range(length + 1))}, {"x": "2"})
    fresh = SQLAlchemySaver(saver.store)
    assert (await latest(fresh, first)).checkpoint["channel_values"]["x"] == list(range(length))
    assert (await latest(fresh, second)).checkpoint["channel_values"]["x"] == list(range(length + 1))


async def test_twenty_megabytes(saver: SQLAlchemySaver) -> None:
    import random

    noise = random.Random(7).randbytes(20_000_000)  # nothing that could be compressed
    where = await put(saver, config(), {"x": [noise], "y": {"z": noise[::-1]}})
    await saver.aput_writes(where, [("x", noise)], "task")
    found = await latest(SQLAlchemySaver(saver.store), config())
    assert found.checkpoint["channel_values"]["x"] == [noise]
    assert found.checkpoint["channel_values"]["y"]["z"] == noise[::-1]
    assert found.pending_writes == [("task", "x", noise)]


# serializers


async def stored_bytes(store: SQLAlchemyStore) -> bytes:
    """Every byte in the columns that can carry what users wrote."""
    found = b""
    async with store.engine.connect() as connection:
        for table in (GRAPH_CHECKPOINTS, GRAPH_VALUES, GRAPH_WRITES):
            found += b"".join((await connection.execute(select(table.c.body))).scalars())
        found += "".join((await connection.execute(select(GRAPH_CHECKPOINTS.c.segments))).scalars()).encode()
    return found


async def test_nothing_that_users_wrote_stands_outside_the_cipher(saver: SQLAlchemySaver) -> None:
    sealed = SQLAlchemySaver(saver.store, serde=encrypting())
    for one, expected in ((saver, True), (sealed, False)):
        thread_id = f"thread {expected}"
        where = await put(one, config(thread_id), {"x": "secret"}, metadata={"note": "secret"})
        where = await put(one, where, {"x": [HumanMessage("secret", id="1")]}, metadata={"run_id": "secret"})
        await one.aput_writes(where, [("secret", "secret")], "task", "secret")
        found = await latest(SQLAlchemySaver(saver.store, serde=one.serde), config(thread_id))
        assert found.checkpoint["channel_values"] == {"x": [HumanMessage("secret", id="1")]}
        assert found.pending_writes == [("task", "secret", "secret")]
        assert (b"secret" in await stored_bytes(saver.store)) is expected
        await one.adelete_thread(thread_id)


async def test_an_encrypted_list_grows_by_what_is_added(saver: SQLAlchemySaver) -> None:
    sealed = SQLAlchemySaver(saver.store, serde=encrypting())
    made = await grow(sealed, config(), [f"{n} {LONG}" for n in range(6)])
    assert await count(saver.store, GRAPH_VALUES) == 6
    fresh = SQLAlchemySaver(saver.store, serde=encrypting())
    found = await latest(fresh, made[3])
    assert found.checkpoint["channel_values"]["messages"] == [f"{n} {LONG}" for n in range(4)]


async def test_a_row_that_is_not_encrypted_is_refused(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": [LONG]})
    await saver.aput_writes(where, [("x", 1)], "task")
    strict = SQLAlchemySaver(saver.store, serde=encrypting())
    with pytest.raises(UnreadableCheckpoint, match="is not encrypted"):
        await strict.aget_tuple(config())
    with pytest.raises(UnreadableCheckpoint, match="is not encrypted"):
        await listed(strict, config())
    changing = SQLAlchemySaver(saver.store, serde=encrypting(), strict=False)
    after = (await grow(changing, config(), ["and on"]))[-1]
    assert (await latest(changing, after)).checkpoint["channel_values"]["messages"] == ["and on"]
    with pytest.raises(UnreadableCheckpoint, match="is encrypted: give the EncryptedSerializer"):
        await SQLAlchemySaver(saver.store).aget_tuple(after)


async def test_a_run_or_a_write_that_was_put_in_beside_the_cipher_is_refused(saver: SQLAlchemySaver) -> None:
    sealed = SQLAlchemySaver(saver.store, serde=encrypting())
    where = await put(sealed, config(), {"x": [LONG]})
    await sealed.aput_writes(where, [("x", 1)], "task")
    async with saver.store.engine.begin() as connection:
        await connection.execute(update(GRAPH_VALUES).values(body=b"\x00\xa1x"))
    fresh = SQLAlchemySaver(saver.store, serde=encrypting())
    with pytest.raises(UnreadableCheckpoint, match="channel 'x' cannot be decoded: the row is not encrypted"):
        await fresh.aget_tuple(config())


async def test_any_serializer_will_do(saver: SQLAlchemySaver) -> None:
    pickling = SQLAlchemySaver(saver.store, serde=JsonPlusSerializer(pickle_fallback=True))
    where = await put(pickling, config(), {"x": [range(5), LONG], "y": b"\x00\xff" * 100})
    found = await latest(SQLAlchemySaver(saver.store, serde=pickling.serde), where)
    assert found.checkpoint["channel_values"] == {"x": [range(5), LONG], "y": b"\x00\xff" * 100}


async def test_a_shallow_copy_with_another_serializer(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": [LONG]})
    clone = copy.copy(saver)
    clone.serde = encrypting()
    with pytest.raises(UnreadableCheckpoint, match="is not encrypted"):
        await clone.aget_tuple(where)
    assert (await latest(saver, where)).checkpoint["channel_values"] == {"x": [LONG]}
    strict = SQLAlchemySaver(saver.store, serde=JsonPlusSerializer(allowed_msgpack_modules=None))
    allowing = strict.with_allowlist([("tests.support.checkpoints", "Nothing")])
    assert allowing is not strict
    assert (await latest(allowing, where)).checkpoint["channel_values"] == {"x": [LONG]}


# what cannot be read


async def test_a_checkpoint_that_cannot_be_decoded_is_named_and_others_are_unharmed(saver: SQLAlchemySaver) -> None:
    bad = await put(saver, config("bad", "ns"), {"fine": 1, "broken": [LONG]}, {"fine": "1", "broken": "1"})
    good = await put(saver, config("good"), {"x": [LONG]})
    async with saver.store.engine.begin() as connection:
        ours = select(GRAPH_NAMESPACES.c.id).where(GRAPH_NAMESPACES.c.checkpoint_ns == "ns").scalar_subquery()
        await connection.execute(
            update(GRAPH_VALUES).where(GRAPH_VALUES.c.namespace_id == ours).values(body=b"\x01rubbish")
        )
    fresh = SQLAlchemySaver(saver.store)
    with pytest.raises(UnreadableCheckpoint) as refused:
        await fresh.aget_tuple(config("bad", "ns"))
    error = refused.value
    assert (error.thread_id, error.checkpoint_ns, error.checkpoint_id) == ("bad", "ns", id_of(bad))
    assert error.channel == "broken"
    for part in ("'bad'", "'ns'", repr(id_of(bad)), "'broken'"):
        assert part in str(error)
    assert error.__cause__ is not None
    with pytest.raises(UnreadableCheckpoint, match="'broken'"):
        await listed(fresh, None)
    assert (await latest(fresh, config("good"))).checkpoint["channel_values"] == {"x": [LONG]}
    assert await listed(fresh, config("good")) == [id_of(good)]


async def test_a_body_and_writes_that_cannot_be_decoded(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": 1})
    await saver.aput_writes(where, [("x", 1)], "task")
    for table in (GRAPH_WRITES, GRAPH_CHECKPOINTS):
        async with saver.store.engine.begin() as connection:
            await connection.execute(update(table).values(body=b"\x09rubbish"))
        with pytest.raises(UnreadableCheckpoint, match="begins with") as refused:
            await saver.aget_tuple(config())
        assert refused.value.channel is None


async def test_a_run_that_is_missing_is_not_passed_over(saver: SQLAlchemySaver) -> None:
    await grow(saver, config(), [f"{n} {LONG}" for n in range(3)])
    async with saver.store.engine.begin() as connection:
        await connection.execute(GRAPH_VALUES.delete().where(GRAPH_VALUES.c.position == 1))
    fresh = SQLAlchemySaver(saver.store)
    with pytest.raises(UnreadableCheckpoint, match=r"run 1 of segment \d+ is not there"):
        await fresh.aget_tuple(config())
    with pytest.raises(UnreadableCheckpoint, match=r"run 1 of segment \d+ is not there"):
        await listed(fresh, config())


@pytest.mark.parametrize("field", ["metadata", "seen"])
async def test_a_row_too_large_for_the_server_is_refused_with_its_size(saver: SQLAlchemySaver, field: str) -> None:
    # Metadata and versions seen are in the checkpoint's own row; values and writes are cut into rows.
    size = 12 * 2**20
    async with saver.store.engine.connect() as connection:
        limited = connection.dialect.name in ("mysql", "mariadb")
        if limited:
            limit = (await connection.exec_driver_sql("SELECT @@max_allowed_packet")).scalar_one()
            size = limit * 3 // 4  # it is sent in hexadecimal digits
    large = {"node": {"x": random.Random(1).randbytes(size)}}  # it does not compress
    before = await put(saver, config(), {"x": 1})
    fields: dict[str, Any] = {field: large}
    if limited:
        with pytest.raises(ValueTooLarge, match="max_allowed_packet") as refused:
            await put(saver, before, {"x": 2}, **fields)
        assert refused.value.size > refused.value.limit == limit
        assert id_of(await latest(SQLAlchemySaver(saver.store), config())) == id_of(before)
        fields = {}
    after = await put(saver, before, {"x": 2}, **fields)
    found = await latest(SQLAlchemySaver(saver.store), config())
    assert id_of(found) == id_of(after)
    if not limited:
        kept: Any = found.metadata if field == "metadata" else found.checkpoint["versions_seen"]
        assert kept["node"] == large["node"]


async def test_a_closed_store(saver: SQLAlchemySaver) -> None:
    where = await put(saver, config(), {"x": 1})
    await saver.store.close()
    for call in (
        lambda: saver.aget_tuple(where),
        lambda: put(saver, where, {}),
        lambda: saver.aput_writes(where, [("x", 1)], "task"),
        lambda: listed(saver, where),
        lambda: saver.adelete_thread("t"),
        lambda: saver.aprune(["t"]),
    ):
        with pytest.raises(StoreClosed):
            await call()


async def test_a_class_that_cannot_be_imported_is_what_langgraphs_serializer_makes_of_it(
    saver: SQLAlchemySaver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fields of the object; nothing is lost, for an unchanged channel keeps its bytes."""
    made = type("Moved", (BaseModel,), {"__annotations__": {"text": str}, "__module__": __name__})
    monkeypatch.setitem(globals(), "Moved", made)
    where = await put(saver, config(), {"x": made(text=LONG), "n": 1}, {"x": "1", "n": "1"})
    monkeypatch.delitem(globals(), "Moved")
    found = await latest(SQLAlchemySaver(saver.store), where)
    theirs = JsonPlusSerializer()
    assert found.checkpoint["channel_values"]["x"] == {"text": LONG}
    assert theirs.loads_typed(theirs.dumps_typed(made(text=LONG))) == {"text": LONG}
    values, versions = found.checkpoint["channel_values"], {"x": "1", "n": "2"}
    after = await put(SQLAlchemySaver(saver.store), where, values | {"n": 2}, versions, new=["n"])
    monkeypatch.setitem(globals(), "Moved", made)
    assert (await latest(SQLAlchemySaver(saver.store), after)).checkpoint["channel_values"]["x"] == made(text=LONG)
