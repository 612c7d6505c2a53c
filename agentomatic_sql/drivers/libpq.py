"""The connection options of libpq, as hosts put them into URLs, for asyncpg.

asyncpg takes some of them as arguments, and others only in a URL of its own. What it cannot do is refused, unless the
option asks for what asyncpg does anyway.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import URL

_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_ONLY_IN_URL = (
    *("sslmode", *_FILES, "sslpassword", "sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version"),
    *("application_name", "options"),
)
"""Options that asyncpg reads only in a URL of its own, where it gives them libpq's meaning."""

_NUMBERS = {
    **dict.fromkeys(("statement_cache_size", "max_cached_statement_lifetime", "max_cacheable_statement_size"), int),
    **dict.fromkeys(("command_timeout", "timeout", "connect_timeout"), float),
}
"""Options that are numbers; in a URL they are text."""

_KEEPALIVES = {
    "keepalives_idle": ("TCP_KEEPIDLE", "TCP_KEEPALIVE"),
    "keepalives_interval": ("TCP_KEEPINTVL",),
    "keepalives_count": ("TCP_KEEPCNT",),
    "tcp_user_timeout": ("TCP_USER_TIMEOUT",),
}
"""The socket's option for each of libpq's, by the names that systems have for it; a system may have none."""
_TCP = ("keepalives", *_KEEPALIVES)


class _Limited(NamedTuple):
    """An option of which asyncpg has only some values, and does those anyway."""

    values: tuple[str, ...] = ()
    cure: str = "asyncpg has no such option: remove it"


_LIMITED = {
    "channel_binding": _Limited(
        ("disable", "prefer"),
        "asyncpg cannot bind the login to the TLS channel: remove it, and verify the server with sslmode=verify-full",
    ),
    "client_encoding": _Limited(("utf8", "utf-8", "unicode", "auto"), "the store sends and reads UTF-8: remove it"),
    "gssencmode": _Limited(("disable", "prefer"), "asyncpg cannot encrypt with GSSAPI: use TLS, with sslmode="),
    "load_balance_hosts": _Limited(("disable",), "asyncpg tries the hosts in their order: remove it"),
    "hostaddr": _Limited((), "asyncpg has no such option: write the address as the host"),
    "requiressl": _Limited((), "asyncpg has no such option: use sslmode=require"),
    "sslcompression": _Limited(("0",)),
    "sslsni": _Limited(("1",)),
    "gssdelegation": _Limited(("0",)),
    "sslcertmode": _Limited(("allow",)),
    "replication": _Limited(("false", "off", "no", "0")),
    **dict.fromkeys(("require_auth", "requirepeer", "sslcrldir", "sslkeylogfile"), _Limited()),
    **dict.fromkeys(("min_protocol_version", "max_protocol_version"), _Limited()),
}


class Connect(NamedTuple):
    """The arguments of asyncpg's `connect`, and libpq's options for the socket of the new connection."""

    arguments: dict[str, Any]
    tcp: dict[str, int]


def objection(query: Mapping[str, Any]) -> str | None:
    """Return why a URL's options cannot be used, with the option and the cure; None if they can."""
    for name, given in query.items():
        value = _last(given)
        limited = _LIMITED.get(name)
        if limited is not None and value.lower() not in limited.values:
            return f"{name}={value}: {limited.cure}"
        if (name in _NUMBERS and not _is_number(value)) or (name in _TCP and not value.isdecimal()):
            return f"{name}={value}: it must be a number"
    if _last(query.get("sslrootcert", "")) == "system" and _last(query.get("sslmode", "verify-full")) != "verify-full":
        return "sslrootcert=system: any server could have a certificate of the system's CAs: use sslmode=verify-full"
    return None


def translate(options: Mapping[str, Any]) -> Connect:
    """Return the arguments of asyncpg's `connect` for the options of a URL and the caller's arguments.

    Raises ValueError for contradictory options or a missing certificate file.
    """
    given = {name: _last(value) for name, value in options.items() if name not in _LIMITED}
    for name in given.keys() & _NUMBERS.keys():
        if isinstance(given[name], str):
            given[name] = _NUMBERS[name](given[name])
    tcp = {name: int(given.pop(name)) for name in _TCP if name in given}
    fallback = given.pop("fallback_application_name", None)
    if fallback is not None:
        given.setdefault("application_name", fallback)
    if given.get("ssl") == "true":  # libpq understands JDBC's option
        del given["ssl"]
        given.setdefault("sslmode", "require")
    named = {name: given.pop(name) for name in _ONLY_IN_URL if name in given}
    if "sslmode" in named and isinstance(given.get("ssl"), str):
        raise ValueError("ssl= and sslmode= mean the same: give one of them")
    if named.get("sslrootcert") == "system":
        del named["sslrootcert"]
        given.setdefault("ssl", _of_system(named))
    for name in _FILES:
        if name in named and not Path(named[name]).is_file():
            raise ValueError(f"{name}= must name a file, and {named[name]} is not one")
    if named:
        given["dsn"] = URL.create("postgresql", query=named).render_as_string()
    return Connect(given, tcp)


def set_tcp_options(of: Any, options: Mapping[str, int]) -> None:
    """Set libpq's options of a TCP socket (asyncio's wrapper of it); a Unix socket has none, as with libpq."""
    if of.family not in (socket.AF_INET, socket.AF_INET6) or not options:
        return
    if options.get("keepalives", 1):
        of.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, constants in _KEEPALIVES.items():
        number = next((getattr(socket, constant) for constant in constants if hasattr(socket, constant)), None)
        if options.get(name) and number is not None and (options.get("keepalives", 1) or name == "tcp_user_timeout"):
            of.setsockopt(socket.IPPROTO_TCP, number, options[name])


def _of_system(named: Mapping[str, str]) -> ssl.SSLContext:
    """Return a context that verifies the server by the CAs of the operating system."""
    context = ssl.create_default_context()
    if "sslcert" in named:
        context.load_cert_chain(named["sslcert"], named.get("sslkey"), named.get("sslpassword", ""))
    return context


def _last(value: Any) -> Any:
    """Return the value of an option that a URL may have several times: the last one counts."""
    return value[-1] if isinstance(value, tuple) else value


def _is_number(value: str) -> bool:
    return value.replace(".", "", 1).isdecimal()
