"""Random numbers by which a write is found again after its answer was lost.

A *token* belongs to one call. The row that the call writes carries it, so the row says which call wrote it.

An *epoch* belongs to a thread. It is random when the thread is created, and one more each time that a writer whose
answer was lost has made sure that its write is not stored and never will be (see `fence`). Every write to a thread
names the epoch that its writer knows, and does nothing if the thread has another one: a request that the network
delivers late, or one for a thread that was deleted and created again, changes nothing.
"""

from __future__ import annotations

import os
import random
from threading import Lock
from typing import NamedTuple

from .errors import WriteConflict

# Not the system's random numbers, each of which is a system call; nor the module's own, which an application may seed.
_numbers = random.Random()  # noqa: S311 - the numbers need only differ
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_numbers.seed)  # a child would go on with its parent's numbers

_FENCE_BITS = 20


def new_token() -> int:
    """Return a token for a call; the next few numbers are free as well."""
    return _numbers.getrandbits(62)


def new_epoch() -> int:
    """Return the epoch of a thread that is created."""
    return _numbers.getrandbits(62 - _FENCE_BITS) << _FENCE_BITS


def fence(epoch: int) -> int:
    """Return the epoch after this one: writes that name this one are refused from then on."""
    return epoch + 1


def same_thread(one: int, other: int) -> bool:
    """Return whether two epochs are of one thread, and not of two threads that had the same id one after the other."""
    return one >> _FENCE_BITS == other >> _FENCE_BITS


class Known(NamedTuple):
    """A thread as a writer last read it: see `tables.THREADS`."""

    epoch: int
    version: int
    attached: int
    owner: tuple[str, str] | None = None
    """The user and the agent, to which encrypted fields are bound; what `Knowledge` has of a thread has them."""

    @property
    def identity(self) -> dict[str, str]:
        """The owner as the columns of the thread."""
        assert self.owner is not None  # it was read with the rest
        return dict(zip(("user_id", "agent_name"), self.owner, strict=True))


class Knowledge:
    """The epochs that this process has read, by thread id.

    An epoch may be out of date because of another process. Then a write does nothing, and the epoch is read again.
    """

    def __init__(self, most: int = 20_000) -> None:
        """`most` is how many threads are remembered; 20,000 take about 5 MB."""
        self._most = most
        self._known: dict[str, Known] = {}
        self._lock = Lock()

    def get(self, thread_id: str) -> Known | None:
        """Return what is known of a thread, or None."""
        return self._known.get(thread_id)

    def remember(self, thread_id: str, known: Known) -> None:
        """Remember a thread, and forget the one that was remembered longest ago if there are too many."""
        with self._lock:
            self._known.pop(thread_id, None)
            self._known[thread_id] = known
            if len(self._known) > self._most:
                del self._known[next(iter(self._known))]

    def forget(self, thread_id: str) -> None:
        """Forget a thread."""
        with self._lock:
            self._known.pop(thread_id, None)


class Attempts:
    """The attempts of one write to a thread: each names the epoch that is known by then."""

    _MOST = 10
    """The number of attempts, the first one included."""

    def __init__(self, knowledge: Knowledge, thread_id: str) -> None:
        self._knowledge = knowledge
        self._thread_id = thread_id
        self._left = self._MOST
        self._fenced: int | None = None

    def may_write(self, known: Known | None) -> bool:
        """Return False if an earlier attempt was for another thread: this one was created with its id since."""
        return self._fenced is None or (known is not None and same_thread(known.epoch, self._fenced))

    def again(self, fenced: int | None) -> None:
        """Forget what was known, before the next attempt; raises `WriteConflict` if there have been too many.

        `fenced` is the epoch in which a lost attempt is refused for good; None if the thread had another epoch.
        """
        self._left -= 1
        if not self._left:
            reason = f"other calls wrote to thread {self._thread_id!r} each time"
            raise WriteConflict(self._MOST, reason)
        self._knowledge.forget(self._thread_id)
        self._fenced = self._fenced if fenced is None else fenced
