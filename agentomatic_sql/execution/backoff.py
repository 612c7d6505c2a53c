"""The delays between attempts."""

from __future__ import annotations

import random
from collections.abc import Iterator

ATTEMPTS = 10
"""The number of tries, the first one included."""

_FIRST_SECONDS = 0.01
_LONGEST_SECONDS = 1.0


def backoff() -> Iterator[float]:
    """Yield the delays between `ATTEMPTS` attempts, in seconds: growing from 10 ms to 1 s, each varied by a half."""
    delay = _FIRST_SECONDS
    for _ in range(ATTEMPTS - 1):
        yield delay * random.uniform(0.5, 1.5)  # noqa: S311 - it spreads retries
        delay = min(delay * 2, _LONGEST_SECONDS)
