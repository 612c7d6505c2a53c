"""Messages with times of their own: history that an application brings in, on every store."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from agentomatic_sql import BaseStore, IdempotencyConflict, InvalidInput, ThreadNotFound

FIRST = datetime(2021, 3, 4, 5, 6, 7, 123456, tzinfo=UTC)


def said(*times: Any) -> list[dict[str, Any]]:
    """A message for each time; without one for None."""
    return [
        {"role": "user", "content": str(number), **({} if at is None else {"created_at": at})}
        for number, at in enumerate(times)
    ]


def minutes(number: int) -> datetime:
    return FIRST + timedelta(minutes=number)


async def stamps(store: BaseStore, thread_id: str = "t") -> list[datetime]:
    return [datetime.fromisoformat(message["timestamp"]) for message in await store.get_messages(thread_id)]


async def test_messages_keep_the_times_that_they_bring(store: BaseStore) -> None:
    await store.create_thread("t", "ada", "agent")
    local = minutes(1).astimezone(timezone(timedelta(hours=5, minutes=30)))
    added = await store.add_messages("t", said(minutes(0), local, minutes(1), minutes(2).isoformat(), None))
    assert [message["index"] for message in added] == [0, 1, 2, 3, 4]
    assert await store.get_messages("t") == added
    *own, now = await stamps(store)
    assert own == [minutes(0), minutes(1), minutes(1), minutes(2)]
    assert added[0]["timestamp"] == "2021-03-04T05:06:07.123456+00:00"
    thread = await store.get_thread("t")
    assert thread is not None
    assert thread["message_count"] == 5
    assert datetime.fromisoformat(thread["updated_at"]) == now > minutes(1_000_000)
    assert (await store.add_message("t", "user", "next"))["index"] == 5


async def test_a_message_is_not_before_the_one_in_front_of_it_unless_that_is_said(store: BaseStore) -> None:
    await store.create_thread("t", "ada", "agent")
    with pytest.raises(InvalidInput, match=r"^messages\[2\]\.created_at: is before the message in front of it \(2021-"):
        await store.add_messages("t", said(minutes(0), minutes(5), minutes(4)))
    assert await store.get_messages("t") == []
    await store.add_messages("t", said(minutes(5)))
    with pytest.raises(InvalidInput, match=r"^messages\[0\]\.created_at: .* pass backfill=True"):
        await store.add_messages("t", said(minutes(4), minutes(6)))
    thread = await store.get_thread("t")
    assert thread is not None
    assert thread["message_count"] == 1
    await store.add_messages("t", said(minutes(4), minutes(9), minutes(3)), backfill=True)
    assert await stamps(store) == [minutes(number) for number in (5, 4, 9, 3)]
    assert [message["index"] for message in await store.get_messages("t")] == [0, 1, 2, 3]


@pytest.mark.parametrize("at", [datetime(2021, 1, 1), "2021-01-01", "yesterday", 5, True, []])  # noqa: DTZ001
async def test_a_time_has_a_time_zone(store: BaseStore, at: Any) -> None:
    await store.create_thread("t", "ada", "agent")
    with pytest.raises(InvalidInput, match=r"^messages\[0\]\.created_at: must be a datetime with a time zone"):
        await store.add_messages("t", said(at))


async def test_an_idempotency_key_stands_for_messages_with_times(store: BaseStore) -> None:
    await store.create_thread("t", "ada", "agent")
    added = await store.add_messages("t", said(minutes(0), minutes(1)), idempotency_key="k")
    assert await store.add_messages("t", said(minutes(0), minutes(1)), idempotency_key="k") == added
    with pytest.raises(IdempotencyConflict):
        await store.add_messages("t", said(minutes(0)), idempotency_key="k")
    assert len(await store.get_messages("t")) == 2


async def test_a_users_view_brings_history_into_the_users_threads_only(store: BaseStore) -> None:
    await store.create_thread("t", "ada", "agent")
    assert len(await store.for_user("ada").add_messages("t", said(minutes(0)))) == 1
    for thread_id in ("t", "none"):
        with pytest.raises(ThreadNotFound):
            await store.for_user("eve").add_messages(thread_id, said(minutes(1)))
    assert await stamps(store) == [minutes(0)]


async def test_writers_at_the_same_time_get_places_without_gaps(store: BaseStore) -> None:
    await store.create_thread("t", "ada", "agent")
    own = [store.add_messages("t", said(minutes(n), minutes(n + 1)), backfill=True) for n in range(8)]
    other = [store.add_message("t", "user", "now") for _ in range(8)]
    added = await asyncio.gather(*own, *other)
    assert [message["index"] for message in await store.get_messages("t")] == list(range(24))
    assert all(first["index"] + 1 == second["index"] for first, second in added[:8])
    thread = await store.get_thread("t")
    assert thread is not None
    assert thread["message_count"] == 24


async def test_long_history_is_stored_in_one_call(store: BaseStore) -> None:
    await store.create_thread("t", "ada", "agent")
    many = [
        {**message, "content": f"{message['content']} 😀\x00" * 200} for message in said(*map(minutes, range(1_500)))
    ]
    added = await store.add_messages("t", many)
    assert [message["content"] for message in added] == [message["content"] for message in many]
    page = await store.get_messages("t", limit=2_000)
    assert page == added
