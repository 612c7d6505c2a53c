"""A journal of acknowledged writes, kept apart from the database, and its comparison with the database."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agentomatic_sql import SQLAlchemyStore

THREADS = [f"t{number}" for number in range(6)]


@dataclass
class Journal:
    """The answers that writers got."""

    acknowledged: dict[str, tuple[str, int]] = field(default_factory=dict)  # content: thread and index
    unknown: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    calls: int = 0
    repeated: int = 0
    longest_pause: float = 0.0
    """The most seconds between two answers."""
    _last: float | None = None

    def stored(self, messages: Sequence[dict[str, Any]]) -> None:
        now = time.monotonic()
        self.longest_pause = max(self.longest_pause, now - (self._last or now))
        self._last = now
        for message in messages:
            assert message["content"] not in self.acknowledged
            self.acknowledged[message["content"]] = (message["thread_id"], message["index"])


async def tally(direct: SQLAlchemyStore, journal: Journal) -> Counter[str]:
    """Count what a database has lost, has twice or out of order, by the journal; for one that may have lost some."""
    counts: Counter[str] = Counter(lost=0, twice=0, out_of_order=0)
    found: Counter[str] = Counter()
    for thread_id in THREADS:
        history = await direct.get_messages(thread_id, limit=100_000)
        found.update(message["content"] for message in history)
        told = [journal.acknowledged.get(message["content"], (thread_id, at)) for at, message in enumerate(history)]
        counts["out_of_order"] += sum(place != (thread_id, at) for at, place in enumerate(told))
    counts["lost"] = len(journal.acknowledged.keys() - found.keys())
    counts["twice"] = sum(times - 1 for times in found.values())
    return counts


async def compare(direct: SQLAlchemyStore, journal: Journal, told: str) -> None:
    """The database with the journal: nothing lost, nothing twice, nothing out of order, counters right."""
    found: dict[str, tuple[str, int]] = {}
    for thread_id in THREADS:
        thread = await direct.get_thread(thread_id)
        history = await direct.get_messages(thread_id, limit=100_000)
        assert thread is not None
        assert thread["message_count"] == len(history), told
        assert [message["index"] for message in history] == list(range(len(history))), told
        for message in history:
            assert message["content"] not in found, f"twice: {message['content']}; {told}"
            found[message["content"]] = (thread_id, message["index"])
    assert journal.acknowledged.items() <= found.items(), f"lost, or elsewhere; {told}"
    assert found.keys() <= journal.acknowledged.keys() | journal.unknown, f"left by what failed; {told}"
    for content in found.keys() & journal.unknown:  # of a call all or nothing
        call = content.rpartition(".")[0]
        parts = {one for one in journal.unknown if one.rpartition(".")[0] == call}
        places = sorted(found[part] for part in parts)
        assert [index for _thread, index in places] == [places[0][1] + n for n in range(len(parts))], told
