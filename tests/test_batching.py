"""Natural batching: who waits for whom, whatever is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from agentomatic_sql.batching import ITEMS, LARGE, SIZE, Batches


class Wire:
    """Where batches are sent to: it keeps them, and answers when it is let."""

    def __init__(self) -> None:
        self.sent: list[list[str]] = []
        self.open = asyncio.Event()

    async def send(self, items: Sequence[str]) -> list[str]:
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


async def test_what_comes_while_one_is_on_its_way_goes_together_and_each_gets_his_own(wire: Wire) -> None:
    batches: Batches[str, str] = Batches(wire.send, len, at_once=1)
    calls = [asyncio.create_task(batches.submit(item)) for item in "abc"]
    await settle()
    assert wire.sent == [["a"]]
    wire.open.set()
    assert await asyncio.gather(*calls) == ["A", "B", "C"]
    assert wire.sent == [["a"], ["b", "c"]]


async def test_a_batch_has_a_limit_in_number_and_in_size(wire: Wire) -> None:
    batches: Batches[str, str] = Batches(wire.send, len, at_once=1)
    items = ["a"] * (ITEMS + 2) + ["b" * (LARGE - 1)] * 12
    calls = [asyncio.create_task(batches.submit(item)) for item in items]
    await settle()
    wire.open.set()
    assert await asyncio.gather(*calls) == [*map(str.upper, items)]
    assert [len(batch) for batch in wire.sent] == [1, ITEMS, 11, 2]
    assert all(sum(map(len, batch)) <= SIZE for batch in wire.sent)


async def test_a_large_one_neither_waits_for_the_small_nor_holds_them_up(wire: Wire) -> None:
    batches: Batches[str, str] = Batches(wire.send, len, at_once=1)
    large = "x" * LARGE
    calls = [asyncio.create_task(batches.submit(item)) for item in (large, "a", large, "b")]
    await settle()
    assert wire.sent == [[large], ["a"], [large]]
    wire.open.set()
    assert await asyncio.gather(*calls) == [large.upper(), "A", large.upper(), "B"]
    assert wire.sent[3:] == [["b"]]
