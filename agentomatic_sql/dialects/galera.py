"""Galera clusters of MariaDB and MySQL: each node takes writes, and what others have written may come a little later.

Writes are exact all the same: of two transactions of two nodes that change the same row, one is rolled back (1213). But
a statement that reads may see the past, unless `wsrep_sync_wait` makes it wait for all that was committed before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OPTION = "wsrep_sync_wait"

ALL = 7
"""The sum of 1 (SELECT, BEGIN), 2 (UPDATE, DELETE) and 4 (INSERT): the first statement of each transaction waits."""

SETTINGS = ("wsrep_on", OPTION)
"""The settings that `advice` needs; a server without Galera may lack them."""


def spelled(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a URL's options with `wsrep_sync_wait` as the command with which aiomysql begins each connection.

    Raises ValueError with the cure.
    """
    options = dict(query)
    value = options.pop(OPTION, None)
    if value is None:
        return options
    if not (isinstance(value, str) and value.isascii() and value.isdecimal()):
        raise ValueError(f"{OPTION}={value}: it must be a number, {ALL} for every statement of the store")
    setting = f"SET SESSION {OPTION} = {int(value)}"
    if "init_command" in options:
        raise ValueError(f"{OPTION}={value}: there is an init_command already: write both into it, {setting}, …")
    return {**options, "init_command": setting}


def is_node(settings: Mapping[str, str]) -> bool:
    """Return whether a server with these settings is a node of a cluster.

    There a COMMIT that comes in one packet with other statements may be answered with 1213 although the transaction is
    committed: MariaDB 10.11 did so for one of 200 deletions that met writes of other nodes. One that is sent alone is
    answered rightly.
    """
    return settings.get("wsrep_on") == "ON"


def advice(settings: Mapping[str, str], query: Mapping[str, Any]) -> str | None:
    """Return what to do about reads of the past; None if there is no Galera, or the URL says how much to wait."""
    if not is_node(settings) or OPTION in str(query.get("init_command", "")):
        return None
    if int(settings.get(OPTION, 0)) & ALL == ALL:
        return None
    return (
        "the server is a node of a Galera cluster, and does not wait for what other nodes have written: add "
        f"?{OPTION}={ALL} to the URL, or ?{OPTION}=0 if all processes use the same node"
    )
