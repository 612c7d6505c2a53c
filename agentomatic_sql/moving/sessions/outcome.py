"""The result of an import: what was added, what was there, and what did not fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ... import inputs, records
from .items import Row

_ENTITIES = ("thread", "message", "feedback")
_NAMED = 100


class Imported(NamedTuple):
    """The numbers of rows that an import added, found, and refused."""

    added: Mapping[str, int]
    """How many threads, messages and feedbacks were stored."""
    present: Mapping[str, int]
    """How many were stored before."""
    misfits: Sequence[str]
    """What did not fit: a sentence for each, with table and key; a hundred at most."""
    misfit_count: int
    """How much did not fit."""


def made_since(before: datetime, record: Mapping[str, Any]) -> bool:
    """Return whether this process has made a record since a moment ago.

    Its time is that of the clock of the process that made it, which may be ahead of this one's.
    """
    at: str = record["created_at"]
    return records.iso(before) <= at <= records.iso(inputs.now())


class Outcome:
    """Counts what is stored, and notes what does not fit."""

    def __init__(self) -> None:
        self._added = dict.fromkeys(_ENTITIES, 0)
        self._present = dict.fromkeys(_ENTITIES, 0)
        self._misfits: list[str] = []
        self._misfit_count = 0

    def count(self, entity: str, number: int = 1, *, is_new: bool) -> None:
        """Count what was stored, now or before."""
        (self._added if is_new else self._present)[entity] += number

    def refuse(self, table: str, row: Row, key: Iterable[str], reason: str) -> None:
        """Note that a row does not fit."""
        self._misfit_count += 1
        if len(self._misfits) < _NAMED:
            values = {name: row[name] if isinstance(row[name], (int, str)) else str(row[name]) for name in key}
            named = ", ".join(f"{name} {value!r}" for name, value in values.items())
            self._misfits.append(f"{table} ({named}): {reason}")

    def imported(self) -> Imported:
        """Return what was counted and noted."""
        return Imported(self._added, self._present, self._misfits, self._misfit_count)
