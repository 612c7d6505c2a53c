"""The hosts that were silent lately, as every connect of this process remembers them.

A host that did not answer is tried after the others for `_LAST_SECONDS`. While another host answers, it is not tried
at all, except once in `_LEFT_OUT_SECONDS`: so whoever tries again and again, until a standby is promoted, waits for it
once.

A host that let a call wait for too long is only in doubt, because the call may have been slow: it is tried last. While
another host answers, one call at a time tries a host that is in doubt or was silent: at first for `_DOUBT_SECONDS`, and
twice as long after each attempt without an answer. Any answer ends both.
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
_MOST_DOUBLINGS = 8
_LEFT_OUT_SECONDS = 6.0  # a call that finds no server that takes writes tries for up to five


@dataclass
class _Silence:
    """noticed: the time when it was noticed; left_out_until: the time when the host may be tried again; attempts: how
    many connects in a row it did not answer."""

    noticed: float = 0.0
    left_out_until: float = 0.0
    attempts: int = 0


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
    limit = _DOUBT_SECONDS * 2.0 ** min(_silences[host].attempts, _MOST_DOUBLINGS)
    return limit if seconds is None else min(seconds, limit)


def is_left_out(host: Hashable) -> bool:
    """Return whether a host is not to be tried now if another one answers."""
    return host in _silences and _silences[host].left_out_until > time.monotonic()


def trying(host: Hashable, seconds: float | None) -> None:
    """Note that a host is tried for so long; if it was silent or is in doubt, nobody else needs to try it meanwhile."""
    if host in _silences:
        _silences[host].left_out_until = time.monotonic() + max(_LEFT_OUT_SECONDS, seconds or 0.0)


def given_up(host: Hashable, seconds: float) -> None:
    """Note that an attempt to connect to a host was cancelled after so many seconds: somebody else may try it now."""
    if seconds > SUSPICIOUS_SECONDS:
        doubt(host)
    if host in _silences:
        _silences[host].left_out_until = 0.0


def not_answered(host: Hashable) -> None:
    """Note that a host did not answer a connect."""
    now, silence = time.monotonic(), _silences.setdefault(host, _Silence())
    silence.noticed, silence.left_out_until = now, now + _LEFT_OUT_SECONDS
    silence.attempts += 1


def answered(host: Hashable) -> None:
    """Note that a host has answered, if only to refuse."""
    _silences.pop(host, None)


def leads_to(connection: Any, host: Hashable) -> None:
    """Note the host of a connection."""
    _hosts[connection] = host


def doubt(host: Hashable) -> None:
    """Note that a host let somebody wait for too long."""
    _silences.setdefault(host, _Silence()).noticed = time.monotonic()


def doubt_host_of(connection: Any) -> None:
    """Note that a connection's host let a call wait for too long."""
    if (host := _hosts.get(connection)) is not None:
        doubt(host)
