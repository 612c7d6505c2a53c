"""The connection options of libpq, as hosts put them into URLs, for asyncpg.

asyncpg takes some of them as arguments, and others only in a URL of its own. What it cannot do is refused, unless the
option asks for what asyncpg does anyway.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import URL

from . import hosts, tcp
from .options import (
    LIMIT,
    OFF,
    ON,
    POSITIVE,
    SWITCH,
    TEXT,
    WHOLE_NUMBER,
    Option,
    Options,
    an_object,
    one_of,
    only,
    refused,
)

_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_ONLY_IN_URL = (
    *("sslmode", *_FILES, "sslpassword", "sslnegotiation", "ssl_min_protocol_version", "ssl_max_protocol_version"),
    *("application_name", "options"),
)
"""Options that asyncpg reads only in a URL of its own, where it gives them libpq's meaning."""

_WHOLE = ("statement_cache_size", "max_cached_statement_lifetime", "max_cacheable_statement_size")
_NUMBERS: dict[str, type[int | float]] = {
    **dict.fromkeys(_WHOLE, int),
    **dict.fromkeys(("command_timeout", "timeout", "connect_timeout"), float),
}
"""Options that are numbers; in a URL they are text."""

_NONE = "asyncpg has no such option: remove it"
_BINDING = "asyncpg cannot bind the login to the TLS channel: remove it, and verify the server with sslmode=verify-full"
_ROWS = "the store reads the driver's own rows: remove it"

_KNOWN: dict[str, Option] = {
    # of asyncpg and SQLAlchemy
    **dict.fromkeys(_ONLY_IN_URL, TEXT),
    **dict.fromkeys(("host", "port", "user", "password", "passfile", "service", "servicefile", "database"), TEXT),
    **dict.fromkeys(("dbname", "krbsrvname", "ssl", "fallback_application_name"), TEXT),
    **hosts.OPTIONS,
    "sslmode": one_of("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "sslnegotiation": one_of("postgres", "direct"),
    "gsslib": one_of("gssapi", "sspi"),
    **tcp.OPTIONS,
    **dict.fromkeys((*_WHOLE, "prepared_statement_cache_size"), WHOLE_NUMBER),
    **dict.fromkeys(("command_timeout", "timeout"), POSITIVE),
    "connect_timeout": LIMIT,
    "direct_tls": SWITCH,
    "server_settings": an_object("write options=-c name=value, or give it in connect_args"),
    **dict.fromkeys(("connection_class", "record_class", "prepared_statement_name_func"), an_object()),
    "loop": refused("the connections belong to the event loop that first uses the store: remove it"),
    "dsn": refused("write what it says into the URL itself"),
    **dict.fromkeys(("pgbouncer", "citus"), TEXT),  # see `dialects.postgresql`
    # of libpq: what asyncpg does not have, except the values that ask for what it does anyway
    "channel_binding": only("disable", "prefer", cure=_BINDING),
    "client_encoding": only("utf8", "utf-8", "unicode", "auto", cure="the store sends and reads UTF-8: remove it"),
    "gssencmode": only("disable", "prefer", cure="asyncpg cannot encrypt with GSSAPI: use TLS, with sslmode="),
    "hostaddr": refused("asyncpg has no such option: write the address as the host"),
    "requiressl": refused("asyncpg has no such option: use sslmode=require"),
    **dict.fromkeys(("sslcompression", "gssdelegation"), only("0", cure=_NONE)),
    "sslsni": only("1", cure=_NONE),
    "sslcertmode": only("allow", cure=_NONE),
    "replication": only(*OFF, cure=_NONE),
    **dict.fromkeys(("require_auth", "requirepeer", "sslcrldir", "sslkeylogfile"), refused(_NONE)),
    **dict.fromkeys(("min_protocol_version", "max_protocol_version"), refused(_NONE)),
}

OPTIONS = Options(
    "asyncpg",
    _KNOWN,
    arguments={*_KNOWN, "async_creator_fn", "async_fallback"} - {"connect_timeout", "dbname"},  # only in a URL
    several=("host", "port"),
    unknown={"": "remove it, or write options=-c name=value into the URL for a setting of the server"},
)


class Connect(NamedTuple):
    """The arguments of asyncpg's `connect`, and libpq's options for the socket of the new connection."""

    arguments: dict[str, Any]
    tcp: dict[str, int]


def spelled(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a URL that `translate` takes; raises ValueError for others, with the cure."""
    options = OPTIONS.read(query)
    if options.get("sslrootcert") == "system" and options.get("sslmode", "verify-full") != "verify-full":
        raise ValueError(
            "sslrootcert=system: any server could have a certificate of the system's CAs: use sslmode=verify-full"
        )
    return options


def translate(options: Mapping[str, Any]) -> Connect:
    """Return the arguments of asyncpg's `connect` for the options of a URL and the caller's arguments.

    Raises ValueError for contradictory options or a missing certificate file.
    """
    given = {name: value for name, value in options.items() if _KNOWN.get(name, TEXT).is_passed_on}
    for name in given.keys() & _NUMBERS.keys():
        if isinstance(given[name], str):
            given[name] = _NUMBERS[name](given[name])
    if isinstance(direct := given.get("direct_tls"), str):
        given["direct_tls"] = direct.lower() in ON
    for_socket = tcp.taken(given)
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
        if name in named and not os.path.isfile(named[name]):  # noqa: PTH113 - Path.is_file() raises for a long name
            raise ValueError(f"{name}= must name a file, and {named[name]} is not one")
    if named:
        given["dsn"] = URL.create("postgresql", query=named).render_as_string()
    return Connect(given, for_socket)


def _of_system(named: Mapping[str, str]) -> ssl.SSLContext:
    """Return a context that verifies the server by the CAs of the operating system."""
    context = ssl.create_default_context()
    if "sslcert" in named:
        context.load_cert_chain(named["sslcert"], named.get("sslkey"), named.get("sslpassword", ""))
    return context
