"""HAProxy in front of several servers, if this machine has it: it leads to the one that says it is the primary."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from tests.support import poolers, programs

_SETTINGS = """defaults
    mode tcp
    timeout connect 1s
    timeout check 1s
    timeout client 1m
    timeout server 1m
listen primary
    bind 127.0.0.1:{listen}
    option tcp-check
    tcp-check connect
    tcp-check send-binary {greeting}
    tcp-check expect binary {writable}
    default-server inter 100ms fall 1 rise 1 on-marked-down shutdown-sessions
"""

_USER = b"user\0postgres\0database\0postgres\0\0"
_GREETING = (len(_USER) + 8).to_bytes(4, "big") + (3 << 16).to_bytes(4, "big") + _USER
"""The message with which a client of PostgreSQL begins."""
_WRITABLE = b"in_hot_standby\0off\0"
"""What a primary tells each client that has logged in, since PostgreSQL 14."""


@contextmanager
def in_front_of(hosts: Sequence[str]) -> Iterator[str]:
    """HAProxy before PostgreSQL servers (host:port) that trust everybody; its own host and port.

    Raises LookupError without the program.
    """
    program = poolers.find("haproxy")
    if program is None:
        raise LookupError("no haproxy on this machine")
    with ExitStack() as running:
        folder, listen = programs.private_folder(running), programs.free_port()
        settings = _SETTINGS.format(listen=listen, greeting=_GREETING.hex(), writable=_WRITABLE.hex())
        servers = "".join(f"    server s{number} {host} check\n" for number, host in enumerate(hosts))
        (folder / "settings").write_text(settings + servers)
        process = programs.begin([str(program), "-db", "-f", str(folder / "settings")], folder)
        running.callback(programs.stop, process)
        deadline = time.monotonic() + programs.READY_SECONDS
        while not programs.answers(f"postgresql://postgres@127.0.0.1:{listen}/postgres"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{program} did not answer:\n{programs.log_of(folder)}")
            time.sleep(0.05)
        yield f"127.0.0.1:{listen}"
