"""A plugin of pytest: an instrumentor of OpenTelemetry is switched on before this package is imported, or after it.

The environment names it: `AGENTOMATIC_SQL_TEST_INSTRUMENTOR=sqlite3:SQLite3Instrumentor:before`. The last lines of the
run say how many spans it has made.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

VARIABLE = "AGENTOMATIC_SQL_TEST_INSTRUMENTOR"
MODULE, CLASS, MOMENT = os.environ[VARIABLE].split(":")

_spans = InMemorySpanExporter()


def switch_on() -> None:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(_spans))
    trace.set_tracer_provider(provider)
    instrumentor: Any = getattr(importlib.import_module(f"opentelemetry.instrumentation.{MODULE}"), CLASS)()
    instrumentor.instrument()


if MOMENT == "before":
    assert "agentomatic_sql" not in sys.modules
    switch_on()


def pytest_collection_finish(session: pytest.Session) -> None:
    if MOMENT == "after":
        assert "agentomatic_sql" in sys.modules
        switch_on()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.write_line(f"spans: {len(_spans.get_finished_spans())}")
