"""The options of a SQLite database's URL: those of `sqlite3.connect`, of SQLite's own URLs, and the store's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .options import NUMBER, ON, SWITCH, TEXT, WHOLE_NUMBER, Options, refused, up_to

_TRANSACTIONS = "the store begins and commits transactions itself: remove it"
_ROWS = "the store reads the driver's own rows and values: remove it"

_IN_OWN_URL = ("vfs", "mode", "cache", "psow", "nolock", "immutable")
"""Options that SQLite itself reads, in a URL of its own."""

OPTIONS = Options(
    "SQLite",
    {
        **dict.fromkeys(_IN_OWN_URL, TEXT),
        "timeout": NUMBER,
        "cached_statements": WHOLE_NUMBER,
        "mmap_size": up_to(2**63 - 1)._replace(cure="it must be a number of bytes"),
        **dict.fromkeys(("uri", "check_same_thread"), SWITCH),
        **dict.fromkeys(("isolation_level", "autocommit"), refused(_TRANSACTIONS)),
        **dict.fromkeys(("detect_types", "factory"), refused(_ROWS)),
        "connect_timeout": refused("write timeout=, the wait for a locked file in seconds"),
    },
    arguments=(
        *("timeout", "detect_types", "isolation_level", "check_same_thread", "factory", "cached_statements", "uri"),
        *("autocommit", "async_creator_fn", "async_fallback"),
    ),
    unknown={"": "remove it"},
)


def spelled(query: Mapping[str, Any], database: str | None) -> dict[str, Any]:
    """Return the options of the URL of a database; raises ValueError for those it cannot have, with the cure."""
    options = OPTIONS.read(query)
    is_own, is_read_so = str(database).startswith("file:"), options.get("uri", "").lower() in ON
    if is_own and not is_read_so:
        raise ValueError("file: begins a URL of SQLite's own: add uri=true")
    for name in _IN_OWN_URL:
        if name in options and not is_own:
            cure = f"SQLite reads it in a URL of its own: write sqlite:///file:/path/to/file.db?{name}=…&uri=true"
            raise ValueError(f"{name}={options[name]}: {cure}")
    return options
