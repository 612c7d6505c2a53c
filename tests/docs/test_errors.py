"""Errors say what to do: in their messages, and in the documents."""

from __future__ import annotations

import pytest

from agentomatic_sql import errors
from tests.support.documents import ROOT

ADVICE = [
    (errors.StoreBusy(10, "40P01"), "nothing was stored, try again"),
    (errors.WriteConflict(10, "the namespace was removed"), "nothing was stored, try again"),
    (errors.OperationTimeout("postgresql://h/d", 1), "try again"),
    (errors.TooManyWaiting("postgresql://h/d", 10), "try again"),
    (errors.OutcomeUnknown("postgresql://h/d"), "repeat the call with the same idempotency_key"),
]


@pytest.mark.parametrize(("error", "advice"), ADVICE, ids=lambda value: type(value).__name__)
def test_a_message_says_what_to_do(error: errors.StoreError, advice: str) -> None:
    assert str(error).endswith(advice)


def test_the_page_says_what_to_do_about_a_database_that_is_busy_or_away() -> None:
    page = (ROOT / "docs" / "errors.md").read_text()
    section = page.partition("## The database is busy or away")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    assert len(rows) == 7
    assert [row[0].strip() for row in rows if not row[2].strip()] == []
