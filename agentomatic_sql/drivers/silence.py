"""The hosts that were silent lately, as every connect of this process remembers them.

A host that did not answer is tried after the others for `_LAST_SECONDS`. While another host answers, it is not tried
at all, except once in `_LEFT_OUT_SECONDS`: so whoever tries again and again, until a standby is promoted, waits for it
once.

A host that let a call wait for too long is only in doubt, because the call may have been slow: it is tried last. While
another host answers, one call at a time tries it, for `_DOUBT_SECONDS` at most.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

_H = TypeVar("_H", bound=Hashable)

SUSPICIOUS_SECONDS = 1.25
"""After this time without an answer a host is in doubt."""

_LAST_SECONDS = 30.0
_DOUBT_SECONDS = 2.5
_LEFT_OUT_SECONDS = 6.0  # a call that finds no server that takes writes tries for up to five


@dataclass
class _Silence:
    """noticed: the time when it was noticed; left_out_until: the time when the host may be tried again."""

    noticed: float
    left_out_until: float


_silences: dict[Hashable, _Silence] = {}
_hosts: WeakKeyDictionary[Any, Hashable] = WeakKeyDictionary()
"""The host of each connection that could choose among several."""


def silent_last(among: Sequence[_H]) -> list[_H]:
    """Return hosts in their order, but last the ones that were silent a short while ago."""
    return sorted(among, key=_was_silent)


def _was_silent(host: Hashable) -> bool:
    return host in _silences and _silences[host].noticed > time.monotonic() - _LAST_SECONDS


def limited(host: Hashable, seconds: float | None) -> float | None:
    """Return for how many seconds a host is to be tried at most, of these, while another one answers."""
    if not _was_silent(host):
        return seconds
    return _DOUBT_SECONDS if seconds is None else min(seconds, _DOUBT_SECONDS)


def is_left_out(host: Hashable) -> bool:
    """Return whether a host is not to be tried now if another one answers."""
    return host in _silences and _silences[host].left_out_until > time.monotonic()


def trying(host: Hashable) -> None:
    """Note that a host is tried; if it was silent or is in doubt, nobody else needs to try it meanwhile."""
    if host in _silences:
        not_answered(host)


def not_answered(host: Hashable) -> None:
    """Note that a host did not answer a connect."""
    now = time.monotonic()
    _silences[host] = _Silence(now, now + _LEFT_OUT_SECONDS)


def answered(host: Hashable, connection: Any) -> None:
    """Note that a host has answered, with a connection."""
    _silences.pop(host, None)
    _hosts[connection] = host


def doubt(host: Hashable) -> None:
    """Note that a host let somebody wait for too long."""
    _silences.setdefault(host, _Silence(0.0, 0.0)).noticed = time.monotonic()


def doubt_host_of(connection: Any) -> None:
    """Note that a connection's host let a call wait for too long."""
    if (host := _hosts.get(connection)) is not None:
        doubt(host)
