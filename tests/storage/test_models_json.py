"""A pydantic model is stored as its own JSON, and what JSON lacks is refused with its path all the same."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Address
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, HttpUrl, RootModel, field_serializer
from pydantic.dataclasses import dataclass
from pydantic.v1 import BaseModel as BaseModel1

from agentomatic_sql import BaseStore, InvalidInput
from agentomatic_sql.jsontext import decode, encode
from agentomatic_sql.testing.support import unique


class Source(BaseModel):
    url: HttpUrl
    file: PurePosixPath
    age: timedelta
    host: IPv4Address
    pages: dict[int, str]
    words: set[str] = set()


class Masked(BaseModel):
    number: str

    @field_serializer("number", when_used="json")
    def last_digits(self, number: str) -> str:
        return f"…{number[-4:]}"


class Failing(BaseModel):
    number: str

    @field_serializer("number")
    def fail(self, number: str) -> str:
        raise ValueError(number)


class Old(BaseModel1):
    file: Path
    age: timedelta
    pages: dict[int, str]


class Scored(BaseModel):
    scores: list[float]


class Holder(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    thing: Any


@dataclass
class Page:
    url: HttpUrl
    notes: dict[int, str]


WORDS = {"lamp", "broken", "is", "my", "again", "it"}
SOURCE = Source(
    url=HttpUrl("https://example.com/a"),
    file=PurePosixPath("/data/a.txt"),
    age=timedelta(hours=1),
    host=IPv4Address("10.0.0.1"),
    pages={1: "first"},
    words=WORDS,
)
IN_JSON = {
    "url": "https://example.com/a",
    "file": "/data/a.txt",
    "age": "PT1H",
    "host": "10.0.0.1",
    "pages": {"1": "first"},
    "words": sorted(WORDS),
}


def stored(value: Any) -> Any:
    return decode(encode("metadata", {"value": value}))["value"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (SOURCE, IN_JSON),
        (RootModel[list[Source]]([SOURCE]), [IN_JSON]),
        ({"a": [SOURCE]}, {"a": [IN_JSON]}),
        (Masked(number="4000123412341234"), {"number": "…1234"}),
        (Page(HttpUrl("https://example.com/"), {1: "one"}), {"url": "https://example.com/", "notes": {"1": "one"}}),
        (
            Old(file=Path("/a"), age=timedelta(hours=1), pages={1: "one"}),
            {"file": "/a", "age": 3600.0, "pages": {"1": "one"}},
        ),
        (HttpUrl("https://example.com/"), "https://example.com/"),
        (Holder(thing=b"\x00\xff"), {"thing": "AP8="}),
        (Holder(thing="a\ud83d"), {"thing": "a\ud83d"}),
        (Holder(thing=2**70), {"thing": 2**70}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_model_becomes_its_own_json(value: Any, expected: Any) -> None:
    assert stored(value) == expected


def test_a_set_in_a_model_has_one_order() -> None:
    """An idempotency key's digest must be the same in every process, and the order of a set is not."""
    words = [str(n) for n in range(100)]
    assert stored(SOURCE.model_copy(update={"words": {*words}}))["words"] == sorted(words)


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        (Scored(scores=[1.0, float("nan")]), "metadata.value.scores[1]", "NaN"),
        (Holder(thing=object()), "metadata.value.thing", "object"),
        (Holder(thing={1: object()}), "metadata.value.thing", "key 1"),
        (Source, "metadata.value", "ModelMetaclass"),
    ],
    ids=lambda value: getattr(value, "__name__", type(value).__name__),
)
def test_a_model_with_a_value_that_json_lacks_is_refused(value: Any, path: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as refused:
        stored(value)
    assert refused.value.field == path


def test_a_model_whose_dump_fails_is_refused_without_its_content() -> None:
    with pytest.raises(InvalidInput, match=r"a Failing cannot be converted to JSON \(\w+\)$") as refused:
        stored(Failing(number="4000123412341234"))
    assert refused.value.field == "metadata.value"
    assert "4000" not in str(refused.value)


async def test_every_store_takes_a_model(store: BaseStore) -> None:
    thread_id = unique()
    await store.create_thread(thread_id, "ada", "support", metadata={"source": SOURCE})
    message = await store.add_message(thread_id, "user", "Hello", metadata={"age": timedelta(days=7)})
    assert message["metadata"] == {"age": "P7D"}
    thread = await store.get_thread(thread_id)
    assert thread is not None
    assert thread["metadata"] == {"source": IN_JSON}
