"""Lost answers on a Galera cluster: the writer asks another node, which may not have what the lost one has."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest

from agentomatic_sql import OutcomeUnknown, SQLAlchemyStore
from tests.faults import test_lost_answers as cases
from tests.faults import test_lost_graph_answers as graph_cases
from tests.faults.test_lost_answers import LATE, STATE, Two, arrival, lost, nothing, prepare
from tests.faults.test_lost_graph_answers import Graphs, opened
from tests.galera.conftest import not_waiting
from tests.support.wire import Cut, wire


@pytest.fixture
async def two(node_urls: list[str]) -> AsyncIterator[Two]:
    """Two stores: one whose connection goes to the next node each time that it is cut, and one on the third node."""
    async with AsyncExitStack() as stack:
        yield await connected(stack, node_urls)


async def connected(stack: AsyncExitStack, node_urls: list[str]) -> Two:
    """Open the stores by these URLs, with the thread `t` on every node."""
    proxy = await stack.enter_async_context(wire(*node_urls[:2]))
    store = await stack.enter_async_context(SQLAlchemyStore(proxy.url, pool_size=1, max_overflow=0))
    other = await stack.enter_async_context(SQLAlchemyStore(node_urls[2]))
    for _ in range(2):
        await prepare(store)
    await store.create_thread("t", "ada", "agent", title="first")
    return Two(proxy, store, other, commit_requests=1)


@pytest.fixture
async def graphs(node_urls: list[str]) -> AsyncIterator[Graphs]:
    """Two savers, on the same nodes as the two stores."""
    async with AsyncExitStack() as stack:
        yield await opened(stack, node_urls[:2], node_urls[2], commit_requests=1)


# Each case of one server, with the fixtures `two` and `graphs` of this module.
for name, case in {**vars(cases), **vars(graph_cases)}.items():
    if name.startswith("test_") and {"two", "graphs"} & set(inspect.signature(case).parameters):
        globals()[name] = case


Call = Callable[[SQLAlchemyStore], Awaitable[Any]]

WRITES: dict[str, tuple[Call, Call]] = {
    "create": (
        lambda store: store.create_thread("new", "ada", "agent"),
        lambda store: store.get_thread("new"),
    ),
    "update": (
        lambda store: store.update_thread("t", title="second"),
        lambda store: store.get_thread("t"),
    ),
    "append": (
        lambda store: store.add_messages("t", [{"role": "user", "content": "hello"}]),
        lambda store: store.get_messages("t"),
    ),
    "feedback": (
        lambda store: _in_list(store.add_feedback("t", "ada", "agent", rating=1)),
        lambda store: store.get_feedback(),
    ),
    "save": (
        lambda store: store.save_suspended_state(*STATE, {"amount": 20}),
        lambda store: store.get_suspended_state("approval"),
    ),
    "checkpoint": (
        lambda store: store.save_checkpoint("t", "", "c", None, {"x": 1}, {"y": 2}),
        lambda store: store.get_checkpoint("t", "", "other"),  # None, as the write returns
    ),
    "fork": (
        lambda store: store.fork_thread("t", 0, "new"),
        lambda store: store.get_thread("new"),
    ),
    "delete": (
        lambda store: store.delete_thread("t"),
        lambda store: _is_missing(store.get_thread("t")),
    ),
}
"""What writes return, and how the same is read afterwards."""

UNKNOWN = ("create", "save", "fork")
"""Writes of which nothing is found if they were not stored, or if somebody has deleted or claimed what they stored."""


async def _in_list(call: Awaitable[Any]) -> list[Any]:
    return [await call]


async def _is_missing(call: Awaitable[Any]) -> bool:
    return await call is None


@pytest.mark.parametrize("cut", ["before the request", "before the answer", LATE])
@pytest.mark.parametrize("name", WRITES)
async def test_a_write_that_is_cut_before_its_commit_is_stored_once(two: Two, name: str, cut: Cut) -> None:
    """Its statements run, or run late, and no COMMIT follows them."""
    write, read = WRITES[name]
    returned = await lost(two._replace(commit_requests=0), lambda: write(two.store), nothing, cut=cut)
    if cut == LATE:
        await arrival(two)
    if name in UNKNOWN:
        assert isinstance(returned, OutcomeUnknown)
        returned = None
    assert returned == await read(two.other)
    thread = await two.other.get_thread("t")
    assert thread is None if name == "delete" else thread is not None
    counts = [len(await two.other.get_messages("t")), len(await two.other.list_checkpoints("t", ""))]
    assert counts == [int(name == "append"), int(name == "checkpoint")]


@pytest.mark.parametrize("codes", [(1180,), (1180, 1047), (1180, 1213)], ids=str)
@pytest.mark.parametrize("name", WRITES)
async def test_a_commit_that_a_node_without_its_cluster_has_refused_may_have_been_done(
    two: Two, name: str, codes: tuple[int, ...]
) -> None:
    """A node that is cut off in the middle of a COMMIT refuses it, and the ROLLBACK too; the others have committed."""
    write, read = WRITES[name]
    two.proxy.errors = [refusal(code, "not connected to Primary Component") for code in codes]
    returned = await lost(two, lambda: write(two.store), nothing, cut="and answer with an error")
    if name == "delete":
        assert isinstance(returned, OutcomeUnknown)
        assert await two.other.get_thread("t") is None
        return
    assert returned == await read(two.other)
    counts = [len(await two.other.get_messages("t")), len(await two.other.list_checkpoints("t", ""))]
    assert counts == [int(name == "append"), int(name == "checkpoint")]


def refusal(code: int, message: str) -> bytes:
    """Return the packet with which a server answers a request with an error."""
    content = b"\xff" + code.to_bytes(2, "little") + b"#08S01" + message.encode()
    return len(content).to_bytes(3, "little") + b"\x01" + content


@pytest.mark.parametrize("cut", ["before the answer", LATE])
async def test_an_append_is_stored_once_though_the_node_that_is_asked_may_be_behind(
    node_urls: list[str], cut: Cut
) -> None:
    """Without the option to wait: the look changes the row that the write changes, so one is rolled back."""
    plain = not_waiting(node_urls)
    async with AsyncExitStack() as stack:
        two = await connected(stack, plain)
        for url in node_urls:
            assert await (await stack.enter_async_context(SQLAlchemyStore(url))).get_thread("t") is not None
        busy = asyncio.create_task(keep_busy(two.other))
        for number in range(30):
            stored = await lost(two, partial(two.store.add_message, "t", "user", str(number)), nothing, cut=cut)
            assert stored["index"] == number
            if cut == LATE:
                await arrival(two)
                two.proxy.deliver.clear()
                two.proxy.delivered.clear()
        busy.cancel()
        async with SQLAlchemyStore(node_urls[0]) as reader:
            messages = await reader.get_messages("t")
        assert [message["content"] for message in messages] == [*map(str, range(30))]


async def keep_busy(store: SQLAlchemyStore) -> None:
    """Write to another thread, so that the other nodes have much to apply."""
    await store.create_thread("busy", "ada", "agent")
    while True:
        await store.add_messages("busy", [{"role": "user", "content": "x" * 1_000}] * 200)
