"""libpq's options for the TCP socket of a connection, for every driver whose socket can be reached."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

from .options import WHOLE_NUMBER, Option

_KEEPALIVES = {
    "keepalives_idle": ("TCP_KEEPIDLE", "TCP_KEEPALIVE"),
    "keepalives_interval": ("TCP_KEEPINTVL",),
    "keepalives_count": ("TCP_KEEPCNT",),
    "tcp_user_timeout": ("TCP_USER_TIMEOUT",),
}
"""The socket's option for each of libpq's, by the names that systems have for it; a system may have none."""

OPTIONS: dict[str, Option] = dict.fromkeys(("keepalives", *_KEEPALIVES), WHOLE_NUMBER)


def taken(options: dict[str, Any]) -> dict[str, int]:
    """Take the options for the socket out of the arguments of a connect."""
    return {name: int(options.pop(name)) for name in OPTIONS if name in options}


def set_options(transport: Any, options: Mapping[str, int]) -> None:
    """Set options of the socket of an asyncio transport; a Unix socket has none, as with libpq.

    Raises ValueError for a value that the system refuses.
    """
    of = transport.get_extra_info("socket")
    if of.family not in (socket.AF_INET, socket.AF_INET6) or not options:
        return
    of.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(options.get("keepalives", 1) > 0))
    for name, constants in _KEEPALIVES.items():
        number = next((getattr(socket, constant) for constant in constants if hasattr(socket, constant)), None)
        if options.get(name) and number is not None and (options.get("keepalives", 1) or name == "tcp_user_timeout"):
            try:
                of.setsockopt(socket.IPPROTO_TCP, number, options[name])
            except OSError as error:
                raise ValueError(f"{name}={options[name]}: this system does not take it") from error
