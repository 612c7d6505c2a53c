"""The way from a call to the driver stays short: limits on modules and frames, by a trace of each call."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.call_trace import trace_all
from tests.support.databases import chosen, database_on

MOST = {
    "add_message": (17, 9),
    "get_messages": (13, 9),
    "saver.aput": (26, 12),
    "saver.aput_writes": (25, 12),
    "saver.aget_tuple": (22, 10),
}
"""How many modules of the package a call may enter, and how many frames may stand above the driver's call."""


def test_a_call_enters_few_modules_and_stands_few_frames_deep() -> None:
    if not chosen(("postgresql",)):
        pytest.skip("postgresql is not chosen")
    with database_on("postgresql") as url:
        traces = asyncio.run(trace_all(url))
    assert traces.keys() == MOST.keys()
    for name, (modules, frames) in MOST.items():
        assert len(traces[name].modules) <= modules, f"{name}: {sorted(traces[name].modules)}"
        assert 0 < len(traces[name].frames) <= frames, f"{name}: {traces[name].frames}"
