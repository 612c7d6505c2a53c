"""The options of MySQL's and MariaDB's clients, as people write them into URLs, for aiomysql.

The clients are those of Python (PyMySQL, mysqlclient, MySQL's and MariaDB's connectors) and Java (Connector/J). An
option means what it means to its client, or it is refused with the name that means the same here.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL

from . import hosts, mysql_tls, tcp
from .options import LIMIT, OFF, ON, SWITCH, TEXT, Option, Options, an_object, only, refused, up_to

_PARTS = {
    **dict.fromkeys(("user", "username"), "username"),
    **dict.fromkeys(("password", "passwd"), "password"),
    **dict.fromkeys(("db", "database"), "database"),
}
"""Options that are parts of a URL, by the part."""

_TRANSACTIONS = "the store begins and commits transactions itself: remove it"
_ROWS = "the store reads the driver's own rows and values: remove it"
_LIMIT = "use the store's operation_timeout="
_SECONDS = "write connect_timeout=, in seconds"

_KNOWN: dict[str, Option] = {
    # of aiomysql
    **dict.fromkeys(("auth_plugin", "host", "init_command", "program_name", "sql_mode", "unix_socket"), TEXT),
    **dict.fromkeys(("read_default_file", "read_default_group"), TEXT),
    "port": TEXT,
    **hosts.OPTIONS,
    **tcp.OPTIONS,
    "client_flag": up_to(2**32 - 1),
    "connect_timeout": LIMIT,
    "local_infile": SWITCH,
    "charset": only("utf8mb4", cure="it cannot hold every text: use charset=utf8mb4", is_passed_on=True),
    "autocommit": only(*OFF, cure=_TRANSACTIONS),
    "use_unicode": only(*ON, cure=_ROWS),
    "echo": only(*OFF, cure="statements with people's messages would be in the log: remove it"),
    **dict.fromkeys(("conv", "cursorclass"), refused(_ROWS)),
    "loop": refused("the connections belong to the event loop that first uses the store: remove it"),
    "server_public_key": refused("aiomysql does not use it: verify the server with ssl-mode=VERIFY_CA"),
    # of `mysql_tls`; aiomysql takes a context
    **dict.fromkeys(("ssl_mode", "ssl_ca", "ssl_capath", "ssl_cert", "ssl_key", "ssl_cipher"), TEXT),
    "ssl": an_object(),
    # of PyMySQL, mysqlclient and the connectors
    "compress": only(*OFF, cure="aiomysql cannot compress: remove it"),
    "collation": refused("the tables have collations of their own: remove it"),
    **dict.fromkeys(("read_timeout", "write_timeout"), refused(_LIMIT)),
    **dict.fromkeys(("connection_timeout", "connect-timeout"), refused(_SECONDS)),
    "socket": refused("write unix_socket="),
    # of Connector/J
    "useUnicode": only(*ON, cure=_ROWS),
    "characterEncoding": only("utf8", "utf-8", "utf8mb4", cure="the store sends and reads UTF-8: remove it"),
    **dict.fromkeys(
        ("serverTimezone", "connectionTimeZone"), only("utc", "gmt", cure="the store's times are in UTC: remove it")
    ),
    "allowPublicKeyRetrieval": only(
        *ON, cure="aiomysql asks the server for its key if there is no TLS: remove it, and use ssl-mode=VERIFY_CA"
    ),
    "connectTimeout": refused(_SECONDS),
    "socketTimeout": refused(_LIMIT),
}

OPTIONS = Options(
    "aiomysql",
    _KNOWN,
    arguments=(
        *("host", "user", "password", "db", "port", "unix_socket", "charset", "sql_mode", "read_default_file", "conv"),
        *("use_unicode", "client_flag", "cursorclass", "init_command", "connect_timeout", "read_default_group"),
        *("autocommit", "echo", "local_infile", "loop", "ssl", "auth_plugin", "program_name", "server_public_key"),
        *("async_creator_fn", "async_fallback"),  # SQLAlchemy's
        *("target_session_attrs", "load_balance_hosts"),
        *tcp.OPTIONS,
    ),
    several=("host", "port"),
    unknown={
        **dict.fromkeys(("ssl", "tls"), 'use ssl-mode= and ssl-ca= in the URL, or connect_args={"ssl": context}'),
        "": "remove it",
    },
)


def spelled(url: URL) -> URL:
    """Return a URL with its options as aiomysql, and `mysql_tls`, take them; raises ValueError with the cure."""
    query = OPTIONS.counted(url.query)
    parts = {name: query.pop(name) for name in _PARTS if name in query}
    for name, value in parts.items():
        part = _PARTS[name]
        if getattr(url, part) not in (None, "", value):
            raise ValueError(f"{name}: the URL has a {part} already: remove one of them")
        url = url.set(**{part: value})
    if "unix_socket" in query and hosts.several(url):
        raise ValueError("unix_socket= leads to one server, and the URL has several hosts: remove one or the other")
    passed_on: dict[str, Any] = OPTIONS.read(mysql_tls.spelled(query))
    return url.set(query={"charset": "utf8mb4", **passed_on})  # the server's default may have no emoji
