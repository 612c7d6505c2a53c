"""Several hosts in one URL, as libpq writes them: which of them a new connection leads to.

The hosts are tried in their order, each within its own time. One that cannot be reached, does not answer, has no
connection left, or is not the kind of server that `target_session_attrs` asks for is passed over. A refused login ends
the search, because it would be refused everywhere. The rules are libpq's for every database; a driver only says what
kind of server it has reached.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol
from urllib.parse import parse_qsl

from sqlalchemy import URL

from . import silence
from .options import one_of

log = logging.getLogger("agentomatic_sql")

Role = Literal["writable", "read-only", "standby"]
"""What a server does for a connection: it takes writes; it refuses them; or it repeats those of another server."""

_AS_TOLD: Mapping[Role, str] = {
    "writable": "it takes writes",
    "read-only": "it is read-only",
    "standby": "it is a standby",
}
_ALL: frozenset[Role] = frozenset({"writable", "read-only", "standby"})
_ACCEPTED: Mapping[str, frozenset[Role]] = {
    "any": _ALL,
    "read-write": frozenset({"writable"}),
    "read-only": frozenset({"read-only", "standby"}),
    "primary": frozenset({"writable", "read-only"}),
    "standby": frozenset({"standby"}),
}
OPTIONS = {
    "target_session_attrs": one_of(*_ACCEPTED, "prefer-standby"),
    "load_balance_hosts": one_of("disable", "random"),
}

_AUTHORITY = re.compile(r"(?P<before>[\w+]+://(?:[^:/]*(?::[^@]*)?@)?)(?P<hosts>[^/?]*)(?P<after>.*)", re.DOTALL)
"""A URL's text, divided as SQLAlchemy divides it."""
_HOST = re.compile(r"(?:\[(?P<address>[^\]]+)\]|(?P<name>[^:\[\]]+))(?::(?P<port>\d*))?")


class Host(NamedTuple):
    """A host of a URL."""

    name: str
    port: int | None = None

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port is None else f"{name}:{self.port}"


class NoHost(ConnectionError):
    """None of several hosts could be connected to; the cause is a group of each one's error.

    answered: whether one of them is there but is another kind of server, starting up or shutting down: soon it may be
        the right one.
    """

    def __init__(self, message: str, *, answered: bool) -> None:
        super().__init__(message)
        self.answered = answered


class RoleChanged(ConnectionError):
    """The server of an open connection is not the kind of server any more that was asked for."""

    def __init__(self, role: Role) -> None:
        super().__init__(f"the server has changed: {_AS_TOLD[role]}")


class _Unsuitable(Exception):
    """A host is another kind of server than the one that is asked for."""


class _NoAnswer(TimeoutError):
    """A host did not answer; the message says for how long."""


class Asking(Protocol):
    """A driver's part in the search for a host."""

    async def role(self, connection: Any) -> Role: ...

    def fits(self, role: Role, attrs: str) -> bool: ...

    def terminate(self, connection: Any) -> None: ...

    def is_refusal(self, error: BaseException) -> bool: ...

    def is_full(self, error: BaseException) -> bool: ...

    def is_lost(self, error: BaseException) -> bool: ...


# URLs


def in_query(url: str) -> str:
    """Return a URL's text with several hosts as options (`host=h1,h2&port=1,2`): SQLAlchemy takes only one elsewhere.

    Options that the URL has take their place. Any other text is returned as it is. Raises ValueError for hosts that
    cannot be read.
    """
    parts = _AUTHORITY.fullmatch(url)
    if parts is None or "," not in parts["hosts"] or "@" in parts["hosts"]:
        return url
    listed = parts["hosts"]
    if listed.startswith("[") and listed.find("]") == len(listed) - 1:  # mysqlsh writes a list in brackets
        listed = listed[1:-1]
    each = [_HOST.fullmatch(one) for one in listed.split(",")]
    found = [(one["address"] or one["name"], one["port"] or "") for one in each if one is not None]
    if len(found) < len(each):
        raise ValueError("its hosts cannot be read: write them as h1:5432,h2:5432, an IPv6 address in brackets")
    path, _, query = parts["after"].partition("?")
    written = {name for name, _value in parse_qsl(query, keep_blank_values=True)}
    options = [
        f"{name}={','.join(values)}"
        for name, values in zip(("host", "port"), zip(*found, strict=True), strict=True)
        if name not in written
    ]
    return f"{parts['before']}{path}?{'&'.join([*options, query] if query else options)}"


def normal(url: URL, default_port: int) -> URL:
    """Return a URL with its hosts in one form, whichever it has; raises ValueError for what cannot be meant."""
    names, ports = _listed(url.query.get("host", ())), _listed(url.query.get("port", ()))
    if isinstance(url.query.get("host"), tuple) or (len(names) == 1 and not ports):  # a port beside its host, perhaps
        each = [_HOST.fullmatch(name) for name in names]
        ports = ports or [one["port"] or "" if one else "" for one in each]
        names = [name if one is None else one["address"] or one["name"] for one, name in zip(each, names, strict=True)]
    if any(re.search(r"\s", name) for name in names if not name.startswith("/")):
        raise ValueError("there is a blank in the name of a host: write h1,h2")
    ports = [port or str(url.port or default_port) for port in ports or [""]]
    if len(ports) == 1:
        ports *= max(1, len(names))
    if (len(ports) != len(names) and (names or len(ports) > 1)) or "" in names or not all(map(str.isdecimal, ports)):
        raise ValueError("it must have a port for each host, or one for all: host=h1,h2&port=5432,5433")
    if len(names) > 1:
        listed = {"host": ",".join(names), "port": ",".join(ports)}
        return _without_host(url).update_query_dict(listed)
    if len(names) == 1 and not names[0].startswith("/"):
        port = int(ports[0]) if "port" in url.query or ports[0] != str(default_port) else url.port
        url = url.set(host=names[0], port=port).difference_update_query(["host", "port"])
    return url


def _without_host(url: URL) -> URL:
    return URL.create(url.drivername, url.username, url.password, database=url.database, query=url.query)


def several(url: URL) -> tuple[Host, ...]:
    """Return a URL's hosts if it has several, in whichever form."""
    names, ports = _listed(url.query.get("host", ())), _listed(url.query.get("port", ()))
    if len(names) < 2:
        return ()
    if isinstance(url.query["host"], tuple):  # of a caller's engine
        names, ports = (list(each) for each in zip(*(name.rpartition(":")[::2] for name in names), strict=True))
    pairs = zip(names, ports if len(ports) == len(names) else [""] * len(names), strict=True)
    return tuple(Host(name, int(port) if port.isdecimal() else None) for name, port in pairs)


def text(url: URL, *, hide_password: bool) -> str:
    """Return the text of a URL with its hosts where they are usually written."""
    listed = ",".join(map(str, several(url))).replace("/", "%2F")  # a folder with a socket
    if not listed:
        return url.render_as_string(hide_password)
    given = url.difference_update_query(["host", "port"]).set(host=listed)
    return given.render_as_string(hide_password).replace(f"[{listed}]", listed)  # it takes the list for an address


def _listed(value: str | Sequence[str]) -> list[str]:
    return value.split(",") if isinstance(value, str) else list(value)


# what is asked for


def asked(query: Mapping[str, Any]) -> str:
    """Return the `target_session_attrs` of a URL's options; without it, a store needs a server that takes writes."""
    return str(query.get("target_session_attrs", "read-write"))


def fits(role: Role, attrs: str) -> bool:
    """Return whether a server with this role is what `target_session_attrs` asks for."""
    return role in _ACCEPTED.get(attrs, _ALL)


class Wanted(NamedTuple):
    """The hosts of a connect in the order in which they are to be tried, and what kind of server is asked for."""

    among: Sequence[Host]
    attrs: str

    @classmethod
    def of_arguments(cls, options: dict[str, Any], default_port: int) -> Wanted:
        """Take hosts, ports and what is asked for out of the arguments of a connect, as SQLAlchemy passes them."""
        names, ports = (_several(options.pop(name, ())) for name in ("host", "port"))
        ports = ports * len(names) if len(ports) == 1 else ports or [default_port] * len(names)
        among = [Host(name, int(port)) for name, port in zip(names, ports, strict=bool(names))]
        if options.pop("load_balance_hosts", "disable") == "random":
            random.shuffle(among)
        attrs = options.pop("target_session_attrs", None)
        return cls(among, attrs or ("read-write" if len(among) > 1 else "any"))

    @property
    def is_plain(self) -> bool:
        """Return whether there is nothing to search for."""
        return len(self.among) < 2 and self.attrs == "any"


def _several(value: Any) -> list[Any]:
    if isinstance(value, int):
        return [value]
    return [one for one in (value.split(",") if isinstance(value, str) else value or ()) if one != ""]


# connecting

_leading: dict[tuple[Host, ...], Host] = {}
"""The host that new connections of this process lead to, for each list of hosts."""


async def connect(
    wanted: Wanted, driver: Asking, seconds: float | None, open_: Callable[[Host], Awaitable[Any]]
) -> Any:
    """Connect to the first host that is the kind of server asked for, each within so many seconds.

    Raises `NoHost`, or a server's own error if it has no connection left, while no other will do. Any other error is
    the login's, or of the options.
    """
    errors: dict[Host, Exception] = {}
    for attrs in ("standby", "any") if wanted.attrs == "prefer-standby" else (wanted.attrs,):
        for host in silence.silent_last(wanted.among):
            others = [error for other, error in errors.items() if other != host]
            another_answers = any(_has_answered(error, driver) for error in others)
            if another_answers and silence.is_left_out(host):
                errors[host] = _NoAnswer("it is left out: it did not answer lately")
                continue
            limit = silence.limited(host, seconds) if another_answers else seconds
            try:
                connection = await _connect_within(limit, host, attrs, driver, open_)
                _tell(wanted.among, host)
                return connection
            except Exception as error:
                if not _passes_over(error, driver):
                    raise
                errors[host] = error
    all_of_them = ExceptionGroup("no host", list(errors.values()))
    if full := [error for error in errors.values() if driver.is_full(error)]:
        raise full[0] from all_of_them
    told = "; ".join(f"{host}: {_reason(errors[host])}" for host in wanted.among)
    answered = any(_has_answered(error, driver) for error in errors.values())
    asked = "" if wanted.attrs == "any" else f" with target_session_attrs={wanted.attrs}"
    raise NoHost(f"no host{asked}: {told}", answered=answered) from all_of_them


async def _connect_within(
    seconds: float | None, host: Host, attrs: str, driver: Asking, open_: Callable[[Host], Awaitable[Any]]
) -> Any:
    """Connect to a host, and remember whether it has answered."""
    silence.trying(host, seconds)
    begun = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            connection = await _connect_to(host, attrs, driver, open_)
    except asyncio.CancelledError:
        silence.given_up(host, time.monotonic() - begun)
        raise
    except Exception as error:
        if _is_late(error):
            silence.not_answered(host)
            raise _NoAnswer("no answer" if seconds is None else f"no answer within {seconds:g} s") from error
        slow = time.monotonic() - begun > silence.SUSPICIOUS_SECONDS
        if slow and not _has_answered(error, driver):  # no route to it, perhaps
            silence.not_answered(host)
        else:
            silence.answered(host)
        raise
    silence.answered(host)
    silence.leads_to(connection, host)
    return connection


async def _connect_to(host: Host, attrs: str, driver: Asking, open_: Callable[[Host], Awaitable[Any]]) -> Any:
    connection = await open_(host)
    try:
        if attrs != "any" and not driver.fits(role := await driver.role(connection), attrs):
            raise _Unsuitable(_AS_TOLD[role])
    except BaseException:
        driver.terminate(connection)
        raise
    return connection


def _tell(among: Sequence[Host], host: Host) -> None:
    """Log that connections lead to another host than before."""
    before = _leading.get(tuple(among), host)
    _leading[tuple(among)] = host
    if before != host:
        log.warning("new connections lead to %s, earlier ones led to %s", host, before)


def _has_answered(error: Exception, driver: Asking) -> bool:
    return isinstance(error, _Unsuitable) or driver.is_refusal(error) or driver.is_full(error)


def _passes_over(error: Exception, driver: Asking) -> bool:
    """Return whether another host may do better."""
    unreachable = any(isinstance(cause, OSError) for cause in _causes(error))
    return unreachable or _has_answered(error, driver) or driver.is_lost(error)


def _is_late(error: Exception) -> bool:
    return any(isinstance(cause, TimeoutError) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _reason(error: Exception) -> str:
    told = next((cause for cause in _causes(error) if isinstance(cause, OSError)), error)
    return (str(told).strip().splitlines() or [type(told).__name__])[0]
