"""Natural batching: who waits for whom, whatever is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from agentomatic_sql.execution.batching import ITEMS, LARGE, SIZE, Batches


class Wire:
    """Where batches are sent to: it keeps them, and answers when it is let."""

    def __init__(self) -> None:
        self.sent: list[list[str]] = []
        self.open = asyncio.Event()

    async def send(self, items: Sequence[str], _sending: Any) -> list[str]:
        self.sent.append([*items])
        await self.open.wait()
        return [*map(str.upper, items)]


@pytest.fixture
def wire() -> Wire:
    return Wire()


async def settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_items_that_follow_one_sent_alone_join_the_next_batch(wire: Wire) -> None:
    batches: Batches[Wire, str, str] = Batches(Wire.send, len, at_once=1)
    first = asyncio.create_task(batches.submit(wire, "a"))

    async def follow() -> str:  # as LangGraph stores a checkpoint when its parent was stored
        await first
        return await batches.submit(wire, "c")

    following = asyncio.create_task(follow())
    waiting = asyncio.create_task(batches.submit(wire, "b"))
    await settle()
    wire.open.set()
    assert [await waiting, await following] == ["B", "C"]
    assert wire.sent == [["a"], ["b", "c"]]


async def test_items_that_arrive_during_a_batch_share_the_next_one(wire: Wire) -> None:
    batches: Batches[Wire, str, str] = Batches(Wire.send, len, at_once=1)
    calls = [asyncio.create_task(batches.submit(wire, item)) for item in "abc"]
    await settle()
    assert wire.sent == [["a"]]
    wire.open.set()
    assert await asyncio.gather(*calls) == ["A", "B", "C"]
    assert wire.sent == [["a"], ["b", "c"]]


async def test_a_batch_has_a_limit_in_number_and_in_size(wire: Wire) -> None:
    batches: Batches[Wire, str, str] = Batches(Wire.send, len, at_once=1)
    items = ["a"] * (ITEMS + 2) + ["b" * (LARGE - 1)] * 12
    calls = [asyncio.create_task(batches.submit(wire, item)) for item in items]
    await settle()
    wire.open.set()
    assert await asyncio.gather(*calls) == [*map(str.upper, items)]
    assert [len(batch) for batch in wire.sent] == [1, ITEMS, 11, 2]
    assert all(sum(map(len, batch)) <= SIZE for batch in wire.sent)


async def test_a_large_one_neither_waits_for_the_small_nor_holds_them_up(wire: Wire) -> None:
    batches: Batches[Wire, str, str] = Batches(Wire.send, len, at_once=1)
    large = "x" * LARGE
    calls = [asyncio.create_task(batches.submit(wire, item)) for item in (large, "a", large, "b")]
    await settle()
    assert wire.sent == [[large], ["a"], [large]]
    wire.open.set()
    assert await asyncio.gather(*calls) == [large.upper(), "A", large.upper(), "B"]
    assert wire.sent[3:] == [["b"]]


async def test_two_batches_share_evenly_what_waits(wire: Wire) -> None:
    batches: Batches[Wire, str, str] = Batches(Wire.send, len, at_once=2)
    calls = [asyncio.create_task(batches.submit(wire, item)) for item in "abcdefgh"]
    await settle()
    assert wire.sent == [["a"], ["b"]]
    wire.open.set()
    assert await asyncio.gather(*calls) == [*"ABCDEFGH"]
    assert wire.sent[2:] == [["c", "d", "e", "f"], ["g", "h"]]  # b was still on its way: 7, of which 4 are half


async def test_items_with_the_same_lock_never_run_in_two_batches(wire: Wire) -> None:
    batches: Batches[Wire, str, str] = Batches(Wire.send, len, at_once=2, locks=lambda item: item[0])
    hot, other = ["a0", "a1", "a2", "a3", "a4"], ["b0"]
    calls = [asyncio.create_task(batches.submit(wire, item)) for item in (*hot, *other)]
    await settle()
    assert wire.sent == [["a0"], ["b0"]]
    wire.open.set()
    assert await asyncio.gather(*calls) == [item.upper() for item in (*hot, *other)]
    assert wire.sent[2:] == [hot[1:]]  # not in two halves, of which one would wait for the other


async def test_writes_of_one_row_are_sent_in_the_order_in_which_they_came(wire: Wire) -> None:
    """Also a large one, which goes alone, and only when its turn has come."""
    batches: Batches[Wire, str, str] = Batches(Wire.send, len, at_once=2, locks=lambda item: item[0])
    items = ["a0", "a1" + "x" * LARGE, "a2", "a3", "a4" + "x" * LARGE, "a5" + "x" * LARGE, "a6", "b0"]
    calls = [asyncio.create_task(batches.submit(wire, item)) for item in items]
    await settle()
    assert wire.sent == [["a0"], ["b0"]]
    wire.open.set()
    assert await asyncio.gather(*calls) == [item.upper() for item in items]
    of_a = [[item[:2] for item in batch] for batch in wire.sent if batch != ["b0"]]
    assert of_a == [["a0"], ["a1"], ["a2", "a3"], ["a4"], ["a5"], ["a6"]]


@pytest.mark.parametrize("crowd", [10, 20_000])
async def test_a_batch_takes_as_long_to_make_however_many_wait_for_a_locked_row(crowd: int) -> None:
    looks = 0

    def size(item: str) -> int:
        nonlocal looks
        looks += 1
        return len(item)

    locked = asyncio.Event()

    async def send(_key: object, items: Sequence[str], _sending: Any) -> Sequence[str]:
        if items[0][0] == "a":
            await locked.wait()
        return items

    key = Wire()
    batches: Batches[Wire, str, str] = Batches(send, size, at_once=2, locks=lambda item: item[0])
    waiting = [asyncio.create_task(batches.submit(key, f"a{number}")) for number in range(crowd)]
    await settle()
    looks = 0
    for number in range(100):
        await asyncio.gather(*(batches.submit(key, f"{row}{number}") for row in "bcd"))
    assert looks < 1_000  # some for each write, none for those that wait
    locked.set()
    assert len(await asyncio.gather(*waiting)) == crowd


async def test_a_batch_is_cancelled_when_all_its_callers_have_gone(wire: Wire) -> None:
    batches: Batches[Wire, str, str] = Batches(Wire.send, len, at_once=1, locks=lambda item: item[0])
    first = asyncio.create_task(batches.submit(wire, "a0"))
    await settle()
    others = [asyncio.create_task(batches.submit(wire, item)) for item in ("a1", "a2")]
    await settle()
    first.cancel()
    await settle()
    assert wire.sent == [["a0"], ["a1", "a2"]]
    (batch,) = batches._lanes[asyncio.get_running_loop()][wire].tasks
    others[0].cancel()
    await settle()
    assert not batch.done()
    others[1].cancel()
    await settle()
    assert batch.cancelled()
    wire.open.set()
    assert await batches.submit(wire, "a3") == "A3"


async def test_without_a_limit_nothing_waits(wire: Wire) -> None:
    batches: Batches[Wire, str, str] = Batches(Wire.send, len, at_once=None, locks=lambda item: item)
    calls = [asyncio.create_task(batches.submit(wire, "a")) for _ in range(3)]
    await settle()
    assert wire.sent == [["a"]] * 3
    wire.open.set()
    assert await asyncio.gather(*calls) == ["A"] * 3


async def test_a_caller_who_has_gone_is_not_sent_and_holds_nobody_up(wire: Wire) -> None:
    batches: Batches[Wire, str, str] = Batches(Wire.send, len, at_once=1, locks=lambda item: item[0])
    first, gone, last = (asyncio.create_task(batches.submit(wire, item)) for item in ("a0", "a1", "a2"))
    await settle()
    gone.cancel()
    await settle()
    first.cancel()  # a cancelled sender cancels its own batch; waiting items are still sent
    await settle()
    assert wire.sent == [["a0"], ["a2"]]
    wire.open.set()
    assert await last == "A2"
    assert gone.cancelled()
    assert first.cancelled()


async def test_a_caller_who_goes_before_a_batch_is_sent_is_left_out_of_it(wire: Wire) -> None:
    """It is told that nothing was changed, while the batch waits for a connection."""
    told: list[str] = []

    async def send(wire: Wire, items: Sequence[str], sending: Any) -> list[str]:
        await wire.open.wait()  # for a connection
        if sending():
            wire.sent.append([*items])
        return [*map(str.upper, items)]

    def sending(item: str, wanted: bool = True) -> bool:
        told.append(item)
        return wanted

    batches: Batches[Wire, str, str] = Batches(send, len, at_once=1)
    first = asyncio.create_task(batches.submit(wire, "a", partial(sending, "a")))
    await settle()
    calls = [asyncio.create_task(batches.submit(wire, item, partial(sending, item))) for item in "bcd"]
    late = asyncio.create_task(batches.submit(wire, "e", partial(sending, "e", wanted=False)))
    await settle()
    first.cancel()
    await settle()
    assert len(batches._lanes[asyncio.get_running_loop()][wire].tasks) == 1  # the batch of the others
    calls[1].cancel()
    assert told == []
    wire.open.set()
    assert [await calls[0], await calls[2]] == ["B", "D"]
    assert wire.sent == [["b", "d"]]
    assert first.cancelled()
    assert calls[1].cancelled()
    await asyncio.wait([late])
    assert late.cancelled()  # its deadline has cancelled it, unless this comes first


@pytest.mark.parametrize("begun", [False, True])
async def test_a_batch_that_is_cancelled_leaves_nobody_waiting(wire: Wire, begun: bool) -> None:
    batches: Batches[Wire, str, str] = Batches(Wire.send, len, at_once=1)
    others = [asyncio.create_task(batches.submit(wire, item)) for item in "bc"]  # they begin when "a" waits
    opening = asyncio.create_task(settle())
    opening.add_done_callback(lambda _: wire.open.set())
    assert await batches.submit(wire, "a") == "A"
    lane = batches._lanes[asyncio.get_running_loop()][wire]
    while not lane.tasks:
        await asyncio.sleep(0)
    (batch,) = lane.tasks  # of the others; it has been made, and has not begun
    if begun:
        wire.open.clear()
        await settle()
    batch.cancel()
    results = await asyncio.gather(*others, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    wire.open.set()
    assert await batches.submit(wire, "d") == "D"


async def test_an_item_without_a_result_raises(wire: Wire) -> None:
    async def send(wire: Wire, items: Sequence[str], sending: Any) -> list[str]:
        await wire.send(items, sending)
        return [*items[:1]]

    batches: Batches[Wire, str, str] = Batches(send, len, at_once=1)
    calls = [asyncio.create_task(batches.submit(wire, item)) for item in "abc"]
    await settle()
    wire.open.set()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert results[:2] == ["a", "b"]
    assert isinstance(results[2], IndexError)
    assert await batches.submit(wire, "d") == "d"
