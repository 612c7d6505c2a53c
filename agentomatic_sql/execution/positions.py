"""Positions of a primary: how far a replica must have come before this process may read there.

A position is where the primary's log ends at some moment. This process asks the primary for it now and then, at most
once a second. A replica that has replayed a position has everything that was committed before it was asked for. A
position names the log's history: a replica of another one, as of a primary that was lost, has not replayed it.

So a read may go to a replica that has replayed a position that is

1. younger than the largest lag that is allowed, so that no answer is older than that;
2. younger than what this process has written about the read's subject (see `operations.about`), so that a process
   reads what it has written.

The two are one condition: the oldest position that is young enough. An older one is more likely to be replayed.

What this process has read on the primary is no third condition. As long as a replica lags, each read would go to the
primary and ask for a younger position, which the replica has not replayed either when the next read comes.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Hashable
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import String, Transaction, bindparam, text

from ..context import Context
from ..operations import query
from ..statements import Steps, fetch

ASK_SECONDS = 1.0
"""The least time between two questions for the primary's position."""

BLIND_SECONDS = 10.0
"""The time after which a replica is believed to have replayed what a database without positions has committed."""

_MOST = 20_000
"""How many subjects are remembered."""


class Position(NamedTuple):
    """The end of the primary's log at some moment."""

    number: int
    """Counts the positions: a replica that has replayed one has replayed those before it."""
    covers: int
    """The notes of this process that were taken before."""
    asked: float
    """The time, by `time.monotonic`."""
    text: str | None
    """The position as the database writes it; None if it has none."""

    @property
    def age(self) -> float:
        """The seconds since it was asked for."""
        return time.monotonic() - self.asked


_covers = attrgetter("covers")


class Positions:
    """The positions that this process has asked for, and notes of what it has written.

    max_lag: how old a position may be, in seconds.
    """

    def __init__(self, max_lag: float) -> None:
        self.max_lag = max_lag
        self._pause = min(ASK_SECONDS, max_lag / 4)
        self._asked: list[Position] = []
        """The positions that are young enough, the oldest first."""
        self._last_asked = -float("inf")
        self._notes = 0
        """How many notes were taken. A note is a number; the last one counts for reads without a subject."""
        self._of: dict[Hashable, int] = {}
        """The last note of each subject, the oldest first."""
        self._of_all = 0
        """The last note that counts for every read."""
        self._open: dict[Transaction, set[Hashable]] = {}
        """The subjects that were written about in transactions that the application will commit."""
        self._numbers = 0

    def written(self, subject: Hashable) -> None:
        """Note that this process has written about a subject; None is a write that counts for every read."""
        self._notes += 1
        if subject is None:
            self._of_all = self._notes
            return
        self._of.pop(subject, None)
        self._of[subject] = self._notes
        if len(self._of) > _MOST:
            self._of_all = max(self._of_all, self._of.pop(next(iter(self._of))))

    def written_in(self, transaction: Transaction, subject: Hashable) -> None:
        """Note that this process has written about a subject in a transaction that the application will commit."""
        self._settle()
        self._open.setdefault(transaction, set()).add(subject)

    def _settle(self) -> None:
        """Note what was written in transactions that have ended."""
        for transaction in [each for each in self._open if not each.is_active]:
            for subject in self._open.pop(transaction):
                self.written(subject)

    def needed(self, subject: Hashable) -> int | None:
        """Return the note that a position must cover for a read about a subject that begins now.

        None if no position can: this process is writing about the subject in a transaction of the application's.
        """
        self._settle()
        if any(subject is None or {subject, None} & subjects for subjects in self._open.values()):
            return None
        return self._notes if subject is None else max(self._of_all, self._of.get(subject, 0))

    def find(self, needed: int) -> Position | None:
        """Return the oldest position that covers a note and is young enough; None if there is none."""
        self._drop_old()
        place = bisect_left(self._asked, needed, key=_covers)
        return self._asked[place] if place < len(self._asked) else None

    def newest_first(self) -> list[Position]:
        """Return the positions that are young enough."""
        self._drop_old()
        return self._asked[::-1]

    def oldest(self, default: Position) -> Position:
        """Return the oldest position that is young enough; the default if there is none."""
        self._drop_old()
        return self._asked[0] if self._asked else default

    def _drop_old(self) -> None:
        oldest = time.monotonic() - self.max_lag
        while self._asked and self._asked[0].asked < oldest:
            del self._asked[0]

    def is_due(self, found: Position | None) -> bool:
        """Return whether the primary should be asked: a read has found no position, or the newest will soon be old."""
        if time.monotonic() - self._last_asked < self._pause:
            return False
        return found is None or self._asked[-1].age > self.max_lag / 2

    def ask(self) -> Position:
        """Return the position that the primary is asked for now, without its text; others do not ask meanwhile."""
        self._last_asked = time.monotonic()
        self._numbers += 1
        return Position(self._numbers, self._notes, self._last_asked, None)

    def learn(self, asked: Position, text: str | None) -> None:
        """Remember a position that the primary was asked for."""
        if not self._asked or self._asked[-1].number < asked.number:
            self._asked.append(asked._replace(text=text))


@query
def current(_context: Context) -> Steps[str | None]:
    """Return the position of the primary; None if the database has none."""
    rows = yield from fetch(_asking)
    return rows[0][0] or None


@query
def reached(_context: Context, position: str) -> Steps[bool | None]:
    """Return whether a replica has replayed a position; None if the server is no replica."""
    rows = yield from fetch(_reaching, position=position)
    return None if rows[0][0] is None else bool(rows[0][0])


def _asking(context: Context) -> Any:
    assert context.dialect.position_query is not None  # replicas were refused otherwise
    return text(context.dialect.position_query)


def _reaching(context: Context) -> Any:
    assert context.dialect.reached_query is not None  # replicas were refused otherwise
    return text(context.dialect.reached_query).bindparams(bindparam("position", type_=String()))
